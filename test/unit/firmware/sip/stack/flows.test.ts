/** Flows: one a target, shared and kept; given up when they do not open, and left alone when they may be half dead (E10, E14). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CONNECT_LIMIT_MS, STREAM_DOUBT_MS, STREAMS_KEPT_MAX } from '../../../../../firmware/config/defaults.ts';
import type { Target } from '../../../../../firmware/kernel/target.ts';
import { millis } from '../../../../../firmware/kernel/time.ts';
import type { Flows, Rider } from '../../../../../firmware/sip/stack/flows.ts';
import { createFlows } from '../../../../../firmware/sip/stack/flows.ts';
import type { Effect, FlowId } from '../../../../../firmware/vocabulary.ts';

const LOCAL = { address: '192.0.2.100', port: 5060 };
const IDLE_MS = 32_000;
const TCP: Target = { transport: 'tcp', address: '192.0.2.1', port: 5060, tlsName: null };
const UDP: Target = { ...TCP, transport: 'udp' };
const TLS: Target = { ...TCP, transport: 'tls', tlsName: 'sip.example.test' };

interface Stand {
  readonly flows: Flows;
  /** What happened, in order: `open`, `close`, who was carried on what, who failed why. */
  readonly log: string[];
  readonly opens: readonly FlowId[];
  ride(id: string, target?: Target, at?: number): void;
}

function stand(): Stand {
  const log: string[] = [];
  const opens: FlowId[] = [];
  const emit = (effect: Effect): void => {
    if (effect.kind === 'open') opens.push(effect.flow);
    if (effect.kind === 'open' || effect.kind === 'close') log.push(`${effect.kind} ${effect.flow}`);
  };
  const flows = createFlows({ idleLimitMs: IDLE_MS, emit });
  const rider = (id: string): Rider => ({
    id,
    carry(flow, _local, now) {
      log.push(`${id} on ${flow}`);
      flows.hold(flow, now);
    },
    failed: (cause) => log.push(`${id} failed: ${cause}`),
  });
  return { flows, log, opens, ride: (id, target = TCP, at = 0) => flows.board(target, rider(id), millis(at)) };
}

const only = (flows: readonly FlowId[], index = 0): FlowId => flows[index] ?? assert.fail('no such flow was opened');

describe('a flow', () => {
  it('is opened once for all who ask: they wait, are carried in order, and whoever comes later goes at once', () => {
    const { flows, log, opens, ride } = stand();
    for (const id of ['a', 'b', 'c']) ride(id);
    assert.equal(flows.isReady(TCP, millis(0)), false);
    assert.equal(flows.alight('b'), true);
    assert.equal(flows.alight('b'), false);
    flows.opened(only(opens), LOCAL, millis(10));
    assert.equal(flows.isReady(TCP, millis(10)), true);
    ride('d', TCP, 20);
    const flow = only(opens);
    assert.deepEqual(log, [`open ${flow}`, `a on ${flow}`, `c on ${flow}`, `d on ${flow}`]);
  });

  it('is of one transport, one address and one certificate name', () => {
    const { opens, ride } = stand();
    for (const target of [TCP, UDP, TLS, { ...TLS, tlsName: 'other.test' }, { ...TCP, port: 5070 }, TCP, TLS])
      ride('x', target);
    assert.equal(opens.length, 5);
  });

  it('that cannot be opened tells all who wait why, and the next request opens another under another name', () => {
    const { flows, log, opens, ride } = stand();
    for (const id of ['a', 'b']) ride(id);
    assert.deepEqual(flows.failed(only(opens), 'refused', millis(5)), {
      target: TCP,
      wasOpen: false,
      wasCurrent: true,
    });
    assert.equal(flows.failed(only(opens), 'refused', millis(5)), null);
    ride('c');
    assert.deepEqual(log.slice(1, 3), ['a failed: refused', 'b failed: refused']);
    assert.equal(new Set(opens).size, 2);
  });

  it('that opens after everybody has forgotten it is closed', () => {
    const { flows, log, opens, ride } = stand();
    ride('a');
    flows.failed(only(opens), 'timeout', millis(5000));
    flows.opened(only(opens), LOCAL, millis(6000));
    assert.equal(log.at(-1), `close ${only(opens)}`);
    assert.equal(flows.targetOf(only(opens)), null);
  });

  it('is given up 5 s after it was asked for, not when the kernel would; a datagram socket is not', () => {
    const { flows, log, opens, ride } = stand();
    ride('u', UDP);
    assert.equal(flows.next(), null);
    ride('t', TCP, 100);
    ride('later', TCP, 4000);
    assert.equal(flows.next(), 100 + CONNECT_LIMIT_MS);
    assert.equal(flows.overdue(millis(99 + CONNECT_LIMIT_MS)), null);
    const late = flows.overdue(millis(100 + CONNECT_LIMIT_MS));
    assert.equal(late, only(opens, 1));
    assert.equal(log.at(-1), `close ${late}`);
  });
});

describe('a connection on which nothing is answered', () => {
  function asked(): Stand & { readonly first: FlowId } {
    const made = stand();
    made.ride('a');
    const first = only(made.opens);
    made.flows.opened(first, LOCAL, millis(0));
    return { ...made, first };
  }

  it('carries no new request after a while; what waits on it is still listened to, until nobody does', () => {
    const { flows, log, opens, ride, first } = asked();
    ride('b', TCP, STREAM_DOUBT_MS - 1);
    assert.equal(opens.length, 1);
    assert.equal(flows.isReady(TCP, millis(STREAM_DOUBT_MS)), false);
    ride('c', TCP, STREAM_DOUBT_MS);
    assert.equal(opens.length, 2);
    flows.release(first, millis(2000));
    assert.ok(!log.includes(`close ${first}`));
    flows.release(first, millis(2000));
    assert.equal(log.at(-1), `close ${first}`);
  });

  it('goes at once where nobody waits on it', () => {
    const { flows, log, opens, ride, first } = asked();
    flows.release(first, millis(100));
    ride('b', TCP, STREAM_DOUBT_MS);
    assert.deepEqual(log.slice(-2), [`close ${first}`, `open ${only(opens, 1)}`]);
  });

  it('is trusted again as soon as anything comes', () => {
    const { flows, opens, ride, first } = asked();
    flows.heard(first);
    ride('b', TCP, 60_000);
    assert.equal(opens.length, 1);
  });

  it('that breaks later is not the loss of the new one', () => {
    const { flows, ride, first } = asked();
    ride('b', TCP, STREAM_DOUBT_MS);
    assert.equal(flows.failed(first, 'reset', millis(3000))?.wasCurrent, false);
  });
});

describe('flows that nobody uses', () => {
  it('of datagrams are closed when another opens, once late answers can come no more', () => {
    const { flows, log, opens, ride } = stand();
    ride('a', UDP);
    flows.opened(only(opens), LOCAL, millis(0));
    flows.release(only(opens), millis(10));
    ride('b', { ...UDP, port: 5070 }, 9 + IDLE_MS);
    assert.ok(!log.includes(`close ${only(opens)}`));
    ride('c', { ...UDP, port: 5080 }, 10 + IDLE_MS);
    assert.ok(log.includes(`close ${only(opens)}`));
  });

  it('of streams stay, for the server may use them; where there are too many the longest idle goes, never one in use', () => {
    const { flows, log, opens, ride } = stand();
    for (let port = 1; port <= STREAMS_KEPT_MAX; port += 1) {
      ride(`r${port}`, { ...TCP, port }, port);
      flows.opened(only(opens, port - 1), LOCAL, millis(port));
      if (port > 1) flows.release(only(opens, port - 1), millis(1_000_000 - port));
    }
    assert.ok(log.every((line) => !line.startsWith('close')));
    ride('more', { ...TCP, port: 6000 }, 2_000_000);
    const closed = log.filter((line) => line.startsWith('close'));
    assert.deepEqual(closed, [`close ${only(opens, STREAMS_KEPT_MAX - 1)}`]);
  });

  it('are all closed at the end', () => {
    const { flows, log, ride } = stand();
    ride('a', UDP);
    ride('b', TCP);
    flows.closeAll();
    assert.equal(log.filter((line) => line.startsWith('close')).length, 2);
  });
});
