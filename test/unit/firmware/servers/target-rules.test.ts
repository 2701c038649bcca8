/** Owns the proof of what each form of a configured server asks of DNS. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { TransportChoice } from '../../../../firmware/config/settings.ts';
import { targetText } from '../../../../firmware/kernel/target.ts';
import type { LocationRules, Plan } from '../../../../firmware/servers/target-rules.ts';
import { planOf } from '../../../../firmware/servers/target-rules.ts';

const RULES: LocationRules = { transport: 1, dnsQueryType: 1, families: ['A'] };
const NAME = 'example.test';

/** What a plan asks, in words. */
function asked(plan: Plan): string {
  switch (plan.kind) {
    case 'nowhere':
      return 'nothing';
    case 'literal':
      return targetText(plan.target);
    case 'addresses':
      return `${plan.host} at ${plan.transport}:${plan.port}`;
    case 'services':
      return `${plan.naptr === 'asked' ? 'NAPTR, ' : ''}${plan.services.map(({ owner }) => owner).join(', ')}, else ${asked(plan.otherwise)}`;
  }
}
const of = (name: string, port: number, rules: Partial<LocationRules> = {}): string =>
  asked(planOf({ name, port }, { ...RULES, ...rules }));

describe('the four forms by transport (guide p. 4-46; A1-A4)', () => {
  const rows: readonly (readonly [TransportChoice, string, string, string, string])[] = [
    [
      0,
      '_sip._udp.example.test, _sip._tcp.example.test, else example.test at udp:5060',
      'example.test at udp:5070',
      'udp:192.0.2.1:5060',
      'udp:192.0.2.1:5070',
    ],
    [
      1,
      '_sip._udp.example.test, else example.test at udp:5060',
      'example.test at udp:5070',
      'udp:192.0.2.1:5060',
      'udp:192.0.2.1:5070',
    ],
    [
      2,
      '_sip._tcp.example.test, else example.test at tcp:5060',
      'example.test at tcp:5070',
      'tcp:192.0.2.1:5060',
      'tcp:192.0.2.1:5070',
    ],
    [
      4,
      '_sips._tcp.example.test, else example.test at tls:5061',
      'example.test at tls:5070',
      'tls:192.0.2.1:5061',
      'tls:192.0.2.1:5070',
    ],
  ];
  for (const [transport, name0, namePort, literal0, literalPort] of rows) {
    it(`transport ${transport}: name and port 0`, () => assert.equal(of(NAME, 0, { transport }), name0));
    it(`transport ${transport}: name and port 5070`, () => assert.equal(of(NAME, 5070, { transport }), namePort));
    it(`transport ${transport}: address and port 0`, () => assert.equal(of('192.0.2.1', 0, { transport }), literal0));
    it(`transport ${transport}: address and port 5070`, () =>
      assert.equal(of('192.0.2.1', 5070, { transport }), literalPort));
  }

  it('5060 written out is a port that is set: no SRV (A3)', () => {
    assert.equal(of(NAME, 5060), 'example.test at udp:5060');
  });

  it('an IPv6 literal is an address', () => {
    assert.equal(of('2001:db8::1', 0), 'udp:[2001:db8::1]:5060');
    assert.equal(of('2001:db8::1', 0, { transport: 4 }), 'tls:[2001:db8::1]:5061');
  });

  it('query type 0 asks for addresses alone, 2 for NAPTR first', () => {
    assert.equal(of(NAME, 0, { dnsQueryType: 0 }), 'example.test at udp:5060');
    assert.equal(of(NAME, 0, { dnsQueryType: 0, transport: 4 }), 'example.test at tls:5061');
    assert.equal(of(NAME, 0, { dnsQueryType: 2 }), 'NAPTR, _sip._udp.example.test, else example.test at udp:5060');
    assert.equal(of(NAME, 5070, { dnsQueryType: 2 }), 'example.test at udp:5070');
  });

  it('0.0.0.0, "::", nothing, and names that DNS cannot hold lead nowhere (A32, A33)', () => {
    for (const name of ['0.0.0.0', '::', '', '.', 'a b', 'a..b', `${'a'.repeat(64)}.test`])
      assert.equal(of(name, 5060), 'nothing', name);
  });

  it('a name is asked for in lower case, without its last dot (A33)', () => {
    assert.equal(of('PBX.Example.TEST.', 0), '_sip._udp.pbx.example.test, else pbx.example.test at udp:5060');
  });

  it('a certificate must show the name or address as it is configured', () => {
    const plan = planOf({ name: 'PBX.example.test', port: 5061 }, { ...RULES, transport: 4 });
    assert.equal(plan.kind === 'addresses' && plan.name, 'PBX.example.test');
    const literal = planOf({ name: '192.0.2.1', port: 0 }, { ...RULES, transport: 4 });
    assert.equal(literal.kind === 'literal' && literal.target.tlsName, '192.0.2.1');
    const plain = planOf({ name: '192.0.2.1', port: 0 }, RULES);
    assert.equal(plain.kind === 'literal' && plain.target.tlsName, null);
  });
});

describe('each plan says its rule', () => {
  const ruleOf = (name: string, port: number, rules: Partial<LocationRules> = {}): readonly string[] => {
    const plan = planOf({ name, port }, { ...RULES, ...rules });
    return plan.kind === 'services' ? [...plan.services, plan.otherwise].map(({ rule }) => rule) : [plan.rule];
  };
  it('in words that a person reads', () => {
    assert.deepEqual(ruleOf(NAME, 0), [
      'SRV lookup of _sip._udp, because port is 0',
      'A lookup at port 5060, because port is 0 and there is no SRV record',
    ]);
    assert.deepEqual(ruleOf(NAME, 5070, { families: ['A', 'AAAA'] }), ['A and AAAA lookup, because port 5070 is set']);
    assert.deepEqual(ruleOf(NAME, 0, { dnsQueryType: 0 }), [
      'A lookup at port 5060, because "sip dns query type" is 0',
    ]);
    assert.deepEqual(ruleOf('192.0.2.1', 0), ['address with port 0: port 5060, no DNS']);
    assert.deepEqual(ruleOf('192.0.2.1', 7), ['address and port as configured, no DNS']);
    assert.deepEqual(ruleOf('0.0.0.0', 0), ['no server, because the address is empty']);
    assert.deepEqual(ruleOf('a b', 0), ['no server, because this is not a name that DNS can hold']);
  });
});
