/** One INVITE over many servers as decisions: the order, who wins, and what hanging up undoes (rules 3.7, 3.9). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Candidate } from '../../firmware/servers/selection.ts';
import { BACKUP, failed, H, HANG_UP, PRIMARY, RING, SECOND, Walk } from './invite-walk.ts';

describe('a call goes to the primary proxy first, then to the backup', () => {
  it('opens at the primary, and what answers well is the call', () => {
    const walk = new Walk([PRIMARY, BACKUP]);
    assert.deepEqual(walk.opening, ['open C1.1 at 192.0.2.1 (walk)']);
    assert.deepEqual(walk.code(10, 'C1.1', 100), ['progress C1.1 100']);
    assert.deepEqual(walk.code(20, 'C1.1', 180), ['progress C1.1 180']);
    assert.deepEqual(walk.code(900, 'C1.1', 200), ['ended ok C1.1']);
    assert.equal(walk.state, null);
  });

  it('a silent primary is left after H, and only listened to', () => {
    const walk = new Walk([PRIMARY, BACKUP]);
    assert.deepEqual(walk.hedge(H), ['silent 192.0.2.1', 'quiet C1.1', 'open C1.2 at 192.0.2.2 (walk)']);
    assert.deepEqual(walk.code(1600, 'C1.2', 180), ['progress C1.2 180']);
    assert.deepEqual(walk.code(3000, 'C1.2', 200), ['ended ok C1.2']);
  });

  it('a refused one at once', () => {
    const walk = new Walk([PRIMARY, BACKUP]);
    assert.deepEqual(walk.feed(3, failed('C1.1', 'refused')), ['open C1.2 at 192.0.2.2 (walk)']);
  });

  it('a 503 moves on, also after 100 and after ringing', () => {
    for (const before of [[], [100], [100, 180]]) {
      const walk = new Walk([PRIMARY, BACKUP]);
      for (const code of before) walk.code(5, 'C1.1', code);
      assert.deepEqual(walk.code(10, 'C1.1', 503), ['open C1.2 at 192.0.2.2 (walk)']);
      assert.deepEqual(walk.code(20, 'C1.2', 180), ['progress C1.2 180']);
    }
  });

  it('any other refusal is the end: nobody further is asked', () => {
    for (const code of [404, 486, 500, 504, 600]) {
      const walk = new Walk([PRIMARY, BACKUP]);
      assert.deepEqual(walk.code(10, 'C1.1', code), [`ended rejected C1.1 ${code}`]);
      assert.equal(walk.state, null);
    }
  });

  it('in an emergency a refusal by a server advances too', () => {
    const walk = new Walk([PRIMARY, BACKUP], { advances: (code) => code !== 486 });
    assert.deepEqual(walk.code(10, 'C1.1', 404), ['open C1.2 at 192.0.2.2 (walk)']);
    assert.deepEqual(walk.code(20, 'C1.2', 486), ['ended rejected C1.2 486']);
  });

  it('after a provisional answer silence starts no further target', () => {
    const walk = new Walk([PRIMARY, BACKUP]);
    walk.code(100, 'C1.1', 100);
    assert.deepEqual(walk.state?.timers, { ring: 100 + RING });
  });

  it('when all have failed the call has', () => {
    const walk = new Walk([PRIMARY, BACKUP]);
    walk.feed(3, failed('C1.1', 'refused'));
    assert.deepEqual(walk.code(5, 'C1.2', 503), ['ended failed']);
    assert.equal(walk.state, null);
  });

  it('with nobody to ask it fails at once', () => assert.deepEqual(new Walk([]).opening, ['ended failed']));

  it('the last target is waited for as long as it may take', () => {
    const walk = new Walk([BACKUP]);
    assert.deepEqual(walk.hedge(32_000), ['silent 192.0.2.2', 'quiet C1.1', 'ended failed']);
  });

  it('a list that comes later is appended, and the wait counted from the start', () => {
    const walk = new Walk([PRIMARY], {}, true);
    assert.deepEqual(walk.feed(500, { kind: 'candidates', candidates: [BACKUP], more: false }), []);
    assert.deepEqual(walk.hedge(H), ['silent 192.0.2.1', 'quiet C1.1', 'open C1.2 at 192.0.2.2 (walk)']);
    const waiting = new Walk([PRIMARY], {}, true);
    assert.deepEqual(waiting.feed(3, failed('C1.1', 'refused')), []);
    assert.deepEqual(waiting.feed(500, { kind: 'candidates', candidates: [BACKUP], more: false }), [
      'open C1.2 at 192.0.2.2 (walk)',
    ]);
  });

  it('a list that comes when somebody has answered changes nothing but where a 503 leads', () => {
    const walk = new Walk([PRIMARY], {}, true);
    walk.code(10, 'C1.1', 100);
    assert.deepEqual(walk.feed(500, { kind: 'candidates', candidates: [BACKUP], more: false }), []);
    assert.deepEqual(walk.code(600, 'C1.1', 503), ['open C1.2 at 192.0.2.2 (walk)']);
  });

  it('a connection is waited for by itself, then its answer', () => {
    const walk = new Walk([PRIMARY, BACKUP], {
      waitFor: () => ({ hedgeMs: 700, known: 'live', connectMs: 1500 }),
    });
    walk.feed(1000, { kind: 'carried', copy: 'C1.1' });
    assert.deepEqual(walk.hedge(1700), ['silent 192.0.2.1', 'quiet C1.1', 'open C1.2 at 192.0.2.2 (walk)']);
  });
});

describe('one winner', () => {
  /** The primary was silent, the backup has been asked. */
  const hedged = (candidates: readonly Candidate[] = [PRIMARY, BACKUP]): Walk => {
    const walk = new Walk(candidates);
    walk.hedge(H);
    return walk;
  };

  it('is who answers first; a loser that answers late is cancelled once', () => {
    const walk = hedged();
    walk.code(1600, 'C1.2', 180);
    assert.deepEqual(walk.code(1700, 'C1.1', 100), ['cancel C1.1']);
    assert.deepEqual(walk.code(1800, 'C1.1', 180), []);
    assert.deepEqual(walk.code(1900, 'C1.1', 487), []);
    assert.deepEqual(walk.code(2000, 'C1.2', 200), ['ended ok C1.2']);
    assert.equal(walk.state, null);
  });

  it('a loser that is picked up is acknowledged and ended', () => {
    const walk = hedged();
    walk.code(1600, 'C1.2', 180);
    assert.deepEqual(walk.code(1700, 'C1.1', 200), ['release C1.1']);
  });

  it('may be the first that was asked, though it was late: the later copy is sent no more', () => {
    const walk = hedged();
    assert.deepEqual(walk.code(1600, 'C1.1', 180), ['quiet C1.2', 'progress C1.1 180']);
    assert.deepEqual(walk.code(1700, 'C1.2', 180), ['cancel C1.2']);
    assert.deepEqual(walk.code(1800, 'C1.1', 200), ['ended ok C1.1']);
    assert.deepEqual(walk.code(1900, 'C1.2', 200), ['release C1.2']);
    assert.equal(walk.state, null);
  });

  it('a 503 loses, and who had lost to it may win after all', () => {
    const walk = hedged();
    walk.code(1600, 'C1.2', 100);
    assert.deepEqual(walk.code(1700, 'C1.2', 503), ['ended failed']);
    const third = hedged([PRIMARY, SECOND, BACKUP]);
    third.code(1600, 'C1.2', 100);
    assert.deepEqual(third.code(1700, 'C1.2', 503), ['open C1.3 at 192.0.2.2 (walk)']);
    assert.deepEqual(third.code(1800, 'C1.1', 180), ['quiet C1.3', 'progress C1.1 180']);
  });

  it('a loser’s challenge is not answered, its refusal ignored', () => {
    const walk = hedged();
    walk.code(1600, 'C1.2', 180);
    assert.deepEqual(walk.code(1700, 'C1.1', 401), []);
    assert.deepEqual(
      walk.state?.copies.map(({ id }) => id),
      ['C1.2'],
    );
  });

  it('a connection that breaks after a provisional answer ends the call, and whoever rings is let go', () => {
    const walk = new Walk([PRIMARY, BACKUP]);
    walk.code(10, 'C1.1', 180);
    assert.deepEqual(walk.feed(500, failed('C1.1', 'refused')), ['cancel C1.1', 'ended failed']);
  });

  it('a loser that fails is forgotten', () => {
    const walk = hedged();
    walk.code(1600, 'C1.2', 180);
    assert.deepEqual(walk.feed(1700, failed('C1.1', 'no-answer')), []);
    assert.deepEqual(
      walk.state?.copies.map(({ id }) => id),
      ['C1.2'],
    );
  });
});

describe('a redirection', () => {
  const HERE = 'sip:7@192.0.2.1';
  const THERE = 'sip:8@192.0.2.1';

  it('turns the call to its best contact: a walk of its own, that begins anew', () => {
    const walk = new Walk([PRIMARY, BACKUP]);
    walk.code(10, 'C1.1', 100);
    assert.deepEqual(walk.code(20, 'C1.1', 302, [HERE, THERE]), [`redirected to ${HERE}`]);
    assert.deepEqual(walk.feed(20, { kind: 'candidates', candidates: [PRIMARY, BACKUP], more: false }), [
      'open C1.2 at 192.0.2.1 (redirect)',
    ]);
    assert.deepEqual(walk.hedge(20 + H), ['silent 192.0.2.1', 'quiet C1.2', 'open C1.3 at 192.0.2.2 (walk)']);
    assert.deepEqual(walk.code(3000, 'C1.3', 200), ['ended ok C1.3']);
  });

  it('goes on to the next contact where the first refuses, or nobody answers for it', () => {
    for (const fails of [
      (walk: Walk) => walk.code(30, 'C1.2', 404),
      (walk: Walk) => walk.feed(30, failed('C1.2', 'refused')),
    ]) {
      const walk = new Walk([PRIMARY]);
      walk.code(20, 'C1.1', 302, [HERE, THERE]);
      walk.feed(20, { kind: 'candidates', candidates: [PRIMARY], more: false });
      assert.deepEqual(fails(walk), [`redirected to ${THERE}`]);
      walk.feed(30, { kind: 'candidates', candidates: [PRIMARY], more: false });
      assert.deepEqual(walk.code(40, 'C1.3', 486), ['ended rejected C1.3 486']);
    }
  });

  it('ends with a 6xx, whatever contacts are left', () => {
    const walk = new Walk([PRIMARY]);
    walk.code(20, 'C1.1', 302, [HERE, THERE]);
    walk.feed(20, { kind: 'candidates', candidates: [PRIMARY], more: false });
    assert.deepEqual(walk.code(30, 'C1.2', 603), ['ended rejected C1.2 603']);
  });

  it('that leads nowhere new is the end', () => {
    assert.deepEqual(new Walk([PRIMARY, BACKUP]).code(20, 'C1.1', 302), ['ended rejected C1.1 302']);
  });

  it('undoes what else was asked; the person may hang up while the way there is looked up', () => {
    const walk = new Walk([PRIMARY, BACKUP]);
    walk.hedge(H);
    assert.deepEqual(walk.code(1600, 'C1.2', 302, [HERE]), [`redirected to ${HERE}`]);
    assert.deepEqual(walk.code(1700, 'C1.1', 180), ['cancel C1.1']);
    assert.deepEqual(walk.feed(1800, HANG_UP), ['ended hung-up']);
    assert.deepEqual(walk.code(1900, 'C1.1', 487), []);
    assert.equal(walk.state, null);
  });
});

describe('hanging up', () => {
  it('cancels what has spoken, and sends no more of the rest; late answers are undone', () => {
    const walk = new Walk([PRIMARY, BACKUP]);
    assert.deepEqual(walk.feed(300, HANG_UP), ['quiet C1.1', 'ended hung-up']);
    assert.deepEqual(walk.code(400, 'C1.1', 180), ['cancel C1.1']);
    assert.deepEqual(walk.code(450, 'C1.1', 183), []);
    assert.deepEqual(walk.code(500, 'C1.1', 200), ['release C1.1']);
    assert.equal(walk.state, null);
  });

  it('while it rings cancels; no final answer within 64·T1 is waited for no longer', () => {
    const walk = new Walk([PRIMARY, BACKUP]);
    walk.code(10, 'C1.1', 180);
    assert.deepEqual(walk.feed(300, HANG_UP), ['cancel C1.1', 'ended hung-up']);
    assert.deepEqual(walk.state?.timers, { drop: 32_300 });
    assert.deepEqual(walk.feed(32_300, { kind: 'timer', timer: 'drop' }), ['drop C1.1']);
    assert.equal(walk.state, null);
  });

  it('a late cancel is waited for anew', () => {
    const walk = new Walk([PRIMARY]);
    walk.feed(300, HANG_UP);
    walk.code(20_000, 'C1.1', 100);
    assert.deepEqual(walk.state?.timers, { drop: 52_000 });
    assert.deepEqual(walk.code(20_010, 'C1.1', 487), []);
    assert.equal(walk.state, null);
  });

  it('what never answers is forgotten with its transaction', () => {
    const walk = new Walk([PRIMARY]);
    walk.feed(300, HANG_UP);
    assert.deepEqual(walk.feed(32_000, failed('C1.1', 'no-answer')), []);
    assert.equal(walk.state, null);
  });

  it('is done by the ring timer, where nobody answers', () => {
    const walk = new Walk([PRIMARY, BACKUP]);
    walk.code(10, 'C1.1', 180);
    assert.deepEqual(walk.feed(10 + RING, { kind: 'timer', timer: 'ring' }), ['cancel C1.1', 'ended unanswered']);
  });
});
