"""Channels: what each kind delivers, loses, duplicates and holds."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checker import Channel, Mischief

KINDS = ("bag", "fifo", "set")

kinds = st.sampled_from(KINDS)
contents = st.lists(st.sampled_from("abc"), max_size=5).map(tuple)


def wire(kind: str, *, capacity: int | None = None, initial: tuple[str, ...] = ()) -> Channel:
    """A channel of this kind from A to B."""
    return Channel("wire", "A", "B", kind, capacity, initial)


@pytest.mark.parametrize(
    ("kind", "expected"), [("bag", ("a", "a", "b")), ("fifo", ("b", "a", "a")), ("set", ("a", "b"))]
)
def test_a_content_has_one_form(kind: str, expected: tuple[str, ...]) -> None:
    """A bag is sorted, a queue keeps its order, a set is sorted without repetitions."""
    assert wire(kind, initial=("b", "a", "a")).start == expected


@pytest.mark.parametrize(("kind", "expected"), [("bag", ("a", "b")), ("fifo", ("b",)), ("set", ("a", "b"))])
def test_each_message_is_offered_once(kind: str, expected: tuple[str, ...]) -> None:
    """Equal messages are one delivery; of a queue only the head is offered."""
    channel = wire(kind, initial=("b", "a", "b"))

    assert channel.deliverable(channel.start) == expected


def test_nothing_is_offered_by_an_empty_channel() -> None:
    """An empty channel has nothing to deliver, lose or duplicate."""
    for kind in KINDS:
        channel = wire(kind)

        assert channel.deliverable(()) == channel.losses(()) == channel.duplicates(()) == ()


@pytest.mark.parametrize(
    ("kind", "expected"), [("bag", ("a", "b")), ("fifo", ("b", "a")), ("set", ("a", "b"))]
)
def test_delivery_takes_one_copy_except_from_a_set(kind: str, expected: tuple[str, ...]) -> None:
    """A set keeps what it delivers, and so delivers it again."""
    channel = wire(kind, initial=("b", "b", "a"))

    assert channel.deliver(channel.start, "b") == expected


def test_a_send_that_does_not_fit_is_refused() -> None:
    """A full channel takes nothing more, whatever its kind."""
    for kind in KINDS:
        channel = wire(kind, capacity=1, initial=("a",))

        assert channel.send(channel.start, "b") is None
        assert channel.put(channel.start, "b") == ("a", "b")


def test_a_full_set_takes_what_it_already_has() -> None:
    """Sending what is there changes nothing, so it always fits."""
    assert wire("set", capacity=1).send(("a",), "a") == ("a",)


def test_a_channel_without_capacity_takes_everything() -> None:
    """No capacity is no bound."""
    content: tuple[int, ...] = ()
    for number in range(100):
        content = wire("fifo").send(content, number) or ()

    assert content == tuple(range(100))


def test_a_bag_loses_one_copy_of_any_message() -> None:
    """Equal copies are one way to lose."""
    assert wire("bag").losses(("a", "a", "b")) == (Mischief(0, "a", ("a", "b")), Mischief(0, "b", ("a", "a")))


def test_a_queue_loses_at_any_position() -> None:
    """Equal messages at different places are told apart by the position."""
    assert wire("fifo").losses(("a", "b", "a")) == (
        Mischief(0, "a", ("b", "a")),
        Mischief(1, "b", ("a", "a")),
        Mischief(2, "a", ("a", "b")),
    )


def test_what_a_set_loses_is_never_delivered_again() -> None:
    """Losing removes the message with all its copies."""
    assert wire("set").losses(("a", "b")) == (Mischief(0, "a", ("b",)), Mischief(0, "b", ("a",)))


def test_a_bag_gains_a_copy() -> None:
    """Equal copies are one way to duplicate."""
    assert wire("bag").duplicates(("a", "a", "b")) == (
        Mischief(0, "a", ("a", "a", "a", "b")),
        Mischief(0, "b", ("a", "a", "b", "b")),
    )


def test_in_a_queue_the_copy_comes_directly_behind_the_original() -> None:
    """A duplicate overtakes nothing."""
    assert wire("fifo").duplicates(("a", "b")) == (
        Mischief(0, "a", ("a", "a", "b")),
        Mischief(1, "b", ("a", "b", "b")),
    )


def test_a_set_offers_no_duplication() -> None:
    """A set already delivers everything as often as one likes."""
    assert wire("set").duplicates(("a", "b")) == ()


@given(kinds, contents, st.sampled_from("abc"))
def test_operations_keep_the_form_and_count_right(kind: str, sent: tuple[str, ...], message: str) -> None:
    """Whatever is done, contents stay canonical, and exactly one message comes or goes."""
    channel = wire(kind, initial=sent)
    content = channel.start
    copies = Counter(content)
    for offered in channel.deliverable(content):
        rest = Counter(channel.deliver(content, offered))

        assert copies - rest == Counter([] if kind == "set" else [offered])
    for loss in channel.losses(content):
        assert copies - Counter(loss.after) == Counter([loss.message])
    for copy in channel.duplicates(content):
        assert Counter(copy.after) - copies == Counter([copy.message])
    after = channel.put(content, message)

    assert Counter(after) - copies == Counter([] if kind == "set" and message in content else [message])
    if kind != "fifo":
        assert list(after) == sorted(after)


def test_an_unknown_kind_is_refused_with_the_known_ones() -> None:
    """A misspelt kind is answered with those there are."""
    with pytest.raises(ValueError, match="unknown kind 'stack'; the kinds are bag, fifo, set"):
        wire("stack")


def test_a_negative_capacity_is_refused() -> None:
    """A channel cannot hold less than nothing."""
    with pytest.raises(ValueError, match="the capacity is -1; it cannot be negative"):
        wire("bag", capacity=-1)


def test_an_initial_content_that_does_not_fit_is_refused() -> None:
    """A channel does not start overfull; a set counts different messages only."""
    with pytest.raises(ValueError, match="the initial content exceeds the capacity of 1"):
        wire("bag", capacity=1, initial=("a", "a"))

    assert wire("set", capacity=1, initial=("a", "a")).start == ("a",)
