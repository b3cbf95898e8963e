"""Writing: a file is written whole or not at all, and nothing of the user's is overwritten by surprise."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from tcpfsm.errors import UsageError
from tcpfsm.i18n.language import tr
from tcpfsm.i18n.visible import tell, visible


def write_whole(path: Path, text: str) -> None:
    """Write a file so that at every moment either the old content or all of the new one is there.

    A link is followed. What is no file, such as a terminal or a pipe, is written to as it is.

    Raises:
        UsageError: the file cannot be written.
    """
    check_writable(path)
    try:
        if path.exists() and not path.is_file():
            path.write_text(text, encoding="utf-8")
        else:
            _replace(path.resolve(), text)
    except OSError as error:
        raise UsageError(tr("{path} cannot be written: {reason}", path=path, reason=tr(str(error.strerror)))) from None


def check_writable(path: Path) -> None:
    """Say at once what would keep a file from being written, before work is done that would be lost.

    Raises:
        UsageError: the file cannot be written.
    """
    try:
        _refuse_what_is_in_the_way(path)
    except OSError as error:
        raise UsageError(tr("{path} cannot be written: {reason}", path=path, reason=tr(str(error.strerror)))) from None


def _refuse_what_is_in_the_way(path: Path) -> None:
    if path.is_dir():
        raise UsageError(tr("{path} cannot be written: it is a folder", path=path))
    if not path.parent.is_dir():
        raise UsageError(tr("{path} cannot be written: there is no folder {parent}", path=path, parent=path.parent))
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        raise UsageError(tr("{path} cannot be written: permission denied", path=path))


def _replace(path: Path, text: str) -> None:
    mode = path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_umask()
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:64]}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        Path(name).chmod(mode)
        Path(name).replace(path)
    finally:
        Path(name).unlink(missing_ok=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def emit(text: str, path: str | None) -> None:
    """Write an answer to standard output, or whole to a file; what would steer a terminal is written as its escape.

    Raises:
        UsageError: it cannot be written there.
    """
    text = visible(text if text.endswith("\n") else text + "\n")
    if path is not None and path != "-":
        write_whole(Path(path), text)
        return
    try:
        _write(text)
    except BrokenPipeError:
        # Whoever read the answer has had enough of it (a pager, head); that is no fault, and does not change it.
        _forget_the_rest()
    except OSError as error:
        _forget_the_rest()
        raise UsageError(tr("standard output cannot be written: {reason}", reason=tr(str(error.strerror)))) from None


def _forget_the_rest() -> None:
    """Let nothing that is still buffered fail once more when the program ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _write(text: str) -> None:
    if sys.stdout is None:  # the program was started with its standard output closed
        raise UsageError(tr("standard output cannot be written: it is closed"))
    tell(sys.stdout, text)
