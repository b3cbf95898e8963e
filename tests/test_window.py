"""The receive window against a second receiver, written apart: one that keeps octets, not segments.

Text and a FIN of one stream arrive in pieces, in every order, some of them more than once and some beyond the window.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tcpfsm.loader.context import Settings
from tcpfsm.machine.endpoint import Endpoint
from tests.test_endpoint import after, established, received, values_of

if TYPE_CHECKING:
    from tcpfsm.loader.protocol import Protocol
    from tcpfsm.machine.endpoint import Local

FIRST = 300


class Piece(NamedTuple):
    """A piece of the stream: where it begins, how many octets it has, and whether the FIN follows."""

    begins: int
    octets: int
    fin: bool

    @property
    def numbers(self) -> range:
        """The numbers that it takes."""
        return range(self.begins, self.begins + self.octets + self.fin)

    def text(self) -> str:
        """The segment."""
        bits = "FIN,ACK" if self.fin else "ACK"
        return f"<SEQ={self.begins}><ACK=100><DATA={self.octets}><CTL={bits}>"


class Receiver:
    """A receiver that remembers numbers: those of a piece that lie in the window when it arrives (table 6, SHLD-31)."""

    def __init__(self, window: int) -> None:
        """Begin with an empty buffer."""
        self.window = window
        self.next = FIRST
        self.kept: set[int] = set()

    def arrives(self, piece: Piece) -> None:
        """Take in a piece, and move on as far as there is no gap."""
        offered = range(self.next, self.next + self.window)
        numbers = piece.numbers
        if not numbers or (numbers[0] not in offered and numbers[-1] not in offered):
            return
        self.kept |= {*numbers} & {*offered}
        while self.next in self.kept:
            self.next += 1


@st.composite
def streams(draw: st.DrawFn) -> tuple[int, list[Piece]]:
    """A window, and pieces of one stream with a FIN at its end."""
    length = draw(st.integers(1, 8))
    pieces = []
    for _ in range(draw(st.integers(1, 6))):
        begins = draw(st.integers(0, length))
        octets = draw(st.integers(0, length - begins))
        fin = begins + octets == length and (octets == 0 or draw(st.booleans()))
        pieces.append(Piece(FIRST + begins, octets, fin))
    return draw(st.integers(0, 6)), [piece for piece in pieces if piece.numbers]


@pytest.fixture(scope="module")
def ends(tcp: Protocol) -> dict[int, Endpoint]:
    """One end for each window."""
    found = {}
    for window in range(7):
        machine = tcp.machine("", Settings(constants={"RCV.WND": window}, ghosts=frozenset()))
        found[window] = Endpoint("A", machine, established(machine), channel="A to B")
    return found


@settings(deadline=None)
@given(streams())
def test_what_is_taken_is_what_lay_in_the_window_when_it_arrived(
    ends: dict[int, Endpoint], drawn: tuple[int, list[Piece]]
) -> None:
    """After every piece both receivers wait for the same number; the FIN alone leads to CLOSE-WAIT."""
    window, pieces = drawn
    end, receiver = ends[window], Receiver(window)
    local: Local = end.initial
    for piece in pieces:
        if local.state != "ESTABLISHED":
            break
        local = after(received(end, local, piece.text()))
        receiver.arrives(piece)

        taken_fin = any(receiver.next == one.numbers[-1] + 1 for one in pieces if one.fin)
        assert values_of(end.machine, local)["RCV.NXT"] == receiver.next
        assert local.state == ("CLOSE-WAIT" if taken_fin else "ESTABLISHED")
