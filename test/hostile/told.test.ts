/**
 * A real phone whose broker, web servers and configuration server do wrong, in the octets of each and in those of TLS: it stays
 * registered, small and quick, asks no more often than it should, and tells no other host what it tells them.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import type { Conduct, FalseServer } from './false-server.ts';
import { startFalseServer } from './false-server.ts';
import type { AttackedPhone } from './phone.ts';
import { held, startAttacked } from './phone.ts';
import { BROKERS, WEB_SERVERS } from './told-wrongs.ts';
import { authority, CERTIFICATES, HANDSHAKES } from './wrongs.ts';

const HERE = '127.0.0.1';
/** Hang guard, ms. */
const PATIENCE_MS = 120_000;
/** How long each wrong goes on, ms. */
const BORNE_MS = 2000;
const PASSWORD = 'correct horse';
const OWNER = { authorization: `Basic ${Buffer.from(`admin:${PASSWORD}`).toString('base64')}` };

async function until(what: string, holds: () => boolean): Promise<void> {
  for (const end = performance.now() + PATIENCE_MS; !holds(); await pause(20))
    assert.ok(performance.now() < end, `${what}: not within ${PATIENCE_MS} ms`);
}

/** As far as a phone asks it something: an answer to each question, one a connection. */
const honestWeb: Conduct = (socket) => void socket.once('data', () => socket.end('HTTP/1.1 204 No Content\r\n\r\n'));
const honestBroker: Conduct = (socket) => void socket.once('data', () => socket.write(Buffer.from([0x20, 2, 0, 0])));

describe('those whom a phone tells', { concurrency: 4 }, () => {
  for (const [title, tls, wrongs] of [
    ['a broker that does wrong', '0', BROKERS],
    ['a broker that does wrong in the octets of TLS', '1', [...HANDSHAKES, ...CERTIFICATES]],
  ] as const)
    describe(title, { concurrency: 1 }, () => {
      let broker: FalseServer;
      let phone: AttackedPhone;
      let calm = 0;
      before(async () => {
        broker = await startFalseServer(honestBroker);
        phone = await startAttacked({
          lines: [
            ...[`mqtt server: ${HERE}`, `mqtt port: ${broker.port}`, 'mqtt username: u', 'mqtt password: p'],
            ...[`mqtt tls: ${tls}`, 'sips trusted certificates: ca.pem'],
          ],
          files: { 'ca.pem': authority.certificate },
        });
        await until('the first connection', () => broker.taken() > 0);
        await pause(BORNE_MS);
        calm = (await phone.gauge()).rss;
      });
      after(async () => {
        await phone.close();
        await broker.close();
      });
      for (const [n, { what, conduct, ...said }] of wrongs.entries())
        it(what, async (context) => {
          const since = phone.said().length;
          broker.become(conduct);
          // What is set anew is tried at once, however long the pause before was.
          phone.command(`set mqtt topic: topic${n}`);
          await until('a connection', () => broker.taken() > 0);
          if (tls === '0' && said.says !== undefined) {
            const { says } = said;
            await until(`${says}`, () => says.test(phone.said().slice(since)));
          }
          await pause(BORNE_MS);
          assert.equal(await phone.state(), 'registered');
          assert.ok(broker.taken() <= 2, `${broker.taken()} connections within ${BORNE_MS} ms`);
          context.diagnostic(held(await phone.gauge(), calm));
        });
    });

  describe('a web server that does wrong', { concurrency: 1 }, () => {
    let web: FalseServer;
    let elsewhere: FalseServer;
    let phone: AttackedPhone;
    let calm = 0;
    const asked: string[] = [];
    const resync = (): Promise<Response> =>
      fetch(`http://${HERE}:${phone.httpPort}/resync`, { method: 'POST', headers: OWNER });

    before(async () => {
      web = await startFalseServer(honestWeb);
      elsewhere = await startFalseServer((socket) => {
        socket.on('data', (octets) => asked.push(String(octets)));
        honestWeb(socket);
      });
      const at = `http://${HERE}:${web.port}`;
      phone = await startAttacked({
        lines: [
          ...[`admin password: ${PASSWORD}`, `webhook uri: ${at}/hook`, 'webhook events: registration,call'],
          ...['webhook token: secret-token', `action uri registered: ${at}/registered`],
          ...[
            `action uri outgoing: ${at}/outgoing`,
            `action uri disconnected: ${at}/gone`,
            `action uri poll: ${at}/poll`,
            'action uri poll interval: 1',
          ],
          ...['download protocol: http', `http server: ${HERE}`, `http port: ${web.port}`],
        ],
      });
      await until('the first question', () => web.taken() > 3);
      for (let n = 0; n < 4; n += 1) await happen();
      calm = (await phone.gauge()).rss;
    });
    after(async () => {
      await phone.close();
      await Promise.all([web.close(), elsewhere.close()]);
    });

    /** All that the server is asked and told by. */
    async function happen(): Promise<void> {
      phone.command(`dial sip:nobody@${HERE}`);
      assert.ok((await resync()).ok);
      await pause(BORNE_MS / 8);
      phone.command('hangup');
      await pause(BORNE_MS / 8);
    }

    for (const { what, conduct } of WEB_SERVERS)
      it(what, async (context) => {
        web.become(conduct);
        for (let n = 0; n < 4; n += 1) await happen();
        await until('questions', () => web.taken() > 0);
        assert.equal(await phone.state(), 'registered');
        context.diagnostic(`${held(await phone.gauge(), calm)}; ${web.taken()} connections`);
      });

    it('leads elsewhere: no token goes there', async () => {
      const there = `http://${HERE}:${elsewhere.port}/stolen`;
      web.become(
        (socket) => void socket.once('data', () => socket.end(`HTTP/1.1 307 T\r\nLocation: ${there}\r\n\r\n`)),
      );
      for (let n = 0; n < 4; n += 1) await happen();
      await until('whoever follows', () => asked.length > 0);
      assert.doesNotMatch(asked.join('\n'), /authorization|secret|hook/i);
      assert.equal(await phone.state(), 'registered');
    });
  });
});
