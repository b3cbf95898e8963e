"""Work that takes long lets itself be ended: by a limit of the exploration it is done for, or by Ctrl-C.

An exploration looks at its limits between its own pieces of work. What a process or a predicate does is one piece to it,
however long that takes. So these say ``pause()`` now and then; where nobody asked them to be brief, it does nothing.
"""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

#: How many pauses of the smallest pieces there are from one look at the limits to the next; a few milliseconds of work.
PAUSES = 1 << 13

_give_up: ContextVar[Callable[[], None] | None] = ContextVar("give_up", default=None)
_left = PAUSES


class GivenUpError(Exception):
    """Something was not followed to its end; ``reason`` says which limit ended it, or that somebody interrupted."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def reason_of(end: GivenUpError | KeyboardInterrupt) -> str:
    """Why something was not followed to its end."""
    return end.reason if isinstance(end, GivenUpError) else "interrupted"


def pause(work: int = 1) -> None:
    """Say that some work was done: 1 is a turn of a short loop, some microsecond.

    Raises:
        GivenUpError: there is no time, or no memory, to go on; whoever explores catches it.
    """
    global _left  # noqa: PLW0603, this has to cost next to nothing, and a miscount matters to nobody
    _left -= work
    if _left > 0:
        return
    _left = PAUSES
    give_up = _give_up.get()
    if give_up is not None:
        give_up()


@contextmanager
def asking(give_up: Callable[[], None]) -> Iterator[None]:
    """Have whatever pauses meanwhile ask this, which raises ``GivenUpError`` where it has to end."""
    token = _give_up.set(give_up)
    try:
        yield
    finally:
        _give_up.reset(token)
