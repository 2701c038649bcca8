/**
 * Owns the server transactions of INVITEs: who asked what, what was said last, and a 2xx that is repeated until its ACK comes, over
 * whatever transport (RFC 3261 13.3.1.4, 17.2.1; RFC 6026). What is answered is decided by others.
 */
import { RINGS_AGAIN_MS, RSEQ_FIRST_MAX, SERVER_TRANSACTIONS_MAX } from '../../config/defaults.ts';
import { Fleet } from '../../kernel/fleet.ts';
import { deadlineOf, dueTimer } from '../../kernel/machine.ts';
import type { Random } from '../../kernel/random.ts';
import type { Millis } from '../../kernel/time.ts';
import { after, soonest } from '../../kernel/time.ts';
import type { Effect, FlowId } from '../../vocabulary.ts';
import { callIdOf, cseqOf, fromOf, headerValue, tagOf } from '../message/headers.ts';
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
  /** Nobody has acknowledged a provisional answer of ours: the call was refused. */
  readonly onUnheard: (key: string, now: Millis) => void;
}

export interface InviteServers {
  /** The tag of all answers to come, the first of them at once: then no 100 is due (17.2.1). Null where too many are under way: 503 was said. */
  begin(key: string, received: Received): string | null;
  respond(key: string, answer: Answer, now: Millis): void;
  again(key: string, request: SipRequest, now: Millis): boolean;
  ack(key: string, request: SipRequest, now: Millis): void;
  /** The INVITE whose provisional answer is acknowledged by this PRACK, null = none. */
  acknowledgedBy(prack: SipRequest): string | null;
  /** Whether another copy of this request is under way that came another way (8.2.2.2). */
  merges(key: string, request: SipRequest): boolean;
  has(key: string): boolean;
  next(): Millis | null;
  wake(now: Millis): void;
}

interface Entry {
  readonly received: Received;
  readonly identity: string | null;
  readonly tag: string;
  readonly octets: number;
  readonly state: InviteServerState;
  /** Number of the last provisional answer that is to be acknowledged (RFC 3262 3). */
  readonly rseq: number;
  /** What rings is told again each minute, or servers on the way would give up (RFC 3261 13.3.1.1); null = nothing rings. */
  readonly ringing: { readonly answer: Answer; readonly at: Millis } | null;
  /** What waits for its ACK or PRACK; `until`: then nobody hears us. */
  readonly pending: {
    readonly kind: '1xx' | '2xx';
    readonly data: string;
    readonly at: Millis;
    readonly interval: number;
    readonly until: Millis;
  } | null;
}

export function createInviteServers(options: InviteServersOptions): InviteServers {
  const { timers, random, userAgent, emit, isReliable, onAck } = options;
  const entries = new Fleet<Entry>(({ state, pending, ringing }) =>
    soonest(deadlineOf(state), soonest(pending?.at ?? null, ringing?.at ?? null)),
  );

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
    if (entry.pending?.kind !== '2xx') return;
    entries.set(key, { ...entry, pending: null });
    onAck(key, ack, now);
  }

  function repeat(key: string, entry: Entry, pending: NonNullable<Entry['pending']>, now: Millis): void {
    const { kind, data } = pending;
    if (pending.at >= pending.until) return unheard(key, { ...entry, pending: null }, kind, now);
    // Of a provisional answer the pauses grow without end (RFC 3262 3).
    const interval = kind === '1xx' ? 2 * pending.interval : Math.min(2 * pending.interval, timers.t2);
    const at = Math.min(after(now, interval), pending.until) as Millis;
    step(key, { ...entry, pending: { ...pending, at, interval } }, { kind, data }, now);
  }

  function unheard(key: string, entry: Entry, kind: '1xx' | '2xx', now: Millis): void {
    entries.set(key, entry);
    if (kind === '2xx') return onAck(key, null, now);
    respond(key, { status: 504 }, now);
    options.onUnheard(key, now);
  }

  const awaited = (kind: '1xx' | '2xx', data: string, now: Millis): NonNullable<Entry['pending']> => ({
    ...{ kind, data, interval: timers.t1 },
    ...{ at: after(now, timers.t1), until: after(now, 64 * timers.t1) },
  });

  function provisional(key: string, entry: Entry, answer: Answer, now: Millis): void {
    const ringing = answer.status === 100 ? null : { answer, at: after(now, RINGS_AGAIN_MS) };
    if (answer.reliable !== true) {
      const data = text(entry, answer);
      return step(key, { ...entry, ringing }, { kind: '1xx', data }, now);
    }
    // One at a time (RFC 3262 3).
    if (entry.pending !== null) return;
    const rseq = entry.rseq === 0 ? 1 + random.below(RSEQ_FIRST_MAX) : entry.rseq + 1;
    const reliable = [
      { name: 'Require', value: '100rel' },
      { name: 'RSeq', value: String(rseq) },
    ];
    const data = text(entry, { ...answer, headers: [...(answer.headers ?? []), ...reliable] });
    step(key, { ...entry, ringing, rseq, pending: awaited('1xx', data, now) }, { kind: '1xx', data }, now);
  }

  function respond(key: string, answer: Answer, now: Millis): void {
    const entry = entries.get(key);
    if (entry === undefined) return;
    if (answer.status < 200) return provisional(key, entry, answer, now);
    const data = text(entry, answer);
    const last = { ...entry, ringing: null };
    if (answer.status >= 300) return step(key, { ...last, pending: null }, { kind: '3xx-6xx', data }, now);
    step(key, { ...last, pending: awaited('2xx', data, now) }, { kind: '2xx', data }, now);
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
      const { request } = received;
      if (state !== null)
        entries.set(key, { received, identity: identityOf(request), tag, octets: octetsOf(request), state, ...FRESH });
      return tag;
    },
    respond,
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
      const identity = identityOf(request);
      for (const [id, entry] of entries.entries())
        if (entry.state.name === 'accepted' && identity !== null && entry.identity === identity)
          return acknowledged(id, entry, request, now);
    },
    acknowledgedBy(prack) {
      for (const [key, entry] of entries.entries()) {
        if (!acknowledges(prack, entry)) continue;
        if (entry.pending?.kind === '1xx') entries.set(key, { ...entry, pending: null });
        return key;
      }
      return null;
    },
    merges(key, request) {
      const identity = identityOf(request);
      return identity !== null && entries.some((id, entry) => id !== key && entry.identity === identity);
    },
    has: (key) => entries.get(key) !== undefined,
    next: () => entries.next()?.at ?? null,
    wake(now) {
      const due = entries.next();
      const entry = due === null || due.at > now ? undefined : entries.get(due.id);
      if (due === null || entry === undefined) return;
      // Before Timer L, which ends at the same moment: that nobody acknowledged has to be told.
      if (entry.pending !== null && entry.pending.at <= now) return repeat(due.id, entry, entry.pending, now);
      const { ringing } = entry;
      if (ringing !== null && ringing.at <= now) return provisional(due.id, entry, ringing.answer, now);
      const timer = dueTimer(entry.state, now);
      if (timer !== null) step(due.id, entry, { kind: 'timer', timer } as InviteServerInput, now);
    },
  };
}

const FRESH = { pending: null, ringing: null, rseq: 0 } as const;

/** RAck names the answer and its INVITE (RFC 3262 7.2). */
function acknowledges(prack: SipRequest, { received: { request }, rseq }: Entry): boolean {
  const [one, other] = [fromOf(prack), fromOf(request)];
  const cseq = cseqOf(request);
  if (!one.ok || !other.ok || !cseq.ok || callIdOf(prack) !== callIdOf(request)) return false;
  const named = (headerValue(prack, 'RAck') ?? '').split(/\s+/);
  const meant = [String(rseq), String(cseq.value.number), 'INVITE'];
  return rseq > 0 && tagOf(one.value) === tagOf(other.value) && meant.every((word, at) => named[at] === word);
}

/**
 * Call-ID, number and caller: where they are the same it is one request, or its ACK (8.2.2.2, 17.2.3); null = they cannot be read.
 * Read once a request, for each new one is held against all that are under way.
 */
function identityOf(request: SipRequest): string | null {
  const [from, cseq] = [fromOf(request), cseqOf(request)];
  return from.ok && cseq.ok ? JSON.stringify([callIdOf(request), cseq.value.number, tagOf(from.value)]) : null;
}
