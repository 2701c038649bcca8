/** The sound card behind `aplay` and `arecord`, on ALSA's own plugins: the contract of every card, and calls that outlive theirs. */
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { realScheduler } from '../../boards/scheduler.ts';
import { soundOf } from '../../boards/sound.ts';
import type { PhoneEvent } from '../../firmware/events.ts';
import { parseRtp } from '../../firmware/media/rtp.ts';
import { startMedia } from '../../firmware/shell/media/host.ts';
import { openAlsa } from '../../hal/audio/alsa.ts';
import type { Clock } from '../../hal/ports.ts';
import type { CardUnderTest } from '../contract/sound-card.ts';
import { RULES } from '../contract/sound-card.ts';
import { HANDSET, leg } from '../support/sound-world.ts';
import type { AlsaCard } from './support/alsa-card.ts';
import { openAlsaCard } from './support/alsa-card.ts';
import { until } from './support/process.ts';

const LIMIT_MS = 60_000;
/** Other suites run beside this one. */
const SLACK = 0.5;
const clock: Clock = { ...realScheduler, now: () => performance.now() };
const pass = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

function under(card: AlsaCard): CardUnderTest {
  const device = openAlsa(card.name, clock);
  return {
    device: {
      ...device,
      start(period) {
        card.run(true);
        device.start(period);
      },
      stop() {
        device.stop();
        card.run(false);
      },
    },
    time: { pass },
    slack: SLACK,
    heard: card.heard,
    say: card.say,
    plug: card.plug,
    holdUp: (ms) => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms),
  };
}

/** What only a card with ends can show. */
const ENDS = ['what is given is played, all of it and in order', 'what is recorded comes, in order'];

for (const clocked of [true, false])
  describe(clocked ? "ALSA's plugin `file`, recorded in real time" : "ALSA's plugin `null`, which has no clock", () => {
    for (const { rule, check } of RULES)
      if (clocked || !ENDS.includes(rule))
        it(rule, async () => {
          const card = openAlsaCard(clocked);
          try {
            await check(under(card));
          } finally {
            card.close();
          }
        });
  });

describe('a call whose sound card fails', () => {
  for (const [what, fail, isTold] of [
    ['disappears', (card: AlsaCard) => card.plug('out'), true],
    ['blocks', (card: AlsaCard) => card.block(), false],
  ] as const)
    it(`${what}: sound leaves all the same, every 20 ms, without a gap`, { timeout: LIMIT_MS }, async () => {
      const card = openAlsaCard(true);
      const events: PhoneEvent[] = [];
      const peer = createSocket('udp4').bind(0, '127.0.0.1');
      await once(peer, 'listening');
      const numbers: number[] = [];
      peer.on('message', (octets) => {
        const packet = parseRtp(octets);
        if (packet.ok) numbers.push(packet.value.sequence);
      });
      card.run(true);
      const media = await startMedia({
        ...soundOf({ kind: 'alsa', name: card.name }),
        ...{ binds: ['127.0.0.1'], portBase: 0, portCount: 1, sound: HANDSET },
        settings: { toneSet: 'us', ringTone: 0, rtpPort: 0, dscp: { rtp: 46, rtcp: 46 } },
      });
      media.onEvent((event) => events.push(event));
      const port = media.ports[0] ?? 0;
      media.carry({ kind: 'media', legs: [{ ...leg({ address: '127.0.0.1', port: peer.address().port }), port }] });
      await until('sound leaves', () => numbers.length > 50, LIMIT_MS);
      fail(card);
      const past = numbers.length;
      await until('sound goes on for two seconds', () => numbers.length > past + 100, LIMIT_MS);
      const first = numbers[0] ?? 0;
      assert.deepEqual(
        numbers,
        numbers.map((_number, index) => (first + index) & 0xffff),
      );
      const problems = events.flatMap((event) => (event.event === 'problem' ? [event.message] : []));
      assert.equal(problems.length > 0, isTold, problems.join('; '));
      await media.close();
      peer.close();
      card.close();
    });
});
