/** From a configuration to what the system shall do: what is taken, what is not, and what is said of it. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseCfg } from '../../../../firmware/config/cfg-file.ts';
import { effectiveSettings } from '../../../../firmware/config/layers.ts';
import type { Planned } from '../../../../firmware/network/plan.ts';
import { planSystem } from '../../../../firmware/network/plan.ts';
import { zoneNamed } from '../../../../firmware/network/time-zone.ts';

const ZONES = [
  '# a comment',
  'GB\t+513030-0000731\tEurope/London',
  'DE\t+5230+01322\tEurope/Berlin\tmost of Germany',
  'DE\t+4742+00841\tEurope/Busingen\tBusingen',
  'US\t+404251-0740023\tAmerica/New_York\tEastern (most areas)',
  'AR\t-3436-05827\tAmerica/Argentina/Buenos_Aires\tBuenos Aires',
].join('\n');

function planned(text: string): Planned {
  const layer = { from: 'phone.cfg', kind: 'server', entries: parseCfg(text).entries } as const;
  return planSystem(effectiveSettings([layer], { model: '57i', mac: '00085D000001' }).effective, ZONES);
}

const STATIC = 'dhcp: 0\nip: 192.0.2.40\nsubnet mask: 255.255.255.0\ndefault gateway: 192.0.2.1\n';

describe('the address', () => {
  it('comes from DHCP where nothing is said', () => {
    const { plan, problems } = planned('');
    assert.equal(plan.address, 'dhcp');
    assert.deepEqual(problems, []);
  });

  it('is the one that is given, without DHCP', () => {
    const { plan, problems } = planned(`${STATIC}dns1: 192.0.2.2\ndns2: 2001:db8::2\n`);
    assert.deepEqual(plan.address, { address: '192.0.2.40', prefix: 24, gateway: '192.0.2.1' });
    assert.deepEqual(plan.nameServers, ['192.0.2.2', '2001:db8::2']);
    assert.deepEqual(problems, []);
  });

  it('given beside DHCP does not count', () => {
    assert.equal(planned(STATIC.replace('dhcp: 0', 'dhcp: 1')).plan.address, 'dhcp');
  });

  for (const [what, text, said] of [
    ['no mask', STATIC.replace(/subnet mask.*\n/, ''), /subnet mask is not given/],
    ['no address', STATIC.replace(/^ip: .*\n/m, ''), /ip is not given/],
    ['a mask with a hole', STATIC.replace('255.255.255.0', '255.0.255.0'), /255\.0\.255\.0 is no mask/],
    ['a mask for one host', STATIC.replace('255.255.255.0', '255.255.255.255'), /is no mask/],
    ['the network as address', STATIC.replace('192.0.2.40', '192.0.2.0'), /the network itself/],
    ['the broadcast as address', STATIC.replace('192.0.2.40', '192.0.2.255'), /the broadcast address/],
    ['a group as address', STATIC.replace('192.0.2.40', '224.0.0.5'), /no address of a host/],
    ['the loopback as address', STATIC.replace('192.0.2.40', '127.0.0.1'), /no address of a host/],
  ] as const)
    it(`${what}: said, and the phone asks DHCP, so that it can be reached`, () => {
      const { plan, problems } = planned(text);
      assert.equal(plan.address, 'dhcp');
      assert.match(problems.join('\n'), said);
      assert.match(problems.join('\n'), /from DHCP instead/);
    });

  for (const gateway of ['198.51.100.1', '192.0.2.40', '192.0.2.255'])
    it(`the gateway ${gateway} is no other host of the network: left out, the address stands`, () => {
      const { plan, problems } = planned(STATIC.replace('gateway: 192.0.2.1', `gateway: ${gateway}`));
      assert.deepEqual(plan.address, { address: '192.0.2.40', prefix: 24, gateway: null });
      assert.match(problems.join('\n'), /is left out/);
    });

  it('knows masks of every length from 1 to 30', () => {
    for (let bits = 1; bits <= 30; bits += 1) {
      const mask = 2 ** 32 - 2 ** (32 - bits);
      const text = [24, 16, 8, 0].map((shift) => Math.floor(mask / 2 ** shift) % 256).join('.');
      const { address } = planned(`dhcp: 0\nip: 100.66.85.41\nsubnet mask: ${text}\n`).plan;
      assert.equal(address === 'dhcp' ? null : address.prefix, bits, text);
    }
  });
});

describe('time', () => {
  it('servers in their order, or none at all', () => {
    const servers = 'time server1: ntp.example.org\ntime server3: 192.0.2.9\n';
    assert.deepEqual(planned(servers).plan.timeServers, ['ntp.example.org', '192.0.2.9']);
    assert.equal(planned(`${servers}time server disabled: 1\n`).plan.timeServers, 'off');
  });

  it('zones as the original names them, and as the database does', () => {
    for (const [name, zone] of [
      ['GB-London', 'Europe/London'],
      ['de-berlin', 'Europe/Berlin'],
      ['US-Eastern', 'America/New_York'],
      ['AR-Buenos Aires', 'America/Argentina/Buenos_Aires'],
      ['europe/berlin', 'Europe/Berlin'],
      ['UTC', 'Etc/UTC'],
    ] as const)
      assert.equal(zoneNamed(name, ZONES), zone, name);
  });

  it('a zone that nobody knows is UTC, and said', () => {
    for (const name of ['DE-London', 'Mars/Olympus', '../../etc/shadow', 'US-constructor', '-', 'Europe']) {
      const { plan, problems } = planned(`time zone name: ${name}\n`);
      assert.equal(plan.zone, 'Etc/UTC', name);
      assert.equal(problems.length, 1, name);
    }
  });

  it('Custom is no zone of the system: the phone goes by its minutes', () => {
    assert.deepEqual(planned('time zone name: Custom\ntime zone minutes: -60\n').problems, []);
  });
});

describe('VLAN and name', () => {
  it('a VLAN needs both its parameters', () => {
    assert.equal(planned('tagging enabled: 1\nvlan id: 20\n').plan.vlan, 20);
    assert.equal(planned('vlan id: 20\n').plan.vlan, null);
    for (const id of [0, 4095]) {
      const { plan, problems } = planned(`tagging enabled: 1\nvlan id: ${id}\n`);
      assert.deepEqual([plan.vlan, problems.length], [null, 1]);
    }
  });

  it('a host name is one label, in lower case', () => {
    assert.equal(planned('hostname: Desk-12\n').plan.hostname, 'desk-12');
    for (const bad of ['-desk', 'desk.example.org', 'desk 12', 'desk;reboot', 'büro'])
      assert.equal(planned(`hostname: ${bad}\n`).plan.hostname, 'holdfast', bad);
  });
});

describe('the wireless network', () => {
  const WIFI = 'wifi ssid: Büro 2\nwifi passphrase: correct horse\nwifi country: de\n';

  it('its name travels as octets', () => {
    assert.deepEqual(planned(`${WIFI}wifi hidden: 1\n`).plan.wireless, {
      ssidHex: Buffer.from('Büro 2').toString('hex'),
      passphrase: 'correct horse',
      country: 'DE',
      hidden: 'yes',
    });
  });

  it('may be open', () => {
    assert.equal(planned('wifi ssid: Hall\nwifi country: DE\n').plan.wireless?.passphrase, null);
  });

  for (const [what, text] of [
    ['no country', WIFI.replace(/wifi country.*\n/, '')],
    ['a country of digits', WIFI.replace('country: de', 'country: 49')],
    ['a short passphrase', WIFI.replace('correct horse', 'short')],
    ['a passphrase beyond ASCII', WIFI.replace('correct horse', 'Zügelhüterin')],
    ['64 characters that are no key', WIFI.replace('correct horse', 'x'.repeat(64))],
    ['a name of more than 32 octets', WIFI.replace('Büro 2', 'ü'.repeat(17))],
    ['a passphrase for nothing', 'wifi passphrase: correct horse\n'],
  ] as const)
    it(`${what}: said without the passphrase, and there is none`, () => {
      const { plan, problems } = planned(text);
      assert.equal(plan.wireless, null);
      assert.equal(problems.length, 1);
      assert.doesNotMatch(problems.join(), /correct|short|Zügel|xxxx/);
    });
});
