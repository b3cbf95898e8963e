"""Claims: what is said of a protocol, and the questions that decide whether it is so."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from tcpfsm.errors import did_you_mean
from tcpfsm.i18n.language import tr
from tcpfsm.loader.fields import (
    choice_of,
    entries_of,
    flag_of,
    items_of,
    line_of,
    mapping_of,
    name_of,
    text_of,
    texts_of,
    title_of,
    words_of,
)
from tcpfsm.loader.property import PropertySpec, read_property
from tcpfsm.loader.source import Mapping as MappingNode
from tcpfsm.loader.source import Node, Scalar

KEYS = ("title", "title-zh", "about", "about-zh", "properties", "claims")
CLAIM_KEYS = (
    "says", "zh", "said", "source", "exercise", "verdict", "under", "under-zh", "because", "because-zh", "asks", "also",
)  # fmt: skip
QUESTION_KEYS = ("property", "figure", "in", "variant", "answer")
ANSWERS = ("holds", "violated")
#: What a claim can turn out to be. ``undecidable``: no run of these machines can tell, and the claim says why.
TRUE, ASSUMING, WRONG, UNDECIDABLE = "true", "true-under-assumption", "wrong", "undecidable"
VERDICTS = (TRUE, ASSUMING, WRONG, UNDECIDABLE)


@dataclass(frozen=True, slots=True)
class Question:
    """One question: a property in a scenario, or a figure to be found; ``answer`` is what the claim says it is.

    A figure holds if the machine can produce it. ``scenario`` is empty for a figure, ``variant`` for the protocol itself.
    """

    kind: str
    name: str
    scenario: str
    variant: str
    answer: str
    node: MappingNode


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim as written: it is true if every question of ``asks`` has the answer that it names.

    ``exercise`` says that somebody is to make it true: until its verdict is the recorded one, it counts as not solved yet.
    ``also`` are questions that do not decide, but tell more. ``said`` is where it is said, ``under`` the condition that
    the scenarios stand for where no assumption of theirs names it, ``recorded`` the verdict that is expected.
    Texts are by language.
    """

    name: str
    says: Mapping[str, str]
    said: tuple[str, ...]
    source: str
    exercise: bool
    recorded: str
    under: Mapping[str, str]
    because: Mapping[str, str]
    asks: tuple[Question, ...]
    also: tuple[Question, ...]
    node: MappingNode


@dataclass(frozen=True, slots=True)
class Chapter:
    """A file of claims, with the properties that only they ask."""

    name: str
    title: Mapping[str, str]
    about: Mapping[str, str]
    properties: Mapping[str, PropertySpec]
    claims: Mapping[str, Claim]
    node: MappingNode


def read_chapter(name: str, root: MappingNode) -> Chapter:
    """Read a file of claims; mistakes are recorded on the file. Names of other files are checked with the protocol."""
    root.only(KEYS, tr("a file of claims"))
    properties = {
        key.text: found
        for key, node in entries_of(root.get("properties"), "properties")
        if (found := read_property(key, node, claimed=True)) is not None
    }
    claims = {
        key.text: claim
        for key, node in entries_of(root.get("claims"), "claims")
        if (claim := _claim(key, node)) is not None
    }
    if not claims and not properties:
        root.problem(tr("a file of claims needs claims, or properties for those of another file"), "claims: {NAME: {says: ..., verdict: ..., asks: [...]}}")
    return Chapter(name, title_of(root, name), texts_of(root, "about", "about-zh"), properties, claims, root)


def _claim(key: Scalar, node: Node) -> Claim | None:
    name = name_of(key, tr("a claim"))
    item = mapping_of(node, tr("the claim '{name}'", name=name))
    if item is None:
        return None
    item.only(CLAIM_KEYS, tr("a claim"))
    for needed in ("says", "verdict", "because"):
        if item.get(needed) is None:
            item.problem(tr("the claim '{name}' needs '{key}'", name=name, key=needed))
    recorded = choice_of(item.get("verdict"), VERDICTS, tr("a verdict on a claim")) or UNDECIDABLE
    asks = _questions(item.get("asks"), "asks")
    if (recorded == UNDECIDABLE) != (not asks) and item.get("verdict") is not None:
        item.problem(tr("a claim is undecidable if and only if it asks nothing"))
    exercise = flag_of(item.get("exercise"), "exercise")
    if exercise and recorded in (WRONG, UNDECIDABLE) and (written := item.get("verdict")) is not None:
        written.problem(tr("an exercise is a claim to be made true"), "verdict: true")
    return Claim(
        name=name,
        says=texts_of(item, "says", "zh"),
        said=tuple(word.text for word in words_of(item.get("said"), "said")),
        source=line_of(item.get("source"), "source"),
        exercise=exercise,
        recorded=recorded,
        under=texts_of(item, "under", "under-zh"),
        because=texts_of(item, "because", "because-zh"),
        asks=asks,
        also=_questions(item.get("also"), "also"),
        node=item,
    )


def _questions(node: Node | None, what: str) -> tuple[Question, ...]:
    found: list[Question] = []
    for part in items_of(node, what):
        item = mapping_of(part, tr("a question"))
        if item is None:
            continue
        item.only(QUESTION_KEYS, tr("a question"))
        kinds = [kind for kind in ("property", "figure") if item.has(kind)]
        if len(kinds) != 1:
            item.problem(tr("a question asks a property or a figure"), "{property: quiet, in: open}, {figure: 12}")
            continue
        name = text_of(item.get(kinds[0]), kinds[0]) or ""
        variant = text_of(item.get("variant"), "variant") or ""
        answer = "holds"
        if item.get("answer") is not None:
            answer = choice_of(item.get("answer"), ANSWERS, tr("an answer")) or answer
        scenarios = [word.text for word in words_of(item.get("in"), "in")]
        if (kinds[0] == "property") != bool(scenarios):
            item.problem(tr("a property is asked in scenarios, a figure has its own"), "{property: quiet, in: open}")
            continue
        found += [Question(kinds[0], name, scenario, variant, answer, item) for scenario in scenarios or [""]]
    return tuple(found)


def check_claims(
    chapter: Chapter, *, properties: Mapping[str, object], scenarios: Mapping[str, object],
    variants: Mapping[str, object], figures: Collection[str],
) -> None:  # fmt: skip
    """Record every name that a claim mentions and that the protocol does not have."""
    choices = {"property": properties, "figure": figures, "variant": variants, "in": scenarios}
    for claim in chapter.claims.values():
        for question in (*claim.asks, *claim.also):
            for key, known in choices.items():
                for word in words_of(question.node.get(key), key):
                    if word.text not in known:
                        message = tr("'{word}' is not known in {key}", word=word.text, key=key)
                        word.problem(message, did_you_mean(word.text, known))
