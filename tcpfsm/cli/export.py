"""The command ``export``: the state graph of one run, or a projection of it, for other tools."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import checker
from checker import Limits, StateSpace
from tcpfsm.errors import UsageError, did_you_mean
from tcpfsm.export.components import chosen, components, variables
from tcpfsm.export.dot import as_dot
from tcpfsm.export.graph import Graph
from tcpfsm.export.graphml import as_graphml
from tcpfsm.export.node_link import as_json
from tcpfsm.export.states import state_graph
from tcpfsm.i18n.language import tr
from tcpfsm.loader.target import Target, resolve
from tcpfsm.run.build import Built, build
from tcpfsm.run.memory import most_memory
from tcpfsm.terminal.exit_codes import INCONCLUSIVE, OK, complain
from tcpfsm.terminal.output import check_writable, emit
from tcpfsm.terminal.progress import Meter

if TYPE_CHECKING:
    import argparse

    from tcpfsm.loader.scenario import Scenario

WRITERS: dict[str, Callable[[Graph], str]] = {"graphml": as_graphml, "dot": as_dot, "json": as_json}
#: The most nodes that are written without being told to: what Graphviz lays out in a minute or two, and files of some
#: 50 MB, which others still open.
MOST_NODES = {"graphml": 20_000, "dot": 2_000, "json": 20_000}


def export(arguments: argparse.Namespace) -> int:
    """Write a state graph; return the exit code."""
    target = resolve(arguments.target)
    bounds = {name: getattr(arguments, name) for name in ("loss", "duplication", "capacity")}
    scenario = _scenario(target, arguments).bounded(**bounds)
    built = build(target.protocol, scenario, target.variant)
    onto = tuple(filter(None, (name.strip() for name in arguments.onto.split(",")))) if arguments.onto else ()
    chosen(built, onto)  # a misspelt name is told before work is done that would be lost
    if arguments.output not in (None, "-"):
        check_writable(Path(arguments.output))
    most = MOST_NODES[arguments.to] if arguments.max_nodes is None else arguments.max_nodes
    space = _explored(built, arguments, None if onto else most)
    if space.stopped_because == "interrupted":
        raise KeyboardInterrupt
    if space.stopped_because == "state limit":
        raise UsageError(_too_large(built, arguments, most))
    if not space.complete:
        what = tr(space.stopped_because or "")
        complain(tr("tcpfsm: the states were cut at {count} ({limit}), and nothing is written; {advice}", count=f"{space.states:,}", limit=what, advice=_narrower(scenario)))
        return INCONCLUSIVE
    graph = state_graph(built, space, onto)
    if len(graph.nodes) > most:
        raise UsageError(_too_large(built, arguments, most, len(graph.nodes)))
    emit(WRITERS[arguments.to](graph), arguments.output)
    return OK


def _scenario(target: Target, arguments: argparse.Namespace) -> Scenario:
    """Return the one scenario that is meant.

    Raises:
        UsageError: none is, or two are, or there is no such scenario.
    """
    known, name = target.protocol.scenarios, arguments.scenario
    if target.scenario and name:
        raise UsageError(tr("{target} is one scenario; --scenario goes with a protocol or a variant", target=arguments.target))
    name = target.scenario or name or (next(iter(known)) if len(known) == 1 else None)
    if name is None:
        command = f"tcpfsm list {target.protocol.name}"
        raise UsageError(tr("an export is of one scenario: name it with --scenario ({command} lists them)", command=command))
    if name not in known:
        raise UsageError(tr("there is no scenario '{name}'; {hint}", name=name, hint=did_you_mean(name, sorted(known))))
    return known[name]


def _explored(built: Built, arguments: argparse.Namespace, most: int | None) -> StateSpace:
    meter = None
    if not arguments.no_progress and sys.stderr is not None:
        meter = Meter(1, terminal=sys.stderr.isatty())
        meter.begin(0, f"{built.protocol.name}{'/' if built.variant else ''}{built.variant} {built.scenario.name}")
    limits = Limits(states=most, memory=most_memory())
    try:
        return checker.explore(built.system, limits, on_progress=meter.show if meter else None)
    finally:
        if meter is not None:
            meter.end()


def _too_large(built: Built, arguments: argparse.Namespace, most: int, nodes: int | None = None) -> str:
    """Say why nothing is written, and what can be done about it with what there is; ``nodes`` are those of a projection."""
    name, limit = built.scenario.name, f"{most:,}"
    ends = [end.name for end in built.ends]
    if nodes is None:
        text = tr("{scenario} has more than {most} states, too many for --to {format}", scenario=name, most=limit, format=arguments.to)
        onto = tr("project it onto some components: {ways}", ways=f"--onto states, --onto {ends[0]}, --onto {','.join(ends)}")
    else:
        text = tr(
            "{scenario} projected onto {names} has {count} nodes, more than {most}, too many for --to {format}",
            scenario=name, names=arguments.onto, count=f"{nodes:,}", most=limit, format=arguments.to,
        )  # fmt: skip
        onto = tr("project it onto less, as with --onto states")
    parts = tr("components are {names}, and variables such as {example}", names=", ".join(components(built)), example=next(iter(variables(built)), "-"))
    return "\n  ".join([text, onto, parts, _narrower(built.scenario), tr("or let there be more: --max-nodes N")])


def _narrower(scenario: Scenario) -> str:
    """Name the bounds that can be lowered, as they are written on a command line."""
    network = scenario.network
    lower = [f"--{name} 0" for name, bound in (("loss", network.loss), ("duplication", network.duplication)) if bound != 0]
    planted = max((sum(to == end for to, _ in network.planted) for end in scenario.ends), default=0)
    least = max(1, planted)
    if network.capacity is None or network.capacity > least:
        lower.append(f"--capacity {least if network.capacity is None else network.capacity - 1}")
    if not lower:
        return tr("let its file allow fewer calls and timeouts")
    return tr("narrow the bounds: {ways}, or fewer calls and timeouts in its file", ways=", ".join(lower))
