"""What the kernel works on: the words found so far, and sets of pairs; as lists or as arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from checker.fast.kernel import FREE, Pairs
from checker.fast.layout import moved, pack, unpack

if TYPE_CHECKING:
    from collections.abc import Sequence

    from checker.fast.kernel import Layout

#: How full the open tables may get, in hundredths.
CROWDED = 70


class Words:
    """The words found so far: an open table of them, and the levels in order."""

    def __init__(self, kernel: Any, *, compiled: bool) -> None:
        self.kernel = kernel
        self.compiled = compiled
        self.slots = self.filled(1 << 10, FREE)
        self.count = 0
        self.levels: list[Any] = []

    def filled(self, size: int, value: int) -> Any:
        """So many equal numbers, as a list or an array."""
        if not self.compiled:
            return [value] * size
        import numpy as np  # noqa: PLC0415, so that only those who compile pay for the import

        return np.full(size, value, np.int64)

    def reserve(self, more: int) -> None:
        """Make room for so many more words."""
        if 100 * (self.count + more) > CROWDED * len(self.slots):
            self._grow(max(2 * len(self.slots), 100 * (self.count + more) // CROWDED + 1))

    def add(self, words: Any, count: int) -> Any:
        """Take in the first ``count`` of some words; return those that are new, in order."""
        self.reserve(count)
        fresh = self.filled(count, 0)
        new = self.kernel.insert(self.slots, words, 0, count, fresh, 0)
        self.count += new
        return fresh[:new]

    def _grow(self, size: int) -> None:
        old, self.slots = self.slots, self.filled(size, FREE)
        kept = self._kept(old)
        self.kernel.insert(self.slots, kept, 0, len(kept), self.filled(len(kept), 0), 0)

    def _kept(self, slots: Any) -> Any:
        return slots[slots != FREE] if self.compiled else [word for word in slots if word != FREE]

    def relaid(self, old: Layout, new: Layout) -> None:
        """Bring all words into another layout."""
        kept = self._kept(self.slots)
        self.slots = self.filled(len(self.slots), FREE)
        words = moved(kept, old, new)
        self.kernel.insert(self.slots, words, 0, len(words), self.filled(len(words), 0), 0)
        self.levels = [moved(level, old, new) for level in self.levels]

    def joined(self, parts: Sequence[Any]) -> Any:
        """Some words after one another."""
        if not self.compiled:
            return [word for part in parts for word in part]
        import numpy as np  # noqa: PLC0415, so that only those who compile pay for the import

        return np.concatenate(parts) if parts else self.filled(0, 0)


class PairSet:
    """A set of pairs that the kernel fills; it is to be given room before each call."""

    def __init__(self, words: Words) -> None:
        self.words = words
        self.pairs = self._empty(1 << 8)
        self.count = 0

    def _empty(self, size: int) -> Pairs:
        return Pairs(self.words.filled(size, FREE), self.words.filled(size, 0), self.words.filled(size, 0))

    def reserve(self, more: int) -> None:
        """Make room for so many more pairs."""
        size = len(self.pairs.ones)
        if 2 * (self.count + more) <= size:
            return
        while 2 * (self.count + more) > size:
            size *= 2
        old, self.pairs = self.pairs, self._empty(size)
        self.words.kernel.refill(old, self.pairs)

    def relaid(self, old: Layout, new: Layout) -> None:
        """Bring the words into another layout."""
        before, self.pairs = self.pairs, self._empty(len(self.pairs.ones))
        for place, one in enumerate(before.ones):
            if one != FREE:
                before.ones[place] = pack(new, unpack(old, one))
        self.words.kernel.refill(before, self.pairs)
