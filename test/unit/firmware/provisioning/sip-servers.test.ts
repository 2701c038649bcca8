/** SIP servers that DHCP names (RFC 3361): how they are read, and that they count beneath everything else. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parseCfg } from '../../../../firmware/config/cfg-file.ts';
import { effectiveSettings } from '../../../../firmware/config/layers.ts';
import { leaseOptions } from '../../../../firmware/provisioning/dhcp-lease.ts';
import { namesServers, sipServerLayer, sipServers } from '../../../../firmware/provisioning/sip-servers.ts';

const DEVICE = { model: '57i', mac: '00085D000001' } as const;
const label = (text: string): string => `${String.fromCharCode(text.length)}${text}`;
const names = (...hosts: readonly string[]): string =>
  `\0${hosts.map((host) => `${host.split('.').map(label).join('')}\0`).join('')}`;
const addresses = (...octets: readonly number[]): string => `\u0001${String.fromCharCode(...octets)}`;

describe('DHCP option 120', () => {
  it('gives names or addresses, in the order of preference', () => {
    assert.deepEqual(sipServers(names('sip1.example.com', 'sip2.example.com')), [
      'sip1.example.com',
      'sip2.example.com',
    ]);
    assert.deepEqual(sipServers(addresses(192, 0, 2, 1, 192, 0, 2, 2)), ['192.0.2.1', '192.0.2.2']);
  });

  it('gives names that are compressed, as dnsmasq writes them (RFC 3361 3.1); a pointer that leads nowhere or on gives none', () => {
    const first = `\u0000${label('sip1')}${label('example')}\u0000`;
    assert.deepEqual(sipServers(`${first}${label('sip2')}\u00c0\u0005${label('a')}\u00c0\u0000`), [
      'sip1.example',
      'sip2.example',
      'a.sip1.example',
    ]);
    for (const pointer of ['\u00c0\u000e', '\u00c0\u0014', '\u00ff\u00ff', '\u00c0'])
      assert.deepEqual(sipServers(`${first}${label('sip2')}${pointer}`), ['sip1.example']);
    // Each name leads to the one before: the longest option there is.
    assert.ok(
      sipServers(
        `\u0000${label('a')}\u0000${Array.from({ length: 80 }, (_n, at) => `\u00c0${String.fromCharCode(at * 2)}`).join('')}`,
      ).length > 0,
    );
  });

  it('of what is broken off, no host or not configured nothing is taken', () => {
    const cut = names('sip1.example.com', 'sip2.example.com').slice(0, -4);
    assert.deepEqual(sipServers(cut), ['sip1.example.com']);
    assert.deepEqual(sipServers('\0\u0003sip\u00c0\u000c'), []);
    assert.deepEqual(sipServers(names('bad host!', 'good.example')), ['good.example']);
    assert.deepEqual(sipServers(addresses(0, 0, 0, 0, 192, 0, 2, 2, 7)), ['192.0.2.2']);
    for (const other of ['', '\0', '\u0001', '\u0002abc', '\0\0']) assert.deepEqual(sipServers(other), []);
  });

  it('whatever came, reading it ends, and every server is a host', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((n) => String.fromCharCode(n)) }),
        (octets) => {
          for (const host of sipServers(octets)) assert.match(host, /^[\w.-]+$/);
        },
      ),
    );
  });

  it('is read from what systemd keeps', () => {
    const lease = leaseOptions('ADDRESS=192.0.2.9\nSIP=192.0.2.1 192.0.2.2\nOPTION_224=41\n');
    assert.deepEqual(sipServers(lease.get(120) ?? ''), ['192.0.2.1', '192.0.2.2']);
  });

  it('its first server is the primary of both roles and its second the backup, beneath all files', () => {
    const layer = sipServerLayer(new Map([[120, names('one.example', 'two.example', 'three.example')]]));
    assert.ok(layer !== null);
    const file = {
      from: 'phone.cfg',
      kind: 'server',
      entries: parseCfg('sip line1 user name: 100\n').entries,
    } as const;
    const { settings, effective } = effectiveSettings([layer, file], DEVICE);
    const line = settings.lines[0];
    for (const pair of [line?.registrar, line?.proxy])
      assert.deepEqual(
        [pair?.primary, pair?.backup],
        [
          { name: 'one.example', port: 0 },
          { name: 'two.example', port: 0 },
        ],
      );
    assert.equal(effective.get('sip registrar ip')?.from, 'DHCP option 120');
    const alone = sipServerLayer(new Map([[120, addresses(192, 0, 2, 1)]]));
    assert.deepEqual(
      alone?.entries.map(({ name }) => name),
      ['sip proxy ip', 'sip registrar ip'],
    );
    assert.equal(sipServerLayer(new Map()), null);
  });

  it('does not count where anybody has named a server, for all lines or for one', () => {
    const named = (text: string): boolean =>
      namesServers(effectiveSettings([{ from: 'x', kind: 'server', entries: parseCfg(text).entries }], DEVICE));
    for (const text of [
      'sip proxy ip: a.example',
      'sip line3 registrar ip: 192.0.2.1',
      'sip backup registrar ip: b.example',
    ])
      assert.ok(named(text), text);
    for (const text of ['', 'sip proxy ip: 0.0.0.0', 'sip registrar port: 5060', 'sip outbound proxy: c.example'])
      assert.ok(!named(text), text);
  });
});
