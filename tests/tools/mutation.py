"""Breaks a protocol's machine in one place after the other, and says which breakages no property notices.

    python tests/tools/mutation.py                 every mutant of tcp
    python tests/tools/mutation.py --sample 60     some, evenly spread
    python tests/tools/mutation.py --only 'LISTEN / rcv SYN'

A mutant is an ordinary variant with one change: a rule goes to the wrong state, sends nothing, or is ignored; or a
guard or a number is off by one. It is *caught* when the verdict of some property differs from the unbroken machine's
in some scenario; a count that differs is not enough. One that the loader or the endpoint refuses is *refused*. One that
changes nothing at all in any scenario is *unseen*; any other *survives*.
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import NamedTuple

import checker
from tcpfsm.errors import SpecError
from tcpfsm.loader.load import load_variant
from tcpfsm.loader.protocol import Protocol
from tcpfsm.loader.scenario import Scenario
from tcpfsm.loader.target import load_shipped
from tcpfsm.machine.model import Machine, Rule
from tcpfsm.run.build import build

#: Where a rule is sent instead: a plausible confusion, not just any state.
WRONG = {
    "CLOSED": "LISTEN", "LISTEN": "CLOSED", "SYN-SENT": "SYN-RECEIVED", "SYN-RECEIVED": "ESTABLISHED",
    "ESTABLISHED": "CLOSE-WAIT", "FIN-WAIT-1": "FIN-WAIT-2", "FIN-WAIT-2": "TIME-WAIT", "CLOSE-WAIT": "LAST-ACK",
    "CLOSING": "TIME-WAIT", "LAST-ACK": "CLOSING", "TIME-WAIT": "CLOSED",
}  # fmt: skip
#: One-character mistakes in guards and numbers.
SLIPS = (
    (r"=<", "<"), (r"(?<![=<])<(?!=)", "=<"), (r"==", "!="), (r"> ", "< "), (r" \+ 1\b", " + 2"), (r" - 1\b", ""),
    (r" and ", " or "), (r"\bnot ", ""),
)  # fmt: skip


class Mutant(NamedTuple):
    """A one-edit variant: what it breaks, and its changes as YAML."""

    name: str
    kind: str
    changes: str


def mutants(protocol: Protocol) -> Iterator[Mutant]:
    """Go through all mutants of a protocol's machine."""
    machine = protocol.machine()
    for rule in machine.all_rules:
        yield from _of_rule(protocol, machine, rule)
    for check in protocol.draft.checks:
        node = check.fields.get("if")
        for text in slips(getattr(node, "text", "")):
            yield Mutant(f"check {check.name}: {text}", "guard", f"- {{check: {quoted(check.name)}, to be: {{if: {quoted(text)}}}}}")
    for name, (_, node) in protocol.draft.definitions.items():
        for text in slips(getattr(node, "text", "")):
            yield Mutant(f"define {name}: {text}", "guard", f"- {{define: {name}, to be: {quoted(text)}}}")


def _of_rule(protocol: Protocol, machine: Machine, rule: Rule) -> Iterator[Mutant]:
    cell = f"in: {quoted(rule.state)}, when: {quoted(rule.event)}"
    several = len(machine.rules[rule.state, rule.event]) > 1
    entry = next(
        entry
        for entry in protocol.draft.cells[rule.state, rule.event]
        if entry.where.place == rule.place and rule.otherwise == ("otherwise" in entry.fields)
    )
    guard = entry.fields.get("if")
    if several and guard is None:
        return  # an 'otherwise' cannot be named by a patch; its twin with the guard is mutated
    which = f", if: {quoted(guard.text)}" if several and guard is not None else ""
    if rule.to is not None:
        yield Mutant(f"{rule.name}: to {WRONG[rule.to]}", "target", f"- {{{cell}{which}, to be: {{to: {WRONG[rule.to]}}}}}")
        yield Mutant(f"{rule.name}: stays", "target", f"- {{{cell}{which}, to be: {{to: null}}}}")
    if rule.sends:
        yield Mutant(f"{rule.name}: no snd", "send", f"- {{{cell}{which}, to be: {{snd: null}}}}")
    if rule.again is not None:
        yield Mutant(f"{rule.name}: not again", "send", f"- {{{cell}{which}, to be: {{again: null}}}}")
    if not several:
        yield Mutant(f"{rule.name}: ignored", "ignored", f"- {{{cell}, to be: ignored}}")
    for key in ("set", "after"):
        node = entry.fields.get(key)
        for position, (name, value) in enumerate(getattr(node, "entries", ())):
            for text in slips(value.text):
                parts = [
                    f"{other.text}: {quoted(text if index == position else part.text)}"
                    for index, (other, part) in enumerate(node.entries)
                ]
                change = f"- {{{cell}{which}, to be: {{{key}: {{{', '.join(parts)}}}}}}}"
                yield Mutant(f"{rule.name}: {name.text} := {text}", "number", change)


def slips(text: str) -> Iterator[str]:
    """Return the text with one slip of the pen, at each place where there could be one."""
    for pattern, other in SLIPS:
        for match in re.finditer(pattern, text):
            yield text[: match.start()] + other + text[match.end() :]


def quoted(text: str) -> str:
    """Quote a text for a YAML flow map."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def verdicts(protocol: Protocol, scenario: Scenario, variant: str, limit: int) -> tuple[dict[str, str], tuple[object, ...]]:
    """Return the verdicts of a scenario, and what was to be seen in its space."""
    built = build(protocol, scenario, variant)
    space = checker.explore(built.system, checker.Limits(states=limit))
    found = {verdict.property.name: verdict.verdict for verdict in checker.check(space, built.properties)}
    seen = Counter(
        (step.label.kind, step.label.actor, step.label.action, repr(step.label.message), outcome_text(step))
        for state in space.order[: space.expanded]
        for step in space.steps_from(state)
    )
    return found, (space.states, space.steps, space.depth, frozenset(seen.items()))


def outcome_text(step: checker.Step) -> str:
    """Return what can be seen of a step: the states before and after, and what was sent."""
    sends = step.outcome.sends if step.outcome is not None else ()
    return f"{[local.state for local in (*step.before.locals, *step.after.locals)]} {sends}"


_BASE: dict[str, tuple[dict[str, str], tuple[object, ...]]] = {}
_PROTOCOL: list[Protocol] = []


def prepare(name: str) -> None:
    """Run the unbroken machine once, smallest scenarios first."""
    _PROTOCOL.append(load_shipped(name))
    for scenario in sorted(_PROTOCOL[0].scenarios.values(), key=lambda scenario: (scenario.expected and scenario.expected.steps) or 0):
        if not scenario.slow:
            _BASE[scenario.name] = verdicts(_PROTOCOL[0], scenario, "", 10**6)


def judge(mutant: Mutant) -> tuple[Mutant, str, str]:
    """Run a mutant until a verdict differs; say what became of it."""
    text = f"extends: {_PROTOCOL[0].name}\nwhy: one thing is broken\nchanges:\n{mutant.changes}\n"
    differs = ""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "mutant.yaml"
        path.write_text(text, encoding="utf-8")
        try:
            protocol = load_variant(path, _PROTOCOL[0])
        except SpecError as error:
            return mutant, "refused", error.problems[0].message
        for name, (expected, seen) in _BASE.items():
            try:
                found, now = verdicts(protocol, protocol.scenarios[name], "mutant", 60_000)
            except SpecError as error:
                return mutant, "refused", f"{name}: {error.problems[0].message}"
            changed = [key for key, verdict in found.items() if verdict != expected[key]]
            if changed:
                return mutant, "caught", f"{name}: {', '.join(changed[:4])}"
            if now != seen:
                differs = differs or name
    return mutant, "survives" if differs else "unseen", differs


def main() -> None:
    """Run the mutants and print a table."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("protocol", nargs="?", default="tcp")
    arguments.add_argument("--sample", type=int)
    arguments.add_argument("--only", default="")
    arguments.add_argument("--jobs", type=int, default=2)
    chosen = arguments.parse_args()
    every = [mutant for mutant in mutants(load_shipped(chosen.protocol)) if chosen.only in mutant.name]
    if chosen.sample:
        every = every[:: max(1, len(every) // chosen.sample)]
    counts: Counter[tuple[str, str]] = Counter()
    with ProcessPoolExecutor(chosen.jobs, initializer=prepare, initargs=(chosen.protocol,)) as pool:
        for mutant, fate, why in pool.map(judge, every):
            counts[mutant.kind, fate] += 1
            print(f"{fate:9} {mutant.kind:8} {mutant.name}   [{why}]", flush=True)
    fates = ("caught", "survives", "unseen", "refused")
    print()
    for kind in sorted({kind for kind, _ in counts}):
        print(f"{kind:8}", *(f"{fate} {counts[kind, fate]}" for fate in fates))
    total = {fate: sum(count for (_, other), count in counts.items() if other == fate) for fate in fates}
    print("all     ", *(f"{fate} {total[fate]}" for fate in fates))
    sys.exit(0)


if __name__ == "__main__":
    main()
