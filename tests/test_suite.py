"""The default suite: what is recorded is what comes out, and nothing of a protocol is left out of it.

The lists of exceptions below are there to shrink: an entry that no longer holds fails a test, and so does a new gap.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from tcpfsm.loader.load import load_variant
from tcpfsm.loader.target import shipped
from tcpfsm.report.suite import summary
from tcpfsm.run.build import asked
from tcpfsm.run.run import Options, run
from tcpfsm.run.suite import jobs
from tests.broken import BROKEN_BY
from tests.suite_runs import Job, all_jobs, protocol, report, reports

if TYPE_CHECKING:
    from pathlib import Path

#: How many steps all runs of the default suite may have together; 1 M steps take about a minute.
MOST_STEPS = 400_000

#: Properties that no variant, no exhibit and no change of tests/broken.py breaks, and why not.
UNBROKEN: dict[str, dict[str, str]] = {}

#: Rules that fire in no scenario, and why not.
UNFIRED: dict[str, dict[str, str]] = {
    "tcp": {
        "FIN-WAIT-2 / rcv ACK": "everything sent is acknowledged there, so that no ACK is of anything new",
        "TIME-WAIT / rcv ACK": "the same",
        "FIN-WAIT-2 / retransmission timeout": "nothing is left there to be sent again",
        "TIME-WAIT / retransmission timeout": "the same",
        "SYN-RECEIVED / rcv text too soon": "it is only looked at: text that came with a SYN goes on waiting",
        "FIN-WAIT-1 / rcv text too soon": "the same",
    }
}

DEFAULT = all_jobs(slow=False)
SLOW = [job for job in all_jobs(slow=True) if job not in DEFAULT]


def violated(job: Job) -> set[str]:
    """Return the properties that a run refutes."""
    return {found.name for found in report(job).properties if found.verdict == "violated"}


def promised(name: str) -> set[str]:
    """Return the properties that a protocol promises; what its claims ask is none."""
    return {word for word, spec in protocol(name).properties.properties.items() if not spec.claimed}


@pytest.mark.parametrize("job", [*DEFAULT, *(pytest.param(job, marks=pytest.mark.slow) for job in SLOW)], ids=str)
def test_a_run_gives_what_was_recorded(job: Job) -> None:
    """States, steps, depth, verdicts and the lengths of counterexamples, each exactly."""
    found = report(job)

    assert found.complete
    assert found.surprises == ()
    assert [(one.name, one.verdict, one.expected, one.trace) for one in found.properties if not one.as_expected] == []


@pytest.mark.parametrize("job", DEFAULT, ids=str)
def test_everything_that_can_be_recorded_is(job: Job) -> None:
    """A run without recorded counts would be as expected whatever came out."""
    found = protocol(job.protocol)
    recorded = found.scenario(job.scenario).expected
    if job.variant:
        recorded = next(e for e in found.variants[job.variant].expect if e.scenario == job.scenario)

    assert recorded is not None
    assert None not in (recorded.states, recorded.steps, recorded.depth)
    assert dict(recorded.violated) == {
        one.name: one.trace.length if one.trace else None for one in report(job).properties if one.verdict == "violated"
    }


def test_the_default_suite_stays_small() -> None:
    """Everyone runs it, so it may not take long."""
    assert sum(report(job).steps for job in DEFAULT) <= MOST_STEPS


def test_the_suite_is_everything_that_ships() -> None:
    """Every scenario and every variant is run, and no run is made twice."""
    everything = all_jobs(slow=True)

    assert len(set(everything)) == len(everything)
    for name in shipped():
        found = protocol(name)
        assert {job.scenario for job in everything if (job.protocol, job.variant) == (name, "")} == set(found.scenarios)
        assert {job.variant for job in everything if job.protocol == name} == {"", *found.variants}


def test_scenarios_come_first_then_exhibits_then_variants() -> None:
    """The order of the report does not depend on the order of files."""
    for name in shipped():
        kinds = [bool(job.variant) * 2 or int(job.scenario.exhibit) for job in jobs(protocol(name))]

        assert kinds == sorted(kinds)


@pytest.mark.parametrize("name", shipped())
def test_names_are_unique_within_a_protocol(name: str) -> None:
    """A target or a part is found by its name alone."""
    found = protocol(name)
    known = found.properties
    words = [*found.scenarios, *found.variants, *known.properties, *known.assumptions, *found.machine().states]

    assert [word for word, count in Counter(words).items() if count > 1] == []


@pytest.mark.parametrize("name", shipped())
def test_everything_is_said_in_two_languages(name: str) -> None:
    """Scenarios, properties, assumptions, states, and why there is a variant: in English and in Chinese."""
    found = protocol(name)
    texts = {**{key: scenario.says for key, scenario in found.scenarios.items()}}
    texts |= {key: variant.why for key, variant in found.variants.items()}
    texts |= {key: spec.says for key, spec in found.properties.properties.items()}
    texts |= {key: spec.says for key, spec in found.properties.assumptions.items()}
    texts |= {key: state.means for key, state in found.machine().states.items()}

    assert [key for key, said in texts.items() if not said.get("en") or not said.get("zh")] == []
    assert [key for key, said in texts.items() if not any("\u4e00" <= letter <= "\u9fff" for letter in said["zh"])] == []


@pytest.mark.parametrize("name", shipped())
def test_every_property_is_broken_by_something(name: str) -> None:
    """By a variant, an exhibit, or at least a change that is made for it: one that cannot fail is suspect."""
    broken = {word for job in DEFAULT if job.protocol == name for word in violated(job)}
    unbroken = promised(name) - broken - set(BROKEN_BY.get(name, {}))

    assert unbroken - set(UNBROKEN.get(name, {})) == set(), "nothing breaks these: tests/broken.py shows how to"
    assert set(UNBROKEN.get(name, {})) - unbroken == set(), "these are broken now: take them from UNBROKEN"


@pytest.mark.parametrize(("name", "wanted"), [(name, wanted) for name in BROKEN_BY for wanted in BROKEN_BY[name]])
def test_a_property_that_no_variant_breaks_can_be_broken(name: str, wanted: str, tmp_path: Path) -> None:
    """By one change of the machine, in a scenario in which it holds without."""
    mutant = BROKEN_BY[name][wanted]
    path = tmp_path / "mutant.yaml"
    path.write_text(f"extends: {name}\nwhy: to see it fail\nchanges:\n  - {mutant.change}\n", encoding="utf-8")
    found = load_variant(path, protocol(name))
    only = Options(only=wanted)
    scenario = found.scenario(mutant.scenario)

    assert wanted in {spec.name for spec in asked(found, scenario)}
    assert run(found, scenario, "mutant", only).verdict == "violated"
    assert run(found, scenario, "", only).verdict == "holds"


@pytest.mark.parametrize("name", shipped())
def test_every_property_is_asked_where_it_holds(name: str) -> None:
    """Some scenario of the protocol itself, no exhibit, asks each of them, and all the answers are yes."""
    answers = {
        found.name: found.verdict
        for run in reports(name)
        if not run.variant and not run.exhibit
        for found in run.properties
    }

    assert promised(name) - set(answers) == set()
    assert set(answers.values()) == {"holds"}


@pytest.mark.parametrize(
    ("name", "variant"), [(name, variant) for name in shipped() for variant in protocol(name).variants]
)
def test_every_variant_breaks_something(name: str, variant: str) -> None:
    """In some recorded run; a variant that breaks nothing teaches nothing."""
    runs = [job for job in DEFAULT if (job.protocol, job.variant) == (name, variant)]

    assert any(violated(job) for job in runs)


@pytest.mark.parametrize(
    ("name", "variant"), [(name, variant) for name in shipped() for variant in protocol(name).variants]
)
def test_what_a_variant_shows_is_recorded_and_differs_from_the_parent(name: str, variant: str) -> None:
    """A variant either breaks the property that it shows, or repairs it where the parent's exhibit breaks it."""
    scenario, wanted = protocol(name).variants[variant].shows
    changed = wanted in violated(Job(name, variant, scenario))
    parent = wanted in violated(Job(name, "", scenario))

    assert Job(name, variant, scenario) in DEFAULT
    assert wanted in {found.name for found in report(Job(name, variant, scenario)).properties}
    assert changed != parent


@pytest.mark.parametrize(
    ("name", "exhibit"),
    [(name, one.name) for name in shipped() for one in protocol(name).scenarios.values() if one.exhibit],
)
def test_an_exhibit_has_a_twin_in_which_the_same_holds(name: str, exhibit: str) -> None:
    """The twin asks what the exhibit breaks, and there it holds: the flaw has a remedy."""
    found = protocol(name)
    twin = found.scenario(found.scenario(exhibit).twin)
    answers = {one.name: one.verdict for one in report(Job(name, "", twin.name)).properties}
    broken = violated(Job(name, "", exhibit))

    assert broken
    assert not twin.exhibit
    assert {word: answers.get(word) for word in broken} == dict.fromkeys(broken, "holds")


@pytest.mark.parametrize("name", shipped())
def test_only_exhibits_break_anything_of_the_protocol_itself(name: str) -> None:
    """What a protocol does not keep is on exhibit, never hidden in a scenario."""
    runs = [run for run in reports(name) if not run.variant]

    assert [run.scenario for run in runs if not run.exhibit and run.verdict != "holds"] == []
    assert [run.scenario for run in runs if run.exhibit and run.verdict != "violated"] == []


@pytest.mark.parametrize("name", shipped())
def test_every_state_is_reached(name: str) -> None:
    """By some end, in some scenario of the protocol itself."""
    unreached = [set(run.unreached_states) for run in reports(name) if not run.variant]

    assert set.intersection(*unreached) == set()


@pytest.mark.parametrize("name", shipped())
def test_every_rule_fires(name: str) -> None:
    """In some scenario of the protocol itself; a rule that never fires is never checked."""
    dead = set.intersection(*(set(run.dead_rules) for run in reports(name) if not run.variant))

    assert dead - set(UNFIRED.get(name, {})) == set(), "new rules that no scenario fires"
    assert set(UNFIRED.get(name, {})) - dead == set(), "these fire now: take them from UNFIRED"


@pytest.mark.parametrize("name", shipped())
def test_the_summary_says_that_everything_is_as_expected(name: str) -> None:
    """Its totals are the sums of the runs."""
    runs = reports(name)
    states, steps = sum(run.states for run in runs), sum(run.steps for run in runs)

    assert f"Everything is as expected: {len(runs)} runs, {states:,} states, {steps:,} steps." in summary(protocol(name), runs)
