import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { targetText } from '../../../../firmware/kernel/target.ts';
import { millis } from '../../../../firmware/kernel/time.ts';
import type { Directory, DirectoryOptions } from '../../../../firmware/servers/directory.ts';
import { createDirectory } from '../../../../firmware/servers/directory.ts';
import type { DnsRecord } from '../../../../firmware/vocabulary.ts';
import {
  a,
  aaaa,
  FIRST,
  failing,
  good,
  NameWorld,
  naptr,
  reply,
  servfail,
  silent,
  srv,
  withCode,
} from '../../../support/name-world.ts';

const UDP = '_sip._udp.example.test';
const TCP = '_sip._tcp.example.test';

function worldOf(
  records: readonly DnsRecord[],
  options: Partial<DirectoryOptions> = {},
  seed = 1,
): NameWorld<Directory> {
  const directory = createDirectory({
    transport: 1,
    dnsQueryType: 1,
    nameServers: [FIRST],
    hosts: {},
    stored: null,
    ...options,
  });
  const world = new NameWorld(directory, seed);
  world.records.push(...records);
  return world;
}

const settingOf = (text: string): { readonly name: string; readonly port: number } => {
  const [name = '', port = '0'] = text.split('/');
  return { name, port: Number(port) };
};

/** `name/port`, port 0 where none is given. */
const want = (world: NameWorld<Directory>, ...servers: readonly string[]): NameWorld<Directory> =>
  world.carryOut(world.machine.want(servers.map(settingOf), world.context));

/** The targets in order; else the state. */
function place(world: NameWorld<Directory>, server = 'example.test'): string {
  const located = world.machine.locate(settingOf(server));
  if (located.state === 'failed') return `failed: ${located.cause}`;
  if (located.state === 'pending') return 'pending';
  const targets = located.targets.map(targetText).join(' ');
  return located.stale ? `${targets}, stale` : targets;
}

const setOf = (world: NameWorld<Directory>): string => {
  const located = world.machine.locate(settingOf('example.test'));
  return located.state === 'ready' ? located.set : located.state;
};

/** Two servers by priority, the first with two addresses. */
const ZONE = [
  srv(UDP, '20 0 5064 second.example.test'),
  srv(UDP, '10 0 5062 first.example.test'),
  a('first.example.test', '192.0.2.11'),
  a('first.example.test', '192.0.2.12'),
  a('second.example.test', '192.0.2.21'),
];
const PLACES = 'udp:192.0.2.11:5062 udp:192.0.2.12:5062 udp:192.0.2.21:5064';

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

  it('both: all addresses of a target before the next target', () => {
    const world = want(worldOf(dual, { families: ['A', 'AAAA'] }), 'example.test').run(10);
    assert.equal(
      place(world),
      'udp:[2001:db8::6]:5060 udp:192.0.2.11:5062 udp:192.0.2.12:5062 udp:[2001:db8::11]:5062 udp:192.0.2.21:5064',
    );
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

describe('the draw (rules 2)', () => {
  const equals = ['a', 'b', 'c', 'd', 'e', 'f'].flatMap((name, index) => [
    srv(UDP, `10 10 5060 ${name}.test`),
    a(`${name}.test`, `192.0.2.${index + 1}`),
  ]);
  const lastOctets = (world: NameWorld<Directory>): string =>
    place(world)
      .replace(/udp:192\.0\.2\.(\d):5060/g, '$1')
      .replace(/ /g, '');

  it('is made once: renewals and further servers of the name change nothing', () => {
    const world = want(worldOf(equals), 'example.test').run(10);
    const drawn = lastOctets(world);
    world.run(3600_000);
    want(world, 'example.test', 'other.test').run(3600_000);
    assert.equal(lastOctets(world), drawn);
    assert.ok(world.asked.filter((question) => question === `SRV ${UDP}`).length > 60);
    assert.equal(world.located.filter((server) => server === 'example.test:0').length, 1);
  });

  it('differs between phones', () => {
    const draws = [1, 2, 3, 4, 5, 6, 7, 8].map((seed) =>
      lastOctets(want(worldOf(equals, {}, seed), 'example.test').run(10)),
    );
    assert.ok(new Set(draws).size > 5, draws.join(' '));
  });

  it('a changed set keeps what stands in both in its relative order', () => {
    for (const seed of [1, 2, 3, 4, 5]) {
      const world = want(worldOf(equals, {}, seed), 'example.test').run(10);
      const before = lastOctets(world);
      world.records.splice(
        world.records.findIndex(({ name }) => name === UDP),
        1,
      );
      world.records.push(srv(UDP, '10 10 5060 g.test'), a('g.test', '192.0.2.7'));
      world.run(60_000);
      const now = lastOctets(world);
      assert.equal(now.length, 6);
      assert.ok(now.includes('7'));
      assert.equal(now.replace('7', ''), before.replace('1', ''));
    }
  });

  it('survives a time without SRV records', () => {
    const world = want(worldOf([...equals, a('example.test', '192.0.2.9')]), 'example.test').run(10);
    const drawn = lastOctets(world);
    const records = world.records.splice(0, equals.length);
    world.run(61_000);
    assert.equal(place(world), 'udp:192.0.2.9:5060');
    world.records.push(...records);
    world.run(61_000);
    assert.equal(lastOctets(world), drawn);
  });

  it('addresses of a name likewise: a name server that turns them round moves nobody', () => {
    const world = worldOf(ZONE);
    let turn = 0;
    world.all((query, message) => {
      turn += 1;
      const answers = turn % 2 === 0 ? [...message.answers].reverse() : message.answers;
      return [reply(query, { ...message, answers })];
    });
    want(world, 'example.test').run(600_000);
    assert.ok(turn > 20);
    assert.equal(world.located.length, 1);
  });

  it('another weight is another set, the same answer in another order is not', () => {
    const world = want(worldOf(ZONE), 'example.test').run(10);
    const set = setOf(world);
    world.records.push(world.records.shift() as DnsRecord);
    world.run(60_000);
    assert.equal(setOf(world), set);
    world.records.splice(0, 1, srv(UDP, '10 5 5062 first.example.test'));
    world.run(60_000);
    assert.equal(place(world), PLACES);
    assert.notEqual(setOf(world), set);
  });
});

describe('staying known', () => {
  it('all configured names are kept fresh, used or not; one that is no longer configured is let go', () => {
    const world = want(worldOf([...ZONE, a('backup.test', '192.0.2.2')]), 'example.test', 'backup.test/5060').run(
      600_000,
    );
    assert.ok(world.asked.filter((question) => question === 'A backup.test').length >= 10);
    want(world, 'example.test');
    const before = world.asked.length;
    world.run(600_000);
    assert.ok(!world.asked.slice(before).includes('A backup.test'));
    assert.equal(place(world), PLACES);
  });

  it('a target that leaves the SRV set is no longer asked for', () => {
    const world = want(worldOf(ZONE), 'example.test').run(10);
    world.records.splice(0, 1);
    world.run(61_000);
    assert.equal(place(world), 'udp:192.0.2.11:5062 udp:192.0.2.12:5062');
    const before = world.asked.length;
    world.run(600_000);
    assert.ok(!world.asked.slice(before).includes('A second.example.test'));
  });

  it('while a changed answer is followed, the known place holds', () => {
    const world = want(worldOf(ZONE), 'example.test').run(10);
    world.records.push(srv(UDP, '5 0 5066 third.example.test'));
    world.all((query, message) => (query.question.name.startsWith('third') ? silent : good)(query, message));
    world.run(48_000);
    for (let second = 0; second < 20; second += 1) assert.equal(place(world.run(1000)), PLACES);
    assert.ok(world.asked.includes('A third.example.test'));
  });

  it('DNS dead after start: every server stays where it was, for days, and says so', () => {
    const zone = [...ZONE, a('plain.test', '192.0.2.3')];
    const world = want(worldOf(zone), 'example.test', 'plain.test').run(10);
    world.all(silent);
    world.run(3 * 86_400_000);
    assert.equal(place(world), `${PLACES}, stale`);
    assert.equal(place(world, 'plain.test'), 'udp:192.0.2.3:5060, stale');
    assert.ok(world.machine.status(millis(world.now)).every(({ source, ttl }) => source === 'stale' && ttl < 0));
    world.all(good);
    world.run(40_000);
    assert.equal(place(world), PLACES);
    assert.ok(world.machine.status(millis(world.now)).every(({ source }) => source === 'cache'));
  });

  it('the page sees age and TTL of each answer, and nothing of a question without one', () => {
    const world = worldOf(ZONE);
    world.all((query, message) => (query.question.name.startsWith('second') ? servfail : good)(query, message));
    want(world, 'example.test').run(2);
    assert.deepEqual(world.machine.status(millis(2)), [
      { name: UDP, type: 'SRV', age: 0, ttl: 60, source: 'live' },
      { name: 'first.example.test', type: 'A', age: 0, ttl: 60, source: 'live' },
    ]);
    assert.deepEqual(
      world.machine.status(millis(20_002)).map(({ age, ttl, source }) => [age, ttl, source]),
      [
        [20, 40, 'cache'],
        [20, 40, 'cache'],
      ],
    );
  });

  it('when the network is back, what failed is asked at once', () => {
    const world = worldOf(ZONE);
    world.all(failing('no-network'));
    want(world, 'example.test').run(60_000);
    assert.equal(place(world), 'failed: dns-failed');
    world.all(good);
    world.machine.hurry(millis(world.now));
    world.run(10);
    assert.equal(place(world), PLACES);
  });
});

describe('a restart (rules 2: the last good answer is kept)', () => {
  function storedBy(records: readonly DnsRecord[], ...servers: readonly string[]): unknown {
    const world = want(worldOf(records), ...servers).run(10);
    return JSON.parse(JSON.stringify(world.stored.at(-1)));
  }

  it('with DNS dead: the places of the last run, after 1.8 s, shown as stale', () => {
    const stored = storedBy([...ZONE, a('plain.test', '192.0.2.3')], 'example.test', 'plain.test');
    const world = worldOf([], { stored });
    world.all(silent);
    want(world, 'example.test', 'plain.test').run(1000);
    assert.equal(place(world), 'pending');
    world.run(3000);
    assert.equal(place(world), `${PLACES}, stale`);
    assert.equal(place(world, 'plain.test'), 'udp:192.0.2.3:5060, stale');
  });

  it('and again after another restart with DNS dead, however soon', () => {
    const stored = storedBy(ZONE, 'example.test');
    const second = worldOf([], { stored });
    second.all(silent);
    want(second, 'example.test').run(100);
    const third = worldOf([], { stored: second.stored.at(-1) ?? stored });
    third.all(silent);
    want(third, 'example.test').run(4000);
    assert.equal(place(third), `${PLACES}, stale`);
  });

  it('with DNS alive: the fresh answers, and what the last run kept beside them is let go', () => {
    const stored = storedBy([...ZONE, a('old.test', '192.0.2.9')], 'example.test', 'old.test');
    const world = want(
      worldOf([srv(UDP, '1 0 5060 new.test'), a('new.test', '192.0.2.30')], { stored }),
      'example.test',
    ).run(10);
    assert.equal(place(world), 'udp:192.0.2.30:5060');
    assert.ok(!JSON.stringify(world.stored.at(-1)).includes('old.test'));
  });

  it('is written when the answers change, not at each renewal or turn', () => {
    const world = worldOf(ZONE);
    world.all((query, message) => [
      reply(query, {
        ...message,
        answers: message.answers.map((record) => ({ ...record, ttl: 30 + (world.now % 7) })).reverse(),
      }),
    ]);
    want(world, 'example.test').run(10);
    const writes = world.stored.length;
    world.run(3600_000);
    assert.equal(world.stored.length, writes);
    world.records.push(a('first.example.test', '192.0.2.13'));
    world.run(60_000);
    assert.equal(world.stored.length, writes + 1);
  });

  it('what cannot be read is no harm', () => {
    const world = want(
      worldOf(ZONE, { stored: { answers: [{ name: UDP, type: 'SRV', records: [{ type: 'SRV' }] }] } }),
      'example.test',
    ).run(10);
    assert.equal(place(world), PLACES);
  });
});

describe('hostile zones (L15)', () => {
  const evil = [srv(UDP, '10 0 5060 first.example.test'), a('first.example.test', '127.0.0.1')];

  it('an answer that names ourselves, loopback or port 0 leads nowhere', () => {
    const world = want(
      worldOf([srv(UDP, '1 0 0 first.example.test'), srv(UDP, '2 0 5060 me.test'), a('me.test', '192.0.2.100')], {
        own: ['192.0.2.100'],
      }),
      'example.test',
    ).run(10);
    assert.equal(place(world), 'failed: dns-failed');
    assert.equal(place(want(worldOf(evil), 'example.test').run(10)), 'failed: dns-failed');
  });

  it('but a lab on this machine finds its servers on loopback', () => {
    for (const lab of ['127.0.0.1/5062', '::1/5062', 'localhost/5062']) {
      const world = want(worldOf(evil, { hosts: { localhost: ['127.0.0.1'] } }), lab, 'example.test').run(10);
      assert.equal(place(world), 'udp:127.0.0.1:5060', lab);
    }
  });

  it('a flood of forged answers moves nobody', () => {
    const world = worldOf(ZONE);
    world.all((query, message) => [
      ...Array.from({ length: 50 }, (_, guess) =>
        reply(query, { ...message, id: (message.id + guess + 1) % 65_536, answers: [] }),
      ),
      { ...reply(query, message), after: 30 },
    ]);
    want(world, 'example.test').run(600_000);
    assert.equal(place(world), PLACES);
    assert.equal(world.located.length, 1);
  });
});
