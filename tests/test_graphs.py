"""The state spaces of protocols that ship, as arrays and as networkx graphs."""

from __future__ import annotations

from importlib.util import find_spec

import networkx as nx
import pytest

import checker
from checker.factors import factors_of
from checker.fast.engine import explore_tables
from tcpfsm.run.build import build
from tests.checker.test_fast import KERNELS
from tests.suite_runs import Job, all_jobs, protocol

if find_spec("scipy") is None:
    pytest.skip("graphs as arrays need scipy", allow_module_level=True)

import numpy as np

from checker.graph.compressed import CompressedGraph

JOBS = [
    ("tcp", "", "open"),
    ("tcp", "", "close"),
    ("tcp", "", "simultaneous-close"),
    ("tcp", "two-way", "old-duplicate-syn"),
    ("abp", "", "replayed"),
    ("go-back-n", "", "in-order"),
    ("sctp-setup", "", "collision"),
]


@pytest.mark.parametrize(("name", "variant", "scenario"), JOBS)
def test_numbers_alone_make_the_graph_that_was_explored(name: str, variant: str, scenario: str) -> None:
    """From rows of numbers, with each state expanded once more: equal nodes, edges and attributes, in equal order."""
    found = protocol(name)
    system = build(found, found.scenario(scenario), variant).system
    space = checker.explore(system)
    whole = CompressedGraph.from_space(space)
    rows = [(0, np.diff(whole.indptr), whole.targets, whole.labels)]
    again = build(found, found.scenario(scenario), variant).system
    graph = CompressedGraph.from_rows(
        space.states, rows, whole.label_values, space.order.__getitem__, expand=again.expand
    ).to_networkx()

    assert list(graph.nodes(data=True)) == list(space.graph.nodes(data=True))
    assert list(graph.edges(keys=True, data=True)) == list(space.graph.edges(keys=True, data=True))


@pytest.mark.parametrize(("name", "variant", "scenario"), JOBS)
def test_components_and_distances_are_those_of_networkx(name: str, variant: str, scenario: str) -> None:
    """On the graph that was explored."""
    found = protocol(name)
    space = checker.explore(build(found, found.scenario(scenario), variant).system)
    arrays = CompressedGraph.from_space(space)
    parts = arrays.condensation()
    last = space.states - 1
    path = arrays.shortest_path(0, last)

    assert {frozenset(arrays.state(number) for number in parts.members(part)) for part in range(len(parts))} == {
        frozenset(part) for part in nx.strongly_connected_components(space.graph)
    }
    assert path is not None
    assert [arc.label for arc in path] == [step.label for step in space.path_to(space.order[last])]
    assert [arrays.state(number) for number in arrays.terminals()] == list(space.terminals)


#: What is larger is left out, lest it take long: the graph of networkx does.
MOST_STATES = 1_000


@pytest.mark.parametrize("job", all_jobs(slow=False)[::3], ids=str)
def test_both_engines_make_the_same_graph_of_what_ships(job: Job) -> None:
    """Nodes, edges, labels, every attribute, and their order; of a part of it, where it is large."""
    found = protocol(job.protocol)
    system = build(found, found.scenario(job.scenario), job.variant).system
    limits = checker.Limits(states=MOST_STATES)
    space = checker.explore(system, limits)
    for compiled in KERNELS:
        arrays = explore_tables(system, (), limits, compiled=compiled, graph=True).graph
        assert arrays is not None
        graph = arrays.to_networkx()

        assert list(graph.nodes(data=True)) == list(space.graph.nodes(data=True))
        assert list(graph.edges(keys=True, data=True)) == list(space.graph.edges(keys=True, data=True))


@pytest.mark.parametrize("job", all_jobs(slow=False)[::5], ids=str)
def test_both_engines_count_the_same_factors_of_what_ships(job: Job) -> None:
    """Each component, how many values it has, and how many states there are without it."""
    found = protocol(job.protocol)
    system = build(found, found.scenario(job.scenario), job.variant).system
    limits = checker.Limits(states=5 * MOST_STATES)
    wanted = factors_of(checker.explore(system, limits), system)

    assert wanted
    for compiled in KERNELS:
        assert explore_tables(system, (), limits, compiled=compiled, factors=True).factors == wanted
