/**
 * Owns requests that reach the phone: each is judged as RFC 3261 8.2 orders and answered once, its retransmissions get the same
 * answer (17.2.2). An INVITE that deserves more than a refusal, and what belongs to it, is the calls'.
 */
import { SERVER_TRANSACTIONS_MAX } from '../../config/defaults.ts';
import { Fleet } from '../../kernel/fleet.ts';
import { deadlineOf, dueTimer } from '../../kernel/machine.ts';
import type { Random } from '../../kernel/random.ts';
import type { Endpoint } from '../../kernel/target.ts';
import type { Millis } from '../../kernel/time.ts';
import type { Effect, FlowId } from '../../vocabulary.ts';
import { ALLOWED_METHODS } from '../agent.ts';
import { SUPPORTED } from '../agent-call.ts';
import { ALLOWED_EVENTS } from '../agent-subscribe.ts';
import { callIdOf, cseqOf, headerValue, topVia } from '../message/headers.ts';
import type { Header, SipRequest, SipResponse } from '../message/message.ts';
import { serialize } from '../message/serialize.ts';
import { isEncoded, judge, unknownExtensions } from '../message/verdict.ts';
import type { TimerValues, TransactionContext } from '../transaction/context.ts';
import { serverKey } from '../transaction/key.ts';
import type { NonInviteServerState } from '../transaction/non-invite-server.ts';
import { startNonInviteServer, stepNonInviteServer } from '../transaction/non-invite-server.ts';
import type { Answer } from './answers.ts';
import { answerOf, octetsOf, replyTo } from './answers.ts';

interface Served {
  readonly state: NonInviteServerState;
  readonly flow: FlowId | null;
  readonly to: Endpoint;
  /** Of the request's headers. */
  readonly octets: number;
}

export interface Uas {
  request(request: SipRequest, flow: FlowId | null, from: Endpoint, now: Millis): void;
  /** Answers a request that could not be read whole, without state. */
  refuse(request: SipRequest, code: number, flow: FlowId | null, from: Endpoint): void;
  next(): Millis | null;
  wake(now: Millis): void;
}

export interface UasOptions {
  readonly timers: TimerValues;
  readonly random: Random;
  readonly userAgent: string;
  readonly emit: (effect: Effect) => void;
  /** Whether this flow retransmits by itself: then no answer is kept for it (RFC 3261 17.2.2, Timer J). */
  readonly isReliable: (flow: FlowId | null) => boolean;
  readonly calls: Callee;
  /** What to answer to a NOTIFY. */
  readonly notified: (request: SipRequest, from: Endpoint, now: Millis) => Answer;
  /** What to answer to a SUBSCRIBE. */
  readonly subscribed: (request: SipRequest, from: Endpoint, now: Millis) => Answer;
}

/** The calls, as requests of others see them. */
export interface Callee {
  /** A well-formed INVITE for the first time. What is refused at once is answered here, without state (RFC 3261 8.2.7): null. */
  invited(key: string, request: Received, now: Millis): Answer | null;
  /** The same INVITE again; false = nobody knows it. */
  again(key: string, request: SipRequest, now: Millis): boolean;
  ack(key: string, request: SipRequest, now: Millis): void;
  /** `key`: of the INVITE that is cancelled. */
  cancelled(key: string, request: SipRequest, now: Millis): Answer;
  /** Whether a call to this address would be told that the phone is busy. */
  isBusy(request: SipRequest): boolean;
  /** What to answer to a request inside a call; null = it is inside none. */
  answerTo(request: SipRequest, now: Millis): Answer | null;
}

/** A request with the way it came. */
export interface Received {
  readonly request: SipRequest;
  readonly flow: FlowId | null;
  readonly from: Endpoint;
}

export function createUas(options: UasOptions): Uas {
  const { timers, random, userAgent, emit, isReliable, calls, notified, subscribed } = options;
  const served = new Fleet<Served>(({ state }) => deadlineOf(state));
  const context = (flow: FlowId | null, now: Millis): TransactionContext => ({
    now,
    timers,
    reliable: isReliable(flow),
  });

  function request(message: SipRequest, flow: FlowId | null, from: Endpoint, now: Millis): void {
    const key = keyOf(message, message.method);
    if (key === null) return;
    if (message.method === 'ACK') return calls.ack(key, message, now);
    if (message.method === 'INVITE') return invite(key, { request: message, flow, from }, now);
    const known = served.get(key);
    const octets = octetsOf(message);
    // Shorter than what was answered, it is no retransmission but a cheap way to have a long answer sent somewhere (L16).
    if (known !== undefined) return octets < known.octets ? undefined : step(key, known, { kind: 'request' }, now);
    const to = replyTo(message, from);
    const full = served.size >= SERVER_TRANSACTIONS_MAX;
    const data = serialize(respond(message, from, full ? TOO_MANY : answerTo(message, from, now)));
    if (full) return emit({ kind: 'reply', flow, to, data });
    const begun = startNonInviteServer(context(flow, now));
    if (begun.state === null) return;
    step(key, { state: begun.state, flow, to, octets }, { kind: 'final', data }, now);
  }

  function invite(key: string, received: Received, now: Millis): void {
    const { request: message, flow, from } = received;
    if (calls.again(key, message, now)) return;
    const answer = refusalOf(message) ?? calls.invited(key, received, now);
    if (answer === null) return;
    emit({ kind: 'reply', flow, to: replyTo(message, from), data: serialize(respond(message, from, answer)) });
  }

  function step(key: string, entry: Served, input: Parameters<typeof stepNonInviteServer>[1], now: Millis): void {
    const next = stepNonInviteServer(entry.state, input, context(entry.flow, now));
    served.set(key, next.state === null ? null : { ...entry, state: next.state });
    for (const output of next.out)
      if (output.to === 'transport') emit({ kind: 'reply', flow: entry.flow, to: entry.to, data: output.data });
  }

  function answerTo(message: SipRequest, from: Endpoint, now: Millis): Answer {
    const refusal = refusalOf(message);
    if (refusal !== null) return refusal;
    if (message.method === 'CANCEL') return calls.cancelled(keyOf(message, 'INVITE') ?? '', message, now);
    const inCall = calls.answerTo(message, now);
    if (inCall !== null) return inCall;
    if (message.method === 'NOTIFY') return notified(message, from, now);
    if (message.method === 'SUBSCRIBE') return subscribed(message, from, now);
    // As a call would be answered (RFC 3261 11.2); inside a call it asks for nothing but life.
    if (message.method === 'OPTIONS')
      return { status: !isInDialog(message) && calls.isBusy(message) ? 486 : 200, headers: ABILITIES };
    // Who is in no call with us has nothing to ask of us (RFC 3515 5.2; conformance I6).
    if (message.method === 'REFER' && !isInDialog(message)) return { status: 403 };
    // Every other method needs a dialog or a subscription, and there is none (RFC 3261 12.2.2, RFC 6665 4.1.3).
    return { status: 481 };
  }

  const respond = (message: SipRequest, from: Endpoint, answer: Answer): SipResponse =>
    answerOf(message, from, answer, { tag: random.hex(64), userAgent });

  function refuse(message: SipRequest, code: number, flow: FlowId | null, from: Endpoint): void {
    if (message.method === 'ACK' || !topVia(message).ok) return;
    emit({
      kind: 'reply',
      flow,
      to: replyTo(message, from),
      data: serialize(respond(message, from, refusal(code, message))),
    });
  }

  return {
    request,
    refuse,
    next: () => served.next()?.at ?? null,
    wake(now) {
      const due = served.next();
      const entry = due === null || due.at > now ? undefined : served.get(due.id);
      const timer = entry === undefined ? null : dueTimer(entry.state, now);
      if (due !== null && entry !== undefined && timer !== null)
        step(due.id, entry, { kind: 'timer', timer } as Parameters<typeof stepNonInviteServer>[1], now);
    },
  };
}

const isInDialog = (message: SipRequest): boolean => /;\s*tag=/i.test(headerValue(message, 'To') ?? '');

const TOO_MANY: Answer = { status: 503, headers: [{ name: 'Retry-After', value: '5' }] };
const ABILITIES: readonly Header[] = [
  { name: 'Allow', value: ALLOWED_METHODS },
  { name: 'Accept', value: 'application/sdp' },
  { name: 'Supported', value: `path, ${SUPPORTED}` },
  { name: 'Allow-Events', value: ALLOWED_EVENTS },
];

/** Null where nothing can be answered: there is no way back. */
function keyOf(message: SipRequest, method: string): string | null {
  const via = topVia(message);
  if (!via.ok) return null;
  const { host, port, params } = via.value;
  const cseq = cseqOf(message);
  return serverKey({
    branch: params.find(({ name }) => name === 'branch')?.value ?? '',
    sentBy: `${host}:${port ?? ''}`,
    method,
    callId: callIdOf(message) ?? '',
    ...(cseq.ok ? { cseq: cseq.value.number } : {}),
    uri: message.uri,
  });
}

function refusalOf(message: SipRequest): Answer | null {
  const { respond } = judge(message);
  return respond === null || respond === 200 ? null : refusal(respond, message);
}

const refusal = (status: number, message: SipRequest): Answer => ({ status, headers: refusalHeaders(status, message) });

function refusalHeaders(status: number, message: SipRequest): readonly Header[] {
  // RFC 3261 8.2.1, 8.2.2.3, 8.2.3.
  if (status === 405 || status === 501) return [{ name: 'Allow', value: ALLOWED_METHODS }];
  if (status === 415 && isEncoded(message)) return [{ name: 'Accept-Encoding', value: 'identity' }];
  if (status === 415) return [{ name: 'Accept', value: 'application/sdp' }];
  if (status === 420) return [{ name: 'Unsupported', value: unknownExtensions(message).join(', ') }];
  return [];
}
