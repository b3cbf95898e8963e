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
    ``met`` are the properties whose guard was true of something.
    """

    states: dict[int, State] = field(default_factory=dict)
    steps: dict[int, Step] = field(default_factory=dict)
    goals: dict[int, list[State]] = field(default_factory=dict)
    #: Of an ``ends``, how many states it is not true of that only a bound makes ends.
    blocked: dict[int, int] = field(default_factory=dict)
    met: set[int] = field(default_factory=set)

    def meet(self, place: int, question: Property, thing: State | Step) -> None:
        """Note whether a property says something of a state or step of which it is true."""
        if place not in self.met and question.is_about(thing):
            self.met.add(place)


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
            elif question.kind == "ends" and (found is None or found.steps):
                continue
            elif (
                question.kind == "ends"
                and found is not None
                and found.blocked_by
                and not question.test(state)
            ):
                seen.blocked[place] = seen.blocked.get(place, 0) + 1
            elif question.test(state) == (question.kind == "sometimes"):
                seen.states[place] = state
                del places[place]
            elif question.guard is not None:
                seen.meet(place, question, state)


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
                elif question.guard is not None:
                    seen.meet(place, question, step)
