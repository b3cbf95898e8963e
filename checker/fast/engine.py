"""The table-driven engine: explores a system and answers its properties, with what the reference engine would answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from checker.fast.judge import Judge
from checker.fast.layout import TooWideError
from checker.fast.search import Search
from checker.limits import Limits, Watch
from checker.verdict import judged, refuse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

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
    they were in, each with the number of its process.
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
    first: bool = False,
    on_progress: Callable[[Progress], None] | None = None,
) -> Exploration:
    """Explore a system through tables, and answer properties.

    ``compiled`` runs the kernel as machine code (numba has to be installed), ``first`` stops at a level in which
    something was refuted. A ``KeyboardInterrupt`` ends the exploration: what was found until then is the result.

    Raises:
        TooWideError: a state does not fit one word.
        ValueError: a property cannot be asked of this system.
    """
    asked = tuple(properties)
    for question in asked:
        refuse(system.channels, question, observed=True)
    judge = Judge(asked, system)
    search = Search(system, judge.step_parts, judge.state_parts, compiled=compiled)
    watch = Watch(limits, on_progress)
    stopped: str | None = None
    try:
        judge.see(search)
        while len(search.frontier) and stopped is None:
            stopped = search.advance(limits.states, watch)
            judge.see(search)
            if first and stopped is None and len(search.frontier) and judge.is_refuted(search):
                stopped = "stop condition"
    except KeyboardInterrupt:
        stopped = "interrupted"
    return _result(search, judge, stopped)


def _result(search: Search, judge: Judge, stopped: str | None) -> Exploration:
    tables, words = search.tables, search.words
    used = [number for number in range(len(tables.outcomes)) if tables.move_used.data[number]]
    met = {tables.locals.values[tables.move_after.data[number]] for number in used}
    depth = len(words.levels) - 1 + (len(search.frontier) > 0)
    size = (words.count, search.steps, depth, search.expanded_depth)
    return Exploration(
        states=words.count,
        steps=search.steps,
        depth=depth,
        stopped_because=stopped,
        bounds_reached=tuple(
            sorted(
                name for place, name in enumerate(tables.bounds.values) if tables.bound_reached.data[place]
            )
        ),
        terminals=search.ends,
        outcomes=tuple({id(tables.outcomes[number]): tables.outcomes[number] for number in used}.values()),
        locals=frozenset(
            met | {(place, process.initial) for place, process in enumerate(search.system.processes)}
        ),
        verdicts=tuple(
            judged(question, judge.evidence(search, place), size, stopped)
            for place, question in enumerate(judge.properties)
        ),
    )


__all__ = ["Exploration", "TooWideError", "explore_tables"]
