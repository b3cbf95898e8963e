"""One measurement, in a process of its own, so that its peak of memory is its own too; what it found goes out as JSON.

    python -m benchmarks.measure 10^5 compiled --threads 2

The time of the run begins when the machine is loaded and the kernel, if it is compiled, has been loaded as well: the
smallest member is explored before. How long that takes is told apart.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
from dataclasses import asdict, dataclass
from time import perf_counter
from typing import TYPE_CHECKING

from benchmarks.family import FAMILY, MEMBERS, PROPERTY, bounded, loaded
from benchmarks.plain import Counted, count
from benchmarks.setups import Engine, Setup
from benchmarks.spin import spin
from checker import check, explore
from checker.fast.engine import explore_tables
from tcpfsm.run.build import build

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.family import Member
    from checker import Verdict
    from tcpfsm.run.build import Built

#: The word for all properties that the scenario asks.
ALL = "all"


@dataclass(frozen=True, slots=True)
class Measured:
    """What one process found: counts, seconds and octets."""

    states: int
    steps: int
    #: 0 where it is not told.
    depth: int
    #: The verdicts that occurred, each once; none where nothing was asked.
    verdicts: tuple[str, ...]
    #: Until the machine is loaded, without the start of the interpreter.
    load_seconds: float
    #: Until the kernel can be run: a first exploration of the smallest member; of SPIN, until it is compiled.
    kernel_seconds: float
    run_seconds: float
    peak: int


def measure(member: Member, setup: Setup, asked: str) -> Measured:
    """Explore a member once, and say what it took."""
    began = perf_counter()
    verdicts: tuple[Verdict, ...]
    if setup.engine is Engine.PLAIN:
        prepared = ready = perf_counter()
        counted = count(member.opens, member.aborts, member.numbers)
        verdicts = ()
    elif setup.engine is Engine.SPIN:
        prepared = perf_counter()
        counted, seconds = spin(member)
        ready, verdicts = perf_counter() - seconds, ()
    else:
        smallest, built = (_built(one, asked) for one in (FAMILY[0], member))
        prepared = perf_counter()
        if setup.engine is Engine.COMPILED:
            _explore(smallest, setup)
        ready = perf_counter()
        counted, verdicts = _explore(built, setup)
    ended = perf_counter()
    return Measured(
        counted.states,
        counted.steps,
        counted.depth,
        tuple(sorted({one.verdict for one in verdicts})),
        prepared - began,
        ready - prepared,
        ended - ready,
        peak(),
    )


def _built(member: Member, asked: str) -> Built:
    return build(loaded(), bounded(loaded(), member), only=None if asked == ALL else asked)


def _explore(built: Built, setup: Setup) -> tuple[Counted, tuple[Verdict, ...]]:
    if setup.engine is Engine.REFERENCE:
        space = explore(built.system)
        return Counted(space.states, space.steps, space.depth), tuple(check(space, built.properties))
    is_compiled = setup.engine is Engine.COMPILED
    found = explore_tables(built.system, built.properties, compiled=is_compiled, threads=setup.threads)
    return Counted(found.states, found.steps, found.depth), found.verdicts


def peak() -> int:
    """The most memory that was resident so far, in octets: in this process, or in one that it started if that was more."""
    found = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return found if sys.platform == "darwin" else found * 1024


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure what the command line says."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.measure", description="One measurement, as JSON."
    )
    parser.add_argument("member", choices=MEMBERS)
    parser.add_argument("engine", choices=Engine, type=Engine)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--property", default=PROPERTY)
    given = parser.parse_args(arguments)
    found = measure(MEMBERS[given.member], Setup(given.engine, given.threads), given.property)
    sys.stdout.write(json.dumps(asdict(found)) + "\n")


if __name__ == "__main__":
    main()
