"""Verdicts: each kind of property, when it holds, is violated, or is left open."""

from __future__ import annotations

import pytest

from checker import (
    Action,
    Basis,
    Channel,
    Outcome,
    State,
    Step,
    System,
    TableProcess,
    Verdict,
    always,
    answered,
    can_always,
    check,
    ends,
    every_step,
    quiet,
    sometimes,
    sometimes_step,
)
from checker.fast.engine import explore_tables
from tests.checker.tla_tcp import TlaTcp
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

COUNTER = System([counter("A", 5)])


def ask(system: System, question: object, **limits: int) -> Verdict:
    """The verdict on one property."""
    (verdict,) = check(explored(system, **limits), [question])
    return verdict


def walk(verdict: Verdict) -> str:
    """Where the walker of a trace goes, with a bar where the cycle begins."""
    assert verdict.trace is not None
    places = [str(step.after.locals[0]) for step in verdict.trace.steps]
    if verdict.trace.loop is not None:
        places.insert(verdict.trace.loop, "|")
    return "".join(places)


def below(number: int) -> object:
    """A predicate: the counter is below this."""
    return lambda state: state.locals[0] < number


def test_always_holds_when_no_state_contradicts() -> None:
    """It says over how many states and steps."""
    verdict = ask(COUNTER, always("below 6", below(6)))

    assert (verdict.verdict, verdict.trace) == ("holds", None)
    assert verdict.established == "no violation in all 6 states and 5 steps"


def test_always_is_violated_with_a_shortest_trace() -> None:
    """The jugs measure 4 after six pourings: the claim that they never do is refuted by the solution."""
    verdict = ask(System([jugs()]), always("never 4", lambda state: state.locals[0][1] != 4))

    assert verdict.verdict == "violated"
    assert verdict.established == "a shortest counterexample has 6 steps"
    assert [step.label.action for step in verdict.trace.steps] == [
        "fill big",
        "big to small",
        "empty small",
        "big to small",
        "fill big",
        "big to small",
    ]


def test_always_may_fail_at_the_very_start() -> None:
    """The trace is then empty, and begins and ends in the initial state."""
    verdict = ask(COUNTER, always("not 0", lambda state: state.locals[0] != 0))

    assert verdict.trace.steps == ()
    assert verdict.trace.initial == verdict.trace.final == COUNTER.initials[0]


def test_always_is_open_in_a_cut_space_without_a_violation() -> None:
    """It says how deep the search came, and why no deeper."""
    verdict = ask(COUNTER, always("below 5", below(5)), states=3)

    assert (verdict.verdict, verdict.trace) == ("inconclusive", None)
    assert verdict.established == "no violation up to depth 1 (state limit)"


def test_a_violation_in_a_cut_space_is_real() -> None:
    """What was found was found, however little was seen."""
    assert ask(COUNTER, always("below 2", below(2)), states=3).verdict == "violated"
    assert (
        ask(COUNTER, every_step("to below 2", lambda step: step.after.locals[0] < 2), states=3).verdict
        == "violated"
    )


def test_nothing_expanded_establishes_nothing() -> None:
    """A search cut before its first state says so."""
    assert ask(COUNTER, always("below 6", below(6)), seconds=0).established == "nothing (time limit)"


def test_a_step_property_is_about_steps() -> None:
    """The trace ends with the step that violates it; a witness may be a step, too."""
    verdict = ask(COUNTER, every_step("not from 3", lambda step: step.before.locals[0] != 3))
    witness = ask(COUNTER, sometimes_step("from 3", lambda step: step.before.locals[0] == 3))

    assert (verdict.verdict, walk(verdict)) == ("violated", "1234")
    assert (witness.verdict, witness.trace) == ("holds", verdict.trace)
    assert witness.established == "a shortest witness has 4 steps"
    assert ask(COUNTER, every_step("up", lambda step: step.after > step.before)).verdict == "holds"
    assert ask(COUNTER, sometimes_step("down", lambda step: step.after < step.before)).verdict == "violated"


def test_a_sometimes_holds_with_its_witness() -> None:
    """The ferryman's crossing is the witness, and is shortest: seven."""
    verdict = ask(System([river()]), sometimes("all across", lambda state: not state.locals[0]))

    assert verdict.verdict == "holds"
    assert len(verdict.trace.steps) == 7


def test_a_witness_in_a_cut_space_is_real() -> None:
    """A sometimes holds as soon as it was met; otherwise it is open."""
    assert ask(COUNTER, sometimes("2", lambda state: state.locals[0] == 2), states=3).verdict == "holds"
    assert ask(COUNTER, sometimes("5", lambda state: state.locals[0] == 5), states=3).established == (
        "no witness up to depth 1 (state limit)"
    )


def test_a_sometimes_is_violated_by_absence() -> None:
    """There is nothing to show for it."""
    verdict = ask(COUNTER, sometimes("7", lambda state: state.locals[0] == 7))

    assert (verdict.verdict, verdict.trace) == ("violated", None)
    assert verdict.established == "no witness in all 6 states and 5 steps"


def test_can_always_holds_where_there_is_always_a_way() -> None:
    """Going round can lead home from anywhere, even if it need not."""
    there_and_back = walker({"a": "bc", "b": "a", "c": "cb"}, "a")

    assert ask(there_and_back, can_always("home", lambda state: state.locals == ("a",))).verdict == "holds"


def test_can_always_is_violated_by_the_nearest_point_of_no_return() -> None:
    """From d and e there is no way home; d is nearer."""
    trap = walker({"a": "b", "b": "ac", "c": "ad", "d": "e", "e": "d"}, "a")
    verdict = ask(trap, can_always("home", lambda state: state.locals == ("a",)))

    assert (verdict.verdict, walk(verdict)) == ("violated", "bcd")


def test_can_always_in_a_cut_space_is_violated_only_if_that_is_certain() -> None:
    """What was not expanded may lead home, so only a trap that was seen completely counts."""
    home = can_always("home", lambda state: state.locals == ("a",))
    seen_trap = walker({"a": "bc", "b": "b", "c": "d", "d": "e"}, "a")
    unseen_trap = walker({"a": "b", "b": "c", "c": "d", "d": "e"}, "a")

    assert walk(ask(seen_trap, home, states=4)) == "b"
    assert ask(unseen_trap, home, states=4).established == "no certain violation up to depth 2 (state limit)"


def test_ends_is_about_states_without_steps() -> None:
    """A run may end only where the predicate says so; one that never ends is no violation."""
    fork = walker({"a": "bc", "b": "d"}, "a")
    verdict = ask(fork, ends("at d", lambda state: state.locals == ("d",)))

    assert (verdict.verdict, walk(verdict)) == ("violated", "c")
    assert ask(fork, ends("at c or d", lambda state: state.locals[0] in "cd")).verdict == "holds"
    assert ask(walker({"a": "a"}, "a"), ends("nowhere", lambda _: False)).verdict == "holds"


def test_a_state_that_was_not_expanded_is_no_end() -> None:
    """The border of a cut space has no steps yet, and proves nothing."""
    nowhere = ends("nowhere", lambda _: False)

    assert ask(COUNTER, nowhere, states=3).verdict == "inconclusive"
    assert ask(COUNTER, nowhere, states=6).verdict == "violated"


def test_quiet_is_violated_by_a_ball_that_flies_for_ever() -> None:
    """The trace is the cycle: there and back again."""
    verdict = ask(ping_pong(), quiet())

    assert verdict.verdict == "violated"
    assert verdict.trace.loop == 0
    assert [step.label.channel for step in verdict.trace.steps] == ["there", "back"]
    assert verdict.trace.final == verdict.trace.initial


def test_quiet_holds_where_deliveries_run_dry() -> None:
    """A protocol that answers each message at most once comes to rest, unless somebody acts again."""
    assert ask(alternating_bit(2, losses=1, duplications=1), quiet()).verdict == "holds"


def test_quiet_finds_the_nearest_cycle_and_a_shortest_one_through_it() -> None:
    """Two counters of deliveries go round, in 3 and in 2; the one met first is shown, without detours."""
    ring = {(place, "tick"): (Outcome(place % 3 + 1, (("loop", "tick"),)),) for place in (1, 2, 3)}
    shortcut = {(2, "tick"): (*ring[2, "tick"], Outcome(1, (("loop", "tick"),), choice="back"))}
    start = {(0, "start"): (Outcome(1, (("loop", "tick"),)),)}
    runner = TableProcess("A", 0, (Action("start", "call"),), start, {**ring, **shortcut})
    system = System([runner], [Channel("loop", "A", "A", "fifo", 1)])

    assert walk(ask(system, quiet())) == "1|21"


def test_quiet_sees_a_delivery_that_changes_nothing() -> None:
    """A process that sends to itself what it receives is a cycle of one step; of several the first is shown."""
    outcomes = tuple(Outcome(0, (("loop", "m"),), choice=choice) for choice in ("first", "second"))
    echo = TableProcess("A", 0, receptions={(0, "m"): outcomes})
    verdict = ask(System([echo], [Channel("loop", "A", "A", initial=("m",))]), quiet())

    assert verdict.trace.loop == 0
    assert [step.label.choice for step in verdict.trace.steps] == ["first"]


def test_quiet_in_a_cut_space_is_violated_by_a_whole_cycle_only() -> None:
    """Deliveries that leave what was expanded are no cycle yet; a cycle is followed within what was expanded."""
    drawn = Drawn({"i": "s a b", "s": "X A", "a": "B", "b": "S", "x": "Y", "y": "X"}, "i")

    assert walk(ask(drawn, quiet(), states=5)) == "s|abs"
    assert ask(drawn, quiet(), states=4).verdict == "inconclusive"
    assert ask(ping_pong(), quiet(), states=1).established == "nothing (state limit)"


def test_quiet_is_not_asked_of_a_set_channel() -> None:
    """A set delivers the same message for ever, so the question has no sensible answer."""
    with pytest.raises(
        ValueError, match="property 'rest': quiet cannot be asked where there, back is a set channel"
    ):
        ask(ping_pong("set"), quiet("rest"))


def test_answered_is_violated_at_the_nearest_unanswered_message() -> None:
    """The trace leads to where the process has no answer; nothing is said about those it never meets."""
    taker = TableProcess("B", 0, receptions={(0, "a"): (Outcome(1),), (1, "b"): (Outcome(2),)})
    giver = TableProcess("A", 0)
    verdict = ask(System([giver, taker], [Channel("way", "A", "B", "fifo", initial=("a", "a"))]), answered())

    assert (verdict.verdict, len(verdict.trace.steps)) == ("violated", 1)
    assert ask(courier(("a", "b"), "bag"), answered()).verdict == "holds"
    assert ask(courier(("a", "b"), "bag"), answered(), states=3).verdict == "inconclusive"


def test_answered_is_not_asked_of_a_system_that_does_not_tell() -> None:
    """Where unanswered messages are not reported their absence means nothing."""
    with pytest.raises(ValueError, match="does not report the receptions without an outcome"):
        ask(TlaTcp(), answered())


def test_a_careless_receiver_is_caught() -> None:
    """Without heeding the bit an item is accepted again when it was sent again."""
    in_order = always("in order", lambda state: state.locals[1] == tuple(range(len(state.locals[1]))))
    verdict = ask(alternating_bit(2, duplications=1, losses=0, is_careless=True), in_order)

    assert ask(alternating_bit(2), in_order).verdict == "holds"
    assert [step.label.kind for step in verdict.trace.steps] == ["call", "deliver", "timeout", "deliver"]


def test_predicates_are_asked_once_and_no_more_than_needed() -> None:
    """Each is called at most once per state or step, all about one before any about the next."""
    calls: list[tuple[str, State | Step]] = []

    def noted(name: str, answer: object) -> object:
        return lambda thing: calls.append((name, thing)) or answer(thing)

    space = explored(COUNTER)
    check(
        space,
        [
            always("always", noted("always", below(2))),
            can_always("can", noted("can", lambda _: True)),
            ends("ends", noted("ends", lambda _: True)),
            every_step("step", noted("step", lambda step: step.after.locals[0] < 3)),
            sometimes_step("seen", noted("seen", lambda _: True)),
        ],
    )

    assert [(name, thing.locals[0]) for name, thing in calls if isinstance(thing, State)] == [
        ("always", 0),
        ("can", 0),
        ("always", 1),
        ("can", 1),
        ("always", 2),
        ("can", 2),
        ("can", 3),
        ("can", 4),
        ("can", 5),
        ("ends", 5),
    ]
    assert [(name, thing.after.locals[0]) for name, thing in calls if isinstance(thing, Step)] == [
        ("step", 1),
        ("seen", 1),
        ("step", 2),
        ("step", 3),
    ]


def test_verdicts_come_in_the_order_asked() -> None:
    """One for each property, also if one is asked twice."""
    questions = [quiet(), always("below 6", below(6)), quiet(), answered()]
    verdicts = check(explored(COUNTER), questions)

    assert [verdict.property for verdict in verdicts] == questions
    assert {verdict.verdict for verdict in verdicts} == {"holds"}


def test_what_an_answer_rests_on_is_told_in_parts_too() -> None:
    """So that it can be said in another language; the words are made of the parts."""
    proved = ask(COUNTER, always("below 7", below(7)))
    refuted = ask(COUNTER, always("below 5", below(5)))
    cut = ask(COUNTER, always("below 7", below(7)), states=3)
    barely = ask(COUNTER, always("below 7", below(7)), seconds=0)

    assert proved.basis == Basis("no violation", states=6, steps=5)
    assert refuted.basis == Basis("counterexample", length=5)
    assert cut.basis == Basis("no violation", depth=1, stopped_because="state limit")
    assert barely.basis == Basis("nothing", stopped_because="time limit")
    assert all(str(one.basis) == one.established for one in (proved, refuted, cut, barely))


def test_the_shortest_way_into_a_cycle_and_round_it_is_shown() -> None:
    """Not the way to the nearest cycle: that one takes a step to reach, and five to go round."""
    drawn = Drawn({"a": "B x", "b": "C", "c": "D", "d": "E", "e": "F", "f": "B", "x": "z", "z": "Z"}, "a")
    (verdict,) = check(explored(drawn), [quiet()])

    assert verdict.trace is not None
    assert [step.after.locals for step in verdict.trace.steps] == [("x",), ("z",), ("z",)]
    assert verdict.trace.loop == 2


def test_what_only_a_capacity_ends_is_no_end_but_is_told() -> None:
    """Nobody takes the first message, so that the second never fits; but with calls used up it is the end."""
    sender = {(number, "send"): (Outcome(number + 1, (("wire", "m"),)),) for number in range(2)}
    ends_ = [ends("both sent", lambda state: state.locals[0] == 2)]

    def answer(calls: int) -> tuple[str, int, str]:
        ends_of = [TableProcess("A", 0, (Action("send", "call", calls),), sender), TableProcess("B", 0)]
        system = System(ends_of, [Channel("wire", "A", "B", "fifo", 1)])
        (verdict,), (same,) = check(explored(system), ends_), explore_tables(system, ends_).verdicts
        assert (same.verdict, same.basis) == (verdict.verdict, verdict.basis)
        return verdict.verdict, verdict.basis.blocked, verdict.established

    told = "no violation in all 2 states and 1 steps, but in 1 that only a bound makes ends"
    assert answer(2) == ("holds", 1, told)
    assert answer(1) == ("violated", 0, "a shortest counterexample has 1 step")
