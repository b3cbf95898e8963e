"""YAML with positions: a file becomes nodes that know where they stand.

The nodes are built from PyYAML's events, not by its loader: a student's file is data, so tags, anchors and
aliases are refused, duplicate keys are errors, ``on``/``yes``/``no`` are plain words (YAML 1.2), and nothing
in a file can make the reader recurse, hang or run anything.
"""

from __future__ import annotations

import os
import re
import stat
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from tcpfsm.errors import Place, Problem, SpecError, did_you_mean
from tcpfsm.i18n.foreign_texts import yaml_reason
from tcpfsm.i18n.language import tr
from tcpfsm.i18n.visible import STEERING, on_one_line

MAX_BYTES = 1_000_000
MAX_NODES = 50_000
MAX_DEPTH = 20
MAX_DIGITS = 18
MAX_PROBLEMS = 100
MAX_MESSAGE = 600

#: What ends a line in YAML 1.1, which PyYAML reads.
_BREAKS = "\n\x85\u2028\u2029"
_BLANK_ESCAPES = tuple("\\" + char for char in " \t\nntrvf_NLP")
_ESCAPE_WIDTHS = {"x": 2, "u": 4, "U": 8}
_INTEGER = re.compile(r"[-+]?[0-9]+")
_HEXADECIMAL = re.compile(r"0x[0-9a-fA-F]+")
_WORDS: dict[str, bool | None] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip

Value = str | int | bool | None


@dataclass(frozen=True, slots=True, eq=False)
class SourceFile:
    """The text of a file, kept for error messages, and the problems found in it."""

    path: str
    text: str
    problems: list[Problem] = field(default_factory=list)

    def line(self, number: int) -> str:
        """Return line ``number``, counted from 1; empty past the end."""
        lines = self.text.splitlines()
        return lines[number - 1] if 0 < number <= len(lines) else ""


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """Something in a YAML file: a scalar, a list or a map, and where it begins."""

    file: SourceFile = field(repr=False)
    line: int
    column: int
    index: int

    @property
    def place(self) -> Place:
        """The position of the node's first character."""
        return Place(self.file.path, self.line, self.column)

    def problem(self, message: str, hint: str = "", *, offset: int = 0, length: int = 0) -> None:
        """Record a mistake at this node, ``offset`` characters into its text.

        Raises:
            SpecError: the file has so many problems that looking for more helps nobody.
        """
        line, column = self._at(offset)
        found = self.file.problems
        text = self.file.line(line)
        width = min(length or self._width(), max(1, len(text) - column + 1))
        problem = Problem(Place(self.file.path, line, column), _shown(message), _shown(hint), text, width)
        if problem not in found:
            found.append(problem)
        if len(found) > MAX_PROBLEMS:
            end, _ = position_of(self.file.text, len(self.file.text))
            last = Problem(Place(self.file.path, end + 1, 1), tr("more than {most} problems; the rest is left out", most=MAX_PROBLEMS))
            raise SpecError([*found[:MAX_PROBLEMS], last])

    def _at(self, offset: int) -> tuple[int, int]:
        return self.line, self.column + offset

    def _width(self) -> int:
        return 1


@dataclass(frozen=True, slots=True, eq=False)
class Scalar(Node):
    """A single value; ``text`` is what was written, ``value`` what YAML 1.2 makes of it."""

    text: str
    value: Value
    quoted: bool = False

    def _at(self, offset: int) -> tuple[int, int]:
        # The value of a folded or multi-line scalar differs from the source in white space alone,
        # so the source position is found by counting the visible characters before the offset.
        source, index = self.file.text, self.index
        if not self.text:
            return self.line, self.column
        end = len(self.text.rstrip())
        if offset >= end > 0:  # the end of the text is right behind its last visible character
            line, column = self._at(end - 1)
            return line, column + 1
        quote = source[index] if self.quoted else ""
        if source[index] in "|>":
            index = source.find("\n", index)
        elif quote:
            index += 1
        visible = sum(1 for char in self.text[:offset] if not char.isspace())
        while index < len(source):
            width = _escaped(source, index, quote)
            if not source[index].isspace() and source[index : index + 2] not in (_BLANK_ESCAPES if quote == '"' else ()):
                if visible == 0:
                    break
                visible -= 1
            index += width
        return position_of(source, min(index, len(source)))

    def _width(self) -> int:
        return len(self.text) if "\n" not in self.text else 1

    def on_one_line(self) -> None:
        """Record a problem if the text, which names something, holds the end of a line or a tab."""
        if "\n" in self.text or "\t" in self.text:
            self.problem(tr("a name is written on one line"))


@dataclass(frozen=True, slots=True, eq=False)
class Items(Node):
    """A list."""

    items: tuple[Node, ...] = ()

    def __iter__(self) -> Iterator[Node]:
        return iter(self.items)


@dataclass(frozen=True, slots=True, eq=False)
class Mapping(Node):
    """A map with scalar keys, in the order of the file."""

    entries: tuple[tuple[Scalar, Node], ...] = ()

    def get(self, key: str) -> Node | None:
        """Return the value of a key, or None; an explicit null counts as absent."""
        for name, node in self.entries:
            if name.text == key:
                return None if isinstance(node, Scalar) and node.value is None and not node.quoted else node
        return None

    def key(self, name: str) -> Scalar | None:
        """Return the node of the key itself."""
        return next((key for key, _ in self.entries if key.text == name), None)

    def has(self, key: str) -> bool:
        """Say whether the key was written at all, even with a null value."""
        return self.key(key) is not None

    def keys(self) -> list[str]:
        """Return the keys in file order."""
        return [key.text for key, _ in self.entries]

    def only(self, allowed: tuple[str, ...], what: str) -> None:
        """Record a problem for every key that is not allowed."""
        for key, _ in self.entries:
            if key.text not in allowed:
                key.problem(tr("'{word}' is not a key of {what}", word=key.text, what=what), did_you_mean(key.text, allowed))


def position_of(text: str, index: int) -> tuple[int, int]:
    r"""Return the line and the column, from 1 on, of a place in a text.

    >>> position_of("a: b\nc: d", 8)
    (2, 4)
    """
    before = text[:index]
    return sum(before.count(end) for end in _BREAKS) + 1, index - max(before.rfind(end) for end in _BREAKS)


def _escaped(source: str, index: int, quote: str) -> int:
    """Return how many characters of the source stand for the one at ``index`` in a text quoted so."""
    if quote == "'":
        return 2 if source.startswith("''", index) else 1
    if quote == '"' and source[index] == "\\":
        return 2 + _ESCAPE_WIDTHS.get(source[index + 1 : index + 2], 0)
    return 1


def _shown(message: str) -> str:
    """Return a message fit for a terminal: neither endless nor with control characters of a student's file in it."""
    if len(message) > MAX_MESSAGE:
        message = f"{message[: MAX_MESSAGE // 2]} ... {message[-MAX_MESSAGE // 2 :]}"
    return "".join(char if char.isprintable() else " " if char.isspace() else "\ufffd" for char in message)


def read(path: Path, shown: str | None = None) -> SourceFile:
    """Read a file as UTF-8 text.

    Raises:
        SpecError: the file cannot be read, is no file (a pipe, a device), is too large, or not UTF-8.
    """
    name = on_one_line(shown or str(path))
    try:
        with open(path, "rb", opener=_without_waiting) as stream:
            if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
                raise SpecError([Problem(Place(name, 1, 1), tr("this is no file, but a pipe, a device or the like"))])
            raw = stream.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:  # ValueError: a path that holds a NUL
        reason = tr(getattr(error, "strerror", None) or str(error))
        raise SpecError([Problem(Place(name, 1, 1), tr("cannot be read: {reason}", reason=reason))]) from None
    if len(raw) > MAX_BYTES:
        raise SpecError([Problem(Place(name, 1, 1), tr("the file is larger than {most} bytes", most=f"{MAX_BYTES:,}"))])
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = _newlines(error.object[: error.start].decode())
        line, column = position_of(before, len(before))
        message = tr("the file is not UTF-8: byte {byte} cannot be decoded", byte=f"0x{error.object[error.start]:02x}")
        raise SpecError([Problem(Place(name, line, column), message, tr("save it as UTF-8"))]) from None
    return SourceFile(name, _newlines(text))


def _without_waiting(path: str, flags: int) -> int:
    """Open something without waiting for anybody at the other end, as a pipe would."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _newlines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def parse(file: SourceFile) -> Mapping:
    """Build the nodes of a file; its top level must be a map.

    Raises:
        SpecError: with every problem of the YAML itself (syntax, tags, anchors, duplicate keys, limits).
    """
    root = _Builder(file).build()
    if root is None:
        file.problems.append(Problem(Place(file.path, 1, 1), tr("the file is empty")))
    elif not isinstance(root, Mapping):
        root.problem(tr("a spec file is a map (key: value) at its top level"))
    if file.problems or not isinstance(root, Mapping):
        raise SpecError(file.problems)
    return root


class _Builder:
    """Builds nodes from PyYAML's event stream without recursion, so that no nesting can exhaust the stack."""

    def __init__(self, file: SourceFile) -> None:
        self.file = file
        self.nodes = 0
        self.root: Node | None = None
        self.stack: list[tuple[yaml.Event, list[Node]]] = []

    def build(self) -> Node | None:
        """Run through the events; return the root of the only document."""
        documents = 0
        try:
            for event in yaml.parse(self.file.text, Loader=yaml.SafeLoader):
                if isinstance(event, yaml.DocumentStartEvent):
                    documents += 1
                    if documents > 1:
                        self._stop(event, tr("a spec file holds one YAML document"), tr("remove the second ---"))
                elif isinstance(event, yaml.NodeEvent):
                    self._node(event)
                elif isinstance(event, yaml.CollectionEndEvent):
                    start, children = self.stack.pop()
                    self._add(self._collection(start, children))
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
            reason = error.problem or error.context or tr("syntax error")
            hint = tr("put a text that holds ': ' in quotes, or below '>-'") if "mapping values" in reason else ""
            self._problem(line, column, tr("this is not YAML: {reason}", reason=yaml_reason(reason)), hint)
        except yaml.reader.ReaderError as error:
            line, column = position_of(self.file.text, error.position)
            self._problem(line, column, tr("a character that YAML does not allow"))
        except (ValueError, OverflowError):
            # PyYAML turns escapes and %YAML versions into numbers without looking at their size.
            self._problem(1, 1, tr("this is not YAML: a number in it is out of range"))
        return self.root

    def _problem(self, line: int, column: int, message: str, hint: str = "") -> None:
        problem = Problem(Place(self.file.path, line, column), _shown(message), hint, self.file.line(line))
        raise SpecError([*self.file.problems, problem]) from None

    def _stop(self, event: yaml.Event, message: str, hint: str = "") -> None:
        _, line, column, _ = self._where(event)
        self._problem(line, column, message, hint)

    def _node(self, event: yaml.NodeEvent) -> None:
        self.nodes += 1
        if self.nodes > MAX_NODES:
            self._stop(event, tr("the file holds more than {most} values", most=f"{MAX_NODES:,}"))
        if isinstance(event, yaml.AliasEvent) or event.anchor is not None:
            self._stop(event, tr("anchors (&) and aliases (*) are not part of the language"), tr("write the value out"))
        tag = getattr(event, "tag", None)
        if tag is not None:
            self._stop(event, tr("tags ({tag}) are not part of the language", tag=_shown(tag)), tr("remove the tag"))
        if isinstance(event, yaml.ScalarEvent):
            self._add(self._scalar(event))
        else:
            if len(self.stack) >= MAX_DEPTH:
                self._stop(event, tr("nested more than {most} levels deep", most=MAX_DEPTH))
            self.stack.append((event, []))

    def _add(self, node: Node) -> None:
        if self.stack:
            self.stack[-1][1].append(node)
        else:
            self.root = node

    def _where(self, event: yaml.Event) -> tuple[SourceFile, int, int, int]:
        mark = event.start_mark
        if mark is None:  # PyYAML marks every event that it reads from a text
            raise TypeError(event)
        return self.file, mark.line + 1, mark.column + 1, mark.index

    def _scalar(self, event: yaml.ScalarEvent) -> Scalar:
        text = event.value
        quoted = event.style in ("'", '"')
        value: Value = text
        number = None
        if event.style is None:
            if text in _WORDS:
                value = _WORDS[text]
            elif _INTEGER.fullmatch(text):
                number = 10
            elif _HEXADECIMAL.fullmatch(text):
                number = 16
        node = Scalar(*self._where(event), text=text, value=value, quoted=quoted)
        steering = STEERING.search(text)
        if steering is not None:
            message = tr("the character {code} steers a terminal, or turns the direction of writing", code=f"U+{ord(steering[0]):04X}")
            if unicodedata.category(steering[0]) in ("Cs", "Cn"):
                message = tr("a character that YAML does not allow")
            node.problem(message, offset=steering.start(), length=1)
        if number is None:
            return node
        if len(text) > MAX_DIGITS:
            node.problem(tr("the number has more than {most} digits", most=MAX_DIGITS))
            return node
        return Scalar(*self._where(event), text=text, value=int(text, number), quoted=False)

    def _collection(self, start: yaml.Event, children: list[Node]) -> Node:
        if isinstance(start, yaml.SequenceStartEvent):
            return Items(*self._where(start), items=tuple(children))
        entries: dict[str, tuple[Scalar, Node]] = {}
        for key, value in zip(children[::2], children[1::2], strict=True):
            if not isinstance(key, Scalar):
                key.problem(tr("a key must be a single word or text"))
                continue
            key.on_one_line()
            if key.text in entries:
                first = entries[key.text][0]
                key.problem(tr("'{word}' stands here twice", word=key.text), tr("the first is in line {line}", line=first.line))
            else:
                entries[key.text] = (key, value)
        return Mapping(*self._where(start), entries=tuple(entries.values()))
