"""A trace: steps in a row from an initial state, as evidence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from checker.model.vocabulary import State, Step


@dataclass(frozen=True, slots=True)
class Trace:
    """A run from the state ``initial``.

    ``loop`` is the index of the step at which a cycle begins, which the last step closes:
    the steps from there on can be repeated for ever. ``None`` if the run is not a cycle.
    """

    steps: tuple[Step, ...]
    loop: int | None
    initial: State

    @property
    def final(self) -> State:
        """The state after the last step."""
        return self.steps[-1].after if self.steps else self.initial
