"""The kernel: what the steps of states are, from the tables alone. It knows no protocol.

The source is one for both ways to run it: as it stands it runs on lists; loaded a second time by ``compiled.py``, the
decorator below turns its functions into machine code that runs on arrays. Nothing is allocated here.

A state is one word: its components, numbers of the tables, side by side (``Layout``). Expanding writes the words of the
states that the steps lead to, in the order of the reference engine. Where a table has no answer yet, the state is given
back with what is missing, and nothing of it counts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

if __name__.endswith("_compiled"):
    import numba

    # Nothing is allocated here, so references need not be counted; counting them would take nearly all the time.
    _compiled: Any = numba.njit
    kernel: Callable[[Any], Any] = _compiled(cache=True, nogil=True, _nrt=False)
    inlined: Callable[[Any], Any] = _compiled(inline="always", _nrt=False)
else:

    def kernel(function: Any) -> Any:
        """Leave a function as it is."""
        return function

    inlined = kernel


#: In the tables: not asked yet; there is nothing; nobody answers, and that was told; asked for, but not answered yet.
UNKNOWN, NONE, TOLD, PENDING = -1, -2, -3, -4
#: What was missed: the acts of a local state, its answer to an arrival, what a content can do, a content with a message
#: added, a vector of budgets with one taken, whether a restriction allows a label in a state.
ACTS, RECEPTION, CONTENT, PUT, SPEND, ALLOWED = 0, 1, 2, 3, 4, 5
#: Places in ``Output.counts``. ``SILENT`` is 1 where steps are looked at again, or too early, and nothing is to be noted;
#: ``CROWDED`` is 1 where a state has more steps than there is room for.
SUCCESSORS, MISSES, SIGHTS, UNANSWERED, SILENT, CROWDED = 0, 1, 2, 3, 4, 5
COUNTS = 6
#: What a move comes to instead of a word: something was missed; it is disabled; ``BOUND - n``: bound n is in the way.
MISSED, DISABLED, BOUND = -1, -2, -3
#: The free places of a set of pairs.
FREE = -1
# Odd numbers below 2 ** 30: times 31 bits they stay below 2 ** 61, since compiled code must not overflow.
_LOW = (1 << 31) - 1
_MIXED = (1 << 46) - 1
_A, _B, _C, _D = 0x2C1B3C6D, 0x297A2D39, 0x3B9ACA07, 0x1B873593


class View(NamedTuple):
    """The tables as the kernel reads them; each is a list, or an array, of whole numbers, but for counts and strides.

    Lists of moves, deliveries and mischiefs are laid end to end; ``..._last`` marks the last entry of each.
    """

    #: Of a local state, where its timeouts and its calls begin.
    timeouts: Any
    calls: Any
    #: Of a local state (row) and an arrival (column), where the moves begin.
    receptions: Any
    reception_stride: int
    #: Of a move: the local state it leads to, where its sends begin (they end where those of the next move begin), the
    #: bound that blocks it, the budget that it takes from, its label, whether it is the last, whether it was ever taken.
    move_after: Any
    move_sends: Any
    move_blocked: Any
    move_budget: Any
    move_label: Any
    move_last: Any
    move_used: Any
    #: Of a send: the channel and the message.
    send_channel: Any
    send_message: Any
    #: Of a content: where its deliveries, losses and copies begin.
    deliveries: Any
    losses: Any
    copies: Any
    #: Of a delivery: the arrival, and the content that is left.
    delivery_arrival: Any
    delivery_rest: Any
    delivery_last: Any
    #: Of a loss or copy: the content after it (``NONE``: it does not fit), its label, whether it is the last.
    mischief_after: Any
    mischief_label: Any
    mischief_last: Any
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
    #: Of a budget, the bound that it is; of a bound, whether it was reached.
    budget_bound: Any
    bound_reached: Any


class Layout(NamedTuple):
    """How a state lies in a word: the lowest bit and the unshifted mask of each component.

    First the processes, then the channels, then the vector of budgets.
    """

    shifts: Any
    masks: Any
    processes: int
    channels: int


class Pairs(NamedTuple):
    """A set of pairs of numbers, as an open table whose size is a power of two; ``values`` go with them."""

    ones: Any
    others: Any
    values: Any


class Asked(NamedTuple):
    """What has to be noted on the way: the parts of a state that properties of steps, and of states, look at.

    ``allowed`` answers for restrictions: (masked word, label and restriction).
    """

    step_masks: Any
    seen: Pairs
    allowed: Pairs
    restriction_masks: Any


class Output(NamedTuple):
    """Where a call writes; all with room for what one call can write.

    ``misses`` are four numbers each: kind, one, other, word. ``sights`` are steps of which a property sees something
    new: word before, label, word after; or states, with a negative label.
    ``begins`` and ``sizes`` tell of each place where its successors are, and how many.
    """

    successors: Any
    misses: Any
    sights: Any
    begins: Any
    sizes: Any
    counts: Any


@inlined
def mixed(word: int) -> int:
    """A number below 2 ** 46 in which every bit depends on all bits of the word."""
    found = ((word & _LOW) * _A) ^ ((word >> 31) * _B)
    found ^= found >> 23
    found = ((found & _LOW) * _C) ^ ((found >> 31) * _D)
    found ^= found >> 29
    found = ((found & _LOW) * _A) ^ ((found >> 31) * _B)
    return (found >> 8) & _MIXED


@inlined
def place_of(pairs: Pairs, one: int, other: int) -> int:
    """The place of a pair, or the free place where it belongs, as ``-1 - place``."""
    last = len(pairs.ones) - 1
    place: int = mixed(one ^ mixed(other)) & last
    while pairs.ones[place] != FREE:
        if pairs.ones[place] == one and pairs.others[place] == other:
            return place
        place = (place + 1) & last
    return -1 - place


@kernel
def refill(old: Pairs, new: Pairs) -> None:
    """Put all pairs of a table into another, larger one."""
    for place in range(len(old.ones)):
        if old.ones[place] != FREE:
            free = -1 - place_of(new, old.ones[place], old.others[place])
            new.ones[free] = old.ones[place]
            new.others[free] = old.others[place]
            new.values[free] = old.values[place]


@inlined
def slot_of(slots: Any, word: int) -> int:
    """The slot of a word, or the free one where it belongs, as ``-1 - slot``."""
    size = len(slots)
    slot = int(mixed(word) * (size / 70368744177664.0))
    while slots[slot] != FREE:
        if slots[slot] == word:
            return slot
        slot += 1
        if slot == size:
            slot = 0
    return -1 - slot


@kernel
def insert(slots: Any, words: Any, first: int, last: int, fresh: Any, count: int) -> int:
    """Put words into an open table of words; the new ones are also put into ``fresh`` from ``count`` on, and counted."""
    for place in range(first, last):
        slot = slot_of(slots, words[place])
        if slot < 0:
            slots[-1 - slot] = words[place]
            fresh[count] = words[place]
            count += 1
    return count


@kernel
def _miss(misses: Any, counts: Any, kind: int, one: int, other: int, word: int) -> None:
    """Tell what is missing. The steps behind it are noted in their turn, when the state is expanded again."""
    counts[SILENT] = 1
    count = counts[MISSES]
    if 4 * count + 4 <= len(misses):
        misses[4 * count] = kind
        misses[4 * count + 1] = one
        misses[4 * count + 2] = other
        misses[4 * count + 3] = word
        counts[MISSES] = count + 1


@inlined
def _moved(view: View, layout: Layout, output: Output, word: int, begun: int, process: int, move: int) -> int:
    """The word after a move, or what comes of it instead. ``begun`` is the word without what the step consumed."""
    shift = layout.shifts[process]
    after: int = (begun & ~(layout.masks[process] << shift)) | (view.move_after[move] << shift)
    for send in range(view.move_sends[move], view.move_sends[move + 1]):
        component = layout.processes + view.send_channel[send]
        shift, mask = layout.shifts[component], layout.masks[component]
        content = (after >> shift) & mask
        at = content * view.put_stride + view.send_message[send]
        put = view.puts[at]
        if put < 0:
            if put == UNKNOWN:
                view.puts[at] = PENDING
                _miss(output.misses, output.counts, PUT, content, view.send_message[send], word)
            after = BOUND - view.channel_bound[view.send_channel[send]] if put == NONE else MISSED
            break
        after = (after & ~(mask << shift)) | (put << shift)
    return after


@inlined
def _spent(view: View, layout: Layout, output: Output, word: int, begun: int, budget: int) -> int:
    """A word with one taken from a budget, or what comes of it instead."""
    found = begun
    if budget != NONE:
        component = layout.processes + layout.channels
        shift, mask = layout.shifts[component], layout.masks[component]
        vector = (begun >> shift) & mask
        at = vector * view.spend_stride + budget
        spent = view.spends[at]
        if spent >= 0:
            found = (begun & ~(mask << shift)) | (spent << shift)
        else:
            if spent == UNKNOWN:
                view.spends[at] = PENDING
                _miss(output.misses, output.counts, SPEND, vector, budget, word)
            found = BOUND - view.budget_bound[budget] if spent == NONE else MISSED
    return found


@inlined
def _allowed(view: View, asked: Asked, output: Output, word: int, label: int) -> int:
    """1 if every restriction allows the label in the state, 0 if one does not, ``MISSED`` if one was not asked yet."""
    answer: int = 1
    at = view.label_restrictions[label]
    while at >= 0 and answer == 1:
        restriction = view.restriction_number[at]
        masked = word & asked.restriction_masks[restriction]
        other = label * len(asked.restriction_masks) + restriction
        found = place_of(asked.allowed, masked, other)
        if found < 0:
            asked.allowed.ones[-1 - found] = masked
            asked.allowed.others[-1 - found] = other
            asked.allowed.values[-1 - found] = PENDING
            _miss(output.misses, output.counts, ALLOWED, label, restriction, word)
            answer = MISSED
        elif asked.allowed.values[found] == PENDING:
            answer = MISSED
        else:
            answer = asked.allowed.values[found]
        at = at + 1 if view.restriction_last[at] == 0 else NONE
    return answer


@inlined
def _note(asked: Asked, output: Output, word: int, label: int, after: int) -> None:
    """Note a step of which some property sees something that it has not seen yet."""
    for number in range(len(asked.step_masks)):
        masked = word & asked.step_masks[number]
        found = place_of(asked.seen, masked, label)
        if found < 0:
            asked.seen.ones[-1 - found] = masked
            asked.seen.others[-1 - found] = label
            count = output.counts[SIGHTS]
            output.sights[3 * count] = word
            output.sights[3 * count + 1] = label
            output.sights[3 * count + 2] = after
            output.counts[SIGHTS] = count + 1


@inlined
def _source(view: View, layout: Layout, output: Output, word: int, source: int) -> int:
    """Where the entries of a source of steps begin: the deliveries of a channel, the timeouts of a process, and so on.

    ``NONE`` if it has none, ``MISSED`` if that is not known yet.
    """
    channels, processes = layout.channels, layout.processes
    first = NONE
    if source < channels:
        component = processes + source
        content = (word >> layout.shifts[component]) & layout.masks[component]
        first = view.deliveries[content]
        if first == UNKNOWN:
            view.deliveries[content] = PENDING
            _miss(output.misses, output.counts, CONTENT, content, 0, word)
    elif source < channels + 2 * processes:
        process = (source - channels) % processes
        local = (word >> layout.shifts[process]) & layout.masks[process]
        first = view.timeouts[local] if source < channels + processes else view.calls[local]
        if first == UNKNOWN:
            if source < channels + processes:
                view.timeouts[local] = PENDING
            else:
                view.calls[local] = PENDING
            _miss(output.misses, output.counts, ACTS, local, 0, word)
    else:
        channel = (source - channels - 2 * processes) % channels
        component = processes + channel
        content = (word >> layout.shifts[component]) & layout.masks[component]
        if source < 2 * channels + 2 * processes:
            first = view.losses[content] if view.has_losses == 1 else NONE
        else:
            first = view.copies[content] if view.has_copies == 1 else NONE
    return MISSED if first in (UNKNOWN, PENDING) else first


@inlined
def _steps(view: View, layout: Layout, asked: Asked, output: Output, word: int, sources: int) -> int:
    """Write the successors of one state by its first ``sources`` sources; how many steps those are, or ``MISSED``.

    The sources are in the order of exploration: the deliveries of every channel, the timeouts of every process, the
    calls, the losses of every channel, the copies.
    """
    channels, processes = layout.channels, layout.processes
    acting, meddling = channels, channels + 2 * processes
    steps = 0
    missed = False
    for source in range(sources):
        entry = _source(view, layout, output, word, source)
        if entry == MISSED:
            missed = True
            continue
        begun, process, shift, mask = word, 0, 0, 0
        if source < acting:
            process = view.channel_target[source]
            shift, mask = layout.shifts[processes + source], layout.masks[processes + source]
        elif source < meddling:
            process = (source - channels) % processes
        elif entry >= 0:
            channel = (source - meddling) % channels
            shift, mask = layout.shifts[processes + channel], layout.masks[processes + channel]
            budget = view.loss_budget if source < meddling + channels else view.copy_budget
            begun = _spent(view, layout, output, word, word, budget)
        while entry >= 0:
            move, base = entry, begun
            if source < acting:  # an entry is a delivery, and has a list of moves
                local = (word >> layout.shifts[process]) & layout.masks[process]
                arrival = view.delivery_arrival[entry]
                at = local * view.reception_stride + arrival
                move = view.receptions[at]
                base = (word & ~(mask << shift)) | (view.delivery_rest[entry] << shift)
                if move == UNKNOWN:
                    view.receptions[at] = PENDING
                    _miss(output.misses, output.counts, RECEPTION, local, arrival, word)
                if move in (UNKNOWN, PENDING):
                    missed = True
                elif move == NONE and output.counts[SILENT] == 0:
                    view.receptions[at] = TOLD
                    output.counts[UNANSWERED] += 1
            while move >= 0:
                after, label, is_blocked = base, 0, False
                if source >= meddling:  # an entry is a loss or a copy, and leads to one content
                    label = view.mischief_label[move]
                    if base >= 0:
                        content = view.mischief_after[move]
                        after = (base & ~(mask << shift)) | (content << shift)
                        if content == NONE:
                            after = BOUND - view.channel_bound[(source - meddling) % channels]
                else:
                    label = view.move_label[move]
                    after = _spent(view, layout, output, word, base, view.move_budget[move])
                    if view.move_blocked[move] != NONE:
                        is_blocked = after != MISSED
                        if is_blocked:
                            view.bound_reached[
                                BOUND - after if after <= BOUND else view.move_blocked[move]
                            ] = 1
                    elif after >= 0:
                        after = _moved(view, layout, output, word, after, process, move)
                allowed = 0
                if after == MISSED:
                    missed = True
                elif not is_blocked:
                    allowed = _allowed(view, asked, output, word, label)
                    missed = missed or allowed == MISSED
                if allowed == 1 and after <= BOUND:
                    view.bound_reached[BOUND - after] = 1
                elif allowed == 1 and (
                    output.counts[SUCCESSORS] == len(output.successors)
                    or 3 * (output.counts[SIGHTS] + len(asked.step_masks)) > len(output.sights)
                ):
                    output.counts[CROWDED] = 1
                elif allowed == 1:
                    output.successors[output.counts[SUCCESSORS]] = after
                    output.counts[SUCCESSORS] += 1
                    steps += 1
                    if output.counts[SILENT] == 0:
                        if source < meddling:
                            view.move_used[move] = 1
                        _note(asked, output, word, label, after)
                move = move + 1 if source < meddling and view.move_last[move] == 0 else NONE
            if source < acting:
                entry = entry + 1 if view.delivery_last[entry] == 0 else NONE
            elif source < meddling:
                entry = NONE
            else:
                entry = entry + 1 if view.mischief_last[entry] == 0 else NONE
    return MISSED if missed else steps


@kernel
def steps_of(view: View, layout: Layout, asked: Asked, output: Output, word: int, sources: int) -> int:
    """The same, not put in place: for those who go through states once more."""
    found: int = _steps(view, layout, asked, output, word, sources)
    return found


@inlined
def every_source(layout: Layout) -> int:
    """How many sources of steps there are."""
    return 3 * layout.channels + 2 * layout.processes


@kernel
def expand(
    view: View,
    layout: Layout,
    asked: Asked,
    output: Output,
    states: Any,
    places: Any,
    first: int,
    last: int,
    room: int,
) -> int:
    """Expand the states at ``places[first:last]``; how far it came before less than ``room`` was left to write.

    Of each state that is done, ``begins`` and ``sizes`` tell where its successors are; of one that missed something,
    ``sizes`` is ``MISSED``, and it is to be expanded again when that is filled in.
    """
    counts = output.counts
    for number in range(first, last):
        if (
            counts[SUCCESSORS] + room > len(output.successors)
            or 3 * (counts[SIGHTS] + room) > len(output.sights)
            or 4 * (counts[MISSES] + room) > len(output.misses)
        ):
            return number
        place = places[number]
        counts[SILENT] = 0
        begin = counts[SUCCESSORS]
        steps = _steps(view, layout, asked, output, states[place], every_source(layout))
        output.begins[place] = begin
        output.sizes[place] = steps
        if steps == MISSED:
            counts[SUCCESSORS] = begin
    return last


@kernel
def gather(output: Output, slots: Any, count: int, fresh: Any) -> int:
    """Put the successors of the first ``count`` states into the open table, in order; the new ones also into ``fresh``."""
    new = 0
    for place in range(count):
        begin = output.begins[place]
        new = insert(slots, output.successors, begin, begin + output.sizes[place], fresh, new)
    return new


@kernel
def parent_of(
    view: View, layout: Layout, asked: Asked, output: Output, states: Any, first: int, last: int, word: int
) -> int:
    """The place of the first of these states that a step leads from to ``word``; -1 if there is none.

    Nothing is missed: they were all expanded before.
    """
    for place in range(first, last):
        output.counts[SUCCESSORS] = 0
        steps_of(view, layout, asked, output, states[place], every_source(layout))
        for number in range(output.counts[SUCCESSORS]):
            if output.successors[number] == word:
                return place
    return -1


@kernel
def look(asked: Asked, output: Output, masks: Any, words: Any, first: int, last: int, room: int) -> int:
    """Note the states of which some property sees something new, by label ``-2 - mask``; where it stopped for want of room."""
    for place in range(first, last):
        if 3 * (output.counts[SIGHTS] + len(masks)) > len(output.sights):
            return place
        for number in range(len(masks)):
            masked = words[place] & masks[number]
            found = place_of(asked.seen, masked, -2 - number)
            if found < 0:
                asked.seen.ones[-1 - found] = masked
                asked.seen.others[-1 - found] = -2 - number
                count = output.counts[SIGHTS]
                output.sights[3 * count] = words[place]
                output.sights[3 * count + 1] = -2 - number
                output.sights[3 * count + 2] = 0
                output.counts[SIGHTS] = count + 1
                if output.counts[SIGHTS] >= room:
                    return place + 1
    return last


@kernel
def spread(
    view: View, layout: Layout, asked: Asked, output: Output, sources: int, is_every: int, slots: Any, marks: Any,
    states: Any, first: int, last: int,
) -> int:  # fmt: skip
    """Mark the states from which a step leads to a marked one; with ``is_every``, those from which every step does.

    Steps are those of the first ``sources`` sources. The states are gone through backwards; how many were marked.
    """
    marked = 0
    for place in range(last - 1, first - 1, -1):
        slot = slot_of(slots, states[place])
        if marks[slot] == 0:
            output.counts[SUCCESSORS] = 0
            steps_of(view, layout, asked, output, states[place], sources)
            good = 0
            for number in range(output.counts[SUCCESSORS]):
                good += marks[slot_of(slots, output.successors[number])]
            if good == output.counts[SUCCESSORS] if is_every == 1 else good > 0:
                marks[slot] = 1
                marked += 1
    return marked


@kernel
def mark_goals(goals: Pairs, mask: int, slots: Any, marks: Any, states: Any, first: int, last: int) -> None:
    """Mark the states whose masked words are goals: ``goals`` has (masked word, 0) for each of them."""
    for place in range(first, last):
        if place_of(goals, states[place] & mask, 0) >= 0:
            marks[slot_of(slots, states[place])] = 1


@kernel
def mark_all(slots: Any, marks: Any, states: Any, first: int, last: int) -> None:
    """Mark these states."""
    for place in range(first, last):
        marks[slot_of(slots, states[place])] = 1


@kernel
def first_unmarked(slots: Any, marks: Any, states: Any, first: int, last: int) -> int:
    """The place of the first of these states that is not marked; ``last`` if there is none."""
    for place in range(first, last):
        if marks[slot_of(slots, states[place])] == 0:
            return place
    return last


@kernel
def first_like(states: Any, first: int, last: int, mask: int, masked: int) -> int:
    """The place of the first of these states that has this masked word; ``last`` if there is none."""
    for place in range(first, last):
        if states[place] & mask == masked:
            return place
    return last


@kernel
def first_unanswered(view: View, layout: Layout, states: Any, first: int, last: int) -> int:
    """The place of the first of these states in which something arrives that nobody answers; ``last`` if there is none."""
    for place in range(first, last):
        for channel in range(layout.channels):
            component = layout.processes + channel
            delivery = view.deliveries[(states[place] >> layout.shifts[component]) & layout.masks[component]]
            process = view.channel_target[channel]
            local = (states[place] >> layout.shifts[process]) & layout.masks[process]
            while delivery >= 0:
                if view.receptions[local * view.reception_stride + view.delivery_arrival[delivery]] == TOLD:
                    return place
                delivery = delivery + 1 if view.delivery_last[delivery] == 0 else NONE
    return last
