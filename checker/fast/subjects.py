"""What a property is asked of, states, steps or ends, and at which components of a state it looks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from checker.fast.masks import Part, component_names

if TYPE_CHECKING:
    from checker.model.system import System
    from checker.properties.kinds import Property


def parts_of(system: System, question: Property) -> Part:
    """The components of a state that a property looks at, by place."""
    names = component_names(system)
    if question.reads is None:
        return tuple(range(len(names) + 1))
    return tuple(place for place, name in enumerate(names) if name in question.reads)


def is_of_steps(question: Property) -> bool:
    """Whether a property is asked of steps."""
    return question.kind == "step" or (question.kind == "sometimes" and question.of == "step")


def is_of_states(question: Property) -> bool:
    """Whether a property is asked of states."""
    return question.kind in ("always", "sometimes", "can-always") and not is_of_steps(question)


def is_of_ends(question: Property) -> bool:
    """Whether a property is asked of states without steps."""
    return question.kind == "ends"
