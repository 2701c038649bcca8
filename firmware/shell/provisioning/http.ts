/** Owns fetching a file of the configuration by HTTP or HTTPS from one address of its server. */
import { httpGet } from '../http-get.ts';
import type { Fetched, Wanted } from './fetched.ts';
import { FILE_MAX_OCTETS, pathOf, timedOut } from './fetched.ts';

export interface HttpOptions {
  /** As provisioning systems know the original: they give files to whom they know. */
  readonly userAgent: string;
  /** PEM; null = the usual public authorities. */
  readonly authorities: readonly string[] | null;
  /** `https validate certificates`. */
  readonly certificates: 'checked' | 'unchecked';
  /** Where a redirect leads to. */
  readonly lookup: (host: string) => Promise<readonly string[]>;
}

export async function fetchHttp(wanted: Wanted, options: HttpOptions): Promise<Fetched> {
  const { source, signal } = wanted;
  const host = source.host.includes(':') ? `[${source.host}]` : source.host;
  const url = new URL(`${source.protocol}://${host}:${source.port}/${encoded(pathOf(wanted))}`);
  const login = source.user === '' ? null : `${source.user}:${source.password}`;
  const got = await httpGet(url, wanted.address, { ...options, login, signal, octetsMax: FILE_MAX_OCTETS });
  return got.kind === 'aborted' ? timedOut() : got;
}

/** What is encoded already stays so. */
const encoded = (path: string): string => encodeURI(path).replace(/%25/g, '%');
