"""Copying a protocol or a variant out of the package, as a start for one's own. Nothing is ever overwritten."""

from __future__ import annotations

import re
from pathlib import Path

from tcpfsm.errors import UsageError
from tcpfsm.output import write_whole
from tcpfsm.target import Target

_MODELINE = re.compile(r"^# yaml-language-server: \$schema=.*$", re.MULTILINE)


def copy(target: Target, folder: Path) -> list[Path]:
    """Copy a target into a folder that is made if need be; return the files that were written.

    A protocol is copied whole; a variant or scenario as one file.

    Raises:
        UsageError: a file of that name is there already, or cannot be written. Then nothing was written.
    """
    source = target.protocol.folder
    if target.variant:
        files = {folder / f"{target.variant}.yaml": Path(target.protocol.variants[target.variant].node.file.path)}
        files = {path: source / "variants" / origin.name for path, origin in files.items()}
    elif target.scenario:
        files = {folder / f"{target.scenario}.yaml": source / "scenarios" / f"{target.scenario}.yaml"}
    else:
        files = {folder / path.relative_to(source): path for path in sorted(source.rglob("*.yaml"))}
    for path in files:
        if path.exists():
            raise UsageError(f"{path} exists already: nothing was copied")
    schemas = Path(__file__).parent / "schemas"
    written = []
    try:
        for path, origin in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, _with_schema(origin.read_text(encoding="utf-8"), schemas))
            written.append(path)
    except OSError as error:
        raise UsageError(f"{folder} cannot be written: {error.strerror}") from None
    return written


def _with_schema(text: str, schemas: Path) -> str:
    """Point the editor's modeline at the schema where it is installed."""

    def installed(match: re.Match[str]) -> str:
        return f"# yaml-language-server: $schema={(schemas / Path(match.group()).name).as_uri()}"

    return _MODELINE.sub(installed, text, count=1)
