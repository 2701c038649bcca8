/** The far side hands us over: it asks us to call somebody, hears how that goes, and is left (RFC 3515, 3892, 4488, 5589). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { headerValue } from '../../../firmware/sip/message/headers.ts';
import type { SipRequest } from '../../../firmware/sip/message/message.ts';
import type { Desk } from '../call-desk.ts';
import { desk, invites, lastOf, talking } from '../call-desk.ts';
import { RINGS } from '../call-peer.ts';

const fragments = ({ primary }: Desk): readonly string[] =>
  primary.told
    .filter(({ method }) => method === 'NOTIFY')
    .map((request) => `${request.body.trim()} | ${headerValue(request, 'Subscription-State')}`);

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

  describe('and once that has answered', () => {
    const handed = (): Desk => {
      const all = asked('<sip:300@192.0.2.1>');
      all.world.run(700);
      return all;
    };
    const statuses = ({ world }: Desk, method: string): readonly string[] =>
      world.replies.flatMap(({ data }) => (data.includes(` ${method}\r\n`) ? [data.slice(8, 11)] : []));

    it('the old call is over for the person at once: one is heard, one is shown', () => {
      const all = handed();
      assert.deepEqual([lastOf(all, 'C1')?.state, lastOf(all, 'C1')?.cause], ['ended', 'transferred']);
      assert.deepEqual(
        all.legs().map(({ call, mixed }) => `${call} ${mixed}`),
        ['C1 apart', 'C2 desk'],
      );
    });

    it('its far side hangs up, as it should: 200, and nothing of ours leaves', () => {
      const all = handed();
      all.primary.hangUp(all.primary.callees[0]);
      all.world.run(5000);
      assert.deepEqual(statuses(all, 'BYE'), ['200']);
      assert.equal(all.sent().includes('BYE 192.0.2.1'), false);
      assert.equal(all.legs().length, 1);
    });

    it('its far side does not hang up: we do, 2 s later', () => {
      const all = handed();
      all.world.run(1500);
      assert.equal(all.sent().includes('BYE 192.0.2.1'), false);
      all.world.run(600);
      assert.equal(all.sent().filter((text) => text === 'BYE 192.0.2.1').length, 1);
      assert.deepEqual([lastOf(all, 'C2')?.state, all.legs().length], ['connected', 1]);
    });

    it('nobody else is called for it: 603 is told', () => {
      const all = handed();
      const first = all.primary.callees[0];
      all.primary.ask('REFER', { headers: [{ name: 'Refer-To', value: '<sip:400@192.0.2.1>' }] }, first);
      all.world.run(100);
      assert.deepEqual([invites(all).length, fragments(all).at(-1)?.slice(0, 11)], [2, 'SIP/2.0 603']);
    });
  });

  it('who hangs up as soon as we have agreed hears how it goes all the same', () => {
    const all = asked('<sip:300@192.0.2.1>');
    all.primary.hangUp(all.primary.callees[0]);
    all.world.run(700);
    assert.deepEqual([lastOf(all, 'C1')?.state, lastOf(all, 'C2')?.state], ['ended', 'connected']);
    assert.equal(fragments(all).at(-1), 'SIP/2.0 200 OK | terminated;reason=noresource');
  });

  it('who has forgotten what he asked for is told once, and no more; 481 ends that alone (RFC 5057 5.1)', () => {
    const all = talking();
    all.primary.toldStatus = 481;
    all.primary.ask('REFER', { headers: [{ name: 'Refer-To', value: '<sip:300@192.0.2.1>' }] });
    all.world.run(300);
    assert.equal(lastOf(all, 'C1')?.state, 'connected');
    all.world.run(400);
    assert.deepEqual(fragments(all), ['SIP/2.0 100 Trying | active;expires=180']);
    assert.equal(lastOf(all, 'C2')?.state, 'connected');
  });

  it('a call that the person gives up is told as 487, and the first goes on', () => {
    const all = talking();
    all.primary.script = RINGS;
    all.primary.ask('REFER', { headers: [{ name: 'Refer-To', value: '<sip:300@192.0.2.1>' }] });
    all.world.run(100);
    all.order({ verb: 'hangup', call: 'C2' });
    all.world.run(100);
    assert.equal(fragments(all).at(-1)?.slice(0, 11), 'SIP/2.0 487');
    assert.equal(lastOf(all, 'C1')?.state, 'connected');
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
