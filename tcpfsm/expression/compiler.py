"""Expressions become functions of a frame, type-checked while they are compiled.

Sequence numbers live on a circle (RFC 9293 section 3.4). A chain of two comparisons, ``a < x =< b``, asks
whether ``x`` lies in the stretch that goes from ``a`` up to ``b``, which is exact everywhere on the circle.
A single comparison, ``a < b``, has no third point to go by: it holds when ``b`` is less than half the circle
ahead of ``a``.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, NamedTuple, Protocol

from checker import pause
from tcpfsm.errors import did_you_mean
from tcpfsm.expression import syntax
from tcpfsm.expression.digest import can_be_digested, digest
from tcpfsm.expression.syntax import ExpressionError
from tcpfsm.expression.types import (
    ANYTHING,
    CONTROL,
    COUNT,
    EMPTY_LIST,
    FLAG,
    MAX_LEAVES,
    NUMBER,
    SEGMENT,
    SEQUENCE,
    Type,
    leaves,
    list_of,
    pair_of,
    unify,
    word_of,
)  # fmt: skip
from tcpfsm.expression.words import check_equal, check_member, check_spoken, check_wanted
from tcpfsm.i18n.language import tr

Function = Callable[[Any], Any]


class UnsetError(Exception):
    """An expression read a variable or field that has no value at this moment."""


class Compiled(NamedTuple):
    """A compiled expression: its type, and the function from a frame to its value."""

    type: Type
    run: Function


class Definition(NamedTuple):
    """A named expression with parameters, expanded where it is used."""

    parameters: tuple[str, ...]
    body: syntax.Tree


class Scope(Protocol):
    """What the names of an expression mean. Frames offer ``bound``, a dict for the names of quantifiers."""

    modulus: int
    #: Fields of a segment, by name, for ``s.SEQ``.
    fields: Mapping[str, Type]
    definitions: Mapping[str, Definition]

    def lookup(self, name: str) -> Compiled | None:
        """Find what a name means; None where it is not known."""

    def before(self) -> Scope | None:
        """Return the scope of the values before a step; None where no step is looked at."""

    def call(self, compiler: Compiler, tree: syntax.Call) -> Compiled | None:
        """Compile a function of this scope; None where it is none."""

    def field(self, run: Function, name: str) -> Function:
        """Return the function that reads a field of the segment that ``run`` gives."""

    def names(self) -> Iterable[str]:
        """List every name that can be used, for hints."""

    def explain(self, name: str) -> str:
        """Say why a name is not known that would be known elsewhere, or written otherwise; empty where it is no such name."""

    def words(self) -> Collection[str] | None:
        """List every word that a value can be here; None where any word can be one."""


#: Every function of the language, for error messages; scopes add the ones that look at queues or channels.
FUNCTIONS = ("number", "size", "distinct", "known", "min", "max", "digest")
_TURNED = {">": "<", ">=": "<="}
MAX_TREES = 4_000
MAX_DEPTH = 80
#: How many operations a value may take, but for the turns of quantifiers; a parameter is worked out wherever it stands.
MAX_COST = 20_000
#: How many operations weigh as much as a turn of a short loop.
OPERATIONS = 8


class Compiler:
    """Compiles the trees of one scope; bound names and the definitions being expanded are its only state."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        #: The names that are bound, what they mean, and how many operations it takes to work that out.
        self.bound: list[tuple[str, Compiled, int]] = []
        self.expanding: list[str] = []
        self.trees = 0
        self.depth = 0
        #: How many operations it takes, as far as it is compiled.
        self.cost = 0
        #: The type that each tree had when it was compiled last.
        self.types: dict[int, Type] = {}
        #: The words in quotes that were compiled, in order; what can be no value anywhere is misspelt, whatever is done with it.
        self.spoken: list[syntax.Name] = []

    def compile(self, tree: syntax.Tree, wanted: Type | None = None) -> Compiled:
        """Compile a tree; with ``wanted``, the result must have that type.

        Raises:
            ExpressionError: an unknown name, or types that do not go together.
        """
        self.trees += 1
        if self.trees > MAX_TREES:
            raise self._error(tree, tr("the definitions used here expand to too large an expression"))
        if self.depth >= MAX_DEPTH:  # long sums and definitions of definitions are deep as well
            raise self._error(tree, tr("the expression is more than {most} operations deep", most=MAX_DEPTH), tr("split it into definitions"))
        self.depth += 1
        self.cost += 1
        result = self._dispatch(tree)
        if self.cost > MAX_COST:
            raise self._error(tree, tr("the definitions used here take too long: more than {most} operations", most=f"{MAX_COST:,}"))
        self.depth -= 1
        self.types[id(tree)] = result.type
        if wanted is not None:
            if unify(result.type, wanted) is None:
                raise self._error(tree, tr("a {wanted} is needed here, this is a {found}", wanted=wanted, found=result.type))
            check_wanted(tree, result.type, wanted)
            if wanted == SEQUENCE and result.type == NUMBER:
                result = Compiled(SEQUENCE, self._on_circle(result, wanted))
        if self.depth == 0:
            check_spoken(self.spoken, self.scope.words())
        return result

    def _error(self, tree: syntax.Tree, message: str, hint: str = "") -> ExpressionError:
        return ExpressionError(message, tree.offset, tree.length, hint)

    def _dispatch(self, tree: syntax.Tree) -> Compiled:
        match tree:
            case syntax.Number(value=value):
                return Compiled(NUMBER, lambda _: value)
            case syntax.Name():
                return self._name(tree)
            case syntax.Call():
                return self._call(tree)
            case syntax.Prefix(operator="not", operand=operand):
                run = self.compile(operand, FLAG).run
                return Compiled(FLAG, lambda env: not run(env))
            case syntax.Prefix(operand=operand):
                return self._before(tree, operand)
            case syntax.Infix(operator="+" | "-"):
                return self._sum(tree)
            case syntax.Infix():
                return self._logic(tree)
            case syntax.Chain():
                return self._chain(tree)
            case syntax.Group():
                return self._group(tree)
            case syntax.Quantified():
                return self._quantified(tree)
        raise TypeError(tree)

    def _name(self, tree: syntax.Name) -> Compiled:
        text = tree.text
        if tree.quoted:
            self.spoken.append(tree)
            return Compiled(word_of(text), lambda _: text)
        if text in ("true", "false"):
            value = text == "true"
            return Compiled(FLAG, lambda _: value)
        head, dot, rest = text.partition(".")
        for name, compiled, cost in reversed(self.bound):
            if name == text:
                self.cost += cost
                return compiled
            if dot and name == head and compiled.type in (SEGMENT, ANYTHING):
                self.cost += cost
                return self._segment_field(tree, compiled, rest)
        found = self.scope.lookup(text)
        if found is not None:
            return found
        if text in self.scope.definitions:
            return self._expand(tree, text, ())
        names = [*self.scope.names(), *self.scope.definitions, *(name for name, _, _ in self.bound)]
        hint = self.scope.explain(text) or did_you_mean(text, names)
        if "-" in text and all(part in names or part.isdigit() for part in text.split("-")):
            hint = tr("a minus stands between blanks: {text}", text=text.replace("-", " - "))
        raise self._error(tree, tr("'{name}' is not known here", name=text), hint)

    def _segment_field(self, tree: syntax.Name, segment: Compiled, name: str) -> Compiled:
        if name == "CTL":
            return Compiled(list_of(CONTROL), self.scope.field(segment.run, name))
        if name not in self.scope.fields:
            choices = ["CTL", *self.scope.fields]
            raise self._error(tree, tr("a segment has no field '{name}'", name=name), self.scope.explain(name) or did_you_mean(name, choices))
        return Compiled(self.scope.fields[name], self.scope.field(segment.run, name))

    def _expand(self, tree: syntax.Tree, name: str, arguments: tuple[syntax.Tree, ...]) -> Compiled:
        definition = self.scope.definitions[name]
        if name in self.expanding:
            raise self._error(tree, tr("'{name}' is defined by itself", name=name), " -> ".join([*self.expanding, name]))
        if len(arguments) != len(definition.parameters):
            wants, has = len(definition.parameters), len(arguments)
            raise self._error(tree, tr("'{name}' takes {wants} argument(s), {has} given", name=name, wants=wants, has=has))
        begun = self.cost
        values = [self._measured(argument) for argument in arguments]
        self.cost = begun  # they are worked out where they stand in the definition
        spoken = len(self.spoken)
        self.expanding.append(name)
        outer, self.bound = self.bound, [(name, *value) for name, value in zip(definition.parameters, values, strict=True)]
        try:
            body = self.compile(definition.body)
            check_spoken(self.spoken[spoken:], self.scope.words())
        except ExpressionError as error:
            # The mistake stands in the definition; here, the use is what can be pointed at.
            raise self._error(tree, tr("in '{name}': {message}", name=name, message=error.message), error.hint) from None
        finally:
            self.bound = outer
            self.expanding.pop()
        return body

    def _measured(self, tree: syntax.Tree, wanted: Type | None = None) -> tuple[Compiled, int]:
        """Compile a tree, and count how many operations it takes."""
        begun = self.cost
        return self.compile(tree, wanted), self.cost - begun

    def _before(self, tree: syntax.Prefix, operand: syntax.Tree) -> Compiled:
        inner = self.scope.before()
        if inner is None:
            raise self._error(tree, tr("'before' has a meaning only where a step is looked at (kind: step)"))
        outer, self.scope = self.scope, inner
        try:
            return self.compile(operand)
        finally:
            self.scope = outer

    def _sum(self, tree: syntax.Infix) -> Compiled:
        left, right = self.compile(tree.left), self.compile(tree.right)
        one, other, modulus = left.run, right.run, self.scope.modulus
        numeric = (SEQUENCE, COUNT, NUMBER)
        for part, sub in ((left, tree.left), (right, tree.right)):
            if part.type not in numeric:
                raise self._error(sub, tr("a number is needed here, this is a {found}", found=part.type))
        if tree.operator == "+":
            if left.type == right.type == SEQUENCE:
                raise self._error(tree, tr("two sequence numbers cannot be added"))
            if SEQUENCE in (left.type, right.type):
                return Compiled(SEQUENCE, lambda env: (one(env) + other(env)) % modulus)
            return Compiled(unify(left.type, right.type) or COUNT, lambda env: one(env) + other(env))
        if left.type == right.type == SEQUENCE:
            return Compiled(COUNT, lambda env: (one(env) - other(env)) % modulus)
        if left.type == SEQUENCE:
            return Compiled(SEQUENCE, lambda env: (one(env) - other(env)) % modulus)
        if right.type == SEQUENCE:
            raise self._error(tree, tr("a sequence number cannot be taken from a {left}", left=left.type))
        return Compiled(unify(left.type, right.type) or COUNT, lambda env: one(env) - other(env))

    def _logic(self, tree: syntax.Infix) -> Compiled:
        one, other = self.compile(tree.left, FLAG).run, self.compile(tree.right, FLAG).run
        if tree.operator == "and":
            return Compiled(FLAG, lambda env: one(env) and other(env))
        if tree.operator == "or":
            return Compiled(FLAG, lambda env: one(env) or other(env))
        return Compiled(FLAG, lambda env: not one(env) or other(env))

    def _chain(self, tree: syntax.Chain) -> Compiled:
        measured = [self._measured(operand) for operand in tree.operands]
        self.cost += sum(cost for _, cost in measured[1:-1])  # what stands in the middle is worked out for both sides
        operands = [operand for operand, _ in measured]
        types = [operand.type for operand in operands]
        upwards = all(sign in ("<", "<=") for sign in tree.operators)
        if len(operands) == 3 and SEQUENCE in types and (upwards or all(sign in _TURNED for sign in tree.operators)):
            for operand, part in zip(operands, tree.operands, strict=True):
                if unify(operand.type, SEQUENCE) is None:
                    raise self._error(part, tr("a sequence number is needed here, this is a {found}", found=operand.type))
            if upwards:
                return _between(operands, tree.operators, self.scope.modulus)
            return _between(operands[::-1], tuple(_TURNED[sign] for sign in tree.operators[::-1]), self.scope.modulus)
        links = []
        for position, operator in enumerate(tree.operators):
            links.append(self._link(tree, position, operator, operands))
        if len(links) == 1:
            return Compiled(FLAG, links[0])
        return Compiled(FLAG, lambda env: all(link(env) for link in links))

    def _link(self, tree: syntax.Chain, position: int, operator: str, operands: list[Compiled]) -> Function:
        left, right = operands[position], operands[position + 1]
        one, other, modulus = left.run, right.run, self.scope.modulus
        sides = (tree.operands[position], left.type), (tree.operands[position + 1], right.type)
        if operator in ("in", "not in"):
            part = right.type.parts[0] if right.type.parts else None
            if right.type.kind != "list":
                raise self._error(tree.operands[position + 1], tr("a list is needed here, this is a {found}", found=right.type))
            if part is not None and unify(left.type, part) is None:
                raise self._error(tree, tr("a {left} cannot be in a {right}", left=left.type, right=right.type))
            if part is not None:
                one = self._on_circle(left, part)
            check_member(*sides, self._type_of)
            if left.type == SEQUENCE and part == NUMBER:  # numbers as written, {1, 2}
                members = other
                other = lambda env: tuple(member % modulus for member in members(env))  # noqa: E731
            if operator == "in":
                return lambda env: one(env) in other(env)
            return lambda env: one(env) not in other(env)
        common = unify(left.type, right.type)
        if common is None:
            raise self._error(tree, tr("a {left} cannot be compared with a {right}", left=left.type, right=right.type))
        check_equal(*sides, self._type_of)
        one, other = self._on_circle(left, common), self._on_circle(right, common)
        if common == list_of(CONTROL) and operator in ("==", "!="):  # a segment's bits have no order of their own
            equal = operator == "=="
            return lambda env: (frozenset(one(env)) == frozenset(other(env))) == equal
        if operator == "==":
            return lambda env: one(env) == other(env)
        if operator == "!=":
            return lambda env: one(env) != other(env)
        if common not in (SEQUENCE, COUNT, NUMBER):
            raise self._error(tree, tr("a {type} has no order: '{operator}' compares numbers", type=common, operator=operator))
        if operator in (">", ">="):
            one, other, operator = other, one, _TURNED[operator]
        if common == SEQUENCE:
            half = (modulus + 1) // 2  # what lies less than half the circle ahead, also where the modulus is odd
            if operator == "<":
                return lambda env: 0 < (other(env) - one(env)) % modulus < half
            return lambda env: (other(env) - one(env)) % modulus < half
        if operator == "<":
            return lambda env: one(env) < other(env)
        return lambda env: one(env) <= other(env)

    def _type_of(self, tree: syntax.Tree) -> Type:
        return self.types[id(tree)]

    def _on_circle(self, compiled: Compiled, kind: Type) -> Function:
        """Return the function of a value; a written number that stands for a sequence number is taken modulo."""
        run, modulus = compiled.run, self.scope.modulus
        if kind == SEQUENCE and compiled.type == NUMBER:
            return lambda env: run(env) % modulus
        return run

    def _group(self, tree: syntax.Group) -> Compiled:
        parts = [self.compile(item) for item in tree.items]
        runs = [part.run for part in parts]
        if tree.bracket == "(" and tree.items:
            if sum(leaves(part.type) for part in parts) > MAX_LEAVES:
                raise self._error(tree, tr("these are more than {most} values in one", most=MAX_LEAVES))
            return Compiled(pair_of(*(part.type for part in parts)), lambda env: tuple(run(env) for run in runs))
        common = parts[0].type if parts else None
        for part, item in zip(parts, tree.items, strict=True):
            merged = unify(common, part.type) if common else None
            if merged is None:
                raise self._error(item, tr("a {type} among values of type {common}", type=part.type, common=common))
            common = merged
        if common is None:
            return Compiled(EMPTY_LIST, lambda _: ())
        members = [self._on_circle(part, common) for part in parts]
        return Compiled(list_of(common), lambda env: tuple(run(env) for run in members))

    def _quantified(self, tree: syntax.Quantified) -> Compiled:
        collection = self.compile(tree.collection)
        if collection.type.kind != "list":
            raise self._error(tree.collection, tr("a list is needed here, this is a {found}", found=collection.type))
        part = collection.type.parts[0] if collection.type.parts else ANYTHING
        slot = object()  # none other is like it: a derived field is worked out while the names of a quantifier are bound
        count = len(tree.names)
        if count > 1 and part != ANYTHING and (part.kind != "pair" or len(part.parts) != count):
            raise self._error(tree, tr("{count} names for a {part}", count=count, part=part))

        def whole(env: Any) -> Any:
            return env.bound[slot]

        def component(index: int) -> Function:
            return lambda env: env.bound[slot][index]

        outer = self.bound
        if count == 1:
            self.bound = [*outer, (tree.names[0], Compiled(part, whole), 1)]
        else:
            kinds = part.parts if part.kind == "pair" else (ANYTHING,) * count
            pairs = [(name, Compiled(kinds[i], component(i)), 1) for i, name in enumerate(tree.names)]
            self.bound = [*outer, *pairs]
        try:
            condition, cost = self._measured(tree.body, FLAG)
        finally:
            self.bound = outer
        source, every, body, work = collection.run, tree.quantifier == "every", condition.run, 1 + cost // OPERATIONS

        def run(env: Any) -> bool:
            for value in source(env):
                pause(work)  # of loops in loops nobody knows how often they turn
                env.bound[slot] = value
                if bool(body(env)) != every:
                    return not every
            return every

        return Compiled(FLAG, run)

    def _call(self, tree: syntax.Call) -> Compiled:
        special = self.scope.call(self, tree)
        if special is not None:
            return special
        name = tree.function
        if name in self.scope.definitions:
            return self._expand(tree, name, tree.arguments)
        if name not in FUNCTIONS:
            choices = [*FUNCTIONS, *self.scope.definitions]
            raise self._error(tree, tr("'{name}' is not a function", name=name), did_you_mean(name, choices))
        if name in ("min", "max"):
            return self._least(tree)
        if name == "digest":
            return self._digest(tree)
        if len(tree.arguments) != 1:
            raise self._error(tree, tr("'{name}' takes one argument", name=name))
        part = tree.arguments[0]
        argument = self.compile(part)
        run = argument.run
        if name == "number":
            self.compile(part, FLAG)
            return Compiled(COUNT, lambda env: 1 if run(env) else 0)
        if name == "known":
            return Compiled(FLAG, lambda env: _known(run, env))
        if argument.type.kind != "list":
            raise self._error(part, tr("a list is needed here, this is a {found}", found=argument.type))
        if name == "size":
            return Compiled(COUNT, lambda env: len(run(env)))
        return Compiled(FLAG, lambda env: _distinct(run(env)))

    def _least(self, tree: syntax.Call) -> Compiled:
        if len(tree.arguments) != 2:
            raise self._error(tree, tr("'{name}' takes two arguments", name=tree.function))
        one, other = (self.compile(argument, COUNT).run for argument in tree.arguments)
        choose = min if tree.function == "min" else max
        return Compiled(COUNT, lambda env: choose(one(env), other(env)))

    def _digest(self, tree: syntax.Call) -> Compiled:
        if not tree.arguments:
            raise self._error(tree, tr("'digest' takes at least one argument"))
        runs, spoken = [], len(self.spoken)
        for part in tree.arguments:
            argument = self.compile(part)
            if not can_be_digested(argument.type):
                raise self._error(part, tr("a number, a flag or a word is needed here, this is a {found}", found=argument.type))
            runs.append(argument.run)
        del self.spoken[spoken:]  # any word has a digest
        modulus = self.scope.modulus
        return Compiled(SEQUENCE, lambda env: digest((run(env) for run in runs), modulus))


def _between(operands: list[Compiled], operators: tuple[str, ...], modulus: int) -> Compiled:
    low, middle, high = (operand.run for operand in operands)
    first, second = operators

    def run(env: Any) -> bool:
        start = low(env)
        ahead, width = (middle(env) - start) % modulus, (high(env) - start) % modulus
        return (ahead > 0 or first == "<=") and (ahead < width if second == "<" else ahead <= width)

    return Compiled(FLAG, run)


def _known(run: Function, env: Any) -> bool:
    try:
        run(env)
    except UnsetError:
        return False
    return True


def _distinct(values: tuple[Any, ...]) -> bool:
    return len(set(values)) == len(values)


__all__ = ["Compiled", "Compiler", "Definition", "Scope", "UnsetError"]
