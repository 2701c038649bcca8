/** Answers with codes that nobody knows, to a REGISTER (RFC 3261 8.1.3.2; conformance C7). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { phoneSettings } from '../../support/settings.ts';
import { SipPeer } from '../sip-peer.ts';
import { World } from '../world.ts';

function duo(): { readonly world: World; readonly primary: SipPeer; readonly backup: SipPeer } {
  const primary = new SipPeer({ address: '192.0.2.1', challenge: false });
  const backup = new SipPeer({ address: '192.0.2.2', challenge: false });
  return { world: new World({ settings: phoneSettings(), peers: [primary, backup] }), primary, backup };
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
