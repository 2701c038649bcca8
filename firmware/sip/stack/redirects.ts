/**
 * Owns where a redirection sends a call (RFC 3261 8.1.3.4, 21.3.1 to 21.3.3): its contacts by preference, none of them twice, and which
 * servers are asked. A call never leaves the line's own servers, so neither do its credentials (conformance B19, L4): an address
 * elsewhere is asked for at the proxies, like one that was dialled.
 */
import { DEFAULT_SIP_PORT, REDIRECTS_MAX } from '../../config/defaults.ts';
import type { ServerPair, ServerSetting } from '../../config/settings.ts';
import { targetKey } from '../../kernel/target.ts';
import type { Candidate, Leg } from '../../servers/selection.ts';
import type { ServerName } from '../../status.ts';
import { headerValues } from '../message/headers.ts';
import type { SipResponse } from '../message/message.ts';
import type { NameAddr } from '../message/name-addr.ts';
import { parseNameAddr } from '../message/name-addr.ts';
import { paramOf } from '../message/scan.ts';
import type { Uri } from '../message/uri.ts';
import { escapeUser, parseUri, uriText } from '../message/uri.ts';
import type { Calling, Trail } from './calling.ts';

/** 305 and 380 ask for more than another address: a proxy of somebody else's choice, a service that nobody has asked for. */
const FOLLOWED: ReadonlySet<number> = new Set([300, 301, 302]);

/** Where the call may go, the best first; empty = nowhere. `by` has said so. */
export function contactsOf(
  response: SipResponse,
  by: Candidate,
  proxy: ServerPair,
  { asked, named }: Trail,
): readonly string[] {
  if (!FOLLOWED.has(response.status)) return [];
  const contacts = headerValues(response, 'Contact')
    .flatMap((value) => {
      const parsed = parseNameAddr(value);
      return parsed.ok ? [parsed.value] : [];
    })
    .sort((one, other) => preferenceOf(other) - preferenceOf(one));
  const fresh: string[] = [];
  for (const contact of contacts) {
    const to = addressOf(contact, by);
    if (to === null || named.size >= REDIRECTS_MAX || named.has(to) || asked.has(keyOf(to, proxy))) continue;
    named.add(to);
    fresh.push(to);
  }
  return fresh;
}

const preferenceOf = ({ params }: NameAddr): number => {
  const said = Number(paramOf(params, 'q') ?? 1);
  return Number.isFinite(said) ? said : 0;
};

/** A SIP URI, or a number; null = it cannot be called. What asks for TLS is not sent without (conformance A6). */
function addressOf({ uri, uriText: text }: NameAddr, { target }: Candidate): string | null {
  if (uri === null) return /^tel:([^;?]+)/i.exec(text)?.[1] ?? null;
  if (uri.scheme === 'sips' && target.transport !== 'tls') return null;
  const params = uri.params.filter(({ name }) => name !== 'method');
  return uriText({ ...uri, params, password: null, headers: [] });
}

/** Which of our servers this address is at, by its name; null = none. */
function serverOf({ host, port }: Uri, proxy: ServerPair): ServerName | null {
  const is = (setting: ServerSetting | null): boolean =>
    setting !== null && setting.name === host && (port === null || setting.port === 0 || setting.port === port);
  return is(proxy.primary) ? 'primary' : is(proxy.backup) ? 'backup' : null;
}

const uriOf = (callee: string): Uri | null => {
  const parsed = /^sips?:/i.test(callee) ? parseUri(callee) : null;
  return parsed?.ok === true ? parsed.value : null;
};

const placeText = ({ host, port }: Uri): string => `${host}:${port ?? DEFAULT_SIP_PORT}`;

function keyOf(callee: string, proxy: ServerPair): string {
  const uri = uriOf(callee);
  return uri === null ? callee : `${uri.user ?? ''}@${serverOf(uri, proxy) ?? placeText(uri)}`;
}

/** It is asked for there now. */
export function note(
  { asked }: Trail,
  { callee }: Pick<Calling, 'callee'>,
  { server, target }: Candidate,
  proxy: ServerPair,
): void {
  asked.add(keyOf(callee, proxy));
  // A whole address is the same person wherever it is asked for; a number is one of the server that is asked.
  if (uriOf(callee) !== null) return;
  const user = escapeUser(callee);
  asked.add(`${user}@${server}`);
  asked.add(`${user}@${target.address}:${target.port}`);
}

export interface Turned {
  readonly callee: string;
  readonly legs: readonly Leg[];
}

/** An address at a server of ours is a number there, and at the servers after it; any other is asked for at all of them. */
export function turnedTo(callee: string, legs: readonly Leg[], proxy: ServerPair): Turned {
  const uri = uriOf(callee);
  if (uri === null) return { callee, legs };
  const server = serverOf(uri, proxy);
  const all = legs.flatMap(({ candidates }) => candidates);
  const at = server === null ? all.find(({ target, via }) => via === null && isAt(target, uri)) : undefined;
  const number = server === null && at === undefined ? callee : (uri.user ?? callee);
  if (server === 'backup') return { callee: number, legs: legs.filter((leg) => leg.server === 'backup') };
  if (at === undefined) return { callee: number, legs };
  const before = new Set(all.slice(0, all.indexOf(at)).map(({ target }) => targetKey(target)));
  const candidates = (leg: Leg): readonly Candidate[] =>
    leg.candidates.filter(({ target }) => !before.has(targetKey(target)));
  return { callee: number, legs: legs.map((leg) => ({ ...leg, candidates: candidates(leg) })) };
}

const isAt = ({ address, port }: Candidate['target'], uri: Uri): boolean =>
  address === uri.host && port === (uri.port ?? DEFAULT_SIP_PORT);

/** As a person reads it: a number, or user and host. */
export const shownAddress = (callee: string): string => callee.replace(/^sips?:/i, '').replace(/[;?].*$/s, '');
