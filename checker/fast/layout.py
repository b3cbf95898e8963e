"""How the components of a state share words, and what to do when one of them outgrows its place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from checker.fast.kernel import Layout

if TYPE_CHECKING:
    from collections.abc import Sequence

#: How many bits of a word components may take: one less for the sign, and one for the bit that is always 1.
BITS = 62
#: How many words a state may have where it is compiled.
MOST_WORDS = 2


class TooWideError(Exception):
    """A state does not fit two words, or has more steps than there is room for."""


def layout_for(counts: Sequence[int], processes: int, channels: int, *, compiled: bool) -> Layout:
    """A layout with room for so many different numbers of each component, and for more where bits are left.

    Raises:
        TooWideError: there are not enough bits.
    """
    widths = [max(1, (count - 1).bit_length()) for count in counts]
    if not compiled:
        return _laid([width + 8 for width in widths], [0] * len(widths), processes, channels, [0])
    halves = _halves(widths)
    while True:
        wider = [width + 1 for width in widths]
        if _overfull(wider, halves):
            break
        widths = wider
    return layout_of(
        kept(_laid(widths, halves, processes, channels, [0] * (1 + max(halves)))), processes, channels
    )


def kept(layout: Layout) -> dict[str, list[int]]:
    """A layout as plain numbers."""
    named = {"halves": layout.halves, "shifts": layout.shifts, "masks": layout.masks, "words": layout.words}
    return {name: [int(number) for number in numbers] for name, numbers in named.items()}


def layout_of(numbers: dict[str, list[int]], processes: int, channels: int) -> Layout:
    """The layout, for compiled code, that was kept as these numbers."""
    import numpy as np  # noqa: PLC0415, so that only those who compile pay for the import

    halves, shifts, masks = (np.array(numbers[name], np.int64) for name in ("halves", "shifts", "masks"))
    return Layout(halves, shifts, masks, tuple(numbers["words"]), processes, channels)


def _halves(widths: Sequence[int]) -> list[int]:
    """The word of each component: the first while there is room, then the second."""
    halves = [0] * len(widths)
    for place in sorted(range(len(widths)), key=lambda place: -widths[place]):
        if sum(width for width, half in zip(widths, halves, strict=True) if half == 0) <= BITS:
            break
        halves[place] = 1
    if _overfull(widths, halves):
        raise TooWideError
    return halves


def _overfull(widths: Sequence[int], halves: Sequence[int]) -> bool:
    return any(
        sum(width for width, half in zip(widths, halves, strict=True) if half == number) > BITS
        for number in range(MOST_WORDS)
    )


def _laid(
    widths: Sequence[int], halves: Sequence[int], processes: int, channels: int, words: Sequence[int]
) -> Layout:
    shifts = []
    ends = [1] * MOST_WORDS
    for width, half in zip(widths, halves, strict=True):
        shifts.append(ends[half])
        ends[half] += width
    masks = [(1 << width) - 1 for width in widths]
    return Layout(list(halves), shifts, masks, tuple(words), processes, channels)


def pack(layout: Layout, numbers: Sequence[int]) -> tuple[int, int]:
    """The two words of a state whose components are these numbers; the second is 0 where there is only one."""
    halves = [1, 0]
    for number, half, shift in zip(numbers, layout.halves, layout.shifts, strict=True):
        halves[half] |= number << int(shift)
    return halves[0], halves[1]


def unpack(layout: Layout, low: int, high: int) -> tuple[int, ...]:
    """The components of a state."""
    words = (int(low), int(high))
    return tuple(
        (words[half] >> int(shift)) & int(mask)
        for half, shift, mask in zip(layout.halves, layout.shifts, layout.masks, strict=True)
    )


def fits(layout: Layout, counts: Sequence[int]) -> bool:
    """Whether there is room for so many different numbers of each component."""
    return all(count - 1 <= int(mask) for count, mask in zip(counts, layout.masks, strict=True))


def moved(states: Any, old: Layout, new: Layout) -> Any:
    """Some states, word after word, in another layout."""
    if isinstance(states, list):
        return [pack(new, unpack(old, state, 0))[0] for state in states]
    import numpy as np  # noqa: PLC0415, so that only those who compile pay for the import

    before = states.reshape(-1, len(old.words))
    after = np.zeros((len(before), len(new.words)), np.int64)
    after[:, 0] = 1
    for place in range(len(old.shifts)):
        found = (before[:, old.halves[place]] >> old.shifts[place]) & old.masks[place]
        after[:, new.halves[place]] |= found << new.shifts[place]
    return after.reshape(-1)


def mask_of(layout: Layout, components: Sequence[int]) -> tuple[int, int]:
    """The bits of some components within the two words."""
    halves = [0, 0]
    for place in components:
        halves[layout.halves[place]] |= int(layout.masks[place]) << int(layout.shifts[place])
    return halves[0], halves[1]
