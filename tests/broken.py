"""For each property that no variant and no exhibit breaks: one change of the machine that does, and where it shows.

A property that cannot fail says nothing. These changes are not worth a variant, for they teach nothing, but they show
that the property is awake. (tests/mutation.py makes many more of the kind, and asks the other question: whether each is
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
        "a-SYN-alone-opens": Mutant(
            "listener-gives-up",
            "{in: LISTEN, when: active OPEN, to be: {set: {ISS: fresh, SND.UNA: ISS, SND.NXT: ISS + 2}}}",
        ),
        "a-bare-segment-is-dropped": Mutant(
            "stray-listener-no-ack", "{define: in-window, to be: RCV.NXT < number < RCV.NXT + RCV.WND}"
        ),
        "abort-resets-the-peer": Mutant("abort", "{in: SYN-RECEIVED, when: ABORT, to be: {snd: null}}"),
        "before-synchronization": Mutant(
            "syn-ack-with-text",
            "{define: acceptable, to be: SEG.LEN == 0 and in-window(SEG.SEQ)"
            " or SEG.LEN > 0 and (in-window(SEG.SEQ) or in-window(SEG.SEQ + SEG.LEN))}",
        ),
        "can-open": Mutant(
            "both-open", "{in: SYN-SENT, when: rcv SYN, to be: {set: {RCV.NXT: SEG.SEQ + 2, IRS: SEG.SEQ}}}"
        ),
        "early-text-arrives": Mutant(
            "early-text", "{check: seventh early, to be: {if: SEG.LEN > 0 and RCV.NXT =< SEG.SEQ < RCV.NXT + RCV.WND}}"
        ),
        "empty-ack-in-every-case-of-group-3": Mutant("close", "{in: TIME-WAIT, when: rcv unacceptable, to be: {snd: null}}"),
        "ends-acknowledged": Mutant(
            "text-arrives", "{in: CLOSE-WAIT, when: retransmission timeout, to be: {again: null}}"
        ),
        "ends-all-closed": Mutant("nobody-answers", "{in: SYN-SENT, when: CLOSE, to be: ignored}"),
        "figure-7-line-6": Mutant("simultaneous-open", "{check: figure 7, to be: {if: false}}"),
        "how-SYN-RECEIVED-was-reached": Mutant(
            "open",
            "{in: LISTEN, when: rcv SYN, to be: "
            "{set: {RCV.NXT: SEG.SEQ + 1, IRS: SEG.SEQ, ISS: fresh, SND.UNA: ISS, SND.NXT: ISS + 1}}}",
        ),
        "kept-until-acknowledged": Mutant("one-closes", "{in: ESTABLISHED, when: CLOSE, to be: {snd: null}}"),
        "mirrored-numbers": Mutant(
            "open-at-last",
            "{in: SYN-SENT, when: 'rcv SYN,ACK', to be: "
            "{set: {RCV.NXT: SEG.SEQ + 1, IRS: SEG.SEQ + 1, SND.UNA: SEG.ACK}}}",
        ),
        "nothing-after-our-FIN": Mutant(
            "close",
            "{in: FIN-WAIT-1, when: rcv ACK of FIN, to be: {set: {SND.UNA: SEG.ACK, SND.NXT: SND.NXT + 1}}}",
        ),
        "nothing-after-the-peers-FIN": Mutant(
            "close", "{in: CLOSE-WAIT, when: CLOSE, to be: {after: {SND.NXT: SND.NXT + 1, RCV.NXT: RCV.NXT + 1}}}"
        ),
        "nothing-is-left-over": Mutant(
            "half-closed-text", "{in: CLOSE-WAIT, when: retransmission timeout, to be: {again: null}}"
        ),
        "numbers-in-step": Mutant("close", "{in: ESTABLISHED, when: rcv FIN, to be: {set: {RCV.NXT: RCV.NXT + 2}}}"),
        "only-what-was-offered-is-taken": Mutant(
            "close", "{in: ESTABLISHED, when: rcv FIN, to be: {set: {RCV.NXT: RCV.NXT - 1}}}"
        ),
        "opened-from-LISTEN": Mutant("from-LISTEN", "{in: LISTEN, when: active OPEN, to be: {snd: null}}"),
        "present-numbers": Mutant(
            "close", "{segment: ACK, to be: <SEQ=SND.NXT><ACK=RCV.NXT - 1><CTL=ACK>}"
        ),
        "reset-in-every-case-of-group-1": Mutant("syn-ack-with-text", "{in: CLOSED, when: rcv ACK, to be: {snd: null}}"),
        "reset-in-every-case-of-group-2": Mutant("delayed-syn", "{in: LISTEN, when: rcv ACK, to be: {snd: null}}"),
        "reset-never-answers-reset": Mutant(
            "half-open", "{in: CLOSED, when: rcv RST, to be: [{snd: RST for no ACK, rfc: none}]}"
        ),
        "send-sends-the-text": Mutant("text-arrives", "{in: ESTABLISHED, when: SEND, to be: {snd: null}}"),
        "text-of-B-arrives": Mutant("text-arrives", "{in: CLOSE-WAIT, when: retransmission timeout, to be: {again: null}}"),
        "text-of-the-SYN-is-delivered": Mutant(
            "text-with-SYN-simultaneously", "{check: SYN-SENT fourth with text, to be: {if: SYN and SEG.LEN < 1}}"
        ),
        "text-sent-from-LISTEN-arrives": Mutant("from-LISTEN", "{in: LISTEN, when: SEND, to be: {queue: null}}"),
        "the-oldest-is-sent-again": Mutant(
            "close", "{in: FIN-WAIT-1, when: retransmission timeout, to be: {again: null, snd: ACK}}"
        ),
        "two-SYN-ACKs-establish": Mutant("both-open", "{in: SYN-RECEIVED, when: rcv ACK of SYN, to be: ignored}"),
        "what-occupies-numbers-is-acknowledged": Mutant(
            "text-with-SYN", "{in: LISTEN, when: rcv SYN with text, to be: {snd: null}}"
        ),
    }
}
