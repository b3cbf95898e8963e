"""The judged claims as a document in Markdown, which docs/ holds in each language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tcpfsm.claims.judge import UNSOLVED, Answer, Judgement
from tcpfsm.claims.report import asked_where, conditions, counts, machine, origin, reason, rows, verdict_words
from tcpfsm.i18n.language import said, tr
from tcpfsm.loader.protocol import Protocol


def document(judgements: Sequence[Judgement], protocols: Mapping[str, Protocol]) -> str:
    """Return everything that is known of the claims, chapter by chapter."""
    lines = [
        tr("# Claims, checked"), "",
        tr("What is said of these protocols, and whether it is so. This page is written by `tcpfsm claims --format markdown`; "
           "a test holds it to be what the checker finds."), "",
        counts(judgements), "",
        tr("*True* means that every question asked below has the answer that the claim needs, in every state that the scenario allows. "
           "*True under an assumption* names what is assumed. *Wrong* comes with a path that shows it. "
           "*Undecidable here* means that no run of these machines could tell, and says why."), "",
        tr("`tcpfsm claims NAME` tells the same of one claim; the commands below draw each path again."), "",
    ]  # fmt: skip
    for name, protocol in protocols.items():
        for chapter in protocol.chapters:
            part = [one for one in judgements if (one.protocol, one.chapter) == (name, chapter.name)]
            if part:
                lines += [f"## {said(chapter.title)}", "", *([said(chapter.about), ""] if chapter.about["en"] else [])]
                lines += _overview(part)
                lines += [line for one in part for line in _claim(one)]
    return "\n".join(lines).rstrip() + "\n"


def _overview(part: Sequence[Judgement]) -> list[str]:
    lines = [f"| {tr('claim')} | {tr('verdict')} |", "| --- | --- |"]
    lines += [f"| [{_cell(said(one.claim.says))}](#{one.claim.name.lower()}) | {verdict_words(one.verdict)} |" for one in part]
    return [*lines, ""]


def _claim(one: Judgement) -> list[str]:
    claim = one.claim
    lines = [f"### {claim.name}", "", f"> {said(claim.says)}", ""]
    because = "" if one.verdict == UNSOLVED else reason(one)
    lines += [tr("**{verdict}.** {because}", verdict=_capital(verdict_words(one.verdict)), because=because).rstrip(), ""]
    for text in [*conditions(one), *origin(one)]:
        lines += [f"- {text}"]
    lines.append("")
    answers = (*one.asks, *one.also)
    if answers:
        lines += [f"| {tr('asked')} | {tr('of')} | {tr('in')} | {tr('answer')} |", "| --- | --- | --- | --- |"]
        lines += [f"| {' | '.join(_cell(cell) for cell in row)} |" for row in rows(answers, one)]
        lines.append("")
        lines += _meanings(answers)
    main = one.main
    if main is not None:
        where = machine(main, one.protocol) + (f", {main.question.scenario}" if main.question.scenario else "")
        lines += [tr("{title}:", title=asked_where(main, where)), ""]
        lines += ["```text", main.ladder, "```", "", f"`{main.again}`", ""]
    return lines


def _meanings(answers: Sequence[Answer]) -> list[str]:
    says = {answer.question.name: answer.says for answer in answers if answer.kind != "figure"}
    return [*(f"- `{name}`: {text}" for name, text in says.items()), ""] if says else []


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
