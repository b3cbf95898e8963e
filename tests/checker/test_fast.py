"""The table-driven engine: whatever it is asked, it answers as the reference engine does."""

from __future__ import annotations

import signal
import sys
from dataclasses import replace
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from checker import (
    Action,
    Limits,
    Outcome,
    Property,
    Restriction,
    System,
    TableProcess,
    always,
    answered,
    can_always,
    check,
    ends,
    every_step,
    explore,
    quiet,
    replay,
    sometimes,
    sometimes_step,
)
from checker.engines import summed_up
from checker.fast import compiled, engine, kernel, layout, marks, search, state_list, state_set, worker
from checker.fast.arrays import Arrays
from checker.fast.compiled import compiled_kernel, compiler_watched
from checker.fast.engine import Exploration, TooWideError, explore_tables
from checker.fast.interrupt import Interrupts
from checker.fast.state_set import StateSet
from checker.limits import Watch, resident_bytes
from tests.checker.oracle import built
from tests.checker.test_random_systems import described, is_goal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from checker import State, StateSpace, Step, Verdict

HAS_NUMBA = find_spec("numba") is not None
needs_numba = pytest.mark.skipif(not HAS_NUMBA, reason="numba is not installed (pip install 'tcpfsm[fast]')")
#: The most states of a random system that is compared; and where there are thousands of systems.
MOST_STATES, FEW_STATES = 1500, 600
#: The kernels that there are: interpreted, and compiled.
KERNELS = (False, True) if HAS_NUMBA else (False,)
#: As many examples as the profile says: ``--hypothesis-profile=thorough`` is thousands.
many = settings(deadline=None, suppress_health_check=list(HealthCheck))


def loses_to_second(step: Step) -> bool:
    """Something that is true of some steps of the network."""
    return step.label.kind == "lose" and step.before.locals[1] == 1


def keeps_off_two(step: Step) -> bool:
    """Something that most deliveries do."""
    return not (step.label.kind == "deliver" and step.after.locals[0] == 2)


def is_anything(_: Any) -> bool:
    """What holds of everything."""
    return True


def is_rare(state: State) -> bool:
    """Something that is true of some states of some systems."""
    return state.locals[0] == 2 and state.locals[1] == 0


def is_odd(label: Any) -> bool:
    """Something arbitrary about a label."""
    return len(label.action + label.channel) % 2 == 1


def is_calm(step: Step) -> bool:
    """An assumption about some labels."""
    return not is_odd(step.label) or step.before.locals[0] != 2


def questions(system: System, *, reads: bool) -> list[Property]:
    """One of each kind; with ``reads``, each says what it looks at."""
    both = tuple(process.name for process in system.processes[:2]) if reads else None
    asked = [
        always("a", is_goal), sometimes("s", is_goal), can_always("c", is_goal), ends("e", is_goal), answered("u"),
        every_step("st", keeps_off_two), sometimes_step("ss", loses_to_second),
        Property("guarded state", "always", is_anything, guard=is_rare),
        Property("guarded step", "step", is_anything, guard=loses_to_second),
        Property("guarded end", "ends", is_anything, guard=is_goal),
    ]  # fmt: skip
    asked = [replace(one, reads=both) for one in asked]
    return asked if any(channel.kind == "set" for channel in system.channels) else [*asked, quiet("q")]


def answers(verdicts: Sequence[Verdict]) -> list[tuple[Any, ...]]:
    """Return what verdicts say, with every step of their traces."""
    return [
        (
            one.property.name,
            one.verdict,
            one.vacuous,
            one.established,
            one.trace and (one.trace.loop, one.trace.initial, one.trace.steps),
        )
        for one in verdicts
    ]


def restricted(seed: int) -> System:
    """A random system, every third of which is under an assumption."""
    plain = built(described(seed))
    if seed % 3:
        return plain
    name = plain.processes[0].name
    rule = Restriction("calm", is_calm, (name,), is_odd)
    return System(
        plain.processes,
        plain.channels,
        losses=plain.losses,
        duplications=plain.duplications,
        restrictions=[rule],
    )


def assert_equal(found: Exploration, space: StateSpace, asked: Sequence[Property]) -> None:
    """Every number and every answer agrees."""
    size = (
        space.states,
        space.steps,
        space.depth,
        space.bounds_reached,
        len(space.terminals),
        space.blocked_terminals,
        space.complete,
    )
    locals_ = {(place, local) for state in space.order for place, local in enumerate(state.locals)}

    assert (
        found.states,
        found.steps,
        found.depth,
        found.bounds_reached,
        found.terminals,
        found.blocked_terminals,
        found.complete,
    ) == size
    assert found.locals == locals_
    verdicts = check(space, asked)
    assert answers(found.verdicts) == answers(verdicts)
    if space.complete:
        same = summed_up(space, verdicts)
        assert (found.taken, found.refused) == (same.taken, same.refused)


@many
@given(st.integers(0, 2**32 - 1), st.booleans())
def test_random_systems_are_answered_as_by_the_reference_engine(seed: int, reads: bool) -> None:
    """States, steps, depth, bounds, ends, verdicts, every step of every trace; interpreted and compiled."""
    system = restricted(seed)
    space = explore(system, Limits(states=FEW_STATES))
    assume(space.complete)
    asked = questions(system, reads=reads)
    for is_compiled in KERNELS:
        assert_equal(explore_tables(restricted(seed), asked, compiled=is_compiled), space, asked)


@needs_numba
def test_compiled_the_same_source_gives_the_same() -> None:
    """On random systems some of which are larger."""
    assert compare(range(100), compiled=True) > 50


def counter(limit: int) -> System:
    """One process that counts: as many states as one likes."""
    acts = {(number, "up"): (Outcome(number + 1),) for number in range(limit)}
    acts |= {(number, "twice"): (Outcome(min(limit, number + 2)),) for number in range(limit)}
    return System([TableProcess("A", 0, (Action("up", "call"), Action("twice", "call")), acts)])


@needs_numba
def test_where_nothing_can_be_written_the_kernel_is_compiled_each_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The compiler refuses to keep its work if it finds no place for it."""
    from numba.core import caching

    monkeypatch.setattr(caching.CacheImpl, "_locator_classes", [])
    monkeypatch.setitem(
        sys.modules, compiled.NAME, compiled_kernel()
    )  # what is put there is taken away again
    module = compiled_kernel.__wrapped__()

    assert module.partition_of(1 << 45) == kernel.partition_of(1 << 45)


def test_a_trace_is_replayed_by_the_system() -> None:
    """It is a run of it, and a shortest one."""
    system = counter(50)
    found = explore_tables(system, [always("small", lambda state: state.locals[0] < 40)]).verdicts[0]

    assert found.trace is not None
    assert len(found.trace.steps) == 20
    assert replay(system, found.trace).locals == (40,)


@pytest.mark.parametrize("limit", [1, 2, 3, 10, 49, 51, 100])
def test_a_limit_of_states_cuts_where_the_reference_engine_cuts(limit: int) -> None:
    """It is never exceeded, and what was found until then is told, with the depth up to which it is certain."""
    asked = [always("any", lambda _: True), always("few", lambda state: state.locals[0] < 7)]
    space = explore(counter(50), Limits(states=limit))
    found = explore_tables(counter(50), asked, Limits(states=limit))

    assert found.states == space.states <= limit
    assert (found.steps, found.stopped_because) == (space.steps, space.stopped_because)
    assert answers(found.verdicts) == answers(check(space, asked))


def test_no_time_left_is_inconclusive() -> None:
    """Nothing was expanded, and nothing is claimed."""
    found = explore_tables(counter(50), [always("any", lambda _: True)], Limits(seconds=0))

    assert (found.complete, found.stopped_because) == (False, "time limit")
    assert found.verdicts[0].established == "nothing (time limit)"


def test_without_room_for_marks_a_question_stays_open(monkeypatch: pytest.MonkeyPatch) -> None:
    """The others are answered; memory is not taken to find out that there is none."""
    monkeypatch.setattr(marks, "octets_of_marks", lambda _: 1 << 50)
    asked = [always("any", lambda _: True), can_always("end", lambda state: state.locals[0] == 50)]
    found = explore_tables(counter(50), asked, Limits(memory=1 << 45))

    assert [one.verdict for one in found.verdicts] == ["holds", "inconclusive"]
    assert found.verdicts[1].established == "nothing (memory limit)"


def test_the_first_violation_can_end_the_search() -> None:
    """The level in which it was found is the last."""
    asked = [always("small", lambda state: state.locals[0] < 10)]
    found = explore_tables(counter(500), asked, first=True)

    assert (found.stopped_because, found.verdicts[0].verdict) == ("stop condition", "violated")
    assert found.states < 20


def test_an_interruption_keeps_what_was_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C comes while the third level is looked at."""
    advance = search.Search.advance

    def interrupted(self: search.Search, *arguments: Any) -> str | None:
        if len(self.states.level_ends) == 3:
            raise KeyboardInterrupt
        return advance(self, *arguments)

    monkeypatch.setattr(search.Search, "advance", interrupted)
    found = explore_tables(counter(50), [always("any", lambda _: True)])

    assert (found.stopped_because, found.states) == ("interrupted", 5)
    assert found.verdicts[0].verdict == "inconclusive"


def test_after_an_interruption_what_was_refuted_has_its_trace_and_the_graph_is_not_gone_through(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whoever interrupts has waited enough; nothing is claimed of what was not looked at."""
    advance = search.Search.advance

    def interrupted(self: search.Search, *arguments: Any) -> str | None:
        if len(self.states.level_ends) == 6:
            raise KeyboardInterrupt
        return advance(self, *arguments)

    monkeypatch.setattr(search.Search, "advance", interrupted)
    asked = [always("small", lambda state: state.locals[0] < 4), can_always("c", lambda _: False), quiet("q")]
    small, can, rests = explore_tables(counter(50), asked).verdicts

    assert (small.verdict, small.trace and len(small.trace.steps)) == ("violated", 2)
    assert (can.verdict, can.established) == ("inconclusive", "nothing (interrupted)")
    assert (rests.verdict, rests.established) == ("inconclusive", "nothing (interrupted)")


@pytest.mark.parametrize("reason", ["time limit", "memory limit"])
def test_the_limits_hold_while_the_graph_is_gone_through(
    monkeypatch: pytest.MonkeyPatch, reason: str
) -> None:
    """What needs only the states that were seen is answered; the rest is not, and so the whole is not complete."""
    look = Watch.look

    def late(self: Watch, states: int, steps: int, depth: int, frontier: int, *levels: Any) -> str | None:
        return look(self, states, steps, depth, frontier, *levels) if frontier else reason

    monkeypatch.setattr(Watch, "look", late)
    asked = [always("any", lambda _: True), can_always("c", lambda state: state.locals[0] == 50), quiet("q")]
    found = explore_tables(counter(50), asked)

    assert (found.states, found.complete, found.stopped_because) == (51, False, reason)
    assert [one.established for one in found.verdicts] == [
        "no violation in all 51 states and 100 steps",
        f"nothing ({reason})",
        f"nothing ({reason})",
    ]


def test_a_second_interruption_ends_the_search_for_a_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    """That property is known to be violated, and in how many steps; the others have their answers."""

    def interrupted(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("checker.fast.evaluation.path", interrupted)
    asked = [always("small", lambda state: state.locals[0] < 4), always("any", lambda _: True)]
    found = explore_tables(counter(50), asked)

    assert [(one.verdict, one.trace, one.established) for one in found.verdicts] == [
        ("violated", None, "a shortest counterexample has 2 steps; it was not traced (interrupted)"),
        ("holds", None, "no violation in all 51 states and 100 steps"),
    ]


def test_an_interruption_waits_for_no_compiler() -> None:
    """It is held back else, but not while a function is compiled; nor if it came just before."""
    with Interrupts() as interrupts:
        signal.raise_signal(signal.SIGINT)
        assert interrupts.asked
        with pytest.raises(KeyboardInterrupt):
            interrupts.compiler_begins()
    with Interrupts() as interrupts:
        interrupts.compiler_begins()
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        interrupts.compiler_ends()
        signal.raise_signal(signal.SIGINT)
        assert interrupts.asked


@needs_numba
def test_the_compiler_is_told_of_while_it_is_at_work() -> None:
    """When it begins and ends; what runs a second time is compiled no more."""
    from numba import njit

    told: list[str] = []
    function = njit(lambda number: number + 1)
    with compiler_watched(lambda: told.append("begins"), lambda: told.append("ends")):
        assert (function(1), function(2)) == (2, 3)

    assert told == ["begins", "ends"]


@many
@given(st.integers(0, 2**32 - 1), st.integers(1, 60), st.integers(1, 9))
def test_random_systems_are_cut_where_the_reference_engine_cuts(seed: int, limit: int, chunk: int) -> None:
    """States, steps, depth, bounds, ends and every answer: also of a level of which only a part was expanded."""
    system = restricted(seed)
    asked = questions(system, reads=bool(seed % 2))
    space = explore(system, Limits(states=limit))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(search, "CHUNK", chunk)
        found = explore_tables(restricted(seed), asked, Limits(states=limit))

    assert_equal(found, space, asked)
    assert found.stopped_because == space.stopped_because


@needs_numba
def test_compiled_random_systems_are_cut_where_the_reference_engine_cuts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With threads, and with so few states at once that the limit comes in the middle of a level."""
    monkeypatch.setattr(search, "COMPILED_CHUNK", 5)
    monkeypatch.setattr(search, "WORTH_SHARING", 2)
    for seed in range(60):
        system = restricted(seed)
        asked = questions(system, reads=bool(seed % 2))
        limit = Limits(states=3 + seed % 40)
        space = explore(system, limit)
        found = explore_tables(restricted(seed), asked, limit, compiled=True, threads=1 + seed % 3)
        assert_equal(found, space, asked)
        assert found.stopped_because == space.stopped_because


def compare(seeds: range, **given: Any) -> int:
    """Explore random systems through tables; how many of them were small enough to be compared."""
    compared = 0
    for seed in seeds:
        system = restricted(seed)
        space = explore(system, Limits(states=MOST_STATES))
        if space.complete:
            asked = questions(system, reads=bool(seed % 2))
            assert_equal(explore_tables(restricted(seed), asked, **given), space, asked)
            compared += 1
    return compared


@needs_numba
@pytest.mark.parametrize("spare", [0, -1])
def test_states_that_outgrow_their_words_are_laid_out_anew(
    monkeypatch: pytest.MonkeyPatch, spare: int
) -> None:
    """With no bit to spare at the start, in one word, or already in two; what was found before is kept."""
    plain = layout.layout_for
    words = set()

    def narrow(counts: Sequence[int], *rest: int, compiled: bool) -> Any:
        widths = [max(1, (count - 1).bit_length()) for count in counts]
        monkeypatch.setattr(layout, "BITS", max(*widths, sum(widths) + spare))
        found = plain(counts, *rest, compiled=compiled)
        words.add(len(found.words))
        return found

    monkeypatch.setattr(search, "layout_for", narrow)
    assert compare(range(60), compiled=True) > 20
    assert words == ({1} if spare == 0 else {2})


@needs_numba
def test_states_go_from_one_word_to_two_and_into_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """Levels that lie in a file are read in the layout in which they were written."""
    sizes = set()
    plain = layout.layout_for

    def noted(*given: Any, compiled: bool) -> Any:
        found = plain(*given, compiled=compiled)
        sizes.add(len(found.words))
        return found

    monkeypatch.setattr(search, "layout_for", noted)
    monkeypatch.setattr(state_list, "MANY", 8)
    monkeypatch.setattr(state_list, "PIECE", 4)
    monkeypatch.setattr(layout, "BITS", 20)
    assert compare(range(100), compiled=True) > 40
    assert sizes == {1, 2}


@needs_numba
def test_where_no_file_can_be_made_states_stay_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk ends nothing."""

    def full(**_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(state_list, "MANY", 8)
    monkeypatch.setattr(state_list, "PIECE", 4)
    monkeypatch.setattr(state_list.tempfile, "TemporaryFile", full)
    assert compare(range(40), compiled=True) > 20


@needs_numba
@pytest.mark.parametrize("threads", [1, 2, 3])
def test_the_number_of_threads_changes_nothing(monkeypatch: pytest.MonkeyPatch, threads: int) -> None:
    """Each has some states to expand and some partitions; order, counts and traces are the same."""
    monkeypatch.setattr(search, "WORTH_SHARING", 2)
    monkeypatch.setattr(search, "COMPILED_CHUNK", 5)
    assert compare(range(80), compiled=True, threads=threads) > 40


@needs_numba
def test_a_table_that_grows_in_place_keeps_its_states(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every partition in its own part of the address space."""
    monkeypatch.setattr(state_set, "FIRST_COMPILED", 1)
    monkeypatch.setattr(state_set, "COMPACT", 1)
    monkeypatch.setattr(state_set, "LARGE", 3)
    assert compare(range(60), compiled=True) > 30


@needs_numba
def test_room_that_is_reserved_takes_no_memory_until_it_is_written_to() -> None:
    """Whatever the allocator has at hand by then, and how much the machine has; a table's growth rests on it."""
    before = resident_bytes()
    room = Arrays(compiled=True).reserved(state_set.physical_bytes() // 16)
    room[len(room) // 2] = 7
    after = resident_bytes()

    assert before is not None
    assert after is not None
    assert after - before < 8 << 20
    assert (room[0], room[len(room) // 2], room[-1]) == (0, 7, 0)


@needs_numba
def test_a_large_table_asks_the_system_for_its_room_and_not_an_allocator(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An allocator may give it from its heap, and write zeros to all of it: as much as the machine has."""
    sizes = []
    plain = Arrays.zeros

    def noted(self: Arrays, size: int, bits: int = 64) -> Any:
        sizes.append(size)
        return plain(self, size, bits)

    monkeypatch.setattr(Arrays, "zeros", noted)
    monkeypatch.setattr(state_set, "COMPACT", 1 << 9)
    states = StateSet(Arrays(compiled=True), compiled_kernel(), (0,))
    states.grow(0)
    states.grow(0)

    assert states.is_reserved
    assert 8 * max(sizes) < 1 << 24 < states.table.slots.nbytes


def test_small_bites_give_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """A level is expanded in many pieces; the order of the states, and so every trace, is the same."""
    monkeypatch.setattr(search, "CHUNK", 3)
    for seed in range(80):
        system = restricted(seed)
        space = explore(system, Limits(states=MOST_STATES))
        if space.complete:
            asked = questions(system, reads=bool(seed % 2))
            assert_equal(explore_tables(restricted(seed), asked), space, asked)


def test_more_steps_than_there_is_room_for_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is written beyond the end of a table."""
    monkeypatch.setattr(search, "CHUNK", 1)
    monkeypatch.setattr(worker, "ROOM", 1)
    many_ways = tuple(Outcome(number, choice=str(number)) for number in range(1, 40))
    system = System([TableProcess("A", 0, (Action("any", "call"),), {(0, "any"): many_ways})])

    with pytest.raises(TooWideError):
        explore_tables(system, [every_step("s", lambda _: True)])


@needs_numba
def test_a_state_that_fits_no_two_words_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever asked has another engine; interpreted, words have no end."""
    monkeypatch.setattr(layout, "BITS", 4)

    assert explore_tables(counter(50)).states == 51
    with pytest.raises(TooWideError):
        explore_tables(counter(50), compiled=True)


def test_a_question_that_cannot_be_asked_is_refused() -> None:
    """As the reference engine refuses it."""
    system = next(
        one for one in map(restricted, range(100)) if any(pipe.kind == "set" for pipe in one.channels)
    )

    with pytest.raises(ValueError, match="quiet cannot be asked"):
        explore_tables(system, [quiet()])


def test_every_local_state_and_stimulus_is_asked_once() -> None:
    """What a process does is a table; the states are many more."""
    asked: list[tuple[Any, str]] = []

    class Asked(TableProcess):
        def act(self, local: Any, action: str) -> tuple[Outcome, ...]:
            asked.append((local, action))
            return super().act(local, action)

    one = {(number, "up"): (Outcome((number + 1) % 5),) for number in range(5)}
    system = System([Asked(name, 0, (Action("up", "call"),), one) for name in "ABC"])
    found = explore_tables(system)

    assert found.states == 125
    assert len(asked) == 15


def test_the_engine_is_what_the_package_offers() -> None:
    """One way in."""
    assert set(engine.__all__) == {"Exploration", "TooWideError", "explore_tables"}
