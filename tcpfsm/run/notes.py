"""Notes: what stands in a spec and made no difference. None is a mistake; each may be one."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import Literal, NamedTuple

from checker.fast.engine import Exploration
from checker.model.bounds import DUPLICATION, LOSS, budget_name
from tcpfsm.i18n.language import mark, tr
from tcpfsm.loader.scenario import ENDS, Scenario

Kind = Literal[
    "no-steps", "no-room", "idle-assumption", "idle-event", "idle-network", "not-idle",
    "unused",
]  # fmt: skip
Unused = Literal[
    "constant", "variable", "ghost", "definition", "segment", "queue", "check", "event", "property", "assumption"
]  # fmt: skip


class Note(NamedTuple):
    """One note: its kind, and the name of what it is about, empty where it is about the scenario.

    ``where`` says where it stands, as a text, and ``what`` is the kind of thing that is never used.
    """

    kind: Kind
    name: str = ""
    what: Unused | None = None
    where: str = ""

    def says(self) -> str:
        """Return the note as a sentence in the language of the process."""
        return _SAYS[self.kind](self)


def scenario_notes(scenario: Scenario, space: Exploration, conditions: Collection[str] = ()) -> tuple[Note, ...]:
    """Return what a scenario has that made no difference; of a run that was cut, nothing is known of that.

    What its ``idle`` names is not noted, unless it did make a difference. ``conditions`` are the assumptions that need
    not take a step away.
    """
    if not space.complete:
        return ()
    found = []
    if space.steps == 0:
        found.append(Note("no-steps"))
    if scenario.network.capacity == 0:
        found.append(Note("no-room"))
    if space.steps == 0:
        return tuple(found)  # that says it all
    # An assumption may be a restriction for each end.
    refused = {name.partition(" ")[0] for name in space.refused}
    idle = [Note("idle-assumption", name) for name in scenario.assumes if name not in refused and name not in conditions]
    idle += [Note("idle-event", name) for name in _idle_events(scenario, space)]
    faults = ((LOSS, scenario.network.loss), (DUPLICATION, scenario.network.duplication))
    idle += [Note("idle-network", name) for name, limit in faults if limit != 0 and name not in space.taken]
    found += [note for note in idle if note.name not in scenario.idle]
    if not scenario.rebounded:
        found += [Note("not-idle", name) for name in scenario.idle if name not in {note.name for note in idle}]
    return tuple(found)


def _idle_events(scenario: Scenario, space: Exploration) -> Iterator[str]:
    """Go through the calls and timeouts that never happened; a timeout given to all ends counts if it did at none."""
    for event in scenario.shared:
        if not any(budget_name(end, event) in space.taken for end in ENDS):
            yield event
    for end in ENDS:
        spec = scenario.ends[end]
        for event, limit in (*spec.calls.items(), *spec.timeouts.items()):
            if limit != 0 and event not in scenario.shared and budget_name(end, event) not in space.taken:
                yield budget_name(end, event)


def _assumption(note: Note) -> str:
    return tr("the assumption {name} took no step away", name=note.name)


def _event(note: Note) -> str:
    return tr("{name} never happened", name=note.name)


def _network(note: Note) -> str:
    return tr("no segment was lost") if note.name == LOSS else tr("no segment was copied")


def _not_idle(note: Note) -> str:
    return tr("{name} is said to make no difference (idle), and makes one", name=note.name)


def _no_steps(_: Note) -> str:
    return tr("nothing can happen: there is no step from the initial state")


def _no_room(_: Note) -> str:
    return tr("the capacity is 0: no segment can be sent")


def _unused(note: Note) -> str:
    text = _UNUSED[note.what] if note.what is not None else "{name} ({where})"
    return tr(text, name=note.name, where=note.where)


_UNUSED: dict[Unused, str] = {
    "constant": mark("the constant {name} is never used ({where})"),
    "variable": mark("the variable {name} is never used ({where})"),
    "ghost": mark("the ghost {name} is never used ({where})"),
    "definition": mark("the definition {name} is never used ({where})"),
    "segment": mark("the segment {name} is never sent ({where})"),
    "queue": mark("the queue {name} is never used ({where})"),
    "check": mark("no segment comes to the check {name}: an earlier one always fits ({where})"),
    "event": mark("no scenario lets {name} happen ({where})"),
    "property": mark("nothing asks for the property {name} ({where})"),
    "assumption": mark("no scenario assumes {name} ({where})"),
}
_SAYS: dict[Kind, Callable[[Note], str]] = {
    "idle-assumption": _assumption, "idle-event": _event, "idle-network": _network, "not-idle": _not_idle,
    "no-steps": _no_steps, "no-room": _no_room, "unused": _unused,
}  # fmt: skip
