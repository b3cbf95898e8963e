"""The files of a protocol's folder: nothing that looks like a part of it is left out in silence."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tcpfsm.cli.copying import copy
from tcpfsm.cli.main import main
from tcpfsm.errors import SpecError
from tcpfsm.figures.figure import names
from tcpfsm.loader.folder import spec_files
from tcpfsm.loader.load import load_protocol
from tcpfsm.loader.target import Target, resolve
from tests.conftest import problems_of, shown

FIGURE = "lines: ['IDLE | IDLE']\nsays: nothing happens\n"


def told(folder: Path) -> list[str]:
    """Return the problems of a folder, each with its file."""
    return [f"{Path(one.place.path).relative_to('ping')}: {one.message} | {one.hint}" for one in problems_of(lambda: load_protocol(folder, "ping"))]


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("properties.yml", "properties.yaml"),
        ("Properties.yaml", "properties.yaml"),
        ("PROPERTIES.YML", "properties.yaml"),
        ("property.yaml", "properties.yaml"),
        ("propertys.yaml", "properties.yaml"),
        ("machine.yml", "machine.yaml"),
        ("machines.yaml", "machine.yaml"),
        ("scenarios.yaml", "scenarios/"),
        ("claim.yml", "claims/"),
        ("scenarios/twice.yml", "twice.yaml"),
        ("scenarios/twice.YAML", "twice.yaml"),
        ("variants/deaf.yml", "deaf.yaml"),
        ("claims/asking.Yml", "asking.yaml"),
        ("figures/one.yml", "one.yaml"),
    ],
)
def test_a_file_whose_name_is_a_slip_is_told(ping: Path, name: str, wanted: str) -> None:
    """It would be left out, and with it what it asks."""
    (ping / "figures").mkdir()
    (ping / name).write_text("says: A asks twice.\n", encoding="utf-8")

    assert told(ping) == [f"{name}: this is not read | what is read is called {wanted}"]


@pytest.mark.parametrize(
    ("name", "wanted"),
    [("scenario", "scenarios/"), ("Scenarios", "scenarios/"), ("senarios", "scenarios/"), ("variant", "variants/"), ("Figure", "figures/")],
)
def test_a_folder_whose_name_is_a_slip_is_told(ping: Path, name: str, wanted: str) -> None:
    """Whatever it holds."""
    (ping / name).mkdir()

    assert told(ping) == [f"{name}: this is not read | what is read is called {wanted}"]


def test_a_folder_within_the_scenarios_is_told(ping: Path) -> None:
    """Files in it are not read; a folder without such files is nobody's mistake."""
    (ping / "scenarios" / "long").mkdir()
    (ping / "scenarios" / "long" / "notes.txt").touch()
    assert load_protocol(ping).scenarios
    shutil.copy(ping / "scenarios" / "once.yaml", ping / "scenarios" / "long" / "twice.yaml")

    assert told(ping) == ["scenarios/long: the files of this folder are not read | put them into ping/scenarios"]


@pytest.mark.parametrize("name", ["README.md", "notes.txt", "mine.yaml", "mine.yml", ".properties.yaml.swp", ".#machine.yaml", "old", "scenarios2", "claimed", "scenarios/.#once.yaml", "scenarios/once.yaml~", "scenarios/README"])  # fmt: skip
def test_what_is_no_part_of_a_protocol_may_lie_beside_it(ping: Path, name: str) -> None:
    """What is one's own, or an editor's, is left alone."""
    path = ping / name
    if "." in path.name:
        path.write_bytes(b"\xff")
    else:
        path.mkdir()

    assert load_protocol(ping).properties.properties


@pytest.mark.parametrize("name", ["properties.yaml", "scenarios/other.yaml", "variants/other.yaml", "claims/other.yaml"])
def test_a_link_that_leads_nowhere_is_told(ping: Path, name: str) -> None:
    """It is not taken for a file that is not there."""
    (ping / name).unlink(missing_ok=True)
    (ping / name).symlink_to("nowhere")

    assert told(ping)[0] == f"{name}: cannot be read: No such file or directory | "


def test_a_folder_that_cannot_be_listed_is_told(ping: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its scenarios are not taken for none."""
    plain = os.scandir

    def refused(path: Path) -> object:
        if Path(path).name == "scenarios":
            raise PermissionError(13, "Permission denied")
        return plain(path)

    monkeypatch.setattr(os, "scandir", refused)

    assert told(ping)[0] == "scenarios: cannot be read: Permission denied | "


def test_a_file_in_the_place_of_a_folder_is_told(ping: Path) -> None:
    """Nothing can be in it."""
    shutil.rmtree(ping / "claims")
    (ping / "claims").write_text("", encoding="utf-8")
    (ping / "scenarios" / "folder.yaml").mkdir()

    assert told(ping) == ["scenarios/folder.yaml: cannot be read: Is a directory | "]


@pytest.mark.parametrize("name", [b"\xff.yaml", b"a\x1bb.yaml", b"a\nb.yaml", b" once.yaml", "a\u202eb.yaml".encode()])
def test_a_file_name_that_can_name_nothing_is_told(ping: Path, name: bytes) -> None:
    """It would stand in tables and command lines."""
    (ping / "scenarios" / os.fsdecode(name)).write_text("says: A asks.\n", encoding="utf-8")
    (problem,) = problems_of(lambda: load_protocol(ping, "ping"))

    assert shown(problem) == "1:1: the name of this file cannot name what it holds | use letters, digits and - _ ."
    assert problem.place.path.isprintable()


def test_names_in_any_script_are_names(ping: Path) -> None:
    """A name is what a user can read and write."""
    shutil.copy(ping / "scenarios" / "once.yaml", ping / "scenarios" / "一次 ü.yaml")

    assert "一次 ü" in load_protocol(ping).scenarios


def test_a_machine_under_another_name_is_told_where_a_folder_is_asked_for(ping: Path) -> None:
    """It is not said that the folder holds none."""
    (ping / "machine.yaml").rename(ping / "machine.yml")
    with pytest.raises(SpecError, match=r"machine\.yml:1:1: this is not read\n  what is read is called machine\.yaml"):
        resolve(str(ping))


def test_a_copy_is_of_what_is_read(ping: Path, tmp_path: Path) -> None:
    """A foreign file is neither copied nor in the way."""
    (ping / "foreign.yaml").write_bytes(b"\xff\xfe")
    (ping / "more").mkdir()
    (ping / "more" / "foreign.yaml").write_bytes(b"\xff\xfe")
    written = copy(Target(load_protocol(ping)), tmp_path / "copy")

    assert {str(path.relative_to(tmp_path / "copy")) for path in written} == {
        "machine.yaml", "properties.yaml", "scenarios/once.yaml", "variants/deaf.yaml", "claims/asking.yaml",
    }  # fmt: skip


def test_figures_are_listed_as_they_are_read(ping: Path) -> None:
    """An editor's file is no figure."""
    (ping / "figures").mkdir()
    for name in ("10.yaml", "9.yaml", ".#9.yaml"):
        (ping / "figures" / name).write_text(FIGURE, encoding="utf-8")

    assert names(load_protocol(ping)) == ["9", "10"]
    assert spec_files(ping).problems == []


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("assumes: [slow-clok]", "3:11: 'slow-clok' is not known in assumes"),
        ("A: {calls: {PIN: 1}}", "3:13: 'PIN' is not a call of this protocol"),
        ("A: {start: {state: IDEL}}", "3:20: 'IDEL' is not a state"),
        ("properties: [patience]", "3:14: 'patience' is not known in properties"),
        ("constants: {LIMT: 1}", "3:13: 'LIMT' is not a constant of this protocol"),
    ],
)
def test_a_figure_is_checked_as_a_scenario_is(ping: Path, capsys: pytest.CaptureFixture[str], line: str, expected: str) -> None:
    """A name that the machine does not have is told, and not that the figure cannot happen."""
    (ping / "figures").mkdir()
    (ping / "figures" / "1.yaml").write_text(f"{FIGURE}{line}\n", encoding="utf-8")

    assert main(["figure", f"{ping}/1"]) == 4
    assert f"1.yaml:{expected}" in capsys.readouterr().err
