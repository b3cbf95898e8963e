"""Replaying: a true trace is confirmed, a tampered one is caught at the step that differs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from checker import Outcome, ReplayError, State, System, Trace, always, check, quiet, replay
from tests.checker.toys import alternating_bit, counter, explored, ping_pong

SYSTEM = alternating_bit(2, losses=1, duplications=1)


def trace() -> Trace:
    """How the second item can have been sent after a loss."""
    question = always("no", lambda state: not (state.locals[0] == (1, True) and state.budgets[1] == 0))
    (verdict,) = check(explored(SYSTEM), [question])
    assert verdict.trace is not None
    return verdict.trace


def altered(number: int, **changes: object) -> Trace:
    """The trace with one of its steps changed."""
    whole = trace()
    steps = list(whole.steps)
    steps[number] = steps[number]._replace(**changes)
    return replace(whole, steps=tuple(steps))


def test_a_true_trace_is_confirmed() -> None:
    """Replaying ends where the trace ends."""
    assert replay(SYSTEM, trace()) == trace().final
    assert len(trace().steps) > 3


def test_an_empty_trace_is_its_initial_state() -> None:
    """There is nothing to take, but the start must be one."""
    start = SYSTEM.initials[0]

    assert replay(SYSTEM, Trace((), None, start)) == start


def test_a_wrong_start_is_caught() -> None:
    """The system must be able to begin where the trace does."""
    nowhere = State(("?", "?"), ((), ()), ())

    with pytest.raises(
        ReplayError, match="the initial state of the trace: the system does not start there"
    ) as caught:
        replay(SYSTEM, Trace((), None, nowhere))
    assert caught.value.number == 0


def test_a_step_left_out_is_caught() -> None:
    """Steps must follow each other."""
    whole = trace()

    with pytest.raises(ReplayError, match="step 2 of the trace: it begins in") as caught:
        replay(SYSTEM, replace(whole, steps=whole.steps[:1] + whole.steps[2:]))
    assert caught.value.number == 2


def test_an_impossible_label_is_caught() -> None:
    """What the system does not do there is no step."""
    label = trace().steps[1].label._replace(message="forged")

    with pytest.raises(ReplayError, match=r"step 2 of the trace: .*forged.* is not possible there"):
        replay(SYSTEM, altered(1, label=label))


def test_a_forged_outcome_is_caught() -> None:
    """What was sent and fired is part of the evidence."""
    with pytest.raises(ReplayError, match=r"step 1 of the trace: .* has the outcome"):
        replay(SYSTEM, altered(0, outcome=Outcome("forged")))


def test_a_forged_result_is_caught() -> None:
    """The system decides where a step leads."""
    with pytest.raises(ReplayError, match=r"step 1 of the trace: .* leads to"):
        replay(SYSTEM, altered(0, after=SYSTEM.initials[0]))


def test_a_cycle_is_confirmed_only_if_it_closes() -> None:
    """The last step must lead back to where the loop begins, and there must be steps in between."""
    (verdict,) = check(explored(ping_pong()), [quiet()])
    assert verdict.trace is not None

    assert replay(ping_pong(), verdict.trace) == verdict.trace.initial
    for loop in (1, 2):
        with pytest.raises(ReplayError, match="step 2 of the trace: it does not close a cycle"):
            replay(ping_pong(), replace(verdict.trace, loop=loop))


def test_a_trace_is_not_confirmed_by_another_system() -> None:
    """A system with one count less cannot follow a longer run."""
    long = explored(System([counter("A", 3)]))

    with pytest.raises(ReplayError, match="step 3 of the trace"):
        replay(System([counter("A", 2)]), Trace(long.path_to(long.order[-1]), None, long.initials[0]))
