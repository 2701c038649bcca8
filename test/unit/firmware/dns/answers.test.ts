/** Owns the proof of what a DNS message says to a question. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Reading } from '../../../../firmware/dns/answers.ts';
import { readAnswer } from '../../../../firmware/dns/answers.ts';
import type { DnsMessage, DnsQuestion, DnsRecord } from '../../../../firmware/vocabulary.ts';
import { a, aaaa, cname, messageWith, soa, srv } from '../../../support/name-world.ts';

const A: DnsQuestion = { name: 'pbx.example.test', type: 'A' };
const SRV: DnsQuestion = { name: '_sip._udp.example.test', type: 'SRV' };
const NO_TRUST = { loopback: false };

const read = (rest: Partial<DnsMessage>, question = A): Reading =>
  readAnswer(messageWith(question, rest), question, NO_TRUST);
const recordsIn = (reading: Reading): readonly DnsRecord[] => (reading.kind === 'records' ? reading.records : []);

describe('what a DNS message says', () => {
  it('the records that fit the question, with the least TTL', () => {
    const answers = [
      a(A.name, '192.0.2.1', 90),
      a('other.test', '192.0.2.9', 1),
      a(A.name, '192.0.2.2', 30),
      aaaa(A.name, '2001:db8::1', 1),
    ];
    assert.deepEqual(read({ answers }), { kind: 'records', records: [answers[0], answers[2]], ttlS: 30 });
  });

  it('the code of the header: failure is never "no record" (A25)', () => {
    const kinds = [0, 1, 2, 3, 4, 5, 9, 16, 23].map((rcode) => read({ rcode }));
    assert.deepEqual(kinds, [
      { kind: 'negative', what: 'nodata', ttlS: 30 },
      { kind: 'no-edns' },
      { kind: 'useless', fault: 'zone' },
      { kind: 'negative', what: 'nxdomain', ttlS: 30 },
      { kind: 'no-edns' },
      { kind: 'useless', fault: 'server' },
      { kind: 'useless', fault: 'server' },
      { kind: 'no-edns' },
      { kind: 'useless', fault: 'server' },
    ]);
  });

  it('"ask others" of a server that does not recurse is never "no record" (RFC 2308 2.2.1)', () => {
    const ns: DnsRecord = { type: 'NS', name: 'test', ttl: 60, target: 'ns.test' };
    const end: DnsRecord = { type: 'SOA', name: 'test', ttl: 60, minimum: 30 };
    const alias = cname(A.name, 'pbx2.example.test', 60);
    assert.deepEqual(read({ authorities: [ns] }), { kind: 'useless', fault: 'server' });
    assert.equal(read({ authorities: [ns, end] }).kind, 'negative');
    assert.equal(read({ authorities: [ns], answers: [a(A.name, '192.0.2.1')] }).kind, 'records');
    assert.equal(read({ authorities: [ns], answers: [alias] }).kind, 'alias');
    assert.equal(read({ authorities: [ns], rcode: 3 }).kind, 'negative');
  });

  it('that it is truncated, whatever else it holds', () => {
    assert.deepEqual(read({ truncated: true, answers: [a(A.name, '192.0.2.1')] }), { kind: 'truncated' });
  });

  it('an alias with its target in the same message, also where the code is "no such name" of the target', () => {
    const answers = [cname(A.name, 'b.test', 40), cname('b.test', 'c.test', 10), a('c.test', '192.0.2.1', 90)];
    assert.deepEqual(read({ answers }), { kind: 'records', records: [answers[2]], ttlS: 10 });
    assert.deepEqual(read({ rcode: 3, answers: answers.slice(0, 1) }), {
      kind: 'negative',
      what: 'nxdomain',
      ttlS: 30,
    });
  });

  it('an alias alone is to be followed', () => {
    assert.deepEqual(read({ answers: [cname(A.name, 'b.test', 40)] }), {
      kind: 'alias',
      name: 'b.test',
      depth: 1,
      ttlS: 40,
    });
  });

  it('a loop of aliases, a long chain or an alias of no name is an error', () => {
    const chain = Array.from({ length: 9 }, (_, index) => cname(`n${index}.test`, `n${index + 1}.test`));
    const question: DnsQuestion = { name: 'n0.test', type: 'A' };
    for (const answers of [[cname('n0.test', 'n0.test')], chain, [cname('n0.test', '.')]])
      assert.deepEqual(read({ answers }, question), { kind: 'useless', fault: 'zone' });
    assert.equal(read({ answers: chain.slice(0, 8) }, question).kind, 'alias');
  });

  it('"no record" for the lesser of the SOA\'s TTL and minimum, 5 to 60 s', () => {
    const ttlOf = (...authorities: readonly DnsRecord[]): number => {
      const reading = read({ authorities });
      return reading.kind === 'negative' ? reading.ttlS : Number.NaN;
    };
    assert.deepEqual(
      [ttlOf(), ttlOf(soa(20, 3600)), ttlOf(soa(3600, 20)), ttlOf(soa(0)), ttlOf(soa(7200))],
      [30, 20, 20, 5, 60],
    );
  });

  it('a TTL with the top bit set counts as 0 (RFC 2181 8)', () => {
    const reading = read({ answers: [a(A.name, '192.0.2.1', 2 ** 31)] });
    assert.equal(reading.kind === 'records' && reading.ttlS, 5);
  });
});

describe('hostile answers (L15)', () => {
  it('more than 64 records or 16 addresses are cut', () => {
    const many = Array.from({ length: 100 }, (_, index) => a(A.name, `192.0.2.${index}`));
    assert.deepEqual(recordsIn(read({ answers: many })), many.slice(0, 16));
    const services = Array.from({ length: 100 }, (_, index) => srv(SRV.name, `1 1 5060 n${index}.test`));
    assert.deepEqual(recordsIn(read({ answers: services }, SRV)), services.slice(0, 64));
  });

  it('bad records are dropped one by one', () => {
    const answers = [
      srv(SRV.name, '1 1 0 a.test'),
      srv(SRV.name, '1 1 5060 b.test'),
      srv(SRV.name, '1 1 5060 c..test'),
    ];
    assert.deepEqual(recordsIn(read({ answers }, SRV)), [answers[1]]);
  });

  it('bad records alone are a failure, not "no record": nothing falls back to an address lookup', () => {
    assert.deepEqual(read({ answers: [srv(SRV.name, '1 1 0 a.test')] }, SRV), { kind: 'useless', fault: 'zone' });
  });

  it('Additional records are not used: nothing tells whether they are whole (A19)', () => {
    const message = { answers: [srv(SRV.name, '1 1 5060 a.test')], additionals: [a('a.test', '198.51.100.66')] };
    assert.deepEqual(recordsIn(read(message, SRV)), message.answers);
  });
});
