"""The catalogue of Chinese texts: what the code says is collected, merged into the .po file, and compiled beside it.

    python tests/tools/catalogue.py             bring both files up to date
    python tests/tools/catalogue.py --check     say whether they are

Translations that exist are kept, new texts come without one, texts that the code no longer says are dropped.
"""

from __future__ import annotations

import ast
import gettext
import io
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from tcpfsm.i18n.language import DOMAIN, FOLDER

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from babel.messages.catalog import Message

SOURCES = Path(__file__).parents[2] / "tcpfsm"
PO = FOLDER / "zh" / "LC_MESSAGES" / f"{DOMAIN}.po"
MO = PO.with_suffix(".mo")
#: The functions whose texts are in the catalogue, and how many of their arguments are texts.
KEYWORDS = {"tr": 1, "trn": 2, "mark": 1}
WIDTH = 120


def texts_of(source: str) -> Iterator[str | tuple[str, str]]:
    """Go through the texts that a module marks for translation, also within f-strings, in their order."""
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    for call in sorted(calls, key=lambda node: (node.lineno, node.col_offset)):
        name = call.func.id if isinstance(call.func, ast.Name) else ""
        texts = [
            node.value
            for node in call.args[: KEYWORDS.get(name, 0)]
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        ]
        if texts:
            yield texts[0] if len(texts) == 1 else (texts[0], texts[1])


def extracted() -> Catalog:
    """Return every text that the code can say, with the files that say it."""
    found = Catalog(domain=DOMAIN)
    for path in sorted(SOURCES.rglob("*.py")):
        for text in texts_of(path.read_text(encoding="utf-8")):
            found.add(text, locations=[(path.relative_to(SOURCES.parent).as_posix(), 1)])
    return found


def written() -> Catalog:
    """Return the catalogue as it is kept."""
    with PO.open("rb") as stream:
        return read_po(stream, locale="zh", domain=DOMAIN)


def merged() -> Catalog:
    """Return the catalogue brought up to what the code says."""
    catalogue = written()
    kept = catalogue.header_comment, catalogue.creation_date
    catalogue.update(extracted(), no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    catalogue.header_comment, catalogue.creation_date = kept
    for message in catalogue:
        message.flags.discard("python-format")  # a % in these texts is a per cent sign, except in argparse's own
    return catalogue


def po_text(catalogue: Catalog) -> bytes:
    """Return the text of the .po file."""
    stream = io.BytesIO()
    write_po(stream, catalogue, width=WIDTH, include_lineno=False, ignore_obsolete=True)
    return stream.getvalue()


def mo_bytes(catalogue: Catalog) -> bytes:
    """Return the compiled catalogue."""
    stream = io.BytesIO()
    write_mo(stream, catalogue)
    return stream.getvalue()


def untranslated(catalogue: Catalog) -> Iterator[Message]:
    """Go through the texts that have no translation, or one that nobody has looked at."""
    for message in catalogue:
        texts = message.string if isinstance(message.string, tuple) else (message.string,)
        if message.id and (message.fuzzy or not all(texts)):
            yield message


def is_kept(catalogue: Catalog) -> bool:
    """Whether both files say this already; which tool wrote them does not matter."""
    if _without_tool(po_text(catalogue)) != _without_tool(PO.read_bytes()) or not MO.exists():
        return False
    return texts_in(mo_bytes(catalogue)) == texts_in(MO.read_bytes())


def _without_tool(text: bytes) -> bytes:
    return re.sub(rb'^"Generated-By: .*\n', b"", text, flags=re.MULTILINE)


def texts_in(compiled: bytes) -> dict[object, str]:
    """Return the texts of a compiled catalogue and their translations, without its header."""
    return {**vars(gettext.GNUTranslations(io.BytesIO(compiled)))["_catalog"], "": ""}


def main(arguments: Sequence[str] = ()) -> int:
    """Write both files if something changed; name what has no translation yet. With ``--check`` write nothing."""
    catalogue = merged()
    if not is_kept(catalogue):
        if "--check" in arguments:
            print("the catalogue is not up to date: python tests/tools/catalogue.py")
            return 1
        PO.write_bytes(po_text(catalogue))
        MO.write_bytes(mo_bytes(catalogue))
    missing = list(untranslated(catalogue))
    for message in missing:
        print("not translated:", message.id)
    if not missing:
        print("every text is translated")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
