/** Owns one round of downloads: every source, every address of it, every file, until one server has given a whole set. */
import { overlong } from '../../config/cfg-file.ts';
import type { Result } from '../../kernel/result.ts';
import { fail, ok } from '../../kernel/result.ts';
import type { ServerFile } from '../../provisioning/server-file.ts';
import { encryptedName, unusable } from '../../provisioning/server-file.ts';
import type { Source } from '../../provisioning/sources.ts';
import { sourceText } from '../../provisioning/sources.ts';
import { cfgText } from '../config-files.ts';
import type { Fetched, Wanted } from './fetched.ts';
import { FILE_TIMEOUT_MS } from './fetched.ts';
import type { HttpOptions } from './http.ts';
import { fetchHttp } from './http.ts';
import { fetchTftp } from './tftp.ts';

export interface DownloadOptions extends HttpOptions {
  readonly sources: readonly Source[];
  readonly names: readonly string[];
  /** Ends the round: the phone stops. */
  readonly signal: AbortSignal;
}

export interface Downloaded {
  readonly from: string;
  readonly files: readonly ServerFile[];
  /** A further file of the same server, from the same address. */
  readonly more: (name: string) => Promise<Fetched>;
}

/** Addresses of one name that are asked at most. */
const ADDRESSES_MAX = 8;

/** The first whole set; else what each server said, a sentence each. */
export async function download(options: DownloadOptions): Promise<Result<Downloaded, readonly string[]>> {
  const said: string[] = [];
  for (const source of options.sources) {
    const addresses = await options.lookup(source.host);
    if (addresses.length === 0) said.push(`${sourceText(source)}: the name has no address`);
    for (const address of addresses.slice(0, ADDRESSES_MAX)) {
      if (options.signal.aborted) return fail(['the phone is stopping']);
      const files = await wholeSet(source, address, options);
      const more = (name: string): Promise<Fetched> => fetchFile({ source, address, name }, options);
      if (files.ok) return ok({ from: sourceText(source), files: files.value, more });
      said.push(`${sourceText(source)}${address === source.host ? '' : ` (${address})`}: ${files.error}`);
    }
  }
  return fail(said);
}

/** A server that has none of the files is a wrong one: what is in force stays. */
async function wholeSet(
  source: Source,
  address: string,
  options: DownloadOptions,
): Promise<Result<readonly ServerFile[], string>> {
  const files: ServerFile[] = [];
  for (const name of options.names) {
    const came = await fetchFile({ source, address, name }, options);
    if (came.kind === 'failed') return fail(`${name}: ${came.error}`);
    if (came.kind === 'missing') continue;
    const text = cfgText(came.octets);
    const why = unusable(text) ?? overlong(text);
    if (why !== null) return fail(`${name} ${why}`);
    files.push({ name, text });
  }
  if (files.length > 0) return ok(files);
  const encrypted = await firstEncrypted(source, address, options);
  return fail(encrypted ?? `holds none of ${options.names.join(', ')}`);
}

/** Whoever moves from the original may have encrypted files: the reason is worth three more questions. */
async function firstEncrypted(source: Source, address: string, options: DownloadOptions): Promise<string | null> {
  for (const name of options.names.map(encryptedName)) {
    const came = await fetchFile({ source, address, name }, options);
    if (came.kind === 'failed') return null;
    if (came.kind === 'found')
      return `${name} is encrypted by the vendor's tool and cannot be read: put the plain .cfg on the server`;
  }
  return null;
}

async function fetchFile(wanted: Omit<Wanted, 'signal'>, options: DownloadOptions): Promise<Fetched> {
  const signal = AbortSignal.any([options.signal, AbortSignal.timeout(FILE_TIMEOUT_MS)]);
  switch (wanted.source.protocol) {
    case 'tftp':
      return fetchTftp({ ...wanted, signal });
    case 'ftp':
      // Few phones are provisioned by it: the others do without its client in memory.
      return (await import('./ftp.ts')).fetchFtp({ ...wanted, signal });
    case 'http':
    case 'https':
      return fetchHttp({ ...wanted, signal }, options);
  }
}
