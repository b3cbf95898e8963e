"""Two questions to the graph of a state space: what can still reach a goal, and where deliveries go round for ever.

States are known by their numbers in breadth-first order.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import networkx as nx

    from checker.model import Step
    from checker.space import StateSpace


def first_doomed(space: StateSpace, goals: bytearray) -> int | None:
    """The first state from which no goal can be reached; ``None`` if there is no such state.

    A state that was not expanded may lead anywhere, so what reaches one is not doomed:
    the answer is certain in a cut space as well.
    """
    predecessors: list[list[int]] = [[] for _ in range(space.states)]
    for number, row in enumerate(space.rows):
        for target in row.targets:
            predecessors[target].append(number)
    hopeful = bytearray(goals)
    hopeful[space.expanded :] = b"\x01" * (space.states - space.expanded)
    waiting = deque(number for number, is_hopeful in enumerate(hopeful) if is_hopeful)
    while waiting:
        for number in predecessors[waiting.popleft()]:
            if not hopeful[number]:
                hopeful[number] = 1
                waiting.append(number)
    doomed = hopeful.find(0)
    return None if doomed < 0 else doomed


def first_delivery_cycle(space: StateSpace) -> tuple[int, tuple[Step, ...]] | None:
    """The nearest state that deliveries alone can lead back to, and a shortest such cycle; ``None`` if there is none."""
    import networkx as nx  # noqa: PLC0415, only those who ask pay for the import

    deliveries: nx.DiGraph[int] = nx.DiGraph()
    for number, row in enumerate(space.rows):
        deliveries.add_edges_from(
            (number, target)
            for step, target in zip(row.steps, row.targets, strict=True)
            if step.label.kind == "deliver"
        )
    cyclic = [
        min(component)
        for component in nx.strongly_connected_components(deliveries)
        if len(component) > 1 or any(deliveries.has_edge(number, number) for number in component)
    ]
    if not cyclic:
        return None
    nearest = min(cyclic)
    return nearest, _shortest_cycle(space, nearest)


def _shortest_cycle(space: StateSpace, start: int) -> tuple[Step, ...]:
    """A shortest cycle of deliveries through ``start``, which must be on one: breadth-first until it closes."""
    reached_by: dict[int, tuple[int, Step]] = {}
    waiting = deque([start])
    while start not in reached_by:
        number = waiting.popleft()
        if number >= space.expanded:
            continue
        row = space.rows[number]
        for step, target in zip(row.steps, row.targets, strict=True):
            if step.label.kind == "deliver" and target not in reached_by:
                reached_by[target] = (number, step)
                waiting.append(target)
    cycle: list[Step] = []
    number = start
    while not cycle or number != start:
        number, step = reached_by[number]
        cycle.append(step)
    return tuple(reversed(cycle))
