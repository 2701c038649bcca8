/** Failover of REGISTER as a user sees it: the primary fails, the backup serves, the primary comes back (rules 3 and 4). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { PhoneSettings } from '../../../firmware/config/settings.ts';
import { cseqOf, headerValue } from '../../../firmware/sip/message/headers.ts';
import { phoneSettings } from '../../support/settings.ts';
import { SipPeer } from '../sip-peer.ts';
import type { WorldOptions } from '../world.ts';
import { World } from '../world.ts';

const passwords = { '2001': 'secret-2001' };

function duo(over: Partial<WorldOptions> & { readonly settings?: PhoneSettings } = {}): {
  world: World;
  primary: SipPeer;
  backup: SipPeer;
} {
  const primary = new SipPeer({ address: '192.0.2.1', passwords });
  const backup = new SipPeer({ address: '192.0.2.2', passwords });
  const world = new World({ settings: phoneSettings(), peers: [primary, backup], ...over });
  return { world, primary, backup };
}

describe('a fresh registration', () => {
  it('goes to the primary first, answers its challenge there, and nobody else is asked', () => {
    const { world, primary, backup } = duo();
    world.start().run(100);
    assert.equal(world.registeredOn('primary'), true);
    assert.equal(primary.registers().length, 2);
    assert.equal(backup.registers().length, 0);
    const [first, second] = primary.registers().map(({ request }) => request);
    assert.equal(headerValue(first ?? assert.fail(), 'Call-ID'), headerValue(second ?? assert.fail(), 'Call-ID'));
    assert.deepEqual(
      [first, second].map((request) => {
        const c = cseqOf(request ?? assert.fail());
        return c.ok ? c.value.number : null;
      }),
      [1, 2],
    );
  });

  it('each copy has Max-Forwards 70, however many have been asked before', () => {
    const { world, primary } = duo();
    primary.fault = 'killed';
    world.start().run(1000);
    const copies = world.sent('REGISTER').map(({ message }) => headerValue(message, 'Max-Forwards'));
    assert.deepEqual(copies, ['70', '70', '70']);
  });

  it('with the primary silent is on the backup within 2 s, and the primary was asked first', () => {
    const { world, primary, backup } = duo();
    primary.fault = 'silent';
    const took = world.start().until(() => world.registeredOn('backup'), 2000);
    assert.ok(took >= 1500 && took <= 2000, `${took} ms`);
    assert.equal(world.eventsOf('attempt')[0]?.server, 'primary');
    assert.equal(backup.registers().length, 2);
    assert.equal(world.eventsOf('failover').length, 1);
  });

  it('with the primary killed is on the backup at once, with at most four packets', () => {
    const { world, primary } = duo();
    primary.fault = 'killed';
    const took = world.start().until(() => world.registeredOn('backup'), 100);
    assert.ok(took <= 20, `${took} ms`);
    assert.ok(world.sent().length <= 4);
  });

  for (const code of [503, 500, 502, 504, 408])
    it(`with the primary answering ${code} is on the backup at once`, () => {
      const { world, primary } = duo();
      primary.status = code;
      const took = world.start().until(() => world.registeredOn('backup'), 100);
      assert.ok(took <= 20, `${took} ms`);
    });

  it('that the primary refuses is not taken to the backup', () => {
    const { world, primary, backup } = duo();
    primary.status = 403;
    world.start().run(60_000);
    assert.equal(world.registrar().state, 'rejected');
    assert.equal(world.registrar().code, 403);
    assert.equal(backup.registers().length, 0);
  });
});

describe('the way home', () => {
  it('while idle a dead primary is noticed by probe, and its return leads home within period + jitter + 1 s', () => {
    const { world, primary, backup } = duo();
    world.start().run(60_000);
    primary.fault = 'silent';
    const noticed = world.until(() => world.registeredOn('backup'), 20_000);
    assert.ok(noticed <= 15_000 + 2 * 1500 + 500, `${noticed} ms`);
    world.run(60_000);
    primary.fault = 'none';
    const home = world.until(() => world.registeredOn('primary'), 20_000);
    assert.ok(home <= 17_000, `${home} ms`);
    world.run(1000);
    assert.deepEqual(backup.location.bindings('2001', world.now), []);
    assert.equal(world.eventsOf('unregistered').length, 1);
    assert.equal(world.eventsOf('failback').length, 1);
  });

  it('a renewal on the backup is tried at the primary first', () => {
    const { world, primary, backup } = duo({ settings: phoneSettings({ failover: { probePeriodS: 0 } }) });
    primary.fault = 'silent';
    world.start().until(() => world.registeredOn('backup'), 5000);
    const before = world.events.length;
    world.run(3600_000);
    const renewal = world.events.slice(before).flatMap(({ event }) => (event.event === 'attempt' ? [event] : []));
    assert.equal(renewal[0]?.server, 'primary');
    assert.equal(renewal[0]?.reason, 'renewal');
    assert.ok(backup.registers().length >= 3);
    assert.equal(world.registeredOn('backup'), true);
  });
});

describe('a server that probes say nothing of', () => {
  it('is known as such while nobody watches it', () => {
    const { world, primary } = duo();
    primary.status = 500;
    primary.statusFor = 'OPTIONS';
    world.start().run(60_000);
    const probeable = (): boolean | undefined =>
      world.status().targets.find(({ target }) => target === 'udp:192.0.2.1:5060')?.probeable;
    assert.equal(world.registeredOn('primary'), true);
    assert.equal(probeable(), false);
    primary.status = 403;
    primary.statusFor = 'REGISTER';
    world.until(() => world.registrar().state === 'rejected', 4_000_000);
    world.run(1000);
    assert.equal(probeable(), false);
  });
});
