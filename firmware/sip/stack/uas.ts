/**
 * Owns requests that reach the phone: each is judged as RFC 3261 8.2 orders, answered once, and its retransmissions get the
 * same answer (17.2.2). No dialog and no call exists yet, so nothing but OPTIONS is accepted.
 */
import { SERVER_TRANSACTIONS_MAX } from '../../config/defaults.ts';
import { Fleet } from '../../kernel/fleet.ts';
import { deadlineOf, dueTimer } from '../../kernel/machine.ts';
import type { Random } from '../../kernel/random.ts';
import type { Endpoint } from '../../kernel/target.ts';
import type { Millis } from '../../kernel/time.ts';
import type { Effect, FlowId } from '../../vocabulary.ts';
import { ALLOWED_METHODS } from '../agent.ts';
import { headerValue, topVia } from '../message/headers.ts';
import type { Header, SipRequest, SipResponse } from '../message/message.ts';
import { splitOutside } from '../message/scan.ts';
import { serialize } from '../message/serialize.ts';
import { isEncoded, judge, unknownExtensions } from '../message/verdict.ts';
import type { TimerValues, TransactionContext } from '../transaction/context.ts';
import { serverKey } from '../transaction/key.ts';
import type { NonInviteServerState } from '../transaction/non-invite-server.ts';
import { startNonInviteServer, stepNonInviteServer } from '../transaction/non-invite-server.ts';

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
  /** What to answer to a request inside a call; null = it is inside none. */
  readonly inCall: (request: SipRequest, now: Millis) => { readonly status: number } | null;
}

const REASONS: Readonly<Record<number, string>> = {
  200: 'OK',
  400: 'Bad Request',
  405: 'Method Not Allowed',
  406: 'Not Acceptable',
  413: 'Request Entity Too Large',
  415: 'Unsupported Media Type',
  416: 'Unsupported URI Scheme',
  420: 'Bad Extension',
  480: 'Temporarily Unavailable',
  481: 'Call/Transaction Does Not Exist',
  488: 'Not Acceptable Here',
  489: 'Bad Event',
  500: 'Server Internal Error',
  501: 'Not Implemented',
  503: 'Service Unavailable',
  505: 'Version Not Supported',
  513: 'Message Too Large',
};

export function createUas({ timers, random, userAgent, emit, isReliable, inCall }: UasOptions): Uas {
  const served = new Fleet<Served>(({ state }) => deadlineOf(state));
  const context = (flow: FlowId | null, now: Millis): TransactionContext => ({
    now,
    timers,
    reliable: isReliable(flow),
  });

  function request(message: SipRequest, flow: FlowId | null, from: Endpoint, now: Millis): void {
    const via = topVia(message);
    if (message.method === 'ACK' || !via.ok) return;
    const branch = via.value.params.find(({ name }) => name === 'branch')?.value ?? '';
    const key = serverKey({ branch, sentBy: `${via.value.host}:${via.value.port ?? ''}`, method: message.method });
    const known = served.get(key);
    const octets = octetsOf(message);
    // Shorter than what was answered, it is no retransmission but a cheap way to have a long answer sent somewhere (L16).
    if (known !== undefined) return octets < known.octets ? undefined : step(key, known, { kind: 'request' }, now);
    const to = replyTo(message, from);
    const answer = answerTo(message, from, now);
    const data = serialize(answer);
    // An INVITE cannot be served yet: its refusal is stateless, so that a retransmission gets the same one (RFC 3261 8.2.7).
    if (message.method === 'INVITE') return emit({ kind: 'reply', flow, to, data });
    if (served.size >= SERVER_TRANSACTIONS_MAX)
      return emit({
        kind: 'reply',
        flow,
        to,
        data: serialize(respond(message, from, 503, [{ name: 'Retry-After', value: '5' }])),
      });
    const begun = startNonInviteServer(context(flow, now));
    if (begun.state === null) return;
    step(key, { state: begun.state, flow, to, octets }, { kind: 'final', data }, now);
  }

  function step(key: string, entry: Served, input: Parameters<typeof stepNonInviteServer>[1], now: Millis): void {
    const next = stepNonInviteServer(entry.state, input, context(entry.flow, now));
    served.set(key, next.state === null ? null : { ...entry, state: next.state });
    for (const output of next.out)
      if (output.to === 'transport') emit({ kind: 'reply', flow: entry.flow, to: entry.to, data: output.data });
  }

  function answerTo(message: SipRequest, from: Endpoint, now: Millis): SipResponse {
    const verdict = judge(message);
    if (verdict.respond !== null && verdict.respond !== 200)
      return respond(message, from, verdict.respond, refusalHeaders(verdict.respond, message));
    if (message.method === 'OPTIONS')
      return respond(message, from, 200, [
        { name: 'Allow', value: ALLOWED_METHODS },
        { name: 'Accept', value: 'application/sdp' },
        { name: 'Supported', value: 'path' },
      ]);
    const said = inCall(message, now);
    if (said !== null) return respond(message, from, said.status, []);
    if (message.method === 'INVITE') return respond(message, from, 480, []);
    // Every other method needs a dialog or a subscription, and there is none (RFC 3261 12.2.2, RFC 6665 4.1.3).
    return respond(message, from, 481, []);
  }

  function respond(message: SipRequest, from: Endpoint, status: number, extra: readonly Header[]): SipResponse {
    const copied = message.headers.filter(({ name }) => ['From', 'Call-ID', 'CSeq', 'Record-Route'].includes(name));
    const to = headerValue(message, 'To') ?? '';
    const tagged = /;\s*tag=/i.test(to) ? to : `${to};tag=${random.hex(64)}`;
    const headers = [
      ...viasOf(message, from),
      ...copied,
      { name: 'To', value: tagged },
      ...extra,
      { name: 'User-Agent', value: userAgent },
    ];
    return { kind: 'response', status, reason: REASONS[status] ?? 'Refused', headers, body: '' };
  }

  function refuse(message: SipRequest, code: number, flow: FlowId | null, from: Endpoint): void {
    if (message.method === 'ACK' || !topVia(message).ok) return;
    emit({
      kind: 'reply',
      flow,
      to: replyTo(message, from),
      data: serialize(respond(message, from, code, refusalHeaders(code, message))),
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

function refusalHeaders(status: number, message: SipRequest): readonly Header[] {
  // RFC 3261 8.2.1, 8.2.2.3, 8.2.3.
  if (status === 405 || status === 501) return [{ name: 'Allow', value: ALLOWED_METHODS }];
  if (status === 415 && isEncoded(message)) return [{ name: 'Accept-Encoding', value: 'identity' }];
  if (status === 415) return [{ name: 'Accept', value: 'application/sdp' }];
  if (status === 420) return [{ name: 'Unsupported', value: unknownExtensions(message).join(', ') }];
  return [];
}

/**
 * The Via headers of the request, the topmost value with `received` and `rport` filled in (RFC 3261 18.2.1, RFC 3581 4). All else
 * stays as it was written, a list one header: or a short request could draw a long answer (L16).
 */
function viasOf(message: SipRequest, { address, port }: Endpoint): readonly Header[] {
  const [first, ...others] = message.headers.filter(({ name }) => name === 'Via');
  const [top = '', ...rest] = splitOutside(first?.value ?? '', ',').filter((value) => value !== '');
  const [sentBy = '', ...params] = splitOutside(top, ';');
  const asked = params.some((param) => /^rport\s*(=|$)/i.test(param));
  const kept = params.filter((param) => !/^(received|rport)\s*(=|$)/i.test(param));
  const filled = [sentBy, ...kept, ...(asked ? [`rport=${port}`] : []), `received=${address}`].join(';');
  return [{ name: 'Via', value: [filled, ...rest].join(',') }, ...others];
}

const octetsOf = ({ headers }: SipRequest): number => headers.reduce((sum, { value }) => sum + value.length, 0);

/** Where the response goes: the source address, its port where `rport` asks, else the sent-by port (RFC 3261 18.2.2). */
function replyTo(message: SipRequest, from: Endpoint): Endpoint {
  const via = topVia(message);
  if (!via.ok || via.value.params.some(({ name }) => name === 'rport')) return from;
  return { address: from.address, port: via.value.port ?? from.port };
}
