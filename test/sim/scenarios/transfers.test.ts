/** A call is handed over: by us, by the far side, and by somebody who puts himself in its place (RFC 3515, 3891, 3892, 4488, 5589). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { headerValue } from '../../../firmware/sip/message/headers.ts';
import type { SipRequest } from '../../../firmware/sip/message/message.ts';
import type { Desk } from '../call-desk.ts';
import { desk, invites, lastOf, talking } from '../call-desk.ts';
import { RINGS } from '../call-peer.ts';
import { Caller } from '../caller.ts';

const tell = (
  { primary, world }: Desk,
  code: number,
  state = code < 200 ? 'active' : 'terminated;reason=noresource',
) => {
  const headers = [
    { name: 'Event', value: 'refer' },
    { name: 'Subscription-State', value: state },
    { name: 'Content-Type', value: 'message/sipfrag' },
  ];
  primary.ask('NOTIFY', { headers, body: `SIP/2.0 ${code} Whatever\r\n` }, primary.callees[0]);
  world.run(20);
};

const refers = ({ primary }: Desk): readonly SipRequest[] => primary.told.filter(({ method }) => method === 'REFER');

describe('handed over without a word', () => {
  it('the far side is asked, and left once it has got through', () => {
    const all = talking();
    all.order({ verb: 'transfer', call: null, target: '300' });
    all.world.run(20);
    const [refer] = refers(all);
    assert.equal(refer === undefined ? null : headerValue(refer, 'Refer-To'), '<sip:300@192.0.2.1:5060>');
    assert.equal(refer === undefined ? null : headerValue(refer, 'Referred-By'), '<sip:2001@192.0.2.1:5060>');
    tell(all, 100);
    tell(all, 180);
    assert.deepEqual([lastOf(all, 'C1')?.state, lastOf(all, 'C1')?.transfer], ['connected', 'trying']);
    tell(all, 200);
    assert.deepEqual([lastOf(all, 'C1')?.state, all.cause()], ['ended', 'transferred']);
    assert.equal(all.sent().at(-1), 'BYE 192.0.2.1');
  });

  for (const [what, meet] of [
    ['is told that nobody answers', (all: Desk) => tell(all, 486)],
    ['hears no more of it', (all: Desk) => tell(all, 100, 'terminated;reason=timeout')],
  ] as const)
    it(`the person ${what}: the call is as it was`, () => {
      const all = talking();
      all.order({ verb: 'transfer', call: null, target: '300' });
      all.world.run(20);
      meet(all);
      assert.deepEqual([lastOf(all, 'C1')?.state, lastOf(all, 'C1')?.transfer], ['connected', 'failed']);
      assert.equal(all.sent().includes('BYE 192.0.2.1'), false);
    });

  it('the far side agrees and says nothing more: after 200 s the call is as it was', () => {
    const all = talking();
    all.order({ verb: 'transfer', call: null, target: '300' });
    all.world.run(199_000);
    assert.equal(lastOf(all, 'C1')?.transfer, 'trying');
    all.world.run(2000);
    assert.deepEqual([lastOf(all, 'C1')?.transfer, lastOf(all, 'C1')?.code], ['failed', 408]);
  });

  for (const status of [405, 603] as const)
    it(`a far side that answers ${status} to REFER keeps the call`, () => {
      const all = talking();
      all.primary.toldStatus = status;
      all.order({ verb: 'transfer', call: null, target: '300' });
      all.world.run(20);
      assert.deepEqual([lastOf(all, 'C1')?.transfer, lastOf(all, 'C1')?.code], ['failed', status]);
    });

  it('no call, and a number that is none, are said to be so', () => {
    const all = desk();
    all.order({ verb: 'transfer', call: null, target: '300' });
    all.dial();
    all.world.run(600);
    all.order({ verb: 'transfer', call: null, target: 'sip:a b' });
    all.order({ verb: 'transfer', call: null, target: null });
    const errors = all.world.eventsOf('result').flatMap(({ error }) => (error === undefined ? [] : [error]));
    assert.deepEqual(
      errors.map((text) => text.slice(0, 24)),
      ['no call is answered', '"sip:a b" cannot be call', 'there is no second call '],
    );
  });
});

describe('handed over with a word', () => {
  const consulting = (script?: CallScript): Desk => {
    const all = talking();
    all.order({ verb: 'hold', call: 'C1' });
    all.world.run(20);
    if (script !== undefined) all.primary.script = script;
    all.order({ verb: 'dial', target: '300', line: null });
    all.world.run(600);
    return all;
  };
  type CallScript = typeof RINGS;

  it('the first is asked to take our place in the second call, and both are over', () => {
    const all = consulting();
    all.order({ verb: 'transfer', call: 'C1', target: null });
    all.world.run(20);
    const second = invites(all).at(-1);
    const callId = second === undefined ? '' : (headerValue(second, 'Call-ID') ?? '');
    const tag = /tag=(\w+)/.exec(second === undefined ? '' : (headerValue(second, 'From') ?? ''))?.[1];
    const [refer] = refers(all);
    assert.equal(
      decodeURIComponent(refer === undefined ? '' : (headerValue(refer, 'Refer-To') ?? '')),
      `<sip:callee@192.0.2.1:5060?Replaces=${callId};to-tag=sim;from-tag=${tag}>`,
    );
    tell(all, 200);
    assert.deepEqual(
      all.world
        .eventsOf('call')
        .filter(({ state }) => state === 'ended')
        .map(({ id, cause }) => `${id} ${cause}`),
      ['C1 transferred', 'C2 hangup'],
    );
  });

  it('the second still rings: it is called off, and called anew by the first', () => {
    const all = consulting(RINGS);
    all.order({ verb: 'transfer', call: 'C1', target: null });
    all.world.run(50);
    assert.equal(headerValue(refers(all)[0] as SipRequest, 'Refer-To'), '<sip:300@192.0.2.1:5060>');
    assert.equal(lastOf(all, 'C2')?.state, 'ended');
    assert.equal(all.primary.busy, 0);
  });

  it('it fails: both calls are still there', () => {
    const all = consulting();
    all.order({ verb: 'transfer', call: 'C1', target: null });
    all.world.run(20);
    tell(all, 503);
    assert.deepEqual([lastOf(all, 'C1')?.state, lastOf(all, 'C2')?.state], ['held', 'connected']);
  });
});

describe('somebody takes the place of the far side', () => {
  const replacing = (all: Desk, value: (callId: string, tag: string) => string, from?: string): Caller => {
    const invite = invites(all)[0] as SipRequest;
    const tag = /tag=(\w+)/.exec(headerValue(invite, 'From') ?? '')?.[1] ?? '';
    const headers = [{ name: 'Replaces', value: value(headerValue(invite, 'Call-ID') ?? '', tag) }];
    const caller = new Caller(all.world, all.primary, {
      headers,
      callId: 'taken',
      ...(from === undefined ? {} : { from }),
    });
    caller.call();
    all.world.run(20);
    return caller;
  };

  it('he is heard at once, without a ring, and the old call is over', () => {
    const all = talking();
    const caller = replacing(all, (callId, tag) => `${callId};to-tag=${tag};from-tag=sim`);
    assert.deepEqual(caller.statuses(), [180, 200]);
    caller.ack();
    all.world.run(20);
    assert.deepEqual([lastOf(all, 'C1')?.state, lastOf(all, 'C2')?.state], ['ended', 'connected']);
    assert.ok(all.sent().includes('BYE 192.0.2.1'));
  });

  for (const [what, value, status] of [
    ['a call that we do not have', () => 'nobody;to-tag=a;from-tag=b', 481],
    [
      'a call that he must find ringing',
      (id: string, tag: string) => `${id};to-tag=${tag};from-tag=sim;early-only`,
      486,
    ],
    ['what cannot be read', () => 'nobody', 400],
  ] as const)
    it(`${what}: ${status}`, () => assert.deepEqual(replacing(talking(), value).statuses(), [status]));

  it('of a call that is over: 603', () => {
    const all = talking();
    all.hangUp();
    all.world.run(20);
    assert.deepEqual(replacing(all, (callId, tag) => `${callId};to-tag=${tag};from-tag=sim`).statuses(), [603]);
  });
});
