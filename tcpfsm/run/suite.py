"""The default suite: every scenario, exhibit and variant that comes with a protocol, held against what was recorded."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from tcpfsm.loader.protocol import Protocol
from tcpfsm.loader.scenario import Scenario


class Job(NamedTuple):
    """One run of the suite."""

    scenario: Scenario
    variant: str


def jobs(protocol: Protocol, *, slow: bool = False) -> Iterator[Job]:
    """Go through the suite: the protocol's own scenarios, its exhibits, then each variant where it expects something."""
    for exhibit in (False, True):
        for scenario in protocol.scenarios.values():
            if scenario.exhibit == exhibit and (slow or not scenario.slow):
                yield Job(scenario, "")
    for variant in protocol.variants.values():
        if slow or not variant.slow:
            for expected in variant.expect:
                yield Job(protocol.scenario(expected.scenario), variant.name)
