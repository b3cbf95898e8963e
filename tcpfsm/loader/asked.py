"""Which properties a scenario asks."""

from __future__ import annotations

from collections.abc import Iterable

from tcpfsm.loader.property import PropertySpec
from tcpfsm.loader.scenario import Scenario


def asked_of(known: Iterable[PropertySpec], scenario: Scenario) -> list[PropertySpec]:
    """Return those that are asked everywhere or by this scenario, but for what it leaves out and what has no meaning in it."""
    named = set(scenario.properties)
    return [
        spec
        for spec in known
        if (spec.everywhere or spec.name in named) and spec.name not in scenario.without and not is_meaningless(spec, scenario)
    ]


def is_meaningless(spec: PropertySpec, scenario: Scenario) -> bool:
    """Whether a property says nothing of a scenario: a set delivers the same segment for ever, so nothing is quiet."""
    return spec.kind == "quiet" and scenario.network.kind == "set"
