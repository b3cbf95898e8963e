"""What several tests of the table-driven engine need."""

from __future__ import annotations

import pytest

from checker.fast import layout, search, state_list, state_set


@pytest.fixture
def tight(monkeypatch: pytest.MonkeyPatch) -> set[int]:
    """Narrow words, states that go into a file, and a table that grows in place, all from the start.

    How many words states had is in the set afterwards.
    """
    monkeypatch.setattr(state_list, "MANY", 8)
    monkeypatch.setattr(state_list, "PIECE", 4)
    monkeypatch.setattr(layout, "BITS", 20)
    monkeypatch.setattr(state_set, "FIRST_COMPILED", 1)
    monkeypatch.setattr(state_set, "COMPACT", 1)
    words: set[int] = set()
    plain = search.Search.prepare

    def noted(self: search.Search) -> None:
        words.add(len(self.layout.words))
        plain(self)

    monkeypatch.setattr(search.Search, "prepare", noted)
    return words
