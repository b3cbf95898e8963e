"""Channels: where messages wait between being sent and being received.

What a channel holds is a plain tuple in one canonical form, so that equal contents are equal tuples:

- ``bag``: messages overtake each other freely; the content is sorted, with repetitions (a multiset).
- ``fifo``: messages keep their order; the content is the queue, its head first.
- ``set``: every message may be delivered any number of times; the content is sorted, without repetitions.
  Delivery leaves the message where it is, and sending what is already there changes nothing.

A channel itself never changes: every operation takes a content and returns another.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, get_args

if TYPE_CHECKING:
    from checker.model.vocabulary import Message

ChannelKind = Literal["bag", "fifo", "set"]
Content = tuple[Any, ...]


class Mischief(NamedTuple):
    """One message lost or duplicated: which one, and what the channel holds afterwards.

    ``position`` is the message's place in a ``fifo`` content, and 0 for the other kinds.
    """

    position: int
    message: Message
    after: Content


@dataclass(frozen=True, slots=True)
class Channel:
    """A one-way channel from the process ``source`` to the process ``target``.

    ``capacity`` bounds how many messages it holds (a ``set``: how many different ones); ``None`` is unbounded.
    ``initial`` is what it holds at the start, in the order of sending.

    Raises:
        ValueError: the kind is unknown, the capacity negative, or the initial content does not fit.

    >>> Channel("wire", "A", "B", initial=("y", "x", "y")).start
    ('x', 'y', 'y')
    >>> Channel("wire", "A", "B", kind="set", initial=("y", "x", "y")).start
    ('x', 'y')
    """

    name: str
    source: str
    target: str
    kind: ChannelKind = "bag"
    capacity: int | None = None
    initial: Content = ()

    def __post_init__(self) -> None:
        """Refuse what no channel can be."""
        if self.kind not in get_args(ChannelKind):
            kinds = ", ".join(get_args(ChannelKind))
            raise ValueError(f"channel {self.name!r}: unknown kind {self.kind!r}; the kinds are {kinds}")
        if self.capacity is not None and self.capacity < 0:
            raise ValueError(f"channel {self.name!r}: the capacity is {self.capacity}; it cannot be negative")
        if not self.fits(self.start):
            raise ValueError(
                f"channel {self.name!r}: the initial content exceeds the capacity of {self.capacity}"
            )

    @property
    def start(self) -> Content:
        """The initial content in canonical form."""
        content: Content = ()
        for message in self.initial:
            content = self.put(content, message)
        return content

    def fits(self, content: Content) -> bool:
        """Whether the content is within the capacity."""
        return self.capacity is None or len(content) <= self.capacity

    def deliverable(self, content: Content) -> Content:
        """The messages that may be delivered next, each once, in order; of a ``fifo`` only the head."""
        if self.kind == "fifo":
            return content[:1]
        return tuple(dict.fromkeys(content))

    def deliver(self, content: Content, message: Message) -> Content:
        """The content after ``message``, one of the deliverable, was delivered."""
        if self.kind == "set":
            return content
        return _without(content, content.index(message))

    def put(self, content: Content, message: Message) -> Content:
        """The content with ``message`` added, whether or not it ``fits``."""
        if self.kind == "fifo":
            return (*content, message)
        place = bisect_left(content, message)
        if self.kind == "set" and place < len(content) and content[place] == message:
            return content
        return (*content[:place], message, *content[place:])

    def send(self, content: Content, message: Message) -> Content | None:
        """The content after ``message`` was sent; ``None`` if it does not fit the capacity."""
        after = self.put(content, message)
        return after if self.fits(after) else None

    def losses(self, content: Content) -> tuple[Mischief, ...]:
        """Every way to lose one message.

        A ``bag`` loses one copy of any message, a ``fifo`` the message at any position.
        What a ``set`` loses is gone with all its copies: it is never delivered again unless sent again.
        """
        if self.kind == "fifo":
            return tuple(Mischief(at, message, _without(content, at)) for at, message in enumerate(content))
        return tuple(
            Mischief(0, message, _without(content, content.index(message)))
            for message in dict.fromkeys(content)
        )

    def duplicates(self, content: Content) -> tuple[Mischief, ...]:
        """Every way to duplicate one message, whether or not the result ``fits``.

        A ``bag`` gains a copy; in a ``fifo`` the copy comes directly behind the original.
        A ``set`` offers none: it already delivers every message as often as one likes.
        """
        if self.kind == "set":
            return ()
        if self.kind == "fifo":
            return tuple(
                Mischief(at, message, (*content[:at], message, *content[at:]))
                for at, message in enumerate(content)
            )
        return tuple(Mischief(0, message, self.put(content, message)) for message in dict.fromkeys(content))


def _without(content: Content, at: int) -> Content:
    return content[:at] + content[at + 1 :]
