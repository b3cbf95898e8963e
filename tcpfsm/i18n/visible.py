"""What a user wrote is shown, and never steers what shows it: a terminal, an editor, a browser.

A name on the command line, the name of a file or a text of a spec can hold characters that move the cursor, change
colours, or turn the direction of writing. Everything that goes out passes ``visible`` once, where it is written.
"""

from __future__ import annotations

import json
import re
from typing import TextIO

#: Control characters but for the end of a line and the tab; what separates lines elsewhere; what embeds, overrides or
#: isolates a direction of writing (Unicode's UAX 9); surrogates, which stand for bytes of a file's name that are not
#: UTF-8; and what is no character at all.
STEERING = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u206f\ufff9-\ufffb\ud800-\udfff\ufdd0-\ufdef"
    + "".join(chr(plane * 0x10000 + last) for plane in range(17) for last in (0xFFFE, 0xFFFF))
    + "]"
)


def visible(text: str) -> str:
    r"""Return a text in which each character that steers stands as its escape; the ends of lines stay.

    The escapes are those of JSON, so that a JSON text stays one, and says the same.

    >>> print(visible("a\x1b[31mb"))
    a\u001b[31mb
    """
    return STEERING.sub(lambda found: json.dumps(found[0])[1:-1], text)


def on_one_line(text: str) -> str:
    r"""Return a text as ``visible`` does, its ends of lines and tabs as escapes too.

    >>> print(on_one_line("a\nb"))
    a\nb
    """
    return visible(text).replace("\n", "\\n").replace("\t", "\\t")


def tell(stream: TextIO, text: str) -> None:
    """Write a text to a stream at once; in UTF-8 where the stream's encoding has not all of its characters.

    Raises:
        OSError: nobody can or wants to read it.
    """
    try:
        text.encode(stream.encoding or "utf-8")
    except UnicodeEncodeError:
        stream.flush()
        stream.buffer.write(text.encode("utf-8", "backslashreplace"))
    else:
        stream.write(text)
    stream.flush()
