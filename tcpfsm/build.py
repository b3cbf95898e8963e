"""Builds what the checker explores: two endpoints, two channels, the bounds and assumptions of a scenario."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import checker
from checker import Channel, Property, System
from checker.model import Action
from tcpfsm.endpoint import Endpoint, Local, empty_local
from tcpfsm.errors import UsageError, did_you_mean
from tcpfsm.expression.types import FLAG, Type
from tcpfsm.segment import Segment
from tcpfsm.source import Mapping as MappingNode
from tcpfsm.source import Node
from tcpfsm.spec.context import Context, Settings
from tcpfsm.spec.model import Frame, Machine
from tcpfsm.spec.property import ANSWERED, PropertyCompiler, PropertySpec, ghosts_of
from tcpfsm.spec.protocol import Protocol
from tcpfsm.spec.scenario import ENDS, EndSpec, Scenario
from tcpfsm.spec.scope import MachineScope


@dataclass(frozen=True, slots=True)
class Built:
    """A scenario ready to be explored."""

    protocol: Protocol
    variant: str
    scenario: Scenario
    system: System
    ends: tuple[Endpoint, Endpoint]
    properties: tuple[Property, ...]

    @property
    def machine(self) -> Machine:
        """The machine that differs from the protocol's own, if one does; else the one both ends run."""
        return next((end.machine for end in self.ends if end.machine.variant), self.ends[0].machine)


def build(protocol: Protocol, scenario: Scenario, variant: str = "", only: str | None = None) -> Built:
    """Build a scenario for the protocol itself or for a variant; ``only`` names the one property to ask.

    Raises:
        SpecError: the scenario does not fit the machine.
        UsageError: there is no property called ``only``.
    """
    specs = asked(protocol, scenario, only)
    assumed = [protocol.properties.assumptions[name] for name in scenario.assumes]
    ghosts = ghosts_of(specs, assumed, protocol.properties.definitions)
    settings = Settings(scenario.modulus, scenario.constants, ghosts)
    applies = protocol.variants[variant].applies if variant else "both"
    machines = tuple(
        protocol.machine(variant if applies in ("both", end) else "", settings) for end in ENDS
    )
    channels = [Channel(f"{end} to {_other(end)}", end, _other(end)) for end in ENDS]
    ends = tuple(
        _endpoint(protocol, scenario, end, machine) for end, machine in zip(ENDS, machines, strict=True)
    )
    planted = _planted(protocol, scenario, settings, machines[0])
    _planted_fit(scenario, planted)
    protocol.raise_problems()
    network = scenario.network
    channels = [
        Channel(channel.name, channel.source, channel.target, network.kind, network.capacity, planted[channel.target])  # type: ignore[arg-type]  # one of the three kinds
        for channel in channels
    ]
    compiler = PropertyCompiler(machines[0], ENDS, protocol.properties.definitions)
    restrictions = [compiler.restriction(spec) for spec in assumed]
    properties = [compiler.property(spec) for spec in specs]
    if only is None or only == ANSWERED:
        properties.append(checker.answered(ANSWERED))
    protocol.raise_problems()
    system = System(
        ends, channels, losses=network.loss, duplications=network.duplication, restrictions=restrictions
    )
    return Built(protocol, variant, scenario, system, (ends[0], ends[1]), tuple(properties))


def _other(end: str) -> str:
    return ENDS[1 - ENDS.index(end)]


def asked(protocol: Protocol, scenario: Scenario, only: str | None = None) -> list[PropertySpec]:
    """Return the properties that a scenario asks, or the one called ``only``, which it is then asked in any case.

    Raises:
        UsageError: there is no property called ``only``.
    """
    known = protocol.properties.properties
    if only is not None:
        if only == ANSWERED:
            return []
        if only not in known:
            raise UsageError(f"{protocol.name} has no property '{only}'; {did_you_mean(only, known)}")
        return [known[only]]
    named = set(scenario.properties)
    return [
        spec
        for name, spec in known.items()
        if (spec.everywhere or name in named)
        and name not in scenario.without
        and not (spec.kind == "quiet" and scenario.network.kind == "set")
    ]


def _endpoint(protocol: Protocol, scenario: Scenario, end: str, machine: Machine) -> Endpoint:
    spec = scenario.ends[end]
    actions = [Action(name, "call", limit) for name, limit in spec.calls.items()]
    actions += [Action(name, "timeout", limit) for name, limit in spec.timeouts.items()]
    isn = tuple(number % machine.modulus for number in spec.isn)
    local = _start(protocol, machine, spec)
    return Endpoint(end, machine, local, channel=f"{end} to {_other(end)}", actions=actions, isn=isn)


def _start(protocol: Protocol, machine: Machine, spec: EndSpec) -> Local:
    first = next(iter(machine.states))
    local = empty_local(machine, first)
    if spec.start is None:
        return local
    context = Context(protocol.draft, Settings(machine.modulus))
    node = spec.start
    values, ghosts, state = list(local.values), list(local.ghosts), first
    declared = protocol.draft.root.get("ghosts")
    names = [variable.name for variable in machine.variables]
    carried = [ghost.name for ghost in machine.ghosts]
    others = declared.keys() if isinstance(declared, MappingNode) else []
    for key, value in node.entries:
        if key.text == "state":
            word = getattr(value, "text", "")
            if word in machine.states:
                state = word
            else:
                value.problem(f"'{word}' is not a state", did_you_mean(word, machine.states))
        elif key.text in names:
            index = names.index(key.text)
            values[index] = context.literal(value, machine.variables[index].type)
        elif key.text in carried:
            index = carried.index(key.text)
            ghosts[index] = context.literal(value, machine.ghosts[index].type)
        elif key.text not in others:
            key.problem(f"'{key.text}' is not a variable or ghost", did_you_mean(key.text, ["state", *names, *others]))
    return Local(state, tuple(values), tuple(ghosts), local.queues)


def _planted(
    protocol: Protocol, scenario: Scenario, settings: Settings, machine: Machine
) -> dict[str, tuple[Segment, ...]]:
    found: dict[str, list[Segment]] = {end: [] for end in ENDS}
    for target, node in scenario.network.planted:
        found[target].append(segment_of(protocol, machine, node, settings))
    return {end: tuple(segments) for end, segments in found.items()}


def _planted_fit(scenario: Scenario, planted: dict[str, tuple[Segment, ...]]) -> None:
    capacity = scenario.network.capacity
    for end, segments in planted.items():
        count = len(set(segments)) if scenario.network.kind == "set" else len(segments)
        if capacity is None or count <= capacity:
            continue
        text = f"{count} segments are planted on their way to {end}, more than the capacity of {capacity}"
        if scenario.rebounded:
            raise UsageError(f"{scenario.name}: {text}")
        (scenario.node.get("network") or scenario.node).problem(text, f"capacity: {count}, or more")


def segment_of(protocol: Protocol, machine: Machine, node: Node, settings: Settings) -> Segment:
    """Read a segment written with numbers; ghost fields that are not written are those of nobody: 0, none."""
    context = Context(protocol.draft, settings)
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
