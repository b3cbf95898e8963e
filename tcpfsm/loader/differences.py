"""What a variant changes, in words: each change by the name of what it changes, and what reads differently."""

from __future__ import annotations

from tcpfsm.i18n.language import tr
from tcpfsm.loader.draft import Draft, Entry
from tcpfsm.loader.source import Items, Mapping, Node, Scalar

#: The keys of a rule whose entries are told one by one.
_MAPS = ("set", "after", "ghost")


def changed_thing(change: Mapping) -> str:
    """Return what a change of a variant changes: a cell, a check, a definition, a segment and so on."""
    for kind in ("rule", "ignored"):
        inner = change.get(kind)
        if isinstance(inner, Mapping):
            return _cell(inner)
    for kind in ("check", "constant", "define", "segment", "queue", "variable"):
        if change.has(kind):
            return named(kind, plain(change.get(kind)))
    return _cell(change)


def named(kind: str, name: str) -> str:
    """Return what has a name together with what it is; ``kind`` is the key of a change."""
    return {
        "check": tr("check '{name}'", name=name),
        "constant": tr("constant {name}", name=name),
        "define": tr("definition '{name}'", name=name),
        "segment": tr("segment {name}", name=name),
        "queue": tr("queue '{name}'", name=name),
        "variable": tr("variable {name}", name=name),
    }[kind]


def _cell(node: Mapping) -> str:
    return f"{plain(node.get('in'))} / {plain(node.get('when'))}"


def plain(node: Node | None) -> str:
    """Return what a node says, on one line."""
    if isinstance(node, Scalar):
        return " ".join(node.text.split())
    if isinstance(node, Items):
        return ", ".join(plain(item) for item in node)
    if isinstance(node, Mapping):
        return ", ".join(f"{key.text}: {plain(value)}" for key, value in node.entries)
    return ""


def unlike_rules(draft: Draft, other: Draft, cell: tuple[str, str]) -> list[str]:
    """Return of each rule of a cell what it says that the rule of the other draft in its place, or the last one, does not."""
    theirs = other.cells[cell]
    return [_unlike(one, theirs[min(place, len(theirs) - 1)]) for place, one in enumerate(draft.cells[cell])]


def _unlike(entry: Entry, other: Entry) -> str:
    parts = []
    for key, node in entry.fields.items():
        counterpart = other.fields.get(key)
        if plain(node) == plain(counterpart):
            continue
        if key in _MAPS and isinstance(node, Mapping):
            texts = {name.text: plain(value) for name, value in node.entries}
            known = {name.text: plain(value) for name, value in counterpart.entries} if isinstance(counterpart, Mapping) else {}
            is_reordered = texts == known
            parts += [f"{key} {name}: {value}" for name, value in texts.items() if is_reordered or known.get(name) != value]
        else:
            parts.append(f"{key}: {plain(node)}")
    return ", ".join(parts)


def changed_names(draft: Draft, base: Draft) -> list[tuple[str, str, str]]:
    """Return the constants, definitions, segments, queues and variables that read differently.

    Of each: its name with what it is, what it reads, and what it read in ``base``, which is empty where it is new.
    """
    sections: tuple[tuple[str, dict[str, Node], dict[str, Node]], ...] = (
        ("constant", draft.constants, base.constants),
        ("define", _bodies(draft), _bodies(base)),
        ("segment", draft.segments, base.segments),
        ("queue", draft.queues, base.queues),
        ("variable", {name: node for name, (_, node) in draft.variables.items()}, {name: node for name, (_, node) in base.variables.items()}),
    )
    found = []
    for kind, mine, theirs in sections:
        for name, node in mine.items():
            old = theirs.get(name)
            if plain(node) != plain(old):
                found.append((named(kind, name), *_unlike_keys(node, old)))
    return found


def _bodies(draft: Draft) -> dict[str, Node]:
    return {name: node for name, (_, node) in draft.definitions.items()}


def _unlike_keys(node: Node, old: Node | None) -> tuple[str, str]:
    """Return both texts; of two maps only the keys that differ."""
    if not (isinstance(node, Mapping) and isinstance(old, Mapping)):
        return plain(node), plain(old)
    texts, known = ({key.text: plain(value) for key, value in one.entries} for one in (node, old))
    pair = ({key: text for key, text in one.items() if other.get(key) != text} for one, other in ((texts, known), (known, texts)))
    now, was = (", ".join(f"{key}: {text}" for key, text in one.items()) for one in pair)
    return now, was


def removed_checks(draft: Draft, base: Draft) -> list[str]:
    """Return the names of the checks that are gone."""
    kept = {check.name for check in draft.checks}
    return [check.name for check in base.checks if check.name not in kept]
