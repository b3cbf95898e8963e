"""The coursework: no start counts as solved, every solution does, and what only looks like one does not.

The files of an exercise are made as its text says, by its own commands and from its own blocks.
"""

from __future__ import annotations

import contextlib
import importlib.util
import io
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tcpfsm.cli.main import main
from tcpfsm.errors import SpecError
from tcpfsm.i18n.language import use
from tcpfsm.loader.source import SourceFile, parse
from tests.test_docs import ROOT, Block, blocks, commands, says

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

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
        # Of what takes long, standard error says how long; whether it does is for the machine to say, not for the text.
        code = main([*shlex.split(found.command)[1:], "--no-progress"])
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


@pytest.mark.parametrize("language", TEXTS)
@pytest.mark.parametrize("number", NUMBERS)
def test_a_start_is_not_solved(number: int, language: str, judged: Callable[..., tuple[int, str]]) -> None:
    """The exit code says so, and the words are those of the text; the reason of the right answer is not among them."""
    code, said = judged(number, nothing, language)

    assert code != 0
    assert says(exercise(language, number).not_yet).fullmatch(said)
    for block in exercise(language, number).files:
        _, found, question = block.text.partition(f"  exercise-{number}:\n")
        if found:
            (because,) = re.findall(r"^    because: (.*)$", question, re.MULTILINE)
            assert because[:12] not in said


@pytest.mark.parametrize("language", TEXTS)
@pytest.mark.parametrize("number", NUMBERS)
def test_a_solution_is_accepted(number: int, language: str, judged: Callable[..., tuple[int, str]]) -> None:
    """By exit code 0, and in the words of the text."""
    code, said = judged(number, solved(number), language)

    assert code == 0
    if not says(exercise(language, number).solved).fullmatch(said):
        assert exercise(language, number).solved == said


FIGURE, PREDICTION, TWO = "figures/half-close.yaml", "variants/any-answer.yaml", "variants/two-messages.yaml"
REPAIRS, PROPERTY, TWIN = "variants/repairs.yaml", "claims/my-property.yaml", "scenarios/last-words-heard.yaml"
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
        "tcp/deaf-in-LAST-ACK     can happen (wanted: cannot happen)",
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
        4, written(REPAIRS, "extends: tcp\nwhy: x\nchanges:\n  - {constant: RCV.WND, to be: 11}\n"), "(wanted: "
    ),
    "4 repaired beyond what TCP can do": (
        4, but(4, REPAIRS, "to be: ignored}\n", "to be: ignored}\n  - {define: acks-something-new, to be: SND.UNA < SEG.ACK < SND.NXT}\n"),
        "good-ends               tcp/repairs  open-undisturbed           violated",
    ),
    "5 always violated": (5, but(5, PROPERTY, MINE, '"false"'), "in-order   violated, 1 step (wanted: holds)"),
    "5 never violated": (5, but(5, PROPERTY, MINE, '"true"'), "apprentice  in-order   holds"),
    "5 one answer to a segment": (
        5, but(5, PROPERTY, MINE, '"arrives implies size(sent) =< 1"'), "apprentice  in-order   holds, 112 states exhausted (wanted: violated)"
    ),
    "5 a misspelt word": (
        5, but(5, PROPERTY, MINE, "\"every (a, why, b) in changes: why not in {'rcv old ACKK'}\""), "'why' is never 'rcv old ACKK'"
    ),
    "5 a misspelt word that is not compared itself": (
        5, but(5, PROPERTY, MINE, "\"every word in {'SEND', 'SENT'}: action != word\""), "nothing here can be 'SENT'"
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
        6, but(6, TWIN, "capacity: 2, loss: 1}\n" + ASSUMED, "capacity: 1, loss: 1}"), "(wanted: "
    ),
    "7 the text behind an acknowledgment is not read": (
        7, but(7, PIGGYBACK, ", then: continue", ""), "one-segment-does-both         stop-and-wait/piggyback  conversation  cannot happen"
    ),
    "7 an acknowledgment names what arrived": (
        7, but(7, PIGGYBACK, "SEG.ACK == SND + 1", "SEG.ACK == SND"), "(wanted: "
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
    "9 always violated": (9, but(9, ARTICLE, f"then: {SENT_AGAIN}", 'then: "false"'), "exercise-9: not solved yet"),
    "9 only of messages": (9, but(9, ARTICLE, SENT_AGAIN, "size(before flight(B)) == 0"), "exercise-9: not solved yet"),
    "9 only of acknowledgments": (9, but(9, ARTICLE, SENT_AGAIN, "size(before flight(A)) == 0"), "exercise-9: not solved yet"),
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


#: The first of each exercise: enough where the files are the same, and only the language or the way there is another one.
FIRST = list({number: name for name, (number, _, _) in reversed(NEARLY.items())}.values())


@pytest.mark.parametrize("name", NEARLY)
def test_what_only_looks_like_a_solution_is_refused(name: str, judged: Callable[..., tuple[int, str]]) -> None:
    """And the command says what is wrong with it."""
    number, change, words = NEARLY[name]
    code, said = judged(number, change)

    assert code != 0
    assert words in said


@pytest.mark.parametrize("name", FIRST)
def test_it_is_refused_in_chinese_too(name: str, judged: Callable[..., tuple[int, str]]) -> None:
    """The files of both texts differ in what people read alone, so one of each exercise shows it."""
    number, change, _ = NEARLY[name]
    code, said = judged(number, change, "zh")

    assert code != 0
    assert re.search("[\u4e00-\u9fff]", said)


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


# ---- the grader --------------------------------------------------------------------------------------------------------

COURSE = ROOT / "docs" / "coursework" / "course"
GRADER = COURSE / "grade.py"
TASKS = tomllib.loads((COURSE / "tasks.toml").read_text(encoding="utf-8"))
EXERCISES = {one["folder"]: one for one in TASKS["exercise"]}


def as_module(path: Path) -> Any:
    """Load the grader, to look at what it prepares without running anything."""
    spec = importlib.util.spec_from_file_location("grade", path)
    assert spec is not None
    assert spec.loader is not None
    found = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    return found


GRADE = as_module(GRADER)


@pytest.fixture(scope="session")
def copies(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The protocols that the exercises copy, each in a folder of its name."""
    folder = tmp_path_factory.mktemp("copies")
    for name in {one["copy"] for one in EXERCISES.values() if "copy" in one}:
        assert main(["copy", name, str(folder / name)]) == 0
    return folder


@pytest.fixture(scope="session")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All exercises as the English text begins them."""
    folder = tmp_path_factory.mktemp("begun")
    before = Path.cwd()
    os.chdir(folder)
    try:
        for number in NUMBERS:
            begin(exercise("en", number), folder)
    finally:
        os.chdir(before)
    return folder


@pytest.fixture
def submission(begun: Path, tmp_path: Path) -> Callable[..., Path]:
    """Make a submission of some exercises, solved or as they begin."""

    def make(*numbers: int, is_solved: bool = True) -> Path:
        folder = tmp_path / "submission"
        for number in numbers:
            shutil.copytree(begun / f"ex{number}", folder / f"ex{number}")
            if is_solved:
                solved(number)(folder / f"ex{number}")
            elif number == 10:
                shutil.copy(COURSE / "questions" / "ex10" / "machine.yaml", folder / "ex10")
        return folder

    return make


class Graded(NamedTuple):
    """What the grader said: the exit code, what was printed, and the results."""

    code: int
    said: str
    results: dict[str, Any]

    def points(self) -> tuple[float, float]:
        """Return what was earned, and what could be."""
        return sum(test["score"] for test in self.results["tests"]), sum(test["max_score"] for test in self.results["tests"])


def run_grader(folder: Path, *options: str, grader: Path = GRADER, cwd: Path | None = None) -> Graded:
    """Grade a folder as its README says, by default from within the student's own folder."""
    results = folder.parent / "results.json"
    command = [sys.executable, "-P", str(grader), str(folder), "-o", str(results), *options]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        command, cwd=cwd or folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8", check=False
    )
    found = json.loads(results.read_text(encoding="utf-8")) if results.exists() else {"tests": []}
    return Graded(done.returncode, done.stdout, found)


def only(number: int) -> tuple[str, str]:
    """Return the options that grade one exercise."""
    return ("--only", f"ex{number}")


def test_every_solution_earns_all_points(submission: Callable[..., Path]) -> None:
    """A hundred, and each task its own."""
    found = run_grader(submission(*NUMBERS), "--strict")

    assert found.points() == (100, 100), found.said
    assert (found.code, found.results["score"], found.results["output"]) == (0, 100, "Points: 100 of 100")
    assert {test["status"] for test in found.results["tests"]} == {"passed"}


def test_what_the_students_begin_with_earns_as_many_points_as_the_course_says(submission: Callable[..., Path]) -> None:
    """None in the first nine; and what is missing is told, but not why the right answer is right."""
    found = run_grader(submission(*NUMBERS, is_solved=False))
    (written_points,) = re.findall(r"^Points: (\d+) of 100$", (COURSE / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    tests = found.results["tests"]

    assert found.code == 0
    assert found.points() == (int(written_points), 100)
    assert all(test["score"] == 0 for test in tests if not test["name"].startswith("10. "))
    assert all(test.keys() == {"name", "score", "max_score", "status", "output"} for test in tests)
    by_name = {test["name"]: test["output"] for test in tests}
    assert "(wanted: violated)" in by_name["3. Two messages"]
    assert "exercise-9: not solved yet" in by_name["9. Judge a sentence"]
    assert "(violation)" in by_name["10. A token: one-token in for-ever"]
    for number in (1, *range(3, 10)):
        (text,) = [block.text for block in exercise("en", number).files if f"  exercise-{number}:\n" in block.text]
        (because,) = re.findall(r"^    because: (.*)$", text[text.index(f"  exercise-{number}:") :], re.MULTILINE)
        assert because not in found.said


def test_points_that_are_missing_are_an_exit_code_only_if_asked_for(submission: Callable[..., Path]) -> None:
    """What was graded was graded; a pipeline may want to know."""
    folder = submission(3, is_solved=False)

    assert run_grader(folder, *only(3)).code == 0
    assert run_grader(folder, *only(3), "--strict").code == 1


@pytest.mark.parametrize("options", [("--only", "ex11"), ("nowhere",)])
def test_the_grader_refuses_what_it_does_not_know(submission: Callable[..., Path], options: tuple[str, ...]) -> None:
    """An exercise that there is not, one folder too many."""
    assert run_grader(submission(3), *options).code == 2


def files_of(folder: Path) -> dict[str, bytes]:
    """Return what stands in a folder, by path."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def within(copies: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the grader run its commands within this process, and copy what was copied once; it is given and told the same."""

    def run(arguments: Sequence[str], course: dict[str, Any], place: Path) -> tuple[int, str]:
        if arguments[0] == "copy":
            shutil.copytree(copies / arguments[1], place / arguments[2])
            return 0, ""
        out, err = io.StringIO(), io.StringIO()
        before = Path.cwd()
        os.chdir(place)
        try:
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
                code = main([*arguments, "--lang", course["language"]])
        finally:
            os.chdir(before)
        return code, (out if code in GRADE.SETTLED else err).getvalue()

    monkeypatch.setattr(GRADE, "tcpfsm", run)


def graded(folder: Path, number: int) -> list[dict[str, Any]]:
    """Grade an exercise of a submission within this process."""
    found: list[dict[str, Any]] = GRADE.grade(EXERCISES[f"ex{number}"], TASKS, folder)
    return found


@pytest.fixture
def clean(tmp_path: Path, within: None) -> Callable[[str, Path], dict[str, bytes]]:
    """Prepare an exercise of a submission; the files that are then judged."""
    del within

    def prepare(name: str, folder: Path) -> dict[str, bytes]:
        made = tmp_path / f"clean-{len(list(tmp_path.iterdir()))}"
        made.mkdir()
        GRADE.prepare(EXERCISES[name], TASKS, folder, made)
        return files_of(made / name)

    return prepare


@pytest.mark.parametrize("number", NUMBERS)
def test_whatever_is_not_the_students_is_put_back(
    number: int, submission: Callable[..., Path], clean: Callable[[str, Path], dict[str, bytes]]
) -> None:
    """Each file of an exercise is tampered with in its turn, and so is what stands beside the student's part of a file."""
    folder, name = submission(number), f"ex{number}"
    answers = EXERCISES[name]["answers"]
    honest = clean(name, folder)
    whole = {file for file, keys in answers.items() if not keys}
    tampered = 0
    for path in sorted((folder / name).rglob("*.yaml")):
        file = path.relative_to(folder / name).as_posix()
        if file in whole:
            continue
        if file in answers:
            blocks_of = GRADE.parts(path.read_text(encoding="utf-8"))
            theirs = [text for key, text in blocks_of if key in answers[file]]
            path.write_text("".join(theirs) + "title: mine\nnetwork: {capacity: 1, loss: 0}\nextends: nothing\nwithout: [quiet]\n", encoding="utf-8")
        else:
            path.write_text("tampered: with\n", encoding="utf-8")
        tampered += 1
        assert clean(name, folder) == honest, file
    assert tampered >= len(honest) - len(answers)


@pytest.mark.parametrize("number", NUMBERS)
def test_what_is_judged_is_the_start_of_the_text_but_for_the_answer(
    number: int, submission: Callable[..., Path], begun: Path, clean: Callable[[str, Path], dict[str, bytes]]
) -> None:
    """The folder that is judged has the files that the text makes, the same ones, and the student's."""
    found = clean(f"ex{number}", submission(number))
    start = {file: data for file, data in files_of(begun / f"ex{number}").items() if file not in EXERCISES[f"ex{number}"]["answers"]}
    named = {file: data.split(b"\n", 1)[1] if data.startswith(b"# file: ") else data for file, data in start.items()}

    assert {file: data for file, data in found.items() if file in named} == named
    assert found.keys() - named.keys() == EXERCISES[f"ex{number}"]["answers"].keys()


@pytest.mark.parametrize("language", TEXTS)
@pytest.mark.parametrize("number", NUMBERS)
def test_a_text_names_what_is_the_students_and_what_is_put_back(number: int, language: str) -> None:
    """Every file of the exercise is one or the other, or has a part of each, as the list of tasks has it."""
    paragraphs = "\n".join(exercise(language, number).lines).split("\n\n")
    yours, back = (
        next(text for text in paragraphs if text.startswith(f"**{word}"))
        for word in (("Yours.", "Put back when graded.") if language == "en" else ("由你写。", "评分时放回。"))
    )
    answers = EXERCISES[f"ex{number}"]["answers"]
    files = {block.text.split("\n", 1)[0].removeprefix(f"# file: ex{number}/") for block in exercise(language, number).files}
    quoted = re.compile(r"`([^`]+)`")

    assert set(quoted.findall(yours)) == {*answers, *(key for keys in answers.values() for key in keys)}
    assert set(quoted.findall(back)) - {"tcpfsm copy"} == {
        *(files - answers.keys()), *(file for file, keys in answers.items() if keys),
    }  # fmt: skip
    assert ("`tcpfsm copy`" in back) == ("copy" in EXERCISES[f"ex{number}"])


def test_the_questions_of_the_course_are_those_of_the_text() -> None:
    """File by file; the first attempt at exercise 10 is the only one besides."""
    files = {
        name.removeprefix("# file: "): rest
        for number in NUMBERS
        for name, rest in (block.text.split("\n", 1) for block in exercise("en", number).files)
    }
    found = {path.relative_to(COURSE / "questions").as_posix(): path.read_text(encoding="utf-8") for path in (COURSE / "questions").rglob("*.yaml")}

    assert found.pop("ex10/machine.yaml")
    assert found == files


@pytest.mark.parametrize("number", NUMBERS)
def test_the_command_of_a_task_is_the_one_of_the_text(number: int) -> None:
    """But for its limits, and that it asks for JSON."""
    (command,) = {task["command"] for task in EXERCISES[f"ex{number}"]["task"]}
    plain = re.sub(r" --(?:format|max-states|time-limit|memory-limit) \S+", "", command)

    assert f"tcpfsm {plain}" == exercise("en", number).command
    assert EXERCISES[f"ex{number}"].get("copy", "") == "".join(shlex.split(text)[2] for text in exercise("en", number).copy)


# ---- attacks on the grader -----------------------------------------------------------------------------------------------

CHEAT = "import pathlib\npathlib.Path({marker!r}).write_text('ran')\n"
#: What Python, pytest, pip and shells would run of their own accord, if it lay in the current folder or on the path.
RUN_BY_ITSELF = (
    "conftest.py", "sitecustomize.py", "usercustomize.py", "test_mine.py", "setup.py", "grade.py", "json.py", "tomllib.py", "argparse.py",
    "tcpfsm.py", "tcpfsm/__init__.py", "tcpfsm/__main__.py", "checker/__init__.py", "yaml.py", "yaml/__init__.py", "networkx.py", "transitions.py",
)  # fmt: skip


def test_nothing_of_the_students_is_run(submission: Callable[..., Path], tmp_path: Path) -> None:
    """Whatever it is called and wherever it lies; and no setting of a tool is read."""
    folder, marker = submission(3, is_solved=False), tmp_path / "ran"
    for place in (folder, folder / "ex3", folder / "ex3" / "variants"):
        for name in RUN_BY_ITSELF:
            (place / name).parent.mkdir(exist_ok=True)
            (place / name).write_text(CHEAT.format(marker=str(marker)), encoding="utf-8")
        (place / "cheat.pth").write_text(f"import pathlib; pathlib.Path({str(marker)!r}).write_text('ran')\n", encoding="utf-8")
        (place / "pytest.ini").write_text("[pytest]\naddopts = -p conftest\n", encoding="utf-8")
        (place / "pyproject.toml").write_text('[tool.pytest.ini_options]\naddopts = "-p conftest"\n', encoding="utf-8")
        (place / "requirements.txt").write_text("./ex3\n", encoding="utf-8")
        (place / "tasks.toml").write_text("exercise = []\n", encoding="utf-8")
        (place / "pyvenv.cfg").write_text("home = .\n", encoding="utf-8")
    found = run_grader(folder, *only(3))

    assert not marker.exists()
    assert found.points() == (0, 5), found.said


def test_another_folder_with_the_name_of_a_protocol_is_not_copied(submission: Callable[..., Path]) -> None:
    """A folder tcp of the student's goes before what is shipped, in the student's own folder alone."""
    folder = submission(4, is_solved=False)
    shutil.copytree(folder / "ex4", folder / "tcp")
    (folder / "tcp" / "scenarios" / "old-syn-and-old-ack.yaml").write_text("says: Nothing is planted.\n", encoding="utf-8")

    assert run_grader(folder, *only(4)).points() == (0, 10)


def test_a_scenario_without_its_planted_segments_is_put_back(
    submission: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It makes the question of exercise 4 easy in the student's folder, with the claim as it was, and earns nothing."""
    folder = submission(4, is_solved=False)
    scenario = folder / "ex4" / "scenarios" / "old-syn-and-old-ack.yaml"
    text = scenario.read_text(encoding="utf-8")
    harmless = re.sub(r"\n +planted:\n(?: +- .*\n)+", "\n", text)
    assert harmless != text
    scenario.write_text(harmless, encoding="utf-8")
    monkeypatch.chdir(folder)

    assert main(["claims", "ex4/exercise-4"]) == 0
    assert run_grader(folder, *only(4)).points() == (0, 10)


def beside(file: str, text: str) -> Callable[[Path], None]:
    """Put a file besides into a folder."""

    def change(folder: Path) -> None:
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).write_text(text, encoding="utf-8")

    return change


def appended(file: str, text: str) -> Callable[[Path], None]:
    """Write something at the end of a file, which has no line end of its own."""

    def change(folder: Path) -> None:
        found = (folder / file).read_text(encoding="utf-8").rstrip("\n")
        (folder / file).write_text(found + text, encoding="utf-8", newline="")

    return change


def replaced(file: str, old: str, new: str) -> Callable[[Path], None]:
    """Replace the one place where a text stands in a file."""

    def change(folder: Path) -> None:
        text = (folder / file).read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{file} has {old!r} {text.count(old)} times"
        (folder / file).write_text(text.replace(old, new), encoding="utf-8")

    return change


#: A variant that keeps what it is of: TCP as it is, with a constant of no consequence.
HARMLESS = "extends: tcp\nwhy: x\nchanges:\n  - {constant: RCV.WND, to be: 11}\n"
FAKE_PROTOCOL = "extends: ../evil\nwhy: x\nchanges:\n  - {constant: OCTETS, to be: 2}\n"
#: A token that A gives away and takes back by itself, and that B never has: no promise is broken.
ALONE = """\
protocol: token
states: {WAITING: {means: the peer has it}, HOLDING: {means: it is here}}
calls: [PASS]
timeouts: [retransmission timeout]
offered: {retransmission timeout: WAITING}
variables: {mine: {is: flag, starts: false, lasts: for-ever}}
reading: [{check: all, in: any-state, event: none}]
rules:
  - {in: HOLDING, when: PASS, set: {mine: true}, to: WAITING}
  - {in: WAITING, when: retransmission timeout, if: mine, to: HOLDING}
  - {in: WAITING, when: retransmission timeout, otherwise: true}
replies: [{in: WAITING, when: PASS, reply: no}]
"""
#: Attacks on the start of an exercise: what is done to the student's folder. None earns a point.
ATTACKS = {
    "1 another beginning": (1, beside(FIGURE, "A: {start: {state: CLOSED}}\nB: {start: {state: CLOSED}}\nlines:\n  - CLOSED | CLOSED\n")),
    "1 a scenario behind the lines": (1, appended(FIGURE, "\nnetwork: {capacity: 3}\n")),
    "1 a key behind a rare line end": (1, appended(FIGURE, "\x85without: [quiet]\u2028order: sides\n")),
    "1 a second document": (1, appended(FIGURE, "\n---\nlines: [CLOSED | CLOSED]\n")),
    "1 the variant that is to refuse it": (1, beside("variants/half-duplex-close.yaml", HARMLESS)),
    "1 the claim": (1, replaced("claims/exercise-1.yaml", "half-duplex-close, answer: violated", "half-duplex-close, answer: holds")),
    "2 a variant that does nothing": (2, replaced(PREDICTION, "check: our number, to be: {if: ACK}", "constant: X, to be: 1")),
    "2 a network that copies nothing": (2, replaced("scenarios/copied.yaml", "duplication: 1", "duplication: 0")),
    "2 the properties": (2, beside("properties.yaml", "properties: {}\n")),
    "2 an expectation without a length": (
        2, replaced(PREDICTION, "{scenario: copied, violated: {}}", "{scenario: copied, violated: {acknowledged-means-delivered: none}}")
    ),
    "2 expectations of both answers": (
        2, appended(PREDICTION, "\n  - {scenario: copied, violated: {acknowledged-means-delivered: 6}}\n")
    ),
    "2 nothing is expected": (2, replaced(PREDICTION, "  - {scenario: copied, violated: {}}\n", "")),
    "2 a slow variant is left out": (2, appended(PREDICTION, "\nslow: true\n")),
    "3 a protocol of one's own": (3, lambda folder: [beside("evil/machine.yaml", "x: y\n")(folder), beside(TWO, FAKE_PROTOCOL)(folder), None][-1]),
    "3 an absolute path": (3, replaced(TWO, "extends: tcp", "extends: /tmp/evil")),
    "3 one end alone": (3, appended(TWO, "\napplies: A\n")),
    "3 a hidden variant": (3, beside("variants/.two-messages.yaml", HARMLESS)),
    "3 the scenario": (3, beside("scenarios/delayed-syn.yaml", "says: x\nA: {calls: {active OPEN: 1}}\nB: {calls: {passive OPEN: 1}}\n")),
    "3 a property": (3, beside("claims/two.yaml", "properties: {no-stale-connection: {says: x, kind: always, then: 'false'}}\n")),
    "4 the claim": (4, replaced("claims/exercise-4.yaml", "old-syn-and-old-ack, variant: repairs", "old-syn-and-old-ack")),
    "4 all repairs taken back": (4, beside(REPAIRS, HARMLESS)),
    "4 the same scenario under another name": (4, beside("scenarios/old-syn-and-old-ack.yml", "says: x\n")),
    "5 the claim": (5, replaced("claims/exercise-5.yaml", "apprentice, answer: violated", "apprentice")),
    "5 a claim of the same name": (
        5, appended(PROPERTY, "\nclaims:\n  exercise-5: {says: x, verdict: true, because: y, asks: [{property: my-property, in: in-order}]}\n")
    ),
    "5 a property of the protocol again": (5, appended(PROPERTY, "\n  delivered-once: {says: x, kind: always, then: 'true'}\n")),
    "5 the machine": (5, beside("machine.yaml", "protocol: stop-and-wait\n")),
    "6 a smaller network": (6, replaced(TWIN, "capacity: 2, loss: 1", "capacity: 1, loss: 0")),
    "6 an assumption of one's own": (
        6, lambda folder: [
            beside(TWIN, "assumes: [mine]\n")(folder),
            beside("properties.yaml", "assumptions: {mine: {says: x, step: lose, only-if: 'false'}}\n")(folder), None,
        ][-1]
    ),
    "7 nothing is lost": (7, replaced("scenarios/conversation.yaml", "loss: unlimited, duplication: unlimited", "loss: 0")),
    "8 a network that copies": (8, replaced(FEW, "capacity: 6", "capacity: 6, duplication: 1")),
    "8 a number that is none": (8, replaced(FEW, "modulus: 8", "modulus: 99999999999999999999")),
    "9 claims that ask something else": (
        9, lambda folder: beside(
            ARTICLE, (folder / ARTICLE).read_text(encoding="utf-8").replace("in: patient}", "in: patient, answer: violated}").replace("verdict: true", "verdict: wrong")
        )(folder)
    ),
    "9 the question under the name of the article": (9, lambda folder: shutil.copy(folder / "claims" / "exercise-9.yaml", folder / ARTICLE) and None),
    "10 a token that never moves": (10, beside(TOKEN, REFUSED)),
    "10 other properties": (10, lambda folder: [beside("properties.yaml", "properties: {}\n")(folder), beside(TOKEN, REFUSED)(folder), None][-1]),
    "10 another protocol": (10, beside(TOKEN, REFUSED.replace("protocol: token", "protocol: tcp"))),
    "10 a token that B never has": (10, beside(TOKEN, ALONE)),
    "10 no machine": (10, lambda _folder: None),
}  # fmt: skip


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_earns_nothing(
    name: str, submission: Callable[..., Path], begun: Path, clean: Callable[[str, Path], dict[str, bytes]]
) -> None:
    """Not a point, and no traceback. Where what is judged is the start of the exercise, it is unsolved as that is."""
    number, change = ATTACKS[name]
    folder = submission(number, is_solved=False)
    (folder / "ex10" / TOKEN).unlink(missing_ok=True)
    change(folder / f"ex{number}")
    with contextlib.suppress(GRADE.RefusedError, FileNotFoundError):
        if clean(f"ex{number}", folder) == clean(f"ex{number}", begun):
            return
    found = graded(folder, number)

    assert [test["score"] for test in found] == [0] * len(EXERCISES[f"ex{number}"]["task"])
    assert "Traceback" not in found[0]["output"]
    assert found[0]["output"]


#: What is nearly right because of something that is put back, beside a right answer.
PUT_BACK = ["6 nothing can be lost", "6 TIME-WAIT lasts for ever", "8 a network that copies"]


@pytest.mark.parametrize("name", [*FIRST, *PUT_BACK])
@pytest.mark.usefixtures("within")
def test_what_only_looks_like_a_solution_earns_not_all_points(name: str, submission: Callable[..., Path]) -> None:
    """Unless what was wrong with it is not the student's, and was put back."""
    number, change, _ = NEARLY[name]
    folder = submission(number)
    change(folder / f"ex{number}")
    found = graded(folder, number)

    assert all(test["score"] == test["max_score"] for test in found) == (name in PUT_BACK)


def link(folder: Path, file: str, target: Path) -> None:
    """Put a symbolic link in the place of a file."""
    (folder / file).unlink(missing_ok=True)
    (folder / file).symlink_to(target)


REFUSALS: dict[str, tuple[Callable[[Path], object], str]] = {
    "missing": (lambda folder: (folder / TWO).unlink(), "ex3/variants/two-messages.yaml is missing."),
    "no folder": (shutil.rmtree, "ex3/variants/two-messages.yaml is missing."),
    "a file in the place of a folder": (
        lambda folder: [shutil.rmtree(folder / "variants"), (folder / "variants").write_text("x")], "ex3/variants/two-messages.yaml is missing.",
    ),
    "a folder in the place of a file": (
        lambda folder: [(folder / TWO).unlink(), (folder / TWO).mkdir()], "ex3/variants/two-messages.yaml cannot be graded: it is no plain file.",
    ),
    "a link to a solution": (
        lambda folder: link(folder, TWO, solution(3) / TWO), "ex3/variants/two-messages.yaml cannot be graded: two-messages.yaml is a link",
    ),
    "a link to nothing": (lambda folder: link(folder, TWO, folder / "nothing"), "is a link"),
    "a link in the place of a folder": (
        lambda folder: [shutil.rmtree(folder / "variants"), (folder / "variants").symlink_to(solution(3) / "variants")],
        "ex3/variants/two-messages.yaml cannot be graded: variants is a link",
    ),
    "a link in the place of the exercise": (
        lambda folder: [shutil.rmtree(folder), folder.symlink_to(solution(3))], "ex3/variants/two-messages.yaml cannot be graded: ex3 is a link",
    ),
    "a pipe that nobody writes to": (lambda folder: [(folder / TWO).unlink(), os.mkfifo(folder / TWO)], "it is no plain file."),
    "a huge file": (
        lambda folder: (folder / TWO).write_text((solution(3) / TWO).read_text(encoding="utf-8") + "#" * 100_000), "is larger than 100,000 bytes.",
    ),
    "not UTF-8": (lambda folder: (folder / TWO).write_bytes(b"changes: \xff\n"), "is not UTF-8."),
    "nothing": (lambda folder: (folder / TWO).write_bytes(b""), "needs one 'changes:' at the beginning of a line, and has 0."),
    "the key twice": (
        lambda folder: (folder / TWO).write_text("changes: []\nchanges: []\n"), "needs one 'changes:' at the beginning of a line, and has 2.",
    ),
    "a map in braces": (lambda folder: (folder / TWO).write_text("{changes: []}\n"), "needs one 'changes:' at the beginning of a line, and has 0."),
}


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="links and pipes as POSIX has them")
@pytest.mark.usefixtures("within")
@pytest.mark.parametrize("name", REFUSALS)
def test_an_answer_that_is_no_plain_file_is_refused(name: str, submission: Callable[..., Path]) -> None:
    """And says why; nothing is followed, waited for, or read without end."""
    change, words = REFUSALS[name]
    folder = submission(3)
    change(folder / "ex3")
    (found,) = graded(folder, 3)

    assert (found["score"], found["status"]) == (0, "failed")
    assert words in found["output"]


@given(st.lists(st.sampled_from(["lines:", "  - 'CLOSED | CLOSED'", "- x", "network: {}", "#", "", "---", "...", "? a", "{a: b}", "\ta: b", "A:\x85B:", "'", "x\u2028y: z", "\x0bA: 1"])))
def test_an_answer_brings_in_no_key_but_its_own(lines: list[str]) -> None:
    """However its lines are mixed: what is made of it has the keys of the question, and of the answer the one that is asked for."""
    question = "title: t\nlines: []\nA: {}\n"
    try:
        text = GRADE.spliced(question, "\n".join(lines), ["lines"], "f")
    except GRADE.RefusedError:
        return
    try:
        found = parse(SourceFile("f", text))
    except SpecError:
        return
    assert found.keys() == ["title", "A", "lines"]


def test_a_command_that_takes_too_long_is_ended(submission: Callable[..., Path], tmp_path: Path) -> None:
    """Here the limit is a tenth of a second, which is too short for anything."""
    course = shutil.copytree(COURSE, tmp_path / "course")
    tasks = (course / "tasks.toml").read_text(encoding="utf-8")
    (course / "tasks.toml").write_text(tasks.replace("seconds = 300 ", "seconds = 0.1 "), encoding="utf-8")
    folder = submission(10)
    found = run_grader(folder, *only(10), grader=course / "grade.py")

    assert found.points() == (0, 20)
    assert "took longer than 0.1 seconds" in found.said


@pytest.mark.usefixtures("within")
def test_control_characters_of_a_student_reach_no_terminal(submission: Callable[..., Path]) -> None:
    """Nor the page on which the results are shown."""
    folder = submission(10, is_solved=False)
    text = (folder / "ex10" / TOKEN).read_text(encoding="utf-8")
    (folder / "ex10" / TOKEN).write_text(text.replace("this end has the token", '"\\e[2J\\a mine"'), encoding="utf-8")
    (folder / "ex10" / TOKEN).write_text(text.replace("to: WAITING}", 'to: "\\e[31mWAITNG"}'), encoding="utf-8")
    found = graded(folder, 10)

    assert "WAITNG" in found[0]["output"]
    assert all(char.isprintable() or char == "\n" for test in found for char in test["output"])


@pytest.mark.usefixtures("within")
def test_a_machine_with_a_mistake_is_told_where_it_is_once(submission: Callable[..., Path]) -> None:
    """And not for every task."""
    folder = submission(10, is_solved=False)
    text = (folder / "ex10" / TOKEN).read_text(encoding="utf-8")
    (folder / "ex10" / TOKEN).write_text(text.replace("to: WAITING}", "to: WAITNG}"), encoding="utf-8")
    found = graded(folder, 10)

    assert {test["score"] for test in found} == {0}
    assert sum(test["output"].count("did you mean WAITING?") for test in found) == 1


@pytest.mark.usefixtures("within")
def test_a_search_without_end_earns_nothing_for_what_it_leaves_open(submission: Callable[..., Path]) -> None:
    """A count in place of a sequence number grows for ever; what is settled within the limits counts."""
    folder = submission(10)
    text = (folder / "ex10" / TOKEN).read_text(encoding="utf-8")
    machine = text.replace("turn: {is: sequence", "turn: {is: count").replace("TURN: sequence", "TURN: count")
    assert machine != text
    (folder / "ex10" / TOKEN).write_text(machine, encoding="utf-8")
    found = graded(folder, 10)

    assert 0 < sum(test["score"] for test in found) < 20
    assert all(test["score"] == 0 for test in found if test["name"].endswith("in for-ever"))
    assert "inconclusive" in found[0]["output"]


def test_the_grader_answers_in_chinese_if_the_course_says_so(submission: Callable[..., Path], tmp_path: Path) -> None:
    """The students read what tcpfsm says."""
    course = shutil.copytree(COURSE, tmp_path / "course")
    tasks = (course / "tasks.toml").read_text(encoding="utf-8")
    (course / "tasks.toml").write_text(tasks.replace('language = "en" ', 'language = "zh" '), encoding="utf-8")
    found = run_grader(submission(3, is_solved=False), *only(3), grader=course / "grade.py")

    assert "尚未解出" in found.said
