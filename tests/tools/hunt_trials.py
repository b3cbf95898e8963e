"""A trial of the hunt: a scenario as plain data, that can be written, run, and made smaller while it still shows something."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from checker import Limits
from checker.engines import How
from tcpfsm.loader.protocol import Protocol
from tcpfsm.loader.scenario import ENDS, Scenario, read_scenario
from tcpfsm.loader.source import SourceFile, parse
from tcpfsm.run.results import PropertyReport, RunReport
from tcpfsm.run.run import Options, run

#: What a trial has unless it says otherwise; ``smaller`` goes towards it.
WINDOW, MODULUS = 10, 2**32
#: So far from each other that no window reaches from one initial number to the next.
FAR = 1_000

#: Assumptions that rule out what is known to do harm: CLOSE in SYN-RECEIVED, and numbers that are too near.
EXPLAINS = ("close-waits-for-synchronization", "new-numbers-clear-the-window")


@dataclass(frozen=True, slots=True)
class End:
    """What one end may do, and where it starts; a limit of None is unlimited."""

    calls: Mapping[str, int | None] = field(default_factory=dict)
    timeouts: Mapping[str, int | None] = field(default_factory=dict)
    isn: tuple[int, ...] = ()
    start: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Trial:
    """A scenario to try. ``family`` and ``number`` say which it is: the same two make the same trial."""

    family: str
    number: int
    ends: Mapping[str, End]
    network: str = "bag"
    capacity: int = 3
    loss: int = 0
    duplication: int = 0
    planted: tuple[tuple[str, str], ...] = ()
    window: int = WINDOW
    octets: int = 1
    modulus: int = MODULUS
    assumes: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """What to give to ``--trial`` to see it again."""
        return f"{self.family}:{self.number}"

    def text(self) -> str:
        """Return the scenario as a file that can be put into ``scenarios/``."""
        lines = [f"says: Trial {self.name} of the hunt."]
        lines += [f"{name}: {_flow(_end(end))}" for name, end in self.ends.items()]
        network: dict[str, Any] = {"kind": self.network, "capacity": self.capacity, "loss": self.loss, "duplication": self.duplication}
        if self.planted:
            network["planted"] = [{"to": end, "segment": segment} for end, segment in self.planted]
        lines.append(f"network: {_flow(network)}")
        constants = {"RCV.WND": self.window, "OCTETS": self.octets}
        changed = {name: value for name, value in constants.items() if value != {"RCV.WND": WINDOW, "OCTETS": 1}[name]}
        lines += [f"constants: {_flow(changed)}"] if changed else []
        lines += [f"modulus: {self.modulus}"] if self.modulus != MODULUS else []
        lines += [f"assumes: {_flow(list(self.assumes))}"] if self.assumes else []
        return "\n".join(lines) + "\n"

    def factors(self) -> str:
        """Say in one line what it has beyond two ends, far numbers and a network that only delays."""
        told = [f"{name} {key} {limit}" for name, end in self.ends.items() for key, limit in (*end.calls.items(), *end.timeouts.items())]
        told += [f"{name} starts in {end.start['state']}" for name, end in self.ends.items() if end.start]
        told += [f"isn {name} {list(end.isn)}" for name, end in self.ends.items() if end.isn != far(end.isn, name)]
        told += [f"planted {segment} to {end}" for end, segment in self.planted]
        usual = {"network": "bag", "loss": 0, "duplication": 0, "window": WINDOW, "octets": 1, "modulus": MODULUS}
        told += [f"{key} {getattr(self, key)}" for key, value in usual.items() if getattr(self, key) != value]
        return ", ".join([*told, f"capacity {self.capacity}", *(f"assumes {name}" for name in self.assumes)])


def far(isn: tuple[int, ...], end: str) -> tuple[int, ...]:
    """Return as many numbers, each far from every other one and from 0.

    >>> far((7, 8), "A")
    (1000, 2000)
    """
    first = FAR if end == ENDS[0] else 100 * FAR
    return tuple(first + FAR * place for place in range(len(isn)))


def _flow(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _end(end: End) -> dict[str, Any]:
    data: dict[str, Any] = {}
    for key in ("calls", "timeouts"):
        limits = {name: "unlimited" if limit is None else limit for name, limit in getattr(end, key).items()}
        data |= {key: limits} if limits else {}
    data |= {"isn": list(end.isn)} if end.isn else {}
    return data | ({"start": dict(end.start)} if end.start else {})


def scenario_of(trial: Trial) -> Scenario:
    """Read the scenario that a trial writes.

    Raises:
        SpecError: it does not read, which would be a mistake of the family.
    """
    file = SourceFile("trial.yaml", trial.text())
    return read_scenario("trial", parse(file))


class Finding(NamedTuple):
    """A property that a trial violates."""

    trial: Trial
    run: RunReport
    report: PropertyReport

    @property
    def shape(self) -> tuple[str, ...]:
        """What happens, step by step, whichever end does it, and whatever the numbers are."""
        if self.report.trace is None:
            return ()
        names: dict[str, str] = {}
        return tuple(_told(step, names) for step in self.report.trace.steps)


def _told(step: dict[str, Any], names: dict[str, str]) -> str:
    if "rule" not in step:
        return f"{step['event']} {_bits(step['segment'])}"
    actor = names.setdefault(step["actor"], "pqr"[len(names)])
    what = f"rcv {_bits(step['segment'])}" if "segment" in step else step["event"]
    moved = "" if step["before"] == step["after"] else f" > {step['after']}"
    return f"{actor} {what}{moved}"


def _bits(segment: Mapping[str, Any]) -> str:
    text = ",".join(segment["CTL"]) or "nothing"
    return f"{text} with text" if segment.get("DATA") else text


def tried(protocol: Protocol, trial: Trial, limit: int, only: str | None = None, variant: str = "") -> RunReport:
    """Run a trial up to so many states; with ``only``, ask that property and stop where it is violated."""
    how = How("auto", first=only is not None)
    return run(protocol, scenario_of(trial), variant, Options(limits=Limits(states=limit), only=only, how=how))


def smallest(protocol: Protocol, found: Finding, limit: int, variant: str = "") -> Finding:
    """Take away from a trial what it does not need to violate the same property.

    A smaller trial has fewer states, so none is looked at for longer than it takes to find the violation in the last one.
    """
    name = found.report.name
    candidates = iter((found.trial,))
    while (one := next(candidates, None)) is not None:
        run_report = tried(protocol, one, limit, name, variant)
        if run_report.verdict == "violated":
            found, limit = Finding(one, run_report, run_report.properties[0]), run_report.states
            candidates = smaller(one)
    return found


def explained(protocol: Protocol, found: Finding, limit: int, variant: str = "") -> tuple[str, ...]:
    """Return those of ``EXPLAINS`` under which, each by itself, the violation is gone.

    A trial that is cut before it shows the violation again explains nothing, so one has to be as small as it can be.
    """
    name = found.report.name
    gone = []
    for assumption in EXPLAINS:
        one = replace(found.trial, assumes=tuple(dict.fromkeys((*found.trial.assumes, assumption))))
        report = tried(protocol, one, limit, name, variant)
        if report.complete and report.verdict != "violated":
            gone.append(assumption)
    return tuple(gone)


def smaller(trial: Trial) -> Iterator[Trial]:
    """Go through what a trial is when one thing is taken away or made usual, the largest things first."""
    for place in range(len(trial.planted)):
        yield replace(trial, planted=trial.planted[:place] + trial.planted[place + 1 :])
    usual = {"loss": 0, "duplication": 0, "window": WINDOW, "octets": 1, "modulus": MODULUS, "network": "bag"}
    for key, value in usual.items():
        if getattr(trial, key) != value:
            yield replace(trial, **{key: value})
    for name, end in trial.ends.items():
        for changed in _smaller_end(end, name):
            yield replace(trial, ends={**trial.ends, name: changed})
    if trial.capacity > 1 and len(trial.planted) < trial.capacity:
        yield replace(trial, capacity=trial.capacity - 1)
    if trial.network == "set":
        yield replace(trial, network="fifo")


def _smaller_end(end: End, name: str) -> Iterator[End]:
    for key in ("calls", "timeouts"):
        limits = dict(getattr(end, key))
        for event, limit in limits.items():
            rest = {other: value for other, value in limits.items() if other != event}
            yield replace(end, **{key: rest})
            if limit is None or limit > 1:
                yield replace(end, **{key: {**limits, event: 1 if limit is None else limit - 1}})
    if end.isn != far(end.isn, name) and end.start is None:
        yield replace(end, isn=far(end.isn, name))
    if end.isn:
        yield replace(end, isn=end.isn[:-1])
