"""Predicates that remember their answers: an expression sees far fewer values than there are states and steps.

An expression looks at one thing after the other, and what it has seen decides what it looks at next. So its answers are
remembered as a tree: what is looked at first, and for each value of it, what comes then, or the answer. What the
expression does not look at cannot be missing from the tree, and need not be in it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from checker.model.vocabulary import Label, State, Step
from tcpfsm.loader.reads import Observed, Read, Reads, Seen, Take

Run = Callable[[Observed], Any]
Predicate = Callable[[Any], bool]
Answer = Callable[[Step, int], bool]
Combine = Callable[[Iterable[bool]], bool]
#: The label of a state that is looked at as a step: nothing of a step can be read there.
NO_STEP = Label("call", "")


class Branching(NamedTuple):
    """What is looked at, and by its value what is looked at next, or the answer."""

    take: Take
    then: dict[Any, Branching | bool]


def remembered(run: Run, reads: Reads, combine: Combine) -> Predicate:
    """Return the predicate of states or steps that an expression means; ``combine`` joins the answers for both ends."""
    trees: dict[int, Branching | bool] = {}

    def answer(step: Step, end: int) -> bool:
        node = trees.get(end)
        while isinstance(node, Branching):
            node = node.then.get(node.take(step, end))
        return learn(step, end) if node is None else node

    def learn(step: Step, end: int) -> bool:
        seen = Seen(reads, step, end)
        found = bool(run(Observed(seen, end)))
        _plant(trees, end, list(seen.items()), reads, found)
        return found

    return _predicate(answer, reads, combine)


def _plant(
    trees: dict[Any, Branching | bool], end: int, path: list[tuple[Read, Any]], reads: Reads, found: bool
) -> None:
    """Put an answer where looking at these things, one after the other, leads to."""
    branch: Any = end
    for read, value in path:
        node = trees.setdefault(branch, Branching(reads.take(read), {}))
        if not isinstance(node, Branching):
            raise TypeError(read)  # an expression that looks at more, having seen the same
        trees, branch = node.then, value
    trees[branch] = found


def direct(run: Run, reads: Reads, combine: Combine) -> Predicate:
    """Return the same predicate without a memory: the expression is asked each time."""
    return _predicate(lambda step, end: bool(run(Observed(Seen(reads, step, end), end))), reads, combine)


def _predicate(answer: Answer, reads: Reads, combine: Combine) -> Predicate:
    ends = range(len(reads.ends)) if reads.has_p else range(1)

    def predicate(thing: State | Step) -> bool:
        step = thing if isinstance(thing, Step) else Step(thing, NO_STEP, None, thing)
        return combine([answer(step, end) for end in ends])

    return predicate
