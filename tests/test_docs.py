"""The documents: every command in them is run, and says what is printed there.

A document has a folder of its own, in which its blocks are taken in order: a ```yaml block that begins with
``# file: NAME`` is written there, and the commands of a ```console block are run there. A line ``...`` of the output
stands for lines that are left out. The ```python blocks of a document are one session of Python.
"""

from __future__ import annotations

import doctest
import os
import re
import shlex
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import pytest

from tcpfsm.loader.target import load_shipped, shipped

ROOT = Path(__file__).parents[1]
READMES = {"README.md", "README.zh.md"}
DOCUMENTS = [*(ROOT / name for name in sorted(READMES)), *sorted((ROOT / "docs").rglob("*.md"))]
FENCE = re.compile(r"^```(\w*)[^\n]*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
#: What a console block may call besides tcpfsm, to show what came of it.
ALSO = {"echo", "cat", "cd", "ls", "dot", "head", "python"}


class Block(NamedTuple):
    """A fenced block: the line that it begins in, its language, and what stands in it."""

    line: int
    language: str
    text: str


class Command(NamedTuple):
    """A command and what it is printed to say."""

    line: int
    text: str
    output: str


def blocks(path: Path) -> list[Block]:
    """Return the fenced blocks of a document."""
    text = path.read_text(encoding="utf-8")
    return [Block(text.count("\n", 0, match.start()) + 1, match[1], match[2]) for match in FENCE.finditer(text)]


def commands(block: Block) -> list[Command]:
    """Return the commands of a console block."""
    found: list[Command] = []
    for number, line in enumerate(block.text.splitlines(keepends=True), block.line + 1):
        if line.startswith("$ "):
            found.append(Command(number, line[2:].strip(), ""))
        else:
            assert found, f"line {number} stands before any command"
            found[-1] = found[-1]._replace(output=found[-1].output + line)
    return found


def says(printed: str) -> re.Pattern[str]:
    """Return what fits an output in which lines may be left out."""
    lines = [r"(?:.*\n)*?" if line.strip() == "..." else re.escape(line.rstrip()) + r"\n" for line in printed.splitlines()]
    return re.compile("".join(lines))


@pytest.fixture(scope="session")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with ``tcpfsm`` in it, as the Python that runs the tests has it."""
    folder = tmp_path_factory.mktemp("bin")
    (folder / "tcpfsm").write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -P -m tcpfsm "$@"\n', encoding="utf-8")
    (folder / "tcpfsm").chmod(0o755)
    python = f'#!/bin/sh\ncd {shlex.quote(str(ROOT))} && exec {shlex.quote(sys.executable)} "$@"\n'  # tools of the checkout
    (folder / "python").write_text(python, encoding="utf-8")
    (folder / "python").chmod(0o755)
    return folder


@pytest.mark.skipif(shutil.which("bash") is None, reason="the commands are written for a shell")
@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_a_document_says_what_its_commands_say(path: Path, programs: Path, tmp_path: Path) -> None:
    """Run in order, each answers what is printed under it; any exit code will do."""
    environment = {**os.environ, "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}", "COLUMNS": "80"}
    status = 0
    for block in blocks(path):
        named = re.match(r"# file: (\S+)\n", block.text)
        if block.language == "yaml" and named:
            file = tmp_path / named[1]
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(block.text, encoding="utf-8")
        for command in commands(block) if block.language == "console" else ():
            text = command.text.replace(".venv/bin/tcpfsm", "tcpfsm")
            done = subprocess.run(
                ["bash", "-c", f"(exit {status}); {text}"],  # noqa: S607  # so that echo $? says what came before
                cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                text=True, encoding="utf-8", check=False,
            )  # fmt: skip
            status = done.returncode

            if not says(command.output).fullmatch(done.stdout):
                assert command.output == done.stdout, f"{path.name}:{command.line}: $ {command.text}"


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_a_document_says_what_its_python_says(path: Path) -> None:
    """From the first block to the last, in one session; where an extra is missing, as far as that goes."""
    found = [block for block in blocks(path) if block.language == "python"]
    assert all(block.text.startswith(">>> ") for block in found)
    if find_spec("scipy") is None:
        found = found[: next((at for at, block in enumerate(found) if "checker.graph.compressed" in block.text), None)]
    text = "".join("\n" * (block.line - 1 if at == 0 else 1) + block.text for at, block in enumerate(found))
    session = doctest.DocTestParser().get_doctest(text, {}, path.name, str(path), 0)
    said: list[str] = []
    doctest.DocTestRunner(verbose=False).run(session, out=said.append)

    assert "".join(said) == ""


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_every_command_of_a_document_is_one_that_is_run(path: Path) -> None:
    """A console block runs tcpfsm; what sets Python up is in the README alone, and CI runs it."""
    for block in blocks(path):
        if block.language == "console":
            assert commands(block)
            for command in commands(block):
                words = re.split(r"\s*(?:&&|\||;)\s*", command.text)
                assert {word.split()[0] for word in words} <= {"tcpfsm", ".venv/bin/tcpfsm", *ALSO}, command.line
        if block.language in ("sh", "bash", "shell"):
            assert path.name in READMES
            assert block.text.removeprefix("$ ").startswith("python3 -m venv ")


def test_the_readme_opens_with_the_two_commands_that_ci_runs() -> None:
    """One to install and check everything, one to run the tests; CI finds both, and nothing else."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    found = re.findall(r"^(?:\$ )?(python3 -m venv .*)$", text, re.MULTILINE)
    chinese = (ROOT / "README.zh.md").read_text(encoding="utf-8")
    assert re.findall(r"^(?:\$ )?(python3 -m venv .*)$", chinese, re.MULTILINE) == found
    ci = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    program = re.search(r"sed -n '([^']+)' README\.md", ci)
    assert program is not None
    run_by_ci = subprocess.run(
        ["sed", "-n", program[1], "README.md"], cwd=ROOT, capture_output=True, text=True, encoding="utf-8", check=True,  # noqa: S607
    ).stdout.splitlines()  # fmt: skip

    assert len(found) == 2
    assert found[0].endswith(" && .venv/bin/tcpfsm check")
    assert found[1].endswith(" && .venv/bin/python -m pytest -n auto --dist loadfile")
    assert run_by_ci == found


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_links_between_documents_lead_somewhere(path: Path) -> None:
    """Every link to a file of the project is to one that exists, and to a heading that it has."""
    for target in re.findall(r"\]\(([^)\s]+)\)", path.read_text(encoding="utf-8")):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, heading = target.partition("#")
        file = (path.parent / name) if name else path
        assert file.exists(), target
        if heading:
            headings = re.findall(r"^#+ (.*)$", file.read_text(encoding="utf-8"), re.MULTILINE)
            assert heading in {re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-") for text in headings}, target


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_a_document_shows_no_path_of_somebodys_machine(path: Path) -> None:
    """It reads the same everywhere."""
    assert re.findall(r"(?<![\w.])/(?:home|root|tmp|Users|work)/\S*", path.read_text(encoding="utf-8")) == []


def rows_of(text: str) -> dict[str, str]:
    """Return the rows of the tables of a document, by the name in code that each begins with."""
    return {found[1]: found[0] for found in re.finditer(r"^\| `([^`]+)` \|.*$", text, re.MULTILINE)}


def test_the_page_on_the_model_tells_what_every_variant_shows() -> None:
    """With the scenario and the property that the variant's own file names; nothing is left over of one that is gone."""
    text = (ROOT / "docs" / "model.md").read_text(encoding="utf-8")
    rows = rows_of(text)
    shows = {
        name if protocol == "tcp" else f"{protocol}/{name}": "`{1}` in `{0}`".format(*variant.shows)
        for protocol in shipped()
        for name, variant in load_shipped(protocol).variants.items()
    }

    assert {name: words for name, words in shows.items() if words not in rows.get(name, "")} == {}
    assert {name for name, row in rows.items() if re.search(r"\| `\S+` in `\S+` \|", row)} == set(shows)


def test_the_page_on_the_model_tells_every_exhibit_with_its_twin() -> None:
    """Under the name of the protocol, where it is not TCP."""
    rows = rows_of((ROOT / "docs" / "model.md").read_text(encoding="utf-8"))
    twins = {
        name if protocol == "tcp" else f"{protocol}/{name}": f"| `{scenario.twin}`: "
        for protocol in shipped()
        for name, scenario in load_shipped(protocol).scenarios.items()
        if scenario.exhibit
    }

    assert {name: twin for name, twin in twins.items() if twin not in rows.get(name, "")} == {}
    assert {name for name, row in rows.items() if re.search(r"\| `[^`]+`: [^|]+\|$", row)} == set(twins)


def test_an_output_that_leaves_lines_out_is_compared_in_the_rest() -> None:
    """Any number of lines may be left out, none of the others may differ."""
    assert says("a\n...\nd\n").fullmatch("a\nb\nc\nd\n")
    assert says("a\n...\nd\n").fullmatch("a\nd\n")
    assert says("...\nd\n").fullmatch("d\n")
    assert says("a\n...\n").fullmatch("a\nb\n")
    assert not says("a\n...\nd\n").fullmatch("a\nb\n")
    assert not says("a\nd\n").fullmatch("a\nb\nd\n")
    assert not says("").fullmatch("a\n")
