"""Properties and assumptions: what is asked of a scenario, and what is taken for granted in it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast

import checker
from checker.model.vocabulary import Restriction
from checker.properties.kinds import GUARDED
from tcpfsm.errors import Problem, SpecError, did_you_mean
from tcpfsm.expression import Compiler, Definition, ExpressionError, UnsetError, parse
from tcpfsm.expression.types import FLAG
from tcpfsm.i18n.language import tr
from tcpfsm.loader.assumption import Assumed, AssumptionSpec, read_assumption
from tcpfsm.loader.context import MAX_TREES, TOO_MUCH, names_in
from tcpfsm.loader.fields import (
    FRESH,
    choice_of,
    definition_of,
    entries_of,
    line_of,
    mapping_of,
    name_of,
    text_of,
    texts_of,
    words_of,
)
from tcpfsm.loader.guard import guard
from tcpfsm.loader.property_scope import STEP_WORDS, Known, PropertyScope, Subject
from tcpfsm.loader.reads import Observed, Reads
from tcpfsm.loader.remember import Run, direct, remembered
from tcpfsm.loader.source import Mapping as MappingNode
from tcpfsm.loader.source import Node, Scalar
from tcpfsm.machine.model import Machine

KEYS = ("properties", "assumptions", "define", "headline")
HEADLINE_KEYS = ("property", "variant")
CLASSES = ("guarantee", "conformance")
KINDS = ("always", "step", "sometimes", "can-always", "ends", "quiet")
PROPERTY_KEYS = ("says", "zh", "source", "kind", "of", "for", "if", "then", "class", "asked")
#: The built-in question: no segment arrives where the spec has no answer.
ANSWERED = "every-arrival-is-answered"


@dataclass(frozen=True, slots=True)
class PropertySpec:
    """A property as written. ``everywhere`` says that every scenario asks it without naming it."""

    name: str
    kind: str
    says: Mapping[str, str]
    source: str
    everywhere: bool
    node: MappingNode
    #: Whether it is what a claim says, and no promise of the protocol.
    claimed: bool = False
    #: Whether it says how the base machine does things, from which a variant may depart, and not what one may rely on.
    conformance: bool = False

    @property
    def class_word(self) -> str:
        """Its class, as it is written in a properties file."""
        return CLASSES[self.conformance]

    def texts(self) -> list[str]:
        """Return the texts of its expressions."""
        values = [self.node.get(key) for key in ("if", "then")]
        return [value.text for value in values if isinstance(value, Scalar)]


@dataclass(frozen=True, slots=True)
class PropertyFile:
    """What a properties file holds."""

    properties: Mapping[str, PropertySpec]
    assumptions: Mapping[str, AssumptionSpec]
    definitions: Mapping[str, Definition]
    #: The names of the definitions, where they stand.
    defined: tuple[Scalar, ...] = ()
    #: The property that a report begins with, and the variant that breaks it; empty where none was named.
    headline: tuple[str, str] = ("", "")
    #: The whole file; None where there is none.
    node: MappingNode | None = None


def read_properties(root: MappingNode) -> PropertyFile:
    """Read a properties file; mistakes are recorded on the file."""
    root.only(KEYS, tr("a properties file"))
    definitions = {}
    for key, node in entries_of(root.get("define"), "define"):
        declared = definition_of(key)
        if declared is None:
            continue
        name, parameters = declared
        if name in definitions:
            key.problem(tr("'{name}' is defined twice", name=name))
            continue
        try:
            definitions[name] = Definition(parameters, parse(text_of(node, tr("the definition {name}", name=name)) or "true"))
        except ExpressionError as error:
            node.problem(error.message, error.hint, offset=error.offset, length=error.length)
    properties = {key.text: read_property(key, node) for key, node in entries_of(root.get("properties"), "properties")}
    assumptions = {key.text: read_assumption(key, node) for key, node in entries_of(root.get("assumptions"), "assumptions")}
    return PropertyFile(
        {name: found for name, found in properties.items() if found is not None},
        {name: found for name, found in assumptions.items() if found is not None},
        definitions,
        tuple(key for key, _ in entries_of(root.get("define"), "define")),
        _headline(root.get("headline")),
        root,
    )


def _headline(node: Node | None) -> tuple[str, str]:
    item = mapping_of(node, "headline")
    if item is None:
        return ("", "")
    item.only(HEADLINE_KEYS, tr("a headline"))
    return (text_of(item.get("property"), "property") or "", text_of(item.get("variant"), "variant") or "")


def read_property(key: Scalar, node: Node, *, claimed: bool = False) -> PropertySpec | None:
    """Read a property; ``claimed`` says that it stands in a file of claims, and that no scenario asks it unasked."""
    name = name_of(key, tr("a property"))
    item = mapping_of(node, tr("the property '{name}'", name=name))
    if item is None:
        return None
    if name == ANSWERED:
        key.problem(tr("'{name}' is asked of every scenario already, and is no name for another property", name=name))
    item.only(PROPERTY_KEYS[:-2] if claimed else PROPERTY_KEYS, tr("a property"))
    kind = choice_of(item.get("kind"), KINDS, tr("a kind of property"))
    if item.get("kind") is None:
        item.problem(tr("the property '{name}' needs a kind", name=name), did_you_mean("", KINDS))
    if item.get("says") is None:
        item.problem(tr("the property '{name}' needs a sentence", name=name), tr("says: what is claimed, for people"))
    if kind == "quiet":
        for extra in ("if", "then", "for", "of"):
            if item.get(extra) is not None:
                (item.key(extra) or item).problem(tr("quiet takes no expression"))
    elif kind is not None and item.get("then") is None:
        item.problem(tr("the property '{name}' needs an expression", name=name), "then: A.state == B.state")
    if kind == "can-always":
        hint = tr("then: the goal, for both ends at once; or one property for each")
        for extra in ("if", "for"):
            if item.get(extra) is not None:
                (item.key(extra) or item).problem(tr("can-always has one goal, and is asked of every state"), hint)
    if item.get("of") is not None:
        choice_of(item.get("of"), ("state", "step"), tr("what a witness can be"))
    asked = item.get("asked") and choice_of(item.get("asked"), ("everywhere", "by-name"), tr("where a property is asked"))
    class_word = item.get("class") and choice_of(item.get("class"), CLASSES, tr("a class of properties"))
    says = texts_of(item, "says", "zh")
    return PropertySpec(name, kind or "always", says, line_of(item.get("source"), "source"), not claimed and asked != "by-name", item, claimed, class_word == "conformance")


class PropertyCompiler:
    """Compiles properties and assumptions for the ends, each of which runs one of ``machines``.

    Without ``remembers`` nothing is remembered and nothing is said of what is read: every expression is asked each time,
    of the whole state. It is slow, and what the fast ways are held against.
    """

    def __init__(
        self,
        machines: Sequence[Machine],
        ends: tuple[str, ...],
        definitions: Mapping[str, Definition],
        events: tuple[str, ...],
        channels: tuple[str, ...] = (),
        supplies: tuple[tuple[int, ...], ...] = (),
        *,
        remembers: bool = True,
    ) -> None:
        """Prepare to compile for these ends; ``supplies`` are the initial sequence numbers that each of them may take."""
        self.machines = tuple(machines)
        self.machine = self.machines[0]
        self.events = events
        self.channels = channels
        self.supplies = supplies
        self.ends = ends
        self.definitions = definitions
        self.remembers = remembers
        self.tables: dict[Any, dict[str, Known]] = {}
        self.trees = 0

    def property(self, spec: PropertySpec) -> checker.Property:
        """Compile a property; mistakes are recorded on its file."""
        if spec.kind == "quiet":
            return checker.quiet(spec.name)
        of_step = spec.kind == "step" or (spec.kind == "sometimes" and _text(spec.node.get("of")) == "step")
        scope = self._scope("step" if of_step else "state", has_p=self._each(spec.node))
        run = self._condition(spec.node, scope, is_witness=spec.kind == "sometimes")
        predicate = (remembered if self.remembers else direct)(run, scope.reads, any if spec.kind == "sometimes" else all)
        of: Literal["state", "step"] = "step" if spec.kind == "sometimes" and of_step else "state"
        about = guard(_text(spec.node.get("if")), _text(spec.node.get("then")), scope) if spec.kind in GUARDED else None
        return checker.Property(
            spec.name, cast("Any", spec.kind), predicate, of, self._components(scope.reads),
            None if about is None else (remembered if self.remembers else direct)(_guarded(about, spec.node), scope.reads, any),
        )  # fmt: skip

    def restrictions(self, spec: AssumptionSpec) -> tuple[Restriction, ...]:
        """Compile an assumption, to a restriction for both ends or one for each; mistakes are recorded on its file."""
        names = (*STEP_WORDS, FRESH, *self.machine.calls, *self.machine.timeouts)
        for word in words_of(spec.node.get("step"), "step"):
            if word.text not in names:
                word.problem(tr("'{word}' is not a kind of step", word=word.text), did_you_mean(word.text, names))
        scope = self._scope("attempt", has_p=True, takes_number=spec.steps == (FRESH,))
        node = spec.node.get("only-if")
        run = _guarded(self._compile(node, scope) if node is not None else _true, node or spec.node)
        return Assumed(spec, run, scope.reads, self.supplies).restrictions(self.channels, remembers=self.remembers)

    def _scope(self, subject: Subject, *, has_p: bool, takes_number: bool = False) -> PropertyScope:
        return PropertyScope(
            self.machines, self.ends, self.definitions, self.events,
            has_p=has_p, subject=subject, takes_number=takes_number, tables=self.tables,
        )  # fmt: skip


    def _components(self, reads: Reads) -> tuple[str, ...] | None:
        return reads.components(self.channels) if self.remembers else None

    def _each(self, node: MappingNode) -> bool:
        word = node.get("for")
        return word is not None and choice_of(word, ("each end",), tr("what a property can be asked for")) == "each end"

    def _condition(self, node: MappingNode, scope: PropertyScope, *, is_witness: bool) -> Run:
        then, given = node.get("then"), node.get("if")
        consequence = self._compile(then, scope) if then is not None else _true
        if given is None:
            return _guarded(consequence, then or node)
        condition = self._compile(given, scope)
        if is_witness:  # a witness meets both
            return _guarded(lambda env: condition(env) and consequence(env), then or node)
        return _guarded(lambda env: not condition(env) or consequence(env), then or node)

    def _compile(self, node: Node, scope: PropertyScope) -> Run:
        text = text_of(node, tr("an expression"))
        compiler = Compiler(scope)
        try:
            if self.trees > MAX_TREES:
                raise ExpressionError(tr(TOO_MUCH), 0)
            return compiler.compile(parse(text or "true"), FLAG).run
        except ExpressionError as error:
            hint = scope.explain(_without_quotes(text or "", error.offset, scope)) or error.hint
            node.problem(error.message, hint, offset=error.offset, length=error.length)
            return _true
        finally:
            self.trees += compiler.trees


def _without_quotes(text: str, offset: int, scope: PropertyScope) -> str:
    """Return the name of an event that stands around a place of a text without quotes, though only its words stand there."""
    for name in (*scope.machine.calls, *scope.machine.timeouts, *scope.events):
        for found in re.finditer(rf"(?<![\w'\"-]){re.escape(name)}(?![\w'\"-])", text):
            if " " in name and found.start() <= offset < found.end():
                return name
    return ""


def _true(_: Any) -> bool:
    return True


def _text(node: Node | None) -> str:
    return node.text if isinstance(node, Scalar) else ""


def _guarded(run: Run, node: Node) -> Run:
    """Turn a value that is not set into a located error of the spec."""

    def guarded(env: Observed) -> Any:
        try:
            return run(env)
        except UnsetError as error:
            hint = tr("ask first: known(NAME) implies ..., or ask for the state")
            raise SpecError([Problem(node.place, str(error), hint, node.file.line(node.line))]) from None

    return guarded


def ghosts_of(specs: list[PropertySpec], assumptions: list[AssumptionSpec], definitions: Mapping[str, Definition]) -> frozenset[str]:
    """Return every name that the expressions mention, with the parts of dotted names: ghosts are among them."""
    texts = [text for spec in specs for text in spec.texts()]
    texts += [_text(spec.node.get("only-if")) for spec in assumptions]
    return frozenset(name for text in texts if text for name in names_in(text, definitions))
