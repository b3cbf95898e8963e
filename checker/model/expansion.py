"""What expanding one state finds: its steps, the bounds that forbade others, the messages nobody answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from checker.model.vocabulary import Local, Message, State, Step, TransitionSystem


class Unanswered(NamedTuple):
    """An unspecified reception: the process, in this local state, has no outcome for this message.

    The notion is from Brand and Zafiropulo, "On communicating finite-state machines",
    Journal of the ACM 30(2), 1983.
    """

    process: str
    local: Local
    message: Message


class Expansion(NamedTuple):
    """All there is to see in one state.

    ``bounds_reached`` names the bounds that disabled a step which would otherwise have been possible, ``refused`` the
    restrictions that were the first to disable one, within the bounds or not. ``blocked_by`` are
    those bounds reached that are no budgets. A budget says how often something happens, and with it used up that is over; a
    capacity, or a supply that ran out, only keeps it from happening.
    """

    steps: tuple[Step, ...]
    bounds_reached: tuple[str, ...] = ()
    unanswered: tuple[Unanswered, ...] = ()
    refused: tuple[str, ...] = ()
    blocked_by: tuple[str, ...] = ()

    @property
    def is_end(self) -> bool:
        """Whether nothing more happens, and no bound but a budget is why."""
        return not self.steps and not self.blocked_by


@runtime_checkable
class Observed(Protocol):
    """A transition system that also reports the bounds reached and the receptions unanswered."""

    @property
    def initials(self) -> Sequence[State]:
        """The initial states."""

    def steps(self, state: State) -> Sequence[Step]:
        """The steps of a state."""

    def expand(self, state: State) -> Expansion:
        """The steps of a state together with the observations."""


def expander(system: TransitionSystem) -> Callable[[State], Expansion]:
    """The function that expands a state of the system, whether or not the system reports observations.

    Raises (the function returned):
        ValueError: a step begins in another state, or two steps have the same label, so that a step would not be
            known by where it begins and its label.
    """
    if isinstance(system, Observed):
        return system.expand

    def expand(state: State) -> Expansion:
        steps = tuple(system.steps(state))
        if any(step.before != state for step in steps):
            raise ValueError(f"a step of {state} begins in another state")
        labels = [step.label for step in steps]
        if len(set(labels)) < len(labels):
            twice = next(label for label in labels if labels.count(label) > 1)
            raise ValueError(f"two steps of one state have the label {twice}")
        return Expansion(steps)

    return expand
