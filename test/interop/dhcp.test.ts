/** DHCP of real programs: what dnsmasq offers and dhcpcd keeps names the configuration server and, by option 120, the SIP servers. */
import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { after, before, describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { readLeases } from '../../boards/provision.ts';
import type { DhcpOptions } from '../../firmware/provisioning/sources.ts';
import { sourcesOf, sourceText } from '../../firmware/provisioning/sources.ts';
import { createSettingsStore } from '../../firmware/shell/settings-store.ts';
import { folders } from '../support/folder.ts';

const run = promisify(execFile);
const SERVER = `holdfast-dhcp-s-${process.pid}`;
const CLIENT = `holdfast-dhcp-c-${process.pid}`;
/** Hang guard, ms. */
const PATIENCE_MS = 120_000;
const folder = folders();

const ip = (...args: readonly string[]): Promise<unknown> => run('ip', args);

/** Two machines and a wire. */
before(async () => {
  for (const name of [SERVER, CLIENT]) await ip('netns', 'add', name);
  await ip('link', 'add', 'eth0', 'netns', SERVER, 'type', 'veth', 'peer', 'name', 'eth1', 'netns', CLIENT);
  await ip('-n', SERVER, 'addr', 'add', '192.0.2.1/24', 'dev', 'eth0');
  for (const [name, link] of [
    [SERVER, 'eth0'],
    [CLIENT, 'eth1'],
  ] as const)
    await ip('-n', name, 'link', 'set', link, 'up');
});
after(async () => {
  for (const name of [SERVER, CLIENT]) await ip('netns', 'del', name);
});

/** What the phone reads of the lease that dhcpcd keeps when dnsmasq offers these. */
async function leased(options: readonly string[]): Promise<DhcpOptions> {
  const [place, leases] = [await folder(), await folder()];
  const dnsmasq = spawn(
    'ip',
    [
      ...['netns', 'exec', SERVER, 'dnsmasq', '--no-daemon', '--conf-file=/dev/null', '--port=0', '--interface=eth0'],
      ...['--dhcp-range=192.0.2.50,192.0.2.60,1h', `--dhcp-leasefile=${place}/leases`, '--user=root'],
      ...options.map((option) => `--dhcp-option-force=${option}`),
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  try {
    await offers(dnsmasq);
    // Its folder of leases is one of its own: other phones of this machine learn nothing.
    const script = `mkdir -p /var/lib/dhcpcd && mount --bind "$1" /var/lib/dhcpcd && exec dhcpcd -f /dev/null -4 -1 -t 60 --noarp -c /bin/true eth1`;
    await run('ip', ['netns', 'exec', CLIENT, 'unshare', '-m', 'sh', '-c', script, 'sh', leases], {
      timeout: PATIENCE_MS,
    });
    return await readLeases([leases]);
  } finally {
    const gone = once(dnsmasq, 'exit');
    dnsmasq.kill();
    await gone;
  }
}

async function offers(dnsmasq: ChildProcess): Promise<void> {
  let said = '';
  dnsmasq.stderr?.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  for (const end = performance.now() + PATIENCE_MS; !said.includes('DHCP, IP range'); await pause(20))
    assert.ok(performance.now() < end && dnsmasq.exitCode === null, `dnsmasq: ${said}`);
}

const value = (given: Readonly<Record<string, string>>) => (name: string) => given[name] ?? '0.0.0.0';
const servers = (dhcp: DhcpOptions, override: string): readonly string[] =>
  sourcesOf(value({ 'dhcp config option override': override }), dhcp).sources.map(sourceText);

describe('a lease of dnsmasq, as dhcpcd keeps it', () => {
  it('names the configuration server by options 43, 66, 159 and 160, in our order or as the override says', async () => {
    const dhcp = await leased([
      ...['66,http://192.0.2.1/66', '159,tftp://192.0.2.1/159', '160,https://cfg.example/160'],
      '43,02:0b:31:39:32:2e:30:2e:32:2e:31:2f:76',
    ]);
    assert.deepEqual(servers(dhcp, '0'), ['tftp://192.0.2.1/v']);
    assert.deepEqual(servers(dhcp, '66'), ['http://192.0.2.1/66']);
    assert.deepEqual(servers(dhcp, '159'), ['tftp://192.0.2.1/159']);
    assert.deepEqual(servers(dhcp, '160'), ['https://cfg.example/160']);
    assert.deepEqual(servers(dhcp, '-1'), []);
  });

  it('names the primary and the backup by option 120, as names and as addresses, and only where no file names any', async () => {
    for (const given of [
      ['sip1.example', 'sip2.example'],
      ['192.0.2.11', '192.0.2.12'],
    ]) {
      const dhcp = await leased([`option:sip-server,${given.join(',')}`]);
      const place = { config: [], stateDir: await folder(), device: { model: '57i', mac: '00085D000001' } } as const;
      const store = createSettingsStore({ ...place, leases: () => Promise.resolve(dhcp) }, () => undefined);
      const read = await store.read();
      assert.ok(read.ok);
      const { effective } = read.value;
      const names = ['sip proxy ip', 'sip backup proxy ip', 'sip registrar ip', 'sip backup registrar ip'];
      assert.deepEqual(
        names.map((name) => effective.get(name)?.value),
        [...given, ...given],
      );
      assert.equal(effective.get('sip proxy ip')?.from, 'DHCP option 120');
      const named = await store.change(() => ({ ok: true, value: [{ name: 'sip proxy ip', value: 'pbx.example' }] }));
      assert.ok(named.ok);
      assert.equal(named.value.effective.get('sip proxy ip')?.value, 'pbx.example');
      assert.ok(!['sip1.example', '192.0.2.11'].includes(named.value.effective.get('sip registrar ip')?.value ?? ''));
    }
  });
});
