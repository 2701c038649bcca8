/** What the phone knows of DHCP: of leases as the system keeps them, and of servers that are asked once for each renewal. */
import assert from 'node:assert/strict';
import { mkdir, rename, rm, utimes, writeFile } from 'node:fs/promises';
import type { NetworkInterfaceInfo } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import type { DhcpOptions } from '../../../../../firmware/provisioning/sources.ts';
import type { LeasePlace, Leases } from '../../../../../firmware/shell/provisioning/leases.ts';
import { createLeases } from '../../../../../firmware/shell/provisioning/leases.ts';
import { folders } from '../../../../support/folder.ts';

const folder = folders();
const stops: (() => void)[] = [];
afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

const LEASE = 'ADDRESS=192.0.2.7\nSERVER_ADDRESS=192.0.2.1\nCLIENTID=0100085d000001\n';
const held = (address: string, mac: string): NetworkInterfaceInfo => ({
  ...{ address, mac, family: 'IPv4', netmask: '255.255.255.0', cidr: null, internal: false },
});
const INTERFACES = {
  wlan0: [held('192.0.2.9', '00:08:5d:00:00:03')],
  eth0: [held('192.0.2.7', '00:08:5d:00:00:01'), held('192.0.2.8', '00:08:5d:00:00:01')],
};
type Asked = Parameters<NonNullable<LeasePlace['ask']>>[0];

interface Desk {
  readonly leases: Leases;
  readonly asked: Asked[];
  /** Option 66 of each change that was told of, before and after. */
  readonly told: (readonly (string | undefined)[])[];
  /** What servers say; null = nothing. */
  says: DhcpOptions | null;
  now: number;
  write(name: string, text: string, changedS?: number): Promise<void>;
  remove(name: string): Promise<void>;
  knows(option: number, text: string | undefined): Promise<void>;
  /** The folder was looked at once more, all of it. */
  looked(): Promise<void>;
}

async function desk(): Promise<Desk> {
  const place = join(await folder(), 'leases');
  await mkdir(place);
  let looks = 0;
  const asked: Asked[] = [];
  const leases = createLeases({
    ...{ model: '57i', folders: [place], everyMs: 1, interfaces: () => INTERFACES },
    now: () => at.now,
    ask: (asker) => {
      asked.push(asker);
      return Promise.resolve(at.says);
    },
  });
  const at: Desk = {
    ...{ leases, asked, told: [], says: new Map([[66, 'cfg.example']]), now: 0 },
    async write(name, text, changedS = 1) {
      // Never seen half.
      await writeFile(`${place}.new`, text);
      await utimes(`${place}.new`, changedS, changedS);
      await rename(`${place}.new`, join(place, name));
    },
    remove: (name) => rm(join(place, name)),
    async knows(option, text) {
      while ((await leases.read()).get(option) !== text) await pause(1);
    },
    // Seen at the end of a look that began after it was written, if the one before had begun earlier: so twice.
    async looked() {
      for (const _once of [1, 2]) {
        looks += 1;
        await at.write('9', `OPTION_160=${Buffer.from(`look ${looks}`).toString('hex')}\n`);
        await at.knows(160, `look ${looks}`);
      }
    },
  };
  await leases.read();
  stops.push(leases.watch((now, before) => at.told.push([before.get(66), now.get(66)])));
  return at;
}

const hex = (text = ''): string => Buffer.from(text, 'latin1').toString('hex');

describe('a lease of systemd-networkd', () => {
  it('is asked for by whoever holds it; what is answered counts before what is kept', async () => {
    const at = await desk();
    at.says = new Map([
      [43, 'C'],
      [66, 'cfg.example'],
    ]);
    await at.write('2', `${LEASE}OPTION_224=41\nVENDOR_SPECIFIC=42\n`);
    await at.knows(66, 'cfg.example');
    const known = await at.leases.read();
    assert.deepEqual([known.get(224), known.get(43)], ['A', 'C']);
    const [asker] = at.asked;
    assert.deepEqual(
      [hex(asker?.address), hex(asker?.clientId), hex(asker?.mac), asker?.vendorClass],
      ['c0000207', '0100085d000001', '00085d000001', 'AastraIPPhone57i'],
    );
  });

  it('is asked for once, and again when the system has renewed it', async () => {
    const at = await desk();
    await at.write('2', LEASE);
    await at.knows(66, 'cfg.example');
    at.says = new Map([[66, 'other.example']]);
    at.now = 30_000;
    await at.looked();
    assert.equal(at.asked.length, 1);
    await at.write('2', LEASE, 2);
    await at.knows(66, 'other.example');
    assert.equal(at.asked.length, 2);
    assert.deepEqual(
      [at.told[0], at.told.at(-1)],
      [
        [undefined, 'cfg.example'],
        ['cfg.example', 'other.example'],
      ],
    );
  });

  it('of a server that is silent: the last answer stands, and it is asked again after a while', async () => {
    const at = await desk();
    await at.write('2', LEASE);
    await at.knows(66, 'cfg.example');
    at.says = null;
    at.now = 30_000;
    await at.write('2', LEASE, 2);
    await at.looked();
    assert.equal((await at.leases.read()).get(66), 'cfg.example');
    assert.equal(at.asked.length, 2);
    at.says = new Map([[66, 'other.example']]);
    at.now = 60_000;
    await at.knows(66, 'other.example');
  });

  it('of another address is asked for at once, and nothing of the one before is kept', async () => {
    const at = await desk();
    await at.write('2', LEASE);
    await at.knows(66, 'cfg.example');
    at.says = null;
    await at.write('2', LEASE.replace('192.0.2.7', '192.0.2.8'));
    await at.knows(66, undefined);
    assert.equal(at.asked.length, 2);
  });

  it('of an address that no interface has is not asked for', async () => {
    const at = await desk();
    await at.write('2', LEASE.replace('192.0.2.7', '192.0.2.10').concat('VENDOR_SPECIFIC=42\n'));
    await at.knows(43, 'B');
    assert.deepEqual(at.asked, []);
  });
});

describe('leases', () => {
  it('that are gone, as of a cable that is pulled, take nothing back', async () => {
    const at = await desk();
    await at.write('2', LEASE);
    await at.knows(66, 'cfg.example');
    at.says = new Map([[66, 'other.example']]);
    await at.remove('2');
    // Longer than some looks take.
    await pause(50);
    assert.equal((await at.leases.read()).get(66), 'cfg.example');
    at.now = 30_000;
    await at.write('2', LEASE, 2);
    await at.knows(66, 'other.example');
    assert.deepEqual(at.told, [
      [undefined, 'cfg.example'],
      ['cfg.example', 'other.example'],
    ]);
  });

  it('of the plug count before those of a wireless network; what is being written does not', async () => {
    const packet = (text: string): string =>
      `\x02${'\0'.repeat(235)}c\x82Sc\x42${String.fromCharCode(text.length)}${text}`;
    const place = await folder();
    await writeFile(join(place, '2'), `${LEASE.replace('192.0.2.7', '192.0.2.9')}OPTION_66=2a2a`);
    await writeFile(join(place, 'wlan0-Hall.lease'), packet('air'), 'latin1');
    await writeFile(join(place, '.#eth0.lease'), packet('half'), 'latin1');
    await writeFile(join(place, 'xeth0.lease'), packet('wire'), 'latin1');
    const quiet = { ask: () => Promise.resolve(null), interfaces: () => INTERFACES };
    const leases = createLeases({ model: '57i', folders: [place, '/nowhere'], ...quiet });
    assert.equal((await leases.read()).get(66), 'wire');
  });

  it('that differ in nothing that the phone acts on are no change', async () => {
    const at = await desk();
    await at.write('2', `${LEASE}OPTION_224=41\n`);
    await at.knows(66, 'cfg.example');
    await at.write('2', `${LEASE}OPTION_224=42\n`);
    await at.knows(224, 'B');
    assert.deepEqual(at.told, [[undefined, 'cfg.example']]);
  });
});
