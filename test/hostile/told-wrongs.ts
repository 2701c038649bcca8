/** Owns what those do wrong whom a phone tells and asks beside SIP: a broker of MQTT, a server of HTTP; with each connection made to them. */
import type { Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { Conduct } from './false-server.ts';
import { pour } from './wrongs.ts';

interface Wrong {
  readonly what: string;
  readonly conduct: Conduct;
  /** What the log says of it, where it says something. */
  readonly says?: RegExp;
}

const once =
  (then: (socket: Socket) => void): Conduct =>
  (socket) =>
    void socket.once('data', () => then(socket));
/** Octet by octet, until it is over or the far side has had enough. */
async function drip(socket: Socket, text: string): Promise<void> {
  for (const sign of text) {
    if (socket.destroyed) return;
    socket.write(sign);
    await pause(20);
  }
}

const YES = Buffer.from([0x20, 2, 0, 0]);
const PONG = Buffer.from([0xd0, 0]);

export const BROKERS: readonly Wrong[] = [
  { what: 'says nothing', conduct: () => undefined },
  { what: 'hangs up at once', conduct: (socket) => void socket.destroy(), says: /mqtt: / },
  { what: 'says yes and hangs up', conduct: once((socket) => socket.end(YES)), says: /closed the connection/ },
  { what: 'stops in the middle of its yes', conduct: once((socket) => socket.write(YES.subarray(0, 3))) },
  {
    what: 'announces 268435455 octets',
    conduct: once((socket) => socket.write(Buffer.from([0x20, 0xff, 0xff, 0xff, 0x7f]))),
    says: /no broker of MQTT/,
  },
  { what: 'pours nonsense', conduct: (socket) => pour(socket, () => 'A'.repeat(65_536)), says: /no broker of MQTT/ },
  {
    what: 'answers pings instead of the connection, without end',
    conduct: once((socket) => pour(socket, () => Buffer.alloc(65_536, PONG))),
    says: /not asked/,
  },
  {
    what: 'says yes without end',
    conduct: once((socket) => pour(socket, () => Buffer.alloc(65_536, YES))),
    says: /not asked/,
  },
  {
    what: 'says yes, and answers pings that nobody sent',
    conduct: once((socket) => {
      socket.write(YES);
      pour(socket, () => Buffer.alloc(65_536, PONG));
    }),
    says: /not asked/,
  },
  {
    what: 'publishes a message of its own',
    conduct: once((socket) => {
      socket.write(YES);
      pour(socket, () => Buffer.from(`\x30\x7e\0\x04evil${'x'.repeat(120)}`, 'latin1'));
    }),
    says: /no broker of MQTT/,
  },
  {
    what: 'says yes and reads nothing any more',
    conduct: once((socket) => {
      socket.write(YES);
      socket.pause();
    }),
  },
];

const answer = (head: string, body = ''): string => `HTTP/1.1 ${head}\r\n\r\n${body}`;

export const WEB_SERVERS: readonly Wrong[] = [
  { what: 'says nothing', conduct: () => undefined },
  { what: 'hangs up at once', conduct: (socket) => void socket.destroy() },
  { what: 'hangs up on the question', conduct: once((socket) => socket.destroy()) },
  { what: 'drips a header', conduct: once((socket) => void drip(socket, answer('200 OK\r\nX: '.padEnd(3000, 'x')))) },
  {
    what: 'drips an answer',
    conduct: once((socket) => void drip(socket, answer('200 OK\r\nContent-Length: 3000', 'a: b\n'.repeat(600)))),
  },
  {
    what: 'pours a header',
    conduct: once((socket) => {
      socket.write('HTTP/1.1 200 OK\r\n');
      pour(socket, () => `X-Long: ${'x'.repeat(65_000)}\r\n`);
    }),
  },
  {
    what: 'pours an answer',
    conduct: once((socket) => {
      socket.write(answer('200 OK'));
      pour(socket, () => 'sip user name: 1\n'.repeat(4000));
    }),
  },
  {
    what: 'pours chunks of an octet',
    conduct: once((socket) => {
      socket.write(answer('200 OK\r\nTransfer-Encoding: chunked'));
      pour(socket, () => '1\r\na\r\n'.repeat(10_000));
    }),
  },
  {
    what: 'says to go on, again and again',
    conduct: once((socket) => pour(socket, () => answer('100 Continue').repeat(500))),
  },
  {
    what: 'promises 10^18 octets',
    conduct: once((socket) => socket.write(answer('200 OK\r\nContent-Length: 1000000000000000000'))),
  },
  {
    what: 'has a length below nothing',
    conduct: once((socket) => socket.write(answer('200 OK\r\nContent-Length: -1'))),
  },
  {
    what: 'leads to a file',
    conduct: once((socket) => socket.end(answer('302 Found\r\nLocation: file:///etc/passwd\r\nContent-Length: 0'))),
  },
  {
    what: 'leads to itself',
    conduct: once((socket) => socket.end(answer('302 Found\r\nLocation: /again\r\nContent-Length: 0'))),
  },
  { what: 'speaks no HTTP', conduct: once((socket) => socket.end('\0\x01\x02SSH-2.0-evil\r\n')) },
  {
    what: 'nests an object a thousand deep',
    conduct: once((socket) => socket.end(answer('200 OK', `<AastraIPPhoneMenu>${'<a>'.repeat(1000)}`))),
  },
  {
    what: 'counts entities',
    conduct: once((socket) =>
      socket.end(
        answer(
          '200 OK',
          '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><AastraIPPhoneTextScreen><Text>&b;</Text></AastraIPPhoneTextScreen>',
        ),
      ),
    ),
  },
];
