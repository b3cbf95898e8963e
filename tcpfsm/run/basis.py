"""What an answer rests on, in the language of the process."""

from __future__ import annotations

from checker import Basis
from tcpfsm.i18n.language import tr, trn


def established(basis: Basis) -> str:
    """Say in the language of the process what an answer rests on."""
    if basis.length is not None:
        if basis.finding == "witness":
            found = trn("a shortest witness has {n} step", "a shortest witness has {n} steps", basis.length)
        else:
            found = trn("a shortest counterexample has {n} step", "a shortest counterexample has {n} steps", basis.length)
        if basis.bounds:
            found = tr("{found}; a bound may be why", found=found)
        if basis.stopped_because is None:
            return found
        return tr("{found}; it was not traced ({reason})", found=found, reason=tr(basis.stopped_because))
    finding = tr(basis.finding)
    if basis.stopped_because is None:
        found = tr("{finding} in all {states} states and {steps} steps", finding=finding, states=basis.states, steps=basis.steps)
        return tr("{found}, but in {count} that only a bound makes ends", found=found, count=basis.blocked) if basis.blocked else found
    if basis.depth is not None:
        finding = tr("{finding} up to depth {depth}", finding=finding, depth=basis.depth)
    return f"{finding} ({tr(basis.stopped_because)})"
