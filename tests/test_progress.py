"""Progress: what is said while a space is explored, and what stays."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from checker import Progress
from tcpfsm.i18n.language import use
from tcpfsm.terminal import progress
from tcpfsm.terminal.growth import Growth, growth, rounded
from tcpfsm.terminal.progress import Meter

if TYPE_CHECKING:
    from collections.abc import Iterator

#: The levels of a space of 273,715 states: TCP's delayed-syn with two losses and two duplications.
LEVELS = (
    1, 1, 4, 9, 22, 54, 101, 202, 370, 701, 1253, 2117, 3542, 5798, 8823, 13267, 20200, 30369, 40462, 42780, 36867, 26459,
    16825, 9588, 6528, 3827, 2160, 916, 356, 94, 19,
)  # fmt: skip
SO_FAR = Progress(123_456, 400_000, 12, 5_000, 2.0, 300 * 2**20)


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        """Tell the time."""
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Let the meter look at such a clock, on a wide terminal."""
    found = Clock()
    monkeypatch.setattr(progress.time, "monotonic", found.monotonic)
    monkeypatch.setattr(progress, "peak_bytes", lambda: 512 * 2**20)
    monkeypatch.setenv("COLUMNS", "200")
    return found


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    yield
    use("en")


# ---- compiling ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("terminal", [True, False])
def test_a_compiler_at_work_is_told_of_at_once_and_in_one_line(
    clock: Clock, capsys: pytest.CaptureFixture[str], terminal: bool
) -> None:
    """It compiles some twenty functions, and nothing else moves meanwhile."""
    meter = Meter(2, terminal=terminal)
    meter.begin(0, "ping lifetime")
    for _ in range(3):
        clock.now += 0.5
        meter.show(Progress(0, 0, 0, 0, 1.0, None, compiling=True))
    text = capsys.readouterr().err

    assert text == ("\r" if terminal else "") + "[1/2] ping lifetime: compiling the kernel, once; it is kept on disk" + (
        "" if terminal else "\n"
    )


# ---- growth ------------------------------------------------------------------------------------------------------------


def test_levels_that_grow_have_a_ratio_and_no_end_in_sight() -> None:
    """Until two in a row are smaller than the one before."""
    assert growth(LEVELS[:10]) == Growth(pytest.approx(701 / 370), None)
    assert growth(LEVELS[:20]) == Growth(pytest.approx(42780 / 40462), None)
    assert growth(LEVELS[:21]) == Growth(pytest.approx(36867 / 42780), None)


@pytest.mark.parametrize("known", range(22, len(LEVELS) + 1))
def test_levels_that_shrink_tell_the_size_of_the_space(known: int) -> None:
    """To within a twentieth here, from the second smaller level on."""
    found = growth(LEVELS[:known])

    assert found is not None
    assert found.states == pytest.approx(sum(LEVELS), rel=0.05)


@pytest.mark.parametrize("levels", [(), (1,), (1, 2), (1, 0, 0, 0)])
def test_of_too_few_levels_nothing_is_said(levels: tuple[int, ...]) -> None:
    """Nor of empty ones."""
    assert growth(levels) is None


@pytest.mark.parametrize("levels", [(100, 90, 81, 73, 66, 59, 53), (100, 99, 97, 94, 90, 89, 88), (64, 32, 16, 8, 4, 2)])
def test_levels_whose_ratio_does_not_fall_have_no_end_in_sight(levels: tuple[int, ...]) -> None:
    """They may shrink like this for ever, or for how long nobody knows."""
    found = growth(levels)

    assert found is not None
    assert found.ratio < 1
    assert found.states is None


def test_an_estimate_has_two_digits() -> None:
    """More would be a lie."""
    assert [rounded(number) for number in (0.4, 9.6, 12.4, 99.9, 123, 7_250_001, 995_000)] == [0, 10, 12, 100, 120, 7_300_000, 1_000_000]


# ---- the line on a terminal --------------------------------------------------------------------------------------------


def test_progress_is_shown_after_a_moment_on_one_line(clock: Clock, capsys: pytest.CaptureFixture[str]) -> None:
    """States, rate, depth, what is left to expand, memory; and the line is cleared in the end."""
    meter = Meter(3)
    meter.begin(1, "tcp open")
    meter.show(SO_FAR)
    assert capsys.readouterr().err == ""

    clock.now += Meter.PATIENCE
    meter.show(SO_FAR)
    meter.show(SO_FAR._replace(seconds=0.0, memory=None))
    meter.end()
    told = capsys.readouterr()
    first, second, *cleared = told.err.removeprefix("\r").split("\r")

    assert told.out == ""
    assert first == "[2/3] tcp open: 123,456 states, 61,728/s, depth 12, 5,000 to expand, 300 MiB"
    assert second.rstrip() == "[2/3] tcp open: 123,456 states, 0/s, depth 12, 5,000 to expand"
    assert len(second) == len(first)
    assert "".join(cleared).strip() == ""


@pytest.mark.parametrize(
    ("known", "told"),
    [
        (2, ""),
        (10, "; levels grow ×1.9"),
        (21, ""),
        (22, "; levels shrink: about 260,000 states in all, some 6 s to go"),
    ],
)
def test_progress_says_how_the_levels_grow(known: int, told: str, clock: Clock, capsys: pytest.CaptureFixture[str]) -> None:
    """The level that is being found is no level yet, so it does not count."""
    meter = Meter(1)
    clock.now += Meter.PATIENCE
    meter.show(Progress(220_000, 0, known - 1, 20_000, 20.0, None, (*LEVELS[:known], 5)))

    assert capsys.readouterr().err.strip().partition(" to expand")[2] == told


def test_a_line_never_gets_wider_than_the_terminal(
    clock: Clock, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It could not be written over: the name is left out first, then what does not fit; a Chinese sign takes two columns."""
    texts = {}
    for language, columns in (("en", 90), ("en", 70), ("en", 20), ("zh", 20)):
        use(language)
        monkeypatch.setenv("COLUMNS", str(columns))
        meter = Meter(1)
        meter.begin(0, "tcp/some-variant a-scenario-with-a-name")
        clock.now += Meter.PATIENCE
        meter.show(SO_FAR)
        texts[language, columns] = capsys.readouterr().err.strip("\r")
        assert meter.width < columns

    assert texts["en", 90] == texts["en", 70] == "123,456 states, 61,728/s, depth 12, 5,000 to expand, 300 MiB"
    assert texts["en", 20] == texts["en", 90][:19]
    assert len(texts["zh", 20]) < 19


def test_many_short_jobs_are_counted_on_the_line(clock: Clock, capsys: pytest.CaptureFixture[str]) -> None:
    """None of them reports anything by itself; the line changes twice a second at most."""
    meter = Meter(30)
    for number in range(30):
        meter.begin(number, f"job {number + 1}")
        clock.now += 0.2
        meter.finish(1, 1, 1)

    assert capsys.readouterr().err.split("\r")[1:4] == ["[11/30] job 11", "[14/30] job 14", "[17/30] job 17"]


def test_progress_that_was_never_shown_is_not_cleared(capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing at all is written then."""
    Meter(1).end()

    assert capsys.readouterr().err == ""


# ---- what stays --------------------------------------------------------------------------------------------------------


def test_a_log_gets_a_line_now_and_then(clock: Clock, capsys: pytest.CaptureFixture[str]) -> None:
    """Each after half as long again as the one before; the next job begins anew."""
    meter = Meter(2, terminal=False)
    lines = []
    for number in range(2):
        meter.begin(number, "tcp open")
        for tenth in range(1, 101):
            clock.now += 0.1
            meter.show(SO_FAR)
            if capsys.readouterr().err == f"[{number + 1}/2] tcp open: 123,456 states, 61,728/s, depth 12, 5,000 to expand, 300 MiB\n":
                lines.append((number, tenth / 10))

    assert [(number, round(seconds)) for number, seconds in lines] == [(0, 2), (0, 3), (0, 5), (0, 7), (1, 2), (1, 3), (1, 5), (1, 7)]


@pytest.mark.parametrize("terminal", [True, False])
def test_the_statistics_of_a_job_stay(terminal: bool, clock: Clock, capsys: pytest.CaptureFixture[str]) -> None:
    """States, steps, depth, seconds, rate, peak memory; on a terminal in the place of the line."""
    meter = Meter(2, terminal=terminal)
    meter.begin(0, "tcp open")
    clock.now += 14.2
    meter.show(SO_FAR)
    line = capsys.readouterr().err
    meter.finish(7_213_236, 50_000_000, 39)

    cleared = "\r" + " " * (len(line) - 1) + "\r" if terminal else ""
    statistics = "7,213,236 states, 50,000,000 steps, depth 39 in 14.2 s, 510,000 states/s, at most 512 MiB of memory"
    assert capsys.readouterr().err == f"{cleared}[1/2] tcp open: {statistics}\n"


def test_a_short_job_leaves_no_statistics(
    clock: Clock, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nor is memory named where the platform does not tell."""
    monkeypatch.setattr(progress, "peak_bytes", lambda: None)
    meter = Meter(1)
    meter.begin(0, "tcp open")
    clock.now += 1.9
    meter.finish(1, 1, 1)
    assert capsys.readouterr().err == ""

    clock.now += 0.1
    meter.finish(20, 30, 4)
    assert capsys.readouterr().err == "[1/1] tcp open: 20 states, 30 steps, depth 4 in 2.0 s, 10 states/s\n"


def test_nobody_listening_is_no_reason_to_stop(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """The work goes on."""

    class Closed:
        def write(self, _: str) -> None:
            raise BrokenPipeError

    meter = Meter(1)
    clock.now += 5
    for stream in (Closed(), None):
        monkeypatch.setattr("sys.stderr", stream)
        meter.show(SO_FAR)
        meter.finish(1, 1, 1)
