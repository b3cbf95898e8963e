"""What multiplies the states that a search has found: its words, with one component after the other left out, are counted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from checker.factors import MOST_STATES, Factor, components, ranked
from checker.fast.insertion import Intake
from checker.fast.state_set import StateSet
from checker.patience import GivenUpError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from checker.fast.search import Search
    from checker.limits import Watch

#: What a state takes, at most, in one of Python's sets of whole numbers, in octets.
OCTETS_IN_A_SET = 140


class Field(NamedTuple):
    """A component among the words of a state: the word, the lowest bit and the mask there.

    ``values`` says of each number that the field can have what the component is. Where the field holds more than this
    component, ``rest`` says what number remains of it without the component.
    """

    half: int
    shift: int
    mask: int
    values: Sequence[Any]
    rest: list[int] | None


def counted(search: Search, watch: Watch) -> tuple[Factor, ...] | None:
    """The factors of all components, as ``checker.factors`` defines them, the largest first.

    ``None`` if there are more than ``MOST_STATES`` states.

    Raises:
        GivenUpError: there is not enough memory, or time, to count them.
        MemoryError: there was not enough memory after all.
    """
    states = len(search.states)
    if states > MOST_STATES:
        return None
    found = []
    for (name, kind), field in zip(components(search.system), _fields(search), strict=True):
        values = _distinct(search, field, watch)
        found.append(Factor(name, kind, values, _without(search, field, watch), states))
    return ranked(found)


def _fields(search: Search) -> Iterator[Field]:
    """The components, in order; the budgets, which are one number together in the words, each by itself."""
    tables, layout = search.tables, search.layout
    fields = [
        (int(half), int(shift), int(mask))
        for half, shift, mask in zip(layout.halves, layout.shifts, layout.masks, strict=True)
    ]
    for place, width in enumerate(tables.widths()[:-1]):
        yield Field(*fields[place], range(width), None)
    vectors = tables.budgets.values
    for place in range(len(search.system.budgets)):
        known: dict[tuple[int, ...], int] = {}
        rest = [known.setdefault((*vector[:place], *vector[place + 1 :]), len(known)) for vector in vectors]
        yield Field(*fields[-1], [vector[place] for vector in vectors], rest)


def _chunks(search: Search, watch: Watch, more_bytes: Callable[[Any], int] = lambda _: 0) -> Iterator[Any]:
    """All states, some at a time, as long as there is time, and memory for what they take."""
    for states in search.states.chunks(0, len(search.states), search.chunk):
        growth = more_bytes(states)
        reason = "time limit" if watch.is_late else watch.foresee(growth) if growth else None
        if reason is not None:
            raise GivenUpError(reason)
        yield states


def _distinct(search: Search, field: Field, watch: Watch) -> int:
    """How many values the component has in all states."""
    numbers: set[int] = set()
    words = len(search.layout.words)
    for states in _chunks(search, watch):
        if search.compiled:
            found = (states[field.half :: words] >> field.shift) & field.mask
            # Far quicker than to sort them: there are few.
            numbers.update(search.arrays.numpy.flatnonzero(search.arrays.numpy.bincount(found)).tolist())
        else:
            numbers.update([(state >> field.shift) & field.mask for state in states])
    return len({field.values[number] for number in numbers})


def _without(search: Search, field: Field, watch: Watch) -> int:
    """How many states remain when the component is left out."""
    return (_in_a_state_set if search.compiled else _in_a_plain_set)(search, field, watch)


def _in_a_plain_set(search: Search, field: Field, watch: Watch) -> int:
    reason = watch.foresee(OCTETS_IN_A_SET * len(search.states))
    if reason is not None:
        raise GivenUpError(reason)
    kept = ~(field.mask << field.shift)
    found: set[int] = set()
    for states in _chunks(search, watch):
        if field.rest is None:
            found.update([state & kept for state in states])
        else:
            rest = [number << field.shift for number in field.rest]
            found.update([state & kept | rest[(state >> field.shift) & field.mask] for state in states])
    return len(found)


def _in_a_state_set(search: Search, field: Field, watch: Watch) -> int:
    """What is left of a state is put into a set as if it were a state: its lowest bit is 1 like those of all states."""
    known = StateSet(search.arrays, search.kernel, search.layout.words)
    intake = Intake(search.arrays, known, search.workers, search.crew)
    rest = None if field.rest is None else search.arrays.of(field.rest) << field.shift
    for states in _chunks(search, watch, lambda states: known.growth(search.size(states))):
        left = states.copy()
        half = left[field.half :: len(search.layout.words)]
        numbers = (half >> field.shift) & field.mask
        half &= ~(field.mask << field.shift)
        if rest is not None:
            half |= rest[numbers]
        intake.take_in(left)
    return int(known.table.counts.sum())
