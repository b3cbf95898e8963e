"""The text report: what was checked, within which bounds, what holds, and the shortest counterexample drawn."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from tcpfsm.ladder_text import width
from tcpfsm.run_report import PropertyReport, RunReport, worst


def table(rows: Sequence[Sequence[str]], right: Sequence[int] = ()) -> list[str]:
    """Return rows as aligned lines, indented by two; ``right`` are the columns that are set to the right.

    >>> table([["a", "10"], ["bcd", "7"]], right=[1])
    ['  a    10', '  bcd   7']
    """
    if not rows:
        return []
    widths = [max(width(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = []
    for row in rows:
        cells = []
        for column, cell in enumerate(row):
            blanks = " " * (widths[column] - width(cell))
            cells.append(blanks + cell if column in right else cell + blanks)
        lines.append(("  " + "  ".join(cells)).rstrip())
    return lines


def runs_table(runs: Sequence[RunReport], first: str) -> list[str]:
    """Return one line a run: the network, what is assumed, the size of the space, the verdict; then the assumptions."""
    assumed = list(dict.fromkeys(name for run in runs for name in run.assumes))
    rows = [[first, "network", "assumes", "states", "steps", "depth", "verdict"]]
    for run in runs:
        numbers = " ".join(str(assumed.index(name) + 1) for name in run.assumes)
        size = [f"{run.states:,}", f"{run.steps:,}", str(run.depth)]
        rows.append([run.scenario, network(run), numbers, *size, verdict_words(run)])
    if not assumed:
        rows = [[cell for column, cell in enumerate(row) if column != 2] for row in rows]
    lines = table(rows, right=(3, 4, 5) if assumed else (2, 3, 4))
    if any("*" in row[1] for row in rows):
        lines.append("  *: this bound was reached")
    if assumed:
        texts = "; ".join(f"{number}={name}" for number, name in enumerate(assumed, 1))
        lines += textwrap.wrap(f"assumes: {texts}", 110, initial_indent="  ", subsequent_indent="    ", break_on_hyphens=False)
    return lines


def network(run: RunReport) -> str:
    """Return the bounds of the network in short: kind, capacity each way, losses, duplications; a * where reached."""
    short = {"unlimited": "any"}
    bounds = {
        key: short.get(str(value), str(value)) + ("*" if key in run.bounds_reached else "")
        for key, value in run.bounds.items()
    }
    return f"{bounds['network']} {bounds['capacity']}, loss {bounds['loss']}, dup {bounds['duplication']}"


def verdict_words(run: RunReport) -> str:
    """Return the verdict of a run, with the properties that fail, and whether that was expected."""
    failing = [report for report in run.properties if report.verdict == "violated"]
    words = run.verdict
    if failing:
        words = "violated: " + ", ".join(report.name for report in failing[:2])
        words += f" and {len(failing) - 2} more" if len(failing) > 2 else ""
    if not run.complete:
        words += f" (cut: {run.stopped_because})"
    return f"{words}  NOT AS EXPECTED" if run.is_surprising else words


def answer(runs: Sequence[RunReport], title: str, *, shows: tuple[str, str] = ("", ""), verbose: bool = False) -> str:
    """Return the report on one target."""
    lines = [title, ""]
    lines += runs_table(runs, "scenario")
    lines.append("")
    failing = [
        (run, report) for run in runs for report in run.properties if report.verdict == "violated"
    ]
    if not failing:
        lines += _all_hold(runs)
    else:
        chosen = _chosen(failing, shows)
        for run, report in failing if verbose else [chosen]:
            lines += [*violation(run, report), ""]
        if not verbose:
            lines += _others(failing, chosen)
    odd = [run for run in runs if run.is_surprising]
    if odd:
        lines += ["", "Not what was recorded:", *surprises(odd)]
    if verbose:
        lines += _details(runs)
    return "\n".join(lines).rstrip() + "\n"


def surprises(runs: Sequence[RunReport]) -> list[str]:
    """Return one line for every count and verdict that is not what was recorded."""
    lines = []
    for run in runs:
        lines += [f"  {run.name} {run.scenario}: {surprise}" for surprise in run.surprises]
        for report in run.properties:
            if not report.as_expected and report.verdict != "inconclusive":
                length = f" with {_steps(report.trace.length)}" if report.trace is not None else ""
                wanted = f"{report.expected}" + (f" with {report.expected_length}" if report.expected_length else "")
                lines.append(f"  {run.name} {run.scenario}: {report.name} {report.verdict}{length}, {wanted} expected")
    return lines


def _chosen(
    failing: Sequence[tuple[RunReport, PropertyReport]], shows: tuple[str, str]
) -> tuple[RunReport, PropertyReport]:
    for run, report in failing:
        if (run.scenario, report.name) == shows:
            return run, report
    return failing[0]


def violation(run: RunReport, report: PropertyReport) -> list[str]:
    """Return a violated property: its sentence, its ladder, what differs, and how to see it again."""
    source = f" ({report.source})" if report.source else ""
    lines = [f"{report.name} is violated in {run.scenario}:", *textwrap.wrap(f"{report.says}{source}", 100)]
    return [*lines, *counterexample(run, report)]


def counterexample(run: RunReport, report: PropertyReport) -> list[str]:
    """Return the ladder of a violated property, what differs, and how to see it again."""
    if report.trace is None:
        return [f"There is no witness: {report.established}."]
    lines = [f"Shortest counterexample, {_steps(report.trace.length)}:", "", report.trace.ladder, ""]
    if report.trace.differs:
        lines += [f"Differs from {run.protocol}: {text}" for text in report.trace.differs]
    lines.append(f"Again with:  {run.again} --property {report.name}")
    return lines


def _steps(count: int) -> str:
    return f"{count} step{'' if count == 1 else 's'}"


def _others(
    failing: Sequence[tuple[RunReport, PropertyReport]], chosen: tuple[RunReport, PropertyReport]
) -> list[str]:
    rest = [(run, report) for run, report in failing if (run, report) != chosen]
    if not rest:
        return []
    rows = [
        [run.scenario, report.name, _steps(report.trace.length) if report.trace is not None else "no witness"]
        for run, report in rest
    ]
    return ["Also violated (-v shows every counterexample):", *table(rows, right=(2,))]


def _all_hold(runs: Sequence[RunReport]) -> list[str]:
    names = list(dict.fromkeys(report.name for run in runs for report in run.properties))
    verdict = worst([run.verdict for run in runs])
    count = "1 property holds" if len(names) == 1 else f"{len(names)} properties hold"
    where = f"in {runs[0].scenario}" if len(runs) == 1 else "in every scenario that asks for them"
    spaces = "the space" if len(runs) == 1 else "each space"
    if verdict == "inconclusive":
        cut = [f"{run.scenario}: {report.established}" for run in runs for report in run.properties[:1] if not run.complete]
        return ["Inconclusive: the search was cut.", *(f"  {line}" for line in cut)]
    return [f"{count} {where}, {spaces} exhausted within its bounds."]


def _details(runs: Sequence[RunReport]) -> list[str]:
    lines = []
    for run in runs:
        lines += ["", f"{run.scenario}: {run.says}"]
        bounds = ", ".join(f"{key} {value}" for key, value in run.bounds.items())
        lines.append(f"  bounds: {bounds}")
        lines.append(f"  bounds reached: {', '.join(run.bounds_reached) or 'none'}")
        if run.assumes:
            lines.append(f"  assumes: {', '.join(run.assumes)}")
        lines.append(f"  terminal states: {run.terminals:,}")
        if run.unreached_states:
            lines.append(f"  states never reached: {', '.join(run.unreached_states)}")
        lines.append(f"  rules never fired: {len(run.dead_rules)} of {len(run.dead_rules) + len(run.fired_rules)}")
        rows = [[report.name, report.kind, report.verdict, report.established] for report in run.properties]
        lines += ["  " + line for line in table(rows)]
    return lines
