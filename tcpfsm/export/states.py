"""The graph of a state space, and its projection onto some components: the quotient by what they tell apart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from checker import Property, StateSpace, Step
from checker.model.expansion import Expansion
from checker.model.vocabulary import State
from tcpfsm.export.components import Component, chosen, everything, parts_of
from tcpfsm.export.graph import Edge, Graph, Node
from tcpfsm.run.build import Built


def state_graph(built: Built, space: StateSpace, onto: Sequence[str] = ()) -> Graph:
    """Return the graph of a space, or with ``onto`` its projection.

    In a projection the states with equal components are one node, and the steps between two nodes with the same actor
    and event are one edge, whatever the segment; what stays within a node is counted there. Nodes are in the order of
    their first states, edges in that of their first steps.

    Raises:
        UsageError: there is no component of such a name.
    """
    scenario = built.scenario
    about = {
        "protocol": built.protocol.name, "variant": built.variant or None, "scenario": scenario.name,
        "states": space.states, "steps": space.steps, "depth": space.depth, "onto": list(onto),
        "assumes": list(scenario.assumes), "bounds": scenario.bounds(),
    }  # fmt: skip
    found = _Projection(chosen(built, onto), built.properties) if onto else _Whole(everything(built), built.properties)
    for state, depth, expansion in zip(space.order, space.depths, space.expansions, strict=True):
        found.add_state(state, depth, expansion)
    for state in space.initials:
        found.nodes[found.numbers[state]].is_initial = True
    for expansion in space.expansions:
        for step in expansion.steps:
            found.add_step(step)
    return Graph(about, tuple(onto), found.nodes, found.edges)


class _Whole:
    """Every state is a node, every step an edge."""

    def __init__(self, components: tuple[Component, ...], properties: Sequence[Property]) -> None:
        self.components = components
        self.properties = properties
        self.nodes: list[Node] = []
        self.edges: list[Edge] = []
        #: The node of each state.
        self.numbers: dict[State, int] = {}

    def add_state(self, state: State, depth: int, expansion: Expansion) -> None:
        """Make the node of a state, or find the one that it belongs to."""
        values = tuple(component.value(state) for component in self.components)
        node = self.node(state, values, depth)
        node.is_terminal = node.is_terminal or not expansion.steps
        node.violates += [
            question.name
            for question in self.properties
            if question.name not in node.violates and _violates(question, state, expansion)
        ]

    def node(self, state: State, values: tuple[Any, ...], depth: int) -> Node:
        """Return the node of a state with these values."""
        self.numbers[state] = len(self.nodes)
        self.nodes.append(Node(parts_of(values, self.components), depth))
        return self.nodes[-1]

    def add_step(self, step: Step) -> None:
        """Add the edge of a step."""
        self.edges.append(self.edge(step))

    def edge(self, step: Step) -> Edge:
        """Return a step as an edge of its own."""
        label, outcome = step.label, step.outcome
        is_mischief = label.kind in ("lose", "duplicate")
        segment = None if label.message is None else label.message.text()
        rules = tuple(firing.rule for firing in outcome.firings) if outcome is not None else ()
        return Edge(
            self.numbers[step.before], self.numbers[step.after], label.kind, label.actor,
            label.kind if is_mischief else label.action or "rcv", rules, segment,
            tuple(message.text() for _, message in outcome.sends) if outcome is not None else (),
            violates=[one.name for one in self.properties if one.kind == "step" and not one.test(step)],
        )  # fmt: skip


class _Projection(_Whole):
    """States with equal components are one node, steps that look alike are one edge."""

    def __init__(self, components: tuple[Component, ...], properties: Sequence[Property]) -> None:
        super().__init__(components, properties)
        self.places: dict[tuple[Any, ...], int] = {}
        self.merged: dict[tuple[Any, ...], Edge] = {}

    def node(self, state: State, values: tuple[Any, ...], depth: int) -> Node:
        place = self.numbers[state] = self.places.setdefault(values, len(self.nodes))
        if place == len(self.nodes):
            self.nodes.append(Node(parts_of(values, self.components), depth, states=0))
        self.nodes[place].states += 1
        return self.nodes[place]

    def add_step(self, step: Step) -> None:
        edge = self.edge(step)
        if edge.source == edge.target:
            self.nodes[edge.source].within += 1
            return
        alike = (edge.source, edge.target, edge.kind, edge.actor, edge.event, edge.rules)
        known = self.merged.get(alike)
        if known is None:
            edge.segment = edge.sent = None  # they may differ from step to step
            self.merged[alike] = edge
            self.edges.append(edge)
        else:
            known.steps += 1
            known.violates += [name for name in edge.violates if name not in known.violates]


def _violates(question: Property, state: State, expansion: Expansion) -> bool:
    """Whether a state by itself breaks a property."""
    if question.kind == "answered":
        return bool(expansion.unanswered)
    return (question.kind == "always" or (question.kind == "ends" and not expansion.steps)) and not question.test(state)
