/**
 * Owns calls that come in until they are answered: whom they are for, who calls, ringing, refusing, forwarding, giving up, and the
 * agreement on what is heard (RFC 3261 8.2.2.2, 9.2, 13.3; RFC 3264). What is done with a call is decided by the phone.
 */
import { DEFAULT_SIP_PORT } from '../../config/defaults.ts';
import type { LineSettings } from '../../config/settings.ts';
import type { Result } from '../../kernel/result.ts';
import { fail } from '../../kernel/result.ts';
import type { Endpoint, Target, Transport } from '../../kernel/target.ts';
import { targetText } from '../../kernel/target.ts';
import type { Millis } from '../../kernel/time.ts';
import type { Candidate } from '../../servers/selection.ts';
import type { Identity } from '../agent.ts';
import { contactUri } from '../agent.ts';
import { callHeaders } from '../agent-call.ts';
import type { CallCommand, CallEnd, CallReport, Wish } from '../call-vocabulary.ts';
import type { Dialog } from '../dialog.ts';
import { dialogOfRequest } from '../dialog.ts';
import { headerValues, topVia } from '../message/headers.ts';
import type { Header, SipRequest } from '../message/message.ts';
import { paramOf } from '../message/scan.ts';
import { parseUri } from '../message/uri.ts';
import { readReplaces } from '../refer.ts';
import type { Description } from '../sdp/description.ts';
import { readDescription, writeDescription } from '../sdp/description.ts';
import type { Agreed, Local } from '../sdp/offer-answer.ts';
import { agreedBy, answerTo, offerOf } from '../sdp/offer-answer.ts';
import { answerAfter } from './alerts.ts';
import type { Answer } from './answers.ts';
import { callerOf } from './caller.ts';
import type { Faces } from './faces.ts';
import type { InviteServers } from './invite-servers.ts';
import type { NewSession, Sessions } from './session.ts';
import type { Received } from './uas.ts';

export interface CalledOptions {
  readonly servers: InviteServers;
  readonly identity: Identity;
  readonly perServer: boolean;
  /** `sip whitelist`: nobody but configured servers may call. */
  readonly whitelist: boolean;
  readonly lines: () => readonly LineSettings[];
  /** Every configured place; a request from another is a stranger's. */
  readonly places: () => readonly Candidate[];
  /** Our own place, null before the first packet. */
  readonly own: () => Endpoint | null;
  readonly newCallId: () => string;
  readonly faces: Faces;
  readonly report: (report: CallReport, now: Millis) => void;
  /** Both sides have agreed: from now on it is a session. */
  readonly onAgreed: (session: NewSession, now: Millis) => void;
  /** Ends a session. */
  readonly hangUp: (call: string, now: Millis) => void;
  readonly replacedBy: Sessions['replacedBy'];
  /** Ends a dialog that never became a session. */
  readonly bye: (dialog: Dialog, carrier: Target, now: Millis) => void;
}

type Command = Extract<CallCommand, { kind: 'ring' | 'pick-up' | 'refuse' | 'redirect' | 'hang-up' }>;

export interface Called {
  /** A call for the first time; what is refused at once: its answer. */
  invited(key: string, received: Received, now: Millis): Answer | null;
  cancelled(key: string, request: SipRequest, now: Millis): Answer;
  /** False where no call of that id waits. */
  command(command: Command, now: Millis): boolean;
  /** The ACK to our 2xx, null = it never came. */
  acknowledged(key: string, ack: SipRequest | null, now: Millis): void;
}

interface Waiting {
  readonly call: string;
  readonly key: string;
  readonly request: SipRequest;
  readonly line: LineSettings;
  readonly carrier: Target;
  readonly contact: string;
  readonly own: Endpoint;
  readonly dialog: Dialog;
  /** Null: the caller leaves it to us to offer. */
  readonly offered: Description | null;
}

interface Begun {
  readonly line: LineSettings;
  readonly server: Candidate | null;
  readonly transport: Transport;
  readonly tag: string;
  readonly offered: Description | null;
  readonly replaces: string | null;
}

/** Answered by us; its ACK is still to come. No BYE leaves before that (RFC 3261 15). */
interface Answered {
  readonly waiting: Waiting;
  /** What we offered in our answer, to be answered in the ACK; null = both have agreed. */
  readonly offer: Local | null;
  /** The person has hung up meanwhile. */
  readonly over: boolean;
}

const SDP: Header = { name: 'Content-Type', value: 'application/sdp' };
const REFUSED: Answer = { status: 486 };

export function createCalled(options: CalledOptions): Called {
  const { servers, identity, report } = options;
  const waiting = new Map<string, Waiting>();
  /** By their transaction. */
  const answered = new Map<string, Answered>();

  function invited(key: string, received: Received, now: Millis): Answer | null {
    const { request, from } = received;
    if (servers.merges(key, request)) return { status: 482 };
    const transport = transportOf(request);
    const server =
      options.places().find(({ target }) => target.address === from.address && target.transport === transport) ?? null;
    if (options.whitelist && server === null) return { status: 403 };
    const line = lineOf(request, options.lines());
    if (line === null) return { status: 404 };
    const offered = request.body === '' ? null : readDescription(request.body);
    if (offered?.ok === false) return { status: 488 };
    if (!dialogOfRequest(request, '').ok) return { status: 400 };
    const replaced = replacedBy(received, server !== null);
    if ('status' in replaced) return replaced;
    const tag = servers.begin(key, received);
    const how = { ...{ line, server, transport, ...replaced }, offered: offered?.value ?? null };
    if (tag !== null) begun(key, received, { ...how, tag }, now);
    return null;
  }

  /** The call of ours whose place the caller wants to take, or why he cannot (RFC 3891 3). */
  function replacedBy({ request, from }: Received, trusted: boolean): Pick<Begun, 'replaces'> | Answer {
    const asked = readReplaces(request);
    if (!asked.ok) return { status: 400 };
    if (asked.value === null) return { replaces: null };
    const session = options.replacedBy(asked.value);
    // A dialog that is early was not begun by who asks for it here (3): nobody but its caller could pick it up.
    if (session === null) return { status: 481 };
    if (session === 'gone') return { status: 603 };
    if (asked.value.earlyOnly) return { status: 486 };
    // Who takes the place of somebody comes by a way that is trusted as much (8).
    if (!trusted && session.carrier.address !== from.address) return { status: 403 };
    return { replaces: session.call };
  }

  function begun(key: string, { request, from }: Received, how: Begun, now: Millis): void {
    const { line, server, transport } = how;
    const dialog = dialogOfRequest(request, how.tag);
    if (!dialog.ok) return;
    const own = options.own() ?? placeOf(request.uri);
    const mark = { perServer: options.perServer, transport };
    const call = options.newCallId();
    const carrier: Target = server?.target ?? { ...from, transport, tlsName: null };
    waiting.set(call, {
      ...{ call, key, request, line, carrier, dialog: dialog.value, offered: how.offered },
      own: { ...own, address: options.faces.mediaAddress(own.address) },
      contact: contactUri(line, server?.server ?? 'primary', options.faces.shown(carrier, own), mark),
    });
    const place = server === null ? null : { server: server.server, target: targetText(server.target) };
    const { replaces } = how;
    // Of strangers nobody is heard without a hand at the phone (conformance G20, L6).
    const answerAfterS = server === null ? null : answerAfter(request);
    report(
      { ...callerOf(request, server !== null), kind: 'call-incoming', call, line, place, replaces, answerAfterS },
      now,
    );
  }

  function ended(call: Waiting, end: CallEnd, now: Millis): void {
    waiting.delete(call.call);
    report({ kind: 'call-ended', call: call.call, end }, now);
  }

  function refuse(call: Waiting, answer: Answer, now: Millis): void {
    servers.respond(call.key, answer, now);
    ended(call, { result: answer.status === 302 ? 'forwarded' : 'hung-up' }, now);
  }

  const localOf = ({ own }: Waiting, wish: Wish): Local => ({ ...wish, at: { address: own.address, port: wish.port } });

  /** What nobody can hear does not ring (RFC 3261 13.3.1.3). */
  function ring(call: Waiting, wish: Wish, now: Millis): void {
    const possible = call.offered === null ? null : answerTo(call.offered, localOf(call, wish));
    if (possible?.ok !== false) {
      servers.respond(call.key, { status: 180, headers: sayings(call) }, now);
      return report({ kind: 'call-ringing', call: call.call }, now);
    }
    servers.respond(call.key, { status: 488 }, now);
    ended(call, { result: 'no-audio', detail: possible.error }, now);
  }

  function pickUp(call: Waiting, wish: Wish, now: Millis): void {
    const local = localOf(call, wish);
    const answer = call.offered === null ? null : answerTo(call.offered, local);
    if (answer?.ok === false) return ring(call, wish, now);
    waiting.delete(call.call);
    answered.set(call.key, { waiting: call, offer: answer === null ? local : null, over: false });
    const body = writeDescription(answer === null ? offerOf(local) : answer.value.description);
    servers.respond(call.key, { status: 200, headers: [...sayings(call), SDP], body }, now);
    if (answer !== null) begin(call, local, answer.value.agreed, now);
  }

  function begin({ call, line, carrier, contact, dialog }: Waiting, local: Local, agreed: Agreed, now: Millis): void {
    options.onAgreed({ call, line, carrier, contact, dialog, local, agreed }, now);
    report({ kind: 'call-picked-up', call, agreed }, now);
  }

  function acknowledged(key: string, ack: SipRequest | null, now: Millis): void {
    const known = answered.get(key);
    if (known === undefined) return;
    answered.delete(key);
    const { waiting: call, offer, over } = known;
    const agreed = offer === null ? null : agreedIn(ack, offer);
    if (!over && ack !== null && agreed?.ok !== false) {
      if (agreed !== null && offer !== null) begin(call, offer, agreed.value, now);
      return;
    }
    if (!over) ended(call, agreed?.ok === false ? { result: 'no-audio', detail: agreed.error } : UNHEARD, now);
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

  const sayings = ({ contact }: Waiting): readonly Header[] => callHeaders(contact, identity);

  return {
    invited,
    cancelled(key, request, now) {
      const call = [...waiting.values()].find((candidate) => candidate.key === key);
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
  };
}

const UNHEARD: CallEnd = { result: 'failed', code: null, cause: 'no-answer' };

function agreedIn(ack: SipRequest | null, offer: Local): Result<Agreed, string> {
  if (ack === null) return fail('nobody acknowledged our answer');
  const description = readDescription(ack.body);
  return description.ok ? agreedBy(description.value, offer) : description;
}

const contactHeader = (uri: string): Header => ({ name: 'Contact', value: `<${uri}>` });

function transportOf(request: SipRequest): Transport {
  const via = topVia(request);
  const named = via.ok ? via.value.transport.toLowerCase() : '';
  return named === 'tcp' || named === 'tls' ? named : 'udp';
}

/** By the parameter of our own Contact, else by the user (RFC 3261 8.2.2.1). */
export function lineOf({ uri }: SipRequest, lines: readonly LineSettings[]): LineSettings | null {
  const parsed = parseUri(uri);
  if (!parsed.ok) return null;
  const { user, params } = parsed.value;
  const number = Number(paramOf(params, 'line') ?? Number.NaN);
  const mine = lines.filter(({ userName }) => userName === user);
  return mine.find(({ line }) => line === number) ?? mine[0] ?? null;
}

/** Where the caller has found us: all that is known before our own first packet. */
function placeOf(uri: string): Endpoint {
  const parsed = parseUri(uri);
  return parsed.ok ? { address: parsed.value.host, port: parsed.value.port ?? DEFAULT_SIP_PORT } : UNKNOWN;
}

const UNKNOWN: Endpoint = { address: '0.0.0.0', port: DEFAULT_SIP_PORT };
