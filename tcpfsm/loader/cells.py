"""The cells of a machine, one per (state, event): rules, replies, ignored; and the checks that raise the events.

Every cell is a decision. A cell that can be asked and says nothing is a mistake; so is one that can never be asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

from tcpfsm.errors import did_you_mean
from tcpfsm.expression.types import FLAG
from tcpfsm.i18n.language import tr
from tcpfsm.loader.context import Context
from tcpfsm.loader.draft import CheckDraft, Entry
from tcpfsm.loader.fields import choice_of, entries_of, flag_of, line_of, phrase_of, text_of, words_of
from tcpfsm.loader.ghosts import Ghosts
from tcpfsm.loader.scope import MachineScope
from tcpfsm.loader.source import Mapping as MappingNode
from tcpfsm.loader.source import Node, Scalar
from tcpfsm.loader.waiting import queued, queued_as
from tcpfsm.machine.model import Assignment, CellText, Check, Function, Queue, Rule, Template, Variable

Cell = tuple[str, str]
QUEUE_KEYS = ("keep", "until", "same", "refresh")


class Tools(NamedTuple):
    """What rules are compiled with."""

    scope: MachineScope
    drawing: MachineScope
    variables: tuple[Variable, ...]
    ghosts: Ghosts
    templates: Mapping[str, Template | None]


def queue(context: Context, scope: MachineScope, name: str, node: Node) -> Queue:
    """Read a queue of sent segments."""
    if not isinstance(node, MappingNode):
        node.problem(tr("the queue '{name}' is a map", name=name), "{keep: SEG.LEN > 0, until: SEG.SEQ + SEG.LEN =< SND.UNA}")
        return Queue(name, lambda _: False, lambda _: True, None, ())
    node.only(QUEUE_KEYS, tr("a queue"))
    runs: dict[str, Function] = {}
    for needed in ("keep", "until"):
        value = node.get(needed)
        if value is None:
            node.problem(tr("the queue '{name}' needs '{needed}'", name=name, needed=needed))
        runs[needed] = context.run(value, scope, FLAG) if value is not None else lambda _: False
    same = node.get("same")
    refresh = []
    for key, value in entries_of(node.get("refresh"), "refresh"):
        index = scope.layout.index(key.text)
        if index is None:
            key.problem(tr("'{word}' is not a field of a segment", word=key.text), did_you_mean(key.text, scope.fields))
        else:
            refresh.append(Assignment(index, context.run(value, scope, scope.fields[key.text])))
    return Queue(name, runs["keep"], runs["until"], None if same is None else context.run(same, scope), tuple(refresh))


def checks(context: Context, scope: MachineScope) -> tuple[Check, ...]:
    """Read the checks of the reading, in order."""
    names = [check.name for check in context.draft.checks]
    found = []
    for position, draft in enumerate(context.draft.checks):
        states = frozenset(context.draft.states_of(draft.fields.get("in")))
        guard = draft.fields.get("if")
        event = phrase_of(draft.fields.get("event"), "event")
        if event in (*context.calls, *context.timeouts):
            draft.where.problem(tr("the event '{event}' is also a call or a timeout", event=event))
        found.append(
            Check(
                name=draft.name,
                states=states,
                guard=None if guard is None else context.run(guard, scope, FLAG),
                event=None if event == "none" else event,
                then=_then(draft, position, names),
                rfc=_cite(draft.fields),
                place=draft.where.place,
                variant=draft.variant,
            )
        )
    return tuple(found)


def _then(draft: CheckDraft, position: int, names: list[str]) -> int | None:
    node = draft.fields.get("then")
    word = text_of(node, "then")
    if word is None:
        return None
    if word == "continue":
        return position + 1
    later = names[position + 1 :]
    if word in later:
        return names.index(word)
    hint = did_you_mean(word, ["continue", *later])
    if node is not None:
        node.problem(tr("'{word}' is not a check further down", word=word), hint)
    return None


def _cite(fields: Mapping[str, Node]) -> str:
    text_of(fields.get("note"), "note")
    return line_of(fields.get("rfc"), "rfc")


def cells(context: Context, tools: Tools) -> tuple[dict[Cell, tuple[Rule, ...]], dict[Cell, CellText]]:
    """Compile every cell; several entries of one cell must exclude each other."""
    rules: dict[Cell, tuple[Rule, ...]] = {}
    silent: dict[Cell, CellText] = {}
    compiled: dict[int, Rule] = {}
    for cell, entries in context.draft.cells.items():
        _exclusive(entries)
        first = entries[0]
        if first.kind == "rule":
            several = len(entries) > 1
            rules[cell] = tuple(_rule(context, tools, entry, several, compiled) for entry in entries)
        else:
            text = line_of(first.fields.get("reply"), "reply") if first.kind == "reply" else "ignored"
            if not text and not first.fields.get("reply"):
                first.where.problem(tr("a reply says what the user is told"), "reply: 'error: connection already exists'")
            silent[cell] = CellText(first.kind, text, _cite(first.fields))
    return rules, silent


def _exclusive(entries: tuple[Entry, ...]) -> None:
    if len(entries) == 1:
        return
    cell = f"{entries[0].state} / {entries[0].event}"
    open_ends = [entry for entry in entries if entry.kind != "rule" or "if" not in entry.fields]
    otherwise = [entry for entry in open_ends if _says_otherwise(entry)]
    for entry in open_ends:
        other = next(one for one in entries if one is not entry)
        if not _says_otherwise(entry) or len(otherwise) > 1:
            entry.where.problem(
                tr("two entries can both answer {cell}: this one and the one at {place}", cell=cell, place=other.where.place),
                tr("give each an 'if', the last may say 'otherwise: true'"),
            )
            return


def _says_otherwise(entry: Entry) -> bool:
    node = entry.fields.get("otherwise")
    return isinstance(node, Scalar) and node.value is True


def _rule(context: Context, tools: Tools, entry: Entry, several: bool, compiled: dict[int, Rule]) -> Rule:
    guard = entry.fields.get("if") if several else None
    condition = (" ".join(guard.text.split()) if isinstance(guard, Scalar) else "otherwise") if several else ""
    name = " / ".join(filter(None, (entry.state, entry.event, condition)))
    done = compiled.get(id(entry.fields))
    if done is None:  # a rule that names several states is compiled once
        done = compiled[id(entry.fields)] = _compile_rule(context, tools, entry)
    return replace(done, name=name, state=entry.state, event=entry.event, condition=condition)


def _compile_rule(context: Context, tools: Tools, entry: Entry) -> Rule:
    fields = entry.fields
    otherwise = flag_of(fields.get("otherwise"), "otherwise")
    if otherwise and "if" in fields:
        entry.where.problem(tr("a rule has an 'if' or an 'otherwise', not both"))
    guard = fields.get("if")
    target = fields.get("to")
    to = choice_of(target, context.draft.states, tr("a state")) if target is not None else None
    names = tuple(variable.name for variable in tools.variables)
    sets = _assignments(context, fields.get("set"), tools.drawing, tools.variables, tr("a variable"))
    after = _assignments(context, fields.get("after"), tools.scope, tools.variables, tr("a variable"))
    kept_values, kept_bits = queued_as(context, tools.scope, fields)
    return Rule(
        name="",
        state="",
        event="",
        condition="",
        guard=None if guard is None else context.run(guard, tools.scope, FLAG),
        otherwise=otherwise,
        sets=sets,
        set_names=frozenset(names[part.index] for part in sets),
        sends=_sends(fields.get("snd"), tools.templates),
        after=after,
        again=_again(context, fields.get("again")),
        queue=queued(context, entry),
        queued_as=kept_values,
        queued_bits=kept_bits,
        delivers=flag_of(fields.get("delivers"), "delivers"),
        ghosts=_ghost_assignments(context, fields.get("ghost"), tools),
        to=to,
        rfc=_cite(fields),
        note=line_of(fields.get("note"), "note"),
        idle=flag_of(fields.get("idle"), "idle"),
        place=entry.where.place,
        variant=entry.variant,
    )


def _assignments(
    context: Context, node: Node | None, scope: MachineScope, variables: tuple[Variable, ...], what: str
) -> tuple[Assignment, ...]:
    names = [variable.name for variable in variables]
    found = []
    for key, value in entries_of(node, "set"):
        if key.text not in names:
            key.problem(tr("'{word}' is not {what}", word=key.text, what=what), did_you_mean(key.text, names))
            continue
        index = names.index(key.text)
        found.append(Assignment(index, context.run(value, scope, variables[index].type)))
    return tuple(found)


def _ghost_assignments(context: Context, node: Node | None, tools: Tools) -> tuple[Assignment, ...]:
    declared = [key.text for key, _ in entries_of(context.root.get("ghosts"), "ghosts")]
    carried = {ghost.name: index for index, ghost in enumerate(tools.ghosts.variables)}
    found = []
    for key, value in entries_of(node, "ghost"):
        if key.text not in declared:
            key.problem(tr("'{word}' is not a ghost", word=key.text), did_you_mean(key.text, declared))
        elif key.text in carried:
            index = carried[key.text]
            kind = tools.ghosts.variables[index].type
            found.append(Assignment(index, context.run(value, tools.ghosts.scope, kind)))
    return tuple(found)


def _sends(node: Node | None, templates: Mapping[str, Template | None]) -> tuple[Template, ...]:
    found = []
    for word in words_of(node, "snd"):
        template = templates.get(word.text)
        if word.text not in templates:
            word.problem(tr("'{word}' is not a segment", word=word.text), did_you_mean(word.text, templates))
        elif template is not None:
            found.append(template)
    return tuple(found)


def _again(context: Context, node: Node | None) -> tuple[int, bool] | None:
    text = text_of(node, "again")
    if text is None or node is None:
        return None
    whole = text.startswith("all of ")
    name = text.removeprefix("all of ")
    queues = list(context.draft.queues)
    if name not in queues:
        node.problem(tr("'{name}' is not a queue", name=name), did_you_mean(name, queues), offset=len(text) - len(name), length=len(name))
        return None
    return queues.index(name), whole


def total(context: Context, found: tuple[Check, ...], decided: set[Cell]) -> None:
    """Record every cell that can be asked and says nothing, and every one that can never be asked."""
    asked: dict[Cell, str] = {}
    events = (*context.calls, *context.timeouts)
    offered = {event: tuple(context.draft.states) for event in events}
    for key, node in entries_of(context.root.get("offered"), "offered"):
        if key.text not in events:
            key.problem(tr("'{word}' is not a call or timeout", word=key.text), did_you_mean(key.text, events))
        offered[key.text] = context.draft.states_of(node)
    for event in events:
        asked |= {(state, event): tr("it is offered there") for state in offered[event]}
    for check in found:
        if check.event is not None:
            asked |= {(state, check.event): tr("the check '{name}' raises it", name=check.name) for state in context.draft.states if state in check.states}
    known = dict.fromkeys(event for _, event in asked)
    for cell, reason in asked.items():
        if cell not in decided:
            state, event = cell
            place = context.root.key("rules") or context.root
            place.problem(tr("the cell {state} / {event} says nothing, and {reason}", state=state, event=event, reason=reason), tr("write a rule, a reply, or list it under ignored"))
    for cell, entries in context.draft.cells.items():
        state, event = cell
        if event not in known:
            entries[0].where.problem(tr("'{word}' is not a call, a timeout or an event of the reading", word=event), did_you_mean(event, known))
        elif cell not in asked:
            entries[0].where.problem(tr("the cell {state} / {event} can never be asked: nothing raises that event there", state=state, event=event))
