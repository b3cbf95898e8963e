"""Where a figure cannot go on as it is written, the command says what the machine can do there."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tcpfsm.cli.main import main
from tcpfsm.i18n.language import use

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

FIGURE = """\
title: one text
A: {calls: {SEND: 1}}
lines:
"""


@pytest.fixture(autouse=True)
def english_afterwards() -> Iterator[None]:
    """A command in Chinese leaves the process in Chinese."""
    yield
    use("en")


@pytest.fixture
def drawn(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str]]:
    """Look for a figure with these lines in stop and wait; the exit code, and what is said."""

    def call(*lines: str, network: str = "{kind: fifo}", language: str = "en") -> tuple[int, str]:
        assert main(["copy", "stop-and-wait", str(tmp_path / "mine")]) == 0
        text = f"says: it is tried\nnetwork: {network}\n" + FIGURE + "".join(f'  - "{line}"\n' for line in lines)
        (tmp_path / "mine/figures").mkdir(exist_ok=True)
        (tmp_path / "mine/figures/try.yaml").write_text(text, encoding="utf-8")
        capsys.readouterr()
        code = main(["figure", str(tmp_path / "mine/try"), "--lang", language])
        return code, capsys.readouterr().out

    return call


def test_the_steps_that_can_be_taken_are_listed_with_what_they_send(drawn: Callable[..., tuple[int, str]]) -> None:
    """Of the end that can act, in the state that the figure has come to."""
    code, said = drawn("IDLE | IDLE", "WAITING --> <SEQ=1><TEXT=1> --> IDLE")

    assert code == 1
    assert said == (
        "figure try: line 2 cannot happen in the machine; 1 of its events can\n"
        "What can happen there instead:\n"
        "  end  event  sends            state then\n"
        "  A    SEND   <SEQ=0><TEXT=1>  WAITING\n"
    )


def test_an_arrival_is_named_with_its_segment(drawn: Callable[..., tuple[int, str]]) -> None:
    """And with the answer; losses and copies, which a figure need not show, are left out."""
    _, said = drawn("WAITING --> <SEQ=0><TEXT=1> ...", "... <SEQ=0><TEXT=1> --> WAITING", network="{loss: 1, duplication: 1}")

    assert said.splitlines()[2:] == [
        "  end  event                sends             state then",
        "  B    rcv <SEQ=0><TEXT=1>  <ACK=0><CTL=ACK>  IDLE",
    ]


def test_where_nothing_more_can_happen_that_is_said(drawn: Callable[..., tuple[int, str]]) -> None:
    """The one text was sent and acknowledged."""
    _, said = drawn(
        "WAITING --> <SEQ=0><TEXT=1> --> IDLE", "IDLE <-- <ACK=0><CTL=ACK> <-- IDLE", "WAITING --> <SEQ=1><TEXT=2> --> IDLE"
    )

    assert said.endswith("\nNothing more can happen there.\n")


def test_it_is_said_in_chinese_too(drawn: Callable[..., tuple[int, str]]) -> None:
    """The names of segments and states stay as they are."""
    _, said = drawn("IDLE | IDLE", "WAITING --> <SEQ=1><TEXT=1> --> IDLE", language="zh")

    assert "在那里可能发生的是：\n" in said
    assert "SEND  <SEQ=0><TEXT=1>  WAITING\n" in said
