"""Chinese: every text is translated, nothing is said past the catalogue, and what is said stands where it should."""

from __future__ import annotations

import ast
import json
import os
import re
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from checker import Basis
from tcpfsm.claims.judge import Answer
from tcpfsm.claims.report import asked_where
from tcpfsm.cli.main import main
from tcpfsm.errors import Place, Problem, did_you_mean
from tcpfsm.i18n.foreign_texts import yaml_reason
from tcpfsm.i18n.language import LANGUAGES, chosen, said, tr, trn, use
from tcpfsm.i18n.width import width
from tcpfsm.loader.target import Target, shipped, spec_folder
from tcpfsm.report.show import show
from tcpfsm.report.suite import summary
from tcpfsm.run.basis import established
from tests.suite_runs import Job, load_once, protocol, report
from tests.tools.catalogue import (
    KEYWORDS,
    MO,
    SOURCES,
    extracted,
    is_kept,
    merged,
    mo_bytes,
    texts_in,
    texts_of,
    untranslated,
    written,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from babel.messages.catalog import Catalog, Message

ROOT = Path(__file__).parents[1]
GOLDEN = ROOT / "tests" / "golden_zh"
MODULES = sorted(SOURCES.rglob("*.py"))
PLACEHOLDER = re.compile(r"\{[a-z_]+\}|%\(\w+\)[rs]|%[rs]")

#: Calls whose texts a user reads, and which of their arguments these are, by place or name.
SPEAKING: dict[str, tuple[int | str, ...]] = {
    "problem": (0, 1, "hint"),
    "_problem": (2, 3, "hint"),
    "_stop": (1, 2, "hint"),
    "_error": (1, 2, "hint"),
    "Problem": (1, 2, "hint"),
    "ExpressionError": (0, 3, "hint"),
    "UnsetError": (0,),
    "UsageError": (0,),
    "NotationError": (0, 1, 2),
    "ArgumentTypeError": (0,),
    "ArgumentError": (1,),
    "complain": (0,),
    "error": (0,),
    "add_argument": ("help",),
    "add_parser": ("help", "description", "epilog"),
    "_Parser": ("description", "epilog"),
    # The name of what is wanted becomes part of a message; one without blanks is a key of the spec language.
    "only": (1,),
    "text_of": (1,),
    "count_of": (1,),
    "flag_of": (1,),
    "choice_of": (2,),
    "name_of": (1,),
    "mapping_of": (1,),
    "items_of": (1,),
    "words_of": (1,),
    "entries_of": (1,),
    "_assignments": (4,),
    "_merged": (3,),
    "_known": (2,),
    "_argument": (2,),
}
#: Two words of English in a row.
PROSE = re.compile(r"[A-Za-z]{2,}[,:;]? [a-z]{2,}")
#: Texts with blanks that are said in no language, and why.
NO_PROSE = {
    "ghost fields": "a key of the spec language",
    "to be": "a key of the spec language",
    "each end": "a word of the spec language",
    "all of ": "a word of the spec language",
    "segment from ": "a word of the spec language",
    "ISN supply of ": "the name of a bound, in data",
    "ISN supply": "the name of a bound, in data",
    "capacity of ": "the name of a bound, in data",
    " of ": "the name of a bound, in data",
    "mapping values": "PyYAML's words, looked for",
    "in + when, check, before + check, rule, ignored, constant, define, segment, queue, variable": "the spec language's keys",
    "{property: quiet, in: open}, {figure: 12}": "two pieces of YAML",
    "not in": "an operator of the spec language",
    "tcpfsm check ": "a command line",
    "tcpfsm figure ": "a command line",
    '    graph [charset="UTF-8", rankdir=TB, nodesep=0.6];': "the DOT language",
    "    node [shape=box, style=rounded, ": "the DOT language",
    '    graph [charset="UTF-8", rankdir=TB, labelloc=t, ': "the DOT language",
    "    node [shape=box, style=rounded, fontsize=11, ": "the DOT language",
    "    edge [fontsize=9, ": "the DOT language",
    "    subgraph cluster_legend {": "the DOT language",
    "        node [fontsize=10];": "the DOT language",
    "        notes [shape=plaintext, style=solid, label=": "the DOT language",
    '; style=rounded; color="#aaaaaa"; fontsize=10; ': "the DOT language",
    'fillcolor="#f6b9b0", style="rounded,filled"': "the DOT language",
    'style=dashed, color="#777777"': "the DOT language",
    'color="#c0392b", penwidth=2': "the DOT language",
    "state limit": "the name of a limit, in data",
    "--onto states, --onto ": "a command line",
    "tcpfsm list ": "a command line",
    "enter STATE, leave STATE, in STATE, snd BIT, sets VARIABLE, delivers, fresh": "words of the spec language",
    "argument ([^:]+): (.*)": "argparse's words, looked for",
}
#: Errors that only a mistake in the code can cause.
INTERNAL = {"ValueError", "RuntimeError", "TypeError"}


def ids(message: Message) -> tuple[str, ...]:
    """Return the texts of a message: one, or singular and plural."""
    return message.id if isinstance(message.id, tuple) else (message.id,)


def strings(message: Message) -> tuple[str, ...]:
    """Return the translations of a message."""
    return message.string if isinstance(message.string, tuple) else (message.string,)


@pytest.fixture(scope="module")
def catalogue() -> Catalog:
    """The catalogue as it is kept."""
    return written()


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., tuple[int, str]]]:
    """Run a command line in this process; return its exit code, and what it said on either output."""
    load_once(monkeypatch)
    monkeypatch.setenv("COLUMNS", "80")

    def run(*arguments: str) -> tuple[int, str]:
        try:
            code = main(arguments)
        except SystemExit as error:  # --help and --version
            code = int(error.code or 0)
        told = capsys.readouterr()
        return code, told.out + told.err

    yield run
    use("en")


# ---- the catalogue ---------------------------------------------------------------------------------------------------


def test_every_text_of_the_code_is_translated(catalogue: Catalog) -> None:
    """What is missing has to be written: python tests/tools/catalogue.py brings the catalogue up to date and lists it."""
    kept = {ids(message) for message in catalogue if message.id}

    assert {ids(message) for message in extracted() if message.id} - kept == set()
    assert [message.id for message in untranslated(catalogue)] == []


def test_nothing_in_the_catalogue_is_obsolete(catalogue: Catalog) -> None:
    """What the code says no longer is taken out."""
    kept = {ids(message) for message in catalogue if message.id}

    assert kept - {ids(message) for message in extracted() if message.id} == set()
    assert list(catalogue.obsolete) == []


def test_a_translation_fills_the_same_placeholders(catalogue: Catalog) -> None:
    """None is forgotten, none is invented; their order is free."""
    wrong = [
        message.id
        for message in catalogue
        if message.id
        and any(set(PLACEHOLDER.findall(text)) != set(PLACEHOLDER.findall(ids(message)[-1])) for text in strings(message))
    ]

    assert wrong == []


def test_a_translation_keeps_the_blanks_and_lines_around_it(catalogue: Catalog) -> None:
    """A text that ends with a colon and a blank is put before something; a line break has its place."""
    assert [
        message.id
        for message in catalogue
        if message.id and ids(message)[0].count("\n") != strings(message)[0].count("\n")
    ] == []


def test_the_compiled_catalogue_is_what_the_text_says(catalogue: Catalog) -> None:
    """Who changes the one compiles the other."""
    assert texts_in(MO.read_bytes()) == texts_in(mo_bytes(catalogue))


def test_bringing_the_catalogue_up_to_date_changes_nothing_now() -> None:
    """It is up to date, and the tool that keeps it writes what it reads."""
    assert is_kept(merged())


def test_texts_are_found_wherever_they_are_marked() -> None:
    """Also within f-strings, within each other, and as plurals."""
    source = 'f"{tr(\'one\')} {x}"; tr(mark("two")); trn("{n} a", "{n} b", n); tr(name); tr("thr" "ee", a=tr("four"))'

    assert list(texts_of(source)) == ["one", "two", ("{n} a", "{n} b"), "three", "four"]


# ---- nothing is said past it -----------------------------------------------------------------------------------------


def unmarked(node: ast.AST) -> Iterator[ast.Constant]:
    """Go through the texts below a node that no call of tr, trn or mark takes."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in KEYWORDS:
        for inner in (*node.args[KEYWORDS[node.func.id] :], *(keyword.value for keyword in node.keywords)):
            yield from unmarked(inner)
    elif isinstance(node, ast.Constant):
        if isinstance(node.value, str):
            yield node
    else:
        for inner in ast.iter_child_nodes(node):
            yield from unmarked(inner)


def is_code(text: str) -> bool:
    """Whether a text is a piece of YAML, or a word of the spec language, rather than a sentence."""
    try:
        value = yaml.safe_load(text)
    except yaml.YAMLError:
        return False
    return isinstance(value, dict | list) or " " not in text.strip()


def spoken_past(source: str) -> list[str]:
    """Return the texts that a call of SPEAKING takes without their having gone through the catalogue."""
    found = []
    for call in ast.walk(ast.parse(source)):
        if not isinstance(call, ast.Call):
            continue
        name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        for place in SPEAKING.get(name, ()):
            if isinstance(place, int):
                arguments = call.args[place : place + 1]
            else:
                arguments = [keyword.value for keyword in call.keywords if keyword.arg == place]
            found += [
                node.value
                for argument in arguments
                if not isinstance(argument, ast.Call) or getattr(argument.func, "id", "") in KEYWORDS
                for node in unmarked(argument)  # what another function returns is looked at there
                if re.search(r"[a-z]{2}", node.value) and not is_code(node.value) and node.value not in NO_PROSE
            ]
    return found


def prose_past(source: str) -> list[str]:
    """Return the texts of a module that are English, have not gone through the catalogue, and are no docstrings."""
    tree = ast.parse(source)
    silent: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            silent.add(id(node.value))  # a docstring
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call) and getattr(node.exc.func, "id", "") in INTERNAL:
            silent |= {id(inner) for inner in ast.walk(node)}
    return [
        node.value
        for node in unmarked(tree)
        if id(node) not in silent and PROSE.search(node.value) and node.value not in NO_PROSE and not is_code(node.value)
    ]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(SOURCES).as_posix())
def test_what_a_user_reads_goes_through_the_catalogue(path: Path) -> None:
    """The calls that speak to users take texts from tr; what stands as it is is a piece of the spec language."""
    assert spoken_past(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(SOURCES).as_posix())
def test_no_english_stands_in_the_code_unmarked(path: Path) -> None:
    """Wherever it may end up: two words in a row are marked, or it is said why they are not."""
    assert prose_past(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("source", "spoken", "prose"),
    [
        ('raise UsageError(f"there is no {name}")', ["there is no "], ["there is no "]),
        ('node.problem("unknown", "see there")', ["see there"], ["see there"]),
        ('node.problem(tr("unknown {x}", x=x), "starts: []")', [], []),
        ('node.problem(tr("in {where}", where="the end of it"))', ["the end of it"], ["the end of it"]),
        ('parser.add_argument("--x", help="all of them")', ["all of them"], ["all of them"]),
        ('lines = ["nothing was found"]', [], ["nothing was found"]),
        ('"""A docstring of a module."""', [], []),
        ('raise ValueError("it cannot be")', [], []),
    ],
)
def test_what_goes_past_the_catalogue_is_found(source: str, spoken: list[str], prose: list[str]) -> None:
    """These two tests can fail."""
    assert (spoken_past(source), prose_past(source)) == (spoken, prose)


def test_every_exception_is_needed() -> None:
    """What no module says any more is taken from the list."""
    said_somewhere = {node.value for path in MODULES for node in unmarked(ast.parse(path.read_text(encoding="utf-8")))}

    assert set(NO_PROSE) - said_somewhere == set()


@pytest.mark.parametrize("name", ["report/text", "report/suite", "report/show", "claims/report", "claims/document"])
def test_the_headings_of_tables_go_through_the_catalogue(name: str) -> None:
    """A row that is written out holds no bare word."""
    tree = ast.parse((SOURCES / f"{name}.py").read_text(encoding="utf-8"))
    rows = [node for outer in ast.walk(tree) if isinstance(outer, ast.List) for node in outer.elts if isinstance(node, ast.List)]

    assert [
        text.value
        for row in rows
        for cell in row.elts
        for text in ([cell] if isinstance(cell, ast.Constant) else [])
        if isinstance(text.value, str) and re.search(r"[a-z]{2}", text.value)
    ] == []


# ---- what is written in YAML -----------------------------------------------------------------------------------------

BESIDE = {"title": "title-zh", "says": "zh", "why": "why-zh", "about": "about-zh", "because": "because-zh", "under": "under-zh"}
SPECS = sorted(spec_folder().rglob("*.yaml"))


def unsaid(value: object, where: str = "") -> Iterator[str]:
    """Go through the places where something is said in English and not in Chinese."""
    if isinstance(value, list):
        for number, item in enumerate(value):
            yield from unsaid(item, f"{where}[{number}]")
    elif isinstance(value, dict):
        for key, item in value.items():
            if key in BESIDE and isinstance(item, str) and not re.search("[一-鿿]", str(value.get(BESIDE[key], ""))):
                yield f"{where}/{key}"
            yield from unsaid(item, f"{where}/{key}")


def unused_words() -> list[str]:
    """Read the words that docs/translating.md says are not used."""
    table = (ROOT / "docs" / "translating.md").read_text(encoding="utf-8").split("| not | but |\n| --- | --- |\n")[1]
    return [line.split(" | ")[0].removeprefix("| ") for line in table.split("\n\n")[0].splitlines()]


def test_words_that_are_not_used_are_not_used() -> None:
    """One term, one word, wherever Chinese is written."""
    catalogue = SOURCES / "i18n" / "locale" / "zh" / "LC_MESSAGES" / "tcpfsm.po"
    texts = [*SPECS, *(ROOT / "docs" / "zh").rglob("*.md"), ROOT / "README.zh.md", catalogue, *(ROOT / "docs" / "coursework").rglob("*.yaml")]
    words = unused_words()

    assert len(words) > 3
    assert [(path.name, word) for path in texts for word in words if word in path.read_text(encoding="utf-8")] == []


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.relative_to(spec_folder()).as_posix())
def test_whatever_a_shipped_file_says_it_says_in_chinese_too(path: Path) -> None:
    """Titles; properties, assumptions, scenarios, variants, figures, claims; and what each state means."""
    root = yaml.safe_load(path.read_text(encoding="utf-8"))
    states = root.get("states", {}) if path.name == "machine.yaml" else {}

    assert list(unsaid(root)) == []
    assert [name for name, state in states.items() if "means" in (state or {}) and "zh" not in state] == []


def test_every_shipped_machine_variant_and_figure_has_a_title() -> None:
    """A name alone does not say what it is."""
    kinds = {"machine.yaml", "variants", "figures"}
    titled = [path for path in SPECS if {path.name, path.parent.name} & kinds]

    assert len(titled) > len(shipped())
    assert [path for path in titled if not yaml.safe_load(path.read_text(encoding="utf-8")).get("title")] == []


# ---- what is said ----------------------------------------------------------------------------------------------------


def test_a_text_without_translation_is_said_in_english() -> None:
    """Better than nothing."""
    use("zh")
    try:
        assert tr("no such text, {name}", name="A") == "no such text, A"
        assert said({"en": "an open connection"}) == "an open connection"
        assert said({"en": "an open connection", "zh": "连接已打开"}) == "连接已打开"
        assert trn("{n} step", "{n} steps", 1) == "1 步"
    finally:
        use("en")
    assert said({"en": "an open connection", "zh": "连接已打开"}) == "an open connection"


def test_what_a_user_wrote_is_never_taken_for_a_placeholder() -> None:
    """Braces in a word of a file stay as they are."""
    assert tr("'{word}' is not {what}", word="{what}", what="{word}") == "'{what}' is not {word}"


def test_a_language_that_there_is_not_is_refused() -> None:
    """By the module, and by the command line, which names the languages."""
    with pytest.raises(ValueError, match="'fr'"):
        use("fr")
    assert chosen() == "en"


@pytest.mark.parametrize(
    ("arguments", "language"),
    [
        (["list", "--lang", "zh"], "zh"),
        (["list", "--lang=zh"], "zh"),
        (["--lang", "zh", "list"], "zh"),
        (["--lang", "zh", "list", "--lang", "en"], "en"),
        (["list"], "en"),
        (["list", "--lang", "fr"], "en"),
        (["show", "--", "--lang", "zh"], "en"),
    ],
)
def test_the_language_is_known_before_anything_is_said(
    arguments: list[str], language: str, run: Callable[..., tuple[int, str]]
) -> None:
    """Wherever the option stands; the last one counts, and what is no language is answered in English."""
    run(*arguments)

    assert chosen() == language


def test_the_language_of_one_command_is_not_that_of_the_next(run: Callable[..., tuple[int, str]]) -> None:
    """It goes back to English by itself."""
    assert "场景" in run("list", "--lang", "zh")[1]
    assert "scenarios" in run("list")[1]


COMMANDS = {
    "holds": ["check", "tcp", "--scenario", "close-in-order", "--property", "quiet"],
    "violated": ["check", "tcp/two-way", "--scenario", "open", "--property", "agreement"],
    "cut": ["check", "tcp", "--scenario", "open", "--max-states", "20", "-v"],
    "nothing to check": ["check", "tcp", "--scenario", "nope"],
    "usage": ["check", "tcp", "--lss", "1"],
    "no number": ["check", "tcp", "--loss", "x"],
    "required": ["copy", "tcp"],
    "no target": ["check", "tcp/nope"],
    "no file": ["check", "nope.yaml"],
    "list": ["list"],
    "list as JSON": ["list", "--format", "json"],
    "show": ["show", "tcp"],
    "show a variant": ["show", "tcp/two-way"],
    "show a state": ["show", "SYN-RECEIVED"],
    "show a property": ["show", "agreement"],
    "show an assumption": ["show", "retransmission-waits"],
    "show nothing": ["show", "nope"],
    "figures": ["figure"],
    "figure": ["figure", "7"],
    "no figure": ["figure", "99"],
    "diagram": ["diagram", "--meanings"],
    "help": ["--help"],
    "help of check": ["check", "--help"],
    "claims": ["claims", "--help"],
    "no claim": ["claims", "nope"],
}


@pytest.mark.parametrize("arguments", COMMANDS.values(), ids=COMMANDS)
def test_a_command_exits_in_chinese_as_it_does_in_english(
    arguments: list[str], run: Callable[..., tuple[int, str]]
) -> None:
    """The language changes what is said, and nothing else; and it does change that."""
    code, english = run(*arguments)
    other, chinese = run(*arguments, "--lang", "zh")

    assert code == other
    assert not re.search("[一-鿿]", english)
    assert re.search("[一-鿿]", chinese)


@pytest.mark.parametrize("arguments", [["check", "tcp", "--scenario", "reset-lost"], ["list"]], ids=["check", "list"])
def test_json_keeps_its_names_and_verdicts(arguments: list[str], run: Callable[..., tuple[int, str]]) -> None:
    """Only sentences are in the language that was asked for."""
    english = json.loads(run(*arguments, "--format", "json")[1])
    chinese = json.loads(run(*arguments, "--format", "json", "--lang", "zh")[1])
    sentences = {"title", "says", "why", "established", "ladder", "differs", "surprises"}

    def same(one: object, other: object, key: str = "") -> bool:
        if isinstance(one, dict) and isinstance(other, dict):
            return one.keys() == other.keys() and all(same(one[name], other[name], name) for name in one)
        if isinstance(one, list) and isinstance(other, list) and key not in sentences:
            return len(one) == len(other) and all(map(same, one, other))
        return key in sentences or one == other

    assert same(english, chinese)
    assert "状态" in json.dumps(chinese, ensure_ascii=False)


def test_the_caret_stands_under_the_word_also_behind_chinese() -> None:
    """Chinese characters take two columns of a terminal, and so do the marks below them."""
    problem = Problem(Place("m.yaml", 3, 12), "no", "", "  {in: 空闲, when: 提问一}", 2)
    _, line, caret = str(problem).splitlines()
    before = line[: line.index("when")]

    assert caret == " " * width(before) + "^^"
    wide = Problem(Place("m.yaml", 3, 18), "no", "", "  {in: 空闲, when: 提问一}", 3)
    assert str(wide).splitlines()[2] == " " * width(line[: line.index("提问一")]) + "^" * 6


@pytest.mark.usefixtures("in_chinese")
def test_hints_and_the_words_of_others_are_chinese_too() -> None:
    """What PyYAML, argparse and the system say is known; what is not is said as it comes."""
    assert did_you_mean("CLOSD", ["CLOSED", "LISTEN"]) == "是不是想写 CLOSED？ 可选：CLOSED, LISTEN"
    assert yaml_reason("expected <block end>, but found '-'") == "应为 <block end>，却是 '-'"
    assert yaml_reason("something new") == "something new"
    assert tr(os.strerror(2)) == "没有这个文件或文件夹"


@pytest.mark.parametrize(
    ("basis", "chinese"),
    [
        (Basis("counterexample", length=1), "最短的反例有 1 步"),
        (Basis("witness", length=4), "最短的见证有 4 步"),
        (Basis("witness", length=1, stopped_because="time limit"), "最短的见证有 1 步；没有追出它的路径（达到时间上限）"),
        (Basis("counterexample", length=4, stopped_because="interrupted"), "最短的反例有 4 步；没有追出它的路径（被中断）"),
        (Basis("no violation", states=6, steps=5), "在全部 6 个状态和 5 步中没有违反"),
        (Basis("no witness", states=6, steps=5), "在全部 6 个状态和 5 步中没有见证"),
        (Basis("no certain violation", depth=2, stopped_because="state limit"), "深度 2 以内没有确定的违反 (达到状态数上限)"),
        (Basis("nothing", stopped_because="interrupted"), "无 (被中断)"),
    ],
)
def test_what_an_answer_rests_on_is_worded_as_the_checker_words_it(basis: Basis, chinese: str) -> None:
    """In English to the letter; in Chinese from the same parts."""
    assert established(basis) == str(basis)
    use("zh")
    try:
        assert established(basis) == chinese
    finally:
        use("en")


@pytest.mark.parametrize(
    ("arguments", "title"),
    [
        (["list", "tcp"], "tcp: TCP 连接管理\n"),
        (["list", "tcp"], "  四次握手\n"),
        (["list", "tcp", "--format", "json"], '"title": "四次握手"'),
        (["show", "tcp"], "tcp: TCP 连接管理 (RFC 9293 §3.10, with verified erratum 8167)\n"),
        (["show", "tcp/rfc1337"], "tcp/rfc1337: TIME-WAIT 忽略 RST\n"),
        (["check", "tcp", "--scenario", "close-in-order", "--property", "quiet"], "tcp: TCP 连接管理\n"),
        (["check", "stop-and-wait", "--recorded"], "stop-and-wait: 带编号的停等协议 (Tanenbaum"),
        (["check", "tcp/two-way", "--scenario", "open", "--property", "agreement"], "tcp/two-way: 两次握手\n"),
        (["figure"], "tcp/12  正常关闭的过程\n"),
        (["figure", "12"], "正常关闭的过程 (RFC 9293 §3.6 figure 12)\n"),
        (["claims", "SYN-and-ACK-share-a-segment", "--format", "json"], '"says": "用于连接同步的基本三次握手"'),
        (["claims", "ping"], "ping: 提问\n"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_title_is_said_in_chinese_wherever_it_is_shown(
    arguments: list[str], title: str, run: Callable[..., tuple[int, str]], ping: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sources stay as they are: they name documents."""
    monkeypatch.chdir(ping.parent)

    assert title in run(*arguments, "--lang", "zh")[1]


def test_a_title_without_chinese_is_said_in_english_and_none_at_all_is_the_name(
    run: Callable[..., tuple[int, str]], ping: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For machines and variants of one's own, each with a title, a Chinese one, both or neither."""
    monkeypatch.chdir(ping.parent)
    machine, variant = ping / "machine.yaml", ping / "variants" / "deaf.yaml"
    english, without = machine.read_text(encoding="utf-8"), variant.read_text(encoding="utf-8")
    said_so = {}
    for case, text, more in (
        ("English", english, "title: no ears\n"),
        ("both", english.replace("title: ask and answer", "title: ask and answer\ntitle-zh: 问与答"), "title: no ears\ntitle-zh: 听不见\n"),
        ("Chinese", english.replace("title: ask and answer", "title-zh: 问与答"), "title-zh: 听不见\n"),
        ("neither", english.replace("title: ask and answer\n", ""), ""),
    ):
        machine.write_text(text, encoding="utf-8")
        variant.write_text(without + more, encoding="utf-8")
        for language in LANGUAGES:
            lines = run("list", "ping", "--lang", language)[1].splitlines()
            said_so[case, language] = lines[0], next(line.split("  ")[-1] for line in lines if line.startswith("    deaf "))

    assert said_so == {
        ("English", "en"): ("ping: ask and answer", "no ears"),
        ("English", "zh"): ("ping: ask and answer", "no ears"),
        ("both", "en"): ("ping: ask and answer", "no ears"),
        ("both", "zh"): ("ping: 问与答", "听不见"),
        ("Chinese", "en"): ("ping: ping", "deaf"),
        ("Chinese", "zh"): ("ping: 问与答", "听不见"),
        ("neither", "en"): ("ping: ping", "deaf"),
        ("neither", "zh"): ("ping: ping", "deaf"),
    }


# ---- goldens ---------------------------------------------------------------------------------------------------------

BROKEN = """\
extends: ping
why: 对端从不回答
changes:
  - {in: IDLE, when: rcv 问, to be: {too: WAIT}}
"""
GOLDENS = {
    "check-two-way": ["check", "tcp/two-way", "--scenario", "open", "--property", "agreement"],
    "check-holds": ["check", "ping", "-v"],
    "list": ["list", "ping"],
    "figures": ["figure"],
    "show": ["show", "ping"],
    "show-variant": ["show", "ping/deaf"],
    "spec-error": ["check", "broken.yaml"],
    "usage-error": ["diagram", "tcp", "--formt", "dot"],
    "help": ["--help"],
}


@pytest.mark.parametrize("name", GOLDENS)
def test_a_chinese_answer_is_the_one_that_was_looked_at(
    name: str, run: Callable[..., tuple[int, str]], ping: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As it stands in tests/golden_zh; TCPFSM_GOLDEN=write writes it anew, to be looked at."""
    (ping.parent / "broken.yaml").write_text(BROKEN, encoding="utf-8")
    monkeypatch.chdir(ping.parent)
    _, text = run(*GOLDENS[name], "--lang", "zh")
    path = GOLDEN / f"{name}.txt"
    if os.environ.get("TCPFSM_GOLDEN") == "write":
        path.write_text(text, encoding="utf-8")

    assert path.read_text(encoding="utf-8") == text


def test_no_golden_is_left_over() -> None:
    """Each belongs to a command."""
    assert {path.stem for path in GOLDEN.iterdir()} == set(GOLDENS)
    assert LANGUAGES == ("en", "zh")


@pytest.mark.usefixtures("in_chinese")
def test_a_scenario_names_its_bounds_in_chinese() -> None:
    """What the network may do, and how many numbers an end has; calls and timeouts keep their names."""
    text = show(Target(protocol("tcp"), scenario="close-in-order"))

    assert [line.split("  ")[1].strip() for line in text.splitlines() if line.startswith("  ") and "假设" not in line] == [
        "网络", "容量", "丢失", "重复", "A CLOSE", "A time-wait timeout", "A 的初始序号个数",
        "B CLOSE", "B time-wait timeout", "B 的初始序号个数",
    ]  # fmt: skip


@pytest.mark.usefixtures("in_chinese")
def test_of_how_many_runs_some_are_not_as_expected_is_said_in_chinese_order() -> None:
    """First the runs, then how many of them, then the size of all."""
    runs = [report(Job("stop-and-wait", "", "in-order"))] * 3
    odd = replace(runs[0], surprises=("!",))
    cut = replace(runs[0], complete=False)
    size = f"{3 * runs[0].states:,} 个状态，{3 * runs[0].steps:,} 步"

    assert f"与预期不符：3 次运行中的 1 次（共 {size}）。" in summary(protocol("stop-and-wait"), [odd, *runs[1:]])
    assert f"中途中止，因而对其余部分不作结论：3 次运行中的 1 次（共 {size}）。" in summary(protocol("stop-and-wait"), [cut, *runs[1:]])
    assert f"一切与预期相符：3 次运行，{size}。" in summary(protocol("stop-and-wait"), runs)


@pytest.mark.usefixtures("in_chinese")
def test_a_figure_has_no_stray_blank_in_a_title() -> None:
    """The word for it is Chinese, its name is not."""
    question: Any = SimpleNamespace(name="half-close")
    figure = Answer(question, "holds", "", "figure", 0, 0, (), "", "")

    assert asked_where(figure, "tcp") == "tcp 中的图 half-close"
    assert asked_where(replace(figure, kind="always"), "tcp") == "tcp 中的 half-close"


# ---- the README in Chinese -------------------------------------------------------------------------------------------


def test_both_readmes_have_the_same_parts() -> None:
    """As many headings, tables, blocks and points, and each names the other at its top."""
    english, chinese = ((ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "README.zh.md"))
    parts = ("^#+ ", "^[|]", "^```", "^- ")

    assert [len(re.findall(part, chinese, re.MULTILINE)) for part in parts] == [
        len(re.findall(part, english, re.MULTILINE)) for part in parts
    ]
    assert "(README.zh.md)" in english.partition("\n## ")[0]
    assert "(README.md)" in chinese.partition("\n## ")[0]


def test_the_chinese_readme_counts_the_claims_right() -> None:
    """As the page of the claims does, which is held to what the checker finds."""
    page = (ROOT / "docs" / "zh" / "claims.md").read_text(encoding="utf-8")
    counts = re.search(r"^\d+ 条论断：.*$", page, re.MULTILINE)

    assert counts is not None
    assert counts[0] in (ROOT / "README.zh.md").read_text(encoding="utf-8")
