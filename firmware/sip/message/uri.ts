/** Owns SIP URIs: parse, compare, write (RFC 3261 19.1, 25.1). IPv6 hosts are kept without their brackets. */
import type { Result } from '../../kernel/result.ts';
import { fail, ok } from '../../kernel/result.ts';
import { isIpv4, isIpv6 } from '../../kernel/target.ts';
import type { Param } from './scan.ts';
import { encodeUtf8 } from './utf8.ts';

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

const HOSTNAME = /^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)*[a-z](?:[a-z0-9-]*[a-z0-9])?\.?$/i;
const USER = /^(?:[A-Za-z0-9\-_.!~*'()&=+$,;?/]|%[0-9A-Fa-f]{2})+$/;
const PASSWORD = /^(?:[A-Za-z0-9\-_.!~*'()&=+$,]|%[0-9A-Fa-f]{2})*$/;
const PARAM = /^(?:[A-Za-z0-9\-_.!~*'()[\]/:&+$]|%[0-9A-Fa-f]{2})+$/;
const HEADER = /^(?:[A-Za-z0-9\-_.!~*'()[\]/?:+$]|%[0-9A-Fa-f]{2})*$/;

/** Parses a SIP or SIPS URI; other schemes are an error that names them. */
export function parseUri(text: string): Result<Uri, string> {
  const colon = text.indexOf(':');
  const scheme = text.slice(0, Math.max(0, colon)).toLowerCase();
  if (scheme !== 'sip' && scheme !== 'sips') return fail(`"${text.slice(0, 40)}" is no SIP URI`);
  const rest = text.slice(colon + 1);
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
  return ok({ scheme, ...user.value, ...hostPort.value, params: params.value, headers: headers.value });
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
  const trimmed = text.trim();
  const bracket = trimmed.startsWith('[') ? trimmed.indexOf(']') : -1;
  const colon = trimmed.indexOf(':', Math.max(0, bracket));
  const hostText = (colon === -1 ? trimmed : trimmed.slice(0, colon)).trim();
  const portText = colon === -1 ? null : trimmed.slice(colon + 1).trim();
  if (portText !== null && (!/^\d{1,5}$/.test(portText) || Number(portText) > 65_535))
    return fail(`"${portText.slice(0, 20)}" is no port`);
  const host = bracket === -1 ? hostText.toLowerCase() : hostText.slice(1, -1).toLowerCase();
  const valid =
    bracket === -1
      ? isIpv4(host) || (host.length <= 255 && HOSTNAME.test(host))
      : hostText.endsWith(']') && isIpv6(host);
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

const hostText = (host: string): string => (host.includes(':') ? `[${host}]` : host);

export function uriText(uri: Uri): string {
  const user = uri.user === null ? '' : `${uri.user}${uri.password === null ? '' : `:${uri.password}`}@`;
  const port = uri.port === null ? '' : `:${uri.port}`;
  const text = (param: Param): string => (param.value === null ? param.name : `${param.name}=${param.value}`);
  const params = uri.params.map((param) => `;${text(param)}`).join('');
  const headers = uri.headers.length === 0 ? '' : `?${uri.headers.map(text).join('&')}`;
  return `${uri.scheme}:${user}${hostText(uri.host)}${port}${params}${headers}`;
}

/** Escapes what may not stand in a user part, as UTF-8 octets (RFC 3261 19.1.2). */
export const escapeUser = (text: string): string =>
  encodeUtf8(text).replace(
    /[^A-Za-z0-9\-_.!~*'()&=+$,;?/]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );

/** Parameters that must be equal where either URI has them (RFC 3261 19.1.4). */
const MUST_MATCH: ReadonlySet<string> = new Set(['user', 'ttl', 'method', 'maddr', 'transport']);

/**
 * Equality by RFC 3261 19.1.4: user case-sensitive after escapes, host not; a parameter that stands in both must match, and
 * the parameters of `MUST_MATCH` must stand in both or in neither; headers must be the same.
 */
export function sameUri(a: Uri, b: Uri): boolean {
  if (a.scheme !== b.scheme || decode(a.user) !== decode(b.user) || decode(a.password) !== decode(b.password))
    return false;
  if (a.host.replace(/\.$/, '') !== b.host.replace(/\.$/, '') || a.port !== b.port) return false;
  return sameParams(a.params, b.params) && sameHeaders(a.headers, b.headers);
}

function sameParams(a: readonly Param[], b: readonly Param[]): boolean {
  const names = new Set([...a, ...b].map(({ name }) => name));
  for (const name of names) {
    const left = a.find((param) => param.name === name);
    const right = b.find((param) => param.name === name);
    if (left === undefined || right === undefined) {
      if (MUST_MATCH.has(name)) return false;
    } else if (decode(left.value)?.toLowerCase() !== decode(right.value)?.toLowerCase()) return false;
  }
  return true;
}

function sameHeaders(a: readonly Param[], b: readonly Param[]): boolean {
  if (a.length !== b.length) return false;
  return a.every(({ name, value }) => b.some((other) => other.name === name && decode(other.value) === decode(value)));
}

/** Resolves escapes into octets; what is no escape stays. */
const decode = (text: string | null): string | null =>
  text === null
    ? null
    : text.replace(/%([0-9A-Fa-f]{2})/g, (_all, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)));
