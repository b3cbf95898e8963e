"""The parts of a system, checked before anything is explored."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from checker.model.channel import Channel
    from checker.model.vocabulary import Label, Process, Restriction

LOSS = "loss"
DUPLICATION = "duplication"


def budget_name(process: str, action: str) -> str:
    """The name of the budget that limits an action.

    >>> budget_name("A", "CLOSE")
    'A CLOSE'
    """
    return f"{process} {action}"


def taken_name(label: Label) -> str | None:
    """The name of what a step takes from, whether or not it is limited: an action, loss, duplication; ``None``: nothing.

    >>> from checker import Label
    >>> taken_name(Label("call", "A", "CLOSE"))
    'A CLOSE'
    """
    if label.kind == "deliver":
        return None
    if label.kind in ("lose", "duplicate"):
        return LOSS if label.kind == "lose" else DUPLICATION
    return budget_name(label.actor, label.action)


def capacity_name(channel: Channel) -> str:
    """The name under which the capacity of a channel is reported as reached."""
    return f"capacity of {channel.name}"


def check_processes(processes: Sequence[Process]) -> None:
    """Refuse processes that a system cannot tell apart or run.

    Raises:
        ValueError: there are none, names are empty or not unique, or a limit is negative.
    """
    if not processes:
        raise ValueError("a system needs at least one process")
    _check_names("process", (process.name for process in processes))
    for process in processes:
        _check_names(f"action of process {process.name!r}", (action.name for action in process.actions))
        for action in process.actions:
            _check_limit(budget_name(process.name, action.name), action.limit)
    _check_names(
        "budget",
        (budget_name(process.name, action.name) for process in processes for action in process.actions),
    )


def check_channels(channels: Sequence[Channel], processes: Sequence[Process]) -> None:
    """Refuse channels that are not between these processes.

    Raises:
        ValueError: names are empty or not unique, or an end of a channel is no process.
    """
    _check_names("channel", (channel.name for channel in channels))
    known = [process.name for process in processes]
    for channel in channels:
        for end, process in (("source", channel.source), ("target", channel.target)):
            if process not in known:
                raise ValueError(
                    f"channel {channel.name!r}: its {end} {process!r} is none of {', '.join(known)}"
                )


def check_mischief(losses: int | None, duplications: int | None, restrictions: Sequence[Restriction]) -> None:
    """Refuse limits that cannot be meant, and restrictions that cannot be told apart.

    Raises:
        ValueError: a limit is negative, or restriction names are empty or not unique.
    """
    _check_limit(LOSS, losses)
    _check_limit(DUPLICATION, duplications)
    _check_names("restriction", (restriction.name for restriction in restrictions))


def budgets_of(
    processes: Sequence[Process], losses: int | None, duplications: int | None
) -> tuple[tuple[str, int], ...]:
    """Every budget with its limit: actions in the order of the processes, then loss, then duplication.

    A limit of 0 makes no budget: the step is then not part of the system.
    """
    actions = [
        (budget_name(process.name, action.name), action.limit)
        for process in processes
        for action in process.actions
    ]
    limits = [*actions, (LOSS, losses), (DUPLICATION, duplications)]
    return tuple((name, limit) for name, limit in limits if limit)


def _check_names(what: str, names: Iterable[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if not name:
            raise ValueError(f"a {what} has an empty name")
        if name in seen:
            raise ValueError(f"two of the same name: {what} {name!r}")
        seen.add(name)


def _check_limit(name: str, limit: int | None) -> None:
    if limit is not None and limit < 0:
        raise ValueError(f"the limit of {name!r} is {limit}; it cannot be negative")
