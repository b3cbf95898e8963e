"""Showing: what there is, and the state by event table of a machine."""

from __future__ import annotations

from typing import Any

from tcpfsm.errors import UsageError, did_you_mean
from tcpfsm.i18n.language import said, tr
from tcpfsm.i18n.width import width
from tcpfsm.i18n.wrapping import shorten
from tcpfsm.loader.differences import changed_names, named, removed_checks, unlike_rules
from tcpfsm.loader.protocol import Protocol
from tcpfsm.loader.target import Target
from tcpfsm.machine.model import CellText, Machine, Rule
from tcpfsm.report.bounds import bound_name
from tcpfsm.report.table import table


def listing(protocols: list[Protocol]) -> list[dict[str, Any]]:
    """Return everything that has a name, as data."""
    return [
        {
            "protocol": protocol.name,
            "title": said(protocol.machine().title),
            "source": protocol.machine().source,
            "scenarios": [
                {"name": name, "says": said(scenario.says), "exhibit": scenario.exhibit, "slow": scenario.slow}
                for name, scenario in protocol.scenarios.items()
            ],
            "variants": [
                {"name": name, "title": said(variant.title), "why": said(variant.why)}
                for name, variant in protocol.variants.items()
            ],
            "properties": [
                {"name": name, "kind": spec.kind, "class": spec.class_word, "says": said(spec.says), "source": spec.source}
                for name, spec in protocol.properties.properties.items()
                if not spec.claimed
            ],
            "assumptions": [
                {"name": name, "says": said(spec.says), "source": spec.source}
                for name, spec in protocol.properties.assumptions.items()
            ],
            "claims": [
                {"name": name, "says": said(claim.says), "verdict": claim.recorded, "source": claim.source}
                for name, claim in protocol.claims.items()
            ],
        }
        for protocol in protocols
    ]


def listing_text(protocols: list[Protocol]) -> str:
    """Return everything that has a name, as text."""
    lines: list[str] = []
    for data in listing(protocols):
        lines += [f"{data['protocol']}: {data['title']}", ""]
        for section, word, heading in (
            ("scenarios", "says", tr("scenarios")),
            ("variants", "title", tr("variants")),
            ("properties", "says", tr("properties")),
            ("assumptions", "says", tr("assumptions")),
            ("claims", "says", tr("claims")),
        ):
            if not data[section]:
                continue
            lines.append(f"  {heading}")
            rows = [[_named(item["name"], exhibit=bool(item.get("exhibit"))), _short(item[word])] for item in data[section]]
            lines += ["  " + line for line in table(rows)] + [""]
    return "\n".join(lines).rstrip() + "\n"


def _named(name: str, *, exhibit: bool) -> str:
    return tr("{name} (exhibit)", name=name) if exhibit else name


def _short(text: str, limit: int = 100) -> str:
    if width(text) != len(text):
        return shorten(text, limit)
    return text if len(text) <= limit else text[: limit - 3].rsplit(" ", 1)[0] + " ..."


def show(target: Target, word: str = "") -> str:
    """Return what there is to say of a target: a machine's table, a variant's changes, or one named part.

    Raises:
        UsageError: nothing is called so.
    """
    protocol = target.protocol
    if word and word in protocol.variants:
        return show(Target(protocol, variant=word))
    if word:
        return _part(target, word)
    if target.scenario:
        return _part(target, target.scenario)
    machine = protocol.machine(target.variant)
    lines = [f"{target.name}: {said(machine.title)}" + (f" ({machine.source})" if machine.source else ""), ""]
    if target.variant:
        variant = protocol.variants[target.variant]
        lines = [f"{target.name}: {said(variant.title)}", "", said(variant.why), *_source(variant.source), ""]
        lines += [tr("Differs from {protocol} in:", protocol=protocol.name), *_changes(protocol, machine), ""]
    lines += matrix(machine)
    return "\n".join(lines).rstrip() + "\n"


def _source(text: str) -> list[str]:
    return [tr("Source: {text}", text=text)] if text else []


def _changes(protocol: Protocol, machine: Machine) -> list[str]:
    base = protocol.machine()
    draft, plain = protocol.draft_of(machine.variant), protocol.draft
    lines = []
    for cell in sorted(machine.changed):
        was, now = ([_effect(rule) for rule in one.rules.get(cell, ())] for one in (base, machine))
        if was and set(was) == set(now):  # nothing that is seen differs, so that what else the rules say is told
            was = _with(was, unlike_rules(plain, draft, cell))
            now = _with(now, unlike_rules(draft, plain, cell))
        before, after = "; ".join(was) or _silence(base, cell), "; ".join(now) or _silence(machine, cell)
        lines.append(f"  {cell[0]} / {cell[1]}: {after}   {_was(before)}")
    lines += [f"  {named('check', one.name)} ({one.place.path}:{one.place.line})" for one in machine.checks if one.variant]
    lines += [f"  {named('check', name)}: {tr('removed')}" for name in removed_checks(draft, plain)]
    for what, reads, read in changed_names(draft, plain):
        lines.append(f"  {what}: {reads or tr('nothing')}   {_was(read or tr('nothing'))}")
    return lines


def _with(effects: list[str], more: list[str]) -> list[str]:
    return [", ".join(filter(None, pair)) for pair in zip(effects, more, strict=True)]


def _was(before: str) -> str:
    return tr("(was: {before})", before=before)


def _silence(machine: Machine, cell: tuple[str, str]) -> str:
    found = machine.silent.get(cell)
    return _said_only(found) if found is not None else tr("nothing")


def _said_only(cell: CellText) -> str:
    return tr("ignored") if cell.kind == "ignored" else cell.text


def _effect(rule: Rule) -> str:
    parts = [f"snd {template.name}" for template in rule.sends]
    if rule.again is not None:
        parts.append(tr("send again"))
    if rule.queue is not None:
        parts.append(tr("queue {what}", what=rule.queue))
    if rule.delivers:
        parts.append(tr("deliver"))
    if rule.to is not None:
        parts.append(tr("go to {state}", state=rule.to))
    return ", ".join(parts) or tr("take note")


def matrix(machine: Machine) -> list[str]:
    """Return the state by event table: events down, states across; every cell says something."""
    events = [*machine.calls, *machine.timeouts, *machine.events]
    header = [tr("event"), *(state.short for state in machine.states.values())]
    rows = [[event, *(_cell(machine, state, event) for state in machine.states)] for event in events]
    lines = table([header, *rows])
    legend = "  " + ", ".join(f"{s.short} {s.name}" for s in machine.states.values() if s.short != s.name)
    if legend.strip():
        lines += ["", legend]
    lines += [
        "",
        "  " + tr("TARGET: the state changes; stay: something is done and the state stays; a|b: it depends on values;"),
        "  " + tr("reply: the user is told so and nothing changes; -: ignored; blank: the event cannot happen there."),
    ]
    return lines


def _cell(machine: Machine, state: str, event: str) -> str:
    rules = machine.rules.get((state, event))
    if rules:
        return "|".join(machine.states[rule.to].short if rule.to else tr("stay") for rule in rules)
    silent = machine.silent.get((state, event))
    if silent is None:
        return ""
    return "-" if silent.kind == "ignored" else tr("reply")


def parts(protocol: Protocol) -> list[str]:
    """Return every name by which a part of a protocol can be shown."""
    known = protocol.properties
    return [*protocol.scenarios, *known.properties, *known.assumptions, *protocol.machine().states, *protocol.variants]


def _part(target: Target, word: str) -> str:
    protocol, known = target.protocol, target.protocol.properties
    if word in protocol.scenarios:
        return _scenario(protocol, word)
    if word in known.properties:
        spec = known.properties[word]
        kind = spec.kind if spec.claimed else f"{spec.kind}, {spec.class_word}"
        lines = [f"{word} ({kind})", "", said(spec.says), *_source(spec.source), ""]
        lines += [f"  {key}: {' '.join(_text(spec.node, key).split())}" for key in ("for", "if", "then") if spec.node.get(key)]
        return "\n".join(lines) + "\n"
    if word in known.assumptions:
        assumption = known.assumptions[word]
        steps = ", ".join(assumption.steps)
        lines = [tr("{name} (assumption)", name=word), "", said(assumption.says), *_source(assumption.source), ""]
        condition = " ".join(_text(assumption.node, "only-if").split())
        lines.append("  " + tr("{steps} only if {condition}", steps=steps, condition=condition))
        return "\n".join(lines) + "\n"
    machine = protocol.machine(target.variant)
    if word in machine.states:
        return _state(machine, word)
    raise UsageError(tr("{protocol} has nothing called '{name}'; {hint}", protocol=protocol.name, name=word, hint=did_you_mean(word, parts(protocol))))


def _text(node: Any, key: str) -> str:
    return getattr(node.get(key), "text", "")


def _scenario(protocol: Protocol, name: str) -> str:
    scenario = protocol.scenarios[name]
    lines = [_named(name, exhibit=scenario.exhibit), "", said(scenario.says), *_source(scenario.source), ""]
    lines += table([[bound_name(key), str(value)] for key, value in scenario.bounds().items()])
    for assumed in scenario.assumes:
        says = said(protocol.properties.assumptions[assumed].says)
        lines.append("  " + tr("assumes {name}: {says}", name=assumed, says=says))
    return "\n".join(lines) + "\n"


def _state(machine: Machine, name: str) -> str:
    lines = [f"{name}: {said(machine.states[name].means)}", ""]
    rows = []
    for (state, event), rules in machine.rules.items():
        if state == name:
            for rule in rules:
                when = event + (f" [{rule.condition}]" if rule.condition else "")
                rows.append([when, _effect(rule), rule.rfc, f"{rule.place.path}:{rule.place.line}"])
    for (state, event), cell in machine.silent.items():
        if state == name:
            rows.append([event, _said_only(cell), cell.rfc, ""])
    return "\n".join([*lines, *table(rows)]) + "\n"
