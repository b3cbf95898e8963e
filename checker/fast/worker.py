"""What one thread has to itself while states are expanded and taken in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from checker.fast.kernel import (
    AHEAD,
    COUNTS,
    LACKING,
    MISS,
    MISSES,
    RECENT,
    SIGHT,
    SIGHTS,
    SUCCESSORS,
    Asked,
    Output,
)
from checker.fast.pairs import PairSet, no_pairs

if TYPE_CHECKING:
    from collections.abc import Iterable

    from checker.fast.arrays import Arrays
    from checker.fast.kernel import Table, View
    from checker.fast.masks import Masks

#: How many successors, misses and sights one state may have at most.
ROOM = 1 << 12
UNLIMITED = 1 << 60


class Worker:
    """Expands a share of some states, and owns a share of the partitions.

    ``chunk`` is how many states it expands at once; there are ``owners`` workers.
    """

    def __init__(self, arrays: Arrays, kernel: Any, masks: Masks, chunk: int, owners: int) -> None:
        self.arrays = arrays
        self.kernel = kernel
        self.masks = masks
        self.owners = owners
        self.words = masks.layout.words
        self.most = 16 * chunk + ROOM
        self.reserved = chunk + ROOM
        zeros, words = arrays.zeros, len(self.words)
        self.output = Output(
            successors=zeros(words * self.most), labels=zeros(self.most, 32), misses=zeros(MISS * self.reserved),
            sights=zeros(SIGHT * self.reserved), begins=zeros(chunk), sizes=zeros(chunk), blocked=zeros(chunk),
            hashes=zeros(self.most), spots=zeros(owners * self.most, 32), counts=arrays.aligned_zeros(COUNTS),
        )  # fmt: skip
        self._spare = (zeros(words * self.most), zeros(self.most, 32))
        #: By owner: how many successors it has to look at; how far it came; the places of new ones, with their number first.
        self.owned, self.taken, self.heads = (
            arrays.aligned_zeros(owners),
            [0] * owners,
            arrays.aligned_zeros(owners),
        )
        self.news = zeros(owners * (self.most + 1), 32)
        self.starts = zeros(AHEAD)
        self.seen, self.allowed = PairSet(arrays, kernel, self.words), PairSet(arrays, kernel, self.words)
        self._recent = no_pairs(arrays, words, RECENT)
        self._places = arrays.of(range(chunk))
        self.share: Any = None
        self.todo: Any = None
        self.done = 0

    def asked(self) -> Asked:
        """What is to be noted, and what was, as the kernel reads it."""
        masks = self.masks
        return Asked(
            masks.steps,
            masks.states,
            masks.restrictions,
            self.seen.pairs,
            self._recent,
            self.allowed.pairs,
        )

    def reserve(self) -> None:
        """Make room for what one call can note."""
        self.seen.reserve(self.reserved)
        self.allowed.reserve(self.reserved)

    def give(self, share: Any) -> None:
        """Give it states to expand."""
        count = len(share) // len(self.words)
        self.share, self.done = share, count
        self.todo = self._places[:count]
        for place in range(COUNTS):
            self.output.counts[place] = 0

    def expand(self, view: View, sources: int, most: int, *, silent: bool) -> None:
        """Expand what is left to do, by its first ``sources`` sources of steps; afterwards ``todo`` is what missed something, ``done`` how many states came out whole."""
        output = self.output
        came = self.kernel.expand(
            view, self.masks.layout, self.asked(), output, self.share, self.todo, 0, len(self.todo), ROOM,
            min(most, self.most), int(silent), sources,
        )  # fmt: skip
        if came < len(self.todo):  # for want of room: what is behind waits for the next time
            self.done = min(self.done, int(self.todo[came]))
        if output.counts[LACKING]:
            output.counts[LACKING] = 0
            self.todo = self._missed(self.todo[:came])
        else:
            self.todo = self.todo[:0]

    def _missed(self, places: Any) -> Any:
        """Those of some places whose states missed something, but for those that have to wait anyway."""
        sizes = self.output.sizes
        if self.arrays.compiled:
            return places[(sizes[places] < 0) & (places < self.done)]
        return [place for place in places if sizes[place] < 0 and place < self.done]

    def ends(self) -> list[int]:
        """The places, in order, of those of the states that came out whole that have no steps."""
        sizes = self.output.sizes
        if self.arrays.compiled:
            found: list[int] = (sizes[: self.done] == 0).nonzero()[0].tolist()
            return found
        return [place for place in range(self.done) if sizes[place] == 0]

    def few_enough(self, table: Table, done: int, most: int) -> int:
        """Of how many of the first ``done`` states the successors are at most so many that are not in the table."""
        words, output = self.words, self.output
        found: set[tuple[int, int]] = set()
        at = 0
        for place in range(done):
            for number in range(at, at + int(output.sizes[place])):
                low = int(output.successors[len(words) * number])
                high = int(self.kernel.second(words, output.successors, number))
                if not self.kernel.contains(table, low, high):
                    found.add((low, high))
            if len(found) > most:
                return place
            at += int(output.sizes[place])
        return done

    def line_up(self, done: int) -> None:
        """Keep the successors of the first ``done`` states alone, and bring them in order."""
        output = self.output
        successors, labels = self._spare
        count = self.kernel.in_order(output, self.words, done, successors, labels)
        self._spare = (output.successors, output.labels)
        self.output = output._replace(successors=successors, labels=labels)
        self.output.counts[SUCCESSORS] = count
        self.done = done

    def sort_out(self) -> None:
        """Find out who owns the successors."""
        output = self.output
        count = int(output.counts[SUCCESSORS])
        self.kernel.sort_out(output, self.words, output.successors, count, self.owners, self.most, self.owned)
        for owner in range(self.owners):
            self.taken[owner] = 0
            self.news[owner * (self.most + 1)] = 0

    def take(self, table: Table, producer: Worker, number: int) -> int | None:
        """Take in what another one found and this one, ``number``, owns; the partition that is full, or ``None``."""
        first, last = (
            number * producer.most + producer.taken[number],
            number * producer.most + int(producer.owned[number]),
        )
        output = producer.output
        came = self.kernel.insert(
            table, output, output.successors, first, last, self.starts, producer.news,
            number * (producer.most + 1),
        )  # fmt: skip
        producer.taken[number] = came - number * producer.most
        return None if came == last else int(self.kernel.partition_of(output.hashes[output.spots[came]]))

    def new(self) -> int:
        """How many of its successors are new."""
        return sum(int(self.news[owner * (self.most + 1)]) for owner in range(self.owners))

    def merge(self, fresh: Any, at: int) -> None:
        """Write its new successors to ``fresh`` from ``at`` on, in order."""
        room = self.most + 1
        self.kernel.merge(
            self.words, self.output.successors, self.news, self.heads, room, self.owners, fresh, at
        )

    def sights(self) -> list[tuple[tuple[int, ...], int, tuple[int, ...]]]:
        """What was noted since it was asked last: components of a state, label, components of the state after it."""
        count = int(self.output.counts[SIGHTS])
        self.seen.count += count
        self.output.counts[SIGHTS] = 0
        found = []
        for at in range(0, SIGHT * count, SIGHT):
            low, high, label, after, after_high = (
                int(number) for number in self.output.sights[at : at + SIGHT]
            )
            found.append((self.masks.numbers(low, high), label, self.masks.numbers(after, after_high)))
        return found

    def misses(self) -> list[tuple[int, ...]]:
        """What was missed since it was asked last: kind, one, other, and the state as two words."""
        count = int(self.output.counts[MISSES])
        self.output.counts[MISSES] = 0
        return [
            tuple(int(number) for number in self.output.misses[at : at + MISS])
            for at in range(0, MISS * count, MISS)
        ]


def line_up(crew: Iterable[Worker], *, again: bool) -> int:
    """Keep the successors of the states that come before the first that found no room; how many states those are."""
    done, is_cut = 0, False
    for worker in crew:
        given = len(worker.share) // len(worker.words)
        mine = 0 if is_cut else worker.done
        is_cut = is_cut or mine < given
        if again or mine < given:
            worker.line_up(mine)
        worker.done = mine
        done += mine
    return done
