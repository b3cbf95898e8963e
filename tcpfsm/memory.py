"""How much memory a run may take where nobody says: most of what the machine has, so that it never swaps."""

from __future__ import annotations

import os

SHARE = 0.75


def most_memory() -> int | None:
    """Return a memory limit in octets, or None where the platform does not tell how much there is."""
    try:
        return int(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") * SHARE)
    except (AttributeError, OSError, ValueError):
        return None
