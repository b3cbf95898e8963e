"""Reports: the text, held against goldens, and the JSON, held against its schema."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

import tcpfsm
from checker.factors import Factor
from tcpfsm.cli.main import main
from tcpfsm.i18n.width import width
from tcpfsm.loader.target import shipped
from tcpfsm.report.json import as_data, as_json
from tcpfsm.report.suite import summary
from tcpfsm.report.table import table
from tcpfsm.report.text import answer
from tests.golden import FOLDER, GOLDENS, compare, path_of
from tests.suite_runs import Job, all_jobs, load_once, protocol, report, reports

if TYPE_CHECKING:
    from collections.abc import Iterator

SCHEMA: dict[str, Any] = json.loads(
    (Path(tcpfsm.__file__).parent / "schemas" / "check.json").read_text(encoding="utf-8")
)
VALIDATOR = jsonschema.Draft7Validator(SCHEMA)
EVERYTHING = all_jobs(slow=False)


@pytest.fixture(autouse=True)
def _loaded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    load_once(monkeypatch)


def asked(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Return what a command line answers."""
    main(arguments)
    told = capsys.readouterr()
    assert told.err == ""
    return told.out


# ---- goldens -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", GOLDENS)
def test_an_answer_is_the_one_that_was_looked_at(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Figures, counterexamples, tables and diagrams, to the letter; tests/golden.py says how to renew them."""
    compare(name, asked(capsys, *GOLDENS[name]))


@pytest.mark.parametrize("name", shipped())
def test_the_summary_of_a_suite_is_the_one_that_was_looked_at(name: str) -> None:
    """What ``tcpfsm check`` says of a protocol."""
    compare(f"{name}-check", summary(protocol(name), reports(name)))


def test_every_golden_belongs_to_a_command_line() -> None:
    """Nothing is left over of a variant or exhibit that is gone."""
    wanted = {path_of(name) for name in [*GOLDENS, *(f"{name}-check" for name in shipped())]}

    assert set(FOLDER.iterdir()) == wanted


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.txt")), ids=lambda path: path.stem)
def test_compared_text_has_no_times_paths_or_colours(path: Path) -> None:
    """It is the same on every machine; and no line ends in blanks."""
    text = path.read_text(encoding="utf-8")

    assert "\x1b" not in text
    assert "\r" not in text
    assert str(Path(tcpfsm.__file__).parents[1]) not in text
    assert re.search(r"(?<![\w.<])/(home|root|tmp|usr|work)/", text) is None
    assert re.search(r"\b\d+(\.\d+)? ?(ms|seconds|secs?|MiB)\b", text) is None
    assert [line for line in text.splitlines() if line != line.rstrip()] == []
    assert text.endswith("\n")


# ---- the text ----------------------------------------------------------------------------------------------------------


def test_columns_are_as_wide_as_what_stands_in_them() -> None:
    """Chinese characters take two columns."""
    lines = table([["name", "count"], ["状态", "7"], ["x", "1,000"]], right=[1])

    assert lines == ["  name  count", "  状态      7", "  x     1,000"]
    assert len({width(line) for line in lines}) == 1


def test_a_table_without_rows_has_no_lines() -> None:
    """Nothing is not an error."""
    assert table([]) == []


def test_a_report_draws_what_the_variant_shows_and_names_the_rest(capsys: pytest.CaptureFixture[str]) -> None:
    """One ladder is enough to read at first; -v draws every one."""
    text = asked(capsys, "check", "tcp/two-way", "--scenario", "open", "--scenario", "delayed-syn")
    verbose = asked(capsys, "check", "tcp/two-way", "--scenario", "open", "--scenario", "delayed-syn", "-v")
    found = [(scenario, one) for scenario in ("open", "delayed-syn") for one in report(Job("tcp", "two-way", scenario)).properties]
    broken = [[scenario, one.name] for scenario, one in found if one.is_broken]
    departing = [[scenario, one.name] for scenario, one in found if one.departs]

    assert text.count("Shortest counterexample") == 1
    assert "no-stale-connection is violated in delayed-syn" in text
    assert verbose.count("Shortest counterexample") == len(broken) + len(departing)
    others, _, told = text.partition("Also violated")[2].partition("\n\n")
    assert [line.split()[:2] for line in others.splitlines()[1:]] == [
        pair for pair in broken if pair != ["delayed-syn", "no-stale-connection"]
    ]
    assert [line.split()[:2] for line in told.partition("\n\n")[0].splitlines()[1:]] == departing


def test_the_command_that_a_report_gives_shows_the_same_again(capsys: pytest.CaptureFixture[str]) -> None:
    """With changed bounds too: they are part of the command."""
    text = asked(capsys, "check", "tcp/two-way", "--scenario", "open", "--loss", "0")
    again = next(line for line in text.splitlines() if line.startswith("Again with:")).partition("tcpfsm ")[2]

    assert again == "check tcp/two-way --scenario open --loss 0 --property agreement"
    ladder = text[text.index("Shortest") : text.index("Again")]
    assert ladder in asked(capsys, *again.split())


def test_details_say_every_bound_and_which_were_reached(capsys: pytest.CaptureFixture[str]) -> None:
    """-v leaves nothing out that limits what a verdict says."""
    text = asked(capsys, "check", "tcp/last-ack-lost", "-v")

    assert "  bounds: network bag, capacity 4, loss 1, duplication 0, A CLOSE 1, " in text
    assert "  bounds reached: loss\n" in text
    assert "  assumes: retransmission-waits, time-wait-outlives-segments\n" in text
    assert "  terminal states: " in text
    assert "  states never reached: " in text


def test_a_cut_run_is_not_held_against_what_was_recorded(capsys: pytest.CaptureFixture[str]) -> None:
    """Its counts say nothing; it is inconclusive, and nothing is called unexpected."""
    text = asked(capsys, "check", "tcp", "--scenario", "open", "--max-states", "100")

    assert "inconclusive (cut: state limit)" in text
    assert "Inconclusive: the search was cut." in text
    assert "NOT AS EXPECTED" not in text
    assert "hold" not in text


def test_a_cut_run_says_of_which_properties_less_was_established() -> None:
    """A few are named, many are counted."""
    job = next(job for job in all_jobs(slow=False) if (job.protocol, job.variant, job.scenario) == ("tcp", "", "open"))
    run = report(job)
    nothing, some = "nothing (time limit)", "no violation up to depth 3 (time limit)"
    cut = [
        _with(one, verdict="inconclusive", trace=None, established=nothing if number < 2 else some)
        for number, one in enumerate(run.properties)
    ]
    text = answer([_with(run, complete=False, stopped_because="time limit", surprises=(), properties=tuple(cut))], "title")

    assert f"  {run.scenario}: nothing (time limit): {cut[0].name}, {cut[1].name}\n" in text
    assert f"  {run.scenario}: no violation up to depth 3 (time limit): {len(cut) - 2} properties\n" in text


@pytest.mark.usefixtures("in_chinese")
def test_the_command_that_a_report_gives_asks_for_its_language(capsys: pytest.CaptureFixture[str]) -> None:
    """So that whoever reads Chinese sees the same again."""
    text = asked(capsys, "check", "tcp/two-way", "--scenario", "open", "--property", "agreement", "--lang", "zh")

    assert text.rstrip().endswith("tcpfsm check tcp/two-way --scenario open --property agreement --lang zh")


def test_a_count_that_differs_is_said(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """In the table, and in a sentence of the JSON."""
    main(["copy", "tcp", str(tmp_path / "mine")])
    path = tmp_path / "mine" / "scenarios" / "open-at-last.yaml"
    text = path.read_text(encoding="utf-8")
    count = report(Job("tcp", "", "open-at-last")).states
    path.write_text(text.replace(f"states: {count},", f"states: {count + 1},"), encoding="utf-8")
    capsys.readouterr()

    assert "holds  NOT AS EXPECTED" in asked(capsys, "check", str(tmp_path / "mine"), "--scenario", "open-at-last")
    data = json.loads(asked(capsys, "check", str(tmp_path / "mine"), "--scenario", "open-at-last", "--format", "json"))
    assert data["runs"][0]["surprises"] == [f"{count} states, {count + 1} expected"]
    assert (data["verdict"], data["as_expected"]) == ("holds", False)


def test_a_summary_names_what_is_not_as_expected() -> None:
    """Run by run, what was found and what was recorded."""
    found = protocol("tcp")
    runs = reports("tcp")
    one = next(run for run in runs if run.variant == "two-way" and run.scenario == "open")
    changed = _with(one, surprises=("1 states, 2 expected",))
    text = summary(found, [changed if run is one else run for run in runs])

    assert f"NOT as expected: 1 of {len(runs)} runs" in text
    assert "  tcp/two-way open: 1 states, 2 expected" in text
    assert "Everything is as expected" not in text


def test_a_summary_says_a_wrong_verdict_and_a_wrong_length() -> None:
    """What was found, with its length, and what was expected."""
    found, runs = protocol("tcp"), reports("tcp")
    one = next(run for run in runs if run.variant == "two-way" and run.scenario == "open")
    agreement = next(item for item in one.properties if item.name == "agreement")
    assert agreement.trace is not None
    length = agreement.trace.length
    wrong = [_with(agreement, expected="holds", expected_length=None), _with(agreement, expected_length=length + 1)]
    texts = [summary(found, [*runs[:3], _with(one, properties=(item,))]) for item in wrong]

    assert f"  tcp/two-way open: agreement violated with {length} steps, holds expected" in texts[0]
    assert f"  tcp/two-way open: agreement violated with {length} steps, violated with {length + 1} expected" in texts[1]


def test_a_summary_of_cut_runs_settles_nothing() -> None:
    """It neither says that all is as expected nor that something is not."""
    found = protocol("tcp")
    runs = [
        _with(run, complete=False, stopped_because="interrupted", surprises=(), properties=tuple(
            _with(item, verdict="inconclusive", trace=None) for item in run.properties
        ))
        for run in reports("tcp")[:2]
    ]  # fmt: skip
    text = summary(found, runs)

    assert "Cut before the end, so that nothing is said of the rest: 2 of 2 runs" in text
    assert "Everything is as expected" not in text
    assert "NOT as expected" not in text
    assert "NOT AS EXPECTED" not in text
    assert "is not settled in 2 scenarios" in text


def _with(value: Any, **changes: Any) -> Any:
    from dataclasses import replace

    return replace(value, **changes)


# ---- the JSON ----------------------------------------------------------------------------------------------------------


def errors_of(data: Any) -> list[str]:
    """Return what the schema has to say against a report."""
    return [f"{list(error.absolute_path)}: {error.message}" for error in VALIDATOR.iter_errors(data)]


def test_the_schema_is_one() -> None:
    """Draft-07, which editors and validators know."""
    jsonschema.Draft7Validator.check_schema(SCHEMA)

    assert SCHEMA["$schema"] == "http://json-schema.org/draft-07/schema#"


def test_every_field_of_the_report_is_described_and_no_other_is_let_in() -> None:
    """The schema is the documentation of the format."""
    objects = [part for part in _parts(SCHEMA) if "properties" in part and part.get("type") == "object"]

    assert [part for part in objects if "additionalProperties" not in part] == []
    described = [(name, field) for part in objects for name, field in part["properties"].items()]
    assert [name for name, field in described if not field.get("description")] == []
    assert [name for name, field in SCHEMA["definitions"].items() if not field.get("description")] == []


def _parts(schema: Any) -> Iterator[dict[str, Any]]:
    if isinstance(schema, dict):
        yield schema
        for value in schema.values():
            yield from _parts(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from _parts(value)


def test_the_report_of_the_whole_suite_fits_the_schema() -> None:
    """Holding, violated, with and without traces."""
    data = as_data([report(job) for job in EVERYTHING])

    assert errors_of(data) == []
    assert (data["verdict"], data["as_expected"]) == ("violated", True)
    assert {run["verdict"] for run in data["runs"]} == {"holds", "violated"}


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["--max-states", "40"], "state limit"),
        (["--time-limit", "0"], "time limit"),
        (["--memory-limit", "1M"], "memory limit"),
    ],
)
def test_the_report_of_a_cut_run_fits_the_schema(
    options: list[str], reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Inconclusive says why."""
    data = json.loads(asked(capsys, "check", "tcp", "--scenario", "open", "--format", "json", *options))

    assert errors_of(data) == []
    assert (data["verdict"], data["as_expected"]) == ("inconclusive", False)
    assert (data["runs"][0]["complete"], data["runs"][0]["stopped_because"]) == (False, reason)
    assert {found["verdict"] for found in data["runs"][0]["properties"]} == {"inconclusive"}


def test_the_report_of_a_stopped_run_fits_the_schema(capsys: pytest.CaptureFixture[str]) -> None:
    """--first stops at the first violation, and what else there might be stays open."""
    data = json.loads(asked(capsys, "check", "tcp/two-way", "--scenario", "open", "--first", "--format", "json"))

    assert errors_of(data) == []
    assert data["verdict"] == "violated"
    assert data["runs"][0]["stopped_because"] == "stop condition"
    assert "inconclusive" in {found["verdict"] for found in data["runs"][0]["properties"]}


@pytest.mark.parametrize("job", EVERYTHING, ids=str)
def test_a_report_says_what_its_fields_promise(job: Job) -> None:
    """Reached bounds are among the bounds, loops lie within their traces, and lengths are lengths."""
    data = as_data([report(job)])["runs"][0]
    states = "|".join(map(re.escape, protocol(job.protocol).machine().states))
    further = re.compile(rf" \+ (?=(?:{states}) / )")  # the name of a rule holds its guard, and that may add

    assert set(data["bounds_reached"]) <= set(data["bounds"])
    broken = {one["name"] for one in data["properties"] if one["verdict"] == "violated"}
    assert data["verdict"] == ("violated" if broken - {*data["departures"]} else "holds")
    assert {*data["departures"]} <= {one["name"] for one in data["properties"] if one["class"] == "conformance"} & broken
    assert not data["departures"] or data["variant"]
    for found in data["properties"]:
        trace = found["trace"]
        if trace is not None:
            assert trace["length"] == len(trace["steps"])
            assert trace["loop"] is None or 0 <= trace["loop"] < trace["length"]
            assert (trace["loop"] is not None) == (found["kind"] == "quiet")
            assert all(len(step["where"]) == len(further.split(step["rule"])) for step in trace["steps"] if step.get("rule", "ignored") != "ignored")


def test_the_steps_of_a_trace_follow_one_another() -> None:
    """Each end goes on in the state in which its last step left it."""
    for job in EVERYTHING:
        for found in as_data([report(job)])["runs"][0]["properties"]:
            states: dict[str, str] = {}
            for step in (found["trace"] or {"steps": []})["steps"]:
                if "before" in step:
                    assert states.get(step["actor"], step["before"]) == step["before"]
                    states[step["actor"]] = step["after"]


def test_the_json_is_the_same_text_twice() -> None:
    """Run anew, by the other engine, nothing changes but its name; and the text is what its data says."""
    from tcpfsm.run.run import run

    found = protocol("tcp")
    first = report(Job("tcp", "two-way", "open"))
    second = run(found, found.scenario("open"), "two-way")

    assert (first.engine, second.engine) == ("reference", "fast")
    assert as_json([first]) == as_json([_with(second, engine="reference")])
    assert json.loads(as_json([first])) == as_data([first])


FACTORS = (Factor("A to B", "channel", 25, 100, 220), Factor("loss", "budget", 2, 180, 220), Factor("B ISNs", "budget", 1, 220, 220))


@pytest.mark.parametrize("engine", ["auto", "reference"])
def test_factors_are_reported_where_they_were_counted(engine: str, capsys: pytest.CaptureFixture[str]) -> None:
    """With -v; the JSON fits its schema."""
    options = ["check", "tcp", "--scenario", "open", "--engine", engine, "--format", "json"]
    (plain,), (verbose,) = (json.loads(asked(capsys, *options, *more))["runs"] for more in ([], ["-v"]))
    factors = verbose.pop("factors")

    assert verbose == plain
    assert errors_of(as_data([_with(report(Job("tcp", "", "open")), factors=FACTORS)])) == []
    ends, channels = {"A", "B"}, {"A to B", "B to A"}
    assert {one["component"] for one in factors if one["kind"] == "end"} == ends
    assert {one["component"] for one in factors if one["kind"] == "channel"} == channels
    budgets = {one["component"] for one in factors if one["kind"] == "budget"}
    assert {"loss", "duplication"} <= budgets <= set(plain["bounds"])
    for one in factors:
        assert one["times"] == round(plain["states"] / one["states_without"], 2)
        assert 1 <= one["states_without"] <= plain["states"] <= one["states_without"] * one["values"]
    assert factors == sorted(factors, key=lambda one: one["states_without"])


def test_details_say_what_multiplies_the_states_and_which_bound_to_lower() -> None:
    """What multiplies them by one is left out."""
    one = _with(report(Job("tcp", "", "open")), factors=FACTORS)
    text = answer([one], "title", verbose=True)

    assert "  multiplies the states  values  states without it  times\n" in text
    assert "  A to B                     25                100    2.2\n" in text
    assert "  loss                        2                180    1.2\n" in text
    assert "B ISNs      " not in text
    assert "  A to B multiplies the states most; a lower --capacity, --loss, --duplication makes them fewer.\n" in text
    assert "multiplies" not in answer([one], "title")
    assert "multiplies" not in answer([_with(one, factors=None)], "title", verbose=True)
    assert "multiplies" not in answer([_with(one, factors=FACTORS[2:])], "title", verbose=True)


@pytest.mark.parametrize(
    ("factor", "advice"),
    [
        (Factor("loss", "budget", 2, 100, 220), "loss multiplies the states most; a lower --loss makes them fewer."),
        (Factor("A CLOSE", "budget", 2, 100, 220), "A CLOSE multiplies the states most; the scenario says how often it may happen."),
        (
            Factor("B", "process", 2, 100, 220),
            "end B multiplies the states most; what bounds it stands in the scenario: B passive OPEN 1, B retransmission timeout 1, B ISNs 2.",
        ),
    ],
)
def test_the_advice_names_the_bound_of_the_largest_factor(factor: Factor, advice: str) -> None:
    """An option where there is one."""
    one = _with(report(Job("tcp", "", "open")), factors=(factor, Factor("A", "process", 2, 110, 220)))

    assert advice in " ".join(answer([one], "title", verbose=True).split())


def test_a_channel_without_losses_is_not_made_smaller_by_fewer_of_them() -> None:
    """A bound that is 0 cannot be lowered."""
    one = report(Job("tcp", "", "open"))
    one = _with(one, factors=FACTORS, bounds={**one.bounds, "loss": 0, "duplication": 0})

    assert "most; a lower --capacity makes them fewer." in answer([one], "title", verbose=True)


def test_a_report_of_nothing_holds() -> None:
    """The worst of no verdicts; the command line refuses to check nothing."""
    assert as_data([])["verdict"] == "holds"
    assert errors_of(as_data([])) == []


def test_chinese_stays_chinese_in_json() -> None:
    """The text is UTF-8 and readable."""
    one = _with(report(Job("tcp", "", "reset-lost")), says="重置")

    assert "重置" not in as_json([one])  # the sentence of a scenario is no field of the report
    two = _with(one, properties=(_with(one.properties[0], says="重置"),))
    assert "重置" in as_json([two])


def test_an_answer_about_one_property_says_so() -> None:
    """The sentence counts properties and names the scenario."""
    one = report(Job("tcp", "", "close-in-order"))
    text = answer([_with(one, properties=one.properties[:1])], "tcp: title")

    assert text.endswith("1 property holds in close-in-order, the space exhausted within its bounds.\n")
