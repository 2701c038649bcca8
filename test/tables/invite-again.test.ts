/** One INVITE over many servers as decisions: challenges, and a callee that is reached twice (rules 3.7). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BACKUP, failed, H, PRIMARY, Walk } from './invite-walk.ts';

describe('a challenge', () => {
  it('is answered where it was made, and wins', () => {
    const walk = new Walk([PRIMARY, BACKUP]);
    walk.hedge(H);
    assert.deepEqual(walk.code(1600, 'C1.2', 407), ['quiet C1.1', 'open C1.3 at 192.0.2.2 (challenge)'].slice(1));
    assert.deepEqual(walk.code(1650, 'C1.1', 407), []);
    assert.deepEqual(walk.code(1700, 'C1.3', 180), ['progress C1.3 180']);
  });

  it('quiets an open copy at another target', () => {
    const walk = new Walk([PRIMARY, BACKUP]);
    walk.hedge(H);
    assert.deepEqual(walk.code(1600, 'C1.1', 401), ['quiet C1.2', 'open C1.3 at 192.0.2.1 (challenge)']);
  });

  it('that cannot be answered is a refusal', () => {
    const walk = new Walk([PRIMARY, BACKUP]);
    const verdict = { meaning: 'challenge', answerable: false } as const;
    assert.deepEqual(walk.feed(5, { kind: 'answer', copy: 'C1.1', verdict, code: 401, retryAfterS: null }), [
      'ended rejected C1.1 401',
    ]);
  });

  it('without end is a refusal too', () => {
    const walk = new Walk([PRIMARY]);
    let out: readonly string[] = [];
    let copies = 0;
    while (walk.state !== null && copies < 20) {
      copies += 1;
      out = walk.code(copies, `C1.${copies}`, 401);
    }
    assert.match(out[0] ?? '', /^ended rejected C1\.\d 401$/);
  });

  it('whose answer meets silence: the walk goes on', () => {
    const walk = new Walk([PRIMARY, BACKUP]);
    walk.code(10, 'C1.1', 401);
    assert.deepEqual(walk.hedge(10 + H), ['silent 192.0.2.1', 'quiet C1.2', 'open C1.3 at 192.0.2.2 (walk)']);
    assert.deepEqual(walk.code(1600, 'C1.3', 180), ['progress C1.3 180']);
  });
});

describe('a callee that has the call already (482)', () => {
  it('while an earlier copy is open the call goes on with that', () => {
    const walk = new Walk([PRIMARY, BACKUP]);
    walk.hedge(H);
    assert.deepEqual(walk.code(1600, 'C1.2', 482), []);
    assert.deepEqual(walk.code(1700, 'C1.1', 180), ['progress C1.1 180']);
    assert.deepEqual(walk.code(1800, 'C1.1', 200), ['ended ok C1.1']);
  });

  it('when none is left, one new call is made; a second 482 is final', () => {
    const walk = new Walk([PRIMARY, BACKUP]);
    walk.hedge(H);
    walk.code(1600, 'C1.2', 482);
    assert.deepEqual(walk.feed(32_000, failed('C1.1', 'no-answer')), ['open C1.3 at 192.0.2.2 (again)']);
    assert.deepEqual(walk.code(32_100, 'C1.3', 482), ['ended rejected C1.3 482']);
  });

  it('of the first copy is final', () =>
    assert.deepEqual(new Walk([PRIMARY, BACKUP]).code(5, 'C1.1', 482), ['ended rejected C1.1 482']));
});
