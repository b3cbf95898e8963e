"""Which bits of a state are looked at, in one layout."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from checker.fast.layout import mask_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from checker.fast.arrays import Arrays
    from checker.fast.kernel import Layout
    from checker.model.system import System

Part = tuple[int, ...]


def component_names(system: System) -> list[str]:
    """The names of processes and channels, in the order in which their states are components of a state."""
    return [*(process.name for process in system.processes), *(channel.name for channel in system.channels)]


def parts_of_restrictions(system: System) -> tuple[Part, ...]:
    """The components that each restriction of a system looks at."""
    names = component_names(system)
    everything = tuple(range(len(names) + 1))
    return tuple(
        everything if one.reads is None else tuple(names.index(name) for name in one.reads)
        for one in system.restrictions
    )


class Parts(NamedTuple):
    """The components, by place, that properties of steps and of states look at together; and restrictions."""

    steps: tuple[Part, ...]
    states: tuple[Part, ...]
    restrictions: tuple[Part, ...] = ()


class Masks:
    """The same as bits: each member is an array of masks, word after word."""

    def __init__(self, arrays: Arrays, layout: Layout, parts: Parts) -> None:
        self.layout = layout
        self._places = [
            (int(half), int(shift), int(mask))
            for half, shift, mask in zip(layout.halves, layout.shifts, layout.masks, strict=True)
        ]
        self.steps, self.states, self.restrictions = (self._masks(arrays, found) for found in parts)

    def _masks(self, arrays: Arrays, parts: Sequence[Part]) -> Any:
        words = len(self.layout.words)
        return arrays.of([half for part in parts for half in mask_of(self.layout, part)[:words]])

    def numbers(self, low: int, high: int) -> tuple[int, ...]:
        """The components of a state."""
        words = (low, high)
        return tuple((words[half] >> shift) & mask for half, shift, mask in self._places)
