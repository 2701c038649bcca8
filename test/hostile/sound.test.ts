/** A live call under attack over loopback: a flood of somebody else's sound, packets that make no sense, reports that lie. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:dgram';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { soundOf } from '../../boards/sound.ts';
import type { PhoneEvent } from '../../firmware/events.ts';
import { encodeG711 } from '../../firmware/media/g711.ts';
import { serializeRtp } from '../../firmware/media/rtp.ts';
import { startMedia } from '../../firmware/shell/media/host.ts';
import { sine } from '../support/sound.ts';
import { HANDSET, leg } from '../support/sound-world.ts';

const LIMIT = { timeout: 120_000 };
const TRUE_HZ = 1400;
const FALSE_HZ = 800;
const HEARD_DBFS = -20;
const SILENT_DBFS = -50;
const PACKET = 160;
/** Datagrams of each kind in one turn of 10 ms, and how many turns: 400 times as many as a call has, for three seconds. */
const A_TURN = 200;
const TURNS = 300;
/** The flood itself is held by the sockets; what the worker keeps of it is bounded. */
const GROWTH_MAX_MIB = 64;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function open(): Promise<Socket> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return socket;
}

/** A stream of one tone, packet by packet. */
function speaker(hz: () => number, ssrc: number): () => Uint8Array {
  let count = 0;
  return () => {
    const payload = encodeG711('mu', sine(hz(), -13, PACKET, 8000, count * PACKET));
    const packet = {
      marker: count === 0,
      payloadType: 0,
      sequence: count & 0xffff,
      timestamp: count * PACKET,
      ssrc,
      payload,
    };
    count += 1;
    return serializeRtp(packet);
  };
}

/** Compound reports that promise more than they hold, name everybody, or end the call for the other. */
const reports = (ssrc: number): readonly Uint8Array[] => {
  const id = Buffer.alloc(4);
  id.writeUInt32BE(ssrc);
  return [
    Buffer.from([0x80, 200, 0xff, 0xff]),
    Buffer.concat([Buffer.from([0x9f, 201, 0, 1]), id]),
    Buffer.concat([Buffer.from([0x81, 203, 0, 1]), id]),
    Buffer.concat([Buffer.from([0x81, 202, 0, 2]), id, Buffer.from([1, 255, 0x41, 0x41])]),
    Buffer.from([0x80, 200, 0, 0]),
    randomBytes(64),
  ];
};

/** One turn of it: octets without sense, a stream of the stranger's own, one that bears the far side's number, and reports. */
function createFlood(stranger: Socket, port: number): () => void {
  const attacks = speaker(() => FALSE_HZ, 2);
  const steals = speaker(() => FALSE_HZ, 1);
  const kinds = [() => randomBytes(12 + (performance.now() % 200)), attacks, steals];
  return () => {
    for (let count = 0; count < A_TURN; count += 1) {
      stranger.send(kinds[count % kinds.length]?.() ?? '', port, '127.0.0.1');
      if (count % 8 === 0) for (const report of reports(1)) stranger.send(report, port + 1, '127.0.0.1');
    }
  };
}

describe('a live call', () => {
  it('is heard as before while strangers flood its ports, and nothing of theirs is', LIMIT, async () => {
    const far = await open();
    const stranger = await open();
    let arrived = 0;
    far.on('message', () => {
      arrived += 1;
    });
    const events: PhoneEvent[] = [];
    const media = await startMedia({
      ...soundOf({ kind: 'none' }),
      ...{ binds: ['127.0.0.1'], portBase: 0, portCount: 1, sound: HANDSET },
      settings: { toneSet: 'us', ringTone: 0, rtpPort: 0, dscp: { rtp: 46, rtcp: 46 } },
    });
    media.onEvent((event) => events.push(event));
    const port = media.ports[0] ?? 0;
    const pcmu = { codec: 'PCMU', sends: 0, receives: 0 };
    media.carry({
      kind: 'media',
      legs: [{ ...leg({ address: '127.0.0.1', port: far.address().port }, pcmu), port }],
    });
    let hz = TRUE_HZ;
    const says = speaker(() => hz, 1);
    let due = performance.now();
    const saying = setInterval(() => {
      for (; due <= performance.now(); due += 20) far.send(says(), port, '127.0.0.1');
    }, 10);
    const heard = async (tone: number): Promise<void> => {
      const end = performance.now() + 60_000;
      while ((await media.level(tone)).dbfs < HEARD_DBFS) {
        assert.ok(performance.now() < end, `${(await media.level(tone)).dbfs} dBFS`);
        await pause(50);
      }
    };
    await heard(TRUE_HZ);
    const before = process.memoryUsage().rss;
    const flood = createFlood(stranger, port);
    const loudest = { dbfs: SILENT_DBFS };
    const sent = arrived;
    for (let turn = 0; turn < TURNS; turn += 1) {
      flood();
      if (turn % 20 === 0) loudest.dbfs = Math.max(loudest.dbfs, (await media.level(FALSE_HZ)).dbfs);
      await pause(10);
    }
    assert.ok(loudest.dbfs <= SILENT_DBFS, `a stranger is heard: ${loudest.dbfs} dBFS`);
    await heard(TRUE_HZ);
    assert.ok(arrived > sent, 'our own sound goes on');
    const grown = (process.memoryUsage().rss - before) / 2 ** 20;
    assert.ok(grown < GROWTH_MAX_MIB, `${grown.toFixed(0)} MiB more`);
    assert.deepEqual(
      events.filter(({ event }) => event === 'problem'),
      [],
      'the worker lives',
    );
    hz = FALSE_HZ;
    await heard(FALSE_HZ);
    clearInterval(saying);
    media.carry({ kind: 'media', legs: [] });
    await media.close();
    far.close();
    stranger.close();
  });
});
