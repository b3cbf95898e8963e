"""Judging claims: every question is run, and the answers decide."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from tcpfsm.figures.figure import draw_figure, load, not_found, search
from tcpfsm.figures.found import Found
from tcpfsm.i18n.language import said
from tcpfsm.loader.claim import ASSUMING, TRUE, UNDECIDABLE, WRONG, Claim, Question
from tcpfsm.loader.protocol import Protocol
from tcpfsm.run.results import TraceReport
from tcpfsm.run.run import Options, run

INCONCLUSIVE = "inconclusive"
#: An exercise whose verdict is not the recorded one.
UNSOLVED = "unsolved"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a question. ``verdict`` is holds, violated or inconclusive.

    ``says`` is the property as a sentence, or the title of the figure; ``kind`` that of the property, or ``figure``.
    ``ladder`` is empty where there is nothing to draw; ``again`` is the command that asks it again.
    """

    question: Question
    verdict: str
    says: str
    kind: str
    states: int
    steps: int
    assumes: tuple[str, ...]
    ladder: str
    again: str
    trace: TraceReport | None = None
    established: str = ""

    @property
    def is_as_claimed(self) -> bool:
        """Whether the answer is the one that the claim gives."""
        return self.verdict == self.question.answer


@dataclass(frozen=True, slots=True)
class Judgement:
    """A claim with its answers, and the verdict that they make."""

    protocol: str
    chapter: str
    claim: Claim
    verdict: str
    asks: tuple[Answer, ...]
    also: tuple[Answer, ...] = ()

    @property
    def as_recorded(self) -> bool:
        """Whether the verdict is the recorded one, and what is asked besides has the answers that are written."""
        return self.verdict == self.claim.recorded and all(answer.is_as_claimed for answer in self.also)

    @property
    def assumes(self) -> tuple[str, ...]:
        """The assumptions under which something was found to hold."""
        return tuple(dict.fromkeys(name for answer in self.asks if _leans(answer) for name in answer.assumes))

    @property
    def main(self) -> Answer | None:
        """The answer whose ladder shows the matter: the one that refutes the claim, else the first that has one."""
        refuting = [answer for answer in self.asks if not answer.is_as_claimed and answer.ladder]
        drawn = [answer for answer in self.asks if answer.ladder]
        return next(iter(refuting or drawn), None)


@dataclass(slots=True)
class Judge:
    """Judges the claims of a protocol; a question that several claims ask is run once.

    ``command`` is how the protocol is written on a command line. ``on_question`` is told of each run before it begins.
    """

    protocol: Protocol
    options: Options
    command: str = ""
    on_question: Callable[[Question], None] | None = None
    answers: dict[tuple[str, ...], Answer] = field(default_factory=dict)

    def judge(self, chapter: str, claim: Claim) -> Judgement:
        """Answer the questions of a claim and draw the conclusion.

        Raises:
            KeyboardInterrupt: somebody interrupted; of this claim nothing is said.
            SpecError: the spec leaves something open that only shows with these values.
        """
        asks = tuple(self.answer(question) for question in claim.asks)
        also = tuple(self.answer(question) for question in claim.also)
        return Judgement(self.protocol.name, chapter, claim, verdict_on(claim, asks), asks, also)

    def answer(self, question: Question) -> Answer:
        """Answer one question."""
        key = (question.kind, question.name, question.scenario, question.variant)
        if key not in self.answers:
            if self.on_question is not None:
                self.on_question(question)
            self.answers[key] = self._figure(question) if question.kind == "figure" else self._property(question)
        return replace(self.answers[key], question=question)

    def _property(self, question: Question) -> Answer:
        protocol = self.protocol
        command = f"{self.command or protocol.name}/{question.variant}" if question.variant else self.command
        how = replace(self.options.how, first=True)
        options = replace(self.options, only=question.name, how=how, command=command)
        report = run(protocol, protocol.scenario(question.scenario), question.variant, options)
        if report.is_interrupted:
            raise KeyboardInterrupt
        found = report.properties[0]
        return Answer(
            question=question,
            verdict=found.verdict,
            says=found.says,
            kind=found.kind,
            states=report.states,
            steps=report.steps,
            assumes=report.assumes,
            ladder="" if found.trace is None else found.trace.ladder,
            again=f"{report.again} --property {question.name}",
            trace=found.trace,
            established=found.established,
        )

    def _figure(self, question: Question) -> Answer:
        figure = load(self.protocol, question.name)
        looked = search(self.protocol, figure, question.variant, self.options.limits)
        if looked.stopped_because == "interrupted":
            raise KeyboardInterrupt
        variant = f"{question.variant}/" if question.variant else ""
        result = looked.result
        return Answer(
            question=question,
            verdict=looked.verdict,
            says=said(figure.title),
            kind="figure",
            states=0,
            steps=0,
            assumes=(),
            ladder=draw_figure(figure, looked.built, result) if isinstance(result, Found) else "",
            again=f"tcpfsm figure {self.command or self.protocol.name}/{variant}{question.name}",
            established="" if isinstance(result, Found) else not_found(figure, looked),
        )


def verdict_on(claim: Claim, answers: Sequence[Answer]) -> str:
    """Draw the conclusion: wrong if an answer is not as claimed, true if all are, within what had to be assumed.

    An exercise that is anything but what is recorded is unsolved in place of wrong or true.
    """
    if not answers:
        return UNDECIDABLE
    if any(not answer.is_as_claimed and answer.verdict != INCONCLUSIVE for answer in answers):
        return UNSOLVED if claim.exercise else WRONG
    if any(answer.verdict == INCONCLUSIVE for answer in answers):
        return INCONCLUSIVE
    found = ASSUMING if claim.under["en"] or any(_leans(answer) and answer.assumes for answer in answers) else TRUE
    return UNSOLVED if claim.exercise and found != claim.recorded else found


def _leans(answer: Answer) -> bool:
    """Whether an answer may be owed to the assumptions of its scenario.

    An assumption takes steps away. So a path that exists under it exists without it, and a witness or the violation of
    an invariant needs none; everything else might fall without.
    """
    if answer.kind == "figure":
        return False
    if answer.kind in ("always", "step", "quiet"):
        return answer.verdict == "holds"
    return answer.kind != "sometimes" or answer.verdict == "violated"


def every_claim(protocol: Protocol) -> Iterator[tuple[str, Claim]]:
    """Go through the claims of a protocol, with the names of their chapters."""
    for chapter in protocol.chapters:
        for claim in chapter.claims.values():
            yield chapter.name, claim
