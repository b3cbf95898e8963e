"""Limits: what is refused, and where the memory figure comes from."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

import pytest

from checker import Limits, limits

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("name", ["states", "seconds", "memory"])
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
