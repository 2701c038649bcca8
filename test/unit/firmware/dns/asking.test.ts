/** Owns the proof of how one question is asked: name servers in turn, forgeries dropped, EDNS, TCP and aliases. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Behaviour } from '../../../support/name-world.ts';
import {
  a,
  cname,
  FIRST,
  failing,
  good,
  malformed,
  messageWith,
  refused,
  reply,
  SECOND,
  servfail,
  silent,
  slow,
  withCode,
} from '../../../support/name-world.ts';
import { ADDRESS, known, PBX, resolverWorld, twoServers, want } from '../../../support/resolver-world.ts';

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

  it('one that works again takes its place of preference at once', () => {
    const world = twoServers();
    world.all(silent, FIRST);
    want(world, { name: 'a.example.test', type: 'A' }).run(1600);
    world.all(good, FIRST);
    world.all(servfail, SECOND);
    want(world).run(10);
    assert.deepEqual(world.servers.slice(-2), [SECOND.address, FIRST.address]);
    want(world, { name: 'c.example.test', type: 'A' });
    assert.equal(world.servers.at(-1), FIRST.address);
  });

  it('an answer that is handed over late leads to no timer in the past', () => {
    const world = twoServers();
    world.all(silent);
    want(world);
    world.now = 6000;
    for (const { query } of [...world.queries]) {
      const late = messageWith(PBX, { id: query.transactionId, rcode: 2 });
      world.carryOut(world.machine.handle(reply(query, late).input, world.context));
    }
    assert.equal(world.machine.deadline(), 6000);
    world.run(1);
    assert.equal(known(world), 'failed: servfail');
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
    const world = resolverWorld();
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
      const world = resolverWorld();
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
    const world = resolverWorld();
    world.all((query, message) => new Array(1000).fill(reply(query, { ...message, id: message.id ^ 1 })));
    want(world).run(10);
    assert.deepEqual(
      world.logs.map(({ fields }) => fields['count']),
      [1, 2, 4, 8, 16, 32, 64, 128, 256, 512],
    );
  });

  it('an answer to an unknown query is dropped', () => {
    const world = want(resolverWorld()).run(10);
    assert.deepEqual(world.machine.handle({ kind: 'dns-error', id: 99, cause: 'refused' }, world.context), []);
  });
});

describe('EDNS and TCP (A21)', () => {
  for (const rcode of [1, 4]) {
    it(`code ${rcode}: asked again without EDNS, which is remembered`, () => {
      const world = resolverWorld();
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
    const world = resolverWorld();
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
    const world = resolverWorld();
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
      const world = resolverWorld();
      world.all((query, message) => (query.transport === 'tcp' ? overTcp : truncating)(query, message));
      want(world).run(10);
      assert.equal(known(world), 'failed: truncated');
    }
  });
});

describe('aliases (A18)', () => {
  it('are followed, and the least TTL on the way counts', () => {
    const world = resolverWorld();
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
    const world = resolverWorld();
    world.records.push(cname('a.example.test', 'b.example.test'), cname('b.example.test', 'a.example.test'));
    want(world, { name: 'a.example.test', type: 'A' }).run(100);
    assert.equal(known(world, { name: 'a.example.test', type: 'A' }), 'failed: servfail');
    assert.equal(world.queries.length, 9);
    assert.equal(world.open.size, 0);
  });
});
