"""What the processes do, asked once for every (process, local state, stimulus) and remembered."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from checker.model.channel import Channel
    from checker.model.vocabulary import Local, Message, Outcome, Process


class Reaction(NamedTuple):
    """An outcome, and its sends with channels as numbers, in the order of ``System.channels``."""

    outcome: Outcome
    sends: tuple[tuple[int, Message], ...]


class Reactions:
    """The outcomes of the processes, checked when first seen.

    Remembering is sound because ``act`` and ``receive`` are functions of their arguments alone; without ``remembers``
    they are asked again each time, which is how that can be tested. Processes and channels are known by number.
    """

    def __init__(
        self, processes: Sequence[Process], channels: Sequence[Channel], *, remembers: bool = True
    ) -> None:
        """Prepare to ask these processes, which send into these channels."""
        self._remembers = remembers
        self._processes = tuple(processes)
        self._channels = {channel.name: (number, channel) for number, channel in enumerate(channels)}
        self._acts: dict[tuple[int, Local, str], tuple[Reaction, ...]] = {}
        self._receptions: dict[tuple[int, Local, Message], tuple[Reaction, ...]] = {}

    def to_action(self, process: int, local: Local, action: str) -> tuple[Reaction, ...]:
        """What the process may do when it takes the action; empty if the action is not enabled.

        Raises:
            ValueError: an outcome sends where it cannot, or two outcomes have the same choice.
        """
        key = (process, local, action)
        known = self._acts.get(key)
        if known is None:
            asked = self._processes[process]
            known = self._checked(asked.name, asked.act(local, action), f"action {action!r}")
            if self._remembers:
                self._acts[key] = known
        return known

    def to_message(self, process: int, local: Local, message: Message) -> tuple[Reaction, ...]:
        """What the process may do when it receives the message; empty if it has no answer.

        Raises:
            ValueError: an outcome sends where it cannot, or two outcomes have the same choice.
        """
        key = (process, local, message)
        known = self._receptions.get(key)
        if known is None:
            asked = self._processes[process]
            known = self._checked(asked.name, asked.receive(local, message), f"message {message!r}")
            if self._remembers:
                self._receptions[key] = known
        return known

    def _checked(self, process: str, outcomes: Sequence[Outcome], stimulus: str) -> tuple[Reaction, ...]:
        choices = [outcome.choice for outcome in outcomes]
        if len(set(choices)) < len(choices):
            raise ValueError(
                f"process {process!r}, {stimulus}: two outcomes have the same choice, of {choices}"
            )
        return tuple(
            Reaction(
                outcome, tuple((self._number(process, channel), sent) for channel, sent in outcome.sends)
            )
            for outcome in outcomes
        )

    def _number(self, process: str, name: str) -> int:
        known = self._channels.get(name)
        if known is None:
            raise ValueError(
                f"process {process!r} sends into {name!r}; the channels are {', '.join(self._channels)}"
            )
        number, channel = known
        if channel.source != process:
            raise ValueError(
                f"process {process!r} sends into {name!r}, which is a channel of {channel.source!r}"
            )
        return number
