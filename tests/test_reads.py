"""What expressions read: memories, components of states and tables follow from it, so the answers are those without them."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from checker import check, explore
from checker.fast.engine import explore_tables
from tcpfsm.errors import SpecError
from tcpfsm.loader.load import load_protocol
from tcpfsm.run.build import build

if TYPE_CHECKING:
    from pathlib import Path

    from checker import Verdict
    from tcpfsm.run.build import Built

MACHINE = """
protocol: counting
states:
  IDLE: {means: nothing is awaited}
  WAITING: {means: an answer is awaited}
constants: {FIRST: 1}
define: {first: FIRST}
variables: {n: {is: count, starts: 0}}
fields:
  N: count
  TWICE: {derived: SEG.N + first}
ghost fields: {NUMBER: count}
flags: [ACK]
segments:
  TEXT: <N=n - 1><NUMBER=sent-so-far>
  BARE: <CTL=ACK>
ghosts:
  received: {starts: 0, when: delivers, set: SEG.NUMBER + 1}
  sent-so-far: {starts: 0, when: enter WAITING, set: sent-so-far + 1}
  stayed: {starts: 0, when: in IDLE, set: stayed + 1}
calls: [SEND, NOTE]
reading:
  - {check: acknowledgment, in: any-state, if: ACK, event: rcv ACK}
  - {check: text, in: any-state, event: rcv TEXT}
rules:
  - {in: IDLE, when: SEND, snd: TEXT, to: WAITING}
  - {in: any-state, when: NOTE, set: {n: n + 1}}
  - {in: WAITING, when: rcv ACK, to: IDLE}
  - {in: any-state, when: rcv TEXT, snd: BARE, delivers: true}
replies:
  - {in: WAITING, when: SEND, reply: wait}
ignored:
  - {in: IDLE, when: rcv ACK}
"""
SCENARIO = """
says: A sends, and a segment may be lost.
A: {calls: {SEND: 1}}
network: {capacity: 2, loss: 1}
"""


def write(folder: Path, properties: str, scenario: str = SCENARIO, machine: str = MACHINE) -> Path:
    """Write a protocol with one scenario."""
    (folder / "scenarios").mkdir(parents=True)
    (folder / "machine.yaml").write_text(machine, encoding="utf-8")
    (folder / "properties.yaml").write_text(dedent(properties), encoding="utf-8")
    (folder / "scenarios" / "one.yaml").write_text(scenario, encoding="utf-8")
    return folder


def built(folder: Path, variant: str = "", *, remembers: bool = True) -> Built:
    """Load and build it."""
    protocol = load_protocol(folder)
    return build(protocol, protocol.scenario("one"), variant, remembers=remembers)


def answers(folder: Path, variant: str = "") -> dict[str, tuple[str, int | None]]:
    """Return every verdict with the length of its trace, which is the same in all three ways to come by it."""

    def told(verdicts: tuple[Verdict, ...]) -> dict[str, tuple[str, int | None]]:
        return {one.property.name: (one.verdict, one.trace and len(one.trace.steps)) for one in verdicts}

    slow, plain, fast = built(folder, variant, remembers=False), built(folder, variant), built(folder, variant)
    space = explore(slow.system)
    found = told(check(space, slow.properties))
    tables = explore_tables(fast.system, fast.properties)

    assert told(check(explore(plain.system), plain.properties)) == found
    assert told(tables.verdicts) == found
    assert (tables.states, tables.steps, tables.depth) == (space.states, space.steps, space.depth)
    return found


def test_a_lost_segment_is_seen_by_the_end_that_rests(tmp_path: Path) -> None:
    """Losing is nobody's doing; what is lost is known all the same, whichever end is asked for."""
    found = answers(
        write(
            tmp_path,
            """
            properties:
              acknowledgments-stay:
                {says: no, kind: step, for: each end, if: step == 'lose', then: not (ACK in SEG.CTL)}
              plainly: {says: no, kind: step, if: step == 'lose', then: not (ACK in SEG.CTL)}
              one-is-lost: {says: yes, kind: sometimes, of: step, for: each end, if: step == 'lose', then: ACK in SEG.CTL}
            """,
        )
    )

    # SEND, the text arrives and is acknowledged, the acknowledgment is lost.
    assert found["acknowledgments-stay"] == found["plainly"] == ("violated", 3)
    assert found["one-is-lost"] == ("holds", 3)


@pytest.mark.parametrize("only", ["size(sent) > 0", "'(IDLE, SEND, WAITING) in changes'"])
def test_an_assumption_sees_what_the_step_would_do(tmp_path: Path, only: str) -> None:
    """What would be sent, and how the state would change: of deliveries and calls alike."""
    text = only if "changes" not in only else '"every (from, why, to) in changes: why != \'SEND\'"'
    properties = f"""
    properties:
      never-waits: {{says: no, kind: always, then: A.state != WAITING}}
      never-acknowledged: {{says: no, kind: step, then: not (arrives and ACK in SEG.CTL)}}
    assumptions:
      it-sends: {{says: only steps that send, step: [deliver, call], only-if: {text}}}
    """
    found = answers(write(tmp_path, properties, SCENARIO + "assumes: [it-sends]\n"))

    if "changes" in only:  # A never leaves IDLE
        assert found["never-waits"] == ("holds", None)
    else:  # the call and the text send, the acknowledgment does not, and is never taken
        assert found["never-waits"] == ("violated", 1)
        assert found["never-acknowledged"] == ("holds", None)


def test_a_count_below_nothing_is_not_an_absent_one(tmp_path: Path) -> None:
    """The text of the end that noted nothing carries -1; that is a number, and its twice is 0."""
    found = answers(
        write(
            tmp_path,
            """
            properties:
              numbered: {says: yes, kind: step, then: "every s in sent: ACK in s.CTL or known(s.N)"}
              below: {says: no, kind: step, then: "every s in sent: ACK in s.CTL or s.N >= 0"}
              alone: {says: yes, kind: always, then: "every s in flight(A): not known(s.N)"}
            """,
        )
    )

    assert found["numbered"] == found["alone"] == ("holds", None)
    assert found["below"] == ("violated", 1)


VARIANT = """
extends: counting
title: the text carries no number for ghosts
why: one end carries less
applies: {end}
changes:
  - {{segment: TEXT, to be: "<N=n>"}}
"""


@pytest.mark.parametrize("end", ["A", "B"])
def test_each_end_is_read_by_its_own_machine(tmp_path: Path, end: str) -> None:
    """What ghosts a machine needs depends on its segments, so that theirs could stand in other places."""
    folder = write(
        tmp_path,
        """
        properties:
          counted: {says: B was told the number of the text, kind: always, then: B.received <= A.sent-so-far + 1}
          stays: {says: no, kind: always, then: B.stayed == 0}
        """,
        SCENARIO if end == "B" else SCENARIO.replace("A: {calls", "B: {calls"),
    )
    (folder / "variants").mkdir()
    (folder / "variants" / "bare.yaml").write_text(VARIANT.format(end=end), encoding="utf-8")
    found = answers(folder, "bare")

    assert found["counted"] == ("holds", None)
    assert found["stays"][0] == "violated"


def test_what_differs_at_the_ends_cannot_be_meant(tmp_path: Path) -> None:
    """A constant, or a field that is worked out with it: nothing says whose value is asked for."""
    folder = write(tmp_path, "properties: {first: {says: no, kind: always, then: A.n < FIRST}}")
    (folder / "variants").mkdir()
    changed = VARIANT.format(end="B").replace('{segment: TEXT, to be: "<N=n>"}', "{constant: FIRST, to be: 2}")
    (folder / "variants" / "bare.yaml").write_text(changed, encoding="utf-8")
    with pytest.raises(SpecError) as caught:
        built(folder, "bare")
    (problem,) = caught.value.problems

    assert (problem.message, problem.hint) == (
        "'FIRST' is not known here",
        "the ends run machines in which it does not mean the same",
    )
