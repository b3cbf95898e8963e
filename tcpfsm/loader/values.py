"""How the values of names are got in properties and assumptions, from what was read for them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tcpfsm.expression import UnsetError
from tcpfsm.i18n.language import tr
from tcpfsm.loader.reads import SEGMENT, Read

Function = Callable[[Any], Any]
ARRIVAL = Read(SEGMENT)


def constant(value: Any) -> Function:
    """Return the function that is always this value."""
    return lambda _: value


def itself(value: Any) -> Any:
    """Return what was read as it is."""
    return value


def value_of(read: Read, place: Function, name: str) -> Function:
    """Return the function that reads a variable; ``place`` says at which place an end has it."""
    def run(env: Any) -> Any:
        found = env.seen[read]
        value = found.values[place(env)]
        if value is None:
            raise UnsetError(tr("{name} has no value in {state}", name=name, state=found.state))
        return value

    return run


def ghost_of(read: Read, place: Function, name: str) -> Function:
    """Return the function that reads a ghost; ``place`` says at which place an end has it."""
    del name  # a ghost always has a value
    return lambda env: env.seen[read].ghosts[place(env)]


def field_of(run: Function, index: int | None, name: str) -> Function:
    """Return the function that reads a field of the segment that ``run`` gives."""
    def read(env: Any) -> Any:
        segment = run(env)
        value = segment.values[index] if index is not None else None
        if value is None:
            raise UnsetError(tr("the segment {segment} has no {name}", segment=segment.text(), name=name))
        return value

    return read


def arriving(env: Any) -> Any:
    """Return the segment that arrives, is lost or copied."""
    segment = env.seen[ARRIVAL]
    if segment is None:
        raise UnsetError(tr("no segment arrives in this step: ask 'arrives' first"))
    return segment


def sent(outcome: tuple[Any, Any]) -> tuple[Any, ...]:
    """Return the segments that an outcome sends."""
    sends, _ = outcome
    return tuple(segment for _, segment in sends)


def changes(outcome: tuple[Any, Any]) -> tuple[tuple[str, str, str], ...]:
    """Return the changes of state in an outcome: from, event, to."""
    _, firings = outcome
    return tuple(
        (firing.before, firing.event, firing.after) for firing in firings if firing.before != firing.after
    )
