/** The cable is out, in every phase of a phone's life: nothing leaves meanwhile, nobody is blamed, and all is well again by itself (rules 4, "Link down"). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { lineSettings } from '../../support/settings.ts';
import { PAIR } from '../rung.ts';
import type { WatchDesk } from '../watch-desk.ts';
import { watchDesk } from '../watch-desk.ts';

const LINE = lineSettings({ registrar: PAIR, proxy: PAIR, registrationPeriodS: 120 });

/** What has happened before the cable is pulled. `ms`: since the start. */
const PHASES: readonly (readonly [string, (desk: WatchDesk) => void])[] = [
  ['before anything is answered', () => undefined],
  [
    'between a challenge and its answer',
    ({ world, primary }) => {
      primary.delayMs = 300;
      world.run(400);
    },
  ],
  ['registered and watching', ({ world }) => void world.run(30_000)],
  [
    'in a renewal',
    ({ world, primary }) => {
      world.run(5000);
      primary.delayMs = 300;
      const before = primary.registers().length;
      world.until(() => primary.registers().length > before, 200_000);
    },
  ],
  [
    'while a silent primary is waited for',
    ({ world, primary }) => {
      world.run(5000);
      primary.fault = 'silent';
      world.run(100_200);
    },
  ],
  [
    'on the backup',
    ({ world, primary }) => {
      primary.fault = 'killed';
      world.run(60_000);
    },
  ],
  [
    'when all have failed',
    ({ world, primary, backup }) => {
      primary.fault = 'silent';
      backup.fault = 'silent';
      world.run(90_000);
    },
  ],
  [
    'when it was refused',
    ({ world, primary }) => {
      primary.status = 403;
      primary.statusFor = 'REGISTER';
      world.run(5000);
    },
  ],
  [
    'on the way home',
    ({ world, primary }) => {
      primary.fault = 'killed';
      world.run(60_000);
      primary.fault = 'none';
      world.until(() => world.eventsOf('failback').length > 0, 60_000);
    },
  ],
];

for (const [when, lead] of PHASES)
  for (const downMs of [10, 3000, 4_000_000])
    describe(`the link goes down ${when}, for ${downMs} ms`, () => {
      it('nothing leaves, no server is marked, and afterwards the phone is home and its lamp tells the truth', () => {
        const desk = watchDesk({ lines: [LINE] }, { seed: downMs });
        const { world, primary, backup } = desk;
        lead(desk);
        world.setLink('down');
        const [sent, failed] = [world.sent().length, world.eventsOf('target-failed').length];
        world.run(downMs);
        assert.equal(world.sent().length, sent, 'nothing leaves');
        assert.equal(world.eventsOf('target-failed').length, failed, 'nobody is blamed');
        for (const peer of [primary, backup]) Object.assign(peer, { fault: 'none', status: null, delayMs: 0 });
        primary.set('2002', 'busy');
        world.setLink('up');
        world.run(60_000);
        assert.ok(world.registeredOn('primary'), world.story(10));
        assert.equal(desk.on(), 'active primary', world.story(10));
        assert.equal(desk.lamp(), 'on');
      });
    });
