"""A protocol is a folder: machine.yaml, properties.yaml, scenarios/, variants/, figures/.

Everything of a folder is read and checked together, so that all mistakes are told at once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from tcpfsm.errors import Place, Problem, SpecError, UsageError, did_you_mean
from tcpfsm.language import tr
from tcpfsm.source import Mapping as MappingNode
from tcpfsm.source import Scalar, SourceFile, parse, read
from tcpfsm.spec.assumption import check_numbers
from tcpfsm.spec.begin import check_beginning
from tcpfsm.spec.claim import Chapter, Claim, check_claims, read_chapter
from tcpfsm.spec.compile import compile_machine
from tcpfsm.spec.context import Settings
from tcpfsm.spec.draft import Draft, read_draft
from tcpfsm.spec.fields import words_of
from tcpfsm.spec.model import Machine
from tcpfsm.spec.property import PropertyCompiler, PropertyFile, PropertySpec, read_properties
from tcpfsm.spec.scenario import ENDS, Scenario, check_names, read_scenario
from tcpfsm.spec.variant import Variant, patched, read_variant

MACHINE = "machine.yaml"
T = TypeVar("T")


@dataclass(slots=True)
class Protocol:
    """A protocol that was read and found without mistakes; machines are compiled when they are asked for."""

    name: str
    folder: Path
    draft: Draft
    properties: PropertyFile
    scenarios: dict[str, Scenario]
    variants: dict[str, Variant]
    files: list[SourceFile]
    drafts: dict[str, Draft] = field(default_factory=dict)
    #: What is said of the protocol, file by file.
    chapters: tuple[Chapter, ...] = ()

    @property
    def claims(self) -> dict[str, Claim]:
        """All claims by name."""
        return {name: claim for chapter in self.chapters for name, claim in chapter.claims.items()}

    def events(self) -> tuple[str, ...]:
        """List the events that a segment can be, for the machine or for any of its variants."""
        nodes = [check.fields.get("event") for check in self.draft.checks]
        for change in (change for variant in self.variants.values() for change in variant.changes):
            target = change.get("to be")
            nodes += [change.get("event"), target.get("event") if isinstance(target, MappingNode) else None]
        return tuple(dict.fromkeys(node.text for node in nodes if isinstance(node, Scalar) and node.text != "none"))

    def draft_of(self, variant: str) -> Draft:
        """Return the draft of a variant, or of the machine itself for an empty name."""
        if not variant:
            return self.draft
        if variant not in self.drafts:
            self.drafts[variant] = patched(self.draft, self.variants[variant])
        return self.drafts[variant]

    def machine(self, variant: str = "", settings: Settings | None = None) -> Machine:
        """Compile the machine, or a variant of it.

        Raises:
            SpecError: the variant or the scenario's settings do not fit.
        """
        machine = compile_machine(self.draft_of(variant), settings)
        self.raise_problems()
        return machine

    def raise_problems(self) -> None:
        """Raise SpecError if any file has a problem."""
        problems = [problem for file in self.files for problem in file.problems]
        if problems:
            raise SpecError(problems)

    def scenario(self, name: str) -> Scenario:
        """Return a scenario by name.

        Raises:
            UsageError: there is none.
        """
        if name not in self.scenarios:
            hint = did_you_mean(name, self.scenarios)
            raise UsageError(tr("{protocol} has no scenario '{name}'; {hint}", protocol=self.name, name=name, hint=hint))
        return self.scenarios[name]

    def with_variant(self, variant: Variant, files: list[SourceFile]) -> Protocol:
        """Return the protocol with one more variant, as read from a file of one's own."""
        return replace(self, variants={**self.variants, variant.name: variant}, files=[*self.files, *files], drafts={})


def load_protocol(folder: Path, shown: str | None = None) -> Protocol:
    """Read a protocol folder; ``shown`` is how its path is written in messages.

    Raises:
        SpecError: with every mistake of every file.
    """
    prefix = shown or str(folder)
    files: list[SourceFile] = []
    problems: list[Problem] = []
    draft = _read(folder / MACHINE, f"{prefix}/{MACHINE}", read_draft, files, problems)
    properties = PropertyFile({}, {}, {})
    if (folder / "properties.yaml").exists():
        path = folder / "properties.yaml"
        properties = _read(path, f"{prefix}/properties.yaml", read_properties, files, problems) or properties
    scenarios = {}
    for path in sorted((folder / "scenarios").glob("*.yaml")):
        found = _read(path, f"{prefix}/scenarios/{path.name}", _scenario(path.stem), files, problems)
        if found is not None:
            scenarios[path.stem] = found
    variants = {}
    for path in sorted((folder / "variants").glob("*.yaml")):
        variant = _read(path, f"{prefix}/variants/{path.name}", _variant(path.stem), files, problems)
        if variant is not None:
            variants[path.stem] = variant
    chapters = []
    for path in sorted((folder / "claims").glob("*.yaml")):
        chapter = _read(path, f"{prefix}/claims/{path.name}", _chapter(path.stem), files, problems)
        if chapter is not None:
            chapters.append(chapter)
    if draft is None or problems:  # what a missing file would have declared cannot be held against the others
        raise SpecError([*problems, *(problem for file in files for problem in file.problems)])
    properties = _with_claimed(properties, chapters)
    protocol = Protocol(draft.name, folder, draft, properties, scenarios, variants, files, chapters=tuple(chapters))
    _cross_check(protocol)
    problems += [problem for file in files for problem in file.problems]
    if problems:
        raise SpecError(problems)
    return protocol


def _scenario(name: str) -> Callable[[MappingNode], Scenario]:
    return lambda root: read_scenario(name, root)


def _chapter(name: str) -> Callable[[MappingNode], Chapter]:
    return lambda root: read_chapter(name, root)


def _with_claimed(properties: PropertyFile, chapters: Sequence[Chapter]) -> PropertyFile:
    """Return the properties with those of the claims; a name that stands for two of them is recorded as a problem."""
    found, claims = dict(properties.properties), set[str]()
    for chapter in chapters:
        for name, spec in chapter.properties.items():
            if name in found:
                spec.node.problem(tr("there is a property '{name}' already", name=name))
            found[name] = spec
        for name, claim in chapter.claims.items():
            if name in claims:
                claim.node.problem(tr("there is a claim '{name}' already", name=name))
            claims.add(name)
    return replace(properties, properties=found)


def _variant(name: str) -> Callable[[MappingNode], Variant]:
    return lambda root: read_variant(name, root)


def _read(
    path: Path, shown: str, reader: Callable[[MappingNode], T], files: list[SourceFile], problems: list[Problem]
) -> T | None:
    try:
        file = read(path, shown)
        found = reader(parse(file))
    except SpecError as error:
        problems += error.problems
        return None
    files.append(file)
    return found


def load_variant(path: Path, parent: Protocol) -> Protocol:
    """Read a variant file of one's own, which patches ``parent``.

    Raises:
        SpecError: with every mistake of the file.
    """
    file = read(path)
    variant = read_variant(path.stem, parse(file))
    protocol = parent.with_variant(variant, [file])
    if not file.problems:
        check_variant(protocol, variant)
    protocol.raise_problems()
    return protocol


def _cross_check(protocol: Protocol) -> None:
    """Check what no file can know alone: names in scenarios, expectations, properties against the machine."""
    machine = compile_machine(protocol.draft)
    if protocol.draft.root.file.problems:
        return
    compiler = PropertyCompiler((machine,) * len(ENDS), ENDS, protocol.properties.definitions, protocol.events())
    for spec in protocol.properties.properties.values():
        compiler.property(spec)
    for assumption in protocol.properties.assumptions.values():
        compiler.restrictions(assumption)
        check_numbers(assumption, protocol.name, [protocol.draft_of(name) for name in ("", *protocol.variants)])
    for scenario in protocol.scenarios.values():
        _check_scenario(protocol, scenario, machine)
    _check_headline(protocol)
    for variant in protocol.variants.values():
        if variant.extends and variant.extends not in (protocol.name, ".."):
            node = variant.node.get("extends") or variant.node
            node.problem(tr("a variant in this folder extends {protocol}, not '{extends}'", protocol=protocol.name, extends=variant.extends))
    for name in protocol.variants.keys() & protocol.scenarios.keys():
        protocol.variants[name].node.problem(tr("'{name}' also names a scenario", name=name), tr("targets need names of their own"))
    for variant in protocol.variants.values():
        if not any(file.problems for file in protocol.files if file is variant.node.file):
            check_variant(protocol, variant)
    figures = [path.stem for path in (protocol.folder / "figures").glob("*.yaml")]
    known = protocol.properties.properties
    for chapter in protocol.chapters:
        check_claims(chapter, properties=known, scenarios=protocol.scenarios, variants=protocol.variants, figures=figures)


def _check_scenario(protocol: Protocol, scenario: Scenario, machine: Machine) -> None:
    check_names(scenario, machine.calls, machine.timeouts, protocol.draft.constants)
    known = protocol.properties
    for key, choices in (
        ("properties", known.properties), ("without", known.properties), ("assumes", known.assumptions),
    ):  # fmt: skip
        _known_words(scenario.node, key, choices)
    check_beginning(protocol.draft, scenario, machine)
    expect = scenario.node.get("expect")
    if isinstance(expect, MappingNode):
        _check_violated(expect.get("violated"), known.properties)
    if scenario.twin and scenario.twin not in protocol.scenarios:
        node = scenario.node.get("twin") or scenario.node
        node.problem(tr("there is no scenario '{word}'", word=scenario.twin), did_you_mean(scenario.twin, protocol.scenarios))


def _check_headline(protocol: Protocol) -> None:
    for name, choices in zip(protocol.properties.headline, (protocol.properties.properties, protocol.variants), strict=True):
        if name and name not in choices:
            for file in protocol.files:
                if file.path.endswith("properties.yaml"):
                    place = Place(file.path, 1, 1)
                    file.problems.append(Problem(place, tr("headline: '{name}' is not known", name=name), did_you_mean(name, choices)))


def _known_words(node: MappingNode, key: str, choices: Mapping[str, object]) -> None:
    for word in words_of(node.get(key), key):
        if word.text not in choices:
            word.problem(tr("'{word}' is not known in {key}", word=word.text, key=key), did_you_mean(word.text, choices))


def _check_violated(node: object, known: Mapping[str, PropertySpec]) -> None:
    """Check what is expected to be violated: properties that there are, each with a length if it has a counterexample."""
    if not isinstance(node, MappingNode):
        return
    for key, length in node.entries:
        if key.text not in known:
            key.problem(tr("'{word}' is not a property", word=key.text), did_you_mean(key.text, known))
        elif isinstance(length, Scalar) and length.text == "none" and known[key.text].kind != "sometimes":
            hint = tr("how many steps its shortest counterexample has; only a violated sometimes has none")
            length.problem(tr("'{name}' has a counterexample if it is violated", name=key.text), hint)


def check_variant(protocol: Protocol, variant: Variant) -> None:
    """Compile a variant and check what it expects; mistakes are recorded on its file."""
    counts = [(file, len(file.problems)) for file in protocol.files if file is not variant.node.file]
    compile_machine(protocol.draft_of(variant.name))
    for file, count in counts:  # what the changes make wrong elsewhere is the variant's mistake
        for problem in file.problems[count:]:
            hint = f"{problem.hint}; " if problem.hint else ""
            variant.node.problem(tr("with these changes, {message}", message=problem.message), hint + tr("see {place}", place=problem.place))
        del file.problems[count:]
    for expected in variant.expect:
        if expected.scenario not in protocol.scenarios:
            node = expected.node.get("scenario") or expected.node
            node.problem(tr("there is no scenario '{word}'", word=expected.scenario), did_you_mean(expected.scenario, protocol.scenarios))
        _check_violated(expected.node.get("violated"), protocol.properties.properties)
    shown = variant.node.get("shows")
    if isinstance(shown, MappingNode):
        for key, choices in (("scenario", protocol.scenarios), ("property", protocol.properties.properties)):
            word = shown.get(key)
            if isinstance(word, Scalar) and word.text not in choices:
                word.problem(tr("there is no {kind} '{word}'", kind=key, word=word.text), did_you_mean(word.text, choices))
