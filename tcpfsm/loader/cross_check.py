"""What no file of a protocol can know alone: names that other files give, and expectations that can be met."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from tcpfsm.errors import Place, Problem, did_you_mean
from tcpfsm.i18n.language import tr
from tcpfsm.loader.asked import asked_of, is_meaningless
from tcpfsm.loader.assumption import check_numbers
from tcpfsm.loader.begin import check_beginning, check_starts
from tcpfsm.loader.claim import Question, check_claims
from tcpfsm.loader.compile import compile_machine
from tcpfsm.loader.draft import Draft
from tcpfsm.loader.fields import words_of
from tcpfsm.loader.folder import PROPERTIES
from tcpfsm.loader.property import ANSWERED, PropertyCompiler
from tcpfsm.loader.property_scope import PropertyScope, Subject
from tcpfsm.loader.scenario import ENDS, Scenario, check_names
from tcpfsm.loader.source import Mapping as MappingNode
from tcpfsm.loader.source import Scalar
from tcpfsm.loader.variant import Variant
from tcpfsm.machine.model import Machine

if TYPE_CHECKING:
    from tcpfsm.loader.protocol import Protocol


def cross_check(protocol: Protocol, figures: Sequence[str]) -> None:
    """Check scenarios, properties, variants and claims against the machine and each other; ``figures`` are those there are.

    Mistakes are recorded on the files that they stand in.
    """
    machine = compile_machine(protocol.draft)
    if protocol.draft.root.file.problems:
        return
    _check_definitions(protocol, machine)
    compiler = PropertyCompiler((machine,) * len(ENDS), ENDS, protocol.properties.definitions, protocol.events())
    for spec in protocol.properties.properties.values():
        compiler.property(spec)
    for assumption in protocol.properties.assumptions.values():
        compiler.restrictions(assumption)
        check_numbers(assumption, protocol.name, [protocol.draft_of(name) for name in ("", *protocol.variants)])
    check_starts(protocol.draft, machine)
    for scenario in protocol.scenarios.values():
        check_scenario(protocol, scenario, machine)
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
    known = {**protocol.properties.properties, ANSWERED: None}
    for chapter in protocol.chapters:
        check_claims(chapter, properties=known, scenarios=protocol.scenarios, variants=protocol.variants, figures=figures)
        for claim in chapter.claims.values():
            for question in (*claim.asks, *claim.also):
                _check_question(protocol, question)


def _check_definitions(protocol: Protocol, machine: Machine) -> None:
    """Record every definition of the properties whose name has another meaning, which would go before it in silence."""
    machines = (machine,) * len(ENDS)
    subjects: tuple[Subject, ...] = ("state", "step", "attempt")
    scopes = [PropertyScope(machines, ENDS, {}, protocol.events(), has_p=True, subject=subject, tables={}) for subject in subjects]
    taken = {"p", "q", *ENDS, *(name for scope in scopes for name in scope.names())}
    for key in protocol.properties.defined:
        name = key.text.partition("(")[0].strip()
        if name in taken:
            key.problem(tr("'{word}' has another meaning in a property, which would go before this one", word=name), tr("give it another name"))


def _check_question(protocol: Protocol, question: Question) -> None:
    spec, scenario = protocol.properties.properties.get(question.name), protocol.scenarios.get(question.scenario)
    if question.kind == "property" and spec is not None and scenario is not None and is_meaningless(spec, scenario):
        (question.node.get("property") or question.node).problem(_meaningless(question.name, question.scenario))


def _meaningless(name: str, scenario: str) -> str:
    return tr("{name} cannot be asked in {scenario}: a network of kind set delivers the same segment for ever", name=name, scenario=scenario)


def check_scenario(protocol: Protocol, scenario: Scenario, machine: Machine) -> None:
    """Check a scenario, or that of a figure, against the machine and the properties; mistakes are recorded on its file."""
    check_names(scenario, machine.calls, machine.timeouts, protocol.draft.constants)
    known = protocol.properties
    for key, choices in (
        ("properties", known.properties), ("without", known.properties), ("assumes", known.assumptions),
    ):  # fmt: skip
        _known_words(scenario.node, key, choices)
    check_beginning(protocol.draft, scenario, machine)
    for word in words_of(scenario.node.get("properties"), "properties"):
        spec = known.properties.get(word.text)
        if word.text in scenario.without:
            word.problem(tr("'{name}' stands under 'without' as well", name=word.text))
        elif spec is not None and is_meaningless(spec, scenario):
            word.problem(_meaningless(word.text, scenario.name))
    expect = scenario.node.get("expect")
    if isinstance(expect, MappingNode):
        _check_violated(protocol, scenario, expect.get("violated"))
        if scenario.exhibit and scenario.expected is not None and not scenario.expected.violated:
            where = scenario.node.key("expect") or expect
            where.problem(tr("an exhibit is there for what is violated in it, and nothing is expected to be"), "expect: {violated: {PROPERTY: 5}}")
    if scenario.twin and scenario.twin not in protocol.scenarios:
        node = scenario.node.get("twin") or scenario.node
        node.problem(tr("there is no scenario '{word}'", word=scenario.twin), did_you_mean(scenario.twin, protocol.scenarios))


def _check_headline(protocol: Protocol) -> None:
    for name, choices in zip(protocol.properties.headline, (protocol.properties.properties, protocol.variants), strict=True):
        if name and name not in choices:
            for file in protocol.files:
                if file.path.endswith(PROPERTIES):
                    place = Place(file.path, 1, 1)
                    file.problems.append(Problem(place, tr("headline: '{name}' is not known", name=name), did_you_mean(name, choices)))


def _known_words(node: MappingNode, key: str, choices: Mapping[str, object]) -> None:
    for word in words_of(node.get(key), key):
        if word.text not in choices:
            word.problem(tr("'{word}' is not known in {key}", word=word.text, key=key), did_you_mean(word.text, choices))


def _check_violated(protocol: Protocol, scenario: Scenario, node: object) -> None:
    """Check what is expected to be violated: what is asked there, with a length where there is a counterexample."""
    if not isinstance(node, MappingNode):
        return
    known = protocol.properties.properties
    for key, length in node.entries:
        if key.text not in known and key.text != ANSWERED:
            key.problem(tr("'{word}' is not a property", word=key.text), did_you_mean(key.text, [*known, ANSWERED]))
            continue
        _check_asked(protocol, scenario, key)
        is_witness = key.text != ANSWERED and known[key.text].kind == "sometimes"
        has_length = not (isinstance(length, Scalar) and length.text == "none")
        if is_witness and has_length:
            example = f"{key.text}: none"
            length.problem(tr("'{name}' has no witness if it is violated, so nothing has a length", name=key.text), example)
        elif not is_witness and not has_length:
            hint = tr("how many steps its shortest counterexample has; only a violated sometimes has none")
            length.problem(tr("'{name}' has a counterexample if it is violated", name=key.text), hint)


def _check_asked(protocol: Protocol, scenario: Scenario, word: Scalar) -> None:
    """Record a problem where a property that there is, is not asked in a scenario, so that nothing can come of it."""
    known = protocol.properties.properties
    if word.text not in known or word.text in {spec.name for spec in asked_of(known.values(), scenario)}:
        return
    hint = tr("in the scenario's file: {example}", example=f"properties: [{word.text}]")
    if word.text in scenario.without:
        hint = tr("it stands under 'without'")
    elif is_meaningless(known[word.text], scenario):
        hint = _meaningless(word.text, scenario.name)
    word.problem(tr("'{name}' is not asked in {scenario}", name=word.text, scenario=scenario.name), hint)


def check_variant(protocol: Protocol, variant: Variant) -> None:
    """Compile a variant and check what it expects; mistakes are recorded on its file."""
    counts = [(file, len(file.problems)) for file in protocol.files if file is not variant.node.file]
    draft = protocol.draft_of(variant.name)
    machine = compile_machine(draft)
    if not any(file.problems for file in protocol.files):
        _check_definitions(protocol, machine)
        _check_segments(draft, variant)
    for file, count in counts:  # what the changes make wrong elsewhere is the variant's mistake
        for problem in file.problems[count:]:
            hint = f"{problem.hint}; " if problem.hint else ""
            variant.node.problem(tr("with these changes, {message}", message=problem.message), hint + tr("see {place}", place=problem.place))
        del file.problems[count:]
    for expected in variant.expect:
        if expected.scenario not in protocol.scenarios:
            node = expected.node.get("scenario") or expected.node
            node.problem(tr("there is no scenario '{word}'", word=expected.scenario), did_you_mean(expected.scenario, protocol.scenarios))
        else:
            _check_violated(protocol, protocol.scenarios[expected.scenario], expected.node.get("violated"))
    shown = variant.node.get("shows")
    if isinstance(shown, MappingNode):
        for key, choices in (("scenario", protocol.scenarios), ("property", protocol.properties.properties)):
            word = shown.get(key)
            if isinstance(word, Scalar) and word.text not in choices:
                word.problem(tr("there is no {kind} '{word}'", kind=key, word=word.text), did_you_mean(word.text, choices))
            elif isinstance(word, Scalar) and key == "property" and variant.shows[0] in protocol.scenarios:
                _check_asked(protocol, protocol.scenarios[variant.shows[0]], word)


def _check_segments(draft: Draft, variant: Variant) -> None:
    """Record every segment that a variant changes, or adds, and no rule sends."""
    fields = [entry.fields.get("snd") for entries in draft.cells.values() for entry in entries]
    sent = {word.text for node in fields for word in words_of(node, "snd")}
    for change in variant.changes:
        name = change.get("segment")
        if isinstance(name, Scalar) and name.text not in sent:
            name.problem(tr("no rule sends the segment '{name}', so that this changes nothing", name=name.text), did_you_mean(name.text, sorted(sent)))
