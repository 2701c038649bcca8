/** Owns fetching a file by FTP from one address: the protocol is basic-ftp's, the bounds are ours. */
import { Writable } from 'node:stream';
import { Client, FTPError } from 'basic-ftp';
import type { Fetched, Wanted } from './fetched.ts';
import { FILE_MAX_OCTETS, FILE_TIMEOUT_MS, pathOf, timedOut, tooLong } from './fetched.ts';

const NOT_AVAILABLE = 550;

export async function fetchFtp(wanted: Wanted): Promise<Fetched> {
  const { source, address, signal } = wanted;
  // A server that names another machine for its data would have us knock at doors that are not its own.
  const client = new Client(FILE_TIMEOUT_MS, { allowSeparateTransferHost: false });
  const late = (): void => client.close();
  signal.addEventListener('abort', late);
  const into = collector();
  try {
    await client.access({
      host: address,
      port: source.port,
      user: source.user === '' ? 'anonymous' : source.user,
      password: source.user === '' ? 'anonymous@' : source.password,
    });
    await client.downloadTo(into.stream, pathOf(wanted));
    return { kind: 'found', octets: into.octets() };
  } catch (error) {
    if (into.full()) return tooLong();
    if (signal.aborted) return timedOut();
    if (error instanceof FTPError && error.code === NOT_AVAILABLE) return { kind: 'missing' };
    return { kind: 'failed', error: (error as Error).message.replace(/[^ -~]/g, ' ').slice(0, 200) };
  } finally {
    signal.removeEventListener('abort', late);
    client.close();
  }
}

function collector(): { readonly stream: Writable; readonly octets: () => Buffer; readonly full: () => boolean } {
  const parts: Buffer[] = [];
  let length = 0;
  const stream = new Writable({
    write(part: Buffer, _encoding, done) {
      length += part.length;
      if (length > FILE_MAX_OCTETS) return done(new Error('too long'));
      parts.push(part);
      done();
    },
  });
  return { stream, octets: () => Buffer.concat(parts), full: () => length > FILE_MAX_OCTETS };
}
