"""TCP's promises where new sequence numbers lie near old ones: what falls, by which path, and what makes it hold.

A number is near if it is not further than a window beyond every number that its end has used before. The assumption
``new-numbers-clear-the-window`` rules such numbers out; what the exhibits show is what happens without it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from checker.engines import How
from tcpfsm.run.run import Options, run
from tests.suite_runs import Job, protocol, report

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tcpfsm.loader.scenario import Scenario
    from tcpfsm.run.results import RunReport

CLEAR = "new-numbers-clear-the-window"
FAR_ENOUGH = {
    "both-open-again-too-near": "both-open-again-far-enough",
    "lifetime-too-near": "lifetime",
    "delayed-syn-too-near": "delayed-syn",
    "aborted-too-near": "aborted-far-enough",
    "quiet-time-and-a-half-open-peer": "new-number-and-a-half-open-peer",
}
WINDOW = 10


def scenario(name: str) -> Scenario:
    """Return a scenario of TCP."""
    return protocol("tcp").scenario(name)


def asked(one: Scenario, variant: str = "") -> RunReport:
    """Run a scenario that is not as it ships."""
    return run(protocol("tcp"), one, variant, Options(how=How("auto")))


def violated(found: RunReport) -> dict[str, int | None]:
    """Return the properties that are violated, with the lengths of their counterexamples."""
    return {one.name: one.trace.length if one.trace else None for one in found.properties if one.verdict != "holds"}


def assuming(one: Scenario, *names: str) -> Scenario:
    """Return the scenario under these assumptions besides its own."""
    return replace(one, assumes=(*one.assumes, *names))


def numbered(one: Scenario, **isn: Sequence[int]) -> Scenario:
    """Return the scenario with other initial sequence numbers for the ends that are named."""
    return replace(one, ends={name: replace(end, isn=tuple(isn.get(name, end.isn))) for name, end in one.ends.items()})


def path(name: str, broken: str) -> list[tuple[str, str]]:
    """Return who does what in the shortest counterexample; what arrives, without its ghost fields."""
    found = next(one for one in report(Job("tcp", "", name)).properties if one.name == broken)

    assert found.trace is not None
    return [(step["actor"], step["event"]) for step in found.trace.steps]


# ---- the paths, each with the reason for its length --------------------------------------------------------------------

#: Nine steps. A has to open, give up and open again (3); B opens, and sends its SYN once more (2). The first SYN of B makes
#: A answer with a SYN,ACK, which a B that has taken the old SYN would refuse as a SYN in the window; only the second one
#: makes A answer with a bare acknowledgment (2). B takes the old SYN, and then this acknowledgment, whose number lies in
#: the window above the old SYN (2).
GIVEN_UP = [
    ("A", "active OPEN"), ("A", "CLOSE"), ("A", "active OPEN"), ("B", "active OPEN"),
    ("A", "rcv <SEQ=300><CTL=SYN>"), ("B", "retransmission timeout"), ("B", "rcv <SEQ=100><CTL=SYN>"),
    ("A", "rcv <SEQ=300><CTL=SYN>"), ("B", "rcv <SEQ=106><ACK=301><CTL=ACK>"),
]  # fmt: skip
#: Twelve steps. Two texts are sent and the first arrives (3); A aborts, and what acknowledges the first text is answered
#: by a reset that is exactly the one expected, so that B is CLOSED too (3). The next connection takes five steps to open.
#: Then the second text arrives, whose number 101 is the next one once more.
OLD_TEXT = [
    ("A", "SEND"), ("B", "rcv <SEQ=100><ACK=300><DATA=1><CTL=ACK>"), ("A", "SEND"), ("A", "ABORT"),
    ("A", "rcv <SEQ=300><ACK=101><CTL=ACK>"), ("B", "rcv <SEQ=101><CTL=RST>"),
    ("A", "active OPEN"), ("B", "passive OPEN"), ("B", "rcv <SEQ=100><CTL=SYN>"),
    ("A", "rcv <SEQ=500><ACK=101><CTL=SYN,ACK>"), ("B", "rcv <SEQ=101><ACK=501><CTL=ACK>"),
    ("B", "rcv <SEQ=101><ACK=300><DATA=1><CTL=ACK>"),
]  # fmt: skip
#: B acknowledges what A has not sent in this connection; A says so (fifth), which is below what B expects, and B says so.
WAR = [*OLD_TEXT, ("A", "rcv <SEQ=501><ACK=102><CTL=ACK>"), ("B", "rcv <SEQ=101><ACK=501><CTL=ACK>")]
#: Four steps: a text is sent, A aborts, the text is lost, and the reset arrives one beyond the window of one octet.
BEYOND = [("A", "SEND"), ("A", "ABORT"), ("A to B", "lose"), ("B", "rcv <SEQ=101><CTL=RST>")]
#: Five steps: between the SYN and the answer to it, A crashes and opens again with the same number.
CRASHED = [
    ("A", "active OPEN"), ("B", "rcv <SEQ=100><CTL=SYN>"), ("A", "crash"), ("A", "active OPEN"),
    ("A", "rcv <SEQ=300><ACK=101><CTL=SYN,ACK>"),
]  # fmt: skip
#: Seven: the answer is lost before A opens again, and sent again after that.
HALF_OPEN = [
    ("A", "active OPEN"), ("B", "rcv <SEQ=100><CTL=SYN>"), ("A", "crash"), ("B to A", "lose"), ("A", "active OPEN"),
    ("B", "retransmission timeout"), ("A", "rcv <SEQ=300><ACK=101><CTL=SYN,ACK>"),
]  # fmt: skip
#: Eighteen: A opens, B listens, and the network copies the SYN (3). The handshake takes three; text, its acknowledgment,
#: CLOSE and the FIN's arrival make four; B closes, and B's FIN overtakes the acknowledgment of A's FIN, so that A is in
#: TIME-WAIT (2). What A answers there ends B's connection (1). The overtaken acknowledgment arrives in TIME-WAIT and is
#: answered by what acknowledges 302 once more (1). B listens, the copy of the SYN arrives, B answers it with the number
#: 301, and that acknowledgment of 302 arrives (3).
OPENED_BY_THE_ACK_OF_A_FIN = [
    ("A", "active OPEN"), ("B", "passive OPEN"), ("A to B", "duplicate"), ("B", "rcv <SEQ=4294967295><CTL=SYN>"),
    ("A", "rcv <SEQ=300><ACK=0><CTL=SYN,ACK>"), ("B", "rcv <SEQ=0><ACK=301><CTL=ACK>"),
    ("A", "SEND"), ("B", "rcv <SEQ=0><ACK=301><DATA=1><CTL=ACK>"), ("A", "rcv <SEQ=301><ACK=1><CTL=ACK>"),
    ("A", "CLOSE"), ("B", "rcv <SEQ=1><ACK=301><CTL=FIN,ACK>"), ("B", "CLOSE"),
    ("A", "rcv <SEQ=301><ACK=2><CTL=FIN,ACK>"), ("B", "rcv <SEQ=2><ACK=302><CTL=ACK>"), ("A", "rcv <SEQ=301><ACK=2><CTL=ACK>"),
    ("B", "passive OPEN"), ("B", "rcv <SEQ=4294967295><CTL=SYN>"), ("B", "rcv <SEQ=2><ACK=302><CTL=ACK>"),
]  # fmt: skip
#: Fifteen: B listens already, A's own second SYN is in place of the copy, and two acknowledgments need not arrive in between.
OPENED_BY_THE_ACK_OF_A_FIN_AGAIN = [
    ("A", "active OPEN"), ("A", "retransmission timeout"), ("B", "rcv <SEQ=100><CTL=SYN>"),
    ("A", "rcv <SEQ=300><ACK=101><CTL=SYN,ACK>"), ("A", "SEND"), ("B", "rcv <SEQ=101><ACK=301><DATA=1><CTL=ACK>"),
    ("A", "CLOSE"), ("B", "rcv <SEQ=102><ACK=301><CTL=FIN,ACK>"), ("B", "CLOSE"),
    ("A", "rcv <SEQ=301><ACK=103><CTL=FIN,ACK>"), ("B", "rcv <SEQ=103><ACK=302><CTL=ACK>"),
    ("A", "rcv <SEQ=301><ACK=102><CTL=ACK>"), ("B", "passive OPEN"), ("B", "rcv <SEQ=100><CTL=SYN>"),
    ("B", "rcv <SEQ=103><ACK=302><CTL=ACK>"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "broken", "expected"),
    [
        ("both-open-again-too-near", "no-stale-connection", GIVEN_UP),
        ("lifetime-too-near", "no-stale-connection", OPENED_BY_THE_ACK_OF_A_FIN),
        ("delayed-syn-too-near", "no-stale-connection", OPENED_BY_THE_ACK_OF_A_FIN_AGAIN),
        ("aborted-too-near", "text-once-and-in-order", OLD_TEXT),
        ("aborted-too-near", "quiet", WAR),
        ("reset-beyond-the-window", "good-ends", BEYOND),
        ("crash-without-quiet-time", "agreement", CRASHED),
        ("quiet-time-and-a-half-open-peer", "agreement", HALF_OPEN),
    ],
)
def test_the_shortest_counterexample_is_a_path_that_can_be_followed_by_hand(
    name: str, broken: str, expected: list[tuple[str, str]]
) -> None:
    """Step for step; the reason for each stands beside it."""
    assert path(name, broken) == expected


# ---- what makes it hold ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FAR_ENOUGH)
def test_with_the_same_numbers_nothing_falls_under_the_assumption(name: str) -> None:
    """It is the assumption that makes the difference, and nothing else in the scenario."""
    one = scenario(name)

    assert CLEAR not in one.assumes
    assert violated(report(Job("tcp", "", name)))
    assert violated(asked(assuming(one, CLEAR))) == {}


@pytest.mark.parametrize(("name", "twin"), FAR_ENOUGH.items())
def test_the_twin_differs_by_its_numbers_and_loses_nothing_by_the_assumption(name: str, twin: str) -> None:
    """Its numbers are far enough: without the assumption, which rules nothing out there, everything holds as well."""
    near, far = scenario(name), scenario(twin)
    without = asked(replace(far, assumes=tuple(one for one in far.assumes if one != CLEAR)))
    again = asked(far)

    assert near.twin == twin
    assert CLEAR in far.assumes
    assert {end: (spec.calls, spec.timeouts) for end, spec in near.ends.items()} == {
        end: (spec.calls, spec.timeouts) for end, spec in far.ends.items()
    }
    assert [near.ends[end].isn for end in "AB"] != [far.ends[end].isn for end in "AB"]
    assert violated(without) == violated(again) == {}
    assert without.fired_rules == again.fired_rules
    assert without.depth == again.depth


@pytest.mark.parametrize(
    ("number", "opens"), [(99, False), (100, True), (105, True), (109, True), (110, False), (111, False), (112, False)]
)
def test_an_attempt_that_was_given_up_is_opened_from_within_its_window(number: int, opens: bool) -> None:
    """A's second number is 100 again, or up to 9 above: its acknowledgment then carries 101 to 110, all in the window."""
    found = violated(asked(numbered(scenario("both-open-again-too-near"), A=(100, number))))

    assert ("no-stale-connection" in found) == opens


@pytest.mark.parametrize("number", range(98, 114))
def test_the_assumption_covers_whatever_a_near_number_breaks(number: int) -> None:
    """At every distance; from 102 on, which is further on than all that was used, there is nothing to cover here."""
    near = numbered(scenario("aborted-too-near"), A=(number,))
    far = asked(assuming(near, CLEAR))

    assert violated(far) == {}
    assert bool(violated(asked(near))) == (number < 101)
    # Two texts and a SYN use the numbers up to 101 if both are sent, and fewer if A aborts before.
    opens = "CLOSED / active OPEN" in far.fired_rules
    assert opens == (number >= 100 + WINDOW)


def test_what_has_been_used_before_the_scenario_begins_counts() -> None:
    """An old SYN of 80 is planted, so A has used 80, and 90 is the last number in the window above it."""
    one = scenario("old-duplicate-syn")
    near, far = (asked(numbered(one, A=(number,))) for number in (90, 91))

    assert "CLOSED / active OPEN" not in near.fired_rules
    assert "CLOSED / active OPEN" in far.fired_rules
    assert violated(near) == violated(far) == {}
    assert "no-stale-connection" in violated(asked(replace(numbered(one, A=(80,)), assumes=())))


@pytest.mark.parametrize(
    ("name", "numbers"),
    [
        ("half-open", {"B": (299, 600)}),
        ("close-once-synchronized", {"B": (249, 400, 500)}),
        ("open-twice-and-a-copy", {"A": (100, 100)}),
        ("open-twice-and-a-copy", {"B": (300, 301, 500, 600)}),
        ("open-twice-and-an-old-SYN", {"A": (50, 200)}),
        ("lifetime", {"A": (4294967295, 0)}),
    ],
)
def test_every_scenario_that_declares_it_needs_it(name: str, numbers: Mapping[str, Sequence[int]]) -> None:
    """With these numbers something falls, and under the assumption nothing does."""
    one = numbered(scenario(name), **numbers)

    assert violated(asked(one)) == {}
    assert violated(asked(replace(one, assumes=tuple(assumed for assumed in one.assumes if assumed != CLEAR))))


# ---- the roads not taken -----------------------------------------------------------------------------------------------

TO_A_USER = {"agreement", "no-stale-connection", "mirrored-numbers", "text-once-and-in-order", "text-only-when-open", "quiet"}


@pytest.mark.parametrize("variant", ["ack-range-check", "abort-to-TIME-WAIT"])
def test_either_change_repairs_what_an_abort_leaves_behind(variant: str) -> None:
    """Nothing that was promised to a user falls; what does fall is what the base machine chose otherwise."""
    assert violated(report(Job("tcp", "", "aborted-too-near"))).keys() & TO_A_USER
    assert not violated(report(Job("tcp", variant, "aborted-too-near"))).keys() & TO_A_USER


@pytest.mark.parametrize("variant", ["ack-range-check", "abort-to-TIME-WAIT"])
@pytest.mark.parametrize("name", ["both-open-again-too-near", "lifetime-too-near", "delayed-syn-too-near"])
def test_neither_keeps_an_old_syn_out_where_numbers_are_near(name: str, variant: str) -> None:
    """Nobody aborts there, and the acknowledgment that opens it is of the right number."""
    lengths = violated(report(Job("tcp", "", name)))
    found = violated(asked(scenario(name), variant))

    assert {one: found.get(one) for one in lengths} == lengths


def test_the_check_of_the_range_adds_a_war() -> None:
    """Which is not there without the check, nor with far numbers."""
    assert "quiet" not in violated(report(Job("tcp", "", "lifetime-too-near")))
    assert "quiet" in violated(report(Job("tcp", "ack-range-check", "lifetime-too-near")))
    assert "quiet" not in violated(asked(scenario("lifetime"), "ack-range-check"))


def test_time_wait_after_an_abort_helps_only_if_it_lasts() -> None:
    """Without the assumption that it outlives what is in flight, the same path leads there, with its timeout as one step more."""
    found = violated(asked(replace(scenario("aborted-too-near"), assumes=()), "abort-to-TIME-WAIT"))

    assert found["text-once-and-in-order"] == len(OLD_TEXT) + 1
    assert found["quiet"] == len(WAR) + 1


# ---- crashes and full windows ------------------------------------------------------------------------------------------


def test_after_a_crash_either_the_quiet_time_or_another_number_helps() -> None:
    """The quiet time with the same numbers, another number without it."""
    crashed, quiet = scenario("crash-without-quiet-time"), scenario("crash-and-quiet-time")

    assert [crashed.ends[end].isn for end in "AB"] == [quiet.ends[end].isn for end in "AB"]
    assert violated(report(Job("tcp", "", "crash-without-quiet-time"))).keys() == {"agreement", "no-stale-connection"}
    assert violated(report(Job("tcp", "", "crash-and-quiet-time"))) == {}
    assert violated(asked(numbered(crashed, A=(100, 112)))) == {}


def test_only_a_full_window_puts_the_reset_beyond_it() -> None:
    """With one octet it is one beyond; with more it is in the window, challenged, and followed by an exact one."""
    one = scenario("reset-beyond-the-window")

    assert [
        "good-ends" in violated(asked(replace(one, constants={**one.constants, "RCV.WND": window}))) for window in (1, 2, 3)
    ] == [True, False, False]
