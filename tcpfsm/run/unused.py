"""What a spec declares and nothing uses.

A thing is used where an expression mentions its name, but for its own: what only feeds itself, or something else that is
not used, is not used either. What a variant, a scenario, a property or a claim mentions is used.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from tcpfsm.loader.protocol import Protocol
from tcpfsm.loader.scenario import ENDS
from tcpfsm.loader.source import Items, Node, Scalar
from tcpfsm.loader.source import Mapping as MappingNode
from tcpfsm.machine.model import Check, Machine
from tcpfsm.run.notes import Note, Unused

_NAME = re.compile(r"[^\W\d][\w.-]*")
#: What holds texts for people, no expressions.
_TEXTS = frozenset(("says", "zh", "source", "rfc", "note", "title", "title-zh", "means", "why", "why-zh", "protocol", "peer"))
#: The sections of a machine that declare things by name, and what such a thing is.
_SECTIONS: dict[str, Unused] = {
    "constants": "constant", "variables": "variable", "ghosts": "ghost", "define": "definition", "segments": "segment",
    "queues": "queue",
}  # fmt: skip
#: Where a rule gives values to variables and ghosts: the value is used only if what takes it is.
_ASSIGNED = frozenset(("set", "after", "ghost"))


def unused(protocol: Protocol) -> tuple[Note, ...]:
    """Return a note for everything that a protocol declares and nothing uses, in the order of its files."""
    declared: dict[str, tuple[Unused, Scalar]] = {}
    feeds: dict[str, set[str]] = {}
    used: set[str] = set()
    root = protocol.draft.root
    for section, what in _SECTIONS.items():
        _declare(root.get(section), what, declared, feeds)
    _declare(protocol.properties.node and protocol.properties.node.get("define"), _SECTIONS["define"], declared, feeds)
    roots = [value for key, value in root.entries if key.text not in _SECTIONS]
    roots += [*(variant.node for variant in protocol.variants.values()), *(scenario.node for scenario in protocol.scenarios.values())]
    roots += [spec.node for spec in protocol.properties.properties.values()]
    roots += [spec.node for spec in protocol.properties.assumptions.values()]
    for node in roots:
        for owner, names in _mentions(node, ""):
            (feeds.setdefault(owner, set()) if owner in declared else used).update(names)
    _spread(used, feeds)
    found = [_note(what, key) for name, (what, key) in declared.items() if name not in used]
    return (*found, *_checks(protocol), *_events(protocol), *_questions(protocol))


def _note(what: Unused, key: Node, name: str = "") -> Note:
    return Note("unused", name or getattr(key, "text", ""), what, f"{key.file.path}:{key.line}")


def _declare(node: Node | None, what: Unused, declared: dict[str, tuple[Unused, Scalar]], feeds: dict[str, set[str]]) -> None:
    for key, value in node.entries if isinstance(node, MappingNode) else ():
        name = key.text.partition("(")[0].strip()
        declared.setdefault(name, (what, key))
        for _, names in _mentions(value, ""):
            feeds.setdefault(name, set()).update(names)


def _mentions(node: Node, owner: str) -> Iterator[tuple[str, set[str]]]:
    """Go through the names that texts mention, each with the variable that takes the value, if one does."""
    if isinstance(node, Scalar):
        yield owner, set(_names(node.text))
    elif isinstance(node, Items):
        for item in node.items:
            yield from _mentions(item, owner)
    elif isinstance(node, MappingNode):
        for key, value in node.entries:
            if key.text in _ASSIGNED and isinstance(value, MappingNode):
                for variable, assigned in value.entries:
                    yield from _mentions(assigned, variable.text)
            elif key.text not in _TEXTS:
                yield from _mentions(value, owner)


def _names(text: str) -> Iterator[str]:
    """Go through the names in a text: the text itself, each word, and what is behind each dot of it."""
    yield text
    for word in _NAME.findall(text):
        yield word
        for match in re.finditer(r"\.", word):
            yield word[match.end() :]


def _spread(used: set[str], feeds: Mapping[str, set[str]]) -> None:
    """Add what is used by what is used."""
    left = list(used)
    while left:
        for name in feeds.get(left.pop(), ()):
            if name not in used:
                used.add(name)
                left.append(name)


def _checks(protocol: Protocol) -> Iterator[Note]:
    """Note the checks that no segment comes to: an earlier one always fits."""
    reached: set[str] = set()
    machines = [protocol.machine(), *(protocol.machine(name) for name in protocol.variants)]
    for machine in machines:
        reached |= _reached(machine)
    for check in protocol.draft.checks:
        if check.name not in reached:
            yield _note("check", check.where, check.name)


def _reached(machine: Machine) -> set[str]:
    """Return the names of the checks that a segment may come to, in some state."""
    checks = machine.checks
    begun = {(0, state) for state in machine.states} if checks else set()
    left, found = list(begun), set()
    while left:
        place, state = left.pop()
        check = checks[place]
        following = set()
        if state in check.states:
            found.add(check.name)
            following = _after(machine, check)
        if (state not in check.states or check.guard is not None) and place + 1 < len(checks):
            following = {*following, (place + 1, state)}
        left += following - begun
        begun |= following
    return found


def _after(machine: Machine, check: Check) -> set[tuple[int, str]]:
    """Return where the reading may go on after a check fits: its event may have led to any state."""
    if check.then is None or check.then >= len(machine.checks):
        return set()
    return {(check.then, state) for state in machine.states}


def _events(protocol: Protocol) -> Iterator[Note]:
    """Note the calls and timeouts that have rules and that no scenario lets happen."""
    machine = protocol.machine()
    given = {event for scenario in protocol.scenarios.values() for end in ENDS for event in (*scenario.ends[end].calls, *scenario.ends[end].timeouts)}
    for section, names in (("calls", machine.calls), ("timeouts", machine.timeouts)):
        node = protocol.draft.root.get(section)
        for name in names:
            if name not in given and any(event == name for _, event in machine.rules):
                place = next((item for item in getattr(node, "items", ()) if getattr(item, "text", "") == name), node or protocol.draft.root)
                yield _note("event", place, name)


def _questions(protocol: Protocol) -> Iterator[Note]:
    """Note the properties and assumptions that nothing asks or assumes."""
    assumed = {name for scenario in protocol.scenarios.values() for name in scenario.assumes}
    named: set[str] = {name for scenario in protocol.scenarios.values() for name in scenario.properties}
    named |= {question.name for claim in protocol.claims.values() for question in (*claim.asks, *claim.also)}
    for name, spec in protocol.properties.properties.items():
        if not (spec.everywhere or spec.claimed or name in named):
            yield _note("property", spec.node, name)
    for name, assumption in protocol.properties.assumptions.items():
        if name not in assumed:
            yield _note("assumption", assumption.node, name)
