/**
 * Owns which challenge of which server is answered with what: nonces and their counts per (line, pair), kept between requests
 * (RFC 3261 22.1, RFC 7616 3.4; rules 2 "nonce kept per hop and configured server").
 */
import { CHALLENGES_HELD_MAX } from '../config/defaults.ts';
import type { Hash } from '../kernel/hash.ts';
import type { Random } from '../kernel/random.ts';
import type { Challenge } from './auth.ts';
import { authorizationHeader, challengesOf, chooseChallenges } from './auth.ts';
import type { Header, SipResponse } from './message/message.ts';
import { quote } from './message/scan.ts';

/** The nonces in force at one pair for one line, each with the number of times it was used. */
interface Held {
  readonly challenge: Challenge;
  readonly used: number;
}

/** Immutable book of held challenges by `line pair`. */
export type CredentialBook = Readonly<Record<string, readonly Held[]>>;

export const EMPTY_BOOK: CredentialBook = {};

const bookKey = (line: number, pair: string): string => `${line} ${pair}`;

export interface Account {
  readonly line: number;
  readonly authName: string;
  readonly password: string;
}

/**
 * Reads a 401 or 407: `answerable` when it holds a challenge that we support, credentials are configured, and it is not the
 * refusal of the very nonce that the refused request carried (K7: that means a wrong password). Requests side by side may be
 * challenged with one nonce, made from the clock: each answers it once.
 */
export function learnChallenge(
  book: CredentialBook,
  account: Account,
  pair: string,
  response: SipResponse,
  request: { readonly headers: readonly Header[] },
): { readonly book: CredentialBook; readonly answerable: boolean } {
  const offered = chooseChallenges(challengesOf(response));
  const key = bookKey(account.line, pair);
  const held = book[key] ?? [];
  const refused = offered.some((challenge) => !challenge.stale && carried(request.headers, challenge));
  const answerable = offered.length > 0 && !refused && account.password !== '';
  if (refused) return { book: withHeld(book, key, []), answerable };
  return { book: withHeld(book, key, merge(held, offered)), answerable };
}

const carried = (headers: readonly Header[], { header, nonce, realm }: Challenge): boolean =>
  headers.some(
    ({ name, value }) =>
      name === header && value.includes(`realm=${quote(realm)}`) && value.includes(` nonce=${quote(nonce)}`),
  );

/**
 * New challenges replace those of the same realm and header, stronger ones too (L5: a changed server must not end service); a
 * proxy's and a registrar's stand side by side, and the uses of a nonce go on.
 */
function merge(held: readonly Held[], offered: readonly Challenge[]): readonly Held[] {
  const kept = held.filter(
    ({ challenge }) => !offered.some((other) => other.header === challenge.header && other.realm === challenge.realm),
  );
  const usesOf = (nonce: string): number => held.find(({ challenge }) => challenge.nonce === nonce)?.used ?? 0;
  const fresh = offered
    .slice(0, CHALLENGES_HELD_MAX)
    .map((challenge) => ({ challenge, used: usesOf(challenge.nonce) }));
  return [...kept, ...fresh].slice(-CHALLENGES_HELD_MAX);
}

/** What was learnt of a pair that is never asked again is not kept. */
export const forgetPair = (book: CredentialBook, line: number, pair: string): CredentialBook =>
  withHeld(book, bookKey(line, pair), []);

function withHeld(book: CredentialBook, key: string, held: readonly Held[]): CredentialBook {
  const { [key]: _old, ...others } = book;
  return held.length === 0 ? others : { ...others, [key]: held };
}

export interface Credentialed {
  readonly book: CredentialBook;
  readonly headers: readonly Header[];
}

/** The credential headers for a request to this pair; none before its first challenge. Counts each use of a nonce. */
export function credentialsFor(
  book: CredentialBook,
  account: Account,
  pair: string,
  request: { readonly method: string; readonly uri: string; readonly body: string },
  tools: { readonly hash: Hash; readonly random: Random },
): Credentialed {
  const key = bookKey(account.line, pair);
  const held = book[key] ?? [];
  if (held.length === 0) return { book, headers: [] };
  const used = held.map((entry) => ({ ...entry, used: entry.used + 1 }));
  const headers = used.map(({ challenge, used: nc }) =>
    authorizationHeader(
      challenge,
      { username: account.authName, password: account.password, ...request, cnonce: tools.random.hex(64), nc },
      tools.hash,
    ),
  );
  return { book: withHeld(book, key, used), headers };
}
