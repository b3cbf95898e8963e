"""The systems that are measured: one scenario of TCP, in bounds that grow.

The scenario ``handshakes-at-scale`` is the largest member; the others allow fewer calls and initial sequence numbers.
The network is the same in all of them: it reorders, loses and copies without limit, and holds three segments each way.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING

from benchmarks.plain import Counted
from tcpfsm.loader.target import load_shipped

if TYPE_CHECKING:
    from tcpfsm.loader.protocol import Protocol
    from tcpfsm.loader.scenario import EndSpec, Scenario

PROTOCOL = "tcp"
SCENARIO = "handshakes-at-scale"
#: What is asked where nothing else is said. It looks at both ends, and needs nothing remembered that the machine forgets.
PROPERTY = "mirrored-numbers"


@dataclass(frozen=True, slots=True)
class Member:
    """A member of the family: how often A and B may open and abort, and how many initial numbers each has.

    ``counted`` is what was recorded of it.
    """

    power: int
    opens: tuple[int, int]
    aborts: tuple[int, int]
    numbers: tuple[int, int]
    counted: Counted | None = None

    @property
    def name(self) -> str:
        """About how many states it has."""
        return f"10^{self.power}"


FAMILY = (
    Member(3, (1, 1), (0, 0), (1, 1), Counted(946, 5_751, 15)),
    Member(4, (1, 2), (1, 1), (1, 1), Counted(9_912, 69_806, 19)),
    Member(5, (2, 2), (1, 1), (2, 1), Counted(83_051, 633_769, 22)),
    Member(6, (3, 3), (2, 2), (3, 1), Counted(913_555, 7_547_488, 27)),
    Member(7, (3, 3), (2, 2), (3, 2), Counted(8_978_530, 75_809_860, 31)),
    Member(8, (3, 3), (2, 2), (3, 4), Counted(106_287_847, 888_706_478, 41)),
    Member(9, (4, 4), (4, 3), (4, 4)),
)
MEMBERS = {member.name: member for member in FAMILY}


@cache
def loaded() -> Protocol:
    """The protocol of the scenario, read once in a process."""
    return load_shipped(PROTOCOL)


def bounded(protocol: Protocol, member: Member) -> Scenario:
    """The scenario in the bounds of a member; what the file records goes with its own bounds only."""
    scenario = protocol.scenario(SCENARIO)
    ends = {
        name: _bounded_end(end, member.opens[place], member.aborts[place], member.numbers[place])
        for place, (name, end) in enumerate(scenario.ends.items())
    }
    if ends == dict(scenario.ends):
        return scenario
    return replace(scenario, ends=ends, expected=None, rebounded=True)


def recorded(protocol: Protocol, member: Member) -> Counted | None:
    """The counts that were recorded of a member, here or in the scenario's file; ``None`` if none were."""
    expected = bounded(protocol, member).expected
    if expected is None or None in (counts := (expected.states, expected.steps, expected.depth)):
        return member.counted
    return Counted(*(count or 0 for count in counts))


def _bounded_end(end: EndSpec, opens: int, aborts: int, numbers: int) -> EndSpec:
    # Of the two calls the one that opens is named first; which kind of OPEN it is, the scenario says.
    limits = dict(zip(end.calls, (opens, aborts), strict=True))
    return replace(end, calls={call: limit for call, limit in limits.items() if limit}, isn=end.isn[:numbers])
