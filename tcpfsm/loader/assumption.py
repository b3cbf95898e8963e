"""Assumptions: what is taken for granted in a scenario, as restrictions of the steps that it has."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from checker.model.vocabulary import Attempt, Label, Restriction, Step
from tcpfsm.i18n.language import tr
from tcpfsm.loader.context import names_in
from tcpfsm.loader.draft import Draft
from tcpfsm.loader.fields import FRESH, flag_of, line_of, mapping_of, name_of, texts_of, words_of
from tcpfsm.loader.reads import NUMBER_TAKEN, Observed, Read, Reads, Seen
from tcpfsm.loader.source import Mapping as MappingNode
from tcpfsm.loader.source import Node, Scalar

ASSUMPTION_KEYS = ("says", "zh", "source", "step", "only-if", "idle")


@dataclass(frozen=True, slots=True)
class AssumptionSpec:
    """An assumption as written: steps of one kind are enabled only if something is true."""

    name: str
    says: Mapping[str, str]
    source: str
    steps: tuple[str, ...]
    node: MappingNode
    #: Whether it is a condition that scenarios are written to meet, so that it need not take a step away.
    idle: bool = False


def read_assumption(key: Scalar, node: Node) -> AssumptionSpec | None:
    """Read an assumption; mistakes are recorded on its file."""
    name = name_of(key, tr("an assumption"))
    item = mapping_of(node, tr("the assumption '{name}'", name=name))
    if item is None:
        return None
    item.only(ASSUMPTION_KEYS, tr("an assumption"))
    for needed in ("says", "step", "only-if"):
        if item.get(needed) is None:
            item.problem(tr("the assumption '{name}' needs '{needed}'", name=name, needed=needed))
    steps = tuple(word.text for word in words_of(item.get("step"), "step"))
    says = texts_of(item, "says", "zh")
    return AssumptionSpec(name, says, line_of(item.get("source"), "source"), steps, item, flag_of(item.get("idle"), "idle"))


def check_numbers(assumption: AssumptionSpec, protocol: str, drafts: Iterable[Draft]) -> None:
    """Refuse an assumption about steps that take a number where no rule takes one: it would rule nothing out.

    Args:
        assumption: the mistake is recorded on its file.
        protocol: what the protocol is called.
        drafts: the machine, and all variants of it.
    """
    if FRESH in assumption.steps and not any(_takes_number(draft) for draft in drafts):
        for word in words_of(assumption.node.get("step"), "step"):
            if word.text == FRESH:
                word.problem(tr("no rule of {protocol} takes an initial sequence number", protocol=protocol), "set: {NAME: fresh}")


def _takes_number(draft: Draft) -> bool:
    rules = (entry.fields.get("set") for entries in draft.cells.values() for entry in entries)
    values = (value for item in rules if isinstance(item, MappingNode) for _, value in item.entries)
    return any(isinstance(value, Scalar) and FRESH in names_in(value.text, {}) for value in values)


@dataclass(frozen=True, slots=True)
class Assumed:
    """An assumption that is compiled: ``run`` says of a frame whether a step is possible, ``reads`` what it looks at.

    ``supplies`` are the initial sequence numbers that each end may take.
    """

    spec: AssumptionSpec
    run: Callable[[Observed], Any]
    reads: Reads
    supplies: tuple[tuple[int, ...], ...]

    def restrictions(self, channels: tuple[str, ...], *, remembers: bool = True) -> tuple[Restriction, ...]:
        """Make the restrictions of the checker.

        Args:
            channels: the names of all channels.
            remembers: whether it is said what they look at; else they are asked of every state.

        Returns:
            One restriction; or one for each end, where nothing but the end that acts is looked at. Their answers are then
            remembered by the local state of that end alone.
        """
        if not remembers:
            return (self._restriction(None),)
        reads = self.reads
        looks_at_actor = "p" in reads.whose or reads.is_of_outcome or FRESH in self.spec.steps
        if reads.whose <= {"p"} and not reads.is_of_flight:
            return tuple(self._restriction((end,) if looks_at_actor else (), end) for end in reads.ends)
        components = reads.components(channels)
        ends = reads.ends if looks_at_actor else ()
        return (self._restriction((*ends, *(name for name in components if name not in ends))),)

    def _restriction(self, components: tuple[str, ...] | None, actor: str = "") -> Restriction:
        """Make the restriction of the steps of one end, or of both."""
        wanted, with_number = frozenset(self.spec.steps), FRESH in self.spec.steps

        def is_named(label: Label) -> bool:
            return label.kind in wanted or label.action in wanted

        def concerns(label: Label) -> bool:
            mine = actor in ("", self.reads.ends[self._actor(label)])
            return mine and (is_named(label) or (with_number and label.kind in ("deliver", "timeout", "call")))

        def allows(attempt: Attempt) -> bool:
            label = attempt.label
            if not concerns(label):
                return True
            numbers = self._taken(attempt) if with_number else ()
            if not numbers and not is_named(label):
                return True
            end = self._actor(label)
            # A restriction is asked before the step is taken: all values are those of the state before it.
            step = Step(attempt.before, label, attempt.outcome, attempt.before)
            given: tuple[Mapping[Read, Any], ...] = tuple({NUMBER_TAKEN: number} for number in numbers) or ({},)
            return all(bool(self.run(Observed(Seen(self.reads, step, end, one), end))) for one in given)

        return Restriction(f"{self.spec.name} of {actor}" if actor else self.spec.name, allows, components, concerns)

    def _actor(self, label: Label) -> int:
        """Return the place of the end that takes the step, or that sent what is lost or copied."""
        if label.kind in ("lose", "duplicate"):
            return 0 if label.channel.startswith(self.reads.ends[0]) else 1
        return self.reads.ends.index(label.actor)

    def _taken(self, attempt: Attempt) -> tuple[int, ...]:
        """Return the initial sequence numbers that an end takes in a step, in order."""
        if attempt.outcome is None:
            return ()
        end = self._actor(attempt.label)
        return self.supplies[end][attempt.before.locals[end].drawn : attempt.outcome.after.drawn]
