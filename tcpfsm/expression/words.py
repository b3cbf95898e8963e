"""Words that can never be equal: a word is misspelt if what it is compared with can only be one of other words.

The type of an expression says which words it can be, where that is known: of a word as written it is that word alone, of
an enumeration its words, of a name of an event all events.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence

from tcpfsm.errors import did_you_mean
from tcpfsm.expression.syntax import ExpressionError, Group, Name, Tree
from tcpfsm.expression.types import Type
from tcpfsm.i18n.language import tr

#: A part of an expression with its type.
Part = tuple[Tree, Type]


def check_equal(left: Part, right: Part, type_of: Callable[[Tree], Type]) -> None:
    """Raise an ExpressionError at a word that the other side can never be.

    Tuples are looked at place by place, and of a list as written every member.
    """
    (one, kind), (other, counterpart) = left, right
    if kind.kind == counterpart.kind == "list":
        _check_lists(left, right, type_of)
        return
    if kind.kind == counterpart.kind == "pair":
        for pair in zip(_places(left, type_of), _places(right, type_of), strict=True):
            check_equal(*pair, type_of)
    if kind.kind != "word" or counterpart.kind != "word" or _can_meet(kind, counterpart):
        return
    word, what = (right, left) if len(counterpart.words) == 1 else (left, right)
    where, choices = word[0], [known for known in what[1].words if known]
    if len(word[1].words) > 1:
        raise ExpressionError(tr("these two have no word in common"), one.offset, max(1, other.offset + other.length - one.offset))
    name, text = (what[0].text if isinstance(what[0], Name) else ""), word[1].words[0]
    message = tr("'{name}' is never '{word}'", name=name, word=text) if name else tr("this is never '{word}'", word=text)
    raise ExpressionError(message, where.offset, where.length, did_you_mean(text, choices))


def check_member(left: Part, right: Part, type_of: Callable[[Tree], Type]) -> None:
    """Raise an ExpressionError at a word that cannot be in a list; of a list as written, every member is looked at."""
    tree, kind = right
    if isinstance(tree, Group) and tree.bracket == "{":
        for item in tree.items:
            check_equal(left, (item, type_of(item)), type_of)
    elif kind.parts:
        check_equal(left, (tree, kind.parts[0]), type_of)


def _check_lists(left: Part, right: Part, type_of: Callable[[Tree], Type]) -> None:
    for (written, _), (tree, kind) in ((left, right), (right, left)):
        if isinstance(written, Group) and kind.parts:
            only = tree.items[0] if isinstance(tree, Group) and len(tree.items) == 1 else tree
            for item in written.items:
                check_equal((only, kind.parts[0]), (item, type_of(item)), type_of)


def check_spoken(spoken: Sequence[Name], known: Collection[str] | None) -> None:
    """Raise an ExpressionError at the first word in quotes that is none of those that are known; None takes any."""
    for word in spoken:
        if known is not None and word.text not in known:
            choices = [text for text in known if text]
            raise ExpressionError(tr("nothing here can be '{word}'", word=word.text), word.offset, word.length, did_you_mean(word.text, choices))


def check_wanted(tree: Tree, found: Type, wanted: Type) -> None:
    """Raise an ExpressionError where a word is needed, and this can be none of the words that are possible."""
    if found.kind == wanted.kind == "word" and not _can_meet(found, wanted):
        message = tr("'{word}' is not possible here", word=found.words[0])
        raise ExpressionError(message, tree.offset, tree.length, did_you_mean(found.words[0], wanted.words))


def _can_meet(one: Type, other: Type) -> bool:
    return not one.words or not other.words or not set(one.words).isdisjoint(other.words)


def _places(part: Part, type_of: Callable[[Tree], Type]) -> Iterator[Part]:
    tree, kind = part
    if isinstance(tree, Group) and tree.bracket == "(":
        return ((item, type_of(item)) for item in tree.items)
    return ((tree, place) for place in kind.parts)
