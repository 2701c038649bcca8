/**
 * Owns dialogs (RFC 3261 12): how one begins with an INVITE, which messages belong to it, and how a request inside it is addressed.
 * Pure values; who sends, and where, is the stack's.
 */
import { DEFAULT_MAX_FORWARDS } from '../config/defaults.ts';
import type { Result } from '../kernel/result.ts';
import { fail, ok } from '../kernel/result.ts';
import { callIdOf, contactsOf, cseqOf, fromOf, headerValue, headerValues, tagOf, toOf } from './message/headers.ts';
import type { Header, SipRequest, SipResponse } from './message/message.ts';
import { parseNameAddr } from './message/name-addr.ts';
import { paramOf } from './message/scan.ts';
import { parseUri } from './message/uri.ts';

export interface Dialog {
  readonly callId: string;
  readonly localTag: string;
  readonly remoteTag: string;
  /** `From` and `To` of our requests, tags included. */
  readonly local: string;
  readonly remote: string;
  /** The URI of the far side's Contact: where a request goes in the end. */
  readonly remoteTarget: string;
  /** `Route` values, the first hop first. */
  readonly routeSet: readonly string[];
  /** Number of our last request. */
  readonly localCseq: number;
  /** Number of the far side's last request, null = none yet. */
  readonly remoteCseq: number | null;
}

/** More Record-Route values than this are no path but an attack. */
const ROUTES_MAX = 32;

/** What a 1xx with a tag or a 2xx to our INVITE began (12.1.2). Fails where the answer names no dialog. */
export function dialogOfAnswer(invite: SipRequest, response: SipResponse): Result<Dialog, string> {
  const from = fromOf(invite);
  const to = toOf(response);
  const cseq = cseqOf(invite);
  const localTag = from.ok ? tagOf(from.value) : null;
  const remoteTag = to.ok ? tagOf(to.value) : null;
  const callId = callIdOf(invite);
  if (localTag === null || remoteTag === null || callId === null || !cseq.ok)
    return fail('the answer has no tag in To: it begins no dialog');
  return ok({
    ...{ callId, localTag, remoteTag, localCseq: cseq.value.number, remoteCseq: null },
    local: headerValue(invite, 'From') ?? '',
    remote: headerValue(response, 'To') ?? '',
    remoteTarget: contactUriOf(response) ?? invite.uri,
    routeSet: recordRoutes(response).toReversed(),
  });
}

/** What an INVITE to us begins when it is answered with `localTag` (12.1.1). */
export function dialogOfRequest(invite: SipRequest, localTag: string): Result<Dialog, string> {
  const from = fromOf(invite);
  const to = headerValue(invite, 'To');
  const cseq = cseqOf(invite);
  const callId = callIdOf(invite);
  const remoteTarget = contactUriOf(invite);
  if (!from.ok || to === null || callId === null || !cseq.ok) return fail('From, To, Call-ID or CSeq cannot be read');
  if (remoteTarget === null) return fail('Contact: an INVITE must say where its dialog is to be reached');
  return ok({
    // A caller of RFC 2543 has no tag (12.1.1).
    ...{ callId, localTag, remoteTag: tagOf(from.value) ?? '', localCseq: 0, remoteCseq: cseq.value.number },
    local: `${to};tag=${localTag}`,
    remote: headerValue(invite, 'From') ?? '',
    remoteTarget,
    routeSet: recordRoutes(invite),
  });
}

/** What the first NOTIFY to a SUBSCRIBE of ours begins (RFC 6665 4.4.1). Without a Contact it is reached where the SUBSCRIBE went. */
export function dialogOfNotify(notify: SipRequest, subscribe: SipRequest): Result<Dialog, string> {
  const from = fromOf(notify);
  const to = toOf(notify);
  const callId = callIdOf(notify);
  const ours = cseqOf(subscribe);
  const theirs = cseqOf(notify);
  const localTag = to.ok ? tagOf(to.value) : null;
  if (!from.ok || localTag === null || callId === null || !ours.ok || !theirs.ok)
    return fail('From, To, Call-ID or CSeq cannot be read');
  return ok({
    ...{ callId, localTag, remoteTag: tagOf(from.value) ?? '' },
    ...{ localCseq: ours.value.number, remoteCseq: theirs.value.number },
    local: headerValue(notify, 'To') ?? '',
    remote: headerValue(notify, 'From') ?? '',
    remoteTarget: contactUriOf(notify) ?? subscribe.uri,
    routeSet: recordRoutes(notify),
  });
}

const recordRoutes = (message: SipRequest | SipResponse): readonly string[] =>
  headerValues(message, 'Record-Route').slice(0, ROUTES_MAX);

/** The URI of the one Contact, null where there is none that we could send to. */
function contactUriOf(message: SipRequest | SipResponse): string | null {
  const contacts = contactsOf(message);
  const [first] = contacts.ok && contacts.value !== '*' ? contacts.value : [];
  return first?.uri == null ? null : first.uriText;
}

/** Whether a request of the far side is inside this dialog (12.2.2). */
export function holds(dialog: Dialog, request: SipRequest): boolean {
  const from = fromOf(request);
  const to = toOf(request);
  if (!from.ok || !to.ok || callIdOf(request) !== dialog.callId) return false;
  return tagOf(to.value) === dialog.localTag && (tagOf(from.value) ?? '') === dialog.remoteTag;
}

/** Whether an answer to our INVITE is of this dialog: a forked call has several (13.2.2.4). */
export function answers(dialog: Dialog, response: SipResponse): boolean {
  const to = toOf(response);
  return to.ok && tagOf(to.value) === dialog.remoteTag;
}

/** A target refresh (12.2.1.2, 12.2.2): the far side's place may move, the way there does not. */
export const withTargetOf = (dialog: Dialog, message: SipRequest | SipResponse): Dialog => ({
  ...dialog,
  remoteTarget: contactUriOf(message) ?? dialog.remoteTarget,
});

export interface InDialog {
  readonly method: string;
  /** Of the INVITE that is acknowledged or cancelled; else the next one. */
  readonly cseq: number;
  readonly via: Header;
  readonly headers: readonly Header[];
  readonly body: string;
}

/** A request inside the dialog, by loose or strict routing (12.2.1.1). */
export function requestIn(dialog: Dialog, { method, cseq, via, headers, body }: InDialog): SipRequest {
  const { uri, routes } = routed(dialog);
  return {
    kind: 'request',
    method,
    uri,
    headers: [
      via,
      ...routes.map((value) => ({ name: 'Route', value })),
      { name: 'Max-Forwards', value: String(DEFAULT_MAX_FORWARDS) },
      { name: 'From', value: dialog.local },
      { name: 'To', value: dialog.remote },
      { name: 'Call-ID', value: dialog.callId },
      { name: 'CSeq', value: `${cseq} ${method}` },
      ...headers,
    ],
    body,
  };
}

function routed({ routeSet, remoteTarget }: Dialog): { readonly uri: string; readonly routes: readonly string[] } {
  const [first, ...rest] = routeSet;
  const strict = first === undefined ? null : strictUri(first);
  if (strict === null) return { uri: remoteTarget, routes: routeSet };
  return { uri: strict, routes: [...rest, `<${remoteTarget}>`] };
}

/** The URI of a hop that still routes as RFC 2543 did, null where it is loose. Headers do not belong in a Request-URI. */
function strictUri(route: string): string | null {
  const parsed = parseNameAddr(route);
  const uri = parsed.ok ? parsed.value.uri : null;
  if (!parsed.ok || uri === null || paramOf(uri.params, 'lr') !== undefined) return null;
  return parsed.value.uriText.replace(/\?.*$/, '');
}

/** Where a request inside the dialog goes next: the first route, else the far side itself (12.2.1.1). */
export function nextHopOf({ routeSet, remoteTarget }: Dialog): Result<ReturnType<typeof hopOf>, string> {
  const [first] = routeSet;
  const route = first === undefined ? null : parseNameAddr(first);
  if (route !== null && !route.ok) return fail(`Record-Route "${(first ?? '').slice(0, 60)}": ${route.error}`);
  const parsed = parseUri(route === null ? remoteTarget : route.value.uriText);
  return parsed.ok ? ok(hopOf(parsed.value)) : fail(parsed.error);
}

/** What RFC 3263 needs of a URI; port 0 = none is said. */
function hopOf({ scheme, host, port, params }: Extract<ReturnType<typeof parseUri>, { ok: true }>['value']): {
  readonly name: string;
  readonly port: number;
  readonly transport: 'udp' | 'tcp' | 'tls' | null;
} {
  const maddr = paramOf(params, 'maddr');
  const transport = paramOf(params, 'transport')?.toLowerCase();
  const named = transport === 'udp' || transport === 'tcp' || transport === 'tls' ? transport : null;
  return { name: maddr ?? host, port: port ?? 0, transport: scheme === 'sips' ? 'tls' : named };
}
