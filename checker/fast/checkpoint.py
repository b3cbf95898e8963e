"""Keeps an exploration in a folder, so that it can be taken up again, whenever and however it ended.

``states`` has all states in order, eight octets a word; ``fills`` what was filled into the tables, in order, from which they
are filled again; ``checkpoint.json`` the rest. The first two only grow: what is behind the length that the third one tells
was written later, and counts for nothing. The third is replaced as a whole. So the three agree whenever one looks.
Nothing in them is run. Whether they may be used at all, ``folder`` sees to.
"""

from __future__ import annotations

import hashlib
import json
from array import array
from dataclasses import dataclass, field
from time import monotonic
from typing import TYPE_CHECKING, Any

from checker.fast.checked_file import ChangedError, CheckedFile
from checker.fast.folder import (
    ALREADY_THERE,
    DAMAGED,
    FILLS,
    IN_USE,
    NOT_EMPTY,
    NOT_WRITTEN,
    NOTHING_THERE,
    REST,
    STATES,
    CheckpointError,
    Folder,
)
from checker.fast.kernel import HAPPENED, USED
from checker.fast.layout import kept, layout_of
from checker.fast.state_list import Stretch

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from checker.fast.evaluation import Judge
    from checker.fast.kernel import Layout
    from checker.fast.search import Search

FORMAT = "checker.checkpoint/3"
#: How often it is written, in seconds; and how much of a file is read at once, in octets.
EVERY, PIECE = 30.0, 1 << 24

OTHER_VERSION = "the checkpoint was written by another version"
OTHER_RUN = "the checkpoint is of another run"
#: All texts of errors.
TEXTS = (
    NOTHING_THERE, ALREADY_THERE, IN_USE, NOT_EMPTY, DAMAGED, OTHER_VERSION, OTHER_RUN, NOT_WRITTEN,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Keep:
    """Where to keep an exploration; ``resume`` takes up what is there.

    ``about`` tells what is explored, by what; a checkpoint is of this run if it tells the same.
    """

    folder: Path
    resume: bool = False
    about: Mapping[str, str] = field(default_factory=dict)


class Checkpoint:
    """The folder of one exploration; ``states`` is the file in which the search keeps its states."""

    def __init__(self, keep: Keep, judge: Judge) -> None:
        """Open the folder, or make it.

        Raises:
            CheckpointError: there is something, or nothing, or what is there is damaged, of another run, or in use.
        """
        self.judge = judge
        self._about = {
            **keep.about,
            "properties": " ".join(f"{one.kind} {one.name}" for one in judge.properties),
        }
        self._filled = 0
        self._written = monotonic()
        self.folder = Folder(keep.folder, resume=keep.resume)
        self.states, self._fills = CheckedFile(self.folder.states), CheckedFile(self.folder.fills)
        try:
            self.rest = None if self.folder.rest is None else self._read(self.folder.rest)
        except BaseException:
            self.close()
            raise

    def _read(self, text: bytes) -> dict[str, Any]:
        try:
            checksum, _, body = text.partition(b"\n")
            if hashlib.sha256(body).hexdigest().encode("ascii") != checksum:
                raise CheckpointError(DAMAGED, REST)
            rest: dict[str, Any] = json.loads(body)
        except ValueError:
            raise CheckpointError(DAMAGED, REST) from None
        if rest["format"] != FORMAT:
            raise CheckpointError(OTHER_VERSION, rest["format"])
        for name in self._about.keys() | rest["about"].keys():
            kept, asked = rest["about"].get(name, ""), self._about.get(name, "")
            if kept != asked:
                raise CheckpointError(OTHER_RUN, f"{name}: {kept!r}, not {asked!r}")
        return rest

    @property
    def is_of_old(self) -> bool:
        """Whether there is something to take up."""
        return self.rest is not None

    def close(self) -> None:
        """Let go of the files."""
        self.states.close()
        self._fills.close()

    # ---- taking up ---------------------------------------------------------------------------------------------------

    def take_up(self, search: Search) -> None:
        """Bring a search, of which only the initial states were numbered, to where it was kept.

        Raises:
            CheckpointError: what was kept is damaged, or is of another system.
        """
        rest = self.rest or {}
        self._check(self.states, STATES, rest["octets"], rest["checksum"])
        self._check(self._fills, FILLS, rest["fills octets"], rest["fills checksum"])
        fills = array("i", b"".join(self._fills.pieces(PIECE)))
        self._filled = len(fills)
        tables = search.tables
        try:
            for at in range(0, len(fills), 3):
                tables.fill(*fills[at : at + 3])
            for move in rest["used"]:
                tables.moves.set(move, USED, 1)
            for fault in rest["faults"]:
                tables.mischiefs.set(fault, HAPPENED, 1)
            for bound in rest["bounds"]:
                tables.bound_reached.set(bound, 0, 1)
        except (IndexError, KeyError, StopIteration):
            raise CheckpointError(OTHER_RUN, "tables") from None
        if list(tables.widths()) != rest["widths"]:
            raise CheckpointError(OTHER_RUN, "tables")
        search.layout = self._layout(search, rest["layout"])
        states = search.states
        states.take_up(search.layout, rest["states"], rest["expanded"], rest["ends"])
        states.stretches = [
            Stretch(first, at, self._layout(search, laid)) for first, at, laid in rest["stretches"]
        ]
        search.steps, search.terminals, search.unanswered = (
            rest["steps"],
            rest["terminals"],
            rest["unanswered"],
        )
        search.blocked_terminals = rest["blocked terminals"]
        search.refused = set(rest["refused"])
        self.judge.take_up(rest["judged"])
        search.prepare()
        if int(search.known.table.counts.sum()) != rest["states"]:
            raise CheckpointError(DAMAGED, STATES)

    @staticmethod
    def _layout(search: Search, numbers: dict[str, list[int]]) -> Layout:
        return layout_of(numbers, len(search.system.processes), len(search.system.channels))

    @staticmethod
    def _check(file: CheckedFile, name: str, octets: int, checksum: int) -> None:
        try:
            file.take_up(octets, checksum)
        except ChangedError:
            raise CheckpointError(DAMAGED, name) from None

    # ---- keeping -----------------------------------------------------------------------------------------------------

    def look(self, search: Search) -> None:
        """Keep what was found, if it is time to; to be called where nothing is half done."""
        if monotonic() - self._written >= EVERY:
            self.write(search)

    def write(self, search: Search) -> None:
        """Keep what was found.

        Raises:
            OSError: it cannot be written; what was kept before stays.
        """
        self.judge.see(search)
        self._write(search)
        self._written = monotonic()

    def _write(self, search: Search) -> None:
        tables, states = search.tables, search.states
        states.store()
        self.states.settle()
        self._fills.append(tables.filled[self._filled :].tobytes())
        self._fills.settle()
        self._filled = len(tables.filled)
        laid = kept(search.layout)
        rest = {
            "format": FORMAT, "about": self._about, "widths": tables.widths(), "layout": laid,
            "stretches": [(one.first, one.offset, kept(one.layout)) for one in states.stretches],
            "states": len(states), "octets": self.states.octets, "checksum": self.states.checksum,
            "expanded": states.expanded, "ends": states.level_ends, "steps": search.steps, "terminals": search.terminals,
            "blocked terminals": search.blocked_terminals, "unanswered": search.unanswered, "fills octets": self._fills.octets, "fills checksum": self._fills.checksum,
            "used": [move for move in range(len(tables.moves)) if tables.moves.get(move, USED)],
            "bounds": [bound for bound in range(len(tables.bounds)) if tables.bound_reached.get(bound)],
            "faults": [at for at in range(len(tables.mischiefs)) if tables.mischiefs.get(at, HAPPENED)],
            "refused": sorted(search.refused), "judged": self.judge.kept(),
        }  # fmt: skip
        body = json.dumps(rest)
        self.folder.replace_rest(
            f"{hashlib.sha256(body.encode('ascii')).hexdigest()}\n{body}".encode("ascii")
        )
