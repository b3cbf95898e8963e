"""The command line: exit codes, options, and that nobody ever sees a traceback."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

import tcpfsm
from checker import engines
from checker.fast import checkpoint
from checker.fast.checkpoint import Keep
from checker.fast.engine import Exploration, TooWideError, explore_tables
from checker.fast.folder import CheckpointError
from tcpfsm.cli import check as check_command
from tcpfsm.cli import main as cli
from tcpfsm.cli.main import main, parser
from tcpfsm.errors import MissingToolError
from tcpfsm.run import checkpoint as keeping
from tcpfsm.terminal import exit_codes
from tcpfsm.terminal.progress import Meter
from tests.conftest import SPEC
from tests.suite_runs import Job, load_once, protocol, report

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(tcpfsm.__file__).parents[1]


class Said(NamedTuple):
    """What a command line came to."""

    code: int
    out: str
    err: str


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Said]:
    """Run a command line in this process; what ships is loaded once for all of them."""
    load_once(monkeypatch)

    def run(*arguments: str) -> Said:
        try:
            code = main(arguments)
        except SystemExit as error:  # --help and --version
            code = int(error.code or 0)
        told = capsys.readouterr()
        assert "Traceback" not in told.err
        return Said(code, told.out, told.err)

    return run


def start(*arguments: str, **options: object) -> subprocess.Popen[str]:
    """Start a command line in a process of its own."""
    settings: dict[str, object] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "encoding": "utf-8"} | options
    return subprocess.Popen([sys.executable, "-m", "tcpfsm", *arguments], **settings)  # type: ignore[call-overload]


def worked(process: subprocess.Popen[str], seconds: float) -> None:
    """Wait until a process has had so much time of a processor, however busy the machine is; elsewhere as long by the clock."""
    file = Path(f"/proc/{process.pid}/stat")
    if not file.exists():
        time.sleep(seconds)
        return
    ticks = seconds * os.sysconf("SC_CLK_TCK")
    while process.poll() is None and sum(map(int, file.read_text(encoding="ascii").rpartition(")")[2].split()[11:13])) < ticks:
        time.sleep(0.05)


def alone(*arguments: str, **options: object) -> Said:
    """Run a command line in a process of its own."""
    process = start(*arguments, **options)
    out, err = process.communicate(timeout=120)
    assert "Traceback" not in (err or "")
    return Said(process.returncode, out or "", err or "")


# ---- exit codes --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "arguments"),
    [
        (0, ["check", "tcp", "--scenario", "close-in-order"]),
        (0, ["check", "--scenario", "close-in-order"]),
        (0, ["check", "--scenario", "reset-lost"]),
        (1, ["check", "tcp/reset-lost"]),
        (1, ["check", "tcp/two-way", "--scenario", "open"]),
        (0, ["check", "--scenario", "time-wait-assassinated"]),
        (1, ["figure", "tcp/two-way/6"]),
        (2, ["check", "tpc"]),
        (3, ["check", "tcp", "--scenario", "open", "--max-states", "100"]),
        (3, ["check", "--scenario", "open", "--max-states", "100"]),
        (3, ["check", "tcp", "--scenario", "open", "--time-limit", "0"]),
        (3, ["check", "tcp", "--scenario", "open", "--memory-limit", "1M"]),
        (1, ["check", "tcp/two-way", "--scenario", "open", "--max-states", "100"]),
        (0, ["list"]),
        (0, ["show", "tcp"]),
        (0, ["figure"]),
        (0, ["figure", "6"]),
        (0, ["diagram"]),
        (0, []),
    ],
)
def test_the_exit_code_says_what_came_out(code: int, arguments: list[str], say: Callable[..., Said]) -> None:
    """Violated goes before inconclusive; the suite is as expected although its exhibits are violated."""
    found = say(*arguments)

    assert (found.code, found.err != "") == (code, code == exit_codes.USAGE)
    assert (found.out == "") == (code == exit_codes.USAGE)


def test_a_mistake_in_a_file_is_exit_code_4(edit: Callable[[str, str | None, str], Path], say: Callable[..., Said]) -> None:
    """With the file, the line and the column; nothing on standard output."""
    folder = edit("machine.yaml", "to: WAIT}", "to: WIAT}")
    found = say("check", str(folder))

    assert (found.code, found.out) == (4, "")
    assert re.match(rf"{re.escape(str(folder))}/machine\.yaml:\d+:\d+: 'WIAT' is not a state", found.err)
    assert "did you mean WAIT?" in found.err


def test_what_differs_from_the_record_is_exit_code_1(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, say: Callable[..., Said]
) -> None:
    """Of the whole suite: a count that nobody recorded is not as expected, though everything holds."""
    shutil.copytree(SPEC / "tcp", tmp_path / "tcp")
    shutil.rmtree(tmp_path / "tcp" / "variants")
    shutil.rmtree(tmp_path / "tcp" / "claims")
    path = tmp_path / "tcp" / "properties.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(re.sub(r"^headline:.*\n", "", text, flags=re.MULTILINE), encoding="utf-8")
    path = tmp_path / "tcp" / "scenarios" / "close-in-order.yaml"
    states = report(Job("tcp", "", "close-in-order")).states
    path.write_text(path.read_text(encoding="utf-8").replace(f"states: {states},", "states: 7,"), encoding="utf-8")
    monkeypatch.undo()
    monkeypatch.setattr("tcpfsm.loader.target.spec_folder", lambda: tmp_path)
    found = say("check", "--scenario", "close-in-order")

    assert found.code == 1
    assert f"  tcp close-in-order: {states} states, 7 expected\n" in found.out


def test_a_bug_of_ours_is_exit_code_70_without_a_traceback(
    monkeypatch: pytest.MonkeyPatch, say: Callable[..., Said]
) -> None:
    """It says that it is a bug, and how to see where."""

    def broken(*_: object) -> None:
        raise ZeroDivisionError("by zero")

    monkeypatch.setattr(check_command, "run", broken)
    monkeypatch.delenv("TCPFSM_DEBUG", raising=False)
    found = say("check", "tcp/reset-lost")

    assert (found.code, found.out) == (70, "")
    assert found.err == "tcpfsm: this is a bug of tcpfsm: ZeroDivisionError: by zero (TCPFSM_DEBUG=1 shows where)\n"


def test_whoever_looks_for_a_bug_gets_the_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    """That is what TCPFSM_DEBUG is for."""

    def broken(*_: object) -> None:
        raise ZeroDivisionError("by zero")

    monkeypatch.setattr(check_command, "run", broken)
    monkeypatch.setenv("TCPFSM_DEBUG", "1")
    with pytest.raises(ZeroDivisionError):
        main(["check", "tcp/reset-lost"])


def test_no_memory_left_is_inconclusive(monkeypatch: pytest.MonkeyPatch, say: Callable[..., Said]) -> None:
    """Nothing was proved, and nothing is wrong."""

    def greedy(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(check_command, "run", greedy)
    found = say("check", "tcp/reset-lost")

    assert found.code == 3
    assert found.err.startswith("tcpfsm: out of memory; ")


def test_a_missing_tool_is_exit_code_5(monkeypatch: pytest.MonkeyPatch, say: Callable[..., Said]) -> None:
    """With what is missing, and without a traceback."""

    def without(*_: object) -> None:
        raise MissingToolError("this needs a hammer")

    monkeypatch.setattr(check_command, "run", without)

    assert say("check", "tcp/reset-lost") == Said(5, "", "tcpfsm: this needs a hammer\n")


def test_an_interruption_before_anything_is_established_says_just_that(
    monkeypatch: pytest.MonkeyPatch, say: Callable[..., Said]
) -> None:
    """There is no report to print."""

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(check_command, "run", interrupted)
    found = say("check", "tcp/reset-lost")

    assert (found.code, found.out) == (130, "")
    assert found.err == "tcpfsm: interrupted\n"


def test_an_interruption_ends_the_work_and_prints_what_was_established() -> None:
    """The run that was under way is reported as it stands, and it is not said to hold."""
    chosen = [option for name in ("reset-lost", "lifetime", "open") for option in ("--scenario", name)]
    options = ["--capacity", "8", "--loss", "4", "--duplication", "4", "--property", "agreement", "--no-progress"]
    styles = (("text", "reference"), ("json", "auto"))
    started = [start("check", "tcp", *chosen, *options, "--format", style, "--engine", engine) for style, engine in styles]
    for process in started:
        worked(process, 6.0)
        process.send_signal(signal.SIGINT)
    try:
        (text, data), errors = zip(*(process.communicate(timeout=100) for process in started), strict=True)
    finally:
        for process in started:
            process.kill()

    assert {process.returncode for process in started} == {130}
    assert set(errors) == {"tcpfsm: interrupted: 2 of 3 runs were begun; what they established follows\n"}
    assert re.search(r"^  reset-lost .* holds$", text, re.MULTILINE)
    assert re.search(r"^  lifetime .* inconclusive \(cut: interrupted\)$", text, re.MULTILINE)
    assert re.search(r"^  lifetime: no violation up to depth \d+ \(interrupted\)$", text, re.MULTILINE)
    found = json.loads(data)
    assert found["verdict"] == "inconclusive"
    assert [(run["scenario"], run["complete"], run["stopped_because"]) for run in found["runs"]] == [
        ("reset-lost", True, None),
        ("lifetime", False, "interrupted"),
    ]


def test_every_exit_code_is_in_the_help(say: Callable[..., Said]) -> None:
    """It is a promise."""
    text = " ".join(say("check", "--help").out.split())

    assert "0 as expected, 1 violated or not as expected, 2 usage, 3 inconclusive, 4 bad spec, 5 missing tool" in text
    assert "70 a bug of tcpfsm, 130 interrupted" in text
    assert [
        exit_codes.OK, exit_codes.VIOLATED, exit_codes.USAGE, exit_codes.INCONCLUSIVE, exit_codes.BAD_SPEC,
        exit_codes.MISSING_TOOL, exit_codes.OUR_BUG, exit_codes.INTERRUPTED,
    ] == [0, 1, 2, 3, 4, 5, 70, 130]  # fmt: skip


# ---- what is said of a wrong command line ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["chekc"], "'chekc' is not known; did you mean check?"),
        (["check", "--lss", "1"], "'--lss' is not known; did you mean --loss?"),
        (["check", "--los=1"], "'--los=1' is not known; did you mean --loss?"),
        (["check", "tcp", "two-way"], "'two-way' is not known"),
        (["--lang"], "expected one argument"),
        (["check", "--lang", "zho"], "'zho' is not known; did you mean zh?"),
        (["check", "tcp", "--loss", "x"], "'x' is not a whole number from 0 on"),
        (["check", "tcp", "--loss", "-1"], "'-1' is not a whole number from 0 on"),
        (["check", "tcp", "--loss", "1.5"], "'1.5' is not a whole number from 0 on"),
        (["check", "tcp", "--loss", "²"], "'²' is not a whole number from 0 on"),
        (["check", "tcp", "--loss", "9" * 30], "is not a whole number from 0 on"),
        (["check", "tcp", "--loss"], "expected one argument"),
        (["check", "tcp", "--time-limit", "nan"], "'nan' is not a number of seconds"),
        (["check", "tcp", "--time-limit", "-1"], "'-1' is not a number of seconds"),
        (["check", "tcp", "--time-limit", "soon"], "'soon' is not a number of seconds"),
        (["check", "tcp", "--memory-limit", "5X"], "'5X' is not a whole number from 0 on"),
        (["check", "tcp", "--memory-limit", "M"], "'' is not a whole number from 0 on"),
        (["check", "tcp", "--format", "jsn"], "'jsn' is not known; did you mean json?"),
        (["check", "tcp", "--engine", "slow"], "'slow' is not known"),
        (["check", "tcp", "--scenario", "opn"], "tcp has no scenario 'opn'; did you mean open?"),
        (["check", "--scenario", "opn"], "there is no scenario 'opn'; did you mean open?"),
        (["check", "tcp", "--property", "agreemnt"], "there is no property 'agreemnt'; did you mean agreement?"),
        (["check", "--property", "agreemnt"], "there is no property 'agreemnt'; did you mean agreement?"),
        (["check", "tcp/open", "--scenario", "close"], "tcp/open is one scenario"),
        (["check", ""], "a target has a name"),
        (["check", "tcp/opne"], "tcp has no variant or scenario 'opne'; did you mean open"),
        (["show", "TIME-WIAT"], "nothing is called 'TIME-WIAT'; did you mean TIME-WAIT?"),
        (["show", "tcp", "TIME-WIAT"], "tcp has nothing called 'TIME-WIAT'; did you mean TIME-WAIT?"),
        (["show"], "the following arguments are required"),
        (["copy", "tcp"], "the following arguments are required"),
        (["figure", "99"], "tcp has no figure '99'"),
        (["figure", "tpc/6"], "'tpc' is neither a protocol nor a file; did you mean tcp?"),
        (["list", "tpc"], "'tpc' is neither a protocol nor a file; did you mean tcp?"),
        (["diagram", "tpc"], "'tpc' is neither a protocol nor a file; did you mean tcp?"),
        (["diagram", "--format", "png"], "'png' is not known"),
    ],
)
def test_a_wrong_command_line_is_answered_with_the_nearest_right_one(
    arguments: list[str], message: str, say: Callable[..., Said]
) -> None:
    """On standard error, with exit code 2."""
    found = say(*arguments)

    assert (found.code, found.out) == (2, "")
    assert found.err.startswith("tcpfsm: ")
    assert message in found.err


@pytest.mark.parametrize(
    ("name", "content", "code", "message"),
    [
        ("bad.yaml", b"extends: [", 4, "bad.yaml:1:"),
        ("empty.yaml", b"", 4, "empty.yaml:1:1: the file is empty"),
        ("binary.yaml", bytes(range(128, 256)), 4, "binary.yaml:1:1: the file is not UTF-8"),
        ("nul.yaml", b"\0\x01\x1b[31m", 4, "nul.yaml:1:1: "),
        ("list.yaml", b"- 1\n", 4, "list.yaml:1:1: "),
        ("tagged.yaml", b"extends: !!python/object/apply:os.system [echo]\n", 4, "tagged.yaml:1:"),
        ("orphan.yaml", b"extends: nothing\n", 4, "orphan.yaml:1:10: 'nothing' is not a protocol"),
        ("plain.yaml", b"says: x\n", 2, "plain.yaml is neither a variant"),
        ("missing.yaml", None, 2, "'missing.yaml' is neither a protocol nor a file"),
    ],
)
@pytest.mark.parametrize("command", ["check", "show", "diagram", "list"])
def test_a_bad_file_is_answered_in_words(
    command: str,
    name: str,
    content: bytes | None,
    code: int,
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    say: Callable[..., Said],
) -> None:
    """Whatever is in it; and nothing in it reaches the terminal as a control character."""
    monkeypatch.chdir(tmp_path)
    if content is not None:
        Path(name).write_bytes(content)
    found = say(command, f"./{name}" if content is not None else name)

    assert (found.code, found.out) == (code, "")
    assert message in found.err
    assert set(found.err) & {chr(code) for code in range(32)} <= {"\n"}


def test_a_folder_without_a_machine_is_answered_in_words(tmp_path: Path, say: Callable[..., Said]) -> None:
    """With what a protocol is."""
    found = say("check", str(tmp_path))

    assert (found.code, found.err) == (2, f"tcpfsm: {tmp_path} holds no machine.yaml: a protocol is a folder with one\n")


def test_nothing_to_check_is_not_green(ping: Path, say: Callable[..., Said]) -> None:
    """A protocol without scenarios has no verdict, nor has a property that no scenario asks."""
    unasked = say("check", str(ping), "--property", "can-rest")
    for part in ("scenarios", "variants", "claims"):
        shutil.rmtree(ping / part)
    found = say("check", str(ping))

    assert (found.code, found.err) == (2, "tcpfsm: there is nothing to check: it has no scenario (--all adds slow ones)\n")
    assert (unasked.code, unasked.err) in [
        (2, "tcpfsm: there is nothing to check: no scenario asks it; name one with --scenario\n"), (0, ""),
    ]  # fmt: skip


# ---- the options of check ----------------------------------------------------------------------------------------------


def data_of(found: Said) -> list[dict[str, object]]:
    """Return the runs of a JSON report."""
    assert found.err == ""
    runs: list[dict[str, object]] = json.loads(found.out)["runs"]
    return runs


def test_scenarios_are_chosen_by_name_each_once(say: Callable[..., Said]) -> None:
    """In the order in which they were named; exhibits too, once they are named."""
    options = [option for name in ("reset-lost", "open", "reset-lost") for option in ("--scenario", name)]

    assert [run["scenario"] for run in data_of(say("check", "tcp", *options, "--format", "json"))] == ["reset-lost", "open"]


def test_a_protocol_answers_without_its_exhibits(say: Callable[..., Said]) -> None:
    """Asked of everything by a property that an exhibit breaks."""
    runs = data_of(say("check", "tcp", "--property", "good-ends", "--format", "json"))
    asking = {one.name for one in protocol("tcp").scenarios.values() if "good-ends" in one.properties and not one.exhibit}

    assert {run["scenario"] for run in runs} == asking
    assert {run["verdict"] for run in runs} == {"holds"}


def test_a_property_alone_is_asked_where_scenarios_ask_it(say: Callable[..., Said]) -> None:
    """Elsewhere it may fail without meaning anything; naming a scenario too asks it there nevertheless."""
    everywhere = data_of(say("check", "tcp", "--property", "can-open", "--format", "json"))
    there = say("check", "tcp", "--property", "can-open", "--scenario", "close-in-order", "--format", "json")

    assert {run["scenario"] for run in everywhere} == {
        one.name for one in protocol("tcp").scenarios.values() if "can-open" in one.properties and not one.exhibit
    }
    assert (there.code, [run["scenario"] for run in data_of(there)]) == (1, ["close-in-order"])


def test_only_the_property_that_is_named_is_asked(say: Callable[..., Said]) -> None:
    """Also the one that every scenario has without a file."""
    for name in ("quiet", "every-arrival-is-answered"):
        (run,) = data_of(say("check", "tcp", "--scenario", "close-in-order", "--property", name, "--format", "json"))
        assert [found["name"] for found in run["properties"]] == [name]  # type: ignore[attr-defined]


@pytest.mark.parametrize("bound", ["loss", "duplication", "capacity"])
def test_a_bound_is_changed_and_then_nothing_is_expected(bound: str, say: Callable[..., Said]) -> None:
    """What was recorded holds for the recorded bounds only."""
    (run,) = data_of(say("check", "tcp", "--scenario", "close-in-order", f"--{bound}", "2", "--format", "json"))

    assert run["bounds"][bound] == 2  # type: ignore[index]
    assert {found["expected"] for found in run["properties"]} == {None}  # type: ignore[attr-defined]
    assert run["surprises"] == []


def test_more_losses_make_more_states(say: Callable[..., Said]) -> None:
    """And none make fewer: the bound reaches the network."""
    counts = [
        data_of(say("check", "tcp", "--scenario", "open-at-last", "--loss", loss, "--format", "json"))[0]["states"]
        for loss in ("0", "1", "2")
    ]

    assert counts == sorted(set(counts))  # type: ignore[type-var]


def test_max_states_are_not_exceeded(say: Callable[..., Said]) -> None:
    """To the state."""
    for limit in (1, 50, 610):
        (run,) = data_of(say("check", "tcp", "--scenario", "open", "--max-states", str(limit), "--format", "json"))
        assert run["states"] <= limit  # type: ignore[operator]
        assert (run["complete"], run["verdict"]) == (False, "inconclusive")
    (run,) = data_of(say("check", "tcp", "--scenario", "open", "--max-states", "100000", "--format", "json"))
    assert run["complete"]


@pytest.mark.parametrize(("text", "size"), [("7", 7), ("2K", 2048), ("3m", 3 * 2**20), ("1G", 2**30)])
def test_a_size_has_a_unit(text: str, size: int) -> None:
    """Powers of two."""
    assert parser().parse_args(["check", "--memory-limit", text]).memory_limit == size


def test_first_stops_at_the_first_violation(say: Callable[..., Said]) -> None:
    """With fewer states than there are."""
    (run,) = data_of(say("check", "tcp/two-way", "--scenario", "open", "--first", "--format", "json"))

    assert run["stopped_because"] == "stop condition"
    assert run["states"] < report(Job("tcp", "two-way", "open")).states  # type: ignore[operator]


def test_the_engine_is_named(say: Callable[..., Said]) -> None:
    """Whichever it was, the rest of the answer is the same."""
    runs = [data_of(say("check", "tcp/reset-lost", "--engine", engine, "--format", "json")) for engine in ("auto", "reference")]

    assert [run["engine"] for (run,) in runs] == ["fast", "reference"]
    assert [{**run, "engine": ""} for run in runs[0]] == [{**run, "engine": ""} for run in runs[1]]


@pytest.mark.skipif(find_spec("numba") is None, reason="the compiler is an extra")
def test_the_compiled_engine_answers_as_the_reference_engine_does(say: Callable[..., Said]) -> None:
    """From the start, where it is asked for; that the kernel is compiled before, if it is, is progress."""
    (one,), (other,) = (
        data_of(say("check", "tcp/two-way", "--scenario", "open", "--engine", engine, "--format", "json", "--no-progress"))
        for engine in ("fast", "reference")
    )

    assert one["engine"] == "fast"
    assert {**one, "engine": ""} == {**other, "engine": ""}


@pytest.mark.parametrize("options", [["--engine", "fast"], ["--checkpoint", "kept"], ["--engine", "auto", "--checkpoint", "kept"]])
def test_without_the_compiler_the_compiled_engine_is_a_missing_tool(
    options: list[str], monkeypatch: pytest.MonkeyPatch, say: Callable[..., Said]
) -> None:
    """The message says how to get it, and nothing was run before."""
    monkeypatch.setitem(sys.modules, "numba", None)

    told = "tcpfsm: the compiled engine needs numba, which is not installed: pip install 'tcpfsm[fast]'\n"
    assert say("check", "tcp/reset-lost", *options) == Said(5, "", told)
    assert say("check", "tcp/reset-lost").code == 1


def test_states_too_wide_for_the_engine_asked_for_are_a_usage_error(
    monkeypatch: pytest.MonkeyPatch, say: Callable[..., Said]
) -> None:
    """The one that was not asked for explores them."""

    def too_wide(*_: object, **__: object) -> None:
        raise TooWideError

    monkeypatch.setattr(engines, "explore_tables", too_wide)
    monkeypatch.setattr(engines, "has_compiler", lambda: True)

    told = "tcpfsm: reset-lost: its states are too wide for the fast engine; --engine reference explores it\n"
    assert say("check", "tcp/reset-lost", "--engine", "fast") == Said(2, "", told)
    assert data_of(say("check", "tcp/reset-lost", "--format", "json"))[0]["engine"] == "reference"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["tcp", "--checkpoint", "kept"], r"--checkpoint and --resume are for one run, and these are \d+: name one scenario"),
        (["--resume", "."], r"--checkpoint and --resume are for one run, and these are \d+: name one scenario"),
        (["tcp/reset-lost", "--resume", "nowhere"], "there is no folder nowhere to resume from"),
        (["tcp/reset-lost", "--checkpoint", "kept", "--resume", "kept"], "--resume goes on keeping the run in its folder: leave out --checkpoint"),
        (["tcp/reset-lost", "--checkpoint", "kept", "--engine", "reference"], "--checkpoint and --resume are for the fast engine"),
    ],
)
def test_checkpoints_are_for_one_run_of_the_fast_engine(
    arguments: list[str], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, say: Callable[..., Said]
) -> None:
    """Anything else is a mistake, said before anything is run."""
    monkeypatch.chdir(tmp_path)
    found = say("check", *arguments)

    assert (found.code, found.out) == (2, "")
    assert re.fullmatch(f"tcpfsm: {message}\n", found.err)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("text", checkpoint.TEXTS)
def test_a_checkpoint_that_cannot_be_used_is_a_usage_error(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, say: Callable[..., Said]
) -> None:
    """In the engine's words, all of which have a translation."""

    def refused(*_: object, **__: object) -> None:
        raise CheckpointError(text, "why")

    monkeypatch.setattr(engines, "explore_tables", refused)
    monkeypatch.setattr(engines, "has_compiler", lambda: True)

    assert text in keeping.TEXTS
    assert say("check", "tcp/reset-lost", "--resume", str(tmp_path)) == Said(2, "", f"tcpfsm: {text} (why)\n")


@pytest.mark.parametrize("arguments", [["check", "tcp/reset-lost"], ["claims", "three-not-two"], ["figure", "6"]])
def test_memory_is_limited_where_nobody_says_so(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch, say: Callable[..., Said]
) -> None:
    """To nothing here: what is then established is nothing."""
    for module in ("run.memory", "cli.claims"):
        monkeypatch.setattr(f"tcpfsm.{module}.most_memory", lambda: 1)

    assert say(*arguments).code == 3


@pytest.mark.parametrize("option", ["--checkpoint", "--resume"])
def test_a_checkpoint_is_the_engines_business(
    option: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, say: Callable[..., Said]
) -> None:
    """It gets the folder, and what the checkpoint is of."""
    asked: list[Keep] = []

    def explore(*given: Any, compiled: bool, keep: Keep, **named: Any) -> Exploration:
        assert compiled
        asked.append(keep)
        return explore_tables(*given, **named)

    monkeypatch.setattr(engines, "explore_tables", explore)
    monkeypatch.setattr(engines, "has_compiler", lambda: True)
    say("check", "tcp/reset-lost", option, str(tmp_path))
    say("check", "tcp/reset-lost", "--loss", "2", option, str(tmp_path))

    assert [(keep.folder, keep.resume) for keep in asked] == [(tmp_path, option == "--resume")] * 2
    first, second = (keep.about for keep in asked)
    assert {name for name in first if first[name] != second[name]} == {"bounds"}


def test_what_is_slow_is_left_out_until_it_is_asked_for(ping: Path, say: Callable[..., Said]) -> None:
    """With --all, or by its name."""
    path = ping / "scenarios" / "once.yaml"
    path.write_text(path.read_text(encoding="utf-8") + "slow: true\n", encoding="utf-8")

    assert say("check", str(ping)).code == 2
    assert say("check", str(ping), "--all").code == 0
    assert say("check", str(ping), "--scenario", "once").code == 0
    assert say("check", str(ping / "once")).code == 0


def test_a_suite_with_changed_bounds_reports_each_variant_apart(say: Callable[..., Said]) -> None:
    """Nothing is expected of them, so their verdicts count."""
    found = say("check", "--scenario", "open", "--loss", "0")

    assert found.code == 1
    assert {"tcp", "tcp/four-way", "tcp/two-way"} <= set(re.findall(r"^(tcp\S*): ", found.out, re.MULTILINE))


# ---- files of one's own ------------------------------------------------------------------------------------------------


def test_a_file_a_folder_and_a_part_of_it_are_checked_alike(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, say: Callable[..., Said]
) -> None:
    """The same states and the same ladder; only the command that shows it again differs."""
    monkeypatch.chdir(tmp_path)
    assert say("copy", "tcp", "mine").code == 0
    assert say("copy", "tcp/two-way", "alone").code == 0
    answers = {
        target: say("check", target, "--scenario", "open")
        for target in ("tcp/two-way", "alone/two-way.yaml", "mine/two-way", "mine/variants/two-way.yaml")
    }
    again = {target: re.findall(r"tcpfsm (check .*)", found.out)[0] for target, found in answers.items()}
    texts = {re.sub(r"Again with:.*|\(\S+two-way\.yaml", "", found.out) for found in answers.values()}

    assert len(texts) == 1
    assert {found.code for found in answers.values()} == {1}
    assert again == {
        "tcp/two-way": "check tcp/two-way --scenario open --property agreement",
        "alone/two-way.yaml": "check alone/two-way.yaml --scenario open --property agreement",
        "mine/two-way": "check mine/two-way --scenario open --property agreement",
        "mine/variants/two-way.yaml": "check mine/two-way --scenario open --property agreement",
    }
    assert all(say(*command.split()).code == 1 for command in again.values())


def test_a_path_with_blanks_is_quoted_where_it_is_to_be_typed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, say: Callable[..., Said]
) -> None:
    """The command can be copied as it stands."""
    monkeypatch.chdir(tmp_path)
    say("copy", "tcp/two-way", "my files")

    assert "tcpfsm check 'my files/two-way.yaml' --scenario open " in say("check", "my files/two-way.yaml", "--scenario", "open").out


# ---- output ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("arguments", [["check", "tcp/reset-lost"], ["check", "tcp/reset-lost", "--format", "json"], ["diagram"]])
def test_an_answer_goes_to_a_file_instead(arguments: list[str], tmp_path: Path, say: Callable[..., Said]) -> None:
    """The same text, and nothing on standard output; - is standard output."""
    plain = say(*arguments)
    found = say(*arguments, "-o", str(tmp_path / "answer"))

    assert (found.code, found.out, found.err) == (plain.code, "", "")
    assert (tmp_path / "answer").read_text(encoding="utf-8") == plain.out
    assert say(*arguments, "--output", "-") == plain


def test_a_file_that_cannot_be_written_is_said_before_anything_is_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, say: Callable[..., Said]
) -> None:
    """Work of an hour is not thrown away at its end."""

    def never(*_: object) -> None:
        raise AssertionError("nothing may be run")

    monkeypatch.setattr(check_command, "run", never)
    for target in (tmp_path, tmp_path / "missing" / "answer"):
        found = say("check", "tcp", "-o", str(target))
        assert (found.code, found.out) == (2, "")
        assert found.err.startswith(f"tcpfsm: {target} cannot be written: ")


def test_a_file_is_kept_where_the_question_is_wrong(tmp_path: Path, say: Callable[..., Said]) -> None:
    """It is written at the end, once there is an answer."""
    (tmp_path / "answer").write_text("old", encoding="utf-8")

    assert say("check", "tcp", "--scenario", "opn", "-o", str(tmp_path / "answer")).code == 2
    assert (tmp_path / "answer").read_text(encoding="utf-8") == "old"


def test_a_reader_who_has_had_enough_is_no_error() -> None:
    """A pager, or head; the exit code still says what came out."""
    for arguments, code in ((["show", "tcp"], 0), (["check", "tcp/reset-lost"], 1), (["check", "tcp/reset-lost", "-v"], 1)):
        reading, writing = os.pipe()
        os.close(reading)
        try:
            found = alone(*arguments, stdout=writing)
        finally:
            os.close(writing)
        assert (found.code, found.err) == (code, "")


def test_help_may_be_cut_short() -> None:
    """No message from the program's end either."""
    reading, writing = os.pipe()
    os.close(reading)
    try:
        found = alone("check", "--help", stdout=writing)
    finally:
        os.close(writing)

    assert (found.code, found.err) == (0, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device that is always full is needed")
def test_a_full_disk_is_said() -> None:
    """As what it is, and not as a bug."""
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        found = alone("list", stdout=full)

    assert (found.code, found.err) == (2, "tcpfsm: standard output cannot be written: No space left on device\n")


def test_a_message_that_nobody_hears_keeps_its_exit_code() -> None:
    """Standard error may be closed, too."""
    reading, writing = os.pipe()
    os.close(reading)
    try:
        assert alone("check", "tpc", stderr=writing).code == 2
    finally:
        os.close(writing)


def test_signs_that_a_terminal_has_not_are_no_error() -> None:
    """The answer is then UTF-8 all the same, and a message has the codes of such signs."""
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    found = alone("show", "tcp/two-way", env=environment)

    assert found.code == 0
    assert "RFC 9293 §3.5" in found.out
    assert alone("check", "ménage", env=environment).code == 2


def test_standard_output_has_answers_only() -> None:
    """What is written to a file or a pipe has no colours and no progress, and neither has standard error."""
    found = alone("check", "tcp", "--scenario", "delayed-syn", "--format", "json")

    assert found.err == ""
    assert json.loads(found.out)["verdict"] == "holds"
    assert "\x1b" not in found.out


def test_the_text_has_no_times_and_no_paths(say: Callable[..., Said]) -> None:
    """The same question gives the same text, wherever it is asked."""
    text = say("check", "tcp/two-way", "--scenario", "open", "-v").out

    assert say("check", "tcp/two-way", "--scenario", "open", "-v").out == text
    assert str(ROOT) not in text
    assert not re.search(r"\d+\.\d+ ?s\b|\d\d:\d\d", text)


def test_the_json_is_the_same_whatever_the_hash_seed() -> None:
    """No order in it comes from a set."""
    texts = {
        alone(
            "check", "tcp/two-way", "--scenario", "open", "--scenario", "close-once-synchronized", "--format", "json",
            env={**os.environ, "PYTHONHASHSEED": seed},
        ).out
        for seed in ("0", "1", "4711")
    }  # fmt: skip

    assert len(texts) == 1
    assert json.loads(texts.pop())["verdict"] == "violated"


# ---- the program -------------------------------------------------------------------------------------------------------


def test_the_module_is_the_program() -> None:
    """``python -m tcpfsm`` passes its exit code on."""
    assert alone("--version") == Said(0, f"tcpfsm {tcpfsm.__version__}\n", "")
    assert alone("check", "tpc").code == 2
    assert alone("check", "tcp/reset-lost").code == 1


def test_help_is_quick() -> None:
    """It imports nothing that takes long."""
    program = """
import sys
from tcpfsm.cli.main import main
try:
    main(sys.argv[1:])
except SystemExit:
    pass
print(sorted({"networkx", "transitions", "yaml", "numpy", "checker"} & set(sys.modules)), file=sys.stderr)
"""
    for arguments in (["--help"], ["--version"], ["check", "--help"], ["chekc"]):
        done = subprocess.run(
            [sys.executable, "-c", program, *arguments], capture_output=True, encoding="utf-8", check=True
        )
        assert done.stderr.splitlines()[-1] == "[]"


def test_help_names_every_command_and_every_command_has_help(say: Callable[..., Said]) -> None:
    """Without a command, the help is what there is to say."""
    top = say("--help")

    assert say() == top
    for command in ("check", "list", "show", "copy", "figure", "diagram"):
        assert re.search(rf"^    {command} ", top.out, re.MULTILINE)
        assert say(command, "--help").out.startswith(f"usage: tcpfsm {command} ")


def test_every_option_is_explained() -> None:
    """None is left without a word of help but those whose choices say it."""
    actions = [
        (name, action)
        for name, command in parser()._subparsers._group_actions[0].choices.items()  # type: ignore[union-attr]
        for action in command._actions
    ]

    assert [(name, action.dest) for name, action in actions if not action.help and not action.choices] in [
        [], [("copy", "target"), ("diagram", "target"), ("diagram", "output")],
    ]  # fmt: skip


# ---- progress: what it says is in test_progress.py ---------------------------------------------------------------------


@pytest.mark.parametrize("options", [[], ["--no-progress"]])
@pytest.mark.parametrize("terminal", [True, False])
def test_progress_can_be_turned_off(
    terminal: bool, options: list[str], monkeypatch: pytest.MonkeyPatch, say: Callable[..., Said]
) -> None:
    """It knows whether it writes to a terminal."""
    meters = []

    class Counted(Meter):
        def __init__(self, jobs: int, *, terminal: bool) -> None:
            super().__init__(jobs, terminal=terminal)
            meters.append(self)

    monkeypatch.setattr(check_command, "Meter", Counted)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: terminal, raising=False)
    found = say("check", "tcp/reset-lost", *options)

    assert found.err == ""
    assert [(meter.name, meter.terminal) for meter in meters] == ([] if options else [("tcp reset-lost", terminal)])


def test_the_statistics_of_a_long_run_stay(monkeypatch: pytest.MonkeyPatch, say: Callable[..., Said]) -> None:
    """On standard error; the answer has no times."""
    monkeypatch.setattr(Meter, "PATIENCE", 0.0)
    plain = say("check", "tcp/reset-lost", "--no-progress")
    found = say("check", "tcp/reset-lost")

    assert (found.code, found.out) == (plain.code, plain.out)
    assert plain.err == ""
    assert re.fullmatch(
        r"\[1/1\] tcp reset-lost: \d+ states, \d+ steps, depth \d+ in \d+\.\d s, [\d,]+ states/s, at most [\d,]+ MiB of memory\n",
        found.err,
    )


def test_the_command_line_is_a_module_of_its_own(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The console script and the module are one, which sees to a Ctrl-C that comes before the function begins, or after."""
    from tcpfsm import __main__

    def interrupted() -> int:
        raise KeyboardInterrupt

    before = signal.getsignal(signal.SIGINT)
    try:
        monkeypatch.setattr(cli, "main", lambda: 3)
        assert __main__.main() == 3
        monkeypatch.setattr(cli, "main", interrupted)
        assert __main__.main() == 130
    finally:
        signal.signal(signal.SIGINT, before)
    assert capsys.readouterr().err == "tcpfsm: interrupted\n"
