"""The JSON Schemas of spec files say what the loader says, and every shipped file fits them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

import tcpfsm
from tcpfsm.errors import SpecError
from tcpfsm.loader import assumption, cells, claim, declare, draft, fields, ghosts, scenario, variant
from tcpfsm.loader import property as properties
from tcpfsm.loader.load import load_protocol
from tcpfsm.loader.source import Items, Mapping, Node, Scalar, parse, read
from tests.conftest import DATA, SPEC

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Edit = Callable[[str, str | None, str], Path]

SCHEMAS = Path(tcpfsm.__file__).parent / "schemas"
KINDS = ("machine", "properties", "scenario", "variant", "claims")
FILES = sorted([*SPEC.rglob("*.yaml"), *(DATA / "ping").rglob("*.yaml")])
MODELINE = re.compile(r"# yaml-language-server: \$schema=(\S+)")


def schema(kind: str) -> dict[str, Any]:
    """Return a schema as data."""
    found: dict[str, Any] = json.loads((SCHEMAS / f"{kind}.json").read_text(encoding="utf-8"))
    return found


VALIDATORS = {kind: jsonschema.Draft7Validator(schema(kind)) for kind in KINDS}


def plain(node: Node) -> Any:
    """Turn nodes into plain data, as a reader of YAML 1.2 would."""
    if isinstance(node, Mapping):
        return {key.text: plain(value) for key, value in node.entries}
    if isinstance(node, Items):
        return [plain(item) for item in node]
    assert isinstance(node, Scalar)
    return node.value


def data_of(path: Path) -> Any:
    """Read a YAML file as plain data."""
    return plain(parse(read(path)))


def kind_of(path: Path) -> str:
    """Say which schema a file of a protocol folder has to fit, by where it stands."""
    return {"scenarios": "scenario", "variants": "variant", "figures": "figure", "claims": "claims"}.get(
        path.parent.name, path.stem
    )


def identified(path: Path) -> str:
    """Name a file in the names of tests."""
    return "/".join(path.parts[-3:])


# ---- files fit -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [path for path in FILES if kind_of(path) in KINDS], ids=identified)
def test_a_shipped_file_fits_its_schema(path: Path) -> None:
    """An editor that knows the schema finds nothing to complain about in what ships."""
    errors = [error.message for error in VALIDATORS[kind_of(path)].iter_errors(data_of(path))]

    assert errors == []


@pytest.mark.parametrize("path", FILES, ids=identified)
def test_a_shipped_file_names_its_schema(path: Path) -> None:
    """The first line tells editors where the schema is, relative to the file."""
    modeline = MODELINE.match(path.read_text(encoding="utf-8"))

    assert modeline is not None
    assert (path.parent / modeline[1]).resolve() == SCHEMAS / f"{kind_of(path)}.json"
    assert (path.parent / modeline[1]).is_file()


@pytest.mark.parametrize("kind", KINDS)
def test_a_schema_is_a_schema(kind: str) -> None:
    """A schema of draft 7 with a title, a description and an identifier of its own."""
    found = schema(kind)
    jsonschema.Draft7Validator.check_schema(found)

    assert found["$schema"] == "http://json-schema.org/draft-07/schema#"
    assert found["$id"] == f"urn:tcpfsm:schema:{kind}"


def parts_of(found: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Walk through every schema within a schema, with its path."""
    if isinstance(found, dict):
        yield path, found
        for key, inner in found.items():
            yield from parts_of(inner, f"{path}/{key}")
    elif isinstance(found, list):
        for position, inner in enumerate(found):
            yield from parts_of(inner, f"{path}/{position}")


@pytest.mark.parametrize("kind", KINDS)
def test_every_key_is_described(kind: str) -> None:
    """Editors show the description of a key while it is written."""
    bare = [
        f"{path}/properties/{name}"
        for path, part in parts_of(schema(kind))
        if part.get("type") not in (None, "string") and isinstance(part.get("properties"), dict)
        for name, inner in part["properties"].items()
        if not inner.get("description")
    ]

    assert bare == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_schema_that_lists_keys_allows_no_others(kind: str) -> None:
    """A misspelt key is seen while it is written."""
    open_ended = [
        path
        for path, part in parts_of(schema(kind))
        if "properties" in part and "object" in str(part.get("type")) and part.get("additionalProperties") is not False
        and not path.endswith("/properties")
    ]  # fmt: skip

    assert open_ended == []


@pytest.mark.parametrize("kind", KINDS)
def test_every_reference_leads_somewhere_and_every_definition_is_used(kind: str) -> None:
    """Schemas are kept by hand, so nothing may be left lying about."""
    found = schema(kind)
    used = {part["$ref"] for _, part in parts_of(found) if isinstance(part.get("$ref"), str)}

    assert used == {f"#/definitions/{name}" for name in found["definitions"]}


# ---- keys and words are the loader's ---------------------------------------------------------------------------------


def keys_at(kind: str, *path: str | int) -> set[str]:
    """Return the keys that a part of a schema allows."""
    part: Any = schema(kind)
    for step in path:
        part = part[step]
    return set(part["properties"])


def change_keys() -> dict[str, set[str]]:
    """Return the keys of every kind of change, by the key that names the kind."""
    found = {}
    for part in schema("variant")["definitions"]["change"]["anyOf"]:
        names = [name for name in variant.CHANGE_KINDS if name in part["properties"]]
        found["before" if "before" in names else names[0]] = set(part["properties"])
    return found


@pytest.mark.parametrize(
    ("keys", "where"),
    [
        (draft.MACHINE_KEYS, ("machine",)),
        (draft.STATE_KEYS, ("machine", "definitions", "state")),
        (declare.VARIABLE_KEYS, ("machine", "properties", "variables", "additionalProperties", "anyOf", 1)),
        (declare.VARIABLE_KEYS, ("variant", "definitions", "variable")),
        (declare.FIELD_KEYS, ("machine", "definitions", "field", "anyOf", 1)),
        (declare.DIAGRAM_KEYS, ("machine", "properties", "diagram")),
        (cells.QUEUE_KEYS, ("machine", "definitions", "queue")),
        (cells.QUEUE_KEYS, ("variant", "definitions", "queue")),
        (ghosts.KEYS, ("machine", "definitions", "ghost")),
        (ghosts.UPDATE_KEYS, ("machine", "definitions", "update")),
        (draft.CHECK_KEYS, ("machine", "definitions", "check")),
        (draft.RULE_KEYS, ("machine", "definitions", "rule")),
        (draft.KEYS_OF["reply"], ("machine", "properties", "replies", "items")),
        (draft.KEYS_OF["ignored"], ("machine", "properties", "ignored", "items")),
        (properties.KEYS, ("properties",)),
        (properties.PROPERTY_KEYS, ("properties", "definitions", "property")),
        (assumption.ASSUMPTION_KEYS, ("properties", "definitions", "assumption")),
        (properties.HEADLINE_KEYS, ("properties", "properties", "headline")),
        (claim.KEYS, ("claims",)),
        (claim.CLAIM_KEYS, ("claims", "definitions", "claim")),
        (claim.QUESTION_KEYS, ("claims", "definitions", "question")),
        (properties.PROPERTY_KEYS[:-2], ("claims", "definitions", "property")),
        (scenario.KEYS, ("scenario",)),
        (scenario.END_KEYS, ("scenario", "properties", "A")),
        (scenario.END_KEYS, ("scenario", "properties", "B")),
        (scenario.NETWORK_KEYS, ("scenario", "properties", "network")),
        (scenario.PLANTED_KEYS, ("scenario", "properties", "network", "properties", "planted", "items")),
        (scenario.EXPECT_KEYS, ("scenario", "properties", "expect")),
        (variant.KEYS, ("variant",)),
        (variant.SHOWS_KEYS, ("variant", "properties", "shows")),
        (variant.EXPECT_KEYS, ("variant", "definitions", "expectation")),
        (draft.RULE_KEYS, ("variant", "definitions", "rule")),
        (draft.RULE_KEYS[2:], ("variant", "definitions", "patch")),
        (draft.RULE_KEYS[2:], ("variant", "definitions", "replacement")),
    ],
    ids=lambda value: "/".join(map(str, value)) if isinstance(value, tuple) and value[0] in KINDS else "",
)
def test_the_keys_of_a_schema_are_those_of_the_loader(
    keys: tuple[str, ...], where: tuple[str | int, ...]
) -> None:
    """What the loader knows is what editors offer."""
    kind, *path = where

    assert keys_at(str(kind), *path) == set(keys)


def test_the_changes_of_the_schema_are_those_of_the_loader() -> None:
    """Each kind of change has its own keys."""
    assert change_keys() == {kind: set(keys) for kind, keys in variant.CHANGE_KINDS.items()}


def test_the_words_of_the_schemas_are_those_of_the_loader() -> None:
    """Where one of a few words is wanted, both want the same."""
    prop = schema("properties")["definitions"]["property"]["properties"]
    network = schema("scenario")["properties"]["network"]["properties"]
    machine = schema("machine")["definitions"]

    assert prop["kind"]["enum"] == list(properties.KINDS)
    assert network["kind"]["enum"] == [*scenario.CHANNEL_KINDS, None]
    assert set(schema("claims")["definitions"]["claim"]["properties"]["verdict"]["enum"]) - {True} == set(claim.VERDICTS)
    assert schema("claims")["definitions"]["question"]["properties"]["answer"]["enum"] == [*claim.ANSWERS, None]
    assert schema("variant")["properties"]["applies"]["enum"] == [*variant.APPLIES, None]
    assert machine["type"]["anyOf"][0]["enum"] == ["sequence", "count", "flag"]
    assert set(machine["name"]["not"]["enum"]) == fields.RESERVED
    assert machine["name"]["maxLength"] == fields.MAX_TEXT
    assert schema("machine")["properties"]["states"]["maxProperties"] == draft.MAX_STATES
    assert schema("scenario")["properties"]["modulus"]["maximum"] == scenario.MAX_MODULUS
    assert schema("scenario")["properties"]["modulus"]["minimum"] == scenario.MIN_MODULUS
    assert schema("figure")["properties"]["modulus"]["minimum"] == scenario.MIN_MODULUS


@pytest.mark.parametrize(
    "name",
    [
        "BUSY", "FIN-WAIT-1", "SND.NXT", "_x", "x1", "空闲", "a-b.c", "any-state", "state", "p", "a b", "", "1a", "-a", "a-", "a--b",
        "a.", ".a", "a,b", "a(b)", "x" * 100, "x" * 101, "é", "a-1", "a+b", "SEG",
    ],
)  # fmt: skip
def test_a_name_is_a_name_for_both(edit: Edit, name: str) -> None:
    """Schema and loader agree on what can name a state."""
    folder = edit("machine.yaml", "  both: [IDLE, WAIT]", f'  both: [IDLE, WAIT]\n  "{name}": IDLE')

    assert loads(folder) == fits("machine", folder / "machine.yaml")


@pytest.mark.parametrize(
    "key",
    [
        "f",
        "f(a)",
        "f(a, b)",
        "f(a,b)",
        "f (a)",
        "f()",
        "f(a",
        "f a)",
        "f(a b)",
        "f(a.b)",
        "known",
        "known(a)",
        "g.h(a)",
        "f(number)",
    ],
)
def test_the_key_of_a_definition_is_one_for_both(edit: Edit, key: str) -> None:
    """Schema and loader agree on how a definition is declared."""
    folder = edit("machine.yaml", "  fits: ours(SEG.NUM)", f'  fits: ours(SEG.NUM)\n  "{key}": "true"')

    assert loads(folder) == fits("machine", folder / "machine.yaml")


# ---- mistakes --------------------------------------------------------------------------------------------------------


def loads(folder: Path) -> bool:
    """Say whether the loader takes a folder."""
    try:
        load_protocol(folder)
    except SpecError:
        return False
    return True


def fits(kind: str, path: Path) -> bool:
    """Say whether a file fits its schema."""
    return bool(VALIDATORS[kind].is_valid(data_of(path)))


MACHINE, PROPERTIES, SCENARIO, VARIANT, CLAIMS = (
    "machine.yaml",
    "properties.yaml",
    "scenarios/once.yaml",
    "variants/deaf.yaml",
    "claims/asking.yaml",
)
CHANGE = "{in: both, when: rcv ASK, to be: ignored}"
SMALL_MISTAKES = [
    (MACHINE, "title: ask", "tittle: ask"),
    (MACHINE, "title: ask and answer", "title: [ask]"),
    (MACHINE, "protocol: ping", "protocol:"),
    (MACHINE, "keeps: nothing", "keeps: all"),
    (MACHINE, "keeps: nothing", "keep: nothing"),
    (MACHINE, "  both: [IDLE, WAIT]", "  both: {IDLE: 1}"),
    (MACHINE, "NXT: sequence", "NXT: integer"),
    (MACHINE, "starts: 0, note", "starts: -1, note"),
    (MACHINE, "starts: 0, note", "start: 0, note"),
    (MACHINE, "{LIMIT: 2}", "{LIMIT: two}"),
    (MACHINE, "{LIMIT: 2}", "{LIMIT: 2.5}"),
    (MACHINE, "{LIMIT: 2}", "{LIMIT: '2'}"),
    (MACHINE, "{LIMIT: 2}", "{LIMIT: }"),
    (MACHINE, "{LIMIT: 2}", "{max: 2}"),
    (MACHINE, "  WHO: count", "  CTL: count"),
    (MACHINE, "{derived: number(ASK)}", "{derive: number(ASK)}"),
    (MACHINE, "flags: [ASK, ANS]", "flags: [ASK, ANS, ASK]"),
    (MACHINE, "<NUM=SEG.NUM><CTL=ANS>", "NUM=SEG.NUM"),
    (MACHINE, "<NUM=SEG.NUM><CTL=ANS>", "<NUM=SEG.NUM> <CTL=ANS>"),
    (MACHINE, "until: state == IDLE, ", ""),
    (MACHINE, "same: SEG.NUM", "sane: SEG.NUM"),
    (MACHINE, "fits: ours(SEG.NUM)", "fits: [ours]"),
    (MACHINE, "{starts: 0, means", "{means"),
    (MACHINE, "when: leave WAIT", "when: exit WAIT"),
    (MACHINE, "when: leave WAIT, add", "add"),
    (MACHINE, "when: leave WAIT, add: asked", "when: leave WAIT"),
    (MACHINE, "add: asked", "add: asked, append: asked"),
    (MACHINE, "means: how many", "lasts: ever, means: how many"),
    (MACHINE, "calls: [PING, STOP]", "calls: [PING, [STOP]]"),
    (MACHINE, "{check: rest, in: any-state, event: none}", "{check: rest, in: any-state}"),
    (MACHINE, "event: none}", "event: none, than: continue}"),
    (MACHINE, "event: none}", "event: none, if: }"),
    (MACHINE, ', reply: "error: busy"', ""),
    (MACHINE, "  - {in: IDLE, when: STOP}", "  - {in: IDLE, when: STOP, to: IDLE}"),
    (MACHINE, "  - {in: IDLE, when: STOP}", "  - STOP"),
    (MACHINE, "when: STOP, to: IDLE", "on: STOP, to: IDLE"),
    (MACHINE, "snd: ASK, to", "sned: ASK, to"),
    (MACHINE, "set: {NXT: fresh}", "set: [NXT]"),
    (MACHINE, "set: {NXT: fresh}", "set: {NXT: [fresh]}"),
    (MACHINE, "otherwise: true", "otherwise: maybe"),
    (MACHINE, "if: tries < LIMIT,", "if: tries < LIMIT, otherwise: true,"),
    (MACHINE, "snd: ANS}", "snd: ANS, delivers: yes}"),
    (MACHINE, "snd: ANS}", "snd: ANS, rfc: []}"),
    (MACHINE, "snd: ANS}", "snd: }"),
    (MACHINE, "  omit: patience", "  omits: patience"),
    (PROPERTIES, "assumptions:", "assumption:"),
    (PROPERTIES, "asked: by-name", "ask: by-name"),
    (PROPERTIES, "asked: by-name", "asked: never"),
    (PROPERTIES, "kind: can-always", "kind: canalways"),
    (PROPERTIES, "    kind: quiet\n", ""),
    (PROPERTIES, "    kind: quiet\n", "    kind: quiet\n    if: true\n"),
    (PROPERTIES, "    then: p.tries =< LIMIT\n", ""),
    (PROPERTIES, "    says: Segments alone do not go on for ever.\n", ""),
    (PROPERTIES, "    kind: always\n    for: each end", "    kind: always\n    for: both"),
    (PROPERTIES, "    asked: by-name", "    of: steps"),
    (PROPERTIES, "    step: patience\n", ""),
    (PROPERTIES, "  quiet:\n", "  so quiet:\n"),
    (SCENARIO, "assumes:", "asumes:"),
    (SCENARIO, "says: A asks once.\n", ""),
    (SCENARIO, "isn: [7]", "isn: [7, x]"),
    (SCENARIO, "isn: [7]", "isn: 7"),
    (SCENARIO, "isn: [7]", "isns: [7]"),
    (SCENARIO, "{PING: 1}", "{PING: often}"),
    (SCENARIO, "{PING: 1}", "{PING: }"),
    (SCENARIO, "{PING: 1}", "[PING]"),
    (SCENARIO, "loss: 1", "loss: -1"),
    (SCENARIO, "loss: 1", "losses: 1"),
    (SCENARIO, "{capacity: 2", "{kind: bags, capacity: 2"),
    (SCENARIO, "loss: 1", "planted: [{to: C, segment: <NUM=1>}]"),
    (SCENARIO, "loss: 1", "planted: [{to: B}]"),
    (SCENARIO, "assumes: slow-clock", "modulus: 1"),
    (SCENARIO, "assumes: slow-clock", "modulus: 8589934592"),
    (SCENARIO, "assumes: slow-clock", "slow: yes"),
    (SCENARIO, "assumes: slow-clock", "expect: {state: 1}"),
    (SCENARIO, "assumes: slow-clock", "expect: {violated: {quiet: some}}"),
    (VARIANT, "extends: ping\n", ""),
    (VARIANT, "why: Nobody answers, so asking is of no use.", "why:"),
    (VARIANT, "why:", "applies: C\nwhy:"),
    (VARIANT, "why:", "shows: {scene: once}\nwhy:"),
    (VARIANT, "  - " + CHANGE, "  []"),
    (VARIANT, CHANGE, "ignored"),
    (VARIANT, CHANGE, "{in: both, when: rcv ASK}"),
    (VARIANT, CHANGE, "{in: both, when: rcv ASK, to be: nothing}"),
    (VARIANT, CHANGE, "{in: both, when: rcv ASK, to be: {sned: ANS}}"),
    (VARIANT, CHANGE, "{in: both, when: rcv ASK, to be: {in: WAIT}}"),
    (VARIANT, CHANGE, "{in: both, when: rcv ASK, to be: ignored, note: x}"),
    (VARIANT, CHANGE, "{check: question, to be: gone}"),
    (VARIANT, CHANGE, "{before: rest, in: IDLE, event: none}"),
    (VARIANT, CHANGE, "{constant: LIMIT, to be: many}"),
    (VARIANT, CHANGE, "{queue: unanswered, to be: {keep: ASK}}"),
    (VARIANT, CHANGE, "{rule: {in: IDLE}}"),
    (VARIANT, "{scenario: once}", "{states: 1}"),
    (VARIANT, "{scenario: once}", "{scenario: once, state: 1}"),
    (CLAIMS, "title: Asking", "tittle: Asking"),
    (CLAIMS, "about: What", "about: []\nzz: What"),
    (CLAIMS, "verdict: wrong", "verdict: false"),
    (CLAIMS, "    because: The machine counts.\n", ""),
    (CLAIMS, "    verdict: undecidable\n", "    verdict: wrong\n"),
    (CLAIMS, "    asks:\n      - {property: an-answer-comes, in: once}\n", ""),
    (CLAIMS, "{property: patient, in: [once]}", "{property: patient}"),
    (CLAIMS, "{property: patient, in: [once]}", "{in: once}"),
    (CLAIMS, "{property: patient, in: [once]}", "{figure: 6, in: once}"),
    (CLAIMS, "{property: patient, in: [once]}", "{property: patient, in: [once], if: true}"),
    (CLAIMS, "variant: deaf, answer: violated", "variant: deaf, answer: breaks"),
    (CLAIMS, "said: [the book]", "said: {a: book}"),
    (CLAIMS, "    kind: always\n", "    kind: always\n    asked: by-name\n"),
    (CLAIMS, "    then: p.tries == 0\n", ""),
    (CLAIMS, "  asking-is-rude:\n", "  asking is rude:\n"),
]


@pytest.mark.parametrize(
    ("file", "old", "new"), SMALL_MISTAKES, ids=[f"{file} {new[:40]}" for file, _, new in SMALL_MISTAKES]
)
def test_a_small_mistake_is_refused_by_schema_and_loader(edit: Edit, file: str, old: str, new: str) -> None:
    """An unknown key, a wrong type, a wrong word: what one of them refuses, so does the other."""
    path = edit(file, old, new)
    kind = kind_of(path / file)

    assert (fits(kind, path / file), loads(path)) == (False, False)


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        (MACHINE, "title: ask and answer", "title:"),
        (MACHINE, "title: ask and answer", "title: 3.10"),
        (MACHINE, "calls: [PING, STOP]", "calls: [PING, STOP]\naggregate:"),
        (MACHINE, "  - {in: WAIT, when: rcv ANS, to: IDLE}", "  - {in: [WAIT], when: [rcv ANS], to: IDLE, rfc: 1, note: true}"),
        (MACHINE, "{starts: 0, means: how many questions, when: sets NXT, set: asked + 1}", "{starts: 0}"),
        (MACHINE, "when: leave WAIT, add: asked", "updates: [{when: leave WAIT, add: asked}, {when: delivers, append: 1, if: ASK}]"),
        (MACHINE, "  mood: {is: [calm, cross], starts: calm}", "  mood: [calm, cross]"),
        (MACHINE, "{LIMIT: 2}", "{LIMIT: 0x2, '空': 1}"),
        (PROPERTIES, "asked: by-name", "of: state\n    source:"),
        (PROPERTIES, "step: patience", "step: [patience, lose]"),
        (SCENARIO, "loss: 1", "loss: unlimited, kind: fifo, planted: [{to: A, segment: <NUM=1><CTL=ANS>}]"),
        (SCENARIO, "assumes: slow-clock\nproperties: [can-rest]", "B:\nmodulus: 16\nproperties: an-answer-comes\nexpect: {states: 3, violated: {an-answer-comes: none, patient: 4}}"),
        (VARIANT, CHANGE, "{in: WAIT, when: patience, if: tries < LIMIT, to be: {after: , to: IDLE}}"),
        (VARIANT, CHANGE, "{check: question, to be: {if: }}"),
        (VARIANT, CHANGE, "{segment: ASK, to be: <CTL=ASK>}"),
        (VARIANT, CHANGE, "{define: fits, to be: true}"),
        (VARIANT, "why:", "applies: A\nwhy:"),
    ],
)  # fmt: skip
def test_what_the_loader_takes_fits_the_schema(edit: Edit, file: str, old: str, new: str) -> None:
    """Nothing that is right is marked as wrong in an editor."""
    path = edit(file, old, new)

    assert (loads(path), fits(kind_of(path / file), path / file)) == (True, True)
