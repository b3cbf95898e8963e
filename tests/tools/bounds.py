"""Raises each bound of each scenario by one, the capacity by two, and says which verdicts flip.

    python -m tests.tools.bounds                        every protocol
    python -m tests.tools.bounds tcp --limit 60000      one, each run up to so many states
    python -m tests.tools.bounds tcp --scenario life

A verdict that flips is one that the bound decided. A run that is cut at the limit shows only what was found before; how
many were cut is said. What flips in TCP, and why, stands in docs/model.md.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import replace

from checker import Limits
from tcpfsm.loader.protocol import Protocol
from tcpfsm.loader.scenario import Scenario
from tcpfsm.loader.target import load_shipped, shipped
from tcpfsm.run.run import Options, run

#: Kinds whose answer a larger bound is likely to change by itself: what can be reached, what there is in the end.
OF_THE_WHOLE = ("sometimes", "can-always", "ends")


def raised(scenario: Scenario) -> Iterator[tuple[str, Scenario]]:
    """Go through what a scenario is with one bound raised, each with the name of the bound."""
    network = scenario.network
    for name, more in (("loss", 1), ("duplication", 1), ("capacity", 2)):
        limit = getattr(network, name)
        if limit is not None:
            yield f"{name} {limit + more}", replace(scenario, network=replace(network, **{name: limit + more}), rebounded=True)
    for end, spec in scenario.ends.items():
        for kind in ("calls", "timeouts"):
            limits = getattr(spec, kind)
            for event, limit in limits.items():
                if limit is not None:
                    changed = replace(spec, **{kind: {**limits, event: limit + 1}})
                    yield f"{end} {event} {limit + 1}", replace(scenario, ends={**scenario.ends, end: changed}, rebounded=True)


def verdicts(protocol: Protocol, scenario: Scenario, limit: int) -> tuple[dict[str, tuple[str, str]], bool]:
    """Return the kind and verdict of every property, and whether the run was complete."""
    found = run(protocol, scenario, options=Options(limits=Limits(states=limit)))
    return {one.name: (one.kind, one.verdict) for one in found.properties}, found.complete


def main() -> None:
    """Print one line for every property that flips."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("protocol", nargs="?", choices=shipped())
    parser.add_argument("--scenario", action="append", default=[])
    parser.add_argument("--limit", type=int, default=30_000)
    arguments = parser.parse_args()
    runs = cut = flips = 0
    for name in [arguments.protocol] if arguments.protocol else shipped():
        protocol = load_shipped(name)
        for scenario in protocol.scenarios.values():
            if scenario.slow or (arguments.scenario and scenario.name not in arguments.scenario):
                continue
            base, _ = verdicts(protocol, scenario, arguments.limit)
            for bound, changed in raised(scenario):
                found, is_complete = verdicts(protocol, changed, arguments.limit)
                runs, cut = runs + 1, cut + (not is_complete)
                for asked, (kind, verdict) in found.items():
                    if verdict not in ("inconclusive", base[asked][1]) and base[asked][1] != "inconclusive":
                        flips += 1
                        whole = " (of the whole)" if kind in OF_THE_WHOLE else ""
                        print(f"{name} {scenario.name}: {bound}: {asked}{whole} {base[asked][1]} -> {verdict}", flush=True)
    print(f"{runs} runs with one bound raised, {cut} cut at {arguments.limit:,} states, {flips} verdicts flip")


if __name__ == "__main__":
    main()
