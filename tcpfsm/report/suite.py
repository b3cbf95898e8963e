"""The report on a suite: what holds, what the exhibits and variants break, and the headline."""

from __future__ import annotations

from collections.abc import Sequence

from tcpfsm.i18n.language import said, tr, trn
from tcpfsm.loader.protocol import Protocol
from tcpfsm.report.notes import notes
from tcpfsm.report.table import table
from tcpfsm.report.text import (
    network,
    qualified,
    runs_table,
    surprises,
    unexpected,
    verdict_word,
    verdict_words,
)
from tcpfsm.report.violations import counterexample, paragraph
from tcpfsm.run.results import PropertyReport, RunReport, worst
from tcpfsm.run.unused import unused


def summary(protocol: Protocol, runs: Sequence[RunReport], asked: int | None = None) -> str:
    """Return the report on a whole suite, of which so many runs were asked for: as many as there are, if it is not said."""
    own = [run for run in runs if not run.variant and not run.exhibit]
    lines = [f"{protocol.name}: {_title(protocol)}", tr("Both ends, every interleaving."), ""]
    alone = [run for run in own if not run.family]
    lines += runs_table(alone, tr("scenario")) if alone else []
    lines += _families([run for run in own if run.family])
    exhibits = [run for run in runs if run.exhibit and not run.variant]
    if exhibits:
        lines += [*([""] if own else []), *_exhibits(exhibits)]
    patched = [run for run in runs if run.variant]
    if patched:
        lines += [*([""] if own or exhibits else []), *_variants(patched)]
    noted = notes([*own, *exhibits], unused(protocol), whole=True)
    lines += ["", *_headline(protocol, own, patched), *([*noted, ""] if noted else []), *_closing(runs, len(runs) if asked is None else asked)]
    return "\n".join(lines) + "\n"


def _families(runs: Sequence[RunReport]) -> list[str]:
    """Return one line for the scenarios of each family, and one for each of them that is not as expected."""
    rows = []
    for family in dict.fromkeys(run.family for run in runs):
        part = [run for run in runs if run.family == family]
        odd = [run for run in part if run.is_surprising or run.verdict != "holds"]
        verdict = tr("all hold") if not odd else tr("{count} do not hold or are not as expected", count=len(odd))
        rows.append([tr("and {count} scenarios of {family}", count=len(part), family=family), _size(part), verdict])
        rows += [[f"  {run.scenario}", "", verdict_words(run)] for run in odd]
    return table(rows)


def _size(runs: Sequence[RunReport]) -> str:
    states, steps = sum(run.states for run in runs), sum(run.steps for run in runs)
    return tr("{states} states, {steps} steps", states=f"{states:,}", steps=f"{steps:,}")


def _title(protocol: Protocol) -> str:
    machine = protocol.machine()
    return said(machine.title) + (f" ({machine.source})" if machine.source else "")


def _exhibits(runs: Sequence[RunReport]) -> list[str]:
    rows = [[tr("exhibit: broken by the protocol itself"), tr("steps"), tr("holds in")]]
    rows += [[f"{run.scenario}: {_broken(run)}", _lengths(run), run.twin] for run in runs]
    return table(rows, right=(1,))


def _variants(runs: Sequence[RunReport]) -> list[str]:
    rows = [[tr("variant"), tr("in scenario"), tr("states"), tr("verdict, with the length of the counterexample")]]
    rows += [[run.variant, run.scenario, f"{run.states:,}", _verdict(run)] for run in runs]
    return table(rows, right=(2,))


def _failing(run: RunReport) -> list[PropertyReport]:
    return [report for report in run.properties if report.is_broken]


def _broken(run: RunReport) -> str:
    names = ", ".join(report.name for report in _failing(run)) or verdict_word(run.verdict)
    return unexpected(names) if run.is_surprising else names


def _lengths(run: RunReport) -> str:
    return ", ".join(str(report.trace.length) for report in _failing(run) if report.trace is not None)


def _verdict(run: RunReport) -> str:
    return qualified(run, lambda report: f"{report.name} {report.trace.length if report.trace is not None else '-'}", most=3)


def _headline(protocol: Protocol, own: Sequence[RunReport], patched: Sequence[RunReport]) -> list[str]:
    name, variant = protocol.properties.headline
    asked = [(run, report) for run in own for report in run.properties if report.name == name]
    if not asked:
        return []
    says = said(protocol.properties.properties[name].says)
    verdict = worst([report.verdict for _, report in asked])
    words = {"holds": tr("holds"), "violated": tr("does not hold"), "inconclusive": tr("is not settled")}[verdict]
    scenarios = trn("{n} scenario", "{n} scenarios", len(asked))
    count = f"{sum(run.states for run, _ in asked):,}"
    is_whole = all(run.complete for run, _ in asked)
    states = tr("{count} states exhausted", count=count) if is_whole else tr("{count} states seen", count=count)
    text = tr("{verdict} in {scenarios}, {states}", verdict=words, scenarios=scenarios, states=states)
    lines = [*paragraph(f"{name}: {says}"), f"  {protocol.name}: {text}"]
    shown = protocol.variants[variant].shows if variant in protocol.variants else ("", "")
    answers = [
        (run, report) for run in patched for report in run.properties if (run.variant, report.name) == (variant, name)
    ]
    answers.sort(key=lambda answer: (answer[0].scenario, name) != shown)  # where the variant shows it, first of all
    for run, report in answers[:1]:
        word = verdict_word(report.verdict)
        text = tr("{verdict} in {scenario} ({network})", verdict=word, scenario=run.scenario, network=network(run))
        lines += [f"  {run.name}: {text}", ""]
        if report.verdict == "violated":
            lines += counterexample(run, report)
    return [*lines, ""]


def _closing(runs: Sequence[RunReport], asked: int) -> list[str]:
    wrong = [run for run in runs if run.is_surprising]
    cut = [run for run in runs if not run.complete]
    all_runs, size = trn("{n} run", "{n} runs", len(runs)), _size(runs)
    if not wrong and not cut and len(runs) == asked:
        return [tr("Everything is as expected: {runs}, {size}.", runs=all_runs, size=size)]
    lines = []
    if len(runs) < asked:
        lines.append(tr("Interrupted: of {asked} runs {count} were begun, and of the others nothing is known.", asked=asked, count=len(runs)))
    if cut:
        lines.append(tr("Cut before the end, so that nothing is said of the rest: {count} of {runs}, {size}.", count=len(cut), runs=all_runs, size=size))
    if wrong:
        lines.append(tr("NOT as expected: {count} of {runs}, {size}.", count=len(wrong), runs=all_runs, size=size))
    return [*lines, *surprises(wrong)]
