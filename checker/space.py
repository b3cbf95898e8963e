"""What an exploration established: the states, the steps between them, and how far that goes."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    import networkx as nx

    from checker.channel import Channel
    from checker.expansion import Unanswered
    from checker.model import State, Step


class Expanded(NamedTuple):
    """The steps of one expanded state, and the number of the state each leads to.

    States are numbered in the order in which they were found: breadth-first, initial states first.
    """

    steps: tuple[Step, ...]
    targets: tuple[int, ...]


@dataclass(frozen=True, eq=False, repr=False)
class StateSpace:
    """The reachable states of a system, or those that were found before the exploration was cut.

    The states expanded are always the first in breadth-first order; ``rows`` has one entry for each.
    ``stopped_because`` is ``None`` if the space is complete: every state found was expanded.
    ``bounds_reached`` are the names of the bounds that disabled a step, sorted.
    ``unanswered`` has for every unspecified reception the first state in which it was met;
    it means something only if the system reports such things (``observed``).
    ``channels`` are those of the system, empty if it does not tell.
    """

    initials: tuple[State, ...]
    rows: tuple[Expanded, ...]
    stopped_because: str | None = None
    bounds_reached: tuple[str, ...] = ()
    unanswered: Mapping[Unanswered, State] = field(default_factory=dict)
    channels: tuple[Channel, ...] = ()
    observed: bool = True

    def __repr__(self) -> str:
        """Say how large the space is."""
        counts = f"states={self.states}, steps={self.steps}, depth={self.depth}"
        return f"StateSpace({counts}, complete={self.complete})"

    @property
    def complete(self) -> bool:
        """Whether every reachable state was found and expanded."""
        return self.stopped_because is None

    @property
    def states(self) -> int:
        """The number of distinct states found, the initial ones included."""
        return len(self.order)

    @cached_property
    def steps(self) -> int:
        """The number of distinct steps, that is of pairs of a state and a label."""
        return sum(len(row.steps) for row in self.rows)

    @property
    def depth(self) -> int:
        """The largest distance from the initial states to a state found; complete, it is their eccentricity."""
        return self.depths[-1]

    @property
    def expanded(self) -> int:
        """The number of states that were expanded: the first so many of ``order``."""
        return len(self.rows)

    @property
    def expanded_depth(self) -> int:
        """The deepest level of which every state was expanded; -1 if there is none."""
        return self.depth if self.expanded == self.states else self.depths[self.expanded] - 1

    @property
    def order(self) -> tuple[State, ...]:
        """The states in breadth-first order; their place in it is their number."""
        return self._tree[0]

    @property
    def depths(self) -> tuple[int, ...]:
        """The distance of each state from the initial states, in the order of ``order``."""
        return self._tree[1]

    @property
    def parents(self) -> tuple[tuple[int, Step] | None, ...]:
        """For each state in ``order`` the number of its predecessor in the breadth-first tree and the step from it.

        ``None`` for the initial states.
        """
        return self._tree[2]

    @cached_property
    def _tree(self) -> tuple[tuple[State, ...], tuple[int, ...], tuple[tuple[int, Step] | None, ...]]:
        order = list(self.initials)
        depths = [0] * len(order)
        parents: list[tuple[int, Step] | None] = [None] * len(order)
        for number, row in enumerate(self.rows):
            for step, target in zip(row.steps, row.targets, strict=True):
                if target == len(order):
                    order.append(step.after)
                    depths.append(depths[number] + 1)
                    parents.append((number, step))
        return tuple(order), tuple(depths), tuple(parents)

    @cached_property
    def _numbers(self) -> dict[State, int]:
        return {state: number for number, state in enumerate(self.order)}

    def number_of(self, state: State) -> int:
        """The place of a state in ``order``.

        Raises:
            KeyError: the state was not found.
        """
        return self._numbers[state]

    def steps_from(self, state: State) -> tuple[Step, ...]:
        """The steps of a state; empty also if the state was not expanded.

        Raises:
            KeyError: the state was not found.
        """
        number = self.number_of(state)
        return self.rows[number].steps if number < self.expanded else ()

    def path_to(self, state: State) -> tuple[Step, ...]:
        """A shortest path to a state from an initial state: the one of the breadth-first tree.

        Raises:
            KeyError: the state was not found.
        """
        return self.path_to_number(self.number_of(state))

    def path_to_number(self, number: int) -> tuple[Step, ...]:
        """A shortest path to a state known by its number."""
        path: list[Step] = []
        parent = self.parents[number]
        while parent is not None:
            number, step = parent
            path.append(step)
            parent = self.parents[number]
        return tuple(reversed(path))

    @cached_property
    def terminals(self) -> tuple[State, ...]:
        """The expanded states without steps, in breadth-first order."""
        return tuple(state for state, row in zip(self.order, self.rows, strict=False) if not row.steps)

    @cached_property
    def graph(self) -> nx.MultiDiGraph[State]:
        """The space as a networkx graph, built when first asked for.

        The nodes are the states, in breadth-first order, with their ``depth`` and whether they were ``expanded``;
        the edges have the label of the step as key, and the step itself as ``step``.
        """
        import networkx as nx  # noqa: PLC0415, only those who ask for the graph pay for the import

        graph: nx.MultiDiGraph[State] = nx.MultiDiGraph()
        for number, (state, depth) in enumerate(zip(self.order, self.depths, strict=True)):
            graph.add_node(state, depth=depth, expanded=number < self.expanded)
        for row in self.rows:
            for step in row.steps:
                graph.add_edge(step.before, step.after, key=step.label, step=step)
        return graph
