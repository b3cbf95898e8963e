"""The search for a figure in an explored graph: a shortest run with exactly the figure's events.

Shortest path over pairs of a state and how much of the figure has happened.
A step is visible if it receives or sends; other steps may occur anywhere.
Within one step everything happens at once, so a state that the figure names between its events
(or right before them) may be the one the step leads to.
"""

from __future__ import annotations

from heapq import heappop, heappush
from itertools import count
from typing import TYPE_CHECKING, Literal, NamedTuple, cast

from checker import pause
from checker.model.trace import Trace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    import networkx as nx

    from checker.model.vocabulary import Message, State, Step
    from tcpfsm.drawing.ladder_lines import Side, View
    from tcpfsm.figures.notation import Event, EventKind

#: ``lines``: the events happen in the order of the figure's lines.
#: ``sides``: each peer, by itself, has the figure's events in order. What happens at one peer may then be exchanged
#: with what happens at the other wherever neither waits for the other: no peer could tell. Figures 7 and 13 of the
#: RFC, where both peers act at once, have several lines that are told apart only by the order they are printed in.
Order = Literal["lines", "sides"]


class Found(NamedTuple):
    """A shortest run that is the figure."""

    trace: Trace


class NotFound(NamedTuple):
    """No run is the figure.

    ``events_matched`` is how many of its events happened in the runs that got farthest, and ``missing`` the first
    that did not (its ``line`` is the line of the figure). ``nearest`` are the states in which these runs got stuck,
    the nearest first, and ``trace`` is a shortest run to that one. A step that begins as the figure goes on,
    but then does something else, is not taken; it counts as far as it agrees.
    """

    events_matched: int
    missing: Event | None
    nearest: tuple[State, ...]
    trace: Trace


def find(
    graph: nx.MultiDiGraph[State],
    initial: State,
    events: Sequence[Event],
    view: View,
    matches: Callable[[Message, str], bool],
    *,
    order: Order = "lines",
) -> Found | NotFound:
    """Search a graph for a shortest run from ``initial`` whose visible events are exactly those of a figure.

    What the last step of the run sends may go beyond the figure: many figures end before the last answer.

    Args:
        graph: the states, with the steps between them as ``step`` of the edges.
        initial: where the run begins.
        events: the figure, flattened. Losses and copies are visible only if the figure shows any.
        view: which process stands on which side, and what its states are called.
        matches: whether a message is the segment that a figure calls by this text.
        order: whether the order between the two sides counts.
    """
    figure = _Figure(events, view, matches, order)
    start = _Node(initial, figure.settled(figure.beginning, initial))
    reached_by: dict[_Node, tuple[_Node, Step] | None] = {start: None}
    farthest = _Farthest()
    # Of the shortest runs, one that departs least from the order of the lines: (steps, disorder) is the cost.
    costs = {start: (0, 0)}
    arrivals = count()
    queue = [(costs[start], next(arrivals), start)]
    while queue:
        cost, _, node = heappop(queue)
        if cost > costs[node]:
            continue
        if figure.is_over(node.position):
            return Found(_run(reached_by, node))
        farthest.note(node.position, node)
        for step in _steps(graph, node.state):
            pause()
            position, fits = figure.after(node.position, step)
            successor = _Node(step.after, position)
            if not fits:
                farthest.note(position, node)
                continue
            longer = (cost[0] + 1, cost[1] + figure.disorder(node.position, position))
            if successor not in costs or longer < costs[successor]:
                costs[successor] = longer
                reached_by[successor] = (node, step)
                heappush(queue, (longer, next(arrivals), successor))
    matched, missing = figure.progress(farthest.position)
    states = tuple(dict.fromkeys(node.state for node in farthest.nodes))
    return NotFound(matched, missing, states, _run(reached_by, next(iter(farthest.nodes))))


def _steps(graph: nx.MultiDiGraph[State], state: State) -> Iterator[Step]:
    edges = cast("Iterable[tuple[State, State, Step]]", graph.out_edges(state, data="step"))
    return (step for _, _, step in edges)


#: How many events of each strand have happened.
_Position = tuple[int, ...]


class _Node(NamedTuple):
    state: State
    position: _Position


class _Farthest:
    """How far the search got, and where that was."""

    def __init__(self) -> None:
        self.position: _Position = ()
        self.nodes: dict[_Node, None] = {}

    def note(self, position: _Position, node: _Node) -> None:
        if not self.nodes or sum(position) > sum(self.position):
            self.position, self.nodes = position, {}
        if sum(position) == sum(self.position):
            self.nodes[node] = None


class _Figure:
    """The events of a figure as strands, each of which happens in order: one strand, or one for each side.

    A state that a figure names is taken as soon as it holds: taking it early forbids nothing that comes later.
    """

    def __init__(
        self, events: Sequence[Event], view: View, matches: Callable[[Message, str], bool], order: Order
    ) -> None:
        self.events = events
        self.view = view
        self.matches = matches
        self.kinds = {event.kind for event in events}
        self.by_side = order == "sides"
        self.strands = _by_side(events) if self.by_side else (tuple(enumerate(events)),)
        self.beginning: _Position = (0,) * len(self.strands)

    def is_over(self, position: _Position) -> bool:
        return all(taken == len(strand) for taken, strand in zip(position, self.strands, strict=True))

    def after(self, position: _Position, step: Step) -> tuple[_Position, bool]:
        """How far the figure is after the step, or as much of the step as comes next in it; and whether it all does."""
        for kind, side, message in self._visible(step):
            held = self.settled(position, step.after)
            if kind == "snd" and self.is_over(held):
                break  # a figure ends with its last line, even if that line is answered
            number = self._strand(kind, side)
            strand, taken = self.strands[number], held[number]
            if taken == len(strand) or not self._is(strand[taken][1], kind, side, message, step.after):
                return position, False
            position = (*held[:number], taken + 1, *held[number + 1 :])
        return self.settled(position, step.after), True

    def disorder(self, before: _Position, after: _Position) -> int:
        """How many events that the figure shows earlier were still open when those between two positions happened."""
        still_open = [n for strand, taken in zip(self.strands, after, strict=True) for n, _ in strand[taken:]]
        happened = [
            n
            for strand, old, new in zip(self.strands, before, after, strict=True)
            for n, _ in strand[old:new]
        ]
        return sum(earlier < number for number in happened for earlier in still_open)

    def settled(self, position: _Position, state: State) -> _Position:
        """The position after the states that the figure names next, as far as they hold."""
        return tuple(
            self._held(strand, taken, state) for strand, taken in zip(self.strands, position, strict=True)
        )

    def progress(self, position: _Position) -> tuple[int, Event | None]:
        """How many events happened, and the first that did not, if there is one."""
        open_ = {
            number
            for strand, taken in zip(self.strands, position, strict=True)
            for number, _ in strand[taken:]
        }
        return len(self.events) - len(open_), self.events[min(open_)] if open_ else None

    def _held(self, strand: _Strand, taken: int, state: State) -> int:
        while taken < len(strand) and strand[taken][1].kind == "at" and self._holds(strand[taken][1], state):
            taken += 1
        return taken

    def _holds(self, event: Event, state: State) -> bool:
        return all(
            name is None or name == self.view.status(local)
            for name, local in zip(event.states, state.locals, strict=False)
        )

    def _is(self, event: Event, kind: EventKind, side: Side, message: Message, state: State) -> bool:
        return (
            event.kind == kind
            and event.side in (side, None)
            and self.matches(message, event.segment)
            and self._holds(event, state)
        )

    def _visible(self, step: Step) -> Iterator[tuple[EventKind, Side, Message]]:
        label = step.label
        if step.outcome is None:
            kind: EventKind = "lost" if label.kind == "lose" else "copied"
            if kind in self.kinds:
                yield kind, self.view.sender(label.channel), label.message
            return
        side = self.view.side(label.actor)
        if label.kind == "deliver":
            yield "rcv", side, label.message
        for _, message in step.outcome.sends:
            yield "snd", side, message

    def _strand(self, kind: EventKind, side: Side) -> int:
        if not self.by_side:
            return 0
        return side if kind in ("snd", "rcv") else 2


#: Events in order, each with its number in the figure.
_Strand = tuple[tuple[int, "Event"], ...]


def _by_side(events: Sequence[Event]) -> tuple[_Strand, ...]:
    """What happens at the left peer, at the right peer, and in the network between them."""
    strands: tuple[list[tuple[int, Event]], ...] = ([], [], [])
    for number, event in enumerate(events):
        if event.kind in ("lost", "copied"):
            strands[2].append((number, event))
        elif event.side is not None:
            strands[event.side].append((number, event))
        else:
            left, right = event.states
            if left is not None:
                strands[0].append((number, event._replace(states=(left, None))))
            if right is not None:
                strands[1].append((number, event._replace(states=(None, right))))
    return tuple(map(tuple, strands))


def _run(reached_by: dict[_Node, tuple[_Node, Step] | None], node: _Node) -> Trace:
    """The run that leads to a node of the search."""
    steps: list[Step] = []
    while (last := reached_by[node]) is not None:
        node, step = last
        steps.append(step)
    return Trace(tuple(reversed(steps)), None, node.state)
