/** The clock of the wall jumps, as it does when a time server is found or a battery was empty: no timer of the phone goes by it. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { PhoneSettings } from '../../../firmware/config/settings.ts';
import { lineSettings } from '../../support/settings.ts';
import { PAIR } from '../rung.ts';
import type { WatchDesk } from '../watch-desk.ts';
import { watchDesk } from '../watch-desk.ts';

const NOW = 1_772_534_520_000;
const HOUR = 3_600_000;
const JUMPS: readonly (readonly [string, number | null])[] = [
  ['five hours forward', NOW + 5 * HOUR],
  ['five hours back', NOW - 5 * HOUR],
  ['ten years forward', NOW + 87_600 * HOUR],
  ['to before it was ever set', null],
];
/** Registered, watched, with a call; then the primary dies, and comes back. */
const PHASES: readonly (readonly [string, number])[] = [
  ['at the first request', 0],
  ['when all is well', 60_000],
  ['while the backup is sought', 120_700],
  ['on the backup', 150_000],
  ['on the way home', 240_600],
];
const LINE = lineSettings({ registrar: PAIR, proxy: PAIR, registrationPeriodS: 120 });

function story(
  jump: { readonly at: number; readonly to: number | null } | null,
  over: Partial<PhoneSettings> = {},
): WatchDesk {
  const desk = watchDesk({ lines: [LINE], ...over });
  const { world, primary } = desk;
  if (jump !== null) world.at(jump.at, () => world.input({ kind: 'wall-clock', wallMs: jump.to }));
  world.at(120_000, () => {
    primary.fault = 'silent';
  });
  world.at(240_000, () => {
    primary.fault = 'none';
  });
  world.run(600_000);
  return desk;
}

const wires = ({ world }: WatchDesk): readonly string[] =>
  world.sent().map(({ at, flow, message }) => `${Math.round(at)} ${message.method} ${flow}`);

describe('the clock of the wall jumps', () => {
  const undisturbed = wires(story(null));

  for (const [how, to] of JUMPS)
    for (const [when, at] of PHASES)
      it(`${how} ${when}: every packet leaves at its moment, none is lost, none comes twice`, () => {
        const desk = story({ at, to });
        assert.deepEqual(wires(desk), undisturbed);
        assert.ok(desk.world.registeredOn('primary'));
        assert.equal(desk.on(), 'active primary');
      });

  it('of a phone of a fleet, whose turn goes by it: still one attempt, within its window', () => {
    for (const [how, to] of JUMPS)
      for (const at of [0, 130_000, 245_000, 270_000]) {
        const failover = { ...watchDesk().world.settings.failover, jitterS: 60 };
        const desk = story({ at, to }, { mac: '00085D123456', failover });
        const moved = desk.world.eventsOf('failover').filter(({ role }) => role === 'registrar');
        const home = desk.world.eventsOf('failback').filter(({ role }) => role === 'registrar');
        assert.deepEqual([moved.length, home.length], [1, 1], `${how} at ${at}`);
        assert.ok(desk.world.registeredOn('primary'));
        assert.equal(desk.on(), 'active primary');
      }
  });
});
