"""Showing: tables, parts by name, and the listing."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tcpfsm.cli.main import main
from tcpfsm.errors import UsageError
from tcpfsm.loader.differences import changed_thing
from tcpfsm.loader.load import load_protocol
from tcpfsm.loader.protocol import Protocol
from tcpfsm.loader.source import Mapping, SourceFile, parse
from tcpfsm.loader.target import Target
from tcpfsm.report.show import listing, listing_text, matrix, parts, show
from tcpfsm.report.table import table


def cells(lines: list[str]) -> dict[str, list[str]]:
    """Read a table of events by states back."""
    header, *rest = lines[: lines.index("")]
    places = [header.index(word) for word in header.split()]
    ends = [*places[1:], None]
    return {
        row[0]: row[1:]
        for row in ([line[left:right].strip() for left, right in zip(places, ends, strict=True)] for line in rest)
    }


def test_the_table_says_something_wherever_an_event_can_happen(tcp: Protocol) -> None:
    """A rule's target, stay, reply, - for ignored; a blank only where the reading cannot raise the event."""
    machine = tcp.machine()
    found = cells(matrix(machine))
    short = [state.short for state in machine.states.values()]

    assert found["passive OPEN"] == ["LISTEN", *["reply"] * 10]
    assert found["time-wait timeout"] == [*["-"] * 10, "CLOSED"]
    assert found["rcv SYN,ACK"] == ["", "", "ESTAB", *[""] * 8]
    assert found["CLOSE"] == [
        "reply", "CLOSED", "CLOSED", "FIN-1|stay", "FIN-1", "reply", "reply", "LAST-A", "reply", "reply", "reply",
    ]  # fmt: skip
    for event, row in found.items():
        for state, cell in zip(machine.states, row, strict=True):
            rules, silent = machine.rules.get((state, event)), machine.silent.get((state, event))
            assert bool(cell) == bool(rules or silent), (state, event)
            assert (cell == "-") == (silent is not None and silent.kind == "ignored")
            assert set(cell.split("|")) <= {*short, "stay", "reply", "-", ""}


def test_the_table_has_every_event(tcp: Protocol) -> None:
    """Calls, timeouts, and what arrives."""
    machine = tcp.machine()

    assert [*machine.calls, *machine.timeouts, *machine.events] == list(cells(matrix(machine)))


def test_a_short_name_is_explained_once(tcp: Protocol) -> None:
    """The legend names those that differ from the state's name, and no others."""
    legend = next(line for line in matrix(tcp.machine()) if "SYN-S SYN-SENT" in line)

    assert "CLOSED" not in legend
    assert legend.count(",") == 7


def test_a_variant_says_what_it_changes_and_what_was_there(tcp: Protocol) -> None:
    """With why it is there and where that comes from."""
    text = show(Target(tcp, variant="two-way"))

    assert text.startswith("tcp/two-way: two-way handshake\n")
    assert "  LISTEN / rcv SYN: snd SYN,ACK, go to ESTABLISHED   (was: snd SYN,ACK, go to SYN-RECEIVED)\n" in text
    assert "the principal reason for the third message" in text
    assert "Source: RFC 9293 §3.5" in text


@pytest.mark.parametrize(
    ("variant", "line"),
    [
        (
            "fixed-isn",
            "LISTEN / rcv SYN: snd SYN,ACK, go to SYN-RECEIVED, set ISS: 300   (was: snd SYN,ACK, go to SYN-RECEIVED, set ISS: fresh)",
        ),
        (
            "ack-with-number",
            "ESTABLISHED / rcv text: snd ACK, deliver, after SND.NXT: SND.NXT + 1   (was: snd ACK, deliver)",
        ),
        (
            "fin-without-number",
            ("SYN-RECEIVED / CLOSE: snd FIN, go to FIN-WAIT-1; queue CLOSE"
            "   (was: snd FIN, go to FIN-WAIT-1, after SND.NXT: SND.NXT + 1; queue CLOSE)"),
        ),
        ("syn-cookies", "queue 'retransmission': keep: SEG.LEN > 0 and state != LISTEN   (was: keep: SEG.LEN > 0)"),
        ("cached-handshake", "variable newest: is: sequence, lasts: for-ever   (was: nothing)"),
        ("figure-7-literal", "check 'figure 7': removed"),
    ],
)
def test_a_variant_says_what_it_changes_where_the_table_shows_no_difference(variant: str, line: str, tcp: Protocol) -> None:
    """What is set, remembered and queued, which names read differently, and which checks are gone."""
    assert f"\n  {line}\n" in show(Target(tcp, variant=variant))


def test_every_name_that_a_variant_gives_another_meaning_is_told(edit: Callable[[str, str | None, str], Path]) -> None:
    """Constants, definitions, segments and queues, with what they were; beside cells as well."""
    folder = edit("variants/deaf.yaml", "  - {in: both, when: rcv ASK, to be: ignored}", """\
  - {constant: LIMIT, to be: 7}
  - {define: fits, to be: "true"}
  - {segment: ANS, to be: <CTL=ANS>}
  - {segment: BOTH, to be: '<CTL=ASK,ANS>'}
  - {in: WAIT, when: patience, if: tries < LIMIT, to be: {ghost: {asked: 0}}}
  - {in: WAIT, when: STOP, to be: {snd: BOTH}}""")
    text = show(Target(load_protocol(folder, "ping"), variant="deaf"))
    told = text.partition("Differs from ping in:\n")[2].partition("\n\n")[0].splitlines()

    assert told == [
        "  WAIT / STOP: snd BOTH, go to IDLE   (was: go to IDLE)",
        "  WAIT / patience: send again, ghost asked: 0; go to IDLE   (was: send again; go to IDLE)",
        "  constant LIMIT: 7   (was: 2)",
        "  definition 'fits': true   (was: ours(SEG.NUM))",
        "  segment ANS: <CTL=ANS>   (was: <NUM=SEG.NUM><CTL=ANS>)",
        "  segment BOTH: <CTL=ASK,ANS>   (was: nothing)",
    ]


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ("{in: [IDLE, WAIT], when: rcv ASK, to be: ignored}", "IDLE, WAIT / rcv ASK"),
        ("{rule: {in: IDLE, when: rcv ANS}}", "IDLE / rcv ANS"),
        ("{ignored: {in: IDLE, when: rcv ANS}}", "IDLE / rcv ANS"),
        ("{check: answer, to be: removed}", "check 'answer'"),
        ("{before: answer, check: early, in: IDLE, event: none}", "check 'early'"),
        ("{constant: LIMIT, to be: 3}", "constant LIMIT"),
        ("{define: fits, to be: true}", "definition 'fits'"),
        ("{segment: ANS, to be: <CTL=ANS>}", "segment ANS"),
        ("{queue: unanswered, to be: {keep: ASK, until: true}}", "queue 'unanswered'"),
        ("{variable: newest, to be: sequence}", "variable newest"),
    ],
)
def test_a_change_is_called_by_what_it_changes(change: str, name: str) -> None:
    """In a report on a trace that makes use of no changed rule."""
    root = parse(SourceFile("mine.yaml", f"change: {change}\n"))
    (_, node), = root.entries
    assert isinstance(node, Mapping)

    assert changed_thing(node) == name


def test_a_variant_that_ignores_says_so(tcp: Protocol) -> None:
    """What was a rule is silence now."""
    text = show(Target(tcp, variant="rfc1337"))

    assert "  TIME-WAIT / rcv RST: ignored   (was: go to CLOSED)\n" in text


def test_a_variant_of_the_reading_names_the_check(tcp: Protocol) -> None:
    """No cell changes; the check stands in the variant's own file."""
    text = show(Target(tcp, variant="rfc793-reset"))

    assert "  check 'second' (tcp/variants/rfc793-reset.yaml:" in text


@pytest.mark.parametrize("variant", ["", "two-way"])
def test_a_state_shows_every_event_of_its_row(variant: str, tcp: Protocol) -> None:
    """Of the machine that was asked for, variant or not; every rule with its paragraph and its line."""
    machine = tcp.machine(variant)
    lines = show(Target(tcp, variant=variant), "LISTEN").splitlines()
    cells_of = [cell for cell in (*machine.rules, *machine.silent) if cell[0] == "LISTEN"]

    assert lines[0] == "LISTEN: waiting for a connection request from any remote peer"
    assert len(lines) - 2 == sum(len(machine.rules.get(cell, (None,))) for cell in cells_of)
    syn = next(line for line in lines if line.startswith("  rcv SYN  "))
    assert ("go to ESTABLISHED" if variant else "go to SYN-RECEIVED") in syn
    assert ("tcp/variants/two-way.yaml:" if variant else "tcp/machine.yaml:") in syn


def test_a_rule_with_a_guard_shows_it(tcp: Protocol) -> None:
    """Two rules in one cell are told apart by their guards."""
    text = show(Target(tcp), "SYN-RECEIVED")

    assert "rcv RST [passive and not queued(CLOSE)]" in text
    assert "rcv RST [otherwise]" in text


def test_a_property_shows_its_sentence_and_its_text(tcp: Protocol) -> None:
    """As it is written, on one line."""
    text = show(Target(tcp), "mirrored-numbers")

    assert text == (
        "mirrored-numbers (always, guarantee)\n\n"
        "When both ends are ESTABLISHED, each has the other's initial sequence number.\n"
        "Source: RFC 9293 §3.4.1\n\n"
        "  if: A.state == ESTABLISHED and B.state == ESTABLISHED\n"
        "  then: A.IRS == B.ISS and B.IRS == A.ISS\n"
    )


def test_an_assumption_shows_what_it_rules_out(tcp: Protocol) -> None:
    """The step, and when it may be taken."""
    text = show(Target(tcp), "retransmission-waits")

    assert "retransmission-waits (assumption)" in text
    assert "  retransmission timeout only if size(flight(p)) == 0 and size(flight(q)) == 0\n" in text


def test_a_scenario_shows_its_bounds_and_assumptions(tcp: Protocol) -> None:
    """Everything that a verdict in it rests on."""
    text = show(Target(tcp, scenario="simultaneous-close-in-order"))

    assert show(Target(tcp), "simultaneous-close-in-order") == text
    assert "  network                   fifo\n" in text
    assert "  A time-wait timeout       unlimited\n" in text
    assert "  assumes time-wait-outlives-peer-retransmission: 2MSL are longer" in text
    assert show(Target(tcp), "reset-lost").startswith("reset-lost (exhibit)\n")


def test_everything_that_has_a_name_can_be_shown(tcp: Protocol) -> None:
    """Scenarios, variants, properties, assumptions and states."""
    for word in parts(tcp):
        text = show(Target(tcp), word)

        assert text.splitlines()[0].removeprefix("tcp/").startswith(word)
        assert text.endswith("\n")


def test_what_has_no_such_name_is_answered_with_the_nearest(tcp: Protocol) -> None:
    """Among all parts of the protocol."""
    with pytest.raises(UsageError, match=r"tcp has nothing called 'agreemnt'; did you mean agreement\?"):
        show(Target(tcp), "agreemnt")


def test_a_part_is_found_by_its_bare_name(capsys: pytest.CaptureFixture[str]) -> None:
    """In the protocols that are shipped."""
    for word in ("agreement", "TIME-WAIT", "two-way", "close"):
        assert main(["show", word]) == 0
        assert word in capsys.readouterr().out.splitlines()[0]

    assert main(["show", "TIME-WIAT"]) == 2
    assert "did you mean TIME-WAIT?" in capsys.readouterr().err


def test_the_listing_has_everything_by_kind(tcp: Protocol) -> None:
    """With a sentence each; exhibits are marked."""
    text = listing_text([tcp])
    (data,) = listing([tcp])

    for kind in ("scenarios", "variants", "properties", "assumptions"):
        assert f"\n  {kind}\n" in text
        for item in data[kind]:
            assert item["name"] in text
            assert item.get("says") or item.get("title")
    assert "    reset-lost (exhibit)" in text
    assert all(len(line) < 160 for line in text.splitlines())


def test_the_listing_as_json_is_the_same(capsys: pytest.CaptureFixture[str], tcp: Protocol) -> None:
    """Named by a format of its own."""
    assert main(["list", "tcp", "--format", "json"]) == 0

    data = json.loads(capsys.readouterr().out)
    assert data["format"] == "tcpfsm.list/1"
    assert [found["protocol"] for found in data["protocols"]] == ["tcp"]
    assert data["protocols"] == listing([tcp])


def test_a_protocol_with_chinese_names_lines_up() -> None:
    """A character that takes two columns is counted as two."""
    assert table([["空闲", "a"], ["IDLE", "b"], ["x", "c"]]) == ["  空闲  a", "  IDLE  b", "  x     c"]
