"""The command ``check``: what is run, and what comes out of it."""

from __future__ import annotations

import shlex
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from checker.engines import How
from checker.fast.checkpoint import Keep
from tcpfsm.errors import UsageError, did_you_mean
from tcpfsm.i18n.language import said, tr
from tcpfsm.loader.property import ANSWERED
from tcpfsm.loader.target import Target, load_shipped, resolve, shipped
from tcpfsm.report.json import as_json
from tcpfsm.report.suite import summary
from tcpfsm.report.text import answer
from tcpfsm.run.build import asked
from tcpfsm.run.memory import limits_of
from tcpfsm.run.results import RunReport, worst
from tcpfsm.run.run import Options, run
from tcpfsm.run.suite import jobs
from tcpfsm.run.unused import unused
from tcpfsm.terminal.exit_codes import INCONCLUSIVE, INTERRUPTED, OK, VIOLATED, complain
from tcpfsm.terminal.output import check_writable, emit
from tcpfsm.terminal.progress import Meter

if TYPE_CHECKING:
    import argparse

    from tcpfsm.loader.protocol import Protocol
    from tcpfsm.loader.scenario import Scenario


def check(arguments: argparse.Namespace) -> int:
    """Check a target, or the whole suite; return the exit code."""
    command, whole = "", False
    if arguments.target is None:
        protocols = [load_shipped(name) for name in shipped()]
        slow = arguments.all or bool(arguments.scenario)  # what is asked for by name is run, slow or not
        work = [(protocol, *job) for protocol in protocols for job in jobs(protocol, slow=slow)]
    else:
        target = resolve(arguments.target)
        if target.scenario and arguments.scenario:
            raise UsageError(tr("{target} is one scenario; --scenario goes with a protocol or a variant", target=arguments.target))
        protocols, command, whole = [target.protocol], target.command, not target.variant
        if arguments.recorded:
            work = _recorded(target, slow=arguments.all)
        else:
            work = [(target.protocol, scenario, target.variant) for scenario in target.scenarios(slow=arguments.all)]
        if arguments.scenario:
            work = _named(target.protocol, target.variant, arguments.scenario)
    work = _narrowed(protocols, work, arguments, is_named=bool(arguments.scenario or (command and target.scenario)))
    options = _options(arguments, command, whole=whole)
    if (arguments.checkpoint or arguments.resume) and len(work) != 1:
        raise UsageError(tr("--checkpoint and --resume are for one run, and these are {count}: name one scenario", count=len(work)))
    if arguments.output not in (None, "-"):
        check_writable(Path(arguments.output))
    runs = _run_all(work, options, progress=not arguments.no_progress)
    if arguments.format == "json":
        text = as_json(runs, {protocol.name: unused(protocol) for protocol in protocols}, complete=len(runs) == len(work))
    elif _is_suite(arguments):
        parts = [(protocol, [one for one in runs if one.protocol == protocol.name]) for protocol in protocols]
        counts = Counter(protocol.name for protocol, _, _ in work)
        text = "\n".join(summary(protocol, part, counts[protocol.name]) for protocol, part in parts if part)
    else:
        text = _answers(protocols, runs, verbose=arguments.verbose, whole=whole and not (_is_narrowed(arguments) or arguments.scenario))
    emit(text, arguments.output)
    if any(one.is_interrupted for one in runs) or len(runs) < len(work):
        return INTERRUPTED
    return _code(runs, against_record=_is_suite(arguments))


def _answers(protocols: list[Protocol], runs: list[RunReport], *, verbose: bool, whole: bool) -> str:
    """Return a report for each protocol and each variant that was run; ``whole`` says that all of its scenarios were."""
    known = {protocol.name: protocol for protocol in protocols}
    texts = []
    for name in dict.fromkeys(one.name for one in runs):
        part = [one for one in runs if one.name == name]
        protocol = known[part[0].protocol]
        variant = protocol.variants.get(part[0].variant)
        title = f"{name}: {said(variant.title if variant else protocol.machine().title)}"
        texts.append(answer(
            part, title, shows=variant.shows if variant else ("", ""), verbose=verbose,
            unused=unused(protocol) if whole and not variant else (), whole=whole,
        ))  # fmt: skip
    return "\n".join(texts)


def _is_suite(arguments: argparse.Namespace) -> bool:
    """Whether the runs are held against what was recorded, rather than answered for themselves."""
    return (arguments.target is None or arguments.recorded) and not _is_narrowed(arguments)


def _is_narrowed(arguments: argparse.Namespace) -> bool:
    return bool(arguments.property or arguments.first or _flags(arguments))


def _flags(arguments: argparse.Namespace) -> str:
    """Return the bounds that were changed, as they are written on a command line."""
    names = ("loss", "duplication", "capacity")
    return "".join(f" --{name} {getattr(arguments, name)}" for name in names if getattr(arguments, name) is not None)


def _named(protocol: Protocol, variant: str, names: Sequence[str]) -> list[tuple[Protocol, Scenario, str]]:
    """Return the jobs of the scenarios named, exhibits or not."""
    return [(protocol, protocol.scenario(name), variant) for name in dict.fromkeys(names)]


def _recorded(target: Target, *, slow: bool) -> list[tuple[Protocol, Scenario, str]]:
    """Return the jobs that a target has recorded: of a scenario itself, of a variant what it expects, of a protocol all.

    Raises:
        UsageError: a variant expects nothing.
    """
    protocol = target.protocol
    if target.scenario:
        return _named(protocol, "", [target.scenario])
    if not target.variant:
        return [(protocol, *job) for job in jobs(protocol, slow=slow)]
    names = [expected.scenario for expected in protocol.variants[target.variant].expect]
    if not names:
        hint = "expect: [{scenario: ..., violated: {...}}]"
        raise UsageError(tr("nothing is recorded for {target}; in its file write {hint}", target=target.command, hint=hint))
    return _named(protocol, target.variant, names)


def _narrowed(
    protocols: list[Protocol],
    work: list[tuple[Protocol, Scenario, str]],
    arguments: argparse.Namespace,
    *,
    is_named: bool,
) -> list[tuple[Protocol, Scenario, str]]:
    """Leave out what was not asked for, and change the bounds.

    A property alone is asked where it is asked anyhow: of a scenario that does not it is asked only by naming both.
    """
    for name in arguments.scenario or ():
        known = {name for protocol in protocols for name in protocol.scenarios}
        if name not in known:
            raise UsageError(tr("there is no scenario '{name}'; {hint}", name=name, hint=did_you_mean(name, sorted(known))))
        work = [job for job in work if job[1].name in arguments.scenario]
    wanted = arguments.property
    if wanted is not None and wanted != ANSWERED:
        known = {name for protocol in protocols for name in protocol.properties.properties}
        if wanted not in known:
            raise UsageError(tr("there is no property '{name}'; {hint}", name=wanted, hint=did_you_mean(wanted, sorted(known))))
        work = [job for job in work if wanted in job[0].properties.properties]
        if not is_named:
            work = [job for job in work if any(spec.name == wanted for spec in asked(job[0], job[1]))]
    if not work:
        hint = tr("no scenario asks it; name one with --scenario") if wanted else tr("it has no scenario (--all adds slow ones)")
        raise UsageError(tr("there is nothing to check: {hint}", hint=hint))
    bounds = {name: getattr(arguments, name) for name in ("loss", "duplication", "capacity")}
    return [(protocol, scenario.bounded(**bounds), variant) for protocol, scenario, variant in work]


def _options(arguments: argparse.Namespace, command: str, *, whole: bool) -> Options:
    flags = _flags(arguments)
    return Options(
        limits=limits_of(arguments), only=arguments.property, how=_how(arguments), command=shlex.quote(command) if command else "", flags=flags,
        recorded=_is_suite(arguments), whole=whole,
    )


def _how(arguments: argparse.Namespace) -> How:
    folder = arguments.resume or arguments.checkpoint
    if arguments.engine == "reference" and folder:
        raise UsageError(tr("--checkpoint and --resume are for the fast engine"))
    if arguments.resume and arguments.checkpoint:
        raise UsageError(tr("--resume goes on keeping the run in its folder: leave out --checkpoint"))
    if arguments.resume and not Path(folder).is_dir():
        raise UsageError(tr("there is no folder {path} to resume from", path=folder))
    keep = Keep(Path(folder), resume=bool(arguments.resume)) if folder else None
    return How(arguments.engine, arguments.first, factors=arguments.verbose, keep=keep)


def _run_all(work: list[tuple[Protocol, Scenario, str]], options: Options, *, progress: bool) -> list[RunReport]:
    """Run every job; an interruption ends the work, and what was established until then is reported."""
    runs: list[RunReport] = []
    meter = Meter(len(work), terminal=sys.stderr.isatty()) if progress and sys.stderr is not None else None
    for number, (protocol, scenario, variant) in enumerate(work):
        if meter is not None:
            meter.begin(number, f"{protocol.name}{'/' if variant else ''}{variant} {scenario.name}")
        try:
            runs.append(run(protocol, scenario, variant, replace(options, on_progress=meter.show if meter else None)))
        except KeyboardInterrupt:
            break
        if meter is not None:
            meter.finish(runs[-1].states, runs[-1].steps, runs[-1].depth)
        if runs[-1].is_interrupted:
            break
    if meter is not None:
        meter.end()
    if work and not runs:
        raise KeyboardInterrupt
    if len(runs) < len(work):
        complain(tr("tcpfsm: interrupted: {count} of {all} runs were begun; what they established follows", count=len(runs), all=len(work)))
    return runs


def _code(runs: list[RunReport], *, against_record: bool) -> int:
    verdict = worst([one.verdict for one in runs])
    if against_record:
        if any(one.is_surprising for one in runs):
            return VIOLATED
        return OK if all(one.as_expected for one in runs) else INCONCLUSIVE
    return {"holds": OK, "violated": VIOLATED, "inconclusive": INCONCLUSIVE}[verdict]
