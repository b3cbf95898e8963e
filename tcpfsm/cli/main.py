"""The command line: what may be asked, and the exit code that answers.

Exit codes: 0 as expected, 1 violated or not as expected, 2 usage, 3 inconclusive, 4 bad spec, 5 missing tool, 70 our bug,
130 interrupted. Answers go to standard output, everything else to standard error.

Modules that take long to import are imported by the commands that need them, so that ``--help`` is quick.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Callable, Sequence
from typing import Any

from tcpfsm import __version__
from tcpfsm.errors import MissingToolError, SpecError, UsageError, did_you_mean
from tcpfsm.i18n.language import LANGUAGES, tr, use
from tcpfsm.i18n.width import width
from tcpfsm.i18n.wrapping import wrap
from tcpfsm.terminal.exit_codes import (
    BAD_SPEC,
    INCONCLUSIVE,
    INTERRUPTED,
    MISSING_TOOL,
    OK,
    OUR_BUG,
    USAGE,
    complain,
)
from tcpfsm.terminal.output import emit


def _epilog() -> str:
    return tr("""exit codes: 0 as expected, 1 violated or not as expected, 2 usage, 3 inconclusive,
4 bad spec, 5 missing tool, 70 a bug of tcpfsm, 130 interrupted""")


class _Help(argparse.RawDescriptionHelpFormatter):
    """Sets help texts in lines, also those of a language without blanks to break at."""

    def _split_lines(self, text: str, columns: int) -> list[str]:
        return super()._split_lines(text, columns) if text.isascii() else wrap(text, columns)

    def _format_usage(self, *given: Any) -> str:
        text = super()._format_usage(*given)  # indented by as many blanks as "usage" has characters, not columns
        first = tr("usage: ")
        return text.replace("\n ", "\n " + " " * (width(first) - len(first)))


class _Parser(argparse.ArgumentParser):
    """Says what is wrong, with the nearest choice; an option is written in full, so that new ones break nothing."""

    def __init__(self, **named: Any) -> None:
        super().__init__(**{**named, "allow_abbrev": False, "formatter_class": _Help})

    def _print_message(self, message: str, file: Any = None) -> None:
        del file  # argparse prints help and the version here; mistakes are raised
        emit(message, None)

    def error(self, message: str) -> Any:
        found = re.match("argument ([^:]+): (.*)", message, re.DOTALL)  # not every argparse translates this
        text = tr("argument {name}: {message}", name=found[1], message=found[2]) if found else message
        raise UsageError(f"{text}\n{self.format_usage().strip()}")

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        if action.choices is not None and value not in action.choices:
            hint = did_you_mean(str(value), map(str, action.choices))
            raise argparse.ArgumentError(action, tr("'{word}' is not known; {hint}", word=value, hint=hint))

    def refuse(self, rest: Sequence[str]) -> None:
        """Raise UsageError if anything is left of the command line that no option or argument takes."""
        if rest:
            known = [text for text in self._option_string_actions if text.startswith("--")]
            if rest[0].startswith("-"):
                hint = did_you_mean(rest[0].partition("=")[0], known)
                self.error(tr("'{word}' is not known; {hint}", word=rest[0], hint=hint))
            self.error(tr("'{word}' is not known", word=rest[0]))


def parser() -> _Parser:
    """Return the parser of the whole command line, in the language of the process."""
    vars(argparse)["_"] = tr  # by this name argparse looks up its own words
    top = _Parser(
        prog="tcpfsm",
        description=tr("TCP's connection machine as YAML, and an exhaustive model checker that walks every interleaving."),
        epilog=_epilog(),
    )
    top.add_argument(
        "--version", action="version", version=f"tcpfsm {__version__}", help=tr("show program's version number and exit")
    )
    commands = top.add_subparsers(dest="command", metavar="COMMAND", parser_class=_Parser)
    _check_parser(commands)
    listing = commands.add_parser("list", help=tr("list protocols, scenarios, variants, properties, assumptions"))
    listing.add_argument("target", nargs="?", metavar="TARGET", help=tr("a protocol; all that are shipped if left out"))
    listing.add_argument("--format", choices=("text", "json"), default="text")
    listing.set_defaults(run="list")
    show = commands.add_parser("show", help=tr("show a machine's table, a variant's changes, or one part by name"))
    show.add_argument("target", metavar="NAME", help=tr("tcp, tcp/two-way, tcp/close, a folder or file, or a part of tcp by name"))
    show.add_argument("part", nargs="?", default="", metavar="PART", help=tr("a scenario, property, assumption or state of it"))
    show.set_defaults(run="show")
    claims = commands.add_parser("claims", help=tr("judge what is said of a protocol: true, true under an assumption, wrong, undecidable"))
    claims.add_argument("name", nargs="?", metavar="NAME", help=tr("a claim, which is then explained, or a protocol; all claims if left out"))
    claims.add_argument("--format", choices=("text", "json", "markdown"), default="text")
    claims.add_argument("-o", "--output", metavar="FILE", help=tr("write the answer there, whole or not at all"))
    claims.add_argument("--no-progress", action="store_true", help=tr("no progress on standard error"))
    claims.add_argument("-v", "--verbose", action="store_true", help=tr("every ladder"))
    claims.set_defaults(run="claims")
    copy = commands.add_parser("copy", help=tr("copy a protocol or variant into a folder, to change it"))
    copy.add_argument("target", metavar="TARGET")
    copy.add_argument("folder", metavar="DIR", help=tr("made if need be; nothing in it is overwritten"))
    copy.set_defaults(run="copy")
    figure = commands.add_parser("figure", help=tr("find a figure of the RFC in the machine, and draw the path"))
    figure.add_argument("name", nargs="?", metavar="NAME", help=tr("6 to 13, or PROTOCOL/NAME; all figures are listed if left out"))
    _limits(figure, tr("give up after S seconds"))
    figure.set_defaults(run="figure")
    diagram = commands.add_parser("diagram", help=tr("write the state diagram as Mermaid or DOT text"))
    diagram.add_argument("target", nargs="?", default="tcp", metavar="TARGET")
    diagram.add_argument("--format", choices=("mermaid", "dot"), default="mermaid")
    diagram.add_argument("--all", action="store_true", help=tr("also what the summary leaves out (resets, aborts, timeouts)"))
    diagram.add_argument("--meanings", action="store_true", help=tr("say what each state means"))
    diagram.add_argument("-o", "--output", metavar="FILE")
    diagram.set_defaults(run="diagram")
    _export_parser(commands)
    for command in (top, *commands.choices.values()):
        command.add_argument("--lang", choices=LANGUAGES, default=LANGUAGES[0], help=tr("the language of what is said"))
    for command in commands.choices.values():
        command.set_defaults(parser=command)
    return top


def _check_parser(commands: Any) -> None:
    check = commands.add_parser(
        "check",
        help=tr("check a protocol, variant or scenario; without TARGET, the whole suite against what was recorded"),
        epilog=_epilog(),
    )
    check.add_argument("target", nargs="?", metavar="TARGET", help=tr("tcp, tcp/two-way, tcp/last-ack-lost, a folder or a file"))
    check.add_argument("--scenario", action="append", metavar="S", help=tr("only this scenario (may be given several times)"))
    check.add_argument("--property", metavar="P", help=tr("only this property"))
    check.add_argument("--loss", type=_count, metavar="N", help=tr("at most N losses"))
    check.add_argument("--duplication", type=_count, metavar="N", help=tr("at most N duplications"))
    check.add_argument("--capacity", type=_count, metavar="N", help=tr("at most N segments in flight each way"))
    check.add_argument("--engine", choices=("auto", "reference", "fast"), default="auto", help=tr("what explores (auto: tables, compiled once a space is large)"))
    _limits(check, tr("give up after S seconds a scenario"))
    check.add_argument("--checkpoint", metavar="DIR", help=tr("keep the state of the one run there, so that it can be taken up again"))
    check.add_argument("--resume", metavar="DIR", help=tr("take up the run that was kept there"))
    check.add_argument("--first", action="store_true", help=tr("stop at the first violation"))
    check.add_argument("--recorded", action="store_true", help=tr("hold TARGET, its exhibits and variants against what it recorded"))
    check.add_argument("--all", action="store_true", help=tr("also what is marked slow"))
    check.add_argument("--format", choices=("text", "json"), default="text")
    check.add_argument("-o", "--output", metavar="FILE", help=tr("write the answer there, whole or not at all"))
    check.add_argument("--no-progress", action="store_true", help=tr("no progress on standard error"))
    check.add_argument("-v", "--verbose", action="store_true", help=tr("bounds, every property, every counterexample, what multiplies the states"))
    check.set_defaults(run="check")


def _limits(command: argparse.ArgumentParser, after_seconds: str) -> None:
    command.add_argument("--max-states", type=_count, metavar="N", help=tr("give up beyond N states"))
    command.add_argument("--time-limit", type=_seconds, metavar="S", help=after_seconds)
    command.add_argument("--memory-limit", type=_size, metavar="SIZE", help=tr("give up beyond SIZE of memory: 500M, 2G (what is available if left out)"))


def _export_parser(commands: Any) -> None:
    export = commands.add_parser("export", help=tr("write the state graph of one scenario as GraphML, DOT or JSON"))
    export.add_argument("target", metavar="TARGET", help=tr("tcp, tcp/two-way, tcp/last-ack-lost, a folder or a file"))
    export.add_argument("--scenario", metavar="S", help=tr("of this scenario"))
    export.add_argument("--to", choices=("graphml", "dot", "json"), required=True)
    export.add_argument("--onto", metavar="NAMES", help=tr("project onto components: states, or A, or A,B; states that agree in them are one node"))
    export.add_argument("--max-nodes", type=_count, metavar="N", help=tr("refuse more than N nodes (2000 for dot, 20000 for the others if left out)"))
    export.add_argument("--loss", type=_count, metavar="N", help=tr("at most N losses"))
    export.add_argument("--duplication", type=_count, metavar="N", help=tr("at most N duplications"))
    export.add_argument("--capacity", type=_count, metavar="N", help=tr("at most N segments in flight each way"))
    export.add_argument("-o", "--output", metavar="FILE", help=tr("write the answer there, whole or not at all"))
    export.add_argument("--no-progress", action="store_true", help=tr("no progress on standard error"))
    export.set_defaults(run="export")


def _command(name: str) -> Callable[[argparse.Namespace], int]:
    if name == "check":
        from tcpfsm.cli.check import check

        return check
    if name == "claims":
        from tcpfsm.cli.claims import claims

        return claims
    if name == "export":
        from tcpfsm.cli.export import export

        return export
    from tcpfsm.cli import commands

    found: Callable[[argparse.Namespace], int] = getattr(commands, f"{name}_")
    return found


def _count(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 12:
        raise argparse.ArgumentTypeError(tr("'{word}' is not a whole number from 0 on", word=text))
    return int(text)


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1
    if not 0 <= value < 1e9:
        raise argparse.ArgumentTypeError(tr("'{word}' is not a number of seconds", word=text))
    return value


def _size(text: str) -> int:
    units = {"K": 2**10, "M": 2**20, "G": 2**30}
    number, unit = (text[:-1], units[text[-1].upper()]) if text[-1:].upper() in units else (text, 1)
    return _count(number) * unit


def _language(arguments: Sequence[str]) -> str:
    """Return the language that a command line asks for; what is no language is refused by the parser, in English."""
    found = LANGUAGES[0]
    for place, word in enumerate(arguments):
        if word == "--":
            break
        name, sign, value = word.partition("=")
        if name == "--lang":
            value = value if sign else "".join(arguments[place + 1 : place + 2])
            found = value if value in LANGUAGES else found
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command line; return the exit code. No error of a user's shows a traceback."""
    try:
        use(_language(sys.argv[1:] if arguments is None else arguments))
        top = parser()
        chosen, rest = top.parse_known_args(arguments)
        command: _Parser = getattr(chosen, "parser", top)
        command.refuse(rest)
        if chosen.command is None:
            top.print_help()
            return OK
        code = _command(chosen.run)(chosen)
        sys.stdout.flush()
    except UsageError as error:
        complain(f"tcpfsm: {error}")
        return USAGE
    except MissingToolError as error:
        complain(f"tcpfsm: {error}")
        return MISSING_TOOL
    except SpecError as error:
        complain(str(error))
        return BAD_SPEC
    except KeyboardInterrupt:
        complain(tr("tcpfsm: interrupted"))
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read the answer has had enough of it (a pager, head); that is no fault.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK
    except OSError as error:  # the system refuses something; that is never our bug
        complain(tr("tcpfsm: the system says: {reason}: {path}", reason=tr(str(error.strerror)), path=error.filename or "-"))
        return USAGE
    except MemoryError:
        complain(tr("tcpfsm: out of memory; lower a bound, or give --memory-limit to see how far it comes"))
        return INCONCLUSIVE
    except Exception as error:  # whatever it is, it is our bug, and the user sees no traceback
        if os.environ.get("TCPFSM_DEBUG"):
            raise
        what = f"{type(error).__name__}: {error}"
        complain(tr("tcpfsm: this is a bug of tcpfsm: {error} (TCPFSM_DEBUG=1 shows where)", error=what))
        return OUR_BUG
    return code
