"""Copies: as good as what they were made from, and never on top of anything."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlparse

import pytest

from tcpfsm.cli import copying
from tcpfsm.cli.copying import copy
from tcpfsm.errors import UsageError
from tcpfsm.figures.figure import load
from tcpfsm.figures.figure import names as figure_names
from tcpfsm.loader.load import load_protocol
from tcpfsm.loader.target import resolve, shipped, spec_folder
from tcpfsm.run.run import run
from tests.suite_runs import Job, report

if TYPE_CHECKING:
    from tcpfsm.run.results import RunReport

MODELINE = re.compile(r"# yaml-language-server: \$schema=(\S+)")


def counts(found: RunReport) -> tuple[object, ...]:
    """Return what a run came to, without the names of files."""
    answers = [(one.name, one.verdict, one.trace and (one.trace.length, one.trace.ladder)) for one in found.properties]
    return found.states, found.steps, found.depth, found.bounds, found.fired_rules, answers


@pytest.mark.parametrize("name", shipped())
def test_a_protocol_is_copied_whole(name: str, tmp_path: Path) -> None:
    """Every file of it, into a folder that is made, with its parents."""
    written = copy(resolve(name), tmp_path / "some" / "where")
    source = spec_folder() / name

    assert {path.relative_to(tmp_path / "some" / "where") for path in written} == {
        path.relative_to(source) for path in source.rglob("*.yaml")
    }
    assert all(path.is_file() for path in written)


@pytest.mark.parametrize("name", shipped())
def test_only_the_line_for_editors_differs(name: str, tmp_path: Path) -> None:
    """It points to the schema that is installed; the rest is the same to the letter."""
    for path in copy(resolve(name), tmp_path):
        original = (spec_folder() / name / path.relative_to(tmp_path)).read_text(encoding="utf-8")
        copied = path.read_text(encoding="utf-8")
        named = MODELINE.match(copied)

        assert copied.splitlines()[1:] == original.splitlines()[1:]
        assert named is not None
        schema = Path(unquote(urlparse(named[1]).path))
        assert schema.is_file()
        assert schema.stem in ("machine", "properties", "scenario", "variant", "figure", "claims")


def test_a_copied_protocol_gives_the_same_answers(tmp_path: Path) -> None:
    """The same counts, verdicts and counterexamples, scenario by scenario and for a variant."""
    copy(resolve("tcp"), tmp_path)
    mine = load_protocol(tmp_path)

    for scenario, variant in (("open", ""), ("close", ""), ("reset-lost", ""), ("open", "two-way")):
        assert counts(run(mine, mine.scenario(scenario), variant)) == counts(report(Job("tcp", variant, scenario)))
    assert [load(mine, name).title for name in figure_names(mine)] == [
        load(resolve("tcp").protocol, name).title for name in figure_names(mine)
    ]


@pytest.mark.parametrize("variant", resolve("tcp").protocol.variants)
def test_a_copied_variant_gives_the_same_answers(variant: str, tmp_path: Path) -> None:
    """As a file of one's own, whose parent is the protocol that is shipped."""
    (path,) = copy(resolve(f"tcp/{variant}"), tmp_path)
    target = resolve(str(path))
    scenario = target.protocol.variants[variant].shows[0]

    assert path == tmp_path / f"{variant}.yaml"
    assert counts(run(target.protocol, target.protocol.scenario(scenario), target.variant)) == counts(
        report(Job("tcp", variant, scenario))
    )


def test_a_copy_of_a_variant_of_ones_own_finds_its_parent(ping: Path, tmp_path: Path) -> None:
    """``extends`` becomes the way back to the folder; a copy of the copy has it too."""
    (first,) = copy(resolve(str(ping / "deaf")), tmp_path / "one")
    (second,) = copy(resolve(str(first)), tmp_path / "two" / "deep")

    for path in (first, second):
        target = resolve(str(path))
        assert (target.protocol.name, target.protocol.folder.resolve()) == ("ping", ping.resolve())


def test_a_scenario_is_copied_as_one_file(tmp_path: Path) -> None:
    """To be put into a protocol's folder."""
    assert copy(resolve("tcp/open"), tmp_path) == [tmp_path / "open.yaml"]


def test_a_copy_goes_into_a_folder_with_other_files(tmp_path: Path) -> None:
    """They are left alone."""
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    copy(resolve("tcp/two-way"), tmp_path)

    assert {path.name for path in tmp_path.iterdir()} == {"notes.txt", "two-way.yaml"}


@pytest.mark.parametrize("there", ["machine.yaml", "variants/two-way.yaml"])
def test_nothing_is_ever_overwritten(there: str, tmp_path: Path) -> None:
    """One file of the same name, and nothing at all is copied."""
    (tmp_path / there).parent.mkdir(exist_ok=True)
    (tmp_path / there).write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match=re.escape(f"{tmp_path / there} exists already: nothing was copied")):
        copy(resolve("tcp"), tmp_path)

    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [tmp_path / there]
    assert (tmp_path / there).read_text(encoding="utf-8") == "mine"


def test_a_link_to_nowhere_is_not_overwritten_either(tmp_path: Path) -> None:
    """It is something of the user's."""
    (tmp_path / "two-way.yaml").symlink_to("nowhere")
    with pytest.raises(UsageError, match="exists already"):
        copy(resolve("tcp/two-way"), tmp_path)

    assert (tmp_path / "two-way.yaml").is_symlink()


def test_a_copy_that_fails_halfway_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the reason."""
    write, count = copying.write_whole, iter(range(100))

    def fails_in_the_end(path: Path, text: str) -> None:
        if next(count) == 5:
            raise OSError(28, "No space left on device")
        write(path, text)

    monkeypatch.setattr(copying, "write_whole", fails_in_the_end)
    with pytest.raises(UsageError, match="cannot be written: No space left on device"):
        copy(resolve("tcp"), tmp_path)

    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    """In words."""
    (tmp_path / "file").touch()

    with pytest.raises(UsageError, match="file cannot be written: "):
        copy(resolve("tcp/two-way"), tmp_path / "file")
