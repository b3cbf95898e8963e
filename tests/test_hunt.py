"""The hunt finds what is planted, makes it as small as it can be, and can be repeated."""

from __future__ import annotations

import pytest

from tests.suite_runs import protocol
from tests.tools.hunt import Hunt
from tests.tools.hunt_families import NAMES, trial
from tests.tools.hunt_trials import End, Finding, Trial, scenario_of, smaller, smallest, tried

#: Two messages: an old SYN opens a connection that nobody asked for. The rest of the trial has nothing to do with it.
ROOMY = Trial(
    "made", 0,
    {
        "A": End({"active OPEN": 2, "SEND": 1, "CLOSE": 1}, {"retransmission timeout": 1, "time-wait timeout": None}, (1000, 2000)),
        "B": End({"passive OPEN": 2, "ABORT": 1}, {"time-wait timeout": None}, (100_000, 101_000, 102_000)),
    },
    loss=1, duplication=1, window=3,
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
