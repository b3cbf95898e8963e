"""Measures the engines on a family of growing systems, each run in a process of its own, and prints tables.

    python -m benchmarks                                     up to 10^7 states
    python -m benchmarks --up-to 10^5 --repeat 5
    python -m benchmarks --engine compiled --threads 1 2 --up-to 10^8 --output table.md

Every count is held against what is recorded of the family, and the engines against each other: the exit code is 1 where
one differs.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from benchmarks.family import FAMILY, MEMBERS, PROPERTY, loaded, recorded
from benchmarks.measure import ALL, Measured
from benchmarks.plain import Counted
from benchmarks.report import Row, legend, ratios, table
from benchmarks.setups import BY_HAND, LARGEST, MEANING, Engine, Setup, available, setups

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from benchmarks.family import Member

ROOT = Path(__file__).parents[1]
BASE = Setup(Engine.COMPILED)
#: A run that takes longer than this many seconds is not repeated, unless all are asked to be.
LONG = 60.0


def measured(member: Member, setup: Setup, asked: str) -> tuple[Measured, float]:
    """Measure once in a process of its own; with it the seconds that the whole process took.

    Raises:
        SystemExit: the process failed; what it said stands on stderr.
    """
    words = [member.name, setup.engine, "--threads", str(setup.threads), "--property", asked]
    began = perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.measure", *words],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    seconds = perf_counter() - began
    if done.returncode:
        raise SystemExit(f"{member.name}, {setup}: the measurement ended with {done.returncode}")
    return Measured(**json.loads(done.stdout)), seconds


def measurements(
    family: Sequence[Member], chosen: Sequence[Setup], asked: str, repeat: int, long: float
) -> Iterator[Row]:
    """Measure everything, the smallest first; repetitions go round, so that noise falls on all engines alike."""
    for member in family:
        rows = [Row(member, setup) for setup in chosen if member.power <= LARGEST[setup.engine]]
        for number in range(repeat):
            for row in rows:
                if number and max(row.total_seconds) > long:
                    continue
                one, seconds = measured(member, row.setup, asked)
                row.measured.append(one)
                row.total_seconds.append(seconds)
                sys.stderr.write(f"{member.name}, {row.setup}: {one.run_seconds:.2f} s of {seconds:.2f} s\n")
        yield from rows


def differences(rows: Sequence[Row], asked: str) -> list[str]:
    """What is not as recorded, or not the same from run to run; counts belong to the family's own property."""
    found = []
    for member in dict.fromkeys(row.member for row in rows):
        expected = recorded(loaded(), member) if asked in (PROPERTY, ALL) else None
        for row in rows:
            for one in row.measured if row.member == member else ():
                counted = Counted(one.states, one.steps, one.depth)
                expected = expected or counted
                if counted not in (expected, expected._replace(depth=0)):
                    found.append(f"{member.name}, {row.setup}: {counted}, where {expected} was expected")
                if not {"holds"} >= set(one.verdicts):
                    found.append(
                        f"{member.name}, {row.setup}: {', '.join(one.verdicts)}, where all should hold"
                    )
    return found


def given(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        "python -m benchmarks", description="Measure the engines on a growing system."
    )
    add = parser.add_argument
    sizes, engines = ", ".join(MEMBERS), (f"{one}, up to 10^{LARGEST[one]}: {MEANING[one]}" for one in Engine)
    add("--up-to", choices=MEMBERS, default="10^7", metavar="SIZE", help=f"the largest: {sizes} (10^7)")
    add(
        "--engine", choices=Engine, type=Engine, nargs="+", default=list(available()), metavar="ENGINE",
        help="; ".join(engines),
    )  # fmt: skip
    add("--threads", type=int, nargs="+", default=[1, 2], metavar="N", help="of the compiled engine (1 2)")
    add("--repeat", type=int, default=3, metavar="N", help="how often each is measured (3)")
    add(
        "--long",
        type=float,
        default=LONG,
        metavar="SECONDS",
        help=f"what takes longer is done once ({LONG:.0f})",
    )
    add(
        "--property",
        default=PROPERTY,
        metavar="NAME",
        help=f"what is asked; '{ALL}' is possible ({PROPERTY})",
    )
    add("--output", type=Path, metavar="FILE", help="write the tables there too")
    found = parser.parse_args(arguments)
    if found.repeat < 1 or min(found.threads) < 1:
        parser.error("--repeat and --threads are at least 1")
    if missing := [engine for engine in found.engine if engine not in available()]:
        parser.error(f"'{missing[0]}' needs numba: pip install 'tcpfsm[fast]'")
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure what the command line says; the exit code."""
    options = given(arguments)
    family = [member for member in FAMILY if member.power <= MEMBERS[options.up_to].power]
    fitting = [one for one in options.engine if options.property in (PROPERTY, ALL) or one not in BY_HAND]
    chosen = setups(tuple(fitting), tuple(options.threads))
    rows = list(measurements(family, chosen, options.property, options.repeat, options.long))
    text = f"{table(rows)}\n{legend(rows, options.property)}"
    compared = ratios(rows, BASE) if BASE in chosen else ""
    if compared:
        text += f"\nHow many times as quick as *{BASE}*, the median of the rounds:\n\n{compared}"
    sys.stdout.write(text)
    if options.output:
        options.output.write_text(text, encoding="utf-8")
    wrong = differences(rows, options.property)
    sys.stderr.write("".join(f"{line}\n" for line in wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
