"""Threads that run functions of the kernel side by side."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor, wait
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class Crew:
    """As many threads as ``size`` says; this one is the first of them. Compiled code does not hold the interpreter's lock."""

    def __init__(self, size: int) -> None:
        self.size = size
        self._others = ThreadPoolExecutor(size - 1) if size > 1 else None

    def run(self, tasks: Sequence[Callable[[], Any]]) -> list[Any]:
        """Run some functions; what they return, in order, when all are done."""
        if self._others is None or len(tasks) == 1:
            return [task() for task in tasks]
        futures = [self._others.submit(task) for task in tasks[1:]]
        try:
            first = tasks[0]()
        finally:
            wait(futures)
        return [first, *(future.result() for future in futures)]

    def close(self) -> None:
        """Let the threads go."""
        if self._others is not None:
            self._others.shutdown()


def processors() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
