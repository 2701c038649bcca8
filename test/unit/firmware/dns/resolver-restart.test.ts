/** Owns the proof that answers of the last run serve while DNS is dead, and only then. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { a, good, servfail, silent, slow } from '../../../support/name-world.ts';
import { ADDRESS, known, PBX, resolverWorld, want } from '../../../support/resolver-world.ts';

describe('a restart', () => {
  const stored = [{ ...PBX, records: [a(PBX.name, ADDRESS)] }];

  it('with DNS alive: the fresh answer is waited for, the old one never used', () => {
    const world = resolverWorld({ stored });
    world.records.splice(0, 1, a(PBX.name, '192.0.2.11'));
    world.all(slow(1700));
    want(world).run(1690);
    assert.equal(known(world), 'unknown');
    world.run(20);
    assert.equal(known(world), '192.0.2.11');
  });

  it('with DNS silent: the old answer is used after 1.8 s', () => {
    const world = resolverWorld({ stored });
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
    const world = resolverWorld({ stored: [{ ...PBX, records: [] }] });
    world.all(servfail);
    want(world).run(10);
    assert.equal(known(world), 'nodata, stale');
  });

  it('keeps what nobody has asked for yet, until it is let go', () => {
    const other = { name: 'other.example.test', type: 'A', records: [a('other.example.test', ADDRESS)] } as const;
    const world = resolverWorld({ stored: [...stored, other] });
    want(world).run(10);
    assert.deepEqual(
      world.machine.snapshot().map(({ name }) => name),
      [PBX.name, 'other.example.test'],
    );
    world.machine.dropStored();
    assert.deepEqual(world.machine.snapshot(), [{ ...PBX, records: [a(PBX.name, ADDRESS)] }]);
  });

  it('keeps nothing of a question without an answer, and "no records" as such', () => {
    const world = resolverWorld();
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
