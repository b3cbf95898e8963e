"""Variants: each change names one thing that exists and makes it read differently."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from tcpfsm.loader.load import load_protocol, load_variant
from tcpfsm.loader.variant import patched
from tcpfsm.run.build import build
from tests.conftest import problems_of, shown

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tcpfsm.loader.protocol import Protocol
    from tcpfsm.machine.model import Machine

    Edit = Callable[[str, str | None, str], Path]
    Change = Callable[..., tuple[Machine, Machine]]

#: A mistake: what is replaced in the variant's file, by what, and the problems told.
MISTAKES: dict[str, tuple[str | None, str, list[str]]] = {
    "an unknown key of a variant": (
        "extends: ping",
        "extend: ping",
        [
            "2:1: 'extend' is not a key of a variant | did you mean extends?",
            "2:1: a variant needs 'extends' | extends: tcp",
        ],
    ),
    "a variant without why": (
        "why: Nobody answers, so asking is of no use.\n",
        "",
        ["2:1: a variant needs 'why' | why: what it teaches, for students"],
    ),
    "a variant without changes": (
        "changes:\n  - {in: both, when: rcv ASK, to be: ignored}\n",
        "",
        ["2:1: a variant needs changes | changes: [{in: CLOSED, when: rcv SYN, to be: ignored}]"],
    ),
    "changes that are a map": (
        "  - {in: both, when: rcv ASK, to be: ignored}",
        "  {in: both, when: rcv ASK, to be: ignored}",
        [
            "2:1: a variant needs changes | changes: [{in: CLOSED, when: rcv SYN, to be: ignored}]",
            "5:3: changes is a list",
        ],
    ),
    "two expectations for one scenario": (
        "  - {scenario: once}",
        "  - {scenario: once}\n  - {scenario: once, violated: {patient: 3}}",
        ["8:16: 'once' has two expectations | the first is in line 7"],
    ),
    "an expectation of a counterexample without a length": (
        "{scenario: once}",
        "{scenario: once, violated: {patient: none}}",
        [
            ("7:42: 'patient' has a counterexample if it is violated"
            " | how many steps its shortest counterexample has; only a violated sometimes has none")
        ],
    ),
    "a change that is a word": (
        "  - {in: both, when: rcv ASK, to be: ignored}",
        "  - ignore",
        [
            "2:1: a variant needs changes | changes: [{in: CLOSED, when: rcv SYN, to be: ignored}]",
            "5:5: a change is a map (key: value)",
        ],
    ),
    "a change of nothing": (
        "  - {in: both, when: rcv ASK, to be: ignored}",
        "  - {when: rcv ASK, to be: ignored}",
        ["5:5: a change names what it changes"],
    ),
    "an unknown key of a change": (
        "to be: ignored",
        "to be: ignored, note: x",
        ["5:47: 'note' is not a key of a change of kind 'in'"],
    ),
    "a change to nothing": (
        ", to be: ignored",
        "",
        ["5:5: a change says what is 'to be' | to be: {to: CLOSED}"],
    ),
    "a change of a cell without event": (
        "when: rcv ASK, ",
        "",
        ["5:5: a change of a cell names its event | when: rcv SYN"],
    ),
    "a change of an unknown cell": (
        "when: rcv ASK",
        "when: rcv ASKS",
        [
            "5:22: there is no cell IDLE / rcv ASKS | did you mean rcv ASK?",
            "5:22: there is no cell WAIT / rcv ASKS | did you mean rcv ASK?",
        ],
    ),
    "a change in an unknown state": (
        "in: both",
        "in: bath",
        ["5:10: 'bath' is not a state or group | did you mean both?"],
    ),
    "a change of an unknown rule of a cell": (
        "{in: both, when: rcv ASK,",
        "{in: WAIT, when: patience, if: tries < LIMITS,",
        ["5:36: no rule of WAIT / patience has this 'if' | did you mean tries < LIMIT?"],
    ),
    "ignoring one rule of several": (
        "{in: both, when: rcv ASK,",
        "{in: WAIT, when: patience, if: tries < LIMIT,",
        ["5:58: a cell is ignored as a whole | leave out the 'if'"],
    ),
    "a change of one of several rules": (
        "{in: both, when: rcv ASK, to be: ignored}",
        "{in: WAIT, when: patience, to be: {snd: ASK}}",
        [
            ("5:10: the cell WAIT / patience has 2 rules: say which one"
            " | if: tries < LIMIT; to change the one that says 'otherwise', write all of them: to be: [{...}, {...}]")
        ],
    ),
    "a change of one of several rules with guards": (
        "  - {in: both, when: rcv ASK, to be: ignored}",
        (
            "  - {in: WAIT, when: patience, to be: [{if: tries == 0}, {if: tries > 0}]}\n"
            "  - {in: WAIT, when: patience, to be: {snd: ASK}}"
        ),
        ["6:10: the cell WAIT / patience has 2 rules: say which one | if: tries == 0, or if: tries > 0"],
    ),
    "a change of events one of which is unknown": (
        "when: rcv ASK",
        "when: [rcv ASK, rcv ANT]",
        [
            "5:32: there is no cell IDLE / rcv ANT | did you mean rcv ASK?",
            "5:32: there is no cell WAIT / rcv ANT | did you mean rcv ANS?",
        ],
    ),
    "a change that changes nothing": (
        "to be: ignored",
        "to be: {snd: ANS}",
        ["5:38: this changes nothing: the rule reads so already"],
    ),
    "a change to the same rules": (
        "to be: ignored",
        "to be: [{snd: ANS}]",
        ["5:38: this changes nothing: the rules read so already"],
    ),
    "ignoring what is ignored": (
        "{in: both, when: rcv ASK,",
        "{in: IDLE, when: STOP,",
        ["5:35: this changes nothing: the cell is ignored already"],
    ),
    "a change to a word": (
        "to be: ignored",
        "to be: nothing",
        ["5:38: 'to be' is a map of keys to change, a list of rules, or the word ignored"],
    ),
    "a change to no rule": (
        "to be: ignored",
        "to be: []",
        ["5:38: a cell needs a rule, or is ignored | to be: ignored"],
    ),
    "a change to a rule with an unknown key": (
        "to be: ignored",
        "to be: {sned: ANS}",
        ["5:39: 'sned' is not a key of a rule | did you mean snd?"],
    ),
    "a change to another state of the cell": (
        "to be: ignored",
        "to be: {in: WAIT}",
        ["5:39: 'in' is not a key of a rule"],
    ),
    "a change to rules with an unknown key": (
        "to be: ignored",
        "to be: [{in: IDLE, snd: ANS, to: WAIT}]",
        ["5:40: 'in' is not a key of a rule"],
    ),
    "a change that takes away what is not there": (
        "to be: ignored",
        "to be: {to: null}",
        [
            "5:38: this changes nothing: the rule reads so already",
            "5:39: there is no 'to' to take away",
        ],
    ),
    "a change with an unknown state": (
        "to be: ignored",
        "to be: {to: WIAT}",
        ["5:43: 'WIAT' is not a state | did you mean WAIT?"],
    ),
    "a change of an unknown check": (
        "{in: both, when: rcv ASK, to be: ignored}",
        "{check: quest, to be: removed}",
        ["5:13: there is no check 'quest' | did you mean question?"],
    ),
    "a check to be something else": (
        "{in: both, when: rcv ASK, to be: ignored}",
        "{check: question, to be: gone}",
        ["5:30: 'to be' is a map of keys to change, or the word removed"],
    ),
    "a check that is not changed": (
        "{in: both, when: rcv ASK, to be: ignored}",
        "{check: question, to be: {if: ASK}}",
        ["5:30: this changes nothing: the check reads so already"],
    ),
    "a new check before an unknown one": (
        "{in: both, when: rcv ASK, to be: ignored}",
        "{before: quest, check: new, in: IDLE, event: none}",
        ["5:14: there is no check 'quest' | did you mean question?"],
    ),
    "a new check with an old name": (
        "{in: both, when: rcv ASK, to be: ignored}",
        "{before: rest, check: answer, in: IDLE, event: none}",
        ["5:27: there is a check 'answer' already"],
    ),
    "a new check without a name": (
        "{in: both, when: rcv ASK, to be: ignored}",
        "{before: rest, in: IDLE, event: none}",
        ["5:5: a check needs a name | check: first"],
    ),
    "a new rule that is nothing": (
        "{in: both, when: rcv ASK, to be: ignored}",
        "{rule: }",
        ["5:5: 'rule' is empty"],
    ),
    "a new rule for an old cell": (
        "{in: both, when: rcv ASK, to be: ignored}",
        "{rule: {in: IDLE, when: PING, to: WAIT}}",
        ["5:29: the cell IDLE / PING exists: change it with in, when and 'to be'"],
    ),
    "a removed check that a cell needs": (
        "{in: both, when: rcv ASK, to be: ignored}",
        "{check: answer, to be: removed}",
        [
            "2:1: with these changes, 'rcv ANS' is not a call, a timeout or an event of the reading | did you mean rcv ASK?"
        ],
    ),
    "an unknown constant of a variant": (
        "{in: both, when: rcv ASK, to be: ignored}",
        "{constant: LIMITS, to be: 3}",
        ["5:16: there is no constant 'LIMITS' | did you mean LIMIT?"],
    ),
    "a constant that is not changed": (
        "{in: both, when: rcv ASK, to be: ignored}",
        "{constant: LIMIT, to be: 2}",
        ["5:30: this changes nothing: the constant reads so already"],
    ),
    "an unknown definition of a variant": (
        "{in: both, when: rcv ASK, to be: ignored}",
        "{define: fit, to be: true}",
        ["5:14: there is no define 'fit' | did you mean fits?"],
    ),
    "an unknown queue of a variant": (
        "{in: both, when: rcv ASK, to be: ignored}",
        "{queue: answered, to be: {keep: ASK, until: ANS}}",
        ["5:13: there is no queue 'answered' | did you mean unanswered?"],
    ),
    "a new variable that exists": (
        "{in: both, when: rcv ASK, to be: ignored}",
        "{variable: NXT, to be: sequence}",
        ["5:16: there is a variable 'NXT' already | a variant can add variables, not change them"],
    ),
    "two new variables of one name": (
        "  - {in: both, when: rcv ASK, to be: ignored}",
        "  - {variable: newest, to be: sequence}\n  - {variable: newest, to be: count}",
        ["6:16: there is a variable 'newest' already | a variant can add variables, not change them"],
    ),
    "a new variable without name": (
        "{in: both, when: rcv ASK, to be: ignored}",
        "{variable: , to be: sequence}",
        ["5:5: a new variable has a name and a type | {variable: TRIES, to be: {is: count, starts: 0}}"],
    ),
    "a new variable without type": (
        "{in: both, when: rcv ASK, to be: ignored}",
        "{variable: newest, to be: }",
        ["5:5: a new variable has a name and a type | {variable: TRIES, to be: {is: count, starts: 0}}"],
    ),
    "a new variable of an unknown type": (
        "{in: both, when: rcv ASK, to be: ignored}",
        "{variable: newest, to be: sequenze}",
        ["5:31: 'sequenze' is not a type | did you mean sequence?"],
    ),
    "a new variable with an unknown key": (
        "{in: both, when: rcv ASK, to be: ignored}",
        "{variable: newest, to be: {is: sequence, last: for-ever}}",
        ["5:46: 'last' is not a key of a variable | did you mean lasts?"],
    ),
    "a new variable that lasts too long": (
        "{in: both, when: rcv ASK, to be: ignored}",
        "{variable: newest, to be: {is: sequence, lasts: longer}}",
        ["5:53: 'longer' is not how long a variable lasts"],
    ),
    "a new variable whose name means something else": (
        "{in: both, when: rcv ASK, to be: ignored}",
        "{variable: LIMIT, to be: count}",
        ["5:16: 'LIMIT' names a constant and a variable"],
    ),
    "a new variable whose name is no name": (
        "{in: both, when: rcv ASK, to be: ignored}",
        "{variable: 1a, to be: count}",
        [
            (
                "5:16: '1a' cannot name a variable"
                " | a name is letters, digits and _, in parts joined by - or . (our-FIN-sent, SND.NXT)"
            )
        ],
    ),
    "an unknown end": (
        "why:",
        "applies: C\nwhy:",
        ["3:10: 'C' is not an end"],
    ),
    "an expectation without scenario": (
        "{scenario: once}",
        "{states: 3}",
        ["7:5: an expectation names its scenario | scenario: open"],
    ),
    "an expectation of an unknown scenario": (
        "{scenario: once}",
        "{scenario: twice}",
        ["7:16: there is no scenario 'twice'"],
    ),
    "an expectation with an unknown key": (
        "{scenario: once}",
        "{scenario: once, state: 3}",
        ["7:22: 'state' is not a key of an expectation of a variant | did you mean states?"],
    ),
    "an expectation of an unknown violation": (
        "{scenario: once}",
        "{scenario: once, violated: {patent: 3}}",
        ["7:33: 'patent' is not a property | did you mean patient?"],
    ),
    "a variant that shows what is not there": (
        "why:",
        "shows: {scenario: twice, property: patent}\nwhy:",
        [
            "3:19: there is no scenario 'twice'",
            "3:36: there is no property 'patent' | did you mean patient?",
        ],
    ),
    "a variant with an unknown key in shows": (
        "why:",
        "shows: {scenarios: once}\nwhy:",
        ["3:9: 'scenarios' is not a key of shows | did you mean scenario?"],
    ),
    "an expectation that is a word": (
        "{scenario: once}",
        "once",
        ["7:5: an expectation is a map (key: value)"],
    ),
}


def variant_problems(folder: Path) -> list[str]:
    """Load the small protocol; return the problems of its variant."""
    found = problems_of(lambda: load_protocol(folder, "ping"))

    assert {problem.place.path for problem in found} == {"ping/variants/deaf.yaml"}
    return [shown(problem) for problem in found]


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_in_a_variant_is_told_in_its_own_file(edit: Edit, mistake: str) -> None:
    """A mistake of a variant is told in the variant's file, with line, column and what would be right."""
    old, new, expected = MISTAKES[mistake]
    folder = edit("variants/deaf.yaml", old, new)

    assert variant_problems(folder) == expected


@pytest.fixture
def changed(edit: Edit) -> Callable[[str], tuple[Machine, Machine]]:
    """Give the variant other changes; return the machine without and with them."""

    def change(*changes: str) -> tuple[Machine, Machine]:
        lines = "\n".join(f"  - {text}" for text in changes)
        protocol = load_protocol(
            edit("variants/deaf.yaml", "  - {in: both, when: rcv ASK, to be: ignored}", lines)
        )
        return protocol.machine(), protocol.machine("deaf")

    return change


def rules_of(machine: Machine, state: str, event: str) -> list[tuple[str, list[str], str | None, str]]:
    """Say of the rules of a cell what they are called, what they send, where they go, and whose they are."""
    found = machine.rules.get((state, event), ())
    return [(rule.name, [template.name for template in rule.sends], rule.to, rule.variant) for rule in found]


def test_a_map_changes_the_keys_it_names_and_keeps_the_others(changed: Change) -> None:
    """A patch of a rule says only what is different."""
    _, machine = changed("{in: IDLE, when: PING, to be: {to: IDLE}}")

    assert rules_of(machine, "IDLE", "PING") == [("IDLE / PING", ["ASK"], "IDLE", "deaf")]


def test_nothing_takes_a_key_away(changed: Change) -> None:
    """A null in a patch removes what the rule said."""
    _, machine = changed("{in: IDLE, when: PING, to be: {snd: }}")

    assert rules_of(machine, "IDLE", "PING") == [("IDLE / PING", [], "WAIT", "deaf")]


def test_a_change_of_one_state_leaves_the_others_of_its_rule_alone(changed: Change) -> None:
    """A rule shared by several states is split."""
    _, machine = changed("{in: WAIT, when: rcv ASK, to be: {to: IDLE}}")

    assert rules_of(machine, "WAIT", "rcv ASK") == [("WAIT / rcv ASK", ["ANS"], "IDLE", "deaf")]
    assert rules_of(machine, "IDLE", "rcv ASK") == [("IDLE / rcv ASK", ["ANS"], None, "")]
    assert machine.changed == {("WAIT", "rcv ASK")}


def test_a_list_of_events_changes_the_cell_of_each(changed: Change) -> None:
    """As a list of states does."""
    machine, variant = changed("{in: WAIT, when: [STOP, rcv ANS], to be: {snd: ASK}}")

    assert rules_of(variant, "WAIT", "STOP") == [("WAIT / STOP", ["ASK"], "IDLE", "deaf")]
    assert rules_of(variant, "WAIT", "rcv ANS") == [("WAIT / rcv ANS", ["ASK"], "IDLE", "deaf")]
    assert variant.changed == {("WAIT", "STOP"), ("WAIT", "rcv ANS")}
    assert machine.changed == frozenset()


def test_a_cell_becomes_ignored(changed: Change) -> None:
    """Ignoring a cell takes its rules away."""
    machine, variant = changed("{in: both, when: rcv ASK, to be: ignored}")

    assert (("IDLE", "rcv ASK") in machine.rules, ("IDLE", "rcv ASK") in variant.rules) == (True, False)
    assert variant.silent["IDLE", "rcv ASK"].kind == "ignored"


def test_a_cell_gets_other_rules(changed: Change) -> None:
    """A list of rules stands instead of what was there."""
    _, machine = changed(
        "{in: WAIT, when: STOP, to be: [{if: tries == 0, to: IDLE}, {otherwise: true, snd: ASK}]}"
    )

    assert rules_of(machine, "WAIT", "STOP") == [
        ("WAIT / STOP / tries == 0", [], "IDLE", "deaf"),
        ("WAIT / STOP / otherwise", ["ASK"], None, "deaf"),
    ]


def test_one_rule_of_a_cell_is_named_by_its_guard(changed: Change) -> None:
    """Of several rules of a cell, the one with the given guard is changed; blanks do not matter."""
    _, machine = changed("{in: WAIT, when: patience, if: tries  <  LIMIT, to be: {to: IDLE}}")

    assert [rule[2:] for rule in rules_of(machine, "WAIT", "patience")] == [("IDLE", "deaf"), ("IDLE", "")]


def test_a_reply_becomes_a_rule(changed: Change) -> None:
    """A call that was only answered can be made to do something."""
    _, machine = changed("{in: WAIT, when: PING, to be: {snd: ASK}}")

    assert rules_of(machine, "WAIT", "PING") == [("WAIT / PING", ["ASK"], None, "deaf")]
    assert ("WAIT", "PING") not in machine.silent


def test_a_check_is_changed_removed_and_put_in(changed: Change) -> None:
    """The reading is patched check by check."""
    machine, variant = changed(
        "{check: question, to be: {if: ASK and ANS}}",
        "{before: rest, check: stray, in: IDLE, if: ANS, event: rcv ANS}",
        "{rule: {in: IDLE, when: rcv ANS, snd: ANS}}",
        "{before: rest, check: nothing, in: any-state, if: false, event: none}",
        "{check: rest, to be: removed}",
    )

    assert [check.name for check in machine.checks] == ["question", "answer", "rest"]
    assert [(check.name, check.variant) for check in variant.checks] == [
        ("question", "deaf"), ("answer", ""), ("stray", "deaf"), ("nothing", "deaf"),
    ]  # fmt: skip


def test_a_new_event_needs_a_rule_and_may_be_ignored(changed: Change) -> None:
    """A new check can raise a new event, whose cells are then decided."""
    _, machine = changed(
        "{before: question, check: both bits, in: any-state, if: ASK and ANS, event: rcv both}",
        "{ignored: {in: IDLE, when: rcv both}}",
        "{rule: {in: WAIT, when: rcv both, if: tries == 0, to: IDLE}}",
        "{rule: {in: WAIT, when: rcv both, otherwise: true}}",
    )

    assert [rule[0] for rule in rules_of(machine, "WAIT", "rcv both")] == [
        "WAIT / rcv both / tries == 0", "WAIT / rcv both / otherwise",
    ]  # fmt: skip
    assert machine.silent["IDLE", "rcv both"].kind == "ignored"


def test_constants_definitions_segments_and_queues_are_changed(changed: Change) -> None:
    """What has a name can be given another value; a new kind of segment can be added."""
    _, machine = changed(
        "{constant: LIMIT, to be: 7}",
        "{define: fits, to be: true}",
        "{segment: ANS, to be: <CTL=ANS>}",
        "{segment: BOTH, to be: '<CTL=ASK,ANS>'}",
        "{queue: unanswered, to be: {keep: ANS, until: true}}",
        "{in: WAIT, when: STOP, to be: {snd: BOTH}}",
    )

    assert (machine.constants, machine.queues[0].same) == ({"LIMIT": 7}, None)
    assert rules_of(machine, "WAIT", "STOP") == [("WAIT / STOP", ["BOTH"], "IDLE", "deaf")]


def test_a_variable_is_added_behind_the_others(changed: Change) -> None:
    """A variant can remember more than its parent; what its parent remembers stays where it is."""
    plain, machine = changed(
        "{variable: newest, to be: {is: sequence, lasts: for-ever, note: the last answer}}",
        "{variable: answers, to be: count}",
        "{in: WAIT, when: rcv ANS, to be: {set: {newest: SEG.NUM}}}",
    )

    assert machine.variables[: len(plain.variables)] == plain.variables
    assert [
        (one.name, str(one.type), one.starts, one.lasts_for_ever) for one in machine.variables[len(plain.variables) :]
    ] == [("newest", "sequence", None, True), ("answers", "count", None, False)]


def test_a_change_builds_on_the_one_before(changed: Change) -> None:
    """Changes are made in order."""
    _, machine = changed(
        "{in: WAIT, when: STOP, to be: {snd: ASK}}", "{in: WAIT, when: STOP, to be: {to: WAIT}}"
    )

    assert rules_of(machine, "WAIT", "STOP") == [("WAIT / STOP", ["ASK"], "WAIT", "deaf")]


def test_a_variant_leaves_the_machine_alone(changed: Change) -> None:
    """The machine itself is the same before and after a variant was made of it."""
    machine, _ = changed("{in: both, when: rcv ASK, to be: ignored}")

    assert rules_of(machine, "IDLE", "rcv ASK") == [("IDLE / rcv ASK", ["ANS"], None, "")]
    assert (machine.variant, machine.changed) == ("", frozenset())


# ---- files of one's own ----------------------------------------------------------------------------------------------


def test_a_variant_file_of_ones_own_patches_a_protocol(ping: Path, tmp_path: Path) -> None:
    """A student's file is loaded beside the shipped variants."""
    path = tmp_path / "mine.yaml"
    path.write_text("extends: ping\nwhy: to see\nchanges: [{constant: LIMIT, to be: 9}]\n", encoding="utf-8")
    parent = load_protocol(ping)
    protocol = load_variant(path, parent)

    assert protocol.machine("mine").constants == {"LIMIT": 9}
    assert (sorted(protocol.variants), sorted(parent.variants)) == (["deaf", "mine"], ["deaf"])


def test_a_variant_file_may_bear_the_name_of_a_shipped_one(ping: Path, tmp_path: Path) -> None:
    """One's own file stands in the place of the shipped one, which the protocol itself keeps."""
    path = tmp_path / "deaf.yaml"
    path.write_text("extends: ping\nwhy: to see\nchanges: [{constant: LIMIT, to be: 9}]\n", encoding="utf-8")
    parent = load_protocol(ping)
    protocol = load_variant(path, parent)

    assert (protocol.machine("deaf").constants, parent.machine("deaf").constants) == (
        {"LIMIT": 9},
        {"LIMIT": 2},
    )


def test_a_mistake_in_a_file_of_ones_own_leaves_the_protocol_usable(ping: Path, tmp_path: Path) -> None:
    """What a student's file makes wrong elsewhere is the file's mistake; the protocol can be used after it."""
    path = tmp_path / "mine.yaml"
    path.write_text(
        "extends: ping\nwhy: to see\nchanges: [{check: answer, to be: removed}]\n", encoding="utf-8"
    )
    parent = load_protocol(ping, "ping")
    found = problems_of(lambda: load_variant(path, parent))

    assert [(problem.place.path, problem.message) for problem in found] == [
        (str(path), "with these changes, 'rcv ANS' is not a call, a timeout or an event of the reading")
    ]
    assert parent.machine("deaf").variant == "deaf"


@pytest.mark.parametrize(("variant", "shared"), [("", True), ("two-way", True), ("silent-client", False)])
def test_ends_that_run_the_same_share_one_machine(variant: str, shared: bool, tcp: Protocol) -> None:
    """It is compiled once; where a variant is for one end only, each has its own."""
    ends = build(tcp, tcp.scenario("open"), variant).ends

    assert (ends[0].machine is ends[1].machine) == shared
    assert [end.machine.variant for end in ends] == [variant, variant if shared else ""]


def test_a_change_of_thousands_of_cells_takes_time_in_proportion(tmp_path: Path) -> None:
    """A copy of all cells for each of them would be two hundred million entries here."""
    states, calls = ([f"{letter}{number}" for number in range(120)] for letter in "SC")
    every = ", ".join(calls)
    machine = ["protocol: many", "title: many", "reading: []", "states:", *(f"  {name}: {{means: a state}}" for name in states)]
    machine += [f"calls: [{every}]", "rules:", f"  - {{in: any-state, when: [{every}], to: S1, rfc: none}}"]
    change = ["extends: many", "why: for measure", "changes:", f"  - {{in: any-state, when: [{every}], to be: {{to: S0}}}}"]
    (tmp_path / "variants").mkdir()
    (tmp_path / "machine.yaml").write_text("\n".join(machine) + "\n", encoding="utf-8")
    (tmp_path / "variants" / "other.yaml").write_text("\n".join(change) + "\n", encoding="utf-8")
    protocol = load_protocol(tmp_path)
    begun = time.process_time()
    changed = patched(protocol.draft, protocol.variants["other"])
    taken = time.process_time() - begun

    assert len(changed.changed) == 120 * 120
    assert protocol.draft.changed == set()
    assert taken < 3
