/** Owns digest authentication: challenges read, chosen and answered (RFC 3261 22, RFC 7616, RFC 8760). No state. */
import type { Hash, HashAlgorithm } from '../kernel/hash.ts';
import { headerValues } from './message/headers.ts';
import type { Header, SipResponse } from './message/message.ts';
import { quote, splitOutside, strip, unquote } from './message/scan.ts';
import { encodeUtf8 } from './message/utf8.ts';

export interface Challenge {
  readonly header: 'Authorization' | 'Proxy-Authorization';
  readonly realm: string;
  readonly nonce: string;
  readonly opaque: string | null;
  readonly algorithm: HashAlgorithm;
  /** `auth` is preferred where both are offered; null = RFC 2069 form. */
  readonly qop: 'auth' | 'auth-int' | null;
  readonly stale: boolean;
  /** `-sess` variant. */
  readonly session: boolean;
}

const ALGORITHMS: Readonly<Record<string, { readonly algorithm: HashAlgorithm; readonly session: boolean }>> = {
  md5: { algorithm: 'MD5', session: false },
  'md5-sess': { algorithm: 'MD5', session: true },
  'sha-256': { algorithm: 'SHA-256', session: false },
  'sha-256-sess': { algorithm: 'SHA-256', session: true },
  'sha-512-256': { algorithm: 'SHA-512-256', session: false },
  'sha-512-256-sess': { algorithm: 'SHA-512-256', session: true },
};

/** Every Digest challenge that we support, in the order of the message; Basic and unknown algorithms are left out (K2, K4). */
export const challengesOf = (response: SipResponse): readonly Challenge[] => [
  ...challengesIn(response, 'WWW-Authenticate', 'Authorization'),
  ...challengesIn(response, 'Proxy-Authenticate', 'Proxy-Authorization'),
];

function challengesIn(response: SipResponse, name: string, header: Challenge['header']): readonly Challenge[] {
  const found: Challenge[] = [];
  for (const fields of challengeFields(headerValues(response, name))) {
    const challenge = toChallenge(fields, header);
    if (challenge !== null) found.push(challenge);
  }
  return found;
}

type Fields = ReadonlyMap<string, string>;

/** A comma ends a parameter and a challenge alike: a part of a scheme, a blank and anything but `=` begins a new challenge. */
function challengeFields(parts: readonly string[]): readonly Fields[] {
  const all: { readonly scheme: string; readonly fields: Map<string, string> }[] = [];
  for (const part of parts) {
    const [, scheme, rest] = /^([A-Za-z][A-Za-z0-9-]*)\s+(?=[^\s=])(.*)$/s.exec(part) ?? [];
    if (scheme !== undefined) all.push({ scheme: scheme.toLowerCase(), fields: new Map() });
    const [, name, value = ''] = /^\s*([A-Za-z0-9-]+)\s*=\s*(.*)$/s.exec(rest ?? part) ?? [];
    if (name !== undefined) all.at(-1)?.fields.set(name.toLowerCase(), unquote(strip(value)) ?? strip(value));
  }
  return all.filter(({ scheme }) => scheme === 'digest').map(({ fields }) => fields);
}

function toChallenge(fields: Fields, header: Challenge['header']): Challenge | null {
  const named = ALGORITHMS[(fields.get('algorithm') ?? 'MD5').toLowerCase()];
  const realm = fields.get('realm');
  const nonce = fields.get('nonce');
  if (named === undefined || realm === undefined || nonce === undefined) return null;
  const offered = fields.get('qop');
  const qops = offered === undefined ? [] : splitOutside(offered.toLowerCase(), ',');
  const qop = qops.includes('auth') ? 'auth' : qops.includes('auth-int') ? 'auth-int' : null;
  // A qop that we do not know cannot be answered.
  if (offered !== undefined && offered !== '' && qop === null) return null;
  return {
    header,
    realm,
    nonce,
    opaque: fields.get('opaque') ?? null,
    ...named,
    qop,
    stale: fields.get('stale')?.toLowerCase() === 'true',
  };
}

/** One challenge per realm and header: the topmost that we support (RFC 8760 2.4). */
export const chooseChallenges = (challenges: readonly Challenge[]): readonly Challenge[] =>
  challenges.filter(
    (challenge, index) =>
      challenges.findIndex((other) => other.header === challenge.header && other.realm === challenge.realm) === index,
  );

export interface DigestInput {
  readonly username: string;
  readonly password: string;
  readonly method: string;
  /** Request-URI. */
  readonly uri: string;
  readonly body: string;
  readonly cnonce: string;
  /** Uses of this nonce, this one included. */
  readonly nc: number;
}

/** The credentials for a challenge (RFC 7616 3.4): nc has eight digits, qop, nc and algorithm stand unquoted (K3). */
export function authorizationHeader(challenge: Challenge, input: DigestInput, hash: Hash): Header {
  const { algorithm, nonce, realm, qop, opaque, session } = challenge;
  const nc = input.nc.toString(16).padStart(8, '0');
  const h = (text: string): string => hash(algorithm, text);
  const username = encodeUtf8(input.username);
  const secret = h(`${username}:${realm}:${encodeUtf8(input.password)}`);
  const a1 = session ? h(`${secret}:${nonce}:${input.cnonce}`) : secret;
  const a2 = h(`${input.method}:${input.uri}${qop === 'auth-int' ? `:${h(input.body)}` : ''}`);
  const response = qop === null ? h(`${a1}:${nonce}:${a2}`) : h(`${a1}:${nonce}:${nc}:${input.cnonce}:${qop}:${a2}`);
  const fields = [
    `username=${quote(username)}`,
    `realm=${quote(realm)}`,
    `nonce=${quote(nonce)}`,
    `uri=${quote(input.uri)}`,
    `response=${quote(response)}`,
    `algorithm=${algorithm}${session ? '-sess' : ''}`,
    ...(qop === null && !session ? [] : [`cnonce=${quote(input.cnonce)}`]),
    ...(qop === null ? [] : [`qop=${qop}`, `nc=${nc}`]),
    ...(opaque === null ? [] : [`opaque=${quote(opaque)}`]),
  ];
  return { name: challenge.header, value: `Digest ${fields.join(', ')}` };
}
