/** The way home by probe is never taken during a call of that line (rules 4, "the way home"): registration and lamps go when it is over. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { phoneSettings } from '../../support/settings.ts';
import { lineSettings } from '../../support/settings.ts';
import type { WatchDesk } from '../watch-desk.ts';
import { LINE, watchDesk, watchKey } from '../watch-desk.ts';

const PERIODS_MS = 4 * 15_500;
/** rules 4: period + jitter + 1 s, the confirming probe among it. */
const HOME_MS = 17_000;

/** On the backup in every respect, the primary dead. */
function onBackup(settings: Parameters<typeof phoneSettings>[0] = {}): WatchDesk {
  const desk = watchDesk({ lines: [LINE], keys: [watchKey('2002')], ...settings });
  desk.world.run(20_000);
  desk.primary.fault = 'silent';
  desk.world.run(200_000);
  assert.deepEqual(places(desk), ['backup', 'active backup']);
  return desk;
}

const places = (desk: WatchDesk): readonly string[] => [
  desk.world.registeredOn('primary', 1) ? 'primary' : desk.world.registeredOn('backup', 1) ? 'backup' : 'nowhere',
  desk.on(),
];

const order = ({ world }: WatchDesk, command: object): void =>
  void world.input({ kind: 'command', id: 'x', command: command as never });

describe('the way home during a call', () => {
  it('waits for its end, for the registration and for lamps, and is taken then', () => {
    const desk = onBackup();
    order(desk, { verb: 'dial', target: '200', line: 1 });
    desk.world.run(3000);
    assert.equal(desk.world.eventsOf('call').at(-1)?.state, 'connected');
    desk.primary.fault = 'none';
    desk.world.run(PERIODS_MS);
    assert.deepEqual(places(desk), ['backup', 'active backup']);
    order(desk, { verb: 'hangup', call: null });
    desk.world.run(HOME_MS);
    assert.deepEqual(places(desk), ['primary', 'active primary']);
  });

  it('that begins while a return is planned comes first', () => {
    const failover = { jitterS: 60 };
    const desk = onBackup({ failover });
    desk.primary.fault = 'none';
    desk.world.run(16_500);
    desk.primary.statusFor = 'INVITE';
    desk.primary.status = 503;
    order(desk, { verb: 'dial', target: '200', line: 1 });
    desk.world.run(2 * 60_000);
    assert.deepEqual(places(desk), ['backup', 'active backup']);
    order(desk, { verb: 'hangup', call: null });
    desk.world.run(15_500 + 2 * 60_000 + 2000);
    assert.deepEqual(places(desk), ['primary', 'active primary']);
  });

  it('of another line holds up nobody else', () => {
    const other = lineSettings({ ...LINE, line: 2, userName: '2002' });
    const desk = onBackup({ lines: [LINE, other] });
    order(desk, { verb: 'dial', target: '200', line: 2 });
    desk.world.run(3000);
    desk.primary.fault = 'none';
    desk.world.run(HOME_MS);
    assert.deepEqual(places(desk), ['primary', 'active primary']);
    assert.ok(desk.world.registeredOn('backup', 2), 'the line of the call stays where it is');
  });
});
