"""Which engine explores a system, and its answer, which is the same whichever it is.

The *reference* engine walks the processes themselves; the *fast* one walks tables of what they do, with a kernel that
is interpreted, or compiled by numba. A compiler takes seconds to start, and longer when it has not yet compiled the
kernel; the interpreted tables explore a small space in less. So small spaces never wait for a compiler.
"""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass, replace
from time import monotonic
from typing import TYPE_CHECKING, Literal

from checker.factors import factors_of
from checker.fast.engine import Exploration, TooWideError, explore_tables
from checker.limits import ENOUGH, Limits, Watch
from checker.model.bounds import taken_name
from checker.patience import GivenUpError
from checker.properties.kinds import violated_at
from checker.properties.survey import Survey
from checker.properties.verdict import Basis, check, refuse
from checker.reference.explore import explore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from checker.factors import Factor
    from checker.fast.checkpoint import Keep
    from checker.limits import Progress
    from checker.model.system import System
    from checker.properties.kinds import Property
    from checker.properties.verdict import Verdict
    from checker.reference.space import StateSpace

EngineName = Literal["reference", "fast"]
Choice = Literal["auto", "reference", "fast"]

#: So many states are explored before a compiler is started: the interpreted tables take about a second for them, which
#: is what starting the compiled kernel takes when it is on disk already.
INTERPRETED_STATES = 30_000
COMPILER = "numba"
NO_LIMITS = Limits()


class NoCompilerError(Exception):
    """The compiled kernel was asked for, and the compiler is not installed."""


@dataclass(frozen=True, slots=True)
class How:
    """How to explore: by which engine, and what besides the answers is wanted.

    ``first`` stops soon after the first violation, ``factors`` asks what multiplies the space. ``keep`` tells where the
    exploration is kept, or taken up; it means the compiled engine.

    Raises:
        ValueError: a checkpoint is asked of the reference engine.
    """

    engine: Choice = "auto"
    first: bool = False
    factors: bool = False
    keep: Keep | None = None

    def __post_init__(self) -> None:
        """Refuse what does not go together."""
        if self.engine == "reference" and self.keep is not None:
            raise ValueError("the reference engine keeps no checkpoints")


@dataclass(frozen=True, slots=True)
class Explored:
    """What was found, by which engine; ``factors`` is ``None`` where it was not asked for, or is not known."""

    engine: EngineName
    found: Exploration
    factors: tuple[Factor, ...] | None = None


def explored(
    system: System,
    properties: Iterable[Property],
    limits: Limits = NO_LIMITS,
    how: How = How(),
    on_progress: Callable[[Progress], None] | None = None,
) -> Explored:
    """Explore a system and answer its properties.

    Left to choose, this begins with interpreted tables. Beyond ``INTERPRETED_STATES`` states it starts over with the
    compiled kernel, if the compiler is installed. A system whose states are too wide for tables is explored by the
    reference engine. The limits are limits of all this together.

    Raises:
        NoCompilerError: the compiled kernel was asked for, and the compiler is not installed.
        TooWideError: the fast engine was asked for, and a state is too wide for it.
        ValueError: a property cannot be asked of this system.
    """
    asked = tuple(properties)
    if how.engine == "reference":
        return _by_reference(system, asked, limits, how, on_progress)
    if how.engine == "fast" or how.keep is not None:
        if not has_compiler():
            raise NoCompilerError
        return _through_tables(system, asked, limits, how, on_progress, compiled=True)
    clock = _Clock(limits)
    try:
        return _chosen(system, asked, clock, how, on_progress)
    except TooWideError:
        return _by_reference(system, asked, clock.left(), how, on_progress)


def has_compiler() -> bool:
    """Whether the compiler is installed; it is not imported."""
    return importlib.util.find_spec(COMPILER) is not None


class _Clock:
    """Limits of several explorations together."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._began = monotonic()

    def left(self) -> Limits:
        """The limits of an exploration that begins now."""
        if self.limits.seconds is None:
            return self.limits
        return replace(self.limits, seconds=max(0.0, self.limits.seconds - (monotonic() - self._began)))


def _chosen(
    system: System,
    asked: tuple[Property, ...],
    clock: _Clock,
    how: How,
    on_progress: Callable[[Progress], None] | None,
) -> Explored:
    limits = clock.limits
    is_enough = limits.states is not None and limits.states <= INTERPRETED_STATES
    if is_enough or not has_compiler():
        return _through_tables(system, asked, limits, how, on_progress, compiled=False)
    few = replace(limits, enough=INTERPRETED_STATES)
    small = _through_tables(system, asked, few, how, on_progress, compiled=False)
    if small.found.stopped_because != ENOUGH:
        return small
    try:
        large = _through_tables(system, asked, clock.left(), how, on_progress, compiled=True)
    except KeyboardInterrupt:  # before there was anything to show, as while the kernel is compiled
        return _stopped(small, "interrupted")
    except MemoryError:  # which the limits should have foreseen
        return _stopped(small, "memory limit")
    if large.found.states < small.found.states and large.found.stopped_because is not None:
        return _stopped(small, large.found.stopped_because)
    return large


def _through_tables(
    system: System,
    asked: tuple[Property, ...],
    limits: Limits,
    how: How,
    on_progress: Callable[[Progress], None] | None,
    *,
    compiled: bool,
) -> Explored:
    found = explore_tables(
        system, asked, limits, compiled=compiled, first=how.first, factors=how.factors, on_progress=on_progress,
        keep=how.keep,
    )  # fmt: skip
    return Explored("fast", found, found.factors)


def _by_reference(
    system: System,
    asked: tuple[Property, ...],
    limits: Limits,
    how: How,
    on_progress: Callable[[Progress], None] | None,
) -> Explored:
    for question in asked:
        refuse(system.channels, question, observed=True)
    stop = violated_at(asked) if how.first else None
    watch, seen = Watch(limits), Survey(asked)
    space = explore(system, limits, stop_when=stop, on_progress=on_progress, look=seen.look)

    def give_up() -> None:
        if space.stopped_because == "interrupted" or watch.is_late:
            raise GivenUpError("time limit" if watch.is_late else "interrupted")

    verdicts = check(space, asked, seen, give_up)
    why = next((one.basis.stopped_because for one in verdicts if one.basis.stopped_because), None)
    found = summed_up(space, verdicts)
    if space.complete and why is not None:
        found = replace(found, stopped_because=why)
    if not how.factors or found.stopped_because == "interrupted":  # whoever interrupts has waited enough
        return Explored("reference", found)
    try:
        return Explored("reference", found, factors_of(space, system))
    except KeyboardInterrupt:
        return Explored("reference", replace(found, missing={"factors": "interrupted"}))


def summed_up(space: StateSpace, verdicts: tuple[Verdict, ...]) -> Exploration:
    """What the reference engine found, in the words of both engines."""
    steps = [step for expansion in space.expansions for step in expansion.steps]
    outcomes = {id(step.outcome): step.outcome for step in steps if step.outcome is not None}
    return Exploration(
        states=space.states,
        steps=space.steps,
        depth=space.depth,
        stopped_because=space.stopped_because,
        bounds_reached=space.bounds_reached,
        terminals=len(space.terminals),
        blocked_terminals=space.blocked_terminals,
        outcomes=tuple(outcomes.values()),
        locals=frozenset((place, local) for state in space.order for place, local in enumerate(state.locals)),
        verdicts=verdicts,
        taken=frozenset(name for step in steps if (name := taken_name(step.label)) is not None),
        refused=frozenset(name for expansion in space.expansions for name in expansion.refused),
    )


def _stopped(explored: Explored, reason: str) -> Explored:
    """The same, said to be stopped for another reason."""
    found = explored.found
    verdicts = tuple(_restated(verdict, reason) for verdict in found.verdicts)
    return replace(explored, found=replace(found, stopped_because=reason, verdicts=verdicts))


def _restated(verdict: Verdict, reason: str) -> Verdict:
    if verdict.basis.stopped_because is None:
        return verdict
    basis: Basis = replace(verdict.basis, stopped_because=reason)
    return replace(verdict, basis=basis, established=str(basis))
