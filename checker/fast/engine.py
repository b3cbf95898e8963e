"""The table-driven engine: explores a system and answers its properties, with what the reference engine would answer."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from checker.fast.checked_file import ChangedError
from checker.fast.checkpoint import Checkpoint
from checker.fast.compiled import compiler_watched
from checker.fast.evaluation import Judge, UntracedError
from checker.fast.factors import counted
from checker.fast.folder import DAMAGED, NOT_WRITTEN, STATES, CheckpointError
from checker.fast.grace import Grace
from checker.fast.interrupt import Interrupts
from checker.fast.kernel import AFTER, USED
from checker.fast.layout import TooWideError
from checker.fast.search import Search
from checker.fast.threads import processors
from checker.limits import ENOUGH, Limits, Watch
from checker.patience import GivenUpError, asking, reason_of
from checker.properties.reachability import bounds_behind
from checker.properties.verdict import judged, refuse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from checker.factors import Factor
    from checker.fast.checkpoint import Keep
    from checker.fast.tables import Tables
    from checker.graph.compressed import CompressedGraph
    from checker.limits import Progress
    from checker.model.system import System
    from checker.model.vocabulary import Local, Outcome, State
    from checker.properties.kinds import Property
    from checker.properties.verdict import Verdict

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
    #: The names (``checker.model.bounds.taken_name``) of what steps took from, and of the restrictions that refused a step.
    taken: frozenset[str] = frozenset()
    refused: frozenset[str] = frozenset()
    #: How many of ``terminals`` are states where a bound that is no budget is in the way of a step.
    blocked_terminals: int = 0
    factors: tuple[Factor, ...] | None = None
    graph: CompressedGraph | None = None
    missing: Mapping[str, str] = field(default_factory=dict)

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
    (``can-always``, ``quiet``) are given up when time or memory is over, or after Ctrl-C; the traces of others a little
    later (``Grace``), or with a second Ctrl-C. ``factors`` asks what multiplies the space, ``graph`` for the graph of what
    was found; then every state is expanded once more. These are given up alone: the answers stay.

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
                system,
                judge.looked_at,
                compiled=compiled,
                threads=threads or processors(),
                ends=judge.asks_of_ends,
                file=file,
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
                found = _with(found, "factors", lambda: counted(search, watch))
            return _with(found, "graph", lambda: graph_of(search, watch)) if graph else found
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


def _with(found: Exploration, name: str, made: Callable[[], Any]) -> Exploration:
    """What was found with something more, or why that is missing."""
    try:
        more = made()
    except (GivenUpError, KeyboardInterrupt) as end:
        return replace(found, missing={**found.missing, name: reason_of(end)})
    except MemoryError:
        return replace(found, missing={**found.missing, name: "memory limit"})
    return replace(found, **{name: more})


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
    states = search.states
    stopped: str | None = None

    def between() -> None:
        judge.see(search)
        if checkpoint is not None:
            checkpoint.look(search)

    def give_up() -> None:
        left = len(states) - states.expanded
        reason = watch.look(len(states), search.steps, states.level_depth, left, states.levels())
        reason = "interrupted" if interrupts.asked else reason
        if reason not in (None, ENOUGH):
            raise GivenUpError(reason)

    try:
        with asking(give_up):
            judge.see(search)
            if checkpoint is not None:
                checkpoint.write(search)  # from now on it can be taken up
            while states.expanded < len(states) and stopped is None:
                stopped = search.advance(limit, watch, interrupts, between)
                judge.see(search)
                if first and stopped is None and states.expanded < len(states) and judge.is_refuted(search):
                    stopped = "stop condition"
            # What was half filled in when it was given up would be filled in otherwise.
            if checkpoint is not None and search.tables.is_whole:
                checkpoint.write(search)
    except (GivenUpError, KeyboardInterrupt) as end:
        stopped = stopped or reason_of(end)
    return stopped


def _verdicts(
    search: Search, judge: Judge, watch: Watch, interrupts: Interrupts, stopped: str | None
) -> tuple[tuple[Verdict, ...], str | None]:
    """The answers, and what stopped the exploration, or ended the search for an answer."""
    states = search.states
    sizes = (len(states), search.steps, states.depth)
    grace = Grace(search, watch, interrupts, stopped)
    verdicts, why = [], stopped
    for place, question in enumerate(judge.properties):
        evidence, reason, untraced = None, stopped, None
        depth = min(states.expanded_depth, judge.depth(search))
        try:
            with asking(grace.trace):
                evidence = judge.evidence(search, place, grace)
        except UntracedError as end:
            reason, untraced = end.reason, end.length
        except (GivenUpError, KeyboardInterrupt) as end:
            reason, depth = reason_of(end), -1
            why = why or reason
        bounds: tuple[str, ...] = ()
        if question.kind == "can-always" and (evidence is not None or untraced is not None):
            bounds = _bounds(search, None if evidence is None else evidence.final, grace)
        met, blocked = place in judge.met, judge.blocked.get(place, 0)
        size = (*sizes, depth)
        verdicts.append(
            judged(question, evidence, size, reason, untraced, is_met=met, blocked=blocked, bounds=bounds)
        )
    return tuple(verdicts), why


def _bounds(search: Search, doomed: State | None, grace: Grace) -> tuple[str, ...]:
    """The bounds that may be why no goal can be reached from a state; where that cannot be found out, all that may."""
    reached = _reached(search.tables, budgets=False)
    if doomed is None:  # it was not traced
        return reached
    try:
        with asking(grace.trace):
            return bounds_behind(doomed, search.system.expand, reached)
    except (GivenUpError, KeyboardInterrupt):
        return reached


def _reached(tables: Tables, *, budgets: bool) -> tuple[str, ...]:
    """The names of the bounds that disabled a step, sorted; with budgets or without."""
    return tuple(
        sorted(
            name
            for place, name in enumerate(tables.bounds.values)
            if tables.bound_reached.get(place) and (budgets or not tables.bound_is_budget.get(place))
        )
    )


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
        bounds_reached=_reached(tables, budgets=True),
        terminals=search.terminals,
        outcomes=tuple({id(tables.outcomes[number]): tables.outcomes[number] for number in used}.values()),
        locals=frozenset(
            met | {(place, process.initial) for place, process in enumerate(search.system.processes)}
        ),
        verdicts=verdicts,
        taken=tables.taken(),
        blocked_terminals=search.blocked_terminals,
        refused=frozenset(search.system.restrictions[number].name for number in search.refused),
    )


__all__ = ["Exploration", "TooWideError", "explore_tables"]
