/** Owns what came of asking one server for one file, and the bounds that hold for every protocol. */
import { CFG_FILE_MAX_OCTETS } from '../../config/defaults.ts';
import type { Source } from '../../provisioning/sources.ts';

export type Fetched =
  | { readonly kind: 'found'; readonly octets: Buffer }
  /** The server answers, and has no such file. */
  | { readonly kind: 'missing' }
  /** What came instead, for a person. */
  | { readonly kind: 'failed'; readonly error: string };

/** One address of the server is asked. */
export interface Wanted {
  readonly source: Source;
  readonly address: string;
  readonly name: string;
  /** Ends the transfer, however far it is. */
  readonly signal: AbortSignal;
}

export const FILE_MAX_OCTETS = CFG_FILE_MAX_OCTETS;
/** One file from one address takes no longer: our choice, a slow line brings the largest in half of it. */
export const FILE_TIMEOUT_MS = 10_000;

export const tooLong = (): Fetched => ({ kind: 'failed', error: `more than ${FILE_MAX_OCTETS} octets` });
export const timedOut = (): Fetched => ({
  kind: 'failed',
  error: `no whole answer within ${FILE_TIMEOUT_MS / 1000} s`,
});

/** The path of a file on its server. */
export const pathOf = ({ source, name }: Pick<Wanted, 'source' | 'name'>): string =>
  source.path === '' ? name : `${source.path}/${name}`;
