"""Systems: which steps there are, in which order, and what the bounds take away."""

from __future__ import annotations

import pytest

from checker import (
    STEP_KINDS,
    Action,
    Attempt,
    Channel,
    Expansion,
    Label,
    Outcome,
    Restriction,
    State,
    System,
    TableProcess,
    Unanswered,
)
from tests.checker.toys import counter, courier, explored, labels


def chatty(
    *, limit: int | None = None, sends: tuple[tuple[str, str], ...] = (("wire", "m"),)
) -> TableProcess:
    """A process that may speak and time out, again and again."""
    actions = (Action("speak", "call", limit), Action("tick", "timeout"))
    return TableProcess("A", 0, actions, {(0, "speak"): (Outcome(0, sends),), (0, "tick"): (Outcome(0),)})


def listener(**more: int) -> TableProcess:
    """A process that takes m."""
    return TableProcess("B", 0, receptions={(0, "m"): (Outcome(0),)}, **more)


def first(system: System) -> Expansion:
    """What there is in the initial state."""
    return system.expand(system.initials[0])


def kinds(expansion: Expansion) -> list[str]:
    """The kinds of the steps."""
    return [step.label.kind for step in expansion.steps]


def test_steps_come_in_the_fixed_order_of_kinds() -> None:
    """Deliveries come first and mischief last, whatever the order of the actions."""
    wire = Channel("wire", "A", "B", initial=("m",))
    system = System([chatty(), listener()], [wire], losses=None, duplications=None)

    assert tuple(kinds(first(system))) == STEP_KINDS


def test_within_a_kind_steps_follow_channels_and_messages() -> None:
    """Deliveries follow the order of the channels, then that of the messages, then that of the outcomes."""
    table = {(0, message): (Outcome(1, choice="left"), Outcome(2, choice="right")) for message in "xy"}
    taker = TableProcess("B", 0, receptions=table)
    channels = [Channel(name, "A", "B", initial=("y", "x")) for name in ("second", "first")]
    steps = first(System([TableProcess("A", 0), taker], channels)).steps

    assert [(step.label.channel, step.label.message, step.label.choice) for step in steps] == [
        (channel, message, choice)
        for channel in ("second", "first")
        for message in "xy"
        for choice in ("left", "right")
    ]


def test_a_step_says_everything_about_itself() -> None:
    """A delivery tells who received what from where, with which outcome, and what became of the state."""
    outcome = Outcome("fed", (("back", "thanks"),))
    system = System(
        [
            TableProcess("A", "idle"),
            TableProcess("B", "hungry", receptions={("hungry", "bread"): (outcome,)}),
        ],
        [Channel("table", "A", "B", initial=("bread",)), Channel("back", "B", "A")],
    )
    (step,) = system.steps(system.initials[0])

    assert step == (
        State(("idle", "hungry"), (("bread",), ()), ()),
        ("deliver", "B", "", "table", "bread", 0, ""),
        outcome,
        State(("idle", "fed"), ((), ("thanks",)), ()),
    )
    assert system.local(step.after, "B") == "fed"
    assert system.content(step.after, "back") == ("thanks",)


def test_a_send_that_does_not_fit_disables_the_whole_step() -> None:
    """Nothing is sent in part: the step is gone, and the capacity is reported as reached."""
    sends = (("wide", "m"), ("narrow", "m"), ("narrow", "m"))
    channels = [Channel("wide", "A", "B"), Channel("narrow", "A", "B", capacity=1)]
    expansion = first(System([chatty(sends=sends), listener()], channels))

    assert kinds(expansion) == ["timeout"]
    assert expansion.bounds_reached == ("capacity of narrow",)


def test_a_delivery_makes_room_before_the_process_sends() -> None:
    """An answer may go into the channel the message came from, even if that was full."""
    echo = TableProcess("A", 0, receptions={(0, "m"): (Outcome(0, (("loop", "m"),)),)})
    expansion = first(System([echo], [Channel("loop", "A", "A", capacity=1, initial=("m",))]))

    assert kinds(expansion) == ["deliver"]
    assert expansion.bounds_reached == ()


def test_a_duplication_needs_room() -> None:
    """A copy that does not fit is not made."""
    wire = Channel("wire", "A", "B", capacity=1, initial=("m",))
    expansion = first(System([chatty(sends=()), listener()], [wire], duplications=1))

    assert kinds(expansion) == ["deliver", "timeout", "call"]
    assert expansion.bounds_reached == ("capacity of wire",)


def test_a_blocked_outcome_disables_the_step_and_names_its_bound() -> None:
    """Of several outcomes only the blocked one is gone."""
    acts = {(0, "go"): (Outcome(0, blocked_by="supply of numbers"), Outcome(1, choice="without"))}
    expansion = first(System([TableProcess("A", 0, (Action("go", "call"),), acts)]))

    assert [step.label.choice for step in expansion.steps] == ["without"]
    assert expansion.bounds_reached == ("supply of numbers",)


def test_a_blocked_outcome_names_the_budget_that_is_used_up_first() -> None:
    """With nothing left of the budget the supply alone changes nothing; with something left it does."""
    acts = {(0, "go"): (Outcome(0, blocked_by="supply of numbers"),)}
    system = System([TableProcess("A", 0, (Action("go", "call", 1),), acts)])
    (fresh,) = system.initials

    assert system.expand(fresh).bounds_reached == ("supply of numbers",)
    assert system.expand(fresh._replace(budgets=(0,))).bounds_reached == ("A go",)


def test_a_limited_action_is_taken_so_often_and_no_more() -> None:
    """The budget counts down, and is reached where the action would have been possible once more."""
    system = System([chatty(limit=2, sends=()), listener()])
    space = explored(system)

    assert system.budgets == (("A speak", 2),)
    assert [state.budgets for state in space.order] == [(2,), (1,), (0,)]
    assert space.bounds_reached == ("A speak",)


def test_a_budget_is_not_reached_where_the_action_is_impossible_anyway() -> None:
    """Counting to 2 needs no third count, so a limit of 2 takes nothing away; a limit of 1 does."""
    table = counter("A", 2)

    for limit, reached in ((2, ()), (1, ("A count",))):
        process = TableProcess("A", 0, (Action("count", "call", limit),), table.acts)

        assert explored(System([process])).bounds_reached == reached


def test_losses_and_duplications_have_budgets_of_their_own() -> None:
    """One loss and one duplication: each is taken at most once, in either order, and both are reached."""
    space = explored(
        System(
            [chatty(limit=0), listener()],
            [Channel("wire", "A", "B", initial=("m", "m"))],
            losses=1,
            duplications=1,
        )
    )

    assert {state.budgets for state in space.order} == {(1, 1), (0, 1), (1, 0), (0, 0)}
    assert space.bounds_reached == ("duplication", "loss")


def test_unlimited_mischief_has_no_budget() -> None:
    """Without a limit nothing is counted, and nothing can be reached."""
    wire = Channel("wire", "A", "B", capacity=2, initial=("m",))
    system = System([TableProcess("A", 0), listener()], [wire], losses=None, duplications=None)

    assert system.budgets == ()
    assert explored(system).bounds_reached == ("capacity of wire",)


def test_a_limit_of_zero_takes_the_step_out_of_the_system() -> None:
    """What is not part of the system has no budget, and is not reported as a bound."""
    system = System([chatty(limit=0), listener()], [Channel("wire", "A", "B", initial=("m",))])
    expansion = first(system)

    assert system.budgets == ()
    assert kinds(expansion) == ["deliver", "timeout"]
    assert expansion.bounds_reached == ()


def test_a_restriction_disables_what_it_does_not_allow() -> None:
    """An assumption only takes steps away; what it takes away is not a bound that was reached."""
    wire = Channel("wire", "A", "B", capacity=1, initial=("m",))
    restrictions = [
        Restriction("silence", lambda step: step.label.action != "speak"),
        Restriction("patience", lambda step: step.label.kind != "timeout"),
    ]
    expansion = first(System([chatty(limit=1), listener()], [wire], losses=1, restrictions=restrictions))

    assert kinds(expansion) == ["deliver", "lose"]
    assert expansion.bounds_reached == ()


def test_a_restriction_is_asked_before_a_bound_is_reported() -> None:
    """What exceeds a bound is shown to the restriction, with what its process would do."""
    seen: list[Attempt] = []

    def note(attempt: Attempt) -> bool:
        seen.append(attempt)
        return True

    wire = Channel("wire", "A", "B", capacity=1, initial=("m",))
    system = System([chatty(limit=1), listener()], [wire], restrictions=[Restriction("note", note)])
    spent = system.initials[0]._replace(budgets=(0,))
    expansion = system.expand(spent)

    assert kinds(expansion) == ["deliver", "timeout"]
    assert expansion.bounds_reached == ("A speak",)
    assert seen[-1] == Attempt(spent, Label("call", "A", "speak"), Outcome(0, (("wire", "m"),)))


def test_a_message_without_an_outcome_is_reported() -> None:
    """The process, its local state and the message are named; the message stays where it is."""
    channel = Channel("wire", "A", "B", initial=("m", "odd"))
    expansion = first(System([TableProcess("A", 0), listener()], [channel]))

    assert expansion.unanswered == (Unanswered("B", 0, "odd"),)
    assert [step.label.message for step in expansion.steps] == ["m"]


def test_each_case_is_asked_once() -> None:
    """However many states there are, a process is asked once for each local state and stimulus."""
    asked = []

    class Curious:
        name = "B"
        initial = 0
        actions = (Action("wait", "timeout"),)

        def act(self, local: int, action: str) -> tuple[Outcome, ...]:
            asked.append((local, action))
            return ()

        def receive(self, local: int, message: str) -> tuple[Outcome, ...]:
            asked.append((local, message))
            return (Outcome(0),)

    space = explored(
        System([counter("A", 3), Curious()], [Channel("wire", "A", "B", "set", initial=("m", "n"))])
    )

    assert space.states == 4
    assert sorted(asked) == [(0, "m"), (0, "n"), (0, "wait")]


def test_the_kinds_of_channels_differ_in_the_orders_they_allow() -> None:
    """Three messages arrive in 2**3 ways to be part-way from a bag, in 4 from a queue; a set is never emptied."""
    messages = ("x", "y", "z")

    assert explored(courier(messages, "bag")).states == 8
    assert explored(courier(messages, "fifo")).states == 4
    assert explored(courier(messages, "set")).states == 1
    assert labels(explored(courier(messages, "set"))) == 3 * [("deliver", "taker", "")]


def act_into(channel: str) -> TableProcess:
    """A process that sends into this channel."""
    return TableProcess("A", 0, (Action("go", "call"),), {(0, "go"): (Outcome(0, ((channel, "m"),)),)})


@pytest.mark.parametrize(
    ("channel", "complaint"),
    [("wier", "process 'A' sends into 'wier'; the channels are wire"), ("wire", "which is a channel of 'B'")],
)
def test_a_process_sends_only_into_its_own_channels(channel: str, complaint: str) -> None:
    """A misspelt channel, or one of another process, is refused when the outcome is first seen."""
    system = System([act_into(channel), TableProcess("B", 0)], [Channel("wire", "B", "A")])

    with pytest.raises(ValueError, match=complaint):
        first(system)


def test_outcomes_of_one_stimulus_must_be_told_apart() -> None:
    """Two outcomes with the same choice would be two steps with one label."""
    process = TableProcess("B", 0, receptions={(0, "m"): (Outcome(1), Outcome(2))})
    system = System([TableProcess("A", 0), process], [Channel("wire", "A", "B", initial=("m",))])

    with pytest.raises(ValueError, match="process 'B', message 'm': two outcomes have the same choice"):
        first(system)


def process(name: str, *actions: Action) -> TableProcess:
    """A process that does nothing."""
    return TableProcess(name, 0, actions)


@pytest.mark.parametrize(
    ("parts", "complaint"),
    [
        ({"processes": []}, "at least one process"),
        ({"processes": [process("")]}, "a process has an empty name"),
        ({"processes": [process("A"), process("A")]}, "two of the same name: process 'A'"),
        (
            {"processes": [process("A", Action("go", "call"), Action("go", "timeout"))]},
            "two of the same name: action of process 'A' 'go'",
        ),
        ({"processes": [process("A", Action("go", "call", -1))]}, "the limit of 'A go' is -1"),
        (
            {"processes": [process("A", Action("B go", "call")), process("A B", Action("go", "call"))]},
            "two of the same name: budget 'A B go'",
        ),
        (
            {"processes": [process("A")], "channels": [Channel("w", "A", "A"), Channel("w", "A", "A")]},
            "two of the same name: channel 'w'",
        ),
        (
            {"processes": [process("A")], "channels": [Channel("w", "A", "C")]},
            "channel 'w': its target 'C' is none of A",
        ),
        (
            {"processes": [process("A")], "channels": [Channel("w", "C", "A")]},
            "channel 'w': its source 'C' is none of A",
        ),
        ({"processes": [process("A")], "losses": -1}, "the limit of 'loss' is -1"),
        ({"processes": [process("A")], "duplications": -2}, "the limit of 'duplication' is -2"),
        (
            {"processes": [process("A")], "restrictions": [Restriction("r", bool), Restriction("r", bool)]},
            "two of the same name: restriction 'r'",
        ),
    ],
)
def test_parts_that_do_not_fit_are_refused(parts: dict[str, list[object]], complaint: str) -> None:
    """Every mistake is named before anything is explored."""
    with pytest.raises(ValueError, match=complaint):
        System(**parts)
