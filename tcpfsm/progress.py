"""Progress on standard error, one line that is written over: states, rate, depth, frontier, memory."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

from tcpfsm.ladder_text import width
from tcpfsm.language import tr

if TYPE_CHECKING:
    from checker import Progress


class Meter:
    """Shows how far the work has come, once it has taken longer than a moment."""

    PATIENCE = 2.0

    def __init__(self, jobs: int) -> None:
        self.jobs = jobs
        self.number = 0
        self.name = ""
        self.began = time.monotonic()
        self.width = 0

    def begin(self, number: int, name: str) -> None:
        """Say which job begins."""
        self.number, self.name = number + 1, name

    def show(self, progress: Progress) -> None:
        """Write the line anew."""
        if time.monotonic() - self.began < self.PATIENCE:
            return
        rate = progress.states / progress.seconds if progress.seconds else 0.0
        memory = "" if progress.memory is None else f", {progress.memory / 2**20:,.0f} MiB"
        seen = tr(
            "{states} states, {rate}/s, depth {depth}, {frontier} to expand",
            states=f"{progress.states:,}",
            rate=f"{rate:,.0f}",
            depth=progress.depth,
            frontier=f"{progress.frontier:,}",
        )
        self._write(f"[{self.number}/{self.jobs}] {self.name}: {seen}{memory}")

    def end(self) -> None:
        """Clear the line."""
        if self.width:
            self._write("")

    def _write(self, text: str) -> None:
        sys.stderr.write("\r" + text + " " * (self.width - width(text)) + ("\r" if not text else ""))
        sys.stderr.flush()
        self.width = width(text)
