"""How wide a text is on a terminal."""

from __future__ import annotations

import unicodedata


def width(text: str) -> int:
    """How many columns of a terminal a text takes: Chinese characters take two, combining ones none.

    >>> width("FIN"), width("状态")
    (3, 4)
    """
    wide = sum(unicodedata.east_asian_width(character) in "WF" for character in text)
    return len(text) + wide - sum(unicodedata.combining(character) != 0 for character in text)
