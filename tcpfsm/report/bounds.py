"""What bounds are called in reports, and what reports say of answers that may be a matter of bounds."""

from __future__ import annotations

from collections.abc import Sequence

from tcpfsm.i18n.language import tr, trn
from tcpfsm.i18n.wrapping import wrap
from tcpfsm.run.results import PropertyReport, RunReport


def bound_name(key: str) -> str:
    """Return what a bound is called in the language of the process; calls and timeouts keep their names."""
    if key.endswith(" ISNs"):
        return tr("{end} ISNs", end=key.removesuffix(" ISNs"))
    known = {"network": tr("network"), "capacity": tr("capacity"), "loss": tr("loss"), "duplication": tr("duplication")}
    return known.get(key, key)


def matters_of_bounds(runs: Sequence[RunReport]) -> list[str]:
    """Return where a bound is in the way of steps, and so no end of the protocol, or perhaps why a goal is not reached."""
    texts = [text for run in runs for report in run.properties for text in _matters(run, report)]
    return ["", *(line for text in texts for line in wrap(text, 110, "", "  "))] if texts else []


def _matters(run: RunReport, report: PropertyReport) -> list[str]:
    texts = []
    if report.blocked_ends:
        texts.append(
            trn(
                "{property} in {scenario}: not true of {n} state that only a bound makes an end; that is not held against it.",
                "{property} in {scenario}: not true of {n} states that only a bound makes ends; that is not held against it.",
                report.blocked_ends,
                property=report.name,
                scenario=run.scenario,
            )
        )
    if report.bounds_behind:
        texts.append(
            tr(
                "{property} in {scenario}: a bound may be why it is violated. After the counterexample it keeps steps from "
                "happening: {bounds}. See whether it holds with a larger one.",
                property=report.name,
                scenario=run.scenario,
                bounds=", ".join(bound_name(key) for key in report.bounds_behind),
            )
        )
    return texts
