"""Verdicts: the answers to properties, each with its evidence.

There are three. ``holds`` is said only when everything there is was seen, or the witness asked for was found;
``violated`` comes with a trace that shows it; anything else is ``inconclusive`` and says how far the search came.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, cast

from checker.model.trace import Trace
from checker.patience import GivenUpError, asking, reason_of
from checker.properties.reachability import bounds_behind, first_delivery_cycle, first_doomed
from checker.properties.survey import Survey

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from checker.model.channel import Channel
    from checker.model.expansion import Expansion
    from checker.model.vocabulary import State, Step
    from checker.properties.kinds import Property
    from checker.reference.space import StateSpace

Answer = Literal["holds", "violated", "inconclusive"]


Finding = Literal[
    "witness", "counterexample", "no witness", "no violation", "no certain violation", "nothing"
]


@dataclass(frozen=True, slots=True)
class Basis:
    """What an answer rests on; as a text, in words. What does not apply is ``None``.

    ``length`` is that of the shortest witness or counterexample, which was not followed to its end if something stopped
    that; ``states`` and ``steps`` are the size of a space that was seen whole; ``depth`` is how deep a search came that
    ``stopped_because`` of a limit.
    """

    finding: Finding
    length: int | None = None
    states: int | None = None
    steps: int | None = None
    depth: int | None = None
    stopped_because: str | None = None
    #: Of an ``ends``, how many states it is not true of that only a bound makes ends; they refute nothing.
    blocked: int = 0
    #: Of a ``can-always`` that is violated, the bounds, but for budgets, that may be why (``bounds_behind``).
    bounds: tuple[str, ...] = ()

    def __str__(self) -> str:
        if self.length is not None:
            steps = f"{self.length} step{'' if self.length == 1 else 's'}"
            why = "" if self.stopped_because is None else f"; it was not traced ({self.stopped_because})"
            bounds = f"; it may be a matter of {' and '.join(self.bounds)}" if self.bounds else ""
            return f"a shortest {self.finding} has {steps}{why}{bounds}"
        if self.stopped_because is None:
            found = f"{self.finding} in all {self.states} states and {self.steps} steps"
            return f"{found}, but in {self.blocked} that only a bound makes ends" if self.blocked else found
        reach = "" if self.depth is None else f" up to depth {self.depth}"
        return f"{self.finding}{reach} ({self.stopped_because})"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer to one property.

    ``trace`` is the counterexample, or the witness of a ``sometimes``; always a shortest one.
    A ``sometimes`` that is violated has none, as it is the absence of something; nor has what was found shortly before
    a limit of time was reached, if the way to it could not be found any more.
    ``basis`` is what the answer rests on, and ``established`` says it in words. ``vacuous`` is whether it holds for want of
    anything that it is about.
    """

    property: Property
    verdict: Answer
    trace: Trace | None
    established: str
    basis: Basis
    vacuous: bool = False


def check(
    space: StateSpace,
    properties: Iterable[Property],
    seen: Survey | None = None,
    give_up: Callable[[], None] = lambda: None,
) -> tuple[Verdict, ...]:
    """Answer every property, in the order asked.

    ``seen`` is what was seen of the properties while the space was explored, if they were asked then. ``give_up`` is called
    before a question that goes through the whole graph, and by predicates that pause; it may raise ``GivenUpError``.

    Raises:
        ValueError: a property cannot be asked of this space: ``quiet`` where a ``set`` channel delivers the same
            message for ever, or ``answered`` where the system does not report unanswered receptions.
    """
    asked = tuple(properties)
    for question in asked:
        refuse(space.channels, question, observed=space.observed)
    sizes = (space.states, space.steps, space.depth)
    reached, stopped = space.expanded_depth, space.stopped_because
    verdicts = []
    with asking(give_up):
        known = Survey(asked) if seen is None else seen
        try:
            known.complete(space)
        except (GivenUpError, KeyboardInterrupt) as end:
            # Of states that were not expanded nothing is claimed anyway.
            stopped = stopped or reason_of(end)
            reached = min(reached, known.reached(space))
        for place, question in enumerate(asked):
            evidence, reason, depth = None, stopped, reached
            bounds: tuple[str, ...] = ()
            try:
                if question.kind in ("can-always", "quiet"):
                    give_up()
                evidence = _evidence(space, question, place, known)
                if evidence is not None and question.kind == "can-always":
                    bounds = _bounds(space, evidence.final)
            except (GivenUpError, KeyboardInterrupt) as end:
                reason, depth = reason_of(end), -1
            met, blocked = place in known.met, known.blocked.get(place, 0)
            size = (*sizes, depth)
            verdicts.append(
                judged(question, evidence, size, reason, is_met=met, blocked=blocked, bounds=bounds)
            )
    return tuple(verdicts)


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


def _bounds(space: StateSpace, doomed: State) -> tuple[str, ...]:
    """The bounds that may be why no goal can be reached from a state; where that cannot be found out, all that may."""
    reached = tuple(sorted({bound for found in space.expansions for bound in found.blocked_by}))
    nodes = space.graph.nodes
    try:
        return bounds_behind(doomed, lambda state: cast("Expansion", nodes[state]["expansion"]), reached)
    except (GivenUpError, KeyboardInterrupt):
        return reached


def _trace(space: StateSpace, state: State, then: tuple[Step, ...] = (), *, is_loop: bool = False) -> Trace:
    path = space.path_to(state)
    return Trace(path + then, len(path) if is_loop else None, path[0].before if path else state)


def judged(
    question: Property,
    evidence: Trace | None,
    size: tuple[int, int, int, int],
    stopped_because: str | None,
    untraced: int | None = None,
    *,
    is_met: bool = True,
    blocked: int = 0,
    bounds: tuple[str, ...] = (),
) -> Verdict:
    """The verdict that the evidence makes, or the lack of it.

    ``size`` are the states and steps found, the depth, and the deepest level that was expanded whole. ``untraced`` is the
    length of evidence that is known to be there, and was not followed to its end; ``is_met`` is whether the guard of the
    property was true of something, ``blocked`` and ``bounds`` those of the ``Basis``.
    """
    states, steps, _, depth = size
    is_search = question.kind == "sometimes"
    if evidence is not None or untraced is not None:
        length = untraced if evidence is None else len(evidence.steps)
        why = stopped_because if evidence is None else None
        found: Finding = "witness" if is_search else "counterexample"
        basis = Basis(found, length=length, stopped_because=why, bounds=bounds)
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
