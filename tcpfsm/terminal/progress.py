"""Progress on standard error: states, rate, depth, frontier, memory, growth; of a long run, statistics in the end.

On a terminal it is one line that is written over; elsewhere, as in a log, it is a line now and then.
"""

from __future__ import annotations

import contextlib
import shutil
import sys
import time
from typing import TYPE_CHECKING

from checker.limits import peak_bytes
from tcpfsm.i18n.language import tr
from tcpfsm.i18n.visible import on_one_line, tell
from tcpfsm.i18n.width import width
from tcpfsm.terminal.growth import growth, rounded

if TYPE_CHECKING:
    from checker import Progress


class Meter:
    """Shows how far the work has come, once it has taken longer than a moment.

    On a terminal the moment is one of all the work, elsewhere of each job: many short jobs leave no trace in a log.
    """

    PATIENCE = 2.0
    #: How long a line on a terminal stays at least, and how much longer a job has taken at the next line of a log.
    SHORTEST = 0.5
    SPARSE = 1.5

    def __init__(self, jobs: int, *, terminal: bool = True) -> None:
        self.jobs = jobs
        self.terminal = terminal
        self.number = 0
        self.name = ""
        self.began = self.job_began = time.monotonic()
        self.written = 0.0
        self.width = 0
        self.has_compiled = False

    def begin(self, number: int, name: str) -> None:
        """Say which job begins."""
        self.number, self.name = number + 1, name
        self.job_began = now = time.monotonic()
        self.has_compiled = False
        if not self.terminal:
            self.written = 0.0
        elif now - self.began >= self.PATIENCE and now - self.written >= self.SHORTEST:
            self._rewrite([self._head()])

    def show(self, progress: Progress) -> None:
        """Say how far the job has come."""
        now = time.monotonic()
        if progress.compiling:
            self._compiling()
            return
        if now - (self.began if self.terminal else self.job_began) < self.PATIENCE:
            return
        told = _told(progress)
        if self.terminal:
            self._rewrite([f"{self._head()}: {told}", told])
        elif now - self.job_began >= self.SPARSE * self.written:
            self.written = now - self.job_began
            _write(f"{self._head()}: {told}\n")

    def _compiling(self) -> None:
        """Say at once what takes so long; the compiler tells of every function, but it is one line."""
        if self.has_compiled:
            return
        self.has_compiled = True
        text = tr("compiling the kernel, once; it is kept on disk")
        if self.terminal:
            self._rewrite([f"{self._head()}: {text}", text])
        else:
            _write(f"{self._head()}: {text}\n")

    def finish(self, states: int, steps: int, depth: int) -> None:
        """Say what a job came to, if it took longer than a moment; this stays."""
        seconds = time.monotonic() - self.job_began
        if seconds < self.PATIENCE:
            return
        peak = peak_bytes()
        told = tr(
            "{states} states, {steps} steps, depth {depth} in {seconds} s, {rate} states/s",
            states=f"{states:,}",
            steps=f"{steps:,}",
            depth=depth,
            seconds=f"{seconds:,.1f}",
            rate=f"{rounded(states / seconds):,}",
        )
        memory = "" if peak is None else tr(", at most {memory} MiB of memory", memory=f"{peak / 2**20:,.0f}")
        self.end()
        _write(f"{self._head()}: {told}{memory}\n")

    def end(self) -> None:
        """Clear the line."""
        if self.width:
            _write("\r" + " " * self.width + "\r")
        self.width = 0

    def _head(self) -> str:
        return f"[{self.number}/{self.jobs}] {on_one_line(self.name)}"

    def _rewrite(self, texts: list[str]) -> None:
        """Write the line anew: the first of some texts that fits, or as much of the last as does."""
        self.written = time.monotonic()
        room = shutil.get_terminal_size().columns - 1
        text = next((text for text in texts if width(text) <= room), texts[-1])
        while width(text) > room:
            text = text[:-1]
        _write("\r" + text + " " * (self.width - width(text)))
        self.width = width(text)


def _told(progress: Progress) -> str:
    rate = progress.states / progress.seconds if progress.seconds else 0.0
    told = tr(
        "{states} states, {rate}/s, depth {depth}, {frontier} to expand",
        states=f"{progress.states:,}",
        rate=f"{rate:,.0f}",
        depth=progress.depth,
        frontier=f"{progress.frontier:,}",
    )
    memory = "" if progress.memory is None else f", {progress.memory / 2**20:,.0f} MiB"
    return f"{told}{memory}{_growth(progress)}"


def _growth(progress: Progress) -> str:
    """Return what is known of how the space grows; of the level that is being found, nothing is."""
    found = growth(progress.levels[: progress.depth + 1])
    if found is None:
        return ""
    if found.states is None:
        if found.ratio <= 1:
            return ""
        return "; " + tr("levels grow ×{ratio}", ratio=f"{found.ratio:.1f}")
    expanded = progress.states - progress.frontier
    left = max(0, found.states - expanded)
    text = tr("levels shrink: about {states} states in all", states=f"{rounded(max(found.states, progress.states)):,}")
    if expanded > 0:
        seconds = rounded(left * progress.seconds / expanded)
        text = tr("{text}, some {seconds} s to go", text=text, seconds=f"{seconds:,}")
    return "; " + text


def _write(text: str) -> None:
    # Where nobody listens there is nothing to say; that is no reason to stop.
    with contextlib.suppress(OSError, AttributeError):
        tell(sys.stderr, text)
