"""The state diagram of a machine as Mermaid or DOT text, from the rules themselves.

State names may be in any script: nodes have plain ASCII names of their own, and what is shown is a quoted label.
"""

from __future__ import annotations

from collections.abc import Callable

from tcpfsm.i18n.language import said
from tcpfsm.i18n.visible import visible
from tcpfsm.machine.model import Machine, Rule

FORMATS = ("mermaid", "dot")


def edges(machine: Machine, *, everything: bool = False) -> list[tuple[str, str, list[str]]]:
    """Return the state changes: source, target, and for each cause ``event / what is sent``, in the machine's order.

    Without ``everything``, the events that the machine's own summary leaves out are left out.
    """
    found: dict[tuple[str, str], list[str]] = {}
    for rule in machine.all_rules:
        if rule.to is None or rule.to == rule.state or ((rule.state, rule.event) in machine.diagram_omits and not everything):
            continue
        label = _label(rule)
        labels = found.setdefault((rule.state, rule.to), [])
        if label not in labels:
            labels.append(label)
    return [(source, target, labels) for (source, target), labels in found.items()]


def _label(rule: Rule) -> str:
    cause = rule.event
    if rule.condition and rule.to is not None:
        cause += f" [{rule.condition}]"
    sent = ", ".join(template.name for template in rule.sends)
    return f"{cause} / snd {sent}" if sent else cause


def diagram(machine: Machine, style: str, *, everything: bool = False, meanings: bool = False) -> str:
    """Draw a machine as text in one of FORMATS; with ``meanings``, each state says what it means."""
    draw: dict[str, Callable[..., str]] = {"mermaid": _mermaid, "dot": _dot}
    captions = {
        name: name + (f": {said(state.means)}" if meanings else "")
        for name, state in machine.states.items()
    }
    return draw[style](machine, captions, edges(machine, everything=everything))


def _mermaid(machine: Machine, captions: dict[str, str], found: list[tuple[str, str, list[str]]]) -> str:
    ids = {name: f"s{index}" for index, name in enumerate(machine.states)}
    lines = ["stateDiagram-v2"]
    lines += [f'    state "{_mermaid_text(captions[name])}" as {ids[name]}' for name in machine.states]
    lines.append(f"    [*] --> {ids[next(iter(machine.states))]}")
    for source, target, labels in found:
        text = "<br>".join(_mermaid_text(label) for label in labels)
        lines.append(f"    {ids[source]} --> {ids[target]}: {text}")
    return "\n".join(lines) + "\n"


def _mermaid_text(text: str) -> str:
    text = visible(text)
    # Mermaid ends a label at ; and reads # as the beginning of a character's code.
    for char, code in (("#", "#35;"), (";", "#59;"), ('"', "#quot;"), (":", "#58;"), ("<", "#lt;"), (">", "#gt;")):
        text = text.replace(char, f"\0{code[1:-1]}\0")
    parts = text.split("\0")
    return "".join(part if index % 2 == 0 else f"#{part};" for index, part in enumerate(parts))


def _dot(machine: Machine, captions: dict[str, str], found: list[tuple[str, str, list[str]]]) -> str:
    ids = {name: f"s{index}" for index, name in enumerate(machine.states)}
    fonts = 'fontname="Helvetica,Noto Sans CJK SC,sans-serif"'
    lines = [
        f"digraph {quoted(machine.protocol)} {{",
        '    graph [charset="UTF-8", rankdir=TB, nodesep=0.6];',
        f"    node [shape=box, style=rounded, {fonts}];",
        f"    edge [{fonts}, fontsize=10];",
    ]
    lines += [f"    {ids[name]} [label={quoted(captions[name])}];" for name in machine.states]
    for source, target, labels in found:
        lines.append(f"    {ids[source]} -> {ids[target]} [label={quoted(chr(10).join(labels))}];")
    return "\n".join([*lines, "}"]) + "\n"


def quoted(text: str) -> str:
    """Return a text as DOT writes it."""
    return '"' + visible(text).replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
