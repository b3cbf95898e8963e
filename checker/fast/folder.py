"""The folder in which an exploration is kept: of one process at a time, with nothing in it that is not its own.

The file of states is locked while it is used; the system lets go of the lock when the process ends, however it does.
Nothing that somebody else put into the folder is written to, and no link in it is followed.
"""

from __future__ import annotations

import os
import stat
import sys
from contextlib import suppress
from io import FileIO
from typing import TYPE_CHECKING

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

if TYPE_CHECKING:
    from pathlib import Path

STATES, FILLS, REST = "states", "fills", "checkpoint.json"
#: Of what is locked on Windows, where an octet that is locked cannot be read by others: far behind all that is written.
FAR = 1 << 60

NOTHING_THERE = "there is no checkpoint in the folder"
ALREADY_THERE = "the folder has a checkpoint already; resume it, or name another folder"
IN_USE = "another process is using the folder; wait for its end, or name another folder"
NOT_EMPTY = "the folder is not empty, and what is in it is no checkpoint; name another folder"
DAMAGED = "the checkpoint is damaged: its files do not have what was written into them"
NOT_WRITTEN = "the checkpoint cannot be written"


class CheckpointError(Exception):
    """A checkpoint cannot be used; ``text`` is one of ``checkpoint.TEXTS``, ``detail`` says more, and may be empty."""

    def __init__(self, text: str, detail: str = "") -> None:
        super().__init__(f"{text}: {detail}" if detail else text)
        self.text = text
        self.detail = detail


class Folder:
    """A folder that is open and locked: the files ``states`` and ``fills``, and the text ``rest``, ``None`` in a new one."""

    def __init__(self, path: Path, *, resume: bool) -> None:
        """Open the folder, or make it.

        Raises:
            CheckpointError: something is there, or nothing, or another process uses it, or it cannot be written.
        """
        self.path = path
        self.rest: bytes | None = None
        opened: list[FileIO] = []
        try:
            self._open(opened, resume=resume)
        except BaseException as error:
            for file in opened:
                file.close()
            if isinstance(error, OSError):
                raise CheckpointError(NOT_WRITTEN, str(error.strerror)) from None
            raise
        self.states, self.fills = opened

    def _open(self, opened: list[FileIO], *, resume: bool) -> None:
        if resume and not os.path.lexists(self.path / REST):
            raise CheckpointError(NOTHING_THERE)
        if not resume:
            self.path.mkdir(parents=True, exist_ok=True)
            self._refuse_what_is_there()
        flags = os.O_RDWR if resume else os.O_RDWR | os.O_CREAT
        opened.append(self._own(STATES, flags))
        self._lock(opened[0])
        opened.append(self._own(FILLS, flags))
        if resume:
            with self._own(REST, os.O_RDONLY) as file:
                self.rest = file.readall()
        else:
            self._refuse_what_is_there()  # another process may have begun and ended since

    def _refuse_what_is_there(self) -> None:
        """Let nothing be in a new folder but the empty files that a run left which ended before it kept anything."""
        names = sorted(path.name for path in self.path.iterdir())
        if REST in names:
            raise CheckpointError(ALREADY_THERE)
        for name in names:
            found = os.lstat(self.path / name)
            if name not in (STATES, FILLS) or not stat.S_ISREG(found.st_mode) or found.st_size:
                raise CheckpointError(NOT_EMPTY, name)

    def _own(self, name: str, flags: int) -> FileIO:
        """Open a file of the folder, which has to be a file: neither a link nor a pipe, which would not let go."""
        path = self.path / name
        for flag in ("O_NOFOLLOW", "O_NONBLOCK", "O_BINARY"):  # not every system has them all
            flags |= getattr(os, flag, 0)
        try:
            if path.is_symlink():
                raise CheckpointError(DAMAGED, name)
            number = os.open(path, flags, 0o666)
        except FileNotFoundError:
            raise CheckpointError(DAMAGED, name) from None
        if not stat.S_ISREG(os.fstat(number).st_mode):
            os.close(number)
            raise CheckpointError(DAMAGED, name)
        return FileIO(number, "rb" if flags & (os.O_RDWR | os.O_WRONLY) == 0 else "r+b")

    @staticmethod
    def _lock(file: FileIO) -> None:
        try:
            if sys.platform == "win32":
                file.seek(FAR)
                msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
            else:
                fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
        except (BlockingIOError, PermissionError):
            raise CheckpointError(IN_USE) from None

    def replace_rest(self, text: bytes) -> None:
        """Put another text in the place of ``checkpoint.json``, all of it or nothing.

        Raises:
            OSError: it cannot be written.
        """
        new = self.path / f"{REST}.new"
        new.unlink(missing_ok=True)
        number = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
        with os.fdopen(number, "wb") as file:
            file.write(text)
            file.flush()
            os.fsync(number)
        new.replace(self.path / REST)
        with suppress(OSError):  # where a folder cannot be opened, its entries are the system's business
            place = os.open(self.path, os.O_RDONLY)
            os.fsync(place)
            os.close(place)
