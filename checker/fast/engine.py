"""The table-driven engine: explores a system and answers its properties, with what the reference engine would answer."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from checker.fast.checkpoint import Checkpoint
from checker.fast.crew import processors
from checker.fast.factors import counted
from checker.fast.interrupt import Interrupts
from checker.fast.judge import Judge
from checker.fast.kernel import AFTER, USED
from checker.fast.layout import TooWideError
from checker.fast.marks import octets_of_marks
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
    ``on_progress``, ends the exploration: what was found until then is the result. ``factors`` asks what multiplies the
    space, ``graph`` for the graph of what was found; then every state is expanded once more.

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
    watch = Watch(limits, on_progress)
    checkpoint = Checkpoint(keep, judge) if keep is not None else None
    try:
        search = Search(
            system, judge.looked_at, compiled=compiled, threads=threads or processors(), checkpoint=checkpoint
        )
    except BaseException:
        if checkpoint is not None:
            checkpoint.close()
        raise
    try:
        stopped = _explored(search, judge, watch, limits.states, first=first)
        found = _result(search, judge, watch, stopped)
        if factors and stopped not in ("interrupted", ENOUGH):  # whoever interrupts has waited enough
            found = replace(found, factors=counted(search, watch))
        return replace(found, graph=graph_of(search, watch)) if graph else found
    finally:
        search.close()


def _explored(search: Search, judge: Judge, watch: Watch, limit: int | None, *, first: bool) -> str | None:
    """Explore level by level; what stopped it, or ``None``."""
    stopped: str | None = None
    with Interrupts() as interrupts:
        try:
            judge.see(search)
            if search.checkpoint is not None:
                search.checkpoint.write(search)  # from now on it can be taken up
            while search.states.expanded < len(search.states) and stopped is None:
                stopped = search.advance(limit, watch, interrupts)
                judge.see(search)
                if (
                    first
                    and stopped is None
                    and search.states.expanded < len(search.states)
                    and judge.is_refuted(search)
                ):
                    stopped = "stop condition"
            if search.checkpoint is not None:
                search.checkpoint.write(search)
        except KeyboardInterrupt:
            stopped = "interrupted"
    return stopped


def _result(search: Search, judge: Judge, watch: Watch, stopped: str | None) -> Exploration:
    tables = search.tables
    used = [number for number in range(len(tables.outcomes)) if tables.moves.get(number, USED)]
    met = {tables.locals.values[tables.moves.get(number, AFTER)] for number in used}
    size = (len(search.states), search.steps, search.states.depth, search.states.expanded_depth)
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
        verdicts=tuple(
            _verdict(search, judge, watch, place, size, stopped) for place in range(len(judge.properties))
        ),
    )


def _verdict(
    search: Search,
    judge: Judge,
    watch: Watch,
    place: int,
    size: tuple[int, int, int, int],
    stopped: str | None,
) -> Verdict:
    """The answer to one property; one that needs marks, for which there is no room, is left open."""
    question = judge.properties[place]
    if question.kind in ("can-always", "quiet"):
        no_room = watch.foresee(octets_of_marks(search))
        if no_room is not None:
            return judged(question, None, (*size[:3], -1), no_room)
    return judged(question, judge.evidence(search, place), size, stopped)


__all__ = ["Exploration", "TooWideError", "explore_tables"]
