"""The graph of the table-driven engine: the one that the reference engine makes, node by node and edge by edge."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checker import Limits, System, always, explore
from checker.fast import search
from checker.fast.engine import explore_tables
from checker.limits import Watch
from tests.checker.test_fast import KERNELS, many, needs_numba, restricted
from tests.checker.toys import SYSTEMS, alternating_bit

if find_spec("scipy") is None:
    pytest.skip("graphs as arrays need scipy", allow_module_level=True)

from checker.fast import graph as graph_module
from checker.graph.compressed import CompressedGraph

if TYPE_CHECKING:
    from collections.abc import Sequence

kernels = pytest.mark.parametrize("compiled", [False, pytest.param(True, marks=needs_numba)])

NO_LIMITS = Limits()


def assert_same(
    system: System, limits: Limits = NO_LIMITS, asked: Sequence[Any] = (), **given: Any
) -> CompressedGraph:
    """Both engines explore, and their graphs agree: nodes, edges, their order, and every attribute."""
    space = explore(system, limits)
    found = explore_tables(system, asked, limits, graph=True, **given)
    assert found.graph is not None
    graph = found.graph.to_networkx()

    assert (len(found.graph), found.graph.steps, found.graph.depth) == (
        space.states,
        space.steps,
        space.depth,
    )
    assert found.graph.complete == space.complete
    assert list(graph.nodes(data=True)) == list(space.graph.nodes(data=True))
    assert list(graph.edges(keys=True, data=True)) == list(space.graph.edges(keys=True, data=True))
    return found.graph


@kernels
@pytest.mark.parametrize("name", SYSTEMS)
def test_the_graph_is_the_one_that_the_reference_engine_makes(name: str, compiled: bool) -> None:
    """Of small systems, also after properties were answered."""
    assert_same(SYSTEMS[name], asked=[always("any", lambda _: True)], compiled=compiled)


@many
@given(st.integers(0, 2**32 - 1))
def test_random_systems_have_the_graph_that_the_reference_engine_makes(seed: int) -> None:
    """Whole, or cut by a limit of states; interpreted and compiled."""
    for compiled in KERNELS:
        assert_same(restricted(seed), Limits(states=200), compiled=compiled)


@needs_numba
@pytest.mark.parametrize("threads", [1, 2, 3])
def test_a_graph_does_not_depend_on_the_number_of_threads(
    monkeypatch: pytest.MonkeyPatch, threads: int
) -> None:
    """Each expands a few states at a time, and where one has no room for all their steps, the next one waits."""
    monkeypatch.setattr(search, "WORTH_SHARING", 2)
    monkeypatch.setattr(search, "COMPILED_CHUNK", 5)
    for seed in range(30):
        assert_same(restricted(seed), Limits(states=200), compiled=True, threads=threads)


@needs_numba
def test_what_finds_no_room_is_expanded_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """The states come in order nevertheless."""
    plain = search.Search.expand
    cut = []

    def few(self: search.Search, crew: Any, most: int, **given: Any) -> int:
        done = plain(self, crew, 4200 if given["silent"] else most, **given)
        cut.append(done < sum(self.size(worker.share) for worker in crew))
        return done

    monkeypatch.setattr(search.Search, "expand", few)
    system = alternating_bit(4, losses=2, duplications=1)
    monkeypatch.setattr(search, "COMPILED_CHUNK", 100)
    for threads in (1, 2):
        assert_same(system, compiled=True, threads=threads)
    assert any(cut)


@needs_numba
def test_states_of_two_words_in_a_file_have_numbers_too(
    tight: set[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """And those in a table that grows in place."""
    monkeypatch.setattr(graph_module, "PIECE", 7)
    for seed in range(20):
        assert_same(restricted(seed), Limits(states=200), compiled=True)
    assert tight == {1, 2}


@kernels
def test_nothing_is_asked_for_and_nothing_is_made(compiled: bool) -> None:
    """A graph takes memory."""
    assert explore_tables(SYSTEMS["jugs"], compiled=compiled).graph is None


@kernels
def test_without_memory_for_a_graph_the_answers_stay(compiled: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether it is foreseen, or comes as a surprise."""
    given: dict[str, Any] = {"compiled": compiled, "graph": True}

    with monkeypatch.context() as patched:
        patched.setattr(graph_module, "_copied", no_memory)
        found = explore_tables(SYSTEMS["jugs"], **given)
        assert (found.complete, found.graph) == (True, None)

    asked = []

    def foresee(self: Watch, more: int) -> str | None:  # noqa: ARG001, it is a method
        asked.append(more)
        return "memory limit" if more == graph_bytes else None

    graph_bytes = 12345
    monkeypatch.setattr(graph_module, "octets", lambda _: graph_bytes)
    monkeypatch.setattr(Watch, "foresee", foresee)
    found = explore_tables(SYSTEMS["jugs"], **given)
    assert (found.complete, found.graph) == (True, None)
    assert graph_bytes in asked


def no_memory(*_: object) -> None:
    """Stand in for what takes memory."""
    raise MemoryError


@needs_numba
def test_the_memory_that_is_foreseen_is_what_the_arrays_take(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that stay, and those that are there while it is made."""
    foreseen = []
    plain = graph_module.octets

    def noted(found: search.Search) -> int:
        slots = len(found.known.table.slots) // len(found.layout.words)
        foreseen.append((plain(found), slots, len(found.layout.words)))
        return foreseen[-1][0]

    monkeypatch.setattr(graph_module, "octets", noted)
    graph = explore_tables(SYSTEMS["alternating bit"], compiled=True, graph=True).graph
    assert graph is not None
    [(octets, slots, words)] = foreseen

    stays = graph.indptr.nbytes + graph.targets.nbytes + graph.labels.nbytes - 8  # a row more than states
    assert octets == stays + len(graph) * (8 * words + 8) + 4 * slots


def test_numpy_is_imported_for_a_graph_alone() -> None:
    """Interpreted tables do without; and who asks for a graph without scipy is told before anything is explored."""
    code = """
import sys
sys.modules["scipy"] = None
from checker import Action, Outcome, System, TableProcess
from checker.fast.engine import explore_tables
process = TableProcess("A", 0, (Action("up", "call"),), {(0, "up"): (Outcome(1),)})
print(explore_tables(System([process]), factors=True).states, "numpy" in sys.modules)
try:
    explore_tables(System([process]), graph=True)
except ModuleNotFoundError as error:
    print(error)
"""
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert said.stdout == "2 False\ngraphs as arrays need numpy and scipy: pip install 'tcpfsm[graph]'\n"
