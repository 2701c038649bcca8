/** A key that watches a number: its lamp through renewals, failover and the way home (page 4-46, G7; rules 3.2, 4). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Notifier } from '../notifier.ts';
import { LINE, watchDesk, watchKey } from '../watch-desk.ts';

/** What goes to a server that is known to be dead goes once (rules 3.9). */
const ONCE = 'SUBSCRIBE backup dead';

describe('a key that watches a number', () => {
  it('says what the number does: idle off, ringing fast, busy on, held slow', () => {
    const desk = watchDesk();
    desk.world.run(100);
    assert.equal(desk.on(), 'active primary');
    assert.deepEqual(desk.asked(), ['primary fresh 3600']);
    for (const [state, lamp] of [
      ['ringing', 'fast-flash'],
      ['busy', 'on'],
      ['held', 'slow-flash'],
      ['idle', 'off'],
    ] as const) {
      desk.primary.set('2002', state);
      desk.world.run(50);
      assert.equal(desk.lamp(), lamp, state);
    }
  });

  it('moves to the backup when the primary dies, and comes home with it; the lamp stays true', () => {
    const desk = watchDesk();
    desk.world.run(30_000);
    desk.primary.set('2002', 'busy');
    desk.world.run(50);
    desk.world.kill(desk.primary);
    const moved = desk.world.until(() => desk.on() === 'active backup', 30_000);
    assert.ok(moved < 18_000, `moved after ${moved} ms`);
    assert.equal(desk.lamp(), 'on');
    desk.backup.set('2002', 'idle');
    desk.world.run(50);
    assert.equal(desk.lamp(), 'off');
    desk.primary.fault = 'none';
    const home = desk.world.until(() => desk.on() === 'active primary', 30_000);
    assert.ok(home < 18_000, `home after ${home} ms`);
    desk.world.run(1000);
    desk.primary.set('2002', 'ringing');
    desk.world.run(50);
    assert.equal(desk.lamp(), 'fast-flash');
    const moves = desk.world.events.flatMap(({ event }) =>
      (event.event === 'failover' || event.event === 'failback') && event.role === 'proxy' ? [event.event] : [],
    );
    assert.deepEqual(moves, ['failover', 'failback']);
  });

  it('asked for at a silent backup, by one copy that is lost, is asked for again as soon as that backup answers', () => {
    const { world, backup, ...desk } = watchDesk();
    world.run(30_000);
    for (const peer of [desk.primary, backup]) peer.fault = 'silent';
    const asksTheDead = (): boolean =>
      world.eventsOf('attempt').some(({ method, server, known }) => `${method} ${server} ${known}` === ONCE);
    world.until(asksTheDead, 600_000);
    world.run(1000);
    const failures = (): number =>
      world.eventsOf('target-failed').filter(({ target }) => target.includes('.2:')).length;
    const before = failures();
    backup.fault = 'none';
    const took = world.until(() => desk.on() === 'active backup', 600_000);
    assert.ok(took < 16_000, `${took} ms: a probe period and a second at most`);
    assert.equal(failures(), before, 'who has answered is not noted as silent for what was lost before');
  });

  it('is one of ten at servers that ask each for a password with one nonce: none is refused', () => {
    const numbers = Array.from({ length: 10 }, (_number, at) => String(2002 + at));
    const desk = watchDesk({ keys: numbers.map((number, at) => watchKey(number, at + 1)) });
    for (const peer of [desk.primary, desk.backup]) peer.asksPassword = true;
    const held = (server: string): number => numbers.filter((number) => desk.on(number) === `active ${server}`).length;
    desk.world.run(500);
    assert.equal(held('primary'), 10);
    desk.world.kill(desk.primary);
    desk.world.until(() => desk.world.eventsOf('failover').some(({ role }) => role === 'proxy'), 60_000);
    desk.world.run(500);
    assert.equal(held('backup'), 10);
    assert.deepEqual(
      desk.world.eventsOf('subscription').filter(({ state }) => state === 'failed'),
      [],
    );
  });

  for (const [what, registrar] of [
    ['though the line has no backup registrar', { ...LINE.registrar, backup: null }],
    ['that is no registrar', { primary: null, backup: null }],
  ] as const)
    it(`leaves a dead proxy in time, and comes home, ${what}`, () => {
      const desk = watchDesk({ lines: [{ ...LINE, registrar }] });
      desk.world.run(30_000);
      assert.equal(desk.on(), 'active primary');
      desk.world.kill(desk.primary);
      const moved = desk.world.until(() => desk.on() === 'active backup', 60_000);
      assert.ok(moved < 18_000, `moved after ${moved} ms`);
      desk.primary.fault = 'none';
      const home = desk.world.until(() => desk.on() === 'active primary', 60_000);
      assert.ok(home < 18_000, `home after ${home} ms`);
    });

  it('is told of by a proxy that is no registrar: the pages of servers show it, and how it is', () => {
    const desk = watchDesk({ lines: [{ ...LINE, registrar: { primary: null, backup: null } }] });
    desk.world.run(1000);
    const shown = (): readonly string[] =>
      desk.world.status().targets.map(({ server, name, health }) => `${server} ${name} ${health}`);
    assert.deepEqual(shown(), ['primary 192.0.2.1 live', 'backup 192.0.2.2 unknown']);
    desk.world.kill(desk.primary);
    desk.world.until(() => desk.on() === 'active backup', 60_000);
    assert.deepEqual(shown(), ['primary 192.0.2.1 dead', 'backup 192.0.2.2 live']);
    desk.world.press('right');
    desk.world.run(1100);
    assert.ok(desk.world.lcd.some((row) => row.includes('192.0.2.1')));
  });

  it('is not asked for with every probe where the better proxy answers probes and refuses subscriptions', () => {
    const desk = watchDesk();
    desk.world.run(30_000);
    desk.primary.status = 503;
    desk.primary.statusFor = 'SUBSCRIBE';
    for (const subscriber of [...desk.primary.subscribers]) desk.primary.end(subscriber, 'reason=deactivated');
    desk.world.until(() => desk.on() === 'active backup', 60_000);
    const before = desk.asked().length;
    desk.world.run(120_000);
    const asked = desk.asked().slice(before);
    assert.ok(asked.length <= 6, `${asked.length}: ${asked.join(', ')}`);
    desk.primary.status = null;
    desk.world.until(() => desk.on() === 'active primary', 400_000);
  });

  for (const [what, boundMs, refuse, mend] of [
    [
      'by a 503: its back-off of 30 s, a probe period and a second and a half later',
      30_000 + 15_000 + 1500,
      (primary) => Object.assign(primary, { status: 503, statusFor: 'SUBSCRIBE' }),
      (primary) => Object.assign(primary, { status: null }),
    ],
    [
      'by no NOTIFY: Timer N, a probe period and a second and a half later',
      32_000 + 15_000 + 1500,
      (primary) => Object.assign(primary, { notifies: 'never' }),
      (primary) => Object.assign(primary, { notifies: 'after' }),
    ],
  ] satisfies readonly [string, number, (primary: Notifier) => void, (primary: Notifier) => void][])
    it(`whose line has come home by probe, and whose own way home was refused once, is home without waiting for its refresh, ${what}`, () => {
      for (let seed = 1; seed <= 40; seed += 1) {
        const desk = watchDesk({}, { seed, panel: false });
        desk.world.run(40_000);
        desk.primary.fault = 'silent';
        desk.world.until(() => desk.on() === 'active backup', 60_000);
        desk.primary.fault = 'none';
        refuse(desk.primary);
        const before = desk.asked().length;
        desk.world.until(() => desk.asked().length > before, 60_000);
        const refusedAt = desk.world.now;
        desk.world.run(10);
        mend(desk.primary);
        assert.equal(desk.on(), 'active backup');
        desk.world.until(() => desk.on() === 'active primary', 600_000);
        const took = desk.world.now - refusedAt;
        assert.ok(took < boundMs + 100, `seed ${seed}: home ${took} ms after the refusal`);
      }
    });

  it('is counted on the page that says why: by which server, or by none', () => {
    const desk = watchDesk();
    desk.world.run(1000);
    desk.world.press('right');
    const row = (): string => desk.world.lcd.find((text) => text.includes('Lamps:'))?.trim() ?? '';
    assert.equal(row(), 'Lamps: 1 by the main server, 0 by the backup');
    desk.world.kill(desk.primary);
    desk.world.until(() => desk.on() === 'active backup', 60_000);
    desk.world.run(1100);
    assert.equal(row(), 'Lamps: 0 by the main server, 1 by the backup');
    desk.world.input({
      kind: 'command',
      id: 'x',
      command: { verb: 'subscribe', kind: 'blf', target: '9', line: null },
    });
    desk.backup.status = 403;
    desk.backup.statusFor = 'SUBSCRIBE';
    desk.world.run(1100);
    assert.equal(row(), 'Lamps: 0 by the main server, 1 by the backup, 1 by none');
  });

  it('goes on when a global setting starts SIP anew: one fresh subscription, no more', () => {
    const desk = watchDesk();
    desk.world.run(1000);
    desk.primary.set('2002', 'busy');
    desk.world.run(50);
    desk.world.input({ kind: 'configure', settings: { ...desk.world.settings, sendMac: true } });
    desk.world.run(2000);
    assert.equal(desk.on(), 'active primary');
    assert.equal(desk.lamp(), 'on');
    assert.deepEqual(desk.asked(), ['primary fresh 3600', 'primary fresh 3600']);
  });

  it('whose line goes is unsubscribed, and asks nobody any more', () => {
    const desk = watchDesk();
    desk.world.run(1000);
    desk.world.input({ kind: 'configure', settings: { ...desk.world.settings, keys: [] } });
    desk.world.run(1000);
    assert.deepEqual(desk.asked(), ['primary fresh 3600', 'primary refresh 0']);
    assert.equal(desk.on(), 'nothing');
  });

  it('waits while the link is down, and goes on with it', () => {
    const desk = watchDesk();
    desk.world.setLink('down');
    desk.world.run(10_000);
    assert.deepEqual(desk.asked(), []);
    desk.world.setLink('up');
    desk.world.run(3000);
    assert.equal(desk.on(), 'active primary');
  });

  it('that falls due while the link is down is refreshed in its dialog when it is up: nothing leaves meanwhile', () => {
    const desk = watchDesk();
    for (const peer of [desk.primary, desk.backup]) peer.grantsS = 600;
    desk.world.run(550_000);
    desk.world.setLink('down');
    desk.world.run(40_000);
    assert.deepEqual(desk.asked(), ['primary fresh 3600']);
    desk.world.setLink('up');
    desk.world.run(3000);
    assert.deepEqual(desk.asked(), ['primary fresh 3600', 'primary refresh 3600']);
    assert.equal(desk.on(), 'active primary');
  });

  it('that falls due while no send finds a network goes on by itself, though nobody says when there is one', () => {
    for (const outageMs of [100_000, 1_000_000]) {
      const desk = watchDesk();
      for (const peer of [desk.primary, desk.backup]) peer.grantsS = 600;
      desk.world.run(550_000);
      desk.world.net.routed = false;
      desk.world.run(outageMs);
      desk.world.net.routed = true;
      desk.world.until(() => desk.on() === 'active primary' && desk.asked().length > 1, 60_000);
      desk.primary.set('2002', 'busy');
      desk.world.run(50);
      assert.equal(desk.lamp(), 'on');
    }
  });
});
