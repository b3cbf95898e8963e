"""A protocol is a folder: machine.yaml, properties.yaml, scenarios/, variants/, figures/.

Everything of a folder is read and checked together, so that all mistakes are told at once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from tcpfsm.errors import Problem, SpecError
from tcpfsm.i18n.language import tr
from tcpfsm.loader.claim import Chapter, read_chapter
from tcpfsm.loader.cross_check import check_variant, cross_check
from tcpfsm.loader.draft import read_draft
from tcpfsm.loader.folder import MACHINE, PROPERTIES, spec_files
from tcpfsm.loader.property import PropertyFile, read_properties
from tcpfsm.loader.protocol import Protocol
from tcpfsm.loader.scenario import Scenario, read_scenario
from tcpfsm.loader.source import Mapping as MappingNode
from tcpfsm.loader.source import SourceFile, parse, read
from tcpfsm.loader.variant import Variant, read_variant

T = TypeVar("T")


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
    there = spec_files(folder, prefix)
    problems += there.problems
    if there.has_properties:
        properties = _read(folder / PROPERTIES, f"{prefix}/{PROPERTIES}", read_properties, files, problems) or properties
    scenarios = {}
    for path in there.files["scenarios"]:
        found = _read(path, f"{prefix}/scenarios/{path.name}", _scenario(path.stem), files, problems)
        if found is not None:
            scenarios[path.stem] = found
    variants = {}
    for path in there.files["variants"]:
        variant = _read(path, f"{prefix}/variants/{path.name}", _variant(path.stem), files, problems)
        if variant is not None:
            variants[path.stem] = variant
    chapters = []
    for path in there.files["claims"]:
        chapter = _read(path, f"{prefix}/claims/{path.name}", _chapter(path.stem), files, problems)
        if chapter is not None:
            chapters.append(chapter)
    if draft is None or problems:  # what a missing file would have declared cannot be held against the others
        raise SpecError([*problems, *(problem for file in files for problem in file.problems)])
    properties = _with_claimed(properties, chapters)
    protocol = Protocol(draft.name, folder, draft, properties, scenarios, variants, files, chapters=tuple(chapters))
    cross_check(protocol, [path.stem for path in there.files["figures"]])
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
