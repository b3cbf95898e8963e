"""What a rule makes wait: its call, or the arriving segment, and with what in it."""

from __future__ import annotations

from collections.abc import Mapping

from tcpfsm.errors import did_you_mean
from tcpfsm.expression.types import FLAG
from tcpfsm.i18n.language import tr
from tcpfsm.loader.context import Context
from tcpfsm.loader.draft import Entry
from tcpfsm.loader.fields import entries_of, text_of
from tcpfsm.loader.scope import MachineScope
from tcpfsm.loader.source import Node, Scalar
from tcpfsm.machine.model import Assignment, Function


def queued(context: Context, entry: Entry) -> str | None:
    """Read what a rule makes wait: its own call, or ``segment from CHECK``; None where it makes nothing wait."""
    node = entry.fields.get("queue")
    text = text_of(node, "queue")
    if text is None or node is None:
        return None
    names = [check.name for check in context.draft.checks]
    if text.startswith("segment from "):
        check = text.removeprefix("segment from ")
        if check not in names:
            hint = did_you_mean(check, names)
            node.problem(tr("'{word}' is not a check", word=check), hint, offset=len("segment from "), length=len(check))
        elif entry.event in (*context.calls, *context.timeouts):
            node.problem(tr("no segment arrives in this step"), tr("a call waits with queue: {event}", event=entry.event))
    elif text != entry.event or text not in context.calls:
        choices = tr("queue: {event}, or queue: segment from CHECK", event=entry.event)
        node.problem(tr("'{word}' cannot be queued here", word=text), choices)
    return text


def queued_as(
    context: Context, scope: MachineScope, fields: Mapping[str, Node]
) -> tuple[tuple[Assignment, ...], tuple[tuple[str, Function], ...]]:
    """Read what a segment that is to wait carries in place of what it brought: its fields and its control bits."""
    node = fields.get("as")
    kept = fields.get("queue")
    if node is not None and not (isinstance(kept, Scalar) and kept.text.startswith("segment from ")):
        node.problem(tr("only a segment that waits is kept as something else"), "queue: segment from CHECK")
    values, bits = [], []
    carried = [field.name for field in scope.layout.fields if not field.ghost]
    for key, value in entries_of(node, "as"):
        index = scope.layout.index(key.text)
        if key.text in context.flags:
            bits.append((key.text, context.run(value, scope, FLAG)))
        elif index is None or key.text not in carried:
            choices = [*carried, *context.flags]
            key.problem(tr("'{word}' is neither a field of a segment nor a control bit", word=key.text), did_you_mean(key.text, choices))
        else:
            values.append(Assignment(index, context.run(value, scope, scope.fields[key.text])))
    return tuple(values), tuple(bits)
