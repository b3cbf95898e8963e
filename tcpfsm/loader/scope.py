"""What names mean inside a machine: its variables, the arriving segment, constants, states, and words."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from checker import pause
from tcpfsm.errors import did_you_mean
from tcpfsm.expression import Compiled, Compiler, Definition, ExpressionError, Scope, UnsetError, syntax
from tcpfsm.expression.types import CONTROL, FLAG, NUMBER, SEQUENCE, STATE, Type, list_of, word_of
from tcpfsm.i18n.language import tr
from tcpfsm.loader.fields import FRESH
from tcpfsm.machine.model import BlockedError, Variable
from tcpfsm.machine.segment import Layout

Function = Callable[[Any], Any]


class MachineScope:
    """The scope of a machine's own expressions."""

    def __init__(
        self,
        *,
        modulus: int,
        layout: Layout,
        fields: Mapping[str, Type],
        definitions: Mapping[str, Definition],
        queues: tuple[str, ...] = (),
        calls: tuple[str, ...] = (),
        ghost_fields: frozenset[str] = frozenset(),
        vocabulary: Collection[str] | None = None,
    ) -> None:
        self.modulus = modulus
        self.layout = layout
        self.fields = fields
        self.definitions = definitions
        self.queues = queues
        self.calls = calls
        self.ghost_fields = ghost_fields
        self.vocabulary = vocabulary
        self.symbols: dict[str, Compiled] = {}
        self.derived: dict[str, Function] = {}
        #: What an expression about a segment alone does not know: the state and the variables of an end.
        self.hidden: frozenset[str] = frozenset()

    def add_states(self, states: Iterable[str], groups: Mapping[str, tuple[str, ...]]) -> None:
        """Make ``state``, the state names and the groups known."""
        self.symbols["state"] = Compiled(STATE, lambda env: env.state)
        for state in states:
            self.symbols[state] = Compiled(STATE, lambda _, name=state: name)  # type: ignore[misc]  # bound early
        for group, members in groups.items():
            found = frozenset(members)
            self.symbols[group] = Compiled(list_of(STATE), lambda _, value=found: value)  # type: ignore[misc]

    def add_variables(self, variables: Iterable[Variable]) -> None:
        """Make variables known; reading one that is unset raises UnsetError."""
        for index, variable in enumerate(variables):
            self.symbols[variable.name] = Compiled(variable.type, _value_getter(index, variable.name))

    def add_ghosts(self, ghosts: Iterable[Variable]) -> None:
        """Make ghosts known, for ghost updates and ghost fields alone."""
        for index, ghost in enumerate(ghosts):
            self.symbols[ghost.name] = Compiled(ghost.type, lambda env, i=index: env.ghosts[i])  # type: ignore[misc]

    def add_constants(self, constants: Mapping[str, int]) -> None:
        """Make constants known."""
        for name, value in constants.items():
            self.symbols[name] = Compiled(NUMBER, lambda _, number=value: number)  # type: ignore[misc]

    def add_words(self, words: Iterable[str]) -> None:
        """Make the words of enumerations known."""
        for word in words:
            self.symbols.setdefault(word, Compiled(word_of(word), lambda _, text=word: text))  # type: ignore[misc]

    def add_segment(self) -> None:
        """Make the segment at hand known: its fields as SEG.NAME, its control bits by their names."""
        self.add_fields(name for name in self.fields if name not in self.ghost_fields)
        self.symbols["SEG.CTL"] = Compiled(list_of(CONTROL), _control_bits)
        for flag in self.layout.flags:
            self.symbols[flag] = Compiled(FLAG, lambda env, bit=flag: bit in _control_bits(env))  # type: ignore[misc]

    def add_fields(self, names: Iterable[str]) -> None:
        """Make fields of the segment at hand known; ghost fields are for ghosts alone."""
        for name in names:
            kind = self.fields[name]
            self.symbols[f"SEG.{name}"] = Compiled(kind, self.field(lambda env: env.seg, name))

    def add_fresh(self) -> None:
        """Make ``fresh`` known: the next initial sequence number of the scenario's supply."""
        self.symbols[FRESH] = Compiled(SEQUENCE, _draw)

    def copy(self) -> MachineScope:
        """Return a scope with the same symbols, to which others can be added."""
        other = MachineScope(
            modulus=self.modulus, layout=self.layout, fields=self.fields, definitions=self.definitions,
            queues=self.queues, calls=self.calls,
            ghost_fields=self.ghost_fields, vocabulary=self.vocabulary,
        )  # fmt: skip
        other.symbols = dict(self.symbols)
        other.derived = self.derived
        return other

    def of_segment(self, variables: Iterable[Variable]) -> MachineScope:
        """Return the scope of derived fields: a segment in the network has no end whose values it could read."""
        other = self.copy()
        other.hidden = frozenset({"state", *(variable.name for variable in variables)})
        other.symbols = {name: meaning for name, meaning in self.symbols.items() if name not in other.hidden}
        return other

    def lookup(self, name: str) -> Compiled | None:
        """Find a name."""
        return self.symbols.get(name)

    def before(self) -> Scope | None:
        """A machine's expressions see the present alone."""
        return None

    def names(self) -> Iterable[str]:
        """List every name that can be used."""
        return self.symbols

    def explain(self, name: str) -> str:
        """Say why a name is not known that is known elsewhere in the machine."""
        return tr("a derived field is worked out from the segment alone") if name in self.hidden else ""

    def words(self) -> Collection[str] | None:
        """List the words of the machine's enumerations."""
        return self.vocabulary

    def field(self, run: Function, name: str) -> Function:
        """Return the function that reads a field of a segment."""
        if name == "CTL":
            return lambda env: run(env).ctl
        if name in self.derived:
            return with_segment(run, self.derived[name])
        index = self.layout.index(name)
        return lambda env: _field_value(run(env), index, name)

    def call(self, compiler: Compiler, tree: syntax.Call) -> Compiled | None:
        """Compile ``queued(CALL)`` and ``waiting(QUEUE)``."""
        del compiler
        if self.hidden:
            return None
        if tree.function == "queued":
            name = self._argument(tree, (*self.calls, "segment"), tr("a call"))
            return Compiled(FLAG, lambda env: any(kind == name for kind, _ in env.pending))
        if tree.function == "waiting":
            index = self.queues.index(self._argument(tree, self.queues, tr("a queue")))
            return Compiled(FLAG, lambda env: bool(env.queues[index]))
        return None

    def _argument(self, tree: syntax.Call, choices: tuple[str, ...], what: str) -> str:
        argument = tree.arguments[0] if len(tree.arguments) == 1 else None
        if not isinstance(argument, syntax.Name):
            raise ExpressionError(tr("'{function}' takes the name of {what}", function=tree.function, what=what), tree.offset, tree.length)
        if argument.text not in choices:
            hint = did_you_mean(argument.text, choices)
            raise ExpressionError(tr("'{word}' is not {what}", word=argument.text, what=what), argument.offset, argument.length, hint)
        return argument.text


def _value_getter(index: int, name: str) -> Function:
    def run(env: Any) -> Any:
        value = env.values[index]
        if value is None:
            raise UnsetError(tr("{name} has no value in {state}", name=name, state=env.state))
        return value

    return run


def _draw(env: Any) -> int:
    if env.drawn >= len(env.isn):
        raise BlockedError("ISN supply")
    env.drawn += 1
    return int(env.isn[env.drawn - 1])


def _control_bits(env: Any) -> tuple[str, ...]:
    if env.seg is None:
        raise UnsetError(tr("no segment arrives in this step"))
    bits: tuple[str, ...] = env.seg.ctl
    return bits


def _field_value(segment: Any, index: int | None, name: str) -> Any:
    value = segment.values[index] if segment is not None and index is not None else None
    if value is None:
        if segment is None:
            raise UnsetError(tr("no segment arrives in this step"))
        raise UnsetError(tr("the segment {segment} has no {name}", segment=segment.text(), name=name))
    return value


def with_segment(run: Function, derived: Function) -> Function:
    """Return the function that reads a derived field of the segment that ``run`` gives.

    The formula of the field is an expression of its own: what it binds must not take the place of what is bound around it.
    """

    def read(env: Any) -> Any:
        segment = run(env)
        if segment is None:
            raise UnsetError(tr("no segment arrives in this step"))
        pause()  # one derived field may read others several times, and each of those others
        outer = env.seg, env.bound
        env.seg, env.bound = segment, {}
        try:
            return derived(env)
        finally:
            env.seg, env.bound = outer

    return read
