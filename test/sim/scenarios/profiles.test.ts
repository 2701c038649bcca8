/** Owns what differs by line and by profile: nine lines side by side, and the timers of `r2.0` (rules 4). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { PhoneSettings } from '../../../firmware/config/settings.ts';
import { headerValue } from '../../../firmware/sip/message/headers.ts';
import { lineSettings, phoneSettings, server } from '../../support/settings.ts';
import type { PeerOptions } from '../sip-peer.ts';
import { SipPeer } from '../sip-peer.ts';
import type { WorldOptions } from '../world.ts';
import { World } from '../world.ts';
import { Zone } from '../zone.ts';

const passwords = Object.fromEntries(
  Array.from({ length: 9 }, (_line, index) => [String(2001 + index), `secret-${2001 + index}`]),
);

interface Duo {
  readonly world: World;
  readonly primary: SipPeer;
  readonly backup: SipPeer;
}

function duo(over: Partial<WorldOptions> & { readonly peer?: Partial<PeerOptions> } = {}): Duo {
  const primary = new SipPeer({ address: '192.0.2.1', passwords, ...over.peer });
  const backup = new SipPeer({ address: '192.0.2.2', passwords, ...over.peer });
  return { world: new World({ settings: phoneSettings(), peers: [primary, backup], ...over }), primary, backup };
}

const settings = (over: Parameters<typeof phoneSettings>[0]): PhoneSettings => phoneSettings(over);

describe('nine lines', () => {
  it('are independent: one dead registrar does not delay another line', () => {
    const lines = Array.from({ length: 9 }, (_line, index) =>
      lineSettings({
        line: index + 1,
        userName: String(2001 + index),
        authName: String(2001 + index),
        password: `secret-${2001 + index}`,
        registrar: { primary: server(index === 4 ? '192.0.2.66' : '192.0.2.1', 5060), backup: null },
      }),
    );
    const { world } = duo({ settings: settings({ lines }) });
    world.start().run(500);
    for (const { line } of lines)
      assert.equal(world.registrar(line).state, line === 5 ? 'trying' : 'registered', `line ${line}`);
  });
});

describe('profile r2.0', () => {
  const r20 = (over: Parameters<typeof phoneSettings>[0] = {}): PhoneSettings =>
    settings({ ...over, failover: { profile: 'r2.0' } });

  it('waits 4 s for a silent primary, each time anew, and sends no probe', () => {
    const { world, primary, backup } = duo({ settings: r20(), peer: { maxExpiresS: 60 } });
    primary.fault = 'silent';
    const took = world.start().until(() => world.registeredOn('backup'), 10_000);
    assert.ok(took >= 4000 && took <= 4100, `${took} ms`);
    world.run(120_000);
    assert.equal(backup.options().length, 0);
    const waits = world
      .eventsOf('attempt')
      .filter(({ server: to }) => to === 'primary')
      .map(({ waitMs }) => waitMs);
    assert.deepEqual([...new Set(waits)], [4000]);
  });

  it('tries again 120 s after both timed out, and 1800 s after a refusal', () => {
    const { world, primary, backup } = duo({ settings: r20() });
    primary.fault = 'silent';
    backup.fault = 'silent';
    world.start().run(8500);
    assert.equal(world.registrar().state, 'waiting');
    assert.ok((world.registrar().retryIn ?? 0) >= 119 && (world.registrar().retryIn ?? 0) <= 120);
    primary.fault = 'none';
    primary.status = 403;
    world.run(125_000);
    assert.equal(world.registrar().state, 'rejected');
    assert.ok((world.registrar().retryIn ?? 0) > 1780);
  });

  it('goes on to the backup at 503 alone; 500 is a refusal', () => {
    const { world, primary } = duo({ settings: r20() });
    primary.status = 500;
    world.start().run(1000);
    assert.equal(world.registrar().state, 'rejected');
  });

  it('removes nothing at the backup: its binding runs out', () => {
    const { world, primary, backup } = duo({ settings: r20(), peer: { maxExpiresS: 120 } });
    primary.fault = 'silent';
    world.start().run(10_000);
    primary.fault = 'none';
    world.until(() => world.registeredOn('primary'), 200_000);
    assert.equal(
      backup.registers().every(({ request }) => headerValue(request, 'Expires') !== '0'),
      true,
    );
  });
});

describe('profile r2.1', () => {
  const r21 = (blacklistS: number): PhoneSettings => {
    const plain = phoneSettings();
    return settings({ failover: { profile: 'r2.1' }, timers: { ...plain.timers, blacklistS } });
  };
  const asked = (peer: SipPeer): number => peer.registers().length;

  it('leaves a silent primary alone for the blacklist duration, then asks it first again', () => {
    const { world, primary, backup } = duo({ settings: r21(300), peer: { maxExpiresS: 60 } });
    primary.fault = 'silent';
    const took = world.start().until(() => world.registeredOn('backup'), 10_000);
    assert.ok(took >= 4000 && took <= 4100, `${took} ms`);
    primary.fault = 'none';
    const before = [asked(primary), asked(backup)] as const;
    world.run(280_000);
    assert.equal(asked(primary), before[0]);
    assert.ok(asked(backup) > before[1], 'renewals went to the backup');
    world.until(() => world.registeredOn('primary'), 80_000);
    assert.equal(world.registeredOn('primary'), true);
    assert.equal(primary.options().length + backup.options().length, 0);
  });

  it('keeps no blacklist where its duration is 0: the next renewal leads home', () => {
    const { world, primary } = duo({ settings: r21(0), peer: { maxExpiresS: 60 } });
    primary.fault = 'silent';
    world.start().until(() => world.registeredOn('backup'), 10_000);
    primary.fault = 'none';
    const took = world.until(() => world.registeredOn('primary'), 60_000);
    assert.ok(took <= 46_000, `${took} ms`);
  });

  it('uses the first where all are blacklisted', () => {
    const { world, primary, backup } = duo({ settings: r21(3600) });
    primary.fault = 'silent';
    backup.fault = 'silent';
    world.start().run(8500);
    primary.fault = 'none';
    backup.fault = 'none';
    const before = asked(backup);
    world.run(125_000);
    assert.equal(world.registeredOn('primary'), true);
    assert.equal(asked(backup), before);
  });
});

describe('a setting changed at run time', () => {
  it('a backup set now is used at the next attempt, and nothing is lost meanwhile', () => {
    const lines = [lineSettings({ registrar: { primary: server('192.0.2.1', 5060), backup: null } })];
    const { world, primary } = duo({ settings: settings({ lines }) });
    world.start().run(1000);
    world.input({ kind: 'configure', settings: phoneSettings() });
    world.run(1000);
    assert.equal(world.registeredOn('primary'), true);
    assert.deepEqual(primary.location.bindings('2001', world.now).length, 1);
    primary.fault = 'killed';
    assert.ok(world.until(() => world.registeredOn('backup'), 20_000) > 0);
  });

  it('a global setting keeps the lines registered where they are', () => {
    const { world, primary } = duo();
    world.start().run(1000);
    const asked = primary.registers().length;
    world.input({ kind: 'configure', settings: settings({ failover: { probePeriodS: 6 } }) });
    world.run(2000);
    assert.equal(world.registeredOn('primary'), true);
    assert.equal(primary.registers().length, asked);
  });

  it('a line that is no longer configured is un-registered', () => {
    const { world, primary } = duo();
    world.start().run(1000);
    world.input({ kind: 'configure', settings: settings({ lines: [] }) });
    world.run(2000);
    assert.deepEqual(primary.location.bindings('2001', world.now), []);
  });
});

for (const profile of ['r2.0', 'r2.1'] as const)
  describe(`a line of ${profile} that all servers failed`, () => {
    it('waits for its timer, though DNS finds the backup again meanwhile', () => {
      const zone = new Zone();
      const registrar = { primary: server('192.0.2.1', 0), backup: server('spare.test', 5060) };
      const { world, primary } = duo({
        settings: settings({ lines: [lineSettings({ registrar })], failover: { profile } }),
        zone,
      });
      primary.fault = 'silent';
      world.start().until(() => world.registrar().state === 'waiting', 10_000);
      zone.a('spare.test', '192.0.2.2');
      world.until(() => world.registrar().lists.backup.length > 0, 60_000);
      const took = world.until(() => world.registeredOn('backup'), 200_000);
      assert.ok(world.now >= 120_000 && world.now <= 130_000, `after ${took} ms, at ${world.now} ms`);
    });
  });
