"""A protocol as it was read: its machine, properties, scenarios, variants and claims."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

from tcpfsm.errors import SpecError, UsageError, did_you_mean
from tcpfsm.i18n.language import tr
from tcpfsm.loader.claim import Chapter, Claim
from tcpfsm.loader.compile import compile_machine
from tcpfsm.loader.context import Settings
from tcpfsm.loader.draft import Draft
from tcpfsm.loader.property import PropertyFile
from tcpfsm.loader.scenario import Scenario
from tcpfsm.loader.source import Mapping as MappingNode
from tcpfsm.loader.source import Scalar, SourceFile
from tcpfsm.loader.variant import Variant, patched
from tcpfsm.machine.model import Machine


@dataclass(slots=True)
class Protocol:
    """A protocol that was read and found without mistakes; machines are compiled when they are asked for."""

    name: str
    folder: Path
    draft: Draft
    properties: PropertyFile
    scenarios: dict[str, Scenario]
    variants: dict[str, Variant]
    files: list[SourceFile]
    drafts: dict[str, Draft] = field(default_factory=dict)
    #: What is said of the protocol, file by file.
    chapters: tuple[Chapter, ...] = ()

    @property
    def claims(self) -> dict[str, Claim]:
        """All claims by name."""
        return {name: claim for chapter in self.chapters for name, claim in chapter.claims.items()}

    def events(self) -> tuple[str, ...]:
        """List the events that a segment can be, for the machine or for any of its variants."""
        nodes = [check.fields.get("event") for check in self.draft.checks]
        for change in (change for variant in self.variants.values() for change in variant.changes):
            target = change.get("to be")
            nodes += [change.get("event"), target.get("event") if isinstance(target, MappingNode) else None]
        return tuple(dict.fromkeys(node.text for node in nodes if isinstance(node, Scalar) and node.text != "none"))

    def draft_of(self, variant: str) -> Draft:
        """Return the draft of a variant, or of the machine itself for an empty name."""
        if not variant:
            return self.draft
        if variant not in self.drafts:
            self.drafts[variant] = patched(self.draft, self.variants[variant])
        return self.drafts[variant]

    def machine(self, variant: str = "", settings: Settings | None = None) -> Machine:
        """Compile the machine, or a variant of it.

        Raises:
            SpecError: the variant or the scenario's settings do not fit.
        """
        machine = compile_machine(self.draft_of(variant), settings)
        self.raise_problems()
        return machine

    def raise_problems(self) -> None:
        """Raise SpecError if any file has a problem."""
        problems = [problem for file in self.files for problem in file.problems]
        if problems:
            raise SpecError(problems)

    def scenario(self, name: str) -> Scenario:
        """Return a scenario by name.

        Raises:
            UsageError: there is none.
        """
        if name not in self.scenarios:
            hint = did_you_mean(name, self.scenarios)
            raise UsageError(tr("{protocol} has no scenario '{name}'; {hint}", protocol=self.name, name=name, hint=hint))
        return self.scenarios[name]

    def with_variant(self, variant: Variant, files: list[SourceFile]) -> Protocol:
        """Return the protocol with one more variant, as read from a file of one's own."""
        return replace(self, variants={**self.variants, variant.name: variant}, files=[*self.files, *files], drafts={})
