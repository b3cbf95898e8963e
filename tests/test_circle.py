"""TCP on circles of numbers of any size: what a run finds depends neither on how many numbers there are nor on the first.

That is so as long as no more is on its way than half the circle holds, as RFC 9293 §3.4 presumes; how much is sent in
all does not matter.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tcpfsm.loader.context import DEFAULT_MODULUS
from tcpfsm.loader.load import load_protocol
from tcpfsm.run.run import run
from tests.conftest import SPEC

if TYPE_CHECKING:
    from tcpfsm.run.results import RunReport


class Numbers(NamedTuple):
    """How many numbers there are, and the first that A and B used."""

    modulus: int
    first_of_a: int
    first_of_b: int


class Story(NamedTuple):
    """What happens on an open connection, with whatever numbers."""

    texts_of_a: int
    texts_of_b: int
    closes: bool
    kind: str
    capacity: int
    window: int


PLAIN = Numbers(DEFAULT_MODULUS, 1000, 5000)


def end(numbers: Numbers, mine: int, other: int, texts: int, *, closes: bool) -> str:
    """Write one end of an open connection."""

    def on(number: int, by: int) -> int:
        return (number + by) % numbers.modulus

    calls = f"SEND: {texts}" + (", CLOSE: 1" if closes else "")
    return (
        f"{{calls: {{{calls}}}, start: {{state: ESTABLISHED, ISS: {mine}, SND.UNA: {on(mine, 1)}, SND.NXT: {on(mine, 1)}, "
        f"IRS: {other}, RCV.NXT: {on(other, 1)}, attempt: 1, peer: 1, pairs: [[1, {mine}, 1, {other}]], "
        f"opened: [[1, {mine}, 1, {other}]]}}}}"
    )


def explored(folder: Path, story: Story, numbers: Numbers) -> RunReport:
    """Explore a story with these numbers, everything asked that is asked everywhere."""
    if not folder.exists():
        (folder / "scenarios").mkdir(parents=True)
        for name in ("machine.yaml", "properties.yaml"):
            text = (SPEC / "tcp" / name).read_text(encoding="utf-8")
            kept = [line for line in text.splitlines() if not line.startswith("headline:")]
            (folder / name).write_text("\n".join(kept) + "\n", encoding="utf-8")
    a, b = numbers.first_of_a % numbers.modulus, numbers.first_of_b % numbers.modulus
    (folder / "scenarios" / "story.yaml").write_text(
        f"says: a story\nmodulus: {numbers.modulus}\nconstants: {{RCV.WND: {story.window}}}\n"
        f"A: {end(numbers, a, b, story.texts_of_a, closes=story.closes)}\n"
        f"B: {end(numbers, b, a, story.texts_of_b, closes=story.closes)}\n"
        f"network: {{kind: {story.kind}, capacity: {story.capacity}}}\n",
        encoding="utf-8",
    )
    protocol = load_protocol(folder, "tcp")
    return run(protocol, protocol.scenario("story"))


def told(report: RunReport) -> object:
    """What a run found, without the numbers in it."""
    verdicts = [(found.name, found.verdict, found.trace and found.trace.length) for found in report.properties]
    return report.states, report.steps, report.depth, verdicts


@st.composite
def stories(draw: st.DrawFn) -> tuple[Story, Numbers]:
    """A story, and a circle of which all that can be on its way, and a window as wide, takes less than half."""
    capacity = draw(st.integers(1, 2))
    # What is not acknowledged fills a channel, or its acknowledgments fill the other; a FIN takes a number as well.
    most = 2 * capacity + 1
    modulus = draw(st.integers(2 * most + 1, 4 * most))
    window = draw(st.integers(most, (modulus - 1) // 2))
    story = Story(
        draw(st.integers(0, 1)),
        draw(st.integers(modulus, modulus + 2) if capacity == 1 else st.integers(0, 4)),
        capacity == 2 and draw(st.booleans()),
        draw(st.sampled_from(["bag", "fifo"])),
        capacity,
        window,
    )
    first = st.integers(0, modulus - 1)
    return story, Numbers(modulus, draw(first), draw(first))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for one protocol."""
    return tmp_path_factory.mktemp("circle") / "tcp"


@settings(deadline=None, max_examples=8)
@given(stories())
def test_a_small_circle_tells_the_same_story(folder: Path, drawn: tuple[Story, Numbers]) -> None:
    """Whatever the modulus, and wherever the numbers begin: the same states, steps and verdicts."""
    story, numbers = drawn

    assert told(explored(folder, story, numbers)) == told(explored(folder, story, PLAIN))


@settings(deadline=None, max_examples=5)
@given(st.integers(1, 9), st.integers(0, 3), st.integers(0, 3))
def test_texts_in_order_arrive_once_and_in_order_on_four_numbers(folder: Path, texts: int, a: int, b: int) -> None:
    """However often the numbers come round: nothing that a perfect network delivers is called old or out of place."""
    report = explored(folder, Story(0, texts, False, "fifo", 1, 1), Numbers(4, a, b))

    assert {found.verdict for found in report.properties} == {"holds"}
    assert report.states == 4 * texts
