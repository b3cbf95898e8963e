"""The graph of a search: its states by number, and where their steps lead, found by expanding every state once more.

The numbers stand in an array parallel to the table of states, so that a step costs one look into that table.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from checker.fast.kernel import LINE, PARTITIONS, SUCCESSORS
from checker.fast.worker import UNLIMITED
from checker.graph.arrays import np
from checker.graph.compressed import CompressedGraph
from checker.patience import GivenUpError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from checker.fast.search import Search
    from checker.fast.worker import Worker
    from checker.limits import Watch
    from checker.model.vocabulary import State

#: How many states are copied at once.
PIECE = 1 << 20
#: The octets of a large page: what lies in parts may take up to so much more for each of them.
PAGE = 1 << 21


def graph_of(search: Search, watch: Watch) -> CompressedGraph:
    """The graph of all states that a search has found, and of the steps of those that were expanded.

    It does not need the search any more.

    Raises:
        GivenUpError: there is not enough memory, or time, for it.
        MemoryError: there was not enough memory after all.
    """
    reason = watch.foresee(octets(search))
    if reason is not None:
        raise GivenUpError(reason)
    return CompressedGraph.from_rows(
        len(search.states), _blocks(search, watch), search.tables.labels.values, _decoder(search),
        initials=search.states.level_ends[0], expand=search.system.expand, steps=search.steps,
    )  # fmt: skip


def octets(search: Search) -> int:
    """How many octets it takes, at most, to make the graph: of each state its words, where its row begins and how long it is; of each step where it leads, and its label; and of each slot of the table a number."""
    table, words, states = search.known.table, len(search.layout.words), len(search.states)
    number = _number_bits(states) // 8
    slots = LINE * int(sum(table.sizes)) // words
    pages = PARTITIONS * PAGE if search.known.is_reserved else 0
    return states * (8 * words + 8 + 8) + search.steps * (number + 4) + slots * number + pages


def _number_bits(states: int) -> int:
    return 32 if states < 1 << 31 else 64


def _blocks(search: Search, watch: Watch) -> Iterator[tuple[int, Any, Any, Any]]:
    """The steps of all states that were expanded, some states at a time."""
    bits = _number_bits(len(search.states))
    numbers = _numbered(search, bits)
    rooms = [search.arrays.zeros(worker.most, bits) for worker in search.workers]
    first = 0
    while first < search.states.expanded:
        if watch.is_late:
            raise GivenUpError("time limit")
        crew = _given(search, first)
        search.expand(crew, UNLIMITED, silent=True)
        counts = [int(worker.output.counts[SUCCESSORS]) for worker in crew]
        table, kernel = search.known.table, search.kernel
        search.crew.run(
            [
                partial(kernel.numbers_of, table, numbers, worker.output.successors, count, room)
                for worker, count, room in zip(crew, counts, rooms, strict=False)
            ]
        )
        for worker, count, room in zip(crew, counts, rooms, strict=False):
            if worker.done:  # if not, another one before it left something for the next time
                sizes, labels = worker.output.sizes[: worker.done], worker.output.labels[:count]
                yield first, np.asarray(sizes), np.asarray(room[:count]), np.asarray(labels)
                first += worker.done


def _given(search: Search, first: int) -> list[Worker]:
    """The workers that have got states, from this number on, to expand."""
    crew = []
    for place, worker in enumerate(search.workers):
        begin = first + place * search.chunk
        if begin < search.states.expanded:
            worker.give(search.states.read(begin, min(begin + search.chunk, search.states.expanded)))
            crew.append(worker)
    return crew


def _numbered(search: Search, bits: int) -> Any:
    """The number of each state, at the place of its slot in the table."""
    table = search.known.table
    numbers = search.arrays.zeros(len(table.slots) // len(table.words), bits)
    first = 0
    for states in search.states.chunks(0, len(search.states), search.chunk):
        count = search.size(states)
        search.kernel.number_all(table, numbers, states, 0, count, first)
        first += count
    return numbers


def _decoder(search: Search) -> Callable[[int], State]:
    """What says which state a number stands for, also when the search is closed."""
    words = len(search.layout.words)
    kept = _copied(search)
    unpacked, decode = search.masks.numbers, search.tables.decode

    def state(number: int) -> State:
        high = int(kept[2 * number + 1]) if words == 2 else 0
        return decode(unpacked(int(kept[words * number]), high))

    return state


def _copied(search: Search) -> Any:
    """The words of all states, in memory."""
    words, count = len(search.layout.words), len(search.states)
    kept = search.arrays.zeros(words * count)
    at = 0
    for states in search.states.chunks(0, count, PIECE):
        kept[at : at + len(states)] = states
        at += len(states)
    return kept
