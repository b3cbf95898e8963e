"""State spaces as arrays: the same states and steps, and the answers that networkx gives."""

from __future__ import annotations

from importlib.util import find_spec
from random import Random
from typing import TYPE_CHECKING, Any

import networkx as nx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from checker import Action, Channel, Outcome, State, System, TableProcess
from tests.checker.oracle import built
from tests.checker.test_random_systems import described
from tests.checker.toys import (
    SYSTEMS,
    Drawn,
    counter,
    explored,
)

if find_spec("scipy") is None:
    pytest.skip("graphs as arrays need scipy", allow_module_level=True)

import numpy as np

from checker.graph.blocks import gathered
from checker.graph.compressed import CompressedGraph
from checker.graph.rows import MOST_EDGES, refuse_too_many

if TYPE_CHECKING:
    from collections.abc import Iterator

    from checker import StateSpace, TransitionSystem

many = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))


def two_ways() -> System:
    """A process with two actions that do the same: steps with the same ends and different labels."""
    acts = {(place, name): (Outcome((place + 1) % 3),) for place in range(3) for name in ("hop", "skip")}
    return System([TableProcess("walker", 0, (Action("hop", "call"), Action("skip", "call")), acts)])


TOYS: dict[str, TransitionSystem] = {
    **SYSTEMS,
    "round and on": Drawn({"a": "b c", "b": "a", "c": "d e", "d": "c d", "e": ""}, "a"),
    "two ways": two_ways(),
    "unanswered": System(
        [TableProcess("A", 0), TableProcess("B", 0)], [Channel("way", "A", "B", initial=("x",))], losses=1
    ),
}


def blocks_of(space: StateSpace, size: int) -> Iterator[tuple[int, Any, Any, Any]]:
    """The rows of a space in blocks of so many states, with labels numbered as they are met."""
    numbers = {state: number for number, state in enumerate(space.order)}
    labels = labels_of(space)
    for first in range(0, space.expanded, size):
        found = space.expansions[first : first + size]
        steps = [step for expansion in found for step in expansion.steps]
        yield (
            first,
            np.array([len(expansion.steps) for expansion in found], np.int32),
            np.array([numbers[step.after] for step in steps], np.uint32),
            np.array([labels.index(step.label) for step in steps], np.int64),
        )


def labels_of(space: StateSpace) -> list[Any]:
    """The labels of a space, in the order in which they are met."""
    return list(dict.fromkeys(step.label for found in space.expansions for step in found.steps))


def numbered(space: StateSpace) -> nx.MultiDiGraph[int]:
    """The graph of a space with numbers for states."""
    return nx.relabel_nodes(space.graph, {state: number for number, state in enumerate(space.order)})


def same(one: nx.MultiDiGraph[Any], other: nx.MultiDiGraph[Any]) -> bool:
    """Whether two graphs have the same nodes and edges in the same order, with equal attributes."""
    return list(one.nodes(data=True)) == list(other.nodes(data=True)) and list(
        one.edges(keys=True, data=True)
    ) == list(other.edges(keys=True, data=True))


# ---- the same graph --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", TOYS)
def test_the_networkx_graph_is_the_one_that_was_explored(name: str) -> None:
    """Nodes, edges, their order, and every attribute: numbers, depths, first steps, expansions, steps."""
    space = explored(TOYS[name])

    assert same(CompressedGraph.from_space(space).to_networkx(), space.graph)


@pytest.mark.parametrize("size", [1, 3, 1000])
@pytest.mark.parametrize("name", [name for name in TOYS if name != "round and on"])
def test_rows_in_blocks_make_the_same_graph(name: str, size: int) -> None:
    """However large the blocks, from numbers alone, with a system that expands every state once more."""
    system, space = TOYS[name], explored(TOYS[name])
    assert isinstance(system, System)
    found = CompressedGraph.from_rows(
        space.states, blocks_of(space, size), labels_of(space), space.order.__getitem__, expand=system.expand
    )

    assert same(found.to_networkx(), space.graph)
    assert nx.utils.graphs_equal(found.to_networkx(), space.graph)


@many
@given(st.integers(0, 2**32 - 1), st.sampled_from([5, 60, 1000]))
def test_any_space_comes_back_whole_or_cut(seed: int, most: int) -> None:
    """Random systems: the graph, the depth, the ends, and what was not expanded."""
    space = explored(built(described(seed)), states=most)
    found = CompressedGraph.from_space(space)

    assert same(found.to_networkx(), space.graph)
    assert (len(found), found.steps, found.depth) == (space.states, space.steps, space.depth)
    assert (found.complete, found.expanded) == (space.complete, space.expanded)
    assert tuple(found.depths()) == space.depths
    assert [found.state(number) for number in found.terminals()] == list(space.terminals)


def test_the_arrays_are_what_is_documented() -> None:
    """Their types and shapes, and what stands in them."""
    space = explored(two_ways())
    found = CompressedGraph.from_space(space)

    assert [
        (array.dtype, array.tolist()) for array in (found.indptr, found.targets, found.labels, found.levels)
    ] == [
        (np.int64, [0, 2, 4, 6]),
        (np.int32, [1, 1, 2, 2, 0, 0]),
        (np.int32, [0, 1, 0, 1, 0, 1]),
        (np.int64, [0, 1, 2, 3]),
    ]
    assert [label.action for label in found.label_values] == ["hop", "skip"]
    assert repr(found) == "CompressedGraph(states=3, steps=6, depth=2, complete=True)"


def test_a_state_and_its_steps_are_found_by_number() -> None:
    """The number is the place in breadth-first order."""
    space = explored(TOYS["alternating bit"])
    found = CompressedGraph.from_space(space)

    assert list(found) == list(range(space.states))
    for number, state in enumerate(space.order):
        assert found.state(number) is state
        assert [(arc.before, arc.label, found.state(arc.after)) for arc in found[number]] == [
            (number, step.label, step.after) for step in space.steps_from(state)
        ]


@pytest.mark.parametrize("number", [-1, 3, 10**12])
def test_a_number_that_is_none_is_refused_everywhere(number: int) -> None:
    """Numbers do not count from the end."""
    found = CompressedGraph.from_space(explored(two_ways()))
    asked = [found.state, found.__getitem__, found.reachable, found.reaching]

    for question in (*asked, lambda n: found.shortest_path(0, n), lambda n: found.reachable([0, n])):
        with pytest.raises(IndexError, match=f"there is no state {number}: they count from 0 to 2"):
            question(number)


# ---- the same answers ------------------------------------------------------------------------------------------------


def check_answers(space: StateSpace, dice: Random) -> None:
    """Hold every answer against networkx."""
    found, graph = CompressedGraph.from_space(space), numbered(space)
    parts = found.condensation()
    reference = nx.condensation(graph)

    assert found.out_degrees().tolist() == [degree for _, degree in graph.out_degree()]
    assert found.in_degrees().tolist() == [degree for _, degree in graph.in_degree()]
    sets = {frozenset(data["members"]) for _, data in reference.nodes(data=True)}
    assert {frozenset(parts.members(number).tolist()) for number in range(len(parts))} == sets
    assert sorted(parts.sizes.tolist()) == sorted(map(len, sets))
    ours = parts.to_networkx()
    assert nx.is_directed_acyclic_graph(ours)
    assert {part: frozenset(ours.nodes[part]["members"]) for part in ours} == {
        part: frozenset(parts.members(part).tolist()) for part in ours
    }
    assert ours.graph["mapping"] == dict(enumerate(parts.component.tolist()))
    assert {edge_of_members(ours, edge) for edge in ours.edges} == {
        edge_of_members(reference, edge) for edge in reference.edges
    }
    assert parts.bottoms().tolist() == [part for part in sorted(ours) if not ours.out_degree(part)]
    one, other = (dice.randrange(space.states) for _ in range(2))
    assert found.reachable(one).tolist() == sorted({one} | nx.descendants(graph, one))
    assert found.reaching(one).tolist() == sorted({one} | nx.ancestors(graph, one))
    some = [one, other, one]
    assert found.reachable(some).tolist() == sorted(
        {*some} | nx.descendants(graph, one) | nx.descendants(graph, other)
    )
    assert found.reaching(iter(some)).tolist() == sorted(
        {*some} | nx.ancestors(graph, one) | nx.ancestors(graph, other)
    )
    path = found.shortest_path(one, other)
    if path is None:
        assert not nx.has_path(graph, one, other)
    else:
        assert len(path) == nx.shortest_path_length(graph, one, other)
        places = [one, *(arc.after for arc in path)]
        assert places == [*(arc.before for arc in path), other]
        assert all(graph.has_edge(arc.before, arc.after, key=arc.label) for arc in path)


def edge_of_members(graph: nx.DiGraph[int], edge: tuple[int, int]) -> tuple[frozenset[int], frozenset[int]]:
    """An edge between components, by what is in them."""
    return frozenset(graph.nodes[edge[0]]["members"]), frozenset(graph.nodes[edge[1]]["members"])


@pytest.mark.parametrize("name", TOYS)
def test_every_answer_is_that_of_networkx(name: str) -> None:
    """Degrees, components, condensation, what is reached, shortest paths."""
    check_answers(explored(TOYS[name]), Random(name))  # noqa: S311, nothing is secret here


@many
@given(st.integers(0, 2**32 - 1))
def test_every_answer_is_that_of_networkx_for_any_system(seed: int) -> None:
    """Random systems, with steps that share their ends."""
    check_answers(explored(built(described(seed)), states=500), Random(seed))  # noqa: S311


@pytest.mark.parametrize("name", TOYS)
def test_the_shortest_path_from_the_start_is_how_a_state_was_first_reached(name: str) -> None:
    """Step by step, with the same labels."""
    space = explored(TOYS[name])
    found = CompressedGraph.from_space(space)

    for number, state in enumerate(space.order):
        path = found.shortest_path(0, number)
        assert path is not None
        assert [arc.label for arc in path] == [step.label for step in space.path_to(state)]


def test_components_are_numbered_as_they_are_met() -> None:
    """In the order of their first states, whatever the algorithm does."""
    found = CompressedGraph.from_space(explored(TOYS["round and on"]))
    parts = found.condensation()

    assert [found.state(number).locals for number in found] == [("a",), ("b",), ("c",), ("d",), ("e",)]
    assert parts.component.tolist() == [0, 0, 1, 1, 2]
    assert (parts.indptr.tolist(), parts.targets.tolist()) == ([0, 1, 2, 2], [1, 2])
    assert parts.bottoms().tolist() == [2]
    assert repr(parts) == "Condensation(components=3, edges=2, largest=2)"


def test_nothing_is_reached_from_nowhere() -> None:
    """No states asked, none answered."""
    found = CompressedGraph.from_space(explored(two_ways()))

    assert found.reachable([]).tolist() == found.reaching(()).tolist() == []


def test_several_initial_states_are_all_at_depth_0() -> None:
    """And none of them was reached by a step."""
    drawn = Drawn({"a": "b c", "b": "a", "c": ""}, "a")
    drawn.initials = (State(("a",), (), ()), State(("b",), (), ()))
    space = explored(drawn)
    found = CompressedGraph.from_space(space)

    assert found.levels.tolist() == [0, 2, 3]
    assert same(found.to_networkx(), space.graph)


# ---- what is refused -------------------------------------------------------------------------------------------------


def row(first: int, sizes: list[int], targets: list[int], labels: list[int]) -> tuple[int, Any, Any, Any]:
    """A block."""
    return first, np.array(sizes, np.int64), np.array(targets, np.int64), np.array(labels, np.int64)


@pytest.mark.parametrize(
    ("blocks", "message"),
    [
        ([row(0, [1], [1], [0]), row(2, [0], [], [])], "begins with state 2, where state 1 should come"),
        ([row(0, [2], [1], [0])], "from state 0 on has arrays that do not fit together"),
        ([row(0, [1], [1], [])], "from state 0 on has arrays that do not fit together"),
        ([row(0, [1], [3], [0])], "names a state that is not there"),
        ([row(0, [1], [-1], [0])], "names a state that is not there"),
        ([row(0, [1], [1], [1])], "names a label that is not there"),
        ([row(0, [1, 1, 0, 0], [1, 2], [0, 0])], "there are rows for 4 states, and 3 states"),
    ],
)
def test_blocks_that_do_not_fit_are_refused(blocks: list[Any], message: str) -> None:
    """Nothing is guessed: what made them is wrong."""
    with pytest.raises(ValueError, match=message):
        gathered(3, 1, blocks)


def test_an_order_that_is_not_breadth_first_shows() -> None:
    """A state that no state before it leads to has no level."""
    label: Any = None
    found = CompressedGraph.from_rows(
        3, [row(0, [1, 0, 1], [1, 2], [0, 0])], [label], lambda _: State((), (), ())
    )

    with pytest.raises(ValueError, match="state 2 is not in breadth-first order"):
        _ = found.depth


def test_a_large_graph_becomes_no_networkx_graph_unless_told_to() -> None:
    """It would take more memory than the machine has."""
    found = CompressedGraph.from_space(explored(TOYS["alternating bit"]))

    with pytest.raises(ValueError, match=r"a networkx graph of [\d,]+ states would take some"):
        found.to_networkx(most=10)
    assert len(found.to_networkx(most=None)) == len(found)


def test_without_expand_there_is_no_networkx_graph() -> None:
    """What a step does besides leading somewhere is not in the arrays."""
    space = explored(two_ways())
    found = CompressedGraph.from_rows(3, blocks_of(space, 3), labels_of(space), space.order.__getitem__)

    with pytest.raises(ValueError, match="made without expand"):
        found.to_networkx()


def test_arrays_of_another_system_are_noticed() -> None:
    """The steps are compared with those that were explored."""
    space = explored(TOYS["counters"])
    found = CompressedGraph.from_rows(
        space.states, blocks_of(space, 100), labels_of(space), space.order.__getitem__,
        expand=System([counter("a", 3), counter("b", 3)]).expand,
    )  # fmt: skip

    with pytest.raises(RuntimeError, match="has other steps than when it was explored"):
        found.to_networkx()


def test_more_edges_than_scipy_counts_are_refused() -> None:
    """In words, before an array overflows."""
    refuse_too_many(MOST_EDGES)
    with pytest.raises(ValueError, match=r"scipy counts edges in 32 bits, and here are 2,147,483,648"):
        refuse_too_many(MOST_EDGES + 1)
