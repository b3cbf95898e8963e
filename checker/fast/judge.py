"""Verdicts from a search: predicates are asked of what they can tell apart, graphs are walked by expanding once more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from checker.fast.kernel import every_source
from checker.fast.words import PairSet
from checker.model import Label, Step
from checker.reach import delivery_cycle
from checker.trace import Trace

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from checker.fast.search import Search
    from checker.model import State
    from checker.properties import Property

OF_STATES = ("always", "sometimes", "can-always")


def parts_of(system: Any, question: Property) -> tuple[int, ...]:
    """The components of a state that a property looks at, by place."""
    names = [part.name for part in (*system.processes, *system.channels)]
    if question.reads is None:
        return tuple(range(len(names) + 1))
    return tuple(place for place, name in enumerate(names) if name in question.reads)


def is_of_steps(question: Property) -> bool:
    """Whether a property is asked of steps."""
    return question.kind == "step" or (question.kind == "sometimes" and question.of == "step")


class Judge:
    """Asks properties of what a search finds, level by level, and has the evidence in the end."""

    def __init__(self, properties: Sequence[Property], system: Any) -> None:
        self.properties = tuple(properties)
        self.parts = [parts_of(system, question) for question in self.properties]
        steps = {part for part, one in zip(self.parts, self.properties, strict=True) if is_of_steps(one)}
        states = {
            part
            for part, one in zip(self.parts, self.properties, strict=True)
            if one.kind in OF_STATES and not is_of_steps(one)
        }
        self.step_parts, self.state_parts = tuple(sorted(steps)), tuple(sorted(states))
        #: By place of the property: the depth and the state that settles it; or the depth of the steps that do, with the
        #: numbers of the state before each, one for each thing that the property can tell apart.
        self.states: dict[int, tuple[int, State]] = {}
        self.steps: dict[int, tuple[int, list[tuple[tuple[int, ...], Label]]]] = {}
        #: By place of a ``can-always``: the states that are goals, by their numbers, one for each thing it can tell apart.
        self.goals: dict[int, list[tuple[int, ...]]] = {
            place: [] for place, one in enumerate(self.properties) if one.kind == "can-always"
        }

    def see(self, search: Search) -> None:
        """Ask about everything that the search has noted since it was last asked, and about the ends it found."""
        for depth, before, label, after in search.sights:
            if label < 0:
                self._see_state(search, depth, before, self.state_parts[-2 - label])
            else:
                self._see_step(search, depth, before, label, after)
        search.sights.clear()
        self._see_ends(search)

    def _see_state(self, search: Search, depth: int, word: int, part: tuple[int, ...]) -> None:
        state = search.state(word)
        for place, question in enumerate(self.properties):
            if self.parts[place] != part or question.kind not in OF_STATES or is_of_steps(question):
                continue
            if question.kind == "can-always":
                if question.test(state):
                    self.goals[place].append(search.numbers(word))
            elif place not in self.states and question.test(state) == (question.kind == "sometimes"):
                self.states[place] = (depth, state)

    def _see_step(self, search: Search, depth: int, before: int, label: int, after: int) -> None:
        step: Step | None = None
        for place, question in enumerate(self.properties):
            known = self.steps.get(place, (depth, []))
            if is_of_steps(question) and known[0] == depth:
                if step is None:
                    step = search.step(before, label, after)
                if question.test(step) == (question.kind == "sometimes"):
                    known[1].append((search.numbers(before), step.label))
                    self.steps[place] = known

    def _see_ends(self, search: Search) -> None:
        asked = [
            place
            for place, one in enumerate(self.properties)
            if one.kind == "ends" and place not in self.states
        ]
        for depth, words in search.new_ends:
            for word in words:
                if not asked:
                    break
                state = search.state(int(word))
                for place in tuple(asked):
                    if not self.properties[place].test(state):
                        self.states[place] = (depth, state)
                        asked.remove(place)
        search.new_ends.clear()

    def is_refuted(self, search: Search) -> bool:
        """Whether a state or a step was found that refutes a property."""
        kinds = ("always", "ends", "step")
        is_asked = any(question.kind == "answered" for question in self.properties)
        found = any(self.properties[place].kind in kinds for place in (*self.states, *self.steps))
        return found or (is_asked and search.unanswered is not None)

    def evidence(self, search: Search, place: int) -> Trace | None:
        """The shortest trace to what settles a property, if anything that was found does."""
        question = self.properties[place]
        if place in self.steps:
            depth, found_steps = self.steps[place]
            step = self._first_step(search, place, depth, found_steps)
            return path(search, depth, step.before, (step,))
        if question.kind == "answered":
            if search.unanswered is None:
                return None
            return path(search, search.unanswered, search.first_unanswered(search.unanswered))
        if question.kind == "can-always":
            found = doomed(search, self.parts[place], self.goals[place])
        elif question.kind == "quiet":
            return _loop(search)
        else:
            found = self.states.get(place)
        return None if found is None else path(search, *found)

    def _first_step(
        self, search: Search, place: int, depth: int, found: Sequence[tuple[tuple[int, ...], Label]]
    ) -> Step:
        """The first step of a level that settles a property, given one of each kind that does."""
        question, level = self.properties[place], search.words.levels[depth]
        nearest = min(
            next(
                number
                for number in search.places_like(depth, numbers, self.parts[place])
                if any(step.label == label for step in search.system.steps(search.state(int(level[number]))))
            )
            for numbers, label in found
        )
        steps = search.system.steps(search.state(int(level[nearest])))
        return next(step for step in steps if question.test(step) == (question.kind == "sometimes"))


def path(
    search: Search, depth: int, state: State, then: tuple[Step, ...] = (), *, is_loop: bool = False
) -> Trace:
    """A shortest path to a state of this depth: the one by which the reference engine reaches it first."""
    steps: list[Step] = []
    word = search.word(search.tables.encode(state))
    for level in reversed(search.words.levels[:depth]):
        parent = int(level[search.parent(level, word)])
        before = search.state(parent)
        steps.append(next(step for step in search.system.steps(before) if step.after == state))
        word, state = parent, before
    found = tuple(reversed(steps))
    return Trace(found + then, len(found) if is_loop else None, state)


def doomed(
    search: Search, part: tuple[int, ...], goals: Sequence[tuple[int, ...]]
) -> tuple[int, State] | None:
    """Depth of the first state from which no goal can be reached, and the state; ``None`` if there is none."""
    words, kernel = search.words, search.kernel
    marks = words.filled(len(words.slots), 0)
    known = PairSet(words)
    known.reserve(len(goals))
    mask = search.mask(part)
    for word in map(search.word, goals):
        free = kernel.place_of(known.pairs, word & mask, 0)
        if free < 0:
            known.pairs.ones[-1 - free] = word & mask
            known.pairs.others[-1 - free] = 0
    for level in words.levels:
        kernel.mark_goals(known.pairs, mask, words.slots, marks, level, 0, len(level))
    return _unmarked(search, marks, every_source(search.layout), is_every=False)


def _unmarked(search: Search, marks: Any, sources: int, *, is_every: bool) -> tuple[int, State] | None:
    """Spread the marks until they spread no further; the first state that has none."""
    words = search.words
    # What was not expanded may lead anywhere.
    words.kernel.mark_all(words.slots, marks, search.frontier, 0, len(search.frontier))
    spreading = True
    while spreading:
        spreading = False
        for level in reversed(words.levels):
            if search.again(words.kernel.spread, sources, int(is_every), words.slots, marks, level):
                spreading = True
    for depth, level in enumerate(words.levels):
        place = words.kernel.first_unmarked(words.slots, marks, level, 0, len(level))
        if place < len(level):
            return depth, search.state(int(level[place]))
    return None


def _loop(search: Search) -> Trace | None:
    """The nearest cycle of deliveries alone, with the way to it."""
    words = search.words
    marks = words.filled(len(words.slots), 0)
    if _unmarked(search, marks, search.layout.channels, is_every=True) is None:
        return None
    order = list(_restless(search, marks))
    states = {search.state(word): depth for depth, word in order}
    steps = (
        step
        for state in states
        for step in search.system.steps(state)
        if step.label.kind == "deliver" and step.after in states
    )
    found = delivery_cycle(list(states), steps)
    if found is None:
        return None
    start, cycle = found
    return path(search, states[start], start, cycle, is_loop=True)


def _restless(search: Search, marks: Any) -> Iterator[tuple[int, int]]:
    """The states without a mark, with their depths, in order."""
    words = search.words
    for depth, level in enumerate(words.levels):
        place = words.kernel.first_unmarked(words.slots, marks, level, 0, len(level))
        while place < len(level):
            yield depth, int(level[place])
            place = words.kernel.first_unmarked(words.slots, marks, level, place + 1, len(level))
