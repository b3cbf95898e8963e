"""What an expression reads, noted name by name while it is compiled: the one place from which all else follows.

The components of a state that the engines keep apart for an expression are those that its reads come from, and while it
runs it can look at nothing that was not noted. What it then looks at is what its answers are remembered by.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from checker.model.vocabulary import Step

#: Of an end, its local state before and after the step; of a state, the one after.
BEFORE, AFTER = "before", "after"
#: The segments in flight, before and after.
FLIGHT_BEFORE, FLIGHT_AFTER = "flight-before", "flight-after"
#: Of the step: its kind, and the segment that arrives, is lost or copied (``None`` where there is none).
KIND, SEGMENT = "kind", "segment"
#: Of the end asked for, or else of whichever acts: whether a segment arrives at it, its call or timeout, what it does.
ARRIVES, ACTION, OUTCOME = "arrives", "action", "outcome"

NOTHING_DONE: tuple[tuple[Any, ...], tuple[Any, ...]] = ((), ())


class Read(NamedTuple):
    """One thing that an expression reads; ``whose`` is the name of an end, ``p`` or ``q``, or nothing."""

    what: str
    whose: str = ""


#: The initial sequence number that a step takes: it is given, one after the other where a step takes several.
NUMBER_TAKEN = Read("number")
#: Takes a read from a step, for the end at a place. A state is looked at as a step from itself to itself.
Take = Callable[[Step, int], Any]


class Observed:
    """The frame of an expression: what it reads of a step, by ``Read``; and the end that it is asked for."""

    __slots__ = ("bound", "p", "seen", "seg")

    def __init__(self, seen: Mapping[Read, Any], p: int) -> None:
        self.seen = seen
        self.p = p
        self.seg: Any = None
        self.bound: dict[Any, Any] = {}


class Reads:
    """The reads of one expression, and how they are taken from a step; ``has_p`` says that it is asked for an end.

    >>> reads = Reads(("A", "B"), has_p=True)
    >>> reads.add(Read(BEFORE, "p"))
    >>> reads.components(("A to B", "B to A"))
    ('A', 'B')
    """

    def __init__(self, ends: tuple[str, ...], *, has_p: bool) -> None:
        self.ends = ends
        self.has_p = has_p
        self._found: dict[Read, Take] = {}

    def add(self, read: Read) -> None:
        """Note that the expression reads something."""
        if read not in self._found and read != NUMBER_TAKEN:
            self._found[read] = self._taking(read)

    def take(self, read: Read) -> Take:
        """Return the function that takes a read from a step.

        Raises:
            KeyError: it was not noted when the expression was compiled.
        """
        return self._found[read]

    def components(self, channels: Iterable[str]) -> tuple[str, ...]:
        """Return the processes and channels whose parts of the state before decide, with the label, all that is read.

        What an end does follows from its local state and the label, and from that what is in flight afterwards.
        """
        ends: set[str] = set()
        if self.is_of_outcome or Read(FLIGHT_AFTER) in self._found:
            ends |= {*self.ends}
        for whose in self.whose:
            ends |= {whose} if whose in self.ends else {*self.ends}
        return (*(end for end in self.ends if end in ends), *(channels if self.is_of_flight else ()))

    @property
    def whose(self) -> frozenset[str]:
        """The ends whose local states are read: names, ``p``, ``q``."""
        return frozenset(read.whose for read in self._found if read.whose)

    @property
    def is_of_outcome(self) -> bool:
        """Whether it is read what an end does."""
        return Read(OUTCOME) in self._found

    @property
    def is_of_flight(self) -> bool:
        """Whether it is read what is in flight."""
        return not {Read(FLIGHT_BEFORE), Read(FLIGHT_AFTER)}.isdisjoint(self._found)

    def _taking(self, read: Read) -> Take:
        if read.whose:
            place = self._place(read.whose)
            if read.what == BEFORE:
                return lambda step, p: step.before.locals[place(p)]
            return lambda step, p: step.after.locals[place(p)]
        mine = self._is_mine
        takes: dict[str, Take] = {
            FLIGHT_BEFORE: lambda step, _: step.before.channels,
            FLIGHT_AFTER: lambda step, _: step.after.channels,
            KIND: lambda step, _: step.label.kind,
            SEGMENT: lambda step, _: step.label.message,
            ARRIVES: lambda step, p: step.label.kind == "deliver" and mine(step, p),
            ACTION: lambda step, p: step.label.action if mine(step, p) else "",
            OUTCOME: lambda step, p: (
                (step.outcome.sends, step.outcome.firings)
                if step.outcome is not None and mine(step, p)
                else NOTHING_DONE
            ),
        }
        return takes[read.what]

    def _is_mine(self, step: Step, p: int) -> bool:
        return not self.has_p or step.label.actor == self.ends[p]

    def _place(self, whose: str) -> Callable[[int], int]:
        if whose in self.ends:
            place = self.ends.index(whose)
            return lambda _: place
        return (lambda p: p) if whose == "p" else (lambda p: 1 - p)


NOTHING_GIVEN: Mapping[Read, Any] = MappingProxyType({})


class Seen(dict[Read, Any]):
    """What an expression looked at in a step, in the order in which it did; what it looks at, it finds here.

    ``given`` is what a step does not tell. Nothing else can be looked at that was not noted: that would be a ``KeyError``, and our mistake.
    """

    __slots__ = ("_p", "_reads", "_step")

    def __init__(self, reads: Reads, step: Step, p: int, given: Mapping[Read, Any] = NOTHING_GIVEN) -> None:
        super().__init__(given)
        self._reads, self._step, self._p = reads, step, p

    def __missing__(self, read: Read) -> Any:
        value = self[read] = self._reads.take(read)(self._step, self._p)
        return value
