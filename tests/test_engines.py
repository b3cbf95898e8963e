"""The two engines: whatever ships, the table-driven one finds what the reference engine finds."""

from __future__ import annotations

import pytest

from checker.fast.engine import explore_tables
from tcpfsm.run.build import build
from tests.suite_runs import Job, all_jobs, protocol, report


@pytest.mark.parametrize("job", all_jobs(slow=False), ids=str)
def test_a_run_is_the_same_through_tables(job: Job) -> None:
    """States, steps, depth, ends, rules that fired, and every verdict with every step of its trace."""
    found = protocol(job.protocol)
    built = build(found, found.scenario(job.scenario), job.variant)
    wanted = report(job)
    seen = explore_tables(built.system, built.properties)
    fired = {firing.rule for outcome in seen.outcomes for firing in outcome.firings}

    assert (seen.states, seen.steps, seen.depth, seen.terminals) == (wanted.states, wanted.steps, wanted.depth, wanted.terminals)
    assert fired == set(wanted.fired_rules)
    for verdict, expected in zip(seen.verdicts, wanted.properties, strict=True):
        assert (verdict.property.name, verdict.verdict) == (expected.name, expected.verdict)
        assert (verdict.trace is None) == (expected.trace is None)
        if verdict.trace is not None and expected.trace is not None:
            taken = [(step.label.kind, step.label.actor) for step in verdict.trace.steps]
            assert taken == [(step["kind"], step["actor"]) for step in expected.trace.steps]
            assert verdict.trace.loop == expected.trace.loop
