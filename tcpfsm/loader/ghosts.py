"""Ghosts: what only properties remember, and what makes it change.

A ghost costs states, so a machine carries only those that the chosen properties read, and what these need.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

from tcpfsm.errors import did_you_mean
from tcpfsm.expression import Definition
from tcpfsm.expression.types import COUNT, EMPTY_LIST, FLAG, Type, list_of, widened
from tcpfsm.i18n.language import tr
from tcpfsm.loader.context import Context, names_in
from tcpfsm.loader.fields import choice_of, entries_of, items_of, mapping_of, name_of, text_of
from tcpfsm.loader.scope import MachineScope
from tcpfsm.loader.source import Items, Scalar
from tcpfsm.loader.source import Mapping as MappingNode
from tcpfsm.machine.model import GhostUpdate, Variable
from tcpfsm.machine.segment import NotationError, parts_of

EVENTS = ("enter", "leave", "in", "snd", "sets", "delivers", "fresh")
OPERATIONS: tuple[Literal["set", "add", "append"], ...] = ("set", "add", "append")
UPDATE_KEYS = ("when", *OPERATIONS, "if")
KEYS = ("means", "is", "starts", "lasts", "updates", *UPDATE_KEYS)


class Ghosts(NamedTuple):
    """The ghosts a machine carries; ``connection`` are the indices of those forgotten with the connection."""

    variables: tuple[Variable, ...]
    connection: frozenset[int]
    updates: tuple[GhostUpdate, ...]
    scope: MachineScope


def ghost_nodes(context: Context) -> dict[str, MappingNode]:
    """Return the ghosts as written."""
    found = {}
    for key, node in entries_of(context.root.get("ghosts"), "ghosts"):
        item = mapping_of(node, tr("the ghost '{name}'", name=key.text))
        if item is not None:
            found[name_of(key, tr("a ghost"))] = item
    return found


def wanted(context: Context, known: Mapping[str, Definition]) -> set[str]:
    """Return the ghosts and ghost fields that the chosen properties read, and all that these need."""
    nodes = ghost_nodes(context)
    fields = [key.text for key, _ in entries_of(context.root.get("ghost fields"), "ghost fields")]
    if context.settings.ghosts is None:
        return {*nodes, *fields}
    texts: dict[str, list[str]] = {name: _texts(node) for name, node in nodes.items()}
    for field in fields:
        texts[field] = [
            value or ""
            for segment in context.draft.segments.values()
            if isinstance(segment, Scalar)
            for name, value in _parts(segment.text)
            if name == field
        ]
    found: set[str] = set()
    todo = [name for name in context.settings.ghosts if name in texts]
    while todo:
        name = todo.pop()
        if name not in found:
            found.add(name)
            todo += [other for text in texts[name] for other in names_in(text, known) if other in texts]
    return found


def ghosts(context: Context, base: MachineScope, names: set[str], variables: tuple[Variable, ...]) -> Ghosts:
    """Read the ghosts in ``names``, in the order of the file."""
    nodes = {name: node for name, node in ghost_nodes(context).items() if name in names}
    connection = set()
    kinds: dict[str, Type] = {}
    for index, (name, node) in enumerate(nodes.items()):
        node.only(KEYS, tr("the ghost '{name}'", name=name))
        text_of(node.get("means"), "means")
        for update in _updates(node):
            if update is not node:
                update.only(UPDATE_KEYS, tr("an update of a ghost"))
        if node.get("lasts") is not None:
            lasts = choice_of(node.get("lasts"), ("connection", "for-ever"), tr("how long a ghost lasts"))
            connection |= {index} if lasts == "connection" else set()
        if node.get("starts") is None:
            node.problem(tr("the ghost '{name}' needs a value it starts with", name=name), tr("starts: 0, [], false or a word"))
        kinds[name] = _plain_type(context, node)
    for _ in range(2):  # a list has the type of what is added to it, which may mention a ghost further down
        scope = base.copy()
        scope.add_fields(scope.ghost_fields)
        scope.add_ghosts(Variable(name, kind) for name, kind in kinds.items())
        for name, node in nodes.items():
            if kinds[name].kind == "list":
                kinds[name] = _list_type(context, node, scope)
    found = tuple(Variable(name, kinds[name], context.literal(node.get("starts"), kinds[name])) for name, node in nodes.items())
    scope = base.copy()
    scope.add_fields(scope.ghost_fields)
    scope.add_ghosts(found)
    updates = [
        update
        for index, node in enumerate(nodes.values())
        for written in _updates(node)
        for update in _update(context, index, found[index], written, scope, variables)
    ]
    return Ghosts(found, frozenset(connection), tuple(updates), scope)


def _updates(node: MappingNode) -> list[MappingNode]:
    items = [item for node in items_of(node.get("updates"), "updates") if (item := mapping_of(node, tr("an update"))) is not None]
    return [node, *items] if any(node.get(key) is not None for key in UPDATE_KEYS) else items


def _texts(node: MappingNode) -> list[str]:
    keys = (*OPERATIONS, "if")
    values = [update.get(key) for update in _updates(node) for key in keys]
    return [value.text for value in values if isinstance(value, Scalar)]


def _parts(text: str) -> list[tuple[str, str | None]]:
    try:
        return [(name, value) for name, value, _ in parts_of(text)]
    except NotationError:
        return []


def _plain_type(context: Context, node: MappingNode) -> Type:
    if node.get("is") is not None:
        return context.type_of(node.get("is"))
    starts = node.get("starts")
    if isinstance(starts, Items):
        return EMPTY_LIST
    return FLAG if isinstance(starts, Scalar) and isinstance(starts.value, bool) else COUNT


def _list_type(context: Context, node: MappingNode, scope: MachineScope) -> Type:
    for update in _updates(node):
        for key in ("add", "append"):
            value = update.get(key)
            if value is not None:
                before = len(value.file.problems)
                kind = context.compile(value, scope).type
                del value.file.problems[before:]  # reported once, by the update itself
                return list_of(widened(kind))  # another update may add other words
    return EMPTY_LIST


def _update(
    context: Context,
    index: int,
    ghost: Variable,
    node: MappingNode,
    scope: MachineScope,
    variables: tuple[Variable, ...],
) -> list[GhostUpdate]:
    text = text_of(node.get("when"), "when")
    given = [operation for operation in OPERATIONS if node.get(operation) is not None]
    if text is None or len(given) != 1:
        node.problem(tr("an update says when, and one of set, add or append"), "{when: enter ESTABLISHED, add: ISS}")
        return []
    operation = given[0]
    event, _, rest = text.partition(" ")
    where = node.get("when") or node
    choices = {
        "enter": (*context.draft.states, *context.draft.groups),
        "leave": (*context.draft.states, *context.draft.groups),
        "in": (*context.draft.states, *context.draft.groups),
        "snd": context.flags,
        "sets": tuple(variable.name for variable in variables),
    }.get(event, ())
    if event not in EVENTS or bool(rest) != bool(choices):
        where.problem(tr("'{word}' is not something a ghost can wait for", word=text), tr("choices: {names}", names=_examples()))
        return []
    if rest and rest not in choices:
        where.problem(tr("'{name}' is not known here", name=rest), did_you_mean(rest, choices), offset=len(event) + 1, length=len(rest))
        return []
    what = frozenset(context.draft.groups.get(rest, (rest,)) if event in ("enter", "leave", "in") else (rest,))
    if operation == "set":
        kind: Type | None = ghost.type
    else:
        kind = ghost.type.parts[0] if ghost.type.kind == "list" and ghost.type.parts else None
        if ghost.type.kind != "list":
            where.problem(tr("'{operation}' needs a list; {name} is a {type}", operation=operation, name=ghost.name, type=ghost.type), "starts: []")
    value = node.get(operation)
    condition = node.get("if")
    run = context.run(value, scope, kind) if value is not None else lambda _: None
    guard = context.run(condition, scope, FLAG) if condition is not None else None
    return [GhostUpdate(index, event, what, operation, run, guard)]


def _examples() -> str:
    return "enter STATE, leave STATE, in STATE, snd BIT, sets VARIABLE, delivers, fresh"

