/** Calls of ours before they are answered: several places that ring, answers that are acknowledged, early changes (RFC 3261 13.2.2.4; RFC 3262, 3311). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { headerValue, headerValues } from '../../../firmware/sip/message/headers.ts';
import type { SipRequest, SipResponse } from '../../../firmware/sip/message/message.ts';
import { parseMessage } from '../../../firmware/sip/message/parse.ts';
import type { Desk } from '../call-desk.ts';
import { desk, invites } from '../call-desk.ts';
import type { Said, Script } from '../call-peer.ts';
import { cseqNumber, sdpOf } from '../call-peer.ts';

const A = '192.0.2.1';
/** What place `tag` says, heard at a port of its own. */
const media = (tag: string, port: number): Said => ({ tag, sdp: sdpOf(A, 'sendrecv', port) });
const reliable = (rseq: number, said: Said = {}): Said => ({
  ...said,
  headers: [
    { name: 'Require', value: '100rel' },
    { name: 'RSeq', value: String(rseq) },
  ],
});

const dialled = (script: Script): Desk => {
  const all = desk();
  all.primary.script = script;
  all.dial();
  return all;
};

/** Port of the far side that is heard now; null = nobody. */
const heard = ({ legs }: Desk): number | null => legs().at(-1)?.session?.remote.port ?? null;
const of = ({ primary }: Desk, method: string): readonly SipRequest[] =>
  primary.seen.map(({ request }) => request).filter((request) => request.method === method);
const replies = ({ world }: Desk, method: string): readonly SipResponse[] =>
  world.replies.flatMap(({ data }) => {
    const parsed = parseMessage(data);
    const mine = parsed.ok && parsed.value.kind === 'response' ? [parsed.value] : [];
    return mine.filter((response) => headerValue(response, 'CSeq')?.endsWith(method));
  });

describe('a call that rings in several places', () => {
  it('lets the first be heard that has something to say, until it rings no more', () => {
    const all = dialled([
      [10, 180, { tag: 'a' }],
      [20, 183, media('b', 4002)],
      [30, 183, media('c', 4004)],
      [40, 180, { tag: 'a' }],
      [500, 199, { tag: 'b' }],
      [800, 199, { tag: 'c' }],
    ]);
    all.world.run(15);
    assert.deepEqual([all.states().at(-1), heard(all)], ['ringing', null]);
    all.world.run(100);
    assert.deepEqual([all.states().at(-1), heard(all)], ['early', 4002]);
    all.world.run(500);
    assert.deepEqual([all.states().at(-1), heard(all)], ['early', 4004]);
    all.world.run(500);
    assert.deepEqual([all.states().at(-1), heard(all)], ['ringing', null]);
  });

  it('is with whoever answers first; a second one is acknowledged and ended', () => {
    const all = dialled([
      [20, 183, media('b', 4002)],
      [30, 180, { tag: 'c' }],
      [500, 200, media('c', 4004)],
      [510, 200, media('b', 4002)],
    ]);
    all.world.run(1000);
    assert.deepEqual([all.states().at(-1), heard(all)], ['connected', 4004]);
    const tags = (method: string) =>
      of(all, method).map((request) => /tag=(\w+)/.exec(headerValue(request, 'To') ?? '')?.[1]);
    assert.deepEqual([tags('ACK'), tags('BYE')], [['c', 'b'], ['b']]);
  });
});

describe('a provisional answer that is to be acknowledged', () => {
  it('is, once, in its own dialog, with the next number; what it agrees on holds for the call', () => {
    const all = dialled([
      [20, 183, reliable(7, media('b', 4002))],
      [25, 183, reliable(7, media('b', 4002))],
      [30, 180, reliable(9, { tag: 'b' })],
      [40, 180, reliable(8, { tag: 'b' })],
      [500, 200, { tag: 'b', sdp: '' }],
    ]);
    all.world.run(1000);
    const pracks = of(all, 'PRACK');
    assert.deepEqual(
      pracks.map((request) => headerValue(request, 'RAck')),
      ['7 1 INVITE', '8 1 INVITE'],
    );
    assert.deepEqual(pracks.map(cseqNumber), [2, 3]);
    assert.deepEqual([all.states().at(-1), heard(all)], ['connected', 4002]);
    all.hangUp();
    all.world.run(100);
    assert.deepEqual(of(all, 'BYE').map(cseqNumber), [4]);
  });

  it('is offered in every call', () => {
    const all = dialled([]);
    all.world.run(10);
    const [invite] = invites(all);
    assert.ok(invite !== undefined && headerValues(invite, 'Supported').includes('100rel'));
    assert.match(headerValue(invite, 'Allow') ?? '', /PRACK, UPDATE/);
  });

  it('of a call that was hung up meanwhile leaves its numbers: who answers too late is ended with the next', () => {
    const all = dialled([
      [20, 183, reliable(7, media('b', 4002))],
      [200, 200, { tag: 'b', sdp: '' }],
    ]);
    // The answer is under way when the person hangs up.
    while (all.primary.callees[0]?.state !== 'off-hook') all.world.run(1);
    assert.equal(all.states().at(-1), 'early');
    all.hangUp();
    all.world.run(500);
    assert.deepEqual([of(all, 'PRACK').map(cseqNumber), of(all, 'BYE').map(cseqNumber)], [[2], [3]]);
  });
});

describe('a far side that changes what is heard before it answers', () => {
  const ringing = (said: Said): Desk => {
    const all = dialled([
      [20, 183, said],
      [5000, 200, { tag: 'b', sdp: '' }],
    ]);
    all.world.run(100);
    return all;
  };
  const update = (all: Desk, body: string): number | undefined => {
    const headers = body === '' ? [] : [{ name: 'Content-Type', value: 'application/sdp' }];
    all.primary.ask('UPDATE', { tag: 'b', body, headers });
    all.world.run(20);
    return replies(all, 'UPDATE').at(-1)?.status;
  };

  it('may, once its first answer was acknowledged', () => {
    const all = ringing(reliable(7, media('b', 4002)));
    assert.equal(update(all, sdpOf(A, 'sendrecv', 4010)), 200);
    assert.deepEqual([all.states().at(-1), heard(all)], ['early', 4010]);
    all.world.run(6000);
    assert.deepEqual([all.states().at(-1), heard(all)], ['connected', 4010]);
  });

  it('may not before (491), and may refresh at any time', () => {
    const all = ringing(media('b', 4002));
    assert.equal(update(all, sdpOf(A, 'sendrecv', 4010)), 491);
    assert.equal(heard(all), 4002);
    assert.equal(update(all, ''), 200);
  });

  it('is in no dialog when the call is over: 481', () => {
    const all = ringing(reliable(7, media('b', 4002)));
    all.hangUp();
    all.world.run(20);
    assert.equal(update(all, ''), 481);
  });
});
