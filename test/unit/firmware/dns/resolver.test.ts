/** Owns the proof that answers are kept fresh, and used however old when DNS is dead. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { millis } from '../../../../firmware/kernel/time.ts';
import type { DnsQuestion } from '../../../../firmware/vocabulary.ts';
import {
  a,
  FIRST,
  good,
  messageWith,
  reply,
  SECOND,
  servfail,
  silent,
  slow,
  soa,
  srv,
} from '../../../support/name-world.ts';
import { ADDRESS, known, PBX, resolverWorld, want } from '../../../support/resolver-world.ts';

describe('one question', () => {
  it('is asked over UDP with EDNS, and its answer is known and told', () => {
    const world = want(resolverWorld());
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
    const world = want(want(resolverWorld()));
    world.run(10);
    want(world).run(10);
    assert.equal(world.queries.length, 1);
  });

  it('draws a new 16-bit id for each query', () => {
    const world = resolverWorld();
    world.all(silent);
    want(world).run(60_000);
    const ids = world.queries.map(({ query }) => query.transactionId);
    assert.ok(ids.length > 10);
    assert.ok(new Set(ids).size > ids.length - 2);
    assert.ok(ids.every((id) => Number.isInteger(id) && id >= 0 && id < 65_536));
  });

  it('is left alone while nothing is due', () => {
    const world = want(resolverWorld());
    assert.deepEqual(world.machine.wake(world.context), []);
  });

  it('that nobody wants any more is forgotten, its query closed and its answer dropped', () => {
    const world = resolverWorld();
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
    const world = want(resolverWorld({ nameServers: [] }));
    assert.equal(known(world), 'failed: timeout');
    assert.equal(world.queries.length, 0);
  });
});

describe('the cache (A23)', () => {
  it('one query within the TTL, the next before it ends', () => {
    const world = want(resolverWorld()).run(47_000);
    assert.equal(world.queries.length, 1);
    world.run(12_000);
    assert.equal(world.queries.length, 2);
    assert.equal(known(world), ADDRESS);
  });

  it('an answer whose TTL ends while the next is under way is not called stale', () => {
    const world = resolverWorld();
    world.records.splice(0, 1, a(PBX.name, ADDRESS, 5));
    want(world).run(10);
    world.all(slow(1400));
    world.run(5100);
    assert.equal(world.open.size, 1);
    assert.equal(known(world), ADDRESS);
  });

  it('a changed answer takes the place of the old one', () => {
    const world = want(resolverWorld()).run(10);
    world.records.splice(0, 1, a(PBX.name, '192.0.2.11'));
    world.run(60_000);
    assert.equal(known(world), '192.0.2.11');
  });

  it('TTL 0 is kept 5 s, a huge one a day', () => {
    const world = resolverWorld();
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
    const world = resolverWorld();
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
    const world = resolverWorld();
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
    const world = resolverWorld();
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

  it('other name servers: what is open or has failed is asked there at once, a good answer keeps its life', () => {
    const world = resolverWorld();
    world.behaviours.set(FIRST.address, silent);
    const other: DnsQuestion = { name: 'other.example.test', type: 'A' };
    world.records.push(a(other.name, '192.0.2.11'));
    want(world);
    world.run(20_000);
    assert.equal(known(world), 'failed: timeout');
    want(world, other).run(100);
    world.carryOut(world.machine.useServers([SECOND], world.context)).run(10);
    assert.deepEqual([known(world), known(world, other)], [ADDRESS, '192.0.2.11']);
    assert.equal(world.open.size, 0, 'nothing is waited for at the old one');
    const asked = world.queries.length;
    world.carryOut(world.machine.useServers([FIRST], world.context)).run(10);
    assert.deepEqual([known(world), world.queries.length], [ADDRESS, asked]);
  });

  it('that was hurried in vain is asked again after 2 s, not after the longest wait', () => {
    const world = resolverWorld();
    world.all(servfail);
    want(world).run(100_000);
    world.machine.hurry(millis(world.now));
    world.run(2100);
    assert.deepEqual(
      world.queries.slice(-2).map(({ at }) => at),
      [100_000, 102_001],
    );
  });

  for (const [what, behaviour] of [
    ['silence', silent],
    ['SERVFAIL', servfail],
  ] as const) {
    it(`${what}: the last good answer holds for hours, is told once as stale, and gives way to a new one`, () => {
      const world = want(resolverWorld()).run(10);
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
    const world = want(resolverWorld(), question).run(10);
    world.all(silent);
    world.run(3600_000);
    assert.equal(known(world, question), 'nxdomain, stale');
  });

  it('an answer that is refused whole does not replace a good one', () => {
    const world = want(resolverWorld()).run(10);
    world.records.splice(0, 1, a(PBX.name, '0.0.0.0'));
    world.run(120_000);
    assert.equal(known(world), `${ADDRESS}, stale`);
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
      [{ trust: () => ({ loopback: true }) }, '127.0.0.5'],
    ] as const) {
      const world = resolverWorld(options);
      world.records.splice(0, 1, loopback);
      want(world).run(10);
      assert.equal(known(world), expected);
    }
  });

  it('a stray record of another name or type is not an answer', () => {
    const world = resolverWorld();
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
