"""What processes, channels and budgets do, as tables of numbers that are filled as they are needed.

Every local state (with its process), message, content (with its channel), vector of budgets and label is known by a
number, in the order in which it was first met. ``process.act`` and ``process.receive`` are called once for every
(local state, stimulus); the answers are *moves*.
"""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING, Any

from checker.fast.columns import Grid, Rows
from checker.fast.interning import Pool
from checker.fast.kernel import (
    ACTS,
    CALLS,
    CONTENT,
    CONTENTS,
    COPIES,
    DELIVERIES,
    DELIVERY,
    DISPATCH,
    END,
    FINAL,
    HAPPENED,
    LABEL,
    LAST,
    LOCAL,
    LOSSES,
    MISCHIEF,
    MOVE,
    NAME,
    NONE,
    PENDING,
    PUT,
    RECEPTION,
    TIMEOUTS,
    UNKNOWN,
    USED,
    View,
)
from checker.model.bounds import DUPLICATION, LOSS, budget_name, capacity_name, taken_name
from checker.model.reactions import Reactions
from checker.model.vocabulary import Label, State

if TYPE_CHECKING:
    from checker.model.system import System
    from checker.model.vocabulary import Outcome


class Tables:
    """The tables of one system; ``compiled`` says for which kernel."""

    def __init__(self, system: System, *, compiled: bool) -> None:
        self.system = system
        self.compiled = compiled
        self.locals, self.messages, self.contents = Pool(), Pool(), Pool()
        self.arrivals, self.budgets, self.labels, self.bounds = Pool(), Pool(), Pool(), Pool()
        self.outcomes: list[Outcome] = []
        self._processes = {process.name: number for number, process in enumerate(system.processes)}
        self._reactions = Reactions(system.processes, system.channels)
        self._budget_numbers = {name: number for number, (name, _) in enumerate(system.budgets)}

        def rows(length: int) -> Rows:
            return Rows(length, compiled=compiled)

        self.receptions, self.puts, self.spends = (Grid(compiled=compiled) for _ in range(3))
        self.local_rows, self.moves, self.sends = rows(LOCAL), rows(MOVE), rows(DISPATCH)
        self.content_rows, self.deliveries, self.mischiefs = rows(CONTENTS), rows(DELIVERY), rows(MISCHIEF)
        self.label_restrictions, self.restriction_number, self.restriction_last = rows(1), rows(1), rows(1)
        self.bound_reached, self.bound_is_budget = rows(1), rows(1)
        self.budget_bound, self.channel_target, self.channel_bound = rows(1), rows(1), rows(1)
        #: What was filled in, in order: of each kind, one, other.
        self.filled = array("i")
        #: Whether nothing is half filled in.
        self.is_whole = True
        for name, _ in system.budgets:
            self.budget_bound.append(self._bound(name))
        for channel in system.channels:
            self.channel_target.append(self._processes[channel.target])
            self.channel_bound.append(self._bound(capacity_name(channel)))

    def view(self) -> View:
        """What the kernel reads; it is to be asked for again after anything was filled in."""
        system = self.system
        return View(
            locals=self.local_rows.data, moves=self.moves.data, sends=self.sends.data, contents=self.content_rows.data,
            deliveries=self.deliveries.data, mischiefs=self.mischiefs.data,
            receptions=self.receptions.data, reception_stride=self.receptions.stride,
            puts=self.puts.data, put_stride=self.puts.stride, spends=self.spends.data, spend_stride=self.spends.stride,
            label_restrictions=self.label_restrictions.data, restriction_number=self.restriction_number.data,
            restriction_last=self.restriction_last.data, channel_target=self.channel_target.data,
            channel_bound=self.channel_bound.data,
            loss_budget=self._budget_numbers.get(LOSS, NONE), copy_budget=self._budget_numbers.get(DUPLICATION, NONE),
            has_losses=int(system.losses != 0), has_copies=int(system.duplications != 0), budget_bound=self.budget_bound.data,
            bound_reached=self.bound_reached.data, bound_is_budget=self.bound_is_budget.data,
        )  # fmt: skip

    # ---- numbers -----------------------------------------------------------------------------------------------------

    def encode(self, state: State) -> tuple[int, ...]:
        """The components of a state as numbers: local states, contents, the vector of budgets."""
        return (
            *(self._local(process, local) for process, local in enumerate(state.locals)),
            *(self._content(channel, content) for channel, content in enumerate(state.channels)),
            self._budget(state.budgets),
        )

    def decode(self, numbers: tuple[int, ...]) -> State:
        """The state that these numbers stand for."""
        many = len(self.system.processes)
        return State(
            tuple(self.locals.values[number][1] for number in numbers[:many]),
            tuple(self.contents.values[number][1] for number in numbers[many:-1]),
            self.budgets.values[numbers[-1]],
        )

    def widths(self) -> tuple[int, ...]:
        """How many different numbers each component of a state can have so far, at most."""
        system = self.system
        return (
            *(len(self.locals) for _ in system.processes), *(len(self.contents) for _ in system.channels), len(self.budgets)
        )  # fmt: skip

    def _local(self, process: int, local: Any) -> int:
        number = self.locals.number((process, local))
        if number == len(self.local_rows):
            self.local_rows.append(UNKNOWN, UNKNOWN)
            self.receptions.reach(number + 1, len(self.arrivals))
        return number

    def _content(self, channel: int, content: Any) -> int:
        number = self.contents.number((channel, content))
        if number == len(self.content_rows):
            self.content_rows.append(UNKNOWN, UNKNOWN, UNKNOWN)
            self.puts.reach(number + 1, len(self.messages))
        return number

    def _message(self, message: Any) -> int:
        number = self.messages.number(message)
        self.puts.reach(len(self.contents), number + 1)
        return number

    def _arrival(self, channel: int, message: Any) -> int:
        number = self.arrivals.number((channel, self._message(message)))
        self.receptions.reach(len(self.locals), number + 1)
        return number

    def _budget(self, vector: tuple[int, ...]) -> int:
        number = self.budgets.number(vector)
        self.spends.reach(number + 1, len(vector))
        return number

    def _bound(self, name: str) -> int:
        number = self.bounds.number(name)
        if number == len(self.bound_reached):
            self.bound_reached.append(0)
            self.bound_is_budget.append(int(name in self._budget_numbers))
        return number

    def _label(self, label: Label) -> int:
        number = self.labels.number(label)
        if number == len(self.label_restrictions):
            concerned = [
                place
                for place, restriction in enumerate(self.system.restrictions)
                if restriction.concerns(label)
            ]
            first = len(self.restriction_number)
            self.label_restrictions.append(first if concerned else NONE)
            for place in concerned:
                self.restriction_number.append(place)
                self.restriction_last.append(int(place == concerned[-1]))
        return number

    def outcome(self, locals_: tuple[Any, ...], label: Label) -> Outcome:
        """What the process that acts in a step with this label does in these local states."""
        process = self._processes[label.actor]
        local = locals_[process]
        if label.kind == "deliver":
            reactions = self._reactions.to_message(process, local, label.message)
        else:
            reactions = self._reactions.to_action(process, local, label.action)
        return next(reaction.outcome for reaction in reactions if reaction.outcome.choice == label.choice)

    def taken(self) -> frozenset[str]:
        """The names of what the steps that were taken took from."""
        moves = [self.moves.get(at, LABEL) for at in range(len(self.moves)) if self.moves.get(at, USED)]
        faults = [
            self.mischiefs.get(at, NAME)
            for at in range(len(self.mischiefs))
            if self.mischiefs.get(at, HAPPENED)
        ]
        names = {taken_name(self.labels.values[number]) for number in {*moves, *faults}}
        return frozenset(name for name in names if name is not None)

    # ---- filling in --------------------------------------------------------------------------------------------------

    def fill(self, kind: int, one: int, other: int) -> None:
        """Find out what the kernel missed: ``kind`` says of what, ``one`` and ``other`` of which numbers."""
        self.is_whole = False
        if kind == ACTS:
            self._fill_acts(one)
        elif kind == RECEPTION:
            self._fill_reception(one, other)
        elif kind == CONTENT:
            self._fill_content(one)
        elif kind == PUT:
            self._fill_put(one, other)
        else:
            self._fill_spend(one, other)
        self.filled.extend((kind, one, other))
        self.is_whole = True

    def _fill_acts(self, number: int) -> None:
        if all(self.local_rows.get(number, column) not in (UNKNOWN, PENDING) for column in (TIMEOUTS, CALLS)):
            return
        process, local = self.locals.values[number]
        asked = self.system.processes[process]
        for kind, column in (("timeout", TIMEOUTS), ("call", CALLS)):
            begin = len(self.moves)
            for action in asked.actions:
                if action.kind == kind and action.limit != 0:
                    budget = self._budget_numbers.get(budget_name(asked.name, action.name), NONE)
                    for reaction in self._reactions.to_action(process, local, action.name):
                        label = Label(action.kind, asked.name, action.name, choice=reaction.outcome.choice)
                        self._move(process, reaction, label, budget)
            self.local_rows.set(number, column, self._closed(self.moves, begin, LAST))

    def _fill_reception(self, number: int, arrival: int) -> None:
        if self.receptions.get(number, arrival) not in (UNKNOWN, PENDING):
            return
        process, local = self.locals.values[number]
        channel_number, message_number = self.arrivals.values[arrival]
        channel, message = self.system.channels[channel_number], self.messages.values[message_number]
        begin = len(self.moves)
        for reaction in self._reactions.to_message(process, local, message):
            label = Label("deliver", channel.target, "", channel.name, message, 0, reaction.outcome.choice)
            self._move(process, reaction, label, NONE)
        self.receptions.set(number, arrival, self._closed(self.moves, begin, LAST))

    def _move(self, process: int, reaction: Any, label: Label, budget: int) -> None:
        outcome = reaction.outcome
        blocked = NONE if outcome.blocked_by is None else self._bound(outcome.blocked_by)
        after = self._local(process, outcome.after)
        label_number = self._label(label)
        first = len(self.sends)
        for channel, message in reaction.sends:
            self.sends.append(channel, self._message(message))
        self.outcomes.append(outcome)
        self.moves.append(after, first, len(reaction.sends), blocked, budget, label_number, 0, 0)

    @staticmethod
    def _closed(rows: Rows, begin: int, column: int) -> int:
        """Mark the last of some rows that were added from ``begin`` on; where they begin."""
        if len(rows) == begin:
            return NONE
        rows.set(len(rows) - 1, column, 1)
        return begin

    def _fill_content(self, number: int) -> None:
        if self.content_rows.get(number, DELIVERIES) not in (UNKNOWN, PENDING):
            return
        place, content = self.contents.values[number]
        channel, system = self.system.channels[place], self.system
        begin = len(self.deliveries)
        for message in channel.deliverable(content):
            arrival = self._arrival(place, message)
            rest = self._content(place, channel.deliver(content, message))
            self.deliveries.append(arrival, rest, 0)
        losses = copies = NONE
        if system.losses != 0:
            losses = self._mischiefs("lose", place, channel.losses(content))
        if system.duplications != 0:
            copies = self._mischiefs("duplicate", place, channel.duplicates(content))
        self.content_rows.set(number, DELIVERIES, self._closed(self.deliveries, begin, FINAL))
        self.content_rows.set(number, LOSSES, losses)
        self.content_rows.set(number, COPIES, copies)

    def _mischiefs(self, kind: Any, place: int, found: Any) -> int:
        channel = self.system.channels[place]
        begin = len(self.mischiefs)
        for position, message, changed in found:
            after = self._content(place, changed) if channel.fits(changed) else NONE
            label = self._label(Label(kind, channel.name, "", channel.name, message, position))
            self.mischiefs.append(after, label, 0, 0)
        return self._closed(self.mischiefs, begin, END)

    def _fill_put(self, number: int, message: int) -> None:
        place, content = self.contents.values[number]
        channel = self.system.channels[place]
        after = channel.put(content, self.messages.values[message])
        self.puts.set(number, message, self._content(place, after) if channel.fits(after) else NONE)

    def _fill_spend(self, number: int, budget: int) -> None:
        vector = self.budgets.values[number]
        left = vector[budget]
        spent = (*vector[:budget], left - 1, *vector[budget + 1 :])
        self.spends.set(number, budget, self._budget(spent) if left else NONE)
