"""Ctrl-C and limits at any moment, on every command: the right exit code, no traceback, no wrong word, no half of a file."""

from __future__ import annotations

import json
import os
import random
import re
import signal
import subprocess
import sys
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from tcpfsm.claims import judge as claims
from tcpfsm.cli import check as check_command
from tcpfsm.cli.main import main
from tcpfsm.figures import figure as figures
from tcpfsm.loader.target import shipped
from tests.conftest import SPEC

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C cannot be sent to one process there")

#: The command line, which says when it begins: before, it is Python that is interrupted.
BEGUN = """
import sys
import tcpfsm.__main__ as entry
import tcpfsm.cli.main as cli
run = cli.main
def begin():
    print("begun", file=sys.stderr, flush=True)
    return run()
cli.main = begin
sys.exit(entry.main())
"""
#: What is only said of work that came to its end.
WHOLE = ("Everything is as expected", "cannot happen")
#: A scenario that takes the engines longer than any test waits.
LARGE = ["--capacity", "8", "--loss", "4", "--duplication", "4"]
#: Each command, after how many seconds it is interrupted at the latest, and the codes that it ends with if it is quicker.
COMMANDS = {
    "the suite": (["check", "--no-progress"], 2.0, {0}),
    "a suite as JSON": (["check", "--no-progress", "--format", "json", "-o", "{}"], 2.0, {0}),
    "a large space": (["check", "tcp/lifetime", *LARGE, "-v", "--no-progress"], 2.0, set()),
    "the reference engine": (["check", "tcp/lifetime", *LARGE, "--engine", "reference"], 2.0, set()),
    "claims": (["claims", "--no-progress"], 3.0, {0}),
    "claims as JSON": (["claims", "--no-progress", "--format", "json", "-o", "{}"], 3.0, {0}),
    "a figure": (["figure", "{large}/8"], 1.0, set()),
    "an export": (["export", "tcp", "--scenario", "open", "--to", "json", "-o", "{}"], 1.0, {0, 2}),
    "a table": (["show", "tcp"], 0.5, {0}),
    "a diagram": (["diagram", "tcp", "-o", "{}"], 0.5, {0}),
    "the list": (["list", "--format", "json"], 0.5, {0}),
    "a copy": (["copy", "tcp", "{}"], 0.5, {0}),
}  # fmt: skip


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a protocol with a figure that is looked for in a large space, where it cannot happen."""
    folder = tmp_path_factory.mktemp("own") / "tcp"
    for path in SPEC.joinpath("tcp").rglob("*.yaml"):
        if path.parent.name in ("tcp", "scenarios"):
            copied = folder / path.relative_to(SPEC / "tcp")
            copied.parent.mkdir(parents=True, exist_ok=True)
            text = re.sub(r"^headline:.*\n", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE)  # its variant is left out
            copied.write_text(text, encoding="utf-8")
    scenario = (folder / "scenarios" / "lifetime.yaml").read_text(encoding="utf-8")
    lines = "title: not there\ntitle-zh: 没有\nlines: ['CLOSED --> <SEQ=7><CTL=SYN> --> LISTEN']\n"
    kept = scenario.partition("expect:")[0].replace("{capacity: 2, loss: 1, duplication: 1}", "{capacity: 8, loss: 4, duplication: 4}")
    (folder / "figures").mkdir()
    (folder / "figures" / "8.yaml").write_text(lines + kept, encoding="utf-8")
    return folder


@pytest.mark.parametrize("name", COMMANDS)
def test_an_interruption_at_any_moment_ends_a_command_with_a_true_word(name: str, tmp_path: Path, large: Path) -> None:
    """At once, and with exit code 130, but if it was done by then."""
    arguments, longest, codes = COMMANDS[name]
    place = tmp_path / "out"
    given = [argument.format(place, large=large) for argument in arguments]
    moment = longest * random.Random(name + os.environ.get("TCPFSM_MOMENTS", "")).random()  # noqa: S311, no secret
    with subprocess.Popen(
        [sys.executable, "-c", BEGUN, *given], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8"
    ) as process:
        assert process.stderr is not None
        assert process.stderr.readline() == "begun\n"
        time.sleep(moment)
        process.send_signal(signal.SIGINT)
        out, error = process.communicate(timeout=60)

    assert process.returncode in {130, *codes}, error
    assert "Traceback" not in out + error
    assert "bug of tcpfsm" not in error
    if process.returncode == 130:
        # Of a suite the protocols that were done by then are as expected; never all of them.
        most = len(shipped()) - 1 if name == "the suite" else 0
        assert sum(out.count(words) for words in WHOLE) <= most
        assert not place.is_dir() or not [path for path in place.rglob("*") if path.is_file()]
    if place.is_file() and place.read_text(encoding="utf-8")[0] == "{":
        data = json.loads(place.read_text(encoding="utf-8"))
        assert process.returncode == 0 or (data["verdict"] != "holds" and not data["as_expected"])


@pytest.mark.parametrize("limit", [["--time-limit", "0.2"], ["--max-states", "50"], ["--memory-limit", "1"]])
def test_a_figure_that_a_limit_cuts_is_inconclusive(limit: list[str], large: Path) -> None:
    """It is not said that it cannot happen."""
    found = subprocess.run(
        [sys.executable, "-m", "tcpfsm", "figure", f"{large}/8", *limit], capture_output=True, text=True, timeout=60, check=False
    )

    assert (found.returncode, found.stderr) == (3, "")
    assert found.stdout.startswith("figure 8: inconclusive (")


def interrupted_in(number: int, monkeypatch: pytest.MonkeyPatch, module: ModuleType) -> None:
    """Let Ctrl-C come while a run is built, the first of which has number 1."""
    run, count = module.run, [0]

    def interrupted(*given: Any, **named: Any) -> Any:
        count[0] += 1
        if count[0] == number:
            raise KeyboardInterrupt
        return run(*given, **named)

    monkeypatch.setattr(module, "run", interrupted)


@pytest.mark.parametrize("style", ["text", "json"])
def test_claims_that_are_interrupted_are_those_judged_until_then(
    style: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """One Ctrl-C, at the first run of the third claim, ends the command; where only the whole is of use, nothing is written."""
    judge, run, begun = claims.Judge.judge, claims.run, [0]

    def counted(*given: Any) -> Any:
        begun[0] += 1
        return judge(*given)

    def interrupted(*given: Any, **named: Any) -> Any:
        found = run(*given, **named)
        return replace(found, stopped_because="interrupted") if begun[0] >= 3 else found

    monkeypatch.setattr(claims.Judge, "judge", counted)
    monkeypatch.setattr(claims, "run", interrupted)
    place = tmp_path / "out"
    code = main(["claims", "--no-progress", "--format", style, *(["-o", str(place)] if style == "json" else [])])
    out, error = capsys.readouterr()

    ending = "they follow" if style == "text" else "nothing is written"
    assert code == 130
    assert re.fullmatch(rf"tcpfsm: interrupted: \d+ of \d+ claims were judged; {ending}\n", error)
    assert bool(out) == (style == "text")
    assert not place.exists()


@pytest.mark.parametrize("style", ["text", "json"])
def test_a_suite_that_is_interrupted_between_two_runs_is_not_as_expected(
    style: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of the runs that were not begun nothing is known."""
    interrupted_in(3, monkeypatch, check_command)
    code = main(["check", "--no-progress", "--format", style])
    out = capsys.readouterr().out

    assert code == 130
    if style == "json":
        assert (json.loads(out)["verdict"], json.loads(out)["as_expected"]) == ("inconclusive", False)
    else:
        assert "as expected" not in out
        assert re.search(r"^Interrupted: of \d+ runs 2 were begun, and of the others nothing is known.$", out, re.MULTILINE)


def test_an_interruption_while_states_are_counted_once_more_ends_the_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The answers are there, and it is said what is not."""

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("checker.fast.engine.counted", interrupted)
    code = main(["check", "abp/patient", "-v", "--no-progress"])
    out = capsys.readouterr().out

    assert code == 130
    assert "what multiplies the states was not counted (interrupted)" in out
    assert "inconclusive" not in out


def test_a_figure_that_is_interrupted_says_so(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Be it while states are explored, or while it is looked for in them."""

    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(figures, "find", interrupted)
    code = main(["figure", "6"])

    assert code == 130
    assert re.fullmatch(r"figure 6: inconclusive \(interrupted\): \d+ states were explored, and not looked through\n", capsys.readouterr().out)
