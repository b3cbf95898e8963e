"""What is said of the judged claims, as text and as JSON; schemas/claims-report.json describes the latter."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from tcpfsm.claims.judge import INCONCLUSIVE, UNSOLVED, Answer, Judgement
from tcpfsm.i18n.language import said, spoken, tr, trn
from tcpfsm.i18n.width import width
from tcpfsm.i18n.wrapping import shorten, wrap
from tcpfsm.loader.claim import ASSUMING, TRUE, UNDECIDABLE, VERDICTS, WRONG
from tcpfsm.loader.protocol import Protocol
from tcpfsm.report.json import trace_data
from tcpfsm.report.table import table

FORMAT = "tcpfsm.claims/1"
WIDTH = 100
#: How wide a line of the list may be, its gaps apart, and how much of a statement it shows at least.
TOTAL, LEAST = 114, 40


def verdict_words(verdict: str) -> str:
    """Return how a verdict is written for people."""
    return {
        TRUE: tr("true"),
        ASSUMING: tr("true under an assumption"),
        WRONG: tr("wrong"),
        UNDECIDABLE: tr("undecidable here"),
        UNSOLVED: tr("not solved yet"),
        INCONCLUSIVE: tr("inconclusive"),
    }[verdict]


def answer_words(answer: Answer) -> str:
    """Return what came of a question, in a few words."""
    steps = "" if answer.trace is None else trn("{n} step", "{n} steps", answer.trace.length)
    if answer.verdict == INCONCLUSIVE:
        return tr("inconclusive")
    if answer.kind == "figure":
        return tr("can happen") if answer.verdict == "holds" else tr("cannot happen")
    if answer.kind == "sometimes":
        found = tr("can happen, {steps}", steps=steps)
        return found if answer.verdict == "holds" else tr("cannot happen")
    if answer.verdict == "violated":
        return tr("violated, {steps}", steps=steps)
    return trn("holds, {count} state exhausted", "holds, {count} states exhausted", answer.states, count=f"{answer.states:,}")


def wanted_words(answer: Answer) -> str:
    """Return what a question is to have come of it, in a word or two."""
    is_path = answer.kind in ("figure", "sometimes")
    if answer.question.answer == "holds":
        return tr("can happen") if is_path else tr("holds")
    return tr("cannot happen") if is_path else tr("violated")


def listing(judgements: Sequence[Judgement], protocols: Mapping[str, Protocol]) -> str:
    """Return one line a claim, by chapters, and how many there are of each verdict."""
    lines: list[str] = []
    for name, protocol in protocols.items():
        for chapter in protocol.chapters:
            part = [one for one in judgements if (one.protocol, one.chapter) == (name, chapter.name)]
            taken = max((width(f"{verdict_words(one.verdict)}{one.claim.name}") for one in part), default=0)
            room = max(LEAST, TOTAL - taken)
            rows = [[verdict_words(one.verdict), one.claim.name, shorten(said(one.claim.says), room)] for one in part]
            lines += [f"{name}: {said(chapter.title)}", "", *table(rows), ""] if rows else []
    return "\n".join([*lines, *wrap(counts(judgements), WIDTH), *unexpected(judgements)]) + "\n"


def counts(judgements: Sequence[Judgement]) -> str:
    """Return how many claims there are of each verdict, as a sentence."""
    number = {verdict: sum(one.verdict == verdict for one in judgements) for verdict in (*VERDICTS, UNSOLVED, INCONCLUSIVE)}
    parts = [f"{count} {verdict_words(verdict)}" for verdict, count in number.items() if count]
    total = trn("{n} claim", "{n} claims", len(judgements))
    return tr("{total}: {parts}.", total=total, parts=tr(", ").join(parts))


def unexpected(judgements: Sequence[Judgement]) -> list[str]:
    """Return what is not as the files record it."""
    lines = []
    for one in judgements:
        if one.verdict == UNSOLVED:
            lines.append(tr("{name}: {found}", name=one.claim.name, found=verdict_words(one.verdict)))
        elif one.verdict != one.claim.recorded:
            words = (verdict_words(one.verdict), verdict_words(one.claim.recorded))
            lines.append(tr("{name}: {found}, {recorded} was recorded", name=one.claim.name, found=words[0], recorded=words[1]))
        lines += [
            tr("{name}: {question} is {found}, {recorded} was recorded", name=one.claim.name, question=answer.question.name,
               found=answer.verdict, recorded=answer.question.answer)
            for answer in one.also if not answer.is_as_claimed
        ]  # fmt: skip
    return ["", tr("NOT AS EXPECTED:"), *(f"  {line}" for line in lines)] if lines else []


def explanation(one: Judgement, *, verbose: bool = False) -> str:
    """Return one claim with everything that is known of it; ``verbose`` draws every ladder, not the main one alone."""
    claim = one.claim
    lines = [f"{one.protocol}: {claim.name}", "", *wrap(said(claim.says), WIDTH, "  "), ""]
    if one.verdict == UNSOLVED:
        lines += [*wrap(tr("Not solved yet: {missing}.", missing=missing(one)), WIDTH), *origin(one), ""]
    else:
        lines += wrap(tr("Verdict: {verdict}.", verdict=verdict_words(one.verdict)), WIDTH)
        lines += [line for text in conditions(one) for line in wrap(text, WIDTH)]
        lines += ["", *wrap(reason(one), WIDTH), *origin(one), ""]
    for title, answers in ((tr("Asked:"), one.asks), (tr("Asked besides:"), one.also)):
        if answers:
            lines += [title, *table(rows(answers, one)), ""]
    answers = (*one.asks, *one.also)
    lines += [*meanings(answers), *impossible(answers)]
    main = one.main
    if main is not None and main.is_as_claimed and one.verdict == UNSOLVED:
        main = None  # what is right already is not what is missing
    drawn = [answer for answer in answers if answer.ladder] if verbose else [main]
    for answer in drawn:
        if answer is not None:
            lines += ["", *picture(answer, one.protocol)]
    return "\n".join([*lines, *([] if one.verdict == UNSOLVED else unexpected([one]))]).rstrip() + "\n"


def missing(one: Judgement) -> str:
    """Return what an exercise lacks, as a clause; the lines of the table name each answer that is wanted."""
    lacking = sum(not answer.is_as_claimed for answer in one.asks)
    if lacking:
        return trn("{n} answer of {total} is another one than wanted", "{n} answers of {total} are others than wanted", lacking, total=len(one.asks))
    if one.assumes:
        return tr("every answer is as wanted, but only under an assumption ({names})", names=", ".join(one.assumes))
    return tr("every answer is as wanted, but without any assumption")


def reason(one: Judgement) -> str:
    """Return why the verdict is what it is; the reason that is written explains what is recorded and nothing else."""
    if one.as_recorded:
        return said(one.claim.because)
    return tr("What was found is not what the file records, so the reason that stands there is not told.")


def conditions(one: Judgement) -> list[str]:
    """Return what a claim is true under, as sentences; there are none if it is not."""
    if one.verdict != ASSUMING:
        return []
    texts = [tr("Under the condition: {text}", text=said(one.claim.under))] if one.claim.under["en"] else []
    if one.assumes:
        texts.append(tr("Under the assumptions: {names}", names=", ".join(one.assumes)))
    return texts


def origin(one: Judgement) -> list[str]:
    """Return where a claim comes from and who says it."""
    lines = [tr("Source: {source}", source=one.claim.source)] if one.claim.source else []
    return [*lines, tr("Said in: {places}", places=", ".join(one.claim.said))] if one.claim.said else lines


def rows(answers: Sequence[Answer], one: Judgement) -> list[list[str]]:
    """Return one row an answer: what was asked of which machine, where, what came of it, and what was wanted of an exercise."""
    found = []
    for answer in answers:
        question = answer.question
        what = tr("figure {name}", name=question.name) if question.kind == "figure" else question.name
        note = tr("wanted: {answer}", answer=wanted_words(answer)) if one.claim.exercise else tr("the claim says otherwise")
        mark = "" if answer.is_as_claimed else f" ({note})"
        found.append([what, machine(answer, one.protocol), question.scenario, answer_words(answer) + mark])
    return found


def machine(answer: Answer, protocol: str) -> str:
    """Return the name of the machine that was asked."""
    return f"{protocol}/{answer.question.variant}" if answer.question.variant else protocol


def meanings(answers: Sequence[Answer]) -> list[str]:
    """Return what each property says, one after the other."""
    says = {answer.question.name: answer.says for answer in answers if answer.kind != "figure"}
    return [line for name, text in says.items() for line in wrap(f"{name}: {text}", WIDTH, "", "  ")]


def impossible(answers: Sequence[Answer]) -> list[str]:
    """Return which line of a figure cannot happen, where the claim says that it can."""
    return [answer.established for answer in answers if answer.kind == "figure" and not answer.is_as_claimed and answer.established]


def asked_where(answer: Answer, where: str) -> str:
    """Return what was asked and of what, as the title of a picture."""
    name = answer.question.name
    return tr("figure {name} in {where}", name=name, where=where) if answer.kind == "figure" else tr("{name} in {where}", name=name, where=where)


def picture(answer: Answer, protocol: str) -> list[str]:
    """Return a ladder with what it shows and the command that draws it again."""
    where = machine(answer, protocol) + (f", {answer.question.scenario}" if answer.question.scenario else "")
    title = tr("{title}: {found}", title=asked_where(answer, where), found=answer_words(answer))
    differs = () if answer.trace is None else answer.trace.differs
    return [
        title, "", answer.ladder, "",
        *(tr("Differs from {protocol}: {text}", protocol=protocol, text=text) for text in differs),
        tr("Again with:  {command}", command=spoken(answer.again)),
    ]  # fmt: skip


def as_json(judgements: Sequence[Judgement]) -> str:
    """Return the judged claims as a JSON text."""
    data = {
        "format": FORMAT,
        "as_expected": all(one.as_recorded for one in judgements),
        "counts": {verdict: sum(one.verdict == verdict for one in judgements) for verdict in (*VERDICTS, UNSOLVED, INCONCLUSIVE)},
        "claims": [as_data(one) for one in judgements],
    }
    return json.dumps(data, indent=1, ensure_ascii=False)


def as_data(one: Judgement) -> dict[str, Any]:
    """Return a judged claim as plain data."""
    claim = one.claim
    return {
        "name": claim.name,
        "protocol": one.protocol,
        "chapter": one.chapter,
        "statement": said(claim.says),
        "said": list(claim.said),
        "source": claim.source,
        "verdict": one.verdict,
        "expected": claim.recorded,
        "as_expected": one.as_recorded,
        "under": said(claim.under) or None,
        "assumes": list(one.assumes),
        "because": said(claim.because) if one.as_recorded else None,
        "asks": [_answer(answer) for answer in one.asks],
        "also": [_answer(answer) for answer in one.also],
    }


def _answer(answer: Answer) -> dict[str, Any]:
    question = answer.question
    return {
        "kind": answer.kind,
        "name": question.name,
        "says": answer.says,
        "variant": question.variant or None,
        "scenario": question.scenario or None,
        "claimed": question.answer,
        "verdict": answer.verdict,
        "states": answer.states,
        "steps": answer.steps,
        "assumes": list(answer.assumes),
        "ladder": answer.ladder.splitlines(),
        "trace": None if answer.trace is None else trace_data(answer.trace),
        "again": answer.again,
    }
