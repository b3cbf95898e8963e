"""Questions to the graph of a state space: what can still reach a goal, what may keep it from that, and where deliveries go round for ever."""

from __future__ import annotations

from itertools import chain, pairwise
from typing import TYPE_CHECKING

from checker.patience import pause

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    import networkx as nx

    from checker.model.expansion import Expansion
    from checker.model.vocabulary import State, Step
    from checker.reference.space import StateSpace


def first_doomed(space: StateSpace, goals: Sequence[State]) -> State | None:
    """The first state from which no goal can be reached; ``None`` if there is no such state.

    A state that was not expanded may lead anywhere, so what reaches one is not doomed:
    the answer is certain in a cut space as well.
    """
    import networkx as nx  # noqa: PLC0415, so that only those who ask pay for the import

    sources = [*goals, *space.order[space.expanded :]]
    hopeful: set[State] = set()
    for layer in nx.bfs_layers(space.graph.reverse(copy=False), sources):
        pause(len(layer))
        hopeful.update(layer)
    return next((state for state in space.order if state not in hopeful), None)


#: In how many states bounds are looked for that may keep a state from a goal, at most.
MOST_LOOKED_AT = 50_000


def bounds_behind(
    start: State, expand: Callable[[State], Expansion], reached: Sequence[str], most: int | None = None
) -> tuple[str, ...]:
    """The bounds that may be why no goal can be reached from a state; none if that is so whatever the bounds are.

    A bound that disables no step in any state that can be reached from ``start`` has nothing to do with it: without it the
    same states would be reached from there. So these are the bounds, but for budgets, that are in the way in the nearest
    state where any are. ``reached`` are those that are in the way anywhere. They are the answer where more than ``most``
    states would have to be looked at: it may be too many, never too few.
    """
    if not reached:
        return ()
    most = MOST_LOOKED_AT if most is None else most
    waiting, known = [start], {start}
    for state in waiting:  # which grows
        pause()
        found = expand(state)
        if found.blocked_by:
            return found.blocked_by
        for step in found.steps:
            if step.after not in known:
                known.add(step.after)
                waiting.append(step.after)
        if len(waiting) > most:
            return tuple(reached)
    return ()


def first_delivery_cycle(space: StateSpace) -> tuple[State, tuple[Step, ...]] | None:
    """Where the shortest run begins its cycle that ends in a cycle of deliveries alone, and that cycle, if there is one."""
    steps = chain.from_iterable(found.steps for found in space.expansions)
    depths = dict(zip(space.order, space.depths, strict=True))
    return delivery_cycle(depths, (step for step in steps if step.label.kind == "deliver"))


def delivery_cycle(
    depths: Mapping[State, int], steps: Iterable[Step]
) -> tuple[State, tuple[Step, ...]] | None:
    """The state at which the shortest way in and once round a cycle of these deliveries enters it, and the cycle.

    Args:
        depths: the distance of each state from the initial states, the nearest first.
        steps: deliveries between them.

    Returns:
        Of several that are as short the one whose state comes first; ``None`` if the deliveries have no cycle.
    """
    import networkx as nx  # noqa: PLC0415, so that only those who ask pay for the import

    deliveries: nx.DiGraph[State] = nx.DiGraph()
    for step in steps:
        pause()
        if not deliveries.has_edge(step.before, step.after):
            deliveries.add_edge(step.before, step.after, step=step)
    rings: dict[State, int] = {}
    for number, component in enumerate(nx.strongly_connected_components(deliveries)):
        rings |= dict.fromkeys(component, number)
    found: list[State] = []
    shortest: int | None = None
    for start in (state for state in depths if state in rings):
        # A cycle from here has one step at least; those that come later lie no nearer.
        most = None if shortest is None else shortest - depths[start] - 1
        if most is not None and most < 1:
            break
        cycle = _cycle(deliveries, rings, start, most)
        if cycle:
            found, shortest = cycle, depths[start] + len(cycle) - 1
    return (found[0], tuple(deliveries.edges[edge]["step"] for edge in pairwise(found))) if found else None


def _cycle(
    graph: nx.DiGraph[State], rings: Mapping[State, int], start: State, most: int | None
) -> list[State]:
    """The states of a shortest cycle from a state back to it, of at most so many steps; empty if there is none.

    ``rings`` tells the strongly connected component of each state, which no cycle leaves.
    """
    came_from: dict[State, State] = {}
    layer, length = [start], 0
    while layer and (most is None or length < most):
        length += 1
        reached = []
        for state in layer:
            pause()
            for after in graph.successors(state):
                if after == start:
                    back = [start, state]
                    while back[-1] != start:
                        back.append(came_from[back[-1]])
                    return back[::-1]
                if after not in came_from and rings[after] == rings[start]:
                    came_from[after] = state
                    reached.append(after)
        layer = reached
    return []
