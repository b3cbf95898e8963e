"""Copying a protocol or a variant out of the package, as a start for one's own. Nothing is ever overwritten."""

from __future__ import annotations

import os
import re
from pathlib import Path

from tcpfsm.errors import UsageError
from tcpfsm.i18n.language import tr
from tcpfsm.loader.folder import MACHINE, PROPERTIES, spec_files
from tcpfsm.loader.source import read
from tcpfsm.loader.target import Target, spec_folder
from tcpfsm.terminal.output import write_whole

_MODELINE = re.compile(r"^# yaml-language-server: \$schema=.*$", re.MULTILINE)
_EXTENDS = re.compile(r"^extends:.*$", re.MULTILINE)


def copy(target: Target, folder: Path) -> list[Path]:
    """Copy a target into a folder that is made if need be; return the files that were written.

    A protocol is copied whole; a variant or scenario as one file.

    Raises:
        UsageError: a file of that name is there already, or cannot be written. Then nothing was written.
    """
    files = {folder / name: text for name, text in _texts(target, folder).items()}
    for path in files:
        if os.path.lexists(path):
            raise UsageError(tr("{path} exists already: nothing was copied", path=path))
    schemas = Path(__file__).parents[1] / "schemas"
    written: list[Path] = []
    try:
        for path, text in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            written.append(path)
            write_whole(path, _with_schema(text, schemas))
    except BaseException as error:
        for path in written:
            path.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise UsageError(tr("{path} cannot be written: {reason}", path=folder, reason=tr(str(error.strerror)))) from None
        raise
    return written


def _texts(target: Target, folder: Path) -> dict[str, str]:
    """Return the texts to copy by their paths within the folder."""
    protocol, source = target.protocol, target.protocol.folder
    if target.scenario:
        return {f"{target.scenario}.yaml": protocol.scenarios[target.scenario].node.file.text}
    if not target.variant:
        there = spec_files(source)
        tops = [source / MACHINE, *([source / PROPERTIES] if there.has_properties else [])]
        paths = [*tops, *(path for files in there.files.values() for path in files)]
        return {path.relative_to(source).as_posix(): read(path).text for path in paths}
    text = protocol.variants[target.variant].node.file.text
    if not source.resolve().is_relative_to(spec_folder().resolve()):  # its parent is found by its place alone
        parent = Path(os.path.relpath(source.resolve(), folder.resolve())).as_posix()
        text = _EXTENDS.sub(lambda _: f"extends: {parent}", text, count=1)
    return {f"{target.variant}.yaml": text}


def _with_schema(text: str, schemas: Path) -> str:
    """Point the editor's modeline at the schema where it is installed."""

    def installed(match: re.Match[str]) -> str:
        return f"# yaml-language-server: $schema={(schemas / Path(match.group()).name).as_uri()}"

    return _MODELINE.sub(installed, text, count=1)
