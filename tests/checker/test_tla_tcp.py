"""The public TLA+ model of TCP: another model checker's numbers, found here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from checker import always, check, replay, sometimes
from tests.checker.tla_tcp import TlaTcp
from tests.checker.toys import explored

if TYPE_CHECKING:
    from checker import State


def test_the_numbers_are_those_recorded_for_tlc() -> None:
    """1182 distinct states, 6322 generated, depth 14."""
    model = TlaTcp()
    space = explored(model)
    generated = len(model.initials) + sum(len(model.successors(state)) for state in space.order)

    assert (space.states, generated, space.depth + 1) == (1182, 6322, 14)
    assert space.complete


def test_the_recorded_invariant_holds() -> None:
    """With nothing in flight, either both ends are ESTABLISHED or neither is; and both can be."""

    def agree(state: State) -> bool:
        (one, _), (other, _) = state.locals
        return any(state.channels) or (one == "ESTABLISHED") == (other == "ESTABLISHED")

    def connected(state: State) -> bool:
        return not any(state.channels) and {local[0] for local in state.locals} == {"ESTABLISHED"}

    model = TlaTcp()
    invariant, witness = check(explored(model), [always("agree", agree), sometimes("connected", connected)])

    assert invariant.verdict == witness.verdict == "holds"
    assert replay(model, witness.trace) == witness.trace.final
    assert [step.label.message for step in witness.trace.steps] == ["SYN", "SYN,ACK", "ACK"]


def test_the_two_ends_are_symmetric() -> None:
    """Exchanging the ends maps the space onto itself."""
    states = set(explored(TlaTcp()).order)

    assert {
        state._replace(locals=state.locals[::-1], channels=state.channels[::-1]) for state in states
    } == states
