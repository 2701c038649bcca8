/** Owns SIP URIs: parse, compare, write (RFC 3261 19.1, 25.1). IPv6 hosts are kept without their brackets. */
import type { Result } from '../../kernel/result.ts';
import { fail, ok } from '../../kernel/result.ts';
import { isIpv4, isIpv6 } from '../../kernel/target.ts';
import type { Param } from './scan.ts';
import { strip } from './scan.ts';
import { encodeUtf8, toOctets } from './utf8.ts';

export type { Param } from './scan.ts';

export interface Uri {
  readonly scheme: 'sip' | 'sips';
  /** Escapes kept as written. */
  readonly user: string | null;
  readonly password: string | null;
  /** Lower case; an IPv6 literal without brackets. */
  readonly host: string;
  readonly port: number | null;
  readonly params: readonly Param[];
  readonly headers: readonly Param[];
}

/** As RFC 3261 25.1 has it, and the underscore: no host name may have it, yet many inside a LAN do. */
const HOSTNAME = /^(?:[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?\.)*[a-z_](?:[a-z0-9_-]*[a-z0-9_])?\.?$/i;
/** Characters, then escapes each with characters behind it: what is tried first is what stands there most. */
const USER = /^(?!$)[A-Za-z0-9\-_.!~*'()&=+$,;?/]*(?:%[0-9A-Fa-f]{2}[A-Za-z0-9\-_.!~*'()&=+$,;?/]*)*$/;
const PASSWORD = /^[A-Za-z0-9\-_.!~*'()&=+$,]*(?:%[0-9A-Fa-f]{2}[A-Za-z0-9\-_.!~*'()&=+$,]*)*$/;
const PARAM = /^(?!$)[A-Za-z0-9\-_.!~*'()[\]/:&+$]*(?:%[0-9A-Fa-f]{2}[A-Za-z0-9\-_.!~*'()[\]/:&+$]*)*$/;
const HEADER = /^[A-Za-z0-9\-_.!~*'()[\]/?:+$]*(?:%[0-9A-Fa-f]{2}[A-Za-z0-9\-_.!~*'()[\]/?:+$]*)*$/;

/** Parses a SIP or SIPS URI; other schemes are an error that names them. */
export function parseUri(text: string): Result<Uri, string> {
  const colon = text.indexOf(':');
  const scheme = text.slice(0, Math.max(0, colon)).toLowerCase();
  if (scheme !== 'sip' && scheme !== 'sips') return fail(`"${text.slice(0, 40)}" is no SIP URI`);
  const rest = text.slice(colon + 1);
  if (/\s/.test(rest)) return fail(`"${text.slice(0, 40)}" has white space`);
  const question = rest.indexOf('?', userEnd(rest));
  const main = question === -1 ? rest : rest.slice(0, question);
  const at = main.lastIndexOf('@');
  const user = parseUser(at === -1 ? null : main.slice(0, at));
  if (!user.ok) return user;
  const hostPart = main.slice(at + 1);
  const semicolon = hostPart.indexOf(';');
  const hostPort = parseHostPort(semicolon === -1 ? hostPart : hostPart.slice(0, semicolon));
  if (!hostPort.ok) return hostPort;
  const params = semicolon === -1 ? ok([]) : pairs(hostPart.slice(semicolon + 1), ';', PARAM);
  if (!params.ok) return params;
  const headers = question === -1 ? ok([]) : pairs(rest.slice(question + 1), '&', HEADER);
  if (!headers.ok) return headers;
  const { password } = user.value;
  const { host, port } = hostPort.value;
  return ok({ scheme, user: user.value.user, password, host, port, params: params.value, headers: headers.value });
}

/** Where the user part ends: a `?` before the `@` belongs to the user (RFC 3261 25.1). */
const userEnd = (rest: string): number => Math.max(0, rest.indexOf('@'));

function parseUser(
  text: string | null,
): Result<{ readonly user: string | null; readonly password: string | null }, string> {
  if (text === null) return ok({ user: null, password: null });
  const colon = text.indexOf(':');
  const user = colon === -1 ? text : text.slice(0, colon);
  const password = colon === -1 ? null : text.slice(colon + 1);
  if (!USER.test(user)) return fail(`"${user.slice(0, 40)}" is no user part`);
  if (password !== null && !PASSWORD.test(password)) return fail('the password part has a forbidden character');
  return ok({ user, password });
}

/** `host`, `host:port`, `[v6]`, `[v6]:port`; white space around the colon is tolerated where the grammar does. */
export function parseHostPort(text: string): Result<{ readonly host: string; readonly port: number | null }, string> {
  const trimmed = strip(text);
  const bracket = trimmed.startsWith('[') ? trimmed.indexOf(']') : -1;
  const colon = trimmed.indexOf(':', Math.max(0, bracket));
  const hostText = strip(colon === -1 ? trimmed : trimmed.slice(0, colon));
  const portText = colon === -1 ? null : strip(trimmed.slice(colon + 1));
  if (portText !== null && (!/^\d{1,5}$/.test(portText) || Number(portText) > 65_535))
    return fail(`"${portText.slice(0, 20)}" is no port`);
  // A colon too many before a dotted tail, as an old grammar had it, is tolerated (RFC 5118 4.10).
  const literal = hostText.slice(1, -1).replace(/:::(?=\d+\.\d+\.\d+\.\d+$)/, '::');
  const host = (bracket === -1 ? hostText : literal).toLowerCase();
  const valid = bracket === -1 ? (host.length <= 255 && HOSTNAME.test(host)) || isIpv4(host) : isIpv6(host);
  if (!valid) return fail(`"${hostText.slice(0, 40)}" is no host`);
  return ok({ host, port: portText === null ? null : Number(portText) });
}

function pairs(text: string, separator: string, allowed: RegExp): Result<readonly Param[], string> {
  const params: Param[] = [];
  for (const part of text.split(separator)) {
    const equals = part.indexOf('=');
    const name = equals === -1 ? part : part.slice(0, equals);
    const value = equals === -1 ? null : part.slice(equals + 1);
    if (!allowed.test(name) || name === '') return fail(`"${name.slice(0, 40)}" is no parameter name`);
    if (value !== null && !allowed.test(value)) return fail(`"${value.slice(0, 40)}" is no parameter value`);
    params.push({ name: name.toLowerCase(), value });
  }
  return ok(params);
}

const hostText = (host: string): string =>
  host.includes(':') ? `[${host.replace(/[^0-9A-Fa-f:.]/g, '')}]` : host.replace(/[^A-Za-z0-9\-_.]/g, '');

/** What may not stand in a part is escaped, so that no part can end early; escapes that are there already stay. */
export function uriText(uri: Uri): string {
  const password = uri.password === null ? '' : `:${escapeExcept(uri.password, PASSWORD)}`;
  const user = uri.user === null ? '' : `${escapeExcept(uri.user, USER)}${password}@`;
  const port = uri.port === null ? '' : `:${uri.port}`;
  const params = uri.params.map((param) => `;${pairText(param, PARAM)}`).join('');
  const headers = uri.headers.map((header) => pairText(header, HEADER)).join('&');
  return `${uri.scheme}:${user}${hostText(uri.host)}${port}${params}${headers === '' ? '' : `?${headers}`}`;
}

const pairText = ({ name, value }: Param, allowed: RegExp): string =>
  `${escapeExcept(name, allowed)}${value === null ? '' : `=${escapeExcept(value, allowed)}`}`;

/** Escapes every octet that `allowed` does not match by itself; `%` stays where it starts an escape (RFC 3261 19.1.2). */
export const escapeExcept = (text: string, allowed: RegExp): string =>
  allowed.test(text) ? text : escapeParts(text, allowed);

const escapeParts = (text: string, allowed: RegExp): string =>
  toOctets(text).replace(/%[0-9A-Fa-f]{2}|[\s\S]/g, (part) =>
    part.length > 1 || allowed.test(part) ? part : escaped(part),
  );

const escaped = (octet: string): string => `%${octet.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;

/** Escapes what may not stand in a user part, `%` included, as UTF-8 octets (RFC 3261 19.1.2). */
export const escapeUser = (text: string): string =>
  encodeUtf8(text).replace(/[^A-Za-z0-9\-_.!~*'()&=+$,;?/]/g, escaped);

/** Parameters that must stand in both URIs or in neither (RFC 3261 19.1.4). */
const MUST_MATCH: ReadonlySet<string> = new Set(['user', 'ttl', 'method', 'maddr', 'transport']);

/**
 * Equality by RFC 3261 19.1.4: user case-sensitive after escapes, host not; a parameter that stands in both must match, and
 * the parameters of `MUST_MATCH` must stand in both or in neither; headers must be the same.
 */
export const sameUri = (a: Uri, b: Uri): boolean =>
  a.scheme === b.scheme &&
  unescaped(a.user) === unescaped(b.user) &&
  unescaped(a.password) === unescaped(b.password) &&
  sameHost(a.host, b.host) &&
  a.port === b.port &&
  sameParams(a.params, b.params) &&
  sameHeaders(a.headers, b.headers);

/** IPv6 literals are equal by value, however they are written (RFC 5954 4.2). */
const sameHost = (a: string, b: string): boolean =>
  isIpv6(a) && isIpv6(b) ? groupsOf(a) === groupsOf(b) : a.replace(/\.$/, '') === b.replace(/\.$/, '');

/** The eight groups of an IPv6 literal, without leading zeros. */
function groupsOf(ipv6: string): string {
  const hex = (left = '', right = ''): string => (Number(left) * 256 + Number(right)).toString(16);
  const plain = ipv6.replace(
    /(\d+)\.(\d+)\.(\d+)\.(\d+)$/,
    (_all, a: string, b: string, c: string, d: string) => `${hex(a, b)}:${hex(c, d)}`,
  );
  const [head = [], tail = []] = plain.split('::').map((half) => half.split(':').filter((group) => group !== ''));
  const zeros = Array.from({ length: 8 - head.length - tail.length }, () => '0');
  return [...head, ...zeros, ...tail].map((group) => Number.parseInt(group, 16)).join(':');
}

function sameParams(a: readonly Param[], b: readonly Param[]): boolean {
  const left = valuesByName(a);
  const right = valuesByName(b);
  return [...new Set([...left.keys(), ...right.keys()])].every((name) =>
    left.has(name) && right.has(name) ? left.get(name) === right.get(name) : !MUST_MATCH.has(name),
  );
}

const valuesByName = (params: readonly Param[]): ReadonlyMap<string, string | null> =>
  new Map(params.map(({ name, value }) => [unescaped(name) ?? '', unescaped(value)?.toLowerCase() ?? null]));

function sameHeaders(a: readonly Param[], b: readonly Param[]): boolean {
  const texts = (headers: readonly Param[]): string =>
    headers
      .map(({ name, value }) => `${unescaped(name)?.toLowerCase()}=${unescaped(value)}`)
      .sort()
      .join('&');
  return texts(a) === texts(b);
}

/** Resolves the escapes that change nothing; a reserved character stays escaped, for escaped it means another thing (RFC 3261 19.1.4). */
const unescaped = (text: string | null): string | null =>
  text === null
    ? null
    : text.replace(/%([0-9A-Fa-f]{2})/g, (all, digits: string) => {
        const octet = String.fromCharCode(Number.parseInt(digits, 16));
        return /[;/?:@&=+$,%]/.test(octet) ? all.toUpperCase() : octet;
      });
