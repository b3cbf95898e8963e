"""The set of the states found so far: an open table in partitions, each of which grows by itself."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from checker.fast.kernel import LINE, PARTITIONS, Table

if TYPE_CHECKING:
    from checker.fast.arrays import Arrays

#: How full a partition may get, in hundredths.
FILLED = 70
#: By how much a partition grows, in hundredths of what it has: one with more buckets than ``LARGE`` grows less.
GROWTH, LARGE_GROWTH, LARGE = 200, 120, 1 << 18
#: Buckets of a partition at first; and how many it may have before every partition gets a place to grow in.
FIRST, COMPACT = 1 << 1, 1 << 12
FIRST_COMPILED = 1 << 9


class StateSet:
    """States of one layout; ``table`` is what the kernel reads and writes.

    A small table is made anew, twice as large, when a partition is full. A large one has address space for as many states as
    memory could hold, of which only what is written to is taken; there a partition grows within its part of it.
    """

    def __init__(self, arrays: Arrays, kernel: Any, words: tuple[int, ...], least: int = 0) -> None:
        self.arrays = arrays
        self.kernel = kernel
        self.words = words
        self.is_reserved = False
        self._rooms: dict[int, Any] = {}
        span = FIRST_COMPILED if arrays.compiled else FIRST
        while self._room(span) * PARTITIONS < 2 * least and span < COMPACT:
            span *= 2
        self.table = self._compact(span)

    def _room(self, buckets: int) -> int:
        """How many states a partition of so many buckets may have."""
        return buckets * LINE // len(self.words) * FILLED // 100

    def _of(self, slots: Any, span: int, buckets: int) -> Table:
        """An empty table with place for ``span`` buckets a partition, of which some are in use."""
        arrays = self.arrays
        return Table(
            slots, arrays.filled(PARTITIONS, buckets), arrays.aligned_zeros(PARTITIONS),
            arrays.filled(PARTITIONS, self._room(buckets)), span, self.words,
        )  # fmt: skip

    def _compact(self, buckets: int) -> Table:
        """A table with no place to grow in."""
        return self._of(self.arrays.aligned_zeros(LINE * buckets * PARTITIONS), buckets, buckets)

    def _reserved(self, buckets: int) -> Table:
        """A table with address space for about as many states as fit the memory that the machine has.

        A little less than that: a system may refuse, at once, what it could never give.
        """
        span = max(physical_bytes() * 15 // 16 // (8 * LINE * PARTITIONS), 2 * buckets)
        while True:
            try:
                return self._of(self.arrays.reserved(LINE * span * PARTITIONS), span, buckets)
            except MemoryError:
                span //= 2
                if span < buckets:
                    raise

    def growth(self, more: int) -> int:
        """How many octets it will take, at most, to take in so many more states, if they spread evenly; if it is known."""
        if not self.arrays.compiled:
            return 0
        table = self.table
        is_full = table.counts + (more // PARTITIONS + 1) > table.limits
        sizes = table.sizes[is_full]
        if not self.is_reserved:  # the new table stands beside the old one for a while
            return 8 * LINE * 3 * int(sizes.sum())
        # What a partition has stands beside it while it grows.
        return sum(8 * LINE * (self._larger(int(size)) - int(size)) for size in sizes) + 8 * LINE * int(
            max(sizes, default=0)
        )

    def grow(self, partition: int, owner: int = 0) -> None:
        """Give a partition that is full, and has this owner, more room. Owners may do so at once if ``is_reserved``.

        Raises:
            MemoryError: there is no more.
        """
        if self.is_reserved:
            self._grow_in_place(partition, owner)
            return
        old = self.table
        buckets = 2 * old.span
        self.is_reserved = self.arrays.compiled and buckets > COMPACT
        self.table = self._reserved(buckets) if self.is_reserved else self._compact(buckets)
        self.kernel.refill_states(self.table, old.slots)
        self.table = self.table._replace(counts=old.counts)

    def _aside(self, owner: int, size: int) -> Any:
        """Room for what a partition has while it grows; used again and again, since to touch new memory takes time."""
        room = self._rooms.get(owner)
        if room is None or len(room) < size:
            room = self._rooms[owner] = self.arrays.zeros(size)
        return room[:size]

    @staticmethod
    def _larger(buckets: int) -> int:
        """How many buckets a partition of so many should get."""
        return max(buckets + 1, buckets * (GROWTH if buckets < LARGE else LARGE_GROWTH) // 100)

    def _grow_in_place(self, partition: int, owner: int) -> None:
        table = self.table
        buckets = int(table.sizes[partition])
        more = min(table.span, self._larger(buckets))
        if more == buckets:
            raise MemoryError
        begin = LINE * partition * table.span
        kept = self._aside(owner, LINE * buckets)
        kept[:] = table.slots[begin : begin + LINE * buckets]
        table.slots[begin : begin + LINE * buckets] = 0
        table.sizes[partition], table.limits[partition] = more, self._room(more)
        self.kernel.refill_states(table, kept)


def physical_bytes() -> int:
    """How much memory the machine has, in octets; where it does not tell, a guess that is on the safe side."""
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):
        return 1 << 32
