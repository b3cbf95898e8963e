"""The coursework: no start counts as solved, every solution does, and what only looks like one does not.

The files of an exercise are made as its text says, by its own commands and from its own blocks.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from xml.etree import ElementTree as ET

import pytest

from tcpfsm.cli import main
from tcpfsm.language import use
from tests.test_docs import ROOT, Block, blocks, commands, says

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SOLUTIONS = ROOT / "docs" / "coursework" / "solutions"
TEXTS = {"en": ROOT / "docs" / "coursework.md", "zh": ROOT / "docs" / "zh" / "coursework.md"}
NUMBERS = range(1, 11)


class Exercise(NamedTuple):
    """What a text says of one exercise: how it begins, the command that judges it, and what that says once it is solved."""

    lines: list[str]
    copy: list[str]
    files: list[Block]
    command: str
    not_yet: str
    solved: str


def exercise(language: str, number: int) -> Exercise:
    """Read one exercise of a text."""
    path = TEXTS[language]
    lines = path.read_text(encoding="utf-8").splitlines()
    heads = [place for place, line in enumerate(lines, 1) if re.match(r"## \d+\. ", line)]
    first, last = heads[number - 1], [*heads, len(lines) + 1][number]
    own = [block for block in blocks(path) if first < block.line < last]
    asked = [command for block in own if block.language == "console" for command in commands(block)]
    return Exercise(
        lines=lines[first : last - 1],
        copy=[command.text for command in asked if command.text.startswith("tcpfsm copy ")],
        files=[block for block in own if block.language == "yaml" and block.text.startswith("# file: ")],
        command=asked[-1].text,
        not_yet=asked[-1].output,
        solved=[block.text for block in own if block.language == "text"][-1],
    )


def begin(found: Exercise, folder: Path) -> None:
    """Make the files of an exercise in a folder, which is the current one."""
    for command in found.copy:
        assert main(shlex.split(command)[1:]) == 0
    for block in found.files:
        path = folder / block.text.splitlines()[0].removeprefix("# file: ")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(block.text, encoding="utf-8")


def solution(number: int) -> Path:
    """Return the folder of a solution; it holds the files that differ from the start."""
    (found,) = SOLUTIONS.glob(f"{number:02}-*")
    return found


@pytest.fixture(autouse=True)
def english_afterwards() -> Iterator[None]:
    """A command in Chinese leaves the process in Chinese."""
    yield
    use("en")


@pytest.fixture(scope="session")
def starts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the starts are kept that were made."""
    return tmp_path_factory.mktemp("starts")


@pytest.fixture
def judged(
    starts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str]]:
    """Begin an exercise, let a change be made in its folder, run the command of the text; its exit code and what it says."""

    def call(number: int, change: Callable[[Path], None], language: str = "en") -> tuple[int, str]:
        monkeypatch.setenv("COLUMNS", "80")
        found = exercise(language, number)
        start = starts / f"{language}-{number}"
        if not start.exists():
            start.mkdir()
            monkeypatch.chdir(start)
            begin(found, start)
        shutil.copytree(start, tmp_path, dirs_exist_ok=True)
        monkeypatch.chdir(tmp_path)
        change(tmp_path / f"ex{number}")
        capsys.readouterr()
        code = main(shlex.split(found.command)[1:])
        printed = capsys.readouterr()
        return code, printed.out + printed.err

    return call


def nothing(_folder: Path) -> None:
    """Leave the start as it is."""


def solved(number: int) -> Callable[[Path], None]:
    """Put the solution of an exercise over its start."""
    return lambda folder: shutil.copytree(solution(number), folder, dirs_exist_ok=True) and None


def but(number: int, file: str, old: str, new: str) -> Callable[[Path], None]:
    """Put the solution over the start, and replace the one place where a text stands in a file of it."""

    def change(folder: Path) -> None:
        solved(number)(folder)
        text = (folder / file).read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{file} has {old!r} {text.count(old)} times"
        (folder / file).write_text(text.replace(old, new), encoding="utf-8")

    return change


def written(file: str, text: str) -> Callable[[Path], None]:
    """Write a file in place of what the start has."""
    return lambda folder: (folder / file).write_text(text, encoding="utf-8") and None


@pytest.mark.parametrize("number", NUMBERS)
def test_a_start_is_not_solved(number: int, judged: Callable[..., tuple[int, str]]) -> None:
    """The exit code says so, and the words are those of the text; those of the Chinese one are held to it as a document."""
    code, said = judged(number, nothing)

    assert code != 0
    assert says(exercise("en", number).not_yet).fullmatch(said)


@pytest.mark.parametrize("language", TEXTS)
@pytest.mark.parametrize("number", NUMBERS)
def test_a_solution_is_accepted(number: int, language: str, judged: Callable[..., tuple[int, str]]) -> None:
    """By exit code 0, and in the words of the text."""
    code, said = judged(number, solved(number), language)

    assert code == 0
    if not says(exercise(language, number).solved).fullmatch(said):
        assert exercise(language, number).solved == said


FIGURE, PREDICTION, TWO = "figures/half-close.yaml", "variants/any-answer.yaml", "variants/two-messages.yaml"
REPAIRS, PROPERTY, TWIN = "variants/repairs.yaml", "claims/exercise-5.yaml", "scenarios/last-words-heard.yaml"
PIGGYBACK, FEW, ENOUGH = "variants/piggyback.yaml", "scenarios/too-few.yaml", "scenarios/enough.yaml"
ARTICLE, TOKEN = "claims/article.yaml", "machine.yaml"
MINE = '"arrives implies every s in sent: s.TEXT == 0"'
SENT_AGAIN = "size(before flight(A)) == 0 and size(before flight(B)) == 0"
ASSUMED = "assumes: [time-wait-outlives-peer-retransmission]"
#: A machine whose users may never pass the token on.
REFUSED = """\
protocol: token
states: {WAITING: {means: the peer has it}, HOLDING: {means: it is here}}
calls: [PASS]
timeouts: [retransmission timeout]
reading: [{check: all, in: any-state, event: none}]
rules: [{in: HOLDING, when: retransmission timeout, to: HOLDING}]
replies: [{in: any-state, when: PASS, reply: no}]
ignored: [{in: WAITING, when: retransmission timeout}]
"""
#: Answers that are nearly right, or right only in looks, with something that the judging command says of each.
NEARLY = {
    "1 a wrong acknowledgment number": (
        1, but(1, FIGURE, "<ACK=301>", "<ACK=300>"), "figure half-close: line 5 cannot happen in the machine; 7 of its events can"
    ),
    "1 without the text": (1, but(1, FIGURE, "<DATA=1>", ""), "figure half-close: line 4 cannot happen"),
    "1 without the last line": (
        1, but(1, FIGURE, '  - "        TIME-WAIT  --> <SEQ=101><ACK=302><CTL=ACK>         --> CLOSED"\n', ""),
        "tcp/deaf-in-LAST-ACK     can happen (the claim says otherwise)",
    ),
    "1 an unknown state": (1, but(1, FIGURE, "LAST-ACK (", "LASTACK ("), "cannot happen"),
    "2 another length": (2, but(2, PREDICTION, ": 6}", ": 7}"), "violated with 6 steps, violated with 7 expected"),
    "2 another property": (
        2, but(2, PREDICTION, "acknowledged-means-delivered", "delivered-once"), "delivered-once holds, violated with 6 expected"
    ),
    "2 a prediction left out": (
        2, but(2, PREDICTION, "  - {scenario: copied, violated: {acknowledged-means-delivered: 6}}\n", ""),
        "stop-and-wait/any-answer copied: nothing is recorded for it",
    ),
    "2 no such property": (2, but(2, PREDICTION, "acknowledged-means-delivered", "delivered"), "did you mean"),
    "3 the server does not answer": (
        3, but(3, TWO, "{to: ESTABLISHED}", "{to: ESTABLISHED, snd: null}"), "good-ends               tcp/two-messages  open-undisturbed  violated"
    ),
    "3 the client believes too much": (
        3, but(3, TWO, "{in: LISTEN, when: rcv SYN,", "{in: SYN-SENT, when: rcv SYN,"), "open-undisturbed  cannot happen"
    ),
    "3 no such state": (3, but(3, TWO, "LISTEN", "LISTENING"), "did you mean LISTEN?"),
    "4 another repair taken back": (
        4, but(4, REPAIRS, "  - {in: TIME-WAIT, when: rcv RST, to be: ignored}\n", ""), "time-wait-is-honoured   tcp/repairs  time-wait-assassinated     violated"
    ),
    "4 all taken back but one that is harmless": (
        4, written(REPAIRS, "extends: tcp\nwhy: x\nchanges:\n  - {constant: RCV.WND, to be: 11}\n"), "(the claim says otherwise)"
    ),
    "4 repaired beyond what TCP can do": (
        4, but(4, REPAIRS, "to be: ignored}\n", "to be: ignored}\n  - {define: acks-something-new, to be: SND.UNA < SEG.ACK < SND.NXT}\n"),
        "good-ends               tcp/repairs  open-undisturbed           violated",
    ),
    "5 always violated": (5, but(5, PROPERTY, MINE, '"false"'), "in-order   violated, 1 step (the claim says otherwise)"),
    "5 never violated": (5, but(5, PROPERTY, MINE, '"true"'), "apprentice  in-order   holds"),
    "5 one answer to a segment": (
        5, but(5, PROPERTY, MINE, '"arrives implies size(sent) =< 1"'), "apprentice  in-order   holds, 112 states exhausted (the claim says otherwise)"
    ),
    "6 nothing assumed": (6, but(6, TWIN, ASSUMED, "assumes: []"), "last-words-heard  violated, 7 steps"),
    "6 another assumption": (
        6, but(6, TWIN, ASSUMED, "assumes: [time-wait-outlives-segments]"), "last-words-heard  violated"
    ),
    "6 nothing can be lost": (
        6, but(6, TWIN, "loss: 1", "loss: 0"), "last-ack-can-be-lost  tcp  last-words-heard  cannot happen"
    ),
    "6 another story": (
        6, but(6, TWIN, ASSUMED, "assumes: [both-close-first]"), "last-ack-can-be-lost  tcp  last-words-heard  cannot happen"
    ),
    "6 TIME-WAIT lasts for ever": (
        6, but(6, TWIN, "time-wait timeout: unlimited", "time-wait timeout: 0"), "time-wait-can-end     tcp  last-words-heard  cannot happen"
    ),
    "6 a smaller network in place of an assumption": (
        6, but(6, TWIN, "capacity: 2, loss: 1}\n" + ASSUMED, "capacity: 1, loss: 1}"), "(the claim says otherwise)"
    ),
    "7 the text behind an acknowledgment is not read": (
        7, but(7, PIGGYBACK, ", then: continue", ""), "one-segment-does-both         stop-and-wait/piggyback  conversation  cannot happen"
    ),
    "7 an acknowledgment names what arrived": (
        7, but(7, PIGGYBACK, "SEG.ACK == SND + 1", "SEG.ACK == SND"), "(the claim says otherwise)"
    ),
    "7 pure acknowledgments are read as texts": (
        7, but(7, PIGGYBACK, "if: SEG.TEXT > 0 and SEG.SEQ == RCV", "if: SEG.SEQ == RCV"), "SEQ"
    ),
    "8 the window of two": (
        8, lambda folder: [but(8, FEW, "modulus: 3\nconstants: {WINDOW: 3}", "modulus: 2\nconstants: {WINDOW: 2}")(folder), None][1],
        "three-at-once       go-back-n  too-few  cannot happen",
    ),
    "8 a network that copies": (8, but(8, FEW, "capacity: 6", "capacity: 6, duplication: 1"), "undisturbed         go-back-n  too-few  violated"),
    "8 more numbers than are needed": (8, but(8, ENOUGH, "modulus: 4", "modulus: 5"), "one-number-is-left  go-back-n  enough   violated"),
    "9 always violated": (9, but(9, ARTICLE, f"then: {SENT_AGAIN}", 'then: "false"'), "exercise-9: wrong, true under an assumption was recorded"),
    "9 only of messages": (9, but(9, ARTICLE, SENT_AGAIN, "size(before flight(B)) == 0"), "exercise-9: wrong"),
    "9 only of acknowledgments": (9, but(9, ARTICLE, SENT_AGAIN, "size(before flight(A)) == 0"), "exercise-9: wrong"),
    "9 a verdict that is not so": (9, but(9, ARTICLE, "verdict: wrong", "verdict: true"), "as-printed: wrong, true was recorded"),
    "9 no verdict": (
        9, but(9, ARTICLE, "verdict: wrong", "verdict: undecidable"), "a claim is undecidable if and only if it asks nothing"
    ),
    "10 a token that never moves": (
        10, but(10, TOKEN, "  - {in: HOLDING, when: PASS, set: {turn: turn + 1}, snd: TOKEN, to: PASSING}\n", ""), "PASS"
    ),
    "10 a PASS that is refused": (
        10,
        written(TOKEN, REFUSED),
        "there-and-back",
    ),
    "10 an acknowledgment is waited for": (10, but(10, TOKEN, "in: [WAITING, PASSING], if: TOKEN", "in: WAITING, if: TOKEN"), "PASSING / rcv TOKEN"),
    "10 an old token is not answered": (
        10, but(10, TOKEN, "  - {in: any-state, when: rcv old TOKEN, snd: ACK}\n", ""), "rcv old TOKEN"
    ),
    "10 a token without a number": (10, but(10, TOKEN, "if: TOKEN and SEG.TURN == turn + 1", "if: TOKEN"), "one-token is violated"),
}  # fmt: skip


@pytest.mark.parametrize("name", NEARLY)
def test_what_only_looks_like_a_solution_is_refused(name: str, judged: Callable[..., tuple[int, str]]) -> None:
    """And the command says what is wrong with it."""
    number, change, words = NEARLY[name]
    code, said = judged(number, change)

    assert code != 0
    assert words in said


def test_every_exercise_has_an_answer_that_is_nearly_right() -> None:
    """Two at least."""
    tried = [number for number, _, _ in NEARLY.values()]

    assert all(tried.count(number) >= 2 for number in NUMBERS)


def test_a_solution_holds_only_files_that_differ_from_the_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever else would be in it, nobody would look at."""
    monkeypatch.chdir(tmp_path)
    for number in NUMBERS:
        begin(exercise("en", number), tmp_path)
        for path in solution(number).rglob("*.yaml"):
            start = tmp_path / f"ex{number}" / path.relative_to(solution(number))
            assert not start.exists() or start.read_text(encoding="utf-8").split("\n", 1)[1] != path.read_text(encoding="utf-8"), path


def test_no_solution_stands_in_a_text() -> None:
    """Neither in the English nor in the Chinese one: not a line of a solution that the start does not have."""
    for number in NUMBERS:
        begun = "\n".join(block.text for block in exercise("en", number).files)
        answers = {
            line.strip() for path in solution(number).rglob("*.yaml") for line in path.read_text(encoding="utf-8").splitlines()
            if line.strip() and line not in begun.splitlines() and not re.match(r"\s*(#|says:|why:|title:|because:|kind: step|for: each end)", line)
        }  # fmt: skip
        for language in TEXTS:
            assert not answers & {line.strip() for line in exercise(language, number).lines}, number


def test_both_texts_begin_the_same_exercises() -> None:
    """The same copies, the same files, the same commands but for the language; what people read may differ."""
    for number in NUMBERS:
        english, chinese = exercise("en", number), exercise("zh", number)
        assert chinese.copy == [f"{command} --lang zh" for command in english.copy]
        assert chinese.command == f"{english.command} --lang zh"
        assert [_dry(block.text) for block in chinese.files] == [_dry(block.text) for block in english.files]


def _dry(text: str) -> list[str]:
    """Return the lines of a file without those that are for people."""
    return [line for line in text.splitlines() if not re.match(r"\s*(says|why|title|because):", line)]


# ---- the course repository -------------------------------------------------------------------------------------------

COURSE = ROOT / "docs" / "coursework" / "course"


@pytest.fixture
def graded(tmp_path: Path) -> Callable[[str | None], tuple[int, str, int]]:
    """Grade a machine as the course repository does, or its start; the exit code, the output, and the points in the XML."""

    def call(machine: str | None) -> tuple[int, str, int]:
        folder = tmp_path / "repository"
        shutil.copytree(COURSE, folder, ignore=shutil.ignore_patterns("__pycache__", ".*"))
        if machine is not None:
            (folder / "token" / "machine.yaml").write_text(machine, encoding="utf-8")
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--junitxml=points.xml"]
        # Where CI is set, pytest repeats every message in its summary.
        environment = {name: value for name, value in os.environ.items() if name != "CI"} | {"PYTHONPATH": str(ROOT)}
        done = subprocess.run(
            command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8", check=False
        )
        earned = 0
        for case in ET.parse(folder / "points.xml").iter("testcase"):  # noqa: S314  # pytest wrote it just now
            points = [int(found.attrib["value"]) for found in case.iter("property") if found.attrib["name"] == "points"]
            earned += 0 if case.find("failure") is not None else sum(points)
        return done.returncode, done.stdout, earned

    return call


def test_the_start_of_the_course_repository_earns_as_many_points_as_it_says(graded: Callable[..., tuple[int, str, int]]) -> None:
    """Its README does; and what is missing is drawn."""
    code, said, earned = graded(None)
    (written_points,) = re.findall(r"^Points: (\d+) of 20$", (COURSE / "README.md").read_text(encoding="utf-8"), re.MULTILINE)

    assert code == 1
    assert f"Points: {earned} of 20" in said
    assert earned == int(written_points)
    assert 0 < earned < 20
    assert "one-token in for-ever: violated\nThe two ends never hold the token at once.\n" in said
    assert "(violation)" in said


def test_a_solution_earns_all_points(graded: Callable[..., tuple[int, str, int]]) -> None:
    """The one of exercise 10."""
    code, said, earned = graded((solution(10) / "machine.yaml").read_text(encoding="utf-8"))

    assert (code, earned) == (0, 20)
    assert "Points: 20 of 20" in said


def test_a_token_that_never_moves_earns_nothing(graded: Callable[..., tuple[int, str, int]]) -> None:
    """Though it breaks no promise."""
    code, said, earned = graded(REFUSED)

    assert (code, earned) == (1, 0)
    assert "there-and-back in for-ever: violated" in said
    assert "Points: 0 of 20" in said


def test_a_machine_with_a_mistake_earns_nothing_and_is_told_where_it_is(graded: Callable[..., tuple[int, str, int]]) -> None:
    """Once, as the tool tells it, and not for every test."""
    machine = (COURSE / "token" / "machine.yaml").read_text(encoding="utf-8").replace("to: WAITING}", "to: WAITNG}")
    code, said, earned = graded(machine)

    assert (code, earned) == (1, 0)
    assert said.count("did you mean WAITING?") == 1


def test_a_search_without_end_earns_nothing_for_what_it_leaves_open(graded: Callable[..., tuple[int, str, int]]) -> None:
    """A count in place of a sequence number grows for ever; what is violated within the limits is violated."""
    text = (solution(10) / "machine.yaml").read_text(encoding="utf-8")
    machine = text.replace("turn: {is: sequence", "turn: {is: count").replace("TURN: sequence", "TURN: count")
    assert machine != text
    code, said, earned = graded(machine)

    assert code == 1
    assert 0 < earned < 20
    assert "in for-ever: inconclusive" in said


def test_the_question_of_the_course_repository_is_that_of_the_text() -> None:
    """File by file."""
    files = {block.text.split("\n", 1)[0].removeprefix("# file: ex10/"): block.text.split("\n", 1)[1] for block in exercise("en", 10).files}

    assert {path.relative_to(COURSE / "grading").as_posix(): path.read_text(encoding="utf-8") for path in (COURSE / "grading").rglob("*.yaml")} == files
