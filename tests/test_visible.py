"""What a user wrote never steers what shows it: not by a name, not by a text, not in any form of any answer."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import subprocess
import sys
import unicodedata
import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tcpfsm.cli.main import main
from tcpfsm.i18n.visible import STEERING, on_one_line, tell, visible
from tcpfsm.loader import source
from tcpfsm.loader.load import load_protocol
from tcpfsm.terminal.output import write_whole
from tests.conftest import DATA, problems_of, shown

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Edit = Callable[[str, str | None, str], Path]

#: One of each kind: the terminal's escape, a carriage return, a backspace, the bell, DEL, CSI as one octet, the next
#: line of C1, separators of lines, overrides and isolates of direction, an octet that is not UTF-8, no character.
EACH = "\x1b\r\b\a\x7f\x9b\x85\u2028\u2029\u202a\u202e\u2066\u2069\udcff\ufffe\ufdd0"
HOSTILE = st.text(st.sampled_from([*EACH, "a", "状"]), min_size=1, max_size=4)


def steers(text: str) -> list[str]:
    """Return what of a text would steer, found by another way than the one that is tested."""
    return [
        char
        for char in text
        if (unicodedata.category(char) in ("Cc", "Zl", "Zp", "Cs") and char not in "\n\t")
        or unicodedata.bidirectional(char) in ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")
        or char in "\ufffe\ufdd0"
    ]


@given(st.text(st.characters() | st.sampled_from(EACH)))
def test_what_is_visible_steers_nothing_and_loses_nothing(text: str) -> None:
    """Every other character is left as it is; the escapes say which one stood there."""
    found = visible(text)

    assert steers(found) == []
    assert visible(found) == found
    assert json.loads(f'"{visible(json.dumps(text, ensure_ascii=False)[1:-1])}"') == text
    assert found == text or steers(text)


def test_a_name_stays_on_its_line() -> None:
    """A name with an end of a line in it could pretend to be two answers."""
    assert on_one_line("a\nb\tc\x1b") == r"a\nb\tc\u001b"


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8", "gb18030"])
def test_what_an_encoding_has_not_is_told_in_utf_8(encoding: str) -> None:
    """A terminal that says it knows ASCII alone mostly knows more; and an answer is never lost."""
    buffer = io.BytesIO()
    stream = io.TextIOWrapper(buffer, encoding=encoding)
    tell(stream, "one\n")
    tell(stream, "状态 ×\n")

    assert buffer.getvalue().decode("gb18030" if encoding == "gb18030" else "utf-8") == "one\n状态 ×\n"


# ---- texts of a spec -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("char", EACH)
def test_a_text_that_steers_is_refused_at_its_place(edit: Edit, char: str) -> None:
    """YAML lets them through as escapes."""
    folder = edit("machine.yaml", "title: ask and answer", f'title: "ask \\U{ord(char):08x} and"')
    expected = f"4:13: the character U+{ord(char):04X} steers a terminal, or turns the direction of writing"
    if char in "\udcff\ufffe\ufdd0":
        expected = "4:13: a character that YAML does not allow"

    assert [shown(problem) for problem in problems_of(lambda: load_protocol(folder))] == [expected]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("calls: [PING, STOP]", 'calls: [PING, STOP, "a\\nb"]'),
        ("{check: answer,", '{check: "ans\\nwer",'),
        ("event: rcv ANS", 'event: "rcv\\tANS"'),
        ("protocol: ping", 'protocol: "pi\\nng"'),
        ("  ANS: <NUM", '  "A\\nNS": <NUM'),
        ("title: ask", '"ti\\ntle": ask'),
    ],
)
def test_a_name_over_several_lines_is_refused(edit: Edit, old: str, new: str) -> None:
    """It would break the tables that it stands in."""
    folder = edit("machine.yaml", old, new)

    assert "a name is written on one line" in {problem.message for problem in problems_of(lambda: load_protocol(folder))}


def test_a_text_over_several_lines_is_shown_as_one(edit: Edit, capsys: pytest.CaptureFixture[str]) -> None:
    """How a text is set in its file is the file's business."""
    edit("machine.yaml", "title: ask and answer", "title: |\n  ask\n\n  and answer\npeer: |\n  Host\n")
    folder = edit("scenarios/once.yaml", "says: A asks once.", "says: |\n  A asks\n  once.\n")
    main(["list", str(folder)])
    text = capsys.readouterr().out

    assert "ping: ask and answer\n" in text
    assert "once  A asks once.\n" in text


# ---- all commands, all forms -----------------------------------------------------------------------------------------

COMMANDS = [
    ["list", "@"],
    ["list", "@", "--format", "json"],
    ["show", "@"],
    ["show", "@", "WAIT"],
    ["show", "@", "once"],
    ["check", "@", "-v", "--no-progress"],
    ["check", "@", "--format", "json", "--no-progress"],
    ["check", "@", "--recorded", "--no-progress"],
    ["check", "@/deaf", "--no-progress"],
    ["check", "@", "--scenario", "#"],
    ["check", "@", "--property", "#"],
    ["check", "#"],
    ["check", "--#"],
    ["figure", "@/#"],
    ["claims", "@", "--no-progress"],
    ["claims", "@", "--format", "json", "--no-progress"],
    ["claims", "@", "--format", "markdown", "--no-progress"],
    ["claims", "@/once-is-enough", "--no-progress"],
    ["claims", "@/#"],
    ["copy", "@", "%"],
    ["diagram", "@", "--all", "--meanings"],
    ["diagram", "@", "--all", "--meanings", "--format", "dot"],
    ["export", "@/once", "--to", "graphml", "--no-progress"],
    ["export", "@/once", "--to", "dot", "--no-progress"],
    ["export", "@/once", "--to", "json", "--no-progress"],
    ["export", "@/once", "--to", "json", "--onto", "#", "--no-progress"],
]
#: Where the small protocol takes a text of any kind: file, what stands there, and where ``#`` takes its place.
PLACES = [
    ("machine.yaml", "title: ask and answer", "title: #"),
    ("machine.yaml", "protocol: ping", "protocol: ping\npeer: #\nsource: #"),
    ("machine.yaml", "WAIT: {means: an answer is awaited, zh: 等待回答}", "WAIT: {means: #, short: #}"),
    ("machine.yaml", "calls: [PING, STOP]", "calls: [PING, STOP, #]"),
    ("machine.yaml", "in: WAIT, when: STOP", "in: any-state, when: #"),
    ("machine.yaml", "{in: IDLE, when: STOP}", "{in: any-state, when: STOP}"),
    ("machine.yaml", 'reply: "error: busy"', "reply: #"),
    ("machine.yaml", "event: rcv ANS", "event: #e"),
    ("machine.yaml", "when: rcv ANS", "when: #e"),
    ("machine.yaml", "mood: {is: [calm, cross], starts: calm}", "mood: {is: [calm, #], starts: #}"),
    ("properties.yaml", "says: Nobody asks more often than the limit allows.", "says: #\n    source: #"),
    ("properties.yaml", "says: Patience ends when nothing is in flight.", "says: #"),
    ("scenarios/once.yaml", "says: A asks once.", "says: #\nfamily: #"),
    ("scenarios/once.yaml", "{PING: 1}", "{PING: 1, #: 1}"),
    ("variants/deaf.yaml", "why: Nobody answers, so asking is of no use.", "why: #\ntitle: #"),
    ("claims/asking.yaml", "title: Asking", "title: #"),
    ("claims/asking.yaml", "says: Asking helps.", "says: #"),
    ("claims/asking.yaml", "because: The machine counts.", "because: #"),
]


def quoted(text: str) -> str:
    """Return a text as YAML writes it in double quotes, everything that steers as an escape."""
    return '"' + "".join(f"\\U{ord(char):08x}" if STEERING.match(char) else char for char in text) + '"'


def poisoned(folder: Path, text: str) -> None:
    """Put a text into every place of the small protocol that takes one."""
    for file, old, new in PLACES:
        path = folder / file
        now = path.read_text(encoding="utf-8")
        assert now.count(old) == 1, old
        now = now.replace(old, new.replace("#e", quoted(f"rcv {text}")).replace("#", quoted(text)))
        path.write_text(now, encoding="utf-8")


def said_by(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> tuple[int, str, str]:
    """Run a command line; return its exit code and what it said."""
    capsys.readouterr()
    code = main(arguments)
    return code, *capsys.readouterr()


@settings(max_examples=3, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(text=HOSTILE)
def test_no_answer_steers_even_if_a_text_got_past_the_loader(
    text: str, tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each form of each command is safe by itself, and stays a form that can be read."""
    folder = tmp_path_factory.mktemp("texts") / "ping"
    shutil.copytree(DATA / "ping", folder)
    poisoned(folder, f"x{text}")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(source, "STEERING", re.compile("(?!)"))
        for number, command in enumerate(COMMANDS):
            words = [word.replace("@", str(folder)).replace("#", f"x{text}").replace("%", str(folder.parent / f"c{number}")) for word in command]
            code, out, err = said_by(capsys, words)

            assert code in (0, 1, 2), (command, err)
            assert steers(out + err) == [], command
            if "json" in command and code < 2:
                assert json.loads(out)
            if "graphml" in command:
                assert ET.fromstring(out.encode()) is not None  # noqa: S314, our own output


@settings(max_examples=3, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(text=HOSTILE)
def test_no_answer_steers_by_the_names_of_files(
    text: str, tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    """A folder may have any name; so may what is asked for on the command line."""
    outer = tmp_path_factory.mktemp("names")
    folder = outer / f"x{text}"
    shutil.copytree(DATA / "ping", folder)
    mistaken = outer / f"y{text}"
    shutil.copytree(DATA / "ping", mistaken)
    (mistaken / "machine.yaml").write_text("protocol: []\n", encoding="utf-8")
    for target in (folder, mistaken):
        for number, command in enumerate(COMMANDS):
            words = [word.replace("@", str(target)).replace("#", f"x{text}").replace("%", str(target.parent / f"{text}{number}")) for word in command]
            code, out, err = said_by(capsys, words)

            assert code in (0, 1, 2, 4), (command, err)
            assert steers(out + err) == [], command
            if target == mistaken and "@" in command:
                assert code == 4
                assert "\n" not in err.partition(": ")[0]


def test_a_file_is_written_though_its_name_is_not_utf_8(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The system allows any octets but two in a name."""
    path = tmp_path / os.fsdecode(b"answer-\xff.json")
    code, out, err = said_by(capsys, ["check", str(DATA / "ping"), "--format", "json", "-o", str(path), "--no-progress"])

    assert (code, out, err) == (0, "", "")
    assert json.loads(path.read_text(encoding="utf-8"))["verdict"] == "holds"


# ---- terminals and the system ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("arguments", [["--help"], ["check", "--help"], ["list"], ["check", "nowhere"], ["figure"], ["--version"]])
def test_a_terminal_that_knows_ascii_alone_is_told_everything(arguments: list[str]) -> None:
    """In Chinese too, help and complaints included."""
    environment = {**os.environ, "LANG": "C", "LC_ALL": "C", "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    found = subprocess.run(
        [sys.executable, "-m", "tcpfsm", *arguments, "--lang", "zh"], capture_output=True, check=False, env=environment
    )

    assert found.returncode == (2 if "nowhere" in arguments else 0)
    text = (found.stdout + found.stderr).decode("utf-8")
    assert text.isascii() == ("--version" in arguments)
    assert "\\u" not in text


LONG = "a" * 300


@pytest.mark.parametrize(
    "arguments",
    [
        ["check", LONG],
        ["check", f"{LONG}/x"],
        ["check", f"tcp/{LONG}"],
        ["check", "a/" * 3000],
        ["check", "abp/in-order", "-o", LONG],
        ["copy", "tcp/open", LONG],
        ["copy", LONG, "x"],
        ["show", LONG],
        ["claims", LONG],
        ["claims", f"{LONG}/x"],
        ["claims", "-o", LONG],
        ["figure", LONG],
        ["figure", f"{LONG}/12"],
        ["diagram", LONG],
        ["diagram", "-o", LONG],
        ["list", LONG],
        ["export", LONG, "--to", "dot"],
        ["export", "abp/in-order", "--to", "dot", "-o", LONG],
    ],
    ids=lambda arguments: " ".join(word[:10] for word in arguments),
)
def test_a_path_that_is_too_long_is_the_callers_mistake(
    arguments: list[str], capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever looks at it first."""
    monkeypatch.chdir(tmp_path)
    code, out, err = said_by(capsys, arguments)

    assert (code, out) == (2, "")
    assert "bug" not in err
    assert list(tmp_path.iterdir()) == []


def test_what_the_system_refuses_is_no_bug(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """It is told in the system's words, with the path."""

    def refused(*_: object, **__: object) -> None:
        raise OSError(24, "Too many open files", "machine.yaml")

    monkeypatch.setattr("tcpfsm.loader.target.is_own", refused)
    monkeypatch.setattr("tcpfsm.cli.commands.shipped", refused)

    assert said_by(capsys, ["list"]) == (2, "", "tcpfsm: the system says: Too many open files: machine.yaml\n")


def test_a_file_is_written_as_it_is(tmp_path: Path) -> None:
    """Only answers are made safe: a file that is copied stays what it was."""
    write_whole(tmp_path / "a.yaml", "# \u202e\n")

    assert (tmp_path / "a.yaml").read_text(encoding="utf-8") == "# \u202e\n"
