"""The notation of the RFC's figures: one line as text, taken apart into states, arrows, a segment and comments.

==========================================  ==========================================================
``SYN-SENT --> <SEQ=100> --> LISTEN``       the left peer sends, the right one receives
``SYN-SENT --> <SEQ=100> ...``              the left peer sends; the segment is delayed
``... <SEQ=100> --> LISTEN``                the right peer receives what was delayed, or is an old duplicate
``LISTEN <-- <SEQ=100> <-- SYN-SENT``       the same from right to left; so are ``... <SEQ=100> <-- SYN-SENT``
                                            and ``LISTEN <-- <SEQ=100> ...``
``SYN-SENT --> <SEQ=100> XXX``              the segment is lost; later: ``... <SEQ=100> XXX``,
                                            from right to left ``XXX <SEQ=100> ...``
``... <SEQ=100> ...``                       the network makes a copy of the segment
``CLOSED | LISTEN``, ``CLOSED |``           states alone
==========================================  ==========================================================

Every state may be left out. Comments in parentheses may stand wherever a state may, and constrain nothing;
neither does the number of the line.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

from tcpfsm.drawing.ladder_lines import ARROWS, DELAYED, LOST, Side, opposite
from tcpfsm.i18n.language import mark, tr

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

EventKind = Literal["snd", "rcv", "lost", "copied", "at"]
States = tuple[str | None, str | None]


class NotationError(ValueError):
    """A line is not in the notation; ``column`` counts from 1, ``message`` says what is wrong there."""

    def __init__(self, column: int, expected: str, found: str) -> None:
        self.column = column
        self.message = tr("expected {expected}, found {found}", expected=expected, found=found)
        super().__init__(tr("column {column}: {message}", column=column, message=self.message))


class Event(NamedTuple):
    """One visible event of a figure.

    ``side`` is the side that sends (``snd``) or receives (``rcv``) the segment, or from which it came
    (``lost``; ``None`` for ``copied``, where the notation does not tell; ``None`` for ``at``).
    ``states`` are those that hold after the event, as far as the figure names them.
    ``line`` is the place of the line in the figure, counted from 1.
    """

    kind: EventKind
    side: Side | None
    segment: str
    states: States
    line: int = 1


@dataclass(frozen=True, slots=True)
class FigureLine:
    """One line of a figure; what comes in pairs is left and right. ``sender`` is the side the segment came from."""

    states: States = (None, None)
    arrows: tuple[str, str] = ("", "")
    segment: str = ""
    sender: Side | None = None
    comments: tuple[str, ...] = ()

    def events(self, line: int = 1) -> tuple[Event, ...]:
        """What happens in the line, in order.

        A state on a side where nothing is sent or received is one that holds there at this point of the figure.
        """
        found = [Event(kind, side, self.segment, states, line) for kind, side, states in self._moves()]
        named = {event.side for event in found if event.kind in ("snd", "rcv")}
        left, right = (None if side in named else state for side, state in enumerate(self.states))
        if left is not None or right is not None:
            found.append(Event("at", None, "", (left, right), line))
        return tuple(found)

    def _moves(self) -> Iterator[tuple[EventKind, Side | None, States]]:
        """What happens to the segment."""
        if self.sender is None:
            if self.segment:
                yield "copied", None, (None, None)
            return
        target = opposite(self.sender)
        if self.arrows[self.sender] == ARROWS[self.sender]:
            yield "snd", self.sender, self._only(self.sender)
        if self.arrows[target] == ARROWS[self.sender]:
            yield "rcv", target, self._only(target)
        elif self.arrows[target] == LOST:
            yield "lost", self.sender, (None, None)

    def _only(self, side: Side) -> States:
        return (self.states[0], None) if side == 0 else (None, self.states[1])


def flatten(lines: Iterable[FigureLine]) -> tuple[Event, ...]:
    """The events of a figure, in order."""
    return tuple(event for number, line in enumerate(lines, 1) for event in line.events(number))


def parse_line(text: str) -> FigureLine:
    """Read one line of a figure.

    >>> parse_line("SYN-SENT --> <SEQ=100><CTL=SYN> --> SYN-RECEIVED (a comment)").states
    ('SYN-SENT', 'SYN-RECEIVED')

    Raises:
        NotationError: the line is not in the notation.
    """
    tokens = _tokens(text)
    end = len(text.rstrip()) + 1
    places = [place for place, token in enumerate(tokens) if token.kind == "segment"]
    if not places:
        return _states_alone(tokens, end)
    place = places[0]
    before, after = tokens[:place], tokens[place + 1 :]
    if not before or before[-1].kind != "arrow":
        raise NotationError(tokens[place].column, _arrow(), _found(tokens[place : place + 1], end))
    left_arrow = before[-1].text
    fitting = [right for left, right in _SENDERS if left == left_arrow]
    if not after or after[0].text not in fitting:
        column = after[0].column if after else end
        raise NotationError(column, tr(" or ").join(fitting), _found(after, end))
    left, left_comments = _side(before[:-1], end)
    right, right_comments = _side(after[1:], end)
    arrows = (left_arrow, after[0].text)
    return FigureLine(
        (left, right), arrows, tokens[place].text, _SENDERS[arrows], left_comments + right_comments
    )



def _arrow() -> str:
    return tr("an arrow ({arrows})", arrows=", ".join((*ARROWS, DELAYED, LOST)))



#: The side that sent the segment, by the arrows left and right of it; the notation has these and no others.
_SENDERS: dict[tuple[str, str], Side | None] = {
    ("-->", "-->"): 0,
    ("-->", DELAYED): 0,
    ("-->", LOST): 0,
    (DELAYED, "-->"): 0,
    (DELAYED, LOST): 0,
    (DELAYED, "<--"): 1,
    (DELAYED, DELAYED): None,
    ("<--", "<--"): 1,
    ("<--", DELAYED): 1,
    (LOST, "<--"): 1,
    (LOST, DELAYED): 1,
}

_TOKEN = re.compile(
    r"""(?P<arrow>-->|<--|\.\.\.|XXX(?!\S))
      | (?P<mistyped>[-=~]+>|<[-=~]+(?!\S)|\.{2,}|…)
      | (?P<segment>(?:<(?:(?!-->)[^<>])+>)+)
      | (?P<comment>\([^()]*\))
      | (?P<bar>\|)
      | (?P<word>(?:(?!-->|<--|\.\.\.)[^\s()<>|])+)""",
    re.VERBOSE,
)
_NUMBER = re.compile(r"\s*\d+\.(?=\s)")
_BLANKS = re.compile(r"\s*")


class _Token(NamedTuple):
    kind: str
    text: str
    column: int


def _tokens(text: str) -> list[_Token]:
    number = _NUMBER.match(text)
    at = number.end() if number else 0
    tokens: list[_Token] = []
    while (at := _skip_blanks(text, at)) < len(text):
        match = _TOKEN.match(text, at)
        if match is None or match.lastgroup is None:
            expected = tr(_WHOLE[text[at]]) if text[at] in _WHOLE else tr("a state, an arrow or a segment")
            raise NotationError(at + 1, expected, repr(text[at]))
        if match.lastgroup == "mistyped":
            raise NotationError(at + 1, _arrow(), repr(match.group()))
        tokens.append(_Token(match.lastgroup, match.group(), at + 1))
        at = match.end()
    return tokens


#: What was expected where a character begins something that does not end.
_WHOLE = {"(": mark("a comment that ends with )"), "<": mark("a segment whose fields end with >")}


def _skip_blanks(text: str, at: int) -> int:
    match = _BLANKS.match(text, at)
    return match.end() if match else at


def _states_alone(tokens: Sequence[_Token], end: int) -> FigureLine:
    for place, token in enumerate(tokens):
        if token.kind == "arrow":
            rest = tokens[place + 1 :]
            column = rest[0].column if rest else end
            raise NotationError(column, tr("a segment in <...> after the arrow"), _found(rest, end))
    bars = [place for place, token in enumerate(tokens) if token.kind == "bar"]
    if not bars and tokens and all(token.kind == "comment" for token in tokens):
        return FigureLine(comments=_side(tokens, end)[1])
    if not bars:
        raise NotationError(end, tr("{arrow}, or | between the states", arrow=_arrow()), tr("the end of the line"))
    left, left_comments = _side(tokens[: bars[0]], end)
    right, right_comments = _side(tokens[bars[0] + 1 :], end)
    return FigureLine((left, right), comments=left_comments + right_comments)


def _side(tokens: Sequence[_Token], end: int) -> tuple[str | None, tuple[str, ...]]:
    """The state (its words, joined) and the comments of one side."""
    comments = tuple(token.text[1:-1].strip() for token in tokens if token.kind == "comment")
    words: list[str] = []
    for place, token in enumerate(tokens):
        follows = place > 0 and tokens[place - 1].kind == "word"
        if token.kind == "word" and (follows or not words):
            words.append(token.text)
        elif token.kind != "comment":
            raise NotationError(
                token.column, tr("a comment in (...) or the end of this side"), _found(tokens[place:], end)
            )
    return " ".join(words) or None, comments


def _found(tokens: Sequence[_Token], end: int) -> str:
    return repr(tokens[0].text) if tokens and tokens[0].column < end else tr("the end of the line")
