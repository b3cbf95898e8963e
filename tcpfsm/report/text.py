"""The text report: what was checked, within which bounds, what holds, and the shortest counterexample drawn."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from checker.factors import Factor
from tcpfsm.i18n.language import tr, trn
from tcpfsm.i18n.wrapping import wrap
from tcpfsm.report.bounds import bound_name, matters_of_bounds
from tcpfsm.report.notes import basis, never_fired, notes
from tcpfsm.report.table import table
from tcpfsm.report.violations import again, departures, paragraph, rows, steps, violation
from tcpfsm.run.notes import Note
from tcpfsm.run.results import PropertyReport, RunReport, worst

#: More properties than this are counted, not named, where a cut run says what it established.
MOST_NAMES = 3


def runs_table(runs: Sequence[RunReport], first: str) -> list[str]:
    """Return one line a run: the network, what is assumed, the size of the space, the verdict; then the assumptions."""
    assumed = list(dict.fromkeys(name for run in runs for name in run.assumes))
    rows = [[first, tr("network"), tr("assumes"), tr("states"), tr("steps"), tr("depth"), tr("verdict")]]
    for run in runs:
        numbers = " ".join(str(assumed.index(name) + 1) for name in run.assumes)
        size = [f"{run.states:,}", f"{run.steps:,}", str(run.depth)]
        rows.append([run.scenario, network(run), numbers, *size, verdict_words(run)])
    if not assumed:
        rows = [[cell for column, cell in enumerate(row) if column != 2] for row in rows]
    lines = table(rows, right=(3, 4, 5) if assumed else (2, 3, 4))
    if any("*" in row[1] for row in rows):
        lines.append("  " + tr("*: this bound was reached"))
    if assumed:
        texts = "; ".join(f"{number}={name}" for number, name in enumerate(assumed, 1))
        lines += wrap(tr("assumes: {names}", names=texts), 110, "  ", "    ")
    return lines


def network(run: RunReport) -> str:
    """Return the bounds of the network in short: kind, capacity each way, losses, duplications; a * where reached."""
    short = {"unlimited": tr("any")}
    bounds = {
        key: short.get(str(value), str(value)) + ("*" if key in run.bounds_reached else "")
        for key, value in run.bounds.items()
    }
    return tr(
        "{kind} {capacity}, loss {loss}, dup {duplication}",
        kind=bounds["network"],
        capacity=bounds["capacity"],
        loss=bounds["loss"],
        duplication=bounds["duplication"],
    )


def verdict_words(run: RunReport) -> str:
    """Return the verdict of a run, with the properties that fail, and whether that was expected."""
    return qualified(run, lambda report: report.name, most=2)


def qualified(run: RunReport, name: Callable[[PropertyReport], str], *, most: int) -> str:
    """Return the verdict of a run, with some of what fails, whether it was cut, and whether that was expected.

    Where a variant departs from the base machine is told apart: that is no violation.
    """
    failing = [name(report) for report in run.properties if report.is_broken]
    departing = [name(report) for report in run.departures]
    words = verdict_word(run.verdict)
    if failing:
        words = tr("violated: {names}", names=", ".join(failing[:most]))
    if len(failing) > most:
        words = tr("{words} and {count} more", words=words, count=len(failing) - most)
    if departing:
        words = tr("{words}; departs in {names}", words=words, names=", ".join(departing[:most]))
    if len(departing) > most:
        words = tr("{words} and {count} more", words=words, count=len(departing) - most)
    if run.stopped_because is not None:
        words = tr("{words} (cut: {reason})", words=words, reason=tr(run.stopped_because))
    return unexpected(words) if run.is_surprising else words


def unexpected(words: str) -> str:
    """Return the words with the remark that this is not what was recorded."""
    return tr("{words}  NOT AS EXPECTED", words=words)


def verdict_word(verdict: str) -> str:
    """Return a verdict as a word of the language."""
    return {"holds": tr("holds"), "violated": tr("violated"), "inconclusive": tr("inconclusive")}[verdict]


def answer(
    runs: Sequence[RunReport], title: str, *, shows: tuple[str, str] = ("", ""), verbose: bool = False,
    unused: Sequence[Note] = (), whole: bool = False,
) -> str:  # fmt: skip
    """Return the report on one target; ``unused`` and ``whole`` are those of ``report_notes.notes``."""
    lines = [title, ""]
    lines += runs_table(runs, tr("scenario"))
    lines.append("")
    failing = [(run, report) for run in runs for report in run.properties if report.is_broken]
    if not failing:
        lines += [*_all_hold(runs), *_witnesses(runs, verbose=verbose)]
    else:
        chosen = _chosen(failing, shows)
        for run, report in failing if verbose else [chosen]:
            lines += [*violation(run, report), ""]
        if not verbose:
            lines += _others(failing, chosen)
    if lines[-1] == "":
        lines.pop()
    lines += departures(runs, shows, verbose=verbose)
    lines += matters_of_bounds(runs)
    odd = [run for run in runs if run.is_surprising]
    if odd:
        lines += ["", tr("Not what was recorded:"), *surprises(odd)]
    noted = notes(runs, unused, whole=whole, verbose=verbose)
    lines += ["", *noted] if noted else []
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
                found, wanted = verdict_word(report.verdict), verdict_word(str(report.expected))
                if report.trace is not None:
                    found = tr("{verdict} with {steps}", verdict=found, steps=steps(report.trace.length))
                if report.expected_length is not None:
                    wanted = tr("{verdict} with {length}", verdict=wanted, length=report.expected_length)
                text = tr("{property} {found}, {wanted} expected", property=report.name, found=found, wanted=wanted)
                lines.append(f"  {run.name} {run.scenario}: {text}")
    return lines


def _chosen(
    failing: Sequence[tuple[RunReport, PropertyReport]], shows: tuple[str, str]
) -> tuple[RunReport, PropertyReport]:
    for run, report in failing:
        if (run.scenario, report.name) == shows:
            return run, report
    return failing[0]


def _witnesses(runs: Sequence[RunReport], *, verbose: bool) -> list[str]:
    """Return the paths that witnesses are, where a single property is asked, or all is told."""
    found = [(run, report) for run in runs for report in run.properties if report.kind == "sometimes"]
    if not verbose and len({report.name for run in runs for report in run.properties}) > 1:
        return []
    lines = []
    for run, report in found if verbose else found[:1]:
        if report.verdict == "holds" and report.trace is not None:
            lines += ["", tr("{property} can happen in {scenario}:", property=report.name, scenario=run.scenario)]
            lines += [*paragraph(report.says), tr("Shortest witness, {steps}:", steps=steps(report.trace.length))]
            lines += ["", report.trace.ladder, "", again(run, report)]
    return lines


def _others(
    failing: Sequence[tuple[RunReport, PropertyReport]], chosen: tuple[RunReport, PropertyReport]
) -> list[str]:
    rest = [(run, report) for run, report in failing if (run, report) != chosen]
    if not rest:
        return []
    return [tr("Also violated (-v shows every counterexample):"), *rows(rest)]


def _all_hold(runs: Sequence[RunReport]) -> list[str]:
    departing = {report.name for run in runs for report in run.departures}
    names = [name for name in dict.fromkeys(report.name for run in runs for report in run.properties) if name not in departing]
    verdict = worst([run.verdict for run in runs])
    if verdict == "inconclusive":
        cut = [line for run in runs if not run.complete for line in _established(run)]
        return [tr("Inconclusive: the search was cut."), *cut]
    hold = trn("{n} property holds", "{n} properties hold", len(names))
    if len(runs) == 1:
        scenario = runs[0].scenario
        return [tr("{hold} in {scenario}, the space exhausted within its bounds.", hold=hold, scenario=scenario)]
    return [tr("{hold} in every scenario that asks for them, each space exhausted within its bounds.", hold=hold)]


def _established(run: RunReport) -> list[str]:
    """Return what a run that was cut established of its properties; where that is not the same of all, of which ones."""
    names: dict[str, list[str]] = {}
    for report in run.properties:
        names.setdefault(report.established, []).append(report.name)
    if len(names) == 1:
        return [f"  {run.scenario}: {established}" for established in names]
    told = {
        established: ", ".join(of) if len(of) <= MOST_NAMES else trn("{n} property", "{n} properties", len(of))
        for established, of in names.items()
    }
    texts = [f"{run.scenario}: {established}: {which}" for established, which in told.items()]
    return [line for text in texts for line in wrap(text, 110, "  ", "    ")]


def _terminals(run: RunReport) -> str:
    """Return how many states have no steps, and of how many of them that is a matter of a bound alone."""
    count, blocked = f"{run.terminals:,}", f"{run.blocked_terminals:,}"
    if not run.blocked_terminals:
        return tr("terminal states: {count}", count=count)
    return tr("terminal states: {count}, {blocked} of them because a bound is in the way", count=count, blocked=blocked)


def _details(runs: Sequence[RunReport]) -> list[str]:
    lines = []
    for run in runs:
        lines += ["", f"{run.scenario}: {run.says}"]
        bounds = ", ".join(f"{bound_name(key)} {value}" for key, value in run.bounds.items())
        told = [
            tr("bounds: {names}", names=bounds),
            tr("bounds reached: {names}", names=", ".join(bound_name(key) for key in run.bounds_reached) or tr("none")),
        ]
        if run.assumes:
            told.append(tr("assumes: {names}", names=", ".join(run.assumes)))
        told.append(_terminals(run))
        if run.unreached_states:
            told.append(tr("states never reached: {names}", names=", ".join(run.unreached_states)))
        lines += [f"  {text}" for text in told]
        lines += never_fired(run)
        table_rows = [[report.name, report.kind, _word_of(report), basis(report)] for report in run.properties]
        lines += ["  " + line for line in table(table_rows)]
        lines += _factors(run)
    return lines


def _word_of(report: PropertyReport) -> str:
    return tr("departs") if report.departs else verdict_word(report.verdict)


def _factors(run: RunReport) -> list[str]:
    """Return what multiplies the states, the largest factor first, and which bound to lower; nothing where it is not known."""
    factors = [factor for factor in run.factors or () if factor.without < factor.states]
    if run.no_factors:
        return ["  " + tr("what multiplies the states was not counted ({reason})", reason=tr(run.no_factors))]
    if not factors:
        return []
    rows = [[tr("multiplies the states"), tr("values"), tr("states without it"), tr("times")]]
    rows += [
        [bound_name(factor.name), f"{factor.distinct:,}", f"{factor.without:,}", f"{factor.times:.1f}"] for factor in factors
    ]
    return [*("  " + line for line in table(rows, right=(1, 2, 3))), *wrap(_advice(run, factors[0]), 110, "  ", "  ")]


def _advice(run: RunReport, factor: Factor) -> str:
    """Return which bound makes the space smaller, given what multiplies it most."""
    name = bound_name(factor.name)
    if factor.kind == "channel":
        options = ", ".join(f"--{key}" for key in ("capacity", "loss", "duplication") if run.bounds[key] != 0)
        return tr("{name} multiplies the states most; a lower {options} makes them fewer.", name=name, options=options)
    if factor.name in ("loss", "duplication"):
        return tr("{name} multiplies the states most; a lower {options} makes them fewer.", name=name, options=f"--{factor.name}")
    if factor.kind == "budget":
        return tr("{name} multiplies the states most; the scenario says how often it may happen.", name=name)
    bounds = ", ".join(f"{bound_name(key)} {value}" for key, value in run.bounds.items() if key.startswith(f"{factor.name} "))
    end = tr("end {name}", name=name)
    return tr("{name} multiplies the states most; what bounds it stands in the scenario: {bounds}.", name=end, bounds=bounds)
