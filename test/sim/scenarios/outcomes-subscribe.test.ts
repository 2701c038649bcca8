/**
 * Table X of the conformance list, cell by cell, as far as a subscription reaches it: a phone that watches a number at two targets of the
 * main server and one of the backup meets one outcome, when it subscribes (SF), refreshes (SR) and leaves (SU).
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { headerValue } from '../../../firmware/sip/message/headers.ts';
import type { SubscriptionStatus } from '../../../firmware/status.ts';
import { phoneSettings } from '../../support/settings.ts';
import type { Row } from '../outcome-rows.ts';
import { ROWS, WALKS } from '../outcome-rows.ts';
import type { Site } from '../outcome-site.ts';
import { EXPIRES_S, site, walk } from '../outcome-site.ts';
import { watchKey } from '../watch-desk.ts';

const BUSY = '2002';
const SETTINGS = phoneSettings({ keys: [watchKey(BUSY)] });

function watching(transport?: Row['transport']): Site {
  const place = site(transport, {}, SETTINGS);
  for (const peer of [place.p1, place.p2, place.b]) {
    peer.states.set(BUSY, 'busy');
    peer.grantsS = EXPIRES_S;
  }
  return place;
}

/** It befalls these while they serve: codes only what a subscription asks. */
function befall({ world, p1, p2, b }: Site, befalls: Row['befalls'], who: 'main' | 'all' = 'main'): void {
  for (const peer of who === 'all' ? [p1, p2, b] : [p1, p2]) {
    befalls(peer);
    peer.statusFor = peer.status === null ? null : 'SUBSCRIBE';
    // A NOTIFY says all that a 2xx says: who cannot be heard does not send one.
    peer.notifies = 'never';
    world.streams.hangUp(peer);
  }
}

const shown = ({ world }: Site): SubscriptionStatus =>
  world.status().subscriptions[0] ?? assert.fail('nothing is watched');

/** Where SUBSCRIBE requests went inside their dialog since then, with what they asked for. */
const inDialog = ({ world }: Site, since: number): readonly string[] => {
  const seen = new Set<string>();
  return world.sent('SUBSCRIBE').flatMap(({ at, flow, message }) => {
    const via = headerValue(message, 'Via') ?? '';
    if (at < since || !/;tag=/.test(headerValue(message, 'To') ?? '') || seen.has(via)) return [];
    seen.add(via);
    return [`${/192\.0\.2\.(\d)/.exec(flow)?.[1]} ${headerValue(message, 'Expires')}`];
  });
};

const numberOf = (outcome: string): number => Number.parseInt(outcome, 10);
/** Refusals that nothing but a person or another configuration helps with. */
const FINAL = new Set([405, 406, 415, 416, 420, 421, 428, 436, 437, 438, 439, 494]);
/** Refusals that are waited for like a failure: RFC 5626 4.5, 30 s at first, 50 to 100 % of it. */
const PASSING = new Set([430, 480, 481, 482, 483]);
/** What ends a subscription that is refreshed (RFC 6665 4.1.2.2). */
const GONE = new Set([404, 405, 410, 416, 480, 481, 482, 483, 484, 485, 489, 501, 604]);

/** s until it is asked for again where every server answers so; null = never. */
function waitOf({ outcome, register, all }: Row): readonly [number, number] | null {
  const [least] = all.waitS;
  if (least === 200 || least === 2000) return all.waitS;
  if (register === 'N,B' || PASSING.has(numberOf(outcome))) return [15, 30];
  return FINAL.has(numberOf(outcome)) ? null : [1800, 1800];
}

describe('table X: a fresh SUBSCRIBE (SF)', () => {
  for (const row of ROWS) {
    const { outcome, befalls, transport, register } = row;
    it(`${outcome}: ${register}; dark until somebody tells`, () => {
      const place = watching(transport);
      befall(place, befalls);
      place.world.start().run(register === 'N,B' ? 12_000 : 3000);
      assert.equal(walk(place, 'SUBSCRIBE'), WALKS[register]);
      const { server, presence } = shown(place);
      assert.deepEqual([server, presence], register === 'N,B' ? ['backup', 'busy'] : [null, null]);
    });

    const wait = waitOf(row);
    it(`${outcome} from all: asked again ${wait === null ? 'never' : `after ${wait.join(' to ')} s`}`, () => {
      const place = watching(transport);
      const { world } = place;
      befall(place, befalls, 'all');
      world.start();
      world.until(() => world.eventsOf('subscription').some(({ state }) => state === 'failed'), 120_000);
      const end = world.now;
      if (wait === null) {
        world.run(7_200_000);
        return assert.deepEqual([walk(place, 'SUBSCRIBE', end), shown(place).state], ['', 'stopped']);
      }
      const took = world.until(() => walk(place, 'SUBSCRIBE', end) !== '', 4_000_000) / 1000;
      assert.ok(took > wait[0] - 1 && took < wait[1] + 1, `${took} s`);
      assert.equal(walk(place, 'SUBSCRIBE', end).split(' ')[0], 'p1', 'then the first is asked first');
    });
  }
});

describe('table X: a SUBSCRIBE refresh (SR)', () => {
  for (const { outcome, befalls, transport, register } of ROWS) {
    const gone = GONE.has(numberOf(outcome));
    const lamp = register === 'N,B' ? 'the lamp never goes out' : gone ? 'it is over' : 'it holds until it runs out';
    it(`${outcome}: in its dialog first, then a fresh one (${register}); ${lamp}`, () => {
      const place = watching(transport);
      const { world } = place;
      world.start().until(() => shown(place).presence === 'busy', 10_000);
      // Only the refresh meets it: nothing is learnt of these targets before.
      world.run(transport === undefined ? EXPIRES_S * 1000 - 24_000 : 1000);
      befall(place, befalls);
      const begun = world.now;
      const dark = (): number => world.eventsOf('watched').filter(({ state }) => state === 'unknown').length;
      world.until(() => walk(place, 'SUBSCRIBE', begun) !== '' || shown(place).state !== 'active', EXPIRES_S * 1000);
      world.run(register === 'N,B' ? 12_000 : 500);
      if (transport === undefined && register === 'END')
        assert.deepEqual(inDialog(place, begun).slice(0, 1), ['1 3600']);
      if (register === 'N,B') {
        // Its Retry-After closes the first before the fresh one begins (rules 3.1).
        const asked = outcome.startsWith('503 with') ? 'p2 b' : 'p1 p2 b';
        const { server, presence } = shown(place);
        assert.deepEqual([walk(place, 'SUBSCRIBE', begun), server, presence], [asked, 'backup', 'busy']);
        return assert.equal(dark(), 0);
      }
      assert.equal(shown(place).presence, gone ? null : 'busy');
      world.run(EXPIRES_S * 1000);
      assert.equal(shown(place).presence, null, 'nobody has renewed it');
    });
  }
});

describe('table X: an unsubscribe (SU)', () => {
  for (const { outcome, befalls, transport } of ROWS)
    it(`${outcome}: END, nobody else is told, and the key is dark at once`, () => {
      const place = watching(transport);
      const { world } = place;
      world.start().until(() => shown(place).presence === 'busy', 10_000);
      befall(place, befalls);
      const begun = world.now;
      world.input({ kind: 'configure', settings: { ...world.settings, keys: [] } });
      assert.deepEqual(world.status().subscriptions, []);
      world.run(40_000);
      assert.deepEqual([walk(place, 'SUBSCRIBE', begun), place.b.subscribers.length], ['', 0]);
      assert.ok(
        inDialog(place, begun).every((sent) => sent === '1 0'),
        inDialog(place, begun).join(', '),
      );
    });
});
