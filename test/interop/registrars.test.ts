/** The phone between two real registrars and a real name server, in a network of its own: each way to fail, timed from packets. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { ADDRESSES, buildNetwork, filter, plug, removeNetwork } from './support/network.ts';
import type { Capture, TestPhone } from './support/phone.ts';
import { startCapture, startPhone } from './support/phone.ts';
import type { Running } from './support/process.ts';
import { until } from './support/process.ts';
import { startBind, startRegistrar, writeZone } from './support/servers.ts';

const PERIOD_S = 5;
const H_MS = 1500;
/** rules 4: noticed while idle, and the way home; a loaded host may take three times as long. */
const IDLE_MS = 3 * (PERIOD_S * 1000 + 2 * H_MS + 500);
const HOME_MS = 3 * (PERIOD_S * 1000 + 1000 + 1000);
/** rules 4: with a request in hand and one silent target. */
const FRESH_MS = 3 * (H_MS + 1000);
/** Kamailio, BIND and Node start on a loaded host, ms. */
const START_MS = 30_000;

const PARAMETERS = [`failover probe period: ${PERIOD_S}`, 'sip registration period: 60'];

interface Fault {
  readonly name: string;
  readonly begin: () => Promise<void> | void;
  readonly end: () => Promise<void> | void;
}

let folder = '';
let primary: Running;
let backup: Running;
let bind: Running;
let phone: TestPhone | null = null;
let capture: Capture;
let serial = 1;

const FAULTS: readonly Fault[] = [
  {
    name: 'killed',
    begin: () => primary.kill(),
    end: () => {
      primary = startRegistrar('primary', folder);
    },
  },
  { name: 'frozen', begin: () => primary.signal('SIGSTOP'), end: () => primary.signal('SIGCONT') },
  { name: 'vanished', begin: () => plug('primary', 'down'), end: () => plug('primary', 'up') },
  { name: 'blackholed', begin: () => filter('primary', 'drop'), end: () => filter('primary', null) },
  {
    name: 'unreachable',
    begin: () => filter('primary', 'reject with icmp type host-unreachable'),
    end: () => filter('primary', null),
  },
];

const running = (): TestPhone => phone ?? assert.fail('no phone runs');
const onServer = (server: 'primary' | 'backup', limitMs: number): Promise<number> =>
  until(`registered on the ${server}`, () => running().serving() === server, limitMs).catch((error: unknown) =>
    assert.fail(
      `${(error as Error).message}\n${JSON.stringify(running().events.slice(-8))}\n${running().running.errors()}`,
    ),
  );

/** A server is judged by probes once it has answered one (rules 4, "probe"). */
const probed = (): Promise<number> =>
  until('a probe is answered', () => running().events.some(({ event }) => event === 'probe'), START_MS);

/** Milliseconds from `since` to the first such packet after it; the capture prints a packet later than the phone's event. */
async function packetAfter(since: number, from: string, to: string, what: string): Promise<number> {
  const first = () =>
    capture.packets.find((one) => one.at >= since && one.from === from && one.to === to && one.what === what);
  await until(`${what} from ${from} to ${to}`, () => first() !== undefined, START_MS);
  return (first()?.at ?? Number.NaN) - since;
}

/** The servers that REGISTERs went to, in order, by the events from `begin` on: what waits for an ARP answer is on no wire. */
const walked = (begin: number): readonly (string | undefined)[] =>
  running()
    .events.slice(begin)
    .filter(({ event, method }) => event === 'attempt' && method === 'REGISTER')
    .map(({ server }) => server);

const restartBind = async (): Promise<void> => {
  await bind.kill();
  bind = startBind(folder);
};

describe('two Kamailio registrars and BIND, in network namespaces', () => {
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'holdfast-interop-'));
    buildNetwork();
    writeZone(folder, serial, true);
    primary = startRegistrar('primary', folder);
    backup = startRegistrar('backup', folder);
    bind = startBind(folder);
    capture = startCapture();
  });
  after(async () => {
    await Promise.all([primary, backup, bind, capture.running].map((each) => each.kill()));
    removeNetwork();
    rmSync(folder, { recursive: true, force: true });
  });
  beforeEach(() => rmSync(join(folder, 'state'), { recursive: true, force: true }));
  afterEach(async () => {
    await phone?.running.kill();
    phone = null;
  });

  for (const { name, begin, end } of FAULTS) {
    it(`primary ${name} while idle: on the backup in time, home in time, no binding refreshed twice`, async (t) => {
      phone = startPhone(folder, PARAMETERS);
      await onServer('primary', START_MS);
      await probed();
      const past = running().events.length;
      await begin();
      const failedAt = Date.now();
      await onServer('backup', IDLE_MS);
      const moved = await packetAfter(failedAt, ADDRESSES.backup, ADDRESSES.phone, '200');
      assert.ok(moved <= IDLE_MS, `${moved} ms`);
      const asked = walked(past);
      assert.equal(asked[0], 'primary', 'the primary is asked first');
      assert.ok(asked.includes('backup'), `then the backup: ${asked.join(' ')}`);
      await end();
      const backAt = Date.now();
      await onServer('primary', START_MS + HOME_MS);
      const home = await packetAfter(backAt, ADDRESSES.primary, ADDRESSES.phone, '200');
      t.diagnostic(`on the backup after ${Math.round(moved)} ms, home after ${Math.round(home)} ms, by packets`);
      await until(
        'the binding at the backup is removed',
        () => running().events.some(({ event, server }) => event === 'unregistered' && server === 'backup'),
        HOME_MS,
      );
    });

    it(`primary ${name} at the start: the backup has the phone in time`, async (t) => {
      await begin();
      try {
        phone = startPhone(folder, PARAMETERS);
        const since = Date.now();
        await onServer('backup', START_MS + FRESH_MS);
        const first = await packetAfter(since, ADDRESSES.phone, ADDRESSES.backup, 'REGISTER');
        const bound = (await packetAfter(since, ADDRESSES.backup, ADDRESSES.phone, '200')) - first;
        t.diagnostic(`bound ${Math.round(bound)} ms after the first REGISTER to the backup`);
        assert.ok(bound <= FRESH_MS, `${bound} ms`);
      } finally {
        await end();
      }
      await onServer('primary', START_MS + HOME_MS);
    });
  }

  it('over TCP a primary that dies is noticed at once by its connection, and home is found again', async (t) => {
    phone = startPhone(folder, [...PARAMETERS, 'sip transport protocol: 2']);
    await onServer('primary', START_MS);
    await primary.kill();
    try {
      const moved = await onServer('backup', IDLE_MS);
      t.diagnostic(`on the backup after ${Math.round(moved)} ms, by events`);
    } finally {
      primary = startRegistrar('primary', folder);
    }
    await onServer('primary', START_MS + HOME_MS);
  });

  it('over TCP a primary that is frozen is left when its probe is not answered', async () => {
    phone = startPhone(folder, [...PARAMETERS, 'sip transport protocol: 2']);
    await onServer('primary', START_MS);
    await probed();
    primary.signal('SIGSTOP');
    try {
      await onServer('backup', IDLE_MS);
    } finally {
      primary.signal('SIGCONT');
    }
    await onServer('primary', START_MS + HOME_MS);
  });

  it('DNS dead after the start: the phone stays registered, fails over and comes home', async () => {
    phone = startPhone(folder, PARAMETERS);
    await onServer('primary', START_MS);
    await probed();
    await bind.kill();
    try {
      primary.signal('SIGSTOP');
      await onServer('backup', START_MS + IDLE_MS);
      primary.signal('SIGCONT');
      await onServer('primary', START_MS + HOME_MS);
    } finally {
      primary.signal('SIGCONT');
      await restartBind();
    }
  });

  it('SRV record deleted while the phone runs: its binding holds; put back, nothing has moved', async () => {
    phone = startPhone(folder, PARAMETERS);
    await onServer('primary', START_MS);
    serial += 1;
    writeZone(folder, serial, false);
    await restartBind();
    const since = Date.now();
    await until(
      'the question is asked again, and answered that there is none',
      () => running().events.filter(({ event }) => event === 'dns').length >= 4,
      START_MS,
    );
    assert.equal(running().serving(), 'primary');
    assert.equal(
      capture.packets.filter(({ at, to, what }) => at > since && to === ADDRESSES.backup && what === 'REGISTER').length,
      0,
    );
    serial += 1;
    writeZone(folder, serial, true);
    await restartBind();
  });
});
