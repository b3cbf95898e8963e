"""Looks for violations where nobody wrote a scenario: varies scenarios of TCP within stated families, and asks everything.

    python -m tests.tools.hunt --seconds 3600                every family in turn, for an hour
    python -m tests.tools.hunt --family near --trials 500    the first 500 trials of one
    python -m tests.tools.hunt --trial near:17 --property agreement      one trial, made as small as it can be
    python -m tests.tools.hunt --variant two-way             the same questions to a variant

Every trial is explored up to a number of states by the engine that ``tcpfsm check`` would take. What is violated is
made smaller: whatever the violation does not need is taken away. Violations are grouped by the property and by what
happens, step by step, in the smallest one; of each group the smallest trial is printed, as a scenario to keep.
Groups come last whose violation is gone under an assumption that rules out a known cause; which one is said.
A trial that is cut at the limit shows nothing of what lies behind it; how many were cut is said.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from time import monotonic

from tcpfsm.errors import SpecError
from tcpfsm.loader.protocol import Protocol
from tcpfsm.loader.target import load_shipped
from tests.tools.hunt_families import NAMES, trial
from tests.tools.hunt_trials import Finding, Trial, explained, smallest, tried

#: So many shapes of one property's violations are made smaller; more are only counted.
MOST_SHAPES = 40


@dataclass(slots=True)
class Hunt:
    """What was tried, and what was found."""

    protocol: Protocol
    variant: str = ""
    limit: int = 5_000
    properties: frozenset[str] = frozenset()
    trials: Counter[str] = field(default_factory=Counter)
    cut: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    states: int = 0
    steps: int = 0
    #: By property and shape as first seen: the key of its group.
    shapes: dict[tuple[str, tuple[str, ...]], tuple[str, tuple[str, ...]]] = field(default_factory=dict)
    groups: dict[tuple[str, tuple[str, ...]], Finding] = field(default_factory=dict)
    counts: Counter[tuple[str, tuple[str, ...]]] = field(default_factory=Counter)
    uncounted: Counter[str] = field(default_factory=Counter)

    def look(self, one: Trial) -> None:
        """Run a trial and sort what it violates."""
        try:
            report = tried(self.protocol, one, self.limit, variant=self.variant)
        except SpecError as error:  # two rules fit, or a value is not set: the machine's own finding
            self.refused[str(error.problems[0].message)] += 1
            return
        self.trials[one.family] += 1
        self.cut[one.family] += not report.complete
        self.states += report.states
        self.steps += report.steps
        for found in report.properties:
            if found.verdict == "violated" and (not self.properties or found.name in self.properties):
                self._sort(Finding(one, report, found))

    def _sort(self, found: Finding) -> None:
        name = found.report.name
        raw = (name, found.shape)
        if raw not in self.shapes:
            if sum(known == name for known, _ in self.shapes) >= MOST_SHAPES:
                self.uncounted[name] += 1
                return
            least = smallest(self.protocol, found, self.limit, self.variant)
            self.shapes[raw] = key = (name, least.shape)
            if key not in self.groups or _size(least) < _size(self.groups[key]):
                self.groups[key] = least
        self.counts[self.shapes[raw]] += 1

    def summary(self) -> str:
        """Return what was tried, and every group with its smallest trial."""
        total = sum(self.trials.values())
        lines = [f"{total:,} trials, {self.states:,} states, {self.steps:,} steps; {sum(self.cut.values()):,} were cut at {self.limit:,} states."]
        lines += [f"  {family}: {self.trials[family]:,}, cut {self.cut[family]:,}" for family in self.trials]
        lines += [f"  refused {number:,}: {why}" for why, number in self.refused.items()]
        lines += [f"  {name}: {number:,} more violations, of other shapes, were not made smaller" for name, number in self.uncounted.items()]
        lines.append(f"{len(self.groups)} groups of violations.")
        causes = {key: explained(self.protocol, least, self.limit, self.variant) for key, least in self.groups.items()}
        for (name, shape), least in sorted(self.groups.items(), key=lambda item: (causes[item[0]], item[0][0], _size(item[1]))):
            lines += ["", f"== {name}: {self.counts[name, shape]:,} trials; {len(shape)} steps; first {least.trial.name}", f"   {least.trial.factors()}"]
            lines.append(f"   {'; '.join(shape)}")
            lines += [f"   gone under {' or '.join(causes[name, shape])}"] if causes[name, shape] else []
            lines += [f"     {line}" for line in least.trial.text().splitlines()[1:]]
        return "\n".join(lines)


def _size(found: Finding) -> tuple[int, int]:
    return len(found.shape), len(found.trial.text())


def chosen(protocol: Protocol, families: list[str], first: int) -> Iterator[Trial]:
    """Go through the trials of some families, in turn, for ever."""
    for number in count(first):
        for family in families:
            yield trial(protocol, family, number)


def main() -> None:
    """Hunt, and print what was found; exit with 1 if there was something."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--family", action="append", choices=NAMES)
    parser.add_argument("--trials", type=int, help="how many, of all families together")
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--first", type=int, default=0, help="the number of the first trial of each family")
    parser.add_argument("--trial", help="one trial, as FAMILY:NUMBER")
    parser.add_argument("--limit", type=int, default=5_000, help="how many states of a trial are looked at")
    parser.add_argument("--property", action="append", default=[])
    parser.add_argument("--variant", default="")
    arguments = parser.parse_args()
    hunt = Hunt(load_shipped("tcp"), arguments.variant, arguments.limit, frozenset(arguments.property))
    began = monotonic()
    if arguments.trial:
        family, _, number = arguments.trial.partition(":")
        hunt.look(trial(hunt.protocol, family, int(number)))
    else:
        for place, one in enumerate(chosen(hunt.protocol, arguments.family or list(NAMES), arguments.first)):
            if place == arguments.trials or monotonic() - began > arguments.seconds:
                break
            hunt.look(one)
    print(hunt.summary())
    sys.exit(1 if hunt.groups else 0)


if __name__ == "__main__":
    main()
