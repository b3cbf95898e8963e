"""Breadth-first search, level by level, over words; the order of the states is that of the reference engine."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from checker.fast import kernel as interpreted
from checker.fast.arrays import Arrays
from checker.fast.compiled import compiled_kernel
from checker.fast.insertion import Intake
from checker.fast.kernel import ALLOWED, CROWDED, SUCCESSORS, UNANSWERED, every_source
from checker.fast.layout import TooWideError, fits, layout_for, mask_of, pack, unpack
from checker.fast.masks import Masks, Parts, parts_of_restrictions
from checker.fast.state_list import StateList
from checker.fast.state_set import StateSet
from checker.fast.tables import Tables
from checker.fast.threads import Crew
from checker.fast.worker import ROOM, UNLIMITED, Worker, line_up
from checker.model.vocabulary import Attempt, State, Step
from checker.patience import GivenUpError, pause

if TYPE_CHECKING:
    from collections.abc import Callable

    from checker.fast.checked_file import CheckedFile
    from checker.fast.interrupt import Interrupts
    from checker.fast.kernel import Layout
    from checker.limits import Watch
    from checker.model.system import System
    from checker.model.vocabulary import Label, Outcome, State

#: How many states a worker expands at once: interpreted, and compiled.
CHUNK, COMPILED_CHUNK = 1 << 9, 1 << 14
#: What filling in one entry of the tables weighs among what may take long.
WORK = 64
#: From how many states to expand on more than one worker pays.
WORTH_SHARING = 1 << 13
#: The label of a sight of a state without steps; those of states are less.
END = -1


class Search:
    """A search through a system.

    ``parts`` are the components that properties look at together. Of each new combination of them the search notes a step,
    or a state, in ``sights``: depth, components, label, components after the step; of a state the label is negative. A sight
    is of what may be expanded once more, or by another thread, so the same may be noted again: nothing can be counted by it.
    With ``ends``, every state without steps is noted as well, by the label ``END``, once, when it is counted, and in the
    order of the states; after it stands whether a bound that is no budget is in the way of a step.
    ``terminals`` counts them, ``blocked_terminals`` those where a bound is in the way.
    ``unanswered`` is the depth of the first state in which something arrives that nobody answers.
    ``file`` is where the states are kept; it begins with ``begin``, or with what was kept.
    """

    def __init__(
        self,
        system: System,
        parts: Parts,
        *,
        compiled: bool,
        threads: int = 1,
        ends: bool = False,
        file: CheckedFile | None = None,
    ) -> None:
        self.system = system
        self.compiled = compiled
        self.kernel: Any = compiled_kernel() if compiled else interpreted
        self.arrays = Arrays(compiled=compiled)
        self.tables = Tables(system, compiled=compiled)
        self.crew = Crew(threads if compiled else 1)
        self.parts = parts._replace(restrictions=parts_of_restrictions(system))
        self.ends = ends
        self.steps = self.terminals = self.blocked_terminals = 0
        self.unanswered: int | None = None
        #: The numbers of the restrictions that refused a step.
        self.refused: set[int] = set()
        self.sights: list[tuple[int, tuple[int, ...], int, tuple[int, ...]]] = []
        self._first = [self.tables.encode(state) for state in system.initials]
        self.layout = self._layout()
        self.states = StateList(self.arrays, self.layout, file)

    def begin(self) -> None:
        """Begin with the initial states."""
        self.prepare()
        self._take_initials(self._first)

    def _layout(self) -> Layout:
        system = self.system
        return layout_for(
            self.tables.widths(), len(system.processes), len(system.channels), compiled=self.compiled
        )

    def prepare(self) -> None:
        """Make what depends on the layout: the set of states, which is filled from their sequence, masks, workers."""
        words = self.layout.words
        self.known = StateSet(self.arrays, self.kernel, words, len(self.states))
        self.masks = Masks(self.arrays, self.layout, self.parts)
        self.chunk = COMPILED_CHUNK if self.compiled else CHUNK
        self.workers = [
            Worker(self.arrays, self.kernel, self.masks, self.chunk, self.crew.size)
            for _ in range(self.crew.size)
        ]
        self.intake = Intake(self.arrays, self.known, self.workers, self.crew)
        for states in self.states.chunks(0, len(self.states), self.chunk):
            self.intake.take_in(states)

    def _take_initials(self, first: list[tuple[int, ...]]) -> None:
        words = len(self.layout.words)
        given = self.arrays.of([half for numbers in first for half in pack(self.layout, numbers)[:words]])
        fresh = self.intake.take_in(given)
        self.states.append(fresh, len(fresh) // words)
        self.states.end_level()
        self._look(fresh, 0)

    def close(self) -> None:
        """Let go of threads and files."""
        self.crew.close()
        self.states.close()

    def advance(
        self, limit: int | None, watch: Watch, interrupts: Interrupts, between: Callable[[], None]
    ) -> str | None:
        """Expand what is left of a level; the limit that stopped it, or ``None``.

        ``between`` is called where nothing is half done.
        """
        states = self.states
        while left := states.left_of_level():
            count = min(len(self.workers) * self.chunk, left)
            frontier = len(states) - states.expanded
            stopped = watch.look(len(states), self.steps, states.level_depth, frontier, states.levels())
            growth = self.known.growth(self._most_new(count))
            if growth and stopped is None:
                stopped = watch.foresee(growth)
            if interrupts.asked:
                stopped = "interrupted"
            if stopped is None:
                stopped = self._expanded(count, limit)
            if stopped is not None:
                return stopped
            between()
        states.end_level()
        return None

    def _expanded(self, count: int, limit: int | None) -> str | None:
        """Expand up to so many states; what stopped that, if something did."""
        noted, unanswered = len(self.sights), self.unanswered
        try:
            return None if self._expand(count, limit) else "state limit"
        except GivenUpError as end:
            # The states do not count as expanded: what was noted of their steps is forgotten.
            del self.sights[noted:]
            self.unanswered = unanswered
            return end.reason

    def _most_new(self, count: int) -> int:
        """How many states may well be found by expanding so many."""
        return 2 * count * (self.steps // max(1, self.states.expanded) + 1)

    def _expand(self, count: int, limit: int | None) -> bool:
        """Expand up to so many states; ``False`` if there may be no more."""
        most = UNLIMITED if limit is None else limit - len(self.states)
        if most < 2 * len(self.workers) * ROOM:  # the limit is near: every state counts
            count = self._affordable(min(count, CHUNK, self.chunk), most)
            most = UNLIMITED
            if not count:
                return False
        crew = self.workers if count > min(WORTH_SHARING, self.chunk) else self.workers[:1]
        if self._find(count, most // len(crew), crew, silent=False):
            self._account(crew, self.intake.insert(crew))
        return True

    def _find(self, count: int, most: int, crew: list[Worker], *, silent: bool) -> int:
        """Find the successors of the next states; of how many, or 0 if the layout is another now."""
        words = len(self.layout.words)
        states = self.states.read(self.states.expanded, self.states.expanded + count)
        share = -(-count // len(crew))
        for place, worker in enumerate(crew):
            worker.give(states[words * share * place : words * share * (place + 1)])
        return self.expand(crew, most, silent=silent)

    def expand(self, crew: list[Worker], most: int, *, silent: bool, sources: int | None = None) -> int:
        """Expand what some workers were given, with at most so many successors each; how many states came out whole.

        Those are the first ones; 0 if the layout is another now. Steps are those of the first ``sources`` sources.
        """
        depth = self.states.level_depth
        asked = every_source(self.layout) if sources is None else sources
        again = False
        while any(len(worker.todo) for worker in crew):
            active = [worker for worker in crew if len(worker.todo)]
            for worker in active:
                worker.reserve()
            view = self.tables.view()
            self.crew.run([partial(worker.expand, view, asked, most, silent=silent) for worker in active])
            for worker in active:
                if worker.output.counts[CROWDED]:
                    raise TooWideError
                self.sights += [(depth, *sight) for sight in worker.sights()]
                if worker.output.counts[UNANSWERED] and self.unanswered is None:
                    self.unanswered = depth
                worker.output.counts[UNANSWERED] = 0
            if self._fill(active):
                return 0  # what was written is in a layout that is no more
            again = again or any(len(worker.todo) for worker in active)
        return line_up(crew, again=again)

    def _account(self, crew: list[Worker], fresh: Any) -> None:
        """Count what was done."""
        for worker in crew:
            self.steps += int(worker.output.counts[SUCCESSORS])
            self._count_ends(worker)
            self.states.expanded += worker.done
        count = self.size(fresh)
        self.states.append(fresh, count)
        self._look(fresh, self.states.level_depth + 1)

    def _count_ends(self, worker: Worker) -> None:
        """Count the states without steps of those that a worker has expanded, and note them if that was asked for."""
        depth = self.states.level_depth
        for place in worker.ends():
            is_blocked = int(worker.output.blocked[place])
            self.terminals += 1
            self.blocked_terminals += is_blocked
            if self.ends:
                self.sights.append((depth, self.numbers_at(worker.share, place), END, (is_blocked,)))

    def _affordable(self, count: int, most: int) -> int:
        """How many of the next states can be expanded before there are more than ``most`` new ones."""
        affordable = 0
        while not affordable:  # it is 0 when the layout became another
            affordable = self._find(count, UNLIMITED, self.workers[:1], silent=True)
        return self.workers[0].few_enough(self.known.table, affordable, most)

    def _look(self, states: Any, depth: int) -> None:
        """Note what is new in some states."""
        worker = self.workers[0]
        at, count = 0, self.size(states)
        while at < count and len(self.masks.states):
            worker.reserve()
            at = self.kernel.look(self.layout, worker.asked(), worker.output, states, at, count)
            self.sights += [(depth, *sight) for sight in worker.sights()]

    def _fill(self, crew: list[Worker]) -> bool:
        """Fill in what was missed, in the order in which it was; whether states have got another layout by that."""
        for worker in crew:
            for kind, one, other, low, high in worker.misses():
                pause(WORK)
                if kind == ALLOWED:
                    self._allow(worker, one, other, low, high)
                else:
                    self.tables.fill(kind, one, other)
        if fits(self.layout, self.tables.widths()):
            return False
        self.layout = self._layout()
        self.states.relaid(self.layout)
        self.prepare()
        return True

    def _allow(self, worker: Worker, label: int, restriction: int, low: int, high: int) -> None:
        state = self.state(low, high)
        asked = self.system.restrictions[restriction]
        is_allowed = asked.allows(Attempt(state, *self._done(state, label)))
        if not is_allowed:
            self.refused.add(restriction)
        key = label * len(self.system.restrictions) + restriction
        mask, mask_high = mask_of(self.layout, self.parts.restrictions[restriction])
        pairs = worker.allowed.pairs
        place = self.kernel.find(self.layout.words, pairs, low & mask, high & mask_high, key)
        pairs.values[place] = int(is_allowed)
        worker.allowed.count += 1

    def size(self, states: Any) -> int:
        """How many states these are, word after word."""
        return len(states) // len(self.layout.words)

    def numbers_at(self, states: Any, place: int) -> tuple[int, ...]:
        """The components of one of some states, which stay what they are when the layout changes."""
        words = self.layout.words
        return unpack(self.layout, states[len(words) * place], self.kernel.second(words, states, place))

    def state(self, low: int, high: int) -> State:
        """The state that these words stand for."""
        return self.tables.decode(unpack(self.layout, low, high))

    def step(self, before: tuple[int, ...], label: int, after: tuple[int, ...]) -> Step:
        """The step with this label between two states, given by their components."""
        state = self.tables.decode(before)
        return Step(state, *self._done(state, label), self.tables.decode(after))

    def _done(self, state: State, number: int) -> tuple[Label, Outcome | None]:
        """The label with this number, and what the process that acts does with it in a state."""
        label = self.tables.labels.values[number]
        acts = label.kind not in ("lose", "duplicate")
        return label, self.tables.outcome(state.locals, label) if acts else None
