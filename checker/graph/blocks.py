"""Rows that come in blocks, put together into the arrays of a graph."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from checker.graph.arrays import np
from checker.graph.rows import Rows

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

#: How much more room is taken when an array is full. A large array moves without being copied, so that growing costs
#: little time; but what is added is written to, so that it takes memory, if only until the array is done.
GROWTH = 1.25


class Growing:
    """A vector to which others are added; ``room`` is for how many at first, which are not touched before they are used."""

    def __init__(self, dtype: Any, room: int | None = None) -> None:
        self._data: NDArray[Any] = np.empty(1 << 10 if room is None else room, dtype)
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def add(self, values: NDArray[Any]) -> None:
        """Add some at the end."""
        needed = self._count + len(values)
        if needed > len(self._data):
            self._data.resize(max(needed, int(GROWTH * len(self._data))), refcheck=False)
        self._data[self._count : needed] = values
        self._count = needed

    def done(self) -> NDArray[Any]:
        """What was added; nothing may be added any more."""
        self._data.resize(self._count, refcheck=False)
        return self._data


class Block(NamedTuple):
    """The steps of some states that follow each other: how many each has, where they lead, and their labels."""

    first: int
    sizes: NDArray[Any]
    targets: NDArray[Any]
    labels: NDArray[Any]


class Gathered(NamedTuple):
    """The rows of all states, the label of each step, and how many states had a row."""

    rows: Rows
    labels: NDArray[np.int32]
    expanded: int


def gathered(
    states: int,
    labels: int,
    blocks: Iterable[tuple[int, NDArray[Any], NDArray[Any], NDArray[Any]]],
    steps: int | None = None,
) -> Gathered:
    """Put the blocks together; ``states`` and ``labels`` are how many there are, ``steps`` how many are expected.

    Raises:
        ValueError: the blocks leave a gap, do not agree in their lengths, or name what is not there.
    """
    sizes = Growing(np.int64, states)
    targets = Growing(np.int32 if states < 2**31 else np.int64, steps)
    numbers = Growing(np.int32, steps)
    for block in map(Block._make, blocks):
        if block.first != len(sizes):
            raise ValueError(f"a block begins with state {block.first}, where state {len(sizes)} should come")
        _check(block, states, labels)
        sizes.add(block.sizes)
        targets.add(block.targets)
        numbers.add(block.labels)
    expanded = len(sizes)
    if expanded > states:
        raise ValueError(f"there are rows for {expanded} states, and {states} states")
    indptr = np.zeros(states + 1, np.int64)
    np.cumsum(sizes.done(), out=indptr[1 : expanded + 1])
    indptr[expanded + 1 :] = indptr[expanded]
    return Gathered(Rows(indptr, targets.done()), numbers.done(), expanded)


def _check(block: Block, states: int, labels: int) -> None:
    if not int(block.sizes.sum()) == len(block.targets) == len(block.labels):
        raise ValueError(f"the block from state {block.first} on has arrays that do not fit together")
    for what, given, most in (("state", block.targets, states), ("label", block.labels, labels)):
        if len(given) and not (given.min() >= 0 and given.max() < most):
            raise ValueError(f"the block from state {block.first} on names a {what} that is not there")
