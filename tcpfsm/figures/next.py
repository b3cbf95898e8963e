"""What a machine does where a figure goes on otherwise: the steps that can be taken there, as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tcpfsm.i18n.language import tr
from tcpfsm.loader.scenario import ENDS
from tcpfsm.report.table import table

if TYPE_CHECKING:
    from checker.model.vocabulary import Step
    from tcpfsm.figures.found import NotFound
    from tcpfsm.run.build import Built


def instead(built: Built, result: NotFound) -> list[str]:
    """Return the steps of the two ends where the figure got farthest; what the network may lose or copy is left out."""
    steps = [step for step in built.system.steps(result.nearest[0]) if step.outcome is not None]
    if not steps:
        return [tr("Nothing more can happen there.")]
    rows = [[tr("end"), tr("event"), tr("sends"), tr("state then")]]
    return [tr("What can happen there instead:"), *table([*rows, *dict.fromkeys(map(_row, steps))])]


def _row(step: Step) -> tuple[str, ...]:
    label, outcome = step.label, step.outcome
    sent = [] if outcome is None else [message.text() for _, message in outcome.sends]
    event = label.action or f"rcv {label.message.text()}"
    return label.actor, event, " ".join(sent) or "-", step.after.locals[ENDS.index(label.actor)].state
