"""Tables set as text."""

from __future__ import annotations

from collections.abc import Sequence

from tcpfsm.i18n.width import width


def table(rows: Sequence[Sequence[str]], right: Sequence[int] = ()) -> list[str]:
    """Return rows as aligned lines, indented by two; ``right`` are the columns that are set to the right.

    >>> table([["a", "10"], ["bcd", "7"]], right=[1])
    ['  a    10', '  bcd   7']
    """
    if not rows:
        return []
    widths = [max(width(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = []
    for row in rows:
        cells = []
        for column, cell in enumerate(row):
            blanks = " " * (widths[column] - width(cell))
            cells.append(blanks + cell if column in right else cell + blanks)
        lines.append(("  " + "  ".join(cells)).rstrip())
    return lines
