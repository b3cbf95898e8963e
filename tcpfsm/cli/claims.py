"""The command ``claims``: what is said of the protocols, and whether it is so."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from checker import Limits
from tcpfsm.claims.document import document
from tcpfsm.claims.judge import Judge, Judgement, every_claim
from tcpfsm.claims.report import as_json, explanation, listing
from tcpfsm.errors import UsageError, did_you_mean
from tcpfsm.i18n.language import tr
from tcpfsm.loader.target import load_shipped, resolve, shipped
from tcpfsm.run.memory import most_memory
from tcpfsm.run.run import Options
from tcpfsm.terminal.exit_codes import INCONCLUSIVE, INTERRUPTED, OK, VIOLATED, complain
from tcpfsm.terminal.output import check_writable, emit
from tcpfsm.terminal.progress import Meter

if TYPE_CHECKING:
    import argparse

    from tcpfsm.loader.claim import Claim, Question
    from tcpfsm.loader.protocol import Protocol


def claims(arguments: argparse.Namespace) -> int:
    """Judge the claims asked for; return the exit code: 0 if every verdict is the recorded one."""
    chosen = _chosen(arguments.name)
    if arguments.output not in (None, "-"):
        check_writable(Path(arguments.output))
    judgements = _judge_all(chosen, progress=not arguments.no_progress)
    is_cut = len(judgements) < len(chosen)
    if is_cut and (arguments.format != "text" or arguments.output not in (None, "-")):
        complain(tr("tcpfsm: interrupted: {count} of {all} claims were judged; nothing is written", count=len(judgements), all=len(chosen)))
        return INTERRUPTED
    if arguments.format == "json":
        text = as_json(judgements)
    elif arguments.format == "markdown":
        text = document(judgements, {protocol.name: protocol for protocol, _, _, _ in chosen})
    elif arguments.name is not None and len(judgements) == 1:
        text = explanation(judgements[0], verbose=arguments.verbose)
    else:
        text = listing(judgements, {protocol.name: protocol for protocol, _, _, _ in chosen})
    if is_cut:
        complain(tr("tcpfsm: interrupted: {count} of {all} claims were judged; they follow", count=len(judgements), all=len(chosen)))
    emit(text, arguments.output)
    if is_cut:
        return INTERRUPTED
    if any(one.verdict == "inconclusive" for one in judgements):
        return INCONCLUSIVE
    return OK if all(one.as_recorded for one in judgements) else VIOLATED


def _chosen(name: str | None) -> list[tuple[Protocol, str, str, Claim]]:
    """Return the claims meant by a name, each with its protocol, how that is written, and its chapter."""
    if name is None:
        protocols = [(load_shipped(word), "") for word in shipped()]
        return [(protocol, "", *found) for protocol, _ in protocols for found in every_claim(protocol)]
    path = Path(name)
    if name in shipped() or path.is_dir() or path.is_file():
        target = resolve(name)
        found = [(target.protocol, target.written, *one) for one in every_claim(target.protocol)]
        if not found:
            raise UsageError(tr("{name} makes no claims", name=name))
        return found
    folder, _, wanted = name.rpartition("/")
    if folder:
        target = resolve(folder)
        candidates = [(target.protocol, target.written, *one) for one in every_claim(target.protocol)]
    else:
        candidates = [(protocol, "", *one) for protocol in map(load_shipped, shipped()) for one in every_claim(protocol)]
    chosen = [one for one in candidates if one[3].name == wanted]
    if not chosen:
        hint = did_you_mean(wanted, [one[3].name for one in candidates])
        raise UsageError(tr("there is no claim '{name}'; {hint}", name=wanted, hint=hint))
    return chosen


def _judge_all(chosen: list[tuple[Protocol, str, str, Claim]], *, progress: bool) -> list[Judgement]:
    """Judge the claims, or those before an interruption.

    Raises:
        KeyboardInterrupt: there are none before it.
    """
    count = len({(id(protocol), *_key(one)) for protocol, _, _, claim in chosen for one in (*claim.asks, *claim.also)})
    meter = Meter(count) if progress and sys.stderr.isatty() else None
    judges: dict[str, Judge] = {}
    number = 0

    def begin(question: Question) -> None:
        nonlocal number
        if meter is not None:
            meter.begin(number, f"{question.name} {question.variant} {question.scenario}")
        number += 1

    options = Options(Limits(memory=most_memory()), on_progress=meter.show if meter else None)
    judgements = []
    for protocol, written, chapter, claim in chosen:
        command = shlex.quote(written) if written else ""
        judge = judges.setdefault(protocol.name, Judge(protocol, options, command, begin))
        try:
            judgements.append(judge.judge(chapter, claim))
        except KeyboardInterrupt:
            break
    if meter is not None:
        meter.end()
    if chosen and not judgements:
        raise KeyboardInterrupt
    return judgements


def _key(question: Question) -> tuple[str, ...]:
    return (question.kind, question.name, question.scenario, question.variant)
