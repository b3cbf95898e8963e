"""Writing: whole or not at all, where it is meant, and to whoever still listens."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest

from tcpfsm.errors import UsageError
from tcpfsm.terminal import output
from tcpfsm.terminal.output import check_writable, emit, write_whole


def test_a_file_holds_what_was_written(tmp_path: Path) -> None:
    """As UTF-8, with the permissions that a new file has, and nothing beside it."""
    write_whole(tmp_path / "a.txt", "状态\n")
    (tmp_path / "plain").touch()

    assert (tmp_path / "a.txt").read_bytes() == "状态\n".encode()
    assert (tmp_path / "a.txt").stat().st_mode == (tmp_path / "plain").stat().st_mode
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.txt", "plain"]


def test_a_file_that_is_there_is_replaced_and_keeps_its_permissions(tmp_path: Path) -> None:
    """Its content is the old one or the new one, never a part."""
    path = tmp_path / "a.txt"
    path.write_text("old", encoding="utf-8")
    path.chmod(0o640)
    write_whole(path, "new")

    assert path.read_text(encoding="utf-8") == "new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_where_writing_fails_the_old_file_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And no half-written file is left beside it."""
    path = tmp_path / "a.txt"
    path.write_text("old", encoding="utf-8")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(UsageError, match=r"a\.txt cannot be written: No space left on device"):
        write_whole(path, "new")

    assert path.read_text(encoding="utf-8") == "old"
    assert [found.name for found in tmp_path.iterdir()] == ["a.txt"]


def test_a_link_is_followed(tmp_path: Path) -> None:
    """The file that it leads to is replaced; the link stays one."""
    (tmp_path / "real.txt").write_text("old", encoding="utf-8")
    (tmp_path / "link.txt").symlink_to("real.txt")
    write_whole(tmp_path / "link.txt", "new")

    assert (tmp_path / "link.txt").is_symlink()
    assert (tmp_path / "real.txt").read_text(encoding="utf-8") == "new"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes have no names here")
def test_what_is_no_file_is_written_to_as_it_is(tmp_path: Path) -> None:
    """A pipe or device is not replaced by a file."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        write_whole(pipe, "through\n")
        assert os.read(reader, 100) == b"through\n"
    finally:
        os.close(reader)
    write_whole(Path("/dev/null"), "nothing")

    assert stat.S_ISFIFO(pipe.stat().st_mode)
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("missing/a.txt", "there is no folder "),
        ("file.txt/a.txt", "there is no folder "),
        ("folder", "it is a folder"),
        ("", "it is a folder"),
    ],
)
def test_what_cannot_be_written_is_said_before_any_work(
    name: str, reason: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the reason, and the file named as it was written."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    (tmp_path / "file.txt").touch()
    with pytest.raises(UsageError) as caught:
        check_writable(Path(name))

    assert f"{Path(name)} cannot be written: {reason}" in str(caught.value)


def test_a_folder_that_is_read_only_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever runs the tests, the system is asked."""
    monkeypatch.setattr(os, "access", lambda _path, _mode: False)

    with pytest.raises(UsageError, match=r"a\.txt cannot be written: permission denied"):
        check_writable(tmp_path / "a.txt")


@pytest.mark.parametrize("path", [None, "-"])
def test_an_answer_goes_to_standard_output(path: str | None, capsys: pytest.CaptureFixture[str]) -> None:
    """With one line end at the end."""
    emit("one", path)
    emit("two\n", path)

    assert capsys.readouterr().out == "one\ntwo\n"


def test_an_answer_goes_to_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """And then not to standard output."""
    emit("one", str(tmp_path / "a.txt"))

    assert (tmp_path / "a.txt").read_text(encoding="utf-8") == "one\n"
    assert capsys.readouterr().out == ""


def test_without_standard_output_there_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """A program may be started without one."""
    monkeypatch.setattr(sys, "stdout", None)

    with pytest.raises(UsageError, match="standard output cannot be written: it is closed"):
        emit("one", None)


def test_the_mask_of_the_process_is_left_as_it_was() -> None:
    """It can only be read by setting it."""
    before = os.umask(0o027)
    try:
        assert output._umask() == 0o027
        assert os.umask(0o027) == 0o027
    finally:
        os.umask(before)
