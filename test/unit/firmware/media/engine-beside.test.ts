/** What travels beside sound: keys, reports, and what strangers send. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { millis } from '../../../../firmware/kernel/time.ts';
import { levelOf } from '../../../../firmware/media/pcm.ts';
import { parseRtcp } from '../../../../firmware/media/rtcp.ts';
import { serializeRtp } from '../../../../firmware/media/rtp.ts';
import type { Desk } from '../../../support/sound-world.ts';
import { hears, inCall, leg, packetsOf, SoundWorld } from '../../../support/sound-world.ts';

describe('keys', () => {
  it('go as events instead of sound, are heard at both desks, and sound goes on behind them', () => {
    const { world, a, b } = inCall();
    a.say(1000);
    world.time.pass(500);
    a.engine.press({ call: 'C1', key: '5', ms: 100, way: 'event' });
    world.time.pass(140);
    const events = packetsOf(a).filter(({ payloadType }) => payloadType === 101);
    assert.equal(events.length, 7);
    assert.ok(b.hears(770, 60) > -40 && b.hears(1336, 60) > -40, 'the far desk hears the key');
    world.time.pass(1000);
    hears(b, 1000);
    assert.equal(b.engine.counts(millis(2000))[0]?.concealed, 0, 'nothing was missing meanwhile');
  });

  for (const [why, changes] of [
    ['asked for', {}],
    ['events were not agreed', { sendsEvents: null }],
  ] as const)
    it(`go as sound: ${why}`, () => {
      const { world, a, b } = inCall(changes);
      world.time.pass(500);
      a.engine.press({ call: 'C1', key: '#', ms: 200, way: why === 'asked for' ? 'sound' : 'event' });
      world.time.pass(180);
      assert.ok(packetsOf(a).every(({ payloadType }) => payloadType === 0));
      assert.ok(b.hears(941, 80) > -20 && b.hears(1477, 80) > -20);
    });
});

describe('reports', () => {
  it('tell of packets and losses about every 5 s, by another port; the last one says goodbye', () => {
    const { world, a, b } = inCall();
    let count = 0;
    world.fate = ({ from }) => {
      count += from === 'rtp' ? 1 : 0;
      return from === 'rtp' && count % 11 === 0 ? null : 5;
    };
    world.time.pass(60_000);
    const reports = b.sent.filter(({ from }) => from === 'rtcp');
    assert.ok(reports.length >= 8 && reports.length <= 24, `${reports.length} reports in a minute`);
    assert.ok(reports.every(({ to }) => to.port === a.at.port + 1));
    const last = parseRtcp(reports.at(-1)?.octets ?? new Uint8Array());
    assert.ok(last.ok);
    const [report] = last.value;
    assert.ok(report?.kind === 'report' && report.sender !== null && report.sender.packets > 2000);
    assert.ok((report.reports[0]?.lost ?? 0) > 200, 'every eleventh is lost');
    world.plan(b, []);
    const bye = parseRtcp(b.sent.at(-1)?.octets ?? new Uint8Array());
    assert.ok(bye.ok && bye.value.at(-1)?.kind === 'bye');
  });

  it('of a desk that only listens say so', () => {
    const { world, a } = inCall({ direction: 'recvonly' });
    world.time.pass(20_000);
    const report = parseRtcp(a.sent.find(({ from }) => from === 'rtcp')?.octets ?? new Uint8Array());
    assert.ok(report.ok && report.value[0]?.kind === 'report' && report.value[0].sender === null);
  });
});

describe('whoever has our number', () => {
  it('makes us take another, once: an echo of our own packets is heard (RFC 3550 8.2)', () => {
    const world = new SoundWorld();
    const a = world.desk('192.0.2.1');
    const far = { address: '192.0.2.9', port: 4000 };
    world.plan(a, [leg(far)]);
    a.say(1000);
    let seen = 0;
    for (let ms = 0; ms < 2000; ms += 10) {
      world.time.pass(10);
      for (const { from, octets } of a.sent.slice(seen))
        if (from === 'rtp') a.engine.packet('C1', 'rtp', octets, far, millis(world.time.now()));
      seen = a.sent.length;
    }
    assert.equal(new Set(packetsOf(a).map(({ ssrc }) => ssrc)).size, 2);
    hears(a, 1000);
  });
});

describe('strangers', () => {
  /** As a stranger would who knows all but the address. */
  function injected(world: SoundWorld, a: Desk, b: Desk, from: { address: string; port: number }): void {
    const loud = new Uint8Array(160).fill(0x80).map((octet, index) => (index % 2 === 0 ? octet : 0x00));
    const last = packetsOf(b).at(-1);
    for (let index = 1; index <= 500; index += 1)
      a.engine.packet(
        'C1',
        'rtp',
        serializeRtp({
          ...{ marker: false, payloadType: 0, ssrc: last?.ssrc ?? 0, payload: loud },
          sequence: ((last?.sequence ?? 0) + index) & 0xffff,
          timestamp: ((last?.timestamp ?? 0) + 160 * index) >>> 0,
        }),
        from,
        millis(world.time.now()),
      );
  }

  it('are not heard in a call, and change nothing in it', () => {
    const { world, a, b } = inCall();
    b.say(440);
    world.time.pass(1000);
    const before = a.played(200);
    for (const from of [
      { address: '198.51.100.66', port: 3000 },
      { address: b.at.address, port: 3002 },
    ])
      injected(world, a, b, from);
    world.time.pass(200);
    hears(a, 440);
    assert.ok(Math.abs(levelOf(a.played(200)) - levelOf(before)) < 0.2);
    world.time.pass(1000);
    hears(a, 440);
    assert.equal(a.engine.counts(millis(2200))[0]?.concealed, 0);
  });

  it('are not heard before the call is answered, nor on hold', () => {
    const { world, a, b } = inCall();
    for (const leg1 of [
      { ...leg(b.at), session: null },
      { ...leg(b.at), mixed: 'apart' as const },
    ]) {
      world.plan(a, []);
      world.plan(a, [leg1]);
      injected(world, a, b, { address: '198.51.100.66', port: 3000 });
      world.time.pass(300);
      assert.ok(levelOf(a.played(300)) < -90);
    }
  });
});
