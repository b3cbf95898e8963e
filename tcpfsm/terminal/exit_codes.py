"""What the exit code says, and how the person at the terminal is told what went wrong."""

from __future__ import annotations

import contextlib
import os
import sys

from tcpfsm.i18n.visible import tell, visible

OK, VIOLATED, USAGE, INCONCLUSIVE, BAD_SPEC, MISSING_TOOL, OUR_BUG, INTERRUPTED = 0, 1, 2, 3, 4, 5, 70, 130


def complain(text: str) -> None:
    """Write something that is no answer to standard error."""
    # Where nobody listens, or nobody can hear it, the exit code has to do.
    try:
        tell(sys.stderr, f"{visible(text)}\n")
    except (OSError, AttributeError):
        # What is still buffered must not fail once more when the program ends: that would be another exit code.
        with contextlib.suppress(OSError, AttributeError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())
