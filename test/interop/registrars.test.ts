/** The phone between two real registrars and a real name server, in a network of its own: each way to fail, timed from packets. */
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { ADDRESSES } from './support/network.ts';
import { until } from './support/process.ts';
import { addressZone, usualZone } from './support/servers.ts';
import type { Stage } from './support/stage.ts';
import { FAULTS, H_MS, openStage, START_MS } from './support/stage.ts';

const PERIOD_S = 5;
/** rules 4: noticed while idle, and the way home; a loaded host may take three times as long. */
const IDLE_MS = 3 * (PERIOD_S * 1000 + 2 * H_MS + 500);
const HOME_MS = 3 * (PERIOD_S * 1000 + 1000 + 1000);
/** rules 4: with a request in hand and one silent target. */
const FRESH_MS = 3 * (H_MS + 1000);

const PARAMETERS = [`failover probe period: ${PERIOD_S}`, 'sip registration period: 60'];

let stage: Stage;

/** A server is judged by probes once it has answered one (rules 4, "probe"). */
const probed = () => stage.event('a probe is answered', ({ event }) => event === 'probe', START_MS);

describe('two Kamailio registrars and BIND, in network namespaces', () => {
  before(() => {
    stage = openStage();
  });
  after(() => stage.close());
  afterEach(() => stage.stopPhone());

  for (const name of FAULTS) {
    it(`primary ${name} while idle: on the backup in time, home in time, no binding refreshed twice`, async (t) => {
      const { begin, end } = stage.fault(name);
      const { events } = stage.startPhone(PARAMETERS);
      await stage.onServer('primary', START_MS);
      await probed();
      const past = events.length;
      await begin();
      const failedAt = Date.now();
      await stage.onServer('backup', IDLE_MS);
      const moved = (await stage.packetAfter(failedAt, ADDRESSES.backup, ADDRESSES.phone, '200')) - failedAt;
      assert.ok(moved <= IDLE_MS, `${moved} ms`);
      const asked = stage.walked(past);
      assert.equal(asked[0], 'primary', 'the primary is asked first');
      assert.ok(asked.includes('backup'), `then the backup: ${asked.join(' ')}`);
      await end();
      const backAt = Date.now();
      await stage.onServer('primary', START_MS + HOME_MS);
      const home = (await stage.packetAfter(backAt, ADDRESSES.primary, ADDRESSES.phone, '200')) - backAt;
      t.diagnostic(`on the backup after ${Math.round(moved)} ms, home after ${Math.round(home)} ms, by packets`);
      await stage.event(
        'the binding at the backup is removed',
        ({ event, server }) => event === 'unregistered' && server === 'backup',
        HOME_MS,
      );
    });

    it(`primary ${name} at the start: the backup has the phone in time`, async (t) => {
      const { begin, end } = stage.fault(name);
      await begin();
      try {
        stage.startPhone(PARAMETERS);
        const since = Date.now();
        await stage.onServer('backup', START_MS + FRESH_MS);
        const first = await stage.packetAfter(since, ADDRESSES.phone, ADDRESSES.backup, 'REGISTER');
        const bound = (await stage.packetAfter(since, ADDRESSES.backup, ADDRESSES.phone, '200')) - first;
        t.diagnostic(`bound ${Math.round(bound)} ms after the first REGISTER to the backup`);
        assert.ok(bound <= FRESH_MS, `${bound} ms`);
      } finally {
        await end();
      }
      await stage.onServer('primary', START_MS + HOME_MS);
    });
  }

  it('over TCP a primary that dies is noticed at once by its connection, and home is found again', async (t) => {
    stage.startPhone([...PARAMETERS, 'sip transport protocol: 2']);
    await stage.onServer('primary', START_MS);
    await stage.primary().kill();
    try {
      const moved = await stage.onServer('backup', IDLE_MS);
      t.diagnostic(`on the backup after ${Math.round(moved)} ms, by events`);
    } finally {
      await stage.setPrimary();
    }
    await stage.onServer('primary', START_MS + HOME_MS);
  });

  it('over TCP a primary that is frozen is left when its probe is not answered', async () => {
    stage.startPhone([...PARAMETERS, 'sip transport protocol: 2']);
    await stage.onServer('primary', START_MS);
    await probed();
    stage.primary().signal('SIGSTOP');
    try {
      await stage.onServer('backup', IDLE_MS);
    } finally {
      stage.primary().signal('SIGCONT');
    }
    await stage.onServer('primary', START_MS + HOME_MS);
  });

  it('DNS dead after the start: the phone stays registered, fails over and comes home', async () => {
    stage.startPhone(PARAMETERS);
    await stage.onServer('primary', START_MS);
    await probed();
    await stage.setZone(null);
    try {
      stage.primary().signal('SIGSTOP');
      await stage.onServer('backup', START_MS + IDLE_MS);
      stage.primary().signal('SIGCONT');
      await stage.onServer('primary', START_MS + HOME_MS);
    } finally {
      stage.primary().signal('SIGCONT');
      await stage.setZone(usualZone());
    }
  });

  it('SRV record deleted while the phone runs: its binding holds; put back, nothing has moved', async () => {
    const phone = stage.startPhone(PARAMETERS);
    await stage.onServer('primary', START_MS);
    await stage.setZone(addressZone());
    const since = Date.now();
    await until(
      'the question is asked again, and answered that there is none',
      () => phone.events.filter(({ event }) => event === 'dns').length >= 4,
      START_MS,
    );
    assert.equal(phone.serving(), 'primary');
    assert.equal(stage.registersTo(ADDRESSES.backup, since), 0);
    await stage.setZone(usualZone());
  });
});
