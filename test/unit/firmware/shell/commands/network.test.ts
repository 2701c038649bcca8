/** `holdfast network` on a folder that stands for the machine: what it writes, with which rights, and what it says. */
import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, beforeEach, describe, it } from 'node:test';
import { runNetwork } from '../../../../../firmware/shell/commands/network.ts';

const folder = mkdtempSync(join(tmpdir(), 'holdfast-network-'));
after(() => rmSync(folder, { recursive: true }));
let root = '';
let count = 0;
beforeEach(() => {
  count += 1;
  root = join(folder, String(count));
  put('usr/share/zoneinfo/zone.tab', 'DE\t+5230+01322\tEurope/Berlin\n');
  put('proc/sys/kernel/hostname', 'localhost\n');
  put('state/none', '');
});

function put(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

async function network(...more: readonly string[]): Promise<{ readonly code: number; readonly said: string }> {
  const said: string[] = [];
  const at = [
    '--config',
    join(root, 'phone.cfg'),
    '--state',
    join(root, 'state'),
    '--root',
    root,
    '--empty',
    '/none.cfg',
  ];
  const code = await runNetwork([...at, ...more], (level, line) => said.push(`${level} ${line}\n`));
  return { code, said: said.join('') };
}

const ETHERNET = 'run/systemd/network/10-holdfast-ethernet.network';
const WIFI = 'wifi ssid: Hall\nwifi passphrase: correct horse\nwifi country: DE\n';

describe('holdfast network', () => {
  it('DHCP, the zone and the name of the phone, each said once', async () => {
    put('phone.cfg', 'hostname: desk-7\ntime zone name: DE-Berlin\nsip user name: 2001\n');
    const { code, said } = await network();
    assert.equal(code, 0);
    assert.match(
      read(ETHERNET),
      /^\[Match\]\nType=ether\nKind=!\*\n\n\[Network\]\nLLDP=yes\nEmitLLDP=nearest-bridge\nIPv6AcceptRA=yes\nDHCP=ipv4\n/m,
    );
    // A server may keep option 43 for phones of this kind.
    assert.match(read(ETHERNET), /\nRequestOptions=43\nVendorClassIdentifier=AastraIPPhone57i\n/);
    assert.equal(read('proc/sys/kernel/hostname'), 'desk-7');
    assert.equal(readlinkSync(join(root, 'run/holdfast/localtime')), '/usr/share/zoneinfo/Europe/Berlin');
    assert.match(
      read('run/holdfast/phone.env'),
      /\nHOLDFAST_CONFIG=\S+phone\.cfg\nHOLDFAST_MODEL=57i\nHOLDFAST_BOARD=desk-v1\nTZ=Europe\/Berlin\n$/,
    );
    // For nftables: the phone's packets are marked from the first one on.
    assert.match(read('run/holdfast/marking.nft'), /udp sport 5060 ip dscp set 26\n/);
    assert.match(said, /info \/run\/systemd\/network\/10-holdfast-ethernet\.network: new\n/);
    assert.match(said, /info network: address by DHCP, zone Europe\/Berlin\n$/);
    assert.deepEqual(await network(), { code: 0, said: 'info network: address by DHCP, zone Europe/Berlin\n' });
  });

  it('marks no packets of a phone whose port is another one at each start, and says so', async () => {
    put('phone.cfg', 'sip local port: 0\n');
    const { code, said } = await network();
    assert.equal(code, 0);
    assert.match(said, /warn sip local port: 0 is another port at each start: packets are not marked\n/);
    assert.equal(existsSync(join(root, 'run/holdfast/marking.nft')), false);
  });

  it('an address of its own, its router and name servers', async () => {
    put(
      'phone.cfg',
      'dhcp: 0\nip: 192.0.2.40\nsubnet mask: 255.255.255.0\ndefault gateway: 192.0.2.1\ndns1: 192.0.2.2\n',
    );
    assert.match((await network()).said, /address 192\.0\.2\.40\/24, router 192\.0\.2\.1, name servers 192\.0\.2\.2/);
    assert.match(
      read(ETHERNET),
      /\nDNS=192\.0\.2\.2\nIPv6AcceptRA=yes\nDHCP=no\nAddress=192\.0\.2\.40\/24\n\n\[Route\]\nGateway=192\.0\.2\.1\n/,
    );
  });

  it('a VLAN: the plug carries nothing but its frames', async () => {
    put('phone.cfg', 'tagging enabled: 1\nvlan id: 20\n');
    await network();
    assert.match(read(ETHERNET), /\nVLAN=voice\nLinkLocalAddressing=no\n/);
    assert.doesNotMatch(read(ETHERNET), /DHCP/);
    assert.match(read('run/systemd/network/10-holdfast-voice.netdev'), /Name=voice\nKind=vlan\n\n\[VLAN\]\nId=20\n/);
    assert.match(read('run/systemd/network/10-holdfast-voice.network'), /DHCP=ipv4/);
  });

  it('the key of a wireless network, for root alone, and never its passphrase (test vector of IEEE 802.11 J.4.2)', async () => {
    put('phone.cfg', 'wifi ssid: IEEE\nwifi passphrase: password\nwifi country: DE\n');
    const { said } = await network();
    const path = 'run/holdfast/wpa_supplicant.conf';
    const key = 'f42c6fc52df0ebef9ebb4b90b38a5f902e83fe1b135a70e23aed762e9710a12e';
    assert.match(
      read(path),
      new RegExp(`\\n  ssid=49454545\\n  key_mgmt=WPA-PSK WPA-PSK-SHA256\\n  psk=${key}\\n\\}\\n$`),
    );
    assert.equal(statSync(join(root, path)).mode & 0o777, 0o600);
    assert.equal(statSync(join(root, ETHERNET)).mode & 0o777, 0o644);
    assert.doesNotMatch(read(path) + said, /password/);
  });

  it('what a configuration no longer asks for is removed, and said', async () => {
    put('phone.cfg', `${WIFI}time server disabled: 1\n`);
    await network();
    assert.ok(existsSync(join(root, 'run/holdfast/no-time-server')));
    put('phone.cfg', 'time server1: ntp.example.org\n');
    const { said } = await network();
    assert.match(said, /wpa_supplicant\.conf: removed/);
    assert.ok(!existsSync(join(root, 'run/holdfast/wpa_supplicant.conf')));
    assert.ok(!existsSync(join(root, 'run/holdfast/no-time-server')));
    assert.match(read('run/systemd/timesyncd.conf.d/holdfast.conf'), /\[Time\]\nNTP=ntp\.example\.org\n/);
  });

  it('what was set at the phone itself counts, as everywhere', async () => {
    put('phone.cfg', 'hostname: desk-7\n');
    put('state/local.cfg', 'hostname: desk-8\n');
    await network();
    assert.equal(read('proc/sys/kernel/hostname'), 'desk-8');
  });

  it('no configuration at all: said, and there is a network', async () => {
    const { code, said } = await network();
    assert.equal(code, 0);
    assert.match(said, /error \S+phone\.cfg: no such file or folder/);
    assert.match(read(ETHERNET), /DHCP=ipv4/);
    assert.match(read('run/holdfast/phone.env'), /\nHOLDFAST_CONFIG=\/none\.cfg\n/);
  });

  it('a bad value is said with its line; those of the phone are left to the phone', async () => {
    put('phone.cfg', 'ip: 192.0.2\nsip registrar port: x\nno colon here\n');
    const { said } = await network();
    assert.match(said, /warn phone\.cfg:1: "192\.0\.2" is no value of "ip"/);
    assert.match(said, /warn phone\.cfg:3: there is no ":"/);
    assert.doesNotMatch(said, /registrar/);
  });

  it('files that cannot be written change none of those before, and leave nothing half written', async () => {
    put('phone.cfg', 'hostname: desk-7\n');
    await network();
    const before = read(ETHERNET);
    put('phone.cfg', 'tagging enabled: 1\nvlan id: 20\ntime server disabled: 1\n');
    // A folder stands where the last file would be written.
    mkdirSync(join(root, 'run/holdfast/no-time-server.new/x'), { recursive: true });
    const { code, said } = await network();
    assert.equal(code, 1);
    assert.match(said, /error the network's files could not be written/);
    assert.equal(read(ETHERNET), before);
    assert.ok(!existsSync(join(root, 'run/systemd/network/10-holdfast-voice.netdev')));
    assert.ok(!existsSync(`${join(root, ETHERNET)}.new`));
  });

  it('refuses what it does not know', async () => {
    assert.equal((await network('--rot', '/x')).code, 2);
    assert.equal(await runNetwork([], () => undefined), 2);
  });
});
