"""A set of pairs that grows, of a part of a state and a number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from checker.fast.kernel import FREE, Pairs

if TYPE_CHECKING:
    from checker.fast.arrays import Arrays


def no_pairs(arrays: Arrays, words: int, size: int) -> Pairs:
    """An open table with room for less than this many pairs; ``size`` is a power of two."""
    return Pairs(arrays.filled(words * size, 0), arrays.filled(size, FREE), arrays.filled(size, 0))


class PairSet:
    """A set of pairs that the kernel fills; it is to be given room before each call."""

    def __init__(self, arrays: Arrays, kernel: Any, words: tuple[int, ...]) -> None:
        self.arrays = arrays
        self.kernel = kernel
        self.words = words
        self.pairs = no_pairs(arrays, len(words), 1 << 8)
        self.count = 0

    def reserve(self, more: int) -> None:
        """Make room for so many more pairs."""
        size = len(self.pairs.others)
        if 2 * (self.count + more) <= size:
            return
        while 2 * (self.count + more) > size:
            size *= 2
        old, self.pairs = self.pairs, no_pairs(self.arrays, len(self.words), size)
        self.kernel.refill(self.words, old, self.pairs)
