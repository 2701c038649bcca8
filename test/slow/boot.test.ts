/** The built SD card in an emulated Raspberry Pi 3, at the lab: registered, un-registered when stopped, registered again after a power cut. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Lab } from '../../scripts/lab/lab.ts';
import { startLab } from '../../scripts/lab/lab.ts';
import type { Card, Pi } from './support/pi.ts';
import { HANG_GUARD_MS, insertCard } from './support/pi.ts';

/** This machine, as QEMU's user network shows it to the guest. */
const HOST = '10.0.2.2';

let lab: Lab;
let card: Card;
let pi: Pi;

before(async () => {
  lab = await startLab();
  const { primary, backup, accounts } = lab.info();
  const [account] = accounts;
  assert.ok(account !== undefined);
  const portOf = (target: string): string => target.split(':').at(-1) ?? '';
  card = insertCard(
    [
      ...[`sip user name: ${account.user}`, `sip auth name: ${account.auth}`, `sip password: "${account.password}"`],
      ...[`sip registrar ip: ${HOST}`, `sip registrar port: ${portOf(primary.target)}`],
      ...[`sip backup registrar ip: ${HOST}`, `sip backup registrar port: ${portOf(backup.target)}`],
      ...['time zone name: DE-Berlin', 'hostname: desk-2001', 'failover start spread: 0', ''],
    ].join('\n'),
  );
});

after(async () => {
  await pi?.cut();
  card?.remove();
  await lab?.stop();
});

/** Seconds until the primary has a binding of the account, or has none any more. */
async function until(state: 'registered' | 'gone'): Promise<number> {
  const start = performance.now();
  for (;;) {
    const held = await lab.bindings('primary');
    if (Object.values(held).flat().length > 0 === (state === 'registered')) break;
    assert.ok(
      performance.now() - start < HANG_GUARD_MS,
      `not ${state} after 15 minutes:\n${pi.console().slice(-3000)}`,
    );
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  return Math.round((performance.now() - start) / 1000);
}

describe('the card in an emulated Raspberry Pi 3', { timeout: 4 * HANG_GUARD_MS }, () => {
  it('starts to a registered phone', async (t) => {
    pi = await card.start();
    t.diagnostic(`registered ${await until('registered')} s after power on`);
  });

  it('phone.cfg has set the name of the machine and its zone; the phone has a user of its own and nothing else', async () => {
    const said = await pi.type(
      'hostname; readlink /run/holdfast/localtime; ps -o user= -C node | sort -u; touch /etc/x /opt/x',
    );
    assert.match(said, /\ndesk-2001\n/);
    assert.match(said, /Europe\/Berlin\n/);
    assert.match(said, /\nholdfast\n/);
    assert.equal(said.match(/Read-only file system/g)?.length, 2);
  });

  it('the watchdog is fed: systemd knows the phone as ready, and when it last lived', async () => {
    const said = await pi.type(
      'systemctl show holdfast -p Type -p ActiveState -p WatchdogUSec -p WatchdogTimestampMonotonic -p NRestarts',
    );
    assert.match(said, /ActiveState=active/);
    assert.match(said, /WatchdogUSec=1min/);
    assert.match(said, /WatchdogTimestampMonotonic=[1-9]/);
    assert.match(said, /NRestarts=0/);
  });

  it('un-registers when it is stopped', async (t) => {
    await pi.type('systemctl stop holdfast');
    t.diagnostic(`gone ${await until('gone')} s after the stop`);
    assert.match(await pi.type('systemctl show holdfast -p Result'), /Result=success/);
    await pi.type('systemctl start holdfast');
    await until('registered');
  });

  it('after a power cut it registers again, and knows of the cut', async (t) => {
    await pi.cut();
    const seen = lab.requests().length;
    pi = await card.start();
    const start = performance.now();
    while (lab.requests().length === seen) {
      assert.ok(performance.now() - start < HANG_GUARD_MS, pi.console().slice(-3000));
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
    t.diagnostic(`REGISTER ${Math.round((performance.now() - start) / 1000)} s after power on`);
    // The state that was kept over the cut is that of the phone before: its lock is taken over, its mark of a clean end is missing.
    const said = await pi.type(
      'systemctl is-active holdfast; ls /var/lib/holdfast; mount | while read a b c d; do echo $a $c; done',
    );
    assert.match(said, /\nactive\n/);
    assert.match(said, /bindings\.json/);
    assert.match(said, /\/dev\/mmcblk0p3 \/var\/lib\n/);
  });
});
