"""The reference engine: breadth-first search, short and plain.

The whole space is explored, whatever is found in it: every property is then a question to the result.
Breadth-first order makes the paths shortest, and the fixed order of the steps of a state makes them the same each time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from checker.expansion import Observed, expander
from checker.limits import Limits, Watch
from checker.model import Step
from checker.space import Expanded, StateSpace

if TYPE_CHECKING:
    from collections.abc import Callable

    from checker.expansion import Expansion, Unanswered
    from checker.limits import Progress
    from checker.model import State, TransitionSystem

NO_LIMITS = Limits()


def explore(
    system: TransitionSystem,
    limits: Limits = NO_LIMITS,
    *,
    stop_when: Callable[[State, Expansion], bool] | None = None,
    on_progress: Callable[[Progress], None] | None = None,
) -> StateSpace:
    """Explore what is reachable from the initial states of the system.

    ``stop_when`` is asked about every state that was expanded, with what was found there;
    the exploration ends when it says yes. ``on_progress`` is called about twice a second.
    A ``KeyboardInterrupt`` ends the exploration too: the states expanded until then are the result.
    The space then says why it is not complete in ``stopped_because``: ``"state limit"``, ``"time limit"``,
    ``"memory limit"``, ``"stop condition"`` or ``"interrupted"``.

    Raises:
        ValueError: the system has no initial state, or gives a state steps that begin elsewhere or share a label.
    """
    expand = expander(system)
    initials = tuple(dict.fromkeys(system.initials))
    if not initials:
        raise ValueError("a system needs at least one initial state")
    search = _Search(initials, limits)
    stopped: str | None
    try:
        stopped = search.run(expand, Watch(limits, on_progress), stop_when)
    except KeyboardInterrupt:
        stopped = "interrupted"
    return StateSpace(
        initials,
        tuple(search.rows),
        # The last state may have been expanded just before the search was stopped.
        None if search.is_complete() else stopped,
        tuple(sorted(search.bounds)),
        search.unanswered,
        tuple(getattr(system, "channels", ())),
        isinstance(system, Observed),
    )


class _Search:
    """The search so far.

    Only ``rows`` counts in the end, and it grows by one whole entry at a time:
    an interruption at any moment leaves nothing half-recorded.
    """

    def __init__(self, initials: tuple[State, ...], limits: Limits) -> None:
        self.found = list(initials)
        self.numbers = {state: number for number, state in enumerate(initials)}
        self.rows: list[Expanded] = []
        self.bounds: set[str] = set()
        self.unanswered: dict[Unanswered, State] = {}
        self.limit = limits.states

    def run(
        self,
        expand: Callable[[State], Expansion],
        watch: Watch,
        stop_when: Callable[[State, Expansion], bool] | None,
    ) -> str | None:
        """Expand one state after the other; why the search stopped, if it was before the end."""
        depth = steps = 0
        next_level = len(self.found)
        while len(self.rows) < len(self.found):
            here = len(self.rows)
            if here == next_level:
                depth += 1
                next_level = len(self.found)
            reason = watch.look(len(self.found), steps, depth, len(self.found) - here)
            if reason is not None:
                return reason
            state = self.found[here]
            expansion = expand(state)
            row = self.record(expansion.steps)
            if row is None:
                return "state limit"
            self.bounds.update(expansion.bounds_reached)
            for reception in expansion.unanswered:
                self.unanswered.setdefault(reception, state)
            self.rows.append(row)
            steps += len(row.steps)
            if stop_when is not None and stop_when(state, expansion):
                return "stop condition"
        return None

    def record(self, steps: tuple[Step, ...]) -> Expanded | None:
        """Number the states that the steps lead to; ``None`` if they are more than the limit allows."""
        shared: list[Step] = []
        targets: list[int] = []
        for step in steps:
            target = self.numbers.setdefault(step.after, len(self.found))
            if target == len(self.found):
                self.found.append(step.after)
            state = self.found[target]
            # All steps to a state share one object: equal states would cost more memory than the steps themselves.
            shared.append(step if step.after is state else Step(step.before, step.label, step.outcome, state))
            targets.append(target)
        if self.limit is not None and len(self.found) > self.limit:
            return None
        return Expanded(tuple(shared), tuple(targets))

    def is_complete(self) -> bool:
        """Whether nothing is left to expand, going by what ``rows`` establishes."""
        return len(self.rows) == len(self.found)
