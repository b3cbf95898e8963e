"""Communicating finite-state processes, explored exhaustively.

A system is a set of processes that send each other messages over channels.
A process is asked what it does: ``act`` when it takes a step by itself, ``receive`` when a message is delivered;
it answers with its next local state and what it sends. A channel may reorder, and within a budget lose and duplicate.
``explore`` walks every interleaving there is; ``check`` answers properties with a proof or a shortest counterexample.

Two children play ball. Each throws when it has the ball, and sometimes a throw goes astray:

>>> from checker import Action, Channel, Outcome, System, TableProcess, always, can_always, check, explore
>>> def child(name, initial, thrown_into):
...     return TableProcess(
...         name,
...         initial,
...         actions=(Action("throw", "call"),),
...         acts={("holds ball", "throw"): (Outcome("waits", sends=((thrown_into, "ball"),)),)},
...         receptions={("waits", "ball"): (Outcome("holds ball"),)},
...     )
>>> channels = [Channel("to Ben", "Ann", "Ben"), Channel("to Ann", "Ben", "Ann")]
>>> def play(losses):
...     return System([child("Ann", "holds ball", "to Ben"), child("Ben", "waits", "to Ann")], channels, losses=losses)

As long as no ball is lost there are four states: either child has the ball, or it is on its way to either.

>>> space = explore(play(losses=0))
>>> space
StateSpace(states=4, steps=4, depth=3, complete=True)
>>> goes_on = can_always("the game goes on", lambda state: "holds ball" in state.locals)
>>> one_ball = always("one ball", lambda state: len(state.channels[0]) + len(state.channels[1]) <= 1)
>>> [verdict.verdict for verdict in check(space, [goes_on, one_ball])]
['holds', 'holds']

Once a ball may be lost the game can end, and the checker shows how:

>>> verdict, _ = check(explore(play(losses=1)), [goes_on, one_ball])
>>> verdict.verdict, verdict.established
('violated', 'a shortest counterexample has 2 steps')
>>> for step in verdict.trace.steps:
...     print(step.label.kind, step.label.actor, step.label.action, step.after.locals)
call Ann throw ('waits', 'waits')
lose to Ben  ('waits', 'waits')
"""

from checker.limits import Limits, Progress
from checker.model.channel import Channel, ChannelKind, Content, Mischief
from checker.model.expansion import Expansion, Observed, Unanswered
from checker.model.process import TableProcess
from checker.model.replay import ReplayError, replay
from checker.model.system import System
from checker.model.trace import Trace
from checker.model.vocabulary import (
    STEP_KINDS,
    Action,
    Attempt,
    Firing,
    Label,
    Local,
    Message,
    Outcome,
    Process,
    Restriction,
    State,
    Step,
    StepKind,
    TransitionSystem,
)
from checker.patience import pause
from checker.properties.kinds import (
    Property,
    PropertyKind,
    always,
    answered,
    can_always,
    ends,
    every_step,
    quiet,
    sometimes,
    sometimes_step,
    violated_at,
)
from checker.properties.verdict import Answer, Basis, Verdict, check
from checker.reference.explore import explore
from checker.reference.space import StateSpace

__all__ = [
    "STEP_KINDS",
    "Action",
    "Answer",
    "Attempt",
    "Basis",
    "Channel",
    "ChannelKind",
    "Content",
    "Expansion",
    "Firing",
    "Label",
    "Limits",
    "Local",
    "Message",
    "Mischief",
    "Observed",
    "Outcome",
    "Process",
    "Progress",
    "Property",
    "PropertyKind",
    "ReplayError",
    "Restriction",
    "State",
    "StateSpace",
    "Step",
    "StepKind",
    "System",
    "TableProcess",
    "Trace",
    "TransitionSystem",
    "Unanswered",
    "Verdict",
    "always",
    "answered",
    "can_always",
    "check",
    "ends",
    "every_step",
    "explore",
    "pause",
    "quiet",
    "replay",
    "sometimes",
    "sometimes_step",
    "violated_at",
]
