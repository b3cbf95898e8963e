"""One look at every state and one at every step, on behalf of all properties at once.

A predicate may be slow, so each is asked about a state or step at most once, and no more once its answer is known.
All are asked about one state before the next, so that they may share what they work out about it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from checker.patience import pause

if TYPE_CHECKING:
    from collections.abc import Sequence

    from checker.model.expansion import Expansion
    from checker.model.vocabulary import State, Step
    from checker.properties.kinds import Property
    from checker.reference.space import StateSpace

#: What asking a predicate weighs among what may take long.
WORK = 16


class Survey:
    """What was seen; every property is known by its place among those asked.

    ``states`` has the first state that settles the property: a violation, or a witness.
    ``steps`` has the first step that does. ``goals`` has all the states that are goals.
    ``met`` are the properties whose guard was true of something.
    States are looked at in breadth-first order, first those that are expanded, when they are.
    """

    def __init__(self, properties: Sequence[Property]) -> None:
        self.states: dict[int, State] = {}
        self.steps: dict[int, Step] = {}
        self.goals: dict[int, list[State]] = {
            place: [] for place, question in enumerate(properties) if question.kind == "can-always"
        }
        #: Of an ``ends``, how many states it is not true of that only a bound makes ends.
        self.blocked: dict[int, int] = {}
        self.met: set[int] = set()
        self.looked_at = 0
        self._of_states = {
            place: question
            for place, question in enumerate(properties)
            if question.kind in ("always", "ends", "can-always")
            or (question.kind, question.of) == ("sometimes", "state")
        }
        self._of_steps = {
            place: question
            for place, question in enumerate(properties)
            if question.kind == "step" or (question.kind, question.of) == ("sometimes", "step")
        }

    def look(self, state: State, expansion: Expansion | None) -> None:
        """Ask about the next state, and about its steps, if it is expanded.

        Raises:
            GivenUpError: it was not looked at.
        """
        steps = () if expansion is None else expansion.steps
        for step in steps if self._of_steps else ():
            self._look_at_step(step)
        self._look_at_state(state, expansion)
        self.looked_at += 1

    def _look_at_state(self, state: State, expansion: Expansion | None) -> None:
        goals, blocked = [], []
        for place, question in tuple(self._of_states.items()):
            if question.kind == "ends" and (expansion is None or expansion.steps):
                continue
            pause(WORK)
            if question.kind == "can-always":
                if question.test(state):
                    goals.append(place)
            elif question.test(state) != (question.kind == "sometimes"):
                self._meet(place, question, state)
            elif question.kind == "ends" and expansion is not None and expansion.blocked_by:
                blocked.append(place)
            else:
                self.states[place] = state
                del self._of_states[place]
        for place in goals:
            self.goals[place].append(state)
        for place in blocked:
            self.blocked[place] = self.blocked.get(place, 0) + 1

    def _look_at_step(self, step: Step) -> None:
        for place, question in tuple(self._of_steps.items()):
            pause(WORK)
            if question.test(step) == (question.kind == "sometimes"):
                self.steps[place] = step
                del self._of_steps[place]
            else:
                self._meet(place, question, step)

    def _meet(self, place: int, question: Property, thing: State | Step) -> None:
        """Note whether a property says something of a state or step of which it is true."""
        if question.guard is not None and place not in self.met and question.is_about(thing):
            self.met.add(place)

    def complete(self, space: StateSpace) -> None:
        """Look at what is left of all that was found.

        Raises:
            GivenUpError: some states were not looked at.
        """
        expansions = space.expansions
        for number in range(self.looked_at, space.states):
            self.look(space.order[number], expansions[number] if number < len(expansions) else None)

    def reached(self, space: StateSpace) -> int:
        """The depth up to which all states were looked at, -1 if not even the initial ones were."""
        left = self.looked_at < space.states
        return space.depths[self.looked_at] - 1 if left else space.depth
