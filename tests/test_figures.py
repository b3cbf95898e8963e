"""The figures of RFC 9293, transcribed, beside what the machine draws; and figure files of one's own."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import jsonschema
import pytest

import tcpfsm
from tcpfsm.errors import SpecError, UsageError
from tcpfsm.figures.figure import KEYS, draw_figure, load, names, not_found, search
from tcpfsm.figures.found import Found, NotFound
from tcpfsm.loader.load import load_protocol
from tcpfsm.loader.source import Items, Mapping, Scalar, parse, read
from tests.conftest import SPEC
from tests.suite_runs import protocol

if TYPE_CHECKING:
    from collections.abc import Callable

SCHEMAS = Path(tcpfsm.__file__).parent / "schemas"

# As printed in RFC 9293 §3.5, §3.5.1 and §3.6, blank lines left out. Figure 11's Z is 90 here and its X is 300.
RFC = {
    "6": """
       TCP Peer A                                           TCP Peer B
   1.  CLOSED                                               LISTEN
   2.  SYN-SENT    --> <SEQ=100><CTL=SYN>               --> SYN-RECEIVED
   3.  ESTABLISHED <-- <SEQ=300><ACK=101><CTL=SYN,ACK>  <-- SYN-RECEIVED
   4.  ESTABLISHED --> <SEQ=101><ACK=301><CTL=ACK>       --> ESTABLISHED
   5.  ESTABLISHED --> <SEQ=101><ACK=301><CTL=ACK><DATA> --> ESTABLISHED
""",
    "7": """
       TCP Peer A                                       TCP Peer B
   1.  CLOSED                                           CLOSED
   2.  SYN-SENT     --> <SEQ=100><CTL=SYN>              ...
   3.  SYN-RECEIVED <-- <SEQ=300><CTL=SYN>              <-- SYN-SENT
   4.               ... <SEQ=100><CTL=SYN>              --> SYN-RECEIVED
   5.  SYN-RECEIVED --> <SEQ=100><ACK=301><CTL=SYN,ACK> ...
   6.  ESTABLISHED  <-- <SEQ=300><ACK=101><CTL=SYN,ACK> <-- SYN-RECEIVED
   7.               ... <SEQ=100><ACK=301><CTL=SYN,ACK> --> ESTABLISHED
""",
    "8": """
       TCP Peer A                                           TCP Peer B
   1.  CLOSED                                               LISTEN
   2.  SYN-SENT    --> <SEQ=100><CTL=SYN>               ...
   3.  (duplicate) ... <SEQ=90><CTL=SYN>               --> SYN-RECEIVED
   4.  SYN-SENT    <-- <SEQ=300><ACK=91><CTL=SYN,ACK>  <-- SYN-RECEIVED
   5.  SYN-SENT    --> <SEQ=91><CTL=RST>               --> LISTEN
   6.              ... <SEQ=100><CTL=SYN>               --> SYN-RECEIVED
   7.  ESTABLISHED <-- <SEQ=400><ACK=101><CTL=SYN,ACK>  <-- SYN-RECEIVED
   8.  ESTABLISHED --> <SEQ=101><ACK=401><CTL=ACK>      --> ESTABLISHED
""",
    "9": """
         TCP Peer A                                      TCP Peer B
     1.  (REBOOT)                              (send 300,receive 100)
     2.  CLOSED                                           ESTABLISHED
     3.  SYN-SENT --> <SEQ=400><CTL=SYN>              --> (??)
     4.  (!!)     <-- <SEQ=300><ACK=100><CTL=ACK>     <-- ESTABLISHED
     5.  SYN-SENT --> <SEQ=100><CTL=RST>              --> (Abort!!)
     6.  SYN-SENT                                         CLOSED
     7.  SYN-SENT --> <SEQ=400><CTL=SYN>              -->
""",
    "10": """
         TCP Peer A                                         TCP Peer B
   1.  (REBOOT)                                  (send 300,receive 100)
   2.  (??)    <-- <SEQ=300><ACK=100><DATA=10><CTL=ACK> <-- ESTABLISHED
   3.          --> <SEQ=100><CTL=RST>                   --> (ABORT!!)
""",
    "11": """
       TCP Peer A                                    TCP Peer B
   1.  LISTEN                                        LISTEN
   2.       ... <SEQ=90><CTL=SYN>                -->  SYN-RECEIVED
   3.  (??) <-- <SEQ=300><ACK=91><CTL=SYN,ACK>   <--  SYN-RECEIVED
   4.       --> <SEQ=91><CTL=RST>              -->  (return to LISTEN!)
   5.  LISTEN                                        LISTEN
""",
    "12": """
       TCP Peer A                                           TCP Peer B
   1.  ESTABLISHED                                          ESTABLISHED
   2.  (Close)
       FIN-WAIT-1  --> <SEQ=100><ACK=300><CTL=FIN,ACK>  --> CLOSE-WAIT
   3.  FIN-WAIT-2  <-- <SEQ=300><ACK=101><CTL=ACK>      <-- CLOSE-WAIT
   4.                                                       (Close)
       TIME-WAIT   <-- <SEQ=300><ACK=101><CTL=FIN,ACK>  <-- LAST-ACK
   5.  TIME-WAIT   --> <SEQ=101><ACK=301><CTL=ACK>      --> CLOSED
   6.  (2 MSL)
       CLOSED
""",
    "13": """
       TCP Peer A                                           TCP Peer B
   1.  ESTABLISHED                                          ESTABLISHED
   2.  (Close)                                              (Close)
       FIN-WAIT-1  --> <SEQ=100><ACK=300><CTL=FIN,ACK>  ... FIN-WAIT-1
                   <-- <SEQ=300><ACK=100><CTL=FIN,ACK>  <--
                   ... <SEQ=100><ACK=300><CTL=FIN,ACK>  -->
   3.  CLOSING     --> <SEQ=101><ACK=301><CTL=ACK>      ... CLOSING
                   <-- <SEQ=301><ACK=101><CTL=ACK>      <--
                   ... <SEQ=101><ACK=301><CTL=ACK>      -->
   4.  TIME-WAIT                                            TIME-WAIT
       (2 MSL)                                              (2 MSL)
       CLOSED                                               CLOSED
""",
}
#: Each peer of these figures answers in the step in which it receives, so that some lines of the two change places.
SIMULTANEOUS = {"7": "lines 4 and 5", "13": "the lines of 2 and of 3"}


class Row(NamedTuple):
    """A row of a figure: the states it names, or "", and a segment with its arrows, or nothing."""

    left: str
    near: str
    segment: frozenset[str]
    far: str
    right: str


ROW = re.compile(r"^\s*(?:([A-Z]\S*)\s+)?(-->|<--|\.\.\.|XXX)\s+(<\S+>)\s+(-->|<--|\.\.\.|XXX)\s*(\S*)\s*$")
NO_STATE = re.compile(r"^ *\d+\.|\([^)]*\)|TCP Peer [AB]")
MIDDLE = 30


def rows(figure: str) -> list[Row]:
    """Read a figure row by row; line numbers, comments, calls and the names of the peers are blanked out."""
    found = []
    for line in figure.splitlines():
        text = NO_STATE.sub(lambda match: " " * len(match.group()), line)
        match = ROW.match(text)
        if match:
            left, near, segment, far, right = match.groups()
            found.append(Row(left or "", near, fields(segment), far, right))
        elif text.strip():
            places = {word.start() > MIDDLE: word.group() for word in re.finditer(r"\S+", text)}
            found.append(Row(places.get(False, ""), "", frozenset(), "", places.get(True, "")))
    return found


def fields(segment: str) -> frozenset[str]:
    """Return the fields of a segment; figure 6 writes <DATA> for any text, and bits have no order."""
    parts = re.findall(r"<([^>]*)>", segment)
    return frozenset("DATA" if part in ("DATA", "DATA=1") else ",".join(sorted(part.split(","))) for part in parts)


def drawn(name: str) -> str:
    """Draw a figure as the machine has it."""
    found = protocol("tcp")
    figure = load(found, name)
    looked = search(found, figure)
    assert isinstance(looked.result, Found)
    return draw_figure(figure, looked.built, looked.result)


def moves(figure: list[Row]) -> list[tuple[str, str, frozenset[str], str]]:
    """List what happens, in order: at which end, whether it sends or receives, what, and the state if it is named."""
    found = []
    for row in figure:
        ends = (("A", row.near, row.left, "-->"), ("B", row.far, row.right, "<--"))
        sender_first = ends if "-->" in (row.near, row.far) else ends[::-1]
        for end, arrow, state, sends in sender_first:
            if arrow in ("-->", "<--"):
                found.append((end, "snd" if arrow == sends else "rcv", row.segment, state))
    return found


def states(figure: list[Row], end: str) -> list[str]:
    """List the states that an end goes through, as far as they are named."""
    named = [row.left if end == "A" else row.right for row in figure]
    return [state for before, state in zip(["", *filter(None, named)], filter(None, named), strict=False) if before != state]


def test_every_figure_of_the_rfc_is_there() -> None:
    """Figures 6 to 13, in the order of their numbers."""
    assert names(protocol("tcp")) == list(RFC)


@pytest.mark.parametrize("name", [name for name in RFC if name not in SIMULTANEOUS])
def test_a_figure_is_drawn_line_by_line_as_the_rfc_has_it(name: str) -> None:
    """The same segments between the same states in the same lines; where the RFC has a comment any state will do."""
    ours = [row for row in rows(drawn(name)) if row.segment]
    theirs = [row for row in rows(RFC[name]) if row.segment]

    assert [(row.near, row.segment, row.far) for row in ours] == [(row.near, row.segment, row.far) for row in theirs]
    for mine, printed in zip(ours, theirs, strict=True):
        assert printed.left in ("", mine.left)
        assert printed.right in ("", mine.right)


@pytest.mark.parametrize("name", RFC)
def test_each_peer_of_a_figure_does_what_the_rfc_says(name: str) -> None:
    """The same segments sent and received, in the same order at each peer, and in the same states after it."""
    ours, theirs = moves(rows(drawn(name))), moves(rows(RFC[name]))
    for end in "AB":
        mine = [move[1:3] for move in ours if move[0] == end]
        assert mine == [move[1:3] for move in theirs if move[0] == end]


@pytest.mark.parametrize("name", RFC)
def test_each_peer_of_a_figure_goes_through_the_states_the_rfc_says(name: str) -> None:
    """In the same order; where the RFC writes (REBOOT), (??) or (Abort!!), ours has a state more."""
    ours, theirs = rows(drawn(name)), rows(RFC[name])
    more = {
        ("9", "A"): ["ESTABLISHED"],  # before (REBOOT)
        ("10", "A"): ["ESTABLISHED", "CLOSED"],  # before and after (REBOOT)
        ("10", "B"): ["CLOSED"],  # (ABORT!!)
    }
    for end in "AB":
        extra = list(states(ours, end))
        for state in states(theirs, end):
            assert state in extra, f"{end} is never {state}"
            extra.remove(state)
        assert extra == more.get((name, end), [])


@pytest.mark.parametrize("name", SIMULTANEOUS)
def test_only_figures_in_which_both_peers_act_at_once_are_told_per_side(name: str) -> None:
    """There, and nowhere else, what happens at one peer may change places with what happens at the other."""
    assert load(protocol("tcp"), name).order == "sides"
    assert [other for other in RFC if load(protocol("tcp"), other).order == "sides"] == list(SIMULTANEOUS)


@pytest.mark.parametrize("name", RFC)
def test_a_figure_says_where_it_is_printed(name: str) -> None:
    """In its source, and in both languages."""
    scenario = load(protocol("tcp"), name).scenario

    assert scenario.source.endswith(f"figure {name}")
    assert scenario.says["en"]
    assert scenario.says["zh"]


def test_a_variant_without_three_messages_cannot_draw_figure_6() -> None:
    """Line 2 is the first that cannot happen: B is ESTABLISHED as soon as it has the SYN."""
    found = protocol("tcp")
    figure = load(found, "6")
    looked = search(found, figure, "two-way")

    assert isinstance(looked.result, NotFound)
    assert looked.verdict == "violated"
    assert not_found(figure, looked) == "figure 6: line 2 cannot happen in the machine; 2 of its events can"


def test_an_unknown_figure_is_answered_with_the_nearest() -> None:
    """And with those that there are."""
    with pytest.raises(UsageError, match=r"tcp has no figure '60'.*did you mean 6.*choices: 6, 7"):
        load(protocol("tcp"), "60")


@pytest.fixture
def figure_file(ping: Path) -> Callable[[str], Path]:
    """Write a figure of the small protocol."""

    def write(text: str) -> Path:
        path = ping / "figures" / "asked.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    return write


ASKED = """\
says: A asks and B answers.
zh: A 问，B 答。
A: {calls: {PING: 1}, isn: [7]}
lines:
  - "IDLE | IDLE"
  - "(PING) WAIT --> <NUM=7><CTL=ASK> --> IDLE"
  - "IDLE <-- <NUM=7><CTL=ANS> <-- IDLE"
"""


def test_a_protocol_of_ones_own_has_figures_too(ping: Path, figure_file: Callable[[str], Path]) -> None:
    """No line of Python is needed for them."""
    figure_file(ASKED)
    found = load_protocol(ping)
    figure = load(found, "asked")
    looked = search(found, figure)

    assert isinstance(looked.result, Found)
    assert [row.segment for row in rows(draw_figure(figure, looked.built, looked.result)) if row.segment] == [
        {"NUM=7", "CTL=ASK"},
        {"NUM=7", "CTL=ANS"},
    ]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("lines:", "lnes:", "'lnes' is not a key of a figure"),
        ("--> IDLE", "-> IDLE", "asked.yaml:6:39: expected an arrow"),
        ("<NUM=7><CTL=ASK>", "", "expected a segment"),
        ("lines:", "order: sideways\nlines:", "'sideways' is not an order"),
        ("says:", "title: [x]\nsays:", "title is a text"),
        ("says:", "title-zh: [x]\nsays:", "title-zh is a text"),
        ("A: {calls: {PING: 1}, isn: [7]}", "A: {cals: {PING: 1}}", "'cals' is not a key"),
    ],
)
def test_a_mistake_in_a_figure_is_told_with_its_place(
    old: str, new: str, said: str, ping: Path, figure_file: Callable[[str], Path]
) -> None:
    """In the file that the user has, at the column of the mistake."""
    path = figure_file(ASKED.replace(old, new, 1))
    with pytest.raises(SpecError) as caught:
        load(load_protocol(ping), "asked")

    assert said in str(caught.value)
    assert str(path) in str(caught.value)


def test_a_figure_without_lines_is_a_mistake(ping: Path, figure_file: Callable[[str], Path]) -> None:
    """It would be found at once, whatever the machine."""
    figure_file("says: nothing\n")
    with pytest.raises(SpecError, match="a figure needs lines"):
        load(load_protocol(ping), "asked")


# ---- the schema --------------------------------------------------------------------------------------------------------


def plain(node: object) -> object:
    """Turn nodes into plain data."""
    if isinstance(node, Mapping):
        return {key.text: plain(value) for key, value in node.entries}
    if isinstance(node, Items):
        return [plain(item) for item in node]
    assert isinstance(node, Scalar)
    return node.value


def test_every_figure_fits_the_schema_that_it_names() -> None:
    """An editor finds nothing to complain about."""
    validator = jsonschema.Draft7Validator(json.loads((SCHEMAS / "figure.json").read_text(encoding="utf-8")))
    for path in sorted(SPEC.glob("*/figures/*.yaml")):
        text = path.read_text(encoding="utf-8")
        named = text.splitlines()[0].partition("$schema=")[2]

        assert (path.parent / named).resolve() == SCHEMAS / "figure.json"
        assert [error.message for error in validator.iter_errors(plain(parse(read(path))))] == []


def test_the_schema_of_figures_is_that_of_scenarios_and_four_keys_more() -> None:
    """What a scenario may say a figure may say, in the same way."""
    figure, scenario = (json.loads((SCHEMAS / f"{kind}.json").read_text(encoding="utf-8")) for kind in ("figure", "scenario"))

    assert set(figure["properties"]) == set(KEYS)
    assert figure["properties"] | scenario["properties"] == figure["properties"]
    assert figure["definitions"] == scenario["definitions"]
    jsonschema.Draft7Validator.check_schema(figure)
