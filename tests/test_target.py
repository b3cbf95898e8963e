"""Targets: what a name or path on the command line means, and what is said where it means nothing."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tcpfsm.errors import SpecError, UsageError
from tcpfsm.loader.target import Target, load_shipped, resolve, shipped, spec_folder
from tests.conftest import SPEC


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to stand in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def said(target: Target) -> tuple[str, str, str, str]:
    """Return what a target means, and how it is written to be found again."""
    return target.protocol.name, target.variant, target.scenario, target.command


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("tcp", ("tcp", "", "", "tcp")),
        ("tcp/", ("tcp", "", "", "tcp")),
        ("tcp/two-way", ("tcp", "two-way", "", "tcp/two-way")),
        ("tcp/open", ("tcp", "", "open", "tcp")),
        ("tcp/reset-lost", ("tcp", "", "reset-lost", "tcp")),
    ],
)
@pytest.mark.usefixtures("here")
def test_a_name_means_what_is_shipped(text: str, meaning: tuple[str, ...]) -> None:
    """A protocol, a variant of it, or one of its scenarios, wherever one stands."""
    assert said(resolve(text)) == meaning


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("ping", ("ping", "", "", "ping")),
        ("./ping", ("ping", "", "", "./ping")),
        ("ping/machine.yaml", ("ping", "", "", "ping/machine.yaml")),
        ("ping/properties.yaml", ("ping", "", "", "ping/properties.yaml")),
        ("ping/deaf", ("ping", "deaf", "", "ping/deaf")),
        ("ping/once", ("ping", "", "once", "ping")),
        ("ping/variants/deaf.yaml", ("ping", "deaf", "", "ping/deaf")),
        ("ping/scenarios/once.yaml", ("ping", "", "once", "ping")),
    ],
)
@pytest.mark.usefixtures("ping", "here")
def test_a_path_means_what_is_there(text: str, meaning: tuple[str, ...]) -> None:
    """A folder, a file of one, or a variant or scenario of one by its name; what is said again is found again."""
    target = resolve(text)

    assert said(target) == meaning
    assert resolve(target.command).variant == target.variant


@pytest.mark.parametrize(
    ("folder", "text", "meaning"),
    [
        ("ping", ".", ("ping", "", "", ".")),
        ("ping", "deaf", ("ping", "deaf", "", "deaf")),
        ("ping", "once", ("ping", "", "once", ".")),
        ("ping", "tcp", ("tcp", "", "", "tcp")),
        ("ping/variants", "deaf.yaml", ("ping", "deaf", "", "../deaf")),
        ("ping/variants", "..", ("ping", "", "", "..")),
    ],
)
@pytest.mark.usefixtures("ping")
def test_a_path_may_begin_inside_the_protocol(
    folder: str, text: str, meaning: tuple[str, ...], here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Standing in its folder, its parts have names there; what is shipped still has its own."""
    monkeypatch.chdir(here / folder)

    assert said(resolve(text)) == meaning


def test_a_file_of_ones_own_patches_what_is_shipped(here: Path) -> None:
    """It names its parent, and may be called anything."""
    shutil.copy(SPEC / "tcp" / "variants" / "two-way.yaml", here / "mine.yaml")
    target = resolve("mine.yaml")

    assert said(target) == ("tcp", "mine", "", "mine.yaml")
    assert "mine" in target.protocol.variants


def test_a_file_of_ones_own_patches_a_folder_beside_it(ping: Path, here: Path) -> None:
    """``extends`` is then the path from the file to the folder."""
    text = (ping / "variants" / "deaf.yaml").read_text(encoding="utf-8")
    (here / "mine").mkdir()
    (here / "mine" / "mute.yaml").write_text(text.replace("extends: ping", "extends: ../ping"), encoding="utf-8")

    assert said(resolve("mine/mute.yaml")) == ("ping", "mute", "", "mine/mute.yaml")


def test_a_variant_in_a_folder_patches_that_folder(here: Path) -> None:
    """Not the protocol that is shipped by the same name."""
    shutil.copytree(SPEC / "tcp", here / "copy")
    machine = here / "copy" / "machine.yaml"
    machine.write_text(machine.read_text(encoding="utf-8").replace("RCV.WND: 10 ", "RCV.WND: 12 "), encoding="utf-8")

    for text in ("copy/two-way", "copy/variants/two-way.yaml"):
        assert resolve(text).protocol.machine("two-way").constants["RCV.WND"] == 12


def test_what_is_ones_own_goes_before_what_is_shipped(here: Path) -> None:
    """A folder called tcp that holds a machine is meant by ``tcp``; any other file or folder of that name is not."""
    (here / "tcp").mkdir()
    assert resolve("tcp").protocol.folder == spec_folder() / "tcp"
    assert resolve("tcp/two-way").protocol.folder == spec_folder() / "tcp"

    (here / "tcp").rmdir()
    (here / "tcp").write_bytes(b"captured packets")
    assert resolve("tcp").protocol.folder == spec_folder() / "tcp"

    (here / "tcp").unlink()
    shutil.copytree(SPEC / "tcp", here / "tcp")
    assert resolve("tcp").protocol.folder == Path("tcp")
    assert resolve("tcp/two-way").protocol.folder == Path("tcp")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "a target has a name; choices: "),
        ("tpc", "'tpc' is neither a protocol nor a file; did you mean tcp?"),
        ("tcp/two-wya", "tcp has no variant or scenario 'two-wya'; did you mean two-way?"),
        ("tcp/open/it", "tcp has no variant or scenario 'open/it'; did you mean open?"),
        ("missing.yaml", "'missing.yaml' is neither a protocol nor a file"),
        ("missing/two-way", "'missing/two-way' is neither a protocol nor a file"),
        ("empty", "empty holds no machine.yaml: a protocol is a folder with one"),
        ("ping/daef", "ping has no variant or scenario 'daef'; did you mean deaf?"),
        ("plain.yaml", "plain.yaml is neither a variant (it has no 'extends') nor a part of a protocol's folder"),
        ("/dev/null", "'/dev/null' is neither a protocol nor a file"),
        ("a" * 5000, "cannot be read: "),
        ("\0", "is neither a protocol nor a file"),
    ],
)
@pytest.mark.usefixtures("ping")
def test_a_target_that_is_none_is_answered(text: str, message: str, here: Path) -> None:
    """With the nearest one there is, and never with more than a line's worth of what was written."""
    (here / "empty").mkdir()
    (here / "plain.yaml").write_text("says: nothing\n", encoding="utf-8")
    with pytest.raises(UsageError) as caught:
        resolve(text)

    assert message in str(caught.value)
    assert len(str(caught.value)) < 1000


@pytest.mark.parametrize(
    ("extends", "message"),
    [
        ("tpc", "'tpc' is not a protocol"),
        ("../nowhere", "'../nowhere' is not a protocol"),
        ("[tcp]", "is not a protocol"),
        ("", "is not a protocol"),
    ],
)
def test_a_parent_that_is_none_is_answered_at_its_place(extends: str, message: str, here: Path) -> None:
    """It is a mistake in the file, not on the command line."""
    (here / "mine.yaml").write_text(f"extends: {extends}\nwhy: to see\n", encoding="utf-8")
    with pytest.raises(SpecError) as caught:
        resolve("mine.yaml")

    assert str(caught.value).startswith("mine.yaml:1:")
    assert message in str(caught.value)


def test_a_file_that_cannot_be_read_is_no_traceback(here: Path) -> None:
    """Not even where the permission to look is missing."""
    (here / "closed").mkdir()
    (here / "closed" / "machine.yaml").write_text("protocol: x\n", encoding="utf-8")
    (here / "closed").chmod(0)
    try:
        if os.access(here / "closed", os.X_OK):
            pytest.skip("this user may read everything")
        with pytest.raises(UsageError, match=r"cannot be read|neither"):
            resolve("closed/x.yaml")
    finally:
        (here / "closed").chmod(0o755)


def test_every_protocol_that_ships_loads() -> None:
    """By the name of its folder, with paths as they are in a checkout."""
    assert "tcp" in shipped()
    for name in shipped():
        found = load_shipped(name)
        assert found.name == name
        assert all(file.path.startswith(f"spec/{name}/") for file in found.files)


def test_a_target_answers_with_all_scenarios_but_exhibits_and_slow_ones() -> None:
    """An exhibit is run where it is named."""
    every = load_shipped("tcp").scenarios.values()
    own = {one.name for one in every if not one.exhibit}

    assert {one.name for one in resolve("tcp").scenarios(slow=True)} == own
    assert {one.name for one in resolve("tcp").scenarios()} == own - {one.name for one in every if one.slow}
    assert [one.name for one in resolve("tcp/reset-lost").scenarios()] == ["reset-lost"]
