"""The networkx graph of a state space that was kept as arrays: the one that the reference engine makes."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    import networkx as nx

    from checker.graph.step_arrays import StepArrays
    from checker.model.expansion import Expansion
    from checker.model.vocabulary import State


def networkx_graph(compressed: StepArrays, expand: Callable[[State], Expansion]) -> nx.MultiDiGraph[State]:
    """Make the graph that ``StateSpace.graph`` describes; ``expand`` finds the steps of a state once more.

    Raises:
        RuntimeError: a state has other steps now than when it was explored.
    """
    import networkx as nx  # noqa: PLC0415, so that only those who ask pay for the import

    graph: nx.MultiDiGraph[State] = nx.MultiDiGraph()
    states = [compressed.state(number) for number in compressed]
    depths = compressed.depths().tolist()
    for number, state in enumerate(states):
        graph.add_node(state, number=number, depth=depths[number], reached_by=None, expansion=None)
    for number in range(compressed.expanded):
        _add_steps(graph, compressed, states, number, expand(states[number]))
    return graph


def _add_steps(
    graph: nx.MultiDiGraph[State],
    compressed: StepArrays,
    states: list[State],
    number: int,
    expansion: Expansion,
) -> None:
    arcs = compressed[number]
    explored = [(arc.label, states[arc.after]) for arc in arcs]
    if [(step.label, step.after) for step in expansion.steps] != explored:
        raise RuntimeError(f"state {number} has other steps than when it was explored")
    before = states[number]
    # All steps to a state share one object: equal states would cost more memory than the steps themselves.
    steps = tuple(
        step._replace(before=before, after=after)
        for step, (_, after) in zip(expansion.steps, explored, strict=True)
    )
    graph.nodes[before]["expansion"] = expansion._replace(steps=steps)
    for step, arc in zip(steps, arcs, strict=True):
        graph.add_edge(before, step.after, key=step.label, step=step)
        node = graph.nodes[step.after]
        if arc.after >= compressed.initials and node["reached_by"] is None:
            node["reached_by"] = step
