"""How long answers may take once an exploration is over."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING

from checker.patience import GivenUpError

if TYPE_CHECKING:
    from checker.fast.interrupt import Interrupts
    from checker.fast.search import Search
    from checker.limits import Watch

#: How much longer the traces may take when time is over: so many seconds, and a part of the time so far.
SECONDS, SHARE = 2.0, 0.25


class Grace:
    """Ends the search for answers.

    What needs the whole graph is given up as soon as time or memory is over, or Ctrl-C was pressed. What was found needs
    only its trace: to be shown, it is worth a little more.
    """

    def __init__(self, search: Search, watch: Watch, interrupts: Interrupts, stopped: str | None) -> None:
        self.search = search
        self.watch = watch
        self.interrupts = interrupts
        self.stopped = stopped
        self.until: float | None = None

    def whole(self, more_bytes: int = 0) -> None:
        """Say that the whole graph is gone through, and how much memory that will take.

        Raises:
            GivenUpError: there is no time, or no memory.
        """
        states = self.search.states
        reason: str | None = "interrupted"
        if self.stopped != "interrupted" and not self.interrupts.asked:
            left = len(states) - states.expanded
            reason = self.watch.look(len(states), self.search.steps, states.depth, left, states.levels())
            reason = reason or (self.watch.foresee(more_bytes) if more_bytes else None)
        if reason is not None:
            raise GivenUpError(reason)

    def trace(self) -> None:
        """Say that a trace is looked for.

        Raises:
            GivenUpError: it has taken too long.
        """
        is_interrupted = self.stopped == "interrupted" or self.interrupts.asked
        if not is_interrupted and not self.watch.is_late:
            return
        now = monotonic()
        if self.until is None:
            self.until = now + SECONDS + SHARE * self.watch.seconds
        if now >= self.until:
            raise GivenUpError("interrupted" if is_interrupted else "time limit")
