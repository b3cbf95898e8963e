"""A machine as written, before it is compiled: cells, checks and definitions that a variant can still patch.

A *cell* is one (state, event) pair. Rules, replies and ignored entries that name several states or events are
split into cells here, so that a patch of one cell leaves the others alone.
"""

from __future__ import annotations

from collections.abc import Mapping as MappingType
from dataclasses import dataclass, field, replace
from typing import Literal

from tcpfsm.errors import SpecError, did_you_mean
from tcpfsm.i18n.language import tr
from tcpfsm.loader.fields import entries_of, items_of, mapping_of, name_of, phrase_of, words_of
from tcpfsm.loader.source import Mapping, Node, Scalar

EntryKind = Literal["rule", "reply", "ignored"]

MACHINE_KEYS = (
    "protocol", "title", "title-zh", "source", "peer", "states", "groups", "variables", "constants", "ghosts", "fields", "ghost fields",
    "flags", "segments", "aggregate", "queues", "define", "reading", "calls", "timeouts", "offered", "replies", "ignored", "rules",
    "diagram", "starts",
)  # fmt: skip
CONDITION_KEYS = ("if", "otherwise")
CITE_KEYS = ("rfc", "note")
RULE_KEYS = ("in", "when", *CONDITION_KEYS, "set", "snd", "after", "again", "queue", "as", "delivers", "ghost", "to", "idle", *CITE_KEYS)
STATE_KEYS = ("means", "zh", "short", "keeps")
MAX_STATES = 500
MAX_CELLS = 50_000
KEYS_OF: MappingType[EntryKind, tuple[str, ...]] = {
    "rule": RULE_KEYS,
    "reply": ("in", "when", "reply", *CITE_KEYS),
    "ignored": ("in", "when", *CITE_KEYS),
}
CHECK_KEYS = ("check", "in", "if", "event", "then", *CITE_KEYS)


@dataclass(frozen=True, slots=True)
class Entry:
    """What one cell says: a rule, a reply to a call, or that the event is ignored there."""

    kind: EntryKind
    state: str
    event: str
    fields: dict[str, Node]
    where: Node
    #: The name of the variant that wrote or changed it; empty for the machine itself.
    variant: str = ""


@dataclass(frozen=True, slots=True)
class CheckDraft:
    """One check of the reading, as written."""

    name: str
    fields: dict[str, Node]
    where: Node
    variant: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """Everything a machine file says, split into parts that can be patched."""

    root: Mapping
    name: str
    states: dict[str, Mapping | None]
    groups: dict[str, tuple[str, ...]]
    variables: dict[str, tuple[Scalar, Node]]
    constants: dict[str, Node]
    definitions: dict[str, tuple[Scalar, Node]]
    segments: dict[str, Node]
    queues: dict[str, Node]
    checks: tuple[CheckDraft, ...]
    cells: dict[tuple[str, str], tuple[Entry, ...]]
    variant: str = ""
    changed: set[tuple[str, str]] = field(default_factory=set)

    def states_of(self, node: Node | None) -> tuple[str, ...]:
        """Resolve a state, a group, or a list of them; unknown words are problems."""
        return resolve(node, self.states, self.groups)

    def copied(self, variant: str) -> Draft:
        """Return the draft of a variant, the cells of which can be changed."""
        return replace(self, variant=variant, cells=dict(self.cells), changed=set(self.changed))

    def change_cell(self, cell: tuple[str, str], entries: tuple[Entry, ...]) -> None:
        """Make one cell read differently, in a copy: a change may be of thousands."""
        self.cells[cell] = entries
        self.changed.add(cell)


def resolve(node: Node | None, states: MappingType[str, object], groups: MappingType[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Return the states that a word or a list of words means, in the order of the machine."""
    found = set()
    for word in words_of(node, "in"):
        if word.text in states:
            found.add(word.text)
        elif word.text in groups:
            found.update(groups[word.text])
        else:
            word.problem(tr("'{word}' is not a state or group", word=word.text), did_you_mean(word.text, [*states, *groups]))
    return tuple(state for state in states if state in found)


def read_draft(root: Mapping) -> Draft:
    """Read a machine file into a draft; mistakes are recorded on the file."""
    root.only(MACHINE_KEYS, tr("a machine"))
    name = phrase_of(root.get("protocol"), "protocol")
    if root.get("protocol") is None:
        root.problem(tr("a machine needs a name"), "protocol: my-protocol")
    states: dict[str, Mapping | None] = {}
    for key, node in entries_of(root.get("states"), "states"):
        states[name_of(key, tr("a state"))] = mapping_of(node, tr("the state {name}", name=key.text))
    if not states:
        root.problem(tr("a machine needs states"), "states: {IDLE: {means: nothing to do}}")
        raise SpecError(root.file.problems)  # without states nothing else has a meaning
    if len(states) > MAX_STATES:
        root.problem(tr("a machine has at most {most} states", most=MAX_STATES))
        raise SpecError(root.file.problems)
    groups = _groups(root, states)
    draft = Draft(
        root=root,
        name=name or "",
        states=states,
        groups=groups,
        variables={key.text: (key, node) for key, node in entries_of(root.get("variables"), "variables")},
        constants=_named(root, "constants", tr("a constant")),
        definitions=_definitions(root.get("define")),
        segments=_texts(root, "segments"),
        queues=_named(root, "queues", tr("a queue")),
        checks=tuple(_checks(root)),
        cells={},
    )
    cells: dict[tuple[str, str], tuple[Entry, ...]] = {}
    count = 0
    for section, kind in (("rules", "rule"), ("replies", "reply"), ("ignored", "ignored")):
        for node in items_of(root.get(section), section):
            for entry in entries(draft, node, kind):  # type: ignore[arg-type]  # the three kinds, spelt out above
                count += 1
                if count > MAX_CELLS:
                    entry.where.problem(tr("the cells of a machine are at most {most}", most=f"{MAX_CELLS:,}"))
                    raise SpecError(root.file.problems)
                cell = (entry.state, entry.event)
                cells[cell] = (*cells.get(cell, ()), entry)
    return replace(draft, cells=cells)


def entries(draft: Draft, node: Node, kind: EntryKind, variant: str = "") -> tuple[Entry, ...]:
    """Split one rule, reply or ignored entry into its cells."""
    what = {"rule": tr("a rule"), "reply": tr("a reply"), "ignored": tr("an ignored entry")}[kind]
    item = mapping_of(node, what)
    if item is None:
        return ()
    item.only(KEYS_OF[kind], what)
    for needed in ("in", "when"):
        if item.get(needed) is None:
            item.problem(tr("{what} needs '{needed}'", what=what, needed=needed))
    events = [word.text for word in words_of(item.get("when"), "when")]
    fields = {key.text: value for key, value in item.entries if key.text not in ("in", "when")}
    where = item.get("when") or item
    return tuple(
        Entry(kind, state, event, fields, where, variant)
        for state in draft.states_of(item.get("in"))
        for event in dict.fromkeys(events)
    )


def read_check(node: Node, variant: str = "") -> CheckDraft | None:
    """Read one check of the reading."""
    item = mapping_of(node, tr("a check"))
    if item is None:
        return None
    item.only(CHECK_KEYS, tr("a check"))
    name = phrase_of(item.get("check"), "check")
    if name is None:
        item.problem(tr("a check needs a name"), "check: first")
        return None
    for needed in ("in", "event"):
        if item.get(needed) is None:
            item.problem(tr("the check '{name}' needs '{needed}'", name=name, needed=needed))
    fields = {key.text: value for key, value in item.entries if key.text != "check"}
    return CheckDraft(name, fields, item.get("check") or item, variant)


def _checks(root: Mapping) -> list[CheckDraft]:
    found: dict[str, CheckDraft] = {}
    for node in items_of(root.get("reading"), "reading"):
        check = read_check(node)
        if check is None:
            continue
        if check.name in found:
            first = found[check.name].where
            check.where.problem(tr("there are two checks '{name}'", name=check.name), tr("the first is in line {line}", line=first.line))
        else:
            found[check.name] = check
    return list(found.values())


def _named(root: Mapping, section: str, what: str) -> dict[str, Node]:
    return {name_of(key, what): node for key, node in entries_of(root.get(section), section)}


def _texts(root: Mapping, section: str) -> dict[str, Node]:
    return {key.text: node for key, node in entries_of(root.get(section), section)}


def _definitions(node: Node | None) -> dict[str, tuple[Scalar, Node]]:
    found: dict[str, tuple[Scalar, Node]] = {}
    for key, value in entries_of(node, "define"):
        name = key.text.partition("(")[0].strip()
        if name in found:
            key.problem(tr("'{name}' is defined twice", name=name), tr("the first is in line {line}", line=found[name][0].line))
        found.setdefault(name, (key, value))
    return found


def _groups(root: Mapping, states: dict[str, Mapping | None]) -> dict[str, tuple[str, ...]]:
    groups = {"any-state": tuple(states)}
    for key, node in entries_of(root.get("groups"), "groups"):
        name = name_of(key, tr("a group"))
        if name not in states and name not in groups:  # two meanings of a name are told when it is compiled
            groups[name] = resolve(node, states, groups)
    return groups
