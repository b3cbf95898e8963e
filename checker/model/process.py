"""A process written down as two tables, for protocols small enough to list."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from checker.model.vocabulary import Action, Local, Message, Outcome


@dataclass(frozen=True, slots=True)
class TableProcess:
    """What the process does in each local state: ``acts`` by action name, ``receptions`` by message.

    A case that is not listed has no outcome.
    """

    name: str
    initial: Local
    actions: tuple[Action, ...] = ()
    acts: Mapping[tuple[Local, str], tuple[Outcome, ...]] = field(default_factory=dict)
    receptions: Mapping[tuple[Local, Message], tuple[Outcome, ...]] = field(default_factory=dict)

    def act(self, local: Local, action: str) -> tuple[Outcome, ...]:
        """The outcomes of an action."""
        return self.acts.get((local, action), ())

    def receive(self, local: Local, message: Message) -> tuple[Outcome, ...]:
        """The outcomes of receiving a message."""
        return self.receptions.get((local, message), ())
