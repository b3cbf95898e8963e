"""Random protocols through the loader: both engines answer what is answered without any memory or table."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from checker import Limits, check, explore
from checker.fast.engine import explore_tables
from tcpfsm.errors import SpecError
from tcpfsm.loader.load import load_protocol
from tcpfsm.run.build import build
from tests.random_protocols import Drawing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from checker import Verdict

MOST_STATES = 250


def told(verdicts: Sequence[Verdict]) -> list[Any]:
    """Return what verdicts say, with every step of their traces."""
    return [(one.property.name, one.verdict, one.established, one.trace and one.trace.loop,
             one.trace and [step.label for step in one.trace.steps]) for one in verdicts]  # fmt: skip


def compare(seed: int, variant: str) -> bool:
    """Compare the three ways to explore a protocol; ``False`` if it was not explored to its end."""
    with TemporaryDirectory() as name:
        folder = Path(name) / "drawn"
        Drawing(seed).write(folder)
        protocol = load_protocol(folder)
        slow, plain, fast = (
            build(protocol, protocol.scenario("one"), variant, remembers=remembers) for remembers in (False, True, True)
        )
        try:
            space = explore(slow.system, Limits(states=MOST_STATES))
            wanted = told(check(space, slow.properties))
        except SpecError:  # something is read that has no value: whoever is asked
            return False
        if not space.complete:
            return False
        again = explore(plain.system, Limits(states=MOST_STATES))
        tables = explore_tables(fast.system, fast.properties)

        assert (again.states, again.steps, again.depth, again.bounds_reached) == (
            space.states, space.steps, space.depth, space.bounds_reached)  # fmt: skip
        assert (tables.states, tables.steps, tables.depth, tables.bounds_reached, tables.terminals) == (
            space.states, space.steps, space.depth, space.bounds_reached, len(space.terminals))  # fmt: skip
        assert told(check(again, plain.properties)) == wanted
        assert told(tables.verdicts) == wanted
    return True


@settings(deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 2**32 - 1), st.sampled_from(["", "other"]))
def test_random_protocols_are_answered_as_without_memory(seed: int, variant: str) -> None:
    """States, steps, depth, bounds, verdicts and every step of every trace."""
    assume(compare(seed, variant))
