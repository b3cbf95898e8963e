"""Grades a student's folder: what the student wrote is copied by name into a clean folder, and none of it is run.

    python3 -I grade.py SUBMISSION [-o results.json]

Run your own copy of this file, never one of the student's. tasks.toml beside it says which exercises there are, what of
each is the student's, and what earns points; questions/ holds the files that are put back. It needs Python and tcpfsm.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shlex
import shutil
import stat
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Callable, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

HERE = Path(__file__).resolve().parent
#: The exit codes with which tcpfsm has answered, on standard output; with every other one it says why not on standard error.
SETTLED = (0, 1, 3)
#: How much of an output is kept; the rest is left out.
MOST_OUTPUT = 20_000
#: What continues the part of a file that a top-level key begins: blank, indented or commented lines, and items of a list.
CONTINUES = re.compile(r"[ \t#]|-(?:[ \t]|$)|$")


class RefusedError(Exception):
    """A file of the student's is missing, or not what it has to be; the message goes to the student."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Grade a submission; return the exit code: 0 once it is graded, 1 with --strict if points are missing."""
    parser = argparse.ArgumentParser(description="Grades a folder of solutions (ex1, ex2, ...) without running anything in it.")
    parser.add_argument("submission", type=Path)
    parser.add_argument("-o", "--output", type=Path, help="write the results there, as JSON")
    parser.add_argument("--only", action="append", metavar="EXERCISE", help="only this exercise, as ex4 (may be given several times)")
    parser.add_argument("--strict", action="store_true", help="exit with 1 if not all points are earned")
    chosen = parser.parse_args(arguments)
    if not chosen.submission.is_dir():
        parser.error(f"{chosen.submission} is no folder")
    course = tomllib.loads((HERE / "tasks.toml").read_text(encoding="utf-8"))
    exercises = [one for one in course["exercise"] if chosen.only is None or one["folder"] in chosen.only]
    if unknown := set(chosen.only or ()) - {one["folder"] for one in exercises}:
        parser.error(f"there is no exercise {', '.join(sorted(unknown))}")
    tests = [test for one in exercises for test in grade(one, course, chosen.submission)]
    earned, possible = (sum(test[key] for test in tests) for key in ("score", "max_score"))
    total = f"Points: {earned} of {possible}"
    if chosen.output is not None:
        results = {"score": earned, "max_score": possible, "output": total, "tests": tests}
        chosen.output.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    for test in tests:
        print(f"{test['score']:>3} of {test['max_score']:>2}  {test['name']}")
        if test["output"]:
            print("\n" + "\n".join(f"    {line}".rstrip() for line in test["output"].splitlines()) + "\n")
    print(total)
    return 1 if chosen.strict and earned < possible else 0


def grade(exercise: dict[str, Any], course: dict[str, Any], submission: Path) -> list[dict[str, Any]]:
    """Return the result of each task of an exercise: name, score, max_score, status, output."""
    with tempfile.TemporaryDirectory() as clean:
        try:
            prepare(exercise, course, submission, Path(clean))
            judge = judging(course, Path(clean))
        except RefusedError as error:
            judge = refusing(str(error))
        return [judge(task) for task in exercise["task"]]


def prepare(exercise: dict[str, Any], course: dict[str, Any], submission: Path, clean: Path) -> None:
    """Make an exercise anew: the copied protocol, the question, and of the student's files what is the student's.

    Raises:
        RefusedError: an answer is missing, is no plain file, is too large, or lacks a key.
    """
    folder = exercise["folder"]
    if "copy" in exercise:
        code, said = tcpfsm(["copy", exercise["copy"], folder], course, clean)
        if code != 0:
            raise RuntimeError(said)
    shutil.copytree(HERE / "questions" / folder, clean / folder, dirs_exist_ok=True)
    for name, keys in exercise["answers"].items():
        path = clean / folder / name
        written = read(submission, f"{folder}/{name}", course["bytes"])
        if keys:
            text = spliced(path.read_text(encoding="utf-8"), decoded(written, name), keys, name)
            written = text.encode("utf-8")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(written)


def read(submission: Path, name: str, most: int) -> bytes:
    """Read a file of the student's; no part of its path may be a link, and it must be a plain file of limited size.

    Raises:
        RefusedError: it is anything else.
    """
    path, mode = submission, 0
    try:
        for part in PurePosixPath(name).parts:
            path /= part
            mode = path.lstat().st_mode
            if stat.S_ISLNK(mode):
                raise RefusedError(f"{name} cannot be graded: {part} is a link, and links are not followed.")
        if not stat.S_ISREG(mode):
            raise RefusedError(f"{name} cannot be graded: it is no plain file.")
        with path.open("rb") as stream:
            found = stream.read(most + 1)
    except (FileNotFoundError, NotADirectoryError):
        raise RefusedError(f"{name} is missing.") from None
    except OSError as error:
        raise RefusedError(f"{name} cannot be read: {error.strerror}.") from None
    if len(found) > most:
        raise RefusedError(f"{name} is larger than {most:,} bytes.")
    return found


def decoded(data: bytes, name: str) -> str:
    """Return the text of a file; raises RefusedError where it is not UTF-8."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise RefusedError(f"{name} is not UTF-8.") from None


def spliced(question: str, answer: str, keys: Sequence[str], name: str) -> str:
    """Return the question with what stands under some of its top-level keys taken from the answer.

    Raises:
        RefusedError: the answer has no such key at the beginning of a line, or has it twice.
    """
    found = parts(answer)
    taken = []
    for key in keys:
        mine = [text for word, text in found if word == key]
        if len(mine) != 1:
            raise RefusedError(f"{name} needs one '{key}:' at the beginning of a line, and has {len(mine)}.")
        taken += mine
    return "".join([text for word, text in parts(question) if word not in keys] + taken)


def parts(text: str) -> list[tuple[str, str]]:
    """Cut a file into its top-level keys, each with its lines; what stands before the first key has none.

    Every line end that YAML or Python knows counts, so that no key hides behind a rare one.
    """
    found = [("", "")]
    for line in text.splitlines():
        if not CONTINUES.match(line):
            found.append((line.partition(":")[0], ""))
        found[-1] = (found[-1][0], found[-1][1] + line + "\n")
    return found


def judging(course: dict[str, Any], clean: Path) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Return the function that runs the command of a task in a folder; a command that several tasks share is run once."""
    answers: dict[str, tuple[int, str]] = {}
    told: set[str] = set()

    def judge(task: dict[str, Any]) -> dict[str, Any]:
        command = task["command"]
        if command not in answers:
            answers[command] = tcpfsm(shlex.split(command), course, clean)
        code, said = answers[command]
        solved = code in task.get("exit", [0]) and ("json" not in task or fits(said, task["json"]))
        if solved:
            return result(task, is_solved=True)
        shown = command.replace(" --format json", "")
        if shown in told:
            return result(task, f"Not solved yet: see what tcpfsm {shown} says above.")
        told.add(shown)
        if shown != command and code in SETTLED:
            _, said = tcpfsm(shlex.split(shown), course, clean)
        return result(task, f"$ tcpfsm {shown}\n{said}")

    return judge


def refusing(reason: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Return the function that gives no task points."""
    return lambda task: result(task, reason)


def result(task: dict[str, Any], output: str = "", *, is_solved: bool = False) -> dict[str, Any]:
    """Return the result of a task as graders read it; control characters of a student's text are left out."""
    plain = "".join(char if char.isprintable() or char == "\n" else " " for char in output)
    return {
        "name": task["name"],
        "score": task["points"] if is_solved else 0,
        "max_score": task["points"],
        "status": "passed" if is_solved else "failed",
        "output": plain if len(plain) <= MOST_OUTPUT else plain[:MOST_OUTPUT] + "\n(the rest is left out)",
    }


def tcpfsm(arguments: Sequence[str], course: dict[str, Any], folder: Path) -> tuple[int, str]:
    """Run a command of tcpfsm in a folder, within the time limit; return its exit code, and what it says."""
    command = [sys.executable, "-P", "-X", "utf8", "-m", "tcpfsm", *arguments, "--lang", course["language"]]
    try:
        done = subprocess.run(
            command, cwd=folder, env={**os.environ, "COLUMNS": "100"}, stdin=subprocess.DEVNULL, capture_output=True,
            timeout=course["seconds"], check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return -1, f"The command took longer than {course['seconds']} seconds."
    said = done.stdout if done.returncode in SETTLED else done.stderr
    return done.returncode, said.decode("utf-8", "replace")


def fits(said: str, wanted: object) -> bool:
    """Whether an answer in JSON holds what is wanted: of a map those keys, of a list an item for each one."""
    try:
        return holds(json.loads(said), wanted)
    except ValueError:
        return False


def holds(found: object, wanted: object) -> bool:
    """Whether a value is the one wanted, or holds it."""
    if isinstance(wanted, dict):
        return isinstance(found, dict) and all(key in found and holds(found[key], part) for key, part in wanted.items())
    if isinstance(wanted, list):
        return isinstance(found, list) and all(any(holds(one, part) for one in found) for part in wanted)
    return found == wanted


if __name__ == "__main__":
    sys.exit(main())
