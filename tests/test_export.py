"""Export: the state graph of a scenario as GraphML, DOT and JSON, and what each is when it is read again."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import networkx as nx
import pytest

import checker
import tcpfsm
from tcpfsm.cli import export as command
from tcpfsm.cli.main import main
from tcpfsm.export.components import components, variables
from tcpfsm.export.dot import as_dot
from tcpfsm.export.graph import Edge, Graph, Node
from tcpfsm.export.node_link import as_data
from tcpfsm.export.states import state_graph
from tcpfsm.run.build import build
from tests.suite_runs import protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from checker import StateSpace
    from tcpfsm.run.build import Built

SCHEMA = json.loads((Path(tcpfsm.__file__).parent / "schemas" / "graph.json").read_text(encoding="utf-8"))
JOBS = [
    ("tcp", "", "simultaneous-close"),
    ("tcp", "two-way", "open"),
    ("abp", "", "patient"),
    ("go-back-n", "", "roomy"),
    ("sctp-setup", "", "collision"),
    ("stop-and-wait", "", "replayed"),
]
FORMATS = ("graphml", "dot", "json")


def explored(name: str, variant: str, scenario: str) -> tuple[Built, StateSpace]:
    """Build a scenario and explore it."""
    found = protocol(name)
    built = build(found, found.scenario(scenario), variant)
    return built, checker.explore(built.system)


def target(name: str, variant: str) -> str:
    """Write a target as on the command line."""
    return f"{name}/{variant}" if variant else name


def node_link(text: str) -> nx.MultiDiGraph[int]:
    """Let networkx read the JSON form, in whichever way this version of it wants to be asked."""
    try:
        found = nx.node_link_graph(json.loads(text), edges="edges")
    except TypeError:
        found = nx.node_link_graph(json.loads(text), link="edges")  # type: ignore[call-arg]  # before networkx 3.4
    assert isinstance(found, nx.MultiDiGraph)
    return found


def draw(text: str, style: str = "-Tsvg") -> str:
    """Let Graphviz draw; where it is missing the test is skipped, but in CI it may not be missing."""
    program = shutil.which("dot")
    if program is None:
        if os.environ.get("CI") == "true":
            pytest.fail("CI needs Graphviz to read the pictures")
        pytest.skip("Graphviz is not installed")
    done = subprocess.run([program, style], input=text, capture_output=True, text=True, encoding="utf-8", check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """Run a command line in this process: exit code, answer, complaints."""

    def run(*arguments: str) -> tuple[int, str, str]:
        try:
            code = main(arguments)
        except SystemExit as error:
            code = int(error.code or 0)
        told = capsys.readouterr()
        assert "Traceback" not in told.err
        return code, told.out, told.err

    return run


# ---- read again --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "variant", "scenario"), JOBS)
def test_networkx_reads_the_json_back_as_the_graph_that_was_explored(
    name: str, variant: str, scenario: str, say: Callable[..., tuple[int, str, str]]
) -> None:
    """Every state with its depth, every step between the same states; and the schema allows it."""
    built, space = explored(name, variant, scenario)
    code, text, said = say("export", target(name, variant), "--scenario", scenario, "--to", "json")
    found = node_link(text)
    numbers = {state: number for number, state in enumerate(space.order)}

    jsonschema.Draft7Validator(SCHEMA).validate(json.loads(text))
    assert (code, said) == (0, "")
    assert list(found) == list(range(space.states))
    assert [found.nodes[number]["depth"] for number in found] == list(space.depths)
    assert {number for number in found if found.nodes[number]["initial"]} == {numbers[state] for state in space.initials}
    assert {number for number in found if found.nodes[number]["terminal"]} == {numbers[state] for state in space.terminals}
    for state, number in numbers.items():
        node = found.nodes[number]
        assert [node["locals"][end.name]["state"] for end in built.ends] == [local.state for local in state.locals]
        assert list(node["channels"].values()) == [[segment.text() for segment in content] for content in state.channels]
        assert list(node["budgets"].items()) == list(
            zip((name for name, _ in built.system.budgets), state.budgets, strict=True)
        )
    steps = [step for expansion in space.expansions for step in expansion.steps]
    assert [(numbers[step.before], numbers[step.after], step.label.kind, step.label.actor) for step in steps] == [
        (source, at, data["kind"], data["actor"])
        for source, at, _, data in sorted(found.edges(keys=True, data=True), key=lambda edge: edge[2])
    ]
    firings = [() if step.outcome is None else step.outcome.firings for step in steps]
    edges = sorted(found.edges(keys=True, data=True), key=lambda edge: edge[2])
    assert [[firing.rule for firing in fired] for fired in firings] == [data["rules"] for *_, data in edges]


@pytest.mark.parametrize(("name", "variant", "scenario"), JOBS)
def test_states_that_differ_are_told_apart_by_what_is_written_of_them(name: str, variant: str, scenario: str) -> None:
    """Nothing of a state is left out."""
    built, space = explored(name, variant, scenario)
    nodes = [json.dumps(node.parts) for node in state_graph(built, space).nodes]

    assert len(set(nodes)) == space.states


@pytest.mark.parametrize("onto", ["", "states"])
@pytest.mark.parametrize(("name", "variant", "scenario"), JOBS)
def test_networkx_reads_the_graphml_back_as_what_the_json_says(
    name: str, variant: str, scenario: str, onto: str, say: Callable[..., tuple[int, str, str]], tmp_path: Path
) -> None:
    """The same nodes and edges, numbers and truth values as such."""
    asked = ["export", target(name, variant), "--scenario", scenario, *(["--onto", onto] if onto else [])]
    _, text, _ = say(*asked, "--to", "json")
    code, nothing, said = say(*asked, "--to", "graphml", "-o", str(tmp_path / "graph.graphml"))
    found = nx.read_graphml(tmp_path / "graph.graphml", node_type=int, force_multigraph=True)
    wanted = node_link(text)

    assert (code, nothing, said) == (0, "", "")
    assert found.graph["format"] == "tcpfsm.graph/1"
    assert found.graph["states"] == wanted.graph["states"]
    assert sorted(found) == list(wanted)
    for number, node in wanted.nodes(data=True):
        read = found.nodes[number]
        for plain in ("name", "depth", "initial", "terminal", "states", "within"):
            assert read[plain] == node[plain]
            assert type(read[plain]) is type(node[plain])
        for end, local in node["locals"].items():
            assert read[f"locals.{end}.state"] == local["state"]
        for channel, segments in node.get("channels", {}).items():
            assert read.get(f"channels.{channel}", "") == ", ".join(segments)
    assert sorted((a, b, data["name"], data["steps"]) for a, b, data in found.edges(data=True)) == sorted(
        (a, b, data["name"], data["steps"]) for a, b, data in wanted.edges(data=True)
    )


@pytest.mark.parametrize("onto", ["", "states", "A,loss"])
@pytest.mark.parametrize(("name", "variant", "scenario"), [("tcp", "two-way", "open"), ("abp", "", "impatient")])
def test_graphviz_reads_the_dot_text_as_what_the_json_says(
    name: str, variant: str, scenario: str, onto: str, say: Callable[..., tuple[int, str, str]]
) -> None:
    """Each node, each arrow between the same nodes; in a projection one arrow for all edges between two nodes."""
    asked = ["export", target(name, variant), "--scenario", scenario, *(["--onto", onto] if onto else [])]
    _, text, _ = say(*asked, "--to", "json")
    _, picture, _ = say(*asked, "--to", "dot")
    wanted = node_link(text)
    drawn = json.loads(draw(picture, "-Tdot_json"))
    names = {item["_gvid"]: item["name"] for item in drawn["objects"]}
    arrows = [(names[edge["tail"]], names[edge["head"]]) for edge in drawn["edges"]]
    pairs = [(f"n{a}", f"n{b}") for a, b in wanted.edges()]

    assert {name for name in names.values() if re.fullmatch(r"n\d+", name)} == {f"n{number}" for number in wanted}
    assert sorted(arrows) == sorted(set(pairs) if onto else pairs)
    by_name = {item["name"]: item for item in drawn["objects"]}
    for number, node in wanted.nodes(data=True):
        shown = by_name[f"n{number}"]
        assert (shown.get("penwidth") == "3") == node["initial"]
        assert (shown.get("peripheries") == "2") == node["terminal"]
        assert ("fillcolor" in shown) == bool(node["violates"])


# ---- projections -------------------------------------------------------------------------------------------------------


def quotient(graph: nx.MultiDiGraph[int], key: Callable[[dict[str, Any]], str]) -> dict[tuple[str, str, str], int]:
    """Count the steps between and within classes, by kind: a second way to a projection."""
    counts: dict[tuple[str, str, str], int] = {}
    for source, at, data in graph.edges(data=True):
        found = key(graph.nodes[source]), key(graph.nodes[at]), data["kind"]
        counts[found] = counts.get(found, 0) + 1
    return counts


def both_states(node: dict[str, Any]) -> str:
    """The states of both ends."""
    return " | ".join(local["state"] for local in node["locals"].values())


@pytest.mark.parametrize(("name", "variant", "scenario"), JOBS)
def test_a_projection_is_the_quotient_of_the_state_graph(name: str, variant: str, scenario: str) -> None:
    """Its nodes are the values that occur; every state and every step is counted once."""
    built, space = explored(name, variant, scenario)
    whole = node_link(json.dumps(as_data(state_graph(built, space))))
    found = node_link(json.dumps(as_data(state_graph(built, space, ("states",)))))
    counts = quotient(whole, both_states)
    inside = {left: 0 for left, _, _ in counts}
    between: dict[tuple[str, str, str], int] = {}
    for (left, right, kind), count in counts.items():
        if left == right:
            inside[left] += count
        else:
            between[left, right, kind] = count
    merged: dict[tuple[str, str, str], int] = {}
    for source, at, data in found.edges(data=True):
        key = both_states(found.nodes[source]), both_states(found.nodes[at]), data["kind"]
        merged[key] = merged.get(key, 0) + data["steps"]

    assert len({both_states(data) for _, data in found.nodes(data=True)}) == len(found)
    assert {both_states(data): data["states"] for _, data in found.nodes(data=True)} == {
        value: sum(both_states(data) == value for _, data in whole.nodes(data=True))
        for value in {both_states(data) for _, data in whole.nodes(data=True)}
    }
    assert {value: count for value, count in inside.items() if count} == {
        both_states(data): data["within"] for _, data in found.nodes(data=True) if data["within"]
    }
    assert merged == between


def test_edges_of_a_projection_are_told_apart_by_what_happens() -> None:
    """No two between the same nodes have actor, event and rules in common."""
    built, space = explored("tcp", "", "simultaneous-close")
    edges = state_graph(built, space, ("states",)).edges
    keys = [(edge.source, edge.target, edge.actor, edge.event, edge.rules) for edge in edges]

    assert len(set(keys)) == len(keys)
    assert any(edge.steps > 1 for edge in edges)


@pytest.mark.parametrize(
    ("onto", "parts"),
    [
        ("A.state", {"locals": {"A": {"state": "CLOSED"}}}),
        ("A.SND.NXT,loss", {"locals": {"A": {"variables": {"SND.NXT": None}}}, "budgets": {"loss": 1}}),
        ("B to A", {"channels": {"B to A": []}}),
        ("channels", {"channels": {"A to B": [], "B to A": []}}),
        ("states,A.state", {"locals": {"A": {"state": "CLOSED"}, "B": {"state": "CLOSED"}}}),
    ],
)
def test_a_projection_may_be_onto_any_component(onto: str, parts: dict[str, Any]) -> None:
    """Ends, their states and variables, channels, budgets; a node says what it was projected onto and nothing else."""
    built, space = explored("tcp", "", "open")
    found = state_graph(built, space, tuple(onto.split(",")))

    assert found.nodes[0].parts == parts
    assert sum(node.states for node in found.nodes) == space.states
    assert sum(node.within for node in found.nodes) + sum(edge.steps for edge in found.edges) == space.steps


def test_every_name_of_a_component_is_taken() -> None:
    """All that the advice names."""
    built, space = explored("tcp", "", "simultaneous-close")

    for name in (*components(built), *variables(built)):
        assert 1 <= len(state_graph(built, space, (name,)).nodes) <= space.states


def test_a_projection_onto_everything_is_the_state_graph_with_its_steps_merged() -> None:
    """As many nodes as states."""
    built, space = explored("tcp", "", "simultaneous-close")

    assert len(state_graph(built, space, ("A", "B", "channels", "budgets")).nodes) == space.states


# ---- what is marked ----------------------------------------------------------------------------------------------------


def test_states_and_steps_that_break_a_property_are_named() -> None:
    """By each property that a state or a step alone can break, and by no other."""
    built, space = explored("tcp", "two-way", "open")
    found = state_graph(built, space)
    verdicts = {verdict.property.name: verdict for verdict in checker.check(space, built.properties)}
    alone = {name for name, one in verdicts.items() if one.property.kind in ("always", "ends", "step", "answered")}
    named = {name for part in (*found.nodes, *found.edges) for name in part.violates}

    assert named == {name for name in alone if verdicts[name].verdict == "violated"}
    assert len(named) >= 2
    for name in named:
        trace = verdicts[name].trace
        assert trace is not None
        depth = min(
            [node.depth for node in found.nodes if name in node.violates]
            + [found.nodes[edge.source].depth + 1 for edge in found.edges if name in edge.violates]
        )
        assert depth == len(trace.steps)  # the nearest one is what the shortest counterexample leads to


def test_where_everything_holds_nothing_is_marked() -> None:
    """In the picture neither."""
    built, space = explored("tcp", "", "open")
    found = state_graph(built, space)

    assert not any(part.violates for part in (*found.nodes, *found.edges))
    assert "breaks a property" not in as_dot(found)


def legend_of(graph: Graph) -> set[str]:
    """Return the texts of the legend."""
    text = as_dot(graph).partition("cluster_legend")[2]
    return {line for label in re.findall(r'label="([^"]*)"', text) for line in label.split("\\n")}


def test_the_legend_explains_what_is_used_and_nothing_else() -> None:
    """Of a whole graph and of a projection."""
    begins, ends, broken = "where it begins", "no step leads on", "breaks a property"
    dashed = "dashed: the network loses or copies a segment"
    notes = {"marked: what is true of one of the states", "(number): how many steps"}

    assert legend_of(state_graph(*explored("tcp", "", "simultaneous-close"))) == {"legend", begins, ends, dashed}
    assert legend_of(state_graph(*explored("tcp", "two-way", "open"), ("states",))) == {"legend", begins, ends, broken, *notes}


def test_a_picture_quotes_what_the_dot_language_uses_itself() -> None:
    """Quotes, backslashes, angle brackets and Chinese come out as they went in."""
    state, event = 'at "rest" \\n <now>', "叫 {one|two} &amp;"
    about = {"protocol": 'a "b"', "variant": None, "scenario": "乒乓", "states": 1, "steps": 1}
    node = Node({"locals": {"A": {"state": state}}}, 0)
    drawn = json.loads(draw(as_dot(Graph(about, (), [node], [Edge(0, 0, "call", "A", event)])), "-Tdot_json"))

    assert drawn["name"] == 'a "b" 乒乓'
    assert f"0: {state}".replace("\\", "\\\\") in [item["label"] for item in drawn["objects"]]
    assert [edge["label"] for edge in drawn["edges"]] == [f"A: {event}"]


@pytest.mark.parametrize("style", FORMATS)
def test_an_export_is_the_same_each_time(style: str, say: Callable[..., tuple[int, str, str]]) -> None:
    """Octet by octet."""
    asked = ("export", "tcp/simultaneous-close", "--to", style)

    assert say(*asked) == say(*asked)


@pytest.mark.usefixtures("in_chinese")
def test_a_picture_speaks_chinese_and_data_do_not_change() -> None:
    """The legend is translated; names in data are for programs."""
    built, space = explored("tcp", "", "close-in-order")
    graph = state_graph(built, space)

    assert "图例" in as_dot(graph)
    assert all(node["name"].isascii() for node in as_data(graph)["nodes"])


# ---- what is refused ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("style", FORMATS)
def test_more_states_than_the_limit_are_refused_with_what_can_be_done(
    style: str, say: Callable[..., tuple[int, str, str]], tmp_path: Path
) -> None:
    """Every way that is named works; nothing is written."""
    file = tmp_path / "graph"
    asked = ("export", "tcp", "--scenario", "open", "--to", style, "--max-nodes", "600")
    code, out, said = say(*asked, "-o", str(file))

    assert (code, out, file.exists()) == (2, "", False)
    assert said.startswith(f"tcpfsm: open has more than 600 states, too many for --to {style}\n")
    assert re.findall(r"--[a-z-]+ \w+(?:,\w+)*", said)[1:] == [
        "--onto states", "--onto A", "--onto A,B", "--loss 0", "--duplication 0", "--capacity 3", "--max-nodes N",
    ]  # fmt: skip
    for way in ("--onto states", "--onto A", "--onto A,B", "--loss 0", "--duplication 0", "--max-nodes 611"):
        assert say(*asked, *way.split())[0] == 0, way


def test_at_the_limit_nothing_is_refused(say: Callable[..., tuple[int, str, str]]) -> None:
    """One less is."""
    states = explored("tcp", "", "open")[1].states
    asked = ("export", "tcp", "--scenario", "open", "--to", "json", "--max-nodes")

    assert say(*asked, str(states))[0] == 0
    assert say(*asked, str(states - 1))[0] == 2


def test_a_projection_above_the_limit_is_refused_with_its_size(say: Callable[..., tuple[int, str, str]]) -> None:
    """However small the file would have been for others."""
    asked = ("export", "tcp/open", "--to", "dot", "--onto", "A,B")
    built, space = explored("tcp", "", "open")
    nodes = len(state_graph(built, space, ("A", "B")).nodes)
    code, out, said = say(*asked, "--max-nodes", str(nodes - 1))

    assert (code, out) == (2, "")
    assert said.startswith(f"tcpfsm: open projected onto A,B has {nodes} nodes, more than {nodes - 1}, too many for --to dot\n")
    assert say(*asked, "--max-nodes", str(nodes))[0] == 0


def test_bounds_that_cannot_be_lowered_are_not_named(say: Callable[..., tuple[int, str, str]]) -> None:
    """With no losses and copies, and room for one segment, only the calls are left."""
    narrow = ("--loss", "0", "--duplication", "0", "--capacity", "1")
    code, _, said = say("export", "tcp/open", "--to", "dot", "--max-nodes", "3", *narrow)

    assert code == 2
    assert "let its file allow fewer calls and timeouts" in said
    assert not re.search("--(loss|duplication|capacity)", said)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("tcp", "--to", "dot"), "an export is of one scenario: name it with --scenario (tcpfsm list tcp lists them)"),
        (("tcp", "--scenario", "opne", "--to", "dot"), "there is no scenario 'opne'; did you mean open?"),
        (("tcp/open", "--scenario", "open", "--to", "dot"), "tcp/open is one scenario; --scenario goes with a protocol"),
        (("tcp/open", "--to", "dot", "--onto", "A.stat"), "there is no component 'A.stat'; did you mean A.state?"),
        (("tcp/open", "--to", "dto"), "'dto' is not known; did you mean dot?"),
        (("tcp/open",), "--to"),
        (("tcp/open", "--to", "dot", "-o", "nowhere/graph.dot"), "there is no folder nowhere"),
        (("tcp/open", "--to", "dot", "--loss", "many"), "'many' is not a whole number"),
    ],
)
def test_a_mistake_in_an_export_is_answered(
    arguments: tuple[str, ...], message: str, say: Callable[..., tuple[int, str, str]]
) -> None:
    """Exit 2, and what would have been right."""
    code, out, said = say("export", *arguments)

    assert (code, out) == (2, "")
    assert message in said


def test_a_protocol_with_one_scenario_needs_no_name(ping: Path, say: Callable[..., tuple[int, str, str]]) -> None:
    """There is nothing to choose."""
    code, out, said = say("export", str(ping), "--to", "json")

    assert (code, said) == (0, "")
    assert json.loads(out)["graph"]["scenario"] == "once"


def test_memory_that_runs_short_ends_without_a_file(
    say: Callable[..., tuple[int, str, str]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Inconclusive: what was found until then is no graph of the scenario."""
    monkeypatch.setattr(command, "most_memory", lambda: 1)
    code, out, said = say("export", "tcp/open", "--to", "json", "-o", str(tmp_path / "graph.json"))

    assert (code, out, list(tmp_path.iterdir())) == (3, "", [])
    assert "(memory limit), and nothing is written; narrow the bounds: --loss 0" in said


def test_an_interruption_ends_without_a_file(
    say: Callable[..., tuple[int, str, str]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Exit 130."""

    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(command.checker, "explore", interrupted)  # type: ignore[attr-defined]  # the module it uses
    code, _, _ = say("export", "tcp/open", "--to", "json", "-o", str(tmp_path / "graph.json"))

    assert (code, list(tmp_path.iterdir())) == (130, [])
