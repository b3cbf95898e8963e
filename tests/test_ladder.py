"""Ladders: traces told by hand, drawn, and looked at beside the RFC's figures."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Self

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checker import Firing, Label, Outcome, State, Step, Trace
from tcpfsm.drawing.ladder import draw
from tcpfsm.drawing.ladder_lines import ARROWS, LOST, View, lines
from tcpfsm.i18n.width import width
from tcpfsm.run.build import build
from tcpfsm.run.run import view_of
from tests.suite_runs import protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from checker import StepKind
    from tcpfsm.drawing.ladder_lines import Line

CHANNELS = {"A": "A to B", "B": "B to A"}
VIEW = View(("A", "B"), str, str, {"A to B": ("A", "B"), "B to A": ("B", "A")})
IN_ORDER = replace(VIEW, ordered=frozenset(CHANNELS.values()))


class Story:
    """A run told step by step: local states and messages are what is printed of them."""

    def __init__(self, left: str, right: str, *planted: str) -> None:
        """Begin with the states of A and B, and with what is on its way to B."""
        self.initial = self.state = State((left, right), (planted, ()), ())
        self.steps: list[Step] = []

    def act(
        self, actor: str, action: str, after: str, *sends: str, kind: StepKind = "call", via: str = ""
    ) -> Self:
        """``actor`` is called, or times out, and sends."""
        return self._react(Label(kind, actor, action), after, sends, via)

    def receive(self, actor: str, message: str, after: str, *sends: str, via: str = "") -> Self:
        """``actor`` receives a message from the other and sends."""
        return self._react(
            Label("deliver", actor, "", CHANNELS["AB".replace(actor, "")], message), after, sends, via
        )

    def meddle(self, kind: StepKind, sender: str, message: str, position: int = 0) -> Self:
        """The network loses or duplicates a message; ``position`` is its place where the order is kept."""
        label = Label(kind, CHANNELS[sender], "", CHANNELS[sender], message, position)
        self.steps.append(Step(self.state, label, None, self.state))
        return self

    def trace(self, loop: int | None = None) -> Trace:
        """The run so far."""
        return Trace(tuple(self.steps), loop, self.initial)

    def _react(self, label: Label, after: str, sends: tuple[str, ...], via: str) -> Self:
        before = self.state
        place = "AB".index(label.actor)
        path = [str(before.locals[place]), *via.split(), after]
        firings = tuple(Firing("", start, end) for start, end in pairwise(path))
        outcome = Outcome(after, tuple((CHANNELS[label.actor], message) for message in sends), firings)
        locals_ = (after, before.locals[1]) if place == 0 else (before.locals[0], after)
        self.state = before._replace(locals=locals_)
        self.steps.append(Step(before, label, outcome, self.state))
        return self


def rows(text: str) -> list[str]:
    """The rows of a figure: numbers and comments taken out, blanks made one."""
    told = (re.sub(r"^ *\d+\.|\([^)]*\)", " ", row) for row in text.splitlines())
    return [" ".join(row.split()) for row in told if row.strip()]


def figure_7() -> Story:
    """Both peers open at once."""
    return (
        Story("CLOSED", "CLOSED")
        .act("A", "active OPEN", "SYN-SENT", "<SEQ=100><CTL=SYN>")
        .act("B", "active OPEN", "SYN-SENT", "<SEQ=300><CTL=SYN>")
        .receive("A", "<SEQ=300><CTL=SYN>", "SYN-RECEIVED", "<SEQ=100><ACK=301><CTL=SYN,ACK>")
        .receive("B", "<SEQ=100><CTL=SYN>", "SYN-RECEIVED", "<SEQ=300><ACK=101><CTL=SYN,ACK>")
        .receive("A", "<SEQ=300><ACK=101><CTL=SYN,ACK>", "ESTABLISHED")
        .receive("B", "<SEQ=100><ACK=301><CTL=SYN,ACK>", "ESTABLISHED")
    )


def figure_8() -> Story:
    """An old duplicate SYN arrives first."""
    return (
        Story("CLOSED", "LISTEN")
        .act("A", "active OPEN", "SYN-SENT", "<SEQ=100><CTL=SYN>")
        .receive("B", "<SEQ=90><CTL=SYN>", "SYN-RECEIVED", "<SEQ=300><ACK=91><CTL=SYN,ACK>")
        .receive("A", "<SEQ=300><ACK=91><CTL=SYN,ACK>", "SYN-SENT", "<SEQ=91><CTL=RST>")
        .receive("B", "<SEQ=91><CTL=RST>", "LISTEN")
        .receive("B", "<SEQ=100><CTL=SYN>", "SYN-RECEIVED", "<SEQ=400><ACK=101><CTL=SYN,ACK>")
        .receive("A", "<SEQ=400><ACK=101><CTL=SYN,ACK>", "ESTABLISHED", "<SEQ=101><ACK=401><CTL=ACK>")
        .receive("B", "<SEQ=101><ACK=401><CTL=ACK>", "ESTABLISHED")
    )


def figure_12() -> Story:
    """A closes, then B."""
    return (
        Story("ESTABLISHED", "ESTABLISHED")
        .act("A", "CLOSE", "FIN-WAIT-1", "<SEQ=100><ACK=300><CTL=FIN,ACK>")
        .receive("B", "<SEQ=100><ACK=300><CTL=FIN,ACK>", "CLOSE-WAIT", "<SEQ=300><ACK=101><CTL=ACK>")
        .receive("A", "<SEQ=300><ACK=101><CTL=ACK>", "FIN-WAIT-2")
        .act("B", "CLOSE", "LAST-ACK", "<SEQ=300><ACK=101><CTL=FIN,ACK>")
        .receive("A", "<SEQ=300><ACK=101><CTL=FIN,ACK>", "TIME-WAIT", "<SEQ=101><ACK=301><CTL=ACK>")
        .receive("B", "<SEQ=101><ACK=301><CTL=ACK>", "CLOSED")
        .act("A", "2 MSL", "CLOSED", kind="timeout")
    )


def figure_13() -> Story:
    """Both peers close at once."""
    return (
        Story("ESTABLISHED", "ESTABLISHED")
        .act("A", "CLOSE", "FIN-WAIT-1", "<SEQ=100><ACK=300><CTL=FIN,ACK>")
        .act("B", "CLOSE", "FIN-WAIT-1", "<SEQ=300><ACK=100><CTL=FIN,ACK>")
        .receive("A", "<SEQ=300><ACK=100><CTL=FIN,ACK>", "CLOSING", "<SEQ=101><ACK=301><CTL=ACK>")
        .receive("B", "<SEQ=100><ACK=300><CTL=FIN,ACK>", "CLOSING", "<SEQ=301><ACK=101><CTL=ACK>")
        .receive("A", "<SEQ=301><ACK=101><CTL=ACK>", "TIME-WAIT")
        .receive("B", "<SEQ=101><ACK=301><CTL=ACK>", "TIME-WAIT")
        .act("A", "2 MSL", "CLOSED", kind="timeout")
        .act("B", "2 MSL", "CLOSED", kind="timeout")
    )


RFC_7 = """\
   1.  CLOSED                                           CLOSED
   2.  SYN-SENT     --> <SEQ=100><CTL=SYN>              ...
   3.  SYN-RECEIVED <-- <SEQ=300><CTL=SYN>              <-- SYN-SENT
   4.               ... <SEQ=100><CTL=SYN>              --> SYN-RECEIVED
   5.  SYN-RECEIVED --> <SEQ=100><ACK=301><CTL=SYN,ACK> ...
   6.  ESTABLISHED  <-- <SEQ=300><ACK=101><CTL=SYN,ACK> <-- SYN-RECEIVED
   7.               ... <SEQ=100><ACK=301><CTL=SYN,ACK> --> ESTABLISHED
"""
RFC_8 = """\
   1.  CLOSED                                               LISTEN
   2.  SYN-SENT    --> <SEQ=100><CTL=SYN>               ...
   3.  (duplicate) ... <SEQ=90><CTL=SYN>               --> SYN-RECEIVED
   4.  SYN-SENT    <-- <SEQ=300><ACK=91><CTL=SYN,ACK>  <-- SYN-RECEIVED
   5.  SYN-SENT    --> <SEQ=91><CTL=RST>               --> LISTEN
   6.              ... <SEQ=100><CTL=SYN>               --> SYN-RECEIVED
   7.  ESTABLISHED <-- <SEQ=400><ACK=101><CTL=SYN,ACK>  <-- SYN-RECEIVED
   8.  ESTABLISHED --> <SEQ=101><ACK=401><CTL=ACK>      --> ESTABLISHED
"""
RFC_12 = """\
   1.  ESTABLISHED                                          ESTABLISHED
   2.  (Close)
       FIN-WAIT-1  --> <SEQ=100><ACK=300><CTL=FIN,ACK>  --> CLOSE-WAIT
   3.  FIN-WAIT-2  <-- <SEQ=300><ACK=101><CTL=ACK>      <-- CLOSE-WAIT
   4.                                                       (Close)
       TIME-WAIT   <-- <SEQ=300><ACK=101><CTL=FIN,ACK>  <-- LAST-ACK
   5.  TIME-WAIT   --> <SEQ=101><ACK=301><CTL=ACK>      --> CLOSED
   6.  (2 MSL)
       CLOSED
"""


def test_figure_8_is_drawn_as_the_rfc_draws_it() -> None:
    """A delayed segment takes two lines; an old duplicate arrives without having departed."""
    expected = """\
       TCP Peer A                                          TCP Peer B
   1.  CLOSED                                              LISTEN
   2.  (active OPEN)
       SYN-SENT    --> <SEQ=100><CTL=SYN>              ...           (delayed)
   3.              ... <SEQ=90><CTL=SYN>               --> SYN-RECEIVED  (old duplicate)
   4.  SYN-SENT    <-- <SEQ=300><ACK=91><CTL=SYN,ACK>  <-- SYN-RECEIVED
   5.  SYN-SENT    --> <SEQ=91><CTL=RST>               --> LISTEN
   6.              ... <SEQ=100><CTL=SYN>              --> SYN-RECEIVED
   7.  ESTABLISHED <-- <SEQ=400><ACK=101><CTL=SYN,ACK> <-- SYN-RECEIVED
   8.  ESTABLISHED --> <SEQ=101><ACK=401><CTL=ACK>     --> ESTABLISHED"""
    drawn = draw(figure_8().trace(), VIEW)

    assert expected == drawn
    assert rows(RFC_8) == rows(drawn)[1:]


def test_figure_12_is_drawn_as_the_rfc_draws_it() -> None:
    """A call stands above the segment it sends; one that sends nothing shows the states of both sides."""
    expected = """\
       TCP Peer A                                          TCP Peer B
   1.  ESTABLISHED                                         ESTABLISHED
   2.  (CLOSE)
       FIN-WAIT-1  --> <SEQ=100><ACK=300><CTL=FIN,ACK> --> CLOSE-WAIT
   3.  FIN-WAIT-2  <-- <SEQ=300><ACK=101><CTL=ACK>     <-- CLOSE-WAIT
   4.                                                      (CLOSE)
       TIME-WAIT   <-- <SEQ=300><ACK=101><CTL=FIN,ACK> <-- LAST-ACK
   5.  TIME-WAIT   --> <SEQ=101><ACK=301><CTL=ACK>     --> CLOSED
   6.  (2 MSL)
       CLOSED                                              CLOSED"""
    drawn = draw(figure_12().trace(), VIEW)

    assert expected == drawn
    assert rows(RFC_12)[:-1] == rows(drawn)[1:-1]
    assert (rows(RFC_12)[-1], rows(drawn)[-1]) == ("CLOSED", "CLOSED CLOSED")


def test_figure_7_has_the_lines_of_the_rfc() -> None:
    """A peer answers when it receives, so the RFC's lines 4 and 5 come in the other order."""
    expected = """\
       TCP Peer A                                           TCP Peer B
   1.  CLOSED                                               CLOSED
   2.  (active OPEN)
       SYN-SENT     --> <SEQ=100><CTL=SYN>              ...          (delayed)
   3.                                                       (active OPEN)
       SYN-RECEIVED <-- <SEQ=300><CTL=SYN>              <-- SYN-SENT
   4.  SYN-RECEIVED --> <SEQ=100><ACK=301><CTL=SYN,ACK> ...          (delayed)
   5.               ... <SEQ=100><CTL=SYN>              --> SYN-RECEIVED
   6.  ESTABLISHED  <-- <SEQ=300><ACK=101><CTL=SYN,ACK> <-- SYN-RECEIVED
   7.               ... <SEQ=100><ACK=301><CTL=SYN,ACK> --> ESTABLISHED"""
    drawn = draw(figure_7().trace(), VIEW)
    rfc = rows(RFC_7)

    assert expected == drawn
    assert [*rfc[:3], rfc[4], rfc[3], *rfc[5:]] == rows(drawn)[1:]


def test_figure_13_shows_both_ends_closing() -> None:
    """Where the RFC puts both calls in one line, each has its own here, in the order in which they were made."""
    expected = """\
       TCP Peer A                                          TCP Peer B
   1.  ESTABLISHED                                         ESTABLISHED
   2.  (CLOSE)
       FIN-WAIT-1  --> <SEQ=100><ACK=300><CTL=FIN,ACK> ...           (delayed)
   3.                                                      (CLOSE)
       CLOSING     <-- <SEQ=300><ACK=100><CTL=FIN,ACK> <-- FIN-WAIT-1
   4.  CLOSING     --> <SEQ=101><ACK=301><CTL=ACK>     ...           (delayed)
   5.              ... <SEQ=100><ACK=300><CTL=FIN,ACK> --> CLOSING
   6.  TIME-WAIT   <-- <SEQ=301><ACK=101><CTL=ACK>     <-- CLOSING
   7.              ... <SEQ=101><ACK=301><CTL=ACK>     --> TIME-WAIT
   8.  (2 MSL)
       CLOSED                                              TIME-WAIT
   9.                                                      (2 MSL)
       CLOSED                                              CLOSED"""

    assert expected == draw(figure_13().trace(), VIEW)


def test_what_the_network_does_is_drawn() -> None:
    """A segment lost at once ends its line; one lost later, and a copy, have lines of their own."""
    story = (
        Story("CLOSED", "LISTEN")
        .act("A", "active OPEN", "SYN-SENT", "<SYN>")
        .meddle("duplicate", "A", "<SYN>")
        .receive("B", "<SYN>", "SYN-RECEIVED", "<SYN,ACK>")
        .meddle("lose", "B", "<SYN,ACK>")
        .receive("B", "<SYN>", "SYN-RECEIVED")
        .act("B", "retransmission timeout", "SYN-RECEIVED", "<SYN,ACK>", kind="timeout")
        .act("A", "ABORT", "CLOSED", "<RST>")
        .meddle("lose", "A", "<RST>")
        .meddle("lose", "B", "<SYN,ACK>")
    )
    expected = """\
       TCP Peer A                 TCP Peer B
   1.  CLOSED                     LISTEN
   2.  (active OPEN)
       SYN-SENT --> <SYN>     ...               (delayed)
   3.           ... <SYN>     ...               (copied)
   4.           ... <SYN>     --> SYN-RECEIVED
   5.           XXX <SYN,ACK> <-- SYN-RECEIVED  (lost)
   6.           ... <SYN>     --> SYN-RECEIVED  (duplicate)
   7.                             (retransmission timeout)
                ... <SYN,ACK> <-- SYN-RECEIVED  (delayed)
   8.  (ABORT)
       CLOSED   --> <RST>     XXX               (lost)
   9.           XXX <SYN,ACK> ...               (lost) (violation)"""

    assert expected == draw(story.trace(), VIEW, mark="violation")


def test_of_equal_segments_the_one_sent_in_the_line_before_arrives() -> None:
    """It then needs no second line; nobody can tell equal segments apart."""
    story = (
        Story("SENT", "WAITING")
        .act("A", "timeout", "SENT", "<SEQ=1>", kind="timeout")
        .act("A", "timeout", "SENT", "<SEQ=1>", kind="timeout")
        .receive("B", "<SEQ=1>", "GOT")
    )

    assert rows(draw(story.trace(), VIEW))[2:] == [
        "SENT --> <SEQ=1> ...",
        "SENT --> <SEQ=1> --> GOT",
    ]


def test_of_equal_segments_sent_before_the_last_line_the_oldest_arrives() -> None:
    """Once something else has happened each of them is delayed, and they arrive in the order of their departure."""
    story = (
        Story("SENT", "WAITING")
        .act("A", "timeout", "SENT", "<SEQ=1>", kind="timeout")
        .act("A", "timeout", "SENT", "<SEQ=1>", kind="timeout")
        .act("B", "ABORT", "CLOSED")
        .receive("B", "<SEQ=1>", "CLOSED")
        .receive("B", "<SEQ=1>", "CLOSED")
    )

    assert rows(draw(story.trace(), VIEW))[2:] == [
        "SENT --> <SEQ=1> ...",
        "SENT --> <SEQ=1> ...",
        "SENT CLOSED",
        "... <SEQ=1> --> CLOSED",
        "... <SEQ=1> --> CLOSED",
    ]


def walked(name: str, scenario: str, choices: Sequence[int]) -> tuple[Trace, View]:
    """The run that takes, in each state, the step of that number (of as many as there are)."""
    built = build(protocol(name), protocol(name).scenario(scenario))
    state = initial = built.system.initials[0]
    steps: list[Step] = []
    for choice in choices:
        enabled = built.system.steps(state)
        if enabled:
            steps.append(enabled[choice % len(enabled)])
            state = steps[-1].after
    return Trace(tuple(steps), None, initial), view_of(built)


Drawn = tuple[str, int | None]


def read_in_order(told: Iterable[Line], planted: Sequence[str] = ()) -> None:
    """Read a drawing as one of channels that keep the order, knowing nothing but its lines.

    A segment is known by the line of its departure. Which of several equal ones a later line loses or copies it does not
    say, so all contents that it may mean are followed.

    Raises:
        AssertionError: a segment arrives, in the line of its departure or later, before one that was sent earlier.
    """
    contents: dict[int, set[tuple[Drawn, ...]]] = {0: {tuple((one, None) for one in planted)}, 1: {()}}
    for line in told:
        if line.sender is None:
            continue
        flying, one = contents[line.sender], (line.segment, line.number)
        near, far = line.arrows if line.sender == 0 else line.arrows[::-1]
        departs = near == ARROWS[line.sender]
        if departs:
            flying = {(*content, one) for content in flying}
        if far == ARROWS[line.sender]:
            flying = {content[1:] for content in flying if 0 in places(content, one, departs=departs)}
        elif far == LOST:
            flying = {without(content, at) for content in flying for at in places(content, one, departs=departs)}
        elif not departs:
            flying = {
                (*content[: at + 1], one, *content[at + 1 :])
                for content in flying
                for at in places(content, one, departs=False)
            }
        assert flying, f"in line {line.number} a segment overtakes another"
        contents[line.sender] = flying


def without(content: tuple[Drawn, ...], at: int) -> tuple[Drawn, ...]:
    """The content without the segment at a place."""
    return content[:at] + content[at + 1 :]


def places(content: tuple[Drawn, ...], one: Drawn, *, departs: bool) -> list[int]:
    """The places at which the segment of a line may stand: its own if it departs there, else those of all equal ones."""
    return [at for at, other in enumerate(content) if other == one or (not departs and other[0] == one[0])]


def test_where_the_order_is_kept_the_first_of_equal_segments_arrives() -> None:
    """A message that was sent again does not overtake itself: the one that was sent first arrives first."""
    trace, view = walked("abp", "in-order", [0, 0, 0, 0, 1, 0, 0])

    assert rows(draw(trace, view))[-6:] == [
        "WAITING-1 --> <BIT=1><TEXT=2><CTL=MSG> ...",
        "WAITING-1 --> <BIT=1><TEXT=2><CTL=MSG> ...",
        "... <BIT=1><TEXT=2><CTL=MSG> --> EXPECTING-0",
        "... <BIT=1><CTL=ACK> <-- EXPECTING-0",
        "... <BIT=1><TEXT=2><CTL=MSG> --> EXPECTING-0",
        "... <BIT=1><CTL=ACK> <-- EXPECTING-0",
    ]


FIFO_SCENARIOS = [
    ("abp", "in-order"),
    ("stop-and-wait", "in-order"),
    ("go-back-n", "in-order"),
    ("sctp-setup", "setup-in-order"),
    ("tcp", "open-twice-refused"),
]


@settings(deadline=None)  # the first example of a protocol loads it
@given(st.sampled_from(FIFO_SCENARIOS), st.lists(st.integers(0, 1000), max_size=25))
def test_where_the_order_is_kept_segments_are_drawn_in_the_order_of_sending(
    scenario: tuple[str, str], choices: list[int]
) -> None:
    """Whatever is sent again, lost or copied, no line shows that a segment overtakes another."""
    trace, view = walked(*scenario, choices)

    read_in_order(lines(trace, view))


def test_a_reader_sees_overtaking() -> None:
    """The reader of the test above is awake: a drawing in which a segment overtakes its equal is refused."""
    trace, view = walked("abp", "in-order", [0, 0, 0, 0, 1, 0, 0])

    with pytest.raises(AssertionError, match="in line 5 a segment overtakes another"):
        read_in_order(lines(trace, replace(view, ordered=frozenset())))


def test_where_the_order_is_kept_a_place_says_what_is_lost_and_what_is_a_copy() -> None:
    """The copy comes behind its original; what was there from the start arrives before its equals."""
    story = (
        Story("SENT", "WAITING", "<SEQ=1>")
        .act("A", "timeout", "SENT", "<SEQ=1>", kind="timeout")
        .act("A", "timeout", "SENT", "<SEQ=1>", kind="timeout")
        .meddle("lose", "A", "<SEQ=1>", 2)
        .meddle("duplicate", "A", "<SEQ=1>", 0)
        .receive("B", "<SEQ=1>", "ONE")
        .receive("B", "<SEQ=1>", "TWO")
        .receive("B", "<SEQ=1>", "THREE")
    )
    told = lines(story.trace(), IN_ORDER)

    assert [(line.arrows, line.comments) for line in told[2:]] == [
        (("-->", "XXX"), ("lost",)),
        (("...", "..."), ("copied",)),
        (("...", "-->"), ("old duplicate",)),
        (("...", "-->"), ("duplicate",)),
        (("...", "-->"), ()),
    ]
    read_in_order(told, ["<SEQ=1>"])


def test_several_segments_sent_in_one_step_take_a_line_each() -> None:
    """The last of them may arrive in the line of its departure; the call stands above the first."""
    story = Story("ESTABLISHED", "ESTABLISHED").act("A", "CLOSE", "FIN-WAIT-1", "<DATA>", "<FIN>")
    story.receive("B", "<FIN>", "ESTABLISHED").receive("B", "<DATA>", "CLOSE-WAIT")
    expected = """\
       TCP Peer A                 TCP Peer B
   1.  ESTABLISHED                ESTABLISHED
   2.  (CLOSE)
       FIN-WAIT-1  --> <DATA> ...              (delayed)
   3.  FIN-WAIT-1  --> <FIN>  --> ESTABLISHED
   4.              ... <DATA> --> CLOSE-WAIT"""

    assert expected == draw(story.trace(), VIEW)
    assert lines(story.trace(), VIEW)[1].calls == ("CLOSE", "")
    assert lines(story.trace(), VIEW)[2].calls == ("", "")


def test_states_passed_through_in_one_step_are_named() -> None:
    """The line shows the last state, the comment those between; a rule that stays where it is adds none."""
    story = Story("LAST", "SYN-RECEIVED")
    story.receive("B", "<FIN>", "CLOSE-WAIT", via="SYN-RECEIVED ESTABLISHED ESTABLISHED")
    story.act("B", "CLOSE", "LAST-ACK", via="ESTABLISHED CLOSING")
    told = lines(story.trace(), VIEW)

    assert (told[1].states, told[1].comments) == (("", "CLOSE-WAIT"), ("old duplicate", "via ESTABLISHED"))
    assert (told[2].states, told[2].comments) == (("LAST", "LAST-ACK"), ("via ESTABLISHED, CLOSING",))


def test_a_cycle_is_marked_where_it_begins_and_where_it_leads_back() -> None:
    """No segment shares a line with what came before the cycle, so that the cycle begins with a line."""
    story = (
        Story("ESTABLISHED", "ESTABLISHED")
        .act("A", "SEND", "ESTABLISHED", "<ACK=7>")
        .receive("B", "<ACK=7>", "ESTABLISHED", "<ACK=9>")
        .receive("A", "<ACK=9>", "ESTABLISHED", "<ACK=7>")
    )
    expected = """\
       TCP Peer A                  TCP Peer B
   1.  ESTABLISHED                 ESTABLISHED
   2.  (SEND)
       ESTABLISHED --> <ACK=7> ...              (delayed)
   3.              ... <ACK=7> --> ESTABLISHED  (the cycle begins)
   4.  ESTABLISHED <-- <ACK=9> <-- ESTABLISHED
   5.  ESTABLISHED --> <ACK=7> ...              (delayed) (violation)
       (back to line 3)"""

    assert expected == draw(story.trace(loop=1), VIEW, mark="violation")


def test_each_line_tells_which_steps_it_shows() -> None:
    """A page that shows the ladder can show the steps beside it."""
    told = [line.steps for line in lines(figure_7().trace(), VIEW)]

    assert told == [(), (0,), (1, 2), (2,), (3,), (3, 4), (5,)]


def test_a_run_without_steps_is_its_initial_state() -> None:
    """The initial state may be the violation."""
    expected = """\
       TCP Peer A      TCP Peer B
   1.  CLOSED          LISTEN  (violation)"""

    assert expected == draw(Story("CLOSED", "LISTEN").trace(), VIEW, mark="violation")


def test_notes_stand_under_the_figure() -> None:
    """An empty line sets them apart."""
    drawn = draw(Story("CLOSED", "LISTEN").trace(), VIEW, notes=["Line 1 is all.", "Really."])

    assert drawn.endswith("\n   1.  CLOSED          LISTEN\n\nLine 1 is all.\nReally.")


@pytest.mark.usefixtures("in_chinese")
def test_chinese_characters_take_two_columns() -> None:
    """Whatever the language, what belongs together stands one below the other."""
    view = replace(VIEW, peer="对端", status=lambda local: {"OPEN": "已建立"}.get(str(local), "关"))
    story = Story("OPEN", "OPEN").act("A", "关闭", "SHUT", "<FIN>").act("B", "关闭", "SHUT")
    expected = """\
       对端 A               对端 B
   1.  已建立               已建立
   2.  (关闭)
       关     --> <FIN> ...         (延迟)
   3.                       (关闭)
       关                   关"""

    assert expected == draw(story.trace(), view)


def test_rows_keep_within_78_columns_where_they_can() -> None:
    """Comments and calls on the right move to the left before they stick out."""
    story = (
        Story("SYN-RECEIVED", "SYN-RECEIVED")
        .act("B", "retransmission timeout", "SYN-RECEIVED", "<SEQ=300><ACK=101><CTL=SYN,ACK>", kind="timeout")
        .receive("A", "<SEQ=300><ACK=101><CTL=SYN,ACK>", "ESTABLISHED")
        .act("B", "retransmission timeout", "SYN-RECEIVED", "<SEQ=300><ACK=101><CTL=SYN,ACK>", kind="timeout")
    )
    drawn = draw(story.trace(), VIEW).splitlines()

    assert [width(row) for row in drawn[2:]] == [78, 72, 78, 83]
    assert not any(row.endswith(" ") for row in drawn)


def test_lines_from_ten_on_keep_the_columns() -> None:
    """Numbers are set flush right."""
    story = Story("OPEN", "OPEN")
    for _ in range(9):
        story.act("A", "SEND", "OPEN")

    assert "  10.  (SEND)\n       OPEN" in draw(story.trace(), VIEW)


def test_a_process_that_is_not_drawn_is_refused() -> None:
    """A ladder has two sides."""
    story = Story("OPEN", "OPEN").act("A", "SEND", "OPEN")

    with pytest.raises(ValueError, match="'A' is not drawn; only 'C' and 'D' are"):
        draw(story.trace(), replace(VIEW, names=("C", "D")))
