/** Owns the proof that answers are read back over a restart as they were written, and nothing else is. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { answerOf, readStored, storedOf } from '../../../../firmware/dns/memory.ts';
import { millis } from '../../../../firmware/kernel/time.ts';
import { a, aaaa, naptr, srv } from '../../../support/name-world.ts';

const kept = [
  {
    name: 'pbx.example.test',
    type: 'A',
    records: [a('pbx.example.test', '192.0.2.1'), a('pbx.example.test', '192.0.2.2')],
  },
  { name: 'pbx.example.test', type: 'AAAA', records: [aaaa('pbx.example.test', '2001:db8::1')] },
  {
    name: '_sip._udp.example.test',
    type: 'SRV',
    records: [srv('_sip._udp.example.test', '10 60 5062 pbx.example.test'), srv('_sip._udp.example.test', '0 0 0 .')],
  },
  { name: 'example.test', type: 'NAPTR', records: [naptr('example.test', '10 20 s SIP+D2U _sip._udp.example.test')] },
  { name: '_sip._udp.other.test', type: 'SRV', records: [] },
] as const;

describe('answers over a restart', () => {
  it('what was written is read back', () => {
    const written = kept.map((one) => storedOf({ name: one.name, type: one.type }, answerOf(one, millis(5))));
    assert.deepEqual(readStored(JSON.parse(JSON.stringify({ version: 1, answers: written }))), kept);
  });

  const [address, , service, rule] = kept;
  const bad: readonly (readonly [string, unknown])[] = [
    ['nothing', undefined],
    ['a text', 'answers'],
    ['no list', { answers: {} }],
    ['an entry that is no object', { answers: [null] }],
    ['a name that is no text', { answers: [{ ...address, name: 5 }] }],
    ['a name that DNS cannot hold', { answers: [{ ...address, name: 'a b' }] }],
    ['another type', { answers: [{ ...address, type: 'MX' }] }],
    ['no records', { answers: [{ ...address, records: 'x' }] }],
    ['records of another type', { answers: [{ ...address, type: 'SRV' }] }],
    ['a record that is no object', { answers: [{ ...address, records: [7] }] }],
    ['a record without a name', { answers: [{ ...address, records: [{ ...address.records[0], name: null }] }] }],
    ['a TTL below 0', { answers: [{ ...address, records: [{ ...address.records[0], ttl: -1 }] }] }],
    ['an address that is no text', { answers: [{ ...address, records: [{ ...address.records[0], address: 1 }] }] }],
    [
      'an address that no server can have',
      { answers: [{ ...address, records: [{ ...address.records[0], address: '0.0.0.0' }] }] },
    ],
    ['port 0', { answers: [{ ...service, records: [{ ...service.records[0], port: 0 }] }] }],
    ['a weight that is no number', { answers: [{ ...service, records: [{ ...service.records[0], weight: '1' }] }] }],
    ['a target that is no text', { answers: [{ ...service, records: [{ ...service.records[0], target: 1 }] }] }],
    ['an order with a fraction', { answers: [{ ...rule, records: [{ ...rule.records[0], order: 0.5 }] }] }],
    ['flags that are no text', { answers: [{ ...rule, records: [{ ...rule.records[0], flags: null }] }] }],
    ['one bad record beside a good one', { answers: [{ ...address, records: [...address.records, { ttl: 0 }] }] }],
    [
      'a record of an alias',
      { answers: [{ ...address, records: [{ type: 'CNAME', name: 'a', ttl: 1, target: 'b' }] }] },
    ],
    [
      'more records than an answer holds',
      { answers: [{ ...address, records: new Array(65).fill(address.records[0]) }] },
    ],
  ];
  for (const [what, value] of bad) it(`${what}: left out`, () => assert.deepEqual(readStored(value), []));

  it('what is sound beside it is kept, up to a bound', () => {
    assert.deepEqual(readStored({ answers: [null, address] }), [address]);
    assert.equal(readStored({ answers: new Array(1000).fill(address) }).length, 512);
  });
});
