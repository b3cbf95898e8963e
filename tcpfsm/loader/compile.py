"""Compiles a draft into a machine: every name resolved, every type checked, every cell decided."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tcpfsm.expression import Compiled, Definition
from tcpfsm.expression.types import COUNT
from tcpfsm.i18n.language import tr
from tcpfsm.loader import cells, declare, ghosts
from tcpfsm.loader.context import Context, Settings, names_in
from tcpfsm.loader.draft import Draft
from tcpfsm.loader.fields import entries_of, line_of, title_of
from tcpfsm.loader.scope import MachineScope, with_segment
from tcpfsm.loader.source import Node
from tcpfsm.machine.model import Machine, Variable


def compile_machine(draft: Draft, settings: Settings | None = None) -> Machine:
    """Compile a draft; problems are recorded on the files that its parts come from.

    The caller raises SpecError when a file has problems: a machine compiled with problems must not be run.
    """
    context = Context(draft, settings or Settings())
    for required in ("reading", "rules"):
        if context.root.get(required) is None:
            context.root.problem(tr("a machine needs '{required}'", required=required))
    states = {name: declare.state(name, node) for name, node in draft.states.items()}
    variables = declare.variables(context)
    known = declare.definitions(context)
    names = ghosts.wanted(context, known)
    types, layout, derived = declare.fields(context, names)
    scope = MachineScope(
        modulus=context.settings.modulus, layout=layout, fields=types, definitions=known,
        queues=tuple(draft.queues), calls=context.calls,
        ghost_fields=_keys(context, "ghost fields") & types.keys() - _keys(context, "fields"), vocabulary=context.words.keys(),
    )  # fmt: skip
    _fill(scope, context, variables, derived)
    found = ghosts.ghosts(context, scope, names, variables)
    scope.add_words(context.words)
    found.scope.add_words(context.words)
    declare.clashes(context, known)
    declare.actions(context)
    _try_definitions(context, scope)
    templates = {name: context.template(name, node, scope, found.scope) for name, node in draft.segments.items()}
    drawing = scope.copy()
    drawing.add_fresh()
    rules, silent = cells.cells(context, cells.Tools(scope, drawing, variables, found, templates))
    checks = cells.checks(context, scope)
    cells.total(context, checks, {*rules, *silent})
    events = tuple(dict.fromkeys(check.event for check in checks if check.event is not None))
    return Machine(
        protocol=draft.name,
        title=title_of(draft.root, draft.name),
        source=line_of(draft.root.get("source"), "source"),
        peer=line_of(draft.root.get("peer"), "peer") or "Peer",
        variant=draft.variant,
        states=states,
        groups=draft.groups,
        variables=variables,
        ghosts=found.variables,
        connection_ghosts=found.connection,
        ghost_updates=found.updates,
        layout=layout,
        field_types=types,
        derived=scope.derived,
        derived_from={name: _meanings(context, name, derived, known) for name in derived},
        aggregate=declare.aggregate(context),
        queues=tuple(cells.queue(context, scope, name, node) for name, node in draft.queues.items()),
        checks=checks,
        calls=context.calls,
        timeouts=context.timeouts,
        events=events,
        rules=rules,
        silent=silent,
        constants=declare.constants(context),
        modulus=context.settings.modulus,
        words=tuple(context.words),
        diagram_omits=declare.diagram_omits(context, events),
        changed=frozenset(draft.changed),
    )


def _meanings(
    context: Context, field: str, derived: Mapping[str, Node], known: Mapping[str, Definition]
) -> dict[str, Any]:
    """Return what everything means on which a derived field rests, by name."""
    constants = declare.constants(context)
    found: dict[str, Any] = {}
    todo = [field]
    while todo:
        name = todo.pop()
        text = getattr(derived[name], "text", "")
        found[name] = text
        for other in names_in(text, known):
            if other in derived and other not in found:
                todo.append(other)
            elif other in known or other in constants:
                found[other] = known.get(other, constants.get(other))
    return found


def _keys(context: Context, section: str) -> frozenset[str]:
    return frozenset(key.text for key, _ in entries_of(context.root.get(section), section))


def _fill(scope: MachineScope, context: Context, variables: tuple[Variable, ...], derived: dict[str, Node]) -> None:
    scope.add_states(context.draft.states, context.draft.groups)
    scope.add_variables(variables)
    scope.add_constants(declare.constants(context))
    scope.add_words(context.words)
    scope.add_segment()
    of_segment = scope.of_segment(variables)
    for name in derived:  # one can read those further up
        of_segment.symbols.pop(f"SEG.{name}", None)
    for name, node in derived.items():
        scope.derived[name] = context.run(node, of_segment, COUNT)
        of_segment.symbols[f"SEG.{name}"] = Compiled(COUNT, with_segment(lambda env: env.seg, scope.derived[name]))
    scope.symbols |= {name: of_segment.symbols[name] for name in (f"SEG.{field}" for field in derived)}


def _try_definitions(context: Context, scope: MachineScope) -> None:
    # A definition without parameters is compiled where it stands, so that its mistakes are shown there.
    for name, (_, node) in context.draft.definitions.items():
        if name in scope.definitions and not scope.definitions[name].parameters:
            context.compile(node, scope)
