"""What names mean in properties and assumptions: both ends, the channels, and the step being looked at.

``p.NAME`` and ``q.NAME`` are the end a property is asked for and its peer; with the names of the ends themselves
(``A.state``) both can be meant at once. In a step, ``before`` gives the values of the state before it.
Each end is read by the machine that it runs. With what a name means stands what is read for it, and nothing else can be.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Literal, NamedTuple

from tcpfsm.errors import did_you_mean
from tcpfsm.expression import Compiled, Compiler, Definition, ExpressionError, Scope, syntax
from tcpfsm.expression.types import (
    CONTROL,
    FLAG,
    NUMBER,
    SEGMENT,
    SEQUENCE,
    STATE,
    Type,
    list_of,
    pair_of,
    word_of,
)
from tcpfsm.i18n.language import tr
from tcpfsm.loader.fields import FRESH
from tcpfsm.loader.reads import (
    ACTION,
    AFTER,
    ARRIVES,
    BEFORE,
    FLIGHT_AFTER,
    FLIGHT_BEFORE,
    KIND,
    NUMBER_TAKEN,
    OUTCOME,
    Read,
    Reads,
)
from tcpfsm.loader.scope import with_segment
from tcpfsm.loader.values import (
    ARRIVAL,
    Function,
    arriving,
    changes,
    constant,
    field_of,
    ghost_of,
    itself,
    sent,
    value_of,
)
from tcpfsm.machine.model import Machine

STEP_WORDS = ("deliver", "timeout", "call", "lose", "duplicate")
#: What an expression is asked about: a state, a step, or what would be a step: all values are then those before it.
Subject = Literal["state", "step", "attempt"]


class Known(NamedTuple):
    """What a name means, and what is read for it, if anything is."""

    compiled: Compiled
    read: Read | None = None


class PropertyScope:
    """The scope of properties: ``ends`` are the names of the ends, in the order of the system, ``machines`` what they run.

    ``events`` are the events that a segment can be for the machine or any of its variants: a property is asked of all.
    ``takes_number`` says that every step looked at takes an initial sequence number, which is then known as ``fresh``.
    What was looked up is noted in ``reads``. ``tables`` are shared by all scopes of the same machines: what names mean
    does not depend on what is asked.
    """

    def __init__(
        self,
        machines: Sequence[Machine],
        ends: tuple[str, ...],
        definitions: Mapping[str, Definition],
        events: tuple[str, ...],
        *,
        has_p: bool,
        subject: Subject,
        tables: dict[Any, dict[str, Known]],
        takes_number: bool = False,
        outer: PropertyScope | None = None,
    ) -> None:
        self.machines = tuple(machines)
        self.machine = self.machines[0]
        self.ends = ends
        self.definitions = definitions
        self.events = events
        self.modulus = self.machine.modulus
        #: Constants, and fields that are worked out, which the machines do not agree on: nothing says whose is meant.
        self.differing = _differing(self.machines)
        self.fields: Mapping[str, Type] = {name: kind for name, kind in self.machine.field_types.items() if name not in self.differing}
        self.has_p = has_p
        self.subject = subject
        self.takes_number = takes_number
        #: The scope around ``before``; what is said of the step is not known inside.
        self.outer = outer
        self.reads: Reads = Reads(ends, has_p=has_p) if outer is None else outer.reads
        self.tables = tables
        key = (has_p, subject, takes_number, outer is None)
        if key not in tables:
            tables[key] = self._symbols()
        self.symbols = tables[key]

    @property
    def _is_before(self) -> bool:
        return self.outer is not None or self.subject == "attempt"

    def _symbols(self) -> dict[str, Known]:
        found: dict[str, Known] = {}
        for name in self.machine.states:
            found[name] = Known(Compiled(STATE, constant(name)))
        for name, members in self.machine.groups.items():
            found[name] = Known(Compiled(list_of(STATE), constant(frozenset(members))))
        words = dict.fromkeys(word for machine in self.machines for word in machine.words)
        for word in (*words, *(STEP_WORDS if self.subject != "state" else ())):
            found[word] = Known(Compiled(word_of(word), constant(word)))
        for name, value in self.machine.constants.items():
            found[name] = Known(Compiled(NUMBER, constant(value)))
        for flag in self.machine.layout.flags:
            found[flag] = Known(Compiled(CONTROL, constant(flag)))
        for owner in (*self.ends, *(("p", "q") if self.has_p else ())):
            found |= self._end(owner)
        if self.subject != "state" and self.outer is None:
            found |= self._step()
        if self.takes_number and self.outer is None:  # a number is taken in the step, not before it
            found[FRESH] = Known(Compiled(SEQUENCE, lambda env: env.seen[NUMBER_TAKEN]), NUMBER_TAKEN)
        return found

    def _end(self, owner: str) -> dict[str, Known]:
        read = self._local(owner)
        found = {f"{owner}.state": Known(Compiled(STATE, lambda env: env.seen[read].state), read)}
        machines = self._run_by(owner)
        variables = [{one.name: (place, one.type) for place, one in enumerate(machine.variables)} for machine in machines]
        ghosts = [{one.name: (place, one.type) for place, one in enumerate(machine.ghosts)} for machine in machines]
        for tables, getter in ((variables, value_of), (ghosts, ghost_of)):
            for name, (_, kind) in tables[0].items():
                if all(name in table for table in tables):
                    place = self._by_end(owner, [table[name][0] for table in tables])
                    whole = f"{owner}.{name}"
                    found[whole] = Known(Compiled(kind, getter(read, place, whole)), read)
        return found

    def _run_by(self, owner: str) -> Sequence[Machine]:
        """Return the machines that an end can run; ``p`` and ``q`` can be any of them."""
        return (self.machines[self.ends.index(owner)],) if owner in self.ends else self.machines

    def _by_end(self, owner: str, values: Sequence[Any]) -> Function:
        """Return the function that chooses among values, one for each of ``_run_by``."""
        if all(value == values[0] for value in values):
            return constant(values[0])
        return (lambda env: values[env.p]) if owner == "p" else (lambda env: values[1 - env.p])

    def _local(self, owner: str) -> Read:
        return Read(BEFORE if self._is_before else AFTER, owner)

    def _step(self) -> dict[str, Known]:
        actions = (*self.machine.calls, *self.machine.timeouts)
        change = pair_of(STATE, word_of(*actions, *self.events), STATE)

        def known(kind: Type, what: str, take: Function) -> Known:
            read = Read(what)
            return Known(Compiled(kind, lambda env: take(env.seen[read])), read)

        found = {
            "arrives": known(FLAG, ARRIVES, itself),
            "action": known(word_of("", *actions), ACTION, itself),
            "step": known(word_of(*STEP_WORDS), KIND, itself),
            "sent": known(list_of(SEGMENT), OUTCOME, sent),
            "changes": known(list_of(change), OUTCOME, changes),
            "SEG.CTL": Known(Compiled(list_of(CONTROL), lambda env: arriving(env).ctl), ARRIVAL),
        }
        for name, kind in self.fields.items():
            found[f"SEG.{name}"] = Known(Compiled(kind, self.field(arriving, name)), ARRIVAL)
        return found

    def lookup(self, name: str) -> Compiled | None:
        """Find a name, and note what is read for it; what means different things at the ends is not known."""
        known = self.symbols.get(name)
        if known is None or name in self.differing:
            return None
        if known.read is not None:
            self.reads.add(known.read)
        return known.compiled

    def before(self) -> Scope | None:
        """Return the scope of the state before the step, or None where no step is looked at."""
        if self.subject == "state":
            return None
        return PropertyScope(
            self.machines, self.ends, self.definitions, self.events,
            has_p=self.has_p, subject=self.subject, tables=self.tables, takes_number=self.takes_number, outer=self,
        )  # fmt: skip

    def names(self) -> Iterable[str]:
        """List every name that can be used."""
        return self.symbols

    def explain(self, name: str) -> str:
        """Say that a name is a word, is known of a step alone, or is not the same at all ends."""
        if name.removeprefix("SEG.") in self.differing:
            return tr("the ends run machines in which it does not mean the same")
        if name in (*self.machine.calls, *self.machine.timeouts, *self.events):
            return tr("the name of a call, a timeout or an event is a word in quotes: {word}", word=f"'{name}'")
        if name == FRESH:
            return tr("the number that a step takes is known in an assumption that is about such steps alone: {example}", example="step: fresh")
        if name not in STEP_WORDS and name not in self._step():
            return ""
        if self.subject != "state":
            return tr("'before' is for values of a state; this is said of the step")
        return tr("it is known where a step is looked at: kind: step, or of: step beside kind: sometimes")

    def words(self) -> Collection[str]:
        """List the words of the machine, and of a step all that can be called, run out, arrive or happen in it."""
        events = (*self.machine.calls, *self.machine.timeouts, *self.events, *STEP_WORDS, "") if self.subject != "state" else ()
        return (*events, *self.machine.words)

    def field(self, run: Function, name: str) -> Function:
        """Return the function that reads a field of a segment."""
        if name == "CTL":
            return lambda env: run(env).ctl
        if name in self.machine.derived:
            return with_segment(run, self.machine.derived[name])
        index = self.machine.layout.index(name)
        return field_of(run, index, name)

    def call(self, compiler: Compiler, tree: syntax.Call) -> Compiled | None:
        """Compile ``flight(p)``: the segments on their way to an end; and ``waiting(p, QUEUE)``."""
        del compiler
        if tree.function == "flight" and len(tree.arguments) == 1:
            index = self._end_index(tree.arguments[0])
            flight = Read(FLIGHT_BEFORE if self._is_before else FLIGHT_AFTER)
            self.reads.add(flight)
            return Compiled(list_of(SEGMENT), lambda env: env.seen[flight][1 - index(env)])
        if tree.function in ("waiting", "queued") and len(tree.arguments) == 2:
            return self._queue(tree)
        return None

    def _queue(self, tree: syntax.Call) -> Compiled:
        self._end_index(tree.arguments[0])
        read = self._local(getattr(tree.arguments[0], "text", ""))
        self.reads.add(read)
        argument = tree.arguments[1]
        names = [queue.name for queue in self.machine.queues]
        choices = names if tree.function == "waiting" else [*self.machine.calls, "segment"]
        if not isinstance(argument, syntax.Name) or argument.text not in choices:
            text = argument.text if isinstance(argument, syntax.Name) else tr("this")
            hint = did_you_mean(text, choices)
            raise ExpressionError(tr("'{word}' cannot be asked for here", word=text), argument.offset, argument.length, hint)
        if tree.function == "queued":
            return Compiled(FLAG, lambda env: any(kind == argument.text for kind, _ in env.seen[read].pending))
        place = names.index(argument.text)
        return Compiled(FLAG, lambda env: bool(env.seen[read].queues[place]))

    def _end_index(self, tree: syntax.Tree) -> Function:
        """Return the place of the end that is named."""
        name = tree.text if isinstance(tree, syntax.Name) else ""
        if name in self.ends:
            return constant(self.ends.index(name))
        if self.has_p and name in ("p", "q"):
            return (lambda env: env.p) if name == "p" else (lambda env: 1 - env.p)
        choices = [*self.ends, *(("p", "q") if self.has_p else ())]
        raise ExpressionError(tr("the name of an end is needed here"), tree.offset, tree.length, did_you_mean(name, choices))


def _differing(machines: Sequence[Machine]) -> frozenset[str]:
    """Return the constants, and the fields that are worked out, that are not the same in all machines."""
    first = machines[0]
    meanings = ((first.constants, "constants"), (first.derived_from, "derived_from"))
    return frozenset(
        name for known, which in meanings for name in known
        if any(getattr(machine, which)[name] != known[name] for machine in machines)
    )  # fmt: skip
