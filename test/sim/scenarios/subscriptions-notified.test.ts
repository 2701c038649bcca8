/** NOTIFYs inside a subscription in force: which are of it, how they are answered, and in which order they count (RFC 6665 4.1.3, 4.4.1; conformance H6-H8, H21). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { answered, subscriber, watchDesk } from '../watch-desk.ts';

describe('a subscription in force', () => {
  it('bears a NOTIFY without Subscription-State or expiry, and one of an older number draws 500', () => {
    const desk = watchDesk();
    desk.world.run(100);
    const mine = subscriber(desk);
    desk.primary.notify(mine, { state: '' });
    desk.world.run(20);
    assert.equal(answered(desk), 200);
    assert.equal(desk.on(), 'active primary');
    desk.primary.notify({ ...mine, cseq: 0 }, {});
    desk.world.run(20);
    assert.equal(answered(desk), 500);
  });

  it('answers a hundred NOTIFYs at once when they come, while a person keys a number; the last says what is', () => {
    const desk = watchDesk();
    desk.world.run(100);
    desk.world.hook('off');
    desk.world.net.weather = { ...desk.world.net.weather, delayMs: 0 };
    const before = desk.world.replies.length;
    for (let at = 0; at < 100; at += 1) {
      desk.primary.states.set('2002', at % 2 === 0 ? 'busy' : 'ringing');
      desk.primary.notify(subscriber(desk), {});
    }
    desk.world.run(1);
    const answers = desk.world.replies.slice(before).map(({ data }) => data.split(' ', 2)[1]);
    assert.deepEqual(
      answers,
      Array.from({ length: 100 }, () => '200'),
    );
    assert.equal(desk.world.status().subscriptions[0]?.presence, 'ringing');
  });

  it('is told by its own dialog alone: a NOTIFY to another tag of ours draws 481', () => {
    const desk = watchDesk();
    desk.world.run(100);
    desk.primary.states.set('2002', 'busy');
    desk.primary.notify({ ...subscriber(desk), tag: 'another' }, {});
    desk.world.run(20);
    assert.deepEqual([answered(desk), desk.lamp()], [481, 'off']);
  });

  it('of another id than ours is not ours: 481', () => {
    const desk = watchDesk();
    desk.world.run(100);
    desk.primary.notify({ ...subscriber(desk), event: 'dialog;id=9', cseq: 90 }, {});
    desk.world.run(20);
    assert.equal(answered(desk), 481);
  });
});
