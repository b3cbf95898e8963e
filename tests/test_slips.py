"""Slips in the values of a spec: a key taken away, values swapped, odd words, numbers and nesting, through the command."""

from __future__ import annotations

import copy
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tcpfsm.cli.main import main

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pytest

ROOT = Path(__file__).parents[1]
FOLDERS = [ROOT / "tests" / "data" / "ping", ROOT / "spec" / "abp", ROOT / "spec" / "stop-and-wait"]
FILES = [(folder, path) for folder in FOLDERS for path in sorted(folder.rglob("*.yaml"))]
ODD: list[Any] = [
    None, True, -1, 0, 10**17, 10**30, "", "~", "a b", "p", "A", "SEG", "state", "none", "segment", "x: y", "{", "状态", "a.b",
    "quiet", "unlimited", [], {}, [[]], {"a": {}}, ["x", "x"], "any-state", "every x in y: z", "<SEQ=1>", "<CTL=ACK>", "rcv ACK",
]  # fmt: skip
TEXTS = [odd for odd in ODD if isinstance(odd, str)]


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Go through the paths of everything within a value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in inner:
        yield (*path, key)
        yield from places(part, (*path, key))


def at(value: Any, path: tuple[Any, ...]) -> Any:
    """Return what stands at a path."""
    for key in path:
        value = value[key]
    return value


@st.composite
def slipped(draw: st.DrawFn, document: Any) -> Any:
    """Change one or two places of a document."""
    document = copy.deepcopy(document)
    for _ in range(draw(st.integers(1, 2))):
        path = draw(st.sampled_from(list(places(document)) or [()]))
        if not path:
            return document
        around, key = at(document, path[:-1]), path[-1]
        match draw(st.sampled_from(["delete", "odd", "other", "rename", "nest"])):
            case "delete":
                del around[key]
            case "odd":
                around[key] = draw(st.sampled_from(ODD))
            case "other":
                around[key] = copy.deepcopy(at(document, draw(st.sampled_from(list(places(document))))))
            case "rename" if isinstance(around, dict):
                around[draw(st.sampled_from(TEXTS))] = around.pop(key)
            case _:
                for _ in range(draw(st.sampled_from([1, 30]))):
                    around[key] = [around[key]]
    return document


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(data=st.data())
def test_a_slip_in_a_value_is_answered_by_the_command(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    """With a verdict, or with the place of the mistake; never as a bug of the tool."""
    folder, path = data.draw(st.sampled_from(FILES), label="file")
    document = data.draw(slipped(yaml.safe_load(path.read_text(encoding="utf-8"))), label="document")
    there = tmp_path_factory.mktemp("slips") / folder.name
    shutil.copytree(folder, there)
    (there / path.relative_to(folder)).write_text(yaml.safe_dump(document, allow_unicode=True, sort_keys=False), encoding="utf-8")
    limits = ["--recorded", "--max-states", "200", "--time-limit", "5", "--no-progress"]
    arguments = ["figure", f"{there}/{path.stem}"] if path.parent.name == "figures" else ["check", str(there), *limits]
    code = main(arguments)

    assert code in (0, 1, 2, 3, 4), capsys.readouterr().err
