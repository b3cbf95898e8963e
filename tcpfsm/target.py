"""What a target on the command line means: a protocol, a variant or scenario of it, or a path of one's own."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tcpfsm.errors import SpecError, UsageError, did_you_mean
from tcpfsm.source import parse, read
from tcpfsm.spec.protocol import MACHINE, Protocol, load_protocol, load_variant
from tcpfsm.spec.scenario import Scenario


@dataclass(frozen=True, slots=True)
class Target:
    """A protocol, and what of it is meant: ``variant`` and ``scenario`` are empty where all is."""

    protocol: Protocol
    variant: str = ""
    scenario: str = ""

    @property
    def name(self) -> str:
        """How the target is written on the command line."""
        part = self.variant or self.scenario
        return f"{self.protocol.name}/{part}" if part else self.protocol.name

    def scenarios(self, *, slow: bool = False) -> list[Scenario]:
        """Return the scenarios that answer for the target: all but exhibits and slow ones, or the one named."""
        if self.scenario:
            return [self.protocol.scenario(self.scenario)]
        every = self.protocol.scenarios.values()
        return [scenario for scenario in every if not scenario.exhibit and (slow or not scenario.slow)]


def spec_folder() -> Path:
    """Return the folder of the protocols that come with the package, installed or in a checkout."""
    installed = Path(__file__).parent / "_spec"
    return installed if installed.is_dir() else Path(__file__).parent.parent / "spec"


def shipped() -> list[str]:
    """Return the names of the protocols that come with the package."""
    return sorted(path.parent.name for path in spec_folder().glob(f"*/{MACHINE}"))


def load_shipped(name: str) -> Protocol:
    """Load a protocol that comes with the package."""
    return load_protocol(spec_folder() / name, f"spec/{name}")


def resolve(text: str) -> Target:
    """Find a target: ``tcp``, ``tcp/two-way``, ``tcp/last-ack-lost``, a folder, or a file of one's own.

    Raises:
        UsageError: there is no such thing.
        SpecError: the files have mistakes.
    """
    name, _, part = text.partition("/")
    if name in shipped() and not Path(text).exists():
        return _part(load_shipped(name), part)
    path = Path(text)
    if path.is_dir():
        if not (path / MACHINE).is_file():
            raise UsageError(f"{text} holds no {MACHINE}: a protocol is a folder with one")
        return Target(load_protocol(path))
    if path.is_file():
        return _file(path)
    if path.parent.is_dir() and (path.parent / MACHINE).is_file():
        return _part(load_protocol(path.parent), path.name)
    raise UsageError(f"'{text}' is neither a protocol nor a file; {did_you_mean(name, shipped())}")


def _part(protocol: Protocol, part: str) -> Target:
    if not part:
        return Target(protocol)
    if part in protocol.variants:
        return Target(protocol, variant=part)
    if part in protocol.scenarios:
        return Target(protocol, scenario=part)
    choices = [*protocol.variants, *protocol.scenarios]
    raise UsageError(f"{protocol.name} has no variant or scenario '{part}'; {did_you_mean(part, choices)}")


def _file(path: Path) -> Target:
    if path.name == MACHINE:
        return Target(load_protocol(path.parent))
    root = parse(read(path))
    if root.has("extends"):
        node = root.get("extends")
        parent = getattr(node, "text", "")
        beside = path.parent / parent
        if parent in shipped():
            protocol = load_shipped(parent)
        elif parent and (beside / MACHINE).is_file():
            protocol = load_protocol(beside)
        else:
            (node or root).problem(f"'{parent}' is not a protocol", did_you_mean(parent, shipped()))
            raise SpecError(root.file.problems)
        return Target(load_variant(path, protocol), variant=path.stem)
    folder = path.parent.parent
    if path.parent.name in ("scenarios", "variants") and (folder / MACHINE).is_file():
        return _part(load_protocol(folder), path.stem)
    raise UsageError(f"{path} is neither a variant (it has no 'extends') nor a part of a protocol's folder")
