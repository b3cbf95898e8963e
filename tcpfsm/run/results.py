"""What came out of a run, as plain data that text and JSON are written from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from checker.factors import Factor
from tcpfsm.run.notes import Note


@dataclass(frozen=True, slots=True)
class TraceReport:
    """A trace as data, and drawn. ``loop`` is the index of the step at which the cycle of a lasso begins."""

    length: int
    loop: int | None
    steps: tuple[dict[str, Any], ...]
    ladder: str
    differs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PropertyReport:
    """The verdict on one property. ``expected`` is None where nothing was recorded for these bounds."""

    name: str
    kind: str
    says: str
    source: str
    verdict: str
    expected: str | None
    expected_length: int | None
    established: str
    trace: TraceReport | None
    #: How many steps what settles it has, also where the trace to that was not followed to its end.
    length: int | None = None
    #: ``guarantee`` or ``conformance``: what one may rely on, or how the base machine does things.
    class_word: str = "guarantee"
    #: Whether it is violated by a variant that does things otherwise than the base machine, and was not asked by itself.
    departs: bool = False
    #: Whether it holds for want of anything that it is about.
    vacuous: bool = False
    #: Whether the scenario asks for it by name.
    by_name: bool = False
    #: Of an ``ends``, in how many states it is not true that only a bound makes ends; they refute nothing.
    blocked_ends: int = 0
    #: Of a ``can-always`` that is violated, the bounds, but for those of how often something happens, that may be why.
    bounds_behind: tuple[str, ...] = ()

    @property
    def is_broken(self) -> bool:
        """Whether it is violated, and that is what the run is judged by."""
        return self.verdict == "violated" and not self.departs

    @property
    def as_expected(self) -> bool:
        """Whether the verdict, and the length of the counterexample, are those recorded."""
        if self.expected is None:
            return True
        if self.verdict != self.expected:
            return False
        length = self.length if self.verdict == "violated" else None
        return self.expected != "violated" or self.expected_length in (None, length)


@dataclass(frozen=True, slots=True)
class RunReport:
    """What one scenario gave, for the protocol itself (``variant`` empty) or a variant."""

    protocol: str
    variant: str
    scenario: str
    says: str
    family: str
    exhibit: bool
    twin: str
    engine: str
    complete: bool
    stopped_because: str | None
    states: int
    steps: int
    depth: int
    bounds: dict[str, Any]
    bounds_reached: tuple[str, ...]
    assumes: tuple[str, ...]
    properties: tuple[PropertyReport, ...]
    #: Rules that no step of the whole space fired, states that no end was ever in, and how many states are terminal.
    dead_rules: tuple[str, ...]
    fired_rules: tuple[str, ...]
    unreached_states: tuple[str, ...]
    terminals: int
    #: How many of the terminal states are so because a capacity or a supply of numbers is in the way.
    blocked_terminals: int
    #: Where each rule stands that is not known to be idle: a rule of several cells is one.
    rule_places: Mapping[str, str] = field(default_factory=dict)
    #: What differs from the recorded counts, as sentences; of a cut run, whose counts say nothing, nothing.
    surprises: tuple[str, ...] = field(default=())
    #: The command line that runs this again.
    again: str = ""
    #: What the scenario has that made no difference: assumptions, and what no step took from.
    notes: tuple[Note, ...] = ()
    #: What multiplies the states, the largest first; None where it was not asked for, or is not known.
    factors: tuple[Factor, ...] | None = None
    #: Why what multiplies the states was asked for and is not known; empty where it was not, or is.
    no_factors: str = ""

    @property
    def is_interrupted(self) -> bool:
        """Whether somebody interrupted it, be it when all answers were there."""
        return "interrupted" in (self.stopped_because, self.no_factors)

    @property
    def verdict(self) -> str:
        """The worst verdict of its properties; that a variant departs from the base machine does not count."""
        return worst([report.verdict for report in self.properties if not report.departs], complete=self.complete)

    @property
    def departures(self) -> tuple[PropertyReport, ...]:
        """The properties of the base machine's own way that a variant does not keep to."""
        return tuple(report for report in self.properties if report.departs)

    @property
    def as_expected(self) -> bool:
        """Whether every verdict and every recorded count is as expected; what a cut run leaves open is not."""
        return not self.surprises and all(report.as_expected for report in self.properties)

    @property
    def is_surprising(self) -> bool:
        """Whether something was found that differs from what was recorded; what was not found out does not."""
        return bool(self.surprises) or any(
            not report.as_expected for report in self.properties if report.verdict != "inconclusive"
        )

    @property
    def name(self) -> str:
        """The target that this run belongs to."""
        return f"{self.protocol}/{self.variant}" if self.variant else self.protocol


def worst(verdicts: list[str], *, complete: bool = True) -> str:
    """Return the worst of some verdicts: violated, then inconclusive, then holds."""
    if "violated" in verdicts:
        return "violated"
    return "inconclusive" if "inconclusive" in verdicts or not complete else "holds"
