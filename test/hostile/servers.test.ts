/**
 * A real phone whose main server, good until then, does wrong over TCP or TLS (E10-E16, L13): the backup serves it, unless the main
 * server answers all the same; it stays small, quick and registered, says why, and is home again when the main server behaves.
 */
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import type { Conduct, FalseServer } from './false-server.ts';
import { honest, overTls, startFalseServer } from './false-server.ts';
import type { AttackedPhone } from './phone.ts';
import { held, startAttacked } from './phone.ts';
import {
  authority,
  CERTIFICATES,
  HANDSHAKES,
  MESSAGES,
  own,
  POURED_BESIDE,
  POURED_REQUESTS,
  REFUSALS,
} from './wrongs.ts';
import { SESSIONS } from './wrongs-sessions.ts';

/** Hang guard, ms: a period of probes, a hedge and a connection take less than a tenth of it. */
const PATIENCE_MS = 120_000;
/** How long something goes on that the phone may bear without leaving, ms. */
const BORNE_MS = 2000;

/** The phones side by side: each waits most of the time. */
describe('a main server that does wrong', { concurrency: 7 }, () => {
  for (const [title, transport, wrongs] of [
    ['over TCP', 'tcp', MESSAGES],
    ['in requests without end', 'tcp', POURED_REQUESTS],
    ['in what nobody asked for', 'tcp', POURED_BESIDE],
    ['in the octets of TLS', 'tls', HANDSHAKES],
    ['in its refusal over TLS', 'tls', REFUSALS],
    ['in its certificate', 'tls', CERTIFICATES],
    ['in the session of TLS', 'tls', SESSIONS],
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

      for (const { what, conduct, on, says, forMs = BORNE_MS } of wrongs)
        it(what, async (context) => {
          await phone.gauge();
          const before = phone.said().length;
          primary.become(conduct);
          await taken();
          if (on === 'backup') await until('registered backup');
          else await pause(forMs);
          // What broke its old connection may have sent it to the backup before it met what is wrong.
          if (says !== undefined) await heard(says, before);
          assert.equal(await phone.state(), 'registered');
          context.diagnostic(`${held(await phone.gauge(), calm)}; ${primary.taken()} connections`);
        });
    });
});
