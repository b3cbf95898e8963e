"""Loading a protocol: every mistake is answered with its place and what would be right, all mistakes at once."""

from __future__ import annotations

import re
import shutil
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from checker import Limits, check, explore
from tcpfsm.errors import SpecError, UsageError
from tcpfsm.loader import context
from tcpfsm.loader.draft import MAX_STATES
from tcpfsm.loader.load import load_protocol
from tcpfsm.run.build import build
from tests.conftest import DATA, SPEC, problems_of, shown

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tcpfsm.errors import Problem
    from tcpfsm.loader.protocol import Protocol

    Edit = Callable[[str, str | None, str], Path]

#: A mistake: what is replaced (None: the whole file), by what, and the problems told.
Mistakes = dict[str, tuple[str | None, str, list[str]]]

MACHINE: Mistakes = {
    "an unknown key": (
        "title: ask and answer",
        "tittle: ask",
        ["4:1: 'tittle' is not a key of a machine | did you mean title?"],
    ),
    "the key on": (
        "rules:\n",
        "rules:\n  - {in: IDLE, on: PING, to: WAIT}\n",
        [
            "44:5: a rule needs 'when'",
            "44:16: 'on' is not a key of a rule",
        ],
    ),
    "a misspelt key of a rule": (
        "snd: ASK, to",
        "sned: ASK, to",
        ["44:47: 'sned' is not a key of a rule | did you mean snd?"],
    ),
    "no name": (
        "protocol: ping\n",
        "",
        ["3:1: a machine needs a name | protocol: my-protocol"],
    ),
    "an empty name": (
        "protocol: ping",
        "protocol:",
        ["3:1: a machine needs a name | protocol: my-protocol"],
    ),
    "a list as name": (
        "protocol: ping",
        "protocol: [ping]",
        ["3:11: protocol is a text"],
    ),
    "no states": (
        "states:\n  IDLE: {means: nothing to do, zh: 空闲, keeps: nothing}\n  WAIT: {means: an answer is awaited, zh: 等待回答}\n",
        "states: {}\n",
        ["3:1: a machine needs states | states: {IDLE: {means: nothing to do}}"],
    ),
    "states as a list": (
        "states:\n  IDLE: {means: nothing to do, zh: 空闲, keeps: nothing}\n  WAIT: {means: an answer is awaited, zh: 等待回答}\n",
        "states: [IDLE]\n",
        [
            "3:1: a machine needs states | states: {IDLE: {means: nothing to do}}",
            "5:9: states is a map (key: value)",
        ],
    ),
    "a state that is no map": (
        "WAIT: {means: an answer is awaited, zh: 等待回答}",
        "WAIT: waits",
        ["7:9: the state WAIT is a map (key: value)"],
    ),
    "a state with an unknown key": (
        "keeps: nothing",
        "keep: nothing",
        ["6:40: 'keep' is not a key of a state | did you mean keeps?"],
    ),
    "a state that keeps something": (
        "keeps: nothing",
        "keeps: noting",
        ["6:47: 'noting' is not what a state can say it keeps | did you mean nothing?"],
    ),
    "a state with a blank": (
        "  both: [IDLE, WAIT]",
        "  both of them: [IDLE, WAIT]",
        [
            "9:3: 'both of them' cannot name a group | a name is letters, digits and _, in parts joined by - or . (our-FIN-sent, SND.NXT)",
            "43:1: the cell IDLE / rcv ASK says nothing, and the check 'question' raises it | write a rule, a reply, or list it under ignored",
            "43:1: the cell WAIT / rcv ASK says nothing, and the check 'question' raises it | write a rule, a reply, or list it under ignored",
            "46:10: 'both' is not a state or group",
        ],
    ),
    "a reserved word as name": (
        "  mood: {",
        "  before: {",
        ["13:3: 'before' is a word of the language and cannot name a variable"],
    ),
    "no rules and no reading": (
        None,
        "protocol: p\nstates: {IDLE: {}}\n",
        [
            "1:1: a machine needs 'reading'",
            "1:1: a machine needs 'rules'",
        ],
    ),
    "an unknown state in a group": (
        "  both: [IDLE, WAIT]",
        "  both: [IDLE, WIAT]",
        [
            "9:16: 'WIAT' is not a state or group | did you mean WAIT?",
            "43:1: the cell WAIT / rcv ASK says nothing, and the check 'question' raises it | write a rule, a reply, or list it under ignored",
        ],
    ),
    "a group in a group that stands further down": (
        "  both: [IDLE, WAIT]",
        "  all: both\n  both: [IDLE, WAIT]",
        ["9:8: 'both' is not a state or group"],
    ),
    "a group with the name of a state": (
        "  both: [IDLE, WAIT]",
        "  both: [IDLE, WAIT]\n  IDLE: WAIT\n  any-state: WAIT",
        [
            "10:3: 'IDLE' names a state and a group",
            "11:3: 'any-state' is a word of the language and cannot name a group",
        ],
    ),
    "a type that is none": (
        "NXT: sequence",
        "NXT: sequnce",
        [
            "11:8: 'sequnce' is not a type | did you mean sequence?",
            "22:13: a sequence is needed here, this is a count",
            "25:79: a sequence is needed here, this is a count",
            "28:9: in 'ours': a sequence cannot be compared with a count",
            "36:43: in 'fits': in 'ours': a sequence cannot be compared with a count",
            "44:39: a count is needed here, this is a sequence",
        ],
    ),
    "a variable with an unknown key": (
        "starts: 0, note:",
        "start: 0, note:",
        ["12:22: 'start' is not a key of a variable | did you mean starts?"],
    ),
    "a start of the wrong type": (
        "{is: count, starts: 0, note",
        "{is: count, starts: -1, note",
        ["12:30: a count is needed here"],
    ),
    "a word that is none of the list": (
        "starts: calm",
        "starts: clam",
        ["13:37: a word is needed here"],
    ),
    "a constant that is no number": (
        "{LIMIT: 2}",
        "{LIMIT: two}",
        ["14:20: the constant LIMIT is a whole number from 0 on"],
    ),
    "a constant that is nothing": (
        "{LIMIT: 2}",
        "{LIMIT: }",
        ["14:19: the constant LIMIT is a whole number from 0 on"],
    ),
    "a name for two things": (
        "{LIMIT: 2}",
        "{LIMIT: 2, tries: 3}",
        ["14:23: 'tries' names a variable and a constant"],
    ),
    "a word that names something": (
        "[calm, cross]",
        "[calm, LIMIT]",
        ["10:1: the word 'LIMIT' also names a constant | give it another name"],
    ),
    "a field twice": (
        "  WHO: count",
        "  NUM: count",
        [
            "19:3: the field 'NUM' exists already",
            "22:27: 'WHO' is not a field of a segment",
        ],
    ),
    "a field called CTL": (
        "  WHO: count",
        "  CTL: count",
        [
            "19:3: the field 'CTL' exists already",
            "22:27: 'WHO' is not a field of a segment",
        ],
    ),
    "a field with an unknown key": (
        "{derived: number(ASK)}",
        "{derive: number(ASK)}",
        ["17:9: 'derive' is not a key of a field | did you mean derived?"],
    ),
    "a control bit twice": (
        "flags: [ASK, ANS]",
        "flags: [ASK, ANS, ASK]",
        ["20:19: 'ASK' stands here twice"],
    ),
    "a call that is a map": (
        "calls: [PING, STOP]",
        "calls: [PING, {STOP: 1}]",
        [
            "32:15: calls is a word or a list of words",
            "42:22: 'STOP' is not a call, a timeout or an event of the reading",
            "45:22: 'STOP' is not a call, a timeout or an event of the reading",
        ],
    ),
    "a segment not in the notation": (
        "<NUM=NXT><CTL=ASK><WHO=asked>",
        "<NUM=NXT> <CTL=ASK>",
        ["22:18: a segment is written <FIELD=value>...<CTL=BIT,BIT>"],
    ),
    "a segment with a field twice": (
        "<NUM=SEG.NUM><CTL=ANS>",
        "<NUM=SEG.NUM><NUM=1>",
        ["23:21: 'NUM' stands here twice"],
    ),
    "a segment with an unknown field": (
        "<NUM=SEG.NUM><CTL=ANS>",
        "<NUM=SEG.NUM><CTL=ANS><WHOM=1>",
        ["23:31: 'WHOM' is not a field of a segment | did you mean WHO?"],
    ),
    "a segment that writes a derived field": (
        "<NUM=SEG.NUM><CTL=ANS>",
        "<LEN=1>",
        ["23:9: 'LEN' is not a field of a segment"],
    ),
    "a segment without a value": (
        "<NUM=SEG.NUM><CTL=ANS>",
        "<CTL=ANS><NUM>",
        ["23:18: <NUM> needs a value | <NUM=1>"],
    ),
    "a segment with an unknown bit": (
        "<NUM=SEG.NUM><CTL=ANS>",
        "<NUM=SEG.NUM><CTL=ASK,ANT>",
        ["23:30: 'ANT' is not a control bit | did you mean ANS?"],
    ),
    "a segment with a mistake in a value": (
        "<NUM=SEG.NUM><CTL=ANS>",
        "<CTL=ANS><NUM=SEG.NUN + 1>",
        ["23:22: 'SEG.NUN' is not known here | did you mean SEG.NUM?"],
    ),
    "a segment that is a list": (
        "<NUM=SEG.NUM><CTL=ANS>",
        "[NUM]",
        ["23:8: the segment ANS is a text"],
    ),
    "an aggregate that is no segment": (
        "queues:\n",
        "aggregate: ANT\nqueues:\n",
        ["24:12: 'ANT' is not a segment | did you mean ANS?"],
    ),
    "a queue that is a word": (
        "{keep: ASK, until: state == IDLE, same: SEG.NUM, refresh: {NUM: NXT}}",
        "all",
        ["25:15: the queue 'unanswered' is a map | {keep: SEG.LEN > 0, until: SEG.SEQ + SEG.LEN =< SND.UNA}"],
    ),
    "a queue that lets nothing go": (
        "until: state == IDLE, ",
        "",
        ["25:15: the queue 'unanswered' needs 'until'"],
    ),
    "a queue with an unknown key": (
        "same: SEG.NUM",
        "sane: SEG.NUM",
        ["25:49: 'sane' is not a key of a queue | did you mean same?"],
    ),
    "a queue that refreshes an unknown field": (
        "refresh: {NUM: NXT}",
        "refresh: {NUN: NXT}",
        ["25:74: 'NUN' is not a field of a segment | did you mean NUM?"],
    ),
    "a definition with a bad name": (
        "  fits: ours(SEG.NUM)",
        "  fits: ours(SEG.NUM)\n  f(a: a",
        ["29:3: 'f(a' cannot name a definition | NAME: expression, or NAME(a, b): expression"],
    ),
    "a definition called by a word of the language": (
        "fits: ours",
        "known: ours",
        [
            "28:3: 'known' is a word of the language and cannot name a definition or what it takes",
            "36:43: 'fits' is not known here",
        ],
    ),
    "a definition with one parameter twice": (
        "ours(number): number == NXT",
        "ours(a, a): a == NXT",
        [
            "27:3: the parameters of 'ours' need names of their own",
            "28:9: 'ours' is not a function",
            "36:43: in 'fits': 'ours' is not a function",
        ],
    ),
    "a definition twice": (
        "  fits: ours(SEG.NUM)",
        "  fits: ours(SEG.NUM)\n  ours: true",
        ["29:3: 'ours' is defined twice | the first is in line 27"],
    ),
    "a definition with a syntax error": (
        "fits: ours(SEG.NUM)",
        "fits: ours(SEG.NUM",
        [
            "28:21: ')' is expected here, not the end",
            "36:43: 'fits' is not known here",
        ],
    ),
    "definitions in a circle": (
        "fits: ours(SEG.NUM)",
        "fits: fats\n  fats: fits",
        [
            "28:9: in 'fats': in 'fits': 'fats' is defined by itself | fats -> fits -> fats",
            "29:9: in 'fits': in 'fats': 'fits' is defined by itself | fits -> fats -> fits",
            "37:43: in 'fits': in 'fats': 'fits' is defined by itself | fits -> fats -> fits",
        ],
    ),
    "a ghost without a start": (
        "{starts: 0, means: how many",
        "{means: how many",
        ["30:10: the ghost 'asked' needs a value it starts with | starts: 0, [], false or a word"],
    ),
    "a ghost with an unknown key": (
        "means: how many questions",
        "meaning: how many",
        ["30:22: 'meaning' is not a key of the ghost 'asked' | did you mean means?"],
    ),
    "a ghost that lasts too long": (
        "means: how many questions",
        "lasts: ever",
        ["30:29: 'ever' is not how long a ghost lasts | did you mean for-ever?"],
    ),
    "a ghost that is a word": (
        "  seen: {starts: [], when: leave WAIT, add: asked}",
        "  seen: nothing",
        ["31:9: the ghost 'seen' is a map (key: value)"],
    ),
    "a ghost that waits for nothing": (
        "when: leave WAIT, add",
        "add",
        ["31:9: an update says when, and one of set, add or append | {when: enter ESTABLISHED, add: ISS}"],
    ),
    "a ghost with two operations": (
        "when: leave WAIT, add: asked",
        "when: leave WAIT, add: asked, set: 1",
        ["31:9: an update says when, and one of set, add or append | {when: enter ESTABLISHED, add: ISS}"],
    ),
    "a ghost that waits for something unknown": (
        "when: leave WAIT",
        "when: exit WAIT",
        ["31:28: 'exit WAIT' is not something a ghost can wait for"],
    ),
    "a ghost that leaves an unknown state": (
        "when: leave WAIT",
        "when: leave WIAT",
        ["31:34: 'WIAT' is not known here | did you mean WAIT?"],
    ),
    "a ghost that adds to no list": (
        "starts: [], when: leave",
        "starts: 0, when: leave",
        ["31:27: 'add' needs a list; seen is a count | starts: []"],
    ),
    "a ghost whose updates are words": (
        "when: leave WAIT, add: asked",
        "updates: [often]",
        ["31:32: an update is a map (key: value)"],
    ),
    "an update with an unknown key": (
        "when: leave WAIT, add: asked",
        "updates: [{when: leave WAIT, ad: asked}]",
        [
            "31:32: an update says when, and one of set, add or append | {when: enter ESTABLISHED, add: ISS}",
            "31:51: 'ad' is not a key of an update of a ghost | did you mean add?",
        ],
    ),
    "a check without a name": (
        "{check: rest, in",
        "{in",
        ["37:5: a check needs a name | check: first"],
    ),
    "a check that is a word": (
        "{check: rest, in: any-state, event: none}",
        "rest",
        ["37:5: a check is a map (key: value)"],
    ),
    "a check without states or event": (
        "{check: rest, in: any-state, event: none}",
        "{check: rest}",
        [
            "37:5: the check 'rest' needs 'in'",
            "37:5: the check 'rest' needs 'event'",
        ],
    ),
    "two checks of one name": (
        "check: rest",
        "check: answer",
        ["37:13: there are two checks 'answer' | the first is in line 36"],
    ),
    "a check that raises a call": (
        "{check: rest, in: any-state, event: none}",
        "{check: rest, in: any-state, event: PING}",
        ["37:13: the event 'PING' is also a call or a timeout"],
    ),
    "a check that goes back": (
        "event: none}",
        "event: none, then: question}",
        ["37:53: 'question' is not a check further down"],
    ),
    "a check with an unknown key": (
        "event: none}",
        "event: none, than: continue}",
        ["37:47: 'than' is not a key of a check | did you mean then?"],
    ),
    "a check in an unknown state": (
        "{check: rest, in: any-state",
        "{check: rest, in: all-states",
        ["37:23: 'all-states' is not a state or group | did you mean any-state?"],
    ),
    "a call offered that is none": (
        "offered: {patience: WAIT}",
        "offered: {patience: WAIT, PONG: WAIT}",
        ["38:27: 'PONG' is not a call or timeout | did you mean PING?"],
    ),
    "a gap": (
        "  - {in: IDLE, when: STOP}",
        "  []",
        [
            "43:1: the cell IDLE / STOP says nothing, and it is offered there | write a rule, a reply, or list it under ignored"
        ],
    ),
    "a gap after a check": (
        "  - {in: WAIT, when: rcv ANS, to: IDLE}\n",
        "",
        [
            "43:1: the cell WAIT / rcv ANS says nothing, and the check 'answer' raises it | write a rule, a reply, or list it under ignored"
        ],
    ),
    "two rules in a cell": (
        "  - {in: WAIT, when: STOP, to: IDLE}",
        "  - {in: WAIT, when: STOP, to: IDLE}\n  - {in: both, when: STOP, to: WAIT}",
        [
            "45:22: two entries can both answer WAIT / STOP: this one and the one at ping/machine.yaml:46:22 | give each an 'if', the last may say 'otherwise: true'",
            "46:22: two entries can both answer IDLE / STOP: this one and the one at ping/machine.yaml:42:22 | give each an 'if', the last may say 'otherwise: true'",
        ],
    ),
    "two rules that are both otherwise": (
        "if: tries < LIMIT,",
        "otherwise: true,",
        [
            "48:22: two entries can both answer WAIT / patience: this one and the one at ping/machine.yaml:49:22 | give each an 'if', the last may say 'otherwise: true'"
        ],
    ),
    "a rule that says otherwise: false": (
        "otherwise: true",
        "otherwise: false",
        [
            "49:22: two entries can both answer WAIT / patience: this one and the one at ping/machine.yaml:48:22 | give each an 'if', the last may say 'otherwise: true'"
        ],
    ),
    "a rule with if and otherwise": (
        "if: tries < LIMIT,",
        "if: tries < LIMIT, otherwise: true,",
        ["48:22: a rule has an 'if' or an 'otherwise', not both"],
    ),
    "a reply without words": (
        ', reply: "error: busy"',
        "",
        ["40:22: a reply says what the user is told | reply: 'error: connection already exists'"],
    ),
    "an event that nothing raises": (
        "when: rcv ANS, to",
        "when: rcv ANT, to",
        [
            "43:1: the cell WAIT / rcv ANS says nothing, and the check 'answer' raises it | write a rule, a reply, or list it under ignored",
            "47:22: 'rcv ANT' is not a call, a timeout or an event of the reading | did you mean rcv ANS?",
        ],
    ),
    "a cell that is never asked": (
        "  - {in: WAIT, when: rcv ANS, to: IDLE}",
        "  - {in: both, when: rcv ANS, to: IDLE}",
        ["47:22: the cell IDLE / rcv ANS can never be asked: nothing raises that event there"],
    ),
    "a rule without state or event": (
        "  - {in: WAIT, when: STOP, to: IDLE}",
        "  - {in: WAIT, when: STOP, to: IDLE}\n  - {to: IDLE}",
        [
            "46:5: a rule needs 'in'",
            "46:5: a rule needs 'when'",
        ],
    ),
    "a rule that is a word": (
        "  - {in: WAIT, when: STOP, to: IDLE}",
        "  - {in: WAIT, when: STOP, to: IDLE}\n  - WAIT",
        ["46:5: a rule is a map (key: value)"],
    ),
    "rules that are a map": (
        "ignored:\n  - {in: IDLE, when: STOP}",
        "ignored:\n  {in: IDLE, when: STOP}",
        [
            "42:3: ignored is a list",
            "43:1: the cell IDLE / STOP says nothing, and it is offered there | write a rule, a reply, or list it under ignored",
        ],
    ),
    "an unknown state in to": (
        "snd: ASK, to: WAIT",
        "snd: ASK, to: WIAT",
        ["44:61: 'WIAT' is not a state | did you mean WAIT?"],
    ),
    "an unknown variable in set": (
        "set: {NXT: fresh}",
        "set: {NEXT: fresh}",
        ["44:34: 'NEXT' is not a variable | did you mean NXT?"],
    ),
    "fresh in an if": (
        "if: tries < LIMIT",
        "if: fresh == 1",
        ["48:36: 'fresh' is not known here | did you mean tries?"],
    ),
    "an unknown variable in after": (
        "after: {tries: tries + 1}",
        "after: {trys: tries + 1}",
        ["48:78: 'trys' is not a variable | did you mean tries?"],
    ),
    "an unknown ghost": (
        "snd: ASK, to",
        "snd: ASK, ghost: {askd: 1}, to",
        ["44:65: 'askd' is not a ghost | did you mean asked?"],
    ),
    "an unknown segment": (
        "snd: ANS}",
        "snd: ANT}",
        ["46:36: 'ANT' is not a segment | did you mean ANS?"],
    ),
    "an unknown queue": (
        "again: unanswered",
        "again: all of unanswerd",
        ["48:65: 'unanswerd' is not a queue | did you mean unanswered?"],
    ),
    "a segment from an unknown check": (
        "snd: ANS}",
        "snd: ANS, queue: segment from questions}",
        ["46:61: 'questions' is not a check | did you mean question?"],
    ),
    "a call queued at another": (
        "when: STOP, to: IDLE}",
        "when: STOP, queue: PING}",
        ["45:35: 'PING' cannot be queued here | queue: STOP, or queue: segment from CHECK"],
    ),
    "a segment kept as something else that does not wait": (
        "snd: ANS}",
        "snd: ANS, as: {NUM: 1}}",
        ["46:45: only a segment that waits is kept as something else | queue: segment from CHECK"],
    ),
    "a segment kept with a field that it cannot carry": (
        "snd: ANS}",
        "snd: ANS, queue: segment from question, as: {LEN: 0, WHO: 1, ANT: true, ASK: 1}}",
        [
            "46:76: 'LEN' is neither a field of a segment nor a control bit",
            "46:84: 'WHO' is neither a field of a segment nor a control bit",
            "46:92: 'ANT' is neither a field of a segment nor a control bit | did you mean ANS?",
            "46:108: a flag is needed here, this is a number",
        ],
    ),
    "a rule that delivers maybe": (
        "snd: ANS}",
        "snd: ANS, delivers: yes}",
        ["46:51: delivers is true or false"],
    ),
    "a citation that is a list": (
        "snd: ANS}",
        "snd: ANS, rfc: [1, 2]}",
        ["46:46: rfc is a text"],
    ),
    "a note that is a map": (
        "  - {in: IDLE, when: STOP}",
        "  - {in: IDLE, when: STOP, note: {}}",
        ["42:34: note is a text"],
    ),
    "a guard that is no flag": (
        "if: tries < LIMIT",
        "if: tries",
        ["48:36: a flag is needed here, this is a count"],
    ),
    "a guard that is nothing": (
        "if: tries < LIMIT",
        "if:",
        ["48:35: an expression is a text"],
    ),
    "a guard with a variable without value in view": (
        "if: tries < LIMIT",
        "if: trys < LIMIT",
        ["48:36: 'trys' is not known here | did you mean tries?"],
    ),
    "a diagram with an unknown key": (
        "  omit: patience",
        "  omits: patience",
        ["51:3: 'omits' is not a key of diagram | did you mean omit?"],
    ),
    "a diagram that leaves out an unknown event": (
        "  omit: patience",
        "  omit: [patience, rcv ANZ]",
        ["51:20: 'rcv ANZ' is not a call, timeout or event | did you mean rcv ANS?"],
    ),
    "a diagram that leaves out an event of an unknown state": (
        "  omit: patience",
        "  omit: WIAT / patience",
        ["51:9: 'WIAT' is not a state or group | did you mean WAIT?"],
    ),
    "a question for a call that is none": (
        "if: tries < LIMIT",
        "if: queued(PONG)",
        ["48:43: 'PONG' is not a call | did you mean PING?"],
    ),
    "a question for no queue": (
        "if: tries < LIMIT",
        "if: waiting()",
        ["48:36: 'waiting' takes the name of a queue"],
    ),
}
PROPERTIES: Mistakes = {
    "an unknown key of a properties file": (
        "assumptions:",
        "asumptions:",
        [
            "24:1: 'asumptions' is not a key of a properties file | did you mean assumptions?",
            "scenarios/once.yaml:6:10: 'slow-clock' is not known in assumes",
        ],
    ),
    "an unknown key of a property": (
        "asked: by-name",
        "ask: by-name",
        ["20:5: 'ask' is not a key of a property | did you mean asked?"],
    ),
    "an unknown kind": (
        "kind: quiet",
        "kind: quite",
        ["23:11: 'quite' is not a kind of property | did you mean quiet?"],
    ),
    "no kind": (
        "    kind: quiet\n",
        "",
        ["22:5: the property 'quiet' needs a kind"],
    ),
    "no sentence": (
        "    says: Segments alone do not go on for ever.\n",
        "",
        ["22:5: the property 'quiet' needs a sentence | says: what is claimed, for people"],
    ),
    "a goal for each end": (
        "    kind: can-always\n",
        "    kind: can-always\n    for: each end\n",
        [
            "19:5: can-always has one goal, and is asked of every state | then: the goal, for both ends at once; or one property for each"
        ],
    ),
    "a goal that is asked of some states": (
        "    kind: can-always\n",
        "    kind: can-always\n    if: A.state == IDLE\n",
        [
            "19:5: can-always has one goal, and is asked of every state | then: the goal, for both ends at once; or one property for each"
        ],
    ),
    "quiet with an expression": (
        "    kind: quiet\n",
        "    kind: quiet\n    then: true\n",
        ["24:5: quiet takes no expression"],
    ),
    "no expression": (
        "    then: p.tries =< LIMIT\n",
        "",
        ["6:5: the property 'patient' needs an expression | then: A.state == B.state"],
    ),
    "an unknown witness": (
        "    asked: by-name",
        "    of: stat",
        ["20:9: 'stat' is not what a witness can be | did you mean state?"],
    ),
    "asked nowhere": (
        "asked: by-name",
        "asked: never",
        ["20:12: 'never' is not where a property is asked"],
    ),
    "asked for one end": (
        "    kind: always\n    for: each end",
        "    kind: always\n    for: A",
        [
            "8:10: 'A' is not what a property can be asked for",
            "9:11: 'p.tries' is not known here | did you mean B.tries?",
        ],
    ),
    "a property of an unknown class": (
        "  quiet:\n",
        "  quiet:\n    class: guarantees\n",
        ["22:12: 'guarantees' is not a class of properties | did you mean guarantee?"],
    ),
    "a property with a bad name": (
        "  quiet:\n",
        "  so quiet:\n",
        [
            "21:3: 'so quiet' cannot name a property | a name is letters, digits and _, in parts joined by - or . (our-FIN-sent, SND.NXT)"
        ],
    ),
    "a property that is a word": (
        "  can-rest:\n    says: Both can always come to rest.\n    kind: can-always\n    then: at-rest(A.state) and at-rest(B.state)\n    asked: by-name\n",
        "  can-rest: yes\n",
        [
            "16:13: the property 'can-rest' is a map (key: value)",
            "scenarios/once.yaml:7:14: 'can-rest' is not known in properties",
        ],
    ),
    "p without for": (
        "then: at-rest(A.state)",
        "then: at-rest(p.state)",
        ["19:19: 'p.state' is not known here | did you mean B.state?"],
    ),
    "a mistake in a definition": (
        "at-rest(where): where == IDLE",
        "at-rest(where): where == IDEL",
        ["19:11: in 'at-rest': 'IDEL' is not known here | did you mean IDLE?"],
    ),
    "a syntax error in a definition": (
        "at-rest(where): where == IDLE",
        "at-rest(where): where == ",
        [
            "3:27: a value is expected here, not the end",
            "19:11: 'at-rest' is not a function",
        ],
    ),
    "a definition of properties twice": (
        "at-rest(where): where == IDLE",
        "at-rest(where): where == IDLE\n  at-rest: true",
        ["4:3: 'at-rest' is defined twice"],
    ),
    "before in a property of states": (
        "then: p.tries =< LIMIT",
        "then: before p.tries =< LIMIT",
        ["9:11: 'before' has a meaning only where a step is looked at (kind: step)"],
    ),
    "a property that is no flag": (
        "then: p.tries =< LIMIT",
        "then: p.tries + LIMIT",
        ["9:11: a flag is needed here, this is a count"],
    ),
    "a segment where none arrives": (
        "then: p.tries =< LIMIT",
        "then: ANS in SEG.CTL",
        [
            (
                "9:18: 'SEG.CTL' is not known here"
                " | it is known where a step is looked at: kind: step, or of: step beside kind: sometimes"
            )
        ],
    ),
    "a queue that is none": (
        "then: p.tries =< LIMIT",
        "then: not waiting(p, unanswerd)",
        ["9:26: 'unanswerd' cannot be asked for here | did you mean unanswered?"],
    ),
    "an end that is none": (
        "then: p.tries =< LIMIT",
        "then: size(flight(C)) < 3",
        ["9:23: the name of an end is needed here"],
    ),
    "an assumption without step": (
        "    step: patience\n",
        "",
        ["26:5: the assumption 'slow-clock' needs 'step'"],
    ),
    "an assumption about no step": (
        "step: patience",
        "step: [patience, deliverance]",
        ["27:22: 'deliverance' is not a kind of step | did you mean deliver?"],
    ),
    "an assumption about the number of steps that take none": (
        "step: patience\n    only-if: size(flight(p)) == 0",
        "step: [fresh, patience]\n    only-if: fresh != 0",
        [
            (
                "28:14: 'fresh' is not known here"
                " | the number that a step takes is known in an assumption that is about such steps alone: step: fresh"
            )
        ],
    ),
    "an assumption about the number that was taken before": (
        "step: patience\n    only-if: size(flight(p)) == 0",
        "step: fresh\n    only-if: before fresh != fresh",
        [
            (
                "28:21: 'fresh' is not known here"
                " | the number that a step takes is known in an assumption that is about such steps alone: step: fresh"
            )
        ],
    ),
    "a property about the number that a step takes": (
        "then: before p.state == WAIT",
        "then: fresh != 0",
        [
            (
                "15:11: 'fresh' is not known here"
                " | the number that a step takes is known in an assumption that is about such steps alone: step: fresh"
            )
        ],
    ),
    "an assumption that is a list": (
        "  slow-clock:\n    says: Patience ends when nothing is in flight.\n    step: patience\n    only-if: size(flight(p)) == 0 and size(flight(q)) == 0\n",
        "  slow-clock: []\n",
        [
            "25:15: the assumption 'slow-clock' is a map (key: value)",
            "scenarios/once.yaml:6:10: 'slow-clock' is not known in assumes",
        ],
    ),
    "an unknown key of an assumption": (
        "only-if:",
        "only if:",
        [
            "26:5: the assumption 'slow-clock' needs 'only-if'",
            "28:5: 'only if' is not a key of an assumption | did you mean only-if?",
        ],
    ),
    "an unknown headline": (
        "define:",
        "headline: {property: patent, variant: death}\ndefine:",
        [
            "1:1: headline: 'patent' is not known | did you mean patient?",
            "1:1: headline: 'death' is not known | did you mean deaf?",
        ],
    ),
    "an unknown key of the headline": (
        "define:",
        "headline: {proberty: patient}\ndefine:",
        ["2:12: 'proberty' is not a key of a headline | did you mean property?"],
    ),
}
SCENARIO: Mistakes = {
    "an unknown key of a scenario": (
        "assumes: slow-clock",
        "asumes: slow-clock",
        ["6:1: 'asumes' is not a key of a scenario | did you mean assumes?"],
    ),
    "a scenario without a sentence": (
        "says: A asks once.\n",
        "",
        ["2:1: a scenario needs a sentence | says: what happens in it, for people"],
    ),
    "an end that is a list": (
        "A: {calls: {PING: 1}, isn: [7]}",
        "A: []",
        ["3:4: the end A is a map (key: value)"],
    ),
    "an unknown key of an end": (
        "isn: [7]",
        "isns: [7]",
        ["3:23: 'isns' is not a key of an end | did you mean isn?"],
    ),
    "an unknown call": (
        "calls: {PING: 1}",
        "calls: {PIN: 1}",
        ["3:13: 'PIN' is not a call of this protocol | did you mean PING?"],
    ),
    "an unknown timeout": (
        "timeouts: {patience: unlimited}",
        "timeouts: {patient: unlimited}",
        ["4:12: 'patient' is not a timeout of this protocol | did you mean patience?"],
    ),
    "an unknown constant": (
        "assumes: slow-clock",
        "constants: {LIMITS: 3}",
        ["6:13: 'LIMITS' is not a constant of this protocol | did you mean LIMIT?"],
    ),
    "a constant of a scenario that is no number": (
        "assumes: slow-clock",
        "constants: {LIMIT: 3.5}",
        ["6:20: the constant LIMIT is a whole number from 0 on"],
    ),
    "a limit that is none": (
        "patience: unlimited",
        "patience: often",
        ["4:22: how often patience may happen is a whole number from 0 on or the word unlimited"],
    ),
    "an ISN that is none": (
        "isn: [7]",
        "isn: [7, -1]",
        ["3:32: an ISN is a whole number from 0 on"],
    ),
    "ISNs that are no list": (
        "isn: [7]",
        "isn: 7",
        ["3:28: isn is a list"],
    ),
    "a network that is a word": (
        "network: {capacity: 2, loss: 1}",
        "network: bag",
        ["5:10: network is a map (key: value)"],
    ),
    "an unknown kind of network": (
        "network: {capacity: 2",
        "network: {kind: bags, capacity: 2",
        ["5:17: 'bags' is not a kind of network | did you mean bag?"],
    ),
    "an unknown key of a network": (
        "loss: 1",
        "losses: 1",
        ["5:24: 'losses' is not a key of a network | did you mean loss?"],
    ),
    "a loss that is none": (
        "loss: 1",
        "loss: 1.5",
        ["5:30: loss is a whole number from 0 on or the word unlimited"],
    ),
    "a segment planted nowhere": (
        "loss: 1",
        "planted: [{segment: <NUM=1><CTL=ANS>}]",
        [
            "5:34: a planted segment says where it goes to and what it is | {to: B, segment: <SEQ=90><CTL=SYN>}"
        ],
    ),
    "a segment planted at an unknown end": (
        "loss: 1",
        "planted: [{to: C, segment: <NUM=1><CTL=ANS>}]",
        [
            "5:34: a planted segment says where it goes to and what it is | {to: B, segment: <SEQ=90><CTL=SYN>}",
            "5:39: 'C' is not an end",
        ],
    ),
    "an unknown key of a planted segment": (
        "loss: 1",
        "planted: [{too: A, to: A, segment: <NUM=1><CTL=ANS>}]",
        ["5:35: 'too' is not a key of a planted segment | did you mean to?"],
    ),
    "a modulus that is too small": (
        "assumes: slow-clock",
        "modulus: 1",
        ["6:10: a modulus lies between 2 and 4294967296"],
    ),
    "a modulus that is none": (
        "assumes: slow-clock",
        "modulus: all",
        ["6:10: modulus is a whole number from 0 on"],
    ),
    "an unknown assumption": (
        "assumes: slow-clock",
        "assumes: [slow-clok]",
        ["6:11: 'slow-clok' is not known in assumes | did you mean slow-clock?"],
    ),
    "an unknown property of a scenario": (
        "properties: [can-rest]",
        "properties: [can-test]",
        ["7:14: 'can-test' is not known in properties | did you mean can-rest?"],
    ),
    "an unknown property left out": (
        "properties: [can-rest]",
        "without: [patent]",
        ["7:11: 'patent' is not known in without | did you mean patient?"],
    ),
    "an unknown expectation": (
        "assumes: slow-clock",
        "expect: {state: 8}",
        ["6:10: 'state' is not a key of an expectation | did you mean states?"],
    ),
    "an unknown violation": (
        "assumes: slow-clock",
        "expect: {violated: {patent: 3, quiet: maybe}}",
        [
            "6:21: 'patent' is not a property | did you mean patient?",
            "6:39: the length of a trace is a whole number from 0 on",
        ],
    ),
    "a counterexample without a length": (
        "assumes: slow-clock",
        "expect: {violated: {patient: none}}",
        [
            ("6:30: 'patient' has a counterexample if it is violated"
            " | how many steps its shortest counterexample has; only a violated sometimes has none")
        ],
    ),
    "an unknown twin": (
        "assumes: slow-clock",
        "twin: twice",
        ["6:7: there is no scenario 'twice'"],
    ),
    "a flag that is none": (
        "assumes: slow-clock",
        "slow: very",
        ["6:7: slow is true or false"],
    ),
    "a planted segment that is a word": (
        "loss: 1",
        "planted: [SYN]",
        ["5:34: a planted segment is a map (key: value)"],
    ),
}


def told(file: str, folder: Path) -> list[str]:
    """Load the small protocol; return its problems, those of other files with the name of the file."""
    found = problems_of(lambda: load_protocol(folder, "ping"))
    return [
        shown(problem)
        if problem.place.path == f"ping/{file}"
        else f"{problem.place.path[5:]}:{shown(problem)}"
        for problem in found
    ]


@pytest.mark.parametrize("mistake", MACHINE)
def test_a_mistake_in_a_machine_is_told_with_its_place(edit: Edit, mistake: str) -> None:
    """A mistake in machine.yaml is told with line, column and what would be right."""
    old, new, expected = MACHINE[mistake]
    folder = edit("machine.yaml", old, new)

    assert told("machine.yaml", folder) == expected


@pytest.mark.parametrize("mistake", PROPERTIES)
def test_a_mistake_in_properties_is_told_with_its_place(edit: Edit, mistake: str) -> None:
    """A mistake in properties.yaml is told with line, column and what would be right."""
    old, new, expected = PROPERTIES[mistake]
    folder = edit("properties.yaml", old, new)

    assert told("properties.yaml", folder) == expected


@pytest.mark.parametrize("mistake", SCENARIO)
def test_a_mistake_in_a_scenario_is_told_with_its_place(edit: Edit, mistake: str) -> None:
    """A mistake in a scenario is told with line, column and what would be right."""
    old, new, expected = SCENARIO[mistake]
    folder = edit("scenarios/once.yaml", old, new)

    assert told("scenarios/once.yaml", folder) == expected


# ---- all mistakes at once --------------------------------------------------------------------------------------------


def test_all_mistakes_of_a_file_are_told_at_once_in_file_order(edit: Edit) -> None:
    """Whoever mends a file sees everything that is wrong in it."""
    edit("machine.yaml", "NXT: sequence", "NXT: sequnce")
    edit("machine.yaml", "snd: ANS}", "snd: ANT}")
    folder = edit("machine.yaml", "snd: ASK, to: WAIT", "sned: ASK, to: WIAT")

    assert [line for line in told("machine.yaml", folder) if "did you mean" in line] == [
        "11:8: 'sequnce' is not a type | did you mean sequence?",
        "44:47: 'sned' is not a key of a rule | did you mean snd?",
        "44:62: 'WIAT' is not a state | did you mean WAIT?",
        "46:36: 'ANT' is not a segment | did you mean ANS?",
    ]


def test_mistakes_of_several_files_are_told_together(edit: Edit) -> None:
    """A protocol is one folder: the mistakes of all its files come in one answer."""
    edit("properties.yaml", "kind: quiet", "kind: quite")
    edit("scenarios/once.yaml", "isn: [7]", "isn: 7")
    folder = edit("variants/deaf.yaml", "extends: ping", "extends: ")

    assert told("", folder) == [
        "properties.yaml:23:11: 'quite' is not a kind of property | did you mean quiet?",
        "scenarios/once.yaml:3:28: isn is a list",
        "variants/deaf.yaml:2:1: a variant needs 'extends' | extends: tcp",
    ]


def test_a_file_that_cannot_be_read_holds_nothing_against_the_others(edit: Edit) -> None:
    """What a broken machine would have declared is not reported missing in the scenarios."""
    folder = edit("machine.yaml", "title: ask and answer", "title: [")

    assert len(told("machine.yaml", folder)) == 1


def test_a_message_shows_the_line_and_points_at_the_word(edit: Edit) -> None:
    """A problem is printed with its line and a caret below the word."""
    folder = edit("machine.yaml", "to: WAIT}", "to: WIAT}")
    (problem,) = [
        found for found in problems_of(lambda: load_protocol(folder, "ping")) if "WIAT" in found.message
    ]

    assert str(problem).splitlines() == [
        "ping/machine.yaml:44:61: 'WIAT' is not a state",
        "      - {in: IDLE, when: PING, set: {NXT: fresh}, snd: ASK, to: WIAT}",
        "    " + " " * 60 + "^^^^",
        "  did you mean WAIT? choices: IDLE, WAIT",
    ]


def test_a_variant_and_a_scenario_of_one_name_are_refused(ping: Path) -> None:
    """Targets of the command line have names of their own."""
    shutil.copy(ping / "variants/deaf.yaml", ping / "variants/once.yaml")

    assert told("", ping) == [
        "variants/once.yaml:2:1: 'once' also names a scenario | targets need names of their own"
    ]


# ---- files that are not there ----------------------------------------------------------------------------------------


def test_a_folder_without_a_machine_is_refused(tmp_path: Path) -> None:
    """A missing machine.yaml is a problem of that file."""
    assert told("machine.yaml", tmp_path) == ["1:1: cannot be read: No such file or directory"]


def test_a_folder_in_the_place_of_a_file_is_refused(ping: Path) -> None:
    """A folder whose name ends in .yaml is no scenario."""
    (ping / "scenarios/twice.yaml").mkdir()

    assert told("", ping) == ["scenarios/twice.yaml:1:1: cannot be read: Is a directory"]


def test_a_path_with_a_nul_is_refused(ping: Path) -> None:
    """A path that no system has is answered like one that does not exist."""
    assert told("machine.yaml", ping / "a\0b") == ["1:1: cannot be read: embedded null byte"]


def test_properties_scenarios_and_variants_are_not_needed(ping: Path) -> None:
    """A machine alone is a protocol."""
    (ping / "properties.yaml").unlink()
    for part in ("scenarios", "variants", "claims"):
        shutil.rmtree(ping / part)
    protocol = load_protocol(ping)

    assert (protocol.scenarios, protocol.variants, protocol.properties.properties) == ({}, {}, {})


def test_an_unknown_scenario_is_the_callers_mistake(ping: Path) -> None:
    """Asking for a scenario that is not there names those that are near."""
    protocol = load_protocol(ping)

    with pytest.raises(UsageError, match=r"^ping has no scenario 'ones'; did you mean once"):
        protocol.scenario("ones")


def test_an_unknown_property_is_the_callers_mistake(ping: Path) -> None:
    """Asking for a property that is not there names those that are near."""
    protocol = load_protocol(ping)

    with pytest.raises(UsageError, match=r"^ping has no property 'quite'; did you mean quiet"):
        build(protocol, protocol.scenario("once"), only="quite")


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        ("{state: WIAT}", "3:38: 'WIAT' is not a state | did you mean WAIT?"),
        ("{trys: 1}", "3:31: 'trys' is not a variable or ghost | did you mean tries?"),
        ("{tries: -1}", "3:38: a count is needed here"),
        ("{mood: sad}", "3:37: a word is needed here"),
        ("{seen: [x]}", "3:38: a count is needed here"),
    ],
)
def test_a_start_that_does_not_fit_the_machine_is_told(edit: Edit, start: str, expected: str) -> None:
    """An end starts with values that the machine has, of their types."""
    folder = edit("scenarios/once.yaml", "isn: [7]", f"start: {start}")
    edit("properties.yaml", "then: p.tries =< LIMIT", "then: p.tries =< LIMIT and size(p.seen) < 9")

    def built() -> object:
        protocol = load_protocol(folder, "ping")
        return build(protocol, protocol.scenario("once"))

    assert [shown(problem) for problem in problems_of(built)] == [expected]


def test_a_mistake_in_a_planted_segment_is_told(edit: Edit) -> None:
    """A planted segment is written with numbers, in the notation of the machine."""
    folder = edit("scenarios/once.yaml", "loss: 1", "planted: [{to: B, segment: <NUM=NXT><CTL=ANT>}]")

    def built() -> object:
        protocol = load_protocol(folder, "ping")
        return build(protocol, protocol.scenario("once"))

    assert [shown(problem) for problem in problems_of(built)] == [
        "5:56: 'NXT' is not known here",
        "5:65: 'ANT' is not a control bit | did you mean ANS?",
    ]


# ---- words ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "then", "expected"),
    [
        ("step", "action != 'PIGN'", "9:22: 'action' is never 'PIGN' | did you mean PING?"),
        ("step", "action != 'rcv ASK'", "9:22: 'action' is never 'rcv ASK'"),
        ("step", "step != 'loose'", "9:20: 'step' is never 'loose' | did you mean lose?"),
        ("step", "p.mood != 'calmer'", "9:22: 'p.mood' is never 'calmer' | did you mean calm?"),
        (
            "step",
            "every (from, why, to) in changes: why in {'PING', 'rcv ANT'}",
            "9:62: 'why' is never 'rcv ANT' | did you mean rcv ANS?",
        ),
        ("step", "action != PING", "9:22: 'PING' is not known here | the name of a call, a timeout or an event is a word in quotes: 'PING'"),
        (
            "step",
            "every (from, why, to) in changes: why == rcv ANS or to == IDLE",
            "9:57: 'ANS' is not expected here | the name of a call, a timeout or an event is a word in quotes: 'rcv ANS'",
        ),
        ("step", "size(before sent) == 0", "9:24: 'sent' is not known here | 'before' is for values of a state; this is said of the step"),
        (
            "always",
            "size(sent) == 0",
            "9:17: 'sent' is not known here | it is known where a step is looked at: kind: step, or of: step beside kind: sometimes",
        ),
        (
            "always",
            "SEG.NUM == 7",
            "9:12: 'SEG.NUM' is not known here | it is known where a step is looked at: kind: step, or of: step beside kind: sometimes",
        ),
    ],
)  # fmt: skip
def test_a_word_of_a_property_that_nothing_can_be_is_told(edit: Edit, kind: str, then: str, expected: str) -> None:
    """With what would have been right; a property that compares with a misspelt word would hold whatever happens."""
    edit("properties.yaml", "    kind: always\n", f"    kind: {kind}\n")
    folder = edit("properties.yaml", "then: p.tries =< LIMIT", f'then: "{then}"')

    assert told("properties.yaml", folder) == [expected]


def test_a_property_may_name_an_event_that_a_variant_alone_has(edit: Edit) -> None:
    """Properties are asked of variants as well; the machine itself never has that event."""
    edit("variants/deaf.yaml", "  - {in: both,", """\
  - {before: question, check: both bits, in: any-state, if: ASK and ANS, event: rcv both}
  - {ignored: {in: both, when: rcv both}}
  - {in: both,""")
    edit("properties.yaml", "    kind: always\n", "    kind: step\n")
    folder = edit("properties.yaml", "then: p.tries =< LIMIT", 'then: "every (from, why, to) in changes: why != \'rcv both\'"')
    protocol = load_protocol(folder, "ping")

    assert "rcv both" in protocol.events()
    assert build(protocol, protocol.scenario("once"), "deaf").properties


def test_a_property_may_name_an_event_that_a_variant_takes_away(tcp: Protocol) -> None:
    """What no check raises there is still an event of the protocol."""
    assert set(tcp.machine().events) <= set(tcp.events())


# ---- mistakes of properties that show only with values ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("then", "kind", "expected"),
    [
        ("p.NXT == p.NXT", "always", "A.NXT has no value in IDLE"),
        ("SEG.NUM == 7", "step", "no segment arrives in this step: ask 'arrives' first"),
        ("SEG.LEN == 1", "step", "no segment arrives in this step: ask 'arrives' first"),
        ("ASK in SEG.CTL", "step", "no segment arrives in this step: ask 'arrives' first"),
        ("every s in flight(p): s.WHO == 1", "always", "the segment <NUM=7><CTL=ANS> has no WHO"),
    ],
)
def test_a_property_that_reads_what_is_not_there_is_told(
    edit: Edit, then: str, kind: str, expected: str
) -> None:
    """A value that is not set is a mistake of the property that reads it, with its place and what to ask first."""
    edit("properties.yaml", "    kind: always\n", f"    kind: {kind}\n")
    folder = edit("properties.yaml", "then: p.tries =< LIMIT", f"then: >-\n      {then}")
    protocol = load_protocol(folder, "ping")
    built = build(protocol, protocol.scenario("once"), only="patient")
    (problem,) = problems_of(lambda: check(explore(built.system), built.properties))

    assert (problem.place.path, problem.place.line, problem.place.column) == ("ping/properties.yaml", 9, 11)
    assert problem.message in (expected, expected.replace("A.", "p."))
    assert problem.hint == "ask first: known(NAME) implies ..., or ask for the state"


@pytest.mark.parametrize(
    ("kind", "then", "verdict"),
    [
        (
            "step",
            "arrives implies (ASK in SEG.CTL implies size(sent) == 1 and every s in sent: s.CTL == {ANS})",
            "holds",
        ),
        ("step", "arrives and ASK in SEG.CTL implies SEG.LEN == 1 and SEG.NUM == 7", "holds"),
        ("step", "action == 'PING' implies size(sent) == 1 and size(changes) == 1", "holds"),
        ("step", "step == lose implies size(sent) == 0 and size(changes) == 0 and not arrives", "holds"),
        ("step", "every (from, why, to) in changes: from == IDLE and why == 'PING' or to == IDLE", "holds"),
        ("step", "every (from, why, to) in changes: from == IDLE", "violated"),
        ("step", "before size(flight(p)) =< size(flight(p)) + 1", "holds"),
        ("always", "waiting(p, unanswered) implies p.state == WAIT and not queued(p, PING)", "holds"),
        ("always", "size(flight(p)) == 0", "violated"),
        ("always", "every s in flight(p): s.LEN + number(ANS in s.CTL) == 1", "holds"),
        ("always", "known(p.NXT) implies p.NXT == 7", "holds"),
        ("always", "size(p.seen) == 0", "violated"),
    ],
)
def test_a_property_sees_both_ends_the_channels_and_the_step(
    edit: Edit, kind: str, then: str, verdict: str
) -> None:
    """What a property reads is what happened."""
    edit("properties.yaml", "    kind: always\n", f"    kind: {kind}\n")
    folder = edit("properties.yaml", "    then: p.tries =< LIMIT", f"    then: >-\n      {then}")
    protocol = load_protocol(folder, "ping")
    built = build(protocol, protocol.scenario("once"), only="patient")
    (found,) = check(explore(built.system), built.properties)

    assert found.verdict == verdict


def test_a_scenario_with_other_bounds_is_another_scenario(ping: Path) -> None:
    """Bounds given on the command line stand in the place of those of the file; the others stay."""
    scenario = load_protocol(ping).scenario("once")
    other = scenario.bounded(loss=5)

    assert (other.network.loss, other.network.capacity, other.rebounded) == (5, 2, True)
    assert scenario.bounded() is scenario


# ---- limits ----------------------------------------------------------------------------------------------------------


def minimal(**sections: str) -> str:
    """A machine that says almost nothing, with sections in the place of its own."""
    own = {"protocol": "p", "states": "{S: {}}", "calls": "[]", "reading": "[]", "rules": "[]"}
    return "\n".join(f"{name}: {text}" for name, text in {**own, **sections}.items())


def told_of(folder: Path, text: str) -> list[str]:
    """Return the problems of a machine."""
    (folder / "machine.yaml").write_text(text, encoding="utf-8")
    return [shown(problem) for problem in problems_of(lambda: load_protocol(folder, "p"))]


def test_too_many_states_are_refused(tmp_path: Path) -> None:
    """The cells of a machine are states times events, so both are bounded."""
    states = ", ".join(f"S{number}: {{}}" for number in range(MAX_STATES + 1))

    assert told_of(tmp_path, minimal(states=f"{{{states}}}")) == [
        f"1:1: a machine has at most {MAX_STATES} states"
    ]


def test_too_many_cells_are_refused(tmp_path: Path) -> None:
    """A few lines cannot stand for millions of cells."""
    states = ", ".join(f"S{number}: {{}}" for number in range(400))
    calls = ", ".join(f"C{number}" for number in range(200))
    text = minimal(states=f"{{{states}}}", calls=f"[{calls}]", rules=f"[{{in: any-state, when: [{calls}]}}]")

    assert told_of(tmp_path, text) == ["5:31: the cells of a machine are at most 50,000"]


def test_problems_without_end_are_cut_short(tmp_path: Path) -> None:
    """After a hundred problems in a file no more are looked for, and that is said."""
    calls = ", ".join(f"C{number}" for number in range(5_000))
    found = told_of(tmp_path, minimal(calls=f"[{calls}]"))

    assert (len(found), found[-1]) == (101, "6:1: more than 100 problems; the rest is left out")


def test_definitions_that_grow_without_end_are_refused(tmp_path: Path) -> None:
    """Twenty definitions, each twice the one before, are a mistake and not a computation of hours."""
    define = ", ".join(["d0: true", *(f"d{n}: d{n - 1} and d{n - 1}" for n in range(1, 21))])
    found = told_of(tmp_path, minimal(define=f"{{{define}}}"))

    assert "the definitions used here expand to too large an expression" in found[0]


def test_definitions_that_grow_in_the_whole_file_are_refused(tmp_path: Path) -> None:
    """What every single expression may use, the file as a whole may not use without end."""
    define = ", ".join(["d0: true", *(f"d{n}: d{n - 1} and d{n - 1}" for n in range(1, 10))])
    checks = ", ".join(f"{{check: c{number}, in: S, if: d9, event: none}}" for number in range(500))
    found = told_of(tmp_path, minimal(define=f"{{{define}}}", reading=f"[{checks}]"))

    assert found[0].endswith(": the definitions used in this file expand to too much")


def test_properties_that_grow_in_the_whole_file_are_refused(tmp_path: Path) -> None:
    """The same bound holds for a file of properties."""
    define = ", ".join(["d0: true", *(f"d{n}: d{n - 1} and d{n - 1}" for n in range(1, 10))])
    properties = "\n".join(f"  p{number}: {{says: x, kind: always, then: d9}}" for number in range(500))
    (tmp_path / "properties.yaml").write_text(
        f"define: {{{define}}}\nproperties:\n{properties}\n", encoding="utf-8"
    )

    assert told_of(tmp_path, minimal())[0].endswith(": the definitions used in this file expand to too much")


def test_a_long_chain_of_definitions_is_refused(tmp_path: Path) -> None:
    """Five hundred definitions of definitions do not exhaust the stack."""
    define = ", ".join(["d0: true", *(f"d{n}: d{n - 1}" for n in range(1, 500))])
    found = told_of(tmp_path, minimal(define=f"{{{define}}}"))

    assert "the expression is more than 80 operations deep" in found[0]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("x" * 100_000, "the expression is longer than 2,000 characters"),
        ("not " * 499 + "true", "more than 40 times 'not'"),
        ("not " * 3_000 + "true", "the expression is longer than 2,000 characters"),
        ("(" * 900 + "true" + ")" * 900, "the expression is nested more than 40 levels deep"),
        ("(" * 3_000, "the expression is longer than 2,000 characters"),
        ("1+" * 900 + "1 == 1", "the expression is more than 80 operations deep"),
        ("true or " * 200 + "true", "the expression is more than 80 operations deep"),
        ("true implies " * 150 + "true", "the expression is nested more than 40 levels deep"),
        ("every x in {1}: " * 100 + "true", "the expression is nested more than 40 levels deep"),
        ("9" * 19, "the number has more than 18 digits"),
    ],
)
def test_an_expression_without_end_is_refused(tmp_path: Path, expression: str, expected: str) -> None:
    """Length, depth and digits of an expression are bounded."""
    found = told_of(tmp_path, minimal(define=f"\n  d: >-\n    {expression}"))

    assert [line.partition(": ")[2].partition(" | ")[0] for line in found] == [expected]


def test_a_segment_without_end_is_refused(tmp_path: Path) -> None:
    """A segment with thousands of fields is refused before it is looked at."""
    text = "".join(f"<F{number}=1>" for number in range(1_000))

    assert told_of(tmp_path, minimal(segments=f"{{X: {text}}}")) == [
        "6:15: the segment is longer than 2,000 characters"
    ]


# ---- TCP as it ships -------------------------------------------------------------------------------------------------


def test_every_cell_of_tcp_is_decided(tcp: Protocol) -> None:
    """Each state has a rule, a reply or an ignored entry for every call, timeout and event that can reach it."""
    machine = tcp.machine()
    asked = {(state, event) for event in (*machine.calls, *machine.timeouts) for state in machine.states}
    asked |= {(state, check.event) for check in machine.checks if check.event for state in check.states}

    assert asked == {*machine.rules, *machine.silent}


def test_every_rule_of_tcp_cites_the_rfc(tcp: Protocol) -> None:
    """A rule that cites nothing cannot be read beside the RFC."""
    machine = tcp.machine()

    assert [rule.name for rule in machine.all_rules if not rule.rfc.startswith("§")] == []


@pytest.mark.parametrize("name", sorted(path.stem for path in (SPEC / "tcp" / "variants").glob("*.yaml")))
def test_every_variant_of_tcp_compiles(tcp: Protocol, name: str) -> None:
    """A shipped variant fits the machine and changes at least one cell, check or definition."""
    machine = tcp.machine(name)

    assert machine.variant == name


def test_an_assumption_about_numbers_that_no_rule_takes_is_told(edit: Edit) -> None:
    """It would rule nothing out, and stand beside a verdict all the same."""
    edit("machine.yaml", "set: {NXT: fresh}", "set: {NXT: 5}")
    folder = edit("properties.yaml", "step: patience", "step: [patience, fresh]")

    assert [shown(problem) for problem in problems_of(lambda: load_protocol(folder))] == [
        "27:22: no rule of ping takes an initial sequence number | set: {NAME: fresh}"
    ]


def test_an_assumption_may_be_about_numbers_that_a_variant_alone_takes(edit: Edit) -> None:
    """Every variant is run under the assumptions of its scenarios."""
    edit("machine.yaml", "set: {NXT: fresh}", "set: {NXT: 5}")
    edit("variants/deaf.yaml", "changes:\n", "changes:\n  - {in: IDLE, when: PING, to be: {set: {NXT: fresh}}}\n")
    folder = edit("properties.yaml", "step: patience", "step: fresh")

    assert load_protocol(folder).properties.assumptions["slow-clock"].steps == ("fresh",)


def test_a_machine_carries_only_the_ghosts_that_are_read(tcp: Protocol) -> None:
    """Ghosts cost states: what no chosen property reads is left out, and what the chosen ones need is kept."""
    machine = tcp.machine("", context.Settings(ghosts=frozenset({"pairs"})))

    assert [ghost.name for ghost in machine.ghosts] == ["attempt", "peer", "pairs"]
    assert [field.name for field in machine.layout.fields if field.ghost] == ["INC"]


def test_a_scenario_gives_constants_and_the_modulus_other_values(edit: Edit) -> None:
    """Small circles show what happens where numbers wrap around."""
    folder = edit("scenarios/once.yaml", "assumes: slow-clock", "constants: {LIMIT: 5}\nmodulus: 8")
    protocol = load_protocol(folder)
    machine = build(protocol, protocol.scenario("once")).machine

    assert (machine.constants, machine.modulus) == ({"LIMIT": 5}, 8)


def test_a_scenario_that_is_loaded_says_everything_that_bounds_it(ping: Path) -> None:
    """Every bound of the space is data, with the word unlimited where there is none."""
    scenario = load_protocol(ping).scenario("once")

    assert scenario.bounds() == {
        "network": "bag", "capacity": 2, "loss": 1, "duplication": 0,
        "A PING": 1, "A patience": "unlimited", "A ISNs": 1, "B patience": "unlimited", "B ISNs": 0,
    }  # fmt: skip


# ---- whatever a student writes ---------------------------------------------------------------------------------------

SHIPPED = sorted(path for path in (SPEC / "tcp").rglob("*.yaml") if path.parent.name != "figures")
TOKEN = re.compile(r"[\w.\-]+|[^\w\s]")
WORDS = sorted({word for path in SHIPPED for word in TOKEN.findall(path.read_text(encoding="utf-8"))})
ODD = [
    "~",
    "[]",
    "{}",
    '""',
    "null",
    "true",
    "-1",
    "9" * 17,
    "&a",
    "*a",
    "!!x",
    "'",
    "? ",
    "- - -",
    ": ",
    "\t",
    "\u2028",
    "\ufeff",
    "🦄",
]


@st.composite
def mutated(draw: st.DrawFn, text: str) -> str:
    """Change a text as a slip of the editor would: lines deleted, doubled, swapped; words replaced; odd characters."""
    for _ in range(draw(st.integers(1, 3))):
        lines = text.split("\n")
        here, there = (draw(st.integers(0, len(lines) - 1)) for _ in range(2))
        match draw(st.sampled_from(["delete", "double", "swap", "replace", "insert", "cut"])):
            case "delete":
                del lines[here]
            case "double":
                lines.insert(there, lines[here])
            case "swap":
                lines[here], lines[there] = lines[there], lines[here]
            case "replace":
                tokens = list(TOKEN.finditer(lines[here]))
                if tokens:
                    token = draw(st.sampled_from(tokens))
                    word = draw(st.sampled_from(WORDS) | st.sampled_from(ODD))
                    lines[here] = lines[here][: token.start()] + word + lines[here][token.end() :]
            case "insert":
                place = draw(st.integers(0, len(lines[here])))
                odd = draw(
                    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=3)
                    | st.sampled_from(ODD)
                )
                lines[here] = lines[here][:place] + odd + lines[here][place:]
            case "cut":
                lines[here] = lines[here][: draw(st.integers(0, len(lines[here])))]
        text = "\n".join(lines)
    return text


@pytest.mark.slow
@settings(
    max_examples=60, deadline=timedelta(seconds=20), suppress_health_check=list(HealthCheck), derandomize=True
)
@given(data=st.data())
def test_a_slip_in_a_shipped_file_is_harmless_or_told(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Whatever stands in a file, loading it ends soon, and with nothing but problems that have a place."""
    path = data.draw(st.sampled_from(SHIPPED) | st.just(SPEC / "tcp" / "machine.yaml"), label="file")
    text = data.draw(mutated(path.read_text(encoding="utf-8")), label="text")
    folder = tmp_path_factory.mktemp("fuzz") / "tcp"
    shutil.copytree(SPEC / "tcp", folder, ignore=shutil.ignore_patterns("figures"))
    (folder / path.relative_to(SPEC / "tcp")).write_text(text, encoding="utf-8")
    told_problems: tuple[Problem, ...] = ()
    try:
        protocol = load_protocol(folder, "tcp")
        name = path.stem if path.parent.name == "scenarios" else "open"
        build(protocol, protocol.scenario(name), path.stem if path.parent.name == "variants" else "")
    except SpecError as error:
        told_problems = error.problems

    assert all(problem.place.path.startswith("tcp/") and problem.place.line >= 1 for problem in told_problems)
    assert all(char.isprintable() or char == "\n" for problem in told_problems for char in str(problem))


@settings(
    max_examples=150,
    deadline=timedelta(seconds=20),
    suppress_health_check=list(HealthCheck),
    derandomize=True,
)
@given(data=st.data())
def test_a_slip_in_a_small_file_is_harmless_or_told(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The same for the small protocol, where a slip hits something that matters more often."""
    paths = sorted((DATA / "ping").rglob("*.yaml"))
    path = data.draw(st.sampled_from(paths), label="file")
    text = data.draw(mutated(path.read_text(encoding="utf-8")), label="text")
    folder = tmp_path_factory.mktemp("fuzz") / "ping"
    shutil.copytree(DATA / "ping", folder)
    (folder / path.relative_to(DATA / "ping")).write_text(text, encoding="utf-8")
    told_problems: tuple[Problem, ...] = ()
    try:
        protocol = load_protocol(folder, "ping")
        for variant in ("", *protocol.variants):
            explore(build(protocol, protocol.scenario("once"), variant).system, Limits(states=50))
    except SpecError as error:
        told_problems = error.problems

    assert all(
        problem.place.path.startswith("ping/") and problem.place.line >= 1 for problem in told_problems
    )
    assert all(char.isprintable() or char == "\n" for problem in told_problems for char in str(problem))
