"""What the tests of tcpfsm share: a small protocol of their own, and TCP's machine with its scenarios explored."""

from __future__ import annotations

import shutil
import signal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from tcpfsm.errors import SpecError
from tcpfsm.i18n.language import use
from tcpfsm.loader.load import load_protocol
from tcpfsm.loader.protocol import Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tcpfsm.errors import Problem

DATA = Path(__file__).parent / "data"
SPEC = Path(__file__).parents[1] / "spec"

# A shell lets what it starts in the background ignore Ctrl-C, and so does whatever that starts: then no test of an
# interruption would ever end.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# For --hypothesis-profile=thorough: the same examples each time, so that nothing fails by chance.
settings.register_profile("thorough", max_examples=2000, deadline=None, derandomize=True, print_blob=True)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is marked slow, unless ``-m slow`` asks for it: a run of that kind takes minutes and gigabytes."""
    if not config.option.markexpr:
        slow = [item for item in items if item.get_closest_marker("slow")]
        config.hook.pytest_deselected(items=slow)
        items[:] = [item for item in items if item not in slow]


@pytest.fixture
def ping(tmp_path: Path) -> Path:
    """A copy of a protocol small enough to see whole, in which a test can make a mistake."""
    return Path(shutil.copytree(DATA / "ping", tmp_path / "ping"))


@pytest.fixture
def edit(ping: Path) -> Callable[[str, str | None, str], Path]:
    """Replace the one place where a text stands in a file of the small protocol, or with None the whole file."""

    def replace(file: str, old: str | None, new: str) -> Path:
        text = (ping / file).read_text(encoding="utf-8")
        if old is not None:
            assert text.count(old) == 1, f"{file} has {old!r} {text.count(old)} times"
            new = text.replace(old, new)
        (ping / file).write_text(new, encoding="utf-8")
        return ping

    return replace


@pytest.fixture
def in_chinese() -> Iterator[None]:
    """Let everything that is said within a test be said in Chinese."""
    use("zh")
    yield
    use("en")


@pytest.fixture(scope="session")
def tcp() -> Protocol:
    """TCP, as it ships."""
    return load_protocol(SPEC / "tcp", "tcp")


def problems_of(load: Callable[[], object]) -> list[Problem]:
    """Return the problems with which loading fails."""
    with pytest.raises(SpecError) as caught:
        load()
    return list(caught.value.problems)


def shown(problem: Problem) -> str:
    """Write a problem on one line, its hint without the list of choices."""
    hint = problem.hint.partition("choices:")[0].strip()
    return f"{problem.place.line}:{problem.place.column}: {problem.message}" + (f" | {hint}" if hint else "")
