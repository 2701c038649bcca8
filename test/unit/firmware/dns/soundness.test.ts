/** Owns the proof of which names and records are believed. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isHostName, isLoopback, isSound } from '../../../../firmware/dns/soundness.ts';
import { a, aaaa, cname, srv } from '../../../support/name-world.ts';

const NO_TRUST = { loopback: false };
const LAB = { loopback: true };

describe('which addresses are believed (L15)', () => {
  for (const address of ['192.0.2.1', '10.0.0.1', '169.254.1.1', '223.255.255.255'])
    it(`${address} is`, () => assert.equal(isSound(a('x.test', address), NO_TRUST), true));

  for (const address of [
    ...['0.0.0.0', '0.1.2.3', '127.0.0.1', '127.255.0.9', '224.0.1.75', '239.1.1.1', '240.0.0.1', '255.255.255.255'],
    ...['192.0.2', 'pbx.example.test', '', '1.2.undefined.undefined'],
  ])
    it(`"${address}" is not`, () => assert.equal(isSound(a('x.test', address), NO_TRUST), false));

  for (const address of ['2001:db8::1', 'fd00::1', '64:ff9b::c000:201'])
    it(`${address} is`, () => assert.equal(isSound(aaaa('x.test', address), NO_TRUST), true));

  for (const address of [
    ...['::', '::1', '0:0:0:0:0:0:0:1', 'ff02::1', 'FF02::1', 'fe80::1', 'febf::1', '::ffff:127.0.0.1', '::192.0.2.1'],
    ...['192.0.2.1', 'x::1'],
  ])
    it(`"${address}" is not`, () => assert.equal(isSound(aaaa('x.test', address), NO_TRUST), false));

  it('loopback is, in a lab', () => {
    assert.deepEqual([isSound(a('x.test', '127.0.0.1'), LAB), isSound(aaaa('x.test', '::1'), LAB)], [true, true]);
  });

  it('loopback is known in every spelling', () => {
    const spellings = [
      '127.0.0.1',
      '127.9.9.9',
      '::1',
      '0:0::0:1',
      '128.0.0.1',
      '::2',
      'localhost',
      '127.example.test',
    ];
    assert.deepEqual(spellings.map(isLoopback), [true, true, true, true, false, false, false, false]);
  });
});

describe('which SRV records and names are believed', () => {
  it('a port from 1 to 65535 and a name, or "." for "not offered"', () => {
    const texts = [
      '1 1 5060 a.test',
      '1 1 1 a.test',
      '1 1 65535 a.test',
      '1 1 0 a.test',
      '1 1 65536 a.test',
      '1 1 1.5 a.test',
    ];
    assert.deepEqual(
      texts.map((text) => isSound(srv('x.test', text), LAB)),
      [true, true, true, false, false, false],
    );
    assert.equal(isSound(srv('x.test', '0 0 0 .'), LAB), true);
    assert.equal(isSound({ ...srv('x.test', '1 1 5060 a'), target: 'a b' }, LAB), false);
  });

  it('other records are judged where they are used', () => {
    assert.equal(isSound(cname('x.test', '.'), LAB), true);
  });

  it('a name has labels of 1 to 63 letters, digits, hyphens and underscores, 253 in all', () => {
    const label = 'a'.repeat(63);
    const longest = `${label}.${label}.${label}.${'a'.repeat(61)}`;
    for (const name of ['a', 'pbx.example.test', '_sip._udp.x', 'xn--bcher-kva.test', label, longest])
      assert.equal(isHostName(name), true, name);
    for (const name of [
      '',
      '.',
      'a.',
      '.a',
      'a..b',
      `${label}a`,
      `${longest}a`,
      'bücher.test',
      'a b',
      'A.test',
      'a\0b',
    ])
      assert.equal(isHostName(name), false, name);
  });
});
