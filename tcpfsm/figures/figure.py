"""The figures of a protocol's document: what each shows, and the path in the machine that is exactly it."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping as MappingType
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, cast

import checker
from checker import Limits
from checker.limits import TIME_IS_OVER, Watch
from checker.model.vocabulary import Message, Outcome, Step
from checker.patience import GivenUpError, asking, reason_of
from tcpfsm.drawing.ladder import draw
from tcpfsm.errors import SpecError, UsageError, did_you_mean
from tcpfsm.figures.found import FigureLine, Found, NotationError, NotFound, find, flatten, parse_line
from tcpfsm.i18n.language import tr
from tcpfsm.loader.cross_check import check_scenario
from tcpfsm.loader.fields import choice_of, items_of, text_of, title_of
from tcpfsm.loader.folder import spec_files
from tcpfsm.loader.protocol import Protocol
from tcpfsm.loader.scenario import KEYS as SCENARIO_KEYS
from tcpfsm.loader.scenario import Scenario, read_scenario
from tcpfsm.loader.source import Mapping, parse, read
from tcpfsm.machine.segment import NotationError as SegmentError
from tcpfsm.machine.segment import Segment, parts_of
from tcpfsm.run.build import Built, build
from tcpfsm.run.run import view_of

OWN_KEYS = ("title", "title-zh", "order", "lines")
KEYS = (*OWN_KEYS, *SCENARIO_KEYS)
NO_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure: its lines in the document's notation, and the scenario in which it is looked for."""

    name: str
    title: MappingType[str, str]
    source: str
    order: Literal["lines", "sides"]
    lines: tuple[FigureLine, ...]
    scenario: Scenario


def names(protocol: Protocol) -> list[str]:
    """Return the names of a protocol's figures, numbers in their order."""
    found = [path.stem for path in spec_files(protocol.folder).files["figures"]]
    return sorted(found, key=lambda name: (not name.isdigit(), int(name) if name.isdigit() else 0, name))


def load(protocol: Protocol, name: str) -> Figure:
    """Read a figure.

    Raises:
        UsageError: there is none of that name.
        SpecError: with every mistake of the file.
    """
    if name not in names(protocol):
        raise UsageError(tr("{protocol} has no figure '{name}'; {hint}", protocol=protocol.name, name=name, hint=did_you_mean(name, names(protocol))))
    path = protocol.folder / "figures" / f"{name}.yaml"
    file = read(path, str(Path(protocol.draft.root.file.path).parent / "figures" / path.name))
    root = parse(file)
    root.only(KEYS, tr("a figure"))
    lines = []
    for node in items_of(root.get("lines"), "lines"):
        text = text_of(node, tr("a line"))
        try:
            lines.append(parse_line(text or ""))
        except NotationError as error:
            node.problem(error.message, offset=error.column - 1)
    if not lines:
        root.problem(tr("a figure needs lines"), "lines: [CLOSED | LISTEN, 'SYN-SENT --> <SEQ=100><CTL=SYN> ...']")
    order = "lines" if root.get("order") is None else choice_of(root.get("order"), ("lines", "sides"), tr("an order"))
    inner = Mapping(
        root.file, root.line, root.column, root.index,
        entries=tuple((key, node) for key, node in root.entries if key.text not in OWN_KEYS),
    )  # fmt: skip
    scenario = read_scenario(name, inner)
    title = title_of(root, name)
    check_scenario(protocol, scenario, protocol.machine())
    if file.problems:
        raise SpecError(file.problems)
    protocol.files.append(file)
    return Figure(name, title, scenario.source, cast("Literal['lines', 'sides']", order), tuple(lines), scenario)


@dataclass(frozen=True, slots=True)
class Looked:
    """What came of looking for a figure among so many states of a scenario.

    ``stopped_because`` names the limit that ended it, or says that somebody interrupted. Then a figure that was found can
    happen all the same; of one that was not nothing is said, and ``result`` is None where not even these states were
    looked through.
    """

    built: Built
    result: Found | NotFound | None
    states: int
    stopped_because: str | None = None

    @property
    def verdict(self) -> str:
        """Whether the figure can happen: holds, violated or inconclusive."""
        if isinstance(self.result, Found):
            return "holds"
        return "violated" if self.stopped_because is None else "inconclusive"


#: How much longer states may be looked through that were explored when time was over, or somebody interrupted, in seconds.
GRACE = 2.0


def search(protocol: Protocol, figure: Figure, variant: str = "", limits: Limits = NO_LIMITS) -> Looked:
    """Explore the figure's scenario and look for a run that is exactly the figure; replay it."""
    built = build(protocol, figure.scenario, variant)
    watch = Watch(limits)
    space = checker.explore(built.system, limits)
    is_over = space.stopped_because in ("interrupted", TIME_IS_OVER)
    until = watch.seconds + GRACE

    def give_up() -> None:
        reason = TIME_IS_OVER if watch.is_late else watch.foresee(0)
        if is_over and watch.seconds < until:
            return
        if is_over or reason is not None:
            raise GivenUpError(space.stopped_because or reason or "")

    initial, events = next(iter(space.initials)), flatten(figure.lines)
    result: Found | NotFound | None = None
    stopped = space.stopped_because
    try:
        with asking(give_up):
            result = find(space.graph, initial, events, view_of(built), matcher(built), order=figure.order)
    except (GivenUpError, KeyboardInterrupt) as end:
        stopped = reason_of(end)
    if isinstance(result, Found):
        checker.replay(built.system, result.trace)
    return Looked(built, result, space.states, stopped)


def matcher(built: Built) -> Callable[[Message, str], bool]:
    """Return whether a segment is the one that a figure writes so: the same bits and numbers, nothing besides.

    ``<DATA>`` without a number stands for any text.
    """
    layout = built.machine.layout

    def matches(message: Message, text: str) -> bool:
        segment = cast("Segment", message)
        try:
            parts = {name: value for name, value, _ in parts_of(text)}
        except SegmentError:
            return False
        bits = {bit.strip() for bit in (parts.pop("CTL", "") or "").split(",") if bit.strip()}
        if bits != set(segment.ctl):
            return False
        for field, value in zip(layout.fields, segment.values, strict=True):
            if field.ghost:
                continue
            absent = value is None or value == field.absent
            if field.name not in parts:
                if not absent:
                    return False
            elif parts[field.name] is None:
                if absent:
                    return False
            elif str(value) != parts[field.name]:
                return False
        return True

    return matches


def draw_figure(figure: Figure, built: Built, found: Found) -> str:
    """Draw the path that was found; an answer to the last line, which the figure leaves out, is left out."""
    trace = found.trace
    shown = sum(event.kind != "at" for event in flatten(figure.lines))
    happened = sum(_visible(step) for step in trace.steps)
    hidden = happened - shown
    if hidden > 0:
        last = trace.steps[-1]
        outcome = cast("Outcome", last.outcome)
        kept = outcome.sends[: len(outcome.sends) - hidden]
        trace = replace(trace, steps=(*trace.steps[:-1], last._replace(outcome=outcome._replace(sends=kept))))
    return draw(trace, view_of(built))


def _visible(step: Step) -> int:
    if step.outcome is None:
        return 0
    return (step.label.kind == "deliver") + len(step.outcome.sends)


def not_found(figure: Figure, looked: Looked) -> str:
    """Say how far the figure can happen, and which line cannot, as far as that is known."""
    name, result = figure.name, looked.result
    if looked.stopped_because is not None:
        reason, states = tr(looked.stopped_because), f"{looked.states:,}"
        if not isinstance(result, NotFound):
            return tr("figure {name}: inconclusive ({reason}): {states} states were explored, and not looked through", name=name, reason=reason, states=states)
        return tr(
            "figure {name}: inconclusive ({reason}): not found in the {states} states that were explored; {count} of its events can happen",
            name=name, reason=reason, states=states, count=result.events_matched,
        )  # fmt: skip
    count = result.events_matched if isinstance(result, NotFound) else 0
    if not isinstance(result, NotFound) or result.missing is None:
        return tr("figure {name}: cannot happen in the machine; {count} of its events can", name=name, count=count)
    line = result.missing.line
    return tr("figure {name}: line {line} cannot happen in the machine; {count} of its events can", name=name, line=line, count=count)
