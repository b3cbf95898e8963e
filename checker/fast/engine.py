"""The table-driven engine: explores a system and answers its properties, with what the reference engine would answer."""

from __future__ import annotations

from contextlib import nullcontext, suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from checker.fast.checked_file import ChangedError
from checker.fast.checkpoint import Checkpoint
from checker.fast.compiled import compiler_watched
from checker.fast.crew import processors
from checker.fast.factors import counted
from checker.fast.folder import DAMAGED, NOT_WRITTEN, STATES, CheckpointError
from checker.fast.interrupt import GivenUpError, Interrupts
from checker.fast.judge import Judge
from checker.fast.kernel import AFTER, USED
from checker.fast.layout import TooWideError
from checker.fast.search import Search
from checker.limits import ENOUGH, Limits, Watch
from checker.verdict import judged, refuse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from checker.compressed import CompressedGraph
    from checker.factors import Factor
    from checker.fast.checkpoint import Keep
    from checker.limits import Progress
    from checker.model import Local, Outcome
    from checker.properties import Property
    from checker.system import System
    from checker.verdict import Verdict

NO_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Exploration:
    """What was found: the size of the space, what was met in it, and the answers.

    The numbers are those of ``StateSpace``. ``outcomes`` are all that processes did, ``locals`` all local states that
    they were in, each with the number of its process. ``factors`` and ``graph`` are ``None`` where they were not asked
    for, or memory was too short for them; ``factors`` also if there are more states than are counted for their sake.
    """

    states: int
    steps: int
    depth: int
    stopped_because: str | None
    bounds_reached: tuple[str, ...]
    terminals: int
    outcomes: tuple[Outcome, ...]
    locals: frozenset[tuple[int, Local]]
    verdicts: tuple[Verdict, ...]
    #: The names (``checker.parts.taken_name``) of what steps took from, and of the restrictions that refused a step.
    taken: frozenset[str] = frozenset()
    refused: frozenset[str] = frozenset()
    factors: tuple[Factor, ...] | None = None
    graph: CompressedGraph | None = None

    @property
    def complete(self) -> bool:
        """Whether every reachable state was found and expanded."""
        return self.stopped_because is None


def explore_tables(
    system: System,
    properties: Iterable[Property] = (),
    limits: Limits = NO_LIMITS,
    *,
    compiled: bool = False,
    threads: int | None = None,
    first: bool = False,
    factors: bool = False,
    graph: bool = False,
    on_progress: Callable[[Progress], None] | None = None,
    keep: Keep | None = None,
) -> Exploration:
    """Explore a system through tables, and answer properties.

    ``compiled`` runs the kernel as machine code (numba has to be installed), on as many ``threads`` as there are processors
    if it is not said; ``first`` stops at a level in which something was refuted. Ctrl-C, or a ``KeyboardInterrupt`` of
    ``on_progress``, ends the exploration: what was found until then is the result. Questions about the whole graph
    (``can-always``, ``quiet``) are given up when time or memory is over, or after Ctrl-C; for the traces of others it
    takes a second Ctrl-C. ``factors`` asks what multiplies the space, ``graph`` for the graph of what was found; then
    every state is expanded once more.

    ``keep`` says where the exploration is kept from time to time, and at its end, or taken up; it has to be compiled.

    Raises:
        CheckpointError: what was kept cannot be used, or nothing can be kept.
        ModuleNotFoundError: the graph was asked for, and numpy or scipy is missing.
        TooWideError: a state does not fit two words.
        ValueError: a property cannot be asked of this system.
    """
    asked = tuple(properties)
    for question in asked:
        refuse(system.channels, question, observed=True)
    if graph:
        from checker.fast.graph import graph_of  # noqa: PLC0415, it needs numpy and scipy
    judge = Judge(asked, system)
    watch, interrupts = Watch(limits, on_progress), Interrupts()

    def compiler_begins() -> None:
        watch.compiling()
        interrupts.compiler_begins()

    with compiler_watched(compiler_begins, interrupts.compiler_ends) if compiled else nullcontext():
        checkpoint = Checkpoint(keep, judge) if keep is not None else None
        search: Search | None = None
        try:
            file = None if checkpoint is None else checkpoint.states
            search = Search(
                system, judge.looked_at, compiled=compiled, threads=threads or processors(), file=file
            )
            if checkpoint is not None and checkpoint.is_of_old:
                checkpoint.take_up(search)
            else:
                search.begin()
            with interrupts:
                stopped = _explored(
                    search, judge, watch, interrupts, limits.states, first=first, checkpoint=checkpoint
                )
                found = _result(search, judge, watch, interrupts, stopped)
            # Whoever interrupts has waited enough, and what is only enough is explored once more.
            if factors and found.stopped_because not in ("interrupted", ENOUGH):
                with suppress(KeyboardInterrupt):
                    found = replace(found, factors=counted(search, watch))
            return replace(found, graph=graph_of(search, watch)) if graph else found
        except ChangedError:
            if keep is None:
                raise
            raise CheckpointError(DAMAGED, STATES) from None
        except OSError as error:
            if keep is None:
                raise
            raise CheckpointError(NOT_WRITTEN, str(error.strerror)) from None
        finally:
            if search is not None:
                search.close()
            if checkpoint is not None:
                checkpoint.close()


def _explored(
    search: Search,
    judge: Judge,
    watch: Watch,
    interrupts: Interrupts,
    limit: int | None,
    *,
    first: bool,
    checkpoint: Checkpoint | None,
) -> str | None:
    """Explore level by level; what stopped it, or ``None``."""
    stopped: str | None = None

    def between() -> None:
        if checkpoint is not None:
            checkpoint.look(search)

    try:
        judge.see(search)
        if checkpoint is not None:
            checkpoint.write(search)  # from now on it can be taken up
        while search.states.expanded < len(search.states) and stopped is None:
            stopped = search.advance(limit, watch, interrupts, between)
            judge.see(search)
            if (
                first
                and stopped is None
                and search.states.expanded < len(search.states)
                and judge.is_refuted(search)
            ):
                stopped = "stop condition"
        if checkpoint is not None:
            checkpoint.write(search)
    except KeyboardInterrupt:
        stopped = "interrupted"
    return stopped


def _verdicts(
    search: Search, judge: Judge, watch: Watch, interrupts: Interrupts, stopped: str | None
) -> tuple[tuple[Verdict, ...], str | None]:
    """The answers, and what stopped the exploration, or ended the search for an answer."""
    states = search.states
    sizes = (len(states), search.steps, states.depth)

    def give_up(more_bytes: int = 0) -> None:
        reason: str | None = "interrupted"
        if stopped != "interrupted" and not interrupts.asked:
            reason = watch.look(*sizes, len(states) - states.expanded, states.levels())
            reason = reason or (watch.foresee(more_bytes) if more_bytes else None)
        if reason is not None:
            raise GivenUpError(reason)

    verdicts, why = [], stopped
    for place, question in enumerate(judge.properties):
        evidence, reason, depth = None, stopped, states.expanded_depth
        try:
            evidence = judge.evidence(search, place, give_up)
        except (GivenUpError, KeyboardInterrupt) as end:
            reason, depth = end.reason if isinstance(end, GivenUpError) else "interrupted", -1
            why = why or reason
        met, blocked = place in judge.met, judge.blocked.get(place, 0)
        verdicts.append(judged(question, evidence, (*sizes, depth), reason, is_met=met, blocked=blocked))
    return tuple(verdicts), why


def _result(
    search: Search, judge: Judge, watch: Watch, interrupts: Interrupts, stopped: str | None
) -> Exploration:
    verdicts, stopped = _verdicts(search, judge, watch, interrupts, stopped)
    tables = search.tables
    used = [number for number in range(len(tables.outcomes)) if tables.moves.get(number, USED)]
    met = {tables.locals.values[tables.moves.get(number, AFTER)] for number in used}
    return Exploration(
        states=len(search.states),
        steps=search.steps,
        depth=search.states.depth,
        stopped_because=stopped,
        bounds_reached=tuple(
            sorted(name for place, name in enumerate(tables.bounds.values) if tables.bound_reached.get(place))
        ),
        terminals=search.terminals,
        outcomes=tuple({id(tables.outcomes[number]): tables.outcomes[number] for number in used}.values()),
        locals=frozenset(
            met | {(place, process.initial) for place, process in enumerate(search.system.processes)}
        ),
        verdicts=verdicts,
        taken=tables.taken(),
        refused=frozenset(search.system.restrictions[number].name for number in search.refused),
    )


__all__ = ["Exploration", "TooWideError", "explore_tables"]
