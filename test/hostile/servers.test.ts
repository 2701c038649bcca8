/**
 * A real phone whose main server, good until then, does wrong over TCP or TLS (E10-E16, L13): the backup serves it, unless the main
 * server answers all the same; it stays small and quick, says why, and is home again when the main server behaves.
 */
import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { after, afterEach, before, describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { createAuthority } from '../../scripts/lab/certificates.ts';
import type { Conduct, FalseServer } from './false-server.ts';
import { answering, answerTo, honest, overTls, startFalseServer, throughSieve } from './false-server.ts';
import type { AttackedPhone } from './phone.ts';
import { held, startAttacked } from './phone.ts';

/** Hang guard, ms: a period of probes, a hedge and a connection take less than a tenth of it. */
const PATIENCE_MS = 120_000;
/** How long something goes on that the phone may bear without leaving, ms. */
const BORNE_MS = 3000;
const authority = createAuthority('False servers');
const own = authority.issue({ addresses: ['127.0.0.1'] });
const alert = (level: number, what: number): Buffer => Buffer.from([21, 3, 3, 0, 2, level, what]);
const onHello =
  (then: (socket: Socket) => void): Conduct =>
  (socket) =>
    void socket.once('data', () => then(socket));

/** Without end, as fast as it is taken. */
function pour(socket: Socket, text: () => string | Buffer): void {
  const more = (): void => {
    while (!socket.destroyed && socket.write(text()));
  };
  socket.on('drain', more);
  more();
}

interface Wrong {
  readonly what: string;
  readonly conduct: Conduct;
  /** Where the line is served; `either`: the server answers, more or less. */
  readonly on: 'backup' | 'either';
  /** What the log says of it. */
  readonly says?: RegExp;
}

const HANDSHAKES: readonly Wrong[] = [
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
];

const REFUSALS: readonly Wrong[] = [
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

const CERTIFICATES: readonly Wrong[] = [
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

const MESSAGES: readonly Wrong[] = [
  {
    what: 'ends in the middle of its answer',
    conduct: answering((text, stream) => stream.end(answerTo(text).slice(0, 60))),
    on: 'backup',
  },
];

/** Four phones side by side: each waits most of the time. */
describe('a main server that does wrong', { concurrency: 4 }, () => {
  for (const [title, transport, wrongs] of [
    ['over TCP', 'tcp', MESSAGES],
    ['in the octets of TLS', 'tls', HANDSHAKES],
    ['in its refusal over TLS', 'tls', REFUSALS],
    ['in its certificate', 'tls', CERTIFICATES],
  ] as const)
    describe(title, { concurrency: 1 }, () => {
      const good: Conduct = transport === 'tls' ? overTls(own, honest) : honest;
      let primary: FalseServer;
      let backup: FalseServer;
      let phone: AttackedPhone;
      let calm = 0;

      const until = async (wanted: string): Promise<void> => {
        const end = performance.now() + PATIENCE_MS;
        while (phone.registrations().at(-1) !== wanted && performance.now() < end) await pause(20);
        assert.equal(phone.registrations().at(-1), wanted);
      };

      /** The phone has come to what its server is now. */
      const taken = async (): Promise<void> => {
        const end = performance.now() + PATIENCE_MS;
        while (primary.taken() === 0 && performance.now() < end) await pause(20);
        assert.notEqual(primary.taken(), 0);
      };

      const heard = async (says: RegExp, since: number): Promise<void> => {
        const end = performance.now() + PATIENCE_MS;
        while (!says.test(phone.said().slice(since)) && performance.now() < end) await pause(20);
        assert.match(phone.said().slice(since), says);
      };

      before(async () => {
        primary = await startFalseServer(good);
        backup = await startFalseServer(good);
        phone = await startAttacked({
          server: primary.port,
          lines: [
            `sip transport protocol: ${transport === 'tls' ? 4 : 2}`,
            'sip backup registrar ip: 127.0.0.1',
            `sip backup registrar port: ${backup.port}`,
            'failover probe period: 5',
            'failover jitter: 0',
            'sips trusted certificates: ca.pem',
          ],
          files: { 'ca.pem': authority.certificate },
        });
        // Warm: what the first way there and back loads and compiles is no growth.
        primary.become((socket) => void socket.destroy());
        await until('registered backup');
        primary.become(good);
        await until('registered primary');
        calm = (await phone.gauge()).rss;
      });
      afterEach(async () => {
        primary.become(good);
        await taken();
        await until('registered primary');
      });
      after(async () => {
        await phone.close();
        await Promise.all([primary.close(), backup.close()]);
      });

      for (const { what, conduct, on, says } of wrongs)
        it(what, async (context) => {
          await phone.gauge();
          const before = phone.said().length;
          primary.become(conduct);
          await taken();
          if (on === 'backup') await until('registered backup');
          else await pause(BORNE_MS);
          // What broke its old connection may have sent it to the backup before it met what is wrong.
          if (says !== undefined) await heard(says, before);
          context.diagnostic(`${held(await phone.gauge(), calm)}; ${primary.taken()} connections`);
        });
    });
});
