"""What no file can know alone: an expectation that nothing can meet, a name that another one hides, are mistakes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tcpfsm.loader.load import load_protocol
from tcpfsm.loader.property import ANSWERED
from tcpfsm.run.build import build
from tcpfsm.run.run import Options, run
from tests.conftest import problems_of, shown

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Edit = Callable[[str, str | None, str], Path]


def told(folder: Path) -> list[str]:
    """Return the problems of a folder."""
    return [shown(problem) for problem in problems_of(lambda: load_protocol(folder))]


def added(folder: Path, file: str, text: str) -> Path:
    """Write something at the end of a file."""
    path = folder / file
    path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")
    return folder


# ---- expectations ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("can-rest: 3", []),
        ("asking-once-is-enough: 3", ["8:21: 'asking-once-is-enough' is not asked in once | in the scenario's file: properties: [asking-once-is-enough]"]),
        ("patint: 3", ["8:21: 'patint' is not a property | did you mean patient?"]),
        (f"{ANSWERED}: 3", []),
        (f"{ANSWERED}: none", [f"8:48: '{ANSWERED}' has a counterexample if it is violated | how many steps its shortest counterexample has; only a violated sometimes has none"]),
    ],
)  # fmt: skip
def test_what_is_recorded_as_violated_is_asked(ping: Path, line: str, expected: list[str]) -> None:
    """Of what is not asked nothing can come, and nobody would notice."""
    added(ping, "scenarios/once.yaml", f"expect: {{violated: {{{line}}}}}\n")
    if expected:
        assert told(ping) == expected
    else:
        protocol = load_protocol(ping)
        assert not run(protocol, protocol.scenario("once")).as_expected


def test_what_a_scenario_leaves_out_is_not_recorded_as_violated(edit: Edit) -> None:
    """Neither by its own file nor by that of a variant, nor is it what a variant shows."""
    edit("scenarios/once.yaml", "properties: [can-rest]", "without: [patient]")
    edit("variants/deaf.yaml", "  - {scenario: once}", "  - {scenario: once, violated: {patient: 2}}")
    folder = edit("variants/deaf.yaml", "extends: ping", "extends: ping\nshows: {scenario: once, property: can-rest}")

    assert told(folder) == [
        "3:35: 'can-rest' is not asked in once | in the scenario's file: properties: [can-rest]",
        "8:33: 'patient' is not asked in once | it stands under 'without'",
    ]


def test_quiet_is_not_expected_of_a_network_that_repeats(edit: Edit) -> None:
    """It has no meaning there, whoever asks."""
    edit("claims/asking.yaml", "- {property: an-answer-comes, in: once}", "- {property: quiet, in: once}")
    folder = edit("scenarios/once.yaml", "capacity: 2, loss: 1", "kind: set")
    added(folder, "scenarios/once.yaml", "expect: {violated: {quiet: 3}}\n")
    text = "quiet cannot be asked in once: a network of kind set delivers the same segment for ever"

    assert told(folder) == [f"28:20: {text}", f"8:21: 'quiet' is not asked in once | {text}"]


@pytest.mark.parametrize(("line", "expected"), [
    ("properties: [quiet]", "quiet cannot be asked in once: a network of kind set delivers the same segment for ever"),
    ("properties: [can-rest]\nwithout: [can-rest]", "'can-rest' stands under 'without' as well"),
])  # fmt: skip
def test_a_property_that_is_named_is_asked(edit: Edit, line: str, expected: str) -> None:
    """Or else the name is a mistake."""
    edit("scenarios/once.yaml", "properties: [can-rest]", line)
    folder = edit("scenarios/once.yaml", "capacity: 2, loss: 1", "kind: set")

    assert told(folder) == [f"7:14: {expected}"]


def test_a_witness_that_is_missing_has_no_length(edit: Edit) -> None:
    """A number there could never be met; the word none says that there is nothing to count."""
    edit("properties.yaml", "properties:\n", "properties:\n  crossness: {says: x, kind: sometimes, then: A.mood == cross}\n")
    folder = edit("scenarios/once.yaml", "says: A asks once.", "says: A asks once.\nexpect: {violated: {crossness: 3}}")
    assert told(folder) == ["3:32: 'crossness' has no witness if it is violated, so nothing has a length | crossness: none"]

    protocol = load_protocol(edit("scenarios/once.yaml", "crossness: 3", "crossness: none"))
    assert run(protocol, protocol.scenario("once")).as_expected


def test_an_exhibit_expects_that_something_is_violated(ping: Path) -> None:
    """Otherwise it exhibits nothing."""
    added(ping, "scenarios/once.yaml", "exhibit: true\nexpect: {states: 8}\n")

    assert told(ping) == ["9:1: an exhibit is there for what is violated in it, and nothing is expected to be | expect: {violated: {PROPERTY: 5}}"]


def test_an_exhibit_in_which_nothing_is_violated_is_not_as_expected(ping: Path) -> None:
    """Also where nothing was recorded for it; but of a part of it, or of other bounds, nothing is said."""
    protocol = load_protocol(added(ping, "scenarios/once.yaml", "exhibit: true\n"))
    scenario = protocol.scenario("once")

    assert run(protocol, scenario).surprises == ("it is an exhibit, and nothing is violated in it",)
    assert run(protocol, scenario, options=Options(only="patient")).as_expected
    assert run(protocol, scenario.bounded(loss=0)).as_expected
    assert run(protocol, scenario, "deaf").as_expected


# ---- names -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["LIMIT", "IDLE", "both", "any-kind", "calm", "ASK", "lose", "arrives", "sent", "LIMIT(number)", "calm(x, y)"]
)
def test_a_definition_that_something_else_hides_is_told(edit: Edit, name: str) -> None:
    """Constants, states, groups, words, bits and what is known of a step go before it, in silence."""
    folder = edit("properties.yaml", "define:\n", f"define:\n  {name}: 100\n")
    plain = name.partition("(")[0]
    if name == "any-kind":
        assert load_protocol(folder).properties.definitions
    else:
        assert told(folder)[0] == f"3:3: '{plain}' has another meaning in a property, which would go before this one | give it another name"


@pytest.mark.parametrize("name", ["p.tries", "q.x", "A.state", "SEG.NUM", "B.x"])
@pytest.mark.parametrize("file", ["properties.yaml", "machine.yaml"])
def test_a_definition_that_reads_like_a_value_is_told(edit: Edit, file: str, name: str) -> None:
    """What stands before the dot has a meaning of its own."""
    folder = edit(file, "define:\n", f"define:\n  {name}: 100\n")

    assert any(f"'{name}' is a word of the language and cannot name a definition" in line for line in told(folder))


@pytest.mark.parametrize("place", ["constants: {LIMIT: 2", "variables:\n  NXT: sequence", "fields:\n  NUM: sequence"])
def test_a_name_that_reads_like_a_value_is_told(edit: Edit, place: str) -> None:
    """The field of the arriving segment would hide it."""
    more = ", SEG.NUM: 3" if "{" in place else "\n  SEG.NUM: count"
    folder = edit("machine.yaml", place, place + more)

    assert any("'SEG.NUM' is a word of the language and cannot name" in line for line in told(folder))


def test_a_variant_may_not_hide_a_definition_either(edit: Edit) -> None:
    """Its new words and variables are names as well."""
    folder = edit("variants/deaf.yaml", "changes:\n", "changes:\n  - {variable: side, to be: {is: [at-rest, busy], starts: busy}}\n")

    assert told(folder)[0].startswith("2:1: with these changes, 'at-rest' has another meaning in a property")


def test_a_property_may_not_have_the_name_of_the_built_in_one(edit: Edit) -> None:
    """It would take its place in every report."""
    folder = edit("properties.yaml", "properties:\n", f"properties:\n  {ANSWERED}: {{says: x, kind: always, then: false}}\n")

    assert told(folder) == [f"5:3: '{ANSWERED}' is asked of every scenario already, and is no name for another property"]


def test_a_claim_may_ask_the_built_in_property(edit: Edit) -> None:
    """It has a name as any other."""
    folder = edit("claims/asking.yaml", "- {property: asking-once-is-enough, in: once}", f"- {{property: {ANSWERED}, in: once}}")

    assert load_protocol(folder).claims


@pytest.mark.parametrize("segment", ["ANS", "ASC"])
def test_a_segment_that_no_rule_sends_is_not_changed(edit: Edit, segment: str) -> None:
    """Neither one that there is, nor a new one, which may be a misspelt old one."""
    folder = edit("variants/deaf.yaml", "changes:\n", f"changes:\n  - {{segment: {segment}, to be: <CTL=ASK>}}\n")

    assert told(folder)[0].startswith(f"5:15: no rule sends the segment '{segment}', so that this changes nothing")


def test_a_segment_that_a_variant_adds_and_sends_is_sent(edit: Edit) -> None:
    """A new kind of segment is for a new rule."""
    change = "changes:\n  - {segment: BOTH, to be: '<CTL=ASK,ANS>'}\n  - {in: IDLE, when: PING, to be: {snd: BOTH}}\n"
    protocol = load_protocol(edit("variants/deaf.yaml", "changes:\n", change))

    assert build(protocol, protocol.scenario("once"), "deaf").machine.changed
