/** Owns what a registered phone does while DNS changes under it: lists that shrink, come back and grow (rules 2 and 4). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { DnsRecord, Effect } from '../../../firmware/vocabulary.ts';
import { lineSettings, phoneSettings, server } from '../../support/settings.ts';
import { SipPeer } from '../sip-peer.ts';
import { World } from '../world.ts';
import { Zone } from '../zone.ts';

const passwords = { '2001': 'secret-2001' };
/** Probe period, jitter, twice H, and the second good probe (rules 4, "Bounds to prove"). */
const BOUND_MS = 15_000 + 1000 + 2 * 2000 + 1000;
/** A record set is asked for again before this, ms: TTL of the zone. */
const TTL_MS = 60_000;

class Named {
  readonly zone = new Zone().a('main.test', '192.0.2.1').a('spare.test', '192.0.2.2');
  readonly primary;
  readonly backup = new SipPeer({ address: '192.0.2.2', passwords });
  readonly world: World;

  constructor({ maxExpiresS = 3600 } = {}) {
    this.primary = new SipPeer({ address: '192.0.2.1', passwords, maxExpiresS });
    const registrar = { primary: server('main.test', 5060), backup: server('spare.test', 5060) };
    const settings = phoneSettings({ lines: [lineSettings({ registrar })] });
    this.world = new World({ settings, peers: [this.primary, this.backup], zone: this.zone }).start();
  }

  /** The name is gone, and the phone knows it; put back by the caller. */
  lose(name: string): readonly DnsRecord[] {
    const gone = this.zone.remove('A', name);
    const known = (): boolean => Object.values(this.world.registrar().lists).some((list) => list.length === 0);
    this.world.until(known, 2 * TTL_MS);
    return gone;
  }

  /** The name is back, and the phone knows it. */
  restore(records: readonly DnsRecord[]): void {
    this.zone.records.push(...records);
    const known = (): boolean => Object.values(this.world.registrar().lists).every((list) => list.length > 0);
    this.world.until(known, 2 * TTL_MS);
  }
}

describe('a name that DNS loses', () => {
  it('does not end the watch over the target that serves the line', () => {
    const named = new Named();
    const { world, primary } = named;
    world.run(60_000);
    named.lose('main.test');
    assert.ok(world.registeredOn('primary'), 'the binding holds, whatever DNS says now');
    primary.fault = 'silent';
    const took = world.until(() => world.registeredOn('backup'), 600_000);
    assert.ok(took <= BOUND_MS, `${took} ms`);
  });

  it('and finds again leads home by probe, though the backup was all there was when it began to serve', () => {
    const named = new Named();
    const { world, primary } = named;
    world.run(60_000);
    const records = named.lose('main.test');
    primary.fault = 'silent';
    world.until(() => world.registeredOn('backup'), 60_000);
    assert.match(world.registrar().reason, /^On the backup server, because/);
    primary.fault = 'none';
    named.restore(records);
    const took = world.until(() => world.registeredOn('primary'), 600_000);
    assert.ok(took <= BOUND_MS, `${took} ms`);
    assert.equal(world.eventsOf('failback').length, 1);
  });

  it('and finds again is asked at once by a line that waits for its next attempt', () => {
    const named = new Named();
    const { world, primary } = named;
    const records = named.lose('spare.test');
    primary.fault = 'silent';
    world.until(() => world.registrar().state === 'waiting', 600_000);
    world.run(300_000);
    assert.equal(world.registrar().state, 'waiting');
    named.restore(records);
    const took = world.until(() => world.registeredOn('backup'), 600_000);
    assert.ok(took <= 1000, `${took} ms`);
  });

  it('and finds again is not kept waiting by the silence of the last target of an attempt', () => {
    const named = new Named();
    const { world, primary } = named;
    world.run(1000);
    const records = named.lose('spare.test');
    primary.fault = 'silent';
    named.zone.records.push(...records);
    const attempts = world.eventsOf('attempt').length;
    world.until(() => world.eventsOf('attempt').length > attempts, 60_000);
    const took = world.until(() => world.registeredOn('backup'), 600_000);
    // The name is asked for again within its negative TTL of 30 s; the last target alone would be waited for 32 s.
    assert.ok(took <= 30_000, `${took} ms`);
  });

  it('and finds again is no reason for an attempt when it is known to be dead: its probes tell', () => {
    const named = new Named();
    const { world, primary, backup } = named;
    primary.fault = 'silent';
    backup.fault = 'silent';
    world.run(3_000_000);
    const records = named.lose('spare.test');
    const attempts = world.eventsOf('attempt-ended').length;
    named.restore(records);
    world.run(5000);
    assert.equal(world.eventsOf('attempt-ended').length, attempts);
  });

  it('and finds again while its Retry-After runs is asked when that ends, not when the back-off does', () => {
    const named = new Named({ maxExpiresS: 60 });
    const { world, primary, backup } = named;
    world.run(1000);
    backup.fault = 'silent';
    // Its OPTIONS are answered well: no probe asks whether it is back.
    Object.assign(primary, { status: 503, statusFor: 'REGISTER', retryAfterS: 300 });
    world.until(() => world.registrar().state === 'waiting', 120_000);
    const closed = world.now;
    primary.status = null;
    const records = named.lose('main.test');
    world.run(150_000);
    named.restore(records);
    assert.ok(world.now < closed + 290_000);
    world.until(() => world.registeredOn('primary'), 600_000);
    assert.ok(world.now <= closed + 301_000, `${world.now - closed} ms after the 503`);
  });
});

describe('a list that changes while an attempt walks it (B24)', () => {
  it('is walked to its end as it was; the next attempt takes the new one', () => {
    const old = [1, 2, 3, 4, 5, 6];
    const zone = new Zone().a('spare.test', '192.0.2.9').a('new.test', '192.0.2.7');
    for (const n of old) {
      zone.srv('_sip._udp.main.test', `s${n}.test`, 5060, n, { ttl: 5 });
      zone.a(`s${n}.test`, `192.0.2.${n}`);
    }
    const registrar = { primary: server('main.test', 0), backup: server('spare.test', 5060) };
    const settings = phoneSettings({ lines: [lineSettings({ registrar })], failover: { probePeriodS: 0 } });
    const peers = [...old, 7, 9].map((n) => new SipPeer({ address: `192.0.2.${n}` }));
    for (const peer of peers) peer.fault = 'silent';
    const world = new World({ settings, peers, zone }).start();
    world.until(() => world.eventsOf('attempt').length === 1, 1000);
    zone.remove('SRV', '_sip._udp.main.test');
    zone.srv('_sip._udp.main.test', 'new.test', 5060);
    world.until(() => world.registrar().lists.primary.includes('udp:192.0.2.7:5060'), 6000);
    assert.ok(world.eventsOf('attempt').length < old.length, 'the walk is not over yet');
    world.run(60_000);
    const targets = world.eventsOf('attempt').map(({ target }) => target);
    assert.deepEqual(
      targets.slice(0, old.length + 2),
      [...old, 9, 7].map((n) => `udp:192.0.2.${n}:5060`),
    );
  });
});

describe('name servers of the system', () => {
  it('that a phone started without come later: it registers at once', () => {
    const zone = new Zone().a('main.test', '192.0.2.1');
    const primary = new SipPeer({ address: '192.0.2.1', passwords });
    const registrar = { primary: server('main.test', 5060), backup: null };
    const settings = phoneSettings({ lines: [lineSettings({ registrar })] });
    const world = new World({ settings, peers: [primary], zone, nameServers: [] }).start();
    world.run(100_000);
    assert.equal(world.registeredOn('primary'), false);
    world.input({ kind: 'name-servers', nameServers: [{ address: '192.0.2.53', port: 53 }] });
    const took = world.until(() => world.registeredOn('primary'), 600_000);
    assert.ok(took <= 2000, `${took} ms`);
  });

  it('that change after a setting did are those that the phone asks', () => {
    const zone = new Zone().a('main.test', '192.0.2.1').a('other.test', '192.0.2.1');
    const primary = new SipPeer({ address: '192.0.2.1', passwords });
    const registrar = { primary: server('main.test', 5060), backup: null };
    const settings = phoneSettings({ lines: [lineSettings({ registrar })] });
    const asked: string[] = [];
    const watch = () => ({
      effect: (effect: Effect): void => void (effect.kind === 'dns-query' && asked.push(effect.server.address)),
    });
    const world = new World({ settings, peers: [primary], zone, checkers: [watch] }).start();
    world.until(() => world.registeredOn('primary'), 60_000);
    assert.deepEqual([...new Set(asked.splice(0))], ['192.0.2.53']);
    world.input({ kind: 'name-servers', nameServers: [{ address: '192.0.2.54', port: 53 }] });
    // SIP starts anew with the servers of now.
    world.input({ kind: 'configure', settings: { ...settings, dnsQueryType: 0 } });
    world.run(1000);
    assert.deepEqual([...new Set(asked)], ['192.0.2.54']);
  });
});
