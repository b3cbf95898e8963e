"""Marks on the states of a search, which spread against the direction of steps."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from checker.fast.kernel import LINE
from checker.fast.worker import UNLIMITED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from checker.fast.kernel import Pairs
    from checker.fast.search import Search
    from checker.fast.worker import Worker

#: How many states without a mark are kept apart from all states, lest all be gone through again.
FEW = 1 << 23


def octets_of_marks(search: Search) -> int:
    """How much memory the marks will take, in octets."""
    table = search.known.table
    return sum(int(size) for size in table.sizes) * LINE // len(table.words)


class Marks:
    """One mark for each state of a search that is over; at first no state has it."""

    def __init__(self, search: Search) -> None:
        self.search = search
        self.table = search.known.table
        self.marks = search.arrays.zeros(len(self.table.slots) // len(search.layout.words), 8)

    def mark_goals(self, goals: Pairs, masks: tuple[int, int], states: Any) -> None:
        """Mark those of some states that are goals: ``goals`` has (masked state, 0) for each of them."""
        self.search.kernel.mark_goals(
            goals, *masks, self.table, self.marks, states, 0, self.search.size(states)
        )

    def first_without(self, sources: int, *, is_every: bool) -> tuple[int, tuple[int, ...]] | None:
        """Spread the marks until they spread no further; depth and components of the first state that has none.

        A state gets the mark if a step leads to one that has it; with ``is_every`` if all its steps do. Steps are those of the
        first ``sources`` sources. What was not expanded may lead anywhere, and has the mark.
        """
        search = self.search
        for states in search.states.chunks(search.states.expanded, len(search.states), search.chunk):
            search.kernel.mark_all(self.table, self.marks, states, 0, self.search.size(states))
        before, left = -1, search.states.expanded
        kept: list[Any] | None = None
        while left not in (0, before):
            before = left
            left, kept = self._spread(sources, kept, is_every=is_every)
        return next(self.without()) if left else None

    def _spread(
        self, sources: int, kept: list[Any] | None, *, is_every: bool
    ) -> tuple[int, list[Any] | None]:
        """Go once through the states without a mark, backwards; how many are left, and they themselves if they are few."""
        search = self.search
        count = 0
        still: list[Any] | None = []
        pieces = self._pieces(kept)
        rest: list[Any] = []
        while crew := self._given(pieces, rest):
            search.expand(crew, UNLIMITED, silent=True, sources=sources)
            # Where there were too many steps for one time, something is left for the next.
            rest = [
                worker.share[worker.done * len(worker.words) :]
                for worker in crew
                if worker.done < self._count(worker)
            ]
            for left in search.crew.run(
                [partial(self._spread_in, worker, is_every=is_every) for worker in crew]
            ):
                count += search.size(left)
                if still is not None:
                    still.append(left)
            if count > FEW:
                still = None
        return count, still

    def _pieces(self, kept: list[Any] | None) -> Iterator[Any]:
        """The states to go through, backwards."""
        if kept is not None:
            yield from kept
            return
        states = self.search.states
        yield from states.chunks(0, states.expanded, self.search.chunk, backwards=True)

    def _given(self, pieces: Iterator[Any], rest: list[Any]) -> list[Worker]:
        """The workers that have got something to do: of the rest first."""
        crew = []
        for worker in self.search.workers:
            states = rest.pop() if rest else next(pieces, None)
            if states is not None:
                worker.give(states)
                crew.append(worker)
        return crew

    def _count(self, worker: Worker) -> int:
        return self.search.size(worker.share)

    def _spread_in(self, worker: Worker, *, is_every: bool) -> Any:
        left = self.search.arrays.zeros(len(worker.share))
        given = (worker.share, worker.done, int(is_every), left)
        found = self.search.kernel.spread(worker.output, self.table, self.marks, *given)
        # They come backwards; the next time they are gone through backwards again.
        return self._reversed(left[: found * len(worker.words)])

    def _reversed(self, states: Any) -> Any:
        words = len(self.search.layout.words)
        if not self.search.compiled:
            return states[::-1]
        return self.search.arrays.numpy.ascontiguousarray(states.reshape(-1, words)[::-1]).reshape(-1)

    def without(self) -> Iterator[tuple[int, tuple[int, ...]]]:
        """The states without a mark, in order: depth, components."""
        search = self.search
        for depth, level in enumerate(search.states.expanded_levels()):
            for states in search.states.chunks(*level, search.chunk):
                count = self.search.size(states)
                place = self._first(states, 0, count)
                while place < count:
                    yield depth, search.numbers_at(states, place)
                    place = self._first(states, place + 1, count)

    def _first(self, states: Any, first: int, last: int) -> int:
        return int(self.search.kernel.first_unmarked(self.table, self.marks, states, first, last))
