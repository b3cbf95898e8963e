"""Limits: what is refused, and where the memory figure comes from."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

import pytest

from checker import Limits, limits
from checker.limits import MEMORY_EVERY, Progress, Watch

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("name", ["states", "seconds", "memory", "enough"])
def test_a_negative_limit_is_refused(name: str) -> None:
    """Less than nothing cannot be meant."""
    with pytest.raises(ValueError, match=re.escape(f"the limit of {name} is -1; it cannot be negative")):
        Limits(**{name: -1})


def test_without_the_proc_filesystem_the_peak_is_used(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Where the resident set is not told, its peak is: in octets on macOS, in kibibytes elsewhere."""
    pytest.importorskip("resource")
    monkeypatch.setattr(limits, "STATM", tmp_path / "missing")
    elsewhere = limits.resident_bytes()
    monkeypatch.setattr(sys, "platform", "darwin")
    macos = limits.resident_bytes()

    assert elsewhere is not None
    assert macos is not None
    assert elsewhere > 2**20
    assert elsewhere // macos in (1023, 1024)


def test_memory_cannot_be_limited_where_it_is_not_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A limit that cannot be kept is refused, not forgotten."""
    monkeypatch.setattr(limits, "STATM", tmp_path / "missing")
    monkeypatch.setitem(sys.modules, "resource", None)

    assert limits.resident_bytes() is None
    with pytest.raises(ValueError, match="does not tell how much memory is resident"):
        Limits(memory=2**30)


def test_memory_that_is_not_there_is_foreseen(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is about to be taken counts with what is resident; exactly the limit is allowed."""
    monkeypatch.setattr(limits, "resident_bytes", lambda: 1000)
    watch = Watch(Limits(memory=1500))

    assert watch.foresee(0) is None
    assert watch.foresee(500) is None
    assert watch.foresee(501) == "memory limit"


def test_without_a_limit_of_memory_any_piece_may_be_taken() -> None:
    """Nothing is foreseen where nothing is forbidden."""
    assert Watch(Limits()).foresee(2**60) is None


def test_memory_is_looked_at_by_count_and_by_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Among looks that follow fast on each other it is every so many, among slow ones each."""
    asked: list[int] = []

    def told() -> int:
        asked.append(1)
        return 1

    now = 0.0
    monkeypatch.setattr(limits, "monotonic", lambda: now)
    monkeypatch.setattr(limits, "resident_bytes", told)
    watch = Watch(Limits(memory=2))
    asked.clear()

    for _ in range(2 * MEMORY_EVERY):
        assert watch.look(1, 1, 1, 1) is None
    assert len(asked) == 2
    for _ in range(3):
        now += 1.0
        assert watch.look(1, 1, 1, 1) is None
    assert len(asked) == 5


def test_enough_states_end_an_exploration_when_it_next_looks() -> None:
    """As many as that are not yet more."""
    watch = Watch(Limits(enough=10))

    assert watch.look(10, 1, 1, 1) is None
    assert watch.look(11, 1, 1, 1) == "enough states"


def test_progress_has_the_sizes_of_the_levels_where_they_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """An engine that does not tell them reports none."""
    seen: list[Progress] = []
    now = 0.0
    monkeypatch.setattr(limits, "monotonic", lambda: now)
    watch = Watch(Limits(), seen.append)

    now = 1.0
    watch.look(7, 9, 2, 4, [1, 2, 4])
    now = 2.0
    watch.look(8, 9, 2, 4)

    assert [progress.levels for progress in seen] == [(1, 2, 4), ()]
    assert [progress.seconds for progress in seen] == [1.0, 2.0]
