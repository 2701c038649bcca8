/** Owns the proof of how an answer is told. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { dnsEvent } from '../../../../firmware/dns/views.ts';
import type { DnsRecord } from '../../../../firmware/vocabulary.ts';
import { a, aaaa, cname, naptr, srv } from '../../../support/name-world.ts';

describe('the dns event', () => {
  it('shows of each record what a person asks for', () => {
    const records: readonly (readonly [DnsRecord, object])[] = [
      [a('x.test', '192.0.2.1'), { name: 'x.test', address: '192.0.2.1' }],
      [aaaa('x.test', '2001:db8::1'), { name: 'x.test', address: '2001:db8::1' }],
      [srv('x.test', '10 60 5062 y.test'), { name: 'x.test', priority: 10, weight: 60, port: 5062, target: 'y.test' }],
      [naptr('x.test', '1 2 s SIP+D2U _sip._udp.x.test'), { name: 'x.test', target: '_sip._udp.x.test' }],
      [cname('x.test', 'y.test'), { name: 'x.test' }],
    ];
    for (const [record, view] of records) {
      const { event } = dnsEvent({ name: 'x.test', type: 'A' }, [record], 60, 'live');
      assert.deepEqual(event, { event: 'dns', name: 'x.test', type: 'A', result: [view], ttl: 60, source: 'live' });
    }
  });

  it('shows a failure by its word', () => {
    assert.equal(dnsEvent({ name: 'x.test', type: 'SRV' }, 'servfail', 0, 'stale').event.result, 'servfail');
  });
});
