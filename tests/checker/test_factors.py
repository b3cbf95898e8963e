"""What multiplies a space: counted by hand on spaces that are known by thought."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from checker import Action, Limits, Outcome, System, TableProcess, factors
from checker import explore as walked_to
from checker.engines import How, explored
from checker.factors import Factor, factors_of
from checker.fast import engine, search, state_set
from checker.fast import factors as fast_factors
from checker.fast.engine import explore_tables
from checker.limits import Watch
from tests.checker.test_fast import MOST_STATES, needs_numba, restricted
from tests.checker.toys import alternating_bit, counter
from tests.checker.toys import explored as walked

if TYPE_CHECKING:
    from collections.abc import Iterator

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


def systems(count: int) -> Iterator[tuple[System, Limits]]:
    """Random systems, those that are too large with a limit of states."""
    for seed in range(count):
        system = restricted(seed)
        is_small = walked_to(system, Limits(states=MOST_STATES)).complete
        yield system, Limits(states=None if is_small else MOST_STATES)


@pytest.mark.parametrize("compiled", [False, pytest.param(True, marks=needs_numba)])
def test_tables_count_what_the_reference_engine_counts(compiled: bool) -> None:
    """On random systems, whole and cut: words are counted, each budget taken out of the number that is all of them."""
    several = 0
    for system, limits in systems(120):
        found = explore_tables(system, (), limits, compiled=compiled, factors=True).factors
        several += len(system.budgets) > 1

        assert found == factors_of(walked_to(system, limits), system)
    assert several > 20


@needs_numba
def test_states_of_two_words_are_counted_too(tight: set[int]) -> None:
    """Also those that lie in a file, and in a table that grows in place."""
    for system, limits in systems(40):
        found = explore_tables(system, (), limits, compiled=True, factors=True).factors
        assert found == factors_of(walked_to(system, limits), system)
    assert tight == {1, 2}


@pytest.mark.parametrize("compiled", [False, pytest.param(True, marks=needs_numba)])
def test_without_memory_for_it_nothing_is_counted(compiled: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was explored stays. Whether it is foreseen, or comes as a surprise."""
    system = alternating_bit(9, losses=None)
    monkeypatch.setattr(state_set, "FIRST_COMPILED", 1)
    asked: dict[str, Any] = {"compiled": compiled, "factors": True}
    assert explore_tables(system, **asked).factors is not None

    with monkeypatch.context() as patched:
        patched.setattr(fast_factors, "StateSet", no_memory)
        patched.setattr(fast_factors, "_in_a_plain_set", no_memory)
        assert explore_tables(system, **asked).factors is None

    counted = fast_factors.counted

    def short(found: search.Search, watch: Watch) -> Any:
        monkeypatch.setattr(Watch, "foresee", lambda _, more: "memory limit" if more else None)
        return counted(found, watch)

    monkeypatch.setattr(engine, "counted", short)
    found = explore_tables(system, **asked)
    assert (found.complete, found.factors) == (True, None)


def no_memory(*_: object) -> None:
    """Stand in for what takes memory."""
    raise MemoryError


def test_what_is_only_a_first_attempt_is_not_counted() -> None:
    """Nor what was interrupted: whoever interrupts has waited enough."""
    system = alternating_bit(2, losses=2)
    assert explore_tables(system, (), Limits(enough=20), factors=True).factors is None


def test_beyond_so_many_states_they_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """The count takes as much memory as the states do."""
    system = System([counter("A", 2)])
    monkeypatch.setattr(factors, "MOST_STATES", 2)
    monkeypatch.setattr(fast_factors, "MOST_STATES", 2)

    assert factors_of(walked(system), system) is None
    assert explore_tables(system, factors=True).factors is None
