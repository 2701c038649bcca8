/** A call is handed over: by us, by the far side, and by somebody who puts himself in its place (RFC 3515, 3891, 3892, 4488, 5589). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { headerValue } from '../../../firmware/sip/message/headers.ts';
import type { SipRequest } from '../../../firmware/sip/message/message.ts';
import type { Desk } from '../call-desk.ts';
import { desk, invites } from '../call-desk.ts';
import { RINGS } from '../call-peer.ts';
import { Caller } from '../caller.ts';

const talking = (): Desk => {
  const all = desk();
  all.dial();
  all.world.run(600);
  return all;
};

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
const fragments = ({ primary }: Desk): readonly string[] =>
  primary.told
    .filter(({ method }) => method === 'NOTIFY')
    .map((request) => `${request.body.trim()} | ${headerValue(request, 'Subscription-State')}`);
const lastOf = ({ world }: Desk, id: string) => world.eventsOf('call').findLast((event) => event.id === id);

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

describe('asked to call somebody', () => {
  const asked = (to: string, headers: readonly { readonly name: string; readonly value: string }[] = []): Desk => {
    const all = talking();
    const refer = [
      { name: 'Refer-To', value: to },
      { name: 'Contact', value: '<sip:callee@192.0.2.1:5060>' },
    ];
    all.primary.ask('REFER', { headers: [...refer, ...headers] });
    all.world.run(20);
    return all;
  };
  const answered = ({ world }: Desk): readonly string[] =>
    world.replies.flatMap(({ data }) => (/CSeq: \d+ REFER/.test(data) ? [data.slice(8, 11)] : []));

  it('we do, on the same line, and tell how it goes', () => {
    const by = '<sip:boss@192.0.2.1>';
    const all = asked('<sip:300@192.0.2.1>', [{ name: 'Referred-By', value: by }]);
    assert.deepEqual(answered(all), ['202']);
    all.world.run(700);
    const last = invites(all).at(-1) as SipRequest;
    assert.deepEqual([last.uri, headerValue(last, 'Referred-By')], ['sip:300@192.0.2.1', by]);
    assert.deepEqual(fragments(all), [
      'SIP/2.0 100 Trying | active;expires=180',
      'SIP/2.0 180 Ringing | active;expires=180',
      'SIP/2.0 200 OK | terminated;reason=noresource',
    ]);
    assert.deepEqual([lastOf(all, 'C2')?.state, lastOf(all, 'C2')?.takes], ['connected', 'C1']);
  });

  it('a busy number is told as it is, and the call goes on', () => {
    const all = talking();
    all.primary.script = [[5, 486]];
    all.primary.ask('REFER', { headers: [{ name: 'Refer-To', value: '<sip:300@192.0.2.1>' }] });
    all.world.run(100);
    assert.equal(fragments(all).at(-1), 'SIP/2.0 486 Busy Here | terminated;reason=noresource');
    assert.equal(lastOf(all, 'C1')?.state, 'connected');
  });

  it('the place in a call that is asked for goes along, its escapes undone', () => {
    const all = asked('<sip:300@192.0.2.1?Replaces=abc%40host%3Bto-tag%3Dt%3Bfrom-tag%3Df>');
    const last = invites(all).at(-1) as SipRequest;
    assert.deepEqual([last.uri, headerValue(last, 'Replaces')], ['sip:300@192.0.2.1', 'abc@host;to-tag=t;from-tag=f']);
  });

  it('who wants to hear nothing of it hears nothing', () => {
    const all = asked('<sip:300@192.0.2.1>', [{ name: 'Refer-Sub', value: 'false' }]);
    all.world.run(700);
    assert.deepEqual([fragments(all), lastOf(all, 'C2')?.state], [[], 'connected']);
  });

  it('a number by tel: is called through the proxy', () => {
    assert.equal(invites(asked('<tel:+4930123>')).at(-1)?.uri, 'sip:+4930123@192.0.2.1:5060');
  });

  for (const [what, to] of [
    ['nobody', ''],
    ['two at once', '<sip:1@192.0.2.1>, <sip:2@192.0.2.1>'],
    ['a web page', '<http://example.org/>'],
    ['a message', '<sip:1@192.0.2.1;method=MESSAGE>'],
  ] as const)
    it(`to call ${what}: 400`, () => assert.deepEqual(answered(asked(to)), ['400']));

  it('by somebody who is in no call with us: 403', () => {
    const all = desk();
    const lines = [
      'REFER sip:2001@192.0.2.100:5060 SIP/2.0',
      'Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKrefer',
      'Max-Forwards: 70',
      'From: <sip:300@192.0.2.1>;tag=far',
      'To: <sip:2001@192.0.2.1>',
      'Call-ID: none',
      'CSeq: 1 REFER',
      'Refer-To: <sip:0900@192.0.2.1>',
      'Contact: <sip:300@192.0.2.1>',
      'Content-Length: 0',
    ];
    all.primary.push(`${lines.join('\r\n')}\r\n\r\n`);
    all.world.run(10);
    assert.deepEqual([answered(all), invites(all)], [['403'], []]);
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
