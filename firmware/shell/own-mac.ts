/** Owns the hardware address by which the phone is known: that of its Ethernet plug, else of its wireless network, as Linux tells it. */
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** 12 hexadecimal digits in upper case; null where there is no device with an address. */
export async function ownMac(root = '/sys/class/net'): Promise<string | null> {
  const names = (await readdir(root).catch(() => [])).sort();
  // What stands for no device (bridges, tunnels, the loopback) has no link to one.
  const devices = names.filter((name) => existsSync(join(root, name, 'device')));
  const wireless = (name: string): number => (existsSync(join(root, name, 'phy80211')) ? 1 : 0);
  for (const name of devices.sort((a, b) => wireless(a) - wireless(b))) {
    const text = await readFile(join(root, name, 'address'), 'utf8').catch(() => '');
    const mac = text.trim().replaceAll(':', '').toUpperCase();
    if (/^[0-9A-F]{12}$/.test(mac) && !/^0+$/.test(mac)) return mac;
  }
  return null;
}
