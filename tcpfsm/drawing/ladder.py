"""Ladders set as text: columns as wide as what stands in them, in a line of 78 characters where that is possible."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tcpfsm.drawing.ladder_lines import lines
from tcpfsm.i18n.width import width

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from checker.model.trace import Trace
    from tcpfsm.drawing.ladder_lines import Line, View

WIDTH = 78


class _Columns(NamedTuple):
    """Where the columns of a ladder begin, counted from 0, and the width of the segments' column."""

    left: int
    arrow: int
    segment: int
    right: int
    comments: int


def draw(trace: Trace, view: View, *, mark: str | None = None, notes: Sequence[str] = ()) -> str:
    """A trace as text. ``mark`` becomes the comment of the last line; ``notes`` stand under the figure."""
    return render(lines(trace, view, mark=mark), view, notes)


def render(lines: Sequence[Line], view: View, notes: Sequence[str] = ()) -> str:
    """The lines under a heading that names both peers, and the notes below."""
    heading = (f"{view.peer} {view.names[0]}", f"{view.peer} {view.names[1]}")
    columns = _columns(lines, heading[0])
    rows = [_place((columns.left, heading[0]), (columns.right, heading[1]))]
    for line in lines:
        rows += _rows(line, columns)
    if notes:
        rows += ["", *notes]
    return "\n".join(rows)


def _columns(lines: Sequence[Line], heading: str) -> _Columns:
    left = 7
    arrow = left + _widest(line.states[0] for line in lines) + 1
    segment = arrow + 4
    right = segment + _widest(line.segment for line in lines) + 5
    right = max(right, left + width(heading) + 2)
    return _Columns(left, arrow, segment, right, right + _widest(line.states[1] for line in lines) + 2)


def _widest(texts: Iterable[str]) -> int:
    return max(map(width, texts), default=0)


def _rows(line: Line, columns: _Columns) -> list[str]:
    """The row of the calls, if there are any, and the row of the line itself; the first has the number."""
    comments = " ".join(f"({comment})" for comment in line.comments)
    if line.number is None:
        return [_place((columns.left, comments))]
    calls = [f"({call})" if call else "" for call in line.calls]
    row = _place(
        (columns.left, line.states[0]),
        (columns.arrow, line.arrows[0]),
        (columns.segment, line.segment),
        (columns.right - 4, line.arrows[1]),
        (columns.right, line.states[1]),
    )
    if comments:
        row = _place((0, row), (_within(columns.comments, comments, width(row) + 2), comments))
    rows = [row]
    if any(calls):
        right = _within(columns.right, calls[1], columns.left + width(calls[0]) + 2)
        rows.insert(0, _place((columns.left, calls[0]), (right, calls[1])))
    rows[0] = f"{line.number:>4}." + rows[0][5:]
    return rows


def _within(column: int, text: str, least: int) -> int:
    """The column moved to the left, if that is needed for the text to end within the width, but not below ``least``."""
    return max(least, min(column, WIDTH - width(text)))


def _place(*texts: tuple[int, str]) -> str:
    """Each text at its column, and no blanks at the end."""
    row = ""
    for column, text in texts:
        if text:
            row += " " * (column - width(row)) + text
    return row
