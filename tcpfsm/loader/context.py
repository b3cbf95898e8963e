"""What every part of the compiler needs: the draft, the settings of the scenario, and a way to compile a text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from tcpfsm.errors import did_you_mean
from tcpfsm.expression import Compiled, Compiler, Definition, ExpressionError, parse, syntax
from tcpfsm.expression.types import ANYTHING, COUNT, FLAG, SEQUENCE, Type
from tcpfsm.i18n.language import mark, tr
from tcpfsm.loader.draft import Draft
from tcpfsm.loader.fields import choice_of, items_of, text_of, words_of
from tcpfsm.loader.scope import MachineScope
from tcpfsm.loader.source import Items, Node, Scalar
from tcpfsm.machine.model import Assignment, Function, Template
from tcpfsm.machine.segment import NotationError, parts_of

DEFAULT_MODULUS = 2**32
MAX_TREES = 200_000
TOO_MUCH = mark("the definitions used in this file expand to too much")
TYPES = {"sequence": SEQUENCE, "count": COUNT, "flag": FLAG}


@dataclass(frozen=True, slots=True)
class Settings:
    """What a scenario decides about a machine: the modulus, constants of its own, and which ghosts it carries.

    ``ghosts`` are the names that properties read; None carries all. What these need is carried as well.
    """

    modulus: int = DEFAULT_MODULUS
    constants: Mapping[str, int] = field(default_factory=dict)
    ghosts: frozenset[str] | None = None


class Context:
    """A draft being compiled; mistakes are recorded on the files that the nodes come from."""

    def __init__(self, draft: Draft, settings: Settings) -> None:
        self.draft = draft
        self.root = draft.root
        self.settings = settings
        self.words: dict[str, None] = {}
        self.trees = 0
        self.calls = self.list_of_words("calls")
        self.timeouts = self.list_of_words("timeouts")
        self.flags = self.list_of_words("flags")

    def list_of_words(self, section: str) -> tuple[str, ...]:
        """Return the words of a top-level list, each once."""
        found: dict[str, None] = {}
        for word in words_of(self.root.get(section), section):
            if word.text in found:
                word.problem(tr("'{word}' stands here twice", word=word.text))
            found[word.text] = None
        return tuple(found)

    def compile(self, node: Node, scope: MachineScope, wanted: Type | None = None) -> Compiled:
        """Compile the expression that a node holds; a mistake is recorded and gives a harmless stand-in."""
        text = text_of(node, tr("an expression"))
        if text is None:
            return Compiled(wanted or ANYTHING, lambda _: None)
        return self.compile_text(node, text, 0, scope, wanted)

    def compile_text(
        self, node: Node, text: str, offset: int, scope: MachineScope, wanted: Type | None = None
    ) -> Compiled:
        """Compile a part of a node's text that begins at ``offset``."""
        compiler = Compiler(scope)
        try:
            if self.trees > MAX_TREES:
                raise ExpressionError(tr(TOO_MUCH), 0)
            return compiler.compile(parse(text), wanted)
        except ExpressionError as error:
            hint = error.hint
            if any(text.count(one) > text.count(other) for one, other in ("()", "{}")):
                hint = tr("within a map {...} a comma ends a value: put an expression that holds commas in quotes")
            node.problem(error.message, hint, offset=offset + error.offset, length=error.length)
            return Compiled(wanted or ANYTHING, lambda _: None)
        finally:
            self.trees += compiler.trees

    def run(self, node: Node, scope: MachineScope, wanted: Type | None = None) -> Function:
        """Compile the expression that a node holds, and return its function."""
        return self.compile(node, scope, wanted).run

    def type_of(self, node: Node | None) -> Type:
        """Read a type: sequence, count, flag, or a list of words."""
        if isinstance(node, Items):
            words = tuple(word.text for word in words_of(node, tr("a list of words")))
            self.words.update(dict.fromkeys(words))
            return Type("word", words=words)
        word = choice_of(node, TYPES, tr("a type")) if node is not None else None
        return TYPES.get(word or "", COUNT)

    def literal(self, node: Node | None, kind: Type) -> Any:
        """Read a value of a type; nothing is None, anything else a problem."""
        if node is None:
            return None
        value = node.value if isinstance(node, Scalar) else None
        whole = isinstance(value, int) and not isinstance(value, bool) and value >= 0
        if kind == FLAG and isinstance(value, bool):
            return value
        if kind == SEQUENCE and whole:
            return int(value or 0) % self.settings.modulus
        if kind == COUNT and whole:
            return value
        if kind.kind == "word" and isinstance(node, Scalar) and node.text in kind.words:
            return node.text
        if kind.kind == "list" and isinstance(node, Items):
            return self.list_literal(node, kind)
        if kind.kind == "pair" and isinstance(node, Items) and len(node.items) == len(kind.parts):
            return tuple(self.literal(item, part) for item, part in zip(node.items, kind.parts, strict=True))
        node.problem(tr("a {kind} is needed here", kind=kind), did_you_mean("", kind.words) if kind.words else "")
        return None

    def list_literal(self, node: Items, kind: Type) -> tuple[Any, ...]:
        """Read the values of a list."""
        return tuple(self.literal(item, kind.parts[0]) if kind.parts else None for item in items_of(node, tr("a list")))

    def template(
        self, name: str, node: Node | None, scope: MachineScope, ghosts: MachineScope | None = None
    ) -> Template | None:
        """Read a segment in the RFC's notation; its values are expressions of ``scope``, of ghost fields ``ghosts``."""
        text = text_of(node, tr("the segment {name}", name=name))
        if text is None or node is None:
            return None
        layout = scope.layout
        ctl: tuple[str, ...] = ()
        fields = []
        try:
            for part, value, offset in parts_of(text):
                if part == "CTL":
                    ctl = self.control_bits(node, value or "", offset, layout.flags)
                elif part not in scope.fields or part in scope.derived:
                    choices = ["CTL", *(known for known in scope.fields if known not in scope.derived)]
                    hint = did_you_mean(part, choices)
                    start = offset - (len(part) + 1 if value is not None else 0)
                    node.problem(tr("'{word}' is not a field of a segment", word=part), hint, offset=start, length=len(part))
                elif value is None:
                    node.problem(tr("<{part}> needs a value", part=part), f"<{part}=1>", offset=offset, length=len(part))
                else:
                    index = layout.index(part)
                    if index is not None:
                        inner = (ghosts or scope) if layout.fields[index].ghost else scope
                        compiled = self.compile_text(node, value, offset, inner, scope.fields[part])
                        fields.append(Assignment(index, compiled.run))
        except NotationError as error:
            node.problem(str(error), offset=error.offset)
        defaults = tuple(field.absent for field in layout.fields)
        return Template(name, ctl, tuple(fields), defaults, layout)

    def control_bits(self, node: Node, text: str, offset: int, flags: tuple[str, ...]) -> tuple[str, ...]:
        """Read ``SYN,ACK``; the bits come back in the protocol's order."""
        bits = [bit.strip() for bit in text.split(",") if bit.strip()]
        for bit in bits:
            if bit not in flags:
                place = offset + text.find(bit)
                node.problem(tr("'{word}' is not a control bit", word=bit), did_you_mean(bit, flags), offset=place, length=len(bit))
        return tuple(flag for flag in flags if flag in bits)


def names_in(text: str, definitions: Mapping[str, Definition]) -> set[str]:
    """Return every name that an expression mentions, through definitions and with the parts of dotted names."""
    found: set[str] = set()
    todo = [_names_of(text)]
    while todo:
        for name in todo.pop():
            if name in definitions and name not in found:
                todo.append(_mentioned(definitions[name].body))
            found.add(name)
    return found


@lru_cache(maxsize=4096)
def _names_of(text: str) -> frozenset[str]:
    try:
        return _mentioned(parse(text))
    except ExpressionError:
        return frozenset()


def _mentioned(tree: syntax.Tree) -> frozenset[str]:
    stack: list[Any] = [tree]
    found: set[str] = set()
    while stack:
        part = stack.pop()
        if isinstance(part, syntax.Name):
            found.update((part.text, *part.text.split(".", 1)))
        elif isinstance(part, syntax.Call):
            found.add(part.function)
        if isinstance(part, syntax.Tree):
            stack.extend(getattr(part, name) for name in part.__dataclass_fields__)
        elif isinstance(part, tuple):
            stack.extend(part)
    return frozenset(found)
