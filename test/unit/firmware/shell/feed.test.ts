/** Owns the feed of events: ready first, numbers, late comers. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createFeed } from '../../../../firmware/shell/feed.ts';

describe('the event feed', () => {
  it('puts ready first, numbers the rest, and keeps it for those who come late', () => {
    let now = 0;
    const feed = createFeed(() => now);
    feed.ready((web) => ({ event: 'ready', sip: [], ...web, profile: 'modern', model: '57i', lines: 1 }));
    feed.publish({ event: 'stopped', code: 0 });
    now = 5;
    const seen: string[] = [];
    feed.subscribe(({ json }) => void seen.push(json));
    feed.open({ http: '127.0.0.1:80', https: null });
    feed.publish({ event: 'stopped', code: 1 });
    assert.deepEqual(seen, [
      '{"t":0,"event":"ready","sip":[],"http":"127.0.0.1:80","https":null,"profile":"modern","model":"57i","lines":1}',
      '{"t":0,"event":"stopped","code":0}',
      '{"t":5,"event":"stopped","code":1}',
    ]);
    assert.deepEqual(
      feed.since(2).map(({ id }) => id),
      [3],
    );
  });

  it('forgets the oldest, never the count, and those who left', () => {
    const feed = createFeed(() => 0.6);
    feed.open({ http: null, https: null });
    const seen: number[] = [];
    const leave = feed.subscribe(({ id }) => void seen.push(id));
    feed.publish({ event: 'stopped', code: 0 });
    leave();
    for (let count = 0; count < 2500; count += 1) feed.publish({ event: 'stopped', code: 0 });
    assert.deepEqual(seen, [1]);
    const kept = feed.since(0);
    assert.deepEqual([kept.length, kept.at(-1)?.id], [2000, 2501]);
    assert.match(kept[0]?.json ?? '', /^\{"t":1,/);
  });
});
