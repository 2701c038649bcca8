/** Owns what holds for a phone whose sound is attacked (conformance J8): packets of any kind from anywhere kill nothing, and strangers are not heard. */
import assert from 'node:assert/strict';
import { createRandom, seedFrom } from '../../../firmware/kernel/random.ts';
import { millis } from '../../../firmware/kernel/time.ts';
import { CODEC_NAMES, createEncoder } from '../../../firmware/media/codec.ts';
import { createEngine } from '../../../firmware/media/engine.ts';
import { levelOf } from '../../../firmware/media/pcm.ts';
import { serializeRtcp } from '../../../firmware/media/rtcp.ts';
import { serializeRtp } from '../../../firmware/media/rtp.ts';
import type { MediaLeg } from '../../../firmware/media-vocabulary.ts';
import { cipher } from '../../support/cipher.ts';
import { HANDSET, leg } from '../../support/sound-world.ts';
import type { Chance } from '../chance.ts';

const FAR = { address: '192.0.2.2', port: 4000 };
const STRANGERS = [
  { address: '198.51.100.66', port: 4000 },
  { address: FAR.address, port: 4002 },
  { address: '2001:db8::1', port: 0 },
] as const;
const KEYS = {
  suite: 'AES_CM_128_HMAC_SHA1_80',
  sends: { masterKey: 'A'.repeat(40) },
  receives: { masterKey: 'B'.repeat(40) },
};
const PERIODS = 12;
const PACKETS_MAX = 12;

export function checkSound(chance: Chance): string {
  const random = createRandom(seedFrom(chance.below(2 ** 32)));
  const engine = createEngine({ draw: () => random.below(2 ** 32), cipher });
  // Drawn apart from what the far side does, so that kept seeds stay what they were.
  const keys = random.below(4) === 0 ? KEYS : null;
  const session = {
    codec: chance.pick(CODEC_NAMES),
    ptimeMs: chance.pick([10, 20, 60]),
    secured: keys,
  };
  const silence = createEncoder(session.codec)(new Int16Array(320));
  const described = leg(FAR, session);
  const state = chance.pick(['in a call', 'in a call', 'on hold', 'not answered'] as const);
  engine.sound(HANDSET);
  engine.plan([planned(described, state)], millis(0));
  // The far side speaks first, unless strangers are to be alone with the phone.
  if (state === 'in a call')
    for (const sequence of [1, 2]) engine.packet('C1', 'rtp', sound(sequence, silence), FAR, millis(0));
  const inPath = state === 'in a call' && chance.odds(0.5);
  let loudest = -100;
  for (let period = 0; period < PERIODS; period += 1) {
    const now = millis(10 * period);
    for (const octets of chance.some(PACKETS_MAX, () => anyPacket(chance)))
      engine.packet('C1', chance.odds(0.8) ? 'rtp' : 'rtcp', octets, inPath ? FAR : chance.pick(STRANGERS), now);
    const { played, leaving } = engine.period(new Int16Array(160), now);
    assert.equal(played.length, 160);
    assert.ok(leaving.length <= 3, `${leaving.length} packets left in one period`);
    loudest = Math.max(loudest, levelOf(played));
  }
  // Silence of G.711 and G.722 alike stays below this; a stranger's noise would not. Whoever has no key is a stranger.
  if (!inPath || keys !== null) assert.ok(loudest < -40, `a stranger is heard: ${loudest} dBov`);
  const [counts] = engine.counts(millis(10 * PERIODS));
  assert.ok(counts !== undefined && Object.values(counts).every((value) => value === 'C1' || Number.isFinite(value)));
  engine.plan([], millis(10 * PERIODS));
  return outcomeOf(inPath, state, keys !== null);
}

const planned = (described: MediaLeg, state: string): MediaLeg => ({
  ...described,
  mixed: state === 'in a call' ? 'desk' : 'apart',
  ...(state === 'not answered' ? { session: null } : {}),
});

const outcomeOf = (inPath: boolean, state: string, encrypted: boolean): string =>
  `${inPath ? 'attacked in the path' : `strangers, ${state}`}${encrypted ? ', encrypted' : ''}`;

const sound = (sequence: number, payload: Uint8Array): Uint8Array =>
  serializeRtp({ marker: false, payloadType: 0, sequence, timestamp: sequence * 160, ssrc: 7, payload });

const octetsOf = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0));

/** Now and then a good one, most often one with something wrong in it. */
function anyPacket(chance: Chance): Uint8Array {
  if (chance.odds(0.1)) return octetsOf(chance.octets(80));
  const good = chance.odds(0.75) ? anyRtp(chance) : anyRtcp(chance);
  const broken = Uint8Array.from(good);
  for (const at of chance.some(3, () => chance.below(Math.max(1, Math.min(broken.length, 24)))))
    broken[at] = chance.below(256);
  return chance.odds(0.2) ? broken.subarray(0, chance.below(broken.length + 1)) : broken;
}

const anyRtp = (chance: Chance): Uint8Array =>
  serializeRtp({
    marker: chance.odds(0.2),
    payloadType: chance.pick([0, 0, 0, 8, 9, 13, 101, 101, 77]),
    sequence: chance.pick([3, 4, 5, 0, 0xffff, chance.below(0x1_0000)]),
    timestamp: chance.pick([480, 640, 800, 0, 0xffff_ffff, chance.below(2 ** 32)]),
    ssrc: chance.pick([7, 7, 7, 8, chance.below(2 ** 32)]),
    payload: octetsOf(chance.odds(0.1) ? chance.octets(1600) : chance.octets(200)),
  });

const anyRtcp = (chance: Chance): Uint8Array =>
  serializeRtcp([
    {
      kind: 'report',
      ssrc: 7,
      sender: chance.odds(0.5)
        ? { ntpSeconds: chance.below(2 ** 32), ntpFraction: 0, rtpTimestamp: 0, packets: 1, octets: 1 }
        : null,
      reports: [],
    },
    { kind: 'bye', ssrcs: [7, chance.below(2 ** 32)] },
  ]);
