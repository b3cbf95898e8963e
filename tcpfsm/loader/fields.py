"""Reading the values of a node: what is wanted, and a located problem where it is something else."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from tcpfsm.errors import did_you_mean
from tcpfsm.i18n.language import tr
from tcpfsm.loader.source import Items, Mapping, Node, Scalar

#: Names that expressions can mention: states, groups, variables, constants, ghosts, fields, flags.
NAME = re.compile(r"[^\W\d]\w*(?:[-.]\w+)*")
#: The next initial sequence number: of a rule, and of an assumption about the steps that take one.
FRESH = "fresh"
RESERVED = {
    "and", "or", "not", "implies", "in", "every", "some", "before", "true", "false", "state", FRESH, "none",
    "number", "size", "distinct", "known", "min", "max", "digest",
    "queued", "waiting", "flight", "SEG", "any-state",
}  # fmt: skip
#: What stands before a dot where a property of it is meant.
OWNERS = {"SEG", "p", "q", "A", "B"}
MAX_TEXT = 100
_BLANKS = re.compile(r"[ \t\n]+")


def text_of(node: Node | None, what: str) -> str | None:
    """Return the text of a scalar, or None with a problem recorded."""
    if node is None:
        return None
    if isinstance(node, Scalar) and node.text:
        return node.text
    node.problem(tr("{what} is a text", what=what))
    return None


def line_of(node: Node | None, what: str) -> str:
    """Return what is shown to people as one line, however it was set in the file; empty for None."""
    return _BLANKS.sub(" ", text_of(node, what) or "").strip()


def texts_of(item: Mapping, english: str, chinese: str) -> dict[str, str]:
    """Return a text by language, from the keys that hold it; empty where a key is missing."""
    return {"en": line_of(item.get(english), english), "zh": line_of(item.get(chinese), chinese)}


def title_of(root: Mapping, name: str) -> dict[str, str]:
    """Return the title of a file by language; without one it is called by its name."""
    title = texts_of(root, "title", "title-zh")
    return {**title, "en": title["en"] or name}


def count_of(node: Node | None, what: str, *, unlimited: bool = False) -> int | None:
    """Return a whole number from 0 on; with ``unlimited``, that word gives None as well."""
    if isinstance(node, Scalar) and unlimited and node.text == "unlimited":
        return None
    if isinstance(node, Scalar) and isinstance(node.value, int) and not isinstance(node.value, bool) and node.value >= 0:
        return node.value
    if node is not None:
        text = tr("{what} is a whole number from 0 on", what=what)
        node.problem(tr("{what} is a whole number from 0 on or the word unlimited", what=what) if unlimited else text)
    return None


def flag_of(node: Node | None, what: str) -> bool:
    """Return true or false; absent is false."""
    if node is None:
        return False
    if isinstance(node, Scalar) and isinstance(node.value, bool):
        return node.value
    node.problem(tr("{what} is true or false", what=what))
    return False


def choice_of(node: Node | None, choices: Iterable[str], what: str) -> str | None:
    """Return one of the choices, or None with a problem recorded."""
    word = text_of(node, what)
    known = tuple(choices)
    if word is None or word in known:
        return word
    if node is not None:
        node.problem(tr("'{word}' is not {what}", word=word, what=what), did_you_mean(word, known))
    return None


def name_of(key: Scalar, what: str) -> str:
    """Check that a key is a name that expressions can mention, and return it."""
    if not NAME.fullmatch(key.text) or len(key.text) > MAX_TEXT:
        key.problem(
            tr("'{word}' cannot name {what}", word=key.text[:MAX_TEXT], what=what),
            tr("a name is letters, digits and _, in parts joined by - or . (our-FIN-sent, SND.NXT)"),
        )
    elif key.text in RESERVED or _is_of_an_owner(key.text):
        key.problem(tr("'{word}' is a word of the language and cannot name {what}", word=key.text, what=what))
    return key.text


def _is_of_an_owner(name: str) -> bool:
    """Whether a name reads like something of a segment or an end, as SEG.NAME and p.NAME do."""
    owner, dot, _ = name.partition(".")
    return bool(dot) and owner in OWNERS


def definition_of(key: Scalar) -> tuple[str, tuple[str, ...]] | None:
    """Return the name and the parameters that ``NAME`` or ``NAME(a, b)`` declares, or None with a problem recorded."""
    name, bracket, rest = key.text.partition("(")
    name, rest = name.strip(), rest.strip()
    parameters = tuple(part.strip() for part in rest.removesuffix(")").split(",")) if bracket else ()
    good = NAME.fullmatch(name) and all(NAME.fullmatch(part) and "." not in part for part in parameters)
    if not good or (bracket and not rest.endswith(")")) or len(key.text) > MAX_TEXT:
        key.problem(tr("'{word}' cannot name a definition", word=key.text), tr("NAME: expression, or NAME(a, b): expression"))
        return None
    for part in (name, *parameters):
        if part in RESERVED - {"number"} or _is_of_an_owner(part) or (part in RESERVED and part == name):
            key.problem(tr("'{word}' is a word of the language and cannot name a definition or what it takes", word=part))
            return None
    if len(set(parameters)) < len(parameters):
        key.problem(tr("the parameters of '{name}' need names of their own", name=name))
        return None
    return name, parameters


def mapping_of(node: Node | None, what: str) -> Mapping | None:
    """Return a map, or None; anything but a map or nothing is a problem."""
    if node is None or isinstance(node, Mapping):
        return node
    node.problem(tr("{what} is a map (key: value)", what=what))
    return None


def entries_of(node: Node | None, what: str) -> Iterator[tuple[Scalar, Node]]:
    """Iterate over the entries of a map; nothing is an empty map."""
    found = mapping_of(node, what)
    if found is not None:
        yield from found.entries


def items_of(node: Node | None, what: str) -> tuple[Node, ...]:
    """Return the items of a list; nothing is an empty list."""
    if node is None:
        return ()
    if isinstance(node, Items):
        return node.items
    node.problem(tr("{what} is a list", what=what))
    return ()


def words_of(node: Node | None, what: str) -> tuple[Scalar, ...]:
    """Return the scalars of a list, or of a single word."""
    if node is None:
        return ()
    nodes = node.items if isinstance(node, Items) else (node,)
    found = []
    for item in nodes:
        if isinstance(item, Scalar) and item.text:
            item.on_one_line()
            found.append(item)
        else:
            item.problem(tr("{what} is a word or a list of words", what=what))
    return tuple(found)


def phrase_of(node: Node | None, what: str) -> str | None:
    """Return a text that names something, or None with a problem recorded."""
    if isinstance(node, Scalar):
        node.on_one_line()
    return text_of(node, what)
