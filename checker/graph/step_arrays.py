"""States by number, and the steps between them as arrays."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from checker.graph.arrays import np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from checker.graph.rows import Rows
    from checker.model.expansion import Expansion
    from checker.model.vocabulary import Label, State


class Arc(NamedTuple):
    """A step, by the numbers of its states."""

    before: int
    label: Label
    after: int


class StepArrays:
    """The reachable states of a system, by number in breadth-first order, and the steps between them, as arrays.

    With n states and m steps, the arrays, which nobody should change, are

    ==================  ==============  =================================================================
    ``indptr``          int64[n + 1]    the steps of state i are those from ``indptr[i]`` to ``indptr[i + 1]``,
                                        in the order of exploration
    ``targets``         int32[m]        the state that each step leads to (int64 from 2**31 states on)
    ``labels``          int32[m]        the label of each step, as a place in ``label_values``
    ``levels``          int64[d + 2]    the states of depth i are those from ``levels[i]`` to ``levels[i + 1]``
    ==================  ==============  =================================================================

    Steps with the same ends and different labels are all there. ``expanded`` is how many states were expanded: the
    first so many; fewer than n only where the exploration was cut. The first ``initials`` states are the initial ones.
    What is asked of states is answered with their numbers; ``state`` says what a number stands for.
    """

    def __init__(
        self,
        rows: Rows,
        labels: NDArray[np.int32],
        label_values: Sequence[Label],
        decode: Callable[[int], State],
        *,
        expanded: int | None = None,
        initials: int = 1,
        expand: Callable[[State], Expansion] | None = None,
    ) -> None:
        self.indptr, self.targets = rows
        self.labels = labels
        self.label_values = tuple(label_values)
        self.expanded = len(self) if expanded is None else expanded
        self.initials = initials
        self._decode = decode
        self._expand = expand

    # ---- states and steps --------------------------------------------------------------------------------------------

    def __len__(self) -> int:
        """The number of states."""
        return len(self.indptr) - 1

    @property
    def steps(self) -> int:
        """The number of steps, that is of pairs of a state and a label."""
        return len(self.targets)

    @property
    def complete(self) -> bool:
        """Whether every state found was expanded."""
        return self.expanded == len(self)

    def state(self, number: int) -> State:
        """What a number stands for.

        Raises:
            IndexError: there is no such state.
        """
        return self._decode(self._checked(number))

    def __getitem__(self, number: int) -> tuple[Arc, ...]:
        """The steps of a state, in the order of exploration; none also if it was not expanded.

        Raises:
            IndexError: there is no such state.
        """
        at = self._checked(number)
        row = slice(int(self.indptr[at]), int(self.indptr[at + 1]))
        pairs = zip(self.labels[row].tolist(), self.targets[row].tolist(), strict=True)
        return tuple(Arc(at, self.label_values[label], target) for label, target in pairs)

    def __iter__(self) -> Iterator[int]:
        """The numbers of the states."""
        return iter(range(len(self)))

    def _checked(self, number: int) -> int:
        at = int(number)
        if not 0 <= at < len(self):
            raise IndexError(f"there is no state {number}: they count from 0 to {len(self) - 1}")
        return at

    # ---- levels ------------------------------------------------------------------------------------------------------

    @cached_property
    def levels(self) -> NDArray[np.int64]:
        """Where each level begins, and where the last ends: int64[depth + 2]."""
        begins = [0, self.initials]
        while begins[-1] < len(self):
            row = self.targets[self.indptr[begins[-2]] : self.indptr[begins[-1]]]
            farthest = int(row.max()) + 1 if len(row) else 0
            if farthest <= begins[-1]:
                raise ValueError(
                    f"state {begins[-1]} is not in breadth-first order: no state before it leads there"
                )
            begins.append(farthest)
        return np.array(begins, np.int64)

    @property
    def depth(self) -> int:
        """The largest distance of a state from the initial ones."""
        return len(self.levels) - 2

    def depths(self) -> NDArray[np.int32]:
        """The distance of each state from the initial ones: int32[n]."""
        return np.repeat(np.arange(len(self.levels) - 1, dtype=np.int32), np.diff(self.levels))

    # ---- degrees -----------------------------------------------------------------------------------------------------

    def out_degrees(self) -> NDArray[np.int64]:
        """How many steps lead from each state: int64[n]."""
        return np.diff(self.indptr)

    def in_degrees(self) -> NDArray[np.int64]:
        """How many steps lead to each state: int64[n]."""
        return np.bincount(self.targets, minlength=len(self)).astype(np.int64, copy=False)

    def terminals(self) -> NDArray[np.int64]:
        """The states that were expanded and have no steps, in order."""
        return np.flatnonzero(self.out_degrees()[: self.expanded] == 0)
