/** What a person is told that a SIP message means. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { hintOf } from '../../../../firmware/web/pages/message-hints.ts';

const hint = (label: string, headers = '', body = ''): string =>
  hintOf({
    ...{ id: 1, t: 1, at: null, direction: 'sent', transport: 'udp', local: null, callId: 'c' },
    ...{ peer: { address: '192.0.2.1', port: 5060 }, label, text: `first line\r\n${headers}\r\n\r\n${body}` },
  });
const sdp = (more = '', port = 5004, types = '9 0 101'): string =>
  `v=0\r\nc=IN IP4 192.0.2.9\r\nm=audio ${port} RTP/AVP ${types}\r\na=rtpmap:101 telephone-event/8000\r\n${more}`;

describe('a message of a ladder', () => {
  it('that answers says what its number means', () => {
    for (const [label, says] of [
      ['401 (INVITE 1)', /password is asked for/],
      ['403 (REGISTER 1)', /wrong name or password/],
      ['404 (INVITE 1)', /nobody has this number/],
      ['486 (INVITE 2)', /^busy$/],
      ['503 (REGISTER 1)', /too much to do/],
      ['200 (BYE 2)', /^$/],
      ['499 (INVITE 1)', /^$/],
    ] as const)
      assert.match(hint(label), says, label);
    assert.equal(hint('200 (REGISTER 2)', 'Contact: <sip:1@192.0.2.9>;expires=600'), 'registered for 600 s');
    assert.equal(hint('200 (REGISTER 2)', 'Expires: 60'), 'registered for 60 s');
  });

  it('that asks says what for: a hold, a transfer and what became of it, an end', () => {
    assert.equal(hint('INVITE 1', 'To: <sip:200@a>'), '');
    assert.match(
      hint('INVITE 3', 'To: <sip:200@a>;tag=1', sdp('a=sendonly\r\n')),
      /^holds the call; .*one way: it sends$/,
    );
    assert.match(hint('INVITE 4', 't: <sip:200@a>;tag=1', sdp()), /^goes on with the call/);
    assert.equal(hint('REFER 6', 'Refer-To: <sip:201@a?Replaces=x>'), 'hands the call over to 201');
    const frag = (line: string): string => hint('NOTIFY 2', 'Event: refer', `${line}\r\n`);
    assert.equal(frag('SIP/2.0 100 Trying'), 'the new call is being made');
    assert.equal(frag('SIP/2.0 200 OK'), 'the new call was answered');
    assert.equal(frag('SIP/2.0 486 Busy'), 'the new call failed: 486');
    assert.equal(hint('BYE 7'), 'hangs up');
    assert.equal(hint('REGISTER 3', 'Expires: 0'), 'gives the binding up');
    assert.equal(hint('INFO 1', '', 'To: <sip:evil@a>'), '', 'a body is no header');
  });

  it('that offers sound says where and in which codecs', () => {
    assert.equal(hint('INVITE 1', '', sdp()), 'sound at 192.0.2.9:5004, G722 PCMU telephone-event');
    assert.equal(hint('200 (INVITE 1)', '', sdp('', 0)), 'agreed; no sound');
    assert.match(hint('INVITE 1', '', sdp('', 5004, '0 77')), /PCMU payload 77$/);
    assert.match(hint('INVITE 1', '', sdp().replace('RTP/AVP', 'RTP/SAVP')), /telephone-event, encrypted$/);
  });
});
