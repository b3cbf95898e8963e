"""Looks for states of a level once more: where a path came from, which state was the first to do something."""

from __future__ import annotations

from typing import TYPE_CHECKING

from checker.fast.layout import mask_of, pack
from checker.fast.worker import UNLIMITED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from checker.fast.search import Search
    from checker.fast.worker import Worker


def revisited(
    search: Search, first: int, last: int, give_up: Callable[[], None]
) -> Iterator[tuple[int, Worker]]:
    """Expand states from number ``first`` up to ``last`` once more: the number of the first, and who has expanded some.

    Nothing is noted. ``give_up`` is called now and then. The worker has the states as ``share``, of which the first ``done`` were expanded, and the steps as
    ``output``.
    """
    worker = search.workers[0]
    while first < last:
        give_up()
        worker.give(search.states.read(first, min(last, first + search.chunk)))
        done = search.expand([worker], UNLIMITED, silent=True)
        yield first, worker
        first += done


def parent(
    search: Search, depth: int, numbers: tuple[int, ...], give_up: Callable[[], None]
) -> tuple[int, ...]:
    """The components of the first state of a level from which a step leads to the state with these."""
    low, high = pack(search.layout, numbers)
    for _, worker in revisited(search, *search.states.level(depth), give_up):
        place = int(search.kernel.parent_of(worker.output, worker.words, worker.done, low, high))
        if place < worker.done:
            return search.numbers_at(worker.share, place)
    raise AssertionError("a state has no parent")


def first_unanswered(search: Search, depth: int, give_up: Callable[[], None]) -> tuple[int, ...]:
    """The components of the first state of a level in which something arrives that nobody answers; there is one."""
    for states in search.states.chunks(*search.states.level(depth), search.chunk):
        give_up()
        count = search.size(states)
        place = search.kernel.first_unanswered(search.tables.view(), search.layout, states, 0, count)
        if place < count:
            return search.numbers_at(states, int(place))
    raise AssertionError("everything is answered")


def first_doing(
    search: Search,
    depth: int,
    numbers: tuple[int, ...],
    part: tuple[int, ...],
    label: int,
    give_up: Callable[[], None],
) -> tuple[int, tuple[int, ...]]:
    """The first state of a level that has these components in common with a state, and a step with this label.

    Its number and components; there is one.
    """
    low, high = pack(search.layout, numbers)
    mask, mask_high = mask_of(search.layout, part)
    wanted = (mask, mask_high, low & mask, high & mask_high, label)
    for first, worker in revisited(search, *search.states.level(depth), give_up):
        place = int(
            search.kernel.first_doing(worker.output, worker.words, worker.share, worker.done, *wanted)
        )
        if place < worker.done:
            return first + place, search.numbers_at(worker.share, place)
    raise AssertionError("what was noted is not there")
