/* The system of the benchmark for SPIN, written by hand: A opens actively and B passively, both may abort.
 *
 * Numbers stand for the connection that they belong to: i is the i-th initial sequence number of A, j the j-th of B,
 * 0 is none. They lie further apart than a window, so a segment is in the window just if it carries the next number of
 * the connection that the end is in. A segment is one byte: its kind, i and j. What is on its way to an end is kept
 * sorted; a step that finds no room, or no number left, is not possible.
 *
 * Bounds: -DOPENS_A=.. -DOPENS_B=.. -DABORTS_A=.. -DABORTS_B=.. -DNUMBERS_A=.. -DNUMBERS_B=..
 */
#define CAPACITY 3

#define CLOSED       0
#define LISTEN       1
#define SYN_SENT     2
#define SYN_RECEIVED 3
#define ESTABLISHED  4

#define SYN     0   /* from A: number i */
#define SYNACK  0   /* from B: number j, acknowledges i */
#define ACK     1   /* next number of the one, acknowledges the other */
#define RST     2   /* next number of i (from A) or of j (from B) */
#define RSTACK  3   /* from B: number 0, acknowledges i */

#define SEGMENT(kind, i, j) (1 + (kind) * 64 + (i) * 8 + (j))
#define KIND(s) (((s) - 1) / 64)
#define I(s)    ((((s) - 1) / 8) % 8)
#define J(s)    (((s) - 1) % 8)

byte state_a, ours_a, theirs_a, used_a;
byte state_b, ours_b, theirs_b, used_b;
byte to_a[CAPACITY], to_b[CAPACITY];          /* sorted, 0 is no segment */
byte opens_a = OPENS_A, opens_b = OPENS_B, aborts_a = ABORTS_A, aborts_b = ABORTS_B;

#ifndef SCRATCH
#define SCRATCH hidden      /* SPIN cannot search breadth first with these; -DSCRATCH= makes them part of the state, 0 */
#endif
SCRATCH byte segment, moved, answer, next_state, next_ours, next_theirs, next_used;

/* Whoever puts has seen that there is room: the first place is empty. */
#define put(flight, new) \
  flight[0] = new; \
  if :: flight[0] > flight[1] -> moved = flight[0]; flight[0] = flight[1]; flight[1] = moved :: else fi; \
  if :: flight[1] > flight[2] -> moved = flight[1]; flight[1] = flight[2]; flight[2] = moved :: else fi; \
  moved = 0

#define take(flight, at) \
  if \
  :: at == 2 -> flight[2] = flight[1]; flight[1] = flight[0] \
  :: at == 1 -> flight[1] = flight[0] \
  :: else \
  fi; \
  flight[0] = 0

/* What A does with the segment: a new state of it, perhaps an answer. */
inline a_receives() {
  next_state = state_a; next_ours = ours_a; next_theirs = theirs_a;
  if
  :: state_a == CLOSED ->
     if
     :: KIND(segment) == SYNACK || KIND(segment) == ACK -> answer = SEGMENT(RST, I(segment), 0)
     :: else
     fi
  :: state_a == SYN_SENT ->
     if
     :: KIND(segment) == RST -> skip
     :: KIND(segment) == RSTACK && I(segment) == ours_a -> next_state = CLOSED; next_ours = 0
     :: KIND(segment) == RSTACK && I(segment) != ours_a -> skip
     :: KIND(segment) == SYNACK && I(segment) == ours_a ->
        next_state = ESTABLISHED; next_theirs = J(segment); answer = SEGMENT(ACK, ours_a, J(segment))
     :: KIND(segment) == ACK && I(segment) == ours_a -> skip
     :: else -> answer = SEGMENT(RST, I(segment), 0)
     fi
  :: else ->                                          /* ESTABLISHED */
     if
     :: KIND(segment) == RST && J(segment) == theirs_a -> next_state = CLOSED; next_ours = 0; next_theirs = 0
     :: KIND(segment) == RST && J(segment) != theirs_a -> skip
     :: KIND(segment) == RSTACK -> skip
     :: KIND(segment) == ACK && J(segment) == theirs_a && I(segment) <= ours_a -> skip
     :: else -> answer = SEGMENT(ACK, ours_a, theirs_a)
     fi
  fi
}

/* What B does with the segment. */
inline b_receives() {
  next_state = state_b; next_ours = ours_b; next_theirs = theirs_b; next_used = used_b;
  if
  :: KIND(segment) == RST && (state_b == CLOSED || state_b == LISTEN) -> skip
  :: KIND(segment) == RST && state_b == SYN_RECEIVED ->
     if :: I(segment) == theirs_b -> next_state = LISTEN; next_ours = 0; next_theirs = 0 :: else fi
  :: KIND(segment) == RST && state_b == ESTABLISHED ->
     if :: I(segment) == theirs_b -> next_state = CLOSED; next_ours = 0; next_theirs = 0 :: else fi
  :: KIND(segment) == SYN && state_b == CLOSED -> answer = SEGMENT(RSTACK, I(segment), 0)
  :: KIND(segment) == ACK && (state_b == CLOSED || state_b == LISTEN) -> answer = SEGMENT(RST, 0, J(segment))
  :: KIND(segment) == SYN && state_b == LISTEN ->
     next_state = SYN_RECEIVED; next_used = used_b + 1; next_ours = next_used; next_theirs = I(segment);
     answer = SEGMENT(SYNACK, I(segment), next_used)
  :: KIND(segment) == SYN && state_b >= SYN_RECEIVED -> answer = SEGMENT(ACK, theirs_b, ours_b)
  :: KIND(segment) == ACK && state_b == SYN_RECEIVED && J(segment) != ours_b -> answer = SEGMENT(RST, 0, J(segment))
  :: KIND(segment) == ACK && state_b == SYN_RECEIVED && J(segment) == ours_b ->
     if
     :: I(segment) == theirs_b -> next_state = ESTABLISHED
     :: else -> answer = SEGMENT(ACK, theirs_b, ours_b)
     fi
  :: KIND(segment) == ACK && state_b == ESTABLISHED ->
     if
     :: I(segment) == theirs_b && J(segment) <= ours_b -> skip
     :: else -> answer = SEGMENT(ACK, theirs_b, ours_b)
     fi
  fi
}

#define THERE(flight, at)  (flight[at] != 0 && (at == 2 || flight[at] != flight[at + 1]))

/* Whether an end answers a segment: then there has to be room. B needs a number of its own to open. */
#define A_ANSWERS(s) (KIND(s) <= ACK && !(KIND(s) == ACK && (state_a == SYN_SENT && I(s) == ours_a || \
                      state_a == ESTABLISHED && J(s) == theirs_a && I(s) <= ours_a)))
#define B_ANSWERS(s) (KIND(s) == SYN || KIND(s) == ACK && !(I(s) == theirs_b && (state_b == SYN_RECEIVED && J(s) == ours_b || \
                      state_b == ESTABLISHED && J(s) <= ours_b)))
#define B_CAN(s)     (KIND(s) != SYN || state_b != LISTEN || used_b < NUMBERS_B)

#define DELIVER_TO_A(at) \
  :: d_step { THERE(to_a, at) && (to_b[0] == 0 || !A_ANSWERS(to_a[at])) -> \
     segment = to_a[at]; a_receives(); take(to_a, at); \
     state_a = next_state; ours_a = next_ours; theirs_a = next_theirs; \
     if :: answer -> put(to_b, answer) :: else fi; \
     segment = 0; answer = 0; next_state = 0; next_ours = 0; next_theirs = 0 }

#define DELIVER_TO_B(at) \
  :: d_step { THERE(to_b, at) && (to_a[0] == 0 || !B_ANSWERS(to_b[at])) && B_CAN(to_b[at]) -> \
     segment = to_b[at]; b_receives(); take(to_b, at); \
     state_b = next_state; ours_b = next_ours; theirs_b = next_theirs; used_b = next_used; \
     if :: answer -> put(to_a, answer) :: else fi; \
     segment = 0; answer = 0; next_state = 0; next_ours = 0; next_theirs = 0; next_used = 0 }

#define LOSE(flight, at)  :: d_step { THERE(flight, at) -> take(flight, at) }
#define COPY(flight, at)  :: d_step { THERE(flight, at) && flight[0] == 0 -> put(flight, flight[at]) }

active proctype system() {
end:
  do
  DELIVER_TO_A(0) DELIVER_TO_A(1) DELIVER_TO_A(2)
  DELIVER_TO_B(0) DELIVER_TO_B(1) DELIVER_TO_B(2)
  LOSE(to_a, 0) LOSE(to_a, 1) LOSE(to_a, 2)
  LOSE(to_b, 0) LOSE(to_b, 1) LOSE(to_b, 2)
  COPY(to_a, 1) COPY(to_a, 2)
  COPY(to_b, 1) COPY(to_b, 2)
  /* retransmission timeouts */
  :: d_step { state_a == SYN_SENT && to_b[0] == 0 -> put(to_b, SEGMENT(SYN, ours_a, 0)) }
  :: d_step { state_b == SYN_RECEIVED && to_a[0] == 0 -> put(to_a, SEGMENT(SYNACK, theirs_b, ours_b)) }
  /* OPEN */
  :: d_step { state_a == CLOSED && opens_a > 0 && used_a < NUMBERS_A && to_b[0] == 0 ->
     opens_a--; used_a++; ours_a = used_a; state_a = SYN_SENT; put(to_b, SEGMENT(SYN, ours_a, 0)) }
  :: d_step { state_b == CLOSED && opens_b > 0 -> opens_b--; state_b = LISTEN }
  /* ABORT */
  :: d_step { state_a == SYN_SENT && aborts_a > 0 -> aborts_a--; state_a = CLOSED; ours_a = 0 }
  :: d_step { state_a == ESTABLISHED && aborts_a > 0 && to_b[0] == 0 ->
     aborts_a--; put(to_b, SEGMENT(RST, ours_a, 0)); state_a = CLOSED; ours_a = 0; theirs_a = 0 }
  :: d_step { state_b == LISTEN && aborts_b > 0 -> aborts_b--; state_b = CLOSED }
  :: d_step { state_b >= SYN_RECEIVED && aborts_b > 0 && to_a[0] == 0 ->
     aborts_b--; put(to_a, SEGMENT(RST, 0, ours_b)); state_b = CLOSED; ours_b = 0; theirs_b = 0 }
  od
}
