/** Ten subscriptions, and the name server dies: what was learnt from it serves them on, at a renewal, through a fault and home. */

import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import type { Watcher } from '../support/lamp-moments.ts';
import { WATCHING, watcher } from '../support/lamp-moments.ts';
import { EXPIRES_S, HOME_MS, IDLE_MS, openOver, PROBING, RENEWALS_MS, RENEWING, said } from '../support/moments.ts';
import { ADDRESSES } from '../support/network.ts';
import { usualZone } from '../support/servers.ts';
import type { Stage } from '../support/stage.ts';
import { START_MS } from '../support/stage.ts';
import { answered, asked } from '../support/wire.ts';

/** The records of the zone live for 5 s. */
const TTL_OVER_MS = 6000;

let stage: Stage;
let watch: Watcher;

describe('lamps, the name server is dead', () => {
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

  it('idle: a primary that freezes is left in time, and home is found in time', async (t) => {
    const phone = stage.startPhone([...PROBING, ...WATCHING], { board: 'virtual' });
    await watch.all('primary', 0, START_MS);
    await stage.event('a probe is answered', ({ event }) => event === 'probe', START_MS);
    await stage.setZone(null);
    await pause(TTL_OVER_MS);
    const past = phone.events.length;
    const broken = Date.now();
    stage.primary().signal('SIGSTOP');
    let thawed = broken;
    try {
      await watch.all('backup', past, IDLE_MS);
      said(
        t,
        'ten on the backup',
        (await stage.packet(broken, asked(ADDRESSES.backup, 'SUBSCRIBE'))) - broken,
        IDLE_MS,
      );
      watch.publish('backup', 'second');
      await watch.lit('second');
    } finally {
      thawed = Date.now();
      stage.primary().signal('SIGCONT');
    }
    await watch.all('primary', phone.events.length, HOME_MS);
    said(t, 'ten at home', Date.now() - thawed, HOME_MS);
    // What is published holds no longer than a subscription.
    watch.publish('primary', 'first');
    await watch.lit('first');
  });

  it('renewals go on at the primary when the TTL is over, and the backup is asked nothing', async () => {
    stage.startPhone([...RENEWING, ...WATCHING], { board: 'virtual' });
    await watch.all('primary', 0, START_MS);
    await stage.setZone(null);
    await pause(TTL_OVER_MS);
    const since = Date.now();
    await stage.packet(since, answered(ADDRESSES.primary, 'SUBSCRIBE'));
    assert.equal(stage.seen().filter((one) => one.at >= since && asked(ADDRESSES.backup, 'SUBSCRIBE')(one)).length, 0);
    watch.publish('primary', 'second');
    await watch.lit('second');
  });

  it('a killed primary besides: ten begin anew at the backup, and a renewal comes home', async () => {
    const phone = stage.startPhone([...RENEWING, ...WATCHING], { board: 'virtual' });
    await watch.all('primary', 0, START_MS);
    await stage.setZone(null);
    const past = phone.events.length;
    await stage.primary().kill();
    try {
      await watch.all('backup', past, RENEWALS_MS);
    } finally {
      await stage.setPrimary();
    }
    await watch.all('primary', phone.events.length, RENEWALS_MS);
  });
});
