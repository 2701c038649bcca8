/** Streams of octets: the same messages wherever they are cut, keep-alives both ways, and limits for everything (C5, E8, E16, L13). */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import {
  ACCEPTED_IDLE_MS,
  ACCEPTED_MAX,
  ACCEPTED_PER_ADDRESS_MAX,
  EMPTY_LINES_MAX,
  MESSAGE_MAX_OCTETS,
  PONG_LIMIT_MS,
  PONG_WINDOW_MS,
  PONGS_MAX,
  STREAM_MESSAGE_LIMIT_MS,
} from '../../../../../firmware/config/defaults.ts';
import { millis } from '../../../../../firmware/kernel/time.ts';
import { frameAt } from '../../../../../firmware/sip/message/frame.ts';
import type { Streams, StreamsOptions } from '../../../../../firmware/sip/stack/streams.ts';
import { createStreams } from '../../../../../firmware/sip/stack/streams.ts';
import { message, REGISTER } from '../../../../support/messages.ts';

const SERVER = { address: '192.0.2.1', port: 5060 };
const OURS = 'tcp:192.0.2.1:5060 #1';

interface Stand {
  readonly streams: Streams;
  readonly messages: string[];
  /** What was sent, closed, lost and found broken, in order. */
  readonly log: string[];
  feed(data: string, at?: number, flow?: string): void;
  /** Lets time pass, timer by timer. */
  wait(until: number): void;
}

function stand(over: Partial<StreamsOptions> = {}): Stand {
  const messages: string[] = [];
  const log: string[] = [];
  const streams = createStreams({
    keepAliveMs: 0,
    isServer: (address) => address === SERVER.address,
    emit(effect) {
      if (effect.kind === 'send') log.push(`send ${JSON.stringify(effect.data)}`);
      if (effect.kind === 'close') log.push(`close ${effect.flow}`);
    },
    message: (text) => messages.push(text),
    broken: (error) => log.push(`broken ${error.code}`),
    lost: (_flow, cause) => log.push(`lost ${cause}`),
    ...over,
  });
  return {
    ...{ streams, messages, log },
    feed: (data, at = 0, flow = OURS) => streams.octets({ kind: 'octets', flow, data }, millis(at)),
    wait(until) {
      for (let next = streams.next(); next !== null && next <= until; next = streams.next()) streams.wake(next);
    },
  };
}

function ours(over: Partial<StreamsOptions> = {}): Stand {
  const made = stand(over);
  made.streams.opened(OURS, SERVER, millis(0));
  return made;
}

const folder = new URL('../../../../fixtures/sip/rfc4475/', import.meta.url);
const FIXTURES = readdirSync(folder)
  .filter((name) => name.endsWith('.dat'))
  .map((name) => ({ name, text: readFileSync(new URL(name, folder), 'latin1') }));
const PLAIN = message(REGISTER, { 'Content-Length': '3' }, 'abc');

/** Everything that is told of these pieces, and whether the connection is still there. */
function told(pieces: readonly string[]): string {
  const { streams, messages, log, feed } = ours();
  for (const piece of pieces) feed(piece);
  return JSON.stringify({ messages, log, open: streams.has(OURS) });
}

describe('what comes on a stream', () => {
  it('is the same at every single cut of every message of RFC 4475, with one before it and one behind', () => {
    assert.ok(FIXTURES.length >= 48);
    for (const { name, text } of FIXTURES) {
      const whole = told([PLAIN, text, PLAIN]);
      const stream = `${PLAIN}${text}${PLAIN}`;
      for (let at = PLAIN.length - 1; at <= PLAIN.length + text.length + 1; at += 1)
        assert.equal(told([stream.slice(0, at), stream.slice(at)]), whole, `${name} cut at ${at}`);
    }
  });

  it('is the same octet by octet', () => {
    for (const { name, text } of [{ name: 'plain', text: PLAIN }, ...FIXTURES.filter(({ text }) => text.length < 2000)])
      assert.equal(told([...`\r\n${text}${PLAIN}`]), told([`\r\n${text}${PLAIN}`]), name);
  });

  it('is whole though a long body trickles in octet by octet', () => {
    const { messages, feed } = ours();
    const big = message(REGISTER, { 'Content-Length': '60000' }, 'x'.repeat(60_000));
    for (const octet of big) feed(octet);
    assert.deepEqual(messages, [big]);
  });

  it('on a connection that nobody knows is nothing', () => {
    const { messages, log, feed } = stand();
    feed(PLAIN);
    assert.deepEqual([messages, log], [[], []]);
  });

  it('after a message that led to the end of the connection is nothing', () => {
    const { streams, messages, feed } = ours({
      message(text, flow) {
        messages.push(text);
        streams.closed(flow);
      },
    });
    feed(`${PLAIN}${PLAIN}`);
    assert.deepEqual(messages, [PLAIN]);
  });
});

describe('a stream on which no next message can be found is closed, and what was readable deserves its code', () => {
  for (const [what, data, code] of [
    ['no Content-Length', message(REGISTER, { 'Content-Length': null }), 400],
    ['a negative one', message(REGISTER, { 'Content-Length': '-1' }), 400],
    ['a huge one', message(REGISTER, { 'Content-Length': '104857600' }), 513],
    ['one beyond all numbers', message(REGISTER, { 'Content-Length': '9'.repeat(400) }), 513],
    ['a head without end', `${REGISTER.join('\r\n')}\r\n${'X: y\r\n'.repeat(MESSAGE_MAX_OCTETS / 6)}`, 513],
    ['garbage', `${'\u0000\u00ff\u0016\u0003'.repeat(20)}\r\n\r\n`, 400],
  ] as const)
    it(what, () => {
      const { streams, messages, log, feed } = ours();
      feed(PLAIN);
      feed(data);
      feed(PLAIN);
      assert.deepEqual(messages, [PLAIN]);
      assert.deepEqual(log, [`broken ${code}`, `close ${OURS}`, 'lost reset']);
      assert.equal(streams.has(OURS), false);
      const frame = frameAt(data, 0);
      assert.equal(frame.kind, 'broken');
    });

  it('a head without end is held to one message of octets, however it comes', () => {
    const { log, feed } = ours();
    let octets = 0;
    for (; log.length === 0 && octets < 2 * MESSAGE_MAX_OCTETS; octets += 1000) feed(`X: ${'y'.repeat(995)}\r\n`);
    assert.ok(octets <= MESSAGE_MAX_OCTETS + 2000, `${octets} octets were kept`);
  });

  it('a message that has begun and does not end is given up after 32 s, even while its octets trickle in', () => {
    const { log, feed, wait } = ours();
    for (let at = 0; at < STREAM_MESSAGE_LIMIT_MS; at += 1000) {
      wait(at);
      feed(PLAIN.charAt(at / 1000), at);
    }
    assert.deepEqual(log, []);
    wait(STREAM_MESSAGE_LIMIT_MS);
    assert.deepEqual(log, [`close ${OURS}`, 'lost timeout']);
  });

  it('the time of a message counts from its own first octet', () => {
    const { streams, messages, feed } = ours();
    feed(`${PLAIN}${PLAIN.slice(0, 10)}`, 0);
    feed(`${PLAIN.slice(10)}${PLAIN.slice(0, 10)}`, 30_000);
    assert.equal(streams.next(), 30_000 + STREAM_MESSAGE_LIMIT_MS);
    feed(PLAIN.slice(10), 31_000);
    assert.deepEqual([messages.length, streams.next()], [3, null]);
  });
});

describe('keep-alive', () => {
  it('of the other side: two empty lines are answered with one, wherever they are cut; one is no question', () => {
    const { messages, log, feed } = ours();
    feed('\r\n');
    assert.deepEqual(log, []);
    feed(`\r\n${PLAIN}\r\n\r`);
    feed('\n');
    feed('\r\n\r\n');
    assert.deepEqual(log, ['send "\\r\\n"', 'send "\\r\\n"', 'send "\\r\\n"']);
    feed(`\r\n${PLAIN}\r\n`);
    assert.deepEqual([log.length, messages.length], [3, 2]);
  });

  it('of the other side by the dozen: a few a second are answered, so that nothing piles up for whoever reads no answers', () => {
    const { log, feed } = ours();
    for (let line = 0; line < EMPTY_LINES_MAX; line += 1) feed('\r\n', 5);
    assert.deepEqual(log, Array(PONGS_MAX).fill('send "\\r\\n"'));
    feed('\r\n\r\n', 5 + PONG_WINDOW_MS);
    assert.equal(log.length, PONGS_MAX + 1);
  });

  it('of the other side without end is the end of the connection, however the lines end and are cut; as many each second are borne', () => {
    const cases = ['\r\n', '\n', '\r', '\n\r\n'].flatMap((line) => [1, 2, 65_536].map((cut) => ({ line, cut })));
    for (const { line, cut } of cases) {
      const { streams, log, feed } = ours();
      for (let at = 0; at < 60_000; at += PONG_WINDOW_MS) feed('\r\n'.repeat(EMPTY_LINES_MAX), at);
      assert.ok(log.splice(0).every((told) => told.startsWith('send')));
      const flood = line.repeat(65_536);
      let octets = 0;
      for (; streams.has(OURS) && octets < flood.length; octets += cut) feed(flood.slice(octets, octets + cut), 60_000);
      assert.deepEqual(log.slice(-2), [`close ${OURS}`, 'lost reset']);
      assert.ok(log.length <= PONGS_MAX + 2 && octets <= Math.max(cut, 2 * EMPTY_LINES_MAX + 2), `${octets} octets`);
    }
  });

  it('of ours: a double empty line at the interval, and the connection is lost where none comes back in 10 s', () => {
    const { log, wait } = ours({ keepAliveMs: 30_000 });
    wait(30_000 + PONG_LIMIT_MS - 1);
    assert.deepEqual(log, ['send "\\r\\n\\r\\n"']);
    wait(30_000 + PONG_LIMIT_MS);
    assert.deepEqual(log.slice(1), [`close ${OURS}`, 'lost timeout']);
  });

  it('of ours is answered by whatever comes, and asked again an interval after that; the answers are not answered', () => {
    const { log, feed, wait } = ours({ keepAliveMs: 30_000 });
    wait(30_000);
    feed('\r\n', 31_000);
    wait(61_000);
    feed('\r\n', 62_000);
    wait(92_000);
    feed(PLAIN, 93_000);
    wait(123_000);
    assert.deepEqual(log, Array(4).fill('send "\\r\\n\\r\\n"'));
  });

  it('of ours and of the other side may cross: each is answered once', () => {
    const { log, feed, wait } = ours({ keepAliveMs: 30_000 });
    wait(30_000);
    feed('\r\n\r\n\r\n', 30_100);
    assert.deepEqual(log, ['send "\\r\\n\\r\\n"', 'send "\\r\\n"']);
  });

  it('begins where a server asks for it, and keeps the shorter interval', () => {
    const { streams, log, wait } = ours();
    assert.equal(streams.next(), null);
    streams.keepAlive(OURS, 20_000, millis(1000));
    streams.keepAlive(OURS, 90_000, millis(2000));
    wait(21_000);
    assert.deepEqual(log, ['send "\\r\\n\\r\\n"']);
    streams.keepAlive('tcp:192.0.2.9:5060 #1', 1000, millis(0));
    assert.equal(streams.has('tcp:192.0.2.9:5060 #1'), false);
  });

  it('is not sent on connections of others: these end after ten minutes without a word', () => {
    const { streams, log, feed, wait } = stand({ keepAliveMs: 30_000 });
    streams.accepted({ kind: 'accepted', flow: 'in:1', from: SERVER }, millis(0));
    streams.keepAlive('in:1', 1000, millis(0));
    feed(PLAIN, 100_000, 'in:1');
    wait(100_000 + ACCEPTED_IDLE_MS - 1);
    assert.deepEqual(log, []);
    wait(100_000 + ACCEPTED_IDLE_MS);
    assert.deepEqual(log, ['close in:1', 'lost timeout']);
  });
});

describe('connections of others', () => {
  const knock = ({ streams }: Stand, address: string, n: number): boolean => {
    streams.accepted({ kind: 'accepted', flow: `in:${address} ${n}`, from: { address, port: 1000 + n } }, millis(n));
    return streams.has(`in:${address} ${n}`);
  };
  const fill = (made: Stand): void => {
    for (let n = 0; n < ACCEPTED_MAX; n += 1) assert.equal(knock(made, `198.51.100.${n % 10}`, n), true);
  };

  it('are borne up to a number from one address, and the next is closed', () => {
    const made = stand();
    for (let n = 0; n < ACCEPTED_PER_ADDRESS_MAX; n += 1) assert.equal(knock(made, '198.51.100.1', n), true);
    assert.equal(knock(made, '198.51.100.1', 99), false);
    assert.deepEqual(made.log, ['close in:198.51.100.1 99']);
    assert.equal(knock(made, '198.51.100.2', 100), true);
  });

  it('are borne up to a number in all, and a server finds room even then', () => {
    const made = stand();
    fill(made);
    assert.equal(knock(made, '198.51.100.200', 200), false);
    assert.equal(knock(made, SERVER.address, 201), true);
    assert.deepEqual(made.log, ['close in:198.51.100.200 200', 'close in:198.51.100.0 0']);
  });

  it('of one server are no more than of anybody', () => {
    const made = stand();
    fill(made);
    const taken = Array.from({ length: ACCEPTED_PER_ADDRESS_MAX + 3 }, (_, n) => knock(made, SERVER.address, n));
    assert.equal(taken.filter(Boolean).length, ACCEPTED_PER_ADDRESS_MAX);
  });

  it('do not count the connections that the phone opened, and leave room when they end', () => {
    const made = ours();
    fill(made);
    made.streams.closed('in:198.51.100.3 3');
    assert.equal(knock(made, '198.51.100.77', 77), true);
    assert.equal(made.streams.has(OURS), true);
  });

  it('are all closed at the end; the phone’s own are their owner’s to close', () => {
    const made = ours();
    knock(made, '198.51.100.1', 1);
    made.streams.closeAll();
    assert.deepEqual(made.log, ['close in:198.51.100.1 1']);
    assert.equal(made.streams.has(OURS), false);
  });
});
