"""A state graph as it is written: nodes and edges with plain data."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Node:
    """A state, or the states that a projection does not tell apart; its number is its place among the nodes.

    ``parts`` is what is known of it: local states, channels, budgets, by name. ``states`` is how many states it stands
    for, ``within`` how many steps begin and end in it (of a state itself, its loops are edges). ``depth`` is that of
    the first of its states; the other fields say what is true of one of them: of ``violates``, these properties.
    """

    parts: dict[str, Any]
    depth: int
    states: int = 1
    within: int = 0
    is_initial: bool = False
    is_terminal: bool = False
    violates: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Edge:
    """A step, or steps that look alike in a projection: ``steps`` many. ``event`` names what happens, ``segment`` to what."""

    source: int
    target: int
    kind: str
    actor: str
    event: str
    rules: tuple[str, ...] = ()
    segment: str | None = None
    sent: tuple[str, ...] | None = None
    steps: int = 1
    violates: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Graph:
    """A whole graph; ``onto`` names the components that it was projected onto, none if it is the state space itself.

    ``about`` says whose graph it is: protocol, variant, scenario, bounds, and the size of the space.
    """

    about: dict[str, Any]
    onto: tuple[str, ...]
    nodes: list[Node]
    edges: list[Edge]
