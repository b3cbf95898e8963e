"""A file that is only added to, and whose octets are checked whenever they are read.

A file lies where others can reach it, and on disks that fail. An exploration that reads its states back from one must not
answer from anything but what it wrote. So of each block of the file there is a checksum in memory.
"""

from __future__ import annotations

import os
import zlib
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from io import FileIO

#: How many octets are checked together.
BLOCK = 1 << 15


class ChangedError(Exception):
    """What a file holds is not what was written into it."""


class CheckedFile:
    """A file without a buffer, of which ``octets`` were written; ``checksum`` is the CRC-32 of all of them."""

    def __init__(self, file: FileIO) -> None:
        self.file = file
        self.octets = 0
        self.checksum = 0
        self._blocks: list[int] = []

    def append(self, data: bytes | memoryview) -> int:
        """Write something behind what was written; where it begins. What others put there is overwritten.

        Raises:
            OSError: it cannot be written; then the file has what it had before.
        """
        begin = self.octets
        view = memoryview(data).cast("B")
        self.file.seek(begin)
        written = 0
        while written < len(view):
            written += self.file.write(view[written:])
        self._account(view)
        return begin

    def _account(self, view: memoryview) -> None:
        self.checksum = zlib.crc32(view, self.checksum)
        at = 0
        while at < len(view):
            inside = self.octets % BLOCK
            piece = view[at : at + BLOCK - inside]
            if not inside:
                self._blocks.append(0)
            self._blocks[-1] = zlib.crc32(piece, self._blocks[-1])
            at += len(piece)
            self.octets += len(piece)

    def read(self, offset: int, octets: int) -> memoryview:
        """So many octets from a place on, in memory of their own.

        Raises:
            ChangedError: they are not what was written.
        """
        first = offset // BLOCK
        begin, end = first * BLOCK, min(self.octets, -(-(offset + octets) // BLOCK) * BLOCK)
        view = self._read(begin, end - begin)
        for place in range(first, -(-end // BLOCK)):
            piece = view[(place - first) * BLOCK : (place - first + 1) * BLOCK]
            if zlib.crc32(piece) != self._blocks[place]:
                raise ChangedError
        return view[offset - begin : offset - begin + octets]

    def _read(self, begin: int, octets: int) -> memoryview:
        view = memoryview(bytearray(octets))
        self.file.seek(begin)
        found = 0
        while found < octets:
            count = self.file.readinto(view[found:])
            if not count:
                raise ChangedError  # it is shorter than what was written
            found += count
        return view

    def take_up(self, octets: int, checksum: int) -> None:
        """Go on behind so many octets of what is in the file; what is behind them is taken away.

        Raises:
            ChangedError: they are not there, or do not have this checksum.
        """
        for begin in range(0, octets, BLOCK):
            self._account(self._read(begin, min(BLOCK, octets - begin)))
        if self.checksum != checksum:
            raise ChangedError
        self.file.truncate(octets)

    def pieces(self, size: int) -> Iterator[memoryview]:
        """All of it, so many octets at a time."""
        for begin in range(0, self.octets, size):
            yield self.read(begin, min(size, self.octets - begin))

    def settle(self) -> None:
        """Have everything on the disk that was written."""
        os.fsync(self.file.fileno())

    def close(self) -> None:
        """Let go of the file."""
        with suppress(OSError):  # what could not be written still cannot be
            self.file.close()
