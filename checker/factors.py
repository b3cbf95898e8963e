"""What multiplies a state space: how many states there would be, were one component of each left out.

A state is a tuple of components: local states, contents of channels, budgets. States that differ in one component
only become one when that component is left out, so the number of states divided by the number of those that remain
is the factor by which the component multiplies the space: at least 1, and 1 where the rest tells what it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from checker.model.system import System
    from checker.model.vocabulary import State
    from checker.reference.space import StateSpace

ComponentKind = Literal["process", "channel", "budget"]

#: Beyond so many states the factors are not counted: it takes a set of states for each component.
MOST_STATES = 10_000_000


class Factor(NamedTuple):
    """What one component does to the number of states.

    ``name`` is that of the process, the channel or the budget. ``distinct`` is how many values it had,
    ``without`` how many states remain when it is left out of all of them, ``states`` how many there are with it.
    """

    name: str
    kind: ComponentKind
    distinct: int
    without: int
    states: int

    @property
    def times(self) -> float:
        """By how much the component multiplies the space."""
        return self.states / self.without


def components(system: System) -> Iterator[tuple[str, ComponentKind]]:
    """The components of a state of this system, in the order of their places: processes, channels, budgets."""
    for process in system.processes:
        yield process.name, "process"
    for channel in system.channels:
        yield channel.name, "channel"
    for name, _ in system.budgets:
        yield name, "budget"


def ranked(factors: list[Factor]) -> tuple[Factor, ...]:
    """The factors, the largest first; among equals, in the order of the components."""
    return tuple(sorted(factors, key=lambda factor: factor.without))


def factors_of(space: StateSpace, system: System) -> tuple[Factor, ...] | None:
    """The factors of all components, the largest first; ``None`` if there are more than ``MOST_STATES`` states."""
    if space.states > MOST_STATES:
        return None
    states = [_flat(state) for state in space.order]
    return ranked(
        [
            Factor(
                name,
                kind,
                distinct=len({state[place] for state in states}),
                without=len({(*state[:place], *state[place + 1 :]) for state in states}),
                states=len(states),
            )
            for place, (name, kind) in enumerate(components(system))
        ]
    )


def _flat(state: State) -> tuple[object, ...]:
    return (*state.locals, *state.channels, *state.budgets)
