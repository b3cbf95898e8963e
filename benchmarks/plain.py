"""The system of the benchmark written by hand in plain Python: tuples, a set, and nothing of tcpfsm or checker.

It is there for two things: its counts are a second way to those of the engines, and its time is what a few lines of
Python written for one protocol take. A opens actively and B passively, both may abort; the rules are those of RFC 9293
§3.10 as far as opening and aborting reach. Numbers that follow from others are left out of the states: an end that has
sent its SYN has SND.NXT = ISS + 1, one that has received the peer's has RCV.NXT = IRS + 1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterator

Value = TypeVar("Value")

WINDOW = 10
CAPACITY = 3
ISN_OF_A = (100, 200, 300, 400)
ISN_OF_B = (1100, 1200, 1300, 1400)


class Segment(NamedTuple):
    """A segment; ``bits`` are its control bits, and numbers that it does not carry are 0."""

    bits: str
    sequence: int
    acknowledgment: int = 0


class End(NamedTuple):
    """One end: its state, the initial numbers of both sides (0 if unknown), how many of its own are used."""

    state: str = "CLOSED"
    ours: int = 0
    theirs: int = 0
    used: int = 0


class Global(NamedTuple):
    """Both ends, what is on its way to each (sorted), and how often each may still open and abort."""

    ends: tuple[End, End]
    flights: tuple[tuple[Segment, ...], tuple[Segment, ...]]
    opens: tuple[int, int]
    aborts: tuple[int, int]


class Counted(NamedTuple):
    """What a search found."""

    states: int
    steps: int
    depth: int


Effect = tuple[End, tuple[Segment, ...]]


def closed(end: End) -> End:
    """An end that has forgotten everything but the numbers that it used."""
    return End(used=end.used)


def listening(end: End) -> End:
    """An end that has forgotten everything and listens."""
    return End("LISTEN", used=end.used)


def reset_for(segment: Segment) -> tuple[Segment, ...]:
    """The reset that answers a segment to which there is no connection (RFC 9293 §3.10.7.1)."""
    if "A" in segment.bits:
        return (Segment("R", segment.acknowledgment),)
    return (Segment("RA", 0, segment.sequence + ("S" in segment.bits)),)


def in_window(end: End, number: int) -> bool:
    """Whether a sequence number is one that the end could take."""
    return end.theirs + 1 <= number < end.theirs + 1 + WINDOW


def receive(end: End, segment: Segment, supply: tuple[int, ...]) -> Effect | None:
    """What an end does with a segment; ``None`` if it needs an initial number and none is left."""
    bits = segment.bits
    if end.state == "CLOSED":
        return end, () if "R" in bits else reset_for(segment)
    if end.state == "LISTEN":
        return receive_in_listen(end, segment, supply)
    if end.state == "SYN-SENT":
        return receive_in_syn_sent(end, segment)
    return receive_in_others(end, segment)


def receive_in_listen(end: End, segment: Segment, supply: tuple[int, ...]) -> Effect | None:
    """RFC 9293 §3.10.7.2."""
    bits = segment.bits
    if "R" in bits:
        return end, ()
    if "A" in bits:
        return end, reset_for(segment)
    if "S" not in bits:
        return end, ()
    if end.used == len(supply):
        return None
    ours = supply[end.used]
    answer = Segment("SA", ours, segment.sequence + 1)
    return End("SYN-RECEIVED", ours, segment.sequence, end.used + 1), (answer,)


def receive_in_syn_sent(end: End, segment: Segment) -> Effect:
    """RFC 9293 §3.10.7.3; the peer never opens actively, so that a SYN always has an ACK."""
    bits = segment.bits
    is_new = "A" in bits and segment.acknowledgment == end.ours + 1
    if "A" in bits and not is_new:
        return end, () if "R" in bits else reset_for(segment)
    if "R" in bits:
        return closed(end) if is_new else end, ()
    if "S" in bits:
        return end._replace(state="ESTABLISHED", theirs=segment.sequence), (
            Segment("A", end.ours + 1, segment.sequence + 1),
        )
    return end, ()


def receive_in_others(end: End, segment: Segment) -> Effect:
    """RFC 9293 §3.10.7.4, in SYN-RECEIVED of a passive end and in ESTABLISHED."""
    bits = segment.bits
    is_opening = end.state == "SYN-RECEIVED"
    acknowledges_our_syn = "A" in bits and segment.acknowledgment == end.ours + 1
    empty = (Segment("A", end.ours + 1, end.theirs + 1),)
    if not in_window(end, segment.sequence):
        if "R" in bits:
            return end, ()
        if is_opening and "A" in bits and not acknowledges_our_syn:
            return end, reset_for(segment)
        return end, empty
    if "R" in bits:
        if segment.sequence != end.theirs + 1:
            return end, empty
        return listening(end) if is_opening else closed(end), ()
    if "S" in bits:
        return (listening(end), ()) if is_opening else (end, empty)
    if "A" not in bits:
        return end, ()
    if is_opening:
        return (end._replace(state="ESTABLISHED"), ()) if acknowledges_our_syn else (end, reset_for(segment))
    return end, empty if segment.acknowledgment > end.ours + 1 else ()


def open_call(end: End, *, is_active: bool, supply: tuple[int, ...]) -> Effect | None:
    """RFC 9293 §3.10.1; ``None`` where the call is an error or needs a number that is not there."""
    if end.state != "CLOSED":
        return None
    if not is_active:
        return listening(end), ()
    if end.used == len(supply):
        return None
    ours = supply[end.used]
    return End("SYN-SENT", ours, 0, end.used + 1), (Segment("S", ours),)


def abort_call(end: End) -> Effect | None:
    """RFC 9293 §3.10.5; ``None`` where the call is an error."""
    if end.state == "CLOSED":
        return None
    resets = end.state in ("SYN-RECEIVED", "ESTABLISHED")
    return closed(end), (Segment("R", end.ours + 1),) if resets else ()


def timeout(end: End) -> Effect | None:
    """RFC 9293 §3.10.8: what is not acknowledged is sent again; ``None`` where there is nothing of that kind."""
    if end.state == "SYN-SENT":
        return end, (Segment("S", end.ours),)
    if end.state == "SYN-RECEIVED":
        return end, (Segment("SA", end.ours, end.theirs + 1),)
    return None


def reacted(state: Global, place: int, effect: Effect | None) -> Iterator[Global]:
    """The state after an end did something, unless it could not or what it sends has no room."""
    if effect is None:
        return
    end, sent = effect
    flight = tuple(sorted(state.flights[1 - place] + sent))
    if len(flight) <= CAPACITY:
        yield state._replace(
            ends=changed(state.ends, place, end), flights=changed(state.flights, 1 - place, flight)
        )


def changed(pair: tuple[Value, Value], place: int, value: Value) -> tuple[Value, Value]:
    """A pair with one of its two values changed."""
    return (value, pair[1]) if place == 0 else (pair[0], value)


def successors(state: Global, supplies: tuple[tuple[int, ...], tuple[int, ...]]) -> Iterator[Global]:
    """The state after each step: what arrives, times out, is called for, lost, copied."""
    for place, flight in enumerate(state.flights):
        for segment in set(flight):
            at = flight.index(segment)
            without = state._replace(flights=changed(state.flights, place, flight[:at] + flight[at + 1 :]))
            yield from reacted(without, place, receive(state.ends[place], segment, supplies[place]))
            yield without  # it is lost
            if len(flight) < CAPACITY:
                yield state._replace(
                    flights=changed(state.flights, place, (*flight[:at], segment, *flight[at:]))
                )
    for place, end in enumerate(state.ends):
        yield from reacted(state, place, timeout(end))
        if state.opens[place]:
            spent = state._replace(opens=changed(state.opens, place, state.opens[place] - 1))
            yield from reacted(spent, place, open_call(end, is_active=place == 0, supply=supplies[place]))
        if state.aborts[place]:
            spent = state._replace(aborts=changed(state.aborts, place, state.aborts[place] - 1))
            yield from reacted(spent, place, abort_call(end))


def count(opens: tuple[int, int], aborts: tuple[int, int], numbers: tuple[int, int]) -> Counted:
    """Search breadth first: so many OPENs, ABORTs and initial numbers of A and of B.

    >>> count((1, 1), (0, 0), (1, 1))
    Counted(states=946, steps=5751, depth=15)
    """
    supplies = (ISN_OF_A[: numbers[0]], ISN_OF_B[: numbers[1]])
    frontier = [Global((End(), End()), ((), ()), opens, aborts)]
    found = set(frontier)
    steps, depth = 0, -1
    while frontier:
        depth += 1
        level: list[Global] = []
        for state in frontier:
            for after in successors(state, supplies):
                steps += 1
                if after not in found:
                    found.add(after)
                    level.append(after)
        frontier = level
    return Counted(len(found), steps, depth)
