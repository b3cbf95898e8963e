"""One end of a connection: what a stimulus does to a local state, rule by rule, through the `transitions` machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tcpfsm.loader.context import Settings
from tcpfsm.loader.load import load_protocol
from tcpfsm.machine.endpoint import Endpoint, Local, empty_local
from tcpfsm.machine.segment import Segment, parts_of
from tests.conftest import problems_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from checker.model.vocabulary import Outcome
    from tcpfsm.loader.protocol import Protocol
    from tcpfsm.machine.model import Machine

    MachineOf = Callable[[str], Machine]


@pytest.fixture
def machine_of(tmp_path: Path) -> MachineOf:
    """Compile a machine of one's own, with two states, two counts, one field and one bit."""

    def compiled(text: str) -> Machine:
        head = (
            "protocol: own\nstates: {S: {}, T: {}, NONE: {keeps: nothing}}\n"
            "variables: {x: {is: count, starts: 1}, y: {is: count, starts: 0}, unset: count, NXT: sequence}\n"
            "fields: {V: count}\nflags: [F]\nsegments: {one: <V=x><CTL=F>, two: <V=y><CTL=F>}\n"
        )
        (tmp_path / "machine.yaml").write_text(head + text, encoding="utf-8")
        return load_protocol(tmp_path, "own").machine()

    return compiled


@pytest.fixture(scope="module")
def machine(tcp: Protocol) -> Machine:
    """TCP's machine without ghosts, so that local states are what the RFC says of them."""
    return tcp.machine("", Settings(ghosts=frozenset()))


def endpoint(machine: Machine, *isn: int) -> Endpoint:
    """Return an end in its first state."""
    return Endpoint("A", machine, empty_local(machine, next(iter(machine.states))), channel="A to B", isn=isn)


def at(machine: Machine, state: str, *queued: str, **values: Any) -> Local:
    """Return a local state; the names of variables have _ for ., ``queued`` is what waits in the first queue."""
    local = empty_local(machine, state)
    names = [variable.name.replace(".", "_") for variable in machine.variables]
    assert set(values) <= set(names)
    found = tuple(values.get(name, old) for name, old in zip(names, local.values, strict=True))
    queues = (tuple(segment(machine, text) for text in queued), *local.queues[1:])
    return Local(state, found, local.ghosts, queues if local.queues else ())


def established(machine: Machine, *queued: str, **values: Any) -> Local:
    """Return TCP in ESTABLISHED, with 100 to send next and 300 to come."""
    numbers = {"ISS": 99, "SND_UNA": 100, "SND_NXT": 100, "IRS": 299, "RCV_NXT": 300, **values}
    return at(machine, "ESTABLISHED", *queued, **numbers)


def syn_received(machine: Machine, *, passive: bool = True) -> Local:
    """Return TCP in SYN-RECEIVED, its SYN,ACK not yet acknowledged."""
    syn_ack = "<SEQ=99><ACK=300><CTL=SYN,ACK>"
    numbers = {"ISS": 99, "SND_UNA": 99, "SND_NXT": 100, "IRS": 299, "RCV_NXT": 300}
    return at(machine, "SYN-RECEIVED", syn_ack, **numbers, passive=passive)


def segment(machine: Machine, text: str) -> Segment:
    """Read a segment with numbers."""
    values = [field.absent for field in machine.layout.fields]
    ctl: tuple[str, ...] = ()
    for name, value, _ in parts_of(text):
        if name == "CTL":
            ctl = tuple(str(value).split(","))
        else:
            values[machine.layout.index(name) or 0] = int(value or 0)
    return Segment(ctl, tuple(values), machine.layout)


def acted(end: Endpoint, local: Local, action: str) -> Outcome:
    """Return the one outcome of a call or timeout."""
    (outcome,) = end.act(local, action)
    return outcome


def received(end: Endpoint, local: Local, text: str) -> Outcome:
    """Return the one outcome of an arriving segment."""
    (outcome,) = end.receive(local, segment(end.machine, text))
    return outcome


def sent(outcome: Outcome) -> list[str]:
    """Return what an outcome sends, in the RFC's notation."""
    return [message.text() for _, message in outcome.sends]


def after(outcome: Outcome) -> Local:
    """Return the local state that an outcome leads to."""
    assert isinstance(outcome.after, Local)
    return outcome.after


def values_of(machine: Machine, local: Local) -> dict[str, Any]:
    """Return the variables that are set."""
    names = [variable.name for variable in machine.variables]
    return {name: value for name, value in zip(names, local.values, strict=True) if value is not None}


# ---- the transitions machine is what runs ----------------------------------------------------------------------------


def test_every_rule_is_a_transition(machine: Machine) -> None:
    """The transitions machine has one transition per rule, with its event, source and target, and no other."""
    table = {
        (event, source, transition.dest)
        for event, found in endpoint(machine).transitions.events.items()
        for source, transitions in found.transitions.items()
        for transition in transitions
    }
    count = sum(
        len(ts) for e in endpoint(machine).transitions.events.values() for ts in e.transitions.values()
    )

    assert table == {(f"on {rule.event}", rule.state, rule.to) for rule in machine.all_rules}
    assert count == len(machine.all_rules)


def test_a_state_of_the_machine_is_a_state_of_transitions(machine: Machine) -> None:
    """No state is made up, none is left out."""
    assert list(endpoint(machine).transitions.states) == list(machine.states)


def test_without_its_transition_a_rule_does_not_fire(machine: Machine) -> None:
    """Nothing but the transitions machine moves an end."""
    end = endpoint(machine, 500)
    end.transitions.events["on rcv SYN"].transitions["LISTEN"].clear()

    with pytest.raises(RuntimeError, match="LISTEN / rcv SYN: no transition fired"):
        received(end, at(machine, "LISTEN"), "<SEQ=7><CTL=SYN>")


def test_the_target_of_the_transition_is_where_the_end_goes(machine: Machine) -> None:
    """A transition that leads elsewhere takes the end there."""
    end = endpoint(machine)
    end.transitions.events["on passive OPEN"].transitions["CLOSED"][0].dest = "TIME-WAIT"

    assert after(acted(end, at(machine, "CLOSED"), "passive OPEN")).state == "TIME-WAIT"


def test_an_outcome_names_the_rules_that_fired_and_where_they_stand(machine: Machine) -> None:
    """A step of several rules says so, rule by rule, with the line of the spec."""
    outcome = received(endpoint(machine), established(machine), "<SEQ=300><ACK=100><DATA=1><CTL=FIN,ACK>")

    assert [(firing.rule, firing.before, firing.after) for firing in outcome.firings] == [
        ("ESTABLISHED / rcv text", "ESTABLISHED", "ESTABLISHED"),
        ("ESTABLISHED / rcv FIN", "ESTABLISHED", "CLOSE-WAIT"),
    ]
    assert all(firing.where.startswith("tcp/machine.yaml:") for firing in outcome.firings)


def test_an_outcome_depends_on_the_local_state_and_the_stimulus_alone(machine: Machine) -> None:
    """The same question gets the same answer, whatever was asked in between."""
    end = endpoint(machine, 100, 200)
    first = [
        acted(end, end.initial, "active OPEN"),
        received(end, established(machine), "<SEQ=300><CTL=RST>"),
    ]
    received(end, syn_received(machine), "<SEQ=300><ACK=100><CTL=ACK>")
    again = [
        acted(end, end.initial, "active OPEN"),
        received(end, established(machine), "<SEQ=300><CTL=RST>"),
    ]

    assert first == again


def test_after_an_error_the_end_can_be_asked_again(machine_of: MachineOf) -> None:
    """An error leaves nothing behind."""
    machine = machine_of(
        "calls: [go, stop]\nreading: []\nrules:\n"
        "  - {in: any-state, when: go, if: x == 1, to: T}\n  - {in: any-state, when: stop, set: {y: unset}}\n"
    )
    end = endpoint(machine)
    problems_of(lambda: end.act(end.initial, "stop"))

    assert after(acted(end, end.initial, "go")).state == "T"


# ---- what a rule does, and in which order ----------------------------------------------------------------------------


def test_the_effects_of_a_rule_come_in_the_order_if_set_snd_after_ghost_queues_to(
    machine_of: MachineOf,
) -> None:
    """The guard sees what was, assignments each other, the segment what was set, ghosts and queues the end."""
    machine = machine_of(
        "queues: {kept: {keep: state == T and x == 12, until: false}}\n"
        "ghosts:\n  seen: {starts: [], when: leave S, append: x}\n  set-to: {starts: 0}\n"
        "  early: {starts: 0, when: sets x, set: x}\n"
        "calls: [go]\noffered: {go: S}\nreading: []\nrules:\n"
        "  - {in: S, when: go, if: x == 1, set: {x: x + 1, y: x}, snd: one, after: {x: x + 10}, ghost: {set-to: x}, to: T}\n"
    )
    outcome = acted(endpoint(machine), empty_local(machine, "S"), "go")
    local = after(outcome)

    assert sent(outcome) == ["<V=2><CTL=F>"]
    assert (local.state, values_of(machine, local)) == ("T", {"x": 12, "y": 2})
    assert dict(zip([ghost.name for ghost in machine.ghosts], local.ghosts, strict=True)) == {
        "seen": (12,), "set-to": 12, "early": 2,
    }  # fmt: skip
    assert [message.text() for message in local.queues[0]] == ["<V=2><CTL=F>"]


def test_several_segments_are_sent_in_the_order_of_the_rule(machine_of: MachineOf) -> None:
    """What is sent first is sent first."""
    machine = machine_of("calls: [go]\nreading: []\nrules: [{in: any-state, when: go, snd: [two, one]}]\n")

    assert sent(acted(endpoint(machine), empty_local(machine, "S"), "go")) == ["<V=0><CTL=F>", "<V=1><CTL=F>"]


def test_a_state_that_keeps_nothing_forgets_everything_but_the_lasting_ghosts(machine_of: MachineOf) -> None:
    """Values, queues, waiting calls and the ghosts of a connection go; what properties remember stays."""
    machine = machine_of(
        "queues: {kept: {keep: F, until: false}}\n"
        "ghosts:\n  once: {starts: 0, lasts: connection, when: leave S, set: x}\n  ever: {starts: 0, when: leave S, set: x}\n"
        "calls: [go, wait]\nreading: []\nrules:\n"
        "  - {in: any-state, when: go, set: {x: 7}, snd: one, to: NONE}\n  - {in: any-state, when: wait, queue: wait}\n"
    )
    end = endpoint(machine)
    local = after(acted(end, after(acted(end, empty_local(machine, "S"), "wait")), "go"))

    assert local == Local("NONE", (1, 0, None, None), (0, 7), ((),))


@pytest.mark.parametrize("lasts", ["connection", "for-ever"])
def test_a_variable_that_lasts_for_ever_outlives_a_state_that_keeps_nothing(tmp_path: Path, lasts: str) -> None:
    """It is as the rule left it; a variable that says nothing of it, or says connection, starts again."""
    (tmp_path / "machine.yaml").write_text(
        "protocol: own\nstates: {S: {}, NONE: {keeps: nothing}}\n"
        f"variables: {{x: {{is: count, starts: 1}}, y: {{is: count, starts: 2, lasts: {lasts}}}}}\n"
        "calls: [go]\nreading: []\nrules: [{in: any-state, when: go, set: {x: 7, y: 8}, to: NONE}]\n",
        encoding="utf-8",
    )
    end = endpoint(load_protocol(tmp_path, "own").machine())

    assert after(acted(end, Local("S", (1, 2)), "go")) == Local("NONE", (1, 8 if lasts == "for-ever" else 2))


@pytest.mark.parametrize(
    ("state", "action"),
    [("CLOSED", "SEND"), ("CLOSED", "crash"), ("LISTEN", "STATUS"), ("TIME-WAIT", "retransmission timeout")],
)
def test_what_is_only_answered_or_ignored_or_changes_nothing_is_no_step(
    machine: Machine, state: str, action: str
) -> None:
    """A reply to a call, an ignored timeout, a timeout with nothing to send again: the end takes no part."""
    assert endpoint(machine).act(at(machine, state), action) == ()


def test_a_segment_that_is_ignored_is_taken(machine: Machine) -> None:
    """A segment to which the spec's answer is nothing was answered."""
    outcome = received(endpoint(machine), at(machine, "LISTEN"), "<SEQ=7><CTL=RST>")

    assert (after(outcome), outcome.sends, outcome.firings) == (at(machine, "LISTEN"), (), ())


def test_a_segment_that_no_check_takes_is_not_answered(machine_of: MachineOf) -> None:
    """An unspecified reception is nothing, which the checker reports."""
    machine = machine_of("reading: [{check: only, in: S, if: F, event: none}]\nrules: []\n")
    end = endpoint(machine)

    assert end.receive(empty_local(machine, "T"), segment(machine, "<V=1><CTL=F>")) == ()
    assert end.receive(empty_local(machine, "S"), segment(machine, "<V=1>")) == ()
    assert len(end.receive(empty_local(machine, "S"), segment(machine, "<V=1><CTL=F>"))) == 1


def test_a_check_sees_the_state_and_the_values_that_the_one_before_left(machine_of: MachineOf) -> None:
    """The checks of the reading are steps of one sequence."""
    machine = machine_of(
        "reading:\n"
        "  - {check: first, in: S, event: rcv first, then: third}\n"
        "  - {check: second, in: any-state, event: rcv second}\n"
        "  - {check: third, in: T, if: x == SEG.V, event: rcv third, then: continue}\n"
        "  - {check: last, in: NONE, event: none}\n"
        "rules:\n"
        "  - {in: S, when: rcv first, set: {x: SEG.V}, to: T}\n"
        "  - {in: any-state, when: rcv second, set: {y: 9}}\n"
        "  - {in: T, when: rcv third, to: NONE}\n"
    )
    outcome = received(endpoint(machine), empty_local(machine, "S"), "<V=5>")

    assert [firing.rule for firing in outcome.firings] == ["S / rcv first", "T / rcv third"]


# ---- what waits ------------------------------------------------------------------------------------------------------


def test_send_and_close_before_synchronization_wait_and_are_served_in_order(machine: Machine) -> None:
    """SEND then CLOSE in SYN-RECEIVED: the text goes out when the connection opens, then the FIN (§3.10.4)."""
    end = endpoint(machine)
    waiting = after(acted(end, after(acted(end, syn_received(machine), "SEND")), "CLOSE"))
    outcome = received(end, waiting, "<SEQ=300><ACK=100><CTL=ACK>")

    assert (waiting.state, waiting.pending) == ("SYN-RECEIVED", (("SEND", None), ("CLOSE", None)))
    assert sent(outcome) == ["<SEQ=100><ACK=300><DATA=1><CTL=ACK>", "<SEQ=101><ACK=300><CTL=FIN,ACK>"]
    assert (after(outcome).state, after(outcome).pending) == ("FIN-WAIT-1", ())
    assert values_of(machine, after(outcome))["SND.NXT"] == 102


def test_close_with_nothing_to_send_does_not_wait(machine: Machine) -> None:
    """CLOSE in SYN-RECEIVED sends the FIN at once where no text waits."""
    outcome = acted(endpoint(machine), syn_received(machine), "CLOSE")

    assert (after(outcome).state, sent(outcome)) == ("FIN-WAIT-1", ["<SEQ=100><ACK=300><CTL=FIN,ACK>"])


def test_text_that_waits_outlives_a_return_to_listen(machine: Machine) -> None:
    """Only the retransmission queue is flushed, and the user is not told: the text goes to the next connection."""
    end = endpoint(machine, 400)
    waiting = after(acted(end, syn_received(machine), "SEND"))
    listening = after(received(end, waiting, "<SEQ=300><CTL=RST>"))
    again = after(received(end, listening, "<SEQ=500><CTL=SYN>"))

    assert (listening.state, listening.pending, listening.queues) == ("LISTEN", (("SEND", None),), ((),))
    assert values_of(machine, listening) == {"passive": False}
    assert sent(received(end, again, "<SEQ=501><ACK=401><CTL=ACK>")) == ["<SEQ=401><ACK=501><DATA=1><CTL=ACK>"]


@pytest.mark.parametrize("returns", ["<SEQ=300><CTL=RST>", "<SEQ=301><CTL=SYN>"])
def test_a_close_that_waits_closes_what_would_listen_again(machine: Machine, returns: str) -> None:
    """CLOSE in LISTEN deletes the TCB, and so it does where the end would be back in LISTEN with a CLOSE that waits."""
    end = endpoint(machine)
    waiting = after(acted(end, after(acted(end, syn_received(machine), "SEND")), "CLOSE"))

    assert after(received(end, waiting, returns)) == at(machine, "CLOSED")


def test_a_segment_that_waits_is_forgotten_in_listen(machine: Machine) -> None:
    """It belongs to the connection that is gone."""
    end = endpoint(machine, 400)
    held = after(received(end, at(machine, "LISTEN"), "<SEQ=299><DATA=1><CTL=SYN>"))

    assert [kind for kind, _ in held.pending] == ["segment"]
    assert after(received(end, held, "<SEQ=300><CTL=RST>")).pending == ()


@pytest.mark.parametrize(
    ("arrives", "answer", "acknowledged"),
    [
        ("<SEQ=300><ACK=101><CTL=ACK>", [], 101),
        ("<SEQ=301><ACK=101><CTL=ACK>", ["<SEQ=101><ACK=300><CTL=ACK>"], 100),
        ("<SEQ=299><ACK=101><CTL=ACK>", ["<SEQ=101><ACK=300><CTL=ACK>"], 100),
        ("<SEQ=300><ACK=101><DATA=1><CTL=ACK>", ["<SEQ=101><ACK=300><CTL=ACK>"], 101),
        ("<SEQ=300><ACK=101><CTL=FIN,ACK>", ["<SEQ=101><ACK=300><CTL=ACK>"], 101),
        ("<SEQ=301><ACK=101><DATA=1><CTL=ACK>", ["<SEQ=101><ACK=300><CTL=ACK>"], 100),
        ("<SEQ=300><ACK=102><DATA=1><CTL=ACK>", ["<SEQ=101><ACK=300><CTL=ACK>"], 100),
        ("<SEQ=300><DATA=1>", ["<SEQ=101><ACK=300><CTL=ACK>"], 100),
        ("<SEQ=300><CTL=SYN>", ["<SEQ=101><ACK=300><CTL=ACK>"], 100),
        ("<SEQ=301><CTL=RST>", [], 100),
    ],
)
def test_a_closed_window_takes_what_is_empty_and_the_ack_of_what_is_next(
    tcp: Protocol, arrives: str, answer: list[str], acknowledged: int
) -> None:
    """Table 6, row 1; of text or a FIN that is next the ACK counts ("special allowance"), and nothing else is taken."""
    machine = tcp.machine("", Settings(constants={"RCV.WND": 0}, ghosts=frozenset()))
    outcome = received(endpoint(machine), established(machine, SND_NXT=101), arrives)
    values = values_of(machine, after(outcome))

    assert (after(outcome).state, after(outcome).pending) == ("ESTABLISHED", ())
    assert (sent(outcome), values["SND.UNA"], values["RCV.NXT"]) == (answer, acknowledged, 300)


def test_a_closed_window_does_not_keep_a_reset_out(tcp: Protocol) -> None:
    """RST is processed even when the window is zero (MUST-66)."""
    machine = tcp.machine("", Settings(constants={"RCV.WND": 0}, ghosts=frozenset()))

    assert after(received(endpoint(machine), established(machine), "<SEQ=300><CTL=RST>")).state == "CLOSED"


def held(end: Endpoint, local: Local, text: str) -> list[str]:
    """Return the segments that wait after one has arrived."""
    return [content[1].text() for kind, content in after(received(end, local, text)).pending if kind == "segment"]


@pytest.mark.parametrize(
    ("arrives", "waits"),
    [
        ("<SEQ=301><ACK=100><DATA=9><CTL=ACK>", "<SEQ=301><ACK=100><DATA=9><CTL=ACK>"),
        ("<SEQ=301><ACK=100><DATA=10><CTL=ACK>", "<SEQ=301><ACK=100><DATA=9><CTL=ACK>"),
        ("<SEQ=301><ACK=100><DATA=8><CTL=FIN,ACK>", "<SEQ=301><ACK=100><DATA=8><CTL=FIN,ACK>"),
        ("<SEQ=301><ACK=100><DATA=9><CTL=FIN,ACK>", "<SEQ=301><ACK=100><DATA=9><CTL=ACK>"),
        ("<SEQ=309><ACK=100><CTL=FIN,ACK>", "<SEQ=309><ACK=100><CTL=FIN,ACK>"),
    ],
)
def test_an_early_segment_is_cut_where_the_window_ends(machine: Machine, arrives: str, waits: str) -> None:
    """The window is 300 to 309 when it arrives; what lies beyond is not kept, a FIN neither."""
    assert held(endpoint(machine), established(machine), arrives) == [waits]


@pytest.mark.parametrize(
    ("arrives", "waits"),
    [
        ("<SEQ=299><DATA=9><CTL=SYN,FIN>", "<SEQ=299><DATA=9><CTL=SYN,FIN>"),
        ("<SEQ=299><DATA=10><CTL=SYN,FIN>", "<SEQ=299><DATA=10><CTL=SYN>"),
        ("<SEQ=299><DATA=11><CTL=SYN>", "<SEQ=299><DATA=10><CTL=SYN>"),
    ],
)
def test_text_of_a_syn_is_cut_where_the_window_ends(machine: Machine, arrives: str, waits: str) -> None:
    """The window begins behind the SYN."""
    assert held(endpoint(machine, 400), at(machine, "LISTEN"), arrives) == [waits]


def test_an_early_segment_is_held_until_what_comes_before_it_has_come(machine: Machine) -> None:
    """Text out of order waits; both texts are then taken, and one acknowledgment answers both (MUST-58)."""
    end = endpoint(machine)
    early = received(end, established(machine), "<SEQ=301><ACK=100><DATA=1><CTL=ACK>")
    outcome = received(end, after(early), "<SEQ=300><ACK=100><DATA=1><CTL=ACK>")

    assert (values_of(machine, after(early))["RCV.NXT"], len(after(early).pending), sent(early)) == (
        300,
        1,
        [],
    )
    assert (values_of(machine, after(outcome))["RCV.NXT"], after(outcome).pending) == (302, ())
    assert sent(outcome) == ["<SEQ=100><ACK=302><CTL=ACK>"]


def test_the_same_early_segment_is_held_once(machine: Machine) -> None:
    """A copy of what is held adds nothing."""
    end = endpoint(machine)
    early = after(received(end, established(machine), "<SEQ=301><ACK=100><DATA=1><CTL=ACK>"))

    assert after(received(end, early, "<SEQ=301><ACK=100><DATA=1><CTL=ACK>")) == early


def test_a_held_fin_is_taken_after_the_text_before_it(machine: Machine) -> None:
    """A FIN that arrives before the last text closes the connection when the text has come."""
    end = endpoint(machine)
    early = after(received(end, established(machine), "<SEQ=301><ACK=100><CTL=FIN,ACK>"))
    outcome = received(end, early, "<SEQ=300><ACK=100><DATA=1><CTL=ACK>")

    assert (early.state, after(outcome).state, sent(outcome)) == (
        "ESTABLISHED", "CLOSE-WAIT", ["<SEQ=100><ACK=302><CTL=ACK>"],
    )  # fmt: skip


def test_text_that_comes_with_a_syn_is_delivered_when_the_connection_is_open(machine: Machine) -> None:
    """Text with a SYN is kept in SYN-RECEIVED and taken in ESTABLISHED (§3.10.7.2 third)."""
    end = endpoint(machine, 99)
    opening = received(end, at(machine, "LISTEN"), "<SEQ=299><DATA=1><CTL=SYN>")
    outcome = received(end, after(opening), "<SEQ=300><ACK=100><CTL=ACK>")

    assert (after(opening).state, values_of(machine, after(opening))["RCV.NXT"]) == ("SYN-RECEIVED", 300)
    assert sent(opening) == ["<SEQ=99><ACK=300><CTL=SYN,ACK>"]
    assert (after(outcome).state, values_of(machine, after(outcome))["RCV.NXT"]) == ("ESTABLISHED", 301)
    assert sent(outcome) == ["<SEQ=100><ACK=301><CTL=ACK>"]


def test_a_held_segment_lets_calls_pass_but_a_call_does_not(machine_of: MachineOf) -> None:
    """Calls are served in order; a segment that cannot be read yet holds nothing up."""
    machine = machine_of(
        "calls: [one, two, open]\noffered: {open: S}\n"
        "reading:\n  - {check: early, in: S, event: rcv early}\n  - {check: other, in: any-state, event: none}\n"
        "rules:\n"
        "  - {in: S, when: rcv early, queue: segment from early}\n"
        "  - {in: S, when: [one], queue: one}\n  - {in: S, when: two, queue: two}\n"
        "  - {in: [T, NONE], when: one, if: y == 0, queue: one}\n  - {in: [T, NONE], when: one, otherwise: true}\n"
        "  - {in: [T, NONE], when: two, set: {x: 9}}\n  - {in: S, when: open, to: T}\n"
    )
    end = endpoint(machine)
    local = empty_local(machine, "S")
    for call in ("two", "one"):
        local = after(acted(end, local, call))
    passed = after(acted(end, local, "open"))
    blocked = after(
        acted(end, after(acted(end, after(acted(end, empty_local(machine, "S"), "one")), "two")), "open")
    )

    assert (values_of(machine, passed)["x"], passed.pending) == (9, (("one", None),))
    assert (values_of(machine, blocked)["x"], blocked.pending) == (1, (("one", None), ("two", None)))


def test_what_waits_and_is_put_back_without_end_is_told(machine_of: MachineOf) -> None:
    """A spec in which a held segment is taken and held again for ever is answered with the rule that does it."""
    machine = machine_of(
        "calls: [open]\noffered: {open: S}\n"
        "reading:\n"
        "  - {check: early, in: S, event: rcv early}\n"
        "  - {check: first, in: T, event: rcv first, then: continue}\n"
        "  - {check: again, in: T, event: rcv again}\n"
        "  - {check: other, in: any-state, event: none}\n"
        "rules:\n"
        "  - {in: S, when: rcv early, queue: segment from early}\n  - {in: S, when: open, to: T}\n"
        "  - {in: T, when: rcv first, set: {x: x + 1}}\n  - {in: T, when: rcv again, queue: segment from first}\n"
    )
    end = endpoint(machine)
    local = after(received(end, empty_local(machine, "S"), "<V=1>"))
    (problem,) = problems_of(lambda: end.act(local, "open"))

    assert problem.message.startswith("what waits is taken and made to wait again without end (A in T, x=")
    assert problem.place.line == 18


# ---- what is sent again ----------------------------------------------------------------------------------------------


def test_a_segment_sent_again_carries_the_present_acknowledgment(machine: Machine) -> None:
    """What was sent before something arrived acknowledges it when it is sent again (§3.10.8)."""
    end = endpoint(machine)
    local = after(acted(end, established(machine), "SEND"))
    local = after(received(end, local, "<SEQ=300><ACK=100><DATA=1><CTL=ACK>"))
    outcome = acted(end, local, "retransmission timeout")

    assert sent(outcome) == ["<SEQ=100><ACK=301><DATA=1><CTL=ACK>"]
    assert values_of(machine, after(outcome)) == values_of(machine, local)


def test_the_first_of_what_waits_is_sent_again(machine: Machine) -> None:
    """A retransmission timeout sends the segment at the front of the queue (§3.10.8)."""
    end = endpoint(machine)
    local = after(acted(end, after(acted(end, established(machine), "SEND")), "CLOSE"))

    assert [message.text() for message in local.queues[0]] == [
        "<SEQ=100><ACK=300><DATA=1><CTL=ACK>", "<SEQ=101><ACK=300><CTL=FIN,ACK>",
    ]  # fmt: skip
    assert sent(acted(end, local, "retransmission timeout")) == ["<SEQ=100><ACK=300><DATA=1><CTL=ACK>"]


def test_what_is_acknowledged_is_let_go(machine: Machine) -> None:
    """A segment that is acknowledged entirely waits no longer; the one after it still does."""
    end = endpoint(machine)
    local = after(acted(end, after(acted(end, established(machine), "SEND")), "CLOSE"))
    local = after(received(end, local, "<SEQ=300><ACK=101><CTL=ACK>"))

    assert [message.text() for message in local.queues[0]] == ["<SEQ=101><ACK=300><CTL=FIN,ACK>"]


def test_a_syn_ack_replaces_the_syn_that_was_sent(machine: Machine) -> None:
    """In a simultaneous open there is one SYN to send again, and it carries an acknowledgment."""
    end = endpoint(machine, 99)
    local = after(received(end, after(acted(end, end.initial, "active OPEN")), "<SEQ=299><CTL=SYN>"))

    assert (local.state, [message.text() for message in local.queues[0]]) == (
        "SYN-RECEIVED", ["<SEQ=99><ACK=300><CTL=SYN,ACK>"],
    )  # fmt: skip


def test_a_syn_sent_again_acknowledges_nothing(machine: Machine) -> None:
    """A field that a segment does not carry is not refreshed."""
    end = endpoint(machine, 99)
    local = after(acted(end, end.initial, "active OPEN"))

    assert sent(acted(end, local, "retransmission timeout")) == ["<SEQ=99><CTL=SYN>"]


def test_all_of_a_queue_is_sent_again_where_the_rule_says_so(machine_of: MachineOf) -> None:
    """Go-back-n sends everything again."""
    machine = machine_of(
        "queues: {kept: {keep: F, until: false, refresh: {V: SEG.V + 10}}}\ncalls: [go]\ntimeouts: [clock]\nreading: []\n"
        "rules:\n  - {in: any-state, when: go, snd: [one, two]}\n  - {in: any-state, when: clock, again: all of kept}\n"
    )
    end = endpoint(machine)
    local = after(acted(end, empty_local(machine, "S"), "go"))

    assert sent(acted(end, local, "clock")) == ["<V=11><CTL=F>", "<V=10><CTL=F>"]


# ---- what cannot be done ---------------------------------------------------------------------------------------------


def test_without_a_fresh_number_the_step_is_blocked(machine: Machine) -> None:
    """A supply of initial sequence numbers that ran out disables the step and is named; nothing changes."""
    end = endpoint(machine, 99)
    once = after(acted(end, end.initial, "active OPEN"))
    closed = after(acted(end, once, "CLOSE"))
    outcome = acted(end, closed, "active OPEN")

    assert (outcome.blocked_by, outcome.after, outcome.sends) == ("ISN supply of A", closed, ())
    assert (once.drawn, closed.drawn) == (1, 1)


def test_a_segment_that_needs_a_fresh_number_is_blocked_too(machine: Machine) -> None:
    """A listening end that has no number left does not answer a SYN, and says why."""
    (outcome,) = endpoint(machine).receive(at(machine, "LISTEN"), segment(machine, "<SEQ=1><CTL=SYN>"))

    assert outcome.blocked_by == "ISN supply of A"


def test_each_attempt_has_a_number_of_its_own(machine: Machine) -> None:
    """The numbers are used in the order of the scenario."""
    end = endpoint(machine, 99, 500)
    local = end.initial
    numbers = []
    for _ in range(2):
        opened = acted(end, local, "active OPEN")
        numbers += sent(opened)
        local = after(acted(end, after(opened), "CLOSE"))

    assert numbers == ["<SEQ=99><CTL=SYN>", "<SEQ=500><CTL=SYN>"]


# ---- mistakes of a spec that show only with values -------------------------------------------------------------------


def test_two_rules_that_fire_are_told_with_both_places_and_the_values(machine_of: MachineOf) -> None:
    """Where two guards are true at once nobody can say what happens."""
    machine = machine_of(
        "calls: [go]\nreading: []\nrules:\n"
        "  - {in: any-state, when: go, if: x > 0, to: T}\n  - {in: any-state, when: go, if: x < 2, to: S}\n"
    )
    end = endpoint(machine)
    (problem,) = problems_of(lambda: end.act(empty_local(machine, "S"), "go"))

    assert (problem.place.line, problem.place.column) == (10, 27)
    assert problem.message == (
        "two rules fire in S / go with these values: this one and the one at own/machine.yaml:11:27 (A in S, x=1, y=0)"
    )


def test_a_cell_in_which_no_rule_fires_is_told_with_the_values(machine_of: MachineOf) -> None:
    """A guard that is false with nothing to stand in for it leaves a gap."""
    machine = machine_of(
        "reading: [{check: all, in: any-state, event: rcv}]\nrules:\n"
        "  - {in: any-state, when: rcv, if: SEG.V > 3, to: T}\n  - {in: any-state, when: rcv, if: SEG.V < 2, to: S}\n"
    )
    end = endpoint(machine)
    (problem,) = problems_of(lambda: end.receive(empty_local(machine, "S"), segment(machine, "<V=2><CTL=F>")))

    assert (problem.place.line, problem.hint) == (9, "add a rule with 'otherwise: true'")
    assert problem.message == (
        "no rule fires in S / rcv with these values (A in S, x=1, y=0, segment <V=2><CTL=F>)"
    )


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        (
            "calls: [go]\nreading: []\nrules: [{in: any-state, when: go, if: unset > 1}]\n",
            9,
            "unset has no value in S (A in S, x=1, y=0)",
        ),
        (
            "calls: [go]\nreading: []\nrules: [{in: any-state, when: go, set: {x: unset}}]\n",
            9,
            "unset has no value in S (A in S, x=1, y=0)",
        ),
    ],
)
def test_a_value_that_is_not_set_is_told_with_the_rule_that_reads_it(
    machine_of: MachineOf, text: str, line: int, message: str
) -> None:
    """Reading what has no value is a mistake of the spec, with a place."""
    end = endpoint(machine_of(text))
    (problem,) = problems_of(lambda: end.act(end.initial, "go"))

    assert (problem.place.line, problem.message) == (line, message)


def test_a_check_that_reads_what_is_not_set_is_told_by_its_name(machine_of: MachineOf) -> None:
    """The reading is data as well, and its mistakes have places."""
    end = endpoint(
        machine_of("reading:\n  - {check: number, in: S, if: NXT == NXT, event: none}\nrules: []\n")
    )
    (problem,) = problems_of(lambda: end.receive(end.initial, segment(end.machine, "<V=2>")))

    assert problem.place.line == 8
    assert problem.message == "the check 'number': NXT has no value in S (A in S, x=1, y=0, segment <V=2>)"


def test_a_field_that_a_segment_does_not_have_is_told(machine: Machine) -> None:
    """A segment without a number cannot be compared."""
    end = endpoint(machine)
    (problem,) = problems_of(
        lambda: end.receive(established(machine), segment(machine, "<ACK=100><CTL=ACK>"))
    )

    assert "the segment <ACK=100><CTL=ACK> has no SEQ (A in ESTABLISHED, ISS=99, " in problem.message


# ---- local states are values -----------------------------------------------------------------------------------------


def test_local_states_are_equal_by_content(machine: Machine) -> None:
    """Two ends that got to the same values are in the same state."""
    one, other = established(machine), established(machine)

    assert (one == other, hash(one) == hash(other), one != established(machine, SND_UNA=99)) == (
        True,
        True,
        True,
    )
    assert one != "ESTABLISHED"


def test_a_local_state_shows_its_name_and_its_values(machine_of: MachineOf) -> None:
    """Whoever looks at a state in a debugger sees where it is."""
    assert repr(empty_local(machine_of("reading: []\nrules: []\n"), "S")) == "<S (1, 0, None, None)>"


def test_equal_local_states_are_one_object(machine: Machine) -> None:
    """A state that is reached in two ways is kept once."""
    end = endpoint(machine, 99)

    assert after(acted(end, end.initial, "active OPEN")) is after(acted(end, end.initial, "active OPEN"))
