/** Owns what a main server does wrong, with each connection that a phone makes to it, and what is to be seen of it then. */
import type { Socket } from 'node:net';
import { createAuthority } from '../../scripts/lab/certificates.ts';
import type { Conduct } from './false-server.ts';
import { answering, answerTo, honest, overTls, throughSieve } from './false-server.ts';

export const authority = createAuthority('False servers');
export const own = authority.issue({ addresses: ['127.0.0.1'] });
const alert = (level: number, what: number): Buffer => Buffer.from([21, 3, 3, 0, 2, level, what]);
const onHello =
  (then: (socket: Socket) => void): Conduct =>
  (socket) =>
    void socket.once('data', () => then(socket));

/** Without end, as fast as it is taken. */
export function pour(socket: Socket, text: () => string | Buffer): void {
  const more = (): void => {
    while (!socket.destroyed && socket.write(text()));
  };
  socket.on('drain', more);
  more();
}

let asked = 0;
/** A request that the phone has not seen, as a server might bring one. */
export function request(method: 'INVITE' | 'OPTIONS'): string {
  asked += 1;
  return `${method} sip:2001@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/TCP 127.0.0.1:5099;branch=z9hG4bK${asked}\r\nMax-Forwards: 70\r\nFrom: <sip:x@127.0.0.1>;tag=x\r\nTo: <sip:2001@127.0.0.1>\r\nContact: <sip:x@127.0.0.1>\r\nCall-ID: in${asked}\r\nCSeq: 1 ${method}\r\nContent-Length: 0\r\n\r\n`;
}

/** Honest, and from the first request of a connection on it pours besides. */
export const flood =
  (text: () => string | Buffer): Conduct =>
  (stream) => {
    honest(stream);
    stream.once('data', () => pour(stream, text));
  };

/** It answers once, then it pours requests and reads nothing any more. */
const deaf =
  (method: 'INVITE' | 'OPTIONS'): Conduct =>
  (stream) =>
    void stream.once('data', (octets: Buffer) => {
      stream.pause();
      stream.write(answerTo(octets.toString('latin1')));
      pour(stream, () => request(method));
    });

export interface Wrong {
  readonly what: string;
  readonly conduct: Conduct;
  /** Where the line is served; `either`: the server answers, more or less. */
  readonly on: 'backup' | 'either';
  /** What the log says of it. */
  readonly says?: RegExp;
  /** How long it is borne where the line need not leave, ms. */
  readonly forMs?: number;
}

export const HANDSHAKES: readonly Wrong[] = [
  {
    what: 'talks SIP in clear',
    conduct: (socket) => void socket.write(answerTo('')),
    on: 'backup',
    says: /does not speak TLS/,
  },
  {
    what: 'stops in a record of the handshake',
    conduct: throughSieve(overTls(own, honest), { stopAfter: 400 }),
    on: 'backup',
  },
  { what: 'sends each octet by itself', conduct: throughSieve(overTls(own, honest), { dripMs: 1 }), on: 'either' },
  {
    what: 'announces a message of 16 MB',
    conduct: onHello((socket) => socket.write(Buffer.from([22, 3, 3, 0, 4, 2, 255, 255, 255]))),
    on: 'backup',
  },
  {
    what: 'speaks in clear within the session',
    conduct: (socket) =>
      overTls(own, (secured) => secured.on('secure', () => socket.write('SIP/2.0 200 OK\r\n\r\n')))(socket),
    on: 'backup',
  },
  {
    what: 'shakes hands again and again',
    conduct: overTls(
      own,
      (secured) => {
        honest(secured);
        const again = (): void => {
          if (!secured.destroyed) secured.renegotiate({}, () => setTimeout(again, 1));
        };
        secured.once('secure', again);
      },
      { maxVersion: 'TLSv1.2' },
    ),
    on: 'either',
  },
];

export const REFUSALS: readonly Wrong[] = [
  {
    what: 'refuses by an alert',
    conduct: onHello((socket) => socket.write(alert(2, 40))),
    on: 'backup',
    says: /ended the handshake: handshake failure/,
  },
  {
    what: 'pours warnings',
    conduct: onHello((socket) => pour(socket, () => Buffer.alloc(7000, alert(1, 112)))),
    on: 'backup',
    says: /too many warn/,
  },
  {
    what: 'wants a certificate that there is not',
    conduct: overTls(own, honest, { requestCert: true, rejectUnauthorized: true, ca: [authority.certificate] }),
    on: 'backup',
    says: /certificate required/,
  },
];

export const CERTIFICATES: readonly Wrong[] = [
  {
    what: 'shows at the next connection a certificate whose time is over',
    conduct: overTls(authority.issue({ addresses: ['127.0.0.1'], notAfter: new Date(Date.now() - 1000) }), honest),
    on: 'backup',
    says: /expired/,
  },
  {
    what: 'shows at the next connection another name',
    conduct: overTls(authority.issue({ addresses: ['127.0.0.9'] }), honest),
    on: 'backup',
    says: /not for 127\.0\.0\.1/,
  },
  {
    what: 'is vouched for at the next connection by somebody else',
    conduct: overTls(createAuthority('Else').issue({ addresses: ['127.0.0.1'] }), honest),
    on: 'backup',
    says: /verify/,
  },
];

const saying = (text: (request: string) => string): Conduct =>
  answering((asking, stream) => void stream.write(text(asking)));

const ROUTES = ['Service-Route', 'Path', 'Record-Route'].flatMap((name) =>
  Array.from({ length: 100 }, (_, n) => `${name}: <sip:127.0.0.1:${n + 1};lr>`),
);
const withLines = (request: string, lines: readonly string[]): string =>
  answerTo(request).replace('Content-Length', `${lines.join('\r\n')}\r\nContent-Length`);

export const MESSAGES: readonly Wrong[] = [
  {
    what: 'ends in the middle of its answer',
    conduct: answering((text, stream) => stream.end(answerTo(text).slice(0, 60))),
    on: 'backup',
  },
  {
    what: 'announces 4 GB',
    conduct: saying((request) => answerTo(request).replace('Length: 0', 'Length: 4294967296')),
    on: 'backup',
  },
  {
    what: 'announces octets that do not come',
    conduct: saying((request) => answerTo(request).replace('Length: 0', 'Length: 60000')),
    on: 'backup',
  },
  {
    what: 'gives two lengths',
    conduct: saying((request) => answerTo(request).replace('\r\n\r\n', '\r\nContent-Length: 9\r\n\r\n')),
    on: 'backup',
  },
  {
    what: 'hands out a hundred routes and a Flow-Timer that is no time',
    conduct: saying((request) => withLines(request, [...ROUTES, 'Flow-Timer: -1', 'Flow-Timer: soon'])),
    on: 'either',
  },
  {
    what: 'hands out a Flow-Timer of nothing and a binding for ever',
    conduct: saying((request) =>
      withLines(request, ['Flow-Timer: 0']).replace('Expires: 30', `Expires: ${'9'.repeat(40)}`),
    ),
    on: 'either',
  },
  {
    what: 'answers in HTTP',
    conduct: saying(() => 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nContent-Length: 0\r\n\r\n'),
    on: 'backup',
  },
];

export const POURED_REQUESTS: readonly Wrong[] = [
  // Long enough for memory to have levelled off (docs/decisions/0008).
  { what: 'pours INVITEs for half a minute', conduct: flood(() => request('INVITE')), on: 'either', forMs: 30_000 },
  { what: 'pours INVITEs and reads no answer', conduct: deaf('INVITE'), on: 'either' },
  { what: 'pours OPTIONS and reads no answer', conduct: deaf('OPTIONS'), on: 'either' },
];

export const POURED_BESIDE: readonly Wrong[] = [
  { what: 'pours empty lines', conduct: flood(() => '\r\n'.repeat(2000)), on: 'either' },
  {
    what: 'pours answers to what was never asked',
    conduct: flood(() => answerTo(request('OPTIONS'))),
    on: 'either',
  },
  {
    what: 'pours 100 Trying',
    conduct: answering((text, stream) => pour(stream as Socket, () => answerTo(text).replace('200 OK', '100 Trying'))),
    on: 'either',
  },
];
