"""Setting a text in lines by the columns that it takes on a terminal; Chinese has no blanks to break at."""

from __future__ import annotations

import re
import unicodedata

from tcpfsm.i18n.width import width

#: A word or one wide character, with the blanks and opening brackets before it, and the punctuation that must not
#: begin a line.
_WIDE = "\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef"
_CLOSING = "，。；：！？、）》」』”’"
_PIECE = re.compile(rf"\s*[（《「『“‘]*(?:[{_WIDE}]|[^\s{_WIDE}]+)?[{_CLOSING}]*")


def wrap(text: str, limit: int, indent: str = "", rest: str | None = None) -> list[str]:
    """Return the lines of a text, none wider than ``limit`` columns if its words allow.

    ``indent`` begins the first line and ``rest`` the others; ``rest`` is as ``indent`` where it is left out.

    >>> wrap("one two three", 8)
    ['one two', 'three']
    >>> wrap("关闭连接。", 6)
    ['关闭连', '接。']
    """
    later = indent if rest is None else rest
    lines, line = list[str](), indent
    for piece in filter(None, _PIECE.findall(text.strip())):
        is_first = line == (later if lines else indent)
        added = piece.lstrip() if is_first else re.sub(r"^\s+", " ", piece)
        if not is_first and width(line + added) > limit:
            lines.append(line)
            line, added = later, piece.lstrip()
        line += added
    return [*lines, line] if line.strip() else lines


def shorten(text: str, limit: int) -> str:
    """Return a text cut to ``limit`` columns, with an ellipsis where something is left out.

    >>> shorten("one two three", 9)
    'one ...'
    """
    if width(text) <= limit:
        return text
    first = wrap(text, limit - 4)[0]
    return f"{first} ..." if unicodedata.east_asian_width(first[-1]) not in "WF" else f"{first}..."
