"""The default suite: every scenario, exhibit and variant that comes with a protocol, held against what was recorded."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from tcpfsm.report_text import counterexample, network, runs_table, surprises, table, verdict_words
from tcpfsm.run_report import PropertyReport, RunReport, worst
from tcpfsm.spec.protocol import Protocol
from tcpfsm.spec.scenario import Scenario


class Job(NamedTuple):
    """One run of the suite."""

    scenario: Scenario
    variant: str


def jobs(protocol: Protocol, *, slow: bool = False) -> Iterator[Job]:
    """Go through the suite: the protocol's own scenarios, its exhibits, then each variant where it expects something."""
    for exhibit in (False, True):
        for scenario in protocol.scenarios.values():
            if scenario.exhibit == exhibit and (slow or not scenario.slow):
                yield Job(scenario, "")
    for variant in protocol.variants.values():
        if slow or not variant.slow:
            for expected in variant.expect:
                yield Job(protocol.scenario(expected.scenario), variant.name)


def summary(protocol: Protocol, runs: Sequence[RunReport]) -> str:
    """Return the report on a whole suite."""
    own = [run for run in runs if not run.variant and not run.exhibit]
    lines = [f"{protocol.name}: {_title(protocol)}", "Both ends, every interleaving.", ""]
    lines += runs_table([run for run in own if not run.family], "scenario")
    lines += _families([run for run in own if run.family])
    exhibits = [run for run in runs if run.exhibit and not run.variant]
    if exhibits:
        lines += ["", *_exhibits(exhibits)]
    patched = [run for run in runs if run.variant]
    if patched:
        lines += ["", *_variants(patched)]
    lines += ["", *_headline(protocol, own, patched), *_closing(runs)]
    return "\n".join(lines) + "\n"


def _families(runs: Sequence[RunReport]) -> list[str]:
    """Return one line for the scenarios of each family, and one for each of them that is not as expected."""
    rows = []
    for family in dict.fromkeys(run.family for run in runs):
        part = [run for run in runs if run.family == family]
        odd = [run for run in part if run.is_surprising or run.verdict != "holds"]
        verdict = "all hold" if not odd else f"{len(odd)} do not hold or are not as expected"
        size = f"{sum(run.states for run in part):,} states, {sum(run.steps for run in part):,} steps"
        rows.append([f"and {len(part)} scenarios of {family}", size, verdict])
        rows += [[f"  {run.scenario}", "", verdict_words(run)] for run in odd]
    return table(rows)


def _title(protocol: Protocol) -> str:
    machine = protocol.machine()
    return f"{machine.title} ({machine.source})" if machine.source else machine.title


def _exhibits(runs: Sequence[RunReport]) -> list[str]:
    rows = [["exhibit: broken by the protocol itself", "steps", "holds in"]]
    rows += [[f"{run.scenario}: {_broken(run)}", _lengths(run), run.twin] for run in runs]
    return table(rows, right=(1,))


def _variants(runs: Sequence[RunReport]) -> list[str]:
    rows = [["variant", "in scenario", "states", "verdict, with the length of the counterexample"]]
    rows += [[run.variant, run.scenario, f"{run.states:,}", _verdict(run)] for run in runs]
    return table(rows, right=(2,))


def _failing(run: RunReport) -> list[PropertyReport]:
    return [report for report in run.properties if report.verdict == "violated"]


def _broken(run: RunReport) -> str:
    names = ", ".join(report.name for report in _failing(run)) or run.verdict
    return f"{names}  NOT AS EXPECTED" if run.is_surprising else names


def _lengths(run: RunReport) -> str:
    return ", ".join(str(report.trace.length) for report in _failing(run) if report.trace is not None)


def _verdict(run: RunReport) -> str:
    failing = _failing(run)
    texts = [f"{report.name} {report.trace.length if report.trace is not None else '-'}" for report in failing[:3]]
    words = f"violated: {', '.join(texts)}" if failing else run.verdict
    words += f" and {len(failing) - 3} more" if len(failing) > 3 else ""
    words += "" if run.complete else f" (cut: {run.stopped_because})"
    return f"{words}  NOT AS EXPECTED" if run.is_surprising else words


def _headline(protocol: Protocol, own: Sequence[RunReport], patched: Sequence[RunReport]) -> list[str]:
    name, variant = protocol.properties.headline
    asked = [(run, report) for run in own for report in run.properties if report.name == name]
    if not asked:
        return []
    says = protocol.properties.properties[name].says["en"]
    verdict = worst([report.verdict for _, report in asked])
    words = {"holds": "holds", "violated": "does not hold", "inconclusive": "is not settled"}[verdict]
    scenarios = f"{len(asked)} scenario{'' if len(asked) == 1 else 's'}"
    exhausted = "exhausted" if all(run.complete for run, _ in asked) else "seen"
    states = sum(run.states for run, _ in asked)
    lines = [
        *textwrap.wrap(f"{name}: {says}", 100),
        f"  {protocol.name}: {words} in {scenarios}, {states:,} states {exhausted}",
    ]
    shown = protocol.variants[variant].shows if variant in protocol.variants else ("", "")
    answers = [
        (run, report) for run in patched for report in run.properties if (run.variant, report.name) == (variant, name)
    ]
    answers.sort(key=lambda answer: (answer[0].scenario, name) != shown)  # where the variant shows it, first of all
    for run, report in answers[:1]:
        lines += [f"  {run.name}: {report.verdict} in {run.scenario} ({network(run)})", ""]
        if report.verdict == "violated":
            lines += counterexample(run, report)
    return [*lines, ""]


def _closing(runs: Sequence[RunReport]) -> list[str]:
    states, steps = sum(run.states for run in runs), sum(run.steps for run in runs)
    wrong = [run for run in runs if run.is_surprising]
    cut = [run for run in runs if not run.complete]
    size = f"{len(runs)} runs, {states:,} states, {steps:,} steps"
    if not wrong and not cut:
        return [f"Everything is as expected: {size}."]
    lines = [f"Cut before the end, so that nothing is said of the rest: {len(cut)} of {size}."] if cut else []
    lines += [f"NOT as expected: {len(wrong)} of {size}."] if wrong else []
    return [*lines, *surprises(wrong)]
