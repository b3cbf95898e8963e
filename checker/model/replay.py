"""Replaying: a trace is believed only after the system has taken every step of it once more."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from checker.model.trace import Trace
    from checker.model.vocabulary import State, TransitionSystem


class ReplayError(Exception):
    """The system does not do what the trace says.

    ``number`` is the first step that differs, counted from 1; 0 if it is the initial state.
    """

    def __init__(self, number: int, difference: str) -> None:
        """Name the step and what is different about it."""
        self.number = number
        where = f"step {number}" if number else "the initial state"
        super().__init__(f"{where} of the trace: {difference}")


def replay(system: TransitionSystem, trace: Trace) -> State:
    """Take the steps of the trace on the system, comparing each with what the trace recorded; the last state.

    Raises:
        ReplayError: the initial state, a step or the closing of the cycle is not what the system does.
    """
    state = trace.initial
    if state not in system.initials:
        raise ReplayError(0, "the system does not start there")
    passed = [state]
    for number, step in enumerate(trace.steps, start=1):
        if step.before != state:
            raise ReplayError(number, f"it begins in {step.before}, but the step before it ends in {state}")
        taken = next((candidate for candidate in system.steps(state) if candidate.label == step.label), None)
        if taken is None:
            raise ReplayError(number, f"{step.label} is not possible there")
        if taken.outcome != step.outcome:
            raise ReplayError(number, f"{step.label} has the outcome {taken.outcome}, not {step.outcome}")
        if taken.after != step.after:
            raise ReplayError(number, f"{step.label} leads to {taken.after}, not to {step.after}")
        state = taken.after
        passed.append(state)
    if trace.loop is not None and not (0 <= trace.loop < len(trace.steps) and passed[trace.loop] == state):
        raise ReplayError(len(trace.steps), f"it does not close a cycle that begins at step {trace.loop + 1}")
    return state
