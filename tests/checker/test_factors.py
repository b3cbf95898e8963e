"""What multiplies a space: counted by hand on spaces that are known by thought."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from checker import Action, Limits, Outcome, System, TableProcess, engines, factors
from checker.engines import How, explored
from checker.factors import Factor, factors_of
from tests.checker.toys import alternating_bit, counter
from tests.checker.toys import explored as walked

if TYPE_CHECKING:
    from checker.engines import Choice


def test_independent_components_multiply_by_their_values() -> None:
    """Two counters: a grid of 3 by 5."""
    system = System([counter("A", 2), counter("B", 4)])

    assert factors_of(walked(system), system) == (
        Factor("B", "process", distinct=5, without=3, states=15),
        Factor("A", "process", distinct=3, without=5, states=15),
    )


def test_a_component_that_the_rest_tells_multiplies_by_one() -> None:
    """A budget is what is left after the steps that its process took."""
    process = TableProcess(
        "A", 0, (Action("up", "call", 4),), {(number, "up"): (Outcome(number + 1),) for number in range(9)}
    )
    system = System([process])

    assert [
        (factor.name, factor.kind, factor.times) for factor in factors_of(walked(system), system) or ()
    ] == [
        ("A", "process", 1.0),
        ("A up", "budget", 1.0),
    ]


def test_every_component_is_told_with_the_largest_factor_first() -> None:
    """Processes, channels and budgets; each as the definition says."""
    system = alternating_bit(2, losses=2, duplications=1)
    space = walked(system)
    found = factors_of(space, system)

    assert found is not None
    parts = [part.name for part in system.processes] + [part.name for part in system.channels]
    names = parts + [name for name, _ in system.budgets]
    assert sorted(factor.name for factor in found) == sorted(names)
    assert [factor.times for factor in found] == sorted((factor.times for factor in found), reverse=True)
    loss = next(factor for factor in found if factor.name == "loss")
    place = next(place for place, (name, _) in enumerate(system.budgets) if name == "loss")
    rest = {
        (state.locals, state.channels, state.budgets[:place] + state.budgets[place + 1 :])
        for state in space.order
    }
    assert loss == Factor("loss", "budget", 3, len(rest), space.states)
    assert loss.times > 1


@pytest.mark.parametrize("name", ["auto", "reference"])
def test_they_are_counted_when_they_are_asked_for(name: Choice) -> None:
    """It takes time; also of a space that was cut, which is when one wants to know."""
    system = System([counter("A", 2), counter("B", 4)])
    cut = explored(system, [], Limits(states=7), How(name, factors=True))

    assert explored(system, [], how=How(name)).factors is None
    assert explored(system, [], how=How(name, factors=True)).factors == factors_of(walked(system), system)
    assert cut.found.stopped_because == "state limit"
    assert {factor.states for factor in cut.factors or ()} == {7}


def test_a_space_is_walked_again_for_their_sake_if_it_is_small(monkeypatch: pytest.MonkeyPatch) -> None:
    """And if there is time left."""
    system = System([counter("A", 2), counter("B", 4)])
    monkeypatch.setattr(engines, "has_compiler", lambda: False)
    assert explored(system, [], Limits(seconds=60), How(factors=True)).factors is not None

    monkeypatch.setattr(engines, "INTERPRETED_STATES", 14)
    assert explored(system, [], how=How(factors=True)).factors is None
    monkeypatch.setattr(engines, "INTERPRETED_STATES", 15)
    monkeypatch.setattr(engines._Clock, "left", lambda _: Limits(seconds=0))
    assert explored(system, [], how=How(factors=True)).factors is None


def test_beyond_so_many_states_they_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """The count takes as much memory as the states do."""
    system = System([counter("A", 2)])
    monkeypatch.setattr(factors, "MOST_STATES", 2)

    assert factors_of(walked(system), system) is None
