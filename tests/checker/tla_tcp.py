"""The connection machine of the TLA+ examples, written for this checker: an oracle from outside.

``specifications/tcp`` in https://github.com/tlaplus/Examples records what TLC finds in its bounded instance:
1182 distinct states, 6322 states generated, depth 14. The three numbers come out here by these conventions:

- distinct: states that satisfy the state constraint, both initial states included;
- generated: the initial states, and every successor of every distinct state, once for each way to take it,
  whether or not the successor satisfies the state constraint or the step the action constraint;
- depth: states on a longest of the shortest paths, so one more than the eccentricity of the initial states.

A process has the local state (connection state, whether there is a TCB).
Only one thing does not fit a process over channels: note 2 reads two messages in one step,
so a transition system around the plain one adds those steps.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from checker import Action, Channel, Label, Outcome, State, Step, System

PEERS = ("A", "B")
OPENS = ("passive OPEN", "active OPEN", "SEND")

# (action, from) -> (to, sent, TCB afterwards; None leaves it)
CALLS: dict[tuple[str, str], tuple[str, str, bool | None]] = {
    ("passive OPEN", "CLOSED"): ("LISTEN", "", True),
    ("active OPEN", "CLOSED"): ("SYN-SENT", "SYN", True),
    ("SEND", "LISTEN"): ("SYN-SENT", "SYN", None),
    ("CLOSE", "SYN-SENT"): ("CLOSED", "", False),
    ("CLOSE", "SYN-RECEIVED"): ("FIN-WAIT-1", "FIN", None),
    ("CLOSE", "LISTEN"): ("CLOSED", "", False),
    ("CLOSE", "ESTABLISHED"): ("FIN-WAIT-1", "FIN", None),
    ("CLOSE", "CLOSE-WAIT"): ("LAST-ACK", "FIN", None),
}

# (from, read) -> (to, sent)
RECEPTIONS: dict[tuple[str, str], tuple[str, str]] = {
    ("LISTEN", "SYN"): ("SYN-RECEIVED", "SYN,ACK"),
    ("SYN-SENT", "SYN"): ("SYN-RECEIVED", "SYN,ACK"),
    ("SYN-SENT", "SYN,ACK"): ("ESTABLISHED", "ACK"),
    ("SYN-RECEIVED", "ACK"): ("ESTABLISHED", ""),
    ("SYN-RECEIVED", "RST"): ("LISTEN", ""),
    ("ESTABLISHED", "FIN"): ("CLOSE-WAIT", "ACKofFIN"),
    ("FIN-WAIT-1", "FIN"): ("CLOSING", "ACKofFIN"),
    ("FIN-WAIT-1", "ACKofFIN"): ("FIN-WAIT-2", ""),
    ("FIN-WAIT-2", "FIN"): ("TIME-WAIT", "ACKofFIN"),
    ("CLOSING", "ACKofFIN"): ("TIME-WAIT", ""),
    ("LAST-ACK", "ACKofFIN"): ("CLOSED", ""),
}


@dataclass(frozen=True)
class Peer:
    """One end of the connection; ``remote`` is the other."""

    name: str
    remote: str
    initial: tuple[str, bool]
    actions: tuple[Action, ...] = (
        Action("2MSL", "timeout"),
        *(Action(name, "call") for name in (*OPENS, "CLOSE", "reset")),
    )

    def sending(self, message: str) -> tuple[tuple[str, str], ...]:
        """The sends that put a message, if there is one, on its way to the other end."""
        return ((f"to {self.remote}", message),) if message else ()

    def act(self, local: tuple[str, bool], action: str) -> tuple[Outcome, ...]:
        """User calls, the end of TIME-WAIT, and the reset that whoever has a TCB may send at any time."""
        state, tcb = local
        if action == "reset":
            return (Outcome(("TIME-WAIT", tcb), self.sending("RST")),) if tcb else ()
        if action == "2MSL":
            return (Outcome(("CLOSED", False)),) if local == ("TIME-WAIT", True) else ()
        if (action, state) not in CALLS:
            return ()
        to, sent, tcb_after = CALLS[action, state]
        return (Outcome((to, tcb if tcb_after is None else tcb_after), self.sending(sent)),)

    def receive(self, local: tuple[str, bool], message: str) -> tuple[Outcome, ...]:
        """The arrows of the diagram; a reset besides leads from anywhere to LISTEN or to CLOSED."""
        state, tcb = local
        outcomes = []
        if (state, message) in RECEPTIONS:
            to, sent = RECEPTIONS[state, message]
            outcomes.append(Outcome((to, tcb), self.sending(sent), choice="arrow"))
        if message == "RST":
            outcomes += [Outcome((to, tcb), choice=f"note 3, {to}") for to in ("LISTEN", "CLOSED")]
        return tuple(outcomes)


class TlaTcp:
    """The bounded instance: one end starts in SYN-SENT with its SYN on the way, the other in LISTEN."""

    def __init__(self) -> None:
        peers = [Peer("A", "B", ("SYN-SENT", True)), Peer("B", "A", ("LISTEN", True))]
        self.system = System(peers, [Channel("to A", "B", "A", "fifo"), Channel("to B", "A", "B", "fifo")])

    @property
    def initials(self) -> tuple[State, State]:
        """Either end may be the one that opened."""
        opened, listens = ("SYN-SENT", True), ("LISTEN", True)
        return (
            State((opened, listens), ((), ("SYN",)), ()),
            State((listens, opened), (("SYN",), ()), ()),
        )

    def successors(self, state: State) -> tuple[Step, ...]:
        """Every step that the specification has, within the constraints or not."""
        return (*self.system.steps(state), *self.note_2(state))

    def steps(self, state: State) -> tuple[Step, ...]:
        """The steps within both constraints: no call opens again, no message follows its equal."""
        return tuple(
            step
            for step in self.successors(state)
            if step.label.action not in OPENS and not repeats(step.after)
        )

    def note_2(self, state: State) -> list[Step]:
        """In FIN-WAIT-1 a FIN with the acknowledgement of ours behind it, both read, leads to TIME-WAIT at once."""
        steps = []
        for number, peer in enumerate(PEERS):
            connection, tcb = state.locals[number]
            read, to_remote = state.channels[number], state.channels[1 - number]
            if connection == "FIN-WAIT-1" and read[:2] == ("FIN", "ACKofFIN"):
                outcome = Outcome(("TIME-WAIT", tcb), ((f"to {PEERS[1 - number]}", "ACKofFIN"),))
                locals_ = list(state.locals)
                locals_[number] = outcome.after
                channels = [read[2:], (*to_remote, "ACKofFIN")]
                after = State(tuple(locals_), tuple(channels if number == 0 else channels[::-1]), ())
                label = Label("deliver", peer, "", f"to {peer}", "FIN", choice="note 2")
                steps.append(Step(state, label, outcome, after))
        return steps


def repeats(state: State) -> bool:
    """Whether some message directly follows its equal, as a retransmission would."""
    return any(one == next_ for content in state.channels for one, next_ in pairwise(content))
