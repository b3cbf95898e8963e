"""Small protocols drawn at random, as files: every word of the language in every place where it may stand."""

from __future__ import annotations

import re
from random import Random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

STATES = ("S0", "S1", "S2")
CALLS, TIMEOUTS, EVENTS = ("GO", "ADD"), ("tick",), ("rcv X", "rcv Y")
HEAD = """
protocol: drawn
states:
  S0: {means: first, keeps: nothing}
  S1: {means: second}
  S2: {means: third}
groups: {late: [S1, S2]}
variables:
  n: {is: count, starts: 0}
  low: {is: count, starts: 0, lasts: for-ever}
  seq: {is: sequence, starts: 1}
  flag: {is: flag, starts: false}
  mood: {is: [calm, cross], starts: calm}
constants: {K: 1}
define:
  angry: mood == cross
  more(number): number > low
starts:
  up:
    says: drawn
    A: {state: S1, n: 1, seq: 2, g: 1}
    B: {state: S2, mood: cross}
fields:
  N: count
  SEQ: sequence
  MOOD: {is: [calm, cross]}
  F: {is: flag}
  D: {derived: number(X) + K}
ghost fields: {G: count}
flags: [X, Y]
"""
NUMBERS = ("p.n", "q.n", "p.low", "p.g", "q.g", "A.n", "B.g", "size(flight(p))", "size(flight(q))", "size(p.seen)", "K")
STATE_TESTS = ("p.state in late", "q.state == S0", "A.state == S1", "B.state != S2", "p.flag", "q.mood == cross",
               "waiting(p, again)", "queued(q, ADD)", "p.seq < q.seq", "p.seq == 1", "both-late", "far(q.n)", "far(A.low)")  # fmt: skip
MACHINE_DEFINES = ("n == 1", "low < n", "flag")
GUARDS = ("flag", "n > 0", "angry", "more(n)", "seq == 1", "not queued(ADD)")
RECEIVED = ("known(SEG.N)", "known(SEG.SEQ) and seq < SEG.SEQ", "Y and not X")
STARTS = ("{n: 1}", "{state: S2}", "{flag: true, g: 1}", "{state: S1, seq: 0}")
FRESH = ("fresh == 0", "p.seq < fresh", "fresh < p.seq", "fresh == q.seq", "(every x in p.seen : x < 1) or fresh == 1")
STEP_TESTS = ("arrives", "step == 'lose'", "step == 'duplicate'", "action == 'GO'", "action in {'tick', ''}", "size(sent) > 0",
              "size(changes) == 0", "step in {deliver, timeout}")  # fmt: skip
SEGMENTS = ("{s}.CTL == {{X}}", "Y in {s}.CTL", "known({s}.N)", "known({s}.N) and {s}.N < 0", "known({s}.MOOD)",
            "{s}.D == 2", "known({s}.SEQ) and {s}.SEQ == p.seq", "known({s}.F) and {s}.F")  # fmt: skip
CHANGES = ("from == S0", "to in late", "why != 'GO'", "why == 'rcv X'")
FIELDS = ("<N=n>", "<N=n - 1>", "<N=low>", "<SEQ=seq>", "<MOOD=mood>", "<F=flag>", "<G=g>")
G_WHEN, SEEN_WHEN = ("enter S1", "snd X", "delivers", "in late"), ("delivers", "leave late", "sets seq")
SETS = ("{n: n + 1}", "{n: 0}", "{n: n - 1}", "{low: low - 1}", "{flag: not flag}", "{mood: cross}", "{seq: seq + 1}", "{flag: true, mood: calm}",
        "{seq: fresh}")  # fmt: skip


class Drawing:
    """The files of one protocol; the same for the same seed."""

    def __init__(self, seed: int) -> None:
        self.dice = Random(seed)  # noqa: S311, nothing is secret here
        #: The segments that rules send, and the cells of one rule without a condition; known once the machine is drawn.
        self.sent: list[str] = []
        self.cells: list[tuple[str, ...]] = []
        self.takes_numbers = False

    def write(self, folder: Path) -> None:
        """Write the protocol, with a scenario ``one`` and a variant ``other``."""
        for name in ("scenarios", "variants"):
            (folder / name).mkdir(parents=True)
        (folder / "machine.yaml").write_text(self.machine(), encoding="utf-8")
        (folder / "properties.yaml").write_text(self.properties(), encoding="utf-8")
        (folder / "scenarios" / "one.yaml").write_text(self.scenario(), encoding="utf-8")
        (folder / "variants" / "other.yaml").write_text(self.variant(), encoding="utf-8")

    def maybe(self, text: str, chance: float = 0.5) -> str:
        """A text, or nothing."""
        return text if self.dice.random() < chance else ""

    def segment(self) -> str:
        """A segment with some fields."""
        fields = {field[1:].split("=")[0]: field for field in self.dice.sample(FIELDS, self.dice.randint(0, 2))}
        return "".join(fields.values()) + self.dice.choice(("<CTL=X>", "<CTL=Y>", "<CTL=X,Y>"))

    def rules(self, state: str, event: str) -> list[str]:
        """The rules of a cell: one, or one with a condition and one for all else."""
        if self.dice.random() < 0.7:
            return [self.rule(state, event)]
        guard = self.dice.choice((*GUARDS, *RECEIVED) if event.startswith("rcv") else GUARDS)
        return [self.rule(state, event, f"if: {guard}"), self.rule(state, event, "otherwise: true")]

    def rule(self, state: str, event: str, condition: str = "") -> str:
        """A rule for a cell; small numbers keep the space small."""
        dice = self.dice
        parts = [f"in: {state}", f"when: {event}", *([condition] if condition else [])]
        kept = len(parts)
        if dice.random() < 0.6:
            parts.append(f"set: {dice.choice(SETS)}")
        if dice.random() < 0.6:
            parts.append(f"snd: {dice.choice(('ONE', 'TWO'))}")
            if dice.random() < 0.3:
                parts.append(f"after: {dice.choice(SETS[:-1])}")  # no number is taken there
        elif event == "tick":
            parts.append(f"again: {dice.choice(('again', 'all of again'))}")
        if dice.random() < 0.6:
            parts.append(f"to: {dice.choice(STATES)}")
        if event == "ADD" and dice.random() < 0.3:
            parts = [*parts[:kept], "queue: ADD"]
        if event.startswith("rcv") and dice.random() < 0.5:
            parts.append("delivers: true")
        return "  - {" + ", ".join(parts) + "}"

    def machine(self) -> str:
        """The machine: a rule, or nothing, in every cell."""
        rules, ignored = [], []
        for state in STATES:
            for event in (*CALLS, *TIMEOUTS, *EVENTS):
                if self.dice.random() < 0.75:
                    rules += self.rules(state, event)
                else:
                    ignored.append(f"  - {{in: {state}, when: {event}}}")
        lasts = self.maybe(", lasts: connection")
        lines = [
            HEAD,
            f"segments:\n  ONE: '{self.segment()}'\n  TWO: '{self.segment()}'",
            "queues:\n  again: {keep: X, until: state == S0, same: SEG.CTL}",
            f"ghosts:\n  g: {{starts: 0, when: {self.dice.choice(G_WHEN)}, set: 1 - g}}",
            f"  seen: {{starts: [], when: {self.dice.choice(SEEN_WHEN)}, add: g{lasts}}}",
            "calls: [GO, ADD]\ntimeouts: [tick]",
            "reading:\n  - {check: x, in: any-state, if: X, event: rcv X" + self.maybe(", then: continue") + "}",
            "  - {check: y, in: " + self.dice.choice(("any-state", "late", "any-state")) + ", if: Y, event: rcv Y}",
            self.maybe("  - {check: rest, in: any-state, event: none}", 0.8),
            "rules:", *rules, *(["ignored:", *ignored] if ignored else []),
        ]  # fmt: skip
        if "in: late, if: Y" in lines[7]:  # then S0 has no cells of that event
            lines = [line for line in lines if not ("in: S0" in line and "when: rcv Y" in line)]
            if lines[-1] == "ignored:":
                lines.pop()
        drawn = [line for line in lines if line.startswith("  - {in: ")]
        self.sent = [name for name in ("ONE", "TWO") if any(f"snd: {name}" in line for line in drawn)]
        self.takes_numbers = any("fresh" in line for line in drawn)
        self.cells = [
            found.group(1, 2)
            for line in drawn
            if (found := re.match(r"  - {in: (\w+), when: ([\w ]+), (?!if:|otherwise:)", line))
        ]
        return "\n".join(lines) + "\n"

    def test(self, subject: str, *, has_p: bool) -> str:
        """An expression of what a state, a step or an attempt can be asked."""
        dice = self.dice

        def one() -> str:
            kind = dice.randint(0, 7)
            segment = dice.choice(SEGMENTS)
            quantifier = dice.choice(("every", "some"))
            if subject != "state" and kind < 4:
                if kind == 0:
                    return f"(step in {{deliver, lose, duplicate}} implies {segment.format(s='SEG')})"
                if kind == 1:
                    several = dice.choice(("sent", "flight(p)", "before flight(q)"))
                    return f"({quantifier} s in {several} : {segment.format(s='s')})"
                if kind == 2:
                    return f"({quantifier} (from, why, to) in changes : {dice.choice(CHANGES)})"
                return dice.choice(STEP_TESTS)
            if kind == 4:
                return f"({dice.choice(NUMBERS)} {dice.choice(('<', '>=', '=='))} {dice.choice(NUMBERS)})"
            if kind == 5 and subject != "state":
                return f"(before ({dice.choice(STATE_TESTS)}))"
            if kind == 6:
                return f"({quantifier} s in flight(q) : {segment.format(s='s')})"
            return f"({dice.choice(STATE_TESTS)})"

        text = one()
        for _ in range(dice.randint(0, 2)):
            text = f"{text} {dice.choice(('and', 'or'))} {self.maybe('not ')}{one()}"
        if not has_p:
            text = re.sub(r"\bp\b", "A", re.sub(r"\bq\b", "B", text))
        return text

    def properties(self) -> str:
        """Properties of every kind, and assumptions."""
        dice = self.dice
        lines = ["define:", "  both-late: A.state in late and B.state in late", "  far(number): number > K", "properties:"]
        for number, kind in enumerate(("always", "sometimes", "step", "step", "witness", "ends", "can-always", "always")):
            each = kind != "can-always" and dice.random() < 0.6
            subject = "step" if kind in ("step", "witness") else "state"
            lines += [f"  p{number}:", "    says: drawn", f"    kind: {'sometimes' if kind == 'witness' else kind}"]
            lines += ["    of: step"] if kind == "witness" else []
            lines += ["    for: each end"] if each else []
            if kind != "can-always" and dice.random() < 0.4:
                lines.append(f"    if: >-\n      {self.test(subject, has_p=each)}")
            lines.append(f"    then: >-\n      {self.test(subject, has_p=each)}")
        lines += ["  calm: {says: drawn, kind: quiet}", "assumptions:"]
        if self.takes_numbers:
            lines += ["  new:", "    says: drawn", "    step: fresh"]
            lines.append(f"    only-if: >-\n      {dice.choice(FRESH)} or {self.test('attempt', has_p=True)}")
        steps = ("deliver", "timeout", "call", "lose", "duplicate", "GO", "tick", "[deliver, call]", "[lose, timeout]")
        for number in range(2):
            lines += [f"  a{number}:", "    says: drawn", f"    step: {dice.choice(steps)}"]
            lines.append(f"    only-if: >-\n      {self.test('attempt', has_p=True)}")
        return "\n".join(lines) + "\n"

    def scenario(self) -> str:
        """Calls, timeouts, a network of any kind, and some of the assumptions."""
        dice = self.dice

        def limit() -> str:
            return "unlimited" if dice.random() < 0.1 else str(dice.randint(0, 1))

        def end() -> str:
            calls = f"{{GO: {dice.randint(1, 2)}, ADD: {dice.randint(0, 1)}}}"
            start = self.maybe(f", start: {dice.choice(STARTS)}", 0.2)
            return f"{{calls: {calls}, timeouts: {{tick: {limit()}}}, isn: [{dice.randint(0, 3)}]{start}}}"

        planted = self.maybe(f"  planted: [{{to: {dice.choice('AB')}, segment: '<N={dice.randint(0, 1)}><CTL=X>'}}]\n", 0.4)
        start = self.maybe("start: up\n", 0.3)
        assumes = [name for name in ("a0", "a1", *(["new"] if self.takes_numbers else [])) if dice.random() < 0.5]
        return (
            f"says: drawn\n{start}A: {end()}\nB: {end()}\nmodulus: {dice.choice((4, 5, 4294967296))}\nnetwork:\n"
            f"  kind: {dice.choice(('bag', 'fifo', 'set'))}\n  capacity: {dice.randint(1, 2)}\n"
            f"  loss: {limit()}\n  duplication: {limit()}\n{planted}assumes: [{', '.join(assumes)}]\n"
        )

    def variant(self) -> str:
        """A variant for one end, or both: another form of a segment, which may need other ghosts, or something else."""
        dice = self.dice
        changes = [
            f"{{define: angry, to be: {dice.choice(MACHINE_DEFINES)}}}",
            "{check: x, to be: {if: X and not Y}}",
        ]
        applies = dice.choice(("A", "B", "both"))
        if applies == "both":  # properties have one K
            changes.append("{constant: K, to be: 2}")
        if self.cells:
            state, event = dice.choice(self.cells)
            changes.append(f"{{in: {state}, when: {event}, to be: ignored}}")
        change = dice.choice(changes)
        if self.sent and dice.random() < 0.6:
            change = f"{{segment: {dice.choice(self.sent)}, to be: '<N=n><MOOD=mood><G=size(seen)><CTL=X>'}}"
        return f"extends: drawn\ntitle: other\nwhy: drawn\napplies: {applies}\nchanges:\n  - {change}\n"
