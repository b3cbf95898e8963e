"""What was measured, as Markdown: one table of what each engine took, one that compares them."""

from __future__ import annotations

import platform
import sys
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from os import cpu_count
from statistics import median
from typing import TYPE_CHECKING

from benchmarks.setups import MEANING, Engine, Setup

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from benchmarks.family import Member
    from benchmarks.measure import Measured

MEGABYTE = 10**6
#: Below this many states the peak tells nothing about a state.
FEWEST = 50_000


@dataclass(slots=True)
class Row:
    """One engine on one member: what each repetition measured, and how long its whole process took."""

    member: Member
    setup: Setup
    measured: list[Measured] = field(default_factory=list)
    total_seconds: list[float] = field(default_factory=list)

    @property
    def runs(self) -> list[float]:
        """The seconds of the run alone, of each repetition."""
        return [one.run_seconds for one in self.measured]

    @property
    def peak(self) -> int:
        """The least peak of memory: what else it was is noise."""
        return min(one.peak for one in self.measured)


def table(rows: Iterable[Row]) -> str:
    """What each engine took; rates are those of the quickest repetition."""
    rows = list(rows)
    smallest: dict[Setup, int] = {}
    for row in rows:
        smallest.setdefault(row.setup, row.peak)
    lines = [
        "| size | engine | states | steps | depth | run, s | whole, s | states/s | steps/s | peak, MB | bytes a state |",
        "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for row in rows:
        one, best = row.measured[0], min(row.runs)
        cells = [
            row.member.name,
            str(row.setup),
            f"{one.states:,}",
            f"{one.steps:,}",
            str(one.depth or ""),
            spread(row.runs),
            spread(row.total_seconds),
            f"{one.states / best:,.0f}",
            f"{one.steps / best:,.0f}",
            f"{row.peak / MEGABYTE:,.0f}",
            f"{(row.peak - smallest[row.setup]) / one.states:,.1f}" if one.states >= FEWEST else "",
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def ratios(rows: Iterable[Row], base: Setup) -> str:
    """How many times as quick as ``base`` each engine is, repetition by repetition; the median of that.

    What one repetition compares ran within the same minutes, so that a machine that is busy is so for all of them.
    """
    by_member: dict[str, dict[Setup, Row]] = {}
    for row in rows:
        by_member.setdefault(row.member.name, {})[row.setup] = row
    present = dict.fromkeys(setup for some in by_member.values() for setup in some)
    columns = [setup for setup in present if setup != base]
    if not columns:
        return ""
    head = [f"| size | {' | '.join(map(str, columns))} |", f"| --- |{' ---: |' * len(columns)}"]
    lines = [
        f"| {name} | {' | '.join(_ratio(some, setup, base) for setup in columns)} |"
        for name, some in by_member.items()
    ]
    return "\n".join([*head, *lines]) + "\n"


def _ratio(rows: Mapping[Setup, Row], setup: Setup, base: Setup) -> str:
    if setup not in rows or base not in rows:
        return ""
    # One that was not repeated to the end has fewer repetitions.
    pairs = zip(rows[base].runs, rows[setup].runs, strict=False)
    return f"{median(reference / run for reference, run in pairs):.3g}"


def spread(seconds: list[float]) -> str:
    """The least and the median of some times.

    >>> spread([0.5]), spread([3.0, 2.0, 10.0])
    ('0.500', '2.00 / 3.00')
    """
    shown = [min(seconds)] if len(seconds) == 1 else [min(seconds), median(seconds)]
    return " / ".join(
        f"{one:.3f}" if one < 1 else f"{one:.2f}" if one < 100 else f"{one:.0f}" for one in shown
    )


def legend(rows: Iterable[Row], asked: str) -> str:
    """What the columns and the names mean, and where it was measured."""
    rows = list(rows)
    engines = dict.fromkeys(row.setup.engine for row in rows)
    kernels = [
        one.kernel_seconds for row in rows if row.setup.engine is Engine.COMPILED for one in row.measured
    ]
    lines = [
        f"Property: `{asked}`. {_machine()}",
        "",
        *(f"- *{engine}*: {MEANING[engine]}." for engine in engines),
        "- *run*: least / median seconds of exploring and answering.",
        "- *whole*: of the whole process, with the start of the interpreter and of the kernel.",
        "- *bytes a state*: the peak of memory beyond that of the smallest size, for each state.",
    ]
    if kernels:
        lines.append(f"- The compiled kernel was ready after {spread(kernels)} s (least / median).")
    return "\n".join(lines) + "\n"


def _machine() -> str:
    names = []
    for package in ("numba", "numpy"):
        try:
            names.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            continue
    python = f"Python {platform.python_version()}"
    return f"{', '.join([python, *names])}, {sys.platform} on {platform.machine()}, {cpu_count()} cores."
