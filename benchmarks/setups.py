"""What can be measured: the engines, in how many threads, and up to which size each is worth waiting for."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from importlib.util import find_spec
from shutil import which


class Engine(StrEnum):
    """What searches."""

    PLAIN = "plain"
    REFERENCE = "reference"
    INTERPRETED = "interpreted"
    COMPILED = "compiled"
    SPIN = "spin"


MEANING = {
    Engine.PLAIN: "the same system by hand in plain Python (benchmarks/plain.py), without properties",
    Engine.REFERENCE: "the reference engine",
    Engine.INTERPRETED: "the table-driven engine, its kernel run by Python",
    Engine.COMPILED: "the table-driven engine, its kernel compiled by numba",
    Engine.SPIN: "SPIN, depth first, on the same system by hand (benchmarks/handshakes.pml), without properties",
}
#: These know the system alone, and no property; what a property remembers is not in their states.
BY_HAND = (Engine.PLAIN, Engine.SPIN)
SPIN_NEEDS = ("spin", "cc")
#: The largest member, as a power of ten, that an engine is measured on. Beyond, minutes and gigabytes tell nothing new.
LARGEST = {Engine.PLAIN: 6, Engine.REFERENCE: 5, Engine.INTERPRETED: 6, Engine.COMPILED: 9, Engine.SPIN: 7}


@dataclass(frozen=True, slots=True)
class Setup:
    """An engine in so many threads."""

    engine: Engine
    threads: int = 1

    def __str__(self) -> str:
        if self.engine is not Engine.COMPILED:
            return self.engine.value
        return f"{self.engine.value}, {self.threads} thread" + ("s" if self.threads > 1 else "")


def available() -> tuple[Engine, ...]:
    """The engines that can be measured here: those whose programs are there."""
    missing = set()
    if find_spec("numba") is None:
        missing.add(Engine.COMPILED)
    if not all(map(which, SPIN_NEEDS)):
        missing.add(Engine.SPIN)
    return tuple(engine for engine in Engine if engine not in missing)


def setups(engines: tuple[Engine, ...], threads: tuple[int, ...]) -> tuple[Setup, ...]:
    """The engines that were asked for, the compiled one in each number of threads."""
    found: list[Setup] = []
    for engine in engines:
        counts = threads if engine is Engine.COMPILED else (1,)
        found += [Setup(engine, count) for count in dict.fromkeys(counts)]
    return tuple(found)
