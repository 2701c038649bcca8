/**
 * DHCP of real programs: what dnsmasq offers names the configuration server and, by option 120, the SIP servers, whether dhcpcd keeps the
 * lease or systemd-networkd as the image has it, beside which the phone asks for itself.
 */
import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { systemFiles } from '../../firmware/network/files.ts';
import { planSystem } from '../../firmware/network/plan.ts';
import { SIP_SERVERS, sipServers } from '../../firmware/provisioning/sip-servers.ts';
import type { DhcpOptions } from '../../firmware/provisioning/sources.ts';
import { sourcesOf, sourceText } from '../../firmware/provisioning/sources.ts';
import { createLeases } from '../../firmware/shell/provisioning/leases.ts';
import { createSettingsStore } from '../../firmware/shell/settings-store.ts';
import { folders } from '../support/folder.ts';

const run = promisify(execFile);
const SERVER = `holdfast-dhcp-s-${process.pid}`;
const CLIENT = `holdfast-dhcp-c-${process.pid}`;
/** Hang guard, ms. */
const PATIENCE_MS = 120_000;
const folder = folders();

const ip = (...args: readonly string[]): Promise<unknown> => run('ip', args);

/** Two machines and a wire; the way to everywhere else is another one: what is asked of DHCP must not go there. */
before(async () => {
  for (const name of [SERVER, CLIENT]) await ip('netns', 'add', name);
  await ip('link', 'add', 'eth0', 'netns', SERVER, 'type', 'veth', 'peer', 'name', 'eth1', 'netns', CLIENT);
  await ip('-n', SERVER, 'addr', 'add', '192.0.2.1/24', 'dev', 'eth0');
  for (const [name, link] of [
    [SERVER, 'eth0'],
    [CLIENT, 'eth1'],
  ] as const)
    await ip('-n', name, 'link', 'set', link, 'up');
  await ip('-n', CLIENT, 'link', 'add', 'air0', 'type', 'veth', 'peer', 'name', 'air1');
  for (const link of ['air0', 'air1']) await ip('-n', CLIENT, 'link', 'set', link, 'up');
  await ip('-n', CLIENT, 'addr', 'add', '198.51.100.2/24', 'dev', 'air0');
  await ip('-n', CLIENT, 'route', 'add', 'default', 'dev', 'air0', 'metric', '1');
});
after(async () => {
  for (const name of [SERVER, CLIENT]) await ip('netns', 'del', name);
});

/** What the phone knows when dnsmasq offers these and a client has taken the lease. */
async function leased(options: readonly string[], ask = askByDhcpcd): Promise<DhcpOptions> {
  const place = await folder();
  const dnsmasq = spawn(
    'ip',
    [
      ...['netns', 'exec', SERVER, 'dnsmasq', '--no-daemon', '--conf-file=/dev/null', '--port=0', '--interface=eth0'],
      ...['--dhcp-range=192.0.2.50,192.0.2.60,1h', `--dhcp-leasefile=${place}/leases`, '--user=root'],
      ...options,
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  try {
    await offers(dnsmasq);
    return await ask();
  } finally {
    const gone = once(dnsmasq, 'exit');
    dnsmasq.kill();
    await gone;
  }
}

const inClient = async (script: string, ...args: readonly string[]): Promise<string> => {
  const words = ['netns', 'exec', CLIENT, 'unshare', '-m', 'sh', '-c', script, 'sh', ...args];
  return (await run('ip', words, { timeout: PATIENCE_MS })).stdout;
};

/** Its folder of leases is one of its own: other phones of this machine learn nothing. */
async function askByDhcpcd(): Promise<DhcpOptions> {
  const leases = await folder();
  await inClient(
    `mkdir -p /var/lib/dhcpcd && mount --bind "$1" /var/lib/dhcpcd && exec dhcpcd -f /dev/null -4 -1 -t 60 --noarp -c /bin/true eth1`,
    leases,
  );
  return createLeases({ model: '57i', folders: [leases] }).read();
}

const NETWORKD = '/lib/systemd/systemd-networkd';
const SYSCTL = new URL('../../scripts/image/root/usr/lib/sysctl.d/60-holdfast.conf', import.meta.url);

/** As the image does, by the very file that `holdfast network` makes, but for the link that it holds for; the phone is a user without any right. */
async function askByNetworkd(): Promise<DhcpOptions> {
  const { plan } = planSystem(new Map(), '');
  const files = systemFiles(plan, { key: null, config: '', marking: null });
  const ethernet = files.find(({ path }) => path.endsWith('ethernet.network'))?.text ?? assert.fail();
  const network = join(await folder(), '10-holdfast.network');
  await writeFile(network, ethernet.replace('Type=ether\nKind=!*', 'Name=eth1'), { mode: 0o644 });
  const [, port = ''] = /^net\.ipv4\.ip_unprivileged_port_start = (\d+)$/m.exec(await readFile(SYSCTL, 'utf8')) ?? [];
  // What is read-only belongs to a container: there it does not wait for udev.
  const script = `set -e; echo "$4" > /proc/sys/net/ipv4/ip_unprivileged_port_start
mkdir -p /run/systemd && mount -t tmpfs tmpfs /run/systemd && mount -o remount,ro /sys
mkdir -p /run/systemd/network /run/systemd/netif/leases && chown -R systemd-network /run/systemd/netif
cp "$1" /run/systemd/network && chmod 644 /run/systemd/network/* && { ${NETWORKD} & }
until ls /run/systemd/netif/leases/*; do sleep 0.1; done >/dev/null 2>&1
setpriv --bounding-set=-all --inh-caps=-all "$2" --import tsx --input-type=module -e "$3"; kill $!`;
  const said = await inClient(script, network, process.execPath, PHONE_READS, port);
  return new Map(JSON.parse(said) as [number, string][]);
}

/** The phone's part, among the leases of that machine. */
const PHONE_READS = `import { createLeases } from ${JSON.stringify(new URL('../../firmware/shell/provisioning/leases.ts', import.meta.url).href)};
console.log(JSON.stringify([...await createLeases({ model: '57i' }).read()]));`;

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

const forced = (...options: readonly string[]): readonly string[] =>
  options.map((option) => `--dhcp-option-force=${option}`);

describe('a lease of dnsmasq, as dhcpcd keeps it', () => {
  it('names the configuration server by options 43, 66, 159 and 160, in our order or as the override says', async () => {
    const dhcp = await leased(
      forced(
        ...['66,http://192.0.2.1/66', '159,tftp://192.0.2.1/159', '160,https://cfg.example/160'],
        '43,02:0b:31:39:32:2e:30:2e:32:2e:31:2f:76',
      ),
    );
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
      const dhcp = await leased(forced(`option:sip-server,${given.join(',')}`));
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

describe('a lease of dnsmasq that systemd-networkd of the image holds', {
  skip: existsSync(NETWORKD) ? false : 'systemd is not installed',
}, () => {
  // Nothing is forced upon the clients: they get what they ask for.
  const asked = (...options: readonly string[]): Promise<DhcpOptions> =>
    leased(
      options.map((option) => `--dhcp-option=${option}`),
      askByNetworkd,
    );

  it('names the configuration server by options 43, 66, 159 and 160, and the SIP servers by their names', async () => {
    const dhcp = await asked(
      ...['66,http://192.0.2.1/66', '159,tftp://192.0.2.1/159', '160,https://cfg.example/160'],
      ...['43,02:0b:31:39:32:2e:30:2e:32:2e:31:2f:76', 'option:sip-server,sip1.example,sip2.example'],
    );
    assert.deepEqual(servers(dhcp, '0'), ['tftp://192.0.2.1/v']);
    assert.deepEqual(servers(dhcp, '66'), ['http://192.0.2.1/66']);
    assert.deepEqual(servers(dhcp, '159'), ['tftp://192.0.2.1/159']);
    assert.deepEqual(servers(dhcp, '160'), ['https://cfg.example/160']);
    assert.deepEqual(sipServers(dhcp.get(SIP_SERVERS) ?? ''), ['sip1.example', 'sip2.example']);
  });

  it('names the configuration server by option 43 where that is for phones of this kind alone', async () => {
    const dhcp = await leased(
      [
        '--dhcp-vendorclass=set:phone,AastraIPPhone57i',
        '--dhcp-option=tag:phone,43,02:0b:31:39:32:2e:30:2e:32:2e:31:2f:76',
      ],
      askByNetworkd,
    );
    assert.deepEqual(servers(dhcp, '0'), ['tftp://192.0.2.1/v']);
  });

  it('names SIP servers by their addresses', async () => {
    const dhcp = await asked('option:sip-server,192.0.2.11,192.0.2.12');
    assert.deepEqual(sipServers(dhcp.get(SIP_SERVERS) ?? ''), ['192.0.2.11', '192.0.2.12']);
  });
});
