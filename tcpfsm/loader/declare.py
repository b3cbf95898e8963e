"""The declarations of a machine: states, variables, constants, definitions, and the fields of its segments."""

from __future__ import annotations

from checker.model.vocabulary import STEP_KINDS
from tcpfsm.errors import did_you_mean
from tcpfsm.expression import Definition, ExpressionError, parse
from tcpfsm.expression.types import COUNT, Type
from tcpfsm.i18n.language import tr
from tcpfsm.loader.context import Context
from tcpfsm.loader.draft import STATE_KEYS
from tcpfsm.loader.fields import (
    choice_of,
    count_of,
    definition_of,
    entries_of,
    line_of,
    mapping_of,
    name_of,
    text_of,
    words_of,
)
from tcpfsm.loader.scenario import ENDS
from tcpfsm.loader.source import Mapping, Node, Scalar
from tcpfsm.machine.model import StateSpec, Variable
from tcpfsm.machine.segment import FieldLayout, Layout

VARIABLE_KEYS = ("is", "starts", "lasts", "note")
#: What assumptions call kinds of steps, rules what can wait, and reports the bounds and channels of an end.
ACTION_WORDS = {*STEP_KINDS, "segment", "ISNs", *(f"to {end}" for end in ENDS)}
LASTS = ("connection", "for-ever")
FIELD_KEYS = ("is", "absent", "derived")
DIAGRAM_KEYS = ("omit",)
LANGUAGES = {"means": "en", "zh": "zh"}


def state(name: str, node: Mapping | None) -> StateSpec:
    """Read one state."""
    if node is None:
        return StateSpec(name, {}, name, keeps_nothing=False)
    node.only(STATE_KEYS, tr("a state"))
    means = {language: line_of(node.get(key), key) for key, language in LANGUAGES.items() if node.get(key)}
    short = line_of(node.get("short"), "short") or name
    keeps = node.get("keeps") and choice_of(node.get("keeps"), ("nothing", "calls"), tr("what a state can say it keeps"))
    return StateSpec(name, means, short, keeps_nothing=bool(keeps), keeps_calls=keeps == "calls")


def variables(context: Context) -> tuple[Variable, ...]:
    """Read the variables: NAME: type, or NAME: {is: type, starts: value, lasts: for-ever}."""
    found = []
    for key, node in context.draft.variables.values():
        name = name_of(key, tr("a variable"))
        if isinstance(node, Mapping):
            node.only(VARIABLE_KEYS, tr("a variable"))
            text_of(node.get("note"), "note")
            kind = context.type_of(node.get("is"))
            lasts = node.get("lasts") and choice_of(node.get("lasts"), LASTS, tr("how long a variable lasts"))
            found.append(Variable(name, kind, context.literal(node.get("starts"), kind), lasts_for_ever=lasts == "for-ever"))
        else:
            found.append(Variable(name, context.type_of(node)))
    return tuple(found)


def constants(context: Context) -> dict[str, int]:
    """Read the constants; a scenario may have given some another value."""
    written = {name: count_of(node, tr("the constant {name}", name=name)) or 0 for name, node in context.draft.constants.items()}
    given = context.settings.constants
    return {name: given.get(name, value) for name, value in written.items()}


def definitions(context: Context) -> dict[str, Definition]:
    """Read the definitions, ``NAME: expression`` or ``NAME(a, b): expression``."""
    found = {}
    for name, (key, node) in context.draft.definitions.items():
        declared = definition_of(key)
        if declared is None:
            continue
        try:
            found[name] = Definition(declared[1], parse(text_of(node, tr("the definition {name}", name=name)) or "true"))
        except ExpressionError as error:
            node.problem(error.message, error.hint, offset=error.offset, length=error.length)
    return found


def fields(context: Context, wanted: set[str]) -> tuple[dict[str, Type], Layout, dict[str, Node]]:
    """Read the fields of segments: their types, the layout of those carried, and the derived ones.

    Ghost fields that no wanted ghost reads are known by name and type but not carried.
    """
    types: dict[str, Type] = {}
    layout: list[FieldLayout] = []
    derived: dict[str, Node] = {}
    for section in ("fields", "ghost fields"):
        for key, node in entries_of(context.root.get(section), section):
            name = name_of(key, tr("a field"))
            if name in types or name == "CTL":
                key.problem(tr("the field '{name}' exists already", name=name))
                continue
            if isinstance(node, Mapping):
                node.only(FIELD_KEYS, tr("a field"))
                formula = node.get("derived")
                if formula is not None:
                    types[name], derived[name] = COUNT, formula
                    continue
                kind = context.type_of(node.get("is"))
                absent = context.literal(node.get("absent"), kind)
            else:
                kind, absent = context.type_of(node), None
            types[name] = kind
            if section == "fields" or context.settings.ghosts is None or name in wanted:
                layout.append(FieldLayout(name, absent, section == "ghost fields"))
    for word in words_of(context.root.get("flags"), "flags"):
        name_of(word, tr("a control bit"))
    return types, Layout(tuple(layout), context.flags), derived


def actions(context: Context) -> None:
    """Record every call and timeout whose name means something else as well."""
    calls = {word.text: word for word in words_of(context.root.get("calls"), "calls")}
    timeouts = {word.text: word for word in words_of(context.root.get("timeouts"), "timeouts")}
    for name, word in {**calls, **timeouts}.items():
        if name in calls and name in timeouts:
            word.problem(tr("'{word}' is a call and a timeout", word=name), tr("give it another name"))
        if name in ACTION_WORDS or name.startswith("segment from "):
            word.problem(tr("'{word}' is a word of the language and cannot name a call or a timeout", word=name), tr("give it another name"))


def aggregate(context: Context) -> frozenset[str]:
    """Read which segments are sent once a step."""
    words = words_of(context.root.get("aggregate"), "aggregate")
    for word in words:
        if word.text not in context.draft.segments:
            word.problem(tr("'{word}' is not a segment", word=word.text), did_you_mean(word.text, context.draft.segments))
    return frozenset(word.text for word in words)


def clashes(context: Context, known: dict[str, Definition]) -> None:
    """Record every name that means two things."""
    sections = {
        "states": tr("a state"), "groups": tr("a group"), "variables": tr("a variable"), "constants": tr("a constant"),
        "ghosts": tr("a ghost"),
    }  # fmt: skip
    owners: dict[str, str] = dict.fromkeys(context.flags, tr("a control bit"))
    for section, what in sections.items():
        for key, _ in entries_of(context.root.get(section), section):
            _claim(owners, key, key.text, what)
    for key, _ in context.draft.variables.values():  # those that a variant has added come last
        _claim(owners, key, key.text, tr("a variable"))
    for name in known:
        _claim(owners, context.draft.definitions[name][0], name, tr("a definition"))
    for word in context.words:
        if word in owners:
            place: Node = context.root.key("variables") or context.root
            place.problem(tr("the word '{word}' also names {what}", word=word, what=owners[word]), tr("give it another name"))


def _claim(owners: dict[str, str], key: Scalar, name: str, what: str) -> None:
    if name in owners and owners[name] != what:
        key.problem(tr("'{name}' names {first} and {second}", name=name, first=owners[name], second=what))
    owners.setdefault(name, what)


def diagram_omits(context: Context, events: tuple[str, ...]) -> frozenset[tuple[str, str]]:
    """Read which cells the summary diagram leaves out: an event everywhere, or ``STATE / EVENT`` in a state or group."""
    node = mapping_of(context.root.get("diagram"), "diagram")
    if node is None:
        return frozenset()
    node.only(("omit",), "diagram")
    known = [*context.calls, *context.timeouts, *events]
    places = {**{state: (state,) for state in context.draft.states}, **context.draft.groups}
    found: set[tuple[str, str]] = set()
    for word in words_of(node.get("omit"), "omit"):
        # The name of an event may hold the separator, that of a state cannot.
        place, slash, event = word.text.partition(" / ")
        if not slash or word.text in known:
            place, slash, event = "", "", word.text
        if event not in known:
            word.problem(tr("'{word}' is not a call, timeout or event", word=event), did_you_mean(event, known))
        elif slash and place not in places:
            word.problem(tr("'{word}' is not a state or group", word=place), did_you_mean(place, places))
        else:
            found |= {(state, event) for state in places.get(place, tuple(context.draft.states))}
    return frozenset(found)
