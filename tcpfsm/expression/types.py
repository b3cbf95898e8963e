"""The types of the expression language: few, and checked before anything runs."""

from __future__ import annotations

from typing import NamedTuple

from tcpfsm.i18n.language import mark, tr


class Type(NamedTuple):
    """A type: its kind, and the types (or words) it is made of."""

    kind: str
    parts: tuple[Type, ...] = ()
    words: tuple[str, ...] = ()

    def __str__(self) -> str:
        if self.kind == "pair":
            return "(" + ", ".join(str(part) for part in self.parts) + ")"
        if self.kind == "list":
            return tr("list of {part}", part=self.parts[0]) if self.parts else tr("list")
        return tr(self.kind)


SEQUENCE = Type(mark("sequence"))
COUNT = Type(mark("count"))
#: A number as written: it is a sequence number or a count, as its neighbour needs.
NUMBER = Type(mark("number"))
FLAG = Type(mark("flag"))
STATE = Type(mark("state"))
WORD = Type(mark("word"))
SEGMENT = Type(mark("segment"))
CONTROL = Type(mark("control bit"))
EMPTY_LIST = Type(mark("list"))
#: The type of a name bound over a list that can only be empty.
ANYTHING = Type(mark("anything"))


#: Of how many single types one may be made: pairs of pairs, which definitions can nest, grow fast.
MAX_LEAVES = 64


def word_of(*words: str) -> Type:
    """Return the type of what can be one of these words and no other."""
    return Type(WORD.kind, words=words)


def widened(kind: Type) -> Type:
    """Return the type without saying which words can stand in it."""
    return Type(kind.kind, tuple(widened(part) for part in kind.parts))


def list_of(part: Type) -> Type:
    """Return the type of a collection of ``part``."""
    return Type("list", (part,))


def pair_of(*parts: Type) -> Type:
    """Return the type of a tuple."""
    return Type("pair", parts)


def leaves(kind: Type) -> int:
    """Return of how many single types a type is made, each counted as often as it stands there."""
    return sum(leaves(part) for part in kind.parts) if kind.parts else 1


def unify(left: Type, right: Type) -> Type | None:
    """Return the type both can have, or None: a written number may be a sequence number or a count.

    Of two words it is the one that can be any word of either.
    """
    if ANYTHING in (left, right):
        return right if left == ANYTHING else left
    if left.kind == right.kind == "word":
        if left == right or not left.words:
            return left
        return word_of(*sorted({*left.words, *right.words})) if right.words else right
    if left.kind == right.kind and left.kind in ("pair", "list"):
        if left.kind == "list" and not (left.parts and right.parts):
            return left if left.parts else right
        if len(left.parts) != len(right.parts):
            return None
        parts = [unify(one, other) for one, other in zip(left.parts, right.parts, strict=True)]
        known = tuple(part for part in parts if part is not None)
        return Type(left.kind, known) if len(known) == len(parts) else None
    if left == right:
        return left
    numeric = (SEQUENCE, COUNT, NUMBER)
    if NUMBER in (left, right) and left in numeric and right in numeric:
        return right if left == NUMBER else left
    return None
