"""Properties: what is a question, and which questions one state can refute."""

from __future__ import annotations

from typing import Any

import pytest

from checker import (
    Property,
    System,
    always,
    answered,
    can_always,
    check,
    ends,
    every_step,
    quiet,
    sometimes,
    sometimes_step,
    violated_at,
)
from tests.checker.toys import counter, courier, explored


@pytest.mark.parametrize(
    ("parts", "complaint"),
    [
        (("p", "never", bool), "unknown kind 'never'; the kinds are always, step, sometimes, can-always"),
        (("p", "always"), "always needs a predicate"),
        (("p", "quiet", bool), "quiet takes no predicate"),
        (("p", "always", bool, "step"), "only a sometimes can be of a step"),
    ],
)
def test_what_is_not_a_question_is_refused(parts: tuple[Any, ...], complaint: str) -> None:
    """A kind needs what it needs, and nothing else."""
    with pytest.raises(ValueError, match=f"property 'p': {complaint}"):
        Property(*parts)


@pytest.mark.parametrize(
    ("question", "expanded"),
    [
        (always("below 2", lambda state: state.locals[0] < 2), 3),
        (every_step("to below 2", lambda step: step.after.locals[0] < 2), 2),
        (ends("at 9", lambda state: state.locals[0] == 9), 5),
        (always("below 9", lambda state: state.locals[0] < 9), 5),
        (sometimes("at 9", lambda state: state.locals[0] == 9), 5),
        (can_always("9 in reach", lambda state: state.locals[0] == 9), 5),
        (quiet(), 5),
    ],
)
def test_an_exploration_can_stop_at_the_first_violation(question: Property, expanded: int) -> None:
    """It stops at the state that refutes the property, unless no state alone can."""
    space = explored(System([counter("A", 4)]), stop_when=violated_at([question]))

    assert space.expanded == expanded
    assert space.complete == (expanded == 5)


def test_an_exploration_can_stop_at_an_unanswered_message() -> None:
    """The first reception without an outcome is a violation of answered."""
    lossy = courier(("a", "b"), "bag")
    taker = lossy.processes[1]
    odd = System([lossy.processes[0], type(taker)("taker", "shut")], lossy.channels, losses=2)

    assert explored(odd, stop_when=violated_at([answered()])).expanded == 1
    assert explored(odd).states == 4


def test_a_stopped_exploration_shows_the_same_shortest_counterexample() -> None:
    """Stopping early does not change the trace; what was not settled is inconclusive."""
    system = System([counter("A", 4), counter("B", 4)])
    wrong = always("apart by at most 1", lambda state: abs(state.locals[0] - state.locals[1]) <= 1)
    met = sometimes_step("B goes to 4", lambda step: step.after.locals[1] == 4)
    part = explored(system, stop_when=violated_at([wrong]))
    (early, unsettled), (late, settled) = check(part, [wrong, met]), check(explored(system), [wrong, met])

    assert early == late
    assert (unsettled.verdict, settled.verdict) == ("inconclusive", "holds")
