"""Breadth-first search, level by level, over words; the order of the states is that of the reference engine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from checker.fast import kernel as interpreted
from checker.fast.compiled import compiled_kernel
from checker.fast.kernel import ALLOWED, COUNTS, CROWDED, MISSES, SIGHTS, SILENT, UNANSWERED, Asked, Output
from checker.fast.layout import TooWideError, fits, layout_for, mask_of, moved, pack, unpack
from checker.fast.tables import Tables
from checker.fast.words import PairSet, Words
from checker.model import State, Step

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from checker.fast.kernel import Layout
    from checker.limits import Watch
    from checker.system import System

#: How many states are expanded at once, and how many entries one state may write at most.
CHUNK = 1 << 14
ROOM = 1 << 12


class Search:
    """A search through a system.

    ``step_parts`` and ``state_parts`` are the components that properties look at together. Of each new combination of
    them the search notes a step, or a state, in ``sights``: depth, word, label, word after it; of a state the label is
    negative. ``unanswered`` is the depth of the first state in which something arrives that nobody answers.
    """

    def __init__(
        self,
        system: System,
        step_parts: Sequence[tuple[int, ...]],
        state_parts: Sequence[tuple[int, ...]],
        *,
        compiled: bool,
    ) -> None:
        self.system = system
        self.compiled = compiled
        self.kernel: Any = compiled_kernel() if compiled else interpreted
        self.tables = Tables(system, compiled=compiled)
        self.words = Words(self.kernel, compiled=compiled)
        self.allowed, self.seen = PairSet(self.words), PairSet(self.words)
        self.parts = (tuple(step_parts), tuple(state_parts))
        self.steps = 0
        self.expanded_depth = -1
        self.unanswered: int | None = None
        self.sights: list[tuple[int, int, int, int]] = []
        #: The ends of each level since they were last asked for, and how many there are in all.
        self.new_ends: list[tuple[int, Any]] = []
        self.ends = 0
        first = [self.tables.encode(state) for state in system.initials]
        self.layout = self._layout()
        self.output = self._output()
        self._masks()
        self.frontier = self.words.add(
            self._array([pack(self.layout, numbers) for numbers in first]), len(first)
        )
        self._look(self.frontier)

    def _layout(self) -> Layout:
        system = self.system
        return layout_for(
            self.tables.widths(), len(system.processes), len(system.channels), compiled=self.compiled
        )

    def _array(self, numbers: Sequence[int]) -> Any:
        found = self.words.filled(len(numbers), 0)
        for place, number in enumerate(numbers):
            found[place] = number
        return found

    def _output(self) -> Output:
        filled = self.words.filled
        return Output(
            successors=filled(16 * CHUNK + ROOM, 0), misses=filled(4 * (CHUNK + ROOM), 0), sights=filled(3 * (CHUNK + ROOM), 0),
            begins=filled(CHUNK, 0), sizes=filled(CHUNK, 0), counts=filled(COUNTS, 0),
        )  # fmt: skip

    def _masks(self) -> None:
        everything = range(len(self.layout.shifts))
        names = [part.name for part in self.system.processes] + [part.name for part in self.system.channels]
        places = {name: place for place, name in enumerate(names)}
        reads = [
            everything if restriction.reads is None else [places[name] for name in restriction.reads]
            for restriction in self.system.restrictions
        ]
        self.restriction_masks = self._array([mask_of(self.layout, tuple(parts)) for parts in reads])
        self.step_masks, self.state_masks = (
            self._array([mask_of(self.layout, part) for part in parts]) for parts in self.parts
        )

    def _asked(self) -> Asked:
        return Asked(self.step_masks, self.seen.pairs, self.allowed.pairs, self.restriction_masks)

    def advance(self, limit: int | None, watch: Watch) -> str | None:
        """Expand one level; the limit that stopped it, or ``None``.

        Where it stops, what was not expanded of the level and what was found new is the frontier.
        """
        fresh: list[Any] = []
        self.words.levels.append(self.frontier)
        at = 0
        stopped: str | None = None
        while stopped is None and at < len(self.words.levels[-1]):
            found = len(self.words.levels[-1]) - at + sum(map(len, fresh))
            stopped = watch.look(self.words.count, self.steps, len(self.words.levels) - 1, found)
            if stopped is None:
                done = self._expand(self.words.levels[-1], at, fresh, limit)
                stopped = "state limit" if done < 0 else None
                at = at if done < 0 else done
        self.expanded_depth = len(self.words.levels) - (1 if stopped is None else 2)
        level = self.words.levels[-1]
        self.frontier = self.words.joined([level[at:], *fresh])
        self.words.levels[-1] = level[:at]
        return stopped

    def _expand(self, level: Any, at: int, fresh: list[Any], limit: int | None) -> int:
        """Expand some states from a place on; the place of the next, or -1 if there may be no more states."""
        # The nearer the limit, the smaller the bites; in the end every state counts.
        chunk = CHUNK if limit is None else max(1, min(CHUNK, (limit - self.words.count) // ROOM))
        states = level[at : at + chunk]
        counts, output = self.output.counts, self.output
        for place in range(COUNTS):
            counts[place] = 0
        todo, done = self._array(range(len(states))), len(states)
        while len(todo):
            self.seen.reserve(CHUNK + ROOM)
            self.allowed.reserve(CHUNK + ROOM)
            came = self.kernel.expand(
                self.tables.view(), self.layout, self._asked(), output, states, todo, 0, len(todo), ROOM
            )
            if counts[CROWDED]:
                raise TooWideError
            if came < len(todo):  # for want of room: what is behind waits for the next time
                done = min(done, int(todo[came]))
            missed = [int(place) for place in todo[:came] if output.sizes[place] < 0 and place < done]
            self._take_sights(len(self.words.levels) - 1)
            self._take_unanswered()
            if self._fill(fresh):
                return at  # the words that were written are in a layout that is no more
            todo = self._array(missed)
        return at + done if self._gather(states, done, fresh, limit) else -1

    def _gather(self, states: Any, done: int, fresh: list[Any], limit: int | None) -> bool:
        """Take in the successors of the first states, in order; ``False`` if that would be more states than may be."""
        output = self.output
        sizes = output.sizes[:done]
        total = int(sum(sizes)) if not self.compiled else int(sizes.sum())
        if (
            limit is not None
            and self.words.count + total > limit
            and self._new_among(done) + self.words.count > limit
        ):
            return False
        self.words.reserve(total)
        new = self.words.filled(total, 0)
        count = self.kernel.gather(output, self.words.slots, done, new)
        self.words.count += count
        self.steps += total
        ends = (
            states[:done][sizes == 0]
            if self.compiled
            else [states[place] for place in range(done) if sizes[place] == 0]
        )
        if len(ends):
            self.new_ends.append((len(self.words.levels) - 1, ends))
            self.ends += len(ends)
        if count:
            fresh.append(new[:count])
            self._look(new[:count])
        return True

    def _new_among(self, done: int) -> int:
        """How many different new words are among the successors of the first states."""
        output = self.output
        words = {
            int(output.successors[int(output.begins[place]) + number])
            for place in range(done)
            for number in range(int(output.sizes[place]))
        }
        return sum(self.kernel.slot_of(self.words.slots, word) < 0 for word in words)

    def _take_sights(self, depth: int) -> None:
        count = int(self.output.counts[SIGHTS])
        self.seen.count += count
        for number in range(count):
            before, label, after = self.output.sights[3 * number : 3 * number + 3]
            self.sights.append((depth, int(before), int(label), int(after)))
        self.output.counts[SIGHTS] = 0

    def _take_unanswered(self) -> None:
        if self.output.counts[UNANSWERED] and self.unanswered is None:
            self.unanswered = len(self.words.levels) - 1
        self.output.counts[UNANSWERED] = 0

    def _look(self, words: Any) -> None:
        """Note what is new in some states."""
        at, depth = 0, len(self.words.levels)
        while at < len(words) and len(self.state_masks):
            self.seen.reserve(CHUNK + ROOM)
            at = self.kernel.look(self._asked(), self.output, self.state_masks, words, at, len(words), CHUNK)
            self._take_sights(depth)

    def _fill(self, fresh: list[Any]) -> bool:
        """Fill in what was missed, in the order in which it was; whether words have got another layout by that."""
        count = int(self.output.counts[MISSES])
        self.output.counts[MISSES] = 0
        for place in range(count):
            kind, one, other, word = (int(number) for number in self.output.misses[4 * place : 4 * place + 4])
            if kind == ALLOWED:
                self._allow(one, other, word)
            else:
                self.tables.fill(kind, one, other)
        if fits(self.layout, self.tables.widths()):
            return False
        self._relay(fresh)
        return True

    def _allow(self, label: int, restriction: int, word: int) -> None:
        state = self.state(word)
        asked = self.system.restrictions[restriction]
        is_allowed = asked.allows(Step(state, self.tables.labels.values[label], None, state))
        key = label * len(self.system.restrictions) + restriction
        place = self.kernel.place_of(self.allowed.pairs, word & int(self.restriction_masks[restriction]), key)
        self.allowed.pairs.values[place] = int(is_allowed)
        self.allowed.count += 1

    def _relay(self, fresh: list[Any]) -> None:
        old, self.layout = self.layout, self._layout()
        self.words.relaid(old, self.layout)
        for words in (self.allowed, self.seen):
            words.relaid(old, self.layout)
        fresh[:] = [moved(part, old, self.layout) for part in fresh]
        self.new_ends = [(depth, moved(part, old, self.layout)) for depth, part in self.new_ends]

        def relaid(word: int) -> int:
            return pack(self.layout, unpack(old, word))

        self.sights = [
            (depth, relaid(before), label, relaid(after)) for depth, before, label, after in self.sights
        ]
        self._masks()

    def parent(self, level: Any, word: int) -> int:
        """The place of the first state of a level that a step leads from to this one."""
        return int(self.again(self.kernel.parent_of, level, word=word))

    def again(self, mark: Any, *tables: Any, word: int | None = None) -> int:
        """Run a function of the kernel that expands states once more, of which nothing is to be noted."""
        self.output.counts[SILENT] = 1
        given = (self.tables.view(), self.layout, self._asked(), self.output, *tables, 0, len(tables[-1]))
        return int(mark(*given) if word is None else mark(*given, word))

    def first_unanswered(self, depth: int) -> State:
        """The first state of a level, one of those that have such, in which something arrives that nobody answers."""
        level = self.words.levels[depth]
        place = self.kernel.first_unanswered(self.tables.view(), self.layout, level, 0, len(level))
        return self.state(int(level[place]))

    def places_like(self, depth: int, numbers: tuple[int, ...], part: Sequence[int]) -> Iterator[int]:
        """The places of the states of a level that have these components in common with a state, in order."""
        level, mask = self.words.levels[depth], self.mask(part)
        masked = self.word(numbers) & mask
        place = self.kernel.first_like(level, 0, len(level), mask, masked)
        while place < len(level):
            yield int(place)
            place = self.kernel.first_like(level, place + 1, len(level), mask, masked)

    def word(self, numbers: Sequence[int]) -> int:
        """The word of a state with these components."""
        return pack(self.layout, numbers)

    def numbers(self, word: int) -> tuple[int, ...]:
        """The components of a word, which stay what they are when the layout changes."""
        return unpack(self.layout, word)

    def mask(self, part: Sequence[int]) -> int:
        """The bits of some components of a state."""
        return mask_of(self.layout, part)

    def step(self, before: int, label: int, after: int) -> Step:
        """The step with this label between two states."""
        known = self.tables.labels.values[label]
        state = self.state(before)
        outcome = None
        if known.kind not in ("lose", "duplicate"):
            outcome = self.tables.outcome(state.locals, known)
        return Step(state, known, outcome, self.state(after))

    def state(self, word: int) -> State:
        """The state that a word stands for."""
        return self.tables.decode(self.numbers(word))
