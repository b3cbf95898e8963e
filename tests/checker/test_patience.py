"""No process, predicate or restriction holds an exploration up: the limits hold within what they do, and so does Ctrl-C."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING, Any

import pytest

from checker import (
    Action,
    Attempt,
    Limits,
    Outcome,
    Restriction,
    State,
    System,
    TableProcess,
    always,
    every_step,
    pause,
)
from checker.engines import How, explored
from checker.fast import evaluation as judge
from checker.fast import grace
from checker.fast.engine import explore_tables
from checker.patience import GivenUpError, asking
from tests.checker.test_fast import counter

if TYPE_CHECKING:
    from collections.abc import Callable

ENGINES = ("reference", "auto")
FEW = Limits(states=1000, seconds=0.2)


def for_ever() -> bool:
    """Work that has no end."""
    while True:
        pause()


class Tireless:
    """A process that works on something without end once it has come far enough."""

    name = "tireless"
    initial = 0
    actions = (Action("work", "call"),)

    def act(self, local: Any, _: str) -> tuple[Outcome, ...]:
        """Go on by one."""
        return (Outcome(local + 1),) if local < 5 else (Outcome(for_ever()),)

    def receive(self, *_: Any) -> tuple[Outcome, ...]:
        """Take nothing."""
        return ()


@pytest.mark.parametrize("engine", ENGINES)
def test_a_process_that_does_not_end_is_ended_by_the_limit_of_time(engine: Any) -> None:
    """What was found before is the result, and nothing is claimed of what was not."""
    found = explored(System([Tireless()]), [always("any", lambda _: True)], FEW, How(engine)).found

    assert (found.stopped_because, found.states, found.depth) == ("time limit", 6, 5)
    assert found.verdicts[0].established == "no violation up to depth 4 (time limit)"


@pytest.mark.parametrize("engine", ENGINES)
def test_a_predicate_that_does_not_end_is_ended_by_the_limit_of_time(engine: Any) -> None:
    """Of the depth at which it was given up nothing is claimed, nor of any beyond."""
    asked = [always("slow", lambda state: state.locals[0] < 8 or for_ever()), always("any", lambda _: True)]
    found = explored(counter(50), asked, FEW, How(engine)).found

    assert found.stopped_because == "time limit"
    assert [one.verdict for one in found.verdicts] == ["inconclusive", "inconclusive"]
    assert found.verdicts[0].basis.depth is not None
    assert found.verdicts[0].basis.depth < 8


@pytest.mark.parametrize("engine", ENGINES)
def test_a_restriction_that_does_not_end_is_ended_by_the_limit_of_time(engine: Any) -> None:
    """It is asked while a state is expanded, which then does not count as that."""

    def allows(attempt: Attempt) -> bool:
        return attempt.before.locals[0] < 4 or for_ever()

    steps = {(number, "up"): (Outcome(number + 1),) for number in range(20)}
    process = TableProcess("counter", 0, (Action("up", "call"),), steps)
    found = explored(
        System([process], restrictions=[Restriction("slow", allows)]), [], FEW, How(engine)
    ).found

    assert (found.stopped_because, found.states) == ("time limit", 5)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("where", ["state", "step", "process"])
def test_an_interruption_ends_work_without_end(engine: Any, where: str) -> None:
    """One is enough, whatever is being worked on."""

    def interrupted(thing: Any) -> bool:
        state = thing if isinstance(thing, State) else thing.before
        if state.locals[0] == 5:
            signal.raise_signal(signal.SIGINT)
            return for_ever()
        return True

    class Interrupted(Tireless):
        def act(self, local: Any, name: str) -> tuple[Outcome, ...]:
            if local == 5:
                signal.raise_signal(signal.SIGINT)
            return super().act(local, name)

    asked = {"state": [always("slow", interrupted)], "step": [every_step("slow", interrupted)], "process": []}
    system = System([Interrupted()]) if where == "process" else counter(50)
    found = explored(system, asked[where], Limits(states=1000), How(engine)).found

    assert found.stopped_because == "interrupted"
    assert all(one.verdict == "inconclusive" for one in found.verdicts)


def test_a_violation_is_told_where_there_is_no_time_left_to_trace_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is one; how many steps lead to it is known."""
    monkeypatch.setattr(grace, "SECONDS", 0.0)
    monkeypatch.setattr(grace, "SHARE", 0.0)

    def small(state: State) -> bool:
        return state.locals[0] < 8

    def slow(state: State) -> bool:
        return state.locals[0] < 12 or for_ever()

    found = explore_tables(counter(50), [always("small", small), always("slow", slow)], FEW)

    assert (
        found.verdicts[0].established
        == "a shortest counterexample has 4 steps; it was not traced (time limit)"
    )
    assert (found.verdicts[0].verdict, found.verdicts[0].trace) == ("violated", None)


def test_a_trace_has_a_little_more_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that what was found shortly before the end can be shown."""
    monkeypatch.setattr(judge, "WORK", 1)
    asked = [
        always("small", lambda state: state.locals[0] < 8),
        always("slow", lambda state: state.locals[0] < 12 or for_ever()),
    ]
    found = explore_tables(counter(50), asked, FEW)

    assert found.stopped_because == "time limit"
    assert found.verdicts[0].trace is not None
    assert len(found.verdicts[0].trace.steps) == 4


def test_pausing_does_nothing_where_nobody_asked_for_it() -> None:
    """A process may be called by anybody; and what was asked for ends with who asked."""

    def end() -> None:
        raise GivenUpError("time limit")

    with asking(end), pytest.raises(GivenUpError):
        for_ever()
    for _ in range(100_000):
        pause()


@pytest.mark.parametrize("made", ["factors", "graph"])
def test_an_interruption_while_something_more_is_made_keeps_the_answers(
    made: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is said that it is missing, and why."""
    if made == "graph":
        pytest.importorskip("scipy")

    def interrupted(*_: Any) -> Callable[..., None]:
        raise KeyboardInterrupt

    target = {"factors": "checker.fast.engine.counted", "graph": "checker.fast.graph.graph_of"}[made]
    monkeypatch.setattr(target, interrupted)
    asked: Any = {made: True}
    found = explore_tables(counter(50), [always("any", lambda _: True)], **asked)

    assert (found.complete, found.verdicts[0].verdict) == (True, "holds")
    assert found.missing == {made: "interrupted"}
    assert getattr(found, made) is None
