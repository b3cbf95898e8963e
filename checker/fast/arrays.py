"""Where numbers are kept: in Python's lists for the interpreter, in arrays for compiled code."""

from __future__ import annotations

import contextlib
import mmap
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence


class Arrays:
    """Makes lists, or arrays if ``compiled``."""

    def __init__(self, *, compiled: bool) -> None:
        self.compiled = compiled
        if compiled:
            import numpy as np  # noqa: PLC0415, so that only those who compile pay for the import

            self.numpy: Any = np

    def filled(self, size: int, value: int) -> Any:
        """So many equal numbers of 64 bits."""
        return self.numpy.full(size, value, self.numpy.int64) if self.compiled else [value] * size

    def zeros(self, size: int, bits: int = 64) -> Any:
        """So many zeros. An array takes up memory only where something is written."""
        return self.numpy.zeros(size, f"int{bits}") if self.compiled else [0] * size

    def aligned_zeros(self, size: int) -> Any:
        """So many zeros of 64 bits, in cache lines with nothing else."""
        found = self.zeros(size + 14)
        begin = -(found.ctypes.data // 8) % 8 if self.compiled else 0
        return found[begin : begin + size]

    def reserved(self, size: int) -> Any:
        """So many zeros of 64 bits, page by page: address space, of which only what is written to is taken.

        Raises:
            MemoryError: there is not so much address space.
        """
        if not hasattr(mmap, "MAP_ANONYMOUS"):
            return self.aligned_zeros(size)
        # An allocator that is refused so much at once may take it from its heap instead, and write zeros to all of it.
        try:
            room = mmap.mmap(-1, 8 * size, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        except OSError as error:
            raise MemoryError from error
        with contextlib.suppress(OSError, AttributeError):  # large pages are faster, where there are any
            room.madvise(mmap.MADV_HUGEPAGE)
        return self.numpy.frombuffer(room, self.numpy.int64)

    def of(self, numbers: Sequence[int]) -> Any:
        """These numbers."""
        return self.numpy.array(numbers, self.numpy.int64) if self.compiled else list(numbers)

    def joined(self, parts: Sequence[Any]) -> Any:
        """Lists or arrays after one another."""
        if len(parts) == 1:
            return parts[0]
        if not self.compiled:
            return [number for part in parts for number in part]
        return self.numpy.concatenate(parts) if parts else self.zeros(0)
