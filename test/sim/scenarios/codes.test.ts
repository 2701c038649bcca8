/** Answers to a REGISTER with codes that nobody knows, and with one that asks for patience (RFC 3261 8.1.3.2, 20.33; conformance C7, F13). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { PhoneSettings } from '../../../firmware/config/settings.ts';
import { lineSettings, phoneSettings } from '../../support/settings.ts';
import type { PeerOptions } from '../sip-peer.ts';
import { SipPeer } from '../sip-peer.ts';
import { World } from '../world.ts';

function duo(
  over: Partial<PeerOptions> = {},
  settings: PhoneSettings = phoneSettings(),
): {
  readonly world: World;
  readonly primary: SipPeer;
  readonly backup: SipPeer;
} {
  const primary = new SipPeer({ address: '192.0.2.1', challenge: false, ...over });
  const backup = new SipPeer({ address: '192.0.2.2', challenge: false, ...over });
  return { world: new World({ settings, peers: [primary, backup] }), primary, backup };
}

describe('a code that nobody knows', () => {
  for (const [code, state] of [
    [299, 'registered'],
    [499, 'rejected'],
    [599, 'rejected'],
    [699, 'rejected'],
  ] as const)
    it(`${code}, which nobody knows, means what its class means (C7)`, () => {
      const { world, primary, backup } = duo();
      primary.status = code;
      world.start().run(1000);
      assert.equal(world.registrar().state, state);
      assert.equal(backup.registers().length, 0);
    });

  it('199, which nobody knows, is a provisional answer: where nothing follows, the backup comes after Timer F (C7)', () => {
    const { world, primary } = duo();
    primary.status = 199;
    const took = world.start().until(() => world.registeredOn('backup'), 40_000);
    assert.ok(took >= 32_000, `${took} ms`);
  });
});

describe('Retry-After', () => {
  it('of another failover code is waited for by that line, though its server falls silent and answers again meanwhile', () => {
    const { world, primary, backup } = duo({ maxExpiresS: 60 });
    backup.fault = 'killed';
    world.start().run(20_000);
    assert.equal(world.registeredOn('primary'), true);
    Object.assign(primary, { status: 500, statusFor: 'REGISTER', retryAfterS: 300 });
    assert.ok(world.until(() => world.registrar().state === 'waiting' || world.registrar().code === 500, 60_000) > 0);
    const [asked, since] = [primary.registers().length, world.now];
    primary.status = null;
    primary.fault = 'silent';
    world.run(60_000);
    primary.fault = 'none';
    // It answers probes from now on.
    world.run(200_000);
    assert.equal(primary.registers().length, asked);
    world.run(since + 301_000 + 20_000 - world.now);
    assert.equal(world.registeredOn('primary'), true);
  });
});

describe('a server that failed all lines by a code, and was silent beside that', () => {
  it('is known to be back by the REGISTER of one line: the others follow within a probe period', () => {
    const lines = [1, 2, 3].map((line) => lineSettings({ line, userName: String(2000 + line) }));
    const { world, primary, backup } = duo({ maxExpiresS: 60 }, phoneSettings({ lines }));
    const all = (): boolean => lines.every(({ line }) => world.registeredOn('primary', line));
    world.start();
    assert.ok(world.until(all, 20_000) > 0);
    backup.fault = 'killed';
    primary.status = 503;
    world.run(240_000);
    primary.fault = 'silent';
    world.run(60_000);
    Object.assign(primary, { fault: 'none', status: null });
    assert.ok(world.until(() => lines.some(({ line }) => world.registeredOn('primary', line)), 1800_000) > 0);
    assert.ok(world.until(all, 17_000) > 0);
  });
});
