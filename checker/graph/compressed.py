"""A state space as plain arrays, for spaces too large for a networkx graph, and what scipy answers about it.

The rows are compressed as in Saad, "Iterative methods for sparse linear systems", section 3.4: the steps of one state
stand side by side. A step takes eight octets where networkx takes some hundreds, and a million states fit easily.

This module needs numpy and scipy: ``pip install 'tcpfsm[graph]'``.
"""

from __future__ import annotations

from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from checker.graph.arrays import np
from checker.graph.blocks import gathered
from checker.graph.condensation import Condensation, condensed
from checker.graph.networkx_graph import networkx_graph
from checker.graph.rows import Rows, simplified, walk
from checker.graph.step_arrays import Arc, StepArrays

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    import networkx as nx
    from numpy.typing import NDArray

    from checker.model.expansion import Expansion
    from checker.model.vocabulary import Label, State
    from checker.reference.space import StateSpace

#: The most states of which a networkx graph is made without being told to: some 4 kB each.
MOST_NODES = 200_000


class CompressedGraph(StepArrays):
    """A state space as the arrays that ``StepArrays`` describes, with the questions that scipy answers.

    What is asked of states is answered with their numbers; ``state`` says what a number stands for.
    """

    @classmethod
    def from_rows(
        cls,
        count: int,
        blocks: Iterable[tuple[int, NDArray[Any], NDArray[Any], NDArray[Any]]],
        labels: Sequence[Label],
        decode: Callable[[int], State],
        *,
        initials: int = 1,
        expand: Callable[[State], Expansion] | None = None,
        steps: int | None = None,
    ) -> CompressedGraph:
        """Take in the steps of ``count`` states, which come in blocks, in breadth-first order.

        A block is ``(first, sizes, targets, labels)``: of k states from ``first`` on, how many steps each has, int[k],
        and of these steps, row by row, where they lead and their labels. The states behind the last block were not
        expanded. ``labels`` are what the numbers of labels stand for, ``decode`` says what a number of a state stands
        for, and ``expand``, which only ``to_networkx`` needs, finds the steps of a state once more. ``steps`` is how many
        there will be, if that is known: the arrays then take no more memory while they are made.

        Raises:
            ValueError: the blocks leave a gap, do not agree in their lengths, or name what is not there.
        """
        found = gathered(count, len(labels), blocks, steps)
        return cls(
            found.rows, found.labels, labels, decode, expanded=found.expanded, initials=initials, expand=expand
        )  # fmt: skip

    @classmethod
    def from_space(cls, space: StateSpace) -> CompressedGraph:
        """Make the arrays of a space that the reference engine explored."""
        nodes = space.graph.nodes
        known: dict[Label, int] = {}
        found = [
            (nodes[step.after]["number"], known.setdefault(step.label, len(known)))
            for expansion in space.expansions
            for step in expansion.steps
        ]
        sizes = np.array([len(expansion.steps) for expansion in space.expansions], np.int64)
        table = np.array(found, np.int64).reshape(-1, 2)

        def expand(state: State) -> Expansion:
            expansion: Expansion = nodes[state]["expansion"]
            return expansion

        return cls.from_rows(
            space.states, [(0, sizes, table[:, 0], table[:, 1])], tuple(known), space.order.__getitem__,
            initials=len(space.initials), expand=expand,
        )  # fmt: skip

    def __repr__(self) -> str:
        return f"CompressedGraph(states={len(self)}, steps={self.steps}, depth={self.depth}, complete={self.complete})"

    @cached_property
    def _simple(self) -> Rows:
        """The pairs of states that a step leads between, each once: scipy takes parallel edges amiss."""
        return simplified(Rows(self.indptr, self.targets))

    def condensation(self) -> Condensation:
        """The strongly connected components, and the graph that they make.

        Raises:
            ValueError: there are more edges than scipy can count, 2**31 - 1.
        """
        return condensed(self._simple)

    def shortest_path(self, source: int, target: int) -> tuple[Arc, ...] | None:
        """A shortest path: its steps, or ``None`` if there is none.

        From the one initial state it is the path by which the state was first reached.

        Raises:
            IndexError: there is no such state.
            ValueError: there are more edges than scipy can count.
        """
        begin, end = self._checked(source), self._checked(target)
        _, parents = walk(self._simple, begin)
        path = [end]
        while path[-1] != begin:
            path.append(int(parents[path[-1]]))
            if path[-1] < 0:
                return None
        return tuple(
            next(arc for arc in self[before] if arc.after == after)
            for before, after in pairwise(reversed(path))
        )

    def reachable(self, sources: int | Iterable[int]) -> NDArray[np.int64]:
        """The states that can be reached from one of these, which are among them, in order.

        Raises:
            IndexError: there is no such state.
            ValueError: there are more edges than scipy can count.
        """
        return self._found(self._simple, sources)

    def reaching(self, targets: int | Iterable[int]) -> NDArray[np.int64]:
        """The states from which one of these can be reached, which are among them, in order.

        Raises:
            IndexError: there is no such state.
            ValueError: there are more edges than scipy can count.
        """
        return self._found(self._simple.reversed(), targets)

    def _found(self, rows: Rows, start: int | Iterable[int]) -> NDArray[np.int64]:
        numbers = [start] if isinstance(start, int | np.integer) else list(start)
        given = np.unique(np.asarray(numbers, np.int64))
        if len(given):
            self._checked(given[0])
            self._checked(given[-1])
        # One state more, which leads to all of these, so that a single walk is enough.
        order, _ = walk(rows.with_root(given), len(self))
        return np.sort(order[1:]).astype(np.int64)

    # ---- networkx ----------------------------------------------------------------------------------------------------

    def to_networkx(self, most: int | None = MOST_NODES) -> nx.MultiDiGraph[State]:
        """The same graph as ``StateSpace`` has in ``graph``: states as nodes, labels as keys of edges.

        Nodes have ``number``, ``depth``, ``reached_by`` and ``expansion``, edges have ``step``.

        Raises:
            ValueError: there are more states than ``most``; or nothing was given that expands a state.
            RuntimeError: a state has other steps now than when it was explored.
        """
        if most is not None and len(self) > most:
            raise ValueError(
                f"a networkx graph of {len(self):,} states would take some {4 * len(self) / 2**20:,.1f} GB; "
                "ask this graph itself, take a quotient, or pass most=None"
            )
        if self._expand is None:
            raise ValueError("this graph was made without expand, so what its steps do is not known")
        return networkx_graph(self, self._expand)


__all__ = ["Arc", "CompressedGraph"]
