import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Resolver, ResolverOptions } from '../../../../firmware/dns/resolver.ts';
import { createResolver } from '../../../../firmware/dns/resolver.ts';
import { millis } from '../../../../firmware/kernel/time.ts';
import type { DnsQuestion } from '../../../../firmware/vocabulary.ts';
import type { Behaviour } from '../../../support/name-world.ts';
import {
  a,
  cname,
  FIRST,
  failing,
  good,
  malformed,
  messageWith,
  NameWorld,
  refused,
  reply,
  SECOND,
  servfail,
  silent,
  slow,
  soa,
  srv,
  withCode,
} from '../../../support/name-world.ts';

const PBX: DnsQuestion = { name: 'pbx.example.test', type: 'A' };
const ADDRESS = '192.0.2.10';

function worldOf(options: Partial<ResolverOptions> = {}): NameWorld<Resolver> {
  const trust = () => ({ loopback: false, own: [] });
  const world = new NameWorld(createResolver({ nameServers: [FIRST], stored: [], trust, ...options }));
  world.records.push(a('pbx.example.test', ADDRESS));
  return world;
}

const twoServers = (): NameWorld<Resolver> => worldOf({ nameServers: [FIRST, SECOND] });

const want = (world: NameWorld<Resolver>, question = PBX): NameWorld<Resolver> =>
  world.carryOut(world.machine.want(question, world.context));

/** The address known of the question, with `stale` where it is; else the state. */
function known(world: NameWorld<Resolver>, question = PBX): string {
  const answer = world.machine.known(question, millis(world.now));
  if (answer.state === 'failed') return `failed: ${answer.cause}`;
  if (answer.state === 'negative') return answer.stale ? `${answer.what}, stale` : answer.what;
  if (answer.state === 'unknown') return 'unknown';
  const addresses = answer.records.map((record) => (record.type === 'A' ? record.address : record.type)).join(' ');
  return answer.stale ? `${addresses}, stale` : addresses;
}

describe('one question', () => {
  it('is asked over UDP with EDNS, and its answer is known and told', () => {
    const world = want(worldOf());
    assert.equal(known(world), 'unknown');
    world.run(10);
    assert.equal(known(world), ADDRESS);
    assert.deepEqual(
      world.queries.map(({ query }) => [query.transport, query.edns]),
      [['udp', true]],
    );
    assert.deepEqual(world.events, [
      {
        event: 'dns',
        name: PBX.name,
        type: 'A',
        result: [{ name: PBX.name, address: ADDRESS }],
        ttl: 60,
        source: 'live',
      },
    ]);
    assert.equal(world.open.size, 0);
  });

  it('is asked once, however many want it', () => {
    const world = want(want(worldOf()));
    world.run(10);
    want(world).run(10);
    assert.equal(world.queries.length, 1);
  });

  it('draws a new 16-bit id for each query', () => {
    const world = worldOf();
    world.all(silent);
    want(world).run(60_000);
    const ids = world.queries.map(({ query }) => query.transactionId);
    assert.ok(ids.length > 10);
    assert.ok(new Set(ids).size > ids.length - 2);
    assert.ok(ids.every((id) => Number.isInteger(id) && id >= 0 && id < 65_536));
  });

  it('is left alone while nothing is due', () => {
    const world = want(worldOf());
    assert.deepEqual(world.machine.wake(world.context), []);
  });

  it('that nobody wants any more is forgotten, its query closed and its answer dropped', () => {
    const world = worldOf();
    world.all(slow(100));
    want(world);
    want(world, { name: 'other.example.test', type: 'A' });
    world.carryOut(world.machine.keepOnly(({ name }) => name !== PBX.name));
    assert.equal(world.open.size, 1);
    world.run(200);
    assert.equal(known(world), 'unknown');
    assert.deepEqual(world.machine.questions(), [{ name: 'other.example.test', type: 'A' }]);
    world.carryOut(world.machine.keepOnly(() => false));
    assert.equal(world.machine.deadline(), null);
  });

  it('cannot be asked where no name server is configured', () => {
    const world = want(worldOf({ nameServers: [] }));
    assert.equal(known(world), 'failed: timeout');
    assert.equal(world.queries.length, 0);
  });
});

describe('several name servers (A22)', () => {
  it('the first in preference is asked first', () => {
    const world = want(twoServers()).run(10);
    assert.deepEqual(world.servers, [FIRST.address]);
  });

  it('a silent one is waited for 1.5 s, then the next is asked', () => {
    const world = twoServers();
    world.all(silent, FIRST);
    want(world).run(1499);
    assert.equal(world.queries.length, 1);
    world.run(3);
    assert.deepEqual(world.servers, [FIRST.address, SECOND.address]);
    assert.equal(known(world), ADDRESS);
  });

  for (const [what, behaviour] of [
    ['SERVFAIL', servfail],
    ['REFUSED', refused],
    ['garbage', malformed],
    ['an unreachable host', failing('unreachable')],
  ] as const) {
    it(`${what} leads to the next at once`, () => {
      const world = twoServers();
      world.all(behaviour, FIRST);
      want(world).run(10);
      assert.equal(known(world), ADDRESS);
      assert.equal(world.open.size, 0);
    });
  }

  it('one that was silent lately comes last for a minute', () => {
    const world = twoServers();
    world.all(silent, FIRST);
    want(world).run(2000);
    want(world, { name: 'a.example.test', type: 'A' }).run(10);
    assert.equal(world.servers.at(-1), SECOND.address);
    world.all(good, FIRST);
    world.run(70_000);
    want(world, { name: 'b.example.test', type: 'A' });
    assert.equal(world.servers.at(-1), FIRST.address);
  });

  it('SERVFAIL says nothing about other questions: the order of preference stays', () => {
    const world = twoServers();
    world.all((query, message) => (query.question.name === PBX.name ? servfail : good)(query, message), FIRST);
    want(world).run(10);
    want(world, { name: 'a.example.test', type: 'A' });
    assert.equal(world.servers.at(-1), FIRST.address);
  });

  it('all silent: the question ends within 5 s', () => {
    const world = twoServers();
    world.all(silent);
    want(world).run(4999);
    assert.equal(known(world), 'unknown');
    world.run(1);
    assert.equal(known(world), 'failed: timeout');
    assert.deepEqual(world.servers, [FIRST.address, SECOND.address, FIRST.address, SECOND.address]);
    assert.equal(world.open.size, 0);
  });

  it('a slow one still counts after the next was asked', () => {
    const world = worldOf();
    world.all(slow(3200));
    want(world).run(3300);
    assert.equal(known(world), ADDRESS);
    assert.equal(world.open.size, 0);
  });

  it('a late SERVFAIL does not disturb the one that is being waited for', () => {
    const world = twoServers();
    world.all((query, message) => servfail(query, message).map((one) => ({ ...one, after: 1600 })), FIRST);
    world.all(slow(1000), SECOND);
    want(world).run(2000);
    assert.equal(world.queries.length, 2);
    assert.equal(world.open.size, 1);
    world.run(600);
    assert.equal(known(world), ADDRESS);
  });

  it('all refuse: failed at once, not asked in a loop', () => {
    const world = twoServers();
    world.all(failing('refused'));
    want(world).run(100);
    assert.equal(world.queries.length, 2);
    assert.equal(known(world), 'failed: timeout');
  });

  it('without a network none is to blame, and none is asked in vain', () => {
    const world = twoServers();
    world.all(failing('no-network'));
    want(world).run(100);
    assert.equal(world.queries.length, 1);
    world.all(good);
    world.run(2000);
    assert.deepEqual(world.servers, [FIRST.address, FIRST.address]);
    assert.equal(known(world), ADDRESS);
  });
});

describe('answers that do not match (A20)', () => {
  const forgeries: readonly (readonly [string, Behaviour])[] = [
    ['a wrong id', (query, message) => [reply(query, { ...message, id: (message.id + 1) % 65_536 })]],
    ['a wrong port', (query, message) => [reply(query, message, { ...query.server, port: 5353 })]],
    ['a wrong address', (query, message) => [reply(query, message, { ...query.server, address: '198.51.100.1' })]],
    ['a wrong name', (query, message) => [reply(query, { ...message, questions: [{ name: 'x.test', type: 'A' }] })]],
    ['a wrong type', (query, message) => [reply(query, { ...message, questions: [{ name: PBX.name, type: 'AAAA' }] })]],
    ['no question', (query, message) => [reply(query, { ...message, questions: [] })]],
    ['a query, not a response', (query, message) => [reply(query, { ...message, response: false })]],
    ['garbage of a stranger', (query) => [reply(query, 'malformed', { address: '198.51.100.1', port: 53 })]],
    [
      'another transport',
      (query, message) => [{ input: { ...reply(query, message).input, transport: 'tcp' } as never }],
    ],
  ];
  for (const [what, forgery] of forgeries) {
    it(`${what}: dropped, counted, and the true answer still counts`, () => {
      const world = worldOf();
      const evil = a(PBX.name, '198.51.100.66');
      world.all((query, message) => [
        ...forgery(query, { ...message, answers: [evil] }),
        { ...reply(query, message), after: 20 },
      ]);
      want(world).run(10);
      assert.equal(known(world), 'unknown');
      assert.deepEqual(
        world.logs.map(({ name, fields }) => [name, fields['count']]),
        [['dns-forged', 1]],
      );
      world.run(20);
      assert.equal(known(world), ADDRESS);
      assert.equal(world.queries.length, 1);
    });
  }

  it('a flood fills no log', () => {
    const world = worldOf();
    world.all((query, message) => new Array(1000).fill(reply(query, { ...message, id: message.id ^ 1 })));
    want(world).run(10);
    assert.deepEqual(
      world.logs.map(({ fields }) => fields['count']),
      [1, 2, 4, 8, 16, 32, 64, 128, 256, 512],
    );
  });

  it('an answer to an unknown query is dropped', () => {
    const world = want(worldOf()).run(10);
    assert.deepEqual(world.machine.handle({ kind: 'dns-error', id: 99, cause: 'refused' }, world.context), []);
  });
});

describe('EDNS and TCP (A21)', () => {
  for (const rcode of [1, 4]) {
    it(`code ${rcode}: asked again without EDNS, which is remembered`, () => {
      const world = worldOf();
      world.all((query, message) =>
        query.edns ? [reply(query, { ...message, rcode, questions: [], answers: [] })] : good(query, message),
      );
      want(world).run(10);
      assert.equal(known(world), ADDRESS);
      want(world, { name: 'a.example.test', type: 'A' });
      assert.deepEqual(
        world.queries.map(({ query }) => query.edns),
        [true, false, false],
      );
    });
  }

  it('a server that fails without EDNS too is of no use', () => {
    const world = worldOf();
    world.all(withCode(1));
    want(world).run(10);
    assert.equal(known(world), 'failed: servfail');
    assert.equal(world.queries.length, 2);
  });

  const truncating: Behaviour = (query, message) => [
    reply(query, {
      ...message,
      truncated: query.transport === 'udp',
      answers: query.transport === 'udp' ? [] : message.answers,
    }),
  ];

  it('a truncated answer is asked for again over TCP', () => {
    const world = worldOf();
    world.all(truncating);
    want(world).run(10);
    assert.deepEqual(
      world.queries.map(({ query }) => query.transport),
      ['udp', 'tcp'],
    );
    assert.equal(known(world), ADDRESS);
    assert.equal(world.open.size, 0);
  });

  it('TCP refused, or truncated again: the next server, else "truncated"', () => {
    for (const overTcp of [
      failing('refused'),
      (query, message) => [reply(query, { ...message, truncated: true })],
    ] satisfies Behaviour[]) {
      const world = worldOf();
      world.all((query, message) => (query.transport === 'tcp' ? overTcp : truncating)(query, message));
      want(world).run(10);
      assert.equal(known(world), 'failed: truncated');
    }
  });
});

describe('aliases (A18)', () => {
  it('are followed, and the least TTL on the way counts', () => {
    const world = worldOf();
    world.records.push(
      cname('alias.example.test', 'middle.example.test', 500),
      cname('middle.example.test', PBX.name, 20),
    );
    want(world, { name: 'alias.example.test', type: 'A' }).run(10);
    assert.deepEqual(world.asked, ['A alias.example.test', 'A middle.example.test', 'A pbx.example.test']);
    assert.equal(known(world, { name: 'alias.example.test', type: 'A' }), ADDRESS);
    assert.equal(world.events[0]?.ttl, 20);
  });

  it('in a loop are an error, which ends', () => {
    const world = worldOf();
    world.records.push(cname('a.example.test', 'b.example.test'), cname('b.example.test', 'a.example.test'));
    want(world, { name: 'a.example.test', type: 'A' }).run(100);
    assert.equal(known(world, { name: 'a.example.test', type: 'A' }), 'failed: servfail');
    assert.equal(world.queries.length, 9);
    assert.equal(world.open.size, 0);
  });
});

describe('the cache (A23)', () => {
  it('one query within the TTL, the next before it ends', () => {
    const world = want(worldOf()).run(47_000);
    assert.equal(world.queries.length, 1);
    world.run(12_000);
    assert.equal(world.queries.length, 2);
    assert.equal(known(world), ADDRESS);
  });

  it('a changed answer takes the place of the old one', () => {
    const world = want(worldOf()).run(10);
    world.records.splice(0, 1, a(PBX.name, '192.0.2.11'));
    world.run(60_000);
    assert.equal(known(world), '192.0.2.11');
  });

  it('TTL 0 is kept 5 s, a huge one a day', () => {
    const world = worldOf();
    world.records.splice(0, 1, a(PBX.name, ADDRESS, 0));
    world.records.push(a('old.example.test', ADDRESS, 2 ** 31 - 1));
    want(world);
    want(world, { name: 'old.example.test', type: 'A' }).run(10);
    assert.deepEqual(
      world.events.map(({ ttl }) => ttl),
      [5, 86_400],
    );
  });

  it('"no such name" and "no such record" are kept by the SOA minimum, at most 60 s', () => {
    const world = worldOf();
    world.all((query, message) => [
      reply(query, { ...message, authorities: [soa(query.question.type === 'SRV' ? 20 : 3600)] }),
    ]);
    want(world, { name: 'gone.example.test', type: 'A' });
    want(world, { name: PBX.name, type: 'SRV' }).run(10);
    assert.equal(known(world, { name: 'gone.example.test', type: 'A' }), 'nxdomain');
    assert.equal(known(world, { name: PBX.name, type: 'SRV' }), 'nodata');
    assert.deepEqual(
      world.events.map(({ result, ttl }) => [result, ttl]),
      [
        ['nxdomain', 60],
        ['nodata', 20],
      ],
    );
    world.run(40_000);
    assert.equal(world.queries.length, 4);
  });
});

describe('a dead DNS (A24, rules 2)', () => {
  it('is asked again after 2, 4, 8, 16, 30, 30 s', () => {
    const world = worldOf();
    world.all(servfail);
    want(world).run(95_000);
    const times = world.queries.map(({ at }) => at);
    assert.deepEqual(
      times.slice(1).map((at, index) => Math.round((at - (times[index] ?? 0)) / 1000)),
      [2, 4, 8, 16, 30, 30],
    );
    world.all(good);
    world.run(30_000);
    assert.equal(known(world), ADDRESS);
  });

  it('can be hurried, when the network is back', () => {
    const world = worldOf();
    world.all(servfail);
    want(world).run(20_000);
    world.all(good);
    world.machine.hurry(millis(world.now));
    world.run(2);
    assert.equal(known(world), ADDRESS);
    world.machine.hurry(millis(world.now));
    world.run(10_000);
    assert.equal(world.queries.at(-1)?.at, 20_000);
  });

  for (const [what, behaviour] of [
    ['silence', silent],
    ['SERVFAIL', servfail],
  ] as const) {
    it(`${what}: the last good answer holds for hours, is told once as stale, and gives way to a new one`, () => {
      const world = want(worldOf()).run(10);
      world.all(behaviour);
      world.run(55_000);
      assert.equal(known(world), ADDRESS);
      world.run(6 * 3600_000);
      assert.equal(known(world), `${ADDRESS}, stale`);
      assert.equal(world.events.filter(({ source }) => source === 'stale').length, 1);
      assert.deepEqual(
        world.logs.map(({ name }) => name),
        ['dns-stale'],
      );
      world.all(good);
      world.run(31_000);
      assert.equal(known(world), ADDRESS);
    });
  }

  it('"no such record" holds likewise: silence never changes what was known', () => {
    const question: DnsQuestion = { name: '_sip._udp.example.test', type: 'SRV' };
    const world = want(worldOf(), question).run(10);
    world.all(silent);
    world.run(3600_000);
    assert.equal(known(world, question), 'nxdomain, stale');
  });

  it('an answer that is refused whole does not replace a good one', () => {
    const world = want(worldOf()).run(10);
    world.records.splice(0, 1, a(PBX.name, '0.0.0.0'));
    world.run(120_000);
    assert.equal(known(world), `${ADDRESS}, stale`);
  });
});

describe('a restart', () => {
  const stored = [{ ...PBX, records: [a(PBX.name, ADDRESS)] }];

  it('with DNS alive: the fresh answer is waited for, the old one never used', () => {
    const world = worldOf({ stored });
    world.records.splice(0, 1, a(PBX.name, '192.0.2.11'));
    world.all(slow(1700));
    want(world).run(1690);
    assert.equal(known(world), 'unknown');
    world.run(20);
    assert.equal(known(world), '192.0.2.11');
  });

  it('with DNS silent: the old answer is used after 1.8 s', () => {
    const world = worldOf({ stored });
    world.all(silent);
    want(world).run(1799);
    assert.equal(known(world), 'unknown');
    world.run(1);
    assert.equal(known(world), `${ADDRESS}, stale`);
    assert.deepEqual(
      world.logs.map(({ fields }) => fields['lastRun']),
      [true],
    );
    world.run(60_000);
    assert.equal(known(world), `${ADDRESS}, stale`);
  });

  it('with DNS failing: the old answer is used at once', () => {
    const world = worldOf({ stored: [{ ...PBX, records: [] }] });
    world.all(servfail);
    want(world).run(10);
    assert.equal(known(world), 'nodata, stale');
  });

  it('keeps what nobody has asked for yet, until it is let go', () => {
    const other = { name: 'other.example.test', type: 'A', records: [a('other.example.test', ADDRESS)] } as const;
    const world = worldOf({ stored: [...stored, other] });
    want(world).run(10);
    assert.deepEqual(
      world.machine.snapshot().map(({ name }) => name),
      [PBX.name, 'other.example.test'],
    );
    world.machine.dropStored();
    assert.deepEqual(world.machine.snapshot(), [{ ...PBX, records: [a(PBX.name, ADDRESS)] }]);
  });

  it('keeps nothing of a question without an answer, and "no records" as such', () => {
    const world = worldOf();
    world.all(silent);
    want(world);
    assert.deepEqual(world.machine.snapshot(), []);
    world.all(good);
    want(world, { name: 'gone.example.test', type: 'A' }).run(2000);
    assert.ok(
      world.machine.snapshot().some(({ name, records }) => name === 'gone.example.test' && records.length === 0),
    );
  });
});

describe('hostile answers (L15)', () => {
  const loopback = a(PBX.name, '127.0.0.5');

  it('loopback addresses are believed of a name server on loopback, or where the caller says so', () => {
    const lab = { address: '127.0.0.1', port: 5353 };
    for (const [options, expected] of [
      [{}, 'failed: servfail'],
      [{ nameServers: [lab] }, '127.0.0.5'],
      [{ nameServers: [{ address: '::1', port: 53 }] }, '127.0.0.5'],
      [{ trust: () => ({ loopback: true, own: [] }) }, '127.0.0.5'],
    ] as const) {
      const world = worldOf(options);
      world.records.splice(0, 1, loopback);
      want(world).run(10);
      assert.equal(known(world), expected);
    }
  });

  it('a stray record of another name or type is not an answer', () => {
    const world = worldOf();
    world.all((query, message) => [
      reply(
        query,
        messageWith(query.question, {
          id: message.id,
          answers: [a('victim.test', ADDRESS), srv(PBX.name, '1 1 5060 x.test')],
        }),
      ),
    ]);
    want(world).run(10);
    assert.equal(known(world), 'nodata');
  });
});
