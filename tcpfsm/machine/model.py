"""A compiled machine: checked values and functions of a frame, nothing left to look up by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from tcpfsm.errors import Place
from tcpfsm.expression.types import Type
from tcpfsm.machine.segment import Layout, Segment

Function = Callable[[Any], Any]


class BlockedError(Exception):
    """A step needs something of which the scenario holds no more; the step is disabled."""


class Frame:
    """What expressions look at while a machine runs: the values of one end, and the segment at hand.

    ``values`` and ``ghosts`` stand in the order of the machine's variables and ghosts; None is unset.
    """

    __slots__ = ("bound", "drawn", "ghosts", "isn", "pending", "queues", "seg", "state", "values")

    def __init__(self) -> None:
        self.state = ""
        self.values: list[Any] = []
        self.ghosts: list[Any] = []
        self.queues: list[tuple[Segment, ...]] = []
        self.pending: tuple[tuple[str, Any], ...] = ()
        self.seg: Segment | None = None
        self.isn: tuple[int, ...] = ()
        self.drawn = 0
        self.bound: dict[Any, Any] = {}


@dataclass(frozen=True, slots=True)
class StateSpec:
    """A state: what it means (by language), its short name, and what entering it deletes.

    ``keeps_nothing``: what the end remembers goes. ``keeps_calls``: so it does, but for the calls that wait.
    """

    name: str
    means: Mapping[str, str]
    short: str
    keeps_nothing: bool
    keeps_calls: bool = False


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable of the machine, or a ghost; ``starts`` is None where it starts unset.

    ``lasts_for_ever``: a variable that a state that keeps nothing leaves as it is. (Which ghosts last is said apart.)
    """

    name: str
    type: Type
    starts: Any = None
    lasts_for_ever: bool = False


@dataclass(frozen=True, slots=True)
class Assignment:
    """Sets one variable (or ghost) to the value of a function."""

    index: int
    run: Function


@dataclass(frozen=True, slots=True)
class GhostUpdate:
    """When something happens, a ghost is set, or a value is added to its list.

    ``event`` is enter, leave, in, snd, sets, delivers or fresh; ``what`` are the states, bits or variables meant.
    """

    index: int
    event: str
    what: frozenset[str]
    operation: Literal["set", "add", "append"]
    run: Function
    condition: Function | None


@dataclass(frozen=True, slots=True)
class Template:
    """A kind of segment: its bits, and a function for every field it carries."""

    name: str
    ctl: tuple[str, ...]
    fields: tuple[Assignment, ...]
    defaults: tuple[Any, ...]
    layout: Layout

    def fill(self, frame: Frame) -> Segment:
        """Make the segment from the values of a frame."""
        values = list(self.defaults)
        for part in self.fields:
            values[part.index] = part.run(frame)
        return Segment(self.ctl, tuple(values), self.layout)


@dataclass(frozen=True, slots=True)
class Queue:
    """A queue of sent segments: which are kept, until when, and what a resent one takes from the present."""

    name: str
    keep: Function
    until: Function
    same: Function | None
    refresh: tuple[Assignment, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """What one cell does. ``guard`` is None where the rule always fires; ``otherwise`` fires when no other does.

    ``condition`` tells it from the other rules of its cell, in words; it is empty where there are none.
    """

    name: str
    state: str
    event: str
    condition: str
    guard: Function | None
    otherwise: bool
    sets: tuple[Assignment, ...]
    set_names: frozenset[str]
    sends: tuple[Template, ...]
    after: tuple[Assignment, ...]
    again: tuple[int, bool] | None
    queue: str | None
    #: What the segment that is to wait carries in place of what it brought: fields, and control bits.
    queued_as: tuple[Assignment, ...]
    queued_bits: tuple[tuple[str, Function], ...]
    delivers: bool
    ghosts: tuple[Assignment, ...]
    to: str | None
    rfc: str
    note: str
    #: Whether it is known to fire in no scenario.
    idle: bool
    place: Place
    variant: str

    @property
    def where(self) -> str:
        """Where the rule stands, and what it cites."""
        return str(self.place)


@dataclass(frozen=True, slots=True)
class Check:
    """One check of the reading: in which states, under which guard it raises which event, and what comes next.

    ``then`` is the index of the next check to look at, or None where the segment is done with.
    """

    name: str
    states: frozenset[str]
    guard: Function | None
    event: str | None
    then: int | None
    rfc: str
    place: Place
    variant: str


@dataclass(frozen=True, slots=True)
class CellText:
    """A cell without a rule: the reply to a call, or that the event is ignored; for tables."""

    kind: Literal["reply", "ignored"]
    text: str
    rfc: str


@dataclass(frozen=True, slots=True)
class Machine:
    """A whole compiled machine."""

    protocol: str
    #: By language.
    title: Mapping[str, str]
    source: str
    #: What an end is called in drawings, before its name.
    peer: str
    variant: str
    states: Mapping[str, StateSpec]
    groups: Mapping[str, tuple[str, ...]]
    variables: tuple[Variable, ...]
    ghosts: tuple[Variable, ...]
    connection_ghosts: frozenset[int]
    ghost_updates: tuple[GhostUpdate, ...]
    layout: Layout
    field_types: Mapping[str, Type]
    derived: Mapping[str, Function]
    #: Of each derived field its text, and what every definition, constant and field means on which it rests.
    derived_from: Mapping[str, Mapping[str, Any]]
    #: Segments of which only the last of a step is sent.
    aggregate: frozenset[str]
    queues: tuple[Queue, ...]
    checks: tuple[Check, ...]
    calls: tuple[str, ...]
    timeouts: tuple[str, ...]
    events: tuple[str, ...]
    rules: Mapping[tuple[str, str], tuple[Rule, ...]]
    silent: Mapping[tuple[str, str], CellText]
    constants: Mapping[str, int]
    modulus: int
    words: tuple[str, ...]
    #: Cells left out of the summary diagram.
    diagram_omits: frozenset[tuple[str, str]]
    changed: frozenset[tuple[str, str]]

    @property
    def all_rules(self) -> tuple[Rule, ...]:
        """Every rule, cell by cell."""
        return tuple(rule for rules in self.rules.values() for rule in rules)
