"""The benchmarks: the family that is measured, what is recorded of it, the command, and its tables."""

from __future__ import annotations

import doctest
import importlib
import subprocess
import sys
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from benchmarks.__main__ import differences, given
from benchmarks.family import FAMILY, MEMBERS, SCENARIO, bounded, recorded
from benchmarks.measure import ALL, Measured, measure
from benchmarks.plain import Counted
from benchmarks.report import Row, ratios, spread, table
from benchmarks.setups import LARGEST, Engine, Setup, available, setups
from benchmarks.spin import spin

if TYPE_CHECKING:
    from benchmarks.family import Member
    from tcpfsm.loader.protocol import Protocol

ROOT = Path(__file__).parents[1]
SMALLEST = FAMILY[0]
COMPILED = Setup(Engine.COMPILED)


def made_up(setup: Setup, *seconds: float, peak: int = 10**8, states: int = 100_000) -> Row:
    """Make a row as if an engine had taken these times for something of 10^5 states."""
    runs = [Measured(states, 8 * states, 20, ("holds",), 0.5, 0.1, one, peak) for one in seconds]
    return Row(MEMBERS["10^5"], setup, runs, [one + 1 for one in seconds])


@pytest.mark.parametrize("member", FAMILY[:2], ids=lambda member: member.name)
@pytest.mark.parametrize("engine", [engine for engine in available() if engine is not Engine.SPIN])
def test_every_engine_counts_what_is_recorded(engine: Engine, member: Member) -> None:
    """The engines, and the same system written by hand, which shares nothing with them."""
    found = measure(member, Setup(engine), "mirrored-numbers")

    assert Counted(found.states, found.steps, found.depth) == member.counted
    assert found.verdicts == (() if engine is Engine.PLAIN else ("holds",))


@pytest.mark.skipif(Engine.SPIN not in available(), reason="SPIN is not there")
def test_another_tool_finds_the_same_counts() -> None:
    """SPIN, breadth first, from a model of the same system in its own language."""
    assert spin(MEMBERS["10^5"], breadth_first=True)[0] == MEMBERS["10^5"].counted


def test_what_the_scenario_asks_besides_changes_no_count() -> None:
    """None of its properties remembers anything, and all hold."""
    found = measure(SMALLEST, Setup(Engine.INTERPRETED), ALL)

    assert Counted(found.states, found.steps, found.depth) == SMALLEST.counted
    assert found.verdicts == ("holds",)


def test_the_bounds_of_the_family_grow(tcp: Protocol) -> None:
    """No bound of a member is less than that of the member before."""
    bounds = [(*member.opens, *member.aborts, *member.numbers) for member in FAMILY]

    assert [member.power for member in FAMILY] == list(range(3, 10))
    for less, more in pairwise(bounds):
        assert less != more
        assert all(one <= other for one, other in zip(less, more, strict=True))
    assert bounded(tcp, FAMILY[-1]) is tcp.scenario(SCENARIO), "the largest is the scenario as it ships"


def test_a_member_is_of_the_size_that_it_is_called_by(tcp: Protocol) -> None:
    """Within a fifth."""
    for member in FAMILY:
        counted = recorded(tcp, member)
        if counted is not None:
            assert 0.8 <= counted.states / 10**member.power <= 1.2


def test_a_bound_that_is_less_is_less_in_the_scenario(tcp: Protocol) -> None:
    """Calls that may not be made are not there, and what the file records is not said of another size."""
    scenario = bounded(tcp, SMALLEST)

    assert dict(scenario.ends["A"].calls) == {"active OPEN": 1}
    assert dict(scenario.ends["B"].calls) == {"passive OPEN": 1}
    assert [len(end.isn) for end in scenario.ends.values()] == [1, 1]
    assert (scenario.expected, scenario.rebounded) == (None, True)


#: A row of the first table has more cells than this, one of the second fewer.
WIDE = 8


def test_the_command_measures_the_smallest_size(tmp_path: Path) -> None:
    """Each engine in a process of its own; the tables go to stdout and to a file."""
    words = ["--up-to", "10^3", "--repeat", "1", "--output", str(tmp_path / "table.md")]
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", *words], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert (done.returncode, "Traceback" in done.stderr) == (0, False), done.stderr
    names = [str(setup) for setup in setups(available(), (1, 2))]
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in done.stdout.splitlines() if "10^3" in line]
    assert [row[1] for row in rows if len(row) > WIDE] == names
    assert {tuple(row[2:4]) for row in rows if len(row) > WIDE} == {("946", "5,751")}
    assert (tmp_path / "table.md").read_text(encoding="utf-8") == done.stdout


def test_a_count_that_is_not_the_recorded_one_is_told() -> None:
    """And so is one engine that differs from another."""
    row = made_up(Setup(Engine.REFERENCE), 1.0)

    assert len(differences([row], "mirrored-numbers")) == 1
    assert "633769" in differences([row], "mirrored-numbers")[0]
    assert differences([row], "agreement") == [], "of another property no count is recorded"
    assert len(differences([row, made_up(COMPILED, 1.0, states=99_999)], "agreement")) == 1


def test_a_verdict_that_is_not_holds_is_told() -> None:
    """A run that was cut would be quick."""
    row = made_up(COMPILED, 1.0)
    row.measured = [replace(row.measured[0], verdicts=("holds", "inconclusive"))]

    assert differences([row], "agreement") == ["10^5, compiled, 1 thread: holds, inconclusive, where all should hold"]


def test_memory_is_told_beyond_that_of_the_smallest_size() -> None:
    """What the interpreter and the compiler take is the same for all sizes; rates are those of the quickest run."""
    small = made_up(COMPILED, 0.1, peak=200 * 10**6, states=1_000)
    large = made_up(COMPILED, 4.0, 2.0, 3.0, peak=202 * 10**6)
    cells = [cell.strip() for cell in table([small, large]).splitlines()[3].split("|")[1:-1]]

    assert cells[5:] == ["2.00 / 3.00", "3.00 / 4.00", "50,000", "400,000", "202", "20.0"]
    assert table([small]).splitlines()[2].endswith("| 200 |  |")


def test_engines_are_compared_round_by_round() -> None:
    """A machine that is busy in one round is so for both."""
    two = Setup(Engine.COMPILED, 2)
    compared = ratios([made_up(COMPILED, 4.0, 8.0, 4.0), made_up(two, 2.0, 4.0, 1.0)], COMPILED)

    assert compared.splitlines() == ["| size | compiled, 2 threads |", "| --- | ---: |", "| 10^5 | 2 |"]
    assert ratios([made_up(COMPILED, 1.0)], COMPILED) == ""


def test_slow_engines_are_left_out_of_large_sizes() -> None:
    """The compiled one measures all, in as many threads as were asked for, each number once."""
    assert LARGEST[Engine.COMPILED] == FAMILY[-1].power
    assert LARGEST[Engine.REFERENCE] < LARGEST[Engine.INTERPRETED] < LARGEST[Engine.COMPILED]
    assert setups((Engine.REFERENCE, Engine.COMPILED), (1, 1)) == (Setup(Engine.REFERENCE), COMPILED)


@pytest.mark.parametrize("words", [["--up-to", "10^2"], ["--repeat", "0"], ["--threads", "0"], ["--engine", "steam"]])
def test_a_command_line_that_cannot_be_meant_is_refused(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """With exit code 2, and what would have been right."""
    with pytest.raises(SystemExit) as caught:
        given(words)

    assert caught.value.code == 2
    assert "python -m benchmarks: error:" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["plain", "report"])
def test_the_examples_in_the_benchmarks_are_right(name: str) -> None:
    """Their doctests; pytest collects those of the packages only."""
    assert doctest.testmod(importlib.import_module(f"benchmarks.{name}"))[0] == 0
    assert spread([200.0, 100.0]) == "100 / 150"
