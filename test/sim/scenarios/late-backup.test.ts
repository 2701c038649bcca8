/** A backup that answers very late, to one attempt after the other: nothing removes what a newer one may still get (rules 3.6). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { lineSettings, phoneSettings, server } from '../../support/settings.ts';
import { CHECKERS } from '../checkers/all.ts';
import { SipPeer } from '../sip-peer.ts';
import { World } from '../world.ts';
import { Zone } from '../zone.ts';

describe('a backup that thinks for 20 s', () => {
  it('keeps the binding that its late answer tells of, though an older attempt ends there meanwhile', () => {
    const peers = ['192.0.2.1', '192.0.2.2', '192.0.2.3'].map(
      (address) => new SipPeer({ address, challenge: false, maxExpiresS: 60 }),
    );
    const [primary, slow, gone] = peers;
    const registrar = { primary: server('192.0.2.1'), backup: server('b.test', 5060) };
    const lines = [1, 2].map((line) => lineSettings({ line, userName: `200${line}`, registrar }));
    const settings = phoneSettings({ lines, timers: { transactionMs: 8000 }, failover: { hedgeLimitMs: 700 } });
    const zone = new Zone().a('b.test', '192.0.2.2').a('b.test', '192.0.2.3');
    const world = new World({ settings, peers, zone, checkers: CHECKERS });
    world.start().run(30_000);
    for (const line of [1, 2]) assert.equal(world.registeredOn('primary', line), true);
    if (slow === undefined) assert.fail();
    slow.delayMs = 20_000;
    for (const peer of [primary, gone]) if (peer !== undefined) peer.fault = 'silent';
    world.run(120_000);
    assert.ok(world.eventsOf('late-answer').length >= 2);
  });
});
