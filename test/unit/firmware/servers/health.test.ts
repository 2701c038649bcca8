/** Proves what is learnt of a server: answer times, silence, refusals, codes and Retry-After (rules 4, "health"). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { millis } from '../../../../firmware/kernel/time.ts';
import type { Health, WaitPolicy } from '../../../../firmware/servers/health.ts';
import {
  blockedUntil,
  connectWaitMs,
  hedgeMs,
  heldUntil,
  isBlacklisted,
  isDead,
  knowledge,
  lastWaitMs,
  noteAnswer,
  noteAnswerTime,
  noteSilence,
  UNKNOWN_HEALTH,
} from '../../../../firmware/servers/health.ts';

const MODERN: WaitPolicy = {
  profile: 'modern',
  hedgeLimitMs: 2000,
  transactionMs: null,
  t1Ms: 500,
  blacklistS: 300,
  codes: [408, 500, 502, 503, 504],
};
const at = millis(1000);
const line1 = { line: 1, role: 'registrar', method: 'REGISTER' };
const line2 = { line: 2, role: 'registrar', method: 'REGISTER' };

const withSamples = (...samples: readonly number[]): Health =>
  samples.reduce<Health>((health, took) => noteAnswerTime(health, took, false), UNKNOWN_HEALTH);
const times = (n: number, took: number): number[] => new Array<number>(n).fill(took);

describe('H, how long silence is waited for (rules 4)', () => {
  it('is 1500 ms while fewer than eight answer times are known', () => {
    assert.equal(hedgeMs(UNKNOWN_HEALTH, MODERN, line1, at), 1500);
    assert.equal(hedgeMs(withSamples(...times(7, 5)), MODERN, line1, at), 1500);
  });

  it('is twice the 99th percentile, between 700 ms and the hedge limit', () => {
    assert.equal(hedgeMs(withSamples(...times(8, 5)), MODERN, line1, at), 700);
    assert.equal(hedgeMs(withSamples(...times(8, 450)), MODERN, line1, at), 900);
    assert.equal(hedgeMs(withSamples(...times(8, 1500)), MODERN, line1, at), 2000);
  });

  it('takes the slowest of a few samples as their 99th percentile', () => {
    assert.equal(hedgeMs(withSamples(...times(20, 5), 600), MODERN, line1, at), 1200);
  });

  it('never passes a hedge limit below the floor', () => {
    const policy = { ...MODERN, hedgeLimitMs: 300 };
    assert.equal(hedgeMs(withSamples(...times(8, 5)), policy, line1, at), 300);
    assert.equal(hedgeMs(UNKNOWN_HEALTH, policy, line1, at), 300);
  });

  it('of a dead target is twice the median answer time, 100 ms at least', () => {
    const dead = noteSilence(withSamples(...times(9, 20)), 'no-answer', MODERN, at);
    assert.equal(hedgeMs(dead, MODERN, line1, at), 100);
    const slow = noteSilence(withSamples(...times(9, 90)), 'no-answer', MODERN, at);
    assert.equal(hedgeMs(slow, MODERN, line1, at), 180);
  });

  it('of a dead target is never longer than if it lived', () => {
    const slow = withSamples(...times(9, 20_000));
    assert.equal(hedgeMs(noteSilence(slow, 'no-answer', MODERN, at), MODERN, line1, at), 2000);
  });

  it('is bounded by a transaction timer that was given, in modern too', () => {
    assert.equal(hedgeMs(UNKNOWN_HEALTH, { ...MODERN, transactionMs: 1000 }, line1, at), 1000);
    assert.equal(lastWaitMs({ ...MODERN, transactionMs: 8000 }), 8000);
    assert.equal(lastWaitMs(MODERN), 32_000);
  });

  it('is the transaction timer in r2.0 and r2.1, for the last target too', () => {
    for (const profile of ['r2.0', 'r2.1'] as const) {
      assert.equal(hedgeMs(UNKNOWN_HEALTH, { ...MODERN, profile }, line1, at), 4000);
      assert.equal(lastWaitMs({ ...MODERN, profile, transactionMs: 6000 }), 6000);
    }
  });

  it('keeps 64 samples and takes none from a retransmitted request', () => {
    const health = withSamples(...times(70, 5));
    assert.equal(health.samples.length, 64);
    assert.equal(noteAnswerTime(health, 1, true), health);
  });
});

describe('how long a connection is waited for (rules 4, row "TCP/TLS connect")', () => {
  it('1500 ms, or the transaction timer where that is shorter; of a dead target as long as its answer', () => {
    assert.equal(connectWaitMs({ hedgeMs: 700, known: 'live' }, MODERN), 1500);
    assert.equal(connectWaitMs({ hedgeMs: 1500, known: 'unknown' }, { ...MODERN, transactionMs: 1000 }), 1000);
    assert.equal(connectWaitMs({ hedgeMs: 100, known: 'dead' }, MODERN), 100);
  });

  it('the originals count from connecting to the first answer with one timer', () => {
    assert.equal(connectWaitMs({ hedgeMs: 4000, known: 'live' }, { ...MODERN, profile: 'r2.0' }), null);
  });
});

describe('what clears a dead mark (rules 4, health)', () => {
  const ok = { asker: line1, code: 200, retryAfterS: null };

  it('silence is cleared by any answer outside the failover codes, whatever the method', () => {
    const dead = noteSilence(UNKNOWN_HEALTH, 'no-answer', MODERN, at);
    assert.equal(knowledge(dead, line1, at), 'dead');
    const probed = noteAnswer(dead, { ...ok, code: 404, asker: { ...line1, method: 'OPTIONS' } }, MODERN, at);
    assert.equal(knowledge(probed, line1, at), 'live');
    assert.equal(isDead(noteAnswer(dead, { ...ok, code: 500 }, MODERN, at), line1, at), true);
  });

  it('a code is cleared only by a good answer to the same method, or by its own back-off', () => {
    const dead = noteAnswer(UNKNOWN_HEALTH, { ...ok, code: 503 }, MODERN, at);
    const options = noteAnswer(dead, { ...ok, asker: { ...line1, method: 'OPTIONS' } }, MODERN, at);
    assert.equal(isDead(options, line1, at), true);
    assert.equal(isDead(noteAnswer(dead, ok, MODERN, at), line1, at), false);
    assert.equal(isDead(dead, line1, millis(1000 + 29_999)), true);
    assert.equal(isDead(dead, line1, millis(1000 + 30_000)), false);
  });

  it('a 503 is learnt phone-wide, a 500 for its line until a second line meets it within 60 s', () => {
    const busy = noteAnswer(UNKNOWN_HEALTH, { ...ok, code: 503 }, MODERN, at);
    assert.equal(isDead(busy, line2, at), true);
    const broken = noteAnswer(UNKNOWN_HEALTH, { ...ok, code: 500 }, MODERN, at);
    assert.equal(isDead(broken, line1, at), true);
    assert.equal(isDead(broken, line2, at), false);
    const both = noteAnswer(broken, { ...ok, code: 500, asker: line2 }, MODERN, millis(30_000));
    assert.equal(isDead(both, null, millis(30_000)), true);
    const apart = noteAnswer(broken, { ...ok, code: 500, asker: line2 }, MODERN, millis(62_000));
    assert.equal(isDead(apart, null, millis(62_000)), false);
  });

  describe('a code', () => {
    const s = (seconds: number): typeof at => millis(at + seconds * 1000);
    const met = (health: Health, asker: typeof line1, code: number, seconds: number): Health =>
      noteAnswer(health, { asker, code, retryAfterS: null }, MODERN, s(seconds));
    const invites = { ...line1, role: 'proxy', method: 'INVITE' };

    it('of a second line counts for all up to 60 s after the first, not later', () => {
      const first = met(UNKNOWN_HEALTH, line1, 500, 0);
      assert.equal(isDead(met(first, line2, 500, 60), { ...line1, line: 3 }, s(60)), true);
      assert.equal(isDead(met(first, line2, 500, 60.001), { ...line1, line: 3 }, s(60.001)), false);
    });

    it('holds for 30 s, twice as long each time that it comes again, half an hour at most', () => {
      let health = UNKNOWN_HEALTH;
      for (const holds of [30, 60, 120, 240, 480, 960, 1800, 1800]) {
        health = met(health, line1, 500, 0);
        assert.deepEqual([isDead(health, line1, s(holds - 1)), isDead(health, line1, s(holds))], [true, false]);
      }
    });

    it('of one line and method leaves those of others as they are', () => {
      const both = met(met(UNKNOWN_HEALTH, line1, 500, 0), invites, 500, 1);
      assert.deepEqual([isDead(both, line1, s(2)), isDead(both, invites, s(2))], [true, true]);
      assert.equal(isDead(both, line2, s(2)), false);
      const wide = met(met(both, line2, 503, 3), line1, 500, 4);
      assert.deepEqual([isDead(wide, { ...line1, line: 3 }, s(5)), isDead(wide, invites, s(5))], [true, true]);
      const well = met(wide, line1, 200, 6);
      assert.deepEqual([isDead(well, line1, s(7)), isDead(well, invites, s(7))], [false, true]);
    });
  });

  it('r2.0 has no memory', () => {
    const policy = { ...MODERN, profile: 'r2.0' as const };
    assert.equal(isDead(noteSilence(UNKNOWN_HEALTH, 'no-answer', policy, at), line1, at), false);
    assert.equal(isDead(noteAnswer(UNKNOWN_HEALTH, { ...ok, code: 503 }, policy, at), line1, at), false);
  });

  it('r2.1 blacklists a silent target for the blacklist duration, and 0 turns that off', () => {
    const policy = { ...MODERN, profile: 'r2.1' as const };
    const listed = noteSilence(UNKNOWN_HEALTH, 'no-answer', policy, at);
    assert.equal(isBlacklisted(listed, millis(1000 + 299_999)), true);
    assert.equal(isBlacklisted(listed, millis(1000 + 300_000)), false);
    assert.equal(isBlacklisted(noteSilence(UNKNOWN_HEALTH, 'no-answer', { ...policy, blacklistS: 0 }, at), at), false);
  });
});

describe('Retry-After (rules 3.1)', () => {
  const busy = (retryAfterS: number): Health =>
    noteAnswer(UNKNOWN_HEALTH, { asker: line1, code: 503, retryAfterS }, MODERN, at);

  it('of a 503 keeps every request away, at most 300 s', () => {
    assert.equal(blockedUntil(busy(20), 'modern', at), 21_000);
    assert.equal(blockedUntil(busy(3600), 'modern', at), 301_000);
    assert.equal(blockedUntil(busy(20), 'modern', millis(21_000)), null);
  });

  it('never changes the order in r2.0', () => {
    assert.equal(blockedUntil(busy(20), 'r2.0', at), null);
  });

  it('of a 500 holds for the line and method that met it, beside that of a 503 for all: the later end counts', () => {
    const own = (retryAfterS: number | null): Health =>
      noteAnswer(UNKNOWN_HEALTH, { asker: line1, code: 500, retryAfterS }, MODERN, at);
    const forAll = (health: Health, retryAfterS: number): Health =>
      noteAnswer(health, { asker: { ...line1, method: 'INVITE' }, code: 503, retryAfterS }, MODERN, at);
    const held = (health: Health, asker = line1): number | null => heldUntil(health, asker, 'modern', at);
    assert.equal(held(own(null)), null);
    assert.equal(held(own(40)), 41_000);
    assert.equal(held(own(40), line2), null);
    assert.equal(held(forAll(own(null), 20)), 21_000);
    assert.equal(held(forAll(own(40), 20)), 41_000);
    assert.equal(held(forAll(own(40), 60)), 61_000);
    assert.equal(held(forAll(own(40), 20), line2), 21_000);
  });

  it('of another answer does not block the target', () => {
    const health = noteAnswer(UNKNOWN_HEALTH, { asker: line1, code: 500, retryAfterS: 20 }, MODERN, at);
    assert.equal(blockedUntil(health, 'modern', at), null);
  });
});
