"""Builds what the checker explores: two endpoints, two channels, the bounds and assumptions of a scenario."""

from __future__ import annotations

from dataclasses import dataclass, replace

import checker
from checker import Channel, Property, System
from checker.model.vocabulary import Action
from tcpfsm.errors import UsageError, did_you_mean
from tcpfsm.i18n.language import tr
from tcpfsm.loader.asked import asked_of, is_meaningless
from tcpfsm.loader.begin import overfull, planted, start
from tcpfsm.loader.context import Settings
from tcpfsm.loader.property import ANSWERED, PropertyCompiler, PropertySpec, ghosts_of
from tcpfsm.loader.protocol import Protocol
from tcpfsm.loader.scenario import ENDS, Scenario
from tcpfsm.machine.endpoint import Endpoint
from tcpfsm.machine.model import Machine
from tcpfsm.machine.segment import Segment


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


def build(
    protocol: Protocol, scenario: Scenario, variant: str = "", only: str | None = None, *, remembers: bool = True
) -> Built:
    """Build a scenario for the protocol itself or for a variant; ``only`` names the one property to ask.

    Without ``remembers``, machines and expressions are asked again each time. What comes of it has to be the same.

    Raises:
        SpecError: the scenario does not fit the machine.
        UsageError: there is no property called ``only``.
    """
    specs = asked(protocol, scenario, only)
    assumed = [protocol.properties.assumptions[name] for name in scenario.assumes]
    ghosts = ghosts_of(specs, assumed, protocol.properties.definitions)
    settings = Settings(scenario.modulus, scenario.constants, ghosts)
    applies = protocol.variants[variant].applies if variant else "both"
    run_by = [variant if applies in ("both", end) else "" for end in ENDS]
    machines = _machines(protocol, run_by, settings)
    channels = [Channel(f"{end} to {_other(end)}", end, _other(end)) for end in ENDS]
    ends = tuple(
        _endpoint(protocol, scenario, end, machine) for end, machine in zip(ENDS, machines, strict=True)
    )
    segments = planted(protocol.draft, scenario, settings, machines[0])
    protocol.raise_problems()
    _refuse_overfull(scenario, segments)
    network = scenario.network
    channels = [
        Channel(channel.name, channel.source, channel.target, network.kind, network.capacity, segments[channel.target])  # type: ignore[arg-type]  # one of the three kinds
        for channel in channels
    ]
    names = tuple(channel.name for channel in channels)
    supplies = tuple(end.frame.isn for end in ends)
    compiler = PropertyCompiler(
        machines, ENDS, protocol.properties.definitions, protocol.events(), names, supplies, remembers=remembers
    )
    restrictions = [found for spec in assumed for found in compiler.restrictions(spec)]
    properties = [compiler.property(spec) for spec in specs]
    if only is None or only == ANSWERED:
        properties.append(checker.answered(ANSWERED))
    protocol.raise_problems()
    system = System(
        ends, channels, losses=network.loss, duplications=network.duplication, restrictions=restrictions,
        remembers=remembers,
    )  # fmt: skip
    return Built(protocol, variant, scenario, system, (ends[0], ends[1]), tuple(properties))


def _machines(protocol: Protocol, run_by: list[str], settings: Settings) -> tuple[Machine, ...]:
    """Compile what each end runs: the protocol's machine (an empty name) or a variant.

    All carry the same ghosts: what one of them needs of ghost fields, the segments of the others have to bring.
    """
    while True:
        compiled = {name: protocol.machine(name, settings) for name in dict.fromkeys(run_by)}
        carried = [_carried(machine) for machine in compiled.values()]
        everything = frozenset().union(*carried)
        if settings.ghosts is None or everything <= settings.ghosts or all(names == everything for names in carried):
            return tuple(compiled[name] for name in run_by)
        settings = replace(settings, ghosts=settings.ghosts | everything)


def _carried(machine: Machine) -> frozenset[str]:
    """Return the ghosts that a machine carries, and the ghost fields of its segments."""
    fields = (field.name for field in machine.layout.fields if field.ghost)
    return frozenset((*(ghost.name for ghost in machine.ghosts), *fields))


def _refuse_overfull(scenario: Scenario, segments: dict[str, tuple[Segment, ...]]) -> None:
    # The loader tells where a file plants more than it leaves room for; here a bound of the caller's is too low.
    for end, found in segments.items():
        text = overfull(scenario, end, found)
        if text:
            raise UsageError(f"{scenario.name}: {text}")


def _other(end: str) -> str:
    return ENDS[1 - ENDS.index(end)]


def asked(protocol: Protocol, scenario: Scenario, only: str | None = None) -> list[PropertySpec]:
    """Return the properties that a scenario asks, or the one called ``only``, which it is then asked in any case.

    Raises:
        UsageError: there is no property called ``only``, or it has no meaning in this scenario.
    """
    known = protocol.properties.properties
    if only is not None:
        if only == ANSWERED:
            return []
        if only not in known:
            raise UsageError(tr("{protocol} has no property '{name}'; {hint}", protocol=protocol.name, name=only, hint=did_you_mean(only, known)))
        if is_meaningless(known[only], scenario):
            text = tr("{name} cannot be asked in {scenario}: a network of kind set delivers the same segment for ever", name=only, scenario=scenario.name)
            raise UsageError(text)
        return [known[only]]
    return asked_of(known.values(), scenario)


def _endpoint(protocol: Protocol, scenario: Scenario, end: str, machine: Machine) -> Endpoint:
    spec = scenario.ends[end]
    actions = [Action(name, "call", limit) for name, limit in spec.calls.items()]
    actions += [Action(name, "timeout", limit) for name, limit in spec.timeouts.items()]
    isn = tuple(number % machine.modulus for number in spec.isn)
    local = start(protocol.draft, machine, scenario, end)
    return Endpoint(end, machine, local, channel=f"{end} to {_other(end)}", actions=actions, isn=isn)
