"""Showing: what there is, and the state by event table of a machine."""

from __future__ import annotations

from typing import Any

from tcpfsm.errors import UsageError, did_you_mean
from tcpfsm.language import tr
from tcpfsm.report_text import table
from tcpfsm.spec.model import Machine, Rule
from tcpfsm.spec.protocol import Protocol
from tcpfsm.target import Target


def listing(protocols: list[Protocol]) -> list[dict[str, Any]]:
    """Return everything that has a name, as data."""
    return [
        {
            "protocol": protocol.name,
            "title": protocol.machine().title,
            "source": protocol.machine().source,
            "scenarios": [
                {"name": name, "says": scenario.says["en"], "exhibit": scenario.exhibit, "slow": scenario.slow}
                for name, scenario in protocol.scenarios.items()
            ],
            "variants": [
                {"name": name, "title": variant.title, "why": variant.why["en"]}
                for name, variant in protocol.variants.items()
            ],
            "properties": [
                {"name": name, "kind": spec.kind, "says": spec.says["en"], "source": spec.source}
                for name, spec in protocol.properties.properties.items()
            ],
            "assumptions": [
                {"name": name, "says": spec.says["en"], "source": spec.source}
                for name, spec in protocol.properties.assumptions.items()
            ],
        }
        for protocol in protocols
    ]


def listing_text(protocols: list[Protocol]) -> str:
    """Return everything that has a name, as text."""
    lines: list[str] = []
    for data in listing(protocols):
        lines += [f"{data['protocol']}: {data['title']}", ""]
        for section, word in (("scenarios", "says"), ("variants", "title"), ("properties", "says"), ("assumptions", "says")):
            lines.append(f"  {section}")
            rows = [[item["name"] + (" (exhibit)" if item.get("exhibit") else ""), _short(item[word])] for item in data[section]]
            lines += ["  " + line for line in table(rows)] + [""]
    return "\n".join(lines).rstrip() + "\n"


def _short(text: str, limit: int = 100) -> str:
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
    lines = [f"{target.name}: {machine.title}" + (f" ({machine.source})" if machine.source else ""), ""]
    if target.variant:
        variant = protocol.variants[target.variant]
        lines = [f"{target.name}: {variant.title}", "", variant.why["en"], *_source(variant.source), ""]
        lines += ["Differs from " + protocol.name + " in:", *_changes(protocol, machine), ""]
    lines += matrix(machine)
    return "\n".join(lines).rstrip() + "\n"


def _source(text: str) -> list[str]:
    return [f"Source: {text}"] if text else []


def _changes(protocol: Protocol, machine: Machine) -> list[str]:
    base = protocol.machine()
    lines = []
    for cell in sorted(machine.changed):
        before = "; ".join(_effect(rule) for rule in base.rules.get(cell, ())) or _silence(base, cell)
        after = "; ".join(_effect(rule) for rule in machine.rules.get(cell, ())) or _silence(machine, cell)
        lines.append(f"  {cell[0]} / {cell[1]}: {after}   (was: {before})")
    lines += [f"  check '{check.name}' ({check.place.path}:{check.place.line})" for check in machine.checks if check.variant]
    return lines or ["  definitions, constants or segments"]


def _silence(machine: Machine, cell: tuple[str, str]) -> str:
    found = machine.silent.get(cell)
    return found.text if found is not None else "nothing"


def _effect(rule: Rule) -> str:
    parts = [f"snd {template.name}" for template in rule.sends]
    if rule.again is not None:
        parts.append("send again")
    if rule.queue is not None:
        parts.append(f"queue {rule.queue}")
    if rule.delivers:
        parts.append("deliver")
    if rule.to is not None:
        parts.append(f"go to {rule.to}")
    return ", ".join(parts) or "take note"


def matrix(machine: Machine) -> list[str]:
    """Return the state by event table: events down, states across; every cell says something."""
    events = [*machine.calls, *machine.timeouts, *machine.events]
    header = ["event", *(state.short for state in machine.states.values())]
    rows = [[event, *(_cell(machine, state, event) for state in machine.states)] for event in events]
    lines = table([header, *rows])
    legend = "  " + ", ".join(f"{s.short} {s.name}" for s in machine.states.values() if s.short != s.name)
    if legend.strip():
        lines += ["", legend]
    lines += [
        "",
        "  TARGET: the state changes; stay: something is done and the state stays; a|b: it depends on values;",
        "  reply: the user is told so and nothing changes; -: ignored; blank: the event cannot happen there.",
    ]
    return lines


def _cell(machine: Machine, state: str, event: str) -> str:
    rules = machine.rules.get((state, event))
    if rules:
        return "|".join(machine.states[rule.to].short if rule.to else "stay" for rule in rules)
    silent = machine.silent.get((state, event))
    if silent is None:
        return ""
    return "-" if silent.kind == "ignored" else "reply"


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
        lines = [f"{word} ({spec.kind})", "", spec.says["en"], *_source(spec.source), ""]
        lines += [f"  {key}: {' '.join(_text(spec.node, key).split())}" for key in ("for", "if", "then") if spec.node.get(key)]
        return "\n".join(lines) + "\n"
    if word in known.assumptions:
        assumption = known.assumptions[word]
        steps = ", ".join(assumption.steps)
        lines = [f"{word} (assumption)", "", assumption.says["en"], *_source(assumption.source), ""]
        lines.append(f"  {steps} only if {' '.join(_text(assumption.node, 'only-if').split())}")
        return "\n".join(lines) + "\n"
    machine = protocol.machine(target.variant)
    if word in machine.states:
        return _state(machine, word)
    raise UsageError(tr("{protocol} has nothing called '{name}'; {hint}", protocol=protocol.name, name=word, hint=did_you_mean(word, parts(protocol))))


def _text(node: Any, key: str) -> str:
    return getattr(node.get(key), "text", "")


def _scenario(protocol: Protocol, name: str) -> str:
    scenario = protocol.scenarios[name]
    lines = [f"{name}" + (" (exhibit)" if scenario.exhibit else ""), "", scenario.says["en"], *_source(scenario.source), ""]
    lines += table([[key, str(value)] for key, value in scenario.bounds().items()])
    for assumed in scenario.assumes:
        lines.append(f"  assumes {assumed}: {protocol.properties.assumptions[assumed].says['en']}")
    return "\n".join(lines) + "\n"


def _state(machine: Machine, name: str) -> str:
    lines = [f"{name}: {machine.states[name].means.get('en', '')}", ""]
    rows = []
    for (state, event), rules in machine.rules.items():
        if state == name:
            for rule in rules:
                guard = rule.name.split(" / ")[2:]
                when = event + (f" [{guard[0]}]" if guard else "")
                rows.append([when, _effect(rule), rule.rfc, f"{rule.place.path}:{rule.place.line}"])
    for (state, event), cell in machine.silent.items():
        if state == name:
            rows.append([event, cell.text, cell.rfc, ""])
    return "\n".join([*lines, *table(rows)]) + "\n"
