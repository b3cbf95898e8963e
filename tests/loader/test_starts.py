"""Starts by name: where both ends begin, said once for all scenarios of a machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tcpfsm.loader.protocol import load_protocol
from tcpfsm.run.build import build
from tests.conftest import problems_of, shown

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tcpfsm.machine.endpoint import Local

    Edit = Callable[[str, str | None, str], Path]

STARTS = """starts:
  asked:
    says: A has asked, and B has answered.
    A: {state: WAIT, NXT: 7, tries: 1, asked: 1}
    B: {NXT: 30}
  alone:
    A: {state: WAIT, NXT: 8}
diagram:
"""


@pytest.fixture
def beginning(edit: Edit) -> Callable[[str], tuple[Local, Local]]:
    """Return where both ends start, if this stands in the scenario."""

    def begin(scenario: str) -> tuple[Local, Local]:
        edit("machine.yaml", "diagram:\n", STARTS)
        folder = edit("scenarios/once.yaml", "A: {calls: {PING: 1}, isn: [7]}\n", scenario)
        protocol = load_protocol(folder, "ping")
        first, second = build(protocol, protocol.scenario("once")).system.initials[0].locals
        return first, second

    return begin


def test_a_start_by_name_is_where_both_ends_start(beginning: Callable[[str], tuple[Local, Local]]) -> None:
    """What it does not say of an end is as the machine starts."""
    first, second = beginning("A: {calls: {PING: 1}, isn: [7]}\nstart: asked\n")

    assert (first.state, first.values) == ("WAIT", (7, 1, "calm"))
    assert (second.state, second.values) == ("IDLE", (30, 0, "calm"))


def test_a_start_by_name_is_the_same_as_its_values_written_out(beginning: Callable[[str], tuple[Local, Local]], edit: Edit) -> None:
    """The name stands for the literal, ghosts included."""
    named = beginning("A: {calls: {PING: 1}, isn: [7]}\nstart: asked\n")
    folder = edit("scenarios/once.yaml", "start: asked\n", "B: {start: {NXT: 30}}\n")
    edit("scenarios/once.yaml", "isn: [7]}", "isn: [7], start: {state: WAIT, NXT: 7, tries: 1, asked: 1}}")
    protocol = load_protocol(folder, "ping")

    assert build(protocol, protocol.scenario("once")).system.initials[0].locals == named


def test_values_of_an_end_stand_above_the_start_that_is_named(beginning: Callable[[str], tuple[Local, Local]]) -> None:
    """A scenario differs from a start in what it says."""
    first, second = beginning("A: {start: {tries: 2}}\nB: {start: {state: WAIT}}\nstart: asked\n")

    assert (first.state, first.values) == ("WAIT", (7, 2, "calm"))
    assert (second.state, second.values) == ("WAIT", (30, 0, "calm"))


def test_one_end_alone_can_start_by_name(beginning: Callable[[str], tuple[Local, Local]]) -> None:
    """The other one then starts where the machine does."""
    first, second = beginning("A: {start: alone}\n")

    assert (first.state, first.values) == ("WAIT", (8, 0, "calm"))
    assert (second.state, second.values) == ("IDLE", (None, 0, "calm"))


@pytest.mark.parametrize(
    ("scenario", "expected"),
    [
        ("start: askd\n", ["3:8: there is no start 'askd' | did you mean asked?"]),
        ("A: {start: askd}\n", ["3:12: there is no start 'askd' | did you mean asked?"]),
        ("start: alone\n", ["3:8: the start 'alone' does not say where B starts"]),
        ("start: {A: asked}\n", ["3:8: the start of both ends is the name of one of the machine's starts | start: established"]),
        ("start: asked\nA: {start: {trys: 1}}\n", ["4:13: 'trys' is not a variable or ghost | did you mean tries?"]),
    ],
)
def test_a_start_that_is_not_there_is_told(edit: Edit, scenario: str, expected: list[str]) -> None:
    """With its place and what was probably meant."""
    edit("machine.yaml", "diagram:\n", STARTS)
    folder = edit("scenarios/once.yaml", "A: {calls: {PING: 1}, isn: [7]}\n", scenario)

    told = [shown(problem) for problem in problems_of(lambda: load_protocol(folder, "ping"))]
    assert told == expected


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("NXT: 30", "NXTT: 30", "'NXTT' is not a variable or ghost | did you mean NXT?"),
        ("state: WAIT, NXT: 8", "state: WIAT, NXT: 8", "'WIAT' is not a state | did you mean WAIT?"),
        ("says: A has asked", "C: {}\n    says: A has asked", "'C' is not a key of a start"),
        ("  alone:", "  fresh:", "'fresh' is a word of the language and cannot name a start"),
    ],
)
def test_a_mistake_in_a_start_is_told_though_no_scenario_uses_it(edit: Edit, old: str, new: str, expected: str) -> None:
    """It stands in the machine's file."""
    folder = edit("machine.yaml", "diagram:\n", STARTS.replace(old, new))

    (told,) = [shown(problem) for problem in problems_of(lambda: load_protocol(folder, "ping"))]
    assert expected in told
