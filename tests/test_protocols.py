"""The small protocols against a second model of them, written apart, and against each other.

The second model knows numbers without a modulus, lists for channels, and nothing of the spec language. For the protocols
that work, it has to reach the same states by the same steps.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, NamedTuple

import pytest

from tests.suite_runs import Job, report

if TYPE_CHECKING:
    from collections.abc import Iterator


class Bounds(NamedTuple):
    """What bounds the second model; losses and copies are unlimited or none, but for ``losses``."""

    window: int
    texts: int
    capacity: int
    is_bag: bool = False
    losses: float = float("inf")
    copies: bool = True
    patient: bool = False


class World(NamedTuple):
    """A sender with texts oldest..newest unacknowledged, a receiver, what flies both ways, and the losses left."""

    oldest: int
    newest: int
    taken: int
    there: tuple[int, ...]
    back: tuple[int, ...]
    losses: float


def put(channel: tuple[int, ...], bounds: Bounds, *numbers: int) -> tuple[int, ...] | None:
    """Put segments into a channel; None where they do not fit."""
    after = (*channel, *numbers)
    return None if len(after) > bounds.capacity else tuple(sorted(after)) if bounds.is_bag else after


def without(channel: tuple[int, ...], at: int) -> tuple[int, ...]:
    """Take one segment out of a channel."""
    return channel[:at] + channel[at + 1 :]


def places(channel: tuple[int, ...], bounds: Bounds) -> list[int]:
    """List the places of a channel that differ: in a bag, equal segments are one."""
    return [channel.index(one) for one in dict.fromkeys(channel)] if bounds.is_bag else [*range(len(channel))]


def steps(world: World, bounds: Bounds) -> Iterator[World]:
    """Go through every step of the second model: send, time out, arrive, get lost, be copied."""
    oldest, newest, taken, there, back, losses = world
    waiting = newest - oldest
    if newest < bounds.texts and waiting < bounds.window:
        sent = put(there, bounds, newest)
        if sent is not None:
            yield world._replace(newest=newest + 1, there=sent)
    if waiting and not (bounds.patient and (there or back)):
        again = put(there, bounds, *range(oldest, newest))
        if again is not None:
            yield world._replace(there=again)
    heads = slice(None) if bounds.is_bag else slice(0, 1)
    for at in places(there, bounds)[heads]:
        now = taken + (there[at] == taken)
        answer = put(back, bounds, now)
        if answer is not None:
            yield world._replace(taken=now, there=without(there, at), back=answer)
    for at in places(back, bounds)[heads]:
        yield world._replace(oldest=max(oldest, back[at]), back=without(back, at))
    for name in ("there", "back"):
        channel = getattr(world, name)
        for at in places(channel, bounds):
            if losses > 0:
                yield world._replace(**{name: without(channel, at), "losses": losses - 1})
            if bounds.copies and len(channel) < bounds.capacity:
                yield world._replace(**{name: (*channel[:at], channel[at], *channel[at:])})


def walk(bounds: Bounds) -> tuple[int, int, int]:
    """Return how many states and steps the second model has, and how far the farthest state is."""
    start = World(0, 0, 0, (), (), bounds.losses)
    depth = {start: 0}
    queue = deque([start])
    count = 0
    while queue:
        world = queue.popleft()
        for after in steps(world, bounds):
            count += 1
            if after not in depth:
                depth[after] = depth[world] + 1
                queue.append(after)
    return len(depth), count, max(depth.values())


@pytest.mark.parametrize(
    ("name", "scenario", "bounds"),
    [
        ("abp", "in-order", Bounds(1, 3, 2)),
        ("abp", "patient", Bounds(1, 3, 2, is_bag=True, copies=False, patient=True)),
        ("abp", "impatient", Bounds(1, 4, 2, losses=1, copies=False)),
        ("stop-and-wait", "in-order", Bounds(1, 3, 2)),
        ("stop-and-wait", "two-numbers", Bounds(1, 3, 2)),
        ("stop-and-wait", "one-lost", Bounds(1, 2, 2, losses=1, copies=False, patient=True)),
        ("stop-and-wait", "impatient", Bounds(1, 3, 2, losses=0, copies=False)),
        ("go-back-n", "window-of-one", Bounds(1, 3, 2)),
        ("go-back-n", "in-order", Bounds(2, 4, 2)),
        ("go-back-n", "larger-window", Bounds(3, 5, 3, copies=False, patient=True)),
        ("go-back-n", "patient", Bounds(2, 4, 4, losses=2, copies=False, patient=True)),
        ("go-back-n", "unordered", Bounds(2, 3, 2, is_bag=True)),
    ],
)  # fmt: skip
def test_a_second_model_has_the_same_states_and_steps(name: str, scenario: str, bounds: Bounds) -> None:
    """It has no modulus: where numbers on a circle suffice, they are as good as numbers without end."""
    found = report(Job(name, "", scenario))

    assert (found.states, found.steps, found.depth) == walk(bounds)


def test_the_alternating_bit_is_stop_and_wait_with_two_numbers_and_go_back_n_with_a_window_of_one() -> None:
    """Three machines written apart have one space."""
    jobs = [Job("abp", "", "in-order"), Job("stop-and-wait", "", "two-numbers"), Job("go-back-n", "", "window-of-one")]

    assert len({(report(job).states, report(job).steps, report(job).depth) for job in jobs}) == 1


def test_a_planted_segment_carries_a_digest_as_its_maker_would() -> None:
    """What every cookie is in the variant whose cookies are made of the secret alone, the planted one is as well."""
    opened = {
        variant: {found.name: found.verdict for found in report(Job("sctp-setup", variant, "forged-cookie")).properties}
        for variant in ("", "cookie-without-tags")
    }

    assert opened[""]["agreement"] == "holds"
    assert opened["cookie-without-tags"]["agreement"] == "violated"
