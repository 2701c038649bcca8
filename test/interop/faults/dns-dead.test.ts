/** The name server dies: what was learnt from it serves on, for a fresh registration, a renewal, a fault while idle and the way home. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { HOME_MS, IDLE_MS, PROBING, RENEWALS_MS, RENEWING } from '../support/moments.ts';
import { ADDRESSES } from '../support/network.ts';
import { until } from '../support/process.ts';
import { usualZone } from '../support/servers.ts';
import type { Stage } from '../support/stage.ts';
import { openStage, START_MS } from '../support/stage.ts';
import { answered } from '../support/wire.ts';

/** The records of the zone live for 5 s. */
const TTL_OVER_MS = 6000;

let stage: Stage;

const timed = async (address: string, since: number): Promise<number> =>
  (await stage.packet(since, answered(address))) - since;

function stored(): string {
  const file = join(stage.folder, 'state', 'dns.json');
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}

describe('the name server is dead', () => {
  before(() => {
    stage = openStage();
  });
  after(() => stage.close());
  afterEach(async () => {
    await stage.stopPhone();
    await stage.setZone(usualZone());
  });

  it('fresh registration: a phone that starts anew uses what it had stored', async (t) => {
    stage.startPhone(PROBING);
    await stage.onServer('primary', START_MS);
    await until('what DNS said is on the disk', () => stored().includes(ADDRESSES.primary), START_MS);
    await stage.stopPhone();
    await stage.setZone(null);
    const since = Date.now();
    stage.startPhone(PROBING, { keepsState: true });
    await stage.onServer('primary', START_MS);
    t.diagnostic(`fresh registration ${await timed(ADDRESSES.primary, since)} ms after the process began`);
    assert.equal(stage.registersTo(ADDRESSES.backup, since), 0);
  });

  it('renewal: goes on at the primary when the TTL is over', async () => {
    stage.startPhone(RENEWING);
    await stage.onServer('primary', START_MS);
    await stage.setZone(null);
    await pause(TTL_OVER_MS);
    const since = Date.now();
    await stage.packet(since, answered(ADDRESSES.primary));
    assert.equal(stage.registersTo(ADDRESSES.backup, since), 0);
  });

  it('idle: a primary that freezes is left in time; way home: found in time', async (t) => {
    stage.startPhone(PROBING);
    await stage.onServer('primary', START_MS);
    await stage.event('a probe is answered', ({ event }) => event === 'probe', START_MS);
    await stage.setZone(null);
    await pause(TTL_OVER_MS);
    const broken = Date.now();
    let thawed = broken;
    stage.primary().signal('SIGSTOP');
    try {
      await stage.onServer('backup', IDLE_MS);
    } finally {
      // Before it wakes: its answer to what waited for it may be there at once.
      thawed = Date.now();
      stage.primary().signal('SIGCONT');
    }
    const moved = await timed(ADDRESSES.backup, broken);
    await stage.onServer('primary', HOME_MS);
    const home = await timed(ADDRESSES.primary, thawed);
    t.diagnostic(`on the backup after ${Math.round(moved)} ms, home after ${Math.round(home)} ms`);
    assert.ok(moved <= IDLE_MS && home <= HOME_MS, `${moved} ms, ${home} ms`);
  });

  it('renewal with a killed primary, DNS dead besides: the backup has the phone', async () => {
    stage.startPhone(RENEWING);
    await stage.onServer('primary', START_MS);
    await stage.setZone(null);
    await stage.primary().kill();
    try {
      await stage.onServer('backup', RENEWALS_MS);
    } finally {
      await stage.setPrimary();
    }
    await stage.onServer('primary', RENEWALS_MS);
  });
});
