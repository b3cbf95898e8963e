"""Assumptions about the steps in which an end takes an initial sequence number, whatever kind of step that is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from checker.engines import How
from tcpfsm.loader.load import load_protocol
from tcpfsm.run.run import Options, run

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from checker.engines import EngineName
    from tcpfsm.run.results import RunReport

    Ask = Callable[..., RunReport]

# Each end takes a number for every question and another for every answer, and remembers them all.
MACHINE = """\
protocol: tags
states: {IDLE: {means: there is one state}}
variables: {MINE: sequence}
constants: {GAP: 2}
fields: {NUM: sequence}
flags: [ASK, ANS]
segments: {ASK: <NUM=MINE><CTL=ASK>, ANS: <NUM=MINE><CTL=ANS>}
ghosts: {taken: {starts: [], when: sets MINE, append: MINE}}
calls: [PING, REST]
reading:
  - {check: question, in: IDLE, if: ASK, event: rcv ASK}
  - {check: rest, in: IDLE, event: none}
rules:
  - {in: IDLE, when: PING, set: {MINE: fresh}, snd: ASK}
  - {in: IDLE, when: rcv ASK, set: {MINE: fresh}, snd: ANS}
ignored: [{in: IDLE, when: REST}]
"""
PROPERTIES = """\
properties:
  few: {says: An end never has taken two numbers., kind: always, for: each end, then: size(p.taken) < 2}
  apart:
    says: Of two numbers of one end, the later is further on by more than the gap.
    kind: always
    for: each end
    then: "every n in p.taken: every m in p.taken: n == m or n + GAP < m or m + GAP < n"
assumptions:
  numbers-grow: {says: A number is further on than the ones before., step: fresh, only-if: "every n in p.taken: n + GAP < fresh"}
  none-is-seven: {says: No number is seven., step: fresh, only-if: fresh != 7}
  the-peer-was-quicker: {says: The peer has taken as many., step: fresh, only-if: size(p.taken) =< size(q.taken)}
  in-silence: {says: Nothing is on its way to A., step: fresh, only-if: size(flight(A)) == 0 and fresh != 7}
  no-call-takes-one: {says: Nobody asks or rests., step: [fresh, REST], only-if: step != 'call'}
"""


@pytest.fixture
def ask(tmp_path: Path) -> Ask:
    """Run a scenario of the small protocol: the calls and numbers of both ends, and what is assumed."""
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "machine.yaml").write_text(MACHINE, encoding="utf-8")
    (tmp_path / "properties.yaml").write_text(PROPERTIES, encoding="utf-8")

    def answer(
        pings: int, a: list[int], b: list[int], assumes: str = "", engine: EngineName = "reference", bounds: str = "capacity: 2"
    ) -> RunReport:
        text = (
            f"says: A asks.\nA: {{calls: {{PING: {pings}}}, isn: {a}}}\nB: {{isn: {b}}}\n"
            f"network: {{{bounds}}}\nassumes: [{assumes}]\n"
        )
        (tmp_path / "scenarios" / "asking.yaml").write_text(text, encoding="utf-8")
        protocol = load_protocol(tmp_path)
        return run(protocol, protocol.scenario("asking"), options=Options(how=How(engine)))

    return answer


def length(report: RunReport, name: str) -> int | None:
    """Return the length of the counterexample of a property, None where it holds."""
    found = next(one for one in report.properties if one.name == name)
    return found.trace.length if found.trace else None


ENGINES = pytest.mark.parametrize("engine", ["reference", "auto"])


@ENGINES
def test_a_call_that_would_take_a_number_too_near_does_not_happen(ask: Ask, engine: EngineName) -> None:
    """With a gap of 2, 13 is far enough from 10, and 12 is not."""
    assert length(ask(2, [10, 12], [], "", engine), "few") == 2
    assert length(ask(2, [10, 12], [], "numbers-grow", engine), "few") is None
    assert length(ask(2, [10, 13], [], "numbers-grow", engine), "few") == 2


@ENGINES
def test_nor_does_a_segment_arrive_where_that_would_take_one(ask: Ask, engine: EngineName) -> None:
    """Both questions reach B; the answer to the second would take 31. The segment stays in flight."""
    near = ask(2, [10, 20], [30, 31], "numbers-grow", engine)

    assert length(ask(2, [10, 20], [30, 31], "", engine), "apart") == 4
    assert length(near, "apart") is None
    assert near.complete
    assert "rcv ASK" in "".join(near.fired_rules)


@ENGINES
def test_a_number_on_the_other_side_of_the_wrap_is_further_on(ask: Ask, engine: EngineName) -> None:
    """Sequence numbers lie on a circle, in an assumption too."""
    assert length(ask(2, [2**32 - 1, 2], [], "numbers-grow", engine), "few") == 2
    assert length(ask(2, [2**32 - 1, 1], [], "numbers-grow", engine), "few") is None
    assert length(ask(2, [100, 50], [], "numbers-grow", engine), "few") is None


@ENGINES
def test_the_first_number_can_be_ruled_out_too(ask: Ask, engine: EngineName) -> None:
    """And what an assumption takes away is not reported as a bound that was reached."""
    report = ask(1, [7], [30], "none-is-seven", engine)

    assert (report.states, report.steps, report.bounds_reached) == (1, 0, ())


@ENGINES
def test_the_other_end_can_be_asked_for(ask: Ask, engine: EngineName) -> None:
    """A takes its second number only when B has taken one, which needs the question to arrive first."""
    assert length(ask(2, [10, 20], [30], "", engine), "few") == 2
    assert length(ask(2, [10, 20], [30], "the-peer-was-quicker", engine), "few") == 3


@ENGINES
def test_beside_other_kinds_of_steps_it_means_those_that_take_a_number(ask: Ask, engine: EngineName) -> None:
    """A call that takes one is ruled out as a call; a segment that arrives is none, and takes its number."""
    report = ask(1, [10], [30], "no-call-takes-one", engine, "capacity: 2, planted: [{to: B, segment: <NUM=1><CTL=ASK>}]")

    assert (report.states, report.steps) == (3, 2)  # B answers the planted question, and the answer arrives


def test_of_several_numbers_in_one_step_each_is_asked_for(ask: Ask, tmp_path: Path) -> None:
    """With the values before the step, as always."""
    (tmp_path / "machine.yaml").write_text(
        MACHINE.replace("variables: {MINE: sequence}", "variables: {OTHER: sequence, MINE: sequence}").replace(
            "when: PING, set: {MINE: fresh}", "when: PING, set: {OTHER: fresh, MINE: fresh}"
        ),
        encoding="utf-8",
    )

    assert ask(1, [5, 6], [9], "none-is-seven").steps == 3
    assert ask(1, [5, 7], [9], "none-is-seven").steps == 0
    assert ask(1, [7, 5], [9], "none-is-seven").steps == 0


NUMBERS = st.lists(st.integers(0, 12), max_size=4)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True)
@given(
    a=NUMBERS,
    b=NUMBERS,
    assumes=st.sampled_from(["", "numbers-grow", "none-is-seven", "numbers-grow, none-is-seven", "the-peer-was-quicker", "in-silence", "no-call-takes-one"]),
)
def test_both_engines_rule_out_the_same(ask: Ask, a: list[int], b: list[int], assumes: str) -> None:
    """Whatever the numbers are; and what was to be kept apart is."""
    bounds = "capacity: 2, loss: 1, duplication: 1"
    slow, fast = (ask(3, a, b, assumes, engine, bounds) for engine in ("reference", "auto"))

    assert (slow.states, slow.steps, slow.depth) == (fast.states, fast.steps, fast.depth)
    assert slow.bounds_reached == fast.bounds_reached
    assert [length(slow, name) for name in ("few", "apart")] == [length(fast, name) for name in ("few", "apart")]
    if "numbers-grow" in assumes:
        assert length(slow, "apart") is None
