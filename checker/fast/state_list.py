"""All states found so far, in the order in which they were found; long ones lie in a file."""

from __future__ import annotations

import os
import tempfile
from itertools import islice, pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from checker.fast.checked_file import CheckedFile
from checker.fast.layout import moved

if TYPE_CHECKING:
    from collections.abc import Iterator

    from checker.fast.arrays import Arrays
    from checker.fast.kernel import Layout

#: From how many states on they are put into a file, and how many are put there at once.
MANY, PIECE = 1 << 22, 1 << 20


class Stretch(NamedTuple):
    """States in the file, from number ``first`` and octet ``offset`` on, that are in the same layout."""

    first: int
    offset: int
    layout: Layout


class StateList:
    """States known by number, from 0 on; those below ``expanded`` have been expanded.

    They come level by level: ``level_ends`` has for each depth the number behind its last state, but for a level of which not
    all states may have been found. ``file`` is where they go when there are many; without one, it is a file without a name, gone when nobody needs it.
    """

    def __init__(self, arrays: Arrays, layout: Layout, file: CheckedFile | None = None) -> None:
        self.arrays = arrays
        self.layout = layout
        self.file = file
        self.is_kept = file is not None
        self.has_room = True
        self.expanded = self.stored = 0
        self.level_ends: list[int] = []
        self.stretches: list[Stretch] = []
        self._tail: Any = []
        self._in_tail = 0
        if arrays.compiled:
            self._tail = arrays.zeros(len(layout.words) << 12)

    def __len__(self) -> int:
        """How many states there are."""
        return self.stored + self._in_tail

    def append(self, states: Any, count: int) -> None:
        """Add some states at the end."""
        words = len(self.layout.words)
        if not self.arrays.compiled:
            self._tail.extend(states[:count])
            self._in_tail += count
            return
        begin, end = words * self._in_tail, words * (self._in_tail + count)
        if end > len(self._tail):
            larger = self.arrays.zeros(max(end, 2 * len(self._tail)))
            larger[:begin] = self._tail[:begin]
            self._tail = larger
        self._tail[begin:end] = states[: words * count]
        self._in_tail += count
        if self._in_tail >= PIECE and len(self) >= MANY:
            self.store()

    @property
    def level_depth(self) -> int:
        """The depth of the level that is being expanded, or was the last to be."""
        return len(self.level_ends) - 1

    @property
    def depth(self) -> int:
        """The depth of the deepest state that was found."""
        return len(self.levels()) - 1

    @property
    def expanded_depth(self) -> int:
        """The depth up to which all states were expanded, -1 if not even the initial ones were."""
        return sum(end <= self.expanded for end in self.level_ends) - 1

    def levels(self) -> tuple[int, ...]:
        """How many states were found of each depth."""
        ends = [0, *self.level_ends, len(self)]
        return tuple(end - begin for begin, end in pairwise(ends) if end > begin)

    def expanded_levels(self) -> Iterator[tuple[int, int]]:
        """Of each level of which states were expanded the number of the first, and the number behind the last of those."""
        for begin, end in pairwise([0, *self.level_ends]):
            if begin < self.expanded:
                yield begin, min(end, self.expanded)

    def level(self, depth: int) -> tuple[int, int]:
        """The same for one level."""
        return next(islice(self.expanded_levels(), depth, None))

    def left_of_level(self) -> int:
        """How many states of the level are left to be expanded."""
        return self.level_ends[-1] - self.expanded

    def end_level(self) -> None:
        """Begin with the next level, if there is one."""
        if not self.level_ends or len(self) > self.level_ends[-1]:
            self.level_ends.append(len(self))

    def store(self) -> None:
        """Put all states that are not in the file yet into it. Where a disk is full they stay in memory.

        Raises:
            OSError: they are to be kept, and cannot be written.
        """
        if not self._in_tail or not self.has_room:
            return
        words = len(self.layout.words)
        data = self._tail[: words * self._in_tail].astype("<i8", copy=False).data
        try:
            if self.file is None:  # it is open as long as this is
                self.file = CheckedFile(tempfile.TemporaryFile(buffering=0, dir=roomy_directory()))  # noqa: SIM115
            begin = self.file.append(data)
        except OSError:
            if self.is_kept:
                raise
            self.has_room = False
            return
        if not self.stretches or self.stretches[-1].layout is not self.layout:
            self.stretches.append(Stretch(self.stored, begin, self.layout))
        self.stored += self._in_tail
        self._in_tail = 0
        if (
            len(self._tail) > 2 * words * PIECE
        ):  # what was touched once is better used again than touched anew
            self._tail = self.arrays.zeros(words * PIECE)

    def take_up(self, layout: Layout, count: int, expanded: int, ends: list[int]) -> None:
        """Begin with so many states, all in the file."""
        self.layout, self.stored, self.expanded = layout, count, expanded
        self.level_ends = ends
        self._in_tail = 0
        self._tail = self.arrays.zeros(len(layout.words) << 12)

    def close(self) -> None:
        """Let go of the file."""
        if self.file is not None:
            self.file.close()

    def relaid(self, layout: Layout) -> None:
        """Bring the states into another layout: those in the file when they are read."""
        if self.stored:
            self.store()
        old, self.layout = self.layout, layout
        self._tail = moved(self._tail[: len(old.words) * self._in_tail], old, layout)
        if self.arrays.compiled and not len(self._tail):
            self._tail = self.arrays.zeros(len(layout.words) << 12)

    def read(self, first: int, last: int) -> Any:
        """The states from number ``first`` up to ``last``, word after word.

        Raises:
            ChangedError: somebody changed the file.
        """
        words = len(self.layout.words)
        parts = []
        for place, stretch in enumerate(self.stretches):
            end = self.stored if place + 1 == len(self.stretches) else self.stretches[place + 1].first
            if self.file is not None and first < end and stretch.first < min(last, end):
                parts.append(self._from_file(self.file, stretch, max(first, stretch.first), min(last, end)))
        if last > self.stored:
            parts.append(
                self._tail[words * (max(first, self.stored) - self.stored) : words * (last - self.stored)]
            )
        return self.arrays.joined(parts)

    def _from_file(self, file: CheckedFile, stretch: Stretch, first: int, last: int) -> Any:
        row = 8 * len(stretch.layout.words)
        data = file.read(stretch.offset + row * (first - stretch.first), row * (last - first))
        states = self.arrays.numpy.frombuffer(data, "<i8")
        return states if stretch.layout is self.layout else moved(states, stretch.layout, self.layout)

    def chunks(self, first: int, last: int, size: int, *, backwards: bool = False) -> Iterator[Any]:
        """The states from number ``first`` up to ``last``, ``size`` at a time."""
        begins = range(first, last, size)
        for begin in reversed(begins) if backwards else begins:
            yield self.read(begin, min(last, begin + size))


def roomy_directory() -> str:
    """Where a large file may lie for a while: where the user says, or else rather on a disk than in memory."""
    if "TMPDIR" in os.environ:
        return tempfile.gettempdir()
    lasting = Path("/var/tmp")  # noqa: S108, the file has no name there
    return str(lasting) if os.access(lasting, os.W_OK) else tempfile.gettempdir()
