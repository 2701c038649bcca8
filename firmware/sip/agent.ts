/**
 * Owns the requests that the phone itself makes (REGISTER, OPTIONS as a probe) and what their responses mean
 * (RFC 3261 8.1.1, 10.2, 11; rules 3.4, 3.5). Pure functions over messages; it sends nothing.
 */
import { BELIEVED_MAX_S, DEFAULT_MAX_FORWARDS, MAX_MIN_EXPIRES_S, UNSAID_EXPIRES_S } from '../config/defaults.ts';
import type { LineSettings, ServerSetting } from '../config/settings.ts';
import type { Endpoint, Target, Transport } from '../kernel/target.ts';
import type { Candidate } from '../servers/selection.ts';
import { contactsOf, expiresOf, minExpiresOf } from './message/headers.ts';
import type { Header, SipRequest, SipResponse } from './message/message.ts';
import { quote } from './message/scan.ts';
import { escapeUser, parseUri, sameUri } from './message/uri.ts';
import { encodeUtf8 } from './message/utf8.ts';

/** Call-ID, CSeq and From tag of one series of requests (rules 3.4). */
export interface Series {
  readonly callId: string;
  readonly fromTag: string;
  readonly cseq: number;
}

/** What every request of the phone says of itself. */
export interface Identity {
  readonly userAgent: string;
  /** `Aastra-Mac` value, null = not sent. */
  readonly mac: string | null;
  readonly sendLine: boolean;
  /** Names this phone in its flows, null = `sip outbound support` is off (RFC 5626 4.1). */
  readonly instance: string | null;
}

/** What this phone serves (RFC 3261 20.5). */
export const ALLOWED_METHODS = 'INVITE, ACK, CANCEL, BYE, OPTIONS, NOTIFY, REFER, INFO, PRACK, UPDATE';

const hostText = (host: string): string => (host.includes(':') ? `[${host}]` : host);

/** The configured server as a URI: its name, its port only where one is configured (RFC 3263 4: DNS never rewrites it). */
export const serverUri = ({ name, port }: ServerSetting): string =>
  `sip:${hostText(name)}${port === 0 ? '' : `:${port}`}`;

/** The address of record at a configured server. */
export const aorOf = (line: LineSettings, setting: ServerSetting): string =>
  `sip:${escapeUser(line.userName)}@${hostText(setting.name)}${setting.port === 0 ? '' : `:${setting.port}`}`;

/** Who asks: the line's name as it is shown, and its address at the server asked. */
export const fromOf = (line: LineSettings, setting: ServerSetting): string => {
  const display = line.displayName === '' ? '' : `${quote(encodeUtf8(line.displayName))} `;
  return `${display}<${aorOf(line, setting)}>`;
};

export interface Beginning {
  readonly via: Header;
  readonly route: readonly Header[];
  /** Without the tag, which the series has. */
  readonly from: string;
  readonly to: string;
  readonly series: Series;
}

/** What a request outside a dialog begins with (RFC 3261 8.1.1). */
export const beginning = (method: string, { via, route, from, to, series }: Beginning): readonly Header[] => [
  via,
  ...route,
  { name: 'Max-Forwards', value: String(DEFAULT_MAX_FORWARDS) },
  { name: 'From', value: `${from};tag=${series.fromTag}` },
  { name: 'To', value: `<${to}>` },
  { name: 'Call-ID', value: series.callId },
  { name: 'CSeq', value: `${series.cseq} ${method}` },
];

/**
 * The Contact URI. `modern` adds a parameter that differs per configured server, so that clean-up at one can never remove the
 * binding at the other where both share a location service (rules 3.5; RFC 3261 19.1.4).
 */
export function contactUri(
  line: LineSettings,
  server: Candidate['server'],
  local: Endpoint,
  marked: { readonly perServer: boolean; readonly transport: Transport },
): string {
  const user = escapeUser(line.userName);
  const mark = marked.perServer ? `;hf=${server === 'primary' ? 'p' : 'b'}` : '';
  const transport = marked.transport === 'udp' ? '' : `;transport=${marked.transport}`;
  return `sip:${user}@${hostText(local.address)}:${local.port}${transport};line=${line.line}${mark}`;
}

export interface RegisterPlan {
  readonly line: LineSettings;
  readonly setting: ServerSetting;
  readonly contact: string;
  /** Number of the flow that the binding is for, null = it is for no flow (RFC 5626 4.2). */
  readonly flow: number | null;
  /** Seconds asked for; 0 removes the binding. */
  readonly expiresS: number;
  readonly series: Series;
  readonly via: Header;
  readonly route: readonly Header[];
  readonly credentials: readonly Header[];
  readonly identity: Identity;
}

/** A REGISTER; its Request-URI and AOR have the addressed registrar's configured name (rules 3.5). */
export function buildRegister(plan: RegisterPlan): SipRequest {
  const { line, setting, identity } = plan;
  const headers: Header[] = [
    ...beginning('REGISTER', { ...plan, from: fromOf(line, setting), to: aorOf(line, setting) }),
    { name: 'Contact', value: `<${plan.contact}>;expires=${plan.expiresS}${flowParams(plan)}` },
    { name: 'Expires', value: String(plan.expiresS) },
    { name: 'Supported', value: plan.flow === null ? 'path' : 'path, outbound' },
    { name: 'Allow', value: ALLOWED_METHODS },
    ...(identity.mac === null ? [] : [{ name: 'Aastra-Mac', value: identity.mac }]),
    ...(identity.sendLine ? [{ name: 'Aastra-Line', value: String(line.line) }] : []),
    { name: 'User-Agent', value: identity.userAgent },
    ...plan.credentials,
  ];
  return { kind: 'request', method: 'REGISTER', uri: serverUri(setting), headers, body: '' };
}

const flowParams = ({ flow, identity: { instance } }: RegisterPlan): string =>
  flow === null ? '' : `;+sip.instance="<${instance}>";reg-id=${flow}`;

export interface ProbePlan {
  readonly setting: ServerSetting;
  readonly from: string;
  readonly contact: string;
  readonly series: Series;
  readonly via: Header;
  readonly route: readonly Header[];
  readonly userAgent: string;
}

/** An OPTIONS to the configured server's URI (rules 2 and 4, "probe"; RFC 3261 11.1). */
export function buildProbe(plan: ProbePlan): SipRequest {
  const uri = serverUri(plan.setting);
  return {
    kind: 'request',
    method: 'OPTIONS',
    uri,
    headers: [
      ...beginning('OPTIONS', { ...plan, from: `<${plan.from}>`, to: uri }),
      { name: 'Contact', value: `<${plan.contact}>` },
      { name: 'Accept', value: 'application/sdp' },
      { name: 'User-Agent', value: plan.userAgent },
    ],
    body: '',
  };
}

/**
 * The Via of a request from `local`; `rport` has no value in a request (RFC 3581 3). Over TLS nobody can reach us but on this
 * connection: `alias` offers it for requests to us (RFC 5923 5.1).
 */
export const viaHeader = (target: Target, local: Endpoint, branch: string): Header => {
  const alias = target.transport === 'tls' ? ';alias' : '';
  const sentBy = `${hostText(local.address)}:${local.port}`;
  return { name: 'Via', value: `SIP/2.0/${target.transport.toUpperCase()} ${sentBy};rport${alias};branch=${branch}` };
};

/** The same request for a stream: its topmost Via says so, nothing else changes (RFC 3261 18.1.1). */
export function overTcp(request: SipRequest): SipRequest {
  const [via, ...rest] = request.headers;
  if (via === undefined) return request;
  return { ...request, headers: [{ ...via, value: via.value.replace(/^SIP\/2\.0\/UDP/, 'SIP/2.0/TCP') }, ...rest] };
}

/** The pre-loaded loose route to an outbound proxy; none without one (RFC 3261 8.1.2). */
export const routeHeaders = (hop: ServerSetting | null): readonly Header[] =>
  hop === null ? [] : [{ name: 'Route', value: `<${serverUri(hop)};lr>` }];

export interface Granted {
  /** Seconds until the binding runs out. */
  readonly expiresS: number;
  /** Whether our own Contact stands in the answer. */
  readonly listed: boolean;
  /** The Contacts of the answer that are this phone's for the other server. */
  readonly contacts: readonly string[];
}

/**
 * Seconds that a grant is believed at most: what was asked for, which a server may shorten and not lengthen (RFC 3261 10.3 step 7,
 * RFC 6665 4.2.1.1); one that has lost its memory is found out by asking again. A 423 makes the phone ask for more than the
 * `wishedS` of its configuration: of that a day is believed.
 */
export const believed = (askedS: number, wishedS: number): number =>
  Math.min(askedS, Math.max(wishedS, BELIEVED_MAX_S));

/**
 * What a 2xx to REGISTER granted (RFC 3261 10.2.4): our own Contact by URI rules and ITS expiry, the parameter before the
 * header, `mostS` at most. Without it nothing is known: taken as bound for a minute at most, then asked again (table X, "2xx but wrong").
 */
export function grantedBy(response: SipResponse, contact: string, mostS: number): Granted {
  const own = parseUri(contact);
  const bindings = contactsOf(response);
  const listed = bindings.ok && bindings.value !== '*' ? bindings.value : [];
  const mine = listed.find(({ uri }) => own.ok && uri !== null && sameUri(uri, own.value));
  const header = expiresOf(response);
  const contacts = listed.map(({ uriText }) => uriText);
  if (mine === undefined) return { expiresS: Math.min(mostS, UNSAID_EXPIRES_S), listed: false, contacts };
  const param = mine.params.find(({ name }) => name.toLowerCase() === 'expires')?.value;
  const said = param != null && /^\d{1,10}$/.test(param) ? Number(param) : header;
  const expiresS = said === null || said <= 0 ? Math.min(mostS, UNSAID_EXPIRES_S) : Math.min(said, mostS);
  return { expiresS, listed: true, contacts };
}

/** The interval to ask for after a 423, null where Min-Expires is absent, silly, or no longer than what was asked (F6). */
export function longerInterval(response: SipResponse, askedS: number): number | null {
  const least = minExpiresOf(response);
  return least !== null && least > askedS && least <= MAX_MIN_EXPIRES_S ? least : null;
}
