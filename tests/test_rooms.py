"""The rooms of the house: what imports what, in one direction, without circles.

A room is a module or package at the top of ``checker`` or ``tcpfsm``. Its floor is the length of the longest way down.
"""

from __future__ import annotations

import ast
from pathlib import Path

import networkx as nx
import pytest

import checker
import tcpfsm

HOUSES = {"checker": Path(checker.__file__).parent, "tcpfsm": Path(tcpfsm.__file__).parent}

#: The rooms from the ground up; a room may import from those before it, never from itself upwards.
ORDER = {
    "checker": ("patience", "limits", "model", "reference", "properties", "factors", "graph", "fast", "engines"),
    "tcpfsm": (
        "i18n", "errors", "expression", "machine", "loader", "drawing", "run", "report", "figures", "claims",
        "export", "terminal", "cli", "__main__",
    ),
}  # fmt: skip
MOST_ROOMS = 16
MOST_FLOORS = 12


def modules(house: str) -> dict[str, Path]:
    """Return the modules of a house by their dotted names."""
    folder = HOUSES[house]
    found = {}
    for path in folder.rglob("*.py"):
        parts = (house, *path.relative_to(folder).with_suffix("").parts)
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def module_graph(house: str) -> nx.DiGraph[str]:
    """Return which module of a house imports which, also where it imports for types alone or late."""
    known = modules(house)
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(known)
    for name, path in known.items():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            named: list[str] = []
            if isinstance(node, ast.ImportFrom) and node.module:
                inner = [f"{node.module}.{alias.name}" for alias in node.names]
                named = [one if one in known else node.module for one in inner]
            elif isinstance(node, ast.Import):
                named = [alias.name for alias in node.names]
            graph.add_edges_from((name, other) for other in named if other in known and other != name)
    return graph


def room_graph(house: str) -> nx.DiGraph[str]:
    """Return which room imports from which; the front of the house, its ``__init__``, is not a room."""
    graph: nx.DiGraph[str] = nx.DiGraph()
    for name, other in module_graph(house).edges:
        one, two = name.split(".")[1:2], other.split(".")[1:2]
        if one and two and one != two:
            graph.add_edge(one[0], two[0])
    return graph


@pytest.mark.parametrize("house", HOUSES)
def test_no_module_is_in_a_circle_of_imports(house: str) -> None:
    """Whoever reads a module needs to have read only what lies beneath it."""
    circles = [sorted(circle) for circle in nx.strongly_connected_components(module_graph(house)) if len(circle) > 1]

    assert circles == []


@pytest.mark.parametrize("house", HOUSES)
def test_no_arrow_runs_up(house: str) -> None:
    """A room imports only from the rooms beneath it; each room there is has its place in the order."""
    places = {room: place for place, room in enumerate(ORDER[house])}
    graph = room_graph(house)

    assert set(graph.nodes) <= set(places)
    assert [(room, other) for room, other in graph.edges if places[other] >= places[room]] == []


@pytest.mark.parametrize("house", HOUSES)
def test_the_house_is_small_enough_to_know(house: str) -> None:
    """So many rooms, and so many floors, and no more."""
    graph = room_graph(house)
    rooms = {name.split(".")[1] for name in modules(house) if "." in name}

    assert len(rooms) <= MOST_ROOMS
    assert nx.dag_longest_path_length(graph) + 1 <= MOST_FLOORS
    assert set(ORDER[house]) == rooms, "the order names every room, and no room that is gone"
