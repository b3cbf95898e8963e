"""The vocabulary of the checker: processes, channels, states, labels, steps.

A system is a set of communicating processes.
Each process has a local state; a process that takes a step may send messages into channels.
The checker knows nothing of what the local states and messages mean: it needs them hashable,
equal by content, and (messages only) ordered by ``<`` so that a channel has one canonical content.

Everything here is a value: nothing is changed after it was made.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

# Any hashable value. Only the processes know more, and ``Hashable`` would make them cast wherever they use it.
Local = Any
Message = Any
StepKind = Literal["deliver", "timeout", "call", "lose", "duplicate"]

#: The order in which the steps of one state are explored.
#: Deliveries first and mischief last gives calm, readable shortest traces.
STEP_KINDS: tuple[StepKind, ...] = ("deliver", "timeout", "call", "lose", "duplicate")


class Firing(NamedTuple):
    """One rule that fired within a step; a step may be several rules in a row. ``event`` is what it answered."""

    rule: str
    before: str
    after: str
    where: str = ""
    event: str = ""


class Outcome(NamedTuple):
    """What a process does with one stimulus.

    ``sends`` are (channel name, message) pairs in the order of sending.
    ``choice`` tells the outcomes of one stimulus apart where there are several.
    ``blocked_by`` names the bound that forbids this outcome (say, a supply that ran out):
    the step is then disabled, and the bound is reported as reached
    (unless the action's own budget is used up: then it is the budget that stands in the way).
    """

    after: Local
    sends: tuple[tuple[str, Message], ...] = ()
    firings: tuple[Firing, ...] = ()
    choice: str = ""
    blocked_by: str | None = None


class Action(NamedTuple):
    """A step a process may take by itself: a call of its user, or a timeout.

    ``limit`` bounds how often it is taken in one run; ``None`` is unlimited.
    """

    name: str
    kind: Literal["call", "timeout"]
    limit: int | None = None


class Process(Protocol):
    """One communicating process.

    ``act`` and ``receive`` are functions of their arguments alone: same arguments, same outcomes.
    An empty result means that the process does not take part: for ``act`` the action is not
    enabled here, for ``receive`` the process has no answer to the message here
    (an *unspecified reception*, which the checker reports).
    """

    @property
    def name(self) -> str:
        """What labels and channels call the process."""

    @property
    def initial(self) -> Local:
        """The local state at the start."""

    @property
    def actions(self) -> Sequence[Action]:
        """Everything it may do by itself, in the order of exploration."""

    def act(self, local: Local, action: str) -> Sequence[Outcome]:
        """The outcomes of the named action in this local state."""

    def receive(self, local: Local, message: Message) -> Sequence[Outcome]:
        """The outcomes of receiving the message in this local state."""


class State(NamedTuple):
    """A global state: one local state per process, one content per channel, what is left of each budget.

    The three tuples have the order of ``System.processes``, ``System.channels`` and ``System.budgets``.
    """

    locals: tuple[Local, ...]
    channels: tuple[tuple[Message, ...], ...]
    budgets: tuple[int, ...]


class Label(NamedTuple):
    """Which step was taken. Within one state, labels are unique: (state, label) is a step.

    ``actor`` is the process that acts (for ``lose`` and ``duplicate``: the channel).
    ``action`` is the name of the call or timeout, or ``""``.
    ``position`` tells equal messages of a fifo channel apart; it is 0 for ``bag`` and ``set``.
    """

    kind: StepKind
    actor: str
    action: str = ""
    channel: str = ""
    message: Message = None
    position: int = 0
    choice: str = ""


class Step(NamedTuple):
    """A step of the system: (before, label) is its identity. ``outcome`` is None for lose and duplicate."""

    before: State
    label: Label
    outcome: Outcome | None
    after: State


class Attempt(NamedTuple):
    """What would be a step, as a restriction sees it: where it begins, its label, and what its process would do.

    Where it would lead is not told: a bound may forbid it. ``outcome`` is None for lose and duplicate.
    """

    before: State
    label: Label
    outcome: Outcome | None


def _every_label(_: Label) -> bool:
    return True


class Restriction(NamedTuple):
    """An assumption: what would be a step, but for which ``allows`` is false, is disabled.

    Restricting never adds behaviour; what it takes away is what the assumption rules out.
    """

    name: str
    allows: Callable[[Attempt], bool]
    #: The processes and channels whose parts of the state before the step it looks at; ``None`` is all. It may look at the
    #: label besides, and at the outcome if it reads the acting process.
    reads: tuple[str, ...] | None = None
    #: Whether it can disable a step with this label at all.
    concerns: Callable[[Label], bool] = _every_label


class TransitionSystem(Protocol):
    """What can be explored: initial states, and the steps of a state in a fixed order."""

    @property
    def initials(self) -> Sequence[State]:
        """The initial states."""

    def steps(self, state: State) -> Iterable[Step]:
        """The steps of a state."""
