/** Two desks in a call, over a network that is told what to do. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { millis } from '../../../../firmware/kernel/time.ts';
import { levelOf } from '../../../../firmware/media/pcm.ts';
import type { DeskTone } from '../../../../hal/devices.ts';
import type { Desk } from '../../../support/sound-world.ts';
import { HANDSET, hears, hearsNo, inCall, leg, packetsOf, SoundWorld } from '../../../support/sound-world.ts';

describe('a call is heard', () => {
  for (const codec of [
    { codec: 'PCMU', sends: 0, receives: 0 },
    { codec: 'PCMA', sends: 8, receives: 8 },
    { codec: 'G722', sends: 9, receives: 9 },
  ])
    it(`both ways, as ${codec.codec}`, () => {
      const { world, a, b } = inCall(codec);
      a.say(1000);
      b.say(440);
      world.time.pass(1000);
      hears(b, 1000);
      hears(a, 440);
      assert.ok(a.hears(1000) < -50, 'nobody hears himself');
      // The first packet only shows who speaks.
      const counts = { call: 'C1', packets: 49, lost: 0, concealed: 0, jitterMs: 0, delayMs: 30 };
      assert.deepEqual(a.engine.counts(millis(1000)), [counts]);
    });

  for (const ptimeMs of [10, 20, 30, 60])
    it(`with ${ptimeMs} ms in a packet`, () => {
      const { world, a, b } = inCall({ ptimeMs });
      a.say(1000);
      world.time.pass(2000);
      hears(b, 1000);
      const [first, second] = packetsOf(a);
      assert.equal(first?.payload.length, 8 * ptimeMs);
      assert.equal(((second?.timestamp ?? 0) - (first?.timestamp ?? 0)) >>> 0, 8 * ptimeMs);
      assert.deepEqual([first?.marker, second?.marker], [true, false]);
    });

  it('as G.722 by a clock of 8000, although it sounds by 16000 (RFC 3551 4.5.2)', () => {
    const { world, a } = inCall({ codec: 'G722', sends: 9, receives: 9 });
    world.time.pass(200);
    const [first, second] = packetsOf(a);
    assert.equal(((second?.timestamp ?? 0) - (first?.timestamp ?? 0)) >>> 0, 160);
    assert.equal(first?.payload.length, 160);
  });

  it('in another codec from the next packet on, by the same source', () => {
    const { world, a, b } = inCall();
    a.say(1000);
    world.time.pass(1000);
    const changed = { codec: 'G722', sends: 9, receives: 9 };
    world.plan(a, [leg(b.at, changed)]);
    world.plan(b, [leg(a.at, changed)]);
    world.time.pass(1000);
    hears(b, 1000);
    assert.equal(new Set(packetsOf(a).map(({ ssrc }) => ssrc)).size, 1);
  });
});

describe('the desk', () => {
  it('that is muted says nothing and goes on hearing; packets go on', () => {
    const { world, a, b } = inCall();
    a.say(1000);
    b.say(440);
    world.time.pass(500);
    a.engine.sound({ ...HANDSET, microphone: 'muted' });
    const before = packetsOf(a).length;
    world.time.pass(1000);
    hearsNo(b, 1000);
    hears(a, 440);
    assert.equal(packetsOf(a).length - before, 50);
  });

  it('that is laid down is not listened to', () => {
    const { world, a, b } = inCall();
    a.say(1000);
    b.say(440);
    a.engine.sound({ ...HANDSET, path: 'off' });
    world.time.pass(1000);
    hearsNo(b, 1000);
    hearsNo(a, 440);
  });

  it('hears 3 dB more for each step of its volume, and nothing at the lowest', () => {
    const { world, a, b } = inCall();
    b.say(440);
    const levels = [4, 5, 6, 0].map((volume) => {
      a.engine.sound({ ...HANDSET, volume });
      world.time.pass(600);
      return a.hears(440);
    });
    const [low = 0, middle = 0, high = 0, none = 0] = levels;
    assert.ok(Math.abs(middle - low - 3) < 0.5 && Math.abs(high - middle - 3) < 0.5, levels.join(' '));
    assert.ok(none < -90);
  });

  it('is never louder than full scale', () => {
    const { world, a, b } = inCall();
    b.say(440);
    a.engine.sound({ ...HANDSET, volume: 10 });
    world.time.pass(1000);
    const played = a.played(500);
    assert.ok(levelOf(played) > -6);
    assert.ok(played.every((sample) => sample > -32_768 && sample < 32_767));
  });

  it('rings whether it is lifted or not, by the ring that was chosen', () => {
    const world = new SoundWorld();
    const a = world.desk('192.0.2.1');
    const ring = { ...HANDSET, path: 'off', ring: 'on' } as const;
    a.engine.sound(ring);
    world.time.pass(1000);
    assert.ok(levelOf(a.played(500)) > -25);
    assert.equal(a.engine.idle, false);
    a.engine.settings({ toneSet: 'us', ringTone: 5, rtpPort: 3000, dscp: { rtp: 46, rtcp: 46 } });
    world.time.pass(1000);
    assert.ok(levelOf(a.played(500)) < -90, 'ring tone 5 is silent');
    a.engine.sound({ ...ring, ringTone: 2 });
    world.time.pass(1000);
    assert.ok(levelOf(a.played(500)) > -25, 'a line has a ring of its own');
    a.engine.sound({ ...ring, ring: 'off' });
    assert.equal(a.engine.idle, true);
  });

  const tones: readonly (readonly [DeskTone, readonly number[]])[] = [
    ['dial', [350, 440]],
    ['trying', [660]],
    ['ring-back', [440, 480]],
    ['busy', [480, 620]],
    ['reorder', [480, 620]],
    ['call-waiting', [440]],
  ];
  for (const [tone, frequencies] of tones)
    it(`hears the tone "${tone}"`, () => {
      const world = new SoundWorld();
      const a = world.desk('192.0.2.1');
      a.engine.sound({ ...HANDSET, tone });
      world.time.pass(200);
      for (const hz of frequencies) assert.ok(a.hears(hz) > -40, `${a.hears(hz)} dBov at ${hz} Hz`);
    });

  it('hears call waiting in a call, and the call', () => {
    const { world, a, b } = inCall();
    b.say(1000);
    world.time.pass(1000);
    a.engine.sound({ ...HANDSET, tone: 'call-waiting' });
    world.time.pass(250);
    hears(a, 1000);
    assert.ok(a.hears(440) > -25);
  });
});

describe('directions', () => {
  const rows: readonly (readonly [
    'sendonly' | 'recvonly' | 'inactive',
    'desk' | 'apart',
    boolean,
    boolean,
    boolean,
  ])[] = [
    // Ours, mixed: packets leave, the far side hears us, we hear the far side.
    ['sendonly', 'desk', true, true, false],
    ['sendonly', 'apart', true, false, false],
    ['recvonly', 'desk', false, false, true],
    ['inactive', 'desk', false, false, false],
  ];
  for (const [direction, mixed, leave, said, heard] of rows)
    it(`${direction}, ${mixed}`, () => {
      const { world, a, b } = inCall();
      a.say(1000);
      b.say(440);
      world.time.pass(500);
      world.plan(a, [{ ...leg(b.at, { direction }), mixed }]);
      const before = packetsOf(a).length;
      world.time.pass(1500);
      assert.equal(packetsOf(a).length > before, leave);
      (said ? hears : hearsNo)(b, 1000);
      (heard ? hears : hearsNo)(a, 440);
    });

  it('an address of zeros gets nothing', () => {
    const { world, a } = inCall();
    world.plan(a, [leg({ address: '0.0.0.0', port: 3000 })]);
    const before = a.sent.length;
    world.time.pass(10_000);
    assert.equal(a.sent.length, before);
  });

  it('a call that has agreed on nothing yet is open, and silent both ways', () => {
    const { world, a, b } = inCall();
    b.say(440);
    world.plan(a, []);
    world.plan(a, [{ ...leg(b.at), session: null }]);
    const before = a.sent.length;
    world.time.pass(1000);
    hearsNo(a, 440);
    assert.equal(a.sent.length, before);
    assert.equal(a.engine.counts(millis(1500))[0]?.packets, 0);
  });
});

describe('a conference', () => {
  it('hears everybody but oneself', () => {
    const world = new SoundWorld();
    const a = world.desk('192.0.2.1');
    const [b, c] = [world.desk('192.0.2.2'), world.desk('192.0.2.3')];
    const far = (desk: Desk, call: string) => ({ ...leg(desk.at), call, mixed: 'conference' as const });
    world.callOf = (to, from) => (to === a ? (from === b ? 'C1' : 'C2') : 'C1');
    world.plan(a, [far(b, 'C1'), far(c, 'C2')]);
    world.plan(b, [leg(a.at)]);
    world.plan(c, [leg(a.at)]);
    a.say(1000);
    b.say(440);
    c.say(700);
    world.time.pass(1500);
    for (const [desk, others, own] of [
      [a, [440, 700], 1000],
      [b, [1000, 700], 440],
      [c, [1000, 440], 700],
    ] as const) {
      for (const hz of others) hears(desk, hz);
      assert.ok(desk.hears(own) < -50, `hears itself: ${desk.hears(own)}`);
    }
    // One is put on hold: the other two go on.
    world.plan(a, [far(b, 'C1'), { ...far(c, 'C2'), mixed: 'apart' }]);
    world.time.pass(1500);
    hears(b, 1000);
    hearsNo(b, 700);
    hearsNo(c, 440);
    hearsNo(c, 1000);
  });
});
