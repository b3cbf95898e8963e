"""The files of a protocol's folder: which are read, and which look as if they were and are not."""

from __future__ import annotations

import difflib
import os
import stat
from dataclasses import dataclass, field
from pathlib import Path

from tcpfsm.errors import Place, Problem
from tcpfsm.i18n.language import tr
from tcpfsm.i18n.visible import on_one_line

MACHINE = "machine.yaml"
PROPERTIES = "properties.yaml"
ENDING = ".yaml"
#: Each holds files of one kind; a file's name is the name of what it holds.
FOLDERS = ("scenarios", "variants", "figures", "claims")
#: How like a name has to be to one that is read, so that it is taken for a slip.
NEAR = 0.8


@dataclass(frozen=True, slots=True)
class SpecFiles:
    """What a folder holds: whether there are properties, and the files of each kind, in the order of their names."""

    has_properties: bool
    files: dict[str, tuple[Path, ...]]
    #: What is there and cannot be read, or would be left out in silence.
    problems: list[Problem] = field(default_factory=list)


def spec_files(folder: Path, shown: str | None = None) -> SpecFiles:
    """Look through a protocol's folder; ``shown`` is how its path is written in messages.

    Names that begin with a dot are left out: they belong to editors and systems.
    """
    prefix = on_one_line(shown or str(folder))
    problems: list[Problem] = []
    found: dict[str, tuple[Path, ...]] = dict.fromkeys(FOLDERS, ())
    entries = _entries(folder, prefix, problems)
    for path in entries:
        place = Place(f"{prefix}/{on_one_line(path.name)}", 1, 1)
        if path.name in FOLDERS and _is_folder(path):
            found[path.name] = _files(path, place.path, problems)
        elif path.name not in (MACHINE, PROPERTIES):
            name = meant(path)
            if name:
                problems.append(Problem(place, tr("this is not read"), tr("what is read is called {name}", name=name)))
    return SpecFiles(any(path.name == PROPERTIES for path in entries), found, problems)


def meant(path: Path) -> str:
    """Return which file or folder of a protocol a name was meant to be; empty where it is none of them by a slip."""
    stem, ending = os.path.splitext(path.name)  # noqa: PTH122, as Path takes no ending from a name such as ".yaml"
    is_folder = _is_folder(path)
    if not stem.isalpha() or (not is_folder and ending.casefold() not in (ENDING, ".yml")):
        return ""
    choices = [*FOLDERS] if is_folder else [MACHINE.removesuffix(ENDING), PROPERTIES.removesuffix(ENDING), *FOLDERS]
    word = stem.casefold()
    singular = {choice.removesuffix("s"): choice for choice in choices} | {"property": "properties"}
    near = singular.get(word) or next(iter(difflib.get_close_matches(word, choices, n=1, cutoff=NEAR)), "")
    if not near:
        return ""
    return f"{near}/" if near in FOLDERS else f"{near}{ENDING}"


def _files(folder: Path, shown: str, problems: list[Problem]) -> tuple[Path, ...]:
    """Return the files of one kind; what else looks like one is a problem."""
    found = []
    for path in _entries(folder, shown, problems):
        name = on_one_line(path.name)
        place = Place(f"{shown}/{name}", 1, 1)
        ending = path.suffix.casefold()
        if path.suffix == ENDING and (name != path.name or path.stem != path.stem.strip()):
            problems.append(Problem(place, tr("the name of this file cannot name what it holds"), tr("use letters, digits and - _ .")))
        elif path.suffix == ENDING:
            found.append(path)
        elif ending in (ENDING, ".yml"):
            problems.append(Problem(place, tr("this is not read"), tr("what is read is called {name}", name=f"{on_one_line(path.stem)}{ENDING}")))
        elif _is_folder(path) and any(inner.suffix.casefold() in (ENDING, ".yml") for inner in _entries(path, place.path, problems)):
            problems.append(Problem(place, tr("the files of this folder are not read"), tr("put them into {folder}", folder=shown)))
    return tuple(found)


def _entries(folder: Path, shown: str, problems: list[Problem]) -> list[Path]:
    try:
        with os.scandir(folder) as entries:
            names = sorted(entry.name for entry in entries)
    except (FileNotFoundError, ValueError):  # ValueError: a path that holds a NUL
        return []
    except OSError as error:
        problems.append(Problem(Place(shown, 1, 1), tr("cannot be read: {reason}", reason=tr(str(error.strerror)))))
        return []
    return [folder / name for name in names if not name.startswith(".")]


def _is_folder(path: Path) -> bool:
    try:
        return stat.S_ISDIR(path.stat().st_mode)
    except OSError:
        return False
