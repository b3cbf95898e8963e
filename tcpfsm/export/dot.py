"""DOT text for Graphviz: the initial state, states without steps and violations are marked, and a legend says how."""

from __future__ import annotations

from tcpfsm.drawing.diagram import quoted
from tcpfsm.export.graph import Edge, Graph, Node
from tcpfsm.export.text import edge_text, node_lines
from tcpfsm.i18n.language import tr, trn

FONTS = 'fontname="Helvetica,Noto Sans CJK SC,sans-serif"'
INITIAL, TERMINAL, VIOLATED = "penwidth=3", "peripheries=2", 'fillcolor="#f6b9b0", style="rounded,filled"'
MISCHIEF = 'style=dashed, color="#777777"'
#: How many kinds of steps an arrow of a projection names.
MOST_LABELS = 4


def as_dot(graph: Graph) -> str:
    """Return a graph as DOT text, the same each time."""
    about = graph.about
    name = f"{about['protocol']}{'/' if about['variant'] else ''}{about['variant'] or ''} {about['scenario']}"
    lines = [
        f"digraph {quoted(name)} {{",
        f'    graph [charset="UTF-8", rankdir=TB, labelloc=t, {FONTS}, label={quoted(_title(graph, name))}];',
        f"    node [shape=box, style=rounded, fontsize=11, {FONTS}];",
        f"    edge [fontsize=9, {FONTS}];",
    ]
    lines += [f"    n{number} [{_node(graph, number, node)}];" for number, node in enumerate(graph.nodes)]
    lines += [f"    {edge}" for edge in (_projected(graph) if graph.onto else map(_arrow, graph.edges))]
    return "\n".join([*lines, *_legend(graph), "}"]) + "\n"


def _title(graph: Graph, name: str) -> str:
    size = tr("{states} states, {steps} steps", states=f"{graph.about['states']:,}", steps=f"{graph.about['steps']:,}")
    title = f"{name}: {size}"
    return f"{title}\n{tr('projected onto {names}', names=', '.join(graph.onto))}" if graph.onto else title


def _node(graph: Graph, number: int, node: Node) -> str:
    lines = node_lines(node, is_projected=bool(graph.onto))
    if graph.onto:
        lines.append(trn("{n} state", "{n} states", node.states))
    else:
        lines[0] = f"{number}: {lines[0]}"
    lines += [f"({name})" for name in node.violates]
    marks = [
        *([INITIAL] if node.is_initial else []),
        *([TERMINAL] if node.is_terminal else []),
        *([VIOLATED] if node.violates else []),
    ]
    return ", ".join([f"label={quoted(chr(10).join(lines))}", *marks])


def _arrow(edge: Edge) -> str:
    return _drawn(edge, [edge_text(edge), *(f"({name})" for name in edge.violates)])


def _drawn(edge: Edge, lines: list[str]) -> str:
    marks = [f"label={quoted(chr(10).join(lines))}"]
    if edge.kind in ("lose", "duplicate"):
        marks.append(MISCHIEF)
    if edge.violates:
        marks.append('color="#c0392b", penwidth=2')
    return f"n{edge.source} -> n{edge.target} [{', '.join(marks)}];"


def _projected(graph: Graph) -> list[str]:
    """Return one arrow for all edges between two nodes, with the kinds of steps that there are most of."""
    between: dict[tuple[int, int], list[Edge]] = {}
    for edge in graph.edges:
        between.setdefault((edge.source, edge.target), []).append(edge)
    found = []
    for edges in between.values():
        counted = sorted(edges, key=lambda edge: -edge.steps)
        lines = [f"{edge_text(edge)} ({edge.steps})" for edge in counted[:MOST_LABELS]]
        if len(counted) > MOST_LABELS:
            lines.append(tr("and {count} more", count=len(counted) - MOST_LABELS))
        broken = list(dict.fromkeys(name for edge in edges for name in edge.violates))
        calm = next((edge for edge in edges if edge.kind not in ("lose", "duplicate")), edges[0])
        whole = Edge(calm.source, calm.target, calm.kind, calm.actor, calm.event, violates=broken)
        found.append(_drawn(whole, [*lines, *(f"({name})" for name in broken)]))
    return found


def _legend(graph: Graph) -> list[str]:
    """Return a box that explains what was used."""
    samples = [
        (any(node.is_initial for node in graph.nodes), tr("where it begins"), INITIAL),
        (any(node.is_terminal for node in graph.nodes), tr("no step leads on"), TERMINAL),
        (any(node.violates for node in graph.nodes), tr("breaks a property"), VIOLATED),
    ]
    used = [(text, style) for is_used, text, style in samples if is_used]
    notes = []
    if any(edge.kind in ("lose", "duplicate") for edge in graph.edges):
        notes.append(tr("dashed: the network loses or copies a segment"))
    if graph.onto:
        notes.append(tr("marked: what is true of one of the states"))
        notes.append(tr("(number): how many steps"))
    lines = [
        "    subgraph cluster_legend {",
        f'        label={quoted(tr("legend"))}; style=rounded; color="#aaaaaa"; fontsize=10; {FONTS};',
        "        node [fontsize=10];",
    ]
    lines += [f"        legend{place} [label={quoted(text)}, {style}];" for place, (text, style) in enumerate(used)]
    if notes:
        lines.append(f"        notes [shape=plaintext, style=solid, label={quoted(chr(10).join(notes))}];")
    return [*lines, "    }"]
