"""What a text report says of a property that fails: its sentence, the shortest path drawn, and how to see it again."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from tcpfsm.i18n.language import spoken, tr, trn
from tcpfsm.i18n.width import width
from tcpfsm.i18n.wrapping import wrap
from tcpfsm.report.table import table
from tcpfsm.run.results import PropertyReport, RunReport


def violation(run: RunReport, report: PropertyReport) -> list[str]:
    """Return a violated property: its sentence, its ladder, what differs, and how to see it again."""
    source = f" ({report.source})" if report.source else ""
    lines = [
        tr("{property} is violated in {scenario}:", property=report.name, scenario=run.scenario),
        *paragraph(f"{report.says}{source}"),
    ]
    return [*lines, *counterexample(run, report)]


def counterexample(run: RunReport, report: PropertyReport) -> list[str]:
    """Return the ladder of a violated property, what differs, and how to see it again."""
    if report.trace is None:
        return [tr("There is no witness: {basis}.", basis=report.established)]
    lines = [tr("Shortest counterexample, {steps}:", steps=steps(report.trace.length)), "", report.trace.ladder, ""]
    lines += [tr("Differs from {protocol}: {what}", protocol=run.protocol, what=text) for text in report.trace.differs]
    return [*lines, again(run, report)]


def departures(runs: Sequence[RunReport], shows: tuple[str, str], *, verbose: bool) -> list[str]:
    """Return in which properties of the base machine's own way a variant departs from it, and the paths that are asked for."""
    departing = [(run, report) for run in runs for report in run.departures]
    if not departing:
        return []
    protocol = departing[0][0].protocol
    heading = tr("Departs from {protocol} in how things are done, which is no violation:", protocol=protocol)
    lines = ["", *wrap(heading, 100), *rows(departing)]
    for run, report in departing:
        if verbose or (run.scenario, report.name) == shows:
            source = f" ({report.source})" if report.source else ""
            text = tr("{property} does not hold in {scenario}:", property=report.name, scenario=run.scenario)
            lines += ["", text, *paragraph(f"{report.says}{source}"), *counterexample(run, report)]
    return lines


def rows(found: Sequence[tuple[RunReport, PropertyReport]]) -> list[str]:
    """Return a table of properties that fail, each with its scenario and the length of the path that shows it."""
    rows = [
        [run.scenario, report.name, steps(report.trace.length) if report.trace is not None else tr("no witness")]
        for run, report in found
    ]
    return table(rows, right=(2,))


def again(run: RunReport, report: PropertyReport) -> str:
    """Return the line that says how to see it again."""
    return tr("Again with:  {command}", command=spoken(f"{run.again} --property {report.name}"))


def paragraph(text: str) -> list[str]:
    """Return a text set in lines of 100 columns; Chinese has no blanks to break at."""
    return textwrap.wrap(text, 100) if width(text) == len(text) else wrap(text, 100)


def steps(count: int) -> str:
    """Return so many steps in words."""
    return trn("{n} step", "{n} steps", count)
