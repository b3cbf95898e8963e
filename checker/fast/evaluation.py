"""Verdicts from a search: predicates are asked of what they can tell apart, graphs are walked by expanding once more."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from checker.fast.kernel import every_source
from checker.fast.layout import mask_of, pack
from checker.fast.marks import Marks
from checker.fast.masks import Part, Parts
from checker.fast.pairs import PairSet
from checker.fast.retrace import first_doing, first_unanswered, parent
from checker.fast.search import END
from checker.fast.subjects import is_of_ends, is_of_states, is_of_steps, parts_of
from checker.model.trace import Trace
from checker.patience import GivenUpError, pause, reason_of
from checker.properties.reachability import delivery_cycle

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from checker.fast.grace import Grace
    from checker.fast.search import Search
    from checker.model.system import System
    from checker.model.vocabulary import State, Step
    from checker.properties.kinds import Property

Numbers = tuple[int, ...]
#: What asking a predicate weighs among what may take long.
WORK = 16


class UntracedError(Exception):
    """What settles a property was found; the trace to it, of this length, was not followed to its end."""

    def __init__(self, reason: str, length: int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.length = length


class Judge:
    """Asks properties of what a search finds, level by level, and has the evidence in the end."""

    def __init__(self, properties: Sequence[Property], system: System) -> None:
        self.properties = tuple(properties)
        self.parts = [parts_of(system, question) for question in self.properties]
        self.looked_at = Parts(self._parts(is_of_steps), self._parts(is_of_states))
        #: Whether states without steps have to be noted.
        self.asks_of_ends = any(is_of_ends(question) for question in self.properties)
        #: By place of the property: the depth and the first state that settles it, by its components; or the depth of the
        #: steps that do, one for each thing that the property can tell apart: the state, and the label.
        self.states: dict[int, tuple[int, Numbers]] = {}
        self.steps: dict[int, tuple[int, list[tuple[Numbers, int]]]] = {}
        #: How many of the sights of the search were asked about already, where that was given up on the way.
        self.seen = 0
        #: By place of an ``ends``: how many states it is not true of that only a bound makes ends.
        self.blocked: dict[int, int] = {}
        #: By place of a ``can-always``: the states that are goals, one for each thing it can tell apart.
        self.goals: dict[int, list[Numbers]] = {
            place: [] for place, one in enumerate(self.properties) if one.kind == "can-always"
        }
        #: The places of the properties whose guard was true of something.
        self.met: set[int] = set()

    def _parts(self, is_meant: Callable[[Property], bool]) -> tuple[Part, ...]:
        pairs = zip(self.parts, self.properties, strict=True)
        return tuple(sorted({part for part, question in pairs if is_meant(question)}))

    def see(self, search: Search) -> None:
        """Ask about everything that the search has noted since it was last asked."""
        states = self.looked_at.states
        sights = search.sights
        while self.seen < len(sights):
            depth, before, label, after = sights[self.seen]
            if label >= 0:
                self._see_step(search, depth, before, label, after)
            elif label == END:
                self._see_end(search, depth, before, is_blocked=after == (1,))
            else:
                self._see_state(search, depth, before, states[-2 - label])
            self.seen += 1
        sights.clear()
        self.seen = 0

    def depth(self, search: Search) -> int:
        """The depth up to which everything that was noted was asked about."""
        return min((depth for depth, *_ in search.sights[self.seen :]), default=search.states.depth + 1) - 1

    def _see_state(self, search: Search, depth: int, numbers: Numbers, part: Part) -> None:
        state: State | None = None
        for place, question in enumerate(self.properties):
            if self.parts[place] != part or not is_of_states(question) or place in self.states:
                continue
            pause(WORK)
            if state is None:
                state = search.tables.decode(numbers)
            if question.kind == "can-always":
                if question.test(state):
                    self.goals[place].append(numbers)
            elif question.test(state) == (question.kind == "sometimes"):
                self.states[place] = (depth, numbers)
            else:
                self._meet(place, question, state)

    def _meet(self, place: int, question: Property, thing: State | Step) -> None:
        """Note whether a property says something of a state or step of which it is true."""
        if question.guard is not None and place not in self.met and question.is_about(thing):
            self.met.add(place)

    def _see_end(self, search: Search, depth: int, numbers: Numbers, *, is_blocked: bool) -> None:
        """Ask about a state without steps; they come in the order of the states, each once."""
        blocked = []
        state = search.tables.decode(numbers)
        for place, question in enumerate(self.properties):
            if not is_of_ends(question) or place in self.states:
                continue
            pause(WORK)
            if question.test(state):
                self._meet(place, question, state)
            elif is_blocked:
                blocked.append(place)
            else:
                self.states[place] = (depth, numbers)
        # Not before all were asked: what is given up on the way is asked once more.
        for place in blocked:
            self.blocked[place] = self.blocked.get(place, 0) + 1

    def _see_step(self, search: Search, depth: int, before: Numbers, label: int, after: Numbers) -> None:
        step: Step | None = None
        for place, question in enumerate(self.properties):
            known = self.steps.get(place, (depth, []))
            if is_of_steps(question) and known[0] == depth:
                pause(WORK)
                if step is None:
                    step = search.step(before, label, after)
                if question.test(step) == (question.kind == "sometimes"):
                    known[1].append((before, label))
                    self.steps[place] = known
                else:
                    self._meet(place, question, step)

    def kept(self) -> dict[str, list[Any]]:
        """What was found so far, as plain data."""
        return {
            "states": list(self.states.items()),
            "steps": list(self.steps.items()),
            "goals": list(self.goals.items()),
            "blocked": list(self.blocked.items()),
            "met": sorted(self.met),
        }

    def take_up(self, data: dict[str, list[Any]]) -> None:
        """Go on from what was found."""
        self.states = {place: (depth, tuple(numbers)) for place, (depth, numbers) in data["states"]}
        self.steps = {
            place: (depth, [(tuple(numbers), label) for numbers, label in found])
            for place, (depth, found) in data["steps"]
        }
        self.goals = {place: [tuple(numbers) for numbers in found] for place, found in data["goals"]}
        self.blocked = dict(data["blocked"])
        self.met = set(data["met"])

    def is_refuted(self, search: Search) -> bool:
        """Whether a state or a step was found that refutes a property."""
        kinds = ("always", "ends", "step")
        is_asked = any(question.kind == "answered" for question in self.properties)
        found = any(self.properties[place].kind in kinds for place in (*self.states, *self.steps))
        return found or (is_asked and search.unanswered is not None)

    def evidence(self, search: Search, place: int, grace: Grace) -> Trace | None:
        """The shortest trace to what settles a property, if anything that was found does.

        Raises:
            GivenUpError: it is not known whether anything does.
            UntracedError: something does, but ``grace`` ended the search for the trace.
        """
        question = self.properties[place]
        if place in self.steps:
            depth, found = self.steps[place]
            with _of_length(depth + 1):
                part = self.parts[place]
                firsts = (first_doing(search, depth, like, part, label, grace.trace) for like, label in found)
                _, numbers = min(firsts)
                return path(search, depth, numbers, grace.trace, self._step(search, question, numbers))
        if question.kind == "answered":
            if search.unanswered is None:
                return None
            with _of_length(search.unanswered):
                first = first_unanswered(search, search.unanswered, grace.trace)
                return path(search, search.unanswered, first, grace.trace)
        if question.kind == "quiet":
            return _loop(search, grace)
        if question.kind == "can-always":
            nearest = doomed(search, self.parts[place], self.goals[place], grace.whole)
        else:
            nearest = self.states.get(place)
        if nearest is None:
            return None
        with _of_length(nearest[0]):
            return path(search, *nearest, grace.trace)

    def _step(self, search: Search, question: Property, numbers: Numbers) -> tuple[Step, ...]:
        """The first step from a state that settles a property."""
        steps = search.system.steps(search.tables.decode(numbers))
        settling = (step for step in steps if question.test(step) == (question.kind == "sometimes"))
        return (next(settling),)


@contextmanager
def _of_length(length: int) -> Iterator[None]:
    """Whatever ends what is done meanwhile, evidence of this length is there."""
    try:
        yield
    except (GivenUpError, KeyboardInterrupt) as end:
        raise UntracedError(reason_of(end), length) from None


def path(
    search: Search,
    depth: int,
    numbers: Numbers,
    give_up: Callable[[], None],
    then: tuple[Step, ...] = (),
    *,
    is_loop: bool = False,
) -> Trace:
    """A shortest path to a state of this depth: the one by which the reference engine reaches it first.

    ``give_up`` is called now and then, and raises what ends it.
    """
    steps: list[Step] = []
    state = search.tables.decode(numbers)
    for level in reversed(range(depth)):
        numbers = parent(search, level, numbers, give_up)
        before = search.tables.decode(numbers)
        steps.append(next(step for step in search.system.steps(before) if step.after == state))
        state = before
    found = tuple(reversed(steps))
    return Trace(found + then, len(found) if is_loop else None, state)


def doomed(
    search: Search, part: Part, goals: Sequence[Numbers], give_up: Callable[..., None]
) -> tuple[int, Numbers] | None:
    """Depth of the first state from which no goal can be reached, and the state; ``None`` if there is none."""
    kernel, words = search.kernel, search.layout.words
    marks = Marks(search, give_up)
    known = PairSet(search.arrays, kernel, words)
    known.reserve(len(goals))
    masks = mask_of(search.layout, part)
    for low, high in (pack(search.layout, numbers) for numbers in goals):
        kernel.enter(words, known.pairs, low & masks[0], high & masks[1], 0)
    for states in search.states.chunks(0, search.states.expanded, search.chunk):
        give_up()
        marks.mark_goals(known.pairs, masks, states)
    return marks.first_without(every_source(search.layout), is_every=False)


def _loop(search: Search, grace: Grace) -> Trace | None:
    """The shortest way into a cycle of deliveries alone, and once round it."""
    marks = Marks(search, grace.whole)
    if marks.first_without(search.layout.channels, is_every=True) is None:
        return None
    restless = {search.tables.decode(numbers): (depth, numbers) for depth, numbers in marks.without()}

    def steps() -> Iterator[Step]:
        for state in restless:
            grace.whole()
            for step in search.system.steps(state):
                if step.label.kind == "deliver" and step.after in restless:
                    yield step

    found = delivery_cycle({state: depth for state, (depth, _) in restless.items()}, steps())
    if found is None:
        return None
    start, cycle = found
    depth, numbers = restless[start]
    with _of_length(depth + len(cycle)):
        return path(search, depth, numbers, grace.trace, cycle, is_loop=True)
