/** Ten subscriptions, and the SRV records that name the primary are deleted, later put back: at the start, while idle, at a renewal, on the way home. */
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import type { Watcher } from '../support/lamp-moments.ts';
import { WATCHING, watcher } from '../support/lamp-moments.ts';
import { EXPIRES_S, HOME_MS, IDLE_MS, openOver, PROBING, RENEWALS_MS, RENEWING, said } from '../support/moments.ts';
import { ADDRESSES } from '../support/network.ts';
import { until } from '../support/process.ts';
import { addressZone, usualZone } from '../support/servers.ts';
import type { Stage } from '../support/stage.ts';
import { START_MS } from '../support/stage.ts';
import { asked } from '../support/wire.ts';

/** "No such record" is believed for as long as the zone says (5 s), and then asked anew; a loaded host takes thrice that. */
const ASKED_AGAIN_MS = 3 * 5000;

let stage: Stage;
let watch: Watcher;

const askedFor = (address: string, since: number): number =>
  stage.seen().filter((one) => one.at >= since && asked(address, 'SUBSCRIBE')(one)).length;

describe('lamps, the SRV records of the primary are deleted', () => {
  before(async () => {
    ({ stage } = await openOver('udp', { presence: 'udp', expiresS: EXPIRES_S }));
    watch = watcher(stage);
    await stage.primaryStarts();
  });
  after(() => stage.close());
  afterEach(async () => {
    await stage.stopPhone();
    await stage.setZone(usualZone());
  });

  it('a start: ten on the backup, the primary is asked nothing; home when the records are back', async () => {
    await stage.setZone(addressZone());
    const since = Date.now();
    const phone = stage.startPhone([...PROBING, ...WATCHING], { board: 'virtual' });
    await watch.all('backup', 0, START_MS);
    // What is published holds no longer than a subscription.
    watch.publish('backup', 'first');
    await watch.lit('first');
    assert.equal(askedFor(ADDRESSES.primary, since), 0);
    const past = phone.events.length;
    await stage.setZone(usualZone());
    await watch.all('primary', past, ASKED_AGAIN_MS + HOME_MS);
    watch.publish('primary', 'first');
    await watch.lit('first');
  });

  it('idle: what is in force is watched where it is; killed, the ten are on the backup in time', async (t) => {
    const phone = stage.startPhone([...PROBING, ...WATCHING], { board: 'virtual' });
    await watch.all('primary', 0, START_MS);
    await stage.setZone(addressZone());
    const asks = phone.events.length;
    const again = () => phone.events.slice(asks).filter(({ event }) => event === 'dns').length >= 2;
    await until('the question is asked again', again, START_MS + ASKED_AGAIN_MS);
    const past = phone.events.length;
    const broken = Date.now();
    await stage.primary().kill();
    try {
      await watch.all('backup', past, IDLE_MS);
      said(t, 'ten on the backup', Date.now() - broken, IDLE_MS);
      watch.publish('backup', 'first');
      await watch.lit('first');
    } finally {
      await stage.setPrimary();
    }
  });

  it('a renewal that fails goes to what DNS names then, the backup; home when the records are back', async () => {
    const phone = stage.startPhone([...RENEWING, ...WATCHING], { board: 'virtual' });
    await watch.all('primary', 0, START_MS);
    const past = phone.events.length;
    await stage.setZone(addressZone());
    await stage.primary().kill();
    try {
      await watch.all('backup', past, ASKED_AGAIN_MS + RENEWALS_MS);
    } finally {
      await stage.setPrimary();
    }
    const back = phone.events.length;
    await stage.setZone(usualZone());
    await watch.all('primary', back, ASKED_AGAIN_MS + RENEWALS_MS);
    watch.publish('primary', 'first');
    await watch.lit('first');
  });
});
