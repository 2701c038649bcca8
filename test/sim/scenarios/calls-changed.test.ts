/** What is heard in a call that came in, and how the far side changes it: hold, resume, late offers, glare (RFC 3261 14; RFC 3264). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { headerValue } from '../../../firmware/sip/message/headers.ts';
import { sdpOf } from '../call-peer.ts';
import type { Rung } from '../rung.ts';
import { rung } from '../rung.ts';

describe('what is heard', () => {
  const video =
    'v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\nm=video 4000 RTP/AVP 99\r\na=rtpmap:99 H264/90000\r\n';

  for (const [what, body] of [
    ['nothing in common', video],
    ['a description that cannot be read', 'v=0\r\nnonsense'],
  ] as const)
    it(`${what}: 488, and nothing rings on`, () => {
      const all = rung({ body });
      assert.equal(all.caller.statuses().at(-1), 488);
      all.world.run(1000);
      assert.ok(all.world.eventsOf('call').every(({ state }) => state === 'ended'));
    });

  it('is left to us: our offer is in the 200, and the ACK settles it', () => {
    const all = rung({ body: '' });
    all.ask({ verb: 'answer', call: null });
    all.world.run(10);
    assert.match(all.caller.answers().at(-1)?.body ?? '', /m=audio \d+ RTP\/AVP 9 0 8 101\r\n/);
    assert.equal(all.states().at(-1), 'ringing');
    all.caller.ack(sdpOf('192.0.2.1'));
    all.world.run(10);
    assert.equal(all.states().at(-1), 'connected');
  });

  it('is left to us, and the ACK says nothing: the call is over', () => {
    const all = rung({ body: '' });
    all.ask({ verb: 'answer', call: null });
    all.world.run(10);
    all.caller.ack();
    all.world.run(10);
    assert.deepEqual([all.cause(), all.sent()], ['failed', ['BYE 192.0.2.1']]);
  });
});

it('what we change in a call keeps every stream in its place, the refused ones too (RFC 3264 8)', () => {
  const video = 'm=video 4002 RTP/AVP 99\r\na=rtpmap:99 H264/90000\r\n';
  const all = rung({ body: sdpOf('192.0.2.1').replace('m=audio', `${video}m=audio`) });
  all.ask({ verb: 'answer', call: null });
  all.world.run(10);
  all.caller.ack();
  all.ask({ verb: 'hold', call: null });
  all.world.run(10);
  const [change] = all.world.sent('INVITE');
  assert.match(change?.message.body ?? '', /^m=video 0 RTP\/AVP 99\r\nm=audio [1-9]\d* RTP\/AVP .*[\s\S]*a=sendonly/m);
});

describe('a call that the far side changes', () => {
  const talking = (): Rung => {
    const all = rung();
    all.ask({ verb: 'answer', call: null });
    all.world.run(10);
    all.caller.ack();
    all.world.run(10);
    return all;
  };
  const bodies = ({ caller }: Rung): readonly string[] =>
    caller
      .answers()
      .filter(({ status }) => status === 200)
      .map(({ body }) => body);

  it('is held and resumed: our direction follows, our number grows', () => {
    const all = talking();
    all.caller.change(sdpOf('192.0.2.1', 'sendonly'));
    all.world.run(10);
    all.caller.ack();
    all.caller.change(sdpOf('192.0.2.1'));
    all.world.run(10);
    all.caller.ack();
    all.world.run(10);
    assert.deepEqual(
      bodies(all).map((body) => [
        /o=- \d+ (\d+)/.exec(body)?.[1],
        /a=(sendrecv|sendonly|recvonly|inactive)/.exec(body)?.[1],
      ]),
      [
        ['1', 'sendrecv'],
        ['2', 'recvonly'],
        ['3', 'sendrecv'],
      ],
    );
    assert.equal(all.states().at(-1), 'connected');
  });

  it('to what we cannot do stays as it was: 488', () => {
    const all = talking();
    all.caller.change('v=0\r\nnonsense');
    all.world.run(10);
    assert.equal(all.caller.statuses().at(-1), 488);
    assert.equal(all.states().at(-1), 'connected');
  });

  it('while we change it ourselves gets 491', () => {
    const all = talking();
    all.primary.fault = 'silent';
    all.ask({ verb: 'hold', call: null });
    all.world.run(20);
    all.primary.fault = 'none';
    all.caller.change(sdpOf('192.0.2.1', 'sendonly'));
    all.world.run(20);
    assert.equal(all.caller.statuses().at(-1), 491);
  });

  it('is held by us after that with a number of our own that is higher still', () => {
    const all = talking();
    all.caller.change(sdpOf('192.0.2.1', 'sendrecv'));
    all.world.run(10);
    all.caller.ack();
    all.ask({ verb: 'hold', call: null });
    all.world.run(10);
    const [invite] = all.world.sent('INVITE').map(({ message }) => message);
    assert.match(invite?.body ?? '', /o=- \d+ 3 /);
  });

  it('a method that we do not serve ends no call', () => {
    const all = talking();
    all.primary.push(
      [
        'MESSAGE sip:2001@192.0.2.100:5060 SIP/2.0',
        'Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKinfo',
        'Max-Forwards: 70',
        'From: "Ada" <sip:300@192.0.2.1>;tag=caller',
        `To: ${headerValue(all.caller.answers().at(-1) ?? assert.fail(), 'To')}`,
        'Call-ID: call-in',
        'CSeq: 7 MESSAGE',
        'Content-Length: 0',
        '',
        '',
      ].join('\r\n'),
    );
    all.world.run(10);
    assert.deepEqual(all.caller.statuses('MESSAGE'), [405]);
    assert.equal(all.states().at(-1), 'connected');
  });
});
