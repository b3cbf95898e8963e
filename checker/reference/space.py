"""What an exploration established: the states, the steps between them, and how far that goes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    import networkx as nx

    from checker.model.channel import Channel
    from checker.model.expansion import Expansion, Unanswered
    from checker.model.vocabulary import State, Step


@dataclass(frozen=True, eq=False, repr=False)
class StateSpace:
    """The reachable states of a system, or those that were found before the exploration was cut.

    ``graph`` is the record, into which the system was explored; everything else is read from it.
    Its nodes are the states in breadth-first order, the initial ones first, each with these attributes:

    - ``number``: its place in that order;
    - ``depth``: its distance from the initial states;
    - ``reached_by``: the step by which it was first reached, ``None`` for an initial state;
    - ``expansion``: its steps in the order of exploration, the bounds reached and the receptions unanswered;
      ``None`` if it was not expanded. The states expanded are always the first in breadth-first order.

    Its edges are the steps of the states expanded, with the label as key and the step itself as ``step``.

    ``stopped_because`` is ``None`` if the space is complete: every state found was expanded.
    ``channels`` are those of the system, empty if it does not tell.
    ``observed`` is whether the system reports bounds reached and receptions unanswered.
    """

    graph: nx.MultiDiGraph[State]
    stopped_because: str | None = None
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
        return len(self.graph)

    @cached_property
    def steps(self) -> int:
        """The number of distinct steps, that is of pairs of a state and a label."""
        return self.graph.number_of_edges()

    @cached_property
    def order(self) -> tuple[State, ...]:
        """The states in breadth-first order."""
        return tuple(self.graph)

    @cached_property
    def initials(self) -> tuple[State, ...]:
        """The initial states, each once."""
        return tuple(state for state, node in self.graph.nodes.items() if node["reached_by"] is None)

    @cached_property
    def depths(self) -> tuple[int, ...]:
        """The distance of each state from the initial states, in the order of ``order``."""
        return tuple(node["depth"] for node in self.graph.nodes.values())

    @property
    def depth(self) -> int:
        """The largest distance from the initial states to a state found; complete, it is their eccentricity."""
        return self.depths[-1]

    @cached_property
    def expansions(self) -> tuple[Expansion, ...]:
        """What was found in each state that was expanded, in the order of ``order``."""
        found = (node["expansion"] for node in self.graph.nodes.values())
        return tuple(expansion for expansion in found if expansion is not None)

    @property
    def expanded(self) -> int:
        """The number of states that were expanded: the first so many of ``order``."""
        return len(self.expansions)

    @property
    def expanded_depth(self) -> int:
        """The deepest level of which every state was expanded; -1 if there is none."""
        return self.depth if self.complete else self.depths[self.expanded] - 1

    @cached_property
    def bounds_reached(self) -> tuple[str, ...]:
        """The names of the bounds that disabled a step, sorted."""
        return tuple(sorted({bound for found in self.expansions for bound in found.bounds_reached}))

    @cached_property
    def unanswered(self) -> Mapping[Unanswered, State]:
        """For every unspecified reception the first state in which it was met, the nearest first.

        It means something only if the system reports such things (``observed``).
        """
        first: dict[Unanswered, State] = {}
        for state, found in zip(self.order, self.expansions, strict=False):
            for reception in found.unanswered:
                first.setdefault(reception, state)
        return first

    @cached_property
    def terminals(self) -> tuple[State, ...]:
        """The expanded states without steps, in breadth-first order."""
        return tuple(
            state for state, found in zip(self.order, self.expansions, strict=False) if not found.steps
        )

    @property
    def blocked_terminals(self) -> int:
        """How many of ``terminals`` are states where a bound that is no budget is in the way of a step."""
        return sum(not found.steps and bool(found.blocked_by) for found in self.expansions)

    def steps_from(self, state: State) -> tuple[Step, ...]:
        """The steps of a state, in the order of exploration; empty also if the state was not expanded.

        Raises:
            KeyError: the state was not found.
        """
        found: Expansion | None = self.graph.nodes[state]["expansion"]
        return () if found is None else found.steps

    def path_to(self, state: State) -> tuple[Step, ...]:
        """A shortest path to a state from an initial state: the one by which it was first reached.

        Raises:
            KeyError: the state was not found.
        """
        path: list[Step] = []
        step: Step | None = self.graph.nodes[state]["reached_by"]
        while step is not None:
            path.append(step)
            step = self.graph.nodes[step.before]["reached_by"]
        return tuple(reversed(path))
