"""Claims: how a verdict comes about, what a file of claims may hold, and that all that ships is as recorded."""

from __future__ import annotations

import json
import re
import shlex
from collections import Counter
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

import tcpfsm
from checker import Limits
from tcpfsm.claims.document import document
from tcpfsm.claims.judge import Judge, Judgement, every_claim, verdict_on
from tcpfsm.claims.report import as_json, counts, explanation
from tcpfsm.cli.main import main
from tcpfsm.i18n.language import use
from tcpfsm.loader.load import load_protocol
from tcpfsm.loader.target import shipped
from tcpfsm.run.run import Options
from tests.conftest import problems_of
from tests.suite_runs import load_once, protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    Edit = Callable[[str, str | None, str], Path]

ROOT = Path(__file__).parents[1]
FILE = "claims/asking.yaml"
#: How many claims each of the five articles makes, as the catalogue of claims numbers them.
ROWS = {"000": 8, "001": 10, "002": 11, "003": 13, "004": 10}
SCHEMA = json.loads((Path(tcpfsm.__file__).parent / "schemas" / "claims-report.json").read_text(encoding="utf-8"))


def judged(folder: Path, name: str, options: Options | None = None) -> Judgement:
    """Judge one claim of a folder."""
    found = load_protocol(folder)
    return Judge(found, options or Options()).judge("asking", found.claims[name])


@cache
def shipped_judgements(lang: str = "en") -> tuple[Judgement, ...]:
    """Judge every claim that ships."""
    use(lang)
    try:
        found = []
        for name in shipped():
            judge = Judge(protocol(name), Options())
            found += [judge.judge(chapter, claim) for chapter, claim in every_claim(protocol(name))]
        return tuple(found)
    finally:
        use("en")


def named(name: str) -> Judgement:
    """Return one of them."""
    return next(one for one in shipped_judgements() if one.claim.name == name)


EXERCISE = """\
title: An exercise
claims:
  homework:
    says: Nobody asks twice.
    exercise: true
    verdict: {verdict}
    because: The secret of the solution.
    asks:
      - {{property: {name}, in: once}}
      - {{property: an-answer-comes, in: once}}
"""


# ---- how a verdict comes about ---------------------------------------------------------------------------------------


def test_a_witness_makes_a_claim_true_whatever_is_assumed(ping: Path) -> None:
    """An assumption only takes steps away, so a path under it is a path without it."""
    one = judged(ping, "asking-helps")

    assert (one.verdict, one.asks[0].assumes, one.assumes) == ("true", ("slow-clock",), ())
    assert one.main is not None
    assert "(witness)" in one.main.ladder


def test_what_holds_under_an_assumption_is_true_under_it_alone(ping: Path) -> None:
    """The scenario assumes a slow clock, and the claim says so."""
    one = judged(ping, "patience-has-a-limit")

    assert (one.verdict, one.assumes) == ("true-under-assumption", ("slow-clock",))


def test_what_holds_without_assumption_is_true(ping: Path, edit: Edit) -> None:
    """The same claim in a scenario that assumes nothing."""
    edit("scenarios/once.yaml", "assumes: slow-clock\n", "")

    assert judged(ping, "patience-has-a-limit").verdict == "true"


def test_a_condition_in_words_makes_a_claim_true_under_it(ping: Path, edit: Edit) -> None:
    """Some conditions are of a scenario as a whole, and no assumption names them."""
    edit(FILE, "    verdict: true\n", "    verdict: true-under-assumption\n    under: somebody listens\n")

    assert judged(ping, "asking-helps").verdict == "true-under-assumption"


def test_one_answer_that_is_not_as_claimed_makes_a_claim_wrong(ping: Path) -> None:
    """Its path is the one that is shown."""
    one = judged(ping, "once-is-enough")

    assert (one.verdict, one.as_recorded) == ("wrong", True)
    assert one.main is one.asks[0]
    assert "(violation)" in one.asks[0].ladder


def test_a_missing_witness_makes_a_claim_wrong(ping: Path, edit: Edit) -> None:
    """Of whom nobody answers, no answer comes."""
    edit(FILE, "      - {property: an-answer-comes, in: once}\n", "      - {property: an-answer-comes, in: once, variant: deaf}\n")
    one = judged(ping, "asking-helps")

    assert (one.verdict, one.main) == ("wrong", None)


def test_a_violation_can_be_what_is_claimed(ping: Path, edit: Edit) -> None:
    """To say that something fails is a claim like any other."""
    edit(FILE, "      - {property: asking-once-is-enough, in: once}", "      - {property: asking-once-is-enough, in: once, answer: violated}")

    assert judged(ping, "once-is-enough").verdict == "true"


def test_a_claim_that_asks_nothing_is_undecidable(ping: Path) -> None:
    """The reason is all there is."""
    one = judged(ping, "asking-is-rude")

    assert (one.verdict, one.asks, one.main) == ("undecidable", (), None)
    assert verdict_on(one.claim, []) == "undecidable"


def test_a_search_that_was_cut_decides_nothing(ping: Path) -> None:
    """Neither true nor wrong; the recorded verdict is not met."""
    one = judged(ping, "patience-has-a-limit", Options(limits=Limits(states=2)))

    assert (one.verdict, one.as_recorded) == ("inconclusive", False)


def test_what_is_asked_besides_decides_nothing_but_is_compared(ping: Path, edit: Edit) -> None:
    """A wrong answer there leaves the verdict, and is not as recorded."""
    edit(FILE, "      - {property: patient, in: once}\n", "      - {property: patient, in: once, answer: violated}\n")
    one = judged(ping, "once-is-enough")

    assert (one.verdict, one.as_recorded) == ("wrong", False)


def test_a_question_of_several_claims_is_run_once(ping: Path) -> None:
    """Two claims ask whether everybody is patient."""
    found, asked = load_protocol(ping), []
    judge = Judge(found, Options(), on_question=asked.append)
    for chapter, claim in every_claim(found):
        judge.judge(chapter, claim)

    assert Counter((one.name, one.variant) for one in asked) == {
        ("an-answer-comes", ""): 1, ("an-answer-comes", "deaf"): 1, ("patient", ""): 1, ("asking-once-is-enough", ""): 1
    }  # fmt: skip


# ---- what a file of claims may hold ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "message", "hint"),
    [
        ("{property: patient, in: [once]}", "{property: patent, in: [once]}", "'patent' is not known in property", "did you mean patient?"),
        ("{property: patient, in: [once]}", "{property: patient, in: [twice]}", "'twice' is not known in in", "choices: once"),
        ("variant: deaf,", "variant: dead,", "'dead' is not known in variant", "did you mean deaf?"),
        ("{property: patient, in: [once]}", "{figure: 7}", "'7' is not known in figure", ""),
        ("{property: patient, in: [once]}", "{property: patient}", "a property is asked in scenarios", "in: open"),
        ("{property: patient, in: [once]}", "{in: once}", "a question asks a property or a figure", "figure"),
        ("variant: deaf, answer: violated", "variant: deaf, answer: vilated", "'vilated' is not an answer", "did you mean violated?"),
        ("verdict: wrong", "verdict: false", "'false' is not a verdict on a claim", "choices: true"),
        ("    verdict: undecidable\n", "    verdict: wrong\n", "a claim is undecidable if and only if it asks nothing", ""),
        ("    because: The machine counts.\n", "", "the claim 'patience-has-a-limit' needs 'because'", ""),
        ("  an-answer-comes:\n", "  patient:\n", "there is a property 'patient' already", ""),
        ("    kind: always\n", "    kind: always\n    asked: everywhere\n", "'asked'", ""),
        ("then: p.tries == 0", "then: p.tres == 0", "'p.tres'", "tries"),
        ("because: Manners", "becuase: Manners", "'becuase'", "did you mean because?"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_where_it_stands(edit: Edit, old: str, new: str, message: str, hint: str) -> None:
    """With the word, and with what would have been right."""
    folder = edit(FILE, old, new)
    problems = problems_of(lambda: load_protocol(folder))
    found = next(one for one in problems if message in one.message)
    line = (folder / FILE).read_text(encoding="utf-8").splitlines()[found.place.line - 1]

    assert found.place.path.endswith(FILE)
    assert hint in found.hint
    assert found.line_text == line


def test_two_files_cannot_make_the_same_claim(ping: Path) -> None:
    """A claim is asked for by its name."""
    other = "claims: {asking-is-rude: {says: Again., verdict: undecidable, because: It is said twice.}}\n"
    (ping / "claims" / "more.yaml").write_text(other, encoding="utf-8")

    assert [one.message for one in problems_of(lambda: load_protocol(ping))] == ["there is a claim 'asking-is-rude' already"]


# ---- what ships ------------------------------------------------------------------------------------------------------


def test_every_claim_of_the_five_articles_is_answered() -> None:
    """Each row of each article is named by some claim, and no claim names a row that there is not."""
    rows = {f"{article}.{number}" for article, count in ROWS.items() for number in range(1, count + 1)}
    said = {place for one in shipped_judgements() for place in one.claim.said}

    assert sum(ROWS.values()) == 52
    assert rows - said == set()
    assert {place for place in said if re.fullmatch(r"\d{3}\.\d+", place)} - rows == set()


@pytest.mark.parametrize("name", [claim.name for name in shipped() for _, claim in every_claim(protocol(name))])
def test_a_claim_is_as_recorded(name: str) -> None:
    """Its verdict, and every answer that is asked besides."""
    one = named(name)

    assert (one.verdict, [answer.question.name for answer in one.also if not answer.is_as_claimed]) == (one.claim.recorded, [])


@pytest.mark.parametrize("name", [claim.name for name in shipped() for _, claim in every_claim(protocol(name))])
def test_a_claim_shows_what_it_says(name: str) -> None:
    """A wrong one has a path, one under an assumption names it, and each has a source and is told in both languages."""
    one = named(name)
    texts = (one.claim.says, one.claim.because)

    assert all(text["zh"] and text["en"] for text in texts)
    assert bool(one.claim.under["en"]) == bool(one.claim.under["zh"])
    assert one.claim.source
    if one.verdict == "wrong":
        assert one.main is not None
        assert one.main.ladder
    if one.verdict == "true-under-assumption":
        assert one.claim.under["en"] or one.assumes


def test_every_property_of_the_claims_is_asked() -> None:
    """What nobody asks decides nothing."""
    for name in shipped():
        asked = {answer.question.name for one in shipped_judgements() for answer in (*one.asks, *one.also)}
        claimed = {word for word, spec in protocol(name).properties.properties.items() if spec.claimed}

        assert claimed - asked == set()


def test_the_properties_of_claims_are_true_and_false_somewhere() -> None:
    """A property that fits whatever happens says nothing: most are asked where they hold and where they do not."""
    answers: dict[str, set[str]] = {}
    for one in shipped_judgements():
        for answer in (*one.asks, *one.also):
            answers.setdefault(answer.question.name, set()).add(answer.verdict)

    assert sum(len(found) == 2 for found in answers.values()) >= 10


def test_what_a_claim_says_can_be_asked_again(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """The command under a ladder comes to the same verdict, and draws the same ladder."""
    load_once(monkeypatch)
    for name in ("two-are-enough", "closing-takes-four", "simultaneous-open", "third-may-carry-text"):
        main_answer = named(name).main
        assert main_answer is not None
        words = shlex.split(main_answer.again)
        assert words[0] == "tcpfsm"
        code = main(words[1:])
        told = capsys.readouterr().out

        assert code == (0 if main_answer.verdict == "holds" else 1)
        assert main_answer.ladder in told


@pytest.mark.parametrize(("lang", "path"), [("en", "docs/claims.md"), ("zh", "docs/zh/claims.md")])
def test_the_document_of_claims_is_what_the_checker_finds(lang: str, path: str) -> None:
    """It is written by ``tcpfsm claims --format markdown``; after a change, write it anew."""
    judgements = shipped_judgements(lang)
    use(lang)
    try:
        text = document(judgements, {name: protocol(name) for name in shipped()})
    finally:
        use("en")

    assert (ROOT / path).read_text(encoding="utf-8") == text


def test_the_readme_counts_the_claims() -> None:
    """The numbers in its text are those of the verdicts."""
    number = Counter(one.verdict for one in shipped_judgements())
    words = (
        f"{number['true']} are true, {number['true-under-assumption']} are true under an assumption, "
        f"{number['wrong']} are wrong, {number['undecidable']} cannot be decided"
    )

    assert words in (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_chinese_readme_counts_the_claims() -> None:
    """With the same numbers, in the words of the command."""
    use("zh")
    try:
        words = counts(shipped_judgements())
    finally:
        use("en")

    assert words in (ROOT / "README.zh.md").read_text(encoding="utf-8")


def test_the_claim_in_the_readme_is_wrong() -> None:
    """What it shows is a claim that is refuted, in both languages the same one."""
    shown = [re.findall(r"^\$ tcpfsm claims (\S+)", (ROOT / name).read_text(encoding="utf-8"), re.MULTILINE) for name in ("README.md", "README.zh.md")]

    assert shown[0] == shown[1]
    assert [named(name).verdict for name in shown[0]] == ["wrong"]


@pytest.mark.parametrize("name", [claim.name for name in shipped() for _, claim in every_claim(protocol(name))])
def test_a_condition_is_needed(name: str) -> None:
    """What is true under a condition alone is shown to fail without it: somewhere the opposite answer was found."""
    one = named(name)
    if one.verdict == "true-under-assumption":
        answers = (*one.asks, *one.also)
        without = {answer.verdict for answer in answers if not answer.assumes or answer.question.answer == "violated"}

        assert "violated" in without


@pytest.mark.parametrize("name", [claim.name for name in shipped() for _, claim in every_claim(protocol(name))])
def test_a_figure_alone_decides_no_claim(name: str) -> None:
    """It is one path, and a claim says more than that something can happen."""
    one = named(name)

    assert not one.asks or any(answer.kind != "figure" for answer in one.asks)


def test_the_report_fits_its_schema() -> None:
    """Every field is described, none is left out."""
    jsonschema.Draft7Validator.check_schema(SCHEMA)
    data: dict[str, Any] = json.loads(as_json(shipped_judgements()))
    jsonschema.Draft7Validator(SCHEMA).validate(data)

    assert data["as_expected"]
    assert sum(data["counts"].values()) == len(data["claims"]) == len(shipped_judgements())
    assert {"name", "statement", "source", "verdict"} <= set(data["claims"][0])


# ---- the command -----------------------------------------------------------------------------------------------------


def test_the_list_names_every_claim_and_counts_them(ping: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """In the order of the file, each with its verdict."""
    code = main(["claims", str(ping)])
    told = capsys.readouterr().out

    assert code == 0
    assert [line.split("  ")[1] for line in told.splitlines() if line.startswith("  ")] == [
        "true", "true under an assumption", "wrong", "undecidable here"
    ]  # fmt: skip
    assert "4 claims: 1 true, 1 true under an assumption, 1 wrong, 1 undecidable here." in told


def test_a_claim_by_name_is_explained(ping: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The statement, the verdict, the reason, the questions, the path, and the command that draws it again."""
    code = main(["claims", f"{ping}/once-is-enough"])
    told = capsys.readouterr().out

    assert code == 0
    for part in (
        "It is enough to ask once.", "Verdict: wrong.", "Questions get lost.", "violated, 3 steps (the claim says otherwise)",
        "(violation)", f"Again with:  tcpfsm check {ping} --scenario once --property asking-once-is-enough",
    ):  # fmt: skip
        assert part in told


def test_a_verdict_that_is_not_as_recorded_is_exit_code_1(edit: Edit, capsys: pytest.CaptureFixture[str]) -> None:
    """And is said at the end."""
    folder = edit(FILE, "    verdict: wrong\n", "    verdict: true\n")
    code = main(["claims", str(folder)])

    assert code == 1
    assert "once-is-enough: wrong, true was recorded" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("    verdict: wrong\n", "    verdict: true\n"),
        ("    verdict: wrong\n", "    verdict: true-under-assumption\n    under: everybody listens\n"),
        ("      - {property: patient, in: once}\n", "      - {property: patient, in: once, answer: violated}\n"),
    ],
)
def test_a_reason_is_not_told_of_a_verdict_that_it_does_not_explain(
    old: str, new: str, edit: Edit, capsys: pytest.CaptureFixture[str]
) -> None:
    """Neither the reason nor the condition that are written, in none of the formats."""
    folder = edit(FILE, old, new)
    main(["claims", f"{folder}/once-is-enough"])
    told = capsys.readouterr().out

    assert "What was found is not what the file records" in told
    for form in ("text", "json", "markdown"):
        main(["claims", f"{folder}/once-is-enough", "--format", form])
        told = capsys.readouterr().out

        assert "Questions get lost" not in told
        if form != "json":
            assert "everybody listens" not in told


@pytest.mark.parametrize(
    ("word", "hint"), [("three-not-too", "did you mean three-not-two?"), ("tcp/three-not-too", "did you mean three-not-two?")]
)
def test_a_claim_that_there_is_not_is_a_usage_error(
    word: str, hint: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the nearest one that there is."""
    load_once(monkeypatch)

    assert main(["claims", word]) == 2
    assert hint in capsys.readouterr().err


def test_a_protocol_without_claims_says_so(ping: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An empty list would look as if all were well."""
    (ping / FILE).unlink()

    assert main(["claims", str(ping)]) == 2
    assert "makes no claims" in capsys.readouterr().err


# ---- exercises -------------------------------------------------------------------------------------------------------


@pytest.fixture
def homework(ping: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str]]:
    """Put an exercise into the small protocol and ask the command line for it."""

    def ask(name: str, *options: str, verdict: str = "true") -> tuple[int, str]:
        (ping / "claims" / "homework.yaml").write_text(EXERCISE.format(name=name, verdict=verdict), encoding="utf-8")
        code = main(["claims", str(ping / "homework"), *options])
        printed = capsys.readouterr()
        return code, printed.out + printed.err

    return ask


def test_an_exercise_with_an_answer_that_is_not_wanted_is_not_solved_yet(homework: Callable[..., tuple[int, str]]) -> None:
    """It says which answer is missing, and neither that anything is wrong nor why the solution is right."""
    code, text = homework("asking-once-is-enough")

    assert code == 1
    assert "Not solved yet: 1 answer of 2 is another one than wanted.\n" in text
    assert re.search(r"asking-once-is-enough +ping +once +violated, \d steps? \(wanted: holds\)", text)
    assert not re.search("secret|wrong|Verdict|true|EXPECTED", text)


def test_an_exercise_that_is_solved_says_why(homework: Callable[..., tuple[int, str]]) -> None:
    """The verdict is the recorded one, with its reason."""
    code, text = homework("patient", verdict="true-under-assumption")

    assert code == 0
    assert "Verdict: true under an assumption." in text
    assert "The secret of the solution." in text
    assert "wanted" not in text


def test_an_exercise_is_not_solved_by_right_answers_under_another_condition(
    ping: Path, edit: Edit, homework: Callable[..., tuple[int, str]]
) -> None:
    """Neither where the claim is to be true and something is assumed, nor the other way round."""
    code, text = homework("patient")
    assert (code, "secret" in text) == (1, False)
    assert "Not solved yet: every answer is as wanted, but only under an assumption (slow-clock).\n" in text

    edit("scenarios/once.yaml", "assumes: slow-clock\n", "")
    code, text = homework("patient", verdict="true-under-assumption")
    assert (code, "secret" in text) == (1, False)
    assert "Not solved yet: every answer is as wanted, but without any assumption.\n" in text
    assert judged(ping, "homework").verdict == "unsolved"


def test_an_exercise_that_is_cut_short_is_inconclusive(ping: Path, homework: Callable[..., tuple[int, str]]) -> None:
    """Neither solved nor unsolved; its reason is kept back all the same."""
    homework("patient", verdict="true-under-assumption")
    one = judged(ping, "homework", Options(Limits(states=2)))

    assert (one.verdict, "secret" in explanation(one)) == ("inconclusive", False)


def test_the_list_and_the_document_count_an_exercise_apart(ping: Path, homework: Callable[..., tuple[int, str]], capsys: pytest.CaptureFixture[str]) -> None:
    """As not solved yet; the words that would give it away are in neither."""
    homework("asking-once-is-enough")

    assert main(["claims", str(ping)]) == 1
    text = capsys.readouterr().out
    assert re.search(r"^  not solved yet +homework +Nobody asks twice\.$", text, re.MULTILINE)
    assert "5 claims: 1 true, 1 true under an assumption, 1 wrong, 1 undecidable here, 1 not solved yet." in text
    assert "NOT AS EXPECTED:\n  homework: not solved yet\n" in text

    assert main(["claims", str(ping), "--format", "markdown"]) == 1
    text = capsys.readouterr().out
    assert "\n**Not solved yet.**\n" in text
    assert "secret" not in text


def test_the_json_of_an_exercise_keeps_the_reason_back(homework: Callable[..., tuple[int, str]]) -> None:
    """Its verdict is a word of its own."""
    code, text = homework("asking-once-is-enough", "--format", "json")
    data = json.loads(text)
    jsonschema.validate(data, SCHEMA)

    assert code == 1
    assert (data["as_expected"], data["counts"]["unsolved"], data["counts"]["wrong"]) == (False, 1, 0)
    assert [(one["verdict"], one["because"]) for one in data["claims"]] == [("unsolved", None)]


def test_an_exercise_is_told_in_chinese(homework: Callable[..., tuple[int, str]]) -> None:
    """As everything that students read."""
    code, text = homework("asking-once-is-enough", "--lang", "zh")
    use("en")

    assert code == 1
    assert "尚未解出：共 2 个回答，其中 1 个不是所要求的。" in text
    assert "（应为：成立）" in text or "(应为：成立)" in text


@pytest.mark.parametrize("verdict", ["wrong", "undecidable"])
def test_an_exercise_is_a_claim_to_be_made_true(ping: Path, homework: Callable[..., tuple[int, str]], verdict: str) -> None:
    """A wrong claim is no question."""
    code, text = homework("patient", verdict=verdict)

    assert code == 4
    assert f"{ping}/claims/homework.yaml:6:14: an exercise is a claim to be made true" in text


def test_a_file_of_claims_may_hold_properties_alone(ping: Path) -> None:
    """Claims of another file ask them, as a student's property is asked by the question; with neither it is empty."""
    file = ping / "claims" / "mine.yaml"
    file.write_text("properties:\n  mine: {says: x, kind: always, then: p.tries == 0, for: each end}\n", encoding="utf-8")
    (ping / "claims" / "homework.yaml").write_text(EXERCISE.format(name="mine", verdict="true"), encoding="utf-8")

    assert judged(ping, "homework").verdict == "unsolved"

    file.write_text("title: nothing\n", encoding="utf-8")
    assert "a file of claims needs claims, or properties for those of another file" in [
        problem.message for problem in problems_of(lambda: load_protocol(ping))
    ]
