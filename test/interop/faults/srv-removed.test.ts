/** The SRV records that name the primary are deleted, later put back: at a fresh registration, a renewal, while idle, on the way home. */
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { AT_ONCE_MS, HOME_MS, IDLE_MS, PROBING, RENEWALS_MS, RENEWING } from '../support/moments.ts';
import { ADDRESSES } from '../support/network.ts';
import { until } from '../support/process.ts';
import { addressZone, usualZone } from '../support/servers.ts';
import type { Stage } from '../support/stage.ts';
import { openStage, START_MS } from '../support/stage.ts';
import { answered, asked } from '../support/wire.ts';

/** "No such record" is believed for as long as the zone says (5 s), and then asked anew; a loaded host takes thrice that. */
const ASKED_AGAIN_MS = 3 * 5000;

let stage: Stage;

/** The phone has heard that the records are gone. */
async function heard(past: number): Promise<void> {
  const { events } = stage.phone();
  const again = () => events.slice(past).filter(({ event }) => event === 'dns').length >= 2;
  await until('the question is asked again', again, START_MS + ASKED_AGAIN_MS);
}

describe('the SRV records of the primary are deleted', () => {
  before(() => {
    stage = openStage();
  });
  after(() => stage.close());
  afterEach(async () => {
    await stage.stopPhone();
    await stage.setZone(usualZone());
  });

  it('fresh registration: on the backup at once; way home: when the records are back', async (t) => {
    await stage.setZone(addressZone());
    const since = Date.now();
    stage.startPhone(PROBING);
    await stage.onServer('backup', START_MS);
    const first = await stage.packet(since, asked(ADDRESSES.backup));
    const took = (await stage.packet(since, answered(ADDRESSES.backup))) - first;
    assert.equal(stage.registersTo(ADDRESSES.primary, since), 0);
    assert.ok(took <= AT_ONCE_MS, `${took} ms`);
    const back = Date.now();
    await stage.setZone(usualZone());
    await stage.onServer('primary', ASKED_AGAIN_MS + HOME_MS);
    t.diagnostic(`home ${Math.round((await stage.packet(back, answered(ADDRESSES.primary))) - back)} ms after`);
  });

  it('idle: the binding holds while its server lives, and is watched: killed, the backup has the phone in time', async (t) => {
    const phone = stage.startPhone(PROBING);
    await stage.onServer('primary', START_MS);
    const since = Date.now();
    await stage.setZone(addressZone());
    await heard(phone.events.length);
    assert.equal(phone.serving(), 'primary');
    assert.equal(stage.registersTo(ADDRESSES.backup, since), 0);
    const broken = Date.now();
    await stage.primary().kill();
    try {
      await stage.onServer('backup', IDLE_MS);
    } finally {
      await stage.setPrimary();
    }
    const moved = (await stage.packet(broken, answered(ADDRESSES.backup))) - broken;
    t.diagnostic(`on the backup after ${Math.round(moved)} ms`);
    assert.ok(moved <= IDLE_MS, `${moved} ms`);
  });

  it('renewal: goes to what DNS names then, the backup; home when the records are back', async () => {
    stage.startPhone(RENEWING);
    await stage.onServer('primary', START_MS);
    await stage.setZone(addressZone());
    await stage.onServer('backup', ASKED_AGAIN_MS + RENEWALS_MS);
    await stage.setZone(usualZone());
    await stage.onServer('primary', ASKED_AGAIN_MS + RENEWALS_MS);
  });
});
