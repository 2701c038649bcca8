/** Owns what a main server does wrong with TLS itself once its certificate is good: tickets, keys, records and chains without measure. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Duplex, Readable } from 'node:stream';
import { createAuthority } from '../../scripts/lab/certificates.ts';
import type { Conduct } from './false-server.ts';
import { answering, answerTo, honest, overTls } from './false-server.ts';
import type { Wrong } from './wrongs.ts';
import { own, pour, request } from './wrongs.ts';

/**
 * The connection is led to OpenSSL's own server, which can do what Node's does not; it answers no request. `order` is its word for
 * something to do on the connection (openssl-s_server(1), "CONNECTED COMMANDS"), said again and again.
 */
const byOpenssl =
  (args: readonly string[], order: string | null = null): Conduct =>
  (socket) =>
    void lead(socket, args, order);

async function lead(socket: Socket, args: readonly string[], order: string | null): Promise<void> {
  socket.pause();
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-openssl-'));
  writeFileSync(join(folder, 'cert.pem'), own.certificate);
  writeFileSync(join(folder, 'key.pem'), own.key);
  const child = spawn(
    'openssl',
    ['s_server', '-accept', '127.0.0.1:0', '-naccept', '1', '-cert', 'cert.pem', '-key', 'key.pem', ...args],
    { cwd: folder, stdio: ['pipe', 'pipe', 'ignore'] },
  );
  child.stdin.on('error', () => undefined);
  child.once('close', () => {
    rmSync(folder, { recursive: true });
    socket.destroy();
  });
  socket.once('close', () => child.kill());
  const port = await portOf(child.stdout);
  // It is ended with its connection.
  if (port === null && socket.destroyed) return;
  if (port === null) throw new Error('openssl s_server listens nowhere');
  const server = connect(port, '127.0.0.1');
  server.on('error', () => child.kill());
  socket.pipe(server).pipe(socket);
  if (order === null) return;
  await once(server, 'data');
  const again = setInterval(() => child.stdin.write(order), 1);
  child.once('close', () => clearInterval(again));
}

/** Where it listens, by what it says; null = it has ended. */
async function portOf(output: Readable): Promise<number | null> {
  for await (const line of createInterface({ input: output })) {
    const [, port] = /^ACCEPT .*:(\d+)$/.exec(line) ?? [];
    if (port !== undefined) {
      output.resume();
      return Number(port);
    }
  }
  return null;
}

/** Each octet in a record of its own. */
const inOctets = (text: string, stream: Duplex): void => {
  for (const octet of Buffer.from(text, 'latin1')) stream.write(Buffer.from([octet]));
};

const STRANGER = createAuthority('Chain').issue({ addresses: ['127.0.0.2'] }).certificate;
const chainOf = (octets: number): Conduct => {
  const links = STRANGER.repeat(Math.floor(octets / (STRANGER.length * 0.75)));
  return overTls({ ...own, certificate: `${own.certificate}${links}` }, honest);
};
/** What bears the authority's name without being it: each is looked at for the one that has signed. */
const PRETENDERS = Array.from({ length: 100 }, () => createAuthority('False servers').certificate).join('');

export const SESSIONS: readonly Wrong[] = [
  { what: 'hands out ten thousand tickets', conduct: byOpenssl(['-tls1_3', '-num_tickets', '10000']), on: 'backup' },
  { what: 'changes its keys again and again', conduct: byOpenssl(['-tls1_3'], 'k\n'), on: 'backup' },
  { what: 'wants other keys again and again', conduct: byOpenssl(['-tls1_3'], 'K\n'), on: 'backup' },
  {
    what: 'answers in records of one octet',
    conduct: overTls(
      own,
      answering((text, stream) => inOctets(answerTo(text), stream)),
    ),
    on: 'either',
  },
  {
    what: 'pours records of one octet',
    conduct: overTls(own, (secured) => {
      honest(secured);
      secured.once('data', () => {
        let left = '';
        pour(secured, () => {
          if (left === '') left = request('OPTIONS');
          const octet = left.slice(0, 1);
          left = left.slice(1);
          return octet;
        });
      });
    }),
    on: 'either',
    forMs: 5000,
  },
  {
    what: 'shows a chain of a million octets',
    conduct: chainOf(1_000_000),
    on: 'backup',
    says: /excessive message size/,
  },
  { what: 'shows a chain of 80,000 octets', conduct: chainOf(80_000), on: 'either' },
  {
    what: 'shows a hundred authorities of the same name',
    conduct: overTls({ ...own, certificate: `${own.certificate}${PRETENDERS}` }, honest),
    on: 'either',
  },
];
