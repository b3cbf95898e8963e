"""What holds of the code as a whole: who imports whom, how large a module is, and that the protocol is not in it."""

from __future__ import annotations

import ast
import io
import re
import sys
import tokenize
from pathlib import Path

import pytest

import checker
import tcpfsm
from tcpfsm.loader.target import shipped
from tcpfsm.machine.model import Machine
from tests.suite_runs import protocol

CHECKER = sorted(Path(checker.__file__).parent.rglob("*.py"))
TCPFSM = sorted(Path(tcpfsm.__file__).parent.rglob("*.py"))
TESTS = sorted(Path(__file__).parent.rglob("*.py"))
MODULES = [*CHECKER, *TCPFSM]

#: What the checker may import; all but networkx are extras.
PACKAGES = {"checker", "networkx", "llvmlite", "numba", "numpy", "scipy"}
MOST_LINES = 300
#: Modules that are longer, and why.
LONGER = {
    "checker/fast/kernel.py": "one source for two ways to run it, which the compiler wants in one module",
    "tcpfsm/loader/source.py": "one reader of YAML: its scanner's errors, its nodes and its limits belong together",
    "tcpfsm/machine/endpoint.py": "one algorithm: how a step of a machine is worked out, from the check to the ghosts",
    "tcpfsm/loader/variant.py": "one function a kind of change, and what each may name",
    "tcpfsm/expression/compiler.py": "one function a kind of expression: its type, and what it does",
    "tcpfsm/expression/syntax.py": "one function a kind of expression: the grammar, from top to bottom",
}

#: Words of the protocols in what the code says, and why. They are examples in hints and help, but for the last.
WORDS = {
    "tcpfsm/cli/main.py": ({"TCP"}, "what the tool is, in --help"),
    "tcpfsm/figures/figure.py": ({"CLOSED", "LISTEN", "SEQ", "SYN", "SYN-SENT"}, "the hint of a figure without lines"),
    "tcpfsm/loader/cells.py": ({"SND.UNA"}, "a hint"),
    "tcpfsm/loader/fields.py": ({"SND.NXT"}, "a hint"),
    "tcpfsm/machine/segment.py": ({"BIT"}, "how a segment is written: BIT stands for any control bit"),
    "tcpfsm/loader/draft.py": ({"IDLE"}, "a hint"),
    "tcpfsm/loader/ghosts.py": ({"BIT", "ESTABLISHED", "ISS"}, "hints"),
    "tcpfsm/loader/scenario.py": ({"SEQ", "SYN"}, "a hint"),
    "tcpfsm/loader/variant.py": ({"CLOSED", "rcv SYN"}, "hints"),
    "tcpfsm/drawing/ladder_lines.py": ({"TCP"}, "what the ends are called where a protocol does not say"),
}


def name_of(path: Path) -> str:
    """Name a module by its path from the root."""
    package = Path(checker.__file__).parents[1] if path in CHECKER else Path(tcpfsm.__file__).parents[1]
    return path.relative_to(package).as_posix()


def imports(path: Path) -> set[str]:
    """Return the packages that a module imports, anywhere in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            found.add((node.module or "").partition(".")[0])
    return found


@pytest.mark.parametrize("path", CHECKER, ids=name_of)
def test_the_checker_never_imports_tcpfsm(path: Path) -> None:
    """It is generic; whatever it needs to know it is told."""
    assert imports(path) <= {*PACKAGES, *sys.stdlib_module_names}


@pytest.mark.parametrize("path", TCPFSM, ids=name_of)
def test_nothing_is_imported_that_is_no_dependency(path: Path) -> None:
    """Four packages and the standard library."""
    assert imports(path) <= {"checker", "tcpfsm", "networkx", "transitions", "yaml", *sys.stdlib_module_names}


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_module_is_small(path: Path) -> None:
    """One that is not has a reason; a reason that is no longer needed is taken away."""
    lines = len(path.read_text(encoding="utf-8").splitlines())

    assert lines <= MOST_LINES or name_of(path) in LONGER, f"{lines} lines: divide it, or give a reason"
    assert lines > MOST_LINES - 50 or name_of(path) not in LONGER, "small by now: take it from LONGER"


def test_every_reason_belongs_to_a_module() -> None:
    """Nothing is left over of modules that are gone."""
    assert {*LONGER, *WORDS} <= {name_of(path) for path in MODULES}


@pytest.mark.parametrize("path", [*MODULES, *TESTS], ids=lambda path: path.stem)
def test_everything_public_is_described(path: Path) -> None:
    """Every module, public class, function and method has a docstring that begins with a sentence."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    wanted: list[tuple[str, ast.Module | ast.ClassDef | ast.FunctionDef]] = []
    if tree.body:
        wanted.append((path.stem, tree))
    is_test = path in TESTS
    for node in tree.body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef) and not node.name.startswith("_"):
            wanted.append((node.name, node))
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_") and not is_test:
            wanted += [
                (f"{node.name}.{item.name}", item)
                for item in node.body
                if isinstance(item, ast.FunctionDef) and not item.name.startswith("_") and not node.bases
            ]  # what a method of a derived class does is said where it is first declared
    without = [name for name, node in wanted if not ast.get_docstring(node)]

    assert without == []
    assert [name for name, node in wanted if (ast.get_docstring(node) or "").partition("\n")[0][-1:] not in ".:?"] == []


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_no_text_of_a_user_is_ever_run(path: Path) -> None:
    """A student's file is data: nothing evaluates, executes, unpickles or builds objects from it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            assert called not in {"eval", "exec", "compile", "__import__", "yaml.load", "yaml.unsafe_load", "os.system"}
            assert not called.startswith(("pickle.", "marshal.", "shelve.", "subprocess."))
    assert not imports(path) & {"pickle", "marshal", "shelve", "subprocess", "socket", "http", "urllib", "ctypes"}


def protocol_words(machine: Machine) -> set[str]:
    """Return the words that belong to a protocol: its states, bits, variables, fields, segments and events."""
    names = {*machine.states, *machine.calls, *machine.timeouts, *machine.events}
    names |= {variable.name for variable in machine.variables}
    names |= {*machine.layout.flags, *(field.name for field in machine.layout.fields)}
    return {name for name in names if re.search(r"[A-Z]{3}|-WAIT|\.", name)}


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_no_word_of_a_protocol_is_in_the_code(path: Path) -> None:
    """Everything that a protocol does is in its YAML; in the Python it is named in comments and examples only."""
    words = {word for name in shipped() for word in protocol_words(protocol(name).machine())} | {"MSL", "TCP"}
    pattern = re.compile(rf"(?<![\w.-])(?:{'|'.join(sorted(map(re.escape, words), key=len, reverse=True))})(?![\w-])")
    found = {word for text in _code(path) for word in pattern.findall(text)}

    assert found == WORDS.get(name_of(path), (set(), ""))[0]


def _code(path: Path) -> list[str]:
    """Return the names and texts of a module, without its comments, docstrings, and hints with examples."""
    source = path.read_text(encoding="utf-8")
    docstrings = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            docstrings |= set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    kinds = {tokenize.NAME, tokenize.STRING, getattr(tokenize, "FSTRING_MIDDLE", -1)}
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return [token.string for token in tokens if token.type in kinds and token.start[0] not in docstrings]


@pytest.mark.parametrize("path", [path for path in TESTS if path.name.startswith("test_")], ids=lambda path: path.stem)
def test_the_name_of_a_test_is_a_sentence(path: Path) -> None:
    """It says what holds; and no test is there twice, for then only one of them is run."""
    names = [
        node.name
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    ]

    assert len(names) == len(set(names))
    assert [name for name in names if name.count("_") < 3] == []
