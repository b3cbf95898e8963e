"""Exploring: spaces of known size, cuts, interruptions."""

from __future__ import annotations

import gc
import sys
import time
from itertools import pairwise
from typing import TYPE_CHECKING

import networkx as nx
import pytest

from checker import Expansion, Label, Progress, State, Step, System
from tests.checker.toys import (
    Drawn,
    alternating_bit,
    counter,
    courier,
    explored,
    jugs,
    ping_pong,
    river,
    walker,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType


class Endless:
    """A transition system that is no ``System``: it counts for ever, and does something at each number."""

    initials = (State((0,), (), ()),)

    def __init__(self, at: Callable[[int], object] = lambda _: None) -> None:
        """Call ``at`` with every number that is expanded."""
        self.at = at

    def steps(self, state: State) -> tuple[Step, ...]:
        """Go on to the next number."""
        number = state.locals[0]
        self.at(number)
        return (Step(state, Label("call", "counter"), None, State((number + 1,), (), ())),)


@pytest.mark.parametrize(("one", "other"), [(0, 0), (3, 0), (3, 5), (10, 10)])
def test_independent_counters_make_a_grid(one: int, other: int) -> None:
    """Counting to n and to m apart is a grid: (n+1)(m+1) states, n(m+1)+m(n+1) steps, depth n+m."""
    space = explored(System([counter("A", one), counter("B", other)]))

    assert space.states == (one + 1) * (other + 1)
    assert space.steps == one * (other + 1) + other * (one + 1)
    assert space.depth == one + other


def test_two_jugs_have_sixteen_states() -> None:
    """With a jug of 3 and one of 5 just the pairs with one jug full or empty occur: 4*6 - 2*4 = 16."""
    space = explored(System([jugs()]))

    assert space.states == 16
    assert {state.locals[0] for state in space.order} == {
        (small, big) for small in range(4) for big in range(6) if small in (0, 3) or big in (0, 5)
    }
    assert space.steps == 6 * 16


def test_the_ferryman_has_ten_safe_states() -> None:
    """Of 16 distributions of wolf, goat, cabbage and ferryman six are unsafe; seven crossings suffice."""
    space = explored(System([river()]))

    assert space.states == 10
    assert len(space.path_to(State((frozenset(),), (), ()))) == 7


@pytest.mark.parametrize("messages", ["", "a", "abc", "abcdef"])
def test_what_is_left_in_a_bag_may_be_any_subset(messages: str) -> None:
    """Delivering k different messages in any order passes 2**k contents by k*2**(k-1) steps; in order, k+1 by k."""
    size = len(messages)
    bag, fifo = (explored(courier(tuple(messages), kind)) for kind in ("bag", "fifo"))

    assert (bag.states, bag.steps) == (2**size, size * 2**size // 2)
    assert (fifo.states, fifo.steps) == (size + 1, size)


def test_steps_that_lead_back_are_steps_too() -> None:
    """A walk that stays where it is has one state and one step, and an edge in the graph."""
    space = explored(walker({"here": ["here"]}, "here"))

    assert (space.states, space.steps, space.depth) == (1, 1, 0)
    assert space.graph.number_of_edges() == 1


def test_different_steps_to_one_state_are_kept_apart() -> None:
    """Steps are known by their label, not by where they lead."""
    space = explored(courier(("a",), "bag"))
    lossy = courier(("a",), "bag")
    both = explored(System(lossy.processes, lossy.channels, losses=None))

    assert (space.states, space.steps) == (2, 1)
    assert (both.states, both.steps) == (2, 2)
    assert both.graph.number_of_edges(*both.order) == 2


def test_the_alternating_bit_delivers_in_order_whatever_happens() -> None:
    """With unlimited loss and duplication the receiver has always an initial part of what was sent."""
    space = explored(alternating_bit(3))

    assert {state.locals[1] for state in space.order} == {(), (0,), (0, 1), (0, 1, 2)}
    assert space.complete


def test_the_graph_has_what_was_found() -> None:
    """Nodes are states with what was found there; edges have the label as key and the step as attribute."""
    space = explored(alternating_bit(1, losses=1, duplications=1))
    graph = space.graph
    distances = nx.single_source_shortest_path_length(graph, space.initials[0])

    assert tuple(graph) == space.order
    assert dict(graph.nodes(data="depth")) == distances
    assert [number for _, number in graph.nodes(data="number")] == list(range(space.states))
    assert [space.path_to(state)[-1:] for state in graph] == [
        (step,) if step else () for _, step in graph.nodes(data="reached_by")
    ]
    assert [found for _, found in graph.nodes(data="expansion")] == list(space.expansions)
    assert graph.number_of_edges() == space.steps
    for before, after, label, step in graph.edges(keys=True, data="step"):
        assert (step.before, step.label, step.after) == (before, label, after)


def test_paths_are_shortest() -> None:
    """The path to a state has as many steps as its depth, and leads there."""
    space = explored(alternating_bit(2, losses=1, duplications=1))
    for state, depth in zip(space.order, space.depths, strict=True):
        path = space.path_to(state)

        assert len(path) == depth
        assert all(one.after == next_.before for one, next_ in pairwise(path))
        assert not path or (path[0].before, path[-1].after) == (space.initials[0], state)


def test_terminals_are_the_states_without_steps() -> None:
    """A counter ends at its limit; ping-pong never ends."""
    assert [state.locals for state in explored(System([counter("A", 2)])).terminals] == [(2,)]
    assert explored(ping_pong()).terminals == ()


def test_steps_from_a_state_are_those_of_the_system() -> None:
    """A state is asked for its steps after the exploration, too."""
    system = System([counter("A", 2), counter("B", 1)])
    space = explored(system)

    assert space.steps_from(space.order[1]) == system.steps(space.order[1])
    with pytest.raises(KeyError):
        space.steps_from(State((7, 7), (), ()))


def test_several_initial_states_are_all_at_depth_zero() -> None:
    """Depth is the distance from the nearest initial state; the same one given twice counts once."""

    class Two(Endless):
        initials = (State((5,), (), ()), State((0,), (), ()), State((5,), (), ()))

        def steps(self, state: State) -> tuple[Step, ...]:
            return super().steps(state) if state.locals[0] < 7 else ()

    space = explored(Two())

    assert [state.locals[0] for state in space.order] == [5, 0, 6, 1, 7, 2, 3, 4]
    assert space.depths == (0, 0, 1, 1, 2, 2, 3, 4)
    assert space.path_to(State((7,), (), ()))[0].before == State((5,), (), ())


def test_a_system_without_initial_states_is_refused() -> None:
    """There is nothing to explore."""

    class Nowhere(Endless):
        initials = ()

    with pytest.raises(ValueError, match="at least one initial state"):
        explored(Nowhere())


def test_two_steps_with_one_label_are_refused() -> None:
    """A transition system that gives one label twice would have a step silently replaced."""

    class Stutter(Endless):
        def steps(self, state: State) -> tuple[Step, ...]:
            return super().steps(state) * 2

    with pytest.raises(ValueError, match="two steps of one state have the label"):
        explored(Stutter())


def test_steps_of_another_state_are_refused() -> None:
    """A transition system whose steps begin elsewhere would have its paths broken."""

    class Elsewhere(Endless):
        def steps(self, state: State) -> tuple[Step, ...]:
            return super().steps(state._replace(locals=(9,)))

    with pytest.raises(ValueError, match="begins in another state"):
        explored(Elsewhere())


def test_a_cut_by_states_never_exceeds_the_limit() -> None:
    """The states expanded are the first in breadth-first order, and none is expanded in part."""
    whole = explored(alternating_bit(2, losses=1, duplications=1))
    for limit in (1, 2, 10, 57, whole.states - 1):
        part = explored(alternating_bit(2, losses=1, duplications=1), states=limit)

        assert part.states <= limit
        assert part.order == whole.order[: part.states]
        assert part.expansions == whole.expansions[: part.expanded]
        assert part.steps == sum(len(found.steps) for found in part.expansions)
        assert set(part.order) == {whole.order[0], *(after for _, after in part.graph.edges())}
        assert (part.complete, part.stopped_because) == (False, "state limit")
        assert part.expanded_depth == part.depths[part.expanded] - 1


def test_a_limit_that_suffices_cuts_nothing() -> None:
    """Exactly as many states as there are is enough."""
    space = explored(System([jugs()]), states=16, seconds=600, memory=2**50)

    assert (space.states, space.complete, space.stopped_because) == (16, True, None)
    assert space.expanded_depth == space.depth


def test_a_cut_space_says_what_was_not_expanded() -> None:
    """States on the border have no steps yet, are no terminals, and are marked in the graph."""
    space = explored(Endless(), states=3)

    assert (space.states, space.expanded, space.expanded_depth) == (3, 2, 1)
    assert space.terminals == space.steps_from(space.order[2]) == ()
    assert [found is not None for _, found in space.graph.nodes(data="expansion")] == [True, True, False]
    assert repr(space) == "StateSpace(states=3, steps=2, depth=2, complete=False)"


def test_time_limits_the_exploration() -> None:
    """No time at all expands nothing; a little time ends an endless system."""
    assert explored(Endless(), seconds=0).expanded == 0
    assert explored(Endless(), seconds=0).expanded_depth == -1
    assert explored(Endless(), states=10**6, seconds=0.05).stopped_because == "time limit"


def test_memory_limits_the_exploration() -> None:
    """A limit below what Python needs itself ends it at once; one a little above ends an endless system."""
    assert explored(Endless(), memory=1).expanded == 0
    assert explored(Endless(), memory=1).stopped_because == "memory limit"


def test_a_condition_stops_the_exploration() -> None:
    """The condition is asked about each expanded state and its steps; the state that meets it is kept."""

    def enough(state: State, expansion: Expansion) -> bool:
        return state.locals[0] == 3 and len(expansion.steps) == 1

    space = explored(Endless(), stop_when=enough)

    assert (space.expanded, space.stopped_because) == (4, "stop condition")


def test_a_condition_met_at_the_very_end_leaves_the_space_complete() -> None:
    """If nothing is left to expand, nothing was cut."""
    space = explored(System([counter("A", 2)]), stop_when=lambda _, expansion: not expansion.steps)

    assert space.complete


def test_an_interruption_keeps_what_was_established() -> None:
    """Ctrl-C while a state is being expanded leaves the states expanded before it."""

    def interrupt(number: int) -> None:
        if number == 5:
            raise KeyboardInterrupt

    space = explored(Endless(interrupt))

    assert (space.states, space.expanded, space.depth) == (6, 5, 5)
    assert (space.complete, space.stopped_because) == (False, "interrupted")


def test_an_interruption_in_the_middle_of_recording_loses_only_that_state() -> None:
    """Ctrl-C between two successors of one state leaves a space without that state's steps."""

    class Fragile(int):
        """A number that is interrupted when it is hashed: the search is just recording it."""

        def __hash__(self) -> int:
            raise KeyboardInterrupt

    class Branching(Endless):
        def steps(self, state: State) -> tuple[Step, ...]:
            number = state.locals[0]
            targets = (number + 1, Fragile(9) if number == 2 else number + 10)
            return tuple(
                Step(state, Label("call", "counter", str(place)), None, State((target,), (), ()))
                for place, target in enumerate(targets)
            )

    space = explored(Branching())

    assert space.stopped_because == "interrupted"
    assert [state.locals[0] for state in space.order] == [0, 1, 10, 2, 11, 20]
    assert [len(found.steps) for found in space.expansions] == [2, 2, 2]
    assert space.graph.number_of_edges() == space.steps


def test_an_interruption_at_any_instant_leaves_whole_states() -> None:
    """Before every line of the search and of networkx in turn: a state has all its steps in the graph, or none."""
    system = Drawn({"a": "b c", "b": "c a", "c": "b d", "d": "d"}, "a")
    system.initials += (State(("c",), (), ()),)
    whole = explored(system)
    interrupted_in = set()
    instant = 0
    while True:
        alarm = Alarm(instant)
        with alarm:
            part = explored(system)
        steps = [step for found in part.expansions for step in found.steps]

        assert part.order == whole.order[: part.states]
        assert set(part.order) == {*whole.initials, *(step.after for step in steps)}
        assert part.expansions == whole.expansions[: part.expanded]
        for state, node in part.graph.nodes.items():
            assert node in (whole.graph.nodes[state], {**whole.graph.nodes[state], "expansion": None})
        edges = sorted((step.before, step.after, step.label, {"step": step}) for step in steps)
        assert sorted(part.graph.edges(keys=True, data=True)) == edges
        assert sorted(part.graph.in_edges(keys=True, data=True)) == edges
        assert part.complete == (part.expanded == whole.expanded)
        if alarm.rang_in is None:
            break
        interrupted_in.add(alarm.rang_in)
        instant += 1

    assert {"run", "_record", "_find", "add_node", "add_edge"} <= interrupted_in


class Alarm:
    """Interrupts the search before it runs its n-th line, lines of networkx included."""

    def __init__(self, instant: int) -> None:
        """Let so many lines pass."""
        self.instant = instant
        self.is_searching = False
        self.rang_in: str | None = None

    def __enter__(self) -> None:
        self.tracing = sys.gettrace()
        sys.settrace(self.watch)

    def __exit__(self, *_: object) -> None:
        sys.settrace(self.tracing)

    def watch(self, frame: FrameType, event: str, _: object) -> Callable[..., object] | None:
        """Follow the search, and the functions of networkx that it calls."""
        if frame.f_code.co_qualname == "_Search.run":
            self.is_searching = event != "return"
        module = frame.f_globals["__name__"]
        if not self.is_searching or not module.startswith(("checker.reference.explore", "networkx.")):
            return None
        if event == "line":
            self.instant -= 1
            if self.instant < 0:
                self.rang_in = frame.f_code.co_name
                sys.settrace(None)
                raise KeyboardInterrupt
        return self.watch


def test_garbage_is_collected_again_afterwards() -> None:
    """The collector rests during an exploration, however that ends; one that was off stays off."""
    resting = []

    def fail(number: int) -> None:
        resting.append(not gc.isenabled())
        if number == 3:
            raise RuntimeError

    def interrupt(_: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(RuntimeError):
        explored(Endless(fail))
    assert gc.isenabled()
    explored(Endless(interrupt))
    assert gc.isenabled()
    gc.disable()
    try:
        explored(System([counter("A", 2)]))
        assert not gc.isenabled()
    finally:
        gc.enable()
    assert all(resting)


def test_progress_is_reported_about_twice_a_second() -> None:
    """A report tells states, steps, depth, frontier, seconds and memory; a quick exploration makes none."""
    reports: list[Progress] = []

    def dawdle(number: int) -> None:
        time.sleep(0.6 if number == 3 else 0)

    explored(Endless(dawdle), states=100, on_progress=reports.append)

    assert [report[:4] for report in reports] == [(5, 4, 4, 1)]
    assert reports[0].levels == (1, 1, 1, 1, 1)
    assert reports[0].seconds >= 0.5
    assert reports[0].memory is None or reports[0].memory > 2**20
    explored(Endless(), states=100, on_progress=reports.append)
    assert len(reports) == 1


def test_the_same_system_explored_twice_gives_the_same() -> None:
    """States, steps and their order are functions of the system alone."""
    one, other = (explored(alternating_bit(2, losses=1)) for _ in range(2))

    assert one.order == other.order
    assert one.expansions == other.expansions
