"""The grid: one test per rule of TCP's machine. Arriving in a state equals being built there.

Each rule is taken where it fires in a shipped scenario. The local state that the step leads to is then built by hand,
from its name and the numbers that RFC 9293 gives a connection in that state, and an end that was never anywhere else
has to do the same with it as the one that arrived. What the RFC gives: section 3.3.2 (what a state has sent, received
and acknowledged), section 3.4 (SYN and FIN take one number each), section 3.10.8 (what waits to be sent again).
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from checker import Limits, explore
from tcpfsm.loader.load import load_protocol
from tcpfsm.machine.endpoint import Endpoint, Local
from tcpfsm.machine.segment import Segment
from tcpfsm.run.build import build
from tests.conftest import SPEC

if TYPE_CHECKING:
    from collections.abc import Sequence

    from checker.model.vocabulary import Outcome
    from tcpfsm.loader.protocol import Protocol
    from tcpfsm.machine.model import Machine

RULES = tuple(rule.name for rule in load_protocol(SPEC / "tcp", "tcp").machine().all_rules)

#: Rules that no shipped scenario takes, and why. Nothing may be added here without a reason.
NEVER_TAKEN = {
    "FIN-WAIT-2 / rcv ACK": "all that was sent is acknowledged there, so that no ACK is new",
    "TIME-WAIT / rcv ACK": "all that was sent is acknowledged there, so that no ACK is new",
    "FIN-WAIT-2 / retransmission timeout": "nothing waits to be sent again there, so that the timeout changes nothing",
    "TIME-WAIT / retransmission timeout": "nothing waits to be sent again there, so that the timeout changes nothing",
    "SYN-RECEIVED / rcv text too soon": "it is only looked at: because of it, text that came with a SYN goes on waiting",
    "FIN-WAIT-1 / rcv text too soon": "the same, where CLOSE came before the acknowledgment of our SYN",
}
NO_CONNECTION = ("CLOSED", "LISTEN")
OUR_FIN_SENT = ("FIN-WAIT-1", "FIN-WAIT-2", "CLOSING", "LAST-ACK", "TIME-WAIT")
PEERS_FIN_TAKEN = ("CLOSE-WAIT", "CLOSING", "LAST-ACK", "TIME-WAIT")
ALL_ACKNOWLEDGED = ("FIN-WAIT-2", "TIME-WAIT")
BEFORE_SYNCHRONIZATION = ("SYN-SENT", "SYN-RECEIVED")


class Taken(NamedTuple):
    """A step in which a rule fired: in which scenario, at which end, and to where it led."""

    scenario: str
    end: Endpoint
    rule_fired_last: bool
    before: Local
    after: Local


class Met(NamedTuple):
    """What was met in the shipped scenarios: steps by rule, and stimuli by scenario, end and state."""

    taken: dict[str, list[Taken]]
    actions: dict[tuple[str, str, str], set[str]]
    messages: dict[tuple[str, str, str], set[Segment]]


@pytest.fixture(scope="session")
def met(tcp: Protocol) -> Met:
    """Everything that happens in the shipped scenarios, but for the slow ones."""
    found = Met(defaultdict(list), defaultdict(set), defaultdict(set))
    for name, scenario in tcp.scenarios.items():
        if scenario.slow:
            continue
        built = build(tcp, scenario)
        # An end that starts in the middle of things, without what it has to send again, was never built by the RFC.
        ends = {end.name: end for end in built.ends if built_by_hand(end.machine, end.initial) == end.initial}
        space = explore(built.system, Limits(states=10_000))
        seen: set[tuple[str, Local, str]] = set()
        for state in space.order:
            for step in space.steps_from(state):
                if step.outcome is not None and step.label.actor in ends:
                    _record(found, name, ends[step.label.actor], step, seen)
    return found


def _record(found: Met, name: str, end: Endpoint, step: Any, seen: set[tuple[str, Local, str]]) -> None:
    place = ("A", "B").index(end.name)
    before, after = step.before.locals[place], step.after.locals[place]
    where = (name, end.name, before.state)
    if step.label.action:
        found.actions[where].add(step.label.action)
    else:
        found.messages[where].add(step.label.message)
    for position, firing in enumerate(step.outcome.firings, start=1):
        key = (firing.rule, after, end.name)
        if key not in seen:
            seen.add(key)
            last = position == len(step.outcome.firings)
            found.taken[firing.rule].append(Taken(name, end, last, before, after))


# ---- building a connection by hand -----------------------------------------------------------------------------------


def values_of(machine: Machine, local: Local) -> dict[str, Any]:
    """Return the variables of a local state by name."""
    return dict(zip([variable.name for variable in machine.variables], local.values, strict=True))


def built_by_hand(machine: Machine, local: Local) -> Local:
    """Build the local state that the RFC gives a connection in this state, with as much sent, received, acknowledged.

    Only how much text there was, and where the numbers began, is taken from the local state.
    """
    state, was = local.state, values_of(machine, local)
    values: dict[str, Any] = {variable.name: variable.starts for variable in machine.variables}
    waiting: list[Segment] = []
    if state not in NO_CONNECTION:
        begun, texts, acknowledged = (
            was["ISS"],
            _texts_sent(machine, local),
            _texts_acknowledged(machine, local),
        )
        our_fin = state in OUR_FIN_SENT
        values["ISS"] = begun
        values["SND.NXT"] = _plus(machine, begun, 1 + texts + our_fin)
        values["SND.UNA"] = begun if acknowledged is None else _plus(machine, begun, 1 + acknowledged)
        if state in ALL_ACKNOWLEDGED:
            values["SND.UNA"] = values["SND.NXT"]
        if state != "SYN-SENT":
            values["IRS"] = was["IRS"]
            values["RCV.NXT"] = _plus(
                machine, was["IRS"], 1 + _texts_received(machine, local) + (state in PEERS_FIN_TAKEN)
            )
            values["passive"] = was[
                "passive"
            ]  # how SYN-RECEIVED was reached is remembered, and matters there alone
        waiting = _unacknowledged(machine, local, values, texts, our_fin=our_fin)
    return Local(
        state,
        tuple(values[variable.name] for variable in machine.variables),
        local.ghosts,
        (tuple(waiting),),
        local.pending,
        local.drawn,
    )


def _plus(machine: Machine, number: int, count: int) -> int:
    return (number + count) % machine.modulus


def _texts_sent(machine: Machine, local: Local) -> int:
    was = values_of(machine, local)
    if local.state in BEFORE_SYNCHRONIZATION:
        return 0
    return int((was["SND.NXT"] - was["ISS"]) % machine.modulus) - 1 - (local.state in OUR_FIN_SENT)


def _texts_acknowledged(machine: Machine, local: Local) -> int | None:
    """Return how many texts are acknowledged; None if not even our SYN is."""
    was = values_of(machine, local)
    if local.state in BEFORE_SYNCHRONIZATION or was["SND.UNA"] == was["ISS"]:
        return None
    return int((was["SND.UNA"] - was["ISS"]) % machine.modulus) - 1


def _texts_received(machine: Machine, local: Local) -> int:
    was = values_of(machine, local)
    if local.state == "SYN-RECEIVED":
        return 0
    return int((was["RCV.NXT"] - was["IRS"]) % machine.modulus) - 1 - (local.state in PEERS_FIN_TAKEN)


def _unacknowledged(
    machine: Machine, local: Local, values: dict[str, Any], texts: int, *, our_fin: bool
) -> list[Segment]:
    """Write down what occupies the numbers from SND.UNA up to SND.NXT, as it would be sent now."""
    ghosts = dict(zip([ghost.name for ghost in machine.ghosts], local.ghosts, strict=True))
    begun, attempt = values["ISS"], ghosts.get("attempt")
    receives = values["RCV.NXT"]
    syn = {"SEQ": begun, "CTL": ("SYN",), "INC": attempt}
    if receives is not None:
        syn |= {"ACK": receives, "CTL": ("SYN", "ACK")}
    every = [syn]
    for number in range(texts):
        place = _plus(machine, begun, 1 + number)
        every.append(
            {"SEQ": place, "ACK": receives, "DATA": 1, "CTL": ("ACK",), "INC": attempt, "OFF": number}
        )
    if our_fin:
        every.append({"SEQ": _plus(machine, begun, 1 + texts), "ACK": receives, "CTL": ("FIN", "ACK")})
    first = (values["SND.UNA"] - begun) % machine.modulus
    return [_segment(machine, fields) for fields in every[first:]]


def _segment(machine: Machine, fields: dict[str, Any]) -> Segment:
    names = [field.name for field in machine.layout.fields]
    values = tuple(fields.get(field.name, field.absent) for field in machine.layout.fields)
    assert {"SEQ", "ACK", "DATA"} <= set(names) <= {"SEQ", "ACK", "DATA", "INC", "OFF"}
    return Segment(fields["CTL"], values, machine.layout)


def as_it_would_be_sent(machine: Machine, local: Local) -> Local:
    """Return a local state in which what waits to be sent again already carries the present acknowledgment."""
    place, receives = machine.layout.index("ACK"), values_of(machine, local)["RCV.NXT"]
    assert place is not None
    queue = tuple(
        Segment(
            segment.ctl,
            tuple(
                receives if index == place and value is not None else value
                for index, value in enumerate(segment.values)
            ),
            segment.layout,
        )
        for segment in local.queues[0]
    )
    return Local(local.state, local.values, local.ghosts, (queue,), local.pending, local.drawn)


# ---- doing the same --------------------------------------------------------------------------------------------------


class Answer(NamedTuple):
    """What an end did: where it went, what it sent, by which rules, and what stopped it."""

    after: Local
    sends: tuple[tuple[str, Segment], ...]
    rules: tuple[str, ...]
    blocked_by: str | None


def answers(
    end: Endpoint, local: Local, actions: set[str], messages: set[Segment]
) -> dict[Any, list[Answer]]:
    """Return what an end does in a local state with each of the stimuli."""
    found: dict[Any, list[Answer]] = {}
    for action in sorted(actions):
        found[action] = [_answer(end, outcome) for outcome in _list(end.act(local, action))]
    for message in sorted(messages):
        found[message] = [_answer(end, outcome) for outcome in _list(end.receive(local, message))]
    return found


def _list(outcomes: Sequence[Outcome]) -> Sequence[Outcome]:
    return outcomes


def _answer(end: Endpoint, outcome: Outcome) -> Answer:
    assert isinstance(outcome.after, Local)
    rules = tuple(firing.rule for firing in outcome.firings)
    return Answer(as_it_would_be_sent(end.machine, outcome.after), outcome.sends, rules, outcome.blocked_by)


def chosen(taken: list[Taken]) -> list[Taken]:
    """Choose steps to look at: those in which the rule had the last word, of as many scenarios as there are, three each."""
    by_scenario: dict[tuple[str, str], list[Taken]] = defaultdict(list)
    for step in sorted(taken, key=lambda step: not step.rule_fired_last):
        by_scenario[step.scenario, step.end.name].append(step)
    return [step for steps in by_scenario.values() for step in steps[:3]]


@pytest.mark.parametrize("rule", RULES)
def test_arriving_by_a_rule_equals_being_built_there(met: Met, rule: str) -> None:
    """What a rule leads to is what the RFC says of the state, and behaves like it, for everything met there."""
    if rule in NEVER_TAKEN and rule not in met.taken:
        pytest.skip(NEVER_TAKEN[rule])
    steps = chosen(met.taken.get(rule, []))
    assert steps, f"no shipped scenario takes {rule}"
    for step in steps:
        machine = step.end.machine
        by_hand = built_by_hand(machine, step.after)
        assert by_hand == as_it_would_be_sent(machine, step.after), f"{rule} in {step.scenario}"
        newcomer = Endpoint(
            step.end.name,
            machine,
            by_hand,
            channel=step.end.channel,
            actions=step.end.actions,
            isn=step.end.frame.isn,
        )
        where = (step.scenario, step.end.name, step.after.state)
        stimuli = met.actions[where], met.messages[where]

        assert answers(newcomer, by_hand, *stimuli) == answers(step.end, step.after, *stimuli)


def test_every_rule_is_taken_in_a_shipped_scenario(met: Met) -> None:
    """A rule that no scenario takes is a rule that nothing checks."""
    never = [rule for rule in RULES if rule not in met.taken and rule not in NEVER_TAKEN]

    assert never == []


def test_what_is_said_to_be_never_taken_exists(met: Met) -> None:
    """The exceptions are rules, and have not been taken after all."""
    wrong = [rule for rule in NEVER_TAKEN if rule not in RULES or rule in met.taken]

    assert wrong == []


@pytest.mark.parametrize(
    "state", [*NO_CONNECTION, *BEFORE_SYNCHRONIZATION, "ESTABLISHED", *OUR_FIN_SENT, "CLOSE-WAIT"]
)
def test_every_state_is_left_and_entered_in_a_shipped_scenario(met: Met, state: str) -> None:
    """A state that is only passed over would be built by nothing."""
    entered = any(
        step.after.state == state != step.before.state for steps in met.taken.values() for step in steps
    )
    left = any(
        step.before.state == state != step.after.state for steps in met.taken.values() for step in steps
    )

    assert (entered, left) == (True, True)
