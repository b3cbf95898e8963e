"""Keeps an exploration in a folder, so that it can be taken up again, whenever and however it ended.

``states`` has all states in order, eight octets a word; ``fills`` what was filled into the tables, in order, from which they
are filled again; ``checkpoint.json`` the rest. The first two only grow: what is behind the length that the third one tells
was written later, and counts for nothing. The third is replaced as a whole. So the three agree whenever one looks.
Nothing in them is run.
"""

from __future__ import annotations

import hashlib
import json
import os
import zlib
from array import array
from contextlib import suppress
from dataclasses import dataclass, field
from time import monotonic
from typing import TYPE_CHECKING, Any

from checker.fast.kernel import USED
from checker.fast.layout import kept, layout_of
from checker.fast.state_list import Stretch

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from checker.fast.judge import Judge
    from checker.fast.kernel import Layout
    from checker.fast.search import Search

FORMAT = "checker.checkpoint/1"
STATES, FILLS, REST = "states", "fills", "checkpoint.json"
#: How often it is written, in seconds; and how much of a file is read at once, in octets.
EVERY, PIECE = 30.0, 1 << 24

NOTHING_THERE = "there is no checkpoint in the folder"
ALREADY_THERE = "the folder has a checkpoint already; resume it, or name another folder"
DAMAGED = "the checkpoint is damaged: its files do not have what was written into them"
OTHER_VERSION = "the checkpoint was written by another version"
OTHER_RUN = "the checkpoint is of another run"
NOT_WRITTEN = "the checkpoint cannot be written"
#: All texts of errors.
TEXTS = (NOTHING_THERE, ALREADY_THERE, DAMAGED, OTHER_VERSION, OTHER_RUN, NOT_WRITTEN)


class CheckpointError(Exception):
    """A checkpoint cannot be used; ``text`` is one of ``TEXTS``, ``detail`` says more, and may be empty."""

    def __init__(self, text: str, detail: str = "") -> None:
        super().__init__(f"{text}: {detail}" if detail else text)
        self.text = text
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Keep:
    """Where to keep an exploration; ``resume`` takes up what is there.

    ``about`` tells what is explored, by what; a checkpoint is of this run if it tells the same.
    """

    folder: Path
    resume: bool = False
    about: Mapping[str, str] = field(default_factory=dict)


class Checkpoint:
    """The folder of one exploration."""

    def __init__(self, keep: Keep, judge: Judge) -> None:
        """Open the folder, or make it.

        Raises:
            CheckpointError: there is something, or nothing, or what is there is damaged, or of another run.
        """
        self.folder = keep.folder
        self.judge = judge
        self._about = {
            **keep.about,
            "properties": " ".join(f"{one.kind} {one.name}" for one in judge.properties),
        }
        self._filled = 0
        self._checksum = 0
        self._written = monotonic()
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self.rest: dict[str, Any] | None = self._read() if keep.resume else None
            if self.rest is None and (self.folder / REST).exists():
                raise CheckpointError(ALREADY_THERE)
            states, fills = self.folder / STATES, self.folder / FILLS
            self.states = states.open("r+b") if self.rest else states.open("w+b")
            self._fills = fills.open("r+b") if self.rest else fills.open("w+b")
        except OSError as error:
            raise CheckpointError(NOT_WRITTEN, str(error.strerror)) from None

    def _read(self) -> dict[str, Any]:
        try:
            text = (self.folder / REST).read_bytes()
        except FileNotFoundError:
            raise CheckpointError(NOTHING_THERE) from None
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
        self._checked(self.states, STATES, rest["octets"], rest["checksum"])
        data = self._checked(self._fills, FILLS, rest["fills octets"], rest["fills checksum"], is_wanted=True)
        self._checksum = rest["fills checksum"]
        fills = array("i", data)
        self._filled = len(fills)
        tables = search.tables
        try:
            for at in range(0, len(fills), 3):
                tables.fill(*fills[at : at + 3])
            for move in rest["used"]:
                tables.moves.set(move, USED, 1)
            for bound in rest["bounds"]:
                tables.bound_reached.set(bound, 0, 1)
        except (IndexError, KeyError, StopIteration):
            raise CheckpointError(OTHER_RUN, "tables") from None
        if list(tables.widths()) != rest["widths"]:
            raise CheckpointError(OTHER_RUN, "tables")
        search.layout = self._layout(search, rest["layout"])
        states = search.states
        states.take_up(search.layout, rest["states"], rest["expanded"], rest["ends"], rest["checksum"])
        states.stretches = [
            Stretch(first, at, self._layout(search, laid)) for first, at, laid in rest["stretches"]
        ]
        search.steps, search.terminals, search.unanswered = (
            rest["steps"],
            rest["terminals"],
            rest["unanswered"],
        )
        self.judge.take_up(rest["judged"])
        search.prepare()
        if int(search.known.table.counts.sum()) != rest["states"]:
            raise CheckpointError(DAMAGED, STATES)

    @staticmethod
    def _layout(search: Search, numbers: dict[str, list[int]]) -> Layout:
        return layout_of(numbers, len(search.system.processes), len(search.system.channels))

    def _checked(self, file: Any, name: str, octets: int, checksum: int, *, is_wanted: bool = False) -> bytes:
        """Read a file up to a length, and cut it there; what it has, if that is wanted."""
        found, left = 0, octets
        data = bytearray()
        file.seek(0)
        while left and (piece := file.read(min(PIECE, left))):
            found = zlib.crc32(piece, found)
            left -= len(piece)
            if is_wanted:
                data += piece
        if left or found != checksum:
            raise CheckpointError(DAMAGED, name)
        file.truncate(octets)
        return bytes(data)

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
        _settle(self.states)
        new = tables.filled[self._filled :].tobytes()
        self._fills.seek(0, os.SEEK_END)
        self._fills.write(new)
        _settle(self._fills)
        self._filled = len(tables.filled)
        self._checksum = zlib.crc32(new, self._checksum)
        laid = kept(search.layout)
        rest = {
            "format": FORMAT, "about": self._about, "widths": tables.widths(), "layout": laid,
            "stretches": [(one.first, one.offset, kept(one.layout)) for one in states.stretches],
            "states": len(states), "octets": self.states.seek(0, os.SEEK_END), "checksum": states.checksum,
            "expanded": states.expanded, "ends": states.level_ends, "steps": search.steps, "terminals": search.terminals,
            "unanswered": search.unanswered, "fills octets": self._fills.tell(), "fills checksum": self._checksum,
            "used": [move for move in range(len(tables.moves)) if tables.moves.get(move, USED)],
            "bounds": [bound for bound in range(len(tables.bounds)) if tables.bound_reached.get(bound)],
            "judged": self.judge.kept(),
        }  # fmt: skip
        body = json.dumps(rest)
        new_file = self.folder / f"{REST}.new"
        with new_file.open("w", encoding="ascii") as file:
            file.write(hashlib.sha256(body.encode("ascii")).hexdigest() + "\n" + body)
            _settle(file)
        new_file.replace(self.folder / REST)
        with suppress(OSError):  # where a folder cannot be opened, its entries are the system's business
            place = os.open(self.folder, os.O_RDONLY)
            os.fsync(place)
            os.close(place)


def _settle(file: Any) -> None:
    """Have everything on the disk that was written."""
    file.flush()
    os.fsync(file.fileno())
