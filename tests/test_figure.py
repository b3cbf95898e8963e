"""Figures: their notation, and the search for the RFC's own in the graphs of toy processes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checker import Action, Channel, Outcome, State, System, TableProcess, Trace, explore, replay
from tcpfsm.drawing.ladder_lines import Line, View, lines
from tcpfsm.figures.found import Event, Found, NotationError, NotFound, find, flatten, parse_line

if TYPE_CHECKING:
    from collections.abc import Hashable

    import networkx as nx

    from tcpfsm.figures.found import Order

TO_B, TO_A = "A to B", "B to A"
VIEW = View(("A", "B"), lambda local: str(local).split("/")[0], str, {TO_B: ("A", "B"), TO_A: ("B", "A")})


def process(name: str, initial: str, acts: str, receptions: str) -> TableProcess:
    """A process from a table: ``state : action or message : state after : segments sent``; a state may have a memory."""
    into = TO_B if name == "A" else TO_A

    def rows(table: str) -> dict[tuple[Hashable, str], tuple[Outcome, ...]]:
        cells = [[cell.strip() for cell in row.split(":")] for row in table.strip().splitlines()]
        return {
            (state, what): (Outcome(after, tuple((into, message) for message in sends.split())),)
            for state, what, after, sends in cells
        }

    actions = {action: Action(action, "call") for _, action in rows(acts)}
    return TableProcess(name, initial, tuple(actions.values()), rows(acts), rows(receptions))


OPENER_A = process(
    "A",
    "CLOSED",
    """
    CLOSED : active OPEN : SYN-SENT : <SEQ=100><CTL=SYN>
    """,
    """
    SYN-SENT     : <SEQ=300><CTL=SYN>              : SYN-RECEIVED : <SEQ=100><ACK=301><CTL=SYN,ACK>
    SYN-SENT     : <SEQ=300><ACK=91><CTL=SYN,ACK>  : SYN-SENT     : <SEQ=91><CTL=RST>
    SYN-SENT     : <SEQ=300><ACK=101><CTL=SYN,ACK> : ESTABLISHED  : <SEQ=101><ACK=301><CTL=ACK>
    SYN-SENT     : <SEQ=400><ACK=101><CTL=SYN,ACK> : ESTABLISHED  : <SEQ=101><ACK=401><CTL=ACK>
    SYN-RECEIVED : <SEQ=300><ACK=101><CTL=SYN,ACK> : ESTABLISHED  :
    """,
)
OPENER_B = process(
    "B",
    "CLOSED",
    """
    CLOSED : passive OPEN : LISTEN   :
    CLOSED : active OPEN  : SYN-SENT : <SEQ=300><CTL=SYN>
    """,
    """
    LISTEN          : <SEQ=100><CTL=SYN>              : SYN-RECEIVED    : <SEQ=300><ACK=101><CTL=SYN,ACK>
    LISTEN          : <SEQ=90><CTL=SYN>               : SYN-RECEIVED/90 : <SEQ=300><ACK=91><CTL=SYN,ACK>
    SYN-RECEIVED/90 : <SEQ=90><CTL=SYN>               : SYN-RECEIVED/90 :
    SYN-RECEIVED/90 : <SEQ=91><CTL=RST>               : LISTEN/again    :
    LISTEN/again    : <SEQ=100><CTL=SYN>              : SYN-RECEIVED    : <SEQ=400><ACK=101><CTL=SYN,ACK>
    SYN-RECEIVED    : <SEQ=101><ACK=301><CTL=ACK>     : ESTABLISHED     :
    SYN-RECEIVED    : <SEQ=101><ACK=401><CTL=ACK>     : ESTABLISHED     :
    SYN-SENT        : <SEQ=100><CTL=SYN>              : SYN-RECEIVED    : <SEQ=300><ACK=101><CTL=SYN,ACK>
    SYN-RECEIVED    : <SEQ=100><ACK=301><CTL=SYN,ACK> : ESTABLISHED     :
    """,
)
CLOSER_A = process(
    "A",
    "ESTABLISHED",
    """
    ESTABLISHED : CLOSE : FIN-WAIT-1 : <SEQ=100><ACK=300><CTL=FIN,ACK>
    TIME-WAIT   : 2 MSL : CLOSED     :
    """,
    """
    FIN-WAIT-1 : <SEQ=300><ACK=101><CTL=ACK>     : FIN-WAIT-2 :
    FIN-WAIT-2 : <SEQ=300><ACK=101><CTL=FIN,ACK> : TIME-WAIT  : <SEQ=101><ACK=301><CTL=ACK>
    FIN-WAIT-1 : <SEQ=300><ACK=100><CTL=FIN,ACK> : CLOSING    : <SEQ=101><ACK=301><CTL=ACK>
    CLOSING    : <SEQ=301><ACK=101><CTL=ACK>     : TIME-WAIT  :
    """,
)
CLOSER_B = process(
    "B",
    "ESTABLISHED",
    """
    ESTABLISHED : CLOSE : FIN-WAIT-1 : <SEQ=300><ACK=100><CTL=FIN,ACK>
    CLOSE-WAIT  : CLOSE : LAST-ACK   : <SEQ=300><ACK=101><CTL=FIN,ACK>
    TIME-WAIT   : 2 MSL : CLOSED     :
    """,
    """
    ESTABLISHED : <SEQ=100><ACK=300><CTL=FIN,ACK> : CLOSE-WAIT : <SEQ=300><ACK=101><CTL=ACK>
    LAST-ACK    : <SEQ=101><ACK=301><CTL=ACK>     : CLOSED     :
    FIN-WAIT-1  : <SEQ=100><ACK=300><CTL=FIN,ACK> : CLOSING    : <SEQ=301><ACK=101><CTL=ACK>
    CLOSING     : <SEQ=101><ACK=301><CTL=ACK>     : TIME-WAIT  :
    """,
)


def opening(*planted: str, losses: int = 0, duplications: int = 0, capacity: int | None = None) -> System:
    """Two peers that open a connection; the planted segments are on their way to B."""
    channels = (Channel(TO_B, "A", "B", capacity=capacity, initial=planted), Channel(TO_A, "B", "A"))
    return System((OPENER_A, OPENER_B), channels, losses=losses, duplications=duplications)


def closing() -> System:
    """Two peers that close a connection."""
    return System((CLOSER_A, CLOSER_B), (Channel(TO_B, "A", "B"), Channel(TO_A, "B", "A")))


def search(system: System, figure: str, order: Order = "lines") -> Found | NotFound:
    """Look for a figure, written as in the RFC, among all runs of a system."""
    events = flatten(parse_line(line) for line in figure.strip().splitlines())
    return find(graph(system), system.initials[0], events, VIEW, str.__eq__, order=order)


def graph(system: System) -> nx.MultiDiGraph[State]:
    """The whole space of a system."""
    return explore(system).graph


RFC_6 = """
    CLOSED | LISTEN
    SYN-SENT    --> <SEQ=100><CTL=SYN>               --> SYN-RECEIVED
    ESTABLISHED <-- <SEQ=300><ACK=101><CTL=SYN,ACK>  <-- SYN-RECEIVED
    ESTABLISHED --> <SEQ=101><ACK=301><CTL=ACK>       --> ESTABLISHED
"""
RFC_7 = """
    CLOSED | CLOSED
    SYN-SENT     --> <SEQ=100><CTL=SYN>              ...
    SYN-RECEIVED <-- <SEQ=300><CTL=SYN>              <-- SYN-SENT
                 ... <SEQ=100><CTL=SYN>              --> SYN-RECEIVED
    SYN-RECEIVED --> <SEQ=100><ACK=301><CTL=SYN,ACK> ...
    ESTABLISHED  <-- <SEQ=300><ACK=101><CTL=SYN,ACK> <-- SYN-RECEIVED
                 ... <SEQ=100><ACK=301><CTL=SYN,ACK> --> ESTABLISHED
"""
RFC_8 = """
    1.  CLOSED | LISTEN
    2.  SYN-SENT    --> <SEQ=100><CTL=SYN>               ...
    3.  (duplicate) ... <SEQ=90><CTL=SYN>               --> SYN-RECEIVED
    4.  SYN-SENT    <-- <SEQ=300><ACK=91><CTL=SYN,ACK>  <-- SYN-RECEIVED
    5.  SYN-SENT    --> <SEQ=91><CTL=RST>               --> LISTEN
    6.              ... <SEQ=100><CTL=SYN>               --> SYN-RECEIVED
    7.  ESTABLISHED <-- <SEQ=400><ACK=101><CTL=SYN,ACK>  <-- SYN-RECEIVED
    8.  ESTABLISHED --> <SEQ=101><ACK=401><CTL=ACK>      --> ESTABLISHED
"""
RFC_12 = """
    ESTABLISHED | ESTABLISHED
    (Close)
    FIN-WAIT-1  --> <SEQ=100><ACK=300><CTL=FIN,ACK>  --> CLOSE-WAIT
    FIN-WAIT-2  <-- <SEQ=300><ACK=101><CTL=ACK>      <-- CLOSE-WAIT
                                                         (Close)
    TIME-WAIT   <-- <SEQ=300><ACK=101><CTL=FIN,ACK>  <-- LAST-ACK
    TIME-WAIT   --> <SEQ=101><ACK=301><CTL=ACK>      --> CLOSED
    (2 MSL)
    CLOSED |
"""
RFC_13 = """
    ESTABLISHED | ESTABLISHED
    (Close) | (Close)
    FIN-WAIT-1  --> <SEQ=100><ACK=300><CTL=FIN,ACK>  ... FIN-WAIT-1
                <-- <SEQ=300><ACK=100><CTL=FIN,ACK>  <--
                ... <SEQ=100><ACK=300><CTL=FIN,ACK>  -->
    CLOSING     --> <SEQ=101><ACK=301><CTL=ACK>      ... CLOSING
                <-- <SEQ=301><ACK=101><CTL=ACK>      <--
                ... <SEQ=101><ACK=301><CTL=ACK>      -->
    TIME-WAIT | TIME-WAIT
    (2 MSL) | (2 MSL)
    CLOSED | CLOSED
"""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("S --> <Q> --> T", [("snd", 0, "<Q>", ("S", None)), ("rcv", 1, "<Q>", (None, "T"))]),
        ("S <-- <Q> <-- T", [("snd", 1, "<Q>", (None, "T")), ("rcv", 0, "<Q>", ("S", None))]),
        ("S --> <Q><R> ...", [("snd", 0, "<Q><R>", ("S", None))]),
        ("... <Q> --> T", [("rcv", 1, "<Q>", (None, "T"))]),
        ("... <Q> <-- T", [("snd", 1, "<Q>", (None, "T"))]),
        ("S <-- <Q> ...", [("rcv", 0, "<Q>", ("S", None))]),
        ("--> <Q> -->", [("snd", 0, "<Q>", (None, None)), ("rcv", 1, "<Q>", (None, None))]),
        ("S --> <Q> XXX", [("snd", 0, "<Q>", ("S", None)), ("lost", 0, "<Q>", (None, None))]),
        ("XXX <Q> <-- T", [("snd", 1, "<Q>", (None, "T")), ("lost", 1, "<Q>", (None, None))]),
        ("... <Q> XXX", [("lost", 0, "<Q>", (None, None))]),
        ("XXX <Q> ...", [("lost", 1, "<Q>", (None, None))]),
        ("... <Q> ...", [("copied", None, "<Q>", (None, None))]),
        ("S --> <Q> ... T", [("snd", 0, "<Q>", ("S", None)), ("at", None, "", (None, "T"))]),
        ("S | T", [("at", None, "", ("S", "T"))]),
        ("(??) <-- <Q> <-- (Abort!!)", [("snd", 1, "<Q>", (None, None)), ("rcv", 0, "<Q>", (None, None))]),
        ("two words |", [("at", None, "", ("two words", None))]),
        ("| T", [("at", None, "", (None, "T"))]),
        ("(REBOOT)          (send 300,receive 100)", []),
        ("(Close) | (Close)", []),
    ],
)
def test_a_line_is_the_events_it_shows(text: str, expected: list[tuple[object, ...]]) -> None:
    """The notation is the one of RFC 9293 §3.5; the RFC draws no losses and copies, so those marks are ours."""
    assert [Event(*event) for event in expected] == list(parse_line(text).events())  # type: ignore[arg-type]


def test_comments_and_the_number_of_a_line_constrain_nothing() -> None:
    """The comments are kept, the number is not."""
    line = parse_line("  3.  (duplicate) ... <SEQ=90><CTL=SYN>  --> SYN-RECEIVED  (no harm yet)")

    assert (line.states, line.comments) == ((None, "SYN-RECEIVED"), ("duplicate", "no harm yet"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "",
            "column 1: expected an arrow (-->, <--, ..., XXX), or | between the states, found the end of the line",
        ),
        (
            "A B",
            "column 4: expected an arrow (-->, <--, ..., XXX), or | between the states, found the end of the line",
        ),
        ("A -> <Q> --> B", "column 3: expected an arrow (-->, <--, ..., XXX), found '->'"),
        ("A .. <Q> --> B", "column 3: expected an arrow (-->, <--, ..., XXX), found '..'"),
        ("A <Q> --> B", "column 3: expected an arrow (-->, <--, ..., XXX), found '<Q>'"),
        ("A --> <Q> <-- B", "column 11: expected --> or ... or XXX, found '<--'"),
        ("A <-- <Q> XXX", "column 11: expected <-- or ..., found 'XXX'"),
        ("A --> <Q> B", "column 11: expected --> or ... or XXX, found 'B'"),
        ("A --> <Q>  ", "column 10: expected --> or ... or XXX, found the end of the line"),
        ("A --> SYN --> B", "column 7: expected a segment in <...> after the arrow, found 'SYN'"),
        ("A -->", "column 6: expected a segment in <...> after the arrow, found the end of the line"),
        ("A --> <Q --> B", "column 7: expected a segment whose fields end with >, found '<'"),
        ("A --> <Q", "column 7: expected a segment whose fields end with >, found '<'"),
        ("A | B (Close", "column 7: expected a comment that ends with ), found '('"),
        ("A | B | C", "column 7: expected a comment in (...) or the end of this side, found '|'"),
        ("A (x) B --> <Q> -->", "column 7: expected a comment in (...) or the end of this side, found 'B'"),
    ],
)
def test_a_mistake_is_told_with_its_column(text: str, message: str) -> None:
    """The message says what was expected there and what was found."""
    with pytest.raises(NotationError) as caught:
        parse_line(text)

    assert message == str(caught.value)
    assert caught.value.column == int(message.split()[1].rstrip(":"))


@pytest.mark.parametrize(
    ("system", "figure", "order", "length"),
    [
        (opening(), RFC_6, "lines", 5),
        (opening("<SEQ=90><CTL=SYN>"), RFC_8, "lines", 8),
        (closing(), RFC_12, "lines", 7),
        (opening(), RFC_7, "sides", 6),
        (closing(), RFC_13, "sides", 8),
    ],
    ids=["6", "8", "12", "7", "13"],
)
def test_figures_of_the_rfc_are_found(system: System, figure: str, order: Order, length: int) -> None:
    """The run found is one of the system, and a shortest; calls that send nothing may be anywhere in it."""
    result = search(system, figure, order)

    assert isinstance(result, Found)
    assert length == len(result.trace.steps)
    assert replay(system, result.trace) == result.trace.final


def test_simultaneous_lines_have_an_order_of_their_own() -> None:
    """In figure 7 B receives before A answers; a process that answers at once cannot follow that line by line."""
    result = search(opening(), RFC_7)

    assert isinstance(result, NotFound)
    assert (result.events_matched, result.missing) == (
        4,
        Event("rcv", 1, "<SEQ=100><CTL=SYN>", (None, "SYN-RECEIVED"), 4),
    )
    assert [state.locals for state in result.nearest] == [("SYN-SENT", "SYN-SENT")]
    assert len(result.trace.steps) == 2


def test_what_cannot_happen_is_told_with_its_line() -> None:
    """The nearest states are those in which the longest beginnings of the figure end, and a run leads there."""
    result = search(
        opening(),
        """
        CLOSED | LISTEN
        SYN-SENT     --> <SEQ=100><CTL=SYN>               --> SYN-RECEIVED
        ESTABLISHED  <-- <SEQ=300><ACK=101><CTL=SYN,ACK>  <-- SYN-RECEIVED
        ESTABLISHED  --> <SEQ=101><ACK=301><CTL=ACK>      --> CLOSED
        """,
    )

    assert isinstance(result, NotFound)
    assert result.events_matched == 6
    assert Event("rcv", 1, "<SEQ=101><ACK=301><CTL=ACK>", (None, "CLOSED"), 4) == result.missing
    assert [state.locals for state in result.nearest] == [("ESTABLISHED", "SYN-RECEIVED")]
    assert result.nearest[0] == result.trace.final


def test_a_figure_that_only_names_states_is_found_where_they_hold() -> None:
    """Nothing visible may happen on the way; what the last step sends is no longer on the way."""
    found = search(opening(), "CLOSED | CLOSED\n CLOSED | LISTEN")
    sends_at_last = search(opening(), "CLOSED | CLOSED\n CLOSED | SYN-SENT")
    missed = search(opening(), "CLOSED | CLOSED\n CLOSED | SYN-RECEIVED")

    assert isinstance(found, Found)
    assert [step.label.action for step in found.trace.steps] == ["passive OPEN"]
    assert isinstance(sends_at_last, Found)
    assert [step.label.action for step in sends_at_last.trace.steps] == ["active OPEN"]
    assert isinstance(missed, NotFound)
    assert (missed.events_matched, missed.missing) == (1, Event("at", None, "", ("CLOSED", "SYN-RECEIVED"), 2))


def test_a_figure_without_events_is_found_at_once() -> None:
    """There is nothing that could fail to happen."""
    system = opening()

    assert Found(Trace((), None, system.initials[0])) == search(system, "(nothing)")


def test_a_figure_may_end_before_the_last_answer() -> None:
    """B answers at once, in the step in which it receives; the figure stops before that line."""
    result = search(opening(), "SYN-SENT --> <SEQ=100><CTL=SYN> --> SYN-RECEIVED")

    assert isinstance(result, Found)
    assert result.trace.steps[-1].outcome is not None
    assert [message for _, message in result.trace.steps[-1].outcome.sends] == ["<SEQ=300><ACK=101><CTL=SYN,ACK>"]


def test_nothing_visible_happens_beside_the_lines() -> None:
    """The events of the run are exactly those of the figure; this one lacks the answer that A sends at once."""
    result = search(
        opening(),
        """
        SYN-SENT     --> <SEQ=100><CTL=SYN>               --> SYN-RECEIVED
        ESTABLISHED  <-- <SEQ=300><ACK=101><CTL=SYN,ACK>  <-- SYN-RECEIVED
        ESTABLISHED | ESTABLISHED
        """,
    )

    assert isinstance(result, NotFound)
    assert (result.events_matched, result.missing) == (4, Event("at", None, "", ("ESTABLISHED", "ESTABLISHED"), 3))


def test_of_shortest_runs_the_one_nearest_to_the_order_of_the_lines_is_taken() -> None:
    """Where the sides have orders of their own, what the figure shows first also happens first if it can."""
    result = search(closing(), RFC_13, "sides")

    assert isinstance(result, Found)
    assert [step.label.actor for step in result.trace.steps] == ["A", "B", "A", "B", "A", "B", "A", "B"]


def test_losses_are_silent_unless_the_figure_shows_one() -> None:
    """A figure that shows none may be found in a run with one; a figure that shows one shows them all."""
    system = opening("<SEQ=90><CTL=SYN>", capacity=1, losses=2)
    after_a_loss = "SYN-SENT --> <SEQ=100><CTL=SYN> ..."
    silent = search(system, after_a_loss)
    shown = search(system, f"... <SEQ=90><CTL=SYN> XXX\n {after_a_loss}")
    too_few = search(system, f"{after_a_loss}\n ... <SEQ=100><CTL=SYN> XXX")

    assert isinstance(silent, Found)
    assert silent == shown
    assert [step.label.kind for step in silent.trace.steps] == ["lose", "call"]
    assert isinstance(too_few, NotFound)
    assert too_few.events_matched == 0


def test_copies_are_silent_unless_the_figure_shows_one() -> None:
    """Both copies arrive, whether or not the figure tells where the second comes from."""
    twice = """
        ... <SEQ=90><CTL=SYN>               --> SYN-RECEIVED
        ... <SEQ=300><ACK=91><CTL=SYN,ACK>  <-- SYN-RECEIVED
        ... <SEQ=90><CTL=SYN>               --> SYN-RECEIVED
    """
    system = opening("<SEQ=90><CTL=SYN>", duplications=1)
    silent = search(system, twice)
    shown = search(system, f"... <SEQ=90><CTL=SYN> ... \n {twice.strip()}")
    another = search(system, f"... <SEQ=91><CTL=SYN> ... \n {twice.strip()}")

    assert isinstance(silent, Found)
    assert isinstance(shown, Found)
    assert len(silent.trace.steps) == len(shown.trace.steps) == 4
    assert isinstance(another, NotFound)


@pytest.mark.parametrize("order", ["lines", "sides"])
def test_a_segment_lost_as_it_is_sent_is_one_line(order: Order) -> None:
    """The loss comes after the departure, whichever order counts."""
    result = search(opening(losses=1), "SYN-SENT --> <SEQ=100><CTL=SYN> XXX", order)

    assert isinstance(result, Found)
    assert [step.label.kind for step in result.trace.steps] == ["call", "lose"]


def walks(system: System) -> st.SearchStrategy[Trace]:
    """Random runs of a system."""

    @st.composite
    def walk(draw: st.DrawFn) -> Trace:
        steps = []
        state = system.initials[0]
        for _ in range(draw(st.integers(0, 14))):
            possible = system.steps(state)
            if not possible:
                break
            steps.append(draw(st.sampled_from(possible)))
            state = steps[-1].after
        return Trace(tuple(steps), None, system.initials[0])

    return walk()


def as_written(line: Line) -> str:
    """A line of a ladder in the notation of a figure."""
    left, right = line.states
    return (
        f"{left} | {right}"
        if not line.segment
        else f"{left} {line.arrows[0]} {line.segment} {line.arrows[1]} {right}"
    )


MISCHIEVOUS = opening("<SEQ=90><CTL=SYN>", losses=1, duplications=1)
MISCHIEVOUS_GRAPH = graph(MISCHIEVOUS)


@given(walks(MISCHIEVOUS))
def test_what_is_drawn_is_found_again(trace: Trace) -> None:
    """A ladder, read as a figure, leads back to a run that is drawn with the same segments and is no longer."""
    written = [as_written(line) for line in lines(trace, VIEW)]
    events = flatten(map(parse_line, written))

    for order in ("lines", "sides"):
        result = find(MISCHIEVOUS_GRAPH, trace.initial, events, VIEW, str.__eq__, order=order)
        assert isinstance(result, Found)
        assert len(result.trace.steps) <= len(trace.steps)
