"""Which engine explores: small spaces at once, large ones compiled, and within one set of limits."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import checker
from checker import Action, Limits, Outcome, System, TableProcess, always, quiet
from checker import engines as engines_module
from checker.engines import How, NoCompilerError, explored
from checker.fast.checkpoint import Keep
from checker.fast.engine import TooWideError, explore_tables
from tests.checker.toys import alternating_bit, counter, ping_pong

if TYPE_CHECKING:
    from checker.engines import Choice
    from checker.fast.engine import Exploration

SAME = ("states", "steps", "depth", "stopped_because", "bounds_reached", "terminals", "locals", "verdicts")
KEEP = Keep(Path("kept"))
SMALL = always("small", lambda state: max(state.locals) < 7)


class Tables:
    """The tables, interpreted whatever is asked for; it remembers what was. ``fails`` are raised by compiled calls."""

    def __init__(self, fails: BaseException | None = None, takes: float = 0.0) -> None:
        self.asked: list[tuple[bool, Limits]] = []
        self.named: dict[str, Any] = {}
        self.fails = fails
        self.takes = takes
        self.now = 0.0

    def __call__(
        self, system: System, asked: Any, limits: Limits, *, compiled: bool, **named: Any
    ) -> Exploration:
        """Explore."""
        self.asked.append((compiled, limits))
        self.named = named
        self.now += self.takes
        if compiled and self.fails is not None:
            raise self.fails
        known = {name: named[name] for name in ("first", "on_progress")}
        return explore_tables(system, asked, limits, compiled=False, **known)


@pytest.fixture
def tables(monkeypatch: pytest.MonkeyPatch) -> Tables:
    """Stand in for the tables; a compiler seems to be there, and 20 states are many."""
    return stand_in(monkeypatch, Tables())


def stand_in(monkeypatch: pytest.MonkeyPatch, tables: Tables) -> Tables:
    """Put it in the place of the engine."""
    monkeypatch.setattr(engines_module, "explore_tables", tables)
    monkeypatch.setattr(engines_module, "has_compiler", lambda: True)
    monkeypatch.setattr(engines_module, "INTERPRETED_STATES", 20)
    monkeypatch.setattr(engines_module, "monotonic", lambda: tables.now)
    return tables


def count_to(limit: int) -> System:
    """One counter."""
    return System([counter("A", limit)])


def test_a_small_space_never_waits_for_a_compiler(tables: Tables) -> None:
    """Interpreted tables are enough for it."""
    found = explored(count_to(10), [SMALL])

    assert found.engine == "fast"
    assert found.found.complete
    assert tables.asked == [(False, Limits(enough=20))]


def test_a_large_space_starts_over_compiled(tables: Tables) -> None:
    """Without the limit that ended the first attempt, and with the whole answer."""
    found = explored(count_to(50), [SMALL])

    assert (found.engine, found.found.states, found.found.complete) == ("fast", 51, True)
    assert tables.asked == [(False, Limits(enough=20)), (True, Limits())]


@pytest.mark.parametrize("limit", [1, 20])
def test_a_limit_of_few_states_is_enough_for_tables(limit: int, tables: Tables) -> None:
    """There is nothing that a compiler would be good for."""
    found = explored(count_to(50), [SMALL], Limits(states=limit))

    assert (found.found.states, found.found.stopped_because) == (limit, "state limit")
    assert tables.asked == [(False, Limits(states=limit))]


def test_without_a_compiler_the_tables_stay_interpreted(
    tables: Tables, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the start: nothing is begun twice."""
    monkeypatch.setattr(engines_module, "has_compiler", lambda: False)
    found = explored(count_to(50), [SMALL])

    assert found.found.complete
    assert tables.asked == [(False, Limits())]


@pytest.mark.parametrize("how", [How("fast"), How(keep=KEEP)])
def test_who_asks_for_the_compiled_engine_gets_it_at_once(how: How, tables: Tables) -> None:
    """By its name, or by a checkpoint, which is passed on."""
    assert explored(count_to(3), [SMALL], Limits(states=9), how).engine == "fast"
    assert tables.asked == [(True, Limits(states=9))]
    assert tables.named["keep"] == how.keep


@pytest.mark.parametrize("how", [How("fast"), How(keep=KEEP)])
def test_without_a_compiler_the_compiled_engine_is_refused(how: How, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before anything is explored."""
    monkeypatch.setattr(engines_module, "COMPILER", "no_such_package")

    with pytest.raises(NoCompilerError):
        explored(count_to(3), [SMALL], how=how)


def test_a_compiler_is_looked_for_and_not_imported() -> None:
    """Nor is numpy, as long as a space is small."""
    code = """
import sys
from checker import System, TableProcess, Action, Outcome
from checker.engines import explored, has_compiler
has_compiler()
process = TableProcess("A", 0, (Action("up", "call"),), {(0, "up"): (Outcome(1),)})
print(explored(System([process]), []).engine, sorted({"numba", "numpy"} & set(sys.modules)))
"""
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert said.stdout == "fast []\n"


def test_the_reference_engine_keeps_no_checkpoints() -> None:
    """Who asks for both is told."""
    with pytest.raises(ValueError, match="the reference engine keeps no checkpoints"):
        How("reference", keep=KEEP)


def test_the_time_limit_counts_over_both_attempts(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the first took is missing to the second."""
    tables = stand_in(monkeypatch, Tables(takes=4.0))
    explored(count_to(50), [SMALL], Limits(seconds=60, memory=2**40))

    first, second = (limits for _, limits in tables.asked)
    assert first == Limits(seconds=60, memory=2**40, enough=20)
    assert second == Limits(seconds=56.0, memory=2**40)


def test_a_second_attempt_that_came_less_far_takes_nothing_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """As when the time is over while the kernel is compiled: the depth reached first stands, with the reason for the end."""
    stand_in(monkeypatch, Tables(takes=70.0))
    found = explored(count_to(50), [always("any", lambda _: True), SMALL], Limits(seconds=60)).found

    assert (found.states, found.stopped_because) == (21, "time limit")
    assert found.verdicts[0].established == "no violation up to depth 19 (time limit)"
    assert found.verdicts[1].established == "a shortest counterexample has 7 steps"


@pytest.mark.parametrize(
    ("error", "reason"), [(KeyboardInterrupt(), "interrupted"), (MemoryError(), "memory limit")]
)
def test_a_second_attempt_that_fails_takes_nothing_back(
    error: BaseException, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An interruption of the compiler, or memory that was not foreseen."""
    stand_in(monkeypatch, Tables(fails=error))
    found = explored(count_to(50), [always("any", lambda _: True)]).found

    assert (found.states, found.stopped_because, found.complete) == (21, reason, False)
    assert found.verdicts[0].established == f"no violation up to depth 19 ({reason})"


def test_states_too_wide_for_tables_are_explored_by_reference(monkeypatch: pytest.MonkeyPatch) -> None:
    """If nobody said which engine; who asked for tables is told."""
    tables = stand_in(monkeypatch, Tables(fails=TooWideError()))

    found = explored(count_to(50), [SMALL])
    assert (found.engine, found.found.states) == ("reference", 51)
    assert [compiled for compiled, _ in tables.asked] == [False, True]
    with pytest.raises(TooWideError):
        explored(count_to(50), [SMALL], how=How("fast"))


def many_ways() -> System:
    """Outcomes with names, ends, blocked outcomes, two processes."""
    acts = {
        (0, "go"): (Outcome(1, choice="left"), Outcome(2, choice="right")),
        (1, "go"): (Outcome(0), Outcome(1, choice="never", blocked_by="the end of the road")),
    }
    return System([TableProcess(name, 0, (Action("go", "call", 2),), acts) for name in "AB"])


@pytest.mark.parametrize(
    "system",
    [
        many_ways(),
        ping_pong(),
        alternating_bit(2, losses=1),
        alternating_bit(1, losses=1, duplications=1),
        count_to(9),
    ],
    ids=["many-ways", "ping-pong", "abp", "abp-copies", "counter"],
)
def test_both_engines_give_the_same_result(system: System) -> None:
    """In the same words: sizes, bounds, ends, outcomes, local states, verdicts."""
    asked = [always("none", lambda state: state != system.initials[0]), quiet()]
    one, other = (explored(system, asked, how=How(name)) for name in ("auto", "reference"))

    assert (one.engine, other.engine) == ("fast", "reference")
    for field in SAME:
        assert getattr(one.found, field) == getattr(other.found, field), field
    assert set(one.found.outcomes) == set(other.found.outcomes)
    assert len(other.found.outcomes) <= other.found.steps


@pytest.mark.parametrize("name", ["auto", "reference"])
def test_the_first_violation_ends_either_engine(name: Choice) -> None:
    """Before the space is exhausted."""
    found = explored(count_to(500), [SMALL], how=How(name, first=True)).found

    assert (found.stopped_because, found.verdicts[0].verdict) == ("stop condition", "violated")
    assert found.states < 20


@pytest.mark.parametrize("name", ["auto", "reference"])
def test_progress_is_passed_on_by_either_engine(name: Choice) -> None:
    """Whoever explores reports."""

    class Slow(TableProcess):
        def act(self, local: Any, action: str) -> tuple[Outcome, ...]:
            time.sleep(0.2 if local in (2, 3, 4) else 0)
            return super().act(local, action)

    acts = {(number, "up"): (Outcome(number + 1),) for number in range(30)}
    told: list[checker.Progress] = []
    explored(
        System([Slow("A", 0, (Action("up", "call"),), acts)]), [], how=How(name), on_progress=told.append
    )

    assert len(told) == 1
    assert told[0].seconds >= 0.5
