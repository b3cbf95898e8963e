"""How a scenario begins: the local state of each end, and the segments that are in the network already."""

from __future__ import annotations

from typing import Any

from tcpfsm.errors import did_you_mean
from tcpfsm.expression.types import FLAG, Type
from tcpfsm.i18n.language import tr
from tcpfsm.loader.context import Context, Settings
from tcpfsm.loader.draft import Draft
from tcpfsm.loader.fields import entries_of, mapping_of, name_of, texts_of
from tcpfsm.loader.scenario import ENDS, Scenario
from tcpfsm.loader.scope import MachineScope
from tcpfsm.loader.source import Mapping as MappingNode
from tcpfsm.loader.source import Node, Scalar
from tcpfsm.machine.endpoint import Local, empty_local
from tcpfsm.machine.model import Frame, Machine
from tcpfsm.machine.segment import Segment

#: The key of a machine that names starts; each says where every end starts.
STARTS = "starts"


def start(draft: Draft, machine: Machine, scenario: Scenario, end: str) -> Local:
    """Read the local state in which an end starts; mistakes are recorded on the file in which they stand.

    The start that the scenario names for both ends comes first, then what stands at the end itself: the name of a
    start, or single values.
    """
    local = empty_local(machine, next(iter(machine.states)))
    own = scenario.ends[end].start
    nodes = [_part(draft, scenario.start, end)] if scenario.start is not None else []
    nodes.append(_part(draft, own, end) if isinstance(own, Scalar) else own)
    for node in nodes:
        if isinstance(node, MappingNode):
            local = _with_values(draft, machine, local, node)
    return local


def check_starts(draft: Draft, machine: Machine) -> None:
    """Check every start that a machine names, for every end that it speaks of, whether a scenario uses it or not."""
    for key, node in entries_of(draft.root.get(STARTS), STARTS):
        name_of(key, tr("a start"))
        item = mapping_of(node, tr("the start {name}", name=key.text))
        if item is None:
            continue
        item.only(("says", "zh", *ENDS), tr("a start"))
        texts_of(item, "says", "zh")
        for end in ENDS:
            part = mapping_of(item.get(end), tr("the end {name}", name=end))
            if part is not None:
                _with_values(draft, machine, empty_local(machine, next(iter(machine.states))), part)


def _part(draft: Draft, name: Scalar, end: str) -> Node | None:
    """Return what a start by this name says of an end."""
    starts = draft.root.get(STARTS)
    known = starts.keys() if isinstance(starts, MappingNode) else []
    found = starts.get(name.text) if isinstance(starts, MappingNode) else None
    if not isinstance(found, MappingNode):
        name.problem(tr("there is no start '{word}'", word=name.text), did_you_mean(name.text, known))
        return None
    if found.get(end) is None:
        name.problem(tr("the start '{word}' does not say where {end} starts", word=name.text, end=end))
    return found.get(end)


def _with_values(draft: Draft, machine: Machine, local: Local, node: MappingNode) -> Local:
    """Return a local state with the values that a map gives."""
    context = Context(draft, Settings(machine.modulus))
    values, ghosts, state = list(local.values), list(local.ghosts), local.state
    declared = draft.root.get("ghosts")
    names = [variable.name for variable in machine.variables]
    carried = [ghost.name for ghost in machine.ghosts]
    others = declared.keys() if isinstance(declared, MappingNode) else []
    for key, value in node.entries:
        if key.text == "state":
            word = getattr(value, "text", "")
            if word in machine.states:
                state = word
            else:
                value.problem(tr("'{word}' is not a state", word=word), did_you_mean(word, machine.states))
        elif key.text in names:
            index = names.index(key.text)
            values[index] = context.literal(value, machine.variables[index].type)
        elif key.text in carried:
            index = carried.index(key.text)
            ghosts[index] = context.literal(value, machine.ghosts[index].type)
        elif key.text not in others:
            key.problem(tr("'{word}' is not a variable or ghost", word=key.text), did_you_mean(key.text, ["state", *names, *others]))
    return Local(state, tuple(values), tuple(ghosts), local.queues)


def planted(
    draft: Draft, scenario: Scenario, settings: Settings, machine: Machine
) -> dict[str, tuple[Segment, ...]]:
    """Read the segments planted on their way to each end; mistakes are recorded on the scenario's file."""
    found: dict[str, list[Segment]] = {end: [] for end in ENDS}
    for target, node in scenario.network.planted:
        found[target].append(segment_of(draft, machine, node, settings))
    return {end: tuple(segments) for end, segments in found.items()}


def overfull(scenario: Scenario, end: str, segments: tuple[Segment, ...]) -> str:
    """Say that more is planted on the way to an end than the network holds; nothing where it fits."""
    capacity = scenario.network.capacity
    count = len(set(segments)) if scenario.network.kind == "set" else len(segments)
    if capacity is None or count <= capacity:
        return ""
    return tr("{count} segments are planted on their way to {end}, more than the capacity of {capacity}", count=count, end=end, capacity=capacity)


def check_beginning(draft: Draft, scenario: Scenario, machine: Machine) -> None:
    """Check how a scenario begins against a machine that carries every ghost."""
    settings = Settings(scenario.modulus)
    for end in ENDS:
        start(draft, machine, scenario, end)
    for end, segments in planted(draft, scenario, settings, machine).items():
        text = overfull(scenario, end, segments)
        if text:
            (scenario.node.get("network") or scenario.node).problem(text, tr("raise the capacity, or plant fewer"))


def segment_of(draft: Draft, machine: Machine, node: Node, settings: Settings) -> Segment:
    """Read a segment written with numbers; ghost fields that are not written are those of nobody: 0, none."""
    context = Context(draft, settings)
    scope = MachineScope(modulus=machine.modulus, layout=machine.layout, fields=machine.field_types, definitions={})
    scope.derived = dict(machine.derived)
    template = context.template("", node, scope)
    empty = Segment((), tuple(field.absent for field in machine.layout.fields), machine.layout)
    if template is None or node.file.problems:
        return empty
    segment = template.fill(Frame())
    values = [
        _nobody(machine.field_types[field.name]) if field.ghost and value is None else value
        for field, value in zip(machine.layout.fields, segment.values, strict=True)
    ]
    return Segment(segment.ctl, tuple(values), segment.layout)


def _nobody(kind: Type) -> Any:
    if kind == FLAG:
        return False
    return () if kind.kind == "list" else 0
