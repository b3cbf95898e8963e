"""The kernel: what the steps of states are, from the tables alone. It knows no protocol.

The source is one for both ways to run it: as it stands it runs on lists; loaded a second time by ``compiled.py``, the
decorators below turn its functions into machine code that runs on arrays. Nothing is allocated here.

A state is one word or two: its components, numbers of the tables, side by side (``Layout``). The lowest bit of the first
word is always 1, so that no state is 0. Arrays of states have their words one after another. Interpreted, a word is as
long as it has to be, and there is always one; what is compiled for one word has no trace of the second.

Expanding writes the states that the steps lead to, in the order of the reference engine. Where a table has no answer yet,
the state is given back with what is missing, and nothing of it counts.

Several threads may run these functions at once, if each has an ``Output``, an ``Asked`` and partitions of the ``Table`` to
itself. They share the tables that a ``View`` shows, into which they only write marks that would be the same from any.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

#: Bits of a hash: the highest choose the partition, the next ``FRACTION`` the place within it.
HASH, FRACTION = 46, 31
PARTITIONS = 32
_PARTITION_SHIFT = HASH - 5
_FRACTION_SHIFT = HASH - 5 - FRACTION
_LOW = (1 << 31) - 1
_MIXED = (1 << HASH) - 1
# Odd numbers below 2 ** 30: times 31 bits they stay below 2 ** 61, since compiled code must not overflow.
_A, _B, _C, _D = 0x2C1B3C6D, 0x297A2D39, 0x3B9ACA07, 0x1B873593

if __name__.endswith("_compiled"):
    import numba

    from checker.fast import prefetch as _prefetch

    prefetch: Any = _prefetch.prefetch
    # Nothing is allocated here, so references need not be counted; counting them would take nearly all the time.
    _compiled: Any = numba.njit
    inlined: Callable[[Any], Any] = _compiled(inline="always", _nrt=False)

    def kernel(function: Any) -> Any:
        """Let a function be compiled, and what comes of it be kept on disk, if there is a place to write to."""
        try:
            return _compiled(cache=True, nogil=True, _nrt=False)(function)
        except RuntimeError:
            return _compiled(nogil=True, _nrt=False)(function)

    @inlined
    def mixed(word: int) -> int:
        """A number below 2 ** 46 in which every bit depends on all bits of the word."""
        found = ((word & _LOW) * _A) ^ ((word >> 31) * _B)
        found ^= found >> 23
        found = ((found & _LOW) * _C) ^ ((found >> 31) * _D)
        found ^= found >> 29
        found = ((found & _LOW) * _A) ^ ((found >> 31) * _B)
        return (found >> 8) & _MIXED

else:

    def kernel(function: Any) -> Any:
        """Leave a function as it is."""
        return function

    inlined = kernel

    def mixed(word: int) -> int:
        """The same, in fewer steps: whole numbers have no end here."""
        return ((word ^ (word >> 61)) * 0x9E3779B97F4A7C15F39CC0605CEDC835 >> 64) & _MIXED

    def prefetch(array: Any, place: int) -> None:
        """Nothing: an interpreter has longer to wait for itself."""


#: In the tables: not asked yet; there is nothing; nobody answers, and that was told; asked for, but not answered yet.
UNKNOWN, NONE, TOLD, PENDING = -1, -2, -3, -4
#: What was missed: the acts of a local state, its answer to an arrival, what a content can do, a content with a message
#: added, a vector of budgets with one taken, whether a restriction allows a label in a state.
ACTS, RECEPTION, CONTENT, PUT, SPEND, ALLOWED = 0, 1, 2, 3, 4, 5
#: Places in ``Output.counts``. ``SILENT`` is 1 where steps are looked at again, or too early, and nothing is to be noted;
#: ``CROWDED`` is 1 where a state has more steps than there is room for; ``LACKING`` counts states that missed something, if
#: only what another one has told to be missing. ``BLOCKS`` is 1 if a bound that is no budget disabled a step of the state.
SUCCESSORS, MISSES, SIGHTS, UNANSWERED, SILENT, CROWDED, LACKING, BLOCKS = 0, 1, 2, 3, 4, 5, 6, 7
COUNTS = 8
#: What a move comes to instead of a state: something was missed; ``BOUND - n``: bound n is in the way.
MISSED, BOUND = -1, -3
#: The free places of a set of pairs, by their second member; free slots of a table of states.
FREE, EMPTY = -1, 0
_NOWHERE = -(1 << 62)
#: The columns of tables of rows. Of a local state: where its timeouts and its calls begin.
LOCAL, TIMEOUTS, CALLS = 2, 0, 1
#: Of a move: the local state it leads to, where its sends begin and how many they are, the bound that blocks it, the budget
#: that it takes from, its label, whether it is the last of its list, whether it was ever taken.
MOVE, AFTER, SENDS, MANY, BLOCKED, BUDGET, LABEL, LAST, USED = 8, 0, 1, 2, 3, 4, 5, 6, 7
#: Of a send: the channel and the message.
DISPATCH, CHANNEL, MESSAGE = 2, 0, 1
#: Of a content: where its deliveries, losses and copies begin.
CONTENTS, DELIVERIES, LOSSES, COPIES = 3, 0, 1, 2
#: Of a delivery: the arrival, the content that is left, whether it is the last of its list.
DELIVERY, ARRIVAL, REST, FINAL = 3, 0, 1, 2
#: Of a loss or a copy: the content after it (``NONE``: it does not fit), its label, whether it is the last of its list,
#: whether it ever happened.
MISCHIEF, CHANGED, NAME, END, HAPPENED = 4, 0, 1, 2, 3
#: Numbers of a miss (kind, one, other, state) and of a sight (state, label, state after); a state takes two here.
MISS, SIGHT = 5, 5
#: The words of a bucket of a table of states.
LINE = 8
#: For how many states that are put into a table the slots are asked for ahead; a power of two.
AHEAD = 32
#: More than a state has steps: taken from their number when one of them is not known yet.
MANY_STEPS = 1 << 40
#: How many of the pairs met last are kept where they are found at once.
RECENT = 1024


class View(NamedTuple):
    """The tables as the kernel reads them; each is a list, or an array, of whole numbers, but for counts and strides.

    Lists of moves, deliveries and mischiefs are laid end to end.
    """

    #: Rows: see the columns above.
    locals: Any
    moves: Any
    sends: Any
    contents: Any
    deliveries: Any
    mischiefs: Any
    #: Of a local state (row) and an arrival (column), where the moves begin.
    receptions: Any
    reception_stride: int
    #: Of a content (row) and a message (column): the content with the message added; ``NONE``: it does not fit.
    puts: Any
    put_stride: int
    #: Of a vector of budgets (row) and a budget (column): the vector with one taken; ``NONE``: nothing is left.
    spends: Any
    spend_stride: int
    #: Of a label: where the restrictions that concern it begin; each is a number, the last marked.
    label_restrictions: Any
    restriction_number: Any
    restriction_last: Any
    #: Of a channel: the process that receives, and the bound that its capacity is.
    channel_target: Any
    channel_bound: Any
    #: The budgets of losses and of copies, or ``NONE``, and whether there are such steps at all.
    loss_budget: int
    copy_budget: int
    has_losses: int
    has_copies: int
    #: Of a budget, the bound that it is; of a bound, whether it was reached, and whether it is a budget.
    budget_bound: Any
    bound_reached: Any
    bound_is_budget: Any


class Layout(NamedTuple):
    """How a state lies in its words: of each component the word, its lowest bit there, and the unshifted mask.

    First the processes, then the channels, then the vector of budgets. ``words`` has one zero for each word of a state: the
    compiler knows its length.
    """

    halves: Any
    shifts: Any
    masks: Any
    words: tuple[int, ...]
    processes: int
    channels: int


class Table(NamedTuple):
    """A set of states: an open table in ``PARTITIONS`` partitions, of ``span`` buckets each.

    A bucket is a cache line. Of a partition the first ``sizes`` buckets are in use; it has ``counts`` states, and may have
    ``limits``.
    """

    slots: Any
    sizes: Any
    counts: Any
    limits: Any
    span: int
    words: tuple[int, ...]


class Pairs(NamedTuple):
    """A set of pairs of a state, or of parts of one, and a number; the size of the open table is a power of two.

    ``values`` go with the pairs.
    """

    ones: Any
    others: Any
    values: Any


class Asked(NamedTuple):
    """What has to be noted on the way: the parts of a state that properties of steps and of states look at.

    ``seen`` is what was noted, ``recent`` some of it. ``allowed`` answers for restrictions: (masked state, label and
    restriction).
    """

    step_masks: Any
    state_masks: Any
    restriction_masks: Any
    seen: Pairs
    recent: Pairs
    allowed: Pairs


class Output(NamedTuple):
    """Where a call writes; all with room for what one call can write.

    ``successors`` and ``labels`` are the steps, ``misses`` and ``sights`` see above; of a sight of a state the label is
    negative. ``begins`` and ``sizes`` tell of each place where its successors are, and how many; ``blocked`` whether a bound
    that is no budget disabled a step there. ``hashes`` are those of the
    successors; ``spots`` are the places of successors, by owner of the partitions that they belong to.
    """

    successors: Any
    labels: Any
    misses: Any
    sights: Any
    begins: Any
    sizes: Any
    blocked: Any
    hashes: Any
    spots: Any
    counts: Any


# ---- states and their components -------------------------------------------------------------------------------------


@inlined
def hash_of(words: tuple[int, ...], low: int, high: int) -> int:
    """The hash of a state."""
    found: int = mixed(low)
    if len(words) == 2:
        found = mixed(high ^ found)
    return found


@inlined
def second(words: tuple[int, ...], states: Any, place: int) -> int:
    """The second word of a state, 0 where there is none."""
    found: int = 0
    if len(words) == 2:
        found = states[2 * place + 1]
    return found


@inlined
def part(layout: Layout, low: int, high: int, component: int) -> int:
    """A component of a state."""
    half = low
    if len(layout.words) == 2 and layout.halves[component] == 1:
        half = high
    found: int = (half >> layout.shifts[component]) & layout.masks[component]
    return found


@inlined
def low_with(layout: Layout, low: int, component: int, number: int) -> int:
    """The first word of a state with another component."""
    found = low
    if len(layout.words) == 1 or layout.halves[component] == 0:
        shift = layout.shifts[component]
        found = (low & ~(layout.masks[component] << shift)) | (number << shift)
    return found


@inlined
def high_with(layout: Layout, high: int, component: int, number: int) -> int:
    """The second word of a state with another component."""
    found = high
    if len(layout.words) == 2 and layout.halves[component] == 1:
        shift = layout.shifts[component]
        found = (high & ~(layout.masks[component] << shift)) | (number << shift)
    return found


# ---- sets ------------------------------------------------------------------------------------------------------------


@inlined
def place_of(words: tuple[int, ...], pairs: Pairs, low: int, high: int, other: int) -> int:
    """The place of a pair, or the free place where it belongs, as ``-1 - place``."""
    last = len(pairs.others) - 1
    place: int = mixed(hash_of(words, low, high) ^ (other << 14)) & last
    while pairs.others[place] != FREE:
        if (
            pairs.others[place] == other
            and pairs.ones[len(words) * place] == low
            and (len(words) == 1 or pairs.ones[2 * place + 1] == high)
        ):
            return place
        place = (place + 1) & last
    return -1 - place


@inlined
def settle(
    words: tuple[int, ...], pairs: Pairs, place: int, low: int, high: int, other: int, value: int
) -> None:
    """Write a pair to its place."""
    pairs.ones[len(words) * place] = low
    if len(words) == 2:
        pairs.ones[2 * place + 1] = high
    pairs.others[place] = other
    pairs.values[place] = value


@kernel
def refill(words: tuple[int, ...], old: Pairs, new: Pairs) -> None:
    """Put all pairs of a table into another, larger one."""
    for place in range(len(old.others)):
        if old.others[place] != FREE:
            low, high = old.ones[len(words) * place], second(words, old.ones, place)
            free = -1 - place_of(words, new, low, high, old.others[place])
            settle(words, new, free, low, high, old.others[place], old.values[place])


@kernel
def find(words: tuple[int, ...], pairs: Pairs, low: int, high: int, other: int) -> int:
    """``place_of``, for those outside."""
    found: int = place_of(words, pairs, low, high, other)
    return found


@kernel
def enter(words: tuple[int, ...], pairs: Pairs, low: int, high: int, other: int) -> None:
    """Put a pair into a set that has room."""
    place = place_of(words, pairs, low, high, other)
    if place < 0:
        settle(words, pairs, -1 - place, low, high, other, 0)


@inlined
def first_slot(table: Table, found: int) -> int:
    """The slot at which the bucket begins in which a state with this hash is looked for first."""
    partition = found >> _PARTITION_SHIFT
    fraction = (found >> _FRACTION_SHIFT) & _LOW
    bucket: int = partition * table.span + ((fraction * table.sizes[partition]) >> FRACTION)
    return bucket * (LINE // len(table.words))


if __name__.endswith("_compiled"):

    @inlined
    def slot_from(table: Table, partition: int, slot: int, low: int, high: int) -> int:
        """The slot of a state, looked for from a bucket on; or the free one where it belongs, as ``-1 - slot``.

        Buckets fill from their beginning, and what does not fit goes to the next: a bucket with a free slot is the last to
        look into. All slots of a bucket are compared at once, without a branch: this is an instruction or two.
        """
        words, slots = len(table.words), table.slots
        bucket = LINE // words
        begin = bucket * table.span * partition
        end = begin + bucket * table.sizes[partition]
        answer = _NOWHERE
        while answer == _NOWHERE:
            at = 0
            for number in range(bucket):
                is_same = slots[words * (slot + number)] == low
                if words == 2:
                    is_same = is_same and slots[2 * (slot + number) + 1] == high
                at += is_same * (number + 1)
            if at > 0:
                answer = slot + at - 1
            elif slots[words * (slot + bucket - 1)] == EMPTY:
                taken = 0
                for number in range(bucket):
                    taken += slots[words * (slot + number)] != EMPTY
                answer = -1 - (slot + taken)
            slot += bucket
            if slot == end:
                slot = begin
        return answer

else:

    def slot_from(table: Table, partition: int, slot: int, low: int, high: int) -> int:  # noqa: ARG001, it is 0
        """The same for an interpreter, which had better stop where it has found it."""
        begin = LINE * table.span * partition
        end = begin + LINE * table.sizes[partition]
        while table.slots[slot] != EMPTY:
            if table.slots[slot] == low:
                return slot
            slot += 1
            if slot == end:
                slot = begin
        return -1 - slot


@inlined
def slot_of(table: Table, low: int, high: int) -> int:
    """The slot of a state, or the free one where it belongs, as ``-1 - slot``."""
    found = hash_of(table.words, low, high)
    slot: int = slot_from(table, found >> _PARTITION_SHIFT, first_slot(table, found), low, high)
    return slot


@kernel
def partition_of(found: int) -> int:
    """The partition to which a state with this hash belongs."""
    return found >> _PARTITION_SHIFT


@kernel
def contains(table: Table, low: int, high: int) -> bool:
    """Whether a state is in the table."""
    return bool(slot_of(table, low, high) >= 0)


@kernel
def sort_out(
    output: Output, words: tuple[int, ...], states: Any, count: int, owners: int, room: int, sizes: Any
) -> None:
    """Hash the first states, and write their places into ``output.spots``, those of each owner from ``owner * room`` on.

    An owner owns partitions side by side; ``sizes`` says how many places each has got.
    """
    for owner in range(owners):
        sizes[owner] = 0
    for place in range(count):
        found = hash_of(words, states[len(words) * place], second(words, states, place))
        owner = ((found >> _PARTITION_SHIFT) * owners) // PARTITIONS
        output.hashes[place] = found
        output.spots[owner * room + sizes[owner]] = place
        sizes[owner] += 1


@inlined
def ask_for(table: Table, found: int) -> int:
    """The first slot of a state with this hash; it, and what comes after it, is asked for from memory."""
    slot: int = first_slot(table, found)
    prefetch(table.slots, len(table.words) * slot)
    prefetch(table.slots, len(table.words) * slot + LINE)
    return slot


@kernel
def insert(
    table: Table, output: Output, states: Any, first: int, last: int, starts: Any, news: Any, base: int
) -> int:
    """Put the states at ``output.spots[first:last]`` into the table, in order; how far it came before a partition was full.

    The places of those that are new are written to ``news``, from ``base + 1`` on; ``news[base]`` counts them. Some slots are
    asked for ahead, so that they come from memory side by side: ``starts`` has room for so many.
    """
    words = len(table.words)
    for number in range(first, min(first + AHEAD, last)):
        starts[number & (AHEAD - 1)] = ask_for(table, output.hashes[output.spots[number]])
    for number in range(first, last):
        place = output.spots[number]
        low, high = states[words * place], second(table.words, states, place)
        partition = output.hashes[place] >> _PARTITION_SHIFT
        slot = slot_from(table, partition, starts[number & (AHEAD - 1)], low, high)
        if number + AHEAD < last:
            starts[number & (AHEAD - 1)] = ask_for(table, output.hashes[output.spots[number + AHEAD]])
        if slot < 0:
            slot = -1 - slot
            if table.counts[partition] >= table.limits[partition]:
                return number
            table.counts[partition] += 1
            table.slots[words * slot] = low
            if words == 2:
                table.slots[2 * slot + 1] = high
            news[base] += 1
            news[base + news[base]] = place
    return last


@kernel
def refill_states(table: Table, kept: Any) -> None:
    """Put all states of ``kept``, or of a part of a table, into empty slots; none of them is there yet."""
    words = len(table.words)
    bucket = LINE // words
    for place in range(len(kept) // words):
        low, high = kept[words * place], second(table.words, kept, place)
        if low != EMPTY:
            found = hash_of(table.words, low, high)
            partition = found >> _PARTITION_SHIFT
            begin = bucket * table.span * partition
            slot = first_slot(table, found)
            while table.slots[words * (slot + bucket - 1)] != EMPTY:
                slot += bucket
                if slot == begin + bucket * table.sizes[partition]:
                    slot = begin
            while table.slots[words * slot] != EMPTY:
                slot += 1
            table.slots[words * slot] = low
            if words == 2:
                table.slots[2 * slot + 1] = high


@kernel
def merge(
    words: tuple[int, ...], states: Any, news: Any, heads: Any, room: int, owners: int, fresh: Any, at: int
) -> int:
    """Write the new states, whose places each owner has in ascending order, to ``fresh`` from ``at`` on; where it ends.

    ``news`` has the places of an owner from ``owner * room + 1`` on, and their number at ``owner * room``.
    """
    for owner in range(owners):
        heads[owner] = 0
    found = -1
    while found != NONE:
        found, chosen = NONE, 0
        for owner in range(owners):
            head = heads[owner]
            if head < news[owner * room]:
                place = news[owner * room + 1 + head]
                if found == NONE or place < found:
                    found, chosen = place, owner
        if found != NONE:
            heads[chosen] += 1
            fresh[len(words) * at] = states[len(words) * found]
            if len(words) == 2:
                fresh[2 * at + 1] = states[2 * found + 1]
            at += 1
    return at


# ---- steps -----------------------------------------------------------------------------------------------------------


@kernel
def _miss(misses: Any, counts: Any, kind: int, one: int, other: int, low: int, high: int) -> None:
    """Tell what is missing. The steps behind it are noted in their turn, when the state is expanded again."""
    counts[SILENT] = 1
    at = MISS * counts[MISSES]
    if at + MISS <= len(misses):
        misses[at] = kind
        misses[at + 1] = one
        misses[at + 2] = other
        misses[at + 3] = low
        misses[at + 4] = high
        counts[MISSES] += 1


@inlined
def _mark(marks: Any, place: int) -> None:
    """Mark a place: what threads share they had better not write without need."""
    if marks[place] == 0:
        marks[place] = 1


@inlined
def _reached(view: View, output: Output, bound: int) -> None:
    """Note that a bound disabled a step of the state that is being expanded."""
    if output.counts[SILENT] == 0:
        _mark(view.bound_reached, bound)
    if view.bound_is_budget[bound] == 0:
        output.counts[BLOCKS] = 1


@inlined
def _moved(
    view: View, layout: Layout, output: Output, low: int, high: int, process: int, move: int
) -> tuple[int, int]:
    """The state after a move, or what comes of it instead, with no second word."""
    after = view.moves[MOVE * move + AFTER]
    low, high = low_with(layout, low, process, after), high_with(layout, high, process, after)
    begin = view.moves[MOVE * move + SENDS]
    for send in range(begin, begin + view.moves[MOVE * move + MANY]):
        channel, message = view.sends[DISPATCH * send + CHANNEL], view.sends[DISPATCH * send + MESSAGE]
        component = layout.processes + channel
        content = part(layout, low, high, component)
        at = content * view.put_stride + message
        put = view.puts[at]
        if put < 0:
            if put == UNKNOWN:
                view.puts[at] = PENDING
                _miss(output.misses, output.counts, PUT, content, message, 0, 0)
            low, high = BOUND - view.channel_bound[channel] if put == NONE else MISSED, 0
            break
        low, high = low_with(layout, low, component, put), high_with(layout, high, component, put)
    return low, high


@inlined
def _spent(view: View, layout: Layout, output: Output, low: int, high: int, budget: int) -> tuple[int, int]:
    """A state with one taken from a budget, or what comes of it instead, with no second word."""
    if budget != NONE:
        component = layout.processes + layout.channels
        vector = part(layout, low, high, component)
        at = vector * view.spend_stride + budget
        spent = view.spends[at]
        if spent >= 0:
            low, high = low_with(layout, low, component, spent), high_with(layout, high, component, spent)
        else:
            if spent == UNKNOWN:
                view.spends[at] = PENDING
                _miss(output.misses, output.counts, SPEND, vector, budget, 0, 0)
            low, high = BOUND - view.budget_bound[budget] if spent == NONE else MISSED, 0
    return low, high


@kernel
def _allowed(
    view: View, layout: Layout, asked: Asked, output: Output, low: int, high: int, label: int
) -> int:
    """1 if every restriction allows the label in the state, 0 if one does not, ``MISSED`` if one was not asked yet."""
    answer: int = 1
    words = layout.words
    at = view.label_restrictions[label]
    while at >= 0 and answer == 1:
        restriction = view.restriction_number[at]
        masked = low & asked.restriction_masks[len(words) * restriction]
        masked_high = high & second(words, asked.restriction_masks, restriction)
        other = label * (len(asked.restriction_masks) // len(words)) + restriction
        found = place_of(words, asked.allowed, masked, masked_high, other)
        if found < 0:
            settle(words, asked.allowed, -1 - found, masked, masked_high, other, PENDING)
            _miss(output.misses, output.counts, ALLOWED, label, restriction, low, high)
            answer = MISSED
        elif asked.allowed.values[found] == PENDING:
            answer = MISSED
        else:
            answer = asked.allowed.values[found]
        at = at + 1 if view.restriction_last[at] == 0 else NONE
    return answer


@kernel
def _see(
    words: tuple[int, ...], asked: Asked, output: Output, masked: int, masked_high: int, name: int, low: int, high: int,
    after_low: int, after_high: int,
) -> None:  # fmt: skip
    """Note a step or a state if this part of it was not seen yet with this name."""
    found = place_of(words, asked.seen, masked, masked_high, name)
    if found < 0:
        settle(words, asked.seen, -1 - found, masked, masked_high, name, 0)
        at = SIGHT * output.counts[SIGHTS]
        output.sights[at] = low
        output.sights[at + 1] = high
        output.sights[at + 2] = name
        output.sights[at + 3] = after_low
        output.sights[at + 4] = after_high
        output.counts[SIGHTS] += 1


@inlined
def _note(
    words: tuple[int, ...], asked: Asked, output: Output, masks: Any, low: int, high: int, label: int, stride: int,
    after_low: int, after_high: int,
) -> None:  # fmt: skip
    """Note a step, or a state, of which some property sees something that it has not seen yet.

    Mask number n looks at it by the label ``label + stride * n``.
    """
    for number in range(len(masks) // len(words)):
        masked = low & masks[len(words) * number]
        masked_high = high & second(words, masks, number)
        name = label + stride * number
        mix = masked ^ masked_high ^ name
        recent = (mix ^ (mix >> 12) ^ (mix >> 24) ^ (mix >> 41)) & (RECENT - 1)
        if (
            asked.recent.others[recent] != name
            or asked.recent.ones[len(words) * recent] != masked
            or (len(words) == 2 and asked.recent.ones[2 * recent + 1] != masked_high)
        ):
            settle(words, asked.recent, recent, masked, masked_high, name, 0)
            _see(words, asked, output, masked, masked_high, name, low, high, after_low, after_high)


@inlined
def _reach(
    view: View, layout: Layout, asked: Asked, output: Output, low: int, high: int, label: int, after: int, after_high: int
) -> int:  # fmt: skip
    """Write a step to a state, or what comes of it instead; 1 if there is such a step, 0 if not, or ``MISSED``."""
    found: int = 1
    if after == MISSED:
        found = MISSED
    elif len(asked.restriction_masks) > 0:
        found = _allowed(view, layout, asked, output, low, high, label)
    counts = output.counts
    if found == 1:
        count, words = counts[SUCCESSORS], len(layout.words)
        if after < 0:
            found = 0
            _reached(view, output, BOUND - after)
        elif words * count == len(output.successors) or SIGHT * (
            counts[SIGHTS] + len(asked.step_masks)
        ) > len(output.sights):
            counts[CROWDED] = 1
        else:
            output.successors[words * count] = after
            if words == 2:
                output.successors[2 * count + 1] = after_high
            output.labels[count] = label
            counts[SUCCESSORS] = count + 1
            if counts[SILENT] == 0:
                _note(layout.words, asked, output, asked.step_masks, low, high, label, 0, after, after_high)
    return found


@inlined
def _moves(
    view: View, layout: Layout, asked: Asked, output: Output, low: int, high: int, base: int, base_high: int, process: int,
    first: int, is_act: bool,
) -> int:  # fmt: skip
    """Write the steps of a list of moves; how many they are, or less than ``MISSED`` if something was missed.

    ``base`` is the state without what was consumed; only acts take from a budget.
    """
    steps, move = 0, first
    while move >= 0:
        row = MOVE * move
        after, after_high = base, base_high
        if is_act:
            after, after_high = _spent(view, layout, output, base, base_high, view.moves[row + BUDGET])
        blocked, label, is_last = view.moves[row + BLOCKED], view.moves[row + LABEL], view.moves[row + LAST]
        if blocked != NONE:
            if after == MISSED:
                steps -= MANY_STEPS
            else:
                _reached(view, output, BOUND - after if after <= BOUND else blocked)
        else:
            if after >= 0:
                after, after_high = _moved(view, layout, output, after, after_high, process, move)
            found = _reach(view, layout, asked, output, low, high, label, after, after_high)
            if found == 1:
                steps += 1
                if output.counts[SILENT] == 0:
                    _mark(view.moves, row + USED)
            elif found == MISSED:
                steps -= MANY_STEPS
        move = move + 1 if is_last == 0 else NONE
    return steps


@inlined
def _steps(
    view: View, layout: Layout, asked: Asked, output: Output, low: int, high: int, sources: int
) -> int:
    """Write the successors of one state by its first ``sources`` sources; how many steps those are, or ``MISSED``.

    The sources are in the order of exploration: the deliveries of every channel, the timeouts of every process, the
    calls, the losses of every channel, the copies.
    """
    channels, processes = layout.channels, layout.processes
    steps = 0
    for channel in range(channels):
        content = part(layout, low, high, processes + channel)
        entry = view.contents[CONTENTS * content + DELIVERIES]
        if entry < 0:
            if entry != NONE:
                steps -= MANY_STEPS
            if entry == UNKNOWN:
                view.contents[CONTENTS * content + DELIVERIES] = PENDING
                _miss(output.misses, output.counts, CONTENT, content, 0, 0, 0)
        process = view.channel_target[channel]
        row = part(layout, low, high, process) * view.reception_stride
        while entry >= 0:
            arrival, rest = (
                view.deliveries[DELIVERY * entry + ARRIVAL],
                view.deliveries[DELIVERY * entry + REST],
            )
            is_last = view.deliveries[DELIVERY * entry + FINAL]
            move = view.receptions[row + arrival]
            if move >= 0:
                base = low_with(layout, low, processes + channel, rest)
                base_high = high_with(layout, high, processes + channel, rest)
                steps += _moves(view, layout, asked, output, low, high, base, base_high, process, move, False)
            elif move in (UNKNOWN, PENDING):
                steps -= MANY_STEPS
                if move == UNKNOWN:
                    view.receptions[row + arrival] = PENDING
                    _miss(
                        output.misses, output.counts, RECEPTION, row // view.reception_stride, arrival, 0, 0
                    )
            elif move == NONE and output.counts[SILENT] == 0:
                view.receptions[row + arrival] = TOLD
                output.counts[UNANSWERED] += 1
            entry = entry + 1 if is_last == 0 else NONE
    for act in range(min(2 * processes, sources - channels)):
        process = act % processes
        column = TIMEOUTS if act < processes else CALLS
        local = part(layout, low, high, process)
        move = view.locals[LOCAL * local + column]
        if move >= 0:
            steps += _moves(view, layout, asked, output, low, high, low, high, process, move, True)
        elif move != NONE:
            steps -= MANY_STEPS
            if move == UNKNOWN:
                view.locals[LOCAL * local + column] = PENDING
                _miss(output.misses, output.counts, ACTS, local, 0, 0, 0)
    for mischief in range(min(2 * channels, sources - channels - 2 * processes)):
        channel, is_loss = mischief % channels, mischief < channels
        if (view.has_losses if is_loss else view.has_copies) == 0:
            continue
        component = processes + channel
        entry = view.contents[CONTENTS * part(layout, low, high, component) + (LOSSES if is_loss else COPIES)]
        if entry >= 0:
            base, base_high = _spent(
                view, layout, output, low, high, view.loss_budget if is_loss else view.copy_budget
            )
            while entry >= 0:
                row = MISCHIEF * entry
                after, after_high = base, base_high
                if base >= 0:
                    content = view.mischiefs[row + CHANGED]
                    if content == NONE:
                        after, after_high = BOUND - view.channel_bound[channel], 0
                    else:
                        after = low_with(layout, base, component, content)
                        after_high = high_with(layout, base_high, component, content)
                label = view.mischiefs[row + NAME]
                found = _reach(view, layout, asked, output, low, high, label, after, after_high)
                steps += found if found >= 0 else -MANY_STEPS
                if found == 1 and output.counts[SILENT] == 0:
                    _mark(view.mischiefs, row + HAPPENED)
                entry = entry + 1 if view.mischiefs[row + END] == 0 else NONE
    return steps if steps >= 0 else MISSED


@inlined
def every_source(layout: Layout) -> int:
    """How many sources of steps there are."""
    return 3 * layout.channels + 2 * layout.processes


@kernel
def expand(
    view: View, layout: Layout, asked: Asked, output: Output, states: Any, places: Any, first: int, last: int, room: int,
    most: int, silent: int, sources: int,
) -> int:  # fmt: skip
    """Expand the states at ``places[first:last]`` by their first ``sources`` sources; how far it came before there was no room to write what one may write.

    That is ``room`` of each; and ``most`` successors in all.

    Of each state that is done, ``begins`` and ``sizes`` tell where its successors are, and ``blocked`` what was in the way; of one that missed something,
    ``sizes`` is ``MISSED``, and it is to be expanded again when that is filled in. With ``silent`` nothing is noted.
    """
    counts = output.counts
    words = len(layout.words)
    for number in range(first, last):
        if (
            counts[SUCCESSORS] + room > most
            or SIGHT * (counts[SIGHTS] + room) > len(output.sights)
            or MISS * (counts[MISSES] + room) > len(output.misses)
        ):
            return number
        place = places[number]
        counts[SILENT], counts[BLOCKS] = silent, 0
        begin = counts[SUCCESSORS]
        low, high = states[words * place], second(layout.words, states, place)
        steps = _steps(view, layout, asked, output, low, high, sources)
        output.begins[place] = begin
        output.sizes[place] = steps
        output.blocked[place] = counts[BLOCKS]
        if steps == MISSED:
            counts[SUCCESSORS] = begin
            counts[LACKING] += 1
    return last


@kernel
def in_order(output: Output, words: tuple[int, ...], count: int, successors: Any, labels: Any) -> int:
    """Write the successors of the first ``count`` places, and their labels, in the order of places; how many they are."""
    at = 0
    for place in range(count):
        begin = output.begins[place]
        output.begins[place] = at
        for number in range(begin, begin + output.sizes[place]):
            successors[len(words) * at] = output.successors[len(words) * number]
            if len(words) == 2:
                successors[2 * at + 1] = output.successors[2 * number + 1]
            labels[at] = output.labels[number]
            at += 1
    return at


@kernel
def look(layout: Layout, asked: Asked, output: Output, states: Any, first: int, last: int) -> int:
    """Note the states of which some property sees something new, by label ``-2 - mask``; where it stopped for want of room."""
    for place in range(first, last):
        if SIGHT * (output.counts[SIGHTS] + len(asked.state_masks)) > len(output.sights):
            return place
        low, high = states[len(layout.words) * place], second(layout.words, states, place)
        _note(layout.words, asked, output, asked.state_masks, low, high, -2, -1, 0, 0)
    return last


# ---- going through the space once more -------------------------------------------------------------------------------


@kernel
def parent_of(output: Output, words: tuple[int, ...], count: int, low: int, high: int) -> int:
    """Of the first ``count`` places that were expanded the first from which a step leads to this state; or ``count``."""
    for place in range(count):
        begin = output.begins[place]
        for number in range(begin, begin + output.sizes[place]):
            after = output.successors[len(words) * number]
            if after == low and second(words, output.successors, number) == high:
                return place
    return count


@kernel
def first_doing(
    output: Output, words: tuple[int, ...], states: Any, count: int, mask: int, mask_high: int, masked: int,
    masked_high: int, label: int,
) -> int:  # fmt: skip
    """Of the first ``count`` states, that were expanded, the first that has these masked words and a step with this label.

    ``count`` if there is no such state.
    """
    for place in range(count):
        low, high = states[len(words) * place], second(words, states, place)
        if low & mask == masked and high & mask_high == masked_high:
            begin, steps = output.begins[place], output.sizes[place]
            for number in range(begin, begin + steps):
                if output.labels[number] == label:
                    return place
    return count


@kernel
def spread(
    output: Output, table: Table, marks: Any, states: Any, count: int, is_every: int, left: Any
) -> int:
    """Mark those of some states that were expanded from which a step leads to a marked one; with ``is_every``, every step.

    The states are gone through backwards; those that stay without a mark are written to ``left``, and counted.
    """
    words = len(table.words)
    found = 0
    for place in range(count - 1, -1, -1):
        low, high = states[words * place], second(table.words, states, place)
        slot = slot_of(table, low, high)
        if marks[slot] == 0:
            good = 0
            begin, steps = output.begins[place], output.sizes[place]
            for number in range(begin, begin + steps):
                after, after_high = (
                    output.successors[words * number],
                    second(table.words, output.successors, number),
                )
                ask_for(table, hash_of(table.words, after, after_high))
            for number in range(begin, begin + steps):
                after, after_high = (
                    output.successors[words * number],
                    second(table.words, output.successors, number),
                )
                good += marks[slot_of(table, after, after_high)]
            if good == steps if is_every == 1 else good > 0:
                marks[slot] = 1
            else:
                left[words * found] = low
                if words == 2:
                    left[2 * found + 1] = high
                found += 1
    return found


@kernel
def mark_goals(
    goals: Pairs, mask: int, mask_high: int, table: Table, marks: Any, states: Any, first: int, last: int
) -> None:
    """Mark the states whose masked words are goals: ``goals`` has (masked state, 0) for each of them."""
    words = table.words
    for place in range(first, last):
        low, high = states[len(words) * place], second(words, states, place)
        if place_of(words, goals, low & mask, high & mask_high, 0) >= 0:
            marks[slot_of(table, low, high)] = 1


@kernel
def mark_all(table: Table, marks: Any, states: Any, first: int, last: int) -> None:
    """Mark these states."""
    for place in range(first, last):
        marks[slot_of(table, states[len(table.words) * place], second(table.words, states, place))] = 1


@kernel
def first_unmarked(table: Table, marks: Any, states: Any, first: int, last: int) -> int:
    """The place of the first of these states that is not marked; ``last`` if there is none."""
    for place in range(first, last):
        if marks[slot_of(table, states[len(table.words) * place], second(table.words, states, place))] == 0:
            return place
    return last


@kernel
def number_all(table: Table, numbers: Any, states: Any, first: int, last: int, number: int) -> None:
    """Number these states from ``number`` on."""
    words = table.words
    for begin in range(first, last, AHEAD):
        end = min(begin + AHEAD, last)
        for place in range(begin, end):
            low, high = states[len(words) * place], second(words, states, place)
            prefetch(numbers, ask_for(table, hash_of(words, low, high)))
        for place in range(begin, end):
            slot = slot_of(table, states[len(words) * place], second(words, states, place))
            numbers[slot] = number + place - first


@kernel
def numbers_of(table: Table, numbers: Any, states: Any, count: int, found: Any) -> None:
    """Write the numbers of the first ``count`` of these states, which are all in the table."""
    words = table.words
    for begin in range(0, count, AHEAD):
        end = min(begin + AHEAD, count)
        for place in range(begin, end):
            low, high = states[len(words) * place], second(words, states, place)
            prefetch(numbers, ask_for(table, hash_of(words, low, high)))
        for place in range(begin, end):
            slot = slot_of(table, states[len(words) * place], second(words, states, place))
            found[place] = numbers[slot]


@kernel
def first_unanswered(view: View, layout: Layout, states: Any, first: int, last: int) -> int:
    """The place of the first of these states in which something arrives that nobody answers; ``last`` if there is none."""
    for place in range(first, last):
        low, high = states[len(layout.words) * place], second(layout.words, states, place)
        for channel in range(layout.channels):
            content = part(layout, low, high, layout.processes + channel)
            delivery = view.contents[CONTENTS * content + DELIVERIES]
            local = part(layout, low, high, view.channel_target[channel])
            while delivery >= 0:
                arrival = view.deliveries[DELIVERY * delivery + ARRIVAL]
                if view.receptions[local * view.reception_stride + arrival] in (NONE, TOLD):
                    return place
                delivery = delivery + 1 if view.deliveries[DELIVERY * delivery + FINAL] == 0 else NONE
    return last
