"""Write what the checker finds into the ``expect`` blocks of the specs: python tests/tools/record_expectations.py [PROTOCOL[/NAME] ...].

NAME is one scenario or variant; without it, all of the protocol are recorded.

A count that changes is a decision: read the difference before it is committed, and say why in the commit.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from tcpfsm.loader.target import load_shipped, shipped, spec_folder
from tcpfsm.run.results import RunReport
from tcpfsm.run.run import run


def violated(report: RunReport) -> str:
    """Return the flow map of the properties that fail, with the lengths of their traces."""
    parts = [
        f"{found.name}: {found.trace.length if found.trace else 'none'}"
        for found in report.properties
        if found.verdict == "violated"
    ]
    return "{" + ", ".join(parts) + "}"


def block(report: RunReport) -> str:
    """Return the counts of a run as the inside of a flow map."""
    text = f"states: {report.states}, steps: {report.steps}, depth: {report.depth}"
    wrong = violated(report)
    return text if wrong == "{}" else f"{text}, violated: {wrong}"


def replace_block(path: Path, text: str) -> None:
    """Put a new ``expect`` at the end of a file."""
    old = re.sub(r"^expect:.*\Z", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    path.write_text(old.rstrip() + "\n" + text, encoding="utf-8")


def main(names: list[str]) -> None:
    """Record every scenario and variant of the protocols named, or the one named of each; slow ones by name only."""
    for target in names:
        name, _, wanted = target.partition("/")
        protocol = load_shipped(name)
        folder = spec_folder() / name
        for scenario in protocol.scenarios.values():
            if wanted != scenario.name and (wanted or scenario.slow):
                continue
            report = run(protocol, scenario)
            replace_block(folder / "scenarios" / f"{scenario.name}.yaml", f"expect: {{{block(report)}}}\n")
            print(scenario.name, block(report))
        for variant in protocol.variants.values():
            if wanted not in ("", variant.name):
                continue
            lines = ["expect:"]
            for expected in variant.expect:
                report = run(protocol, protocol.scenario(expected.scenario), variant.name)
                lines.append(f"  - {{scenario: {expected.scenario}, {block(report)}}}")
                print(variant.name, expected.scenario, block(report))
            if variant.expect:
                replace_block(folder / "variants" / f"{variant.name}.yaml", "\n".join(lines) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:] or shipped())
