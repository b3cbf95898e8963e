"""Variants: patches of a machine. Each change names one thing that exists and makes it read differently."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from tcpfsm.errors import did_you_mean
from tcpfsm.i18n.language import tr
from tcpfsm.loader.draft import CHECK_KEYS, RULE_KEYS, CheckDraft, Draft, Entry, entries, read_check
from tcpfsm.loader.fields import (
    choice_of,
    count_of,
    flag_of,
    items_of,
    line_of,
    mapping_of,
    text_of,
    texts_of,
    title_of,
    words_of,
)
from tcpfsm.loader.scenario import expected_violations
from tcpfsm.loader.source import Items, Node, Scalar
from tcpfsm.loader.source import Mapping as MappingNode

KEYS = ("extends", "title", "title-zh", "source", "why", "why-zh", "shows", "changes", "applies", "expect", "slow")
SHOWS_KEYS = ("scenario", "property")
#: What a change names; each kind has its own keys.
CHANGE_KINDS = {
    "in": ("in", "when", "if", "to be"),
    "check": ("check", "to be"),
    "before": ("before", "check", "in", "if", "event", "then", "rfc", "note"),
    "rule": ("rule",),
    "ignored": ("ignored",),
    "constant": ("constant", "to be"),
    "define": ("define", "to be"),
    "segment": ("segment", "to be"),
    "queue": ("queue", "to be"),
    "variable": ("variable", "to be"),
}
EXPECT_KEYS = ("scenario", "states", "steps", "depth", "violated")
APPLIES = ("both", "A", "B")


@dataclass(frozen=True, slots=True)
class VariantExpectation:
    """What was recorded for a variant in one scenario; a property that is not named is expected to hold."""

    scenario: str
    states: int | None
    steps: int | None
    depth: int | None
    violated: Mapping[str, int | None]
    node: MappingNode


@dataclass(frozen=True, slots=True)
class Variant:
    """A variant as written."""

    name: str
    extends: str
    title: Mapping[str, str]
    why: Mapping[str, str]
    source: str
    #: The scenario and the property that show best what the variant is about.
    shows: tuple[str, str]
    changes: tuple[MappingNode, ...]
    applies: str
    expect: tuple[VariantExpectation, ...]
    slow: bool
    node: MappingNode


def read_variant(name: str, root: MappingNode) -> Variant:
    """Read a variant file; mistakes are recorded on the file."""
    root.only(KEYS, tr("a variant"))
    for needed, example in (("extends", "extends: tcp"), ("why", tr("why: what it teaches, for students"))):
        if root.get(needed) is None:
            root.problem(tr("a variant needs '{needed}'", needed=needed), example)
    changes = tuple(
        item for node in items_of(root.get("changes"), "changes") if (item := mapping_of(node, tr("a change"))) is not None
    )
    if not changes:
        root.problem(tr("a variant needs changes"), "changes: [{in: CLOSED, when: rcv SYN, to be: ignored}]")
    applies = "both" if root.get("applies") is None else choice_of(root.get("applies"), APPLIES, tr("an end"))
    expect: list[VariantExpectation] = []
    for node in items_of(root.get("expect"), "expect"):
        item = mapping_of(node, tr("an expectation"))
        if item is None:
            continue
        item.only(EXPECT_KEYS, tr("an expectation of a variant"))
        states, steps, depth = (count_of(item.get(key), key) for key in ("states", "steps", "depth"))
        scenario = text_of(item.get("scenario"), "scenario")
        if scenario is None:
            item.problem(tr("an expectation names its scenario"), "scenario: open")
            continue
        first = next((one.node.line for one in expect if one.scenario == scenario), None)
        if first is not None:
            where = item.get("scenario") or item
            where.problem(tr("'{scenario}' has two expectations", scenario=scenario), tr("the first is in line {line}", line=first))
        violated = expected_violations(item.get("violated"))
        expect.append(VariantExpectation(scenario, states, steps, depth, violated, item))
    return Variant(
        name=name,
        extends=text_of(root.get("extends"), "extends") or "",
        title=title_of(root, name),
        why=texts_of(root, "why", "why-zh"),
        source=line_of(root.get("source"), "source"),
        shows=_shows(root.get("shows")),
        changes=changes,
        applies=applies or "both",
        expect=tuple(expect),
        slow=flag_of(root.get("slow"), "slow"),
        node=root,
    )


def _shows(node: Node | None) -> tuple[str, str]:
    item = mapping_of(node, "shows")
    if item is None:
        return ("", "")
    item.only(SHOWS_KEYS, "shows")
    return (text_of(item.get("scenario"), "scenario") or "", text_of(item.get("property"), "property") or "")


def patched(draft: Draft, variant: Variant) -> Draft:
    """Apply a variant's changes in order; what does not fit is recorded on the variant's file."""
    result = draft.copied(variant.name)
    for change in variant.changes:
        kinds = [kind for kind in CHANGE_KINDS if change.has(kind)]
        kind = "before" if "before" in kinds else (kinds[0] if kinds else "")
        if not kind:
            hint = tr("choices: {names}", names="in + when, check, before + check, rule, ignored, constant, define, segment, queue, variable")
            change.problem(tr("a change names what it changes"), hint)
            continue
        change.only(CHANGE_KINDS[kind], tr("a change of kind '{kind}'", kind=kind))
        if "to be" in CHANGE_KINDS[kind] and not change.has("to be"):
            change.problem(tr("a change says what is 'to be'"), "to be: {to: CLOSED}")
            continue
        result = _PATCHES[kind](result, change, variant.name)
    return result


def _cell(draft: Draft, change: MappingNode, name: str) -> Draft:
    states = draft.states_of(change.get("in"))
    if not change.has("when"):
        change.problem(tr("a change of a cell names its event"), "when: rcv SYN")
        return draft
    for event in words_of(change.get("when"), "when"):
        for state in states:
            draft = _one_cell(draft, change, (state, event.text), event, name)
    return draft


def _one_cell(draft: Draft, change: MappingNode, cell: tuple[str, str], where: Node, name: str) -> Draft:
    old = draft.cells.get(cell)
    if old is None:
        near = [event for state, event in draft.cells if state == cell[0]]
        where.problem(tr("there is no cell {state} / {event}", state=cell[0], event=cell[1]), did_you_mean(cell[1], near))
        return draft
    guard = change.get("if")
    if isinstance(guard, Scalar):
        matching = [entry for entry in old if _same_text(entry.fields.get("if"), guard)]
        if not matching:
            texts = [found.text for entry in old if isinstance(found := entry.fields.get("if"), Scalar)]
            guard.problem(tr("no rule of {state} / {event} has this 'if'", state=cell[0], event=cell[1]), did_you_mean(guard.text, texts))
            return draft
        chosen = matching[0]
    else:
        chosen = old[0]
    target = change.get("to be")
    if isinstance(target, Scalar) and target.text == "ignored":
        new: tuple[Entry, ...] = (Entry("ignored", *cell, {}, target, name),)
        if chosen.kind == "ignored":
            target.problem(tr("this changes nothing: the cell is ignored already"))
        kept = tuple(entry for entry in old if entry is not chosen) if guard is not None else ()
        if kept:
            target.problem(tr("a cell is ignored as a whole"), tr("leave out the 'if'"))
            return draft
    elif isinstance(target, Items):
        new = tuple(
            Entry("rule", *cell, _fields(item, RULE_KEYS, tr("a rule")), item, name)
            for node in target
            if (item := mapping_of(node, tr("a rule"))) is not None
        )
        if not new:
            target.problem(tr("a cell needs a rule, or is ignored"), "to be: ignored")
            return draft
        if len(new) == len(old) and all(one.kind == "rule" and _equal(one.fields, it.fields) for one, it in zip(old, new, strict=True)):
            target.problem(tr("this changes nothing: the rules read so already"))
    elif isinstance(target, MappingNode):
        if len(old) > 1 and guard is None:
            (change.get("in") or change).problem(
                tr("the cell {state} / {event} has {count} rules: say which one", state=cell[0], event=cell[1], count=len(old)), _guards(old)
            )
            return draft
        fields = _merged(chosen.fields, target, RULE_KEYS[2:], tr("a rule"))
        entry = Entry("rule", *cell, fields, target, name)
        new = tuple(entry if one is chosen else one for one in old)
        if _equal(fields, chosen.fields) and chosen.kind == "rule":
            target.problem(tr("this changes nothing: the rule reads so already"))
    else:
        (target or change).problem(tr("'to be' is a map of keys to change, a list of rules, or the word ignored"))
        return draft
    draft.change_cell(cell, new)
    return draft


def _guards(entries: tuple[Entry, ...]) -> str:
    """Say how each of several rules of a cell is named."""
    texts = [" ".join(guard.text.split()) for entry in entries if isinstance(guard := entry.fields.get("if"), Scalar)]
    named = tr(", or ").join(f"if: {text}" for text in texts)
    if len(texts) == len(entries):
        return named
    other = tr("to change the one that says 'otherwise', write all of them: {example}", example="to be: [{...}, {...}]")
    return f"{named}; {other}" if named else other


def _check(draft: Draft, change: MappingNode, name: str) -> Draft:
    wanted = text_of(change.get("check"), "check") or ""
    names = [check.name for check in draft.checks]
    if wanted not in names:
        (change.get("check") or change).problem(tr("there is no check '{word}'", word=wanted), did_you_mean(wanted, names))
        return draft
    target = change.get("to be")
    if isinstance(target, Scalar) and target.text == "removed":
        return replace(draft, checks=tuple(check for check in draft.checks if check.name != wanted))
    if not isinstance(target, MappingNode):
        (target or change).problem(tr("'to be' is a map of keys to change, or the word removed"))
        return draft
    checks = []
    for check in draft.checks:
        if check.name != wanted:
            checks.append(check)
            continue
        fields = _merged(check.fields, target, CHECK_KEYS[1:], tr("a check"))
        if _equal(fields, check.fields):
            target.problem(tr("this changes nothing: the check reads so already"))
        checks.append(CheckDraft(wanted, fields, target, name))
    return replace(draft, checks=tuple(checks))


def _new_check(draft: Draft, change: MappingNode, name: str) -> Draft:
    wanted = text_of(change.get("before"), "before") or ""
    names = [check.name for check in draft.checks]
    if wanted not in names:
        (change.get("before") or change).problem(tr("there is no check '{word}'", word=wanted), did_you_mean(wanted, names))
        return draft
    inner = MappingNode(
        change.file, change.line, change.column, change.index,
        entries=tuple((key, node) for key, node in change.entries if key.text != "before"),
    )  # fmt: skip
    check = read_check(inner, name)
    if check is None:
        return draft
    if check.name in names:
        check.where.problem(tr("there is a check '{name}' already", name=check.name))
        return draft
    position = names.index(wanted)
    return replace(draft, checks=(*draft.checks[:position], check, *draft.checks[position:]))


def _new_cells(draft: Draft, change: MappingNode, name: str) -> Draft:
    kind = "rule" if change.has("rule") else "ignored"
    node = change.get(kind)
    if node is None:
        change.problem(tr("'{word}' is empty", word=kind))
        return draft
    for entry in entries(draft, node, kind, name):  # type: ignore[arg-type]  # one of the two kinds above
        cell = (entry.state, entry.event)
        old = draft.cells.get(cell, ())
        if old and any(one.variant != name for one in old):
            entry.where.problem(tr("the cell {state} / {event} exists: change it with in, when and 'to be'", state=cell[0], event=cell[1]))
            continue
        draft.change_cell(cell, (*old, entry))
    return draft


def _constant(draft: Draft, change: MappingNode, name: str) -> Draft:
    del name
    return replace(draft, constants=_named(change, "constant", draft.constants))


def _definition(draft: Draft, change: MappingNode, name: str) -> Draft:
    del name
    plain = {key: node for key, (_, node) in draft.definitions.items()}
    changed = _named(change, "define", plain)
    return replace(draft, definitions={key: (draft.definitions[key][0], node) for key, node in changed.items()})


def _segment(draft: Draft, change: MappingNode, name: str) -> Draft:
    del name
    wanted = text_of(change.get("segment"), "segment") or ""
    target = change.get("to be")
    if wanted not in draft.segments and target is not None:  # a new kind of segment, which other changes may send
        return replace(draft, segments={**draft.segments, wanted: target})
    return replace(draft, segments=_named(change, "segment", draft.segments))


def _queue(draft: Draft, change: MappingNode, name: str) -> Draft:
    del name
    return replace(draft, queues=_named(change, "queue", draft.queues))


def _variable(draft: Draft, change: MappingNode, name: str) -> Draft:
    del name
    key, target = change.get("variable"), change.get("to be")
    wanted = text_of(key, "variable")
    if not isinstance(key, Scalar) or wanted is None or target is None:
        change.problem(tr("a new variable has a name and a type"), "{variable: TRIES, to be: {is: count, starts: 0}}")
        return draft
    if wanted in draft.variables:
        key.problem(tr("there is a variable '{name}' already", name=wanted), tr("a variant can add variables, not change them"))
        return draft
    return replace(draft, variables={**draft.variables, wanted: (key, target)})


def _named(change: MappingNode, kind: str, old: dict[str, Node]) -> dict[str, Node]:
    wanted = text_of(change.get(kind), kind) or ""
    target = change.get("to be")
    if wanted not in old or target is None:
        (change.get(kind) or change).problem(tr("there is no {kind} '{word}'", kind=kind, word=wanted), did_you_mean(wanted, old))
        return old
    if _same_text(old[wanted], target):
        target.problem(tr("this changes nothing: the {kind} reads so already", kind=kind))
    return {**old, wanted: target}


def _fields(item: MappingNode, allowed: tuple[str, ...], what: str) -> dict[str, Node]:
    item.only(tuple(key for key in allowed if key not in ("in", "when")), what)
    return {key.text: node for key, node in item.entries}


def _merged(old: dict[str, Node], item: MappingNode, allowed: tuple[str, ...], what: str) -> dict[str, Node]:
    """Return the old keys with those of the patch; a null takes a key away."""
    item.only(allowed, what)
    result = {key: node for key, node in old.items() if key != "reply"}
    for key, node in item.entries:
        if isinstance(node, Scalar) and node.value is None and not node.quoted:
            if key.text not in result:
                key.problem(tr("there is no '{key}' to take away", key=key.text))
            result.pop(key.text, None)
        else:
            result[key.text] = node
    return result


def _same_text(one: Node | None, other: Node | None) -> bool:
    return _plain(one) == _plain(other)


def _equal(one: dict[str, Node], other: dict[str, Node]) -> bool:
    return {key: _plain(node) for key, node in one.items()} == {key: _plain(node) for key, node in other.items()}


def _plain(node: Node | None) -> object:
    """Return what a node says, without where it says it."""
    if isinstance(node, Scalar):
        return " ".join(node.text.split())
    if isinstance(node, Items):
        return [_plain(item) for item in node]
    if isinstance(node, MappingNode):
        return {key.text: _plain(value) for key, value in node.entries}
    return None


_PATCHES = {
    "in": _cell, "check": _check, "before": _new_check, "rule": _new_cells, "ignored": _new_cells,
    "constant": _constant, "define": _definition, "segment": _segment, "queue": _queue, "variable": _variable,
}  # fmt: skip
