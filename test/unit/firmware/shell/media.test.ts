/** The media worker as main has it: a real thread with real sockets. */
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import type { Worker } from 'node:worker_threads';
import { soundOf } from '../../../../boards/sound.ts';
import type { PhoneEvent } from '../../../../firmware/events.ts';
import { parseRtp } from '../../../../firmware/media/rtp.ts';
import type { Media } from '../../../../firmware/shell/media/host.ts';
import { startMedia } from '../../../../firmware/shell/media/host.ts';
import type { DeskSound } from '../../../../hal/devices.ts';
import { HANDSET, leg } from '../../../support/sound-world.ts';

const SETTINGS = { toneSet: 'us', ringTone: 0, rtpPort: 0, dscp: { rtp: 46, rtcp: 46 } };
/** Hang guard. */
const LIMIT = { timeout: 60_000 };

/** Media on loopback, and the workers that it started. */
async function media(
  portBase = 0,
  sound: DeskSound | null = HANDSET,
): Promise<{ readonly media: Media; readonly workers: Worker[] }> {
  const { newWorker } = soundOf({ kind: 'none' });
  const workers: Worker[] = [];
  return {
    workers,
    media: await startMedia({
      newWorker(birth) {
        const worker = newWorker(birth);
        workers.push(worker);
        return worker;
      },
      ...{ binds: ['127.0.0.1'], portBase, portCount: 3, settings: SETTINGS, sound },
    }),
  };
}

async function far(): Promise<ReturnType<typeof createSocket>> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return socket;
}

describe('the media worker', () => {
  it('holds even ports for calls, and two phones on one machine have different ones', LIMIT, async () => {
    const one = await media(34_000);
    const other = await media(34_000);
    const all = [...one.media.ports, ...other.media.ports];
    assert.equal(all.length, 6);
    assert.equal(new Set(all).size, 6);
    assert.ok(all.every((port) => port % 2 === 0));
    await Promise.all([one.media.close(), other.media.close()]);
  });

  it(
    'of a phone without a panel starts with its first call; until then its ports are held without it',
    LIMIT,
    async () => {
      const { media: own, workers } = await media();
      const [port = 0] = own.ports;
      own.settings(SETTINGS);
      own.carry({ kind: 'media', legs: [] });
      assert.equal(workers.length, 0);
      const taken = createSocket('udp4').bind({ port, address: '127.0.0.1', exclusive: true });
      assert.equal((await once(taken, 'error'))[0].code, 'EADDRINUSE');
      const peer = await far();
      own.carry({ kind: 'media', legs: [{ ...leg({ address: '127.0.0.1', port: peer.address().port }), port }] });
      const [, from] = await once(peer, 'message');
      assert.equal(from.port, port);
      assert.equal(workers.length, 1);
      await own.close();
      peer.close();
    },
  );

  it('of a phone with a panel runs from the start: somebody may lift the handset', LIMIT, async () => {
    const { media: own, workers } = await media(0, null);
    assert.equal(workers.length, 1);
    assert.equal(own.ports.length, 3);
    await own.close();
  });

  it('that dies is started again, has its ports back and goes on with the call', LIMIT, async () => {
    const { media: own, workers } = await media();
    const events: PhoneEvent[] = [];
    own.onEvent((event) => events.push(event));
    const peer = await far();
    const [port = 0] = own.ports;
    const before = own.ports;
    own.carry({ kind: 'media', legs: [{ ...leg({ address: '127.0.0.1', port: peer.address().port }), port }] });
    const [first, from] = await once(peer, 'message');
    assert.equal(from.port, port);
    await workers[0]?.terminate();
    const ssrcOf = (octets: Buffer): number => {
      const parsed = parseRtp(octets);
      return parsed.ok ? parsed.value.ssrc : 0;
    };
    for (;;) {
      const [next, source] = await once(peer, 'message');
      if (ssrcOf(next) === ssrcOf(first)) continue;
      assert.equal(source.port, port);
      break;
    }
    assert.equal(workers.length, 2);
    assert.deepEqual(own.ports, before);
    assert.ok(events.some((event) => event.event === 'problem' && /it starts again/.test(event.message)));
    own.carry({ kind: 'media', legs: [] });
    await own.close();
    peer.close();
    assert.ok(events.some((event) => event.event === 'media' && event.call === 'C1'));
  });

  it('says a tone of the rig to the far side, and measures what comes back', LIMIT, async () => {
    const { media: own } = await media();
    const echo = await far();
    echo.on('message', (octets, { port, address }) => {
      octets.writeUInt32BE((octets.readUInt32BE(8) ^ 0xffff_ffff) >>> 0, 8);
      echo.send(octets, port, address);
    });
    const [port = 0] = own.ports;
    own.carry({ kind: 'media', legs: [{ ...leg({ address: '127.0.0.1', port: echo.address().port }), port }] });
    own.tone(1000, 30_000);
    while ((await own.level(1000)).dbfs < -20) await own.level(1000);
    assert.ok((await own.level(2500)).dbfs < -40);
    await own.close();
    echo.close();
  });
});
