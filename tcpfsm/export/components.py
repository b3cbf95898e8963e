"""The components of a state by name: local states, their states and variables, channels, budgets."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from checker import State
from tcpfsm.errors import UsageError, did_you_mean
from tcpfsm.i18n.language import tr
from tcpfsm.machine.endpoint import Local
from tcpfsm.machine.model import Machine
from tcpfsm.machine.segment import Segment
from tcpfsm.run.build import Built

STATES, CHANNELS, BUDGETS = "states", "channels", "budgets"


class Component(NamedTuple):
    """Something of a state: its value, where that stands in a node's parts, and how it is written there."""

    path: tuple[str, ...]
    value: Callable[[State], Any]
    written: Callable[[Any], Any]


def components(built: Built) -> dict[str, tuple[Component, ...]]:
    """Return what can be named: single components, and ``states``, ``channels``, ``budgets`` for all of a kind.

    The variables of the ends are not among them; ``variables`` has those.
    """
    system = built.system
    locals_ = {end.name: (_local(place, end.name, end.machine),) for place, end in enumerate(built.ends)}
    states = {f"{end.name}.state": (_state(place, end.name),) for place, end in enumerate(built.ends)}
    channels = {channel.name: (_channel(place, channel.name),) for place, channel in enumerate(system.channels)}
    budgets = {name: (_budget(place, name),) for place, (name, _) in enumerate(system.budgets)}
    groups = {STATES: states, CHANNELS: channels, BUDGETS: budgets}
    together = {name: tuple(part for parts in group.values() for part in parts) for name, group in groups.items()}
    return {**locals_, **together, **states, **channels, **budgets}


def variables(built: Built) -> dict[str, tuple[Component, ...]]:
    """Return the variables and ghosts of each end, as ``A.NAME``."""
    return {
        f"{end.name}.{name}": (component,)
        for place, end in enumerate(built.ends)
        for name, component in _variables(place, end.name, end.machine)
    }


def everything(built: Built) -> tuple[Component, ...]:
    """Return the components that make up a whole state."""
    known = components(built)
    return tuple(part for name in (*(end.name for end in built.ends), CHANNELS, BUDGETS) for part in known[name])


def chosen(built: Built, names: Iterable[str]) -> tuple[Component, ...]:
    """Return the components named.

    Raises:
        UsageError: there is no component of this name.
    """
    known = {**variables(built), **components(built)}
    found: dict[tuple[str, ...], Component] = {}
    for name in names:
        if name not in known:
            choices = [*components(built), *variables(built)]
            raise UsageError(tr("there is no component '{name}'; {hint}", name=name, hint=did_you_mean(name, choices)))
        found |= {part.path: part for part in known[name]}
    return tuple(found.values())


def parts_of(values: Iterable[Any], chosen: Iterable[Component]) -> dict[str, Any]:
    """Return the parts of a node with these values of components."""
    parts: dict[str, Any] = {}
    for value, component in zip(values, chosen, strict=True):
        place = parts
        for key in component.path[:-1]:
            place = place.setdefault(key, {})
        place[component.path[-1]] = component.written(value)
    return parts


def plain(value: Any) -> Any:
    """Return a value as JSON data: a segment as its text, a tuple as a list."""
    if isinstance(value, Segment):
        return value.text()
    if isinstance(value, tuple):
        return [plain(item) for item in value]
    return value


def _state(place: int, end: str) -> Component:
    return Component(("locals", end, "state"), lambda state: state.locals[place].state, plain)


def _local(place: int, end: str, machine: Machine) -> Component:
    return Component(("locals", end), lambda state: state.locals[place], lambda local: _local_parts(local, machine))


def _channel(place: int, name: str) -> Component:
    return Component(("channels", name), lambda state: state.channels[place], plain)


def _budget(place: int, name: str) -> Component:
    return Component(("budgets", name), lambda state: state.budgets[place], plain)


def _variables(place: int, end: str, machine: Machine) -> Iterable[tuple[str, Component]]:
    for at, variable in enumerate(machine.variables):
        yield variable.name, Component(("locals", end, "variables", variable.name), _reader(place, "values", at), plain)
    for at, ghost in enumerate(machine.ghosts):
        yield ghost.name, Component(("locals", end, "ghosts", ghost.name), _reader(place, "ghosts", at), plain)


def _reader(place: int, slot: str, at: int) -> Callable[[State], Any]:
    return lambda state: getattr(state.locals[place], slot)[at]


def _local_parts(local: Local, machine: Machine) -> dict[str, Any]:
    return {
        "state": local.state,
        "variables": {part.name: plain(value) for part, value in zip(machine.variables, local.values, strict=True)},
        "ghosts": {part.name: plain(value) for part, value in zip(machine.ghosts, local.ghosts, strict=True)},
        "queues": {part.name: plain(value) for part, value in zip(machine.queues, local.queues, strict=True)},
        "waiting": [plain(item) for item in local.pending],
        "drawn": local.drawn,
    }
