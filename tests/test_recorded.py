"""``check --recorded``: what is held against what was written down, and what happens where nothing was."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tcpfsm.cli.main import main

if TYPE_CHECKING:
    from collections.abc import Callable

VARIANT = """\
extends: stop-and-wait
why: The receiver takes every text for the next one.
changes:
  - {check: the expected number, to be: {if: "true"}}
"""
SCENARIO = """\
says: A sends one text, which the network may copy.
A: {calls: {SEND: 1}}
network: {capacity: 2, duplication: 1}
without: [two-texts-arrive, numbers-in-step]
"""
HOLDS = "expect: {violated: {}}\n"
RIGHT = "expect: [{scenario: copied, violated: {delivered-once: 4}}]\n"


@pytest.fixture
def folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """A copy of a small protocol, with a scenario and a variant of one's own; the variant expects nothing."""
    assert main(["copy", "stop-and-wait", str(tmp_path / "mine")]) == 0
    (tmp_path / "mine/scenarios/copied.yaml").write_text(SCENARIO + HOLDS, encoding="utf-8")
    (tmp_path / "mine/variants/credulous.yaml").write_text(VARIANT, encoding="utf-8")
    capsys.readouterr()
    return tmp_path / "mine"


@pytest.fixture
def recorded(folder: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str]]:
    """Write what the variant expects, check it against that, and return the exit code and what was said."""

    def call(expect: str, *arguments: str, target: str = "credulous") -> tuple[int, str]:
        (folder / "variants/credulous.yaml").write_text(VARIANT + expect, encoding="utf-8")
        code = main(["check", str(folder / target), "--recorded", *arguments])
        printed = capsys.readouterr()
        return code, printed.out + printed.err

    return call


def test_of_a_variant_only_its_own_runs_are_made(recorded: Callable[..., tuple[int, str]]) -> None:
    """And one that is as recorded is exit code 0, though a property is violated."""
    code, said = recorded(RIGHT, "--format", "json")

    assert code == 0
    assert [(run["variant"], run["scenario"]) for run in json.loads(said)["runs"]] == [("credulous", "copied")]


@pytest.mark.parametrize(
    ("expect", "says"),
    [
        (RIGHT.replace("4", "5"), "delivered-once violated with 4 steps, violated with 5 expected"),
        (RIGHT.replace("4", "0"), "delivered-once violated with 4 steps, violated with 0 expected"),
        (RIGHT.replace("{delivered-once: 4}", "{}"), "delivered-once violated with 4 steps, holds expected"),
        (RIGHT.replace("delivered-once", "delivered-in-order"), "delivered-in-order holds, violated with 4 expected"),
        (RIGHT.replace("violated", "states: 7, violated"), "13 states, 7 expected"),
    ],
    ids=["another length", "a length of 0", "no violation", "another property", "another count"],
)
def test_what_is_not_as_recorded_is_exit_code_1(expect: str, says: str, recorded: Callable[..., tuple[int, str]]) -> None:
    """And both are said, what was found and what was expected."""
    code, said = recorded(expect)

    assert code == 1
    assert f"stop-and-wait/credulous copied: {says}" in said


def test_a_scenario_that_is_named_and_has_nothing_recorded_is_not_as_recorded(recorded: Callable[..., tuple[int, str]]) -> None:
    """Leaving an expectation out is no way to meet it."""
    code, said = recorded(RIGHT, "--scenario", "copied", "--scenario", "one-lost")

    assert code == 1
    assert "stop-and-wait/credulous one-lost: nothing is recorded for it" in said
    assert "credulous copied:" not in said


def test_a_variant_with_nothing_recorded_is_a_usage_error_that_says_what_to_write(recorded: Callable[..., tuple[int, str]]) -> None:
    """Nothing was run, so nothing is as expected."""
    code, said = recorded("")

    assert code == 2
    assert "nothing is recorded for" in said
    assert "in its file write expect: [{scenario: ..., violated: {...}}]" in said


def test_of_a_scenario_only_itself_is_run(recorded: Callable[..., tuple[int, str]]) -> None:
    """What it does not name is expected to hold."""
    code, said = recorded(RIGHT, "--format", "json", target="scenarios/copied.yaml")

    assert code == 0
    assert [(run["variant"], run["scenario"]) for run in json.loads(said)["runs"]] == [(None, "copied")]


def test_of_a_folder_everything_is_run_that_was_recorded(recorded: Callable[..., tuple[int, str]]) -> None:
    """Exhibits and variants."""
    code, said = recorded(RIGHT, "--format", "json", target=".")
    runs = json.loads(said)["runs"]

    assert code == 0
    assert {run["variant"] for run in runs} > {None, "credulous", "no-timer"}
    assert {run["exhibit"] for run in runs} == {True, False}


def test_the_command_that_repeats_a_run_of_a_variant_names_the_folder_and_the_variant(
    recorded: Callable[..., tuple[int, str]], folder: Path
) -> None:
    """The headline of a folder is of one of its variants."""
    _, said = recorded(RIGHT, target=".")

    assert f"Again with:  tcpfsm check {folder}/acks-without-number --scenario impatient" in said


def test_a_report_on_one_variant_shows_no_empty_table(recorded: Callable[..., tuple[int, str]]) -> None:
    """The table of scenarios has nothing to say there."""
    _, said = recorded(RIGHT)

    assert "scenario  network" not in said
    assert "Everything is as expected: 1 run, 13 states, 13 steps." in said


def test_without_recorded_nothing_recorded_is_nothing_to_say(recorded: Callable[..., tuple[int, str]], folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A verdict is an answer by itself."""
    recorded("")

    assert main(["check", str(folder / "credulous"), "--scenario", "copied"]) == 1
    assert "nothing is recorded" not in capsys.readouterr().out


OPEN = SCENARIO.replace("without: [two-texts-arrive, numbers-in-step]\n", "properties: [numbers-in-step]\n")


def test_a_scenario_that_records_nothing_is_held_against_nothing(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Its verdict is an answer, and no surprise: not in the table, not below it, not in the JSON."""
    path = folder / "scenarios/copied.yaml"
    path.write_text(OPEN, encoding="utf-8")
    assert main(["check", str(path)]) == 1
    said = capsys.readouterr().out
    assert main(["check", str(path), "--format", "json"]) == 1
    data = json.loads(capsys.readouterr().out)

    assert "violated: two-texts-arrive" in said
    assert "NOT AS EXPECTED" not in said
    assert "Not what was recorded" not in said
    assert {found["expected"] for found in data["runs"][0]["properties"]} == {None}
    assert data["as_expected"]


def test_a_scenario_that_expects_nothing_to_be_violated_is_held_against_that(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An empty expectation is one: everything is to hold."""
    path = folder / "scenarios/copied.yaml"
    path.write_text(OPEN + HOLDS, encoding="utf-8")

    assert main(["check", str(path)]) == 1
    assert "violated: two-texts-arrive  NOT AS EXPECTED" in capsys.readouterr().out


@pytest.mark.parametrize("target", [".", "scenarios/copied.yaml"])
def test_of_a_scenario_that_records_nothing_nothing_is_as_recorded(target: str, recorded: Callable[..., tuple[int, str]], folder: Path) -> None:
    """Whether it is named, or run with the whole folder."""
    (folder / "scenarios/copied.yaml").write_text(SCENARIO, encoding="utf-8")
    code, said = recorded(RIGHT, target=target)

    assert code == 1
    assert "stop-and-wait copied: nothing is recorded for it" in said
