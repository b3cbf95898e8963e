"""Writing: a file is written whole or not at all, and nothing of the user's is overwritten by surprise."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from tcpfsm.errors import UsageError


def write_whole(path: Path, text: str) -> None:
    """Write a file so that at every moment either the old content or all of the new one is there.

    Raises:
        UsageError: the file cannot be written.
    """
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}") from None
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        Path(name).chmod(0o666 & ~_umask())
        Path(name).replace(path)
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}") from None
    finally:
        Path(name).unlink(missing_ok=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def emit(text: str, path: str | None) -> None:
    """Write an answer to standard output, or whole to a file."""
    text = text if text.endswith("\n") else text + "\n"
    if path is None or path == "-":
        sys.stdout.write(text)
        sys.stdout.flush()
    else:
        write_whole(Path(path), text)
