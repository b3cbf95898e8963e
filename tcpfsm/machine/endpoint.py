"""One end of a connection: a `transitions` machine built from a spec, run one stimulus at a time.

The machine is what executes: every rule is one of its transitions, the rule's guard is the transition's condition,
and the rule's effects are its ``before`` callback. ``before``, because an exception there leaves the state unchanged.
Both ends of a connection are this one class; only the scenario differs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from transitions import Machine as TransitionsMachine

from checker.model.vocabulary import Action, Firing, Outcome
from tcpfsm.errors import Problem, SpecError
from tcpfsm.expression import UnsetError
from tcpfsm.i18n.language import tr
from tcpfsm.machine.model import BlockedError, Check, Frame, GhostUpdate, Machine, Queue, Rule
from tcpfsm.machine.segment import Segment

#: How often what waits may be taken within one step.
MAX_ROUNDS = 200
#: A call that waits, or a segment that waits to be read from a check on.
Pending = tuple[str, Any]


class Local:
    """The local state of one end, as a value: equal by content, hashed once."""

    __slots__ = ("_hash", "_key", "drawn", "ghosts", "pending", "queues", "state", "values")

    def __init__(
        self,
        state: str,
        values: tuple[Any, ...],
        ghosts: tuple[Any, ...] = (),
        queues: tuple[tuple[Segment, ...], ...] = (),
        pending: tuple[Pending, ...] = (),
        drawn: int = 0,
    ) -> None:
        self.state = state
        self.values = values
        self.ghosts = ghosts
        self.queues = queues
        self.pending = pending
        self.drawn = drawn
        self._key = (state, values, ghosts, queues, pending, drawn)
        self._hash = hash(self._key)

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, Local) and self._key == other._key)

    def __repr__(self) -> str:
        return f"<{self.state} {self.values}>"


class Model:
    """What `transitions` moves from state to state; it holds the state alone."""

    state = ""


def _trigger(event: str) -> str:
    """Return the name of an event within `transitions`, which gives its model a method for each.

    No attribute of the model has a blank in its name, so that an event can be called ``state`` or ``trigger``.
    """
    return f"on {event}"


class Endpoint:
    """A process of the checker: one end, its machine, and the initial sequence numbers it may use.

    Raises SpecError from ``act`` and ``receive`` where the spec leaves a cell open or ambiguous for these values,
    or reads a value that is not set; the error names the place in the spec.
    """

    def __init__(
        self,
        name: str,
        machine: Machine,
        initial: Local,
        *,
        channel: str,
        actions: Sequence[Action] = (),
        isn: tuple[int, ...] = (),
    ) -> None:
        self.name = name
        self.machine = machine
        self.initial = initial
        self.actions = tuple(actions)
        self.channel = channel
        self.frame = Frame()
        self.frame.isn = isn
        self.model = Model()
        self.sent: list[tuple[str, Segment]] = []
        self.firings: list[Firing] = []
        self.fired: Rule | None = None
        self.known: dict[Local, Local] = {}
        self.transitions = self._build()

    # ---- the `transitions` machine -----------------------------------------------------------------------------------

    def _build(self) -> TransitionsMachine:
        rules = self.machine.all_rules
        table = [
            {
                "trigger": _trigger(rule.event),
                "source": rule.state,
                "dest": rule.to,  # None: the rule leaves the state as it is
                "conditions": [self._condition(rule)],
                "before": [self._effect(rule)],
            }
            for rule in rules
        ]
        return TransitionsMachine(
            model=self.model,
            states=list(self.machine.states),
            transitions=table,
            initial=self.initial.state,
            auto_transitions=False,
            queued=False,
        )

    def _condition(self, rule: Rule) -> Callable[[], bool]:
        return lambda: rule is self._choose((rule.state, rule.event))

    def _effect(self, rule: Rule) -> Callable[[], None]:
        return lambda: self._apply(rule)

    def _choose(self, cell: tuple[str, str]) -> Rule | None:
        """Return the one rule of a cell that fires with the present values."""
        rules = self.machine.rules.get(cell, ())
        fitting = [rule for rule in rules if rule.guard is not None and self._holds(rule)]
        if not fitting:
            fitting = [rule for rule in rules if rule.guard is None]
        if len(fitting) == 1:
            return fitting[0]
        if not rules:
            return None
        where = f"{cell[0]} / {cell[1]}"
        if fitting:
            other = fitting[1].place
            self._stop(fitting[0], tr("two rules fire in {cell} with these values: this one and the one at {place}", cell=where, place=other))
        self._stop(rules[0], tr("no rule fires in {cell} with these values", cell=where), tr("add a rule with 'otherwise: true'"))
        return None

    def _holds(self, rule: Rule) -> bool:
        try:
            return bool(rule.guard is not None and rule.guard(self.frame))
        except UnsetError as error:
            self._stop(rule, str(error))
            return False

    def _stop(self, part: Rule | Check, message: str, hint: str = "") -> None:
        values = ", ".join(
            f"{variable.name}={value}"
            for variable, value in zip(self.machine.variables, self.frame.values, strict=True)
            if value is not None
        )
        parts = [tr("{end} in {state}", end=self.name, state=self.frame.state), values]
        if self.frame.seg is not None:
            parts.append(tr("segment {segment}", segment=self.frame.seg.text()))
        details = f"{message} ({', '.join(filter(None, parts))})"
        raise SpecError([Problem(part.place, details, hint)]) from None

    # ---- the checker's process ---------------------------------------------------------------------------------------

    def act(self, local: Any, action: str) -> Sequence[Outcome]:
        """Take a call or a timeout; nothing where the cell is a reply, is ignored, or would change nothing."""
        if (local.state, action) not in self.machine.rules:
            return ()
        outcome = self._run(local, lambda: self._fire(action))
        if outcome.blocked_by is None and not outcome.sends and outcome.after == local:
            return ()
        return (outcome,)

    def receive(self, local: Any, message: Segment) -> Sequence[Outcome]:
        """Read an arriving segment; nothing where no check of the reading takes it."""
        taken = []
        outcome = self._run(local, lambda: taken.append(self._read(message, 0)))
        if outcome.blocked_by is None and not taken[0]:
            return ()
        return (outcome,)

    def _run(self, local: Local, stimulus: Callable[[], Any]) -> Outcome:
        self._load(local)
        try:
            stimulus()
            self._settle()
        except BlockedError as blocked:
            return Outcome(local, blocked_by=f"{blocked} of {self.name}")
        return Outcome(self._local(), self._aggregated(), tuple(self.firings))

    def _aggregated(self) -> tuple[tuple[str, Segment], ...]:
        """Return what the step sends: of the segments that are aggregated, the last alone."""
        last = {name: position for position, (name, _) in enumerate(self.sent)}
        return tuple(
            (self.channel, segment)
            for position, (name, segment) in enumerate(self.sent)
            if name not in self.machine.aggregate or last[name] == position
        )

    def _load(self, local: Local) -> None:
        frame = self.frame
        frame.state = self.model.state = local.state
        frame.values = list(local.values)
        frame.ghosts = list(local.ghosts)
        frame.queues = list(local.queues)
        frame.pending = local.pending
        frame.drawn = local.drawn
        frame.seg = None
        self.sent = []
        self.firings = []

    def _local(self) -> Local:
        frame = self.frame
        local = Local(
            frame.state, tuple(frame.values), tuple(frame.ghosts), tuple(frame.queues), frame.pending, frame.drawn
        )
        return self.known.setdefault(local, local)

    # ---- reading a segment -------------------------------------------------------------------------------------------

    def _read(self, segment: Segment, start: int) -> bool:
        """Run a segment through the checks, in the state and with the values the one before left; say if one took it."""
        frame, checks = self.frame, self.machine.checks
        taken = False
        position: int | None = start
        while position is not None and position < len(checks):
            check = checks[position]
            frame.seg = segment
            if frame.state not in check.states or not self._check_holds(check):
                position += 1
                continue
            taken = True
            if check.event is not None:
                self._fire(check.event)
            position = check.then
        frame.seg = None
        return taken

    def _check_holds(self, check: Check) -> bool:
        if check.guard is None:
            return True
        try:
            return bool(check.guard(self.frame))
        except UnsetError as error:
            self._stop(check, tr("the check '{name}': {message}", name=check.name, message=error))
            return False

    # ---- firing a rule -----------------------------------------------------------------------------------------------

    def _fire(self, event: str) -> None:
        before = self.frame.state
        if (before, event) not in self.machine.rules:
            return  # a reply, or ignored
        self.fired = None
        self.transitions.events[_trigger(event)].trigger(self.model)
        rule = self.fired
        if rule is None:
            raise RuntimeError(f"{before} / {event}: no transition fired")
        self.firings.append(Firing(rule.name, before, self.model.state, rule.where, event))
        self.frame.state = self.model.state
        if self.machine.states[self.frame.state].keeps_nothing:
            self._forget()

    def _apply(self, rule: Rule) -> None:
        self.fired = rule
        frame = self.frame
        try:
            if rule.queue is not None:
                self._wait(rule)
            drawn = frame.drawn
            for assignment in rule.sets:
                frame.values[assignment.index] = assignment.run(frame)
            self._remember_sets(rule, drew=frame.drawn != drawn)
            named = [(template.name, template.fill(frame)) for template in rule.sends]
            new = [segment for _, segment in named]
            if rule.again is not None:
                named += [("", segment) for segment in self._resent(*rule.again)]
            sent = [segment for _, segment in named]
            for assignment in rule.after:
                frame.values[assignment.index] = assignment.run(frame)
            self.sent += named
            target = rule.to or frame.state
            self._remember(rule, target, sent)
            self._keep(new, target)  # what is sent again is kept already
        except UnsetError as error:
            self._stop(rule, str(error))

    def _wait(self, rule: Rule) -> None:
        frame = self.frame
        kind = str(rule.queue)
        item: Pending = (kind, None)
        if kind.startswith("segment from "):
            names = [check.name for check in self.machine.checks]
            item = ("segment", (names.index(kind.removeprefix("segment from ")), self._kept_as(rule)))
        if item[0] != "segment" or item not in frame.pending:
            frame.pending = (*frame.pending, item)

    def _kept_as(self, rule: Rule) -> Segment | None:
        """Return the arriving segment with what the rule keeps in place of what it brought."""
        frame, segment = self.frame, self.frame.seg
        if segment is None or not (rule.queued_as or rule.queued_bits):
            return segment
        values = list(segment.values)
        for part in rule.queued_as:
            values[part.index] = part.run(frame)
        bits = {name: bool(run(frame)) for name, run in rule.queued_bits}
        ctl = tuple(bit for bit in segment.layout.flags if bits.get(bit, bit in segment.ctl))
        return Segment(ctl, tuple(values), segment.layout)

    def _settle(self) -> None:
        """Offer again what waits until nothing of it is taken any more: held segments first, then calls in order.

        What was queued is processed before anything is sent for it (RFC 9293 MUST-59).
        """
        frame = self.frame
        progress = True
        rounds = 0
        while progress and frame.pending:
            progress = False
            rounds += 1
            if rounds > MAX_ROUNDS and self.fired is not None:
                self._stop(self.fired, tr("what waits is taken and made to wait again without end"))
            for position in sorted(range(len(frame.pending)), key=lambda place: frame.pending[place][0] != "segment"):
                kind, content = frame.pending[position]
                rest = frame.pending[:position] + frame.pending[position + 1 :]
                if self._still_waits(kind, content):
                    if kind != "segment":
                        break  # calls are served in order; a held segment lets others pass
                    continue
                frame.pending = rest
                if kind == "segment":
                    self._read(content[1], content[0])
                else:
                    self._fire(kind)
                progress = True
                break

    def _still_waits(self, kind: str, content: Any) -> bool:
        frame = self.frame
        if kind != "segment":
            rule = self._choose((frame.state, kind))
            return rule is not None and rule.queue is not None
        frame.seg = content[1]
        try:
            for check in self.machine.checks[content[0] :]:
                if frame.state in check.states and self._check_holds(check):
                    if check.event is None:
                        return False
                    rule = self._choose((frame.state, check.event))
                    return rule is not None and rule.queue is not None
        finally:
            frame.seg = None
        return False

    def _resent(self, index: int, whole: bool) -> list[Segment]:
        frame, queue = self.frame, self.machine.queues[index]
        kept = frame.queues[index]
        resent = []
        arriving = frame.seg
        for segment in kept if whole else kept[:1]:
            values = list(segment.values)
            frame.seg = segment  # as in the queue's other expressions
            for part in queue.refresh:
                if values[part.index] is not None:
                    values[part.index] = part.run(frame)
            resent.append(Segment(segment.ctl, tuple(values), segment.layout))
        frame.seg = arriving
        return resent

    def _keep(self, sent: list[Segment], target: str) -> None:
        """Keep what was sent in the queues that want it, and let go what they no longer need."""
        frame = self.frame
        state, frame.state = frame.state, target
        arriving = frame.seg
        for index, queue in enumerate(self.machine.queues):
            kept = frame.queues[index]
            for segment in sent:
                frame.seg = segment
                if queue.keep(frame):
                    kept = self._replaced(queue, kept, segment)
            frame.queues[index] = tuple(segment for segment in kept if not self._done(queue, segment))
        frame.seg, frame.state = arriving, state

    def _replaced(self, queue: Queue, kept: tuple[Segment, ...], segment: Segment) -> tuple[Segment, ...]:
        if queue.same is None:
            return (*kept, segment)
        identity = self._of(queue, segment)
        if any(self._of(queue, other) == identity for other in kept):
            return tuple(segment if self._of(queue, other) == identity else other for other in kept)
        return (*kept, segment)

    def _of(self, queue: Queue, segment: Segment) -> Any:
        self.frame.seg = segment
        return queue.same(self.frame) if queue.same is not None else segment

    def _done(self, queue: Queue, segment: Segment) -> bool:
        self.frame.seg = segment
        return bool(queue.until(self.frame))

    # ---- ghosts --------------------------------------------------------------------------------------------------------

    def _remember_sets(self, rule: Rule, *, drew: bool) -> None:
        # Before anything is sent: segments may carry what a ghost has just learnt.
        for update in self.machine.ghost_updates:
            if (update.event == "fresh" and drew) or (update.event == "sets" and update.what & rule.set_names):
                self._update(update)

    def _remember(self, rule: Rule, target: str, sent: list[Segment]) -> None:
        frame = self.frame
        for assignment in rule.ghosts:
            frame.ghosts[assignment.index] = assignment.run(frame)
        source, arriving = frame.state, frame.seg
        frame.state = target
        for update in self.machine.ghost_updates:
            if update.event == "snd":
                for segment in sent:
                    if update.what & {*segment.ctl}:
                        frame.seg = segment
                        self._update(update)
                frame.seg = arriving
            elif _happens(update, rule, source, target):
                self._update(update)
        frame.state = source

    def _update(self, update: GhostUpdate) -> None:
        frame = self.frame
        if update.condition is not None and not update.condition(frame):
            return
        value = update.run(frame)
        if update.operation == "append":
            value = (*frame.ghosts[update.index], value)
        elif update.operation == "add":
            value = tuple(sorted({*frame.ghosts[update.index], value}))
        frame.ghosts[update.index] = value

    def _forget(self) -> None:
        frame, machine = self.frame, self.machine
        frame.values = [
            value if variable.lasts_for_ever else variable.starts
            for variable, value in zip(machine.variables, frame.values, strict=True)
        ]
        frame.queues = [() for _ in machine.queues]
        keeps_calls = machine.states[frame.state].keeps_calls
        frame.pending = tuple(item for item in frame.pending if keeps_calls and item[0] != "segment")
        for index in machine.connection_ghosts:
            frame.ghosts[index] = machine.ghosts[index].starts


def _happens(update: GhostUpdate, rule: Rule, source: str, target: str) -> bool:
    match update.event:
        case "enter":
            return source not in update.what and target in update.what
        case "leave":
            return source in update.what and target not in update.what
        case "in":
            return target in update.what
        case "delivers":
            return rule.delivers
    return False


def empty_local(machine: Machine, state: str) -> Local:
    """Return the local state of an end that has just begun in ``state``."""
    return Local(
        state,
        tuple(variable.starts for variable in machine.variables),
        tuple(ghost.starts for ghost in machine.ghosts),
        tuple(() for _ in machine.queues),
    )
