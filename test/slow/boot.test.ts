/**
 * The built SD card in an emulated Raspberry Pi 3, at the lab: its account from the configuration server that DHCP names, registered,
 * un-registered when stopped, registered again after a power cut.
 */
import assert from 'node:assert/strict';
import type { Server } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { IMAGE } from '../../scripts/image.ts';
import type { Lab } from '../../scripts/lab/lab.ts';
import { startLab } from '../../scripts/lab/lab.ts';
import type { Card, Pi } from './support/pi.ts';
import { HANG_GUARD_MS, insertCard } from './support/pi.ts';

/** This machine, as QEMU's user network shows it to the guest. */
const HOST = '10.0.2.2';

let lab: Lab;
let card: Card;
let pi: Pi;
let configurations: Server;
/** Paths that were asked for, and by whom. */
const fetched: string[] = [];

before(async () => {
  lab = await startLab();
  const { primary, backup, accounts } = lab.info();
  const [account] = accounts;
  assert.ok(account !== undefined);
  const portOf = (target: string): string => target.split(':').at(-1) ?? '';
  const files = await serve(
    [
      ...[`sip user name: ${account.user}`, `sip auth name: ${account.auth}`, `sip password: "${account.password}"`],
      ...[`sip registrar ip: ${HOST}`, `sip registrar port: ${portOf(primary.target)}`],
      ...[`sip backup registrar ip: ${HOST}`, `sip backup registrar port: ${portOf(backup.target)}`, ''],
    ].join('\n'),
  );
  // Of account and servers the card knows nothing.
  card = insertCard(
    ['time zone name: DE-Berlin', 'hostname: desk-2001', 'failover start spread: 0', ''].join('\n'),
    `http://${HOST}:${files}/office`,
  );
});

/** The configuration server of the office; returns its port. */
async function serve(aastraCfg: string): Promise<number> {
  configurations = createServer(({ url = '', headers }, response) => {
    fetched.push(`${url} ${headers['user-agent']}`);
    if (url === '/office/aastra.cfg') response.end(aastraCfg);
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => configurations.listen(0, '127.0.0.1', resolve));
  return (configurations.address() as AddressInfo).port;
}

after(async () => {
  await pi?.cut();
  card?.remove();
  await lab?.stop();
  configurations?.closeAllConnections();
  configurations?.close();
});

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Typed again until it says that; returns what it said then. */
async function untilSaid(line: string, wanted: RegExp): Promise<string> {
  const start = performance.now();
  for (;;) {
    const said = await pi.type(line);
    if (wanted.test(said)) return said;
    assert.ok(performance.now() - start < HANG_GUARD_MS, `"${line}" never said ${wanted}; at last: ${said}`);
    await wait(1000);
  }
}

/** Seconds until the lab hears of the phone again. */
async function untilHeard(): Promise<number> {
  const seen = lab.requests().length;
  const start = performance.now();
  while (lab.requests().length === seen) {
    assert.ok(performance.now() - start < HANG_GUARD_MS, pi.console().slice(-3000));
    await wait(500);
  }
  return Math.round((performance.now() - start) / 1000);
}

/** Seconds until the primary has a binding of the account, or has none any more. */
async function until(state: 'registered' | 'gone'): Promise<number> {
  const start = performance.now();
  for (;;) {
    const held = await lab.bindings('primary');
    if (Object.values(held).flat().length > 0 === (state === 'registered')) break;
    assert.ok(
      performance.now() - start < HANG_GUARD_MS,
      `not ${state} after 45 minutes:\n${pi.console().slice(-3000)}`,
    );
    await wait(500);
  }
  return Math.round((performance.now() - start) / 1000);
}

describe('the card in an emulated Raspberry Pi 3', { timeout: 4 * HANG_GUARD_MS }, () => {
  it('starts to a registered phone', async (t) => {
    pi = await card.start();
    t.diagnostic(`registered ${await until('registered')} s after the kernel had its network adapter`);
  });

  it('had its account from the server that DHCP names by option 66, asked for as the original does', () => {
    assert.deepEqual(
      fetched.slice(0, 3).map((line) => line.replace(/[0-9A-F]{12}\.cfg/, 'MAC.cfg').replace(/MAC:.*$/, 'MAC')),
      ['aastra', '57i', 'MAC'].map((name) => `/office/${name}.cfg Aastra57i MAC`),
    );
  });

  it('systemd knows the phone as ready, and when it last lived', async (t) => {
    const start = performance.now();
    const said = await untilSaid(
      'systemctl show holdfast -p ActiveState -p WatchdogUSec -p WatchdogTimestampMonotonic -p NRestarts',
      /ActiveState=active/,
    );
    t.diagnostic(`ready ${Math.round((performance.now() - start) / 1000)} s later`);
    assert.match(said, /WatchdogUSec=1min/);
    assert.match(said, /WatchdogTimestampMonotonic=[1-9]/);
    assert.match(said, /NRestarts=0/);
  });

  it('phone.cfg has set the name of the machine and its zone; the phone has a user of its own and nothing else', async () => {
    const said = await pi.type(
      'cat /proc/sys/kernel/hostname; readlink /run/holdfast/localtime; stat -c "owner %U" /proc/$(systemctl show holdfast -p MainPID --value); touch /etc/x /opt/x',
    );
    assert.match(said, /\ndesk-2001\n/);
    assert.match(said, /Europe\/Berlin\n/);
    assert.match(said, /\nowner holdfast\n/);
    assert.equal(said.match(/Read-only file system/g)?.length, 2);
  });

  it('the packets of signalling and sound are marked: nftables has the rules', async () => {
    const said = await pi.type('systemctl is-active holdfast-marking; nft list table inet holdfast_dscp');
    assert.match(said, /\nactive\n/);
    assert.match(said, /udp sport 5060 ip dscp set af31\n/);
    assert.match(said, /chain sound/);
  });

  it("the kernel took the time of day from the panel's clock", async () => {
    const said = await pi.type('cat /sys/class/rtc/rtc0/name /sys/class/rtc/rtc0/hctosys');
    assert.match(said, /ds1307 1-0068\n1\n/);
  });

  it('a link that is lost and comes again brings a lease anew', async (t) => {
    await pi.type('networkctl down eth0');
    await untilSaid('echo leases: $(ls /run/systemd/netif/leases)', /^leases:$/m);
    await pi.type('networkctl up eth0');
    const start = performance.now();
    await untilSaid('cat /run/systemd/netif/leases/*', /^ADDRESS=10\.0\.2\.\d+$/m);
    t.diagnostic(`leased ${Math.round((performance.now() - start) / 1000)} s after it came`);
  });

  it('un-registers when it is stopped', async (t) => {
    await pi.type('systemctl stop holdfast');
    t.diagnostic(`gone ${await until('gone')} s after the stop`);
    assert.match(await pi.type('systemctl show holdfast -p Result'), /Result=success/);
    await pi.type('systemctl start holdfast');
    await until('registered');
    await untilSaid('systemctl is-active holdfast', /^active\n/m);
  });

  it('its screen shows the lines, seen from outside', async () => {
    const start = performance.now();
    let screen = '';
    do {
      screen = (await pi.screen()).join('\n');
      assert.ok(performance.now() - start < HANG_GUARD_MS, screen);
      await wait(1000);
    } while (!/\[P\]/.test(screen));
    assert.match(screen, /2001/);
    // The clock is that of Berlin: at the card's clock, or at most two minutes later.
    const clocks = [0, 1, 2].map((late) =>
      new Date(Date.now() - 60_000 * late).toLocaleTimeString('en-GB', {
        timeZone: 'Europe/Berlin',
        hour: '2-digit',
        minute: '2-digit',
      }),
    );
    assert.ok(
      clocks.some((time) => screen.includes(time)),
      screen,
    );
    assert.doesNotMatch(screen, /\ufffd/);
    await pi.photograph(join(dirname(IMAGE), 'screen.png'));
  });

  it('a phone that stands still is ended by the watchdog, started again, and registers', async (t) => {
    await pi.type('systemctl kill --signal=STOP --kill-whom=main holdfast');
    t.diagnostic(`REGISTER ${await untilHeard()} s after it stood still`);
    const said = await untilSaid('systemctl show holdfast -p ActiveState -p NRestarts', /ActiveState=active/);
    assert.match(said, /NRestarts=1/);
    assert.match(await pi.type('journalctl -u holdfast -o cat --no-pager -n 100'), /Watchdog timeout \(limit 1min\)!/);
  });

  it('after a power cut it registers again, and knows of the cut', async (t) => {
    await pi.cut();
    pi = await card.start();
    t.diagnostic(`REGISTER ${await untilHeard()} s after the kernel had its network adapter`);
    // The state that was kept over the cut is that of the phone before: its lock is taken over, its mark of a clean end is missing.
    await untilSaid('systemctl is-active holdfast', /^active\n/m);
    const said = await pi.type('ls /var/lib/holdfast; mount | while read a b c d; do echo $a $c; done');
    assert.match(said, /bindings\.json/);
    assert.match(said, /\/dev\/mmcblk0p3 \/var\/lib\n/);
  });
});
