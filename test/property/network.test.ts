/** What holds for any configuration, hostile ones first: no text of it reaches a file of the system but as a value that was checked. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { effectiveSettings } from '../../firmware/config/layers.ts';
import { SYSTEM_PARAMETERS } from '../../firmware/config/system-parameters.ts';
import { SYSTEM_PATHS, systemFiles } from '../../firmware/network/files.ts';
import { planSystem } from '../../firmware/network/plan.ts';

const SEED = 20_240_301;
const KEY = 'ab'.repeat(32);
const ZONES = 'GB\t+513030-0000731\tEurope/London\nDE\t+5230+01322\tEurope/Berlin\n';

/** What would do harm if it were taken over as it stands. */
const HOSTILE = [
  ...[
    '\n[Network]\nDNS=203.0.113.66',
    '\r\nExecStart=/bin/sh',
    '192.0.2.1\nDNS=203.0.113.66',
    '192.0.2.1 203.0.113.66',
  ],
  ...['x"\n}\nnetwork={', '%i', '$(reboot)', '`reboot`', '../../../etc/shadow', 'a\u0000b', '\u2028[Match]', '\\n'],
  ...['fe80::1%eth0', '2001:db8::1#x', 'ntp.example.org\tntp2', '0177.0.0.1', '1e3', '０', 'a'.repeat(5000)],
];
/** With all of these there is an address, a VLAN and a wireless network. */
const SOUND: Readonly<Record<string, string>> = {
  dhcp: '0',
  ip: '192.0.2.7',
  'subnet mask': '255.255.255.0',
  'default gateway': '192.0.2.1',
  dns1: '2001:db8::5',
  'time server1': 'ntp.example.org',
  'time zone name': 'GB-London',
  'tagging enabled': '1',
  'vlan id': '20',
  hostname: 'desk-7',
  'wifi ssid': 'Hall',
  'wifi passphrase': 'correct horse',
  'wifi country': 'DE',
};

const names = SYSTEM_PARAMETERS.map(({ name }) => name);
const value = fc.oneof(
  fc.constantFrom(...HOSTILE),
  fc.tuple(fc.constantFrom(...Object.values(SOUND)), fc.constantFrom(...HOSTILE)).map((parts) => parts.join('')),
  fc.string({ unit: 'binary', maxLength: 80 }),
);
const configuration = fc
  .tuple(fc.subarray(Object.keys(SOUND)), fc.dictionary(fc.constantFrom(...names), value, { maxKeys: 6 }))
  .map(([left, hostile]) => ({ ...Object.fromEntries(left.map((name) => [name, SOUND[name] ?? ''])), ...hostile }));

const ADDRESS = /[0-9a-f:.]{2,45}/.source;
const HOST = /[a-z0-9_.:-]{1,253}/.source;
/** Every line that may stand in a file. */
const LINES: readonly RegExp[] = [
  /^# Made from phone\.cfg by `holdfast network` at each start\.$/,
  /^$/,
  /^\[(?:Match|NetDev|VLAN|Link|Network|DHCPv4|Route|Time)\]$/,
  /^(?:Type=(?:ether|wlan)|Kind=(?:!\*|vlan)|Name=voice|VLAN=voice|LinkLocalAddressing=no|IPv6AcceptRA=(?:yes|no))$/,
  /^(?:LLDP=(?:yes|no)|EmitLLDP=(?:nearest-bridge|no)|RequiredForOnline=(?:no|carrier)|DHCP=(?:ipv4|no)|ClientIdentifier=mac|RequestOptions=43|VendorClassIdentifier=AastraIPPhone5[37]i)$/,
  /^(?:RouteMetric|Metric)=(?:100|600)$/,
  /^Id=[1-9]\d{0,3}$/,
  new RegExp(`^(?:DNS|Gateway)=${ADDRESS}$`),
  /^Address=[0-9.]{7,15}\/(?:[1-9]|[12]\d|30)$/,
  new RegExp(`^NTP=${HOST}(?: ${HOST}){0,2}$`),
  /^(?:update_config=0|network=\{|\}|time server disabled: 1)$/,
  /^country=[A-Z]{2}$/,
  /^ {2}(?:ssid=(?:[0-9a-f]{2}){1,32}|scan_ssid=1|key_mgmt=(?:NONE|WPA-PSK WPA-PSK-SHA256))$/,
  new RegExp(`^ {2}psk=${KEY}$`),
  /^HOLDFAST_CONFIG=\/boot\/firmware\/phone\.cfg$/,
  /^HOLDFAST_MODEL=(?:57i|53i)$/,
  /^HOLDFAST_BOARD=(?:desk-v1|headless)$/,
  /^TZ=(?:Etc\/UTC|Europe\/London|Europe\/Berlin)$/,
];

describe('files of the system', () => {
  it('hold only lines of a known form, whatever the configuration says', () => {
    let wireless = 0;
    let fixed = 0;
    fc.assert(
      fc.property(configuration, (given) => {
        const entries = Object.entries(given).map(([name, text], index) => ({
          ...{ name, value: text, line: index + 1, locked: false, reset: false },
        }));
        const layer = { from: 'phone.cfg', kind: 'server', entries } as const;
        const { effective } = effectiveSettings([layer], { model: '57i', mac: '00085D000001' });
        const { plan, problems } = planSystem(effective, ZONES);
        const key = plan.wireless === null || plan.wireless.passphrase === null ? null : KEY;
        if (plan.wireless !== null) wireless += 1;
        if (plan.address !== 'dhcp') fixed += 1;
        for (const { path, text } of systemFiles(plan, { key, config: '/boot/firmware/phone.cfg', marking: null })) {
          assert.ok(SYSTEM_PATHS.includes(path), path);
          for (const line of text.split('\n'))
            assert.ok(
              LINES.some((form) => form.test(line)),
              `${path}: ${JSON.stringify(line)}`,
            );
        }
        // What is said goes to the journal: one line stays one line.
        for (const problem of problems) assert.doesNotMatch(problem, /[\n\r]/);
      }),
      { seed: SEED, numRuns: 3000 },
    );
    assert.ok(wireless > 50 && fixed > 50, `too few configurations were sound: ${wireless} wireless, ${fixed} fixed`);
  });
});
