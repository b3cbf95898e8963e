"""What processes, channels and budgets do, as tables of numbers that are filled as they are needed.

Every local state (with its process), message, content (with its channel), vector of budgets and label is known by a
number, in the order in which it was first met. ``process.act`` and ``process.receive`` are called once for every
(local state, stimulus); the answers are *moves*.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from checker.fast.columns import Column, Grid
from checker.fast.kernel import ACTS, CONTENT, NONE, PENDING, PUT, RECEPTION, UNKNOWN, View
from checker.fast.pool import Pool
from checker.model import Label, State
from checker.parts import DUPLICATION, LOSS, budget_name, capacity_name
from checker.reactions import Reactions

if TYPE_CHECKING:
    from checker.model import Outcome
    from checker.system import System


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
        column = self._column
        self.timeouts, self.calls = column(), column()
        self.receptions, self.puts, self.spends = (Grid(compiled=compiled) for _ in range(3))
        self.move_after, self.move_sends, self.move_blocked, self.move_budget = (
            column(),
            column(),
            column(),
            column(),
        )
        self.move_label, self.move_last, self.move_used = column(), column(), column()
        self.send_channel, self.send_message = column(), column()
        self.deliveries, self.losses, self.copies = column(), column(), column()
        self.delivery_arrival, self.delivery_rest, self.delivery_last = column(), column(), column()
        self.mischief_after, self.mischief_label, self.mischief_last = column(), column(), column()
        self.label_restrictions, self.restriction_number, self.restriction_last = column(), column(), column()
        self.bound_reached, self.budget_bound = column(), column()
        self.channel_target, self.channel_bound = column(), column()
        self.move_sends.append(0)
        for name, _ in system.budgets:
            self.budget_bound.append(self._bound(name))
        for channel in system.channels:
            self.channel_target.append(self._processes[channel.target])
            self.channel_bound.append(self._bound(capacity_name(channel)))

    def _column(self) -> Column:
        return Column(compiled=self.compiled)

    def view(self) -> View:
        """What the kernel reads; it is to be asked for again after anything was filled in."""
        system = self.system
        return View(
            timeouts=self.timeouts.data, calls=self.calls.data,
            receptions=self.receptions.data, reception_stride=self.receptions.stride,
            move_after=self.move_after.data, move_sends=self.move_sends.data, move_blocked=self.move_blocked.data,
            move_budget=self.move_budget.data, move_label=self.move_label.data, move_last=self.move_last.data,
            move_used=self.move_used.data, send_channel=self.send_channel.data, send_message=self.send_message.data,
            deliveries=self.deliveries.data, losses=self.losses.data, copies=self.copies.data,
            delivery_arrival=self.delivery_arrival.data, delivery_rest=self.delivery_rest.data,
            delivery_last=self.delivery_last.data, mischief_after=self.mischief_after.data,
            mischief_label=self.mischief_label.data, mischief_last=self.mischief_last.data,
            puts=self.puts.data, put_stride=self.puts.stride, spends=self.spends.data, spend_stride=self.spends.stride,
            label_restrictions=self.label_restrictions.data, restriction_number=self.restriction_number.data,
            restriction_last=self.restriction_last.data, channel_target=self.channel_target.data,
            channel_bound=self.channel_bound.data,
            loss_budget=self._budget_numbers.get(LOSS, NONE), copy_budget=self._budget_numbers.get(DUPLICATION, NONE),
            has_losses=int(system.losses != 0), has_copies=int(system.duplications != 0),
            budget_bound=self.budget_bound.data, bound_reached=self.bound_reached.data,
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
        if number == len(self.timeouts):
            self.timeouts.append(UNKNOWN)
            self.calls.append(UNKNOWN)
            self.receptions.reach(number + 1, len(self.arrivals))
        return number

    def _content(self, channel: int, content: Any) -> int:
        number = self.contents.number((channel, content))
        if number == len(self.deliveries):
            for column in (self.deliveries, self.losses, self.copies):
                column.append(UNKNOWN)
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

    # ---- filling in --------------------------------------------------------------------------------------------------

    def fill(self, kind: int, one: int, other: int) -> None:
        """Find out what the kernel missed: ``kind`` says of what, ``one`` and ``other`` of which numbers."""
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

    def _fill_acts(self, number: int) -> None:
        if self.timeouts.data[number] not in (UNKNOWN, PENDING) and self.calls.data[number] not in (
            UNKNOWN,
            PENDING,
        ):
            return
        process, local = self.locals.values[number]
        asked = self.system.processes[process]
        for kind, column in (("timeout", self.timeouts), ("call", self.calls)):
            begin = len(self.move_after)
            for action in asked.actions:
                if action.kind == kind and action.limit != 0:
                    budget = self._budget_numbers.get(budget_name(asked.name, action.name), NONE)
                    for reaction in self._reactions.to_action(process, local, action.name):
                        label = Label(action.kind, asked.name, action.name, choice=reaction.outcome.choice)
                        self._move(process, reaction, label, budget)
            column.data[number] = self._closed(begin)

    def _fill_reception(self, number: int, arrival: int) -> None:
        if self.receptions.data[number * self.receptions.stride + arrival] not in (UNKNOWN, PENDING):
            return
        process, local = self.locals.values[number]
        channel_number, message_number = self.arrivals.values[arrival]
        channel, message = self.system.channels[channel_number], self.messages.values[message_number]
        begin = len(self.move_after)
        for reaction in self._reactions.to_message(process, local, message):
            label = Label("deliver", channel.target, "", channel.name, message, 0, reaction.outcome.choice)
            self._move(process, reaction, label, NONE)
        self.receptions.set(number, arrival, self._closed(begin))

    def _move(self, process: int, reaction: Any, label: Label, budget: int) -> None:
        outcome = reaction.outcome
        blocked = NONE if outcome.blocked_by is None else self._bound(outcome.blocked_by)
        after = self._local(process, outcome.after)
        label_number = self._label(label)
        for channel, message in reaction.sends:
            self.send_channel.append(channel)
            self.send_message.append(self._message(message))
        self.outcomes.append(outcome)
        self.move_after.append(after)
        self.move_sends.append(len(self.send_channel))
        self.move_blocked.append(blocked)
        self.move_budget.append(budget)
        self.move_label.append(label_number)
        self.move_last.append(0)
        self.move_used.append(0)

    def _closed(self, begin: int) -> int:
        if len(self.move_after) == begin:
            return NONE
        self.move_last.data[len(self.move_after) - 1] = 1
        return begin

    def _fill_content(self, number: int) -> None:
        if self.deliveries.data[number] not in (UNKNOWN, PENDING):
            return
        place, content = self.contents.values[number]
        channel, system = self.system.channels[place], self.system
        begin = len(self.delivery_arrival)
        for message in channel.deliverable(content):
            arrival = self._arrival(place, message)
            rest = self._content(place, channel.deliver(content, message))
            self.delivery_arrival.append(arrival)
            self.delivery_rest.append(rest)
            self.delivery_last.append(0)
        if len(self.delivery_arrival) == begin:
            self.deliveries.data[number] = NONE
        else:
            self.delivery_last.data[len(self.delivery_last) - 1] = 1
            self.deliveries.data[number] = begin
        self.losses.data[number] = self.copies.data[number] = NONE
        if system.losses != 0:
            self.losses.data[number] = self._mischiefs("lose", place, channel.losses(content))
        if system.duplications != 0:
            self.copies.data[number] = self._mischiefs("duplicate", place, channel.duplicates(content))

    def _mischiefs(self, kind: Any, place: int, found: Any) -> int:
        channel = self.system.channels[place]
        begin = len(self.mischief_after)
        for position, message, changed in found:
            fits = channel.fits(changed)
            after = self._content(place, changed) if fits else NONE
            label = self._label(Label(kind, channel.name, "", channel.name, message, position))
            self.mischief_after.append(after)
            self.mischief_label.append(label)
            self.mischief_last.append(0)
        if len(self.mischief_after) == begin:
            return NONE
        self.mischief_last.data[len(self.mischief_last) - 1] = 1
        return begin

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
