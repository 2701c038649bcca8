/** Many keys on one phone: how fast they ask, move and come home, and in which order (rules 4, "subscriptions"; conformance H23). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { KeySetting } from '../../../firmware/config/key-settings.ts';
import type { WatchDesk } from '../watch-desk.ts';
import { LINE, watchDesk, watchKey } from '../watch-desk.ts';
import type { Checker } from '../world.ts';

const keys = (count: number): readonly KeySetting[] =>
  Array.from({ length: count }, (_key, index) => watchKey(String(3000 + index), index + 1));

const on = ({ world }: WatchDesk, server: string): number =>
  world.status().subscriptions.filter((each) => each.state === 'active' && each.server === server).length;

/** When attempts started: the first send of each, and refreshes in a dialog. */
function starts({ world }: WatchDesk): readonly number[] {
  const fresh = world.events.flatMap(({ at, event }) =>
    event.event === 'attempt' &&
    event.method === 'SUBSCRIBE' &&
    event.reason !== 'hedge' &&
    event.reason !== 'challenge'
      ? [at]
      : [],
  );
  const vias = new Set<string>();
  const refreshes = world.sent('SUBSCRIBE').flatMap(({ at, message }) => {
    const value = (name: string): string => message.headers.find((header) => header.name === name)?.value ?? '';
    if (!/;tag=/.test(value('To')) || value('Expires') === '0' || vias.has(value('Via'))) return [];
    vias.add(value('Via'));
    return [at];
  });
  return [...fresh, ...refreshes].sort((a, b) => a - b);
}

const mostInASecond = (times: readonly number[]): number =>
  Math.max(...times.map((from) => times.filter((at) => at >= from && at < from + 1000).length));

const failoverAt = ({ world }: WatchDesk): number =>
  world.events.find(({ event }) => event.event === 'failover' && event.role === 'proxy')?.at ??
  assert.fail('no failover');

describe('ten keys', () => {
  it('are on the backup within 0.5 s of the failover, the primary known to be dead', () => {
    const desk = watchDesk({ keys: keys(10) });
    desk.world.run(40_000);
    assert.equal(on(desk, 'primary'), 10);
    desk.world.kill(desk.primary);
    desk.world.until(() => on(desk, 'backup') === 10, 60_000);
    assert.ok(desk.world.now - failoverAt(desk) <= 500, `${desk.world.now - failoverAt(desk)} ms`);
  });

  it('are there within 0.5 s and H where silence was noticed by one of them', () => {
    const desk = watchDesk({ keys: keys(10), failover: { probePeriodS: 0 } });
    for (const peer of [desk.primary, desk.backup]) peer.grantsS = 600;
    desk.world.run(40_000);
    desk.primary.fault = 'silent';
    desk.world.until(() => on(desk, 'backup') === 10, 1_200_000);
    assert.ok(desk.world.now - failoverAt(desk) <= 500 + 2000, `${desk.world.now - failoverAt(desk)} ms`);
  });

  it('a call that goes through the backup takes them along', () => {
    const desk = watchDesk({ keys: keys(10), failover: { probePeriodS: 0 } });
    desk.world.run(40_000);
    desk.primary.fault = 'killed';
    desk.world.input({ kind: 'command', id: 'x', command: { verb: 'dial', target: '200', line: null } });
    desk.world.until(() => on(desk, 'backup') === 10, 10_000);
    assert.ok(desk.world.now - 40_000 < 1500, String(desk.world.now));
  });
});

describe('while one packet of five is lost', () => {
  it('and silence is hardly waited for, ten keys change their server over and over, and nobody sees it', () => {
    let dark = 0;
    const looksOn: Checker = (world) => ({
      settled() {
        if (world.now > 60_000 && (world.lcd.at(-1) ?? '').includes('?')) dark += 1;
      },
    });
    const desk = watchDesk({ keys: keys(10), failover: { hedgeLimitMs: 300 } }, { seed: 5, checkers: [looksOn] });
    desk.world.run(60_000);
    const { length: before } = starts(desk);
    desk.world.net.weather = { ...desk.world.net.weather, loss: 0.2, delayMs: 30 };
    desk.world.run(600_000);
    const moves = desk.world.eventsOf('failover').filter(({ role }) => role === 'proxy').length;
    assert.ok(moves > 5 && starts(desk).length - before > 50, `${moves} moves`);
    assert.equal(dark, 0);
    assert.ok(desk.world.eventsOf('subscription').every(({ state }) => state !== 'terminated'));
    assert.ok(mostInASecond(starts(desk)) <= 30, String(mostInASecond(starts(desk))));
  });
});

describe('a hundred keys', () => {
  it('start, move and come home at 20 a second and no more than 30 in any, each once', () => {
    const desk = watchDesk({ keys: keys(100) }, { panel: false });
    desk.world.run(5000);
    assert.equal(on(desk, 'primary'), 100);
    desk.world.run(30_000);
    const asked = starts(desk).length;
    assert.equal(asked, 100);
    desk.world.kill(desk.primary);
    desk.world.until(() => on(desk, 'backup') === 100, 60_000);
    const moved = desk.world.now - failoverAt(desk);
    assert.ok(moved <= 6000, `${moved} ms`);
    assert.equal(starts(desk).length - asked, 100);
    desk.primary.fault = 'none';
    desk.world.until(() => on(desk, 'primary') === 100, 60_000);
    desk.world.run(5000);
    assert.equal(desk.backup.subscribers.length, 0);
    assert.ok(mostInASecond(starts(desk)) <= 30, String(mostInASecond(starts(desk))));
  });

  it('renewals that are due together are spread as well', () => {
    const desk = watchDesk({ keys: keys(100) }, { panel: false });
    for (const peer of [desk.primary, desk.backup]) peer.grantsS = 60;
    desk.world.run(600_000);
    assert.equal(on(desk, 'primary'), 100);
    assert.ok(mostInASecond(starts(desk)) <= 30, String(mostInASecond(starts(desk))));
  });

  it('waiting messages and what rings come before the others', () => {
    const desk = watchDesk({ keys: keys(60), lines: [{ ...LINE, explicitMwi: true }] }, { panel: false });
    desk.world.run(30_000);
    desk.primary.set('3055', 'ringing');
    desk.world.run(100);
    const before = desk.world.sent('SUBSCRIBE').length;
    desk.world.kill(desk.primary);
    desk.world.until(() => on(desk, 'backup') === 61, 60_000);
    const order = desk.world
      .sent('SUBSCRIBE')
      .slice(before)
      .filter(({ flow }) => flow.includes('192.0.2.2:'))
      .map(({ message }) => message.uri.replace(/^sip:(\d+)@.*/, '$1'));
    assert.deepEqual(order.slice(0, 2), ['2001', '3055']);
  });
});

describe('the profiles of the original', () => {
  for (const profile of ['r2.0', 'r2.1'] as const)
    it(`${profile}: each moves at its own refresh, after the transaction timer`, () => {
      const desk = watchDesk({ keys: keys(2), failover: { profile } });
      for (const peer of [desk.primary, desk.backup]) peer.grantsS = 600;
      desk.world.run(10_000);
      desk.primary.fault = 'silent';
      desk.world.run(280_000);
      assert.equal(on(desk, 'primary'), 2);
      desk.world.run(320_000);
      assert.equal(on(desk, 'backup'), 2);
      desk.primary.fault = 'none';
      desk.world.run(1_200_000);
      assert.equal(on(desk, 'primary'), 2);
    });

  for (const profile of ['r2.0', 'r2.1'] as const)
    it(`${profile} over TCP: a lamp whose connection breaks says what was told last until its refresh opens another`, () => {
      const desk = watchDesk({ keys: keys(1), transport: 2, failover: { profile } });
      const [number] = keys(1).map(({ value }) => value) as [string];
      desk.primary.grantsS = 600;
      desk.world.run(10_000);
      desk.primary.set(number, 'busy');
      desk.world.run(1000);
      desk.world.streams.hangUp(desk.primary);
      desk.world.run(1000);
      desk.primary.set(number, 'held');
      desk.world.run(200_000);
      assert.deepEqual(desk.asked(), ['primary fresh 3600']);
      assert.equal(desk.lamp(), 'on');
      desk.world.run(400_000);
      assert.deepEqual(desk.asked(), ['primary fresh 3600', 'primary refresh 3600']);
      assert.equal(desk.lamp(), 'slow-flash');
    });

  it('r2.1: renewed on the backup while the primary stands on the blacklist, which is not asked meanwhile', () => {
    const desk = watchDesk({ keys: keys(1), failover: { profile: 'r2.1' }, timers: { blacklistS: 2000 } });
    for (const peer of [desk.primary, desk.backup]) peer.grantsS = 600;
    desk.world.run(10_000);
    desk.primary.fault = 'silent';
    desk.world.until(() => on(desk, 'backup') === 1, 700_000);
    const asked = desk.asked().length;
    desk.world.run(650_000);
    assert.deepEqual(desk.asked().slice(asked), ['backup refresh 3600']);
  });
});
