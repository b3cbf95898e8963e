"""What names mean in properties and assumptions: both ends, the channels, and the step being looked at.

``p.NAME`` and ``q.NAME`` are the end a property is asked for and its peer; with the names of the ends themselves
(``A.state``) both can be meant at once. In a step, ``before`` gives the values of the state before it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from checker.model import Label, State, Step
from tcpfsm.errors import did_you_mean
from tcpfsm.expression import Compiled, Compiler, Definition, ExpressionError, Scope, UnsetError, syntax
from tcpfsm.expression.types import CONTROL, FLAG, NUMBER, SEGMENT, SEQUENCE, STATE, list_of, pair_of, word_of
from tcpfsm.language import tr
from tcpfsm.spec.fields import FRESH
from tcpfsm.spec.model import Machine
from tcpfsm.spec.scope import with_segment

Function = Callable[[Any], Any]
STEP_WORDS = ("deliver", "timeout", "call", "lose", "duplicate")


class PropertyFrame:
    """What a property looks at: the states around a step (the same one twice, outside steps), and the end asked for.

    ``fresh`` is the initial sequence number that the step takes, where an assumption is asked about that.
    """

    __slots__ = ("after", "before", "bound", "fresh", "p", "seg", "step")

    def __init__(self) -> None:
        self.before: State = State((), (), ())
        self.after: State = self.before
        self.step: Step | None = None
        self.p = 0
        self.seg: Any = None
        self.fresh = 0
        self.bound: dict[int, Any] = {}


class PropertyScope:
    """The scope of properties: ``ends`` are the names of the two ends, in the order of the system.

    ``events`` are the events that a segment can be for the machine or any of its variants: a property is asked of all.
    ``takes_number`` says that every step looked at takes an initial sequence number, which is then known as ``fresh``.
    """

    def __init__(
        self,
        machine: Machine,
        ends: tuple[str, str],
        definitions: Mapping[str, Definition],
        events: tuple[str, ...],
        *,
        has_p: bool,
        in_step: bool,
        is_before: bool = False,
        takes_number: bool = False,
    ) -> None:
        self.machine = machine
        self.ends = ends
        self.definitions = definitions
        self.events = events
        self.modulus = machine.modulus
        self.fields = machine.field_types
        self.has_p = has_p
        self.in_step = in_step
        self.is_before = is_before
        self.takes_number = takes_number
        self.used: set[str] = set()
        # One table for all properties of a machine: it does not depend on what is asked.
        key = (ends, events, has_p, in_step, is_before, takes_number)
        self.symbols: dict[str, Compiled] = machine.tables.setdefault(key, {})
        if not self.symbols:
            self.symbols |= self._symbols()

    def _symbols(self) -> dict[str, Compiled]:
        found: dict[str, Compiled] = {}
        for name in self.machine.states:
            found[name] = Compiled(STATE, _constant(name))
        for name, members in self.machine.groups.items():
            found[name] = Compiled(list_of(STATE), _constant(frozenset(members)))
        for word in (*self.machine.words, *(STEP_WORDS if self.in_step else ())):
            found[word] = Compiled(word_of(word), _constant(word))
        for name, value in self.machine.constants.items():
            found[name] = Compiled(NUMBER, _constant(value))
        for flag in self.machine.layout.flags:
            found[flag] = Compiled(CONTROL, _constant(flag))
        owners: dict[str, Function] = {end: _constant(index) for index, end in enumerate(self.ends)}
        if self.has_p:
            owners |= {"p": lambda env: env.p, "q": lambda env: 1 - env.p}
        for owner, index in owners.items():
            found |= self._end(owner, index)
        if self.in_step and not self.is_before:
            found |= self._step()
        if self.takes_number:
            found[FRESH] = Compiled(SEQUENCE, lambda env: env.fresh)
        return found

    def _end(self, owner: str, index: Function) -> dict[str, Compiled]:
        local = _before_local(index) if self.is_before else _after_local(index)
        found = {f"{owner}.state": Compiled(STATE, lambda env: local(env).state)}
        for place, variable in enumerate(self.machine.variables):
            name = f"{owner}.{variable.name}"
            found[name] = Compiled(variable.type, _value(local, place, name))
        for place, ghost in enumerate(self.machine.ghosts):
            found[f"{owner}.{ghost.name}"] = Compiled(ghost.type, _ghost(local, place))
        return found

    def _step(self) -> dict[str, Compiled]:
        mine = self._is_mine
        actions = (*self.machine.calls, *self.machine.timeouts)
        change = pair_of(STATE, word_of(*actions, *self.events), STATE)
        found = {
            "arrives": Compiled(FLAG, lambda env: mine(env) and env.step.label.kind == "deliver"),
            "action": Compiled(word_of("", *actions), lambda env: env.step.label.action if mine(env) else ""),
            "step": Compiled(word_of(*STEP_WORDS), lambda env: env.step.label.kind),
            "sent": Compiled(list_of(SEGMENT), lambda env: _sent(env) if mine(env) else ()),
            "changes": Compiled(list_of(change), lambda env: _changes(env) if mine(env) else ()),
            "SEG.CTL": Compiled(list_of(CONTROL), lambda env: _arriving(env).ctl),
        }
        for name, kind in self.fields.items():
            found[f"SEG.{name}"] = Compiled(kind, self.field(_arriving, name))
        return found

    def _is_mine(self, env: Any) -> bool:
        return env.step is not None and (not self.has_p or env.step.label.actor == self.ends[env.p])

    def lookup(self, name: str) -> Compiled | None:
        """Find a name, and note whose values it reads."""
        self.used.add(name.partition(".")[0])
        return self.symbols.get(name)

    def before(self) -> Scope | None:
        """Return the scope of the state before the step, or None where no step is looked at."""
        if not self.in_step:
            return None
        inner = PropertyScope(
            self.machine, self.ends, self.definitions, self.events, has_p=self.has_p, in_step=True, is_before=True
        )
        inner.used = self.used
        return inner

    def names(self) -> Iterable[str]:
        """List every name that can be used."""
        return self.symbols

    def explain(self, name: str) -> str:
        """Say that a name is a word, or is known of a step alone."""
        if name in (*self.machine.calls, *self.machine.timeouts, *self.events):
            return tr("the name of a call, a timeout or an event is a word in quotes: {word}", word=f"'{name}'")
        if name == FRESH:
            return tr("the number that a step takes is known in an assumption that is about such steps alone: {example}", example="step: fresh")
        if name not in STEP_WORDS and name not in self._step():
            return ""
        if self.in_step:
            return tr("'before' is for values of a state; this is said of the step")
        return tr("it is known where a step is looked at: kind: step, or of: step beside kind: sometimes")

    def words(self) -> Collection[str]:
        """List the words of the machine, and of a step all that can be called, run out, arrive or happen in it."""
        events = (*self.machine.calls, *self.machine.timeouts, *self.events, *STEP_WORDS, "") if self.in_step else ()
        return (*events, *self.machine.words)

    def field(self, run: Function, name: str) -> Function:
        """Return the function that reads a field of a segment."""
        if name == "CTL":
            return lambda env: run(env).ctl
        if name in self.machine.derived:
            return with_segment(run, self.machine.derived[name])
        index = self.machine.layout.index(name)
        return _field(run, index, name)

    def call(self, compiler: Compiler, tree: syntax.Call) -> Compiled | None:
        """Compile ``flight(p)``: the segments on their way to an end; and ``waiting(p, QUEUE)``."""
        del compiler
        if tree.function == "flight" and len(tree.arguments) == 1:
            index = self._end_index(tree.arguments[0], reads=False)
            self.used.add("flight")
            side = "before" if self.is_before else "after"
            return Compiled(list_of(SEGMENT), lambda env: getattr(env, side).channels[1 - index(env)])
        if tree.function in ("waiting", "queued") and len(tree.arguments) == 2:
            return self._queue(tree)
        return None

    def _queue(self, tree: syntax.Call) -> Compiled:
        index = self._end_index(tree.arguments[0])
        local = _before_local(index) if self.is_before else _after_local(index)
        argument = tree.arguments[1]
        names = [queue.name for queue in self.machine.queues]
        choices = names if tree.function == "waiting" else [*self.machine.calls, "segment"]
        if not isinstance(argument, syntax.Name) or argument.text not in choices:
            text = argument.text if isinstance(argument, syntax.Name) else tr("this")
            hint = did_you_mean(text, choices)
            raise ExpressionError(tr("'{word}' cannot be asked for here", word=text), argument.offset, argument.length, hint)
        if tree.function == "queued":
            return Compiled(FLAG, lambda env: any(kind == argument.text for kind, _ in local(env).pending))
        place = names.index(argument.text)
        return Compiled(FLAG, lambda env: bool(local(env).queues[place]))

    def _end_index(self, tree: syntax.Tree, *, reads: bool = True) -> Function:
        """Return the place of the end that is named; ``reads`` says whether its local state is looked at."""
        name = tree.text if isinstance(tree, syntax.Name) else ""
        if reads:
            self.used.add(name)
        if name in self.ends:
            return _constant(self.ends.index(name))
        if self.has_p and name in ("p", "q"):
            return (lambda env: env.p) if name == "p" else (lambda env: 1 - env.p)
        choices = [*self.ends, *(("p", "q") if self.has_p else ())]
        raise ExpressionError(tr("the name of an end is needed here"), tree.offset, tree.length, did_you_mean(name, choices))


def _constant(value: Any) -> Function:
    return lambda _: value


def _after_local(index: Function) -> Function:
    return lambda env: env.after.locals[index(env)]


def _before_local(index: Function) -> Function:
    return lambda env: env.before.locals[index(env)]


def _value(local: Function, place: int, name: str) -> Function:
    def run(env: Any) -> Any:
        found = local(env)
        value = found.values[place]
        if value is None:
            raise UnsetError(tr("{name} has no value in {state}", name=name, state=found.state))
        return value

    return run


def _ghost(local: Function, place: int) -> Function:
    return lambda env: local(env).ghosts[place]


def _field(run: Function, index: int | None, name: str) -> Function:
    def read(env: Any) -> Any:
        segment = run(env)
        value = segment.values[index] if index is not None else None
        if value is None:
            raise UnsetError(tr("the segment {segment} has no {name}", segment=segment.text(), name=name))
        return value

    return read


def _arriving(env: Any) -> Any:
    label: Label | None = env.step.label if env.step is not None else None
    if label is None or label.message is None:
        raise UnsetError(tr("no segment arrives in this step: ask 'arrives' first"))
    return label.message


def _sent(env: Any) -> tuple[Any, ...]:
    outcome = env.step.outcome
    return () if outcome is None else tuple(segment for _, segment in outcome.sends)


def _changes(env: Any) -> tuple[tuple[str, str, str], ...]:
    outcome = env.step.outcome
    if outcome is None:
        return ()
    return tuple(
        (firing.before, firing.event, firing.after)
        for firing in outcome.firings
        if firing.before != firing.after
    )

