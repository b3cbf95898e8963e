"""GraphML, written by networkx. Attributes are those of the JSON form, with nested names joined by dots."""

from __future__ import annotations

import io
from typing import Any

from tcpfsm.export.graph import Graph
from tcpfsm.export.node_link import as_data
from tcpfsm.export.text import written
from tcpfsm.i18n.visible import visible


def as_graphml(graph: Graph) -> str:
    """Return a graph as GraphML, which has only numbers, texts and truth values; what is unset or empty is left out."""
    import networkx as nx  # noqa: PLC0415, so that only those who ask pay for the import

    data = as_data(graph)
    found: nx.MultiDiGraph[int] = nx.MultiDiGraph(**flat({"format": data["format"], **data["graph"]}))
    for node in data["nodes"]:
        found.add_node(node.pop("id"), **flat(node))
    for edge in data["edges"]:
        found.add_edge(edge.pop("source"), edge.pop("target"), key=edge.pop("key"), **flat(edge))
    stream = io.BytesIO()
    nx.write_graphml_xml(found, stream)
    return stream.getvalue().decode("utf-8")


def flat(data: dict[str, Any], before: str = "") -> dict[str, Any]:
    """Return nested data with one level of names and scalar values.

    >>> flat({"locals": {"A": {"state": "CLOSED", "drawn": 1}}, "violates": ["p", "q"], "sent": []})
    {'locals.A.state': 'CLOSED', 'locals.A.drawn': 1, 'violates': 'p, q'}
    """
    found: dict[str, Any] = {}
    for name, value in data.items():
        if isinstance(value, dict):
            found |= flat(value, f"{before}{name}.")
        elif value is not None and value != []:
            plain = value if isinstance(value, bool | int | float | str) else written(value)
            found[visible(before + name)] = visible(plain) if isinstance(plain, str) else plain
    return found
