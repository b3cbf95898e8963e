"""What reports say of ends that are none: states in which only a bound is in the way of a step."""

from __future__ import annotations

from collections.abc import Sequence

from tcpfsm.i18n.language import trn
from tcpfsm.i18n.wrapping import wrap
from tcpfsm.run.results import RunReport


def blocked_ends(runs: Sequence[RunReport]) -> list[str]:
    """Return what was not held against properties of ends: that a bound is in the way is no end of the protocol."""
    texts = [
        trn(
            "{property} in {scenario}: not true of {n} state that only a bound makes an end; that is not held against it.",
            "{property} in {scenario}: not true of {n} states that only a bound makes ends; that is not held against it.",
            report.blocked_ends,
            property=report.name,
            scenario=run.scenario,
        )
        for run in runs
        for report in run.properties
        if report.blocked_ends
    ]
    return ["", *(line for text in texts for line in wrap(text, 110, "", "  "))] if texts else []
