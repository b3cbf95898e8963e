"""Scenarios: the question that is put to a machine, with everything that bounds it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from tcpfsm.errors import did_you_mean
from tcpfsm.i18n.language import tr
from tcpfsm.loader.fields import (
    choice_of,
    count_of,
    entries_of,
    flag_of,
    items_of,
    line_of,
    mapping_of,
    text_of,
    texts_of,
    words_of,
)  # fmt: skip
from tcpfsm.loader.source import Mapping as MappingNode
from tcpfsm.loader.source import Node, Scalar

ENDS = ("A", "B")
KEYS = (
    "says", "zh", "source", "family", *ENDS, "timeouts", "network", "assumes", "constants", "modulus", "properties", "without",
    "expect", "slow", "exhibit", "twin", "idle", "start",
)  # fmt: skip
END_KEYS = ("calls", "timeouts", "isn", "start")
NETWORK_KEYS = ("kind", "capacity", "loss", "duplication", "planted")
PLANTED_KEYS = ("to", "segment")
EXPECT_KEYS = ("states", "steps", "depth", "violated")
CHANNEL_KINDS = ("bag", "fifo", "set")
VERDICTS = ("holds", "violated", "inconclusive")
MIN_MODULUS = 2
MAX_MODULUS = 2**32


@dataclass(frozen=True, slots=True)
class EndSpec:
    """What one end may do: how often each call and timeout, which ISNs it may use, and where it starts.

    A limit of None is unlimited. ``start`` is a map of values, the name of a start, or None.
    """

    calls: Mapping[str, int | None] = field(default_factory=dict)
    timeouts: Mapping[str, int | None] = field(default_factory=dict)
    isn: tuple[int, ...] = ()
    start: Node | None = None


@dataclass(frozen=True, slots=True)
class Network:
    """The network between the ends; it has one channel each way. None is unlimited."""

    kind: str = "bag"
    capacity: int | None = None
    loss: int | None = 0
    duplication: int | None = 0
    planted: tuple[tuple[str, Node], ...] = ()


@dataclass(frozen=True, slots=True)
class Expected:
    """What was recorded: counts (None where nothing was), and for each property that fails the length of its trace.

    A property that is not named is expected to hold. A length of None means that there is no trace to count.
    """

    states: int | None = None
    steps: int | None = None
    depth: int | None = None
    violated: Mapping[str, int | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Scenario:
    """A whole scenario."""

    name: str
    says: Mapping[str, str]
    source: str
    #: Scenarios of one family are one line of the suite's report.
    family: str
    ends: Mapping[str, EndSpec]
    network: Network
    assumes: tuple[str, ...]
    constants: Mapping[str, int]
    modulus: int
    properties: tuple[str, ...]
    without: tuple[str, ...]
    #: None where nothing was recorded: then a run is held against nothing.
    expected: Expected | None
    slow: bool
    exhibit: bool
    twin: str
    #: What it has though it makes no difference there: names of assumptions, ``A CLOSE``, ``loss``, ``duplication``.
    idle: tuple[str, ...]
    #: The timeouts that may happen and are given to both ends in one place.
    shared: tuple[str, ...]
    #: The name of the start of both ends, which the values of an end stand above; None where none is named.
    start: Scalar | None
    node: MappingNode
    #: Whether its bounds were changed from what the file says, so that what was recorded does not apply.
    rebounded: bool = False

    def bounded(self, *, loss: int | None = None, duplication: int | None = None, capacity: int | None = None) -> Scenario:
        """Return the scenario with other bounds; what was recorded does not apply to it."""
        if loss is duplication is capacity is None:
            return self
        network = replace(
            self.network,
            loss=self.network.loss if loss is None else loss,
            duplication=self.network.duplication if duplication is None else duplication,
            capacity=self.network.capacity if capacity is None else capacity,
        )
        return replace(self, network=network, rebounded=True)

    def bounds(self) -> dict[str, Any]:
        """Return everything that bounds the space, as data; ``unlimited`` where there is no bound."""
        network = self.network
        found: dict[str, Any] = {
            "network": network.kind,
            "capacity": "unlimited" if network.capacity is None else network.capacity,
            "loss": "unlimited" if network.loss is None else network.loss,
            "duplication": "unlimited" if network.duplication is None else network.duplication,
        }
        for name, end in self.ends.items():
            for action, limit in {**end.calls, **end.timeouts}.items():
                found[f"{name} {action}"] = "unlimited" if limit is None else limit
            found[f"{name} ISNs"] = len(end.isn)
        return found


def read_scenario(name: str, root: MappingNode) -> Scenario:
    """Read a scenario file; mistakes are recorded on the file. Names of the machine are checked when it is built."""
    root.only(KEYS, tr("a scenario"))
    if root.get("says") is None:
        root.problem(tr("a scenario needs a sentence"), tr("says: what happens in it, for people"))
    shared = _limits(root.get("timeouts"), "timeouts")
    ends = {end: _end(root.get(end), end, shared) for end in ENDS}
    says = texts_of(root, "says", "zh")
    modulus = count_of(root.get("modulus"), "modulus") if root.get("modulus") is not None else MAX_MODULUS
    if modulus is not None and not MIN_MODULUS <= modulus <= MAX_MODULUS:
        (root.get("modulus") or root).problem(tr("a modulus lies between {least} and {most}", least=MIN_MODULUS, most=MAX_MODULUS))
        modulus = MAX_MODULUS
    constants = {
        key.text: count_of(node, tr("the constant {name}", name=key.text)) or 0
        for key, node in entries_of(root.get("constants"), "constants")
    }
    return Scenario(
        name=name,
        says=says,
        source=line_of(root.get("source"), "source"),
        family=line_of(root.get("family"), "family"),
        ends=ends,
        network=_network(root.get("network")),
        assumes=tuple(word.text for word in words_of(root.get("assumes"), "assumes")),
        constants=constants,
        modulus=modulus or MAX_MODULUS,
        properties=tuple(word.text for word in words_of(root.get("properties"), "properties")),
        without=tuple(word.text for word in words_of(root.get("without"), "without")),
        expected=_expected(root.get("expect")),
        slow=flag_of(root.get("slow"), "slow"),
        exhibit=flag_of(root.get("exhibit"), "exhibit"),
        twin=text_of(root.get("twin"), "twin") or "",
        shared=tuple(name for name, limit in shared.items() if limit != 0),
        idle=tuple(word.text for word in words_of(root.get("idle"), "idle")),
        start=_start_name(root.get("start")),
        node=root,
    )


def _limits(node: Node | None, what: str) -> dict[str, int | None]:
    found: dict[str, int | None] = {}
    for key, value in entries_of(node, what):
        limit = count_of(value, tr("how often {event} may happen", event=key.text), unlimited=True)
        found[key.text] = limit
    return found


def _end(node: Node | None, name: str, shared: dict[str, int | None]) -> EndSpec:
    item = mapping_of(node, tr("the end {name}", name=name))
    if item is None:
        return EndSpec(timeouts=shared)
    item.only(END_KEYS, tr("an end"))
    isn = tuple(
        found for part in items_of(item.get("isn"), "isn") if (found := count_of(part, tr("an ISN"))) is not None
    )
    return EndSpec(
        calls=_limits(item.get("calls"), "calls"),
        timeouts={**shared, **_limits(item.get("timeouts"), "timeouts")},
        isn=isn,
        start=_start(item.get("start")),
    )


def _start(node: Node | None) -> Node | None:
    return node if isinstance(node, Scalar) else mapping_of(node, "start")


def _start_name(node: Node | None) -> Scalar | None:
    if node is None or (isinstance(node, Scalar) and node.text):
        return node
    node.problem(tr("the start of both ends is the name of one of the machine's starts"), "start: established")
    return None


def _network(node: Node | None) -> Network:
    item = mapping_of(node, "network")
    if item is None:
        return Network()
    item.only(NETWORK_KEYS, tr("a network"))
    planted = []
    for part in items_of(item.get("planted"), "planted"):
        entry = mapping_of(part, tr("a planted segment"))
        if entry is None:
            continue
        entry.only(PLANTED_KEYS, tr("a planted segment"))
        target = choice_of(entry.get("to"), ENDS, tr("an end"))
        segment = entry.get("segment")
        if target is None or segment is None:
            entry.problem(tr("a planted segment says where it goes to and what it is"), "{to: B, segment: <SEQ=90><CTL=SYN>}")
        else:
            planted.append((target, segment))
    kind = "bag" if item.get("kind") is None else choice_of(item.get("kind"), CHANNEL_KINDS, tr("a kind of network"))
    numbers: dict[str, int | None] = {"capacity": None, "loss": 0, "duplication": 0}
    for key in numbers:
        if item.get(key) is not None:
            numbers[key] = count_of(item.get(key), key, unlimited=True)
    return Network(kind or "bag", numbers["capacity"], numbers["loss"], numbers["duplication"], tuple(planted))


def _expected(node: Node | None) -> Expected | None:
    item = mapping_of(node, "expect")
    if item is None:
        return None
    item.only(EXPECT_KEYS, tr("an expectation"))
    counts = {
        key: count_of(item.get(key), key) if item.get(key) is not None else None for key in ("states", "steps", "depth")
    }
    return Expected(counts["states"], counts["steps"], counts["depth"], expected_violations(item.get("violated")))


def expected_violations(node: Node | None) -> dict[str, int | None]:
    """Read ``violated: {property: length of its trace}``; a length of ``none`` stands where there is no trace."""
    found: dict[str, int | None] = {}
    for key, value in entries_of(node, "violated"):
        if isinstance(value, Scalar) and value.text == "none":
            found[key.text] = None
        else:
            found[key.text] = count_of(value, tr("the length of a trace"))
    return found


def check_names(scenario: Scenario, calls: tuple[str, ...], timeouts: tuple[str, ...], constants: Mapping[str, Any]) -> None:
    """Record every call, timeout or constant that the machine does not have."""
    for end in ENDS:
        item = scenario.node.get(end)
        if isinstance(item, MappingNode):
            _known(item.get("calls"), calls, tr("a call of this protocol"))
            _known(item.get("timeouts"), timeouts, tr("a timeout of this protocol"))
    _known(scenario.node.get("timeouts"), timeouts, tr("a timeout of this protocol"))
    _known(scenario.node.get("constants"), tuple(constants), tr("a constant of this protocol"))
    has = [*scenario.assumes, *(name for name, limit in (("loss", scenario.network.loss), ("duplication", scenario.network.duplication)) if limit != 0)]
    has += [*scenario.shared, *(f"{end} {event}" for end in ENDS for event in (*scenario.ends[end].calls, *scenario.ends[end].timeouts))]
    for word in words_of(scenario.node.get("idle"), "idle"):
        if word.text not in has:
            word.problem(tr("the scenario has no '{word}' that could be idle", word=word.text), did_you_mean(word.text, has))


def _known(node: Node | None, choices: tuple[str, ...], what: str) -> None:
    for key, _ in entries_of(node, tr("a map")):
        if key.text not in choices:
            key.problem(tr("'{word}' is not {what}", word=key.text, what=what), did_you_mean(key.text, choices))
