"""Ladders: a trace told line by line, the way RFC 9293 tells its figures 6 to 13.

The notation is the RFC's (§3.5): right arrows show the departure of a segment from the left peer or its arrival at
the right one, left arrows the reverse; ellipses show a segment that is still in the network; a state is the one
*after* the departure or arrival; comments stand in parentheses.

``lines`` tells what stands in each line, ``draw`` sets it as text. Nothing is executed again: a step knows what it did.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Literal, NamedTuple

from tcpfsm.i18n.language import tr

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from checker.model.trace import Trace
    from checker.model.vocabulary import Label, Local, Message, Outcome, Step

Side = Literal[0, 1]
Pair = tuple[str, str]

#: The arrow of a segment by the side that sent it.
ARROWS: Pair = ("-->", "<--")
DELAYED = "..."
LOST = "XXX"

_COPY = -1


@dataclass(frozen=True, slots=True)
class View:
    """What a drawing needs to know about a protocol.

    ``names`` are the processes, left and right, in the order of ``State.locals``.
    ``channels`` has for each channel the process that sends into it and the one that receives from it, in the order
    of ``State.channels``. ``ordered`` names those channels that keep the order of sending.
    """

    names: Pair
    status: Callable[[Local], str]
    text: Callable[[Message], str]
    channels: Mapping[str, Pair]
    peer: str = "TCP Peer"
    ordered: frozenset[str] = frozenset()

    def side(self, process: str) -> Side:
        """The side on which a process stands.

        Raises:
            ValueError: it stands on neither.
        """
        if process not in self.names:
            raise ValueError(f"{process!r} is not drawn; only {self.names[0]!r} and {self.names[1]!r} are")
        return 0 if process == self.names[0] else 1

    def sender(self, channel: str) -> Side:
        """The side from which a channel comes."""
        return self.side(self.channels[channel][0])


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a ladder; what comes in pairs is left and right, and ``""`` where there is nothing.

    ``sender`` is the side that sent the segment. ``calls`` (and timeouts) stand above the rest of the line;
    like ``comments`` they are without their parentheses. ``steps`` are the indices of the steps the line shows.
    Only the line that leads back into a cycle has no number.
    """

    number: int | None
    states: Pair = ("", "")
    arrows: Pair = ("", "")
    segment: str = ""
    sender: Side | None = None
    calls: Pair = ("", "")
    comments: tuple[str, ...] = ()
    steps: tuple[int, ...] = ()


def lines(trace: Trace, view: View, *, mark: str | None = None) -> tuple[Line, ...]:
    """The lines of a trace. ``mark`` becomes the comment of the last numbered one."""
    ladder = _Ladder(trace, view)
    begins = None
    for number, step in enumerate(trace.steps):
        if number == trace.loop:
            begins = ladder.part()
        ladder.show(number, step)
    return _finished(ladder.lines, begins, mark)


def opposite(side: Side) -> Side:
    """The other side."""
    return 1 if side == 0 else 0


def on(side: Side, near: str, far: str = "") -> Pair:
    """What stands on a side and on the opposite one, as left and right."""
    return (near, far) if side == 0 else (far, near)


class _Flying(NamedTuple):
    """A segment in flight, and the index of the line in which it departed; ``None``: before the trace begins."""

    message: Message
    departed: int | None


class _Ladder:
    """The lines so far, and the segments in flight, each with the line of its departure.

    Equal segments cannot be told apart: any of them may be taken to be the one that arrives or is lost.
    In a channel that keeps the order it is their place that tells them apart, so such a channel is followed whole.
    """

    def __init__(self, trace: Trace, view: View) -> None:
        left, right = (view.status(local) for local in trace.initial.locals[:2])
        self.view = view
        self.states: Pair = (left, right)
        self.lines = [Line(1, states=self.states)]
        self.in_flight: dict[str, list[_Flying]] = {
            channel: [_Flying(message, None) for message in content] if channel in view.ordered else []
            for channel, content in zip(view.channels, trace.initial.channels, strict=True)
        }
        self.sent: set[tuple[str, Message]] = set()
        self.parted = 0

    def part(self) -> int:
        """Keep what follows apart: no segment shares a line with what came before. The index of the next line."""
        self.parted = len(self.lines)
        return self.parted

    def show(self, number: int, step: Step) -> None:
        label, outcome = step.label, step.outcome
        if label.kind == "duplicate":
            self._copy(number, label)
        elif label.kind == "lose":
            self._lose(number, label)
        elif outcome is not None:
            actor = self.view.side(label.actor)
            reached = self.view.status(outcome.after)
            self.states = on(actor, reached, self.states[opposite(actor)])
            comments = self._passed(outcome)
            if label.kind == "deliver":
                self._arrive(number, label, comments)
                self._depart(number, actor, outcome)
            else:
                calls = on(actor, label.action) if label.action else ("", "")
                self._depart(number, actor, outcome, Line(None, calls=calls, comments=comments))

    def _depart(self, number: int, actor: Side, outcome: Outcome, first: Line | None = None) -> None:
        """The lines of the segments sent; of what ``first`` tells if nothing is sent."""
        plain = Line(None)
        for channel, message in outcome.sends:
            self.in_flight[channel].append(_Flying(message, len(self.lines)))
            self.sent.add((channel, message))
            departure = replace(
                first or plain,
                states=on(actor, self.states[actor]),
                arrows=on(actor, ARROWS[actor], DELAYED),
                segment=self.view.text(message),
                sender=actor,
            )
            self._add(number, departure)
            first = None
        if first is not None:
            self._add(number, replace(first, states=self.states))

    def _arrive(self, number: int, label: Label, comments: tuple[str, ...]) -> None:
        channel, message = label.channel, label.message
        sender = self.view.sender(channel)
        target = opposite(sender)
        departed = self._take(label)
        if self._is_fresh(departed):
            self.lines[-1] = self._ended(number, ARROWS[sender], self.states[target], comments)
            return
        if departed in (None, _COPY):
            is_old = (channel, message) not in self.sent or (departed is None and channel in self.view.ordered)
            origin = tr("old duplicate") if is_old else tr("duplicate")
            comments = (origin, *comments)
        line = self._passing(channel, message, DELAYED, ARROWS[sender])
        self._add(number, replace(line, states=on(target, self.states[target]), comments=comments))

    def _lose(self, number: int, label: Label) -> None:
        comments = (tr("lost"),)
        if self._is_fresh(self._take(label)):
            self.lines[-1] = self._ended(number, LOST, "", comments)
        else:
            line = self._passing(label.channel, label.message, DELAYED, LOST)
            self._add(number, replace(line, comments=comments))

    def _copy(self, number: int, label: Label) -> None:
        copy = _Flying(label.message, _COPY)
        flying = self.in_flight[label.channel]
        # In a channel that keeps the order the copy comes directly behind its original.
        flying.insert(label.position + 1 if label.channel in self.view.ordered else len(flying), copy)
        line = self._passing(label.channel, label.message, DELAYED, DELAYED)
        self._add(number, replace(line, comments=(tr("copied"),)))

    def _passing(self, channel: str, message: Message, near: str, far: str) -> Line:
        """A line about a segment in the network, with the arrows nearer to its sender and farther from it."""
        sender = self.view.sender(channel)
        return Line(None, arrows=on(sender, near, far), segment=self.view.text(message), sender=sender)

    def _ended(self, number: int, arrow: str, state: str, comments: tuple[str, ...]) -> Line:
        """The last line, a departure, with what became of its segment."""
        line = self.lines[-1]
        sender: Side = line.sender or 0
        return replace(
            line,
            states=on(sender, line.states[sender], state),
            arrows=on(sender, ARROWS[sender], arrow),
            comments=line.comments + comments,
            steps=(*line.steps, number),
        )

    def _take(self, label: Label) -> int | None:
        """The line in which the segment that arrives or is lost departed; ``None`` if in none.

        In a channel that keeps the order it is the one at its place, which is the head where it arrives.
        Else, of equal ones, the one that departed in the last line, as it then needs no second line; else the oldest.
        """
        flying = self.in_flight[label.channel]
        if label.channel in self.view.ordered:
            return flying.pop(label.position).departed
        equal = [place for place, one in enumerate(flying) if one.message == label.message]
        if not equal:
            return None
        fresh = self._is_fresh(flying[equal[-1]].departed)
        return flying.pop(equal[-1] if fresh else equal[0]).departed

    def _is_fresh(self, departed: int | None) -> bool:
        return departed == len(self.lines) - 1 and departed >= self.parted

    def _passed(self, outcome: Outcome) -> tuple[str, ...]:
        """The comment on the states that were passed through within one step."""
        path = [name for firing in outcome.firings for name in (firing.before, firing.after) if name]
        turns = [after for before, after in pairwise(path) if before != after]
        return (tr("via {states}", states=", ".join(turns[:-1])),) if turns[:-1] else ()

    def _add(self, number: int, line: Line) -> None:
        self.lines.append(replace(line, number=len(self.lines) + 1, steps=(number,)))


def _finished(drawn: list[Line], begins: int | None, mark: str | None) -> tuple[Line, ...]:
    """The lines with the comments that only the whole trace can tell."""
    told = [_commented(line, tr("delayed")) if _is_delayed(line) else line for line in drawn]
    if mark is not None:
        told[-1] = _commented(told[-1], mark)
    if begins is not None:
        told[begins] = _commented(told[begins], tr("the cycle begins"))
        told.append(Line(None, comments=(tr("back to line {number}", number=told[begins].number),)))
    return tuple(told)


def _is_delayed(line: Line) -> bool:
    sender = line.sender
    return sender is not None and line.arrows == on(sender, ARROWS[sender], DELAYED)


def _commented(line: Line, comment: str) -> Line:
    return replace(line, comments=(*line.comments, comment))
