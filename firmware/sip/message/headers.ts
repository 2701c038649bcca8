/** Owns reading headers by meaning: each reader takes the message and returns a value, null, or why it could not (RFC 3261 20). */
import type { Result } from '../../kernel/result.ts';
import { fail, ok } from '../../kernel/result.ts';
import type { SipMessage } from './message.ts';
import type { NameAddr } from './name-addr.ts';
import { parseNameAddr } from './name-addr.ts';
import { paramOf, splitOutside } from './scan.ts';
import type { Via } from './via.ts';
import { parseVia } from './via.ts';

type Headed = Pick<SipMessage, 'headers'>;

/** The first header of that canonical name. */
export const headerValue = (message: Headed, name: string): string | null =>
  message.headers.find((header) => header.name === name)?.value ?? null;

/** All values of that name: repeated headers and comma lists alike; empty elements are left out. */
export function headerValues(message: Headed, name: string): readonly string[] {
  const values: string[] = [];
  for (const header of message.headers)
    if (header.name === name) for (const value of splitOutside(header.value, ',')) if (value !== '') values.push(value);
  return values;
}

export interface CSeq {
  readonly number: number;
  readonly method: string;
}

export function cseqOf(message: Headed): Result<CSeq, string> {
  const match = /^(\d{1,10})\s+([A-Za-z0-9\-.!%*_+`'~]+)$/.exec(headerValue(message, 'CSeq') ?? '');
  const number = Number(match?.[1]);
  if (match === null || number >= 2 ** 31)
    return fail(`CSeq "${(headerValue(message, 'CSeq') ?? 'none').slice(0, 40)}"`);
  return ok({ number, method: match[2] ?? '' });
}

export const callIdOf = (message: Headed): string | null => headerValue(message, 'Call-ID');

const nameAddrOf = (message: Headed, name: string): Result<NameAddr, string> => {
  const value = headerValue(message, name);
  if (value === null) return fail(`${name} is missing`);
  const parsed = parseNameAddr(value);
  return parsed.ok ? parsed : fail(`${name}: ${parsed.error}`);
};

export const fromOf = (message: Headed): Result<NameAddr, string> => nameAddrOf(message, 'From');
export const toOf = (message: Headed): Result<NameAddr, string> => nameAddrOf(message, 'To');
export const tagOf = ({ params }: NameAddr): string | null => paramOf(params, 'tag') ?? null;

/** The Contacts; `*` stands alone. */
export function contactsOf(message: Headed): Result<readonly NameAddr[] | '*', string> {
  const values = headerValues(message, 'Contact');
  if (values.length === 1 && values[0] === '*') return ok('*');
  const contacts: NameAddr[] = [];
  for (const value of values) {
    const parsed = parseNameAddr(value);
    if (!parsed.ok) return fail(`Contact: ${parsed.error}`);
    contacts.push(parsed.value);
  }
  return ok(contacts);
}

export function vias(message: Headed): Result<readonly Via[], string> {
  const parsed: Via[] = [];
  for (const value of headerValues(message, 'Via')) {
    const via = parseVia(value);
    if (!via.ok) return via;
    parsed.push(via.value);
  }
  return ok(parsed);
}

/** The topmost Via only: what stands below is another hop's business. */
export function topVia(message: Headed): Result<Via, string> {
  const [value] = headerValues(message, 'Via');
  return value === undefined ? fail('Via is missing') : parseVia(value);
}

const SECONDS_MAX = 2 ** 32 - 1;

/** Delta-seconds; a number beyond 32 bits counts as the largest (RFC 3261 20.19). */
const secondsOf = (text: string | null): number | null =>
  text !== null && /^\d+$/.test(text) ? Math.min(Number(text), SECONDS_MAX) : null;

export const expiresOf = (message: Headed): number | null => secondsOf(headerValue(message, 'Expires'));
export const minExpiresOf = (message: Headed): number | null => secondsOf(headerValue(message, 'Min-Expires'));
export const maxForwardsOf = (message: Headed): number | null => secondsOf(headerValue(message, 'Max-Forwards'));
export const contentLengthOf = (message: Headed): number | null => secondsOf(headerValue(message, 'Content-Length'));

/** Seconds of a Retry-After; a comment and parameters after the number are tolerated (RFC 3261 20.33). */
export function retryAfterOf(message: Headed): number | null {
  const match = /^(\d+)\s*(?:\(|;|$)/.exec(headerValue(message, 'Retry-After') ?? '');
  return match === null ? null : Math.min(Number(match[1]), SECONDS_MAX);
}
