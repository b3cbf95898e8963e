"""Small systems whose state spaces are known by thought."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from checker import Action, Channel, Label, Limits, Outcome, State, Step, System, TableProcess, explore

if TYPE_CHECKING:
    from collections.abc import Callable

    from checker import ChannelKind, Expansion, Progress, StateSpace, TransitionSystem

MOST_STATES = 20_000


def explored(
    system: TransitionSystem,
    *,
    states: int = MOST_STATES,
    seconds: float = 60,
    memory: int | None = None,
    stop_when: Callable[[State, Expansion], bool] | None = None,
    on_progress: Callable[[Progress], None] | None = None,
) -> StateSpace:
    """Explore within limits that no toy comes near, so that a defect shows as a cut space and never hangs the tests."""
    return explore(system, Limits(states, seconds, memory), stop_when=stop_when, on_progress=on_progress)


def counter(name: str, limit: int) -> TableProcess:
    """A process that counts from 0 to ``limit``."""
    acts = {(number, "count"): (Outcome(number + 1),) for number in range(limit)}
    return TableProcess(name, 0, (Action("count", "call"),), acts)


def walker(edges: dict[str, str], initial: str) -> System:
    """One process that walks along edges between states; each action is named after the state it leads to."""
    names = sorted({target for targets in edges.values() for target in targets})
    acts = {(source, target): (Outcome(target),) for source, targets in edges.items() for target in targets}
    return System([TableProcess("walker", initial, tuple(Action(name, "call") for name in names), acts)])


class Drawn:
    """A graph drawn by hand: each state with the states it leads to, in capitals where a delivery leads there."""

    def __init__(self, edges: dict[str, str], initial: str) -> None:
        """Start in this state."""
        self.edges = edges
        self.initials = (State((initial,), (), ()),)

    def steps(self, state: State) -> list[Step]:
        """The edges of the state, in the order drawn."""
        return [
            Step(
                state,
                Label("deliver" if name.isupper() else "call", "hand", name),
                None,
                State((name.lower(),), (), ()),
            )
            for name in self.edges.get(str(state.locals[0]), "").split()
        ]


def jugs() -> TableProcess:
    """A jug of 3 and a jug of 5: fill, empty, pour; the puzzle is to measure 4."""
    acts = {}
    for small in range(4):
        for big in range(6):
            to_big, to_small = min(small, 5 - big), min(big, 3 - small)
            for action, after in {
                "fill small": (3, big),
                "fill big": (small, 5),
                "empty small": (0, big),
                "empty big": (small, 0),
                "small to big": (small - to_big, big + to_big),
                "big to small": (small + to_small, big - to_small),
            }.items():
                acts[(small, big), action] = (Outcome(after),)
    names = dict.fromkeys(action for _, action in acts)
    return TableProcess("jugs", (0, 0), tuple(Action(name, "call") for name in names), acts)


def river() -> TableProcess:
    """The ferryman with wolf, goat and cabbage; the local state is who is still on the first bank.

    Only crossings that leave nothing to be eaten are enabled.
    """
    everyone = ("cabbage", "ferryman", "goat", "wolf")
    banks = [frozenset(some) for size in range(5) for some in combinations(everyone, size)]

    def is_safe(bank: frozenset[str]) -> bool:
        unwatched = bank if "ferryman" not in bank else frozenset(everyone) - bank
        return not {"wolf", "goat"} <= unwatched and not {"goat", "cabbage"} <= unwatched

    acts = {}
    for bank in banks:
        for passenger in everyone:
            moving = {passenger, "ferryman"}
            after = bank ^ moving
            if is_safe(bank) and is_safe(after) and (moving <= bank or not moving & bank):
                acts[bank, passenger] = (Outcome(after),)
    return TableProcess("river", frozenset(everyone), tuple(Action(name, "call") for name in everyone), acts)


def courier(messages: tuple[str, ...], kind: ChannelKind) -> System:
    """All messages are on their way at the start, to a process that takes whatever comes."""
    taker = TableProcess(
        "taker", "open", receptions={("open", message): (Outcome("open"),) for message in messages}
    )
    giver = TableProcess("giver", "done")
    return System([giver, taker], [Channel("way", "giver", "taker", kind, initial=messages)])


def ping_pong(kind: ChannelKind = "bag") -> System:
    """Two processes that send each other one message for ever."""
    channels = [Channel("there", "A", "B", kind, initial=("ball",)), Channel("back", "B", "A", kind)]
    ends = [
        TableProcess(name, "in", receptions={("in", "ball"): (Outcome("in", ((way, "ball"),)),)})
        for name, way in (("A", "there"), ("B", "back"))
    ]
    return System(ends, channels)


class AlternatingSender:
    """The sender of the alternating bit protocol, with ``items`` to send; its state is (item, waits for the ack)."""

    name = "S"
    initial = (0, False)

    def __init__(self, items: int) -> None:
        """Send the items 0, 1, 2, ..."""
        self.actions = (Action("resend", "timeout"), Action("send", "call", items))

    def act(self, local: tuple[int, bool], action: str) -> tuple[Outcome, ...]:
        """Send the next item when the last was acknowledged, and again while it is not."""
        item, waits = local
        packet = (item % 2, item)
        return (Outcome((item, True), (("data", packet),)),) if waits == (action == "resend") else ()

    def receive(self, local: tuple[int, bool], message: int) -> tuple[Outcome, ...]:
        """Go on to the next item when the bit of this one comes back."""
        item, waits = local
        return (Outcome((item + 1, False) if waits and message == item % 2 else local),)


class AlternatingReceiver:
    """The receiver; its state is the tuple of the items it accepted. ``is_careless`` accepts whatever comes."""

    name = "R"
    initial = ()
    actions = ()

    def __init__(self, *, is_careless: bool = False) -> None:
        """Take the bit seriously, or not."""
        self.is_careless = is_careless

    def act(self, local: tuple[int, ...], action: str) -> tuple[Outcome, ...]:
        """Do nothing by itself."""
        raise AssertionError((local, action))

    def receive(self, local: tuple[int, ...], message: tuple[int, int]) -> tuple[Outcome, ...]:
        """Accept an item whose bit is the expected one; acknowledge in any case."""
        bit, item = message
        is_next = bit == len(local) % 2
        after = (*local, item) if is_next or self.is_careless else local
        return (Outcome(after, (("acks", bit),)),)


def alternating_bit(
    items: int, *, losses: int | None = None, duplications: int | None = None, is_careless: bool = False
) -> System:
    """The alternating bit protocol over channels that lose and duplicate (Bartlett, Scantlebury, Wilkinson, 1969)."""
    return System(
        [AlternatingSender(items), AlternatingReceiver(is_careless=is_careless)],
        [Channel("data", "S", "R", "fifo", 3), Channel("acks", "R", "S", "fifo", 3)],
        losses=losses,
        duplications=duplications,
    )


#: Some of them as systems, by name.
SYSTEMS = {
    "alternating bit": alternating_bit(2, losses=1, duplications=1),
    "counters": System([counter("a", 3), counter("b", 2)]),
    "courier": courier(("x", "y", "x"), "bag"),
    "jugs": System([jugs()]),
    "nothing happens": System([counter("a", 0)]),
    "ping-pong": ping_pong(),
    "river": System([river()]),
}


def labels(space: StateSpace) -> list[tuple[str, str, str]]:
    """The kind, actor and action of every step, in the order found."""
    return [
        (step.label.kind, step.label.actor, step.label.action)
        for found in space.expansions
        for step in found.steps
    ]
