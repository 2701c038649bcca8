/** Owns the proof that the address book is drawn once, stays known, survives a restart and believes no hostile zone. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { millis } from '../../../../firmware/kernel/time.ts';
import type { Directory } from '../../../../firmware/servers/directory.ts';
import type { DnsRecord } from '../../../../firmware/vocabulary.ts';
import { PLACES, place, setOf, UDP, want, worldOf, ZONE } from '../../../support/directory-world.ts';
import type { NameWorld } from '../../../support/name-world.ts';
import { a, failing, good, reply, servfail, silent, srv } from '../../../support/name-world.ts';

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

  it('takes no chance again while the set stays the same', () => {
    const world = want(worldOf(equals), 'example.test').run(10);
    const drawsOf = (): number => world.bounds.filter((bound) => bound < 65_536).length;
    const before = drawsOf();
    assert.ok(before > 0);
    world.run(3600_000);
    assert.equal(drawsOf(), before);
  });

  it('differs between phones', () => {
    const draws = [1, 2, 3, 4, 5, 6, 7, 8].map((seed) =>
      lastOctets(want(worldOf(equals, {}, seed), 'example.test').run(10)),
    );
    assert.ok(new Set(draws).size > 5, draws.join(' '));
  });

  it('ends with its name: a server that was taken away and comes back is drawn anew', () => {
    const isSame = [1, 2, 3, 4, 5, 6].map((seed) => {
      const world = want(worldOf(equals, {}, seed), 'example.test').run(10);
      const drawn = lastOctets(world);
      want(want(world), 'example.test').run(10);
      return lastOctets(world) === drawn;
    });
    assert.ok(isSame.includes(false));
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

  it('one dead part makes the whole place stale', () => {
    const world = want(worldOf(ZONE), 'example.test').run(10);
    world.all((query, message) => (query.question.type === 'SRV' ? silent : good)(query, message));
    world.run(600_000);
    assert.equal(place(world), `${PLACES}, stale`);
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

  it('an answer that names loopback or port 0 leads nowhere', () => {
    const world = want(worldOf([srv(UDP, '1 0 0 first.example.test')]), 'example.test').run(10);
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
