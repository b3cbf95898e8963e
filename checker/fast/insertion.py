"""Takes what workers have found into the set of states, and tells what is new, in order."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from checker.fast.kernel import SUCCESSORS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from checker.fast.arrays import Arrays
    from checker.fast.state_set import StateSet
    from checker.fast.threads import Crew
    from checker.fast.worker import Worker


class Intake:
    """The way into a set of states, whose partitions the workers own."""

    def __init__(self, arrays: Arrays, known: StateSet, workers: Sequence[Worker], crew: Crew) -> None:
        self.arrays = arrays
        self.known = known
        self.workers = workers
        self.crew = crew

    def take_in(self, states: Any) -> Any:
        """Put states, word after word, into the set; those that are new."""
        worker = self.workers[0]
        worker.give(states[:0])
        worker.output.successors[: len(states)] = states
        worker.output.counts[SUCCESSORS] = len(states) // len(worker.words)
        return self.insert(self.workers[:1])

    def insert(self, found: Sequence[Worker]) -> Any:
        """Put what some workers have found into the set; the states that are new, word after word.

        An owner of partitions takes what the first worker found before what the second did, so that a state is new where the
        first one found it, whatever the number of workers.
        """
        self._run([worker.sort_out for worker in found], found)
        is_full = True
        while is_full:
            tasks = [partial(self._take, number, found) for number in range(len(self.workers))]
            full = [part for part in self._run(tasks, found) if part is not None]
            is_full = bool(full)
            for partition in full:
                table = self.known.table
                if table.counts[partition] >= table.limits[partition]:
                    self.known.grow(partition)
        return self._merged(found)

    def _run(self, tasks: Sequence[Callable[[], Any]], found: Sequence[Worker]) -> list[Any]:
        """Side by side, if what was found is so much that more than one found it."""
        return self.crew.run(tasks) if len(found) > 1 else [task() for task in tasks]

    def _take(self, owner: int, found: Sequence[Worker]) -> int | None:
        """Let an owner take what is its own; the partition that is full, or ``None``.

        It gives its partitions more room itself, where each of them has a place to grow in.
        """
        for producer in found:
            while (full := self.workers[owner].take(self.known.table, producer, owner)) is not None:
                if not self.known.is_reserved:
                    return full
                self.known.grow(full, owner)
        return None

    def _merged(self, found: Sequence[Worker]) -> Any:
        counts = [worker.new() for worker in found]
        fresh = self.arrays.zeros(len(found[0].words) * sum(counts))
        tasks = [partial(worker.merge, fresh, sum(counts[:place])) for place, worker in enumerate(found)]
        self._run(tasks, found)
        return fresh
