"""Predicates that remember their answers: an expression sees far fewer values than there are states and steps."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import Any, NamedTuple

from checker.model import State, Step
from tcpfsm.spec.property_scope import PropertyFrame

Run = Callable[[Any], Any]


class View(NamedTuple):
    """What an expression can see; its answer is the same whenever that is.

    ``used`` are the first parts of the names it mentions (``p``, ``q``, ``flight``, ``step`` ...).
    """

    ends: tuple[str, str]
    each: bool
    of_step: bool
    used: frozenset[str]

    @property
    def alone(self) -> bool:
        """Whether it is asked for each end, and looks at that end only."""
        return self.each and not self.used & {"q", *self.ends}

    def key(self, frame: PropertyFrame) -> Hashable:
        """Return everything that the expression reads of a frame."""
        before, after = frame.before.locals, frame.after.locals
        locals_seen = (before[frame.p], after[frame.p]) if self.alone else (before, after)
        channels = (frame.before.channels, frame.after.channels) if "flight" in self.used else ()
        if frame.step is None:
            return locals_seen[1], frame.p, channels
        label = frame.step.label
        seen: tuple[Hashable, ...] | None = None
        if not self.alone or label.actor == self.ends[frame.p]:
            seen = (label.kind, label.actor, label.action, label.message, label.choice)
        elif "step" in self.used:
            seen = (label.kind,)
        return locals_seen, frame.p, seen, channels


def remembered(run: Run, view: View, combine: Callable[[Iterable[bool]], bool]) -> Callable[[Any], bool]:
    """Return the predicate of states or steps that an expression means; ``combine`` joins the answers for both ends."""
    if view.of_step and view.alone and not view.used & {"flight", "step"}:
        return _by_outcome(run, view, combine)
    frame = PropertyFrame()
    answers: dict[Hashable, bool] = {}

    def answer(end: int) -> bool:
        frame.p = end
        key = view.key(frame)
        known = answers.get(key)
        if known is None:
            known = answers[key] = bool(run(frame))
        return known

    def predicate(thing: State | Step) -> bool:
        if isinstance(thing, Step):
            frame.before, frame.after, frame.step = thing.before, thing.after, thing
        else:
            frame.before = frame.after = thing
        return combine([answer(end) for end in (0, 1)]) if view.each else answer(0)

    return predicate


def _by_outcome(run: Run, view: View, combine: Callable[[Iterable[bool]], bool]) -> Callable[[Step], bool]:
    """Return the predicate of an expression that sees one end and what it did.

    An outcome is one object for all steps in which an end does the same in the same local state, so the answer for
    the end that acts is kept by it; the other end does nothing, so its local state alone decides.
    """
    frame = PropertyFrame()
    index = {end: number for number, end in enumerate(view.ends)}
    # Objects by their ids, so that nothing is hashed; they are kept here, so that an id stays that of its object.
    acting: dict[int, tuple[Any, bool]] = {}
    resting: tuple[dict[int, tuple[Any, bool]], dict[int, tuple[Any, bool]]] = ({}, {})

    def ask(step: Step, end: int, answers: dict[int, tuple[Any, bool]], thing: Any) -> bool:
        known = answers.get(id(thing))
        if known is None:
            frame.before, frame.after, frame.step, frame.p = step.before, step.after, step, end
            known = answers[id(thing)] = (thing, bool(run(frame)))
        return known[1]

    def predicate(step: Step) -> bool:
        first, second = step.before.locals
        outcome = step.outcome
        if outcome is None:  # the network acts, and both ends rest
            return combine((ask(step, 0, resting[0], first), ask(step, 1, resting[1], second)))
        if index[step.label.actor] == 0:
            return combine((ask(step, 0, acting, outcome), ask(step, 1, resting[1], second)))
        return combine((ask(step, 0, resting[0], first), ask(step, 1, acting, outcome)))

    return predicate
