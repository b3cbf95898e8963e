"""How much memory a run may take where nobody says: what the machine has to give, so that it never swaps.

That is what is available now, to the machine and to every control group that the process is in, less a reserve for
everybody else. Where the platform does not tell what is available, it is most of what there is.
"""

from __future__ import annotations

import mmap
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from checker.limits import STATM, Limits, resident_bytes
from tcpfsm.errors import UsageError
from tcpfsm.i18n.language import tr

if TYPE_CHECKING:
    import argparse

#: What is left to everybody else, as a part of what there is; and where it is not known what is available, what is used.
RESERVE = 0.05
SHARE = 0.75
ROOT = Path("/")


def most_memory(root: Path = ROOT) -> int | None:
    """Return how large this process may become, in octets, or None where the platform does not tell.

    ``root`` is where ``/proc`` and ``/sys`` are found.
    """
    resident, total = resident_bytes(), _total()
    if resident is None or total is None:
        return None
    machine = _available(root)
    if machine is None:
        return int(total * SHARE)
    rooms = [machine - int(total * RESERVE), *(_room(*found) for found in _groups(root)), *_address_space()]
    return resident + max(0, min(rooms))


def limits_of(arguments: argparse.Namespace) -> Limits:
    """Return the limits that a command line gives; where it says nothing of memory, what the machine has to give.

    Raises:
        UsageError: they cannot be kept on this platform.
    """
    memory = arguments.memory_limit if arguments.memory_limit is not None else most_memory()
    try:
        return Limits(states=arguments.max_states, seconds=arguments.time_limit, memory=memory)
    except ValueError as error:
        raise UsageError(tr(str(error))) from None


def _total() -> int | None:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):
        return None


def _available(root: Path) -> int | None:
    """Return what programs can still take without swapping, as Linux estimates it."""
    text = _read(root / "proc" / "meminfo") or ""
    for line in text.splitlines():
        name, _, value = line.partition(":")
        if name == "MemAvailable":
            return int(value.split()[0]) * 1024
    return None


def _room(limit: int, used: int) -> int:
    return limit - used - int(limit * RESERVE)


def _groups(root: Path) -> Iterator[tuple[int, int]]:
    """Go through the control groups that bound this process, of both versions: what each may use, and what it uses.

    What the system keeps of files, and can drop, is not counted as used. A group of which this process sees only the
    inside, as in a container, is found at the top.
    """
    for line in (_read(root / "proc" / "self" / "cgroup") or "").splitlines():
        number, controllers, path = line.split(":", 2)
        if number == "0":
            top, names = root / "sys/fs/cgroup", ("memory.max", "memory.current", "inactive_file")
        elif "memory" in controllers.split(","):
            top = root / "sys/fs/cgroup/memory"
            names = ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")
        else:
            continue
        inner = top / path.lstrip("/")
        for folder in (inner, *inner.parents):
            if folder == top.parent:
                break
            limit, used = (_number(_read(folder / name)) for name in names[:2])
            if limit is not None and used is not None:
                yield limit, used - _statistic(_read(folder / "memory.stat"), names[2])


def _statistic(text: str | None, name: str) -> int:
    for line in (text or "").splitlines():
        known, _, value = line.partition(" ")
        if known == name:
            return _number(value) or 0
    return 0


def _number(text: str | None) -> int | None:
    """Return a number of octets, or None where there is none, as for a limit that is ``max``."""
    return int(text) if text is not None and text.strip().isdigit() else None


def _address_space() -> Iterator[int]:
    """Tell how much more address space there may be, where that is limited (``ulimit -v``)."""
    try:
        import resource  # noqa: PLC0415, some platforms do not have it
    except ImportError:
        return
    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    if limit != resource.RLIM_INFINITY and STATM.exists():
        taken = int(STATM.read_text(encoding="ascii").split()[0]) * mmap.PAGESIZE
        yield _room(limit, taken)


def _read(path: Path) -> str | None:
    try:
        return path.read_text(encoding="ascii", errors="replace")
    except OSError:
        return None
