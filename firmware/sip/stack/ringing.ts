/**
 * Owns calls that ring here until both sides have agreed on what is heard: ringing, answering, refusing, forwarding, giving up (RFC 3261
 * 9.2, 13.3; RFC 3264), and provisional answers that the caller acknowledges (RFC 3262). What is done with a call is decided by the phone.
 */
import type { LineSettings } from '../../config/settings.ts';
import type { Result } from '../../kernel/result.ts';
import { fail } from '../../kernel/result.ts';
import type { Endpoint, Target } from '../../kernel/target.ts';
import type { Millis } from '../../kernel/time.ts';
import type { Identity } from '../agent.ts';
import { callHeaders } from '../agent-call.ts';
import type { CallCommand, CallEnd, CallReport, Wish } from '../call-vocabulary.ts';
import type { Dialog } from '../dialog.ts';
import { holds } from '../dialog.ts';
import { sessionOf } from '../message/content.ts';
import { cseqOf, headerValues } from '../message/headers.ts';
import type { Header, SipRequest } from '../message/message.ts';
import type { Description } from '../sdp/description.ts';
import { readDescription, writeDescription } from '../sdp/description.ts';
import type { Local, Settled } from '../sdp/offer-answer.ts';
import { agreedBy, answerTo, offerOf } from '../sdp/offer-answer.ts';
import type { Answer } from './answers.ts';
import type { InviteServers } from './invite-servers.ts';
import type { NewSession } from './session.ts';
import { takesUpdates } from './session.ts';
import type { SessionTimer } from './session-timer.ts';
import { accept } from './session-timer.ts';

export interface RingingOptions {
  readonly servers: InviteServers;
  readonly identity: Identity;
  /** `sip session timer`, s; 0 = off. */
  readonly sessionTimerS: number;
  readonly report: (report: CallReport, now: Millis) => void;
  /** Both sides have agreed: from now on it is a session. */
  readonly onAgreed: (session: NewSession, now: Millis) => void;
  /** Ends a session. */
  readonly hangUp: (call: string, now: Millis) => void;
  /** Ends a dialog that never became a session. */
  readonly bye: (dialog: Dialog, carrier: Target, now: Millis) => void;
}

type Command = Extract<CallCommand, { kind: 'ring' | 'pick-up' | 'refuse' | 'redirect' | 'hang-up' }>;

/** A call that came in. */
export interface Waiting {
  readonly call: string;
  readonly key: string;
  readonly request: SipRequest;
  readonly line: LineSettings;
  readonly carrier: Target;
  /** It came from a configured server. */
  readonly trusted: boolean;
  readonly contact: string;
  readonly own: Endpoint;
  dialog: Dialog;
  /** Null: the caller leaves it to us to offer. */
  readonly offered: Description | null;
  /** What we have offered while it rings, to be answered in the PRACK; null = nothing was. */
  early: { readonly offer: Local; settled: Settled | null } | null;
  /** It is to be answered as soon as that is settled. */
  pick: Wish | null;
}

/** Answered by us; its ACK is still to come. No BYE leaves before that (RFC 3261 15). */
interface Answered {
  readonly waiting: Waiting;
  /** What we offered in our answer, to be answered in the ACK; null = both have agreed. */
  readonly offer: Local | null;
  readonly timer: SessionTimer | null;
  /** The person has hung up meanwhile. */
  readonly over: boolean;
}

export interface Ringing {
  add(waiting: Waiting): void;
  cancelled(key: string, request: SipRequest, now: Millis): Answer;
  /** False where no call of that id waits. */
  command(command: Command, now: Millis): boolean;
  /** The ACK to our 2xx, null = it never came. */
  acknowledged(key: string, ack: SipRequest | null, now: Millis): void;
  /** Nobody has acknowledged that it rings. */
  unheard(key: string, now: Millis): void;
  /** What to answer to the caller of a call that still rings; null = it is of none. */
  answerTo(request: SipRequest, now: Millis): Answer | null;
}

const SDP: Header = { name: 'Content-Type', value: 'application/sdp' };
const REFUSED: Answer = { status: 486 };
const UNHEARD: CallEnd = { result: 'failed', code: null, cause: 'no-answer' };

export function createRinging({ servers, identity, report, ...options }: RingingOptions): Ringing {
  const waiting = new Map<string, Waiting>();
  /** By their transaction. */
  const answered = new Map<string, Answered>();

  function ended(call: Waiting, end: CallEnd, now: Millis): void {
    waiting.delete(call.call);
    report({ kind: 'call-ended', call: call.call, end }, now);
  }

  function refuse(call: Waiting, answer: Answer, now: Millis): void {
    servers.respond(call.key, answer, now);
    ended(call, { result: answer.status === 302 ? 'forwarded' : 'hung-up' }, now);
  }

  const localOf = ({ own }: Waiting, wish: Wish): Local => ({
    ...wish,
    at: { address: own.address, port: wish.port },
    lines: [],
  });

  const sayings = ({ contact }: Waiting): readonly Header[] => callHeaders(contact, identity);

  const byKey = (key: string): Waiting | undefined => [...waiting.values()].find((call) => call.key === key);

  /** What nobody can hear does not ring (RFC 3261 13.3.1.3). */
  function ring(call: Waiting, wish: Wish, now: Millis): void {
    const local = localOf(call, wish);
    const possible = call.offered === null ? null : answerTo(call.offered, local);
    if (possible?.ok === false) {
      servers.respond(call.key, { status: 488 }, now);
      return ended(call, { result: 'no-audio', detail: possible.error }, now);
    }
    const reliable = needsPrack(call.request);
    // The first answer that is acknowledged must offer where the caller has not (RFC 3262 5).
    const offers = reliable && call.offered === null;
    if (offers) call.early = { offer: local, settled: null };
    const headers = [...sayings(call), ...(offers ? [SDP] : [])];
    const body = offers ? writeDescription(offerOf(local)) : '';
    servers.respond(call.key, { status: 180, headers, body, reliable }, now);
    report({ kind: 'call-ringing', call: call.call }, now);
  }

  function pickUp(call: Waiting, wish: Wish, now: Millis): void {
    // An offer of ours waits for its answer: no 2xx before that (RFC 3262 3).
    if (call.early?.settled === null) {
      call.pick = wish;
      return;
    }
    const local = call.early?.offer ?? localOf(call, wish);
    const answer = call.offered === null ? null : answerTo(call.offered, local);
    if (answer?.ok === false) return ring(call, wish, now);
    const settled = answer?.value ?? call.early?.settled ?? null;
    waiting.delete(call.call);
    const { timer, headers } = accept(call.request, options.sessionTimerS, now);
    const known: Answered = { waiting: call, offer: settled === null ? local : null, timer, over: false };
    answered.set(call.key, known);
    const said = answer?.value.description ?? (settled === null ? offerOf(local) : null);
    const all = [...sayings(call), ...headers, ...(said === null ? [] : [SDP])];
    servers.respond(call.key, { status: 200, headers: all, body: said === null ? '' : writeDescription(said) }, now);
    if (settled !== null) begin(known, settled, now);
  }

  function begin({ waiting: of, timer }: Answered, { local, agreed }: Settled, now: Millis): void {
    const { call, line, carrier, trusted, contact, dialog, request } = of;
    const updates = takesUpdates(request);
    options.onAgreed({ call, line, carrier, trusted, contact, dialog, local, agreed, timer, updates }, now);
    report({ kind: 'call-picked-up', call, agreed }, now);
  }

  function acknowledged(key: string, ack: SipRequest | null, now: Millis): void {
    const known = answered.get(key);
    if (known === undefined) return;
    answered.delete(key);
    const { waiting: call, offer, over } = known;
    const settled = offer === null ? null : settledIn(ack, offer);
    if (!over && ack !== null && settled?.ok !== false) {
      if (settled !== null) begin(known, settled.value, now);
      return;
    }
    if (!over) ended(call, settled?.ok === false ? { result: 'no-audio', detail: settled.error } : UNHEARD, now);
    if (offer === null) options.hangUp(call.call, now);
    else options.bye(call.dialog, call.carrier, now);
  }

  /** The user is free at once; the BYE follows the ACK. False where nothing waits for one. */
  function leave(id: string, now: Millis): boolean {
    const [key, known] = [...answered].find(([, { waiting: call }]) => call.call === id) ?? [];
    if (key === undefined || known === undefined) return false;
    answered.set(key, { ...known, over: true });
    ended(known.waiting, { result: 'hung-up' }, now);
    return true;
  }

  /** Its caller knows that it rings (RFC 3262 3), and has answered what we may have offered. */
  function pracked(request: SipRequest, now: Millis): Answer {
    const key = servers.acknowledgedBy(request);
    if (key === null) return { status: 481 };
    const call = byKey(key);
    if (call?.early == null || call.early.settled !== null) return { status: 200 };
    const settled = settledIn(request, call.early.offer);
    if (settled.ok) {
      call.early.settled = settled.value;
      if (call.pick !== null) pickUp(call, call.pick, now);
    } else {
      servers.respond(key, { status: 488 }, now);
      ended(call, { result: 'no-audio', detail: settled.error }, now);
    }
    return { status: 200 };
  }

  /** An offer of the caller's waits for our answer, which is given when the call is: another one must wait too (RFC 3311 5.2). */
  function updated(call: Waiting, request: SipRequest): Answer {
    const cseq = cseqOf(request);
    if (!cseq.ok || cseq.value.number <= (call.dialog.remoteCseq ?? -1)) return { status: 500 };
    call.dialog = { ...call.dialog, remoteCseq: cseq.value.number };
    if (sessionOf(request) === '') return { status: 200, headers: sayings(call) };
    return { status: 500, headers: [{ name: 'Retry-After', value: '5' }] };
  }

  return {
    add: (call) => void waiting.set(call.call, call),
    cancelled(key, request, now) {
      const call = byKey(key);
      // After our 2xx it has no effect (9.2): the caller ends the call with a BYE.
      if (call === undefined) return { status: servers.has(key) ? 200 : 481 };
      servers.respond(key, { status: 487 }, now);
      const elsewhere = headerValues(request, 'Reason').some((reason) => /^SIP\s*;.*\bcause\s*=\s*200\b/i.test(reason));
      ended(call, { result: elsewhere ? 'elsewhere' : 'cancelled' }, now);
      return { status: 200 };
    },
    command(command, now) {
      const call = waiting.get(command.call);
      if (call === undefined) return command.kind === 'hang-up' && leave(command.call, now);
      if (command.kind === 'ring') ring(call, command.wish, now);
      else if (command.kind === 'pick-up') pickUp(call, command.wish, now);
      else if (command.kind === 'redirect') refuse(call, { status: 302, headers: [contactHeader(command.to)] }, now);
      else refuse(call, command.kind === 'refuse' ? { status: command.code } : REFUSED, now);
      return true;
    },
    acknowledged,
    unheard(key, now) {
      const call = byKey(key);
      if (call !== undefined) ended(call, UNHEARD, now);
    },
    answerTo(request, now) {
      if (request.method === 'PRACK') return pracked(request, now);
      const call = [...waiting.values()].find(({ dialog }) => holds(dialog, request));
      return call === undefined || request.method !== 'UPDATE' ? null : updated(call, request);
    },
  };
}

/** Whether the caller wants to be sure that its provisional answers arrive. */
const needsPrack = (request: SipRequest): boolean =>
  headerValues(request, 'Require').some((tag) => tag.toLowerCase() === '100rel');

function settledIn(message: SipRequest | null, offer: Local): Result<Settled, string> {
  if (message === null) return fail('nobody acknowledged our answer');
  const description = readDescription(sessionOf(message));
  return description.ok ? agreedBy(description.value, offer) : description;
}

const contactHeader = (uri: string): Header => ({ name: 'Contact', value: `<${uri}>` });
