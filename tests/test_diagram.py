"""Diagrams: Figure 5 of the RFC beside the machine's summary, and text that Mermaid and Graphviz take."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from tcpfsm.drawing.diagram import FORMATS, diagram, edges
from tcpfsm.loader.load import load_protocol
from tcpfsm.loader.protocol import Protocol
from tcpfsm.loader.target import shipped
from tests.suite_runs import protocol

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

# RFC 9293 §3.3.2, figure 5: the state before, the event, what is sent (x: nothing), the state after. "create TCB" and
# "delete TCB" are left out, "Timeout=2MSL" is called time-wait timeout here.
FIGURE_5 = """
CLOSED       | passive OPEN      | x       | LISTEN
CLOSED       | active OPEN       | SYN     | SYN-SENT
LISTEN       | CLOSE             | x       | CLOSED
LISTEN       | SEND              | SYN     | SYN-SENT
LISTEN       | rcv SYN           | SYN,ACK | SYN-RECEIVED
SYN-SENT     | CLOSE             | x       | CLOSED
SYN-SENT     | rcv SYN           | SYN,ACK | SYN-RECEIVED
SYN-SENT     | rcv SYN,ACK       | ACK     | ESTABLISHED
SYN-RECEIVED | rcv RST           | x       | LISTEN
SYN-RECEIVED | rcv ACK of SYN    | x       | ESTABLISHED
SYN-RECEIVED | CLOSE             | FIN     | FIN-WAIT-1
ESTABLISHED  | CLOSE             | FIN     | FIN-WAIT-1
ESTABLISHED  | rcv FIN           | ACK     | CLOSE-WAIT
FIN-WAIT-1   | rcv ACK of FIN    | x       | FIN-WAIT-2
FIN-WAIT-1   | rcv FIN           | ACK     | CLOSING
FIN-WAIT-2   | rcv FIN           | ACK     | TIME-WAIT
CLOSING      | rcv ACK of FIN    | x       | TIME-WAIT
CLOSE-WAIT   | CLOSE             | FIN     | LAST-ACK
LAST-ACK     | rcv ACK of FIN    | x       | CLOSED
TIME-WAIT    | time-wait timeout | x       | CLOSED
"""
#: What the summary has and figure 5 has not, and why.
MORE = {
    ("SYN-RECEIVED", "rcv RST", "x", "CLOSED"): "note 1: only after a passive OPEN a reset leads to LISTEN (§3.10.7.4)",
}
#: What has a condition in the summary that figure 5 does not print.
CONDITIONS = {
    ("SYN-RECEIVED", "rcv RST", "LISTEN"): ["passive and not queued(CLOSE)"],  # note 1
    ("SYN-RECEIVED", "rcv RST", "CLOSED"): ["passive and queued(CLOSE)", "otherwise"],  # §3.10.4: CLOSE in LISTEN
    ("SYN-RECEIVED", "CLOSE", "FIN-WAIT-1"): ["not queued(SEND)"],  # §3.10.4: else it waits
}

Edge = tuple[str, str, str, str]


def figure_5() -> set[Edge]:
    """Return the arrows of figure 5."""
    found: set[Edge] = set()
    for line in FIGURE_5.strip().splitlines():
        before, event, sent, after = (part.strip() for part in line.split("|"))
        found.add((before, event, sent, after))
    return found


def arrows(found: list[tuple[str, str, list[str]]]) -> set[Edge]:
    """Return the arrows of a diagram, one for each cause, without conditions."""
    return {
        (source, re.sub(r" \[.*\]$", "", label.partition(" / snd ")[0]), label.partition(" / snd ")[2] or "x", target)
        for source, target, labels in found
        for label in labels
    }


def test_the_summary_is_figure_5() -> None:
    """Every arrow of the figure, with its event and what is sent, and one more."""
    ours = arrows(edges(protocol("tcp").machine()))

    assert figure_5() - ours == set()
    assert ours - figure_5() == set(MORE)


def test_the_summary_says_the_conditions_that_the_notes_say() -> None:
    """Two arrows for one event are told apart."""
    found: dict[tuple[str, str, str], list[str]] = {}
    for source, target, labels in edges(protocol("tcp").machine()):
        for label in labels:
            if "[" in label:
                found.setdefault((source, label.partition(" [")[0], target), []).append(label.partition("[")[2].partition("]")[0])

    assert found == CONDITIONS


def test_with_all_there_are_the_resets_aborts_and_timeouts_of_note_3() -> None:
    """Every state change of every rule, and the summary among them."""
    machine = protocol("tcp").machine()
    everything = arrows(edges(machine, everything=True))

    assert arrows(edges(machine)) < everything
    assert {(source, target) for source, _, _, target in everything} == {
        (rule.state, rule.to) for rule in machine.all_rules if rule.to not in (None, rule.state)
    }
    synchronized = list(machine.states)[4:]
    assert {(state, "rcv RST", "x", "CLOSED") for state in synchronized} <= everything
    assert {(state, "ABORT", "CLOSED") for state in list(machine.states)[1:]} == {
        (source, event, target) for source, event, _, target in everything if event == "ABORT"
    }


def test_a_variant_has_a_diagram_of_its_own() -> None:
    """In the two-way handshake a SYN opens."""
    assert ("LISTEN", "rcv SYN", "SYN,ACK", "ESTABLISHED") in arrows(edges(protocol("tcp").machine("two-way")))


# ---- the text ----------------------------------------------------------------------------------------------------------

MERMAID_STATE = re.compile(r'    state "([^"]+)" as (s\d+)$')
MERMAID_ARROW = re.compile(r"    (s\d+|\[\*\]) --> (s\d+)(?:: (\S.*))?$")


def read_mermaid(text: str) -> tuple[dict[str, str], list[tuple[str, str, str]]]:
    """Read a Mermaid diagram line by line, as strictly as its grammar."""
    lines = text.splitlines()
    assert lines[0] == "stateDiagram-v2"
    states: dict[str, str] = {}
    found = []
    for line in lines[1:]:
        state, arrow = MERMAID_STATE.match(line), MERMAID_ARROW.match(line)
        assert (state is None) != (arrow is None), line
        if state:
            assert state[2] not in states
            states[state[2]] = unescaped(state[1])
        elif arrow:
            assert arrow[2] in states
            assert arrow[1] in (*states, "[*]")
            # A label ends at ; and a colon would begin another; < and > would be read as tags, but for <br>.
            rest = re.sub(r"#\w+;|<br>", "", arrow[3] or "")
            assert not set(rest) & set(':;<>#"'), line
            found.append((arrow[1], arrow[2], unescaped(arrow[3] or "")))
    return states, found


def unescaped(text: str) -> str:
    """Read Mermaid's codes of characters."""
    names = {"quot": '"', "lt": "<", "gt": ">"}
    return re.sub(r"#(\w+);", lambda match: names.get(match[1]) or chr(int(match[1])), text)


@pytest.mark.parametrize("everything", [False, True])
@pytest.mark.parametrize("meanings", [False, True])
@pytest.mark.parametrize("name", shipped())
def test_mermaid_text_has_every_state_and_every_arrow(name: str, meanings: bool, everything: bool) -> None:
    """Each state once, by an ASCII name of its own; an arrow into the first state."""
    machine = protocol(name).machine()
    states, found = read_mermaid(diagram(machine, "mermaid", everything=everything, meanings=meanings))

    assert [caption.partition(":")[0] for caption in states.values()] == list(machine.states)
    assert all((":" in caption) == meanings for caption in states.values())
    assert found[0] == ("[*]", "s0", "")
    assert [
        (states[source].partition(":")[0], states[target].partition(":")[0], label.split("<br>"))
        for source, target, label in found[1:]
    ] == edges(machine, everything=everything)


def draw(text: str, *options: str) -> str:
    """Let Graphviz read a diagram; where it is missing the test is skipped, but in CI it may not be missing."""
    dot = shutil.which("dot")
    if dot is None:
        if os.environ.get("CI") == "true":
            pytest.fail("CI needs Graphviz to read the diagrams")
        pytest.skip("Graphviz is not installed")
    done = subprocess.run([dot, *options], input=text, capture_output=True, text=True, encoding="utf-8", check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


@pytest.mark.parametrize("everything", [False, True])
@pytest.mark.parametrize("name", shipped())
def test_graphviz_reads_dot_text(name: str, everything: bool) -> None:
    """Every state is a node with its name, and every arrow is drawn."""
    machine = protocol(name).machine()
    plain = draw(diagram(machine, "dot", everything=everything), "-Tplain").splitlines()

    assert [line.split()[6].strip('"') for line in plain if line.startswith("node ")] == list(machine.states)
    assert len([line for line in plain if line.startswith("edge ")]) == len(edges(machine, everything=everything))


def test_graphviz_draws_a_picture() -> None:
    """An SVG that has every state's name in it."""
    machine = protocol("tcp").machine()
    picture = draw(diagram(machine, "dot"), "-Tsvg")

    assert [state for state in machine.states if f">{state.replace('-', '&#45;')}<" not in picture] == []


CHINESE = """\
protocol: 问答
title: 一问一答
states:
  空闲: {means: "idle; \\"at rest\\" <now> #1: back\\\\slash", zh: 没有事情，空闲}
  等待: {means: an answer is awaited, zh: 等待回答}
variables: {号: sequence}
fields: {NUM: sequence}
flags: [问, 答]
segments:
  问: <NUM=号><CTL=问>
  答: <NUM=SEG.NUM><CTL=答>
calls: [提问]
reading:
  - {check: 问题, in: any-state, if: 问, event: rcv 问}
  - {check: 回答, in: 等待, if: 答, event: rcv 答}
  - {check: 其余, in: any-state, event: none}
replies:
  - {in: 等待, when: 提问, reply: 忙}
rules:
  - {in: 空闲, when: 提问, set: {号: fresh}, snd: 问, to: 等待}
  - {in: any-state, when: rcv 问, snd: 答}
  - {in: 等待, when: rcv 答, to: 空闲}
"""


@pytest.fixture
def chinese(tmp_path: Path) -> Protocol:
    """A protocol whose every name is Chinese."""
    (tmp_path / "machine.yaml").write_text(CHINESE, encoding="utf-8")
    return load_protocol(tmp_path)


@pytest.mark.usefixtures("in_chinese")
def test_names_in_chinese_survive_in_mermaid(chinese: Protocol) -> None:
    """In captions, meanings and labels."""
    states, found = read_mermaid(diagram(chinese.machine(), "mermaid", meanings=True))

    assert states == {"s0": "空闲: 没有事情，空闲", "s1": "等待: 等待回答"}
    assert found == [("[*]", "s0", ""), ("s0", "s1", "提问 / snd 问"), ("s1", "s0", "rcv 答")]


@pytest.mark.usefixtures("in_chinese")
def test_names_in_chinese_survive_in_dot(chinese: Protocol) -> None:
    """The text is UTF-8 and says so."""
    picture = draw(diagram(chinese.machine(), "dot", meanings=True), "-Tsvg")

    assert all(text in picture for text in ("空闲: 没有事情，空闲", "等待: 等待回答", "提问 / snd 问", "rcv 答"))


@pytest.mark.parametrize("style", FORMATS)
def test_signs_that_the_formats_use_themselves_are_escaped(style: str, chinese: Protocol) -> None:
    """Quotes, angle brackets, colons, semicolons, hashes and backslashes in what a state means."""
    meaning = '空闲: idle; "at rest" <now> #1: back\\slash'
    text = diagram(chinese.machine(), style, meanings=True)
    checks: dict[str, Callable[[], bool]] = {
        "mermaid": lambda: read_mermaid(text)[0]["s0"] == meaning,
        "dot": lambda: "空闲: idle; &quot;at rest&quot; &lt;now&gt; #1: back\\slash" in draw(text, "-Tsvg"),
    }

    assert checks[style]()


@pytest.mark.usefixtures("in_chinese")
def test_a_meaning_that_has_no_chinese_is_said_in_english(ping: Path) -> None:
    """Better than nothing."""
    machine_file = ping / "machine.yaml"
    machine_file.write_text(machine_file.read_text(encoding="utf-8").replace(", zh: 空闲", ""), encoding="utf-8")
    states, _ = read_mermaid(diagram(load_protocol(ping).machine(), "mermaid", meanings=True))

    assert states["s0"] == "IDLE: nothing to do"
    assert states["s1"] == "WAIT: 等待回答"
