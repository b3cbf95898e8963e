"""Plain reachability, written without the checker: what random systems are compared with.

A system is described by plain data. States are dictionaries frozen into tuples; a bag is a frozen counter,
a set a frozenset; what was spent is counted up instead of down.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import networkx as nx

from checker import Action, Channel, Outcome, System, TableProcess

if TYPE_CHECKING:
    from collections.abc import Iterator

    from checker import State


class Case(NamedTuple):
    """One outcome: the local state afterwards, the sends, the bound that blocks it."""

    after: int
    sends: tuple[tuple[str, str], ...]
    blocked_by: str | None


class Pipe(NamedTuple):
    """One channel."""

    name: str
    source: str
    target: str
    kind: Any
    capacity: int | None
    initial: tuple[str, ...]


@dataclass(frozen=True)
class Description:
    """A system as plain data; a process is its actions, and its outcomes by local state and stimulus."""

    actions: dict[str, tuple[tuple[str, Any, int | None], ...]]
    cases: dict[str, dict[tuple[int, str], tuple[Case, ...]]]
    pipes: tuple[Pipe, ...]
    losses: int | None
    duplications: int | None


def built(description: Description) -> System:
    """The system of the checker that the description describes."""

    def outcomes(cases: tuple[Case, ...]) -> tuple[Outcome, ...]:
        return tuple(
            Outcome(case.after, case.sends, choice=str(number), blocked_by=case.blocked_by)
            for number, case in enumerate(cases)
        )

    processes = []
    for name, actions in description.actions.items():
        table = {key: outcomes(cases) for key, cases in description.cases[name].items()}
        processes.append(TableProcess(name, 0, tuple(Action(*action) for action in actions), table, table))
    return System(
        processes,
        [Channel(*pipe) for pipe in description.pipes],
        losses=description.losses,
        duplications=description.duplications,
    )


class Attempt(NamedTuple):
    """A step one might try: what it spends, which bounds speak against it, and what it leads to."""

    kind: str
    budget: str
    limit: int | None
    blocked_by: str | None
    overfull: str | None
    locals_: dict[str, int]
    contents: dict[str, Any]


def put(pipe: Pipe, content: Any, message: str) -> Any:
    """Put a message into a channel."""
    if pipe.kind == "bag":
        return frozenset((Counter(dict(content)) + Counter([message])).items())
    return content | {message} if pipe.kind == "set" else (*content, message)


def taken(pipe: Pipe, content: Any, message: str) -> Any:
    """Take one copy of a message out of a bag or set for good."""
    if pipe.kind == "bag":
        return frozenset((Counter(dict(content)) - Counter([message])).items())
    return content - {message}


def members(pipe: Pipe, content: Any) -> list[str]:
    """The different messages of a bag or set."""
    return sorted(dict(content) if pipe.kind == "bag" else content)


def overfull(pipe: Pipe, content: Any) -> str | None:
    """The capacity that the content exceeds."""
    size = sum(dict(content).values()) if pipe.kind == "bag" else len(content)
    return f"capacity of {pipe.name}" if pipe.capacity is not None and size > pipe.capacity else None


class Oracle:
    """The state space of a description, as a networkx graph with numbered edges."""

    def __init__(self, description: Description, most: int) -> None:
        """Explore, giving up beyond ``most`` states: the graph is then larger than that, and not all."""
        self.description = description
        self.bounds: set[str] = set()
        self.unanswered: set[tuple[str, int, str]] = set()
        #: The states in which a step was in no one's way but a bound's that is no budget, with those bounds.
        self.blocked: dict[Any, set[str]] = {}
        self.graph: nx.MultiDiGraph[Any] = nx.MultiDiGraph()
        self.pipes = {pipe.name: pipe for pipe in description.pipes}
        contents: dict[str, Any] = {}
        for pipe in description.pipes:
            contents[pipe.name] = () if pipe.kind == "fifo" else frozenset()
            for message in pipe.initial:
                contents[pipe.name] = put(pipe, contents[pipe.name], message)
        self.initial = frozen(dict.fromkeys(description.actions, 0), contents, Counter())
        self.graph.add_node(self.initial)
        waiting = [self.initial]
        while waiting and len(self.graph) <= most:
            state = waiting.pop()
            for kind, after in self.moves(state):
                if after not in self.graph:
                    waiting.append(after)
                self.graph.add_edge(state, after, kind=kind)

    def moves(self, state: Any) -> Iterator[tuple[str, Any]]:
        """The kind of every possible step and the state it leads to."""
        locals_, contents, spent = dict(state[0]), dict(state[1]), Counter(dict(state[2]))
        for attempt in (
            *self.deliveries(locals_, contents),
            *self.acts(locals_, contents),
            *self.mischief(locals_, contents),
        ):
            if attempt.limit == 0:
                continue
            is_spent = attempt.limit is not None and spent[attempt.budget] == attempt.limit
            bound = attempt.budget if is_spent else attempt.blocked_by or attempt.overfull
            if bound:
                self.bounds.add(bound)
                if not is_spent:
                    self.blocked.setdefault(state, set()).add(bound)
                continue
            costs = [attempt.budget] if attempt.limit is not None else []
            yield attempt.kind, frozen(attempt.locals_, attempt.contents, spent + Counter(costs))

    def deliveries(self, locals_: dict[str, int], contents: dict[str, Any]) -> Iterator[Attempt]:
        """What can be received."""
        for name, pipe in self.pipes.items():
            content = contents[name]
            for message in content[:1] if pipe.kind == "fifo" else members(pipe, content):
                if pipe.kind == "set":
                    rest = content
                else:
                    rest = content[1:] if pipe.kind == "fifo" else taken(pipe, content, message)
                cases = self.description.cases[pipe.target].get((locals_[pipe.target], message), ())
                if not cases:
                    self.unanswered.add((pipe.target, locals_[pipe.target], message))
                for case in cases:
                    yield self.reaction(
                        ("deliver", "", None), locals_, {**contents, name: rest}, pipe.target, case
                    )

    def acts(self, locals_: dict[str, int], contents: dict[str, Any]) -> Iterator[Attempt]:
        """What the processes can do by themselves."""
        for process, actions in self.description.actions.items():
            for action, kind, limit in actions:
                for case in self.description.cases[process].get((locals_[process], action), ()):
                    yield self.reaction(
                        (kind, f"{process} {action}", limit), locals_, contents, process, case
                    )

    def mischief(self, locals_: dict[str, int], contents: dict[str, Any]) -> Iterator[Attempt]:
        """What the network can lose or double."""
        for name, pipe in self.pipes.items():
            content = contents[name]
            for kind, budget, limit, changes in (
                ("lose", "loss", self.description.losses, lost(pipe, content)),
                ("duplicate", "duplication", self.description.duplications, doubled(pipe, content)),
            ):
                for changed in changes:
                    yield Attempt(
                        kind,
                        budget,
                        limit,
                        None,
                        overfull(pipe, changed),
                        locals_,
                        {**contents, name: changed},
                    )

    def reaction(
        self,
        cost: tuple[str, str, int | None],
        locals_: dict[str, int],
        contents: dict[str, Any],
        process: str,
        case: Case,
    ) -> Attempt:
        """What a process does in one case."""
        now = dict(contents)
        full = None
        for channel, message in case.sends:
            now[channel] = put(self.pipes[channel], now[channel], message)
            full = full or overfull(self.pipes[channel], now[channel])
        return Attempt(*cost, case.blocked_by, full, {**locals_, process: case.after}, now)

    def same(self, state: State, budgets: tuple[tuple[str, int], ...]) -> Any:
        """This oracle's form of a state of the checker."""
        contents: dict[str, Any] = {}
        for pipe, content in zip(self.description.pipes, state.channels, strict=True):
            counted = frozenset(Counter(content).items())
            contents[pipe.name] = (
                counted if pipe.kind == "bag" else content if pipe.kind == "fifo" else frozenset(content)
            )
        spent = Counter(
            {name: limit - left for (name, limit), left in zip(budgets, state.budgets, strict=True)}
        )
        return frozen(dict(zip(self.description.actions, state.locals, strict=True)), contents, spent)


def frozen(locals_: dict[str, int], contents: dict[str, Any], spent: Counter[str]) -> Any:
    """Make a hashable state of the three dictionaries; what was not spent is left out."""
    return tuple(locals_.items()), tuple(contents.items()), frozenset((+spent).items())


def lost(pipe: Pipe, content: Any) -> list[Any]:
    """What a channel may hold after a loss."""
    if pipe.kind == "fifo":
        return [tuple(m for at, m in enumerate(content) if at != gone) for gone in range(len(content))]
    return [taken(pipe, content, message) for message in members(pipe, content)]


def doubled(pipe: Pipe, content: Any) -> list[Any]:
    """What a channel may hold after a duplication."""
    if pipe.kind == "set":
        return []
    if pipe.kind == "fifo":
        return [content[: at + 1] + content[at:] for at in range(len(content))]
    return [put(pipe, content, message) for message in members(pipe, content)]
