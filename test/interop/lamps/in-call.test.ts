/** Ten subscriptions on the backup, and a call through it: the primary that is back gets neither registration nor lamps before the call is over. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import type { Watcher } from '../support/lamp-moments.ts';
import { WATCHING, watcher } from '../support/lamp-moments.ts';
import { HOME_MS, IDLE_MS, openOver, PERIOD_S, PROBING, said } from '../support/moments.ts';
import { ADDRESSES } from '../support/network.ts';
import { seat } from '../support/party.ts';
import type { Stage } from '../support/stage.ts';
import { START_MS } from '../support/stage.ts';
import { answered, asked } from '../support/wire.ts';

/** Home would have been found twice over. */
const LONG_ENOUGH_MS = 3 * PERIOD_S * 1000;

/** No renewal falls into the call: that would be a way home too. */
const TALKING = [...PROBING, 'sip registration period: 3600'];

let stage: Stage;
let watch: Watcher;

describe('the way home of lamps during a call', () => {
  before(async () => {
    ({ stage } = await openOver('udp', { presence: 'udp', carriesCalls: true }));
    watch = watcher(stage);
    await stage.primaryStarts();
  });
  after(() => stage.close());

  it('waits for its end, and is taken then', async (t) => {
    const phone = stage.startPhone([...TALKING, ...WATCHING], { board: 'virtual' });
    const ben = seat(stage, 'second', [...TALKING, ...WATCHING.slice(0, 4)]);
    await Promise.all([watch.all('primary', 0, START_MS), ben.on('primary')]);
    await stage.event('a probe is answered', ({ event }) => event === 'probe', START_MS);
    const past = phone.events.length;
    await stage.primary().kill();
    await Promise.all([watch.all('backup', past, IDLE_MS), ben.on('backup')]);
    phone.say(`dial ${ben.user}`);
    await ben.call('ringing');
    await ben.phone.ask('answer');
    await stage.event('the call is connected', (one) => one.event === 'call' && one.state === 'connected', START_MS);

    await stage.setPrimary();
    const back = Date.now();
    await stage.packet(back, answered(ADDRESSES.primary, 'OPTIONS'));
    await pause(LONG_ENOUGH_MS);
    const strayed = stage
      .seen()
      .filter(
        (one) => one.at >= back && ['SUBSCRIBE', 'REGISTER'].some((method) => asked(ADDRESSES.primary, method)(one)),
      );
    assert.deepEqual(strayed, [], 'nothing of a line that talks goes home');
    const during = phone.events.length;
    const over = Date.now();
    await phone.ask('hangup');
    await watch.all('primary', during, HOME_MS);
    await stage.onServer('primary', HOME_MS);
    said(t, 'home after the call', Date.now() - over, HOME_MS);
  });
});
