"""Files become nodes that know their place; nothing in a file can make the reader recurse, hang or run anything."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest

from tcpfsm.errors import Place, Problem, SpecError, did_you_mean
from tcpfsm.loader.source import (
    MAX_BYTES,
    MAX_NODES,
    MAX_PROBLEMS,
    Items,
    Mapping,
    Scalar,
    SourceFile,
    parse,
    position_of,
    read,
)
from tests.conftest import problems_of, shown

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

#: A text that is no spec file, and what is told.
MISTAKES: dict[str, tuple[str | None, str, list[str]]] = {
    "a syntax error": (
        "title: ask and answer",
        "title: ask: and answer",
        [
            "4:11: this is not YAML: mapping values are not allowed here | put a text that holds ': ' in quotes, or below '>-'"
        ],
    ),
    "an unclosed bracket": (
        "calls: [PING, STOP]",
        "calls: [PING, STOP",
        ["33:9: this is not YAML: expected ',' or ']', but got ':'"],
    ),
    "an empty file": (
        None,
        "",
        ["1:1: the file is empty"],
    ),
    "only comments": (
        None,
        "# nothing\n\n",
        ["1:1: the file is empty"],
    ),
    "a list at the top": (
        None,
        "- a\n- b\n",
        ["1:1: a spec file is a map (key: value) at its top level"],
    ),
    "a word at the top": (
        None,
        "ping\n",
        ["1:1: a spec file is a map (key: value) at its top level"],
    ),
    "two documents": (
        "title: ask and answer",
        "title: x\n---\nmore: 1",
        ["5:1: a spec file holds one YAML document | remove the second ---"],
    ),
    "a NUL": (
        "title: ask and answer",
        "title: a\0b",
        ["4:9: a character that YAML does not allow"],
    ),
    "a tab as indentation": (
        "  NXT: sequence",
        "\tNXT: sequence",
        ["11:1: this is not YAML: found character '\\t' that cannot start any token"],
    ),
    "a tag": (
        "title: ask and answer",
        "title: !!python/object:os.system ls",
        [
            "4:8: tags (tag:yaml.org,2002:python/object:os.system) are not part of the language | remove the tag"
        ],
    ),
    "an anchor": (
        "title: ask and answer",
        "title: &x ask",
        ["4:8: anchors (&) and aliases (*) are not part of the language | write the value out"],
    ),
    "an alias": (
        "title: ask and answer",
        "title: *x",
        ["4:8: anchors (&) and aliases (*) are not part of the language | write the value out"],
    ),
    "a key that is a list": (
        "title: ask and answer",
        "[a, b]: 1",
        ["4:1: a key must be a single word or text"],
    ),
    "a duplicate key": (
        "title: ask and answer",
        "title: one\ntitle: two",
        ["5:1: 'title' stands here twice | the first is in line 4"],
    ),
    "a duplicate key in a rule": (
        "set: {NXT: fresh}, snd: ASK",
        "snd: ASK, set: {NXT: fresh}, snd: ASK",
        ["44:57: 'snd' stands here twice | the first is in line 44"],
    ),
    "a huge number": (
        "LIMIT: 2",
        "LIMIT: 9999999999999999999",
        ["14:20: the number has more than 18 digits"],
    ),
    "flow nested too deeply": (
        "title: ask and answer",
        "title: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]",
        ["4:27: nested more than 20 levels deep"],
    ),
    "an escaped surrogate": (
        "title: ask and answer",
        'title: "\\ud800"',
        ["4:9: a character that YAML does not allow"],
    ),
    "an escape out of range": (
        "title: ask and answer",
        'title: "\\UFFFFFFFF"',
        ["1:1: this is not YAML: a number in it is out of range"],
    ),
}


def parsed(folder: Path, content: str | bytes) -> Mapping:
    """Write a file and parse it."""
    path = folder / "file.yaml"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return parse(read(path, "file.yaml"))


def scalar(folder: Path, content: str | bytes, key: str = "a") -> Scalar:
    """Return one value of a file."""
    node = parsed(folder, content).get(key)
    assert isinstance(node, Scalar)
    return node


def refused(folder: Path, content: str | bytes) -> list[str]:
    """Return the problems of a file."""
    return [shown(problem) for problem in problems_of(lambda: parsed(folder, content))]


@pytest.mark.parametrize("mistake", MISTAKES)
def test_what_is_no_spec_file_is_refused_with_its_place(
    edit: Callable[[str, str | None, str], Path], mistake: str
) -> None:
    """Broken YAML, and YAML that does more than hold data, is told with line and column."""
    old, new, expected = MISTAKES[mistake]
    path = edit("machine.yaml", old, new) / "machine.yaml"

    assert [shown(problem) for problem in problems_of(lambda: parse(read(path)))] == expected


# ---- what is written, and what it means ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("yes", "yes"), ("no", "no"), ("on", "on"), ("off", "off"), ("y", "y"),
        ("true", True), ("False", False), ("~", None), ("null", None), ("", None),
        ("3.10", "3.10"), ("1e3", "1e3"), ("1_000", "1_000"), ("12:30", "12:30"), ("2001-01-01", "2001-01-01"),
        ("12", 12), ("-3", -3), ("+3", 3), ("010", 10), ("0x1F", 31), ("0o17", "0o17"),
        ("'12'", "12"), ('"true"', "true"), ("'~'", "~"), ("§3.10", "§3.10"), ("SYN,ACK", "SYN,ACK"),
        (">-\n  a\n  b", "a b"), ("|\n  a\n  b\n", "a\nb\n"), ('"a\\tb"', "a\tb"),
    ],
)  # fmt: skip
def test_a_value_is_what_yaml_1_2_says(tmp_path: Path, text: str, value: object) -> None:
    """No word turns into a flag, no section number into a fraction, no time into a number."""
    assert parsed(tmp_path, f"a: {text}\n").entries[0][1].value == value  # type: ignore[attr-defined]


def test_the_key_on_is_a_word(tmp_path: Path) -> None:
    """YAML 1.1 would read the key as true."""
    assert parsed(tmp_path, "on: a\nyes: b\n").keys() == ["on", "yes"]


def test_a_map_keeps_the_order_of_the_file(tmp_path: Path) -> None:
    """Assignments are made in the order in which they are written."""
    root = parsed(tmp_path, "b: 1\na: {d: 1, c: 2}\n")
    inner = root.get("a")

    assert isinstance(inner, Mapping)
    assert (root.keys(), inner.keys(), root.has("c"), root.key("c")) == (["b", "a"], ["d", "c"], False, None)


def test_an_explicit_null_counts_as_absent(tmp_path: Path) -> None:
    """A key without a value was written, but holds nothing."""
    root = parsed(tmp_path, "a:\nb: ''\n")

    assert (root.has("a"), root.get("a"), root.get("b") is None) == (True, None, False)


def test_a_list_can_be_walked_through(tmp_path: Path) -> None:
    """The items of a list come in order."""
    node = parsed(tmp_path, "a: [x, y]\n").get("a")

    assert isinstance(node, Items)
    assert [item.text for item in node if isinstance(item, Scalar)] == ["x", "y"]


# ---- places ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "word", "expected"),
    [
        ("a: one two", "two", (1, 8)),
        ("b: 1\na: one\n  two", "two", (3, 3)),
        ("a: >-\n  one\n  two three\n", "three", (3, 7)),
        ("a: >- # a remark\n\n  one\n  two\n", "two", (4, 3)),
        ("a: |\n  one\n    two\n", "two", (3, 5)),
        ("a: 'one two'", "two", (1, 9)),
        ("a: 'it''s two'", "two", (1, 11)),
        ('a: "one\\ttwo"', "two", (1, 10)),
        ('a: "\\u00e9\\x41 two"', "two", (1, 16)),
        ('a: "say \\"two\\""', "two", (1, 11)),
        ('a: "one \\\n   two"', "two", (2, 4)),
        ("a: 空闲 two", "two", (1, 7)),
        ("b: 1\u2028a: one two", "two", (2, 8)),
    ],
)
def test_a_problem_within_a_text_points_at_its_place_in_the_file(
    tmp_path: Path, text: str, word: str, expected: tuple[int, int]
) -> None:
    """An offset in a value, folded, quoted or escaped, is found again in the file."""
    node = scalar(tmp_path, text)
    node.problem("here", offset=node.text.index(word), length=len(word))
    (problem,) = node.file.problems

    assert (problem.place.line, problem.place.column) == expected
    assert problem.line_text[problem.place.column - 1 :].startswith(word)


@pytest.mark.parametrize(
    "text", ["a: one", "a: 'one'", "a: >-\n  one\n", "a: one\nb: two\n", "a: one   # remark"]
)
def test_a_problem_at_the_end_of_a_text_stands_behind_its_last_character(tmp_path: Path, text: str) -> None:
    """What is missing at the end of an expression is missed there, not in the line below."""
    node = scalar(tmp_path, text)
    node.problem("here", offset=len(node.text))
    (problem,) = node.file.problems

    assert problem.line_text[: problem.place.column - 1].endswith("one")


@pytest.mark.parametrize(
    ("text", "line", "column"), [("a:", 1, 3), ("a:\nb: 1\n", 1, 3), ("a: ''", 1, 4), ("b: 1\na: \n", 2, 3)]
)
def test_a_problem_with_nothing_stands_where_nothing_stands(
    tmp_path: Path, text: str, line: int, column: int
) -> None:
    """A missing value is missed behind its key."""
    _, node = next(entry for entry in parsed(tmp_path, text).entries if entry[0].text == "a")
    node.problem("nothing")

    assert node.file.problems[0].place == Place("file.yaml", line, column)


def test_the_mark_never_reaches_past_the_line(tmp_path: Path) -> None:
    """A word that goes on in the next line is marked to the end of the first."""
    node = scalar(tmp_path, "a: one\n  two three four\n")
    node.problem("here")

    assert node.file.problems[0].length == 3


def test_position_counts_every_end_of_line_of_yaml() -> None:
    """YAML ends lines with more characters than the newline."""
    assert [position_of("a\nb\x85c\u2028d\u2029e", index) for index in (0, 2, 4, 6, 8)] == [
        (n, 1) for n in (1, 2, 3, 4, 5)
    ]


# ---- bytes -----------------------------------------------------------------------------------------------------------


def test_a_byte_order_mark_is_no_part_of_the_text(tmp_path: Path) -> None:
    """Editors of some systems begin files with it."""
    node = scalar(tmp_path, b"\xef\xbb\xbfa: one\n")

    assert (node.text, node.place) == ("one", Place("file.yaml", 1, 4))


@pytest.mark.parametrize("end", ["\r\n", "\r"])
def test_other_ends_of_lines_are_read_as_newlines(tmp_path: Path, end: str) -> None:
    """Files of other systems have the same lines and columns."""
    node = scalar(tmp_path, f"b: 1{end}a: >-{end}  one{end}  two{end}")
    node.problem("here", offset=4)

    assert (node.text, node.file.problems[0].place) == ("one two", Place("file.yaml", 4, 3))


@pytest.mark.parametrize(
    ("content", "place"),
    [
        (b"a: \xff\n", "1:4"),
        (b"a: 1\nb: \xe7\xa9\xba\xff\n", "2:5"),
        (b"\xef\xbb\xbfa: \xff\n", "1:4"),
        (b"a: 1\r\nb: \xff", "2:4"),
    ],
)
def test_a_file_that_is_not_utf_8_is_refused_where_it_is_not(
    tmp_path: Path, content: bytes, place: str
) -> None:
    """The first byte that cannot be decoded is named, with its column in characters."""
    expected = f"{place}: the file is not UTF-8: byte 0xff cannot be decoded | save it as UTF-8"

    assert refused(tmp_path, content) == [expected]


def test_a_gigantic_file_is_refused_before_it_is_read(tmp_path: Path) -> None:
    """A file of more than a million bytes is nobody's spec."""
    assert refused(tmp_path, "# " + "x" * MAX_BYTES) == [f"1:1: the file is larger than {MAX_BYTES:,} bytes"]


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such files")
@pytest.mark.parametrize("kind", ["pipe", "device", "folder"])
def test_what_is_no_file_is_neither_waited_for_nor_read(kind: str, tmp_path: Path) -> None:
    """A pipe that nobody writes into, a device that has no end."""
    path = tmp_path / "file.yaml"
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    else:
        path.symlink_to("/dev/zero")
    expected = "cannot be read: Is a directory" if kind == "folder" else "this is no file, but a pipe, a device or the like"

    assert [shown(problem) for problem in problems_of(lambda: read(path))] == [f"1:1: {expected}"]


@pytest.mark.parametrize("content", [b"a: 1\x00", b"a: \x1b[31m", b"\x00\x00\x00\x00"])
def test_control_characters_are_refused(tmp_path: Path, content: bytes) -> None:
    """What YAML does not allow never reaches a terminal."""
    (problem,) = problems_of(lambda: parsed(tmp_path, content))

    assert problem.message == "a character that YAML does not allow"
    assert all(char.isprintable() or char == "\n" for char in str(problem))


def test_control_characters_that_were_escaped_do_not_reach_messages(tmp_path: Path) -> None:
    """A file cannot move the cursor of whoever reads the message."""
    node = parsed(tmp_path, "a: x\n").entries[0][1]
    node.problem("'\x1b[31m' is not known", "not\x07known")

    assert (node.file.problems[0].message, node.file.problems[0].hint) == (
        "'\ufffd[31m' is not known",
        "not\ufffdknown",
    )


# ---- nothing hangs ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: " + "[" * 10_000, "nested more than 20 levels deep"),
        ("a: " + "{a: " * 10_000, "nested more than 20 levels deep"),
        ("- " * 10_000 + "a", "nested more than 20 levels deep"),
        ("".join(" " * depth + "a:\n" for depth in range(1_000)), "nested more than 20 levels deep"),
        ("? " * 10_000 + "a", "nested more than 20 levels deep"),
        ("a: [" + "x, " * MAX_NODES + "]", f"the file holds more than {MAX_NODES:,} values"),
        ("a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n", "anchors (&) and aliases (*) are not part of the language"),
        ("a: &a [*a]\n", "anchors (&) and aliases (*) are not part of the language"),
        ("a: !!python/object/apply:os.system [ls]\n", "tags (tag:yaml.org,2002:python/object/apply:os.system) are not part of the language"),
        ("a: ! x\n", "tags (!) are not part of the language"),
        ("<<: *a\n", "anchors (&) and aliases (*) are not part of the language"),
        ("%YAML 9.9\n---\na: 1\n", "this is not YAML: found incompatible YAML document (version 1.* is required)"),
        ("%YAML " + "9" * 5_000 + ".1\n---\na: 1\n", "this is not YAML: a number in it is out of range"),
        ("a: @x\n", "this is not YAML: found character '@' that cannot start any token"),
        ("a: 'x\n", "this is not YAML: found unexpected end of stream"),
        ("a: 1\n b: 2\n", "this is not YAML: mapping values are not allowed here"),
        ("a: " + "9" * 100_000 + "\n", "the number has more than 18 digits"),
        ("? [a]\n: b\n", "a key must be a single word or text"),
        ("? {a: b}\n: b\n", "a key must be a single word or text"),
    ],
)  # fmt: skip
def test_what_would_exhaust_a_reader_is_refused(tmp_path: Path, text: str, expected: str) -> None:
    """Depth, number, references, tags and digits are bounded, and told with a place."""
    (problem,) = problems_of(lambda: parsed(tmp_path, text))

    assert problem.message == expected


def test_long_words_are_cut_in_messages(tmp_path: Path) -> None:
    """A message stays readable whatever stands in the file."""
    root = parsed(tmp_path, f"{'x' * 900}: 1\n")
    root.only(("a",), "a file")
    (problem,) = root.file.problems

    assert len(problem.message) < 700
    assert problem.hint == "choices: a"


def test_one_problem_is_told_once(tmp_path: Path) -> None:
    """A node that is read twice does not say twice what is wrong with it."""
    node = scalar(tmp_path, "a: 1\n")
    node.problem("wrong")
    node.problem("wrong")

    assert len(node.file.problems) == 1


def test_after_a_hundred_problems_the_reading_ends(tmp_path: Path) -> None:
    """Problems without end would take a time without end."""
    node = scalar(tmp_path, "a: 1\n")

    def write_down_everything() -> None:
        for number in range(1_000):
            node.problem(f"wrong {number}")

    assert len(problems_of(write_down_everything)) == MAX_PROBLEMS + 1


# ---- errors ----------------------------------------------------------------------------------------------------------


def test_problems_come_in_the_order_of_the_file() -> None:
    """An error carries its problems sorted by place, each once."""
    one, other = Problem(Place("a", 2, 1), "later"), Problem(Place("a", 1, 9), "sooner")
    error = SpecError([one, other, one])

    assert error.problems == (other, one)
    assert str(error) == "a:1:9: sooner\na:2:1: later"


def test_a_tab_in_a_shown_line_does_not_move_the_mark() -> None:
    """The mark stands below the word even where the line holds a tab."""
    problem = Problem(Place("a", 1, 3), "wrong", "", "a\tword", 4)

    assert str(problem).splitlines()[1:] == ["    a word", "      ^^^^"]


def test_an_endless_line_is_not_shown() -> None:
    """Where the line is too long to be read, only the place is told."""
    assert str(Problem(Place("a", 1, 3), "wrong", "do so", "x" * 500)) == "a:1:3: wrong\n  do so"


@pytest.mark.parametrize(
    ("word", "choices", "expected"),
    [
        ("x", [], ""),
        ("closed", ["CLOSED"], "did you mean CLOSED? choices: CLOSED"),
        ("zzz", ["CLOSED"], "choices: CLOSED"),
        ("x" * 200, ["CLOSED"], "choices: CLOSED"),
        (
            "7",
            [str(number) for number in range(20)],
            "did you mean 7? choices: " + ", ".join(map(str, range(16))) + ", ...",
        ),
        ("x", ["y"] * 2_000, "choices: " + "y, " * 16 + "..."),
    ],
)
def test_the_nearest_choice_is_named_and_few_choices_are_listed(
    word: str, choices: list[str], expected: str
) -> None:
    """Upper and lower case do not matter; sixteen choices are shown; what is endless is not searched."""
    assert did_you_mean(word, choices) == expected


def test_a_line_past_the_end_of_a_file_is_empty() -> None:
    """The place of a problem may be the end of the file."""
    file = SourceFile("a", "one\ntwo")

    assert [file.line(number) for number in (0, 1, 2, 3)] == ["", "one", "two", ""]
