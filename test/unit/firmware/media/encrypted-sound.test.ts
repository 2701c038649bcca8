/** Two desks whose sound is encrypted (RFC 3711): who has the key hears, nobody else does, and nobody can say anything in their place. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { millis } from '../../../../firmware/kernel/time.ts';
import { parseRtcp } from '../../../../firmware/media/rtcp.ts';
import type { MediaKeys } from '../../../../firmware/media-vocabulary.ts';
import type { Desk } from '../../../support/sound-world.ts';
import { hears, hearsNo, leg, packetsOf, SoundWorld } from '../../../support/sound-world.ts';

const [A, B, C] = ['A', 'B', 'C'].map((letter) => ({ masterKey: letter.repeat(40) })) as [Key, Key, Key];
type Key = MediaKeys['sends'];
const suite = 'AES_CM_128_HMAC_SHA1_80';

const secured = (sends: Key, receives: Key): { readonly secured: MediaKeys } => ({
  secured: { suite, sends, receives },
});

function pair(
  ofA = secured(A, B),
  ofB = secured(B, A),
): { readonly world: SoundWorld; readonly a: Desk; readonly b: Desk } {
  const world = new SoundWorld();
  const [a, b] = [world.desk('192.0.2.1'), world.desk('192.0.2.2')] as const;
  world.plan(a, [leg(b.at, ofA)]);
  world.plan(b, [leg(a.at, ofB)]);
  a.say(1000);
  b.say(440);
  return { world, a, b };
}

describe('encrypted sound', () => {
  it('is heard both ways, reports and all; what travels is something else', () => {
    const { world, a, b } = pair();
    world.time.pass(8000);
    hears(b, 1000);
    hears(a, 440);
    const lost = a.engine.counts(millis(8000))[0]?.lost;
    assert.equal(lost, 0);
    const payload = packetsOf(a)[20]?.payload ?? assert.fail();
    assert.equal(payload.length, 170);
    const reports = a.sent.filter(({ from }) => from === 'rtcp');
    assert.ok(reports.length > 0 && reports.every(({ octets }) => !parseRtcp(octets).ok));
  });

  it('of another key is silence, and so is what comes in the clear', () => {
    for (const ofB of [secured(C, A), { secured: null }] as const) {
      const { world, a } = pair(secured(A, B), ofB as ReturnType<typeof secured>);
      world.time.pass(1000);
      hearsNo(a, 440);
      assert.equal(a.engine.counts(millis(1000))[0]?.packets, 0);
    }
  });

  it('goes on by new keys where they change, and by the same ones over a hold', () => {
    const { world, a, b } = pair();
    world.time.pass(1000);
    world.plan(a, [leg(b.at, { ...secured(A, B), direction: 'sendonly' })]);
    world.time.pass(1000);
    world.plan(a, [leg(b.at, secured(A, B))]);
    world.time.pass(1000);
    hears(a, 440);
    world.plan(a, [leg(b.at, secured(C, B))]);
    world.time.pass(500);
    hearsNo(b, 1000);
    world.plan(b, [leg(a.at, secured(B, C))]);
    world.time.pass(1000);
    hears(b, 1000);
    hears(a, 440);
  });

  it('no key meets a source twice: whoever comes back to one speaks under another name (RFC 3711 9.1)', () => {
    const { world, a, b } = pair();
    world.time.pass(500);
    world.plan(a, [leg(b.at)]);
    world.time.pass(100);
    const before = new Set(packetsOf(a).map(({ ssrc }) => ssrc));
    const sentBefore = packetsOf(a).length;
    world.plan(a, [leg(b.at, secured(A, B))]);
    world.time.pass(1000);
    const after = new Set(
      packetsOf(a)
        .slice(sentBefore)
        .map(({ ssrc }) => ssrc),
    );
    assert.ok([...after].every((ssrc) => !before.has(ssrc)));
    hears(b, 1000);
  });
});
