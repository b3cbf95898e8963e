"""SPIN on the same system, which ``handshakes.pml`` has in its language: another tool's counts, and its time."""

from __future__ import annotations

import re
import subprocess
import tempfile
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from benchmarks.plain import Counted

if TYPE_CHECKING:
    from benchmarks.family import Member

MODEL = Path(__file__).with_name("handshakes.pml")
#: Exact and without reductions, as fast as the compiler makes it; nothing but states is looked at.
FLAGS = ("-O2", "-DNOREDUCE", "-DSAFETY", "-DMEMLIM=16000")
DEPTH = 1_000_000


def spin(member: Member, *, breadth_first: bool = False) -> tuple[Counted, float]:
    """Let SPIN count a member; with it the seconds of the search alone. Depth first the depth is not told: 0.

    Raises:
        CalledProcessError: SPIN or the C compiler failed.
        ValueError: the search was not complete.
    """
    names = ("OPENS", "ABORTS", "NUMBERS")
    bounds = [
        f"-D{name}_{end}={limit}"
        for name, limits in zip(names, (member.opens, member.aborts, member.numbers), strict=True)
        for end, limit in zip("AB", limits, strict=True)
    ]
    # Scratch variables that are no part of the state are not for the breadth-first search.
    flags, scratch = (["-DBFS"], ["-DSCRATCH="]) if breadth_first else ([], [])
    # Its table of states cannot grow: here it gets a place for about every state.
    size = max(20, (10**member.power).bit_length())
    with tempfile.TemporaryDirectory() as folder:
        _run(folder, "spin", "-a", *scratch, *bounds, str(MODEL))
        _run(folder, "cc", *FLAGS, *flags, "-o", "pan", "pan.c")
        began = perf_counter()
        said = _run(folder, "./pan", f"-m{DEPTH}", f"-w{size}")
        seconds = perf_counter() - began
    if "errors: 0" not in said or "Search not completed" in said:
        raise ValueError(said)
    states, transitions, depth = (
        int(re.search(pattern, said)[1])  # type: ignore[index]  # from 10^8 on it rounds, which is no count
        for pattern in (r"(?m)^ *(\d+) states, stored", r"(?m)^ *(\d+) transitions", r"depth reached (\d+)")
    )
    # It counts the initial state as a transition.
    return Counted(states, transitions - 1, depth if breadth_first else 0), seconds


def _run(folder: str, *words: str) -> str:
    return subprocess.run(words, cwd=folder, stdout=subprocess.PIPE, text=True, check=True).stdout
