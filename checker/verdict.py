"""Verdicts: the answers to properties, each with its evidence.

There are three. ``holds`` is said only when everything there is was seen, or the witness asked for was found;
``violated`` comes with a trace that shows it; anything else is ``inconclusive`` and says how far the search came.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from checker.reach import first_delivery_cycle, first_doomed
from checker.survey import survey
from checker.trace import Trace

if TYPE_CHECKING:
    from collections.abc import Iterable

    from checker.channel import Channel
    from checker.model import State, Step
    from checker.properties import Property
    from checker.space import StateSpace
    from checker.survey import Survey

Answer = Literal["holds", "violated", "inconclusive"]


Finding = Literal[
    "witness", "counterexample", "no witness", "no violation", "no certain violation", "nothing"
]


@dataclass(frozen=True, slots=True)
class Basis:
    """What an answer rests on; as a text, in words. What does not apply is ``None``.

    ``length`` is that of the shortest witness or counterexample; ``states`` and ``steps`` are the size of a space
    that was seen whole; ``depth`` is how deep a search came that ``stopped_because`` of a limit.
    """

    finding: Finding
    length: int | None = None
    states: int | None = None
    steps: int | None = None
    depth: int | None = None
    stopped_because: str | None = None
    #: Of an ``ends``, how many states it is not true of that only a bound makes ends; they refute nothing.
    blocked: int = 0

    def __str__(self) -> str:
        if self.length is not None:
            return f"a shortest {self.finding} has {self.length} step{'' if self.length == 1 else 's'}"
        if self.stopped_because is None:
            found = f"{self.finding} in all {self.states} states and {self.steps} steps"
            return f"{found}, but in {self.blocked} that only a bound makes ends" if self.blocked else found
        reach = "" if self.depth is None else f" up to depth {self.depth}"
        return f"{self.finding}{reach} ({self.stopped_because})"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer to one property.

    ``trace`` is the counterexample, or the witness of a ``sometimes``; always a shortest one.
    A ``sometimes`` that is violated has none, as it is the absence of something.
    ``basis`` is what the answer rests on, and ``established`` says it in words. ``vacuous`` is whether it holds for want of
    anything that it is about.
    """

    property: Property
    verdict: Answer
    trace: Trace | None
    established: str
    basis: Basis
    vacuous: bool = False


def check(space: StateSpace, properties: Iterable[Property]) -> tuple[Verdict, ...]:
    """Answer every property, in the order asked.

    Raises:
        ValueError: a property cannot be asked of this space: ``quiet`` where a ``set`` channel delivers the same
            message for ever, or ``answered`` where the system does not report unanswered receptions.
    """
    asked = tuple(properties)
    for question in asked:
        refuse(space.channels, question, observed=space.observed)
    seen = survey(space, asked)
    return tuple(
        judged(
            question,
            _evidence(space, question, place, seen),
            (space.states, space.steps, space.depth, space.expanded_depth),
            space.stopped_because,
            is_met=place in seen.met,
            blocked=seen.blocked.get(place, 0),
        )
        for place, question in enumerate(asked)
    )


def refuse(channels: Iterable[Channel], question: Property, *, observed: bool) -> None:
    """Refuse a property that cannot be asked of a system with these channels.

    Raises:
        ValueError: the message says why.
    """
    repeating = [channel.name for channel in channels if channel.kind == "set"]
    if question.kind == "quiet" and repeating:
        raise ValueError(
            f"property {question.name!r}: quiet cannot be asked where {', '.join(repeating)} is a set channel, "
            "which delivers the same message for ever"
        )
    if question.kind == "answered" and not observed:
        raise ValueError(
            f"property {question.name!r}: the system does not report the receptions without an outcome"
        )


def _evidence(space: StateSpace, question: Property, place: int, seen: Survey) -> Trace | None:
    """The shortest trace to what settles the property, if anything that was found does."""
    if place in seen.steps:
        step = seen.steps[place]
        return _trace(space, step.before, (step,))
    state: State | None
    if question.kind == "can-always":
        state = first_doomed(space, seen.goals[place])
    elif question.kind == "answered":
        state = next(iter(space.unanswered.values()), None)
    elif question.kind == "quiet":
        found = first_delivery_cycle(space)
        return None if found is None else _trace(space, *found, is_loop=True)
    else:
        state = seen.states.get(place)
    return None if state is None else _trace(space, state)


def _trace(space: StateSpace, state: State, then: tuple[Step, ...] = (), *, is_loop: bool = False) -> Trace:
    path = space.path_to(state)
    return Trace(path + then, len(path) if is_loop else None, path[0].before if path else state)


def judged(
    question: Property,
    evidence: Trace | None,
    size: tuple[int, int, int, int],
    stopped_because: str | None,
    *,
    is_met: bool = True,
    blocked: int = 0,
) -> Verdict:
    """The verdict that the evidence makes, or the lack of it.

    ``size`` are the states and steps found, the depth, and the deepest level that was expanded whole; ``is_met`` is
    whether the guard of the property was true of something, ``blocked`` that of the ``Basis``.
    """
    states, steps, _, depth = size
    is_search = question.kind == "sometimes"
    if evidence is not None:
        basis = Basis("witness" if is_search else "counterexample", length=len(evidence.steps))
        return Verdict(question, "holds" if is_search else "violated", evidence, str(basis), basis)
    finding: Finding = "no witness" if is_search else "no violation"
    if stopped_because is None:
        basis = Basis(finding, states=states, steps=steps, blocked=blocked)
        vacuous = question.guard is not None and not is_met
        return Verdict(question, "violated" if is_search else "holds", None, str(basis), basis, vacuous)
    if question.kind == "can-always":
        # What was cut off may lead to the goal, so even the states that were seen are not cleared.
        finding = "no certain violation"
    basis = (
        Basis(finding, depth=depth, stopped_because=stopped_because)
        if depth >= 0
        else Basis("nothing", stopped_because=stopped_because)
    )
    return Verdict(question, "inconclusive", None, str(basis), basis)
