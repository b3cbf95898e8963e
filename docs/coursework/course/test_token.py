"""Grades token/machine.yaml: one test for each property in each scenario, with its points.

The machine is data and is never executed; tcpfsm reads it and explores it within limits.
Only the machine is the student's: it is checked together with the properties and scenarios of grading/, in a fresh folder.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
#: The points of each property, by scenario. They make 20.
POINTS = {
    "for-ever": {"one-token": 5, "token-survives": 1, "A-can-have-it": 2, "B-can-have-it": 2, "only-PASS-gives-it-away": 1, "quiet": 1},
    "overtaken": {"one-token": 5, "token-survives": 1, "only-PASS-gives-it-away": 1, "quiet": 1},
}
#: Nothing counts in a scenario in which this cannot happen: a token that never moves breaks no promise.
WITNESS = "there-and-back"
LIMITS = ["--max-states", "20000", "--time-limit", "60", "--memory-limit", "500M"]


@pytest.fixture(scope="session")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]] | str:
    """What tcpfsm says of the machine: the properties of each scenario by name, or why it could not be read."""
    folder = Path(shutil.copytree(HERE / "grading", tmp_path_factory.mktemp("graded") / "token"))
    shutil.copy(HERE / "token" / "machine.yaml", folder)
    command = [sys.executable, "-m", "tcpfsm", "check", "token", "--format", "json", *LIMITS]
    done = subprocess.run(command, cwd=folder.parent, capture_output=True, text=True, encoding="utf-8", check=False)
    if done.returncode not in (0, 1, 3):
        return done.stderr
    runs = json.loads(done.stdout)["runs"]
    return {run["scenario"]: {found["name"]: found for found in run["properties"]} for run in runs}


@pytest.mark.parametrize(
    ("scenario", "name", "points"),
    [(scenario, name, points) for scenario, names in POINTS.items() for name, points in names.items()],
)
def test_the_machine(
    answers: dict[str, dict[str, Any]] | str, record_property: Callable[..., None], scenario: str, name: str, points: int
) -> None:
    """The property holds, in a scenario in which the token moves at all."""
    record_property("points", points)
    if isinstance(answers, str):
        is_first = (scenario, name) == next((scenario, name) for scenario, names in POINTS.items() for name in names)
        pytest.fail(f"The machine cannot be checked.\n{answers if is_first else ''}", pytrace=False)
    for asked in (WITNESS, name):
        found = answers[scenario][asked]
        if found["verdict"] != "holds":
            pytest.fail(feedback(scenario, found), pytrace=False)


def feedback(scenario: str, found: dict[str, Any]) -> str:
    """Say what is wrong, and draw it."""
    lines = [f"{found['name']} in {scenario}: {found['verdict']}", found["says"], f"({found['established']})"]
    if found["verdict"] == "violated" and found["trace"] is not None:
        lines += ["", *found["trace"]["ladder"]]
    return "\n".join(lines)
