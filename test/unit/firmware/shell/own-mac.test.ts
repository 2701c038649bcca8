/** Which of a machine's hardware addresses the phone goes by. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { ownMac } from '../../../../firmware/shell/own-mac.ts';

const root = mkdtempSync(join(tmpdir(), 'holdfast-mac-'));
after(() => rmSync(root, { recursive: true }));

function device(machine: string, name: string, address: string, ...links: readonly string[]): void {
  for (const link of links) mkdirSync(join(root, machine, name, link), { recursive: true });
  mkdirSync(join(root, machine, name), { recursive: true });
  writeFileSync(join(root, machine, name, 'address'), `${address}\n`);
}

describe('the hardware address', () => {
  it('is that of the plug, not of what stands for no device', async () => {
    device('pi', 'br0', '02:00:00:00:00:01');
    device('pi', 'lo', '00:00:00:00:00:00');
    device('pi', 'wlan0', 'b8:27:eb:00:00:02', 'device', 'phy80211');
    device('pi', 'eth0', 'b8:27:eb:00:00:01', 'device');
    assert.equal(await ownMac(join(root, 'pi')), 'B827EB000001');
  });

  it('is that of the wireless network where there is no plug', async () => {
    device('zero', 'wlan0', 'b8:27:eb:00:00:02', 'device', 'phy80211');
    assert.equal(await ownMac(join(root, 'zero')), 'B827EB000002');
  });

  it('is none where there is no network, or only one without an address', async () => {
    device('bare', 'eth0', '00:00:00:00:00:00', 'device');
    assert.deepEqual([await ownMac(join(root, 'bare')), await ownMac(join(root, 'nowhere'))], [null, null]);
  });
});
