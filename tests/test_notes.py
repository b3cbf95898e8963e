"""Notes: what stands in a spec and made no difference is told; what did, is not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

import tcpfsm
from checker import Limits
from checker.engines import How
from tcpfsm.cli.main import main
from tcpfsm.i18n.language import use
from tcpfsm.loader.load import load_protocol
from tcpfsm.loader.target import shipped
from tcpfsm.report.notes import notes
from tcpfsm.run.run import Options, run
from tcpfsm.run.unused import unused
from tests.conftest import problems_of, shown
from tests.suite_runs import protocol, reports

if TYPE_CHECKING:
    from collections.abc import Callable

    from tcpfsm.run.results import RunReport

    Edit = Callable[[str, str | None, str], Path]

PROPERTY = "  quiet:\n    says: Segments alone do not go on for ever.\n    kind: quiet\n"


def ran(folder: Path, engine: Any = "auto") -> RunReport:
    """Run the one scenario of the small protocol."""
    found = load_protocol(folder)
    return run(found, found.scenario("once"), options=Options(how=How(engine)))


def noted(folder: Path) -> list[tuple[str, str]]:
    """Return the kind and name of every note on the scenario, which both engines give."""
    found = [(note.kind, note.name) for note in ran(folder).notes]
    assert found == [(note.kind, note.name) for note in ran(folder, "reference").notes]
    return found


@pytest.mark.parametrize(
    ("question", "is_vacuous"),
    [
        ("{kind: always, if: A.tries > 1, then: B.tries == 0}", True),
        ("{kind: always, if: A.tries > 0, then: B.tries == 0}", False),
        ("{kind: always, then: A.tries > 1 implies B.tries == 0}", True),
        ("{kind: always, then: A.tries > 0 implies B.tries == 0}", False),
        ("{kind: always, then: A.tries > 0 implies A.state == IDLE implies A.tries > 5}", True),
        ("{kind: always, then: (A.tries > 1 implies B.tries == 0) and (B.tries > 0 implies A.tries == 0)}", True),
        ("{kind: always, then: (A.tries > 1 implies B.tries == 0) and (A.tries > 0 implies B.tries == 0)}", False),
        ("{kind: always, then: (A.tries > 1 implies B.tries == 0) and B.tries == 0}", False),
        ("{kind: always, then: 'every x in A.seen: x > 0'}", False),
        ("{kind: always, then: 'every x in B.seen: x > 0'}", True),
        ("{kind: step, for: each end, if: action == 'STOP', then: size(sent) == 0}", True),
        ("{kind: step, for: each end, if: action == 'PING', then: size(sent) == 1}", False),
        ("{kind: step, then: 'every s in sent: s.NUM == 7'}", False),
        ("{kind: step, if: step == 'duplicate', then: size(sent) == 1}", True),
        ("{kind: ends, if: A.state == WAIT, then: B.state == WAIT}", True),
        ("{kind: ends, if: A.state == IDLE, then: B.state == IDLE}", False),
    ],
)
@pytest.mark.parametrize("engine", ["auto", "reference"])
def test_a_property_whose_guard_is_never_met_holds_vacuously(edit: Edit, question: str, is_vacuous: bool, engine: str) -> None:
    """A guard is an ``if``, what is left of ``implies``, or a list that is never empty."""
    folder = edit("properties.yaml", PROPERTY, f"  guarded: {{says: It., {question[1:]}\n{PROPERTY}")
    found = {one.name: one for one in ran(folder, engine).properties}["guarded"]

    assert (found.verdict, found.vacuous) == ("holds", is_vacuous)


def test_what_is_violated_is_not_vacuous_and_a_cut_run_says_nothing(edit: Edit) -> None:
    """Of states that were not seen nobody knows whether they meet a guard."""
    folder = edit("properties.yaml", PROPERTY, f"  guarded: {{says: It., kind: always, if: A.tries > 1, then: false}}\n{PROPERTY}")
    found = load_protocol(folder)
    cut = run(found, found.scenario("once"), options=Options(limits=Limits(states=2)))

    assert not any(one.vacuous for one in cut.properties)
    assert cut.notes == ()


def test_an_assumption_that_takes_no_step_away_is_noted(edit: Edit) -> None:
    """``slow-clock`` takes steps away while something is in flight; without a network fault it has nothing to take."""
    assert noted(edit("scenarios/once.yaml", "PING: 1", "PING: 1, STOP: 0")) == []
    assert noted(edit("properties.yaml", "size(flight(p)) == 0 and size(flight(q)) == 0", "p.tries < 9")) == [("idle-assumption", "slow-clock")]


def test_what_never_happens_is_noted(edit: Edit) -> None:
    """A timeout that is given to both ends in one place has happened if it has at one."""
    edit("scenarios/once.yaml", "PING: 1}", "PING: 1, STOP: 1}")
    folder = edit("scenarios/once.yaml", "timeouts: {patience", "B: {calls: {STOP: 1}}\ntimeouts: {patience")

    assert noted(folder) == [("idle-event", "B STOP")]


def test_a_network_that_can_do_no_harm_is_noted(edit: Edit) -> None:
    """What is never in flight is neither lost nor copied."""
    edit("machine.yaml", "set: {NXT: fresh}, snd: ASK, to: WAIT", "set: {NXT: fresh}, to: WAIT")
    edit("machine.yaml", "again: unanswered, ", "")
    folder = edit("scenarios/once.yaml", "loss: 1", "loss: 1, duplication: unlimited")

    assert ("idle-network", "loss") in noted(folder)
    assert ("idle-network", "duplication") in noted(folder)


def test_a_scenario_in_which_nothing_can_happen_is_noted(edit: Edit) -> None:
    """With the reason, where it is that nothing fits."""
    assert noted(edit("scenarios/once.yaml", "capacity: 2", "capacity: 0")) == [("no-steps", ""), ("no-room", "")]
    assert noted(edit("scenarios/once.yaml", "PING: 1", "PING: 0")) == [("no-steps", ""), ("no-room", "")]
    assert noted(edit("scenarios/once.yaml", "capacity: 0", "capacity: 2")) == [("no-steps", "")]


def test_what_is_said_to_be_idle_is_not_noted_unless_it_is_not(edit: Edit) -> None:
    """So that what is meant need not be read again and again."""
    edit("scenarios/once.yaml", "PING: 1}", "PING: 1}, timeouts: {patience: 1}")
    edit("scenarios/once.yaml", "timeouts: {patience: unlimited}\n", "B: {calls: {STOP: 1}}\nidle: B STOP\n")
    assert noted(edit("scenarios/once.yaml", "loss: 1", "loss: 1")) == []
    assert noted(edit("scenarios/once.yaml", "idle: B STOP", "idle: [B STOP, A PING, loss, slow-clock]")) == [
        ("not-idle", "A PING"), ("not-idle", "loss"), ("not-idle", "slow-clock"),
    ]  # fmt: skip


def test_only_what_the_scenario_has_can_be_said_to_be_idle(edit: Edit) -> None:
    """A misspelt one is an error, with what was meant."""
    folder = edit("scenarios/once.yaml", "assumes: slow-clock", "assumes: slow-clock\nidle: [slow-clok, duplication]")

    assert [shown(problem) for problem in problems_of(lambda: load_protocol(folder))] == [
        "7:8: the scenario has no 'slow-clok' that could be idle | did you mean slow-clock?",
        "7:19: the scenario has no 'duplication' that could be idle",
    ]


def test_what_nothing_uses_is_noted_with_its_place(edit: Edit) -> None:
    """What only feeds itself, or something else that is not used, is not used either."""
    edit("machine.yaml", "constants: {LIMIT: 2}", "constants: {LIMIT: 2, LEFT: 3}")
    edit("machine.yaml", "  fits: ours(SEG.NUM)", "  fits: ours(SEG.NUM)\n  over: LEFT > 2\n  far-over: over")
    edit("machine.yaml", "  NXT: sequence\n", "  NXT: sequence\n  turns: {is: count, starts: 0}\n")
    edit("machine.yaml", "when: STOP, to: IDLE", "when: STOP, set: {turns: turns + 1}, to: IDLE")
    edit("machine.yaml", "  ANS: <NUM=SEG.NUM><CTL=ANS>", "  ANS: <NUM=SEG.NUM><CTL=ANS>\n  spare: <NUM=NXT><CTL=ANS>")
    edit("machine.yaml", "  - {check: rest,", "  - {check: all, in: any-state, event: none}\n  - {check: rest,")
    folder = edit("properties.yaml", PROPERTY, f"{PROPERTY}  more: {{says: It., kind: always, then: true, asked: by-name}}\n")
    lines = folder.joinpath("machine.yaml").read_text(encoding="utf-8").splitlines()
    found = [(note.what, note.name) for note in unused(load_protocol(folder))]
    places = {note.name: note.where for note in unused(load_protocol(folder))}

    assert found == [
        ("constant", "LEFT"), ("variable", "turns"), ("variable", "mood"), ("ghost", "seen"), ("definition", "over"),
        ("definition", "far-over"), ("segment", "spare"), ("check", "rest"), ("event", "STOP"), ("property", "more"),
    ]  # fmt: skip
    assert places["turns"] == f"{folder}/machine.yaml:{lines.index('  turns: {is: count, starts: 0}') + 1}"
    assert places["STOP"].endswith(f":{lines.index('calls: [PING, STOP]') + 1}")


def test_a_report_tells_the_notes_in_both_languages(edit: Edit, capsys: pytest.CaptureFixture[str]) -> None:
    """Rules that never fired are named; so is what holds vacuously."""
    folder = str(edit("scenarios/once.yaml", "capacity: 2", "capacity: 0"))
    main(["check", folder, "--no-progress"])
    english = capsys.readouterr().out
    main(["check", folder, "--no-progress", "--lang", "zh"])
    chinese = capsys.readouterr().out
    use("en")

    assert "  once: the capacity is 0: no segment can be sent\n" in english
    assert "  once: nothing ever happens that these are about, so they hold vacuously: answered-only-when-waiting\n" in english
    assert "  rules that never fired: IDLE / PING; " in english
    assert "no scenario lets STOP happen (" in " ".join(english.split())
    assert "  once: 容量为 0：任何报文段都无法发送\n" in chinese
    assert "附注：\n" in chinese


def test_a_rule_that_is_known_to_be_idle_is_not_noted(edit: Edit, capsys: pytest.CaptureFixture[str]) -> None:
    """And one that stands for several cells has fired if one of them has."""
    folder = edit("machine.yaml", "when: STOP, to: IDLE}", "when: STOP, to: IDLE, idle: true}")
    main(["check", str(folder), "--no-progress"])

    assert "rules that never fired: WAIT / rcv ASK" not in capsys.readouterr().out
    assert "WAIT / STOP" not in "".join(notes([ran(folder)], whole=True))


def test_json_has_the_notes(edit: Edit, capsys: pytest.CaptureFixture[str]) -> None:
    """As its schema says."""
    main(["check", str(edit("scenarios/once.yaml", "capacity: 2", "capacity: 0")), "--no-progress", "--format", "json"])
    data = json.loads(capsys.readouterr().out)
    jsonschema.validate(data, json.loads((Path(tcpfsm.__file__).parent / "schemas" / "check.json").read_text(encoding="utf-8")))

    assert [note["kind"] for note in data["runs"][0]["notes"]] == ["no-steps", "no-room"]
    assert {one["name"] for one in data["runs"][0]["properties"] if one["vacuous"]} == {"answered-only-when-waiting"}
    assert ("event", "STOP") in {(note["what"], note["name"]) for note in data["unused"]}


@pytest.mark.parametrize("name", shipped())
def test_nothing_is_noted_of_what_is_shipped(name: str) -> None:
    """Every note was followed to its end: the spec was mended, or says that it is meant."""
    own = [found for found in reports(name) if not found.variant]

    assert notes(own, unused(protocol(name)), whole=True) == []
