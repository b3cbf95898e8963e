"""Runs one scenario and says what came out, as plain data that text and JSON are written from."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import checker
from checker import Limits, Progress, Trace, Verdict
from checker.engines import Explored, How, NoCompilerError, explored
from checker.fast.engine import Exploration, TooWideError
from checker.fast.folder import CheckpointError
from checker.model.vocabulary import Step
from tcpfsm.drawing.ladder import draw
from tcpfsm.drawing.ladder_lines import View
from tcpfsm.errors import MissingToolError, UsageError
from tcpfsm.i18n.language import mark, said, tr
from tcpfsm.loader.differences import changed_thing, named
from tcpfsm.loader.property import ANSWERED, CLASSES, PropertySpec
from tcpfsm.loader.protocol import Protocol
from tcpfsm.loader.scenario import ENDS, Expected, Scenario
from tcpfsm.machine.endpoint import Local
from tcpfsm.machine.segment import Segment
from tcpfsm.run.basis import established
from tcpfsm.run.build import Built, build
from tcpfsm.run.checkpoint import kept, refusal
from tcpfsm.run.notes import scenario_notes
from tcpfsm.run.results import PropertyReport, RunReport, TraceReport

ANSWERED_SAYS = mark("Every segment that arrives has an answer in the spec, if only that it is ignored.")


@dataclass(frozen=True, slots=True)
class Options:
    """How to run: limits, the one property asked (or all), and how the space is explored.

    ``command`` and ``flags`` are the target and the changed bounds as they are written on a command line. ``recorded``
    says that the run is held against what was recorded, so that nothing recorded is a surprise.
    """

    limits: Limits = field(default_factory=Limits)
    only: str | None = None
    how: How = field(default_factory=How)
    command: str = ""
    recorded: bool = False
    #: Whether the command names a whole protocol, of which this run may be a variant.
    whole: bool = False
    flags: str = ""
    on_progress: Callable[[Progress], None] | None = None


def view_of(built: Built) -> View:
    """Return what the ladder needs to know of a protocol."""
    return View(
        names=ENDS,
        status=_status,
        text=Segment.text,
        channels={channel.name: (channel.source, channel.target) for channel in built.system.channels},
        peer=built.machine.peer,
        ordered=frozenset(channel.name for channel in built.system.channels if channel.kind == "fifo"),
    )


def _status(local: Local) -> str:
    return local.state


@contextmanager
def _without_collecting() -> Iterator[None]:
    """Look for no garbage meanwhile: a run makes none to speak of until it is over, and looking takes a fifth of its time."""
    was_collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_collecting:
            gc.enable()


@_without_collecting()
def run(protocol: Protocol, scenario: Scenario, variant: str = "", options: Options | None = None) -> RunReport:
    """Explore a scenario whole, answer its properties, and replay every trace before it is reported.

    Raises:
        SpecError: the spec leaves something open that only shows with these values.
        MissingToolError: the compiled engine was asked for, and the compiler is not installed.
        UsageError: the fast engine was asked for, and the states are too wide for it; or a checkpoint cannot be used.
        checker.ReplayError: a trace does not replay; this would be our bug.
    """
    chosen = options or Options()
    built = build(protocol, scenario, variant, chosen.only)
    how = kept(chosen.how, built, chosen.only)
    properties = built.properties
    if how.first:  # a departure is no violation to stop at
        specs = protocol.properties.properties
        properties = tuple(one for one in properties if not _may_depart(built, specs.get(one.name), chosen))
    try:
        found = explored(built.system, properties, chosen.limits, how, chosen.on_progress)
    except NoCompilerError:
        text = tr("the compiled engine needs numba, which is not installed: pip install 'tcpfsm[fast]'")
        raise MissingToolError(text) from None
    except TooWideError:
        text = tr("{scenario}: its states are too wide for the fast engine; --engine reference explores it", scenario=scenario.name)
        raise UsageError(text) from None
    except CheckpointError as error:
        raise UsageError(refusal(error)) from None
    return _report(built, found, chosen)


def _report(built: Built, explored: Explored, options: Options) -> RunReport:
    scenario, space = built.scenario, explored.found
    expected = _expectation(built, options)
    nothing = (tr("nothing is recorded for it"),) if options.recorded else ()
    rules = {rule.name: rule for end in built.ends for rule in end.machine.all_rules}
    fired = {firing.rule for outcome in space.outcomes for firing in outcome.firings}
    seen = {local.state for _, local in space.locals}
    return RunReport(
        protocol=built.protocol.name,
        variant=built.variant,
        scenario=scenario.name,
        says=said(scenario.says),
        family=scenario.family,
        exhibit=scenario.exhibit,
        twin=scenario.twin,
        engine=explored.engine,
        complete=space.complete,
        stopped_because=space.stopped_because,
        states=space.states,
        steps=space.steps,
        depth=space.depth,
        bounds=scenario.bounds(),
        bounds_reached=tuple(sorted({_bound(name) for name in space.bounds_reached})),
        assumes=scenario.assumes,
        properties=tuple(_property(built, verdict, expected, options) for verdict in space.verdicts),
        dead_rules=tuple(sorted(rules.keys() - fired)),
        fired_rules=tuple(sorted(fired)),
        unreached_states=tuple(state for state in built.machine.states if state not in seen),
        terminals=space.terminals,
        blocked_terminals=space.blocked_terminals,
        rule_places={name: rule.where for name, rule in rules.items() if not rule.idle},
        surprises=(*(nothing if expected is None else _surprises(space, expected) if space.complete else ()), *_idle(built, space, options)),
        notes=scenario_notes(scenario, space, {name for name, one in built.protocol.properties.assumptions.items() if one.idle}),
        again=f"tcpfsm check {_again(built, options)} --scenario {scenario.name}{options.flags}",
        factors=explored.factors,
        no_factors=space.missing.get("factors", ""),
    )


def _again(built: Built, options: Options) -> str:
    """Return the target as it was written; a variant of a whole folder is named after it."""
    command = options.command or _name(built)
    beside = built.variant and options.whole
    return f"{command}/{built.variant}" if beside else command


def _bound(name: str) -> str:
    """Return the name under which a bound stands in ``bounds``."""
    if name.startswith("capacity of "):
        return "capacity"
    return f"{name.removeprefix('ISN supply of ')} ISNs" if name.startswith("ISN supply of ") else name


def _name(built: Built) -> str:
    return f"{built.protocol.name}/{built.variant}" if built.variant else built.protocol.name


def _expectation(built: Built, options: Options) -> Expected | None:
    """Return what was recorded for exactly this run, or None: a narrowed run is compared with nothing."""
    scenario = built.scenario
    if options.only is not None or options.how.first or scenario.rebounded:
        return None
    if not built.variant:
        return scenario.expected
    for found in built.protocol.variants[built.variant].expect:
        if found.scenario == scenario.name:
            return Expected(found.states, found.steps, found.depth, found.violated)
    return None


def _idle(built: Built, space: Exploration, options: Options) -> tuple[str, ...]:
    """Say that an exhibit exhibits nothing: all its properties were asked, and every one holds."""
    is_whole = space.complete and options.only is None and not built.scenario.rebounded and not built.variant
    if not built.scenario.exhibit or not is_whole or any(verdict.verdict != "holds" for verdict in space.verdicts):
        return ()
    return (tr("it is an exhibit, and nothing is violated in it"),)


def _surprises(space: Exploration, expected: Expected) -> tuple[str, ...]:
    pairs = (
        (mark("{counted} states, {recorded} expected"), space.states, expected.states),
        (mark("{counted} steps, {recorded} expected"), space.steps, expected.steps),
        (mark("{counted} depth, {recorded} expected"), space.depth, expected.depth),
    )
    return tuple(
        tr(text, counted=counted, recorded=recorded)
        for text, counted, recorded in pairs
        if recorded is not None and recorded != counted
    )


def _property(built: Built, verdict: Verdict, expected: Expected | None, options: Options) -> PropertyReport:
    name = verdict.property.name
    spec = built.protocol.properties.properties.get(name)
    says = tr(ANSWERED_SAYS) if name == ANSWERED or spec is None else said(spec.says)
    trace = None
    departs = verdict.verdict == "violated" and _may_depart(built, spec, options)
    if verdict.trace is not None:
        checker.replay(built.system, verdict.trace)
        marks = {True: tr("departure") if departs else tr("violation"), False: tr("witness")}
        trace = _trace(built, verdict.trace, mark=marks[verdict.verdict == "violated"])
    wanted = None
    if expected is not None:
        wanted = "violated" if name in expected.violated else "holds"
    return PropertyReport(
        name=name,
        kind="always" if verdict.property.kind == "answered" else verdict.property.kind,
        says=says,
        source="" if spec is None else spec.source,
        verdict=verdict.verdict,
        expected=wanted,
        expected_length=None if expected is None else expected.violated.get(name),
        established=established(verdict.basis),
        blocked_ends=verdict.basis.blocked,
        bounds_behind=tuple(sorted({_bound(name) for name in verdict.basis.bounds})),
        trace=trace,
        length=verdict.basis.length,
        class_word=CLASSES[0] if spec is None else spec.class_word,
        departs=departs,
        vacuous=verdict.vacuous,
        by_name=name in built.scenario.properties,
    )


def _may_depart(built: Built, spec: PropertySpec | None, options: Options) -> bool:
    """Whether a run is not judged by a property: a variant's by one that says how the base machine does things, unless asked."""
    return bool(built.variant) and options.only is None and spec is not None and spec.conformance


def _trace(built: Built, trace: Trace, *, mark: str) -> TraceReport:
    steps = tuple(_step(step) for step in trace.steps)
    return TraceReport(len(steps), trace.loop, steps, draw(trace, view_of(built), mark=mark), _differs(built, trace))


def _differs(built: Built, trace: Trace) -> tuple[str, ...]:
    """Name the rules of a variant that the trace makes use of, and where each stands.

    Where it uses none, the difference lies in how segments are read, or in what words mean: then every check, or else
    what every change changes, is named.
    """
    changed = {
        rule.name: f"{rule.name}  ({rule.place.path}:{rule.place.line})"
        for end in built.ends
        for rule in end.machine.all_rules
        if rule.variant
    }
    used = [firing.rule for step in trace.steps if step.outcome is not None for firing in step.outcome.firings]
    rules = tuple(changed[name] for name in dict.fromkeys(used) if name in changed)
    if rules or not built.variant:
        return rules
    places = [(named("check", check.name), check.place) for check in built.machine.checks if check.variant]
    places = places or [(changed_thing(node), node.place) for node in built.protocol.variants[built.variant].changes]
    return tuple(f"{what}  ({place.path}:{place.line})" for what, place in places)


def _step(step: Step) -> dict[str, Any]:
    label = step.label
    data: dict[str, Any] = {"kind": label.kind, "actor": label.actor}
    if label.kind in ("lose", "duplicate"):
        data |= {"event": label.kind, "segment": label.message.as_data()}
        return data
    index = ENDS.index(label.actor)
    outcome = step.outcome
    firings = outcome.firings if outcome is not None else ()
    data |= {
        "event": label.action or f"rcv {label.message.text()}",
        "rule": " + ".join(firing.rule for firing in firings) or "ignored",
        "rules": [firing.rule for firing in firings],
        "where": [firing.where for firing in firings],
        "before": _status(step.before.locals[index]),
        "after": _status(step.after.locals[index]),
        "sent": [message.as_data() for _, message in (outcome.sends if outcome is not None else ())],
    }
    if label.message is not None:
        data["segment"] = label.message.as_data()
    return data
