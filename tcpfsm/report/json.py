"""The JSON report, ``tcpfsm.check/1``; schemas/check.json describes it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from checker.factors import Factor
from tcpfsm.run.notes import Note
from tcpfsm.run.results import PropertyReport, RunReport, TraceReport, worst

FORMAT = "tcpfsm.check/1"


def as_json(runs: Sequence[RunReport], unused: Mapping[str, Sequence[Note]] | None = None, *, complete: bool = True) -> str:
    """Return the report of some runs as a JSON text."""
    return json.dumps(as_data(runs, unused, complete=complete), indent=1, ensure_ascii=False)


def as_data(
    runs: Sequence[RunReport], unused: Mapping[str, Sequence[Note]] | None = None, *, complete: bool = True
) -> dict[str, Any]:
    """Return the report of some runs as plain data; its verdict is the worst of theirs.

    ``unused`` are the notes on what the protocols declare and nothing uses, by the protocol's name; ``complete`` says
    whether these are all the runs that were asked for.
    """
    return {
        "format": FORMAT,
        "verdict": worst([run.verdict for run in runs], complete=complete),
        "as_expected": complete and all(run.as_expected for run in runs),
        "runs": [_run(run) for run in runs],
        "unused": [
            {"protocol": name, "what": note.what, "name": note.name, "where": note.where, "says": note.says()}
            for name, notes in (unused or {}).items()
            for note in notes
        ],
    }


def _run(run: RunReport) -> dict[str, Any]:
    data: dict[str, Any] = {
        "protocol": run.protocol,
        "variant": run.variant or None,
        "scenario": run.scenario,
        "exhibit": run.exhibit,
        "engine": run.engine,
        "complete": run.complete,
        "stopped_because": run.stopped_because,
        "verdict": run.verdict,
        "as_expected": run.as_expected,
        "states": run.states,
        "steps": run.steps,
        "depth": run.depth,
        "bounds": run.bounds,
        "bounds_reached": list(run.bounds_reached),
        "assumes": list(run.assumes),
        "terminal_states": run.terminals,
        "blocked_terminal_states": run.blocked_terminals,
        "unreached_states": list(run.unreached_states),
        "dead_rules": list(run.dead_rules),
        "surprises": list(run.surprises),
        "departures": [report.name for report in run.departures],
        "notes": [note_data(note) for note in run.notes],
        "properties": [_property(report) for report in run.properties],
    }
    if run.factors is not None:
        data["factors"] = [_factor(factor) for factor in run.factors]
    return data


def note_data(note: Note) -> dict[str, str]:
    """Return a note as plain data."""
    return {"kind": note.kind, "name": note.name, "says": note.says()}


def _factor(factor: Factor) -> dict[str, Any]:
    return {
        "component": factor.name,
        "kind": {"process": "end"}.get(factor.kind, factor.kind),
        "values": factor.distinct,
        "states_without": factor.without,
        "times": round(factor.times, 2),
    }


def _property(report: PropertyReport) -> dict[str, Any]:
    return {
        "name": report.name,
        "kind": report.kind,
        "class": report.class_word,
        "says": report.says,
        "source": report.source,
        "verdict": report.verdict,
        "vacuous": report.vacuous,
        "expected": report.expected,
        "established": report.established,
        "blocked_ends": report.blocked_ends,
        "bounds_behind": list(report.bounds_behind),
        "trace": None if report.trace is None else trace_data(report.trace),
    }


def trace_data(trace: TraceReport) -> dict[str, Any]:
    """Return a trace as plain data."""
    return {
        "length": trace.length,
        "loop": trace.loop,
        "steps": list(trace.steps),
        "ladder": trace.ladder.splitlines(),
        "differs": list(trace.differs),
    }
