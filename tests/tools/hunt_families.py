"""The families of the hunt: what each varies, and within which limits. A trial is made from its family and number alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from random import Random
from typing import Any

import checker
from tcpfsm.loader.protocol import Protocol
from tcpfsm.loader.scenario import ENDS
from tcpfsm.machine.endpoint import Local
from tcpfsm.machine.model import Machine
from tcpfsm.machine.segment import Segment
from tcpfsm.run.build import build
from tests.tools.hunt_trials import FAR, End, Trial, far, scenario_of

CALLS = ("active OPEN", "passive OPEN", "SEND", "CLOSE", "ABORT", "crash")
TIMEOUTS = ("retransmission timeout", "user timeout")
#: What old segments may say of TIME-WAIT's timeout; the last two make 2MSL as long as it is meant to be.
ASSUMED = ((), ("time-wait-outlives-segments",), ("time-wait-outlives-segments", "time-wait-outlives-peer-retransmission"))
BITS = ("SYN", "SYN,ACK", "ACK", "FIN,ACK", "RST", "RST,ACK", "FIN", "SYN,FIN", "SYN,RST", "")
WRAP = 2**32
#: Of this many states a state is taken to start from.
HARVEST = 2_000


def life(random: Random, family: str, number: int) -> Trial:
    """Return two ends that open, send, close and abort in any order, once or twice, over any network; numbers are far."""
    ends = {}
    for name in ENDS:
        opens = random.choice(((1, 0), (2, 0), (2, 0), (0, 1), (1, 1))) if name == "A" else random.choice(((0, 1), (0, 1), (0, 2), (1, 0), (1, 1)))
        calls: dict[str, int | None] = {call: count for call, count in zip(CALLS[:2], opens, strict=True) if count}
        for call, chance in zip(CALLS[2:], (0.4, 0.4, 0.3, 0.1), strict=True):
            if random.random() < chance:
                calls[call] = 2 if call == "SEND" and random.random() < 0.3 else 1
        timeouts: dict[str, int | None] = {"time-wait timeout": None}
        for timeout, chance in zip(TIMEOUTS, (0.25, 0.1), strict=True):
            if random.random() < chance:
                timeouts[timeout] = 1
        ends[name] = End(calls, timeouts, far((0,) * (sum(opens) + 1), name))
    return Trial(
        family, number, ends, network=random.choice(("bag", "bag", "bag", "fifo", "set")), capacity=random.choice((2, 2, 3, 4)),
        loss=random.choice((0, 0, 1)), duplication=random.choice((0, 0, 1)), assumes=random.choice(ASSUMED),
    )  # fmt: skip


def near(random: Random, family: str, number: int) -> Trial:
    """Return a life in which a number lies near the one before it, above or below, sometimes across the wrap."""
    trial = life(random, family, number)
    return replace(trial, ends={name: replace(end, isn=_near(random, end.isn, trial.window)) for name, end in trial.ends.items()})


def _near(random: Random, isn: tuple[int, ...], window: int) -> tuple[int, ...]:
    found = [random.choice((isn[0], isn[0], WRAP - 1, WRAP - 2, WRAP - window, 0, 1))]
    for place in range(1, len(isn)):
        step = random.choice((1, 2, 3, 5, window - 1, window, window + 1, window + 2, FAR, FAR))
        found.append((found[-1] + random.choice((1, 1, -1)) * step) % WRAP if random.random() < 0.7 else isn[place])
    return tuple(found) if len(set(found)) == len(found) else isn


def window(random: Random, family: str, number: int) -> Trial:
    """Return a life with a window of one to three octets, and texts of one octet, or as long as it; numbers are far."""
    size = random.choice((1, 2, 3))
    return replace(life(random, family, number), window=size, octets=random.choice((1, size)))


def circle(random: Random, family: str, number: int) -> Trial:
    """Return a life on a small circle of numbers, with numbers as far from each other as it allows."""
    trial = life(random, family, number)
    modulus = random.choice((8, 16, 32, 64))
    spread = {name: tuple((place * modulus // 3 + (0 if name == "A" else modulus // 6)) % modulus for place in range(len(end.isn))) for name, end in trial.ends.items()}
    ends = {name: replace(end, isn=spread[name][:3]) for name, end in trial.ends.items()}
    return replace(trial, ends=ends, modulus=modulus, window=random.choice([size for size in (1, 2, 3) if 4 * size <= modulus]))


def edges(random: Random, family: str, number: int) -> Trial:
    """Return an open connection, a small window or the usual one, and one or two strays at the edges of the windows."""
    size = random.choice((1, 2, 3, 10))
    ends = {}
    for name, start in zip(ENDS, _established(), strict=True):
        calls: dict[str, int | None] = {call: 1 for call, chance in (("SEND", 0.5), ("CLOSE", 0.6), ("ABORT", 0.2)) if random.random() < chance}
        ends[name] = End(calls, {"time-wait timeout": None}, (), start)
    strays = tuple(_stray(random, size, {"A": (100, 300), "B": (300, 100)}) for _ in range(random.choice((1, 1, 2))))
    return Trial(family, number, ends, capacity=4, window=size, planted=strays, loss=random.choice((0, 0, 1)))


def closed(random: Random, family: str, number: int) -> Trial:
    """Return an open connection with closed windows, users that abort or close, and one to three strays at RCV.NXT or near it."""
    trial = edges(random, family, number)
    numbers = {"A": (100, 300), "B": (300, 100)}
    return replace(trial, window=0, planted=tuple(_stray(random, 1, numbers) for _ in range(random.choice((1, 2, 3)))))


def opening(random: Random, family: str, number: int) -> Trial:
    """Return a life with one or two strays at the edges of what the first numbers of both ends make acceptable."""
    trial = life(random, family, number)
    numbers = {"A": (trial.ends["A"].isn[0] + 1, trial.ends["B"].isn[0] + 1), "B": (trial.ends["B"].isn[0] + 1, trial.ends["A"].isn[0] + 1)}
    strays = tuple(_stray(random, trial.window, numbers) for _ in range(random.choice((1, 1, 2))))
    return replace(trial, planted=strays, capacity=max(3, trial.capacity))


def _stray(random: Random, size: int, numbers: Mapping[str, tuple[int, int]]) -> tuple[str, str]:
    """Return a segment to one end; ``numbers`` are SND.NXT and RCV.NXT of each when the connection is open."""
    end = random.choice(ENDS)
    sent, expected = numbers[end]
    bits = random.choice(BITS)
    sequence = expected + random.choice((-size - 1, -size, -2, -1, -1, 0, 0, 1, 2, size - 1, size, size + 1))
    parts = [f"<SEQ={sequence}>"]
    if "ACK" in bits:
        parts.append(f"<ACK={sent + random.choice((-size - 1, -1, -1, 0, 0, 1, 2, size))}>")
    if random.random() < 0.4:  # text may come with a reset too
        parts.append(f"<DATA={random.choice((1, 1, 2, size, size + 1))}>")
    return end, "".join(parts) + (f"<CTL={bits}>" if bits else "")


def _established() -> tuple[dict[str, Any], dict[str, Any]]:
    found = []
    for mine, theirs in ((99, 299), (299, 99)):
        found.append(
            {
                "state": "ESTABLISHED", "ISS": mine, "SND.UNA": mine + 1, "SND.NXT": mine + 1, "IRS": theirs, "RCV.NXT": theirs + 1,
                "attempt": 1, "peer": 1, "pairs": [[1, mine, 1, theirs]], "opened": [[1, mine, 1, theirs]],
            }
        )  # fmt: skip
    return found[0], found[1]


def reached(protocol: Protocol, random: Random, family: str, number: int) -> Trial:
    """Return a life that begins in a state of another one, with what is in flight there, and goes on with new numbers.

    The state is one in which nothing waits to be sent again: what waits cannot be written down as a start. New numbers
    are far from the old ones, or near them.
    """
    for _ in range(20):
        first = life(random, family, number)
        # The assumption rules nothing out here; it is read, so that what an end has used is kept and can be written down.
        first = replace(first, network="bag", loss=1, assumes=("new-numbers-clear-the-window",))
        built = build(protocol, scenario_of(first))
        space = checker.explore(built.system, checker.Limits(states=HARVEST))
        states = [state for state in space.order if state.locals != space.order[0].locals and all(_can_start(local) for local in state.locals)]
        if states:
            break
    state = random.choice(states)
    machine = built.ends[0].machine
    second = near(random, family, number) if random.random() < 0.5 else life(random, family, number)
    ends = {}
    for name, local in zip(ENDS, state.locals, strict=True):
        end = second.ends[name]
        used = first.ends[name].isn[0]
        isn = tuple((value + 50 * FAR) % WRAP for value in end.isn)
        if random.random() < 0.5:
            isn = ((used + random.choice((1, 2, 3, 5, 9, 10, 11, -1, -5, -10))) % WRAP, *isn[1:])
        ends[name] = replace(end, start=_start(machine, local), isn=isn)
    planted = tuple((ENDS[1 - place], _written(message)) for place, content in enumerate(state.channels) for message in content)
    return replace(second, ends=ends, planted=planted, capacity=max(second.capacity, 2 + len(planted)))


def _can_start(local: Local) -> bool:
    return not any(local.queues) and not local.pending


def _start(machine: Machine, local: Local) -> dict[str, Any]:
    names = [variable.name for variable in (*machine.variables, *machine.ghosts)]
    values = {name: value for name, value in zip(names, (*local.values, *local.ghosts), strict=True) if value is not None}
    return {"state": local.state, **values}


def _written(segment: Segment) -> str:
    """Return a segment as it is planted, with what only properties read."""
    parts = [f"<{field.name}={value}>" for field, value in zip(segment.layout.fields, segment.values, strict=True) if value is not None and value != field.absent]
    return "".join(parts) + (f"<CTL={','.join(segment.ctl)}>" if segment.ctl else "")


#: Each with what it is about; see the functions.
FAMILIES: Mapping[str, Callable[[Random, str, int], Trial]] = {
    "life": life, "near": near, "window": window, "circle": circle, "edges": edges, "closed": closed, "opening": opening,
}  # fmt: skip
NAMES = (*FAMILIES, "reached")


def trial(protocol: Protocol, family: str, number: int) -> Trial:
    """Return one trial of a family; the same arguments give the same trial.

    >>> trial(None, "near", 3) == trial(None, "near", 3)
    True
    """
    random = Random(f"{family} {number}")  # noqa: S311, nothing is secret here
    if family == "reached":
        return reached(protocol, random, family, number)
    return FAMILIES[family](random, family, number)
