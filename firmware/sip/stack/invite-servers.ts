/**
 * Owns the server transactions of INVITEs: who asked what, what was said last, and a 2xx that is repeated until its ACK comes, over
 * whatever transport (RFC 3261 13.3.1.4, 17.2.1; RFC 6026). What is answered is decided by others.
 */
import { SERVER_TRANSACTIONS_MAX } from '../../config/defaults.ts';
import { Fleet } from '../../kernel/fleet.ts';
import { deadlineOf, dueTimer } from '../../kernel/machine.ts';
import type { Random } from '../../kernel/random.ts';
import type { Millis } from '../../kernel/time.ts';
import { after, soonest } from '../../kernel/time.ts';
import type { Effect, FlowId } from '../../vocabulary.ts';
import { callIdOf, cseqOf, fromOf, tagOf } from '../message/headers.ts';
import type { SipRequest } from '../message/message.ts';
import { serialize } from '../message/serialize.ts';
import type { TimerValues, TransactionContext } from '../transaction/context.ts';
import type { InviteServerInput, InviteServerState } from '../transaction/invite-server.ts';
import { startInviteServer, stepInviteServer } from '../transaction/invite-server.ts';
import type { Answer } from './answers.ts';
import { answerOf, octetsOf, replyTo } from './answers.ts';
import type { Received } from './uas.ts';

export interface InviteServersOptions {
  readonly timers: TimerValues;
  readonly random: Random;
  readonly userAgent: string;
  readonly emit: (effect: Effect) => void;
  readonly isReliable: (flow: FlowId | null) => boolean;
  /** The ACK to a 2xx; `null` = it never came. */
  readonly onAck: (key: string, ack: SipRequest | null, now: Millis) => void;
}

export interface InviteServers {
  /** The tag of all answers to come, the first of them at once: then no 100 is due (17.2.1). Null where too many are under way: 503 was said. */
  begin(key: string, received: Received): string | null;
  respond(key: string, answer: Answer, now: Millis): void;
  again(key: string, request: SipRequest, now: Millis): boolean;
  ack(key: string, request: SipRequest, now: Millis): void;
  /** Whether another copy of this request is under way that came another way (8.2.2.2). */
  merges(key: string, request: SipRequest): boolean;
  has(key: string): boolean;
  next(): Millis | null;
  wake(now: Millis): void;
}

interface Entry {
  readonly received: Received;
  readonly tag: string;
  readonly octets: number;
  readonly state: InviteServerState;
  /** A 2xx that waits for its ACK; `until`: then nobody hears us. */
  readonly pending: {
    readonly data: string;
    readonly at: Millis;
    readonly interval: number;
    readonly until: Millis;
  } | null;
}

export function createInviteServers(options: InviteServersOptions): InviteServers {
  const { timers, random, userAgent, emit, isReliable, onAck } = options;
  const entries = new Fleet<Entry>(({ state, pending }) => soonest(deadlineOf(state), pending?.at ?? null));

  const context = ({ received }: Entry, now: Millis): TransactionContext => ({
    now,
    timers,
    reliable: isReliable(received.flow),
  });

  const text = ({ received, tag }: Pick<Entry, 'received' | 'tag'>, answer: Answer): string =>
    serialize(
      answerOf(received.request, received.from, answer, { tag: answer.status === 100 ? null : tag, userAgent }),
    );

  function send({ received: { request, flow, from } }: Entry, data: string): void {
    emit({ kind: 'reply', flow, to: replyTo(request, from), data });
  }

  function step(key: string, entry: Entry, input: InviteServerInput, now: Millis): void {
    const { state, out } = stepInviteServer(entry.state, input, context(entry, now));
    entries.set(key, state === null ? null : { ...entry, state });
    for (const output of out) if (output.to === 'transport') send(entry, output.data);
  }

  function acknowledged(key: string, entry: Entry, ack: SipRequest, now: Millis): void {
    // Each of our copies is acknowledged; one is enough.
    if (entry.pending === null) return;
    entries.set(key, { ...entry, pending: null });
    onAck(key, ack, now);
  }

  function repeat(key: string, entry: Entry, pending: NonNullable<Entry['pending']>, now: Millis): void {
    if (pending.at >= pending.until) {
      entries.set(key, { ...entry, pending: null });
      return onAck(key, null, now);
    }
    const interval = Math.min(2 * pending.interval, timers.t2);
    const at = Math.min(after(now, interval), pending.until) as Millis;
    step(key, { ...entry, pending: { ...pending, at, interval } }, { kind: '2xx', data: pending.data }, now);
  }

  return {
    begin(key, received) {
      const tag = random.hex(64);
      if (entries.size >= SERVER_TRANSACTIONS_MAX) {
        const { request, flow, from } = received;
        const busy: Answer = { status: 503, headers: [{ name: 'Retry-After', value: '5' }] };
        emit({ kind: 'reply', flow, to: replyTo(request, from), data: text({ received, tag }, busy) });
        return null;
      }
      const { state } = startInviteServer(text({ received, tag }, { status: 100 }));
      if (state !== null) entries.set(key, { received, tag, octets: octetsOf(received.request), state, pending: null });
      return tag;
    },
    respond(key, answer, now) {
      const entry = entries.get(key);
      if (entry === undefined) return;
      const data = text(entry, answer);
      if (answer.status < 200) return step(key, entry, { kind: '1xx', data }, now);
      if (answer.status >= 300) return step(key, entry, { kind: '3xx-6xx', data }, now);
      const { t1 } = timers;
      const pending = { data, at: after(now, t1), interval: t1, until: after(now, 64 * t1) };
      step(key, { ...entry, pending }, { kind: '2xx', data }, now);
    },
    again(key, request, now) {
      const entry = entries.get(key);
      if (entry === undefined) return false;
      // Shorter than the first copy, it is no retransmission (L16).
      if (octetsOf(request) >= entry.octets) step(key, entry, { kind: 'request' }, now);
      return true;
    },
    ack(key, request, now) {
      const refused = entries.get(key);
      if (refused?.state.name === 'completed') return step(key, refused, { kind: 'ack' }, now);
      for (const [id, entry] of entries.entries())
        if (entry.state.name === 'accepted' && isSame(entry.received.request, request))
          return acknowledged(id, entry, request, now);
    },
    merges: (key, request) =>
      entries.entries().some(([id, { received }]) => id !== key && isSame(received.request, request)),
    has: (key) => entries.get(key) !== undefined,
    next: () => entries.next()?.at ?? null,
    wake(now) {
      const due = entries.next();
      const entry = due === null || due.at > now ? undefined : entries.get(due.id);
      if (due === null || entry === undefined) return;
      // Before Timer L, which ends at the same moment: that nobody acknowledged has to be told.
      if (entry.pending !== null && entry.pending.at <= now) return repeat(due.id, entry, entry.pending, now);
      const timer = dueTimer(entry.state, now);
      if (timer !== null) step(due.id, entry, { kind: 'timer', timer } as InviteServerInput, now);
    },
  };
}

/** The same Call-ID, number and caller: one request, or its ACK (8.2.2.2, 17.2.3). */
function isSame(a: SipRequest, b: SipRequest): boolean {
  const [one, other] = [fromOf(a), fromOf(b)];
  const [first, second] = [cseqOf(a), cseqOf(b)];
  return (
    callIdOf(a) === callIdOf(b) &&
    first.ok &&
    second.ok &&
    first.value.number === second.value.number &&
    one.ok &&
    other.ok &&
    tagOf(one.value) === tagOf(other.value)
  );
}
