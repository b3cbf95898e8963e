"""Guarantees and conformance: what a variant is judged by, and what is only told of it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tcpfsm.cli.main import main

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Check = Callable[..., tuple[int, str]]

MACHINE = """\
protocol: own
states: {IDLE: {}, BUSY: {}, DONE: {}}
flags: [F]
segments: {one: <CTL=F>}
calls: [GO]
offered: {GO: IDLE}
reading: [{check: all, in: any-state, event: none}]
rules:
  - {in: IDLE, when: GO, snd: one, to: BUSY}
"""
PROPERTIES = """\
properties:
  at-once:
    says: GO sends one segment.
    kind: step
    class: CLASS
    if: action == 'GO'
    then: size(sent) == 1
  busy:
    says: GO leads to BUSY, or to where the peer need not care.
    kind: always
    then: A.state != DONE
"""
VARIANT = "extends: .\nwhy: it does things otherwise\nchanges: [{in: IDLE, when: GO, to be: {CHANGE}}]\n"
LATER = "snd: null"
BROKEN = "snd: null, to: DONE"


@pytest.fixture
def check(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Check:
    """Check a variant that changes what GO does, or with no change the machine itself; return the code and the answer."""

    def checked(change: str, *arguments: str, word: str = "conformance", machine: str = MACHINE, expect: str = "") -> tuple[int, str]:
        (tmp_path / "scenarios").mkdir(exist_ok=True)
        (tmp_path / "variants").mkdir(exist_ok=True)
        (tmp_path / "machine.yaml").write_text(machine, encoding="utf-8")
        (tmp_path / "properties.yaml").write_text(PROPERTIES.replace("CLASS", word), encoding="utf-8")
        (tmp_path / "scenarios/once.yaml").write_text("says: once\nA: {calls: {GO: 1}}\n", encoding="utf-8")
        text = VARIANT.replace("extends: .", "extends: ..").replace("CHANGE", change or LATER) + expect
        (tmp_path / "variants/other.yaml").write_text(text, encoding="utf-8")
        target = str(tmp_path / "other") if change else str(tmp_path)
        code = main(["check", target, *arguments])
        return code, capsys.readouterr().out

    return checked


def run_of(said: str) -> dict[str, object]:
    """Return the one run of a JSON report."""
    data = json.loads(said)
    assert data["verdict"] == data["runs"][0]["verdict"]
    found: dict[str, object] = data["runs"][0]
    return found


def test_a_variant_that_does_things_otherwise_holds_and_is_told_apart(check: Check) -> None:
    """The verdict and the exit code are those of the guarantees; the departure is named, with its length."""
    code, said = check(LATER)

    assert code == 0
    assert "holds; departs in at-once" in said
    assert "2 properties hold in once" in said
    assert "Departs from own in how things are done, which is no violation:\n  once  at-once  1 step\n" in said
    assert "violat" not in said.replace("which is no violation", "")


def test_a_departure_is_drawn_where_everything_is(check: Check) -> None:
    """With -v its path is there, marked as what it is."""
    _, said = check(LATER, "-v")

    assert "at-once does not hold in once:\nGO sends one segment.\nShortest counterexample, 1 step:" in said
    assert "(departure)" in said
    assert "at-once                    step    departs" in said


def test_a_departure_hides_no_violation(check: Check) -> None:
    """A guarantee that falls beside it is red, and both are named."""
    code, said = check(BROKEN)

    assert code == 1
    assert "violated: busy; departs in at-once" in said
    assert "busy is violated in once:" in said


def test_json_tells_both(check: Check) -> None:
    """The property keeps its verdict and says its class; the run lists what departs."""
    run = run_of(check(LATER, "--format", "json")[1])
    broken = run_of(check(BROKEN, "--format", "json")[1])

    assert (run["verdict"], run["departures"]) == ("holds", ["at-once"])
    assert (broken["verdict"], broken["departures"]) == ("violated", ["at-once"])
    assert isinstance(run["properties"], list)
    assert [(one["name"], one["class"], one["verdict"]) for one in run["properties"]] == [
        ("at-once", "conformance", "violated"),
        ("busy", "guarantee", "holds"),
        ("every-arrival-is-answered", "guarantee", "holds"),
    ]


@pytest.mark.parametrize("word", ["guarantee", "null"])
def test_a_guarantee_judges_a_variant(check: Check, word: str) -> None:
    """So does a property that does not say its class."""
    code, said = check(LATER, word=word)

    assert (code, "violated: at-once" in said, "departs" in said) == (1, True, False)


def test_the_machine_itself_is_judged_by_both(check: Check) -> None:
    """There is nothing that it could depart from."""
    code, said = check("", machine=MACHINE.replace("snd: one", "snd: [one, one]"))

    assert (code, "violated: at-once" in said, "departs" in said) == (1, True, False)


def test_what_is_asked_by_itself_is_answered(check: Check) -> None:
    """The question is then whether it holds."""
    code, said = check(LATER, "--property", "at-once")

    assert (code, "at-once is violated in once" in said) == (1, True)


def test_first_does_not_stop_at_a_departure(check: Check) -> None:
    """It looks for a violation, and there is none in the whole space."""
    code, said = check(LATER, "--first", "--format", "json")

    assert (code, run_of(said)["complete"]) == (0, True)


@pytest.mark.parametrize(
    ("violated", "code"), [("{at-once: 1}", 0), ("{}", 1), ("{at-once: 2}", 1), ("{at-once: 1, busy: 1}", 1)]
)
def test_what_is_recorded_names_departures_too(check: Check, violated: str, code: int) -> None:
    """A departure that comes or goes unasked is not as expected."""
    assert check(LATER, "--recorded", expect=f"expect: [{{scenario: once, violated: {violated}}}]\n")[0] == code
