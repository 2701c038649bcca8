/** Owns whether a call may come in: whom it is for, who calls, whose place it takes, and what is refused at once (RFC 3261 8.2.2, 13.3; RFC 3891). */
import { DEFAULT_SIP_PORT } from '../../config/defaults.ts';
import type { LineSettings } from '../../config/settings.ts';
import type { Endpoint, Target, Transport } from '../../kernel/target.ts';
import { targetText } from '../../kernel/target.ts';
import type { Millis } from '../../kernel/time.ts';
import type { Candidate } from '../../servers/selection.ts';
import { senderAmong } from '../../servers/selection.ts';
import { contactUri } from '../agent.ts';
import type { CallReport } from '../call-vocabulary.ts';
import { dialogOfRequest } from '../dialog.ts';
import { sessionOf } from '../message/content.ts';
import { topVia } from '../message/headers.ts';
import type { SipRequest } from '../message/message.ts';
import { paramOf } from '../message/scan.ts';
import { parseUri } from '../message/uri.ts';
import { readReplaces } from '../refer.ts';
import type { Description } from '../sdp/description.ts';
import { readDescription } from '../sdp/description.ts';
import { alertOf, answerAfter, appearanceOf } from './alerts.ts';
import type { Answer } from './answers.ts';
import { callerOf } from './caller.ts';
import type { Faces } from './faces.ts';
import type { InviteServers } from './invite-servers.ts';
import type { Ringing } from './ringing.ts';
import { tooShort } from './session-timer.ts';
import type { Sessions } from './sessions.ts';
import type { Received } from './uas.ts';

export interface CalledOptions {
  readonly servers: Pick<InviteServers, 'begin' | 'merges'>;
  readonly ringing: Pick<Ringing, 'add'>;
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
  readonly replacedBy: Sessions['replacedBy'];
}

export interface Called {
  /** A call for the first time; what is refused at once: its answer. */
  invited(key: string, received: Received, now: Millis): Answer | null;
}

interface Begun {
  readonly line: LineSettings;
  readonly server: Candidate | null;
  readonly transport: Transport;
  readonly tag: string;
  readonly offered: Description | null;
  readonly replaces: string | null;
}

const MALFORMED: Answer = { status: 400 };

export function createCalled(options: CalledOptions): Called {
  const { servers, report } = options;

  function invited(key: string, received: Received, now: Millis): Answer | null {
    const { request, from } = received;
    if (servers.merges(key, request)) return { status: 482 };
    const transport = transportOf(request);
    const server = senderAmong(options.places(), from, transport);
    if (options.whitelist && server === null) return { status: 403 };
    const line = lineOf(request, options.lines());
    if (line === null) return { status: 404 };
    const offered = offerIn(request);
    if (offered?.ok === false) return { status: 488 };
    const refused = dialogOfRequest(request, '').ok ? tooShort(request) : MALFORMED;
    if (refused !== null) return refused;
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
    options.ringing.add({
      ...{
        call,
        key,
        request,
        line,
        carrier,
        trusted: server !== null,
        dialog: dialog.value,
        offered: how.offered,
        early: null,
        pick: null,
      },
      own: { ...own, address: options.faces.mediaAddress(own.address) },
      contact: contactUri(line, server?.server ?? 'primary', options.faces.shown(carrier, own), mark),
    });
    const place = server === null ? null : { server: server.server, target: targetText(server.target) };
    const { replaces } = how;
    // Of strangers nobody is heard without a hand at the phone (conformance G20, L6).
    const answerAfterS = server === null ? null : answerAfter(request);
    const asks = { replaces, answerAfterS, alert: alertOf(request), appearance: appearanceOf(request) };
    report({ ...callerOf(request, server !== null), kind: 'call-incoming', call, line, place, ...asks }, now);
  }

  return { invited };
}

/** Null: the caller leaves it to us. */
function offerIn(request: SipRequest): ReturnType<typeof readDescription> | null {
  const text = sessionOf(request);
  return text === '' ? null : readDescription(text);
}

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
