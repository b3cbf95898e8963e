"""Goldens: answers of the command line that were looked at once, and are compared to the letter.

A golden changes on purpose only: look at the difference before it is committed, and say why in the commit.

    TCPFSM_GOLDEN=write python -m pytest tests/test_report.py
    git diff tests/golden

``GOLDENS`` says which command line gave which file; a file that no longer belongs to one fails a test.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from tcpfsm.loader.target import shipped
from tests.suite_runs import protocol

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = Path(__file__).parent / "golden"
FIGURES = [str(number) for number in range(6, 14)]


def _goldens() -> Iterator[tuple[str, list[str]]]:
    for number in FIGURES:
        yield f"figure-{number}", ["figure", number]
    for name in shipped():
        for scenario in protocol(name).scenarios.values():
            for broken in scenario.expected.violated if scenario.exhibit and scenario.expected else ():
                target = f"{name}/{scenario.name}"
                yield f"{name}-exhibit-{scenario.name}-{broken}", ["check", target, "--property", broken]
        for variant in protocol(name).variants.values():
            target = f"{name}/{variant.name}"
            yield f"{name}-variant-{variant.name}", ["check", target, "--scenario", variant.shows[0]]
            yield f"{name}-show-{variant.name}", ["show", target]
        yield f"{name}-show", ["show", name]
        yield f"{name}-diagram.mmd", ["diagram", name]
        yield f"{name}-diagram.dot", ["diagram", name, "--format", "dot"]
        yield f"{name}-diagram-all.mmd", ["diagram", name, "--all", "--meanings"]


GOLDENS = dict(_goldens())


def path_of(name: str) -> Path:
    """Return where a golden is kept."""
    return FOLDER / f"{name}.txt"


def compare(name: str, text: str) -> None:
    """Hold a text against its golden; or, where that is asked for, make it the golden."""
    if os.environ.get("TCPFSM_GOLDEN") == "write":
        FOLDER.mkdir(exist_ok=True)
        path_of(name).write_text(text, encoding="utf-8")

    assert path_of(name).read_text(encoding="utf-8") == text
