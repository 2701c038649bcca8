/** The lab's callee: rings, answers, holds, hangs up, refuses, gives up, and echoes what is said. */
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import type { SipMessage } from 'sip';
import type { Callee, Said } from '../../../../scripts/lab/callee.ts';
import { createCallee } from '../../../../scripts/lab/callee.ts';

const OFFER = 'v=0\r\nm=audio 4000 RTP/AVP 8 0 101\r\na=rtpmap:101 telephone-event/8000\r\na=sendrecv\r\n';

const request = (method: string, user: string, content = OFFER, tag: string | null = null): SipMessage => ({
  ...{ method, uri: `sip:${user}@lab.test`, status: 0, content },
  headers: {
    to: { uri: `sip:${user}@lab.test`, params: tag === null ? {} : { tag } },
    ...{ via: [], 'call-id': user, cseq: { method, seq: 1 } },
  },
});

/** What it says, one answer after the other. */
function ask(callee: Callee, sent: SipMessage): { readonly said: Said[]; next(): Promise<Said> } {
  const said: Said[] = [];
  const waits: ((one: Said) => void)[] = [];
  callee.take(sent, sent.method ?? '', (one) => {
    said.push(one);
    waits.shift()?.(one);
  });
  return { said, next: () => new Promise((resolve) => waits.push(resolve)) };
}

describe('the callee', () => {
  it('rings, answers with the first codec of the offer, and takes a hold and a BYE', async () => {
    const callee = await createCallee('127.0.0.1', 5060);
    const call = ask(callee, request('INVITE', '200'));
    assert.equal(call.said[0]?.status, 100);
    assert.equal((await call.next()).status, 180);
    const { status, tag, content } = await call.next();
    assert.equal(status, 200);
    assert.match(content, /m=audio \d+ RTP\/AVP 8 101\r\n[\s\S]*a=sendrecv\r\n/);
    const held = ask(callee, request('INVITE', '200', OFFER.replace('sendrecv', 'sendonly'), tag)).said[0];
    assert.deepEqual([held?.status, /a=recvonly/.test(held?.content ?? '')], [200, true]);
    assert.equal(ask(callee, request('BYE', '200', '', tag)).said[0]?.status, 200);
    assert.equal(ask(callee, request('BYE', '200', '', tag)).said[0]?.status, 481, 'it is over');
  });

  it('has no other streams than sound in the clear: they are refused in their places, and an offer of nothing else with 488', async () => {
    const callee = await createCallee('127.0.0.1', 5060);
    const secure = 'm=audio 4000 RTP/SAVP 0\r\na=crypto:1 x inline:y\r\n';
    const call = ask(
      callee,
      request('INVITE', '200', `${OFFER.replace('m=', `${secure}m=`)}m=video 4002 RTP/AVP 99\r\n`),
    );
    await call.next();
    const { content } = await call.next();
    assert.deepEqual(
      content.match(/^m=.*$/gm)?.map((line) => line.trim().replace(/audio [1-9]\d*/, 'audio N')),
      ['m=audio 0 RTP/SAVP 0', 'm=audio N RTP/AVP 8 101', 'm=video 0 RTP/AVP 99'],
    );
    assert.match(content, /RTP\/AVP 8 101\r\na=rtpmap:101/);
    assert.equal(ask(callee, request('INVITE', '201', `v=0\r\n${secure}`)).said[0]?.status, 488);
  });

  it('a number that is a code is refused with it, after it has rung', async () => {
    const call = ask(await createCallee('127.0.0.1', 5060), request('INVITE', '486'));
    await call.next();
    assert.equal((await call.next()).status, 486);
  });

  it('stops ringing when the caller gives up', async () => {
    const callee = await createCallee('127.0.0.1', 5060);
    const call = ask(callee, request('INVITE', '200'));
    await call.next();
    assert.equal(ask(callee, request('CANCEL', '200')).said[0]?.status, 200);
    assert.equal(call.said.at(-1)?.status, 487);
  });

  it('echoes what is said, as another source', async () => {
    const call = ask(await createCallee('127.0.0.1', 5060), request('INVITE', '200'));
    await call.next();
    const port = Number(/m=audio (\d+)/.exec((await call.next()).content)?.[1]);
    const socket = createSocket('udp4');
    socket.send(Buffer.from('80000001000000020000000a7f', 'hex'), port, '127.0.0.1');
    const [packet] = (await once(socket, 'message')) as [Buffer];
    socket.close();
    assert.equal(packet.toString('hex'), '800000010000000 2fffffff57f'.replace(' ', ''));
  });

  it('is silent from key * on, and speaks again from key #', async () => {
    const call = ask(await createCallee('127.0.0.1', 5060), request('INVITE', '200'));
    await call.next();
    const port = Number(/m=audio (\d+)/.exec((await call.next()).content)?.[1]);
    const socket = createSocket('udp4');
    const event = (code: string): string => `80e50001000000020000000a${code}8a0320`;
    // What lies between the keys is not echoed: the first that comes back is the second key.
    for (const octets of [event('0a'), '80000001000000020000000a7f', event('0b'), '80000001000000020000000a7e'])
      socket.send(Buffer.from(octets, 'hex'), port, '127.0.0.1');
    const [first] = (await once(socket, 'message')) as [Buffer];
    socket.close();
    assert.equal(first.readUInt8(12), 0x0b);
  });
});
