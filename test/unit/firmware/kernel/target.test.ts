/** The words for where a packet goes. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  endpointText,
  isIpv4,
  isIpv6,
  isStream,
  plainAddress,
  targetKey,
  targetText,
} from '../../../../firmware/kernel/target.ts';

describe('a target as text', () => {
  it('has brackets around an IPv6 address, so that the port stands apart', () => {
    assert.equal(
      targetText({ transport: 'udp', address: '192.0.2.1', port: 5060, tlsName: null }),
      'udp:192.0.2.1:5060',
    );
    assert.equal(endpointText({ address: '2001:db8::1', port: 5061 }), '[2001:db8::1]:5061');
  });
});

describe('an IPv4 literal', () => {
  for (const text of ['0.0.0.0', '192.0.2.1', '255.255.255.255'])
    it(`${text} is one`, () => assert.equal(isIpv4(text), true));
  for (const text of ['', '1.2.3', '1.2.3.4.5', '256.1.1.1', '1.2.3.x', '1.2.3.', '1234.1.1.1', 'example.test'])
    it(`"${text}" is none`, () => assert.equal(isIpv4(text), false));
});

describe('an IPv6 literal', () => {
  for (const text of [
    '::',
    '::1',
    '2001:db8::1',
    '1:2:3:4:5:6:7:8',
    '::ffff:192.0.2.1',
    '1:2:3:4:5:6:192.0.2.1',
    'fe80::',
    'ABCD::EF01',
  ])
    it(`${text} is one`, () => assert.equal(isIpv6(text), true));
  for (const text of [
    '',
    '1',
    '1:2',
    ':::',
    '1::2::3',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7::8:9',
    '12345::',
    'g::',
    '::192.0.2',
    '192.0.2.1::',
    '::192.0.2.1:1',
    '192.0.2.1',
  ])
    it(`"${text}" is none`, () => assert.equal(isIpv6(text), false));
});

describe('one spelling of an address', () => {
  for (const [text, plain] of [
    ['192.0.2.1', '192.0.2.1'],
    ['PBX.example.test', 'pbx.example.test'],
    ['2001:DB8::1', '2001:db8:0:0:0:0:0:1'],
    ['2001:0db8:0:0:0:0:0:0001', '2001:db8:0:0:0:0:0:1'],
    ['::', '0:0:0:0:0:0:0:0'],
    ['1::', '1:0:0:0:0:0:0:0'],
    ['::ffff:192.0.2.1', '0:0:0:0:0:ffff:c000:201'],
  ] as const)
    it(`of ${text} is ${plain}`, () => assert.equal(plainAddress(text), plain));
});

describe('the identity of a target', () => {
  const target = { transport: 'tls', address: '192.0.2.1', port: 5061, tlsName: 'PBX.test' } as const;

  it('over TLS holds the configured name: a certificate says nothing of another', () => {
    assert.equal(targetKey(target), 'tls:192.0.2.1:5061 as pbx.test');
    assert.equal(targetKey({ ...target, transport: 'tcp', tlsName: null }), 'tcp:192.0.2.1:5061');
  });

  it('TCP and TLS are streams, UDP is none', () => {
    assert.deepEqual(
      (['udp', 'tcp', 'tls'] as const).map((transport) => isStream({ transport })),
      [false, true, true],
    );
  });
});
