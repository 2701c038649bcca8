/** What the lab's DNS answers, honestly and under each fault. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Packet, RecordType } from 'dns-packet';
import { decode, encode, RECURSION_DESIRED } from 'dns-packet';
import type { DnsFault } from '../../../../scripts/lab/protocol.ts';
import { answer } from '../../../../scripts/lab/zone.ts';

const ZONE = {
  ...{ domain: 'lab.test', address: '127.0.0.1', ttlS: 7 },
  ...{ ports: { primary: 5071, backup: 5072 }, tlsPorts: { primary: 5073, backup: 5074 } },
};

const question = (name: string, type: RecordType, rest: Packet = {}): Packet => ({
  ...{ type: 'query', id: 77, flags: RECURSION_DESIRED, questions: [{ name, type, class: 'IN' }] },
  ...rest,
});

/** Through the wire format and back, so that what is judged is what a phone would read. */
function asked(name: string, type: RecordType, fault: DnsFault = 'none', over: 'udp' | 'tcp' = 'udp') {
  const packet = answer(question(name, type), ZONE, fault, over);
  assert.ok(packet);
  const read = decode(encode(packet));
  assert.equal(read.id, 77);
  assert.equal(read.flag_rd, true);
  assert.deepEqual(read.questions, [{ name, type, class: 'IN' }]);
  return {
    rcode: (read as { readonly rcode?: string }).rcode,
    truncated: read.flag_tc,
    answers: (read.answers ?? []).map((record) =>
      'data' in record && 'ttl' in record ? [record.name, record.ttl, record.data] : [],
    ),
    soa: (read.authorities ?? []).map((record) => [record.type, record.name, 'ttl' in record ? record.ttl : null]),
  };
}

const NO_DATA = { rcode: 'NOERROR', truncated: false, answers: [], soa: [['SOA', 'lab.test', 7]] };
const NO_NAME = { ...NO_DATA, rcode: 'NXDOMAIN' };

describe("the lab's zone", () => {
  it('has one SRV record for each server and transport, with the port of that server', () => {
    for (const [server, clear, tls] of [
      ['primary', 5071, 5073],
      ['backup', 5072, 5074],
    ] as const)
      for (const [service, port] of [
        ['_sip._udp', clear],
        ['_sip._tcp', clear],
        ['_sips._tcp', tls],
      ] as const) {
        const name = `${service}.${server}.lab.test`;
        const data = { priority: 10, weight: 10, port, target: `${server}1.lab.test` };
        assert.deepEqual(asked(name, 'SRV').answers, [[name, 7, data]]);
      }
  });

  it('has the address of the names and of the targets, in whatever case they are asked', () => {
    for (const name of ['lab.test', 'primary.lab.test', 'primary1.lab.test', 'backup1.lab.test'])
      assert.deepEqual(asked(name, 'A').answers, [[name, 7, '127.0.0.1']]);
    assert.equal(asked('PRIMARY1.Lab.test', 'A').answers.length, 1);
  });

  it('says of a name without such records that it has none, and of another that it does not exist', () => {
    assert.deepEqual(asked('primary.lab.test', 'AAAA'), NO_DATA);
    assert.deepEqual(asked('primary.lab.test', 'SRV'), NO_DATA);
    assert.deepEqual(asked('_udp.primary.lab.test', 'A'), NO_DATA, 'there are names below it');
    assert.deepEqual(asked('_sips._udp.primary.lab.test', 'SRV'), NO_NAME);
    assert.deepEqual(asked('elsewhere.test', 'A'), NO_NAME);
    assert.deepEqual(asked('notlab.test', 'A'), NO_NAME);
  });

  it('answers EDNS with EDNS, and only then', () => {
    const opt = decode(
      encode({
        additionals: [{ type: 'OPT', name: '.', udpPayloadSize: 1232, flags: 0, options: [] }],
      } as unknown as Packet),
    );
    const withEdns = answer(question('lab.test', 'A', { additionals: opt.additionals ?? [] }), ZONE, 'none', 'udp');
    assert.deepEqual(
      decode(encode(withEdns ?? {})).additionals?.map(({ type }) => type),
      ['OPT'],
    );
    assert.deepEqual(answer(question('lab.test', 'A'), ZONE, 'none', 'udp')?.additionals, []);
  });

  it('does not answer an answer, nor a query without a question', () => {
    assert.equal(answer(question('lab.test', 'A', { type: 'response' }), ZONE, 'none', 'udp'), null);
    assert.equal(answer({ type: 'query', id: 1, questions: [] }, ZONE, 'none', 'udp'), null);
  });
});

describe('a fault of DNS', () => {
  const SRV = '_sip._udp.primary.lab.test';

  it('truncate: nothing but the flag over UDP, everything over TCP', () => {
    assert.deepEqual(asked(SRV, 'SRV', 'truncate'), { rcode: 'NOERROR', truncated: true, answers: [], soa: [] });
    const whole = asked(SRV, 'SRV', 'truncate', 'tcp');
    assert.deepEqual([whole.truncated, whole.answers.length], [false, 1]);
  });

  it('servfail: no data and no name, but an error', () => {
    for (const type of ['SRV', 'A'] as const)
      assert.deepEqual(asked(SRV, type, 'servfail'), { rcode: 'SERVFAIL', truncated: false, answers: [], soa: [] });
  });

  it('nxdomain: no name exists', () => {
    assert.deepEqual(asked(SRV, 'SRV', 'nxdomain'), NO_NAME);
    assert.deepEqual(asked('primary.lab.test', 'A', 'nxdomain'), NO_NAME);
  });

  it('srv-gone: the SRV records are gone, their names and the addresses are not', () => {
    assert.deepEqual(asked(SRV, 'SRV', 'srv-gone'), NO_DATA);
    assert.deepEqual(asked('primary.lab.test', 'A', 'srv-gone').answers, [['primary.lab.test', 7, '127.0.0.1']]);
  });

  it('landing-page: every name has the one wrong address, and nothing else', () => {
    for (const name of ['primary.lab.test', 'primary1.lab.test', 'elsewhere.test'])
      assert.deepEqual(asked(name, 'A', 'landing-page').answers, [[name, 7, '127.0.0.2']]);
    assert.deepEqual(asked(SRV, 'SRV', 'landing-page'), NO_DATA);
  });

  it('silent: nothing at all', () => {
    assert.equal(answer(question(SRV, 'SRV'), ZONE, 'silent', 'tcp'), null);
  });
});
