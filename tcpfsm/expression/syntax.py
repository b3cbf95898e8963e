"""The syntax of expressions: text becomes a tree in which every part knows its column.

The grammar, loosest binding first::

    expression  := quantified | disjunction [implies expression]
    quantified  := (every | some) pattern in sum : expression
    disjunction := conjunction {or conjunction}
    conjunction := negation {and negation}
    negation    := not negation | comparison
    comparison  := sum {(< | =< | <= | > | >= | == | = | != | in | not in) sum}
    sum         := term {(+ | -) term}
    term        := before term | number | 'word' | name [(arguments)] | (expression, ...) | {expression, ...}

Names are RFC names: they may hold dots and hyphens (``SND.NXT``, ``FIN-WAIT-1``), so a minus sign between
names stands between blanks. ``=<`` is the RFC's "less than or equal".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from tcpfsm.i18n.language import tr

MAX_LENGTH = 2_000
MAX_DEPTH = 40
MAX_DIGITS = 18

_TOKEN = re.compile(
    r"(?P<blank>\s+)|(?P<number>[0-9]+)|(?P<name>[^\W\d]\w*(?:[-.]\w+)*)"
    r"|(?P<word>'[^']*'|\"[^\"]*\")|(?P<op>=<|<=|>=|==|!=|[<>=+\-(){},:])"
)
COMPARISONS = {"<": "<", "=<": "<=", "<=": "<=", ">": ">", ">=": ">=", "==": "==", "=": "==", "!=": "!="}
KEYWORDS = ("and", "or", "not", "implies", "in", "every", "some", "before", "true", "false")


class ExpressionError(Exception):
    """A mistake in an expression: what, at which offset of the text, how wide, and what would be right."""

    def __init__(self, message: str, offset: int, length: int = 1, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.offset = offset
        self.length = length
        self.hint = hint


class Token(NamedTuple):
    """A piece of the text: kind is number, name, word, op or end."""

    kind: str
    text: str
    offset: int


@dataclass(frozen=True, slots=True)
class Tree:
    """A part of an expression; ``offset`` and ``length`` say where it stands in the text."""

    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class Number(Tree):
    """A number as written."""

    value: int


@dataclass(frozen=True, slots=True)
class Name(Tree):
    """A name or a quoted word."""

    text: str
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Call(Tree):
    """A function or a definition with arguments."""

    function: str
    arguments: tuple[Tree, ...]


@dataclass(frozen=True, slots=True)
class Prefix(Tree):
    """``not`` or ``before``."""

    operator: str
    operand: Tree


@dataclass(frozen=True, slots=True)
class Infix(Tree):
    """``and``, ``or``, ``implies``, ``+`` or ``-``."""

    operator: str
    left: Tree
    right: Tree


@dataclass(frozen=True, slots=True)
class Chain(Tree):
    """Comparisons in a row: ``a < b =< c`` has three operands and two operators."""

    operands: tuple[Tree, ...]
    operators: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Group(Tree):
    """Several values: a pair ``(a, b)`` or a collection ``{a, b}``."""

    bracket: str
    items: tuple[Tree, ...]


@dataclass(frozen=True, slots=True)
class Quantified(Tree):
    """``every x in c: e`` or ``some (x, y) in c: e``."""

    quantifier: str
    names: tuple[str, ...]
    collection: Tree
    body: Tree


def tokens(text: str) -> list[Token]:
    """Split a text into tokens; raises ExpressionError at the first character that is none."""
    if len(text) > MAX_LENGTH:
        raise ExpressionError(tr("the expression is longer than {most} characters", most=f"{MAX_LENGTH:,}"), 0)
    found = []
    offset = 0
    while offset < len(text):
        match = _TOKEN.match(text, offset)
        if match is None:
            raise ExpressionError(tr("'{word}' is not part of an expression", word=text[offset]), offset)
        kind = str(match.lastgroup)
        if kind == "number" and len(match.group()) > MAX_DIGITS:
            raise ExpressionError(tr("the number has more than {most} digits", most=MAX_DIGITS), offset, len(match.group()))
        if kind != "blank":
            found.append(Token(kind, match.group(), offset))
        offset = match.end()
    found.append(Token("end", "", len(text)))
    return found


@lru_cache(maxsize=4096)
def parse(text: str) -> Tree:
    """Parse an expression.

    Raises:
        ExpressionError: at the first place where the text is not an expression.

    >>> parse("SND.UNA < SEG.ACK =< SND.NXT").operators
    ('<', '<=')
    """
    parser = _Parser(tokens(text))
    tree = parser.expression()
    rest = parser.peek()
    if rest.kind != "end":
        hint = tr("RFC names may hold hyphens: write a minus between blanks") if rest.text == "-" else ""
        raise ExpressionError(tr("'{word}' is not expected here", word=rest.text), rest.offset, len(rest.text), hint)
    return tree


class _Parser:
    def __init__(self, found: list[Token]) -> None:
        self.found = found
        self.position = 0
        self.depth = 0

    def peek(self) -> Token:
        return self.found[self.position]

    def next(self) -> Token:
        token = self.found[self.position]
        self.position += 1
        return token

    def takes(self, text: str) -> bool:
        token = self.peek()
        if token.kind in ("name", "op") and token.text == text:
            self.position += 1
            return True
        return False

    def expect(self, text: str) -> Token:
        token = self.peek()
        if not self.takes(text):
            found = f"'{token.text}'" if token.text else tr("the end")
            raise ExpressionError(tr("'{word}' is expected here, not {found}", word=text, found=found), token.offset, max(1, len(token.text)))
        return token

    def span(self, start: int) -> tuple[int, int]:
        last = self.found[self.position - 1]
        return start, last.offset + len(last.text) - start

    def expression(self) -> Tree:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise ExpressionError(tr("the expression is nested more than {most} levels deep", most=MAX_DEPTH), self.peek().offset)
        token = self.peek()
        if token.kind == "name" and token.text in ("every", "some"):
            tree = self.quantified()
        else:
            tree = self.disjunction()
            if self.takes("implies"):
                right = self.expression()
                tree = Infix(*self.span(token.offset), "implies", tree, right)
        self.depth -= 1
        return tree

    def quantified(self) -> Tree:
        start = self.next()
        names = [self.variable()] if not self.takes("(") else []
        if not names:
            names = [self.variable()]
            while self.takes(","):
                names.append(self.variable())
            self.expect(")")
        self.expect("in")
        collection = self.sum()
        self.expect(":")
        body = self.expression()
        return Quantified(*self.span(start.offset), start.text, tuple(names), collection, body)

    def variable(self) -> str:
        token = self.next()
        if token.kind != "name" or token.text in KEYWORDS or "." in token.text:
            raise ExpressionError(tr("a name of your own is expected here"), token.offset, max(1, len(token.text)))
        return token.text

    def disjunction(self) -> Tree:
        start = self.peek().offset
        tree = self.conjunction()
        while self.takes("or"):
            right = self.conjunction()
            tree = Infix(*self.span(start), "or", tree, right)
        return tree

    def conjunction(self) -> Tree:
        start = self.peek().offset
        tree = self.negation()
        while self.takes("and"):
            right = self.negation()
            tree = Infix(*self.span(start), "and", tree, right)
        return tree

    def negation(self) -> Tree:
        start = self.peek().offset
        count = 0
        while self.takes("not"):
            count += 1
            if count > MAX_DEPTH:
                raise ExpressionError(tr("more than {most} times 'not'", most=MAX_DEPTH), start)
        token = self.peek()
        tree = self.quantified() if token.kind == "name" and token.text in ("every", "some") else self.comparison()
        for _ in range(count):
            tree = Prefix(*self.span(start), "not", tree)
        return tree

    def comparison(self) -> Tree:
        start = self.peek().offset
        operands = [self.sum()]
        operators = []
        while True:
            token = self.peek()
            if token.kind == "op" and token.text in COMPARISONS:
                self.next()
                operators.append(COMPARISONS[token.text])
            elif self.takes("in"):
                operators.append("in")
            elif token.text == "not" and token.kind == "name" and self.found[self.position + 1].text == "in":
                self.position += 2
                operators.append("not in")
            else:
                break
            operands.append(self.sum())
        if not operators:
            return operands[0]
        return Chain(*self.span(start), tuple(operands), tuple(operators))

    def sum(self) -> Tree:
        start = self.peek().offset
        tree = self.term()
        while self.peek().kind == "op" and self.peek().text in ("+", "-"):
            operator = self.next().text
            right = self.term()
            tree = Infix(*self.span(start), operator, tree, right)
        return tree

    def term(self) -> Tree:
        token = self.next()
        if token.kind == "number":
            return Number(token.offset, len(token.text), int(token.text))
        if token.kind == "word":
            return Name(token.offset, len(token.text), token.text[1:-1], quoted=True)
        if token.kind == "name" and token.text == "before":
            self.depth += 1
            if self.depth > MAX_DEPTH:
                raise ExpressionError(tr("the expression is nested more than {most} levels deep", most=MAX_DEPTH), token.offset)
            operand = self.term()
            self.depth -= 1
            return Prefix(*self.span(token.offset), "before", operand)
        if token.kind == "name" and (token.text not in KEYWORDS or token.text in ("true", "false")):
            if self.peek().text == "(" and self.peek().offset == token.offset + len(token.text):
                self.next()
                arguments = self.items(")")
                return Call(*self.span(token.offset), token.text, arguments)
            return Name(token.offset, len(token.text), token.text)
        if token.text in ("(", "{") and token.kind == "op":
            closing = ")" if token.text == "(" else "}"
            items = self.items(closing)
            if token.text == "(" and len(items) == 1 and self.found[self.position - 2].text != ",":
                return items[0]
            return Group(*self.span(token.offset), token.text, items)
        found = f"'{token.text}'" if token.text else tr("the end")
        raise ExpressionError(tr("a value is expected here, not {found}", found=found), token.offset, max(1, len(token.text)))

    def items(self, closing: str) -> tuple[Tree, ...]:
        found: list[Tree] = []
        while not self.takes(closing):
            found.append(self.expression())
            if not self.takes(","):
                self.expect(closing)
                break
        return tuple(found)
