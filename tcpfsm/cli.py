"""The command line: what may be asked, and the exit code that answers.

Exit codes: 0 as expected, 1 violated or not as expected, 2 usage, 3 inconclusive, 4 bad spec, 5 missing tool, 70 our bug,
130 interrupted. Answers go to standard output, everything else to standard error.

Modules that take long to import are imported by the commands that need them, so that ``--help`` is quick.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from tcpfsm import __version__
from tcpfsm.errors import SpecError, UsageError, did_you_mean

if TYPE_CHECKING:
    from tcpfsm.run import Options, RunReport
    from tcpfsm.spec.protocol import Protocol
    from tcpfsm.spec.scenario import Scenario

OK, VIOLATED, USAGE, INCONCLUSIVE, BAD_SPEC, MISSING_TOOL, OUR_BUG, INTERRUPTED = 0, 1, 2, 3, 4, 5, 70, 130
EPILOG = """exit codes: 0 as expected, 1 violated or not as expected, 2 usage, 3 inconclusive,
4 bad spec, 5 missing tool, 70 a bug of tcpfsm, 130 interrupted"""


class _Parser(argparse.ArgumentParser):
    """Says what is wrong, with the nearest choice, and exits with 2."""

    def error(self, message: str) -> Any:
        raise UsageError(f"{message}\n{self.format_usage().strip()}")


def parser() -> argparse.ArgumentParser:
    """Return the parser of the whole command line."""
    top = _Parser(
        prog="tcpfsm",
        description="TCP's connection machine as YAML, and an exhaustive model checker that walks every interleaving.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument("--version", action="version", version=f"tcpfsm {__version__}")
    commands = top.add_subparsers(dest="command", metavar="COMMAND", parser_class=_Parser)
    _check_parser(commands)
    listing = commands.add_parser("list", help="list protocols, scenarios, variants, properties, assumptions")
    listing.add_argument("target", nargs="?", metavar="TARGET", help="a protocol; all that are shipped if left out")
    listing.add_argument("--format", choices=("text", "json"), default="text")
    listing.set_defaults(run=_list)
    show = commands.add_parser("show", help="show a machine's table, a variant's changes, or one part by name")
    show.add_argument("target", metavar="NAME", help="tcp, tcp/two-way, tcp/close, a folder or file, or a part of tcp by name")
    show.add_argument("part", nargs="?", default="", metavar="PART", help="a scenario, property, assumption or state of it")
    show.set_defaults(run=_show)
    copy = commands.add_parser("copy", help="copy a protocol or variant into a folder, to change it")
    copy.add_argument("target", metavar="TARGET")
    copy.add_argument("folder", metavar="DIR", help="made if need be; nothing in it is overwritten")
    copy.set_defaults(run=_copy)
    figure = commands.add_parser("figure", help="find a figure of the RFC in the machine, and draw the path")
    figure.add_argument("name", nargs="?", metavar="NAME", help="6 to 13, or PROTOCOL/NAME; all figures are listed if left out")
    figure.set_defaults(run=_figure)
    diagram = commands.add_parser("diagram", help="write the state diagram as Mermaid or DOT text")
    diagram.add_argument("target", nargs="?", default="tcp", metavar="TARGET")
    diagram.add_argument("--format", choices=("mermaid", "dot"), default="mermaid")
    diagram.add_argument("--all", action="store_true", help="also what the summary leaves out (resets, aborts, timeouts)")
    diagram.add_argument("--meanings", action="store_true", help="say what each state means")
    diagram.add_argument("--lang", choices=("en", "zh"), default="en", help="the language of the meanings")
    diagram.add_argument("-o", "--output", metavar="FILE")
    diagram.set_defaults(run=_diagram)
    return top


def _check_parser(commands: Any) -> None:
    check = commands.add_parser(
        "check",
        help="check a protocol, variant or scenario; without TARGET, the whole suite against what was recorded",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    check.add_argument("target", nargs="?", metavar="TARGET", help="tcp, tcp/two-way, tcp/last-ack-lost, a folder or a file")
    check.add_argument("--scenario", action="append", metavar="S", help="only this scenario (may be given several times)")
    check.add_argument("--property", metavar="P", help="only this property")
    check.add_argument("--loss", type=_count, metavar="N", help="at most N losses")
    check.add_argument("--duplication", type=_count, metavar="N", help="at most N duplications")
    check.add_argument("--capacity", type=_count, metavar="N", help="at most N segments in flight each way")
    check.add_argument("--engine", choices=("auto", "reference"), default="auto")
    check.add_argument("--max-states", type=_count, metavar="N", help="give up beyond N states")
    check.add_argument("--time-limit", type=_seconds, metavar="S", help="give up after S seconds a scenario")
    check.add_argument("--memory-limit", type=_size, metavar="SIZE", help="give up beyond SIZE of memory: 500M, 2G")
    check.add_argument("--first", action="store_true", help="stop at the first violation")
    check.add_argument("--all", action="store_true", help="also what is marked slow")
    check.add_argument("--format", choices=("text", "json"), default="text")
    check.add_argument("-o", "--output", metavar="FILE", help="write the answer there, whole or not at all")
    check.add_argument("--no-progress", action="store_true", help="no progress on standard error")
    check.add_argument("-v", "--verbose", action="store_true", help="bounds, every property, every counterexample")
    check.set_defaults(run=_check)


def _count(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 12:
        raise argparse.ArgumentTypeError(f"'{text}' is not a whole number from 0 on")
    return int(text)


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1
    if not 0 <= value < 1e9:
        raise argparse.ArgumentTypeError(f"'{text}' is not a number of seconds")
    return value


def _size(text: str) -> int:
    units = {"K": 2**10, "M": 2**20, "G": 2**30}
    number, unit = (text[:-1], units[text[-1].upper()]) if text[-1:].upper() in units else (text, 1)
    return _count(number) * unit


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command line; return the exit code. No error of a user's shows a traceback."""
    try:
        chosen = parser().parse_args(arguments)
        if chosen.command is None:
            parser().print_help()
            return OK
        code: int = chosen.run(chosen)
        sys.stdout.flush()
    except UsageError as error:
        _complain(str(error))
        return USAGE
    except SpecError as error:
        _complain(str(error))
        return BAD_SPEC
    except KeyboardInterrupt:
        _complain("interrupted")
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read the answer has had enough of it (a pager, head); that is no fault.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK
    except MemoryError:
        _complain("out of memory; lower a bound, or give --memory-limit to see how far it comes")
        return INCONCLUSIVE
    except Exception as error:  # noqa: BLE001  # whatever it is, it is our bug, and the user sees no traceback
        if os.environ.get("TCPFSM_DEBUG"):
            raise
        _complain(f"this is a bug of tcpfsm: {type(error).__name__}: {error} (TCPFSM_DEBUG=1 shows where)")
        return OUR_BUG
    return code


def _complain(text: str) -> None:
    sys.stderr.write(f"tcpfsm: {text}\n" if not text.startswith(("/", ".")) and ":" not in text.split(" ")[0] else f"{text}\n")


# ---- check -------------------------------------------------------------------------------------------------------------


def _check(arguments: argparse.Namespace) -> int:
    from tcpfsm.output import emit
    from tcpfsm.report_json import as_json
    from tcpfsm.report_text import answer
    from tcpfsm.suite import jobs, summary
    from tcpfsm.target import load_shipped, resolve, shipped

    if arguments.target is None:
        protocols = [load_shipped(name) for name in shipped()]
        work = [(protocol, *job) for protocol in protocols for job in jobs(protocol, slow=arguments.all)]
    else:
        target = resolve(arguments.target)
        protocols = [target.protocol]
        work = [(target.protocol, scenario, target.variant) for scenario in target.scenarios(slow=arguments.all)]
    work = _narrowed(protocols, work, arguments)
    runs = _run_all(work, _options(arguments), progress=not arguments.no_progress)
    if arguments.format == "json":
        text = as_json(runs)
    elif arguments.target is None and not _is_narrowed(arguments):
        text = "\n".join(
            summary(protocol, [run for run in runs if run.protocol == protocol.name]) for protocol in protocols
        )
    else:
        text = _target_text(arguments, protocols, runs, answer)
    emit(text, arguments.output)
    if any(run.stopped_because == "interrupted" for run in runs) or len(runs) < len(work):
        return INTERRUPTED
    return _code(runs, against_record=arguments.target is None and not _is_narrowed(arguments))


def _target_text(
    arguments: argparse.Namespace, protocols: list[Protocol], runs: list[RunReport], answer: Callable[..., str]
) -> str:
    name = runs[0].name if arguments.target is not None and runs else "the suite"
    protocol = protocols[0]
    variant = protocol.variants.get(runs[0].variant) if runs else None
    title = f"{name}: {variant.title if variant else protocol.machine().title}"
    shows = variant.shows if variant else ("", "")
    return answer(runs, title, shows=shows, verbose=arguments.verbose)


def _is_narrowed(arguments: argparse.Namespace) -> bool:
    bounds = (arguments.loss, arguments.duplication, arguments.capacity)
    return bool(arguments.property or arguments.first or any(bound is not None for bound in bounds))


def _narrowed(protocols: list[Protocol], work: list[Any], arguments: argparse.Namespace) -> list[Any]:
    if arguments.scenario:
        known = {name for protocol in protocols for name in protocol.scenarios}
        for name in arguments.scenario:
            if name not in known:
                raise UsageError(f"there is no scenario '{name}'; {did_you_mean(name, sorted(known))}")
        if arguments.target is None:
            work = [item for item in work if item[1].name in arguments.scenario]
        else:  # a scenario that is named is run, exhibit or not
            protocol, variant = protocols[0], work[0][2] if work else ""
            work = [(protocol, protocol.scenario(name), variant) for name in arguments.scenario]
    if arguments.property:
        known = {name for protocol in protocols for name in protocol.properties.properties}
        if arguments.property not in known and arguments.property != "every-arrival-is-answered":
            raise UsageError(f"there is no property '{arguments.property}'; {did_you_mean(arguments.property, sorted(known))}")
    return [
        (
            protocol,
            scenario.bounded(loss=arguments.loss, duplication=arguments.duplication, capacity=arguments.capacity),
            variant,
        )
        for protocol, scenario, variant in work
    ]


def _options(arguments: argparse.Namespace) -> Options:
    from checker import Limits
    from tcpfsm.run import Options

    try:
        limits = Limits(states=arguments.max_states, seconds=arguments.time_limit, memory=arguments.memory_limit)
    except ValueError as error:
        raise UsageError(str(error)) from None
    return Options(limits=limits, only=arguments.property, first=arguments.first)


def _run_all(work: list[tuple[Protocol, Scenario, str]], options: Options, *, progress: bool) -> list[RunReport]:
    """Run every job; an interruption ends the work, and what was established until then is reported."""
    from dataclasses import replace

    from tcpfsm.progress import Meter
    from tcpfsm.run import run

    runs: list[RunReport] = []
    meter = Meter(len(work)) if progress and sys.stderr.isatty() else None
    for number, (protocol, scenario, variant) in enumerate(work):
        if meter is not None:
            meter.begin(number, f"{protocol.name}{'/' if variant else ''}{variant} {scenario.name}")
        try:
            runs.append(run(protocol, scenario, variant, replace(options, on_progress=meter.show if meter else None)))
        except KeyboardInterrupt:
            break
        if runs[-1].stopped_because == "interrupted":
            break
    if meter is not None:
        meter.end()
    if len(runs) < len(work):
        _complain(f"interrupted: {len(runs)} of {len(work)} runs were begun; what they established follows")
        if not runs:
            raise KeyboardInterrupt
    return runs


def _code(runs: list[RunReport], *, against_record: bool) -> int:
    from tcpfsm.run import worst

    verdict = worst([run.verdict for run in runs])
    if against_record:
        if not all(run.complete for run in runs):
            return INCONCLUSIVE
        return OK if all(run.as_expected for run in runs) else VIOLATED
    return {"holds": OK, "violated": VIOLATED, "inconclusive": INCONCLUSIVE}[verdict]


# ---- the others --------------------------------------------------------------------------------------------------------


def _list(arguments: argparse.Namespace) -> int:
    import json

    from tcpfsm.output import emit
    from tcpfsm.show import listing, listing_text
    from tcpfsm.target import load_shipped, resolve, shipped

    if arguments.target is None:
        protocols = [load_shipped(name) for name in shipped()]
    else:
        protocols = [resolve(arguments.target).protocol]
    if arguments.format == "json":
        emit(json.dumps({"format": "tcpfsm.list/1", "protocols": listing(protocols)}, indent=1, ensure_ascii=False), None)
    else:
        emit(listing_text(protocols), None)
    return OK


def _show(arguments: argparse.Namespace) -> int:
    from pathlib import Path

    from tcpfsm.output import emit
    from tcpfsm.show import show
    from tcpfsm.target import load_shipped, resolve, shipped

    name, part = arguments.target, arguments.part
    head = name.partition("/")[0]
    if head not in shipped() and not Path(name).exists() and not Path(name).parent.joinpath("machine.yaml").exists():
        # A part by its bare name: a property, a scenario, a state of a protocol that is shipped.
        for protocol in map(load_shipped, shipped()):
            try:
                emit(show(_target_of(protocol), name), None)
            except UsageError:
                continue
            return OK
    emit(show(resolve(name), part), None)
    return OK


def _target_of(protocol: Protocol) -> Any:
    from tcpfsm.target import Target

    return Target(protocol)


def _copy(arguments: argparse.Namespace) -> int:
    from pathlib import Path

    from tcpfsm.copying import copy
    from tcpfsm.output import emit
    from tcpfsm.target import resolve

    written = copy(resolve(arguments.target), Path(arguments.folder))
    emit("\n".join(str(path) for path in written), None)
    return OK


def _figure(arguments: argparse.Namespace) -> int:
    from tcpfsm.figure import Found
    from tcpfsm.figures import draw_figure, load, names, not_found, search
    from tcpfsm.output import emit
    from tcpfsm.target import load_shipped, resolve, shipped

    if arguments.name is None:
        protocols = [load_shipped(name) for name in shipped()]
        lines = [f"{protocol.name}/{name}  {load(protocol, name).title}" for protocol in protocols for name in names(protocol)]
        emit("\n".join(lines), None)
        return OK
    where, _, name = arguments.name.rpartition("/")
    protocol = resolve(where or "tcp").protocol
    figure = load(protocol, name)
    built, result = search(protocol, figure)
    if not isinstance(result, Found):
        _complain(not_found(figure, result))
        return VIOLATED
    source = f" ({figure.source})" if figure.source else ""
    emit(f"{figure.title}{source}\n\n{draw_figure(figure, built, result)}", None)
    return OK


def _diagram(arguments: argparse.Namespace) -> int:
    from tcpfsm.diagram import diagram
    from tcpfsm.output import emit
    from tcpfsm.target import resolve

    target = resolve(arguments.target)
    machine = target.protocol.machine(target.variant)
    text = diagram(machine, arguments.format, everything=arguments.all, lang=arguments.lang, meanings=arguments.meanings)
    emit(text, arguments.output)
    return OK
