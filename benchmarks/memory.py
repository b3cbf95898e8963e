"""How far the set of states is from what memory allows.

    python -m benchmarks.memory [STATES]

Random states are put into a set as the engine does it, and then random ones of them again: nearly all that an exploration
does at scale. Beside it stands what the same slots take if they are only read: one after another, where each has to be there
before the next is known, and side by side, which is the least that anything can take that looks at random slots.
"""

from __future__ import annotations

import sys
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numba
import numpy as np

from checker.fast.arrays import Arrays
from checker.fast.compiled import compiled_kernel
from checker.fast.insertion import Intake
from checker.fast.layout import layout_for
from checker.fast.masks import Masks, Parts
from checker.fast.state_set import StateSet
from checker.fast.threads import Crew
from checker.fast.worker import Worker

if TYPE_CHECKING:
    from collections.abc import Callable

STATES = 50_000_000
CHUNK, ROUNDS = 1 << 14, 5
#: Random slots that are read in one round.
READS = 1 << 21


@numba.njit
def one_by_one(slots: Any, places: Any) -> int:
    """Read slots, each of which has to be known before the next is looked for; what they have does not matter."""
    found = 0
    for place in places:
        found = slots[place ^ (found & 1)] & 1
    return found


@numba.njit
def side_by_side(slots: Any, places: Any) -> int:
    """Read slots that do not depend on one another."""
    found = 0
    for place in places:
        found ^= slots[place]
    return found


def nanoseconds(run: Callable[[], Any], count: int) -> float:
    """The least time of some rounds, for each of so many."""
    best = float("inf")
    for _ in range(ROUNDS):
        began = perf_counter()
        run()
        best = min(best, perf_counter() - began)
    return best / count * 1e9


def main() -> None:
    """Measure, and print a table."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else STATES
    arrays, kernel = Arrays(compiled=True), compiled_kernel()
    layout = layout_for([1 << 30, 1 << 30], 1, 0, compiled=True)
    known = StateSet(arrays, kernel, layout.words)
    worker = Worker(arrays, kernel, Masks(arrays, layout, Parts((), ())), CHUNK, 1)
    intake = Intake(arrays, known, [worker], Crew(1))
    random = np.random.default_rng(1)
    states = random.integers(1, 1 << 61, count) | 1
    piece = 8 * CHUNK
    intake.take_in(states[:piece])  # what has to be compiled is compiled now
    began = perf_counter()
    for first in range(0, count, piece):
        intake.take_in(states[first : first + piece])
    filling = (perf_counter() - began) / count * 1e9

    table = known.table
    used = np.concatenate(
        [np.arange(size) * 8 + part * table.span * 8 for part, size in enumerate(table.sizes)]
    )
    places = used[random.integers(0, len(used), READS)]
    for read in (one_by_one, side_by_side):
        read(table.slots, places[:10])
    again = [states[random.integers(0, count, piece)] for _ in range(READS // piece)]
    rows = (
        (
            "read a random slot, one after another",
            nanoseconds(lambda: one_by_one(table.slots, places), READS),
        ),
        ("read a random slot, side by side", nanoseconds(lambda: side_by_side(table.slots, places), READS)),
        (
            "put a state into the set that has it",
            nanoseconds(lambda: [intake.take_in(part) for part in again], READS),
        ),
        ("put a new state into the set, which grows", filling),
    )
    size = 64 * int(table.sizes.sum()) / 1e6
    lines = [f"{count:,} states, {size:,.0f} MB of slots", "", "| | ns |", "| --- | ---: |"]
    lines += [f"| {name} | {time:.1f} |" for name, time in rows]
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
