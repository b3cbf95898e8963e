"""The expression language: its grammar, its types, its arithmetic on a circle, and where its mistakes stand."""

from __future__ import annotations

import itertools
from hashlib import blake2b
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tcpfsm.expression import Compiled, Compiler, Definition, ExpressionError, UnsetError, parse, syntax
from tcpfsm.expression.digest import digest
from tcpfsm.expression.types import (
    ANYTHING,
    CONTROL,
    COUNT,
    EMPTY_LIST,
    FLAG,
    NUMBER,
    SEGMENT,
    SEQUENCE,
    STATE,
    WORD,
    Type,
    list_of,
    pair_of,
    unify,
    widened,
    word_of,
)  # fmt: skip

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    from tcpfsm.expression.compiler import Scope

SMALL = 11
TYPES = {
    "sequence": SEQUENCE,
    "count": COUNT,
    "flag": FLAG,
    "state": STATE,
    "word": WORD,
    "segment": SEGMENT,
    "bit": CONTROL,
}


class PlainScope:
    """A scope in which every name has a type, and its value is found in the environment by its name."""

    def __init__(
        self, types: dict[str, Type], modulus: int, definitions: Mapping[str, Definition], *, step: bool
    ) -> None:
        self.types = types
        self.modulus = modulus
        self.definitions: Mapping[str, Definition] = definitions
        self.fields: Mapping[str, Type] = {"SEQ": SEQUENCE, "LEN": COUNT}
        self.step = step
        self.side = "now"
        self.vocabulary: Collection[str] | None = None

    def lookup(self, name: str) -> Compiled | None:
        """Find a name."""
        if name not in self.types:
            return None
        side = self.side

        def read(env: Any) -> Any:
            value = getattr(env, side)[name]
            if value is None:
                raise UnsetError(f"{name} has no value")
            return value

        return Compiled(self.types[name], read)

    def before(self) -> Scope | None:
        """Return the scope of the state before."""
        if not self.step:
            return None
        inner = PlainScope(self.types, self.modulus, self.definitions, step=True)
        inner.side, inner.vocabulary = "then", self.vocabulary
        return inner

    def call(self, compiler: Compiler, tree: syntax.Call) -> Compiled | None:
        """Have no functions of its own."""
        del compiler, tree
        return None

    def field(self, run: Callable[[Any], Any], name: str) -> Callable[[Any], Any]:
        """Read a field of a segment, which is a dict here."""
        return lambda env: run(env)[name]

    def names(self) -> Iterable[str]:
        """List every name."""
        return self.types

    def explain(self, name: str) -> str:
        """Know of nothing that stands elsewhere."""
        del name
        return ""

    def words(self) -> Collection[str] | None:
        """List the words that were given; None where any will do."""
        return self.vocabulary


NAMES = {
    "a": SEQUENCE, "b": SEQUENCE, "c": SEQUENCE, "SND.NXT": SEQUENCE, "n": COUNT, "m": COUNT, "yes": FLAG, "no": FLAG,
    "state": STATE, "FIN-WAIT-1": STATE, "CLOSED": STATE, "open-states": list_of(STATE), "why": WORD, "closed": WORD,
    "bits": list_of(CONTROL), "SYN": CONTROL, "ACK": CONTROL, "pairs": list_of(pair_of(COUNT, SEQUENCE)),
    "numbers": list_of(COUNT), "sent": list_of(SEGMENT), "nothing": EMPTY_LIST, "LIMIT": NUMBER,
}  # fmt: skip
VALUES: dict[str, Any] = {
    "a": 1, "b": 5, "c": 9, "SND.NXT": 7, "n": 2, "m": 3, "yes": True, "no": False,
    "state": "CLOSED", "FIN-WAIT-1": "FIN-WAIT-1", "CLOSED": "CLOSED", "open-states": frozenset({"FIN-WAIT-1"}),
    "why": "closed", "closed": "closed", "bits": ("SYN",), "SYN": "SYN", "ACK": "ACK", "pairs": ((1, 5), (2, 9)),
    "numbers": (1, 2, 2), "sent": ({"SEQ": 5, "LEN": 1, "CTL": ("SYN",)}, {"SEQ": 6, "LEN": 0, "CTL": ("ACK",)}),
    "nothing": (), "LIMIT": 3,
}  # fmt: skip
DEFINITIONS = {
    "big": "n > LIMIT",
    "between(x, y)": "x < a =< y",
    "same(p)": "p == p",
    "seq-of(s)": "s.SEQ",
    "grown": "n > before n",
}


def scope(
    *, modulus: int = SMALL, step: bool = False, definitions: dict[str, str] | None = None
) -> PlainScope:
    """Return the scope of these tests."""
    found = {}
    for key, text in (DEFINITIONS if definitions is None else definitions).items():
        name, _, rest = key.partition("(")
        parameters = tuple(rest.rstrip(")").split(", ")) if rest else ()
        found[name] = Definition(parameters, parse(text))
    return PlainScope(NAMES, modulus, found, step=step)


def value(text: str, *, modulus: int = SMALL, then: Any = None, **values: Any) -> Any:
    """Compile and run an expression."""
    env = SimpleNamespace(now={**VALUES, **values}, then={**VALUES, **(then or {})}, bound={})
    compiled = Compiler(scope(modulus=modulus, step=then is not None)).compile(parse(text))
    return compiled.run(env)


def type_of(text: str) -> str:
    """Return the type of an expression."""
    return str(Compiler(scope(step=True)).compile(parse(text)).type)


def mistake(text: str, wanted: Type | None = None, **options: Any) -> tuple[str, str, str]:
    """Return the message, the part of the text it points at, and the hint without the choices."""
    with pytest.raises(ExpressionError) as caught:
        Compiler(scope(**options)).compile(parse(text), wanted)
    error = caught.value
    return (
        error.message,
        text[error.offset : error.offset + error.length],
        error.hint.partition("choices:")[0].strip(),
    )


def shape(tree: syntax.Tree) -> str:
    """Write a tree with all its brackets."""
    match tree:
        case syntax.Number(value=number):
            return str(number)
        case syntax.Name(text=text, quoted=quoted):
            return f"'{text}'" if quoted else text
        case syntax.Call(function=function, arguments=arguments):
            return f"{function}({', '.join(map(shape, arguments))})"
        case syntax.Prefix(operator=operator, operand=operand):
            return f"({operator} {shape(operand)})"
        case syntax.Infix(operator=operator, left=left, right=right):
            return f"({shape(left)} {operator} {shape(right)})"
        case syntax.Chain(operands=operands, operators=operators):
            rest = "".join(
                f" {sign} {shape(part)}" for sign, part in zip(operators, operands[1:], strict=True)
            )
            return f"({shape(operands[0])}{rest})"
        case syntax.Group(bracket=bracket, items=items):
            return f"{bracket}{', '.join(map(shape, items))}{')' if bracket == '(' else '}'}"
        case syntax.Quantified(quantifier=quantifier, names=names, collection=collection, body=body):
            return f"({quantifier} {','.join(names)} in {shape(collection)}: {shape(body)})"
    raise TypeError(tree)


# ---- grammar ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a or b and c", "(a or (b and c))"),
        ("a and b or c", "((a and b) or c)"),
        ("not a and b", "((not a) and b)"),
        ("not not a", "(not (not a))"),
        ("not a == b", "(not (a == b))"),
        ("a implies b implies c", "(a implies (b implies c))"),
        ("a or b implies c and d", "((a or b) implies (c and d))"),
        ("a - b - c", "((a - b) - c)"),
        ("a + b < c - d", "((a + b) < (c - d))"),
        ("a < b =< c", "(a < b <= c)"),
        ("a = b", "(a == b)"),
        ("a not in {b, c}", "(a not in {b, c})"),
        ("a in {b} and c", "((a in {b}) and c)"),
        ("SND.NXT - 1", "(SND.NXT - 1)"),
        ("FIN-WAIT-1 == x", "(FIN-WAIT-1 == x)"),
        ("a-b", "a-b"),
        ("a -1", "(a - 1)"),
        ("(a, b) in c", "((a, b) in c)"),
        ("(a)", "a"),
        ("(a,)", "(a)"),
        ("{}", "{}"),
        ("{a,}", "{a}"),
        ("f(a, b + 1)", "f(a, (b + 1))"),
        ("f()", "f()"),
        ("f (a)", None),
        ("before a == b", "((before a) == b)"),
        ("before p.x + 1", "((before p.x) + 1)"),
        ("every x in c: x and y or z", "(every x in c: ((x and y) or z))"),
        ("every (x, y) in c: x", "(every x,y in c: x)"),
        ("a and every x in c: x and b", "(a and (every x in c: (x and b)))"),
        ("not some x in c: x", "(not (some x in c: x))"),
        ("(every x in c: x) and b", "((every x in c: x) and b)"),
        ("x in a + b", "(x in (a + b))"),
        ("'rcv SYN' == \"it's\"", "('rcv SYN' == 'it's')"),
        ("true and false", "(true and false)"),
        ("空 == 闲", "(空 == 闲)"),
        ("a\n  and b", "(a and b)"),
    ],
)
def test_an_expression_is_read_with_the_rfcs_precedence(text: str, expected: str | None) -> None:
    """Comparisons bind tighter than not, not than and, and than or, or than implies."""
    if expected is None:
        with pytest.raises(ExpressionError):
            parse(text)
        return

    assert shape(parse(text)) == expected


@pytest.mark.parametrize(
    ("text", "message", "offset", "length"),
    [
        ("", "a value is expected here, not the end", 0, 1),
        ("a and", "a value is expected here, not the end", 5, 1),
        ("a and and b", "a value is expected here, not 'and'", 6, 3),
        ("a b", "'b' is not expected here", 2, 1),
        ("(a or b", "')' is expected here, not the end", 7, 1),
        ("(a or b}", "')' is expected here, not '}'", 7, 1),
        ("{a b}", "'}' is expected here, not 'b'", 3, 1),
        ("f(a,,b)", "a value is expected here, not ','", 4, 1),
        ("a < = b", "a value is expected here, not '='", 4, 1),
        ("a && b", "'&' is not part of an expression", 2, 1),
        ("a => b", "a value is expected here, not '>'", 3, 1),
        ("a * b", "'*' is not part of an expression", 2, 1),
        ("a.b.", "'.' is not part of an expression", 3, 1),
        ("'a", "''' is not part of an expression", 0, 1),
        ("1a", "'a' is not expected here", 1, 1),
        ("-1", "a value is expected here, not '-'", 0, 1),
        ("a -b - 1 c", "'c' is not expected here", 9, 1),
        ("every in c: x", "a name of your own is expected here", 6, 2),
        ("every s.x in c: x", "a name of your own is expected here", 6, 3),
        ("every (x y) in c: x", "')' is expected here, not 'y'", 9, 1),
        ("every x of c: x", "'in' is expected here, not 'of'", 8, 2),
        ("every x in c x", "':' is expected here, not 'x'", 13, 1),
        ("every", "a name of your own is expected here", 5, 1),
        ("some x in", "a value is expected here, not the end", 9, 1),
        ("before", "a value is expected here, not the end", 6, 1),
        ("a not b", "'not' is not expected here", 2, 3),
        ("not", "a value is expected here, not the end", 3, 1),
        ("in", "a value is expected here, not 'in'", 0, 2),
        ("f (a)", "'(' is not expected here", 2, 1),
        ("12345678901234567890", "the number has more than 18 digits", 0, 20),
        ("x" * 2_001, "the expression is longer than 2,000 characters", 0, 1),
        ("not " * 41 + "a", "more than 40 times 'not'", 0, 1),
        ("(" * 41 + "a", "the expression is nested more than 40 levels deep", 40, 1),
        ("before " * 41 + "a", "the expression is nested more than 40 levels deep", 273, 1),
        ("a implies " * 41 + "a", "the expression is nested more than 40 levels deep", 400, 1),
    ],
)
def test_what_is_no_expression_is_told_with_its_exact_place(
    text: str, message: str, offset: int, length: int
) -> None:
    """The place is the first at which the text cannot go on."""
    with pytest.raises(ExpressionError) as caught:
        parse(text)
    error = caught.value

    assert (error.message, error.offset, error.length) == (message, offset, length)


@given(st.text("ab1 .-<>=!(){},:'+&", max_size=30) | st.lists(st.sampled_from(
    ["a", "1", "and", "or", "not", "implies", "in", "every", "some", "x", ":", "(", ")", "{", "}", ",", "<", "=<", "==", "+", "-", "before", "f("],
), max_size=15).map(" ".join))  # fmt: skip
def test_any_text_is_an_expression_or_is_refused_within_it(text: str) -> None:
    """The parser knows two answers, and a mistake always stands within the text or at its end."""
    mistake_found: ExpressionError | None = None
    try:
        tree = parse(text)
    except ExpressionError as error:
        mistake_found = error
    if mistake_found is not None:
        assert 0 <= mistake_found.offset <= len(text)
        assert mistake_found.length >= 1
        return

    assert (tree.offset, text[tree.offset : tree.offset + tree.length].strip() != "") == (tree.offset, True)


def test_a_tree_knows_the_place_of_every_part() -> None:
    """The columns of later mistakes come from the tree."""
    text = "a + 1 < size(b) and not c"
    tree = parse(text)
    assert isinstance(tree, syntax.Infix)
    assert isinstance(tree.left, syntax.Chain)
    parts = [tree, tree.left, *tree.left.operands, tree.right]

    assert [text[part.offset : part.offset + part.length] for part in parts] == [
        text, "a + 1 < size(b)", "a + 1", "size(b)", "not c",
    ]  # fmt: skip


# ---- values ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("yes and no", False), ("yes or no", True), ("no implies no", True), ("yes implies no", False), ("not no", True),
        ("n + m", 5), ("m - n", 1), ("n - m", -1), ("b - a", 4), ("a - b", SMALL - 4), ("c + n", 0), ("n + c", 0),
        ("a - 3", SMALL - 2), ("SND.NXT + 20", 5), ("2 + 3", 5),
        ("n < m", True), ("n >= m", False), ("n < m < 4", True), ("4 > m > n", True), ("n != 2", False), ("n = 2", True),
        ("state == CLOSED", True), ("state in open-states", False), ("state not in open-states", True),
        ("FIN-WAIT-1 in open-states", True), ("state in {CLOSED, FIN-WAIT-1}", True), ("state in {}", False),
        ("why == closed", True), ("why == 'closed'", True), ("why in {'closed', 'reset'}", True),
        ("SYN in bits", True), ("ACK in bits", False), ("bits == {SYN}", True),
        ("(1, b) in pairs", True), ("(1, c) in pairs", False), ("(n, c) in pairs", True),
        ("number(yes) + number(no)", 1), ("size(pairs)", 2), ("size({})", 0), ("distinct(numbers)", False),
        ("distinct(pairs)", True), ("digest(n, a) == digest(2, 1)", True), ("min(n, m)", 2), ("max(n, 7)", 7), ("known(n)", True),
        ("every (i, x) in pairs: i > 0 and x != a", True), ("every (i, x) in pairs: i > 1", False),
        ("some (i, x) in pairs: i > 1", True), ("some x in nothing: true", False), ("every x in nothing: x", True),
        ("some p in pairs: p == (2, c)", True), ("every x in numbers: some y in numbers: x == y", True),
        ("some x in numbers: every y in numbers: x >= y", True), ("some x in {a, b}: x == 5", True),
        ("some s in sent: SYN in s.CTL and s.SEQ == b", True), ("every s in sent: s.LEN < 1", False),
        ("size(sent) == 2 and every s in sent: s.SEQ in {b, 6}", True),
        ("big", False), ("between(0, b)", True), ("between(b, 0)", False), ("same(n) and same(state)", True),
        ("some s in sent: seq-of(s) == 6", True), ("true", True), ("LIMIT + n", 5),
    ],
)  # fmt: skip
def test_an_expression_has_the_value_it_reads_as(text: str, expected: object) -> None:
    """Every operator and function, on values that a machine could hold."""
    assert value(text) == expected


def test_only_what_decides_is_looked_at() -> None:
    """A value that is not set is not asked for where the answer is known without it."""
    texts = ["no and n == 1", "yes or n == 1", "no implies n == 1", "some x in {1, 2}: x == 1 or n == x"]

    assert [value(text, n=None) for text in texts] == [False, True, True, True]


def test_a_value_that_is_not_set_is_an_error_that_names_it() -> None:
    """Reading what is not there never counts as zero."""
    with pytest.raises(UnsetError, match=r"^n has no value$"):
        value("n + 1", n=None)


def test_known_asks_whether_a_value_is_set() -> None:
    """The only question to a value that is not set."""
    assert (value("known(n + 1)", n=None), value("known(n + 1)", n=0)) == (False, True)


def test_before_reads_the_state_before_the_step() -> None:
    """In a step, before gives the value that was; everything else the value that is."""
    then = {"n": 1, "a": 0}

    assert value("n == before n + 1 and before a < a", then=then)
    assert value("grown and before (n == 1)", then=then)
    assert value("before before n == 1", then=then)


def test_a_definition_does_not_see_the_names_of_where_it_is_used() -> None:
    """A name that a quantifier gives is known in its own body alone."""
    message, where, _ = mistake("some z in numbers: uses-z", definitions={"uses-z": "z == 1"})

    assert (message, where) == ("in 'uses-z': 'z' is not known here", "uses-z")


def test_an_argument_keeps_its_meaning_inside_a_definition() -> None:
    """A definition whose quantifier uses the same name does not capture what it was given."""
    found = scope(definitions={"is-in(x)": "some y in numbers: y == x"})
    run = Compiler(found).compile(parse("every y in {1, 2}: is-in(y)")).run

    assert run(SimpleNamespace(now=VALUES, then=VALUES, bound={}))
    assert (
        not Compiler(found)
        .compile(parse("some y in {7, 8}: is-in(y)"))
        .run(SimpleNamespace(now=VALUES, bound={}))
    )


# ---- arithmetic on the circle ----------------------------------------------------------------------------------------

POINT = st.integers(0, SMALL - 1)


def walk(start: int, end: int) -> list[int]:
    """Return the points met on the way from ``start`` up to ``end``, both included."""
    points = [start]
    while points[-1] != end:
        points.append((points[-1] + 1) % SMALL)
    return points


@given(POINT, POINT, POINT, st.sampled_from(["<", "=<", "<="]), st.sampled_from(["<", "=<", "<="]))
def test_a_chain_asks_whether_a_point_lies_on_the_way_from_one_to_the_other(
    low: int, middle: int, high: int, first: str, second: str
) -> None:
    """A chain of two comparisons is exact everywhere on the circle: it is decided by walking along it."""
    way = walk(low, high)
    on_the_way = middle in way and (first != "<" or middle != low) and (second != "<" or middle != high)

    assert value(f"a {first} b {second} c", a=low, b=middle, c=high) == on_the_way


@given(POINT, POINT, POINT, st.sampled_from([">", ">="]), st.sampled_from([">", ">="]))
def test_a_chain_can_be_read_backwards(high: int, middle: int, low: int, first: str, second: str) -> None:
    """``c >= b > a`` says the same as ``a < b =< c``."""
    turned = {">": "<", ">=": "=<"}

    assert value(f"c {first} b {second} a", a=low, b=middle, c=high) == value(
        f"a {turned[second]} b {turned[first]} c", a=low, b=middle, c=high
    )


@given(POINT, POINT)
def test_a_single_comparison_looks_half_the_circle_ahead(one: int, other: int) -> None:
    """``a < b`` holds when b is met within less than half the circle after a."""
    ahead = walk(one, other).index(other)
    values = {"a": one, "b": other}

    assert value("a < b", **values) == (0 < 2 * ahead < SMALL)
    assert value("a =< b", **values) == (2 * ahead < SMALL)
    assert value("b > a", **values) == value("a < b", **values)
    assert value("b >= a", **values) == value("a =< b", **values)
    assert value("a == b", **values) == (ahead == 0)
    assert not (value("a < b", **values) and value("b < a", **values))


@pytest.mark.parametrize("modulus", [2, 3, 4, 5])
def test_the_smallest_circles_are_no_exception(modulus: int) -> None:
    """Of two different numbers exactly one is ahead, but for those that face each other; a chain decides all of them."""
    points = [*range(modulus)]
    for one, other in itertools.product(points, points):
        ahead = [value(text, modulus=modulus, a=one, b=other) for text in ("a < b", "b < a")]
        facing = 2 * ((other - one) % modulus) in (0, modulus)

        assert sum(ahead) == (0 if facing else 1)
        for third in points:
            on_the_way = (other - one) % modulus < (third - one) % modulus
            assert value("a =< b < c", modulus=modulus, a=one, b=other, c=third) == on_the_way


@given(POINT, POINT, st.integers(0, 40))
def test_sums_go_round_the_circle(one: int, other: int, steps: int) -> None:
    """A number plus a count is a number; the difference of two numbers is the way from one to the other."""
    values = {"a": one, "b": other, "n": steps}

    assert value("a + n - n == a", **values)
    assert value("a + (b - a) == b", **values)
    assert value("b - a", **values) == len(walk(one, other)) - 1
    assert value("a + n", **values) == (one + steps) % SMALL


@given(st.integers(0, 2**32 - 1), st.integers(0, 2**31 - 2), st.integers(1, 2**31 - 2))
def test_the_real_circle_has_no_seam(start: int, step: int, width: int) -> None:
    """Numbers of 32 bits wrap around, and a window that does so is no different."""
    middle = (start + step) % 2**32
    end = (start + width) % 2**32
    values = {"a": start, "b": middle, "c": end}

    assert value("a =< b < c", modulus=2**32, **values) == (step < width)
    assert value("a =< b", modulus=2**32, **values)


def test_a_written_number_is_taken_round_the_circle() -> None:
    """Where a number as written stands for a sequence number, it means the one at that place of the circle."""
    texts = [
        "a == 12", "12 == a", "not (a != 12)", "a in {12}", "12 in {a, b}", "0 < a =< 12", "some x in {12, c}: x == a",
    ]  # fmt: skip

    assert [value(text) for text in texts] == [True] * len(texts)
    assert Compiler(scope()).compile(parse("12"), SEQUENCE).run(None) == 1
    assert value("n == 12", n=12)


# ---- digests ---------------------------------------------------------------------------------------------------------

VALUE = st.integers(-(2**64), 2**64) | st.booleans() | st.text(max_size=8)
ROW = st.lists(VALUE, min_size=1, max_size=4)


def kinds(row: list[int | bool | str]) -> list[tuple[type, int | bool | str]]:
    """Tell 1 and true apart, which Python takes for equal."""
    return [(type(one), one) for one in row]


@given(ROW, ROW)
def test_only_equal_values_in_the_same_order_have_equal_digests(one: list[Any], other: list[Any]) -> None:
    """No value runs into its neighbour, and none is taken for one of another type; the circle is too large for chance."""
    assert (digest(one, 2**128) == digest(other, 2**128)) == (kinds(one) == kinds(other))


@given(ROW, st.integers(4, 2**32))
def test_a_digest_is_a_number_of_the_circle(row: list[Any], modulus: int) -> None:
    """It can stand wherever a sequence number does, and is the same each time."""
    assert digest(row, modulus) == digest(list(row), modulus)
    assert 0 <= digest(row, modulus) < modulus


@given(st.integers(0, 2**32 - 1), st.integers(1, 2**31))
def test_a_digest_of_a_sum_is_no_sum(number: int, more: int) -> None:
    """From one cookie no other can be made by adding, as a counter would allow."""
    one, other = digest([7, number], 2**32), digest([7, number + more], 2**32)

    assert (other - one) % 2**32 != more


def test_a_digest_never_changes() -> None:
    """What was recorded with it stays as it is: BLAKE2b of an encoding that is written out here."""
    octets = b"number:7;flag:1;word:4:\xc3\xa9\xc3\xa9;"
    expected = int.from_bytes(blake2b(octets, digest_size=16).digest(), "big")

    assert digest([7, True, "\u00e9\u00e9"], 2**32) == expected % 2**32


def test_a_digest_takes_numbers_by_their_value_and_flags_and_words_as_they_are() -> None:
    """A planted cookie, written with numbers, equals the one that a machine makes of its variables."""
    texts = [
        "digest(a, n) == digest(1, 2)", "digest(n + 1) == digest(m)", "digest(yes) != digest(1)", "digest(why) == digest('closed')",
        "digest(n, m) != digest(m, n)", "digest(n) != digest(n, n)",
    ]  # fmt: skip

    assert [value(text, modulus=2**32) for text in texts] == [True] * len(texts)


def test_a_digest_of_what_is_not_set_is_not_known() -> None:
    """As with every other function."""
    assert value("known(digest(a, n))", n=None) is False
    with pytest.raises(UnsetError, match=r"^n has no value$"):
        value("digest(a, n) == a", n=None)


# ---- types -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1", "number"), ("n", "count"), ("a", "sequence"), ("n + 1", "count"), ("a + 1", "sequence"), ("1 + a", "sequence"),
        ("a - b", "count"), ("a - n", "sequence"), ("1 + 1", "number"), ("1 - 1", "number"), ("state", "state"),
        ("{a, 1}", "list of sequence"), ("{1, a}", "list of sequence"), ("{1}", "list of number"), ("{}", "list"),
        ("(a, state)", "(sequence, state)"), ("{(1, a), (n, 2)}", "list of (count, sequence)"),
        ("a < b < c", "flag"), ("every x in sent: true", "flag"), ("bits", "list of control bit"), ("'x'", "word"),
        ("before a", "sequence"), ("min(n, 1)", "count"), ("number(yes)", "count"), ("size(sent)", "count"),
        ("digest(n)", "sequence"), ("digest(a, yes, 'x', 1)", "sequence"), ("digest(n) + 1", "sequence"),
    ],
)  # fmt: skip
def test_every_expression_has_a_type(text: str, expected: str) -> None:
    """A number as written becomes what its neighbour is."""
    assert type_of(text) == expected


@pytest.mark.parametrize(
    ("text", "message", "where"),
    [
        ("n and yes", "a flag is needed here, this is a count", "n"),
        ("yes and n", "a flag is needed here, this is a count", "n"),
        ("yes implies state", "a flag is needed here, this is a state", "state"),
        ("not a", "a flag is needed here, this is a sequence", "a"),
        ("yes + 1", "a number is needed here, this is a flag", "yes"),
        ("1 - state", "a number is needed here, this is a state", "state"),
        ("a + b", "two sequence numbers cannot be added", "a + b"),
        ("n - a", "a sequence number cannot be taken from a count", "n - a"),
        ("1 - a", "a sequence number cannot be taken from a number", "1 - a"),
        ("a == n", "a sequence cannot be compared with a count", "a == n"),
        ("a < n", "a sequence cannot be compared with a count", "a < n"),
        ("state == why", "a state cannot be compared with a word", "state == why"),
        ("(a, b) == (a, b, c)", "a (sequence, sequence) cannot be compared with a (sequence, sequence, sequence)", "(a, b) == (a, b, c)"),
        ("(a, n) == (a, state)", "a (sequence, count) cannot be compared with a (sequence, state)", "(a, n) == (a, state)"),
        ("state < CLOSED", "a state has no order: '<' compares numbers", "state < CLOSED"),
        ("yes >= no", "a flag has no order: '>=' compares numbers", "yes >= no"),
        ("a < n < b", "a sequence number is needed here, this is a count", "n"),
        ("a < b < state", "a sequence number is needed here, this is a state", "state"),
        ("a in b", "a list is needed here, this is a sequence", "b"),
        ("a not in state", "a list is needed here, this is a state", "state"),
        ("a in bits", "a sequence cannot be in a list of control bit", "a in bits"),
        ("state in numbers", "a state cannot be in a list of count", "state in numbers"),
        ("{a, n}", "a count among values of type sequence", "n"),
        ("{1, state}", "a state among values of type number", "state"),
        ("every x in n: yes", "a list is needed here, this is a count", "n"),
        ("every (x, y) in numbers: yes", "2 names for a count", "every (x, y) in numbers: yes"),
        ("every (x, y, z) in pairs: yes", "3 names for a (count, sequence)", "every (x, y, z) in pairs: yes"),
        ("every x in numbers: x", "a flag is needed here, this is a count", "x"),
        ("number(n)", "a flag is needed here, this is a count", "n"),
        ("size(n)", "a list is needed here, this is a count", "n"),
        ("distinct(state)", "a list is needed here, this is a state", "state"),
        ("min(n)", "'min' takes two arguments", "min(n)"),
        ("max(n, a)", "a count is needed here, this is a sequence", "a"),
        ("digest()", "'digest' takes at least one argument", "digest()"),
        ("digest(n, numbers)", "a number, a flag or a word is needed here, this is a list of count", "numbers"),
        ("digest((a, n))", "a number, a flag or a word is needed here, this is a (sequence, count)", "(a, n)"),
        ("digest(state)", "a number, a flag or a word is needed here, this is a state", "state"),
        ("digest(n) == n", "a sequence cannot be compared with a count", "digest(n) == n"),
        ("digest(a) + a", "two sequence numbers cannot be added", "digest(a) + a"),
        ("size(sent, sent)", "'size' takes one argument", "size(sent, sent)"),
        ("known()", "'known' takes one argument", "known()"),
        ("big(n)", "'big' takes 0 argument(s), 1 given", "big(n)"),
        ("between(n)", "'between' takes 2 argument(s), 1 given", "between(n)"),
        ("between", "'between' takes 2 argument(s), 0 given", "between"),
        ("between(n, m)", "in 'between': a sequence number is needed here, this is a count", "between(n, m)"),
        ("before n == 1", "'before' has a meaning only where a step is looked at (kind: step)", "before n"),
        ("grown", "in 'grown': 'before' has a meaning only where a step is looked at (kind: step)", "grown"),
        ("some s in sent: s.SEQUENCE == a", "a segment has no field 'SEQUENCE'", "s.SEQUENCE"),
        ("some x in numbers: x.SEQ == a", "'x.SEQ' is not known here", "x.SEQ"),
        ("x", "'x' is not known here", "x"),
        ("sise(sent)", "'sise' is not a function", "sise(sent)"),
    ],
)  # fmt: skip
def test_types_that_do_not_go_together_are_told_with_the_part_meant(
    text: str, message: str, where: str
) -> None:
    """The mark stands below the part that has the wrong type."""
    assert mistake(text)[:2] == (message, where)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("SND.NXTT == 1", "did you mean SND.NXT?"),
        ("snd.nxt == 1", "did you mean SND.NXT?"),
        ("FIN-WAIT-2", "did you mean FIN-WAIT-1?"),
        ("n-m == 1", "a minus stands between blanks: n - m"),
        ("n-1 == 1", "a minus stands between blanks: n - 1"),
        ("sise(sent) == 1", "did you mean size?"),
        ("some s in sent: s.SEG == a", "did you mean SEQ?"),
        ("betwen(a, b)", "did you mean between?"),
        ("digset(a, b) == a", "did you mean digest?"),
    ],
)
def test_what_was_meant_is_suggested(text: str, hint: str) -> None:
    """A misspelt name is answered with the nearest one, a minus without blanks with how to write it."""
    assert mistake(text)[2] == hint


WORDS = {
    **NAMES, "call": word_of("", "OPEN", "CLOSE"), "event": word_of("OPEN", "CLOSE", "rcv FIN"), "mood": word_of("calm", "cross"),
    "changes": list_of(pair_of(STATE, word_of("OPEN", "CLOSE", "rcv FIN"), STATE)), "calm": word_of("calm"),
    "events": list_of(word_of("OPEN", "CLOSE")),
}  # fmt: skip


def words(text: str) -> tuple[str, str, str]:
    """Return the message of a mistake, what it points at, and the hint without the choices; nothing where there is none."""
    scope = PlainScope(WORDS, SMALL, {"by": Definition(("what",), parse("call == what"))}, step=True)
    try:
        Compiler(scope).compile(parse(text), FLAG)
    except ExpressionError as error:
        return error.message, text[error.offset :][: error.length], error.hint.partition(" choices:")[0]
    return "", "", ""


@pytest.mark.parametrize(
    ("text", "message", "where", "hint"),
    [
        ("call == 'OPNE'", "'call' is never 'OPNE'", "'OPNE'", "did you mean OPEN?"),
        ("'CLOSED' != call", "'call' is never 'CLOSED'", "'CLOSED'", "did you mean CLOSE?"),
        ("call == 'rcv FIN'", "'call' is never 'rcv FIN'", "'rcv FIN'", "choices: OPEN, CLOSE"),
        ("call in {'OPEN', 'CLOES'}", "'call' is never 'CLOES'", "'CLOES'", "did you mean CLOSE?"),
        ("call not in {'OPEN', 'CLOES'}", "'call' is never 'CLOES'", "'CLOES'", "did you mean CLOSE?"),
        ("call == calm", "'call' is never 'calm'", "calm", "choices: OPEN, CLOSE"),
        ("mood == 'clam'", "'mood' is never 'clam'", "'clam'", "did you mean calm?"),
        ("call == mood", "these two have no word in common", "call == mood", ""),
        ("every (from, why, to) in changes: why == 'rcv FNI'", "'why' is never 'rcv FNI'", "'rcv FNI'", "did you mean rcv FIN?"),
        ("some (from, why, to) in changes: (why, to) in {('OPEN', CLOSED), ('rcv', CLOSED)}", "'why' is never 'rcv'", "'rcv'", ""),
        ("some change in changes: change == (CLOSED, 'OPNE', CLOSED)", "'change' is never 'OPNE'", "'OPNE'", "did you mean OPEN?"),
        ("(CLOSED, 'OPNE', CLOSED) in changes", "'changes' is never 'OPNE'", "'OPNE'", "did you mean OPEN?"),
        ("'rcv FIN' in events", "'events' is never 'rcv FIN'", "'rcv FIN'", "choices: OPEN, CLOSE"),
        ("by('OPNE')", "in 'by': 'call' is never 'OPNE'", "by('OPNE')", "did you mean OPEN?"),
        ("{call} == {'OPNE'}", "'call' is never 'OPNE'", "'OPNE'", "did you mean OPEN?"),
        ("events != {'OPEN', 'OPNE'}", "'events' is never 'OPNE'", "'OPNE'", "did you mean OPEN?"),
        ("changes == {(CLOSED, 'OPNE', CLOSED)}", "'changes' is never 'OPNE'", "'OPNE'", "did you mean OPEN?"),
    ],
)  # fmt: skip
def test_a_word_that_can_never_be_the_value_is_told(text: str, message: str, where: str, hint: str) -> None:
    """Nothing would ever be found by it, so it is misspelt: compared, in a list, in a tuple, or in a definition."""
    found = words(text)

    assert found[:2] == (message, where)
    assert found[2].startswith(hint)


@pytest.mark.parametrize(
    "text",
    [
        "call == ''", "call == 'OPEN'", "call == event", "call in {'OPEN', 'CLOSE', ''}", "by('OPEN')", "why == 'anything'",
        "some what in {'OPEN', 'rcv FIN'}: call == what", "every (from, why, to) in changes: why in {'OPEN', 'rcv FIN'}",
        "mood == calm", "every what in {}: what == 'anything'", "(call, 1) == ('OPEN', 1)", "{call} == {'OPEN'}", "events == {}",
    ],
)  # fmt: skip
def test_a_word_that_can_be_the_value_is_taken(text: str) -> None:
    """Also the empty one, where nothing is called; and any word where it is not known which there are."""
    assert words(text) == ("", "", "")


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("every what in {'OPEN', 'OPNE'}: call != what", "'OPNE'"), ("some (what, k) in {('OPEN', 1), ('OPNE', 2)}: call == what", "'OPNE'"),
        ("known('OPNE')", "'OPNE'"), ("size({'OPNE'}) == 1", "'OPNE'"), ("distinct({call, 'OPNE'})", "'OPNE'"),
        ("every what in {}: what == 'OPNE'", "'OPNE'"), ("why == 'OPNE'", "'OPNE'"), ("common", "common"), ("before (why == 'OPNE')", "'OPNE'"),
        ("digest('salt') == digest('OPEN') and why == 'OPNE'", "'OPNE'"),
    ],
)  # fmt: skip
def test_a_word_that_nothing_can_be_is_told_whatever_is_done_with_it(text: str, where: str) -> None:
    """Where no comparison shows it, the words of the scope do: it is the value of nothing."""
    scope = PlainScope(WORDS, SMALL, {"common": Definition((), parse("why in {'OPEN', 'OPNE'}"))}, step=True)
    scope.vocabulary = ("OPEN", "CLOSE")
    with pytest.raises(ExpressionError, match="nothing here can be 'OPNE'") as caught:
        Compiler(scope).compile(parse(text), FLAG)

    assert text[caught.value.offset :][: caught.value.length] == where
    assert caught.value.hint.startswith("did you mean OPEN?")


@pytest.mark.parametrize("text", ["digest('salt', n) == a", "why == 'OPEN'", "every what in {'OPEN', 'CLOSE'}: call != what"])
def test_words_of_the_scope_are_taken_and_any_word_has_a_digest(text: str) -> None:
    """A cookie may hold what nothing else is."""
    scope = PlainScope(WORDS, SMALL, {}, step=True)
    scope.vocabulary = ("OPEN", "CLOSE")

    assert Compiler(scope).compile(parse(text), FLAG).type == FLAG


def test_a_word_that_is_wanted_is_one_of_those_that_are_possible() -> None:
    """A variable of an enumeration cannot come to hold another word."""
    compiler = Compiler(PlainScope(WORDS, SMALL, {}, step=False))
    with pytest.raises(ExpressionError, match="'clam' is not possible here") as caught:
        compiler.compile(parse("'clam'"), word_of("calm", "cross"))

    assert caught.value.hint.startswith("did you mean calm?")
    assert compiler.compile(parse("'calm'"), word_of("calm", "cross")).run(None) == "calm"


def test_a_list_that_others_can_add_to_holds_any_word() -> None:
    """Its type says that they are words, not which."""
    assert widened(list_of(pair_of(word_of("OPEN"), COUNT))) == list_of(pair_of(WORD, COUNT))


def test_a_minus_that_follows_a_name_at_once_is_explained() -> None:
    """RFC names hold hyphens, so what stands left over after one was meant as a minus."""
    with pytest.raises(ExpressionError) as caught:
        parse("a -b -")

    assert caught.value.message == "a value is expected here, not the end"


def test_the_type_that_is_wanted_is_checked() -> None:
    """A guard is a flag, an assignment has the type of its variable."""
    assert mistake("n", FLAG)[:2] == ("a flag is needed here, this is a count", "n")
    assert mistake("n + 1", SEQUENCE)[:2] == ("a sequence is needed here, this is a count", "n + 1")


# ---- definitions -----------------------------------------------------------------------------------------------------


def test_a_definition_that_uses_itself_is_told_with_its_circle() -> None:
    """Definitions are expanded, so none may lead back to itself."""
    circle = {"f": "g(n)", "g(x)": "h", "h": "f"}

    assert mistake("f", definitions=circle) == (
        "in 'f': in 'g': in 'h': 'f' is defined by itself", "f", "f -> g -> h -> f",
    )  # fmt: skip


def test_definitions_may_not_double_without_end() -> None:
    """Fourteen definitions, each twice the one before, are refused at once."""
    doubling = {"d0": "yes", **{f"d{n}": f"d{n - 1} and d{n - 1}" for n in range(1, 15)}}
    message, where, _ = mistake("d14", definitions=doubling)

    assert message.endswith("the definitions used here expand to too large an expression")
    assert where == "d14"


@pytest.mark.parametrize("text", ["1+" * 100 + "1 == n", "yes or " * 100 + "yes", "yes and " * 100 + "yes"])
def test_a_row_of_operations_has_an_end(text: str) -> None:
    """Nothing that is compiled can exhaust the stack."""
    message, _, hint = mistake(text)

    assert (message, hint) == ("the expression is more than 80 operations deep", "split it into definitions")


def test_a_row_of_seventy_operations_is_well() -> None:
    """Long enough for what people write."""
    assert value("1+" * 70 + "1 == 71")


# ---- the lattice of types --------------------------------------------------------------------------------------------

CALL, EVENT = word_of("OPEN", "CLOSE"), word_of("OPEN", "CLOSE", "rcv FIN")
PLAIN = st.sampled_from([SEQUENCE, COUNT, NUMBER, FLAG, STATE, WORD, SEGMENT, CONTROL, ANYTHING, EMPTY_LIST, CALL, EVENT, word_of("OPEN")])
KINDS = st.recursive(
    PLAIN,
    lambda inner: (
        st.builds(list_of, inner) | st.lists(inner, min_size=1, max_size=3).map(lambda p: pair_of(*p))
    ),
    max_leaves=4,
)


@given(KINDS, KINDS)
def test_two_types_meet_in_the_same_type_from_both_sides(one: Type, other: Type) -> None:
    """It does not matter which side of a comparison a value stands on."""
    assert unify(one, other) == unify(other, one)


@given(KINDS)
def test_a_type_meets_itself(kind: Type) -> None:
    """Every type goes together with itself and with what can be anything."""
    assert (unify(kind, kind), unify(kind, ANYTHING)) == (kind, kind)


@given(KINDS, KINDS)
def test_what_two_types_meet_in_meets_both(one: Type, other: Type) -> None:
    """The common type is one that both can have."""
    common = unify(one, other)

    assert common is None or (unify(common, one), unify(common, other)) == (common, common)
