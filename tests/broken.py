"""For each property that no variant and no exhibit breaks: one change of the machine that does, and where it shows.

A property that cannot fail says nothing. These changes are not worth a variant, for they teach nothing, but they show
that the property is awake. (tests/tools/mutation.py makes many more of the kind, and asks the other question: whether each is
noticed by any property.)
"""

from __future__ import annotations

from typing import NamedTuple


class Mutant(NamedTuple):
    """A scenario, and the change under which a property fails in it."""

    scenario: str
    change: str


BROKEN_BY: dict[str, dict[str, Mutant]] = {
    "tcp": {
        "a-bare-segment-is-dropped": Mutant(
            "stray-listener-no-ack", "{define: in-window, to be: RCV.NXT < number < RCV.NXT + RCV.WND}"
        ),
        "abort-resets-the-peer": Mutant("abort", "{in: SYN-RECEIVED, when: ABORT, to be: {snd: null}}"),
        "before-synchronization": Mutant(
            "syn-ack-with-text",
            "{define: acceptable, to be: SEG.LEN == 0 and in-window(SEG.SEQ)"
            " or SEG.LEN > 0 and (in-window(SEG.SEQ) or in-window(SEG.SEQ + SEG.LEN))}",
        ),
        "early-text-arrives": Mutant(
            "early-text", "{check: seventh early, to be: {if: SEG.LEN > 0 and RCV.NXT =< SEG.SEQ < RCV.NXT + RCV.WND}}"
        ),
        "empty-ack-in-every-case-of-group-3": Mutant("close", "{in: TIME-WAIT, when: rcv unacceptable, to be: {snd: null}}"),
        "ends-acknowledged": Mutant(
            "text-arrives", "{in: CLOSE-WAIT, when: retransmission timeout, to be: {again: null}}"
        ),
        "ends-all-closed": Mutant("nobody-answers", "{in: SYN-SENT, when: CLOSE, to be: ignored}"),
        "how-SYN-RECEIVED-was-reached": Mutant(
            "open",
            "{in: LISTEN, when: rcv SYN, to be: "
            "{set: {RCV.NXT: SEG.SEQ + 1, IRS: SEG.SEQ, ISS: fresh, SND.UNA: ISS, SND.NXT: ISS + 1}}}",
        ),
        "mirrored-numbers": Mutant(
            "open-at-last",
            "{in: SYN-SENT, when: 'rcv SYN,ACK', to be: "
            "{set: {RCV.NXT: SEG.SEQ + 1, IRS: SEG.SEQ + 1, SND.UNA: SEG.ACK}}}",
        ),
        "nothing-after-our-FIN": Mutant(
            "close",
            "{in: FIN-WAIT-1, when: rcv ACK of FIN, to be: {set: {SND.UNA: SEG.ACK, SND.NXT: SND.NXT + 1}}}",
        ),
        "nothing-is-left-over": Mutant(
            "half-closed-text", "{in: CLOSE-WAIT, when: retransmission timeout, to be: {again: null}}"
        ),
        "only-what-was-offered-is-taken": Mutant(
            "close", "{in: ESTABLISHED, when: rcv FIN, to be: {set: {RCV.NXT: RCV.NXT - 1}}}"
        ),
        "opened-from-LISTEN": Mutant("from-LISTEN", "{in: LISTEN, when: active OPEN, to be: {snd: null}}"),
        "reset-in-every-case-of-group-1": Mutant("syn-ack-with-text", "{in: CLOSED, when: rcv ACK, to be: {snd: null}}"),
        "reset-never-answers-reset": Mutant(
            "half-open", "{in: CLOSED, when: rcv RST, to be: [{snd: RST for no ACK, rfc: none}]}"
        ),
        "send-sends-the-text": Mutant("text-arrives", "{in: ESTABLISHED, when: SEND, to be: {snd: null}}"),
        "text-of-the-SYN-is-delivered": Mutant(
            "text-with-SYN-simultaneously", "{check: SYN-SENT fourth with text, to be: {if: SYN and SEG.LEN < 1}}"
        ),
        "text-of-the-SYN-survives-CLOSE": Mutant(
            "text-with-SYN-and-CLOSE", "{in: FIN-WAIT-1, when: rcv text too soon, to be: ignored}"
        ),
        "text-sent-from-LISTEN-arrives": Mutant("from-LISTEN", "{in: LISTEN, when: SEND, to be: {queue: null}}"),
    },
    "abp": {
        "quiet": Mutant("in-order", "{in: sender, when: rcv old ACK, to be: {snd: MSG}}"),
        "texts-arrive": Mutant("in-order", "{in: READY-1, when: SEND, to be: ignored}"),
    },
    "stop-and-wait": {
        "delivered-in-order": Mutant("in-order", "{in: WAITING, when: SEND, to be: {set: {texts: texts + 1}, snd: TEXT}}"),
        "quiet": Mutant("in-order", "{in: any-state, when: rcv old ACK, to be: {snd: TEXT}}"),
        "two-texts-arrive": Mutant("in-order", "{in: WAITING, when: rcv ACK, to be: {set: null}}"),
    },
    "go-back-n": {
        "everything-arrives": Mutant("in-order", "{check: a new acknowledgment, to be: {if: false}}"),
        "quiet": Mutant("in-order", "{in: any-state, when: rcv old ACK, to be: {snd: ACK}}"),
        "window-is-kept": Mutant("in-order", "{define: fills-the-window, to be: unacked + 1 > WINDOW}"),
    },
    "sctp-setup": {
        "opens": Mutant("setup", "{in: CLOSED, when: rcv INIT, to be: ignored}"),
        "quiet": Mutant("both-ask", "{segment: 'INIT ACK, our own tag', to be: <TAG=0><ITAG=tag><CTL=INIT>}"),
    },
}
