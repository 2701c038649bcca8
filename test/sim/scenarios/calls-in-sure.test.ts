/** Calls that come in and ring for long, are acknowledged on the way, or bring more than a description (RFC 3261 13.3.1.1; RFC 3262, 3311, 5621). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { headerValue } from '../../../firmware/sip/message/headers.ts';
import { sdpOf } from '../call-peer.ts';
import { rung } from '../rung.ts';

describe('a caller who wants to be sure that it rings', () => {
  const REQUIRED = { name: 'Require', value: '100rel' };
  const rack = (all: ReturnType<typeof rung>): { readonly name: string; readonly value: string } => {
    const ringing = all.caller.answers().find(({ status }) => status === 180) ?? assert.fail();
    return { name: 'RAck', value: `${headerValue(ringing, 'RSeq')} 1 INVITE` };
  };

  it('is told again and again until the PRACK, then once a minute', () => {
    const all = rung({ headers: [REQUIRED] });
    assert.equal(headerValue(all.caller.answers().at(-1) ?? assert.fail(), 'Require'), '100rel');
    all.world.run(3600);
    assert.deepEqual(all.caller.statuses(), [180, 180, 180, 180]);
    all.caller.ask('PRACK', [rack(all)]);
    all.world.run(40_000);
    assert.deepEqual([all.caller.statuses('PRACK'), all.caller.statuses().length], [[200], 4]);
    all.world.run(20_000);
    assert.equal(all.caller.statuses().length > 4, true);
  });

  it('and never says that he heard it: 504, and nothing rings on', () => {
    const all = rung({ headers: [REQUIRED] });
    all.world.run(32_100);
    assert.equal(all.caller.statuses().at(-1), 504);
    assert.equal(all.states().at(-1), 'ended');
  });

  it('a PRACK for something else: 481', () => {
    const all = rung({ headers: [REQUIRED] });
    all.caller.ask('PRACK', [{ name: 'RAck', value: '1 2 INVITE' }]);
    all.world.run(10);
    assert.deepEqual(all.caller.statuses('PRACK'), [481]);
  });

  it('and leaves the offer to us: it is in the 180, its answer in the PRACK, and the 200 says nothing more', () => {
    const all = rung({ headers: [REQUIRED], body: '' });
    assert.match(all.caller.answers().at(-1)?.body ?? '', /m=audio/);
    all.ask({ verb: 'answer', call: null });
    all.world.run(10);
    assert.equal(all.caller.statuses().at(-1), 180, 'no 2xx before the answer');
    all.caller.ask('PRACK', [rack(all), { name: 'Content-Type', value: 'application/sdp' }], sdpOf('192.0.2.1'));
    all.world.run(10);
    const answer = all.caller.answers().at(-1);
    assert.deepEqual([answer?.status, answer?.body, all.states().at(-1)], [200, '', 'connected']);
  });

  it('and changes his offer before it is answered: later; a refresh is welcome', () => {
    const all = rung();
    all.caller.ask('UPDATE', [{ name: 'Content-Type', value: 'application/sdp' }], sdpOf('192.0.2.1'));
    all.world.run(10);
    all.caller.ask('UPDATE');
    all.world.run(10);
    assert.deepEqual(all.caller.statuses('UPDATE'), [500, 200]);
  });
});

describe('a call that rings', () => {
  it('from a tel: address is shown as its number, and called back by it', () => {
    const all = rung({ from: '"Ada" <tel:+49301234;phone-context=example.com>' });
    const call = all.world.eventsOf('call').at(-1);
    assert.deepEqual([call?.peer, call?.name], ['+49301234', 'Ada']);
  });

  it('is told to ring each minute, so that nobody on the way gives it up', () => {
    const all = rung();
    all.world.run(130_000);
    assert.deepEqual(all.caller.statuses(), [180, 180, 180]);
  });

  it('with its description among other parts is heard all the same', () => {
    const parts = `--x\r\nContent-Type: application/sdp\r\n\r\n${sdpOf('192.0.2.1')}\r\n--x\r\nContent-Type: text/plain\r\nContent-Disposition: render;handling=optional\r\n\r\nhello\r\n--x--\r\n`;
    const all = rung({ body: parts, headers: [{ name: 'Content-Type', value: 'multipart/mixed;boundary="x"' }] });
    all.ask({ verb: 'answer', call: null });
    all.world.run(10);
    assert.equal(all.caller.statuses().at(-1), 200);
    assert.match(all.caller.answers().at(-1)?.body ?? '', /m=audio/);
  });
});
