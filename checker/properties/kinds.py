"""Properties: what is asked of a state space.

The state and branching properties are those of computation tree logic (Clarke, Emerson and Sistla,
"Automatic verification of finite-state concurrent systems using temporal logic specifications",
ACM TOPLAS 8(2), 1986): ``always`` is AG, ``sometimes`` is EF, ``can-always`` is AG EF.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from checker.model.expansion import Expansion
    from checker.model.vocabulary import State, Step

PropertyKind = Literal["always", "step", "sometimes", "can-always", "ends", "quiet", "answered"]
BUILT_IN = ("quiet", "answered")
#: The kinds that can hold vacuously: what they are asked of may have none of what they are about.
GUARDED = ("always", "step", "ends")


@dataclass(frozen=True, slots=True)
class Property:
    """A named question; the functions of this module make them, one for each kind.

    - ``always``: the predicate is true of every reachable state.
    - ``step``: the predicate is true of every step.
    - ``sometimes``: the predicate is true of some state, or with ``of="step"`` of some step: a witness.
    - ``can-always``: from every reachable state a state of which the predicate is true can still be reached.
    - ``ends``: the predicate is true of every state without steps, but for those where only a bound is in the way of one
      (``Expansion.blocked_by``): these are ends of the bounds, and are counted (``Basis.blocked``).
    - ``quiet``: no cycle consists of deliveries alone, so the processes do not keep each other busy for ever.
    - ``answered``: whatever is delivered, the process has an outcome for it.

    ``quiet`` and ``answered`` have no predicate.

    ``guard`` is what the predicate is about: where it is false the predicate says nothing and is true. A property that
    holds, and whose guard is true nowhere, holds vacuously (Beer, Ben-David, Eisner and Rodeh, "Efficient detection of
    vacuity in temporal model checking", Formal Methods in System Design 18(2), 2001). It sees what the predicate sees.

    Raises:
        ValueError: the kind is unknown, or does not go with the predicate, the guard or ``of``.
    """

    name: str
    kind: PropertyKind
    predicate: Callable[[Any], bool] | None = None
    of: Literal["state", "step"] = "state"
    #: The processes and channels whose parts of the state (of the state before, of a step) the predicate looks at;
    #: ``None`` is all. Of a step it may look at the label besides, and at the outcome if it reads the acting process.
    reads: tuple[str, ...] | None = None
    guard: Callable[[Any], bool] | None = None

    def __post_init__(self) -> None:
        """Refuse what is not a question."""
        if self.kind not in get_args(PropertyKind):
            kinds = ", ".join(get_args(PropertyKind))
            raise ValueError(f"property {self.name!r}: unknown kind {self.kind!r}; the kinds are {kinds}")
        if (self.predicate is None) != (self.kind in BUILT_IN):
            needs = "takes no predicate" if self.kind in BUILT_IN else "needs a predicate"
            raise ValueError(f"property {self.name!r}: {self.kind} {needs}")
        if self.of != "state" and self.kind != "sometimes":
            raise ValueError(f"property {self.name!r}: only a sometimes can be of a step")
        if self.guard is not None and self.kind not in GUARDED:
            raise ValueError(f"property {self.name!r}: {self.kind} takes no guard")

    def test(self, thing: State | Step) -> bool:
        """Whether the predicate is true of a state or step; a built-in kind has nothing to test."""
        return self.predicate is None or bool(self.predicate(thing))

    def is_about(self, thing: State | Step) -> bool:
        """Whether the predicate says something of a state or step of which it is true."""
        return self.guard is None or bool(self.guard(thing))


def always(name: str, predicate: Callable[[State], bool]) -> Property:
    """The predicate is true of every reachable state."""
    return Property(name, "always", predicate)


def every_step(name: str, predicate: Callable[[Step], bool]) -> Property:
    """The predicate is true of every step."""
    return Property(name, "step", predicate)


def sometimes(name: str, predicate: Callable[[State], bool]) -> Property:
    """The predicate is true of some reachable state."""
    return Property(name, "sometimes", predicate)


def sometimes_step(name: str, predicate: Callable[[Step], bool]) -> Property:
    """The predicate is true of some step."""
    return Property(name, "sometimes", predicate, of="step")


def can_always(name: str, goal: Callable[[State], bool]) -> Property:
    """From every reachable state a goal can still be reached."""
    return Property(name, "can-always", goal)


def ends(name: str, predicate: Callable[[State], bool]) -> Property:
    """The predicate is true of every reachable state without steps."""
    return Property(name, "ends", predicate)


def quiet(name: str = "quiet") -> Property:
    """No cycle consists of deliveries alone."""
    return Property(name, "quiet")


def answered(name: str = "answered") -> Property:
    """Every message that is delivered has an outcome."""
    return Property(name, "answered")


def violated_at(properties: Iterable[Property]) -> Callable[[State, Expansion], bool]:
    """What ``explore`` needs as ``stop_when`` to stop at the first violation.

    Only ``always``, ``step``, ``ends`` and ``answered`` can be refuted by one state and its steps;
    the other kinds do not stop an exploration.
    """
    asked = tuple(properties)

    def refuted(question: Property, state: State, expansion: Expansion) -> bool:
        if question.kind == "always":
            return not question.test(state)
        if question.kind == "step":
            return not all(question.test(step) for step in expansion.steps)
        if question.kind == "ends":
            return expansion.is_end and not question.test(state)
        return question.kind == "answered" and bool(expansion.unanswered)

    return lambda state, expansion: any(refuted(question, state, expansion) for question in asked)
