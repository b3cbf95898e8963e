"""JSON in the form that ``networkx.node_link_graph`` reads; schemas/graph.json describes it."""

from __future__ import annotations

import json
from typing import Any

from tcpfsm.export.graph import Edge, Graph, Node
from tcpfsm.export.text import edge_text, node_lines

FORMAT = "tcpfsm.graph/1"


def as_data(graph: Graph) -> dict[str, Any]:
    """Return a graph as plain data."""
    return {
        "format": FORMAT,
        "directed": True,
        "multigraph": True,
        "graph": graph.about,
        "nodes": [node_data(graph, number, node) for number, node in enumerate(graph.nodes)],
        "edges": [edge_data(key, edge) for key, edge in enumerate(graph.edges)],
    }


def as_json(graph: Graph) -> str:
    """Return a graph as a JSON text, a line for each node and each edge."""
    data = as_data(graph)
    lines = []
    for name in ("nodes", "edges"):
        items = [json.dumps(item, ensure_ascii=False) for item in data.pop(name)]
        lines.append(f'"{name}": [\n' + ",\n".join(items) + "\n]")
    head = [f'"{name}": {json.dumps(value, ensure_ascii=False)}' for name, value in data.items()]
    return "{\n" + ",\n".join([*head, *lines]) + "\n}\n"


def node_data(graph: Graph, number: int, node: Node) -> dict[str, Any]:
    """Return a node as plain data."""
    return {
        "id": number,
        "name": "; ".join(node_lines(node, is_projected=bool(graph.onto))),
        "depth": node.depth,
        "initial": node.is_initial,
        "terminal": node.is_terminal,
        "violates": list(node.violates),
        "states": node.states,
        "within": node.within,
        **node.parts,
    }


def edge_data(key: int, edge: Edge) -> dict[str, Any]:
    """Return an edge as plain data; ``key`` tells edges with the same ends apart."""
    data: dict[str, Any] = {
        "source": edge.source,
        "target": edge.target,
        "key": key,
        "name": edge_text(edge),
        "kind": edge.kind,
        "actor": edge.actor,
        "event": edge.event,
        "rules": list(edge.rules),
        "steps": edge.steps,
        "violates": list(edge.violates),
    }
    if edge.segment is not None:
        data["segment"] = edge.segment
    if edge.sent is not None:
        data["sent"] = list(edge.sent)
    return data
