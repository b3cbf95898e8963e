"""Two questions to the graph of a state space: what can still reach a goal, and where deliveries go round for ever."""

from __future__ import annotations

from itertools import chain, pairwise
from typing import TYPE_CHECKING

from checker.patience import pause

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from checker.model import State, Step
    from checker.space import StateSpace


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


def first_delivery_cycle(space: StateSpace) -> tuple[State, tuple[Step, ...]] | None:
    """The nearest state that deliveries alone can lead back to, and a shortest such cycle; ``None`` if there is none."""
    steps = chain.from_iterable(found.steps for found in space.expansions)
    return delivery_cycle(space.order, (step for step in steps if step.label.kind == "deliver"))


def delivery_cycle(order: Iterable[State], steps: Iterable[Step]) -> tuple[State, tuple[Step, ...]] | None:
    """The first state in this order that these deliveries can lead back to, and a shortest such cycle, if there is one."""
    import networkx as nx  # noqa: PLC0415, so that only those who ask pay for the import

    deliveries: nx.DiGraph[State] = nx.DiGraph()
    for step in steps:
        pause()
        if not deliveries.has_edge(step.before, step.after):
            deliveries.add_edge(step.before, step.after, step=step)
    cyclic = {
        state
        for component in nx.strongly_connected_components(deliveries)
        for state in component
        if len(component) > 1 or deliveries.has_edge(state, state)
    }
    start = next((state for state in order if state in cyclic), None)
    if start is None:
        return None
    # The states from which deliveries lead on, nearest first; the first one that leads back closes a shortest cycle.
    tree = nx.bfs_tree(deliveries, start)
    last = next(state for state in tree if deliveries.has_edge(state, start))
    cycle = [*nx.shortest_path(tree, start, last), start]
    return start, tuple(deliveries.edges[edge]["step"] for edge in pairwise(cycle))
