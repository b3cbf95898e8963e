"""One look at every state and one at every step, on behalf of all properties at once.

A predicate may be slow, so each is asked about a state or step at most once, and no more once its answer is known.
All are asked about one state before the next, so that they may share what they work out about it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from checker.model import State, Step
    from checker.properties import Property
    from checker.space import StateSpace


@dataclass(slots=True)
class Survey:
    """What was seen; every property is known by its place among those asked.

    ``states`` has the first state that settles the property: a violation, or a witness.
    ``steps`` has the first step that does. ``goals`` has all the states that are goals.
    """

    states: dict[int, State] = field(default_factory=dict)
    steps: dict[int, Step] = field(default_factory=dict)
    goals: dict[int, list[State]] = field(default_factory=dict)
    #: Of an ``ends``, how many states it is not true of that only a bound makes ends.
    blocked: dict[int, int] = field(default_factory=dict)


def survey(space: StateSpace, properties: Sequence[Property]) -> Survey:
    """Look at all that was found, in breadth-first order."""
    seen = Survey()
    _look_at_states(space, properties, seen)
    _look_at_steps(space, properties, seen)
    return seen


def _look_at_states(space: StateSpace, properties: Sequence[Property], seen: Survey) -> None:
    places = {
        place: question
        for place, question in enumerate(properties)
        if question.kind in ("always", "ends", "can-always")
        or (question.kind, question.of) == ("sometimes", "state")
    }
    seen.goals = {place: [] for place, question in places.items() if question.kind == "can-always"}
    for number, state in enumerate(space.order):
        found = space.expansions[number] if number < space.expanded else None
        for place, question in tuple(places.items()):
            if question.kind == "can-always":
                if question.test(state):
                    seen.goals[place].append(state)
            elif question.kind == "ends":
                if found is None or found.steps or question.test(state):
                    continue
                if found.blocked_by:
                    seen.blocked[place] = seen.blocked.get(place, 0) + 1
                else:
                    seen.states.setdefault(place, state)
            elif question.test(state) == (question.kind == "sometimes"):
                seen.states[place] = state
                del places[place]


def _look_at_steps(space: StateSpace, properties: Sequence[Property], seen: Survey) -> None:
    places = {
        place: question
        for place, question in enumerate(properties)
        if question.kind == "step" or (question.kind, question.of) == ("sometimes", "step")
    }
    for found in space.expansions:
        for step in found.steps if places else ():
            for place, question in tuple(places.items()):
                if question.test(step) == (question.kind == "sometimes"):
                    seen.steps[place] = step
                    del places[place]
