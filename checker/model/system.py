"""A system: processes, the channels between them, and the bounds within which it runs.

A step changes the local state of at most one process: it receives a message, or acts by itself.
Losing and duplicating a message are steps of the network.
This is the model of Brand and Zafiropulo, "On communicating finite-state machines",
Journal of the ACM 30(2), 1983, with the channels and the mischief made explicit.

Nothing that a bound forbids is dropped or clamped: the whole step is disabled, and the bound is reported as reached.
A bound counts as reached where the step would otherwise have been possible,
so a space that was explored completely without reaching a bound does not depend on that bound.
Of several bounds that forbid one step the first is reported: the budget, then what blocks the outcome, then a capacity.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeVar

from checker.model.bounds import (
    DUPLICATION,
    LOSS,
    budget_name,
    budgets_of,
    capacity_name,
    check_channels,
    check_mischief,
    check_processes,
)
from checker.model.expansion import Expansion, Unanswered
from checker.model.reactions import Reactions
from checker.model.vocabulary import Attempt, Label, State, Step

if TYPE_CHECKING:
    from collections.abc import Iterable

    from checker.model.channel import Channel, Content
    from checker.model.reactions import Reaction
    from checker.model.vocabulary import Local, Process, Restriction

T = TypeVar("T")


class System:
    """Communicating processes with everything that bounds them; it does not change once it is made.

    ``losses`` and ``duplications`` bound how many messages the network loses and duplicates in one run;
    ``None`` is unlimited. With a limit of 0 such steps are not part of the system, so no bound is reported for them;
    the same goes for an action with the limit 0.

    A restriction is asked about everything that would be a step, also about what then turns out to exceed a bound
    (it is asked first, so that an assumption is not mistaken for a bound). It is not asked about an outcome its process
    reports as blocked.

    Without ``remembers`` the processes are asked what they do each time, as if it could change.
    """

    def __init__(
        self,
        processes: Iterable[Process],
        channels: Iterable[Channel] = (),
        *,
        losses: int | None = 0,
        duplications: int | None = 0,
        restrictions: Iterable[Restriction] = (),
        remembers: bool = True,
    ) -> None:
        """Put the parts together.

        Raises:
            ValueError: the parts do not fit together; the message says which and why.
        """
        self.processes: tuple[Process, ...] = tuple(processes)
        self.channels: tuple[Channel, ...] = tuple(channels)
        self.losses = losses
        self.duplications = duplications
        self.restrictions: tuple[Restriction, ...] = tuple(restrictions)
        check_processes(self.processes)
        check_channels(self.channels, self.processes)
        check_mischief(losses, duplications, self.restrictions)
        self.budgets: tuple[tuple[str, int], ...] = budgets_of(self.processes, losses, duplications)
        self._reactions = Reactions(self.processes, self.channels, remembers=remembers)
        self._process_numbers = {process.name: number for number, process in enumerate(self.processes)}
        self._channel_numbers = {channel.name: number for number, channel in enumerate(self.channels)}
        self._budget_numbers = {name: number for number, (name, _) in enumerate(self.budgets)}

    @property
    def initials(self) -> tuple[State, ...]:
        """The one initial state: every process and channel at its start, every budget untouched."""
        return (
            State(
                tuple(process.initial for process in self.processes),
                tuple(channel.start for channel in self.channels),
                tuple(limit for _, limit in self.budgets),
            ),
        )

    def local(self, state: State, process: str) -> Local:
        """The local state of the named process."""
        return state.locals[self._process_numbers[process]]

    def content(self, state: State, channel: str) -> Content:
        """The content of the named channel."""
        return state.channels[self._channel_numbers[channel]]

    def steps(self, state: State) -> tuple[Step, ...]:
        """The enabled steps of a state, in the order of ``STEP_KINDS``."""
        return self.expand(state).steps

    def expand(self, state: State) -> Expansion:
        """The enabled steps of a state, the bounds that disabled others, and the receptions unanswered.

        Raises:
            ValueError: a process sends where it cannot, or gives two outcomes with the same choice.
        """
        found = _Found(state, self.restrictions)
        self._deliver(found)
        self._act(found, "timeout")
        self._act(found, "call")
        self._meddle(found, "lose")
        self._meddle(found, "duplicate")
        reached = tuple(sorted(found.reached))
        return Expansion(
            tuple(found.steps),
            reached,
            tuple(found.unanswered),
            tuple(sorted(found.refused)),
            tuple(bound for bound in reached if bound not in self._budget_numbers),
        )

    def _deliver(self, found: _Found) -> None:
        state = found.before
        for number, channel in enumerate(self.channels):
            content = state.channels[number]
            target = self._process_numbers[channel.target]
            local = state.locals[target]
            for message in channel.deliverable(content):
                reactions = self._reactions.to_message(target, local, message)
                if not reactions:
                    found.unanswered.append(Unanswered(channel.target, local, message))
                    continue
                rest = _replaced(state.channels, number, channel.deliver(content, message))
                taken = State(state.locals, rest, state.budgets)
                for reaction in reactions:
                    label = Label(
                        "deliver", channel.target, "", channel.name, message, 0, reaction.outcome.choice
                    )
                    self._react(found, label, reaction, taken)

    def _act(self, found: _Found, kind: Literal["timeout", "call"]) -> None:
        state = found.before
        for number, process in enumerate(self.processes):
            for action in process.actions:
                if action.kind != kind or action.limit == 0:
                    continue
                reactions = self._reactions.to_action(number, state.locals[number], action.name)
                if not reactions:
                    continue
                begun, exhausted = self._spent(state, budget_name(process.name, action.name))
                for reaction in reactions:
                    label = Label(kind, process.name, action.name, choice=reaction.outcome.choice)
                    self._react(found, label, reaction, begun, exhausted)

    def _react(
        self, found: _Found, label: Label, reaction: Reaction, begun: State, exhausted: str | None = None
    ) -> None:
        """Offer the step in which the process reacts; ``begun`` is the state without what the step consumed."""
        outcome = reaction.outcome
        if outcome.blocked_by is not None:
            found.reached.add(exhausted or outcome.blocked_by)
            return
        contents = begun.channels
        bound = exhausted
        for number, message in reaction.sends:
            channel = self.channels[number]
            content = channel.put(contents[number], message)
            if bound is None and not channel.fits(content):
                bound = capacity_name(channel)
            contents = _replaced(contents, number, content)
        process = self._process_numbers[label.actor]
        after = State(_replaced(begun.locals, process, outcome.after), contents, begun.budgets)
        found.offer(Step(found.before, label, outcome, after), bound)

    def _meddle(self, found: _Found, kind: Literal["lose", "duplicate"]) -> None:
        limit, name = (self.losses, LOSS) if kind == "lose" else (self.duplications, DUPLICATION)
        if limit == 0:
            return
        state = found.before
        begun, exhausted = self._spent(state, name)
        for number, channel in enumerate(self.channels):
            content = state.channels[number]
            mischiefs = channel.losses(content) if kind == "lose" else channel.duplicates(content)
            for position, message, changed in mischiefs:
                bound = exhausted
                if bound is None and not channel.fits(changed):
                    bound = capacity_name(channel)
                label = Label(kind, channel.name, "", channel.name, message, position)
                after = State(state.locals, _replaced(state.channels, number, changed), begun.budgets)
                found.offer(Step(state, label, None, after), bound)

    def _spent(self, state: State, name: str) -> tuple[State, str | None]:
        """The state with one taken from the named budget, if there is such a budget; the name if nothing was left."""
        number = self._budget_numbers.get(name)
        if number is None:
            return state, None
        left = state.budgets[number]
        begun = State(state.locals, state.channels, _replaced(state.budgets, number, left - 1))
        return begun, None if left else name


class _Found:
    """What the expansion of one state found so far."""

    __slots__ = ("before", "reached", "refused", "restrictions", "steps", "unanswered")

    def __init__(self, before: State, restrictions: tuple[Restriction, ...]) -> None:
        self.before = before
        self.restrictions = restrictions
        self.steps: list[Step] = []
        self.reached: set[str] = set()
        self.refused: set[str] = set()
        self.unanswered: list[Unanswered] = []

    def offer(self, step: Step, bound: str | None) -> None:
        """Take in a step that would be possible but for ``bound``; the restrictions speak first."""
        if self.restrictions:
            attempt = Attempt(step.before, step.label, step.outcome)
            for restriction in self.restrictions:
                if not restriction.allows(attempt):
                    self.refused.add(restriction.name)
                    return
        if bound is None:
            self.steps.append(step)
        else:
            self.reached.add(bound)


def _replaced(values: tuple[T, ...], number: int, value: T) -> tuple[T, ...]:
    return (*values[:number], value, *values[number + 1 :])
