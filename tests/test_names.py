"""Names of a user's own: whatever a call, an event or a field is called, it is not mistaken for something else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from checker import check, explore
from tcpfsm.drawing.diagram import diagram
from tcpfsm.errors import UsageError
from tcpfsm.loader.load import load_protocol
from tcpfsm.loader.target import Target, load_shipped
from tcpfsm.report.show import show
from tcpfsm.run.build import build
from tcpfsm.run.run import run
from tests.conftest import problems_of, shown

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Edit = Callable[[str, str | None, str], Path]

#: Attributes that `transitions` gives a model, or that the endpoint keeps in it.
ATTRIBUTES = ("state", "trigger", "may_PING", "is_IDLE", "to_IDLE", "on PING", "__class__")


@pytest.mark.parametrize("name", ATTRIBUTES)
def test_a_call_may_have_the_name_of_an_attribute(edit: Edit, name: str) -> None:
    """Calls are the user's; what the machine is made of has names of its own."""
    edit("machine.yaml", "calls: [PING, STOP]", f"calls: [PING, STOP, {name}]")
    edit("machine.yaml", "rules:\n", f"rules:\n  - {{in: both, when: {name}, to: IDLE}}\n")
    folder = edit("scenarios/once.yaml", "PING: 1", f"PING: 1, {name}: 1")
    protocol = load_protocol(folder)
    found = run(protocol, protocol.scenario("once"))

    assert found.verdict == "holds"
    assert f"WAIT / {name}" in found.fired_rules


@pytest.mark.parametrize("event", ["rcv / ANS", "WAIT / rcv ANS", "a / b / c", "rcv + ANS"])
def test_the_name_of_an_event_may_hold_what_joins_names(edit: Edit, event: str) -> None:
    """A change is known by the event itself, not by a part of the rule's name."""
    edit("machine.yaml", "event: rcv ANS", f"event: {event}")
    edit("machine.yaml", "in: WAIT, when: rcv ANS", f"in: WAIT, when: {event}")
    edit("machine.yaml", "  omit: patience", f"  omit: [patience, IDLE / PING, WAIT / {event}]")
    edit("properties.yaml", "    kind: always\n", "    kind: step\n")
    folder = edit("properties.yaml", "then: p.tries =< LIMIT", f"then: \"not some (from, why, to) in changes: why == '{event}'\"")
    protocol = load_protocol(folder)
    built = build(protocol, protocol.scenario("once"), only="patient")
    (verdict,) = check(explore(built.system), built.properties)

    assert verdict.verdict == "violated"
    assert event in show(Target(protocol), "WAIT")
    assert event not in diagram(protocol.machine(), "dot")
    assert event in diagram(protocol.machine(), "dot", everything=True)


def test_the_condition_of_a_rule_is_shown_whole(edit: Edit) -> None:
    """It is the guard as written, though it may hold what joins names."""
    edit("machine.yaml", "is: [calm, cross]", "is: [calm, cross, a / b]")
    folder = edit("machine.yaml", "if: tries < LIMIT", "if: tries < LIMIT and mood != 'a / b'")
    protocol = load_protocol(folder)

    assert "patience [tries < LIMIT and mood != 'a / b']" in show(Target(protocol), "WAIT")


def test_the_rules_of_a_step_are_a_list(edit: Edit) -> None:
    """A condition with a plus in it cannot be told from the plus that joins the rules."""
    edit("properties.yaml", "then: p.tries =< LIMIT", "then: p.tries + 0 =< 0")
    folder = edit("machine.yaml", "if: tries < LIMIT", "if: tries + 1 =< LIMIT")
    protocol = load_protocol(folder)
    (report,) = [one for one in run(protocol, protocol.scenario("once")).properties if one.name == "patient"]
    assert report.trace is not None

    assert report.trace.steps[-1]["rules"] == ["WAIT / patience / tries + 1 =< LIMIT"]
    assert all(" + ".join(step["rules"]) == step["rule"] for step in report.trace.steps if "rules" in step)


def test_a_call_and_a_timeout_of_one_name_are_refused(edit: Edit) -> None:
    """Nobody could say how often which of them may happen."""
    folder = edit("machine.yaml", "calls: [PING, STOP]", "calls: [PING, STOP, patience]")

    assert next(shown(problem) for problem in problems_of(lambda: load_protocol(folder))) == (
        "33:12: 'patience' is a call and a timeout | give it another name"
    )


@pytest.mark.parametrize("name", ["lose", "deliver", "call", "timeout", "duplicate", "segment", "segment from rest", "ISNs", "to B"])
def test_a_call_whose_name_means_something_else_is_refused(edit: Edit, name: str) -> None:
    """An assumption about steps that lose segments is none about a call of that name."""
    edit("machine.yaml", "calls: [PING, STOP]", f"calls: [PING, STOP, {name}]")
    folder = edit("machine.yaml", "rules:\n", f"rules:\n  - {{in: both, when: {name}, to: IDLE}}\n")

    assert [shown(problem) for problem in problems_of(lambda: load_protocol(folder))] == [
        f"32:21: '{name}' is a word of the language and cannot name a call or a timeout | give it another name"
    ]


# ---- what is not there when no segment arrives -----------------------------------------------------------------------


@pytest.mark.parametrize("condition", ["ASK", "SEG.NUM == 7", "SEG.LEN == 1", "size(SEG.CTL) == 0"])
def test_a_rule_of_a_call_that_reads_a_segment_is_told(edit: Edit, condition: str) -> None:
    """Nothing arrives with a call; the rule and the values are named."""
    folder = edit("machine.yaml", "when: PING, set", f"when: PING, if: {condition}, set")
    protocol = load_protocol(folder, "ping")
    (problem,) = problems_of(lambda: run(protocol, protocol.scenario("once")))

    assert str(problem) == "ping/machine.yaml:44:22: no segment arrives in this step (A in IDLE, tries=0, mood=calm)"


def test_a_segment_that_does_not_arrive_cannot_wait(edit: Edit) -> None:
    """A call waits by its own name."""
    folder = edit("machine.yaml", "{in: WAIT, when: STOP, to: IDLE}", "{in: WAIT, when: STOP, queue: segment from rest}")

    assert [shown(problem) for problem in problems_of(lambda: load_protocol(folder))] == [
        "45:35: no segment arrives in this step | a call waits with queue: STOP"
    ]


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("tries", "17:18: 'tries' is not known here | a derived field is worked out from the segment alone"),
        ("number(state == IDLE)", "17:25: 'state' is not known here | a derived field is worked out from the segment alone"),
        ("number(fits)", "17:25: in 'fits': in 'ours': 'NXT' is not known here | a derived field is worked out from the segment alone"),
        ("number(queued(PING))", "17:25: 'queued' is not a function"),
        ("number(waiting(unanswered))", "17:25: 'waiting' is not a function"),
        ("SEG.LEN", "17:18: 'SEG.LEN' is not known here"),
    ],
)
def test_a_derived_field_reads_its_segment_alone(edit: Edit, formula: str, expected: str) -> None:
    """A property asks it of a segment in flight, where there is no end whose values it could read."""
    folder = edit("machine.yaml", "{derived: number(ASK)}", f"{{derived: {formula}}}")

    assert shown(problems_of(lambda: load_protocol(folder))[0]).startswith(expected)


def test_what_a_derived_field_binds_stays_within_it(edit: Edit) -> None:
    """The formula is an expression of its own; the names around the place where it is read keep their meaning."""
    edit("machine.yaml", "{derived: number(ASK)}", '{derived: "number(some n in {1, 2}: n == 2)"}')
    folder = edit("properties.yaml", "then: p.tries =< LIMIT", 'then: "every s in flight(p): s.LEN == 1 and s.NUM == 7 and s.LEN == 1"')
    protocol = load_protocol(folder)
    found = run(protocol, protocol.scenario("once"))

    assert [one.verdict for one in found.properties if one.name == "patient"] == ["holds"]


# ---- questions without a meaning -------------------------------------------------------------------------------------


def test_quiet_is_not_asked_of_a_network_that_repeats(edit: Edit) -> None:
    """Asked by name, it is refused; asked of all scenarios, it is left out where it has no meaning."""
    protocol = load_shipped("abp")
    with pytest.raises(UsageError, match="quiet cannot be asked in replayed: a network of kind set delivers the same segment for ever"):
        build(protocol, protocol.scenario("replayed"), only="quiet")

    assert "quiet" not in {one.name for one in build(protocol, protocol.scenario("replayed")).properties}
    folder = edit("scenarios/once.yaml", "capacity: 2, loss: 1", "kind: set, capacity: 2")
    small = load_protocol(folder)
    assert "quiet" not in {one.name for one in build(small, small.scenario("once")).properties}
