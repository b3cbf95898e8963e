"""Nodes and edges in a few words, for people."""

from __future__ import annotations

import json
from typing import Any

from tcpfsm.export.graph import Edge, Node


def node_lines(node: Node, *, is_projected: bool) -> list[str]:
    """Return what a node is, line by line: the states of both ends, what is in the channels, what is left of budgets.

    Of a whole state, empty channels and budgets are left out, and so are variables: they are in the data.
    """
    locals_ = node.parts.get("locals", {})
    states = [local["state"] for local in locals_.values() if "state" in local]
    lines = [" | ".join(states)] if states else []
    if is_projected:
        for end, local in locals_.items():
            found = {**local.get("variables", {}), **local.get("ghosts", {})}
            texts = [f"{name}={written(value)}" for name, value in found.items() if value is not None]
            lines += [f"{end}: {' '.join(texts) or '-'}"] if found else []
    for name, segments in node.parts.get("channels", {}).items():
        if segments or is_projected:
            lines.append(f"{name}: {', '.join(segments) or '-'}")
    budgets = {name: left for name, left in node.parts.get("budgets", {}).items() if left or is_projected}
    if budgets:
        lines.append("left: " + ", ".join(f"{name} {left}" for name, left in budgets.items()))
    return lines


def edge_text(edge: Edge) -> str:
    """Return what a step is: who, what, and to which segment; in a projection the rule says it."""
    event = edge.event if edge.segment is None else f"{edge.event} {edge.segment}"
    if edge.segment is None and edge.event == "rcv" and edge.rules:
        event = " + ".join(edge.rules)
    return f"{edge.actor}: {event}"


def written(value: Any) -> str:
    """Return a value of the data as text: a list of texts in a row, what is nested as JSON.

    >>> written(["<SEQ=1>", "<SEQ=2>"]), written([[1, 2], 3]), written(False), written(7)
    ('<SEQ=1>, <SEQ=2>', '[1, 2], 3', 'false', '7')
    """
    if isinstance(value, list):
        return ", ".join(written(item) if not isinstance(item, list) else json.dumps(item, ensure_ascii=False) for item in value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
