"""Ctrl-C while an exploration must not be left in the middle of something."""

from __future__ import annotations

import signal
import threading
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from types import TracebackType


class Interrupts:
    """While it is entered, Ctrl-C only sets ``asked``; a second one is raised as ever.

    So is the first while a compiler is at work: that takes many seconds, and nothing is in the middle of anything but it.

    Where somebody else sees to Ctrl-C, or in another thread than the first, it changes nothing.
    """

    def __init__(self) -> None:
        self.asked = False
        self._compiling = 0
        self._before: Any = None

    def __enter__(self) -> Self:
        """Begin to hold Ctrl-C back."""
        is_first = threading.current_thread() is threading.main_thread()
        if is_first and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            self._before = signal.signal(signal.SIGINT, self._hold)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let Ctrl-C do what it did before."""
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)

    def compiler_begins(self) -> None:
        """From now on until it ends, Ctrl-C is raised, also one that came before."""
        self._compiling += 1
        if self.asked:
            raise KeyboardInterrupt

    def compiler_ends(self) -> None:
        """Hold Ctrl-C back again."""
        self._compiling -= 1

    def _hold(self, *_: object) -> None:
        if self.asked or self._compiling:
            raise KeyboardInterrupt
        self.asked = True
