"""How far an exploration may go, and what it says on the way.

A limit cuts the exploration, it never changes what is found before: a cut space proves less, and says so.
"""

from __future__ import annotations

import mmap
import sys
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

STATM = Path("/proc/self/statm")
PROGRESS_SECONDS = 0.5
#: Why an exploration stopped that had no more time; and one that found as many states as were wanted.
TIME_IS_OVER, ENOUGH = "time limit", "enough states"
# Reading the resident set costs as much as expanding a state or two, so it is not done at every look; but looks may be
# far apart, so it is done after some time as well.
MEMORY_EVERY = 256
MEMORY_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of one exploration; ``None`` is no limit.

    ``states`` is never exceeded (but the initial states are always kept), ``seconds`` are wall-clock time,
    ``memory`` is the resident set of the whole Python process in octets. It is looked at every few hundred states, and
    before a large piece of memory is taken; so it may be exceeded by what those few hundred states take.
    ``enough`` are as many states as are wanted: beyond them the exploration stops when it next looks at its limits,
    which is cheaper than to keep ``states`` exactly.

    Raises:
        ValueError: a limit is negative, or the platform does not tell the resident set.
    """

    states: int | None = None
    seconds: float | None = None
    memory: int | None = None
    enough: int | None = None

    def __post_init__(self) -> None:
        """Refuse limits that cannot be meant or kept."""
        for name in ("states", "seconds", "memory", "enough"):
            limit = getattr(self, name)
            if limit is not None and limit < 0:
                raise ValueError(f"the limit of {name} is {limit}; it cannot be negative")
        if self.memory is not None and resident_bytes() is None:
            raise ValueError(
                "this platform does not tell how much memory is resident, so it cannot be limited"
            )


class Progress(NamedTuple):
    """Where an exploration stands.

    ``depth`` is the depth of the states being expanded, ``frontier`` the number of states found but not expanded,
    ``seconds`` the time so far, ``memory`` the resident set in octets (``None`` where the platform does not tell),
    ``levels`` the number of states found at each depth, of which the last may still grow; empty where it is not told.
    ``compiling`` says that it waits for a compiler; then nothing else is told but seconds and memory.
    """

    states: int
    steps: int
    depth: int
    frontier: int
    seconds: float
    memory: int | None
    levels: tuple[int, ...] = ()
    compiling: bool = False


class Watch:
    """Keeps an eye on the limits while a space is explored, and reports progress about twice a second."""

    def __init__(self, limits: Limits, on_progress: Callable[[Progress], None] | None = None) -> None:
        """Start the clock."""
        self._limits = limits
        self._on_progress = on_progress
        self._began = self._reported = monotonic()
        self._remembered = self._began
        self._looks = 0

    def look(
        self, states: int, steps: int, depth: int, frontier: int, levels: Sequence[int] = ()
    ) -> str | None:
        """Report if it is time to; the name of the limit that is exceeded, if one is."""
        now = monotonic()
        if self._on_progress is not None and now - self._reported >= PROGRESS_SECONDS:
            self._reported = now
            so_far = (now - self._began, resident_bytes(), tuple(levels))
            self._on_progress(Progress(states, steps, depth, frontier, *so_far))
        if self._limits.seconds is not None and now - self._began >= self._limits.seconds:
            return TIME_IS_OVER
        if self._limits.enough is not None and states > self._limits.enough:
            return ENOUGH
        is_time = self._looks % MEMORY_EVERY == 0 or now - self._remembered >= MEMORY_SECONDS
        self._looks += 1
        if not is_time:
            return None
        self._remembered = now
        return self.foresee(0)

    @property
    def seconds(self) -> float:
        """The time so far."""
        return monotonic() - self._began

    @property
    def is_late(self) -> bool:
        """Whether the limit of time is exceeded."""
        return self._limits.seconds is not None and self.seconds >= self._limits.seconds

    def compiling(self) -> None:
        """Report that a compiler is at work, which takes many seconds and is not seen otherwise."""
        if self._on_progress is not None:
            so_far = (monotonic() - self._began, resident_bytes())
            self._on_progress(Progress(0, 0, 0, 0, *so_far, compiling=True))

    def foresee(self, more_bytes: int) -> str | None:
        """The limit of memory, by name, if so many octets more would exceed it; to be asked before they are taken."""
        if self._limits.memory is None:
            return None
        resident = resident_bytes()
        if resident is None or resident + more_bytes > self._limits.memory:
            return "memory limit"
        return None


def resident_bytes() -> int | None:
    """The resident set of this process in octets; where only its peak is known, the peak; ``None`` if neither is."""
    if STATM.exists():
        return int(STATM.read_text(encoding="ascii").split()[1]) * mmap.PAGESIZE
    return peak_bytes()


def peak_bytes() -> int | None:
    """The largest resident set that this process ever had, in octets; ``None`` where the platform does not tell."""
    try:
        import resource  # noqa: PLC0415, some platforms do not have it
    except ImportError:
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
