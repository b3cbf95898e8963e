"""What a property is about: where this is false, the property says nothing.

``a implies b`` is about what ``a`` is true of, and of that only what ``b`` is about; ``every x in c: e`` is about
something only if ``c`` is not empty. What is true of nothing in a run holds for want of an occasion.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tcpfsm.expression import Compiler, ExpressionError, Scope, parse
from tcpfsm.expression.syntax import Infix, Name, Quantified, Tree
from tcpfsm.expression.types import FLAG


def guard(given: str, then: str, scope: Scope) -> Callable[[Any], Any] | None:
    """Compile what a property is about, by the texts of its ``if`` and its ``then``; an empty one is not there.

    None if it is about everything, or is mistaken: mistakes are told where the property itself is compiled.
    """
    try:
        about = both(parse(given) if given else None, guard_of(parse(then)) if then else None)
        return None if about is None else Compiler(scope).compile(about, FLAG).run
    except ExpressionError:
        return None


def guard_of(tree: Tree) -> Tree | None:
    """Return the expression that says of what another one says something; None if it is of everything.

    >>> guard_of(parse("a == 1 implies b == 2")) == parse("a == 1")
    True
    >>> guard_of(parse("a == 1")) is None
    True
    """
    if isinstance(tree, Infix) and tree.operator == "implies":
        return both(tree.left, guard_of(tree.right))
    if isinstance(tree, Infix) and tree.operator == "and":
        one, other = guard_of(tree.left), guard_of(tree.right)
        if one is None or other is None:
            return None
        return Infix(tree.offset, tree.length, "or", one, other)
    if isinstance(tree, Quantified) and tree.quantifier == "every":
        body = guard_of(tree.body) or Name(tree.offset, tree.length, "true")
        return Quantified(tree.offset, tree.length, "some", tree.names, tree.collection, body)
    return None


def both(one: Tree | None, other: Tree | None) -> Tree | None:
    """Return the expression that both are true; one that is None is true of everything."""
    if one is None or other is None:
        return one or other
    return Infix(one.offset, one.length, "and", one, other)
