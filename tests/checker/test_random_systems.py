"""Random systems: the checker against plain reachability and the algorithms of networkx."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING, Any

import networkx as nx
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from checker import (
    Limits,
    Restriction,
    System,
    always,
    answered,
    can_always,
    check,
    ends,
    explore,
    quiet,
    replay,
    sometimes,
)
from tests.checker.oracle import Case, Description, Oracle, Pipe, built

if TYPE_CHECKING:
    from checker import State, StateSpace, Verdict

MESSAGES = ("x", "y")
LOCALS = (0, 1, 2)
MOST_STATES = 1000
LIMITS = Limits(states=MOST_STATES)
EXAMPLES = 50

BUDGETS = (0, 1, 2, None)


def described(seed: int) -> Description:
    """Two or three processes with random tables, two to four channels of any kind, all of them bounded.

    Drawn evenly, not by hypothesis, which prefers tables so small that nothing happens.
    """
    dice = Random(seed)  # noqa: S311, nothing is secret here
    names = ("A", "B", "C")[: dice.randint(2, 3)]
    pipes = tuple(
        Pipe(
            f"pipe {number}",
            dice.choice(names),
            dice.choice(names),
            dice.choice(["bag", "fifo", "set"] if seed % 2 else ["bag", "fifo"]),
            dice.randint(1, 3),
            tuple(dice.choices(MESSAGES, k=dice.randint(0, 1))),
        )
        for number in range(dice.randint(2, 4))
    )
    actions = {
        name: tuple(
            (f"act {number}", dice.choice(["call", "timeout"]), dice.choice(BUDGETS))
            for number in range(dice.randint(0, 2))
        )
        for name in names
    }

    def case(outgoing: list[str]) -> Case:
        sends = [
            (dice.choice(outgoing), dice.choice(MESSAGES)) for _ in range(dice.randint(0, 2)) if outgoing
        ]
        return Case(dice.choice(LOCALS), tuple(sends), "supply" if dice.random() < 0.05 else None)

    cases = {}
    for name in names:
        outgoing = [pipe.name for pipe in pipes if pipe.source == name]
        stimuli = (*MESSAGES, *(action for action, _, _ in actions[name]))
        cases[name] = {
            (local, stimulus): tuple(case(outgoing) for _ in range(dice.choices([0, 1, 2], [2, 6, 2])[0]))
            for local in LOCALS
            for stimulus in stimuli
        }
    return Description(actions, cases, pipes, dice.choice(BUDGETS), dice.choice(BUDGETS))


def descriptions() -> st.SearchStrategy[Description]:
    """Any of these systems."""
    return st.integers(0, 2**32 - 1).map(described)


def explored(description: Description) -> tuple[Oracle, StateSpace]:
    """Both sides explore; systems too large for a test are set aside."""
    oracle = Oracle(description, MOST_STATES)
    assume(len(oracle.graph) <= MOST_STATES)
    return oracle, explore(built(description), LIMITS)


def is_goal(state: State) -> bool:
    """Some arbitrary thing that is true of some states only."""
    return state.locals[0] == 1 or state.locals[1] == 0


def is_goal_there(state: Any) -> bool:
    """The same in the form of the oracle."""
    values = [local for _, local in state[0]]
    return bool(values[0] == 1 or values[1] == 0)


many = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))


@many
@given(descriptions())
def test_the_space_is_the_one_plain_reachability_finds(description: Description) -> None:
    """States, steps, depth, bounds reached and unanswered receptions agree, and so do the states one by one."""
    oracle, space = explored(description)
    budgets = built(description).budgets
    distances = nx.single_source_shortest_path_length(oracle.graph, oracle.initial)

    assert {oracle.same(state, budgets) for state in space.order} == set(oracle.graph)
    assert space.states == len(oracle.graph)
    assert space.steps == oracle.graph.number_of_edges() == space.graph.number_of_edges()
    assert space.depth == max(distances.values())
    assert [distances[oracle.same(state, budgets)] for state in space.order] == list(space.depths)
    assert space.bounds_reached == tuple(sorted(oracle.bounds))
    assert set(space.unanswered) == oracle.unanswered
    assert space.complete


@many
@given(descriptions())
def test_verdicts_are_those_of_graph_algorithms(description: Description) -> None:
    """Every kind is answered as descendants, ancestors and components of the oracle's graph answer it."""
    oracle, space = explored(description)
    graph, distances = oracle.graph, nx.single_source_shortest_path_length(oracle.graph, oracle.initial)
    goals = {state for state in graph if is_goal_there(state)}
    hopeful = goals.union(*(nx.ancestors(graph, goal) for goal in goals))
    found = check(
        space,
        [
            always("goal everywhere", is_goal),
            sometimes("no goal somewhere", lambda state: not is_goal(state)),
            can_always("goal in reach", is_goal),
            ends("goal at the end", is_goal),
            answered(),
        ],
    )
    ends_ = {state for state in graph if not graph.out_degree(state)}
    expected: list[tuple[str, set[Any]]] = [
        ("violated", set(graph) - goals),
        ("holds", set(graph) - goals),
        ("violated", set(graph) - hopeful),
        ("violated", ends_ - goals - set(oracle.blocked)),
    ]
    assert space.blocked_terminals == len(ends_ & set(oracle.blocked))
    if found[3].verdict == "holds":
        assert found[3].basis.blocked == len((ends_ - goals) & set(oracle.blocked))
    if found[2].trace is not None:
        doomed = oracle.same(found[2].trace.final, built(description).budgets)
        after = nx.single_source_shortest_path_length(graph, doomed)
        in_the_way = [state for state in after if state in oracle.blocked]
        assert bool(found[2].basis.bounds) == bool(in_the_way)
        nearest = [state for state in in_the_way if after[state] == min(after[one] for one in in_the_way)]
        assert not nearest or set(found[2].basis.bounds) in [oracle.blocked[state] for state in nearest]
    for verdict, (answer, witnesses) in zip(found, expected, strict=False):
        assert (verdict.verdict == answer) == bool(witnesses)
        if verdict.trace is not None:
            assert len(verdict.trace.steps) == min(distances[state] for state in witnesses)
            assert oracle.same(verdict.trace.final, built(description).budgets) in witnesses
            assert replay(built(description), verdict.trace) == verdict.trace.final

    assert (found[-1].verdict == "violated") == bool(oracle.unanswered)


@many
@given(descriptions())
def test_delivery_cycles_are_those_of_the_components(description: Description) -> None:
    """Quiet is violated where deliveries form a component with a cycle; way and cycle together are shortest of all."""
    assume(all(pipe.kind != "set" for pipe in description.pipes))
    oracle, space = explored(description)
    distances = nx.single_source_shortest_path_length(oracle.graph, oracle.initial)
    deliveries = nx.DiGraph((u, v) for u, v, kind in oracle.graph.edges(data="kind") if kind == "deliver")
    cycles = {}
    for component in nx.strongly_connected_components(deliveries):
        inner = deliveries.subgraph(component)
        for state in component if inner.number_of_edges() else ():
            back = nx.single_target_shortest_path_length(inner, state)
            cycles[state] = 1 + min(dict(back)[after] for after in inner.successors(state))
    (verdict,) = check(space, [quiet()])

    assert (verdict.verdict == "violated") == bool(cycles)
    if verdict.trace is not None:
        start = oracle.same(verdict.trace.final, built(description).budgets)
        assert verdict.trace.loop == distances[start]
        assert len(verdict.trace.steps) == distances[start] + cycles[start]
        assert len(verdict.trace.steps) == min(distances[state] + cycles[state] for state in cycles)
        assert replay(built(description), verdict.trace) == verdict.trace.final


@many
@given(descriptions(), st.integers(1, 60))
def test_a_cut_space_never_contradicts_the_whole(description: Description, most: int) -> None:
    """What is said to hold or to be violated in a part of the space is so in all of it, with the same length."""
    _, whole = explored(description)
    part = explore(built(description), Limits(states=most))
    questions = [
        always("goal everywhere", is_goal),
        sometimes("no goal somewhere", lambda state: not is_goal(state)),
        can_always("goal in reach", is_goal),
        ends("goal at the end", is_goal),
        answered(),
    ]
    if all(pipe.kind != "set" for pipe in description.pipes):
        questions.append(quiet())

    assert part.states <= most
    assert part.complete == (part.states == whole.states and part.expanded == whole.expanded)
    assert part.order == whole.order[: part.states]
    for early, late in zip(check(part, questions), check(whole, questions), strict=True):
        assert early.verdict in ("inconclusive", late.verdict)
        if early.verdict != "inconclusive" and early.property.kind not in ("quiet", "can-always"):
            assert length(early) == length(late)


def length(verdict: Verdict) -> int | None:
    """The number of steps of the evidence."""
    return None if verdict.trace is None else len(verdict.trace.steps)


@many
@given(descriptions())
def test_forbidding_all_mischief_is_the_same_as_having_none(description: Description) -> None:
    """An assumption takes steps away like a limit of 0, and no budget that it makes idle counts as reached."""
    forbidden = Restriction("calm", lambda step: step.label.kind not in ("lose", "duplicate"))
    calm = explore(built(replace(description, losses=0, duplications=0)), LIMITS)
    assume(calm.complete)
    plain = built(description)
    mischievous = System(
        plain.processes,
        plain.channels,
        losses=plain.losses,
        duplications=plain.duplications,
        restrictions=[forbidden],
    )
    restricted = explore(mischievous, LIMITS)

    assert (restricted.states, restricted.steps, restricted.depth) == (calm.states, calm.steps, calm.depth)
    assert restricted.bounds_reached == calm.bounds_reached


@many
@given(descriptions())
def test_an_end_that_a_bound_makes_is_none_without_the_bound(description: Description) -> None:
    """What a capacity or a supply alone keeps from a step has one where there is room for all, and no other end has."""
    space = explore(built(description), LIMITS)
    assume(space.complete)
    roomy = built(
        replace(
            description,
            pipes=tuple(pipe._replace(capacity=None) for pipe in description.pipes),
            cases={
                name: {
                    key: tuple(case._replace(blocked_by=None) for case in cases)
                    for key, cases in table.items()
                }
                for name, table in description.cases.items()
            },
        )
    )
    for state in space.terminals:
        assert bool(roomy.steps(state)) == bool(space.expansions[space.order.index(state)].blocked_by)


@many
@given(descriptions())
def test_what_no_bound_is_behind_is_violated_without_the_bound(description: Description) -> None:
    """Where no bound is told for a ``can-always`` that is violated, more room changes nothing for the state that shows it."""
    _, space = explored(description)
    (verdict,) = check(space, [can_always("goal in reach", is_goal)])
    assume(verdict.trace is not None and not verdict.basis.bounds)
    assert verdict.trace is not None
    known, waiting = {verdict.trace.final}, [verdict.trace.final]
    roomy = built(
        replace(description, pipes=tuple(pipe._replace(capacity=None) for pipe in description.pipes))
    )
    for state in waiting:
        new = {step.after for step in roomy.steps(state)} - known
        known |= new
        waiting += new
        assert len(waiting) <= MOST_STATES
    assert not any(is_goal(state) for state in known)
