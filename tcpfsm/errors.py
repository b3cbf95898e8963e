"""Whose fault it is: the author of a file (SpecError) or the caller (UsageError, MissingToolError). Anything else is our bug."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import NamedTuple

from tcpfsm.i18n.language import tr
from tcpfsm.i18n.width import width

MAX_WORD = 100
MAX_CHOICES = 1_000


class Place(NamedTuple):
    """Where something stands in a file; lines and columns count from 1."""

    path: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}"


class Problem(NamedTuple):
    """One mistake in a file: where, what is wrong, what would have been right, and the line itself."""

    place: Place
    message: str
    hint: str = ""
    line_text: str = ""
    length: int = 1

    def __str__(self) -> str:
        parts = [f"{self.place}: {self.message}"]
        if self.line_text.strip():
            shown = "".join(char if char.isprintable() else " " for char in self.line_text).rstrip()
            if len(shown) <= 200:
                start = self.place.column - 1
                caret = " " * _columns(shown, 0, start) + "^" * _columns(shown, start, max(1, self.length))
                parts += [f"    {shown}", f"    {caret}"]
        if self.hint:
            parts.append(f"  {self.hint}")
        return "\n".join(parts)


def _columns(text: str, start: int, length: int) -> int:
    """Return how many columns a part of a text takes; beyond its end, one for each character."""
    part = text[start : start + length]
    return width(part) + length - len(part)


class SpecError(Exception):
    """A file is not what the language allows. Carries every problem that was found, in file order."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        unique = dict.fromkeys(problems)
        self.problems = tuple(sorted(unique, key=lambda problem: problem.place))
        super().__init__("\n".join(str(problem) for problem in self.problems))


class UsageError(Exception):
    """The caller asked for something that does not exist or does not go together."""


class MissingToolError(Exception):
    """The caller asked for what needs a package that is not installed; the message says how to install it."""


def did_you_mean(word: str, choices: Iterable[str]) -> str:
    """Return a hint that names the nearest choice, and all choices where they are few.

    >>> did_you_mean("CLOSD", ["CLOSED", "LISTEN"])
    'did you mean CLOSED? choices: CLOSED, LISTEN'
    """
    known = [str(choice) for choice in choices]
    if len(word) > MAX_WORD or len(known) > MAX_CHOICES:  # looking for what is near takes time, and helps nobody there
        return _listed(known)
    folded = {choice.casefold(): choice for choice in known}
    near = difflib.get_close_matches(word.casefold(), list(folded), n=1, cutoff=0.6)
    parts = []
    if near:
        parts.append(tr("did you mean {word}?", word=folded[near[0]]))
    if known:
        parts.append(_listed(known))
    return " ".join(parts)


def _listed(known: list[str]) -> str:
    return tr("choices: {names}", names=", ".join(known[:16]) + (", ..." if len(known) > 16 else ""))
