/** Owns the proof of where a configured server is found: forms, transports, NAPTR, families, the hosts file. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { millis } from '../../../../firmware/kernel/time.ts';
import { PLACES, place, TCP, UDP, want, worldOf, ZONE } from '../../../support/directory-world.ts';
import { a, aaaa, good, naptr, servfail, silent, srv, withCode } from '../../../support/name-world.ts';

describe('a name with port 0', () => {
  it('SRV by priority, each target with all its addresses before the next (A8, A14)', () => {
    const world = want(worldOf(ZONE), 'example.test');
    assert.equal(place(world), 'pending');
    world.run(10);
    assert.equal(place(world), PLACES);
    assert.deepEqual(world.asked, [`SRV ${UDP}`, 'A first.example.test', 'A second.example.test']);
    assert.deepEqual(world.located, ['example.test:0']);
  });

  it('the targets of a list are looked up at once, not one after the other', () => {
    const world = want(worldOf(ZONE), 'example.test').run(10);
    assert.equal(world.queries[1]?.at, world.queries[2]?.at);
  });

  it('no SRV record, or no such name: addresses of the name at the default port (A12)', () => {
    for (const records of [[a('example.test', '192.0.2.1')], [a('example.test', '192.0.2.1'), a(UDP, '192.0.2.9')]]) {
      const world = want(worldOf(records), 'example.test').run(10);
      assert.equal(place(world), 'udp:192.0.2.1:5060');
      assert.deepEqual(world.asked, [`SRV ${UDP}`, 'A example.test']);
    }
  });

  it('a single "." is "not offered": no address is asked for (A11)', () => {
    const world = want(worldOf([srv(UDP, '0 0 0 .'), a('example.test', '192.0.2.1')]), 'example.test').run(10);
    assert.equal(place(world), 'failed: not-offered');
    assert.deepEqual(world.asked, [`SRV ${UDP}`]);
  });

  it('a "." beside others is passed over', () => {
    const world = want(worldOf([...ZONE, srv(UDP, '1 0 0 .')]), 'example.test').run(10);
    assert.equal(place(world), PLACES);
    assert.ok(!world.asked.includes('A .'));
  });

  it('SRV records whose targets are all unknown end the list: the bare name is not asked (A13)', () => {
    const world = want(worldOf([srv(UDP, '1 0 5060 gone.test'), a('example.test', '192.0.2.1')]), 'example.test').run(
      10,
    );
    assert.equal(place(world), 'failed: name-unknown');
    assert.ok(!world.asked.includes('A example.test'));
  });

  it('SRV targets that DNS does not answer for: failed, and found when it does', () => {
    const world = worldOf(ZONE);
    world.all((query, message) => (query.question.type === 'A' ? servfail : good)(query, message));
    want(world, 'example.test').run(10);
    assert.equal(place(world), 'failed: dns-failed');
    world.all(good);
    world.run(2100);
    assert.equal(place(world), PLACES);
  });

  it('one SRV target without an address is passed over', () => {
    const world = want(worldOf([...ZONE, srv(UDP, '5 0 5060 gone.test')]), 'example.test').run(10);
    assert.equal(place(world), PLACES);
  });

  it('SERVFAIL or silence on SRV is not "no SRV": failed, no address lookup (A25)', () => {
    for (const behaviour of [servfail, silent, withCode(5)]) {
      const world = worldOf([a('example.test', '192.0.2.1')]);
      world.all((query, message) => (query.question.type === 'SRV' ? behaviour : good)(query, message));
      want(world, 'example.test').run(6000);
      assert.equal(place(world), 'failed: dns-failed');
      assert.ok(!world.asked.includes('A example.test'));
    }
  });

  it('an unknown name is "name-unknown"', () => {
    const world = want(worldOf([]), 'example.test').run(10);
    assert.equal(place(world), 'failed: name-unknown');
  });

  it('equal targets of two records are visited once', () => {
    const world = want(
      worldOf([...ZONE, srv(UDP, '30 0 5062 alias.test'), a('alias.test', '192.0.2.11')]),
      'example.test',
    ).run(10);
    assert.equal(place(world), PLACES);
  });
});

describe('the other forms', () => {
  it('a name with a port: addresses alone', () => {
    const world = want(worldOf([...ZONE, a('example.test', '192.0.2.1')]), 'example.test/5070').run(10);
    assert.equal(place(world, 'example.test/5070'), 'udp:192.0.2.1:5070');
    assert.deepEqual(world.asked, ['A example.test']);
  });

  it('an address: known at once, DNS is not asked', () => {
    const world = want(worldOf(ZONE), '192.0.2.9', '192.0.2.9/5070', '0.0.0.0/5060');
    assert.equal(place(world, '192.0.2.9'), 'udp:192.0.2.9:5060');
    assert.equal(place(world, '192.0.2.9/5070'), 'udp:192.0.2.9:5070');
    assert.equal(place(world, '0.0.0.0/5060'), 'failed: name-unknown');
    assert.deepEqual(world.asked, []);
    assert.equal(world.located.length, 3);
    assert.equal(world.machine.deadline(), null);
  });

  it('a server that was never wanted is pending', () => {
    assert.equal(place(worldOf(ZONE), 'other.test'), 'pending');
  });

  it('a name in capitals is the same name', () => {
    const world = want(worldOf(ZONE), 'EXAMPLE.test').run(10);
    assert.equal(place(world, 'EXAMPLE.test'), PLACES);
  });
});

describe('transports', () => {
  it('0: the UDP list; the TCP list only where UDP has no SRV and TCP has', () => {
    const tcp = srv(TCP, '1 0 5060 first.example.test');
    const both = want(worldOf([...ZONE, tcp], { transport: 0 }), 'example.test').run(10);
    assert.equal(place(both), PLACES);
    const only = want(worldOf([tcp, ...ZONE.slice(2)], { transport: 0 }), 'example.test').run(10);
    assert.equal(place(only), 'tcp:192.0.2.11:5060 tcp:192.0.2.12:5060');
    const none = want(worldOf([a('example.test', '192.0.2.1')], { transport: 0 }), 'example.test').run(10);
    assert.equal(place(none), 'udp:192.0.2.1:5060');
    assert.deepEqual(none.asked, [`SRV ${UDP}`, `SRV ${TCP}`, 'A example.test']);
  });

  it('4: _sips._tcp, port 5061, and the certificate must show the configured name', () => {
    const world = want(
      worldOf([srv('_sips._tcp.example.test', '1 0 5071 first.example.test'), ...ZONE.slice(2)], { transport: 4 }),
      'example.test',
    ).run(10);
    const located = world.machine.locate({ name: 'example.test', port: 0 });
    assert.deepEqual(located.state === 'ready' && located.targets[0], {
      transport: 'tls',
      address: '192.0.2.11',
      port: 5071,
      tlsName: 'example.test',
    });
  });
});

describe('NAPTR (sip dns query type 2)', () => {
  const PLACE = '_sip._udp.elsewhere.test';
  const zone = [srv(PLACE, '1 0 5080 first.example.test'), ...ZONE];

  it('names the place of the SRV records: order before preference, capitals or not (A7)', () => {
    const rules = [
      naptr('example.test', '20 1 s SIP+D2U _sip._udp.no.test'),
      naptr('example.test', '10 9 s SIP+D2U _sip._udp.no.test'),
      naptr('example.test', `10 5 S sip+d2u ${PLACE}`),
    ];
    const world = want(worldOf([...rules, ...zone], { dnsQueryType: 2 }), 'example.test').run(10);
    assert.equal(place(world), 'udp:192.0.2.11:5080 udp:192.0.2.12:5080');
    assert.deepEqual(world.asked.slice(0, 2), ['NAPTR example.test', `SRV ${PLACE}`]);
  });

  it('never changes the transport: other services, expressions and odd flags are ignored', () => {
    const rules = [
      naptr('example.test', `1 1 s SIP+D2T ${TCP}`),
      naptr('example.test', `1 1 s SIPS+D2T ${TCP}`),
      naptr('example.test', `1 1 s SIP+D2U ${PLACE}`, '!^.*$!sip:x@y!'),
      naptr('example.test', `1 1 u SIP+D2U ${PLACE}`),
      naptr('example.test', '1 1 s SIP+D2U .'),
    ];
    const world = want(worldOf([...rules, ...zone], { dnsQueryType: 2 }), 'example.test').run(10);
    assert.equal(place(world), PLACES);
  });

  it('flag "a" names a host', () => {
    const world = want(
      worldOf([naptr('example.test', '1 1 a SIP+D2U second.example.test'), ...ZONE], { dnsQueryType: 2 }),
      'example.test',
    ).run(10);
    assert.equal(place(world), 'udp:192.0.2.21:5060');
  });

  it('none, or no answer: the usual place', () => {
    for (const behaviour of [good, servfail]) {
      const world = worldOf(ZONE, { dnsQueryType: 2 });
      world.all((query, message) => (query.question.type === 'NAPTR' ? behaviour : good)(query, message));
      want(world, 'example.test').run(10);
      assert.equal(place(world), PLACES);
    }
  });
});

describe('address families (A16)', () => {
  const dual = [
    ...ZONE,
    aaaa('first.example.test', '2001:db8::11'),
    srv(UDP, '1 0 5060 six.test'),
    aaaa('six.test', '2001:db8::6'),
  ];

  it('IPv4 alone: IPv6 is not asked for, a target with nothing else is passed over', () => {
    const world = want(worldOf(dual), 'example.test').run(10);
    assert.equal(place(world), PLACES);
    assert.ok(!world.asked.some((question) => question.startsWith('AAAA')));
  });

  it('both: all addresses of a target before the next target, those of IPv6 first (RFC 6724)', () => {
    const world = want(worldOf(dual, { families: ['A', 'AAAA'] }), 'example.test').run(10);
    assert.equal(
      place(world),
      'udp:[2001:db8::6]:5060 udp:[2001:db8::11]:5062 udp:192.0.2.11:5062 udp:192.0.2.12:5062 udp:192.0.2.21:5064',
    );
  });

  it('both, of one host: what the host itself would prefer; tunnels and what is private to a site come last (RFC 6724 2.1)', () => {
    const mixed = ['2001:0:1::7', 'fd00::5', '2002:c000:201::6', '::1', '2001:db8::4'].map((to) =>
      aaaa('mix.test', to),
    );
    const world = want(
      worldOf([...mixed, a('mix.test', '192.0.2.3')], { families: ['A', 'AAAA'] }),
      '127.0.0.1/5060',
      'mix.test/5060',
    );
    assert.equal(
      place(world.run(10), 'mix.test/5060'),
      '[::1] [2001:db8::4] 192.0.2.3 [2002:c000:201::6] [2001:0:1::7] [fd00::5]'.replace(/(\S+)/g, 'udp:$1:5060'),
    );
  });

  it('this very host comes before all others, wherever it stands in the answer', () => {
    const others = [4, 5, 6, 7, 8, 9].map((n) => aaaa('mix.test', `2001:db8::${n}`));
    for (const records of [
      [aaaa('mix.test', '::1'), ...others],
      [...others, aaaa('mix.test', '::1')],
    ]) {
      const world = want(worldOf(records, { families: ['AAAA'] }), '127.0.0.1/5060', 'mix.test/5060').run(10);
      assert.match(place(world, 'mix.test/5060'), /^udp:\[::1\]:5060 /);
    }
  });

  it('the silence of one family does not hide the other', () => {
    const world = worldOf(ZONE, { families: ['A', 'AAAA'] });
    world.all((query, message) => (query.question.type === 'AAAA' ? silent : good)(query, message));
    want(world, 'example.test').run(6000);
    assert.equal(place(world), PLACES);
  });
});

describe('the hosts file', () => {
  const hosts = { 'example.test': ['192.0.2.1', '2001:db8::1'], 'second.example.test': ['192.0.2.99'] };

  it('answers address questions, also for SRV targets, never SRV', () => {
    const world = want(worldOf(ZONE, { hosts }), 'example.test', 'example.test/5070').run(10);
    assert.equal(place(world), 'udp:192.0.2.11:5062 udp:192.0.2.12:5062 udp:192.0.2.99:5064');
    assert.equal(place(world, 'example.test/5070'), 'udp:192.0.2.1:5070');
    assert.deepEqual(world.asked, [`SRV ${UDP}`, 'A first.example.test']);
    assert.equal(world.events.filter(({ source }) => source === 'hosts').length, 2);
    assert.deepEqual(
      world.machine
        .status(millis(world.now))
        .filter(({ source }) => source === 'hosts')
        .map(({ name, type }) => `${type} ${name}`),
      ['A example.test', 'A second.example.test'],
    );
  });

  it('is told once, and let go with its server', () => {
    const world = want(worldOf([], { hosts }), 'example.test/5070');
    want(world, 'example.test/5070', 'example.test/5080');
    assert.equal(world.events.length, 1);
    want(world);
    assert.deepEqual(world.machine.status(millis(0)), []);
  });

  it('a name that it has in the other family alone is asked of DNS; odd names are no trap', () => {
    const world = want(
      worldOf([], { hosts: { 'six.test': ['2001:db8::1'] } }),
      'six.test/5060',
      'constructor/5060',
      '__proto__/5060',
    ).run(10);
    assert.deepEqual(world.asked, ['A six.test', 'A constructor', 'A __proto__']);
  });
});
