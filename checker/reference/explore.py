"""The reference engine: breadth-first search into a networkx graph, short and plain.

The whole space is explored, whatever is found in it: every property is then a question to the graph.
Breadth-first order makes the paths shortest, and the fixed order of the steps of a state makes them the same each time.
"""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

from checker.limits import Limits, Watch
from checker.model.expansion import Observed, expander
from checker.model.vocabulary import Step
from checker.patience import GivenUpError, asking
from checker.reference.space import StateSpace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import networkx as nx

    from checker.limits import Progress
    from checker.model.expansion import Expansion
    from checker.model.vocabulary import State, TransitionSystem

NO_LIMITS = Limits()


def explore(
    system: TransitionSystem,
    limits: Limits = NO_LIMITS,
    *,
    stop_when: Callable[[State, Expansion], bool] | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    look: Callable[[State, Expansion], None] | None = None,
) -> StateSpace:
    """Explore what is reachable from the initial states of the system.

    ``stop_when`` is asked about every state that was expanded, with what was found there;
    the exploration ends when it says yes. ``on_progress`` is called about twice a second, ``look`` for every state that is
    expanded, before it counts as that. The limits hold within what processes, restrictions and these functions do, as far
    as they say ``pause()``.
    A ``KeyboardInterrupt`` ends the exploration too: the states expanded until then are the result.
    The space then says why it is not complete in ``stopped_because``: ``"state limit"``, ``"time limit"``,
    ``"memory limit"``, ``"stop condition"`` or ``"interrupted"``.

    Raises:
        ValueError: the system has no initial state, or gives a state steps that begin elsewhere or share a label.
    """
    expand = expander(system)
    initials = tuple(dict.fromkeys(system.initials))
    if not initials:
        raise ValueError("a system needs at least one initial state")
    search = _Search(initials)
    stopped: str | None
    # What is recorded stays; looking for garbage in it, again and again, would take as long as the search itself.
    was_collecting = gc.isenabled()
    gc.disable()
    try:
        stopped = search.run(expand, limits, Watch(limits, on_progress), stop_when, look)
    except KeyboardInterrupt:
        stopped = "interrupted"
        search = search.without_the_unfinished()
    finally:
        if was_collecting:
            gc.enable()
    return StateSpace(
        search.graph,
        # The last state may have been expanded just before the search was stopped.
        None if search.is_complete() else stopped,
        tuple(getattr(system, "channels", ())),
        isinstance(system, Observed),
    )


class _Search:
    """The search so far: the graph that ``StateSpace`` describes, its states as a list to be walked along.

    ``levels`` has the number of states found at each depth.
    """

    def __init__(self, initials: Iterable[State]) -> None:
        import networkx as nx  # noqa: PLC0415, so that only those who explore pay for the import

        self.graph: nx.MultiDiGraph[State] = nx.MultiDiGraph()
        self.order: list[State] = []
        self.levels: list[int] = []
        for state in initials:
            self._find(state, 0, None)

    def run(
        self,
        expand: Callable[[State], Expansion],
        limits: Limits,
        watch: Watch,
        stop_when: Callable[[State, Expansion], bool] | None,
        look: Callable[[State, Expansion], None] | None,
    ) -> str | None:
        """Expand one state after the other; why the search stopped, if it was before the end."""
        steps = depth = expanded = 0

        def give_up() -> None:
            reason = watch.look(len(self.order), steps, depth, len(self.order) - expanded, self.levels)
            if reason is not None:
                raise GivenUpError(reason)

        try:
            with asking(give_up):
                for state in self.order:  # which grows meanwhile
                    depth = self.graph.nodes[state]["depth"]
                    give_up()
                    expansion = expand(state)
                    new = {step.after for step in expansion.steps if step.after not in self.graph}
                    if limits.states is not None and len(self.order) + len(new) > limits.states:
                        return "state limit"
                    if look is not None:
                        look(state, expansion)
                    self._record(state, expansion)
                    steps += len(expansion.steps)
                    expanded += 1
                    if stop_when is not None and stop_when(state, expansion):
                        return "stop condition"
        except (
            GivenUpError
        ) as end:  # between two states, or while one was expanded that does not count as that
            return end.reason
        return None

    def _record(self, state: State, expansion: Expansion) -> None:
        """Add the steps of a state, and the states that are new; the state counts as expanded in the end."""
        node = self.graph.nodes[state]
        steps: list[Step] = []
        for step in expansion.steps:
            if step.after not in self.graph:
                self._find(step.after, node["depth"] + 1, step)
            # All steps to a state share one object: equal states would cost more memory than the steps themselves.
            after = self.order[self.graph.nodes[step.after]["number"]]
            shared = step if step.after is after else Step(step.before, step.label, step.outcome, after)
            self.graph.add_edge(state, after, key=step.label, step=shared)
            steps.append(shared)
        node["expansion"] = expansion._replace(steps=tuple(steps))

    def _find(self, state: State, depth: int, reached_by: Step | None) -> None:
        self.graph.add_node(state, number=len(self.order), depth=depth, reached_by=reached_by, expansion=None)
        self.order.append(state)
        if depth == len(self.levels):
            self.levels.append(0)
        self.levels[depth] += 1

    def without_the_unfinished(self) -> _Search:
        """The same search, made anew from the states expanded.

        An interruption may come in the middle of networkx's own bookkeeping, where nothing can be taken back any more.
        """
        nodes = self.graph.nodes
        again = _Search(state for state in self.order if nodes[state]["reached_by"] is None)
        for state in self.order:
            if nodes[state]["expansion"] is not None:
                again._record(state, nodes[state]["expansion"])
        return again

    def is_complete(self) -> bool:
        """Whether nothing is left to expand."""
        return self.graph.nodes[self.order[-1]]["expansion"] is not None
