"""How the components of a state share one word, and what to do when one of them outgrows its place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from checker.fast.kernel import Layout

if TYPE_CHECKING:
    from collections.abc import Sequence

#: How many bits a word has to give: one less than a signed one, and one more to be far from its end.
BITS = 62


class TooWideError(Exception):
    """A state does not fit one word, or has more steps than there is room for."""


def layout_for(counts: Sequence[int], processes: int, channels: int, *, compiled: bool) -> Layout:
    """A layout with room for so many different numbers of each component, and for more where bits are left.

    Raises:
        TooWideError: there are not enough bits.
    """
    widths = [max(1, (count - 1).bit_length()) for count in counts]
    if sum(widths) > BITS:
        raise TooWideError
    while sum(widths) + len(widths) <= BITS:
        widths = [width + 1 for width in widths]
    shifts = [sum(widths[:place]) for place in range(len(widths))]
    masks = [(1 << width) - 1 for width in widths]
    if not compiled:
        return Layout(shifts, masks, processes, channels)
    import numpy as np  # noqa: PLC0415, so that only those who compile pay for the import

    return Layout(np.array(shifts, np.int64), np.array(masks, np.int64), processes, channels)


def pack(layout: Layout, numbers: Sequence[int]) -> int:
    """The word of a state whose components are these numbers."""
    return sum(number << int(shift) for number, shift in zip(numbers, layout.shifts, strict=True))


def unpack(layout: Layout, word: int) -> tuple[int, ...]:
    """The components of a word."""
    return tuple(
        (int(word) >> int(shift)) & int(mask) for shift, mask in zip(layout.shifts, layout.masks, strict=True)
    )


def fits(layout: Layout, counts: Sequence[int]) -> bool:
    """Whether there is room for so many different numbers of each component."""
    return all(count - 1 <= int(mask) for count, mask in zip(counts, layout.masks, strict=True))


def moved(words: Any, old: Layout, new: Layout) -> Any:
    """Some words in another layout."""
    if isinstance(words, list):
        return [pack(new, unpack(old, word)) for word in words]
    import numpy as np  # noqa: PLC0415, so that only those who compile pay for the import

    found = np.zeros_like(words)
    for place in range(len(old.shifts)):
        found |= ((words >> old.shifts[place]) & old.masks[place]) << new.shifts[place]
    return found


def mask_of(layout: Layout, components: Sequence[int]) -> int:
    """The bits of some components within a word."""
    return sum(int(layout.masks[place]) << int(layout.shifts[place]) for place in components)
