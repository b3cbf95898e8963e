"""The package as a whole: what it offers, what it does not import, and that hashing does not show."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import checker

ROOT = Path(__file__).parents[2]

PRINT_EVERYTHING = """
from checker import always, can_always, check, quiet
from tests.checker.toys import System, alternating_bit, explored, river
space = explored(alternating_bit(2, losses=1, duplications=1))
for found in space.expansions:
    for step in found.steps:
        print(step)
print(space.bounds_reached, list(space.unanswered), list(space.graph.edges(keys=True)) == [
    (step.before, step.after, step.label) for state in space.graph for step in space.steps_from(state)
])
questions = [always("p", lambda s: s.locals[0][0] < 2), can_always("q", lambda s: s.locals[0][0] == 1), quiet()]
for verdict in check(space, questions):
    print(verdict.verdict, verdict.trace, verdict.established)
print([len(state.locals[0]) for state in explored(System([river()])).order])
"""


def run(code: str, **environment: str) -> str:
    """What a fresh interpreter prints."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return done.stdout


def test_nothing_depends_on_the_hash_seed() -> None:
    """Steps, bounds, verdicts and traces are printed alike by interpreters that hash differently."""
    one, *others = (run(PRINT_EVERYTHING, PYTHONHASHSEED=seed) for seed in ("0", "1", "4242"))

    assert len(one) > 10_000
    assert all(other == one for other in others)


def test_networkx_is_imported_only_by_those_who_ask_for_it() -> None:
    """Importing the package, or a part of it, is quick; exploring and checking need the graph."""
    code = "import checker, sys; print('networkx' in sys.modules, 'tcpfsm' in sys.modules, 'numpy' in sys.modules)"

    assert run(code) == "False False False\n"


def test_without_scipy_graphs_as_arrays_say_how_to_get_them() -> None:
    """The rest of the package works without."""
    code = """
import sys
sys.modules["scipy"] = None
import checker
try:
    import checker.graph.compressed
except ModuleNotFoundError as error:
    print(error)
"""

    assert run(code) == "graphs as arrays need numpy and scipy: pip install 'tcpfsm[graph]'\n"


@pytest.mark.parametrize("module", sorted((ROOT / "checker").glob("*.py")), ids=lambda path: path.stem)
def test_modules_are_small_and_generic(module: Path) -> None:
    """No module has more than 250 lines, or imports the protocol side."""
    text = module.read_text(encoding="utf-8")

    assert len(text.splitlines()) <= 250
    assert "import tcpfsm" not in text
    assert "from tcpfsm" not in text


def test_the_public_names_are_flat() -> None:
    """Everything promised can be had from the package itself."""
    assert all(hasattr(checker, name) for name in checker.__all__)
    assert len(set(checker.__all__)) == len(checker.__all__)
