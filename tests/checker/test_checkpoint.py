"""An exploration that is kept is taken up again to the same answer, whenever it ended; what is not its own is refused."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import pytest

from checker import Limits, always, sometimes
from checker.fast import checkpoint, folder, layout, search, state_list
from checker.fast.checkpoint import Keep
from checker.fast.engine import Exploration, explore_tables
from checker.fast.folder import FILLS, REST, STATES, CheckpointError, Folder
from tests.checker.test_fast import answers, counter, questions, restricted

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.skipif(
    find_spec("numba") is None, reason="numba is not installed (pip install 'tcpfsm[fast]')"
)


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Much is written, often, and words are narrow enough to change on the way."""
    monkeypatch.setattr(search, "COMPILED_CHUNK", 4)
    monkeypatch.setattr(state_list, "MANY", 8)
    monkeypatch.setattr(state_list, "PIECE", 4)
    monkeypatch.setattr(layout, "BITS", 20)
    monkeypatch.setattr(checkpoint, "EVERY", 0.0)


def size(found: Exploration) -> tuple[Any, ...]:
    """Every number that was found, and what was done."""
    return (
        found.states, found.steps, found.depth, found.terminals, found.blocked_terminals, found.bounds_reached, found.stopped_because,
        found.taken, found.refused, found.locals, {outcome.choice for outcome in found.outcomes}, answers(found.verdicts),
    )  # fmt: skip


class StopError(Exception):
    """What ends a process in the middle."""


@pytest.mark.parametrize("seed", [3, 4, 5, 8, 21, 33, 40])
def test_what_stopped_anywhere_goes_on_to_the_same_answer(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is stopped after each piece of work, again and again: what was written after the last checkpoint is forgotten."""
    asked = questions(restricted(seed), reads=bool(seed % 2))
    whole = explore_tables(restricted(seed), asked, Limits(states=3000), compiled=True)
    account = search.Search._account
    keep = Keep(tmp_path, about={"seed": str(seed)})
    done = [0]

    def stopping(self: search.Search, *given: Any) -> None:
        account(self, *given)
        done[0] += 1
        if done[0] % 3 == 0:
            self.states.store()  # more is in the file than was told
            raise StopError

    monkeypatch.setattr(search.Search, "_account", stopping)
    found = None
    while found is None:
        try:
            found = explore_tables(restricted(seed), asked, Limits(states=3000), compiled=True, keep=keep)
        except StopError:
            keep = Keep(tmp_path, resume=True, about=keep.about)

    assert size(found) == size(whole)
    assert done[0] > 3


def test_a_run_that_a_limit_stopped_goes_on_with_another_limit(tmp_path: Path) -> None:
    """What was established is kept."""
    asked = [
        always("few", lambda state: state.locals[0] < 60),
        sometimes("some", lambda state: state.locals[0] == 9),
    ]
    cut = explore_tables(counter(90), asked, Limits(states=30), compiled=True, keep=Keep(tmp_path))
    found = explore_tables(counter(90), asked, compiled=True, keep=Keep(tmp_path, resume=True))
    again = explore_tables(counter(90), asked, compiled=True, keep=Keep(tmp_path, resume=True))

    assert (cut.stopped_because, cut.states <= 30) == ("state limit", True)
    assert size(found) == size(again) == size(explore_tables(counter(90), asked, compiled=True))


def kept(folder: Path) -> None:
    """Keep an exploration there."""
    explore_tables(counter(90), compiled=True, keep=Keep(folder, about={"spec": "one"}))


@pytest.mark.parametrize("name", [STATES, FILLS, REST])
@pytest.mark.parametrize("how", ["shorter", "changed", "emptied"])
def test_what_is_damaged_is_refused(name: str, how: str, tmp_path: Path) -> None:
    """One octet is enough."""
    kept(tmp_path)
    data = bytearray((tmp_path / name).read_bytes())
    if how == "changed":
        data[len(data) // 2] ^= 4
    (tmp_path / name).write_bytes(data[: {"shorter": -1, "changed": len(data), "emptied": 0}[how]])

    with pytest.raises(CheckpointError) as caught:
        explore_tables(counter(90), compiled=True, keep=Keep(tmp_path, resume=True, about={"spec": "one"}))
    assert caught.value.text == folder.DAMAGED


@pytest.mark.parametrize("garbage", [b"", b"\xff\xfe", b"[]\n[]", b"{}", b"0\nnull"])
def test_a_file_that_is_no_checkpoint_is_refused(garbage: bytes, tmp_path: Path) -> None:
    """Whatever it is."""
    (tmp_path / REST).write_bytes(garbage)

    with pytest.raises(CheckpointError, match="damaged"):
        explore_tables(counter(90), compiled=True, keep=Keep(tmp_path, resume=True))


def test_what_is_of_another_run_is_refused(tmp_path: Path) -> None:
    """By what it tells of itself, by its properties, and by what its tables come to."""
    kept(tmp_path)

    def refused(system: Any, asked: Any, about: dict[str, str]) -> str:
        with pytest.raises(CheckpointError) as caught:
            explore_tables(system, asked, compiled=True, keep=Keep(tmp_path, resume=True, about=about))
        assert caught.value.text == checkpoint.OTHER_RUN
        return caught.value.detail

    assert refused(counter(90), [], {"spec": "two"}) == "spec: 'one', not 'two'"
    assert refused(counter(90), [always("a", bool)], {"spec": "one"}) == "properties: '', not 'always a'"
    assert refused(restricted(3), [], {"spec": "one"}) == "tables"


def test_a_folder_without_a_checkpoint_or_with_one_is_told_apart(tmp_path: Path) -> None:
    """Nothing that was kept is lost by mistake."""
    with pytest.raises(CheckpointError) as caught:
        explore_tables(counter(90), compiled=True, keep=Keep(tmp_path / "new", resume=True))
    assert caught.value.text == folder.NOTHING_THERE

    kept(tmp_path)
    before = (tmp_path / REST).read_bytes()
    with pytest.raises(CheckpointError) as caught:
        kept(tmp_path)
    assert caught.value.text == folder.ALREADY_THERE
    assert (tmp_path / REST).read_bytes() == before


@pytest.mark.parametrize("when", [1, 3])
def test_a_disk_that_is_full_is_told_and_what_was_kept_stays(
    when: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether it is found to be full while states are put aside, or while a checkpoint is written."""
    store, calls = state_list.StateList.store, [0]

    def full(self: state_list.StateList) -> None:
        calls[0] += 1
        if calls[0] > when:
            raise OSError(28, "No space left on device")
        store(self)

    with monkeypatch.context() as patch:
        patch.setattr(state_list.StateList, "store", full)
        with pytest.raises(CheckpointError) as caught:
            kept(tmp_path)
    found = explore_tables(
        counter(90), compiled=True, keep=Keep(tmp_path, resume=True, about={"spec": "one"})
    )

    assert (caught.value.text, caught.value.detail) == (folder.NOT_WRITTEN, "No space left on device")
    assert found.states == 91


def test_a_place_that_cannot_be_a_folder_is_refused(tmp_path: Path) -> None:
    """It is a file."""
    (tmp_path / "file").write_text("mine", encoding="utf-8")

    with pytest.raises(CheckpointError) as caught:
        kept(tmp_path / "file")
    assert caught.value.text == folder.NOT_WRITTEN
    assert (tmp_path / "file").read_text(encoding="utf-8") == "mine"


def changing(monkeypatch: pytest.MonkeyPatch, change: Callable[[], object]) -> None:
    """Let something happen when an exploration has been at work for a while."""
    account, done = search.Search._account, [0]

    def and_then(self: search.Search, *given: Any) -> None:
        account(self, *given)
        done[0] += 1
        if done[0] == 10:
            self.states.store()
            change()

    monkeypatch.setattr(search.Search, "_account", and_then)


@pytest.mark.parametrize("resume", [False, True])
def test_a_second_run_on_a_folder_is_refused(
    resume: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether it would begin or take up; the first one goes on, and finds every state."""
    refused: list[str] = []

    def second() -> None:
        with pytest.raises(CheckpointError) as caught:
            explore_tables(counter(90), compiled=True, keep=Keep(tmp_path, resume=resume))
        refused.append(caught.value.text)

    with monkeypatch.context() as patch:
        changing(patch, second)
        found = explore_tables(counter(90), compiled=True, keep=Keep(tmp_path))
    again = explore_tables(counter(90), compiled=True, keep=Keep(tmp_path, resume=True))

    assert refused == [folder.IN_USE if resume else folder.ALREADY_THERE]
    assert found.states == again.states == 91


@pytest.mark.parametrize("how", ["shorter", "changed"])
def test_states_that_somebody_changes_meanwhile_are_never_answered_from(
    how: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is read is what was written, or the run ends."""

    def change() -> None:
        data = bytearray((tmp_path / STATES).read_bytes())
        data[-1] ^= 4
        (tmp_path / STATES).write_bytes(data if how == "changed" else data[:-1])

    changing(monkeypatch, change)
    with pytest.raises(CheckpointError) as caught:
        explore_tables(counter(90), compiled=True, keep=Keep(tmp_path))

    assert (caught.value.text, caught.value.detail) == (folder.DAMAGED, STATES)


HOLDS = """
import sys
from pathlib import Path
from checker.fast.folder import Folder
folder = Folder(Path(sys.argv[1]), resume=False)
print("open", flush=True)
sys.stdin.read()
"""


def test_a_folder_is_locked_as_long_as_the_process_lives(tmp_path: Path) -> None:
    """It is another process that holds it; when it is killed, nothing is left to clean up."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLDS, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "open\n"
        with pytest.raises(CheckpointError) as caught:
            Folder(tmp_path, resume=False)
        child.kill()
        child.wait(timeout=60)

    assert caught.value.text == folder.IN_USE
    opened = Folder(tmp_path, resume=False)
    opened.states.close()
    opened.fills.close()


@pytest.mark.parametrize("name", ["states", "fills", "thesis.txt", "checkpoint.json.new", ".hidden"])
def test_a_folder_with_something_of_the_users_is_refused(name: str, tmp_path: Path) -> None:
    """Whatever it is called; it stays as it is, and nothing is added."""
    (tmp_path / name).write_text("mine", encoding="utf-8")

    with pytest.raises(CheckpointError) as caught:
        Folder(tmp_path, resume=False)
    assert (caught.value.text, caught.value.detail) == (folder.NOT_EMPTY, name)
    assert [(path.name, path.read_text(encoding="utf-8")) for path in tmp_path.iterdir()] == [(name, "mine")]


def test_what_a_run_left_that_kept_nothing_is_used_again(tmp_path: Path) -> None:
    """Its files are there and empty."""
    for name in (STATES, FILLS):
        (tmp_path / name).touch()
    kept(tmp_path)

    assert (tmp_path / REST).exists()


@pytest.mark.skipif(sys.platform == "win32", reason="links and pipes need rights there")
@pytest.mark.parametrize("name", [STATES, FILLS, REST])
@pytest.mark.parametrize("how", ["link", "pipe"])
@pytest.mark.parametrize("resume", [False, True])
def test_links_are_not_followed_and_pipes_not_waited_for(
    name: str, how: str, resume: bool, tmp_path: Path
) -> None:
    """In a new folder as in one that is taken up; what a link leads to stays as it is."""
    place, mine = tmp_path / "kept", tmp_path / "mine"
    place.mkdir()
    if resume:
        for every in (STATES, FILLS, REST):
            (place / every).touch()
        (place / name).unlink()
    mine.write_text("mine", encoding="utf-8")
    if how == "link":
        (place / name).symlink_to(mine)
    else:
        os.mkfifo(place / name)

    with pytest.raises(CheckpointError) as caught:
        Folder(place, resume=resume)
    texts = {folder.DAMAGED} if resume else {folder.NOT_EMPTY, folder.ALREADY_THERE}
    assert caught.value.text in texts
    assert mine.read_text(encoding="utf-8") == "mine"


def test_a_link_in_the_place_of_what_is_written_next_is_replaced(tmp_path: Path) -> None:
    """It is the link that goes, not what it leads to."""
    place, mine = tmp_path / "kept", tmp_path / "mine"
    kept(place)
    mine.write_text("mine", encoding="utf-8")
    (place / f"{REST}.new").symlink_to(mine)
    explore_tables(counter(90), compiled=True, keep=Keep(place, resume=True, about={"spec": "one"}))

    assert mine.read_text(encoding="utf-8") == "mine"
    assert sorted(path.name for path in place.iterdir()) == [REST, FILLS, STATES]


CHILD = """
import sys
from pathlib import Path
from checker.fast import checkpoint
from checker.fast.engine import explore_tables
from tests.checker.test_checkpoint import large
checkpoint.EVERY = 0.05
keep = checkpoint.Keep(Path(sys.argv[1]), resume=sys.argv[2] == "resume")
print(explore_tables(large(), compiled=True, threads=2, keep=keep).states)
"""


def large() -> Any:
    """A system that takes a second or so: counters side by side."""
    from checker import Action, Outcome, System, TableProcess

    acts = {
        (number, way): (Outcome((number + step) % 12),)
        for number in range(12)
        for way, step in (("up", 1), ("far", 5))
    }
    actions = (Action("up", "call"), Action("far", "call"))
    return System([TableProcess(name, 0, actions, acts) for name in "ABCDE"])


@pytest.mark.skipif(sys.platform == "win32", reason="there are no signals that kill")
def test_a_process_that_is_killed_is_taken_up(tmp_path: Path) -> None:
    """At several moments, without warning; the last one comes to the end, and counts every state once."""
    folder = tmp_path / "kept"
    answer = ""
    for pause in (0.02, 0.1, 0.3, 0.2, 0.15, None):
        how = "resume" if folder.exists() and (folder / REST).exists() else "keep"
        child = subprocess.Popen(
            [sys.executable, "-c", CHILD, str(folder), how], stdout=subprocess.PIPE, text=True
        )
        if pause is not None:
            begun = time.monotonic()
            while child.poll() is None and not (folder / REST).exists() and time.monotonic() - begun < 120:
                time.sleep(0.01)
            time.sleep(pause)
            os.kill(child.pid, signal.SIGKILL)
        answer, _ = child.communicate(timeout=300)

    assert answer == f"{12**5}\n"
