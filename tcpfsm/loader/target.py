"""What a target on the command line means: a protocol, a variant or scenario of it, or a path of one's own."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tcpfsm.errors import Place, Problem, SpecError, UsageError, did_you_mean
from tcpfsm.i18n.language import tr
from tcpfsm.loader.folder import MACHINE, PROPERTIES, meant
from tcpfsm.loader.load import load_protocol, load_variant
from tcpfsm.loader.protocol import Protocol
from tcpfsm.loader.scenario import Scenario
from tcpfsm.loader.source import parse, read


@dataclass(frozen=True, slots=True)
class Target:
    """A protocol, and what of it is meant: ``variant`` and ``scenario`` are empty where all is.

    ``written`` is how the protocol or variant is written on a command line, where that is not its name.
    """

    protocol: Protocol
    variant: str = ""
    scenario: str = ""
    written: str = ""

    @property
    def name(self) -> str:
        """How the target is written on the command line."""
        part = self.variant or self.scenario
        return f"{self.protocol.name}/{part}" if part else self.protocol.name

    @property
    def command(self) -> str:
        """How the protocol or variant is written on a command line, so that it is found again."""
        return self.written or (f"{self.protocol.name}/{self.variant}" if self.variant else self.protocol.name)

    def scenarios(self, *, slow: bool = False) -> list[Scenario]:
        """Return the scenarios that answer for the target: all but exhibits and slow ones, or the one named."""
        if self.scenario:
            return [self.protocol.scenario(self.scenario)]
        every = self.protocol.scenarios.values()
        return [scenario for scenario in every if not scenario.exhibit and (slow or not scenario.slow)]


def spec_folder() -> Path:
    """Return the folder of the protocols that come with the package, installed or in a checkout."""
    package = Path(__file__).parents[1]
    installed = package / "_spec"
    return installed if installed.is_dir() else package.parent / "spec"


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
    if not text:
        raise UsageError(tr("a target has a name; choices: {names}", names=", ".join(shipped())))
    try:
        return _resolved(text)
    except OSError as error:
        raise UsageError(tr("'{path}' cannot be read: {reason}", path=text[:100], reason=tr(str(error.strerror)))) from None


def _resolved(text: str) -> Target:
    name, _, part = text.partition("/")
    path = Path(text)
    if name in shipped() and not is_own(path):
        return _part(load_shipped(name), part)
    if path.is_dir():
        if not (path / MACHINE).is_file():
            slips = [one.name for one in sorted(path.iterdir()) if meant(one) == MACHINE]
            if slips:
                problem = Problem(Place(f"{text}/{slips[0]}", 1, 1), tr("this is not read"), tr("what is read is called {name}", name=MACHINE))
                raise SpecError([problem])
            raise UsageError(tr("{path} holds no {file}: a protocol is a folder with one", path=text, file=MACHINE))
        return Target(load_protocol(path), written=text)
    if path.is_file():
        return _file(path)
    if (path.parent / MACHINE).is_file():
        return _part(load_protocol(path.parent), path.name, path.parent)
    raise UsageError(tr("'{name}' is neither a protocol nor a file; {hint}", name=text, hint=did_you_mean(name, shipped())))


def is_own(path: Path) -> bool:
    """Whether a path leads to something of the user's own, which then goes before what is shipped by that name."""
    inside = len(path.parts) > 1 and (path.parent / MACHINE).is_file()
    return inside or (path / MACHINE).is_file() or (path.suffix == ".yaml" and path.is_file())


def _part(protocol: Protocol, part: str, folder: Path | None = None) -> Target:
    if not part:
        return Target(protocol)
    if part in protocol.variants:
        return Target(protocol, variant=part, written="" if folder is None else str(folder / part))
    if part in protocol.scenarios:
        return Target(protocol, scenario=part, written="" if folder is None else str(folder))
    choices = [*protocol.variants, *protocol.scenarios]
    raise UsageError(tr("{protocol} has no variant or scenario '{name}'; {hint}", protocol=protocol.name, name=part, hint=did_you_mean(part, choices)))


def _file(path: Path) -> Target:
    within = path.resolve().parent.name
    folder = path.parent.parent if path.parent.name else Path("..")
    if path.name in (MACHINE, PROPERTIES) and (path.parent / MACHINE).is_file():
        return Target(load_protocol(path.parent), written=str(path))
    if within in ("scenarios", "variants") and (folder / MACHINE).is_file():
        return _part(load_protocol(folder), path.stem, folder)
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
            (node or root).problem(tr("'{word}' is not a protocol", word=parent), did_you_mean(parent, shipped()))
            raise SpecError(root.file.problems)
        return Target(load_variant(path, protocol), variant=path.stem, written=str(path))
    raise UsageError(tr("{path} is neither a variant (it has no 'extends') nor a part of a protocol's folder", path=path))
