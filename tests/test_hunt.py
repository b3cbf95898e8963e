"""The hunt finds what is planted, makes it as small as it can be, and can be repeated."""

from __future__ import annotations

import pytest

from tests.suite_runs import protocol
from tests.tools.hunt import Hunt
from tests.tools.hunt_families import NAMES, trial
from tests.tools.hunt_trials import End, Finding, Trial, explained, scenario_of, smaller, smallest, tried

#: Two messages: an old SYN opens a connection that nobody asked for. The rest of the trial has nothing to do with it.
ROOMY = Trial(
    "made", 0,
    {
        "A": End({"active OPEN": 2, "SEND": 1, "CLOSE": 1}, {"retransmission timeout": 1, "time-wait timeout": None}, (1000, 2000)),
        "B": End({"passive OPEN": 2, "ABORT": 1}, {"time-wait timeout": None}, (100_000, 101_000, 102_000)),
    },
    loss=1, duplication=1, window=3,
)  # fmt: skip
OLD_TEXT = Trial(
    "made", 1,
    {"A": End(), "B": End({"passive OPEN": 1, "CLOSE": 1}, {}, (300,))},
    planted=(("B", "<SEQ=90><CTL=SYN>"), ("B", "<SEQ=91><ACK=250><DATA=1><CTL=ACK>")),
)  # fmt: skip
STRAY = Trial(
    "made", 2,
    {"A": End({"active OPEN": 1}, {}, (1000,)), "B": End({"passive OPEN": 1}, {}, (100_000,))},
    planted=(("A", "<SEQ=100001><ACK=1001><DATA=1><CTL=ACK>"),),
)  # fmt: skip
LIMIT = 2_000


@pytest.mark.parametrize("family", NAMES)
def test_a_trial_is_made_from_its_family_and_number_alone(family: str) -> None:
    """And what it writes is read as a scenario that says the same."""
    one = trial(protocol("tcp"), family, 3)
    scenario = scenario_of(one)

    assert one == trial(protocol("tcp"), family, 3)
    assert one != trial(protocol("tcp"), family, 4)
    assert not scenario.node.file.problems
    assert (scenario.network.kind, scenario.network.capacity, scenario.modulus) == (one.network, one.capacity, one.modulus)
    assert [tuple(end.isn) for end in scenario.ends.values()] == [end.isn for end in one.ends.values()]


def test_what_is_planted_is_found_and_the_rest_taken_away() -> None:
    """Of two messages: a SYN opens, whoever sent it; neither loss nor copy, nor text, nor a second OPEN is needed."""
    hunt = Hunt(protocol("tcp"), "two-way", LIMIT, frozenset(("agreement", "no-stale-connection")))
    hunt.look(ROOMY)
    least = next(found for (name, _), found in hunt.groups.items() if name == "no-stale-connection")

    assert hunt.trials["made"] == 1
    assert (least.trial.loss, least.trial.window, dict(least.trial.ends["A"].calls).get("SEND")) == (0, 10, None)
    assert "no-stale-connection: 1 trials" in hunt.summary()
    assert any("rcv SYN > ESTABLISHED" in step for step in least.shape)


def test_nothing_more_can_be_taken_away_from_the_smallest() -> None:
    """Whatever is taken away from it, the property holds."""
    found = tried(protocol("tcp"), ROOMY, LIMIT, "no-stale-connection", "two-way")
    least = smallest(protocol("tcp"), Finding(ROOMY, found, found.properties[0]), LIMIT, "two-way")

    for one in smaller(least.trial):
        assert tried(protocol("tcp"), one, least.run.states, "no-stale-connection", "two-way").verdict != "violated"


def test_the_base_machine_gives_none_of_it() -> None:
    """The same trial, three messages."""
    hunt = Hunt(protocol("tcp"), "", LIMIT, frozenset(("agreement", "no-stale-connection")))
    hunt.look(ROOMY)

    assert hunt.groups == {}


def test_a_known_cause_is_told_and_no_other() -> None:
    """Old text gets in since the user closed in SYN-RECEIVED, whatever the numbers are; a stray in the window, whatever the user does."""
    assert explained(protocol("tcp"), _violated(OLD_TEXT, "text-once-and-in-order"), LIMIT) == ("close-waits-for-synchronization",)
    assert explained(protocol("tcp"), _violated(STRAY, "text-once-and-in-order"), LIMIT) == ()


def test_a_violation_that_is_not_explained_comes_first() -> None:
    """Of the old text and the stray together: what the assumption takes away stands below, with the assumption."""
    hunt = Hunt(protocol("tcp"), "", LIMIT, frozenset(("text-once-and-in-order",)))
    hunt.look(OLD_TEXT)
    hunt.look(STRAY)
    groups = [part for part in hunt.summary().split("\n\n") if part.startswith("== ")]

    assert len(groups) == 2
    assert "gone under" not in groups[0]
    assert "gone under close-waits-for-synchronization" in groups[1]


def test_what_came_with_a_syn_waits_for_the_acknowledgment_of_ours() -> None:
    """CLOSE in SYN-RECEIVED, and nothing else: the machine keeps what came with the SYN."""
    hunt = Hunt(protocol("tcp"), "", LIMIT)
    hunt.look(Trial("made", 0, {"A": End(), "B": End({"passive OPEN": 1, "CLOSE": 1}, {}, (300,))}, planted=(("B", "<SEQ=991><DATA=1><CTL=SYN>"),)))

    assert hunt.groups == {}


def _violated(one: Trial, name: str) -> Finding:
    found = tried(protocol("tcp"), one, LIMIT, name)
    assert found.verdict == "violated"
    return Finding(one, found, found.properties[0])
