/** What a new INVITE costs while a thousand are under way, and how many may be (RFC 3261 8.2.2.2, 21.5.4; conformance D17, L13). */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { SERVER_TRANSACTIONS_MAX } from '../../../../../firmware/config/defaults.ts';
import { createRandom, seedFrom } from '../../../../../firmware/kernel/random.ts';
import type { SipRequest } from '../../../../../firmware/sip/message/message.ts';
import type { InviteServers } from '../../../../../firmware/sip/stack/invite-servers.ts';
import { createInviteServers } from '../../../../../firmware/sip/stack/invite-servers.ts';
import type { Effect } from '../../../../../firmware/vocabulary.ts';

const from = { address: '192.0.2.1', port: 5060 };

const invite = (callId: string, tag: string, onRead: () => void = () => undefined): SipRequest => ({
  ...{ kind: 'request', method: 'INVITE', uri: 'sip:2001@192.0.2.100', body: '' },
  get headers() {
    onRead();
    return [
      { name: 'Via', value: 'SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKx' },
      { name: 'From', value: `<sip:a@example.test>;tag=${tag}` },
      { name: 'To', value: '<sip:2001@example.test>' },
      { name: 'Call-ID', value: callId },
      { name: 'CSeq', value: '1 INVITE' },
    ];
  },
});

function underWay(count: number, onRead?: () => void, emit: (effect: Effect) => void = () => undefined): InviteServers {
  const servers = createInviteServers({
    ...{ timers: { t1: 500, t2: 4000, t4: 5000 }, random: createRandom(seedFrom(1)), userAgent: 'test', emit },
    ...{ isReliable: () => true, onAck: () => undefined, onUnheard: () => undefined },
  });
  for (let n = 0; n < count; n += 1)
    assert.ok(servers.begin(`key ${n}`, { request: invite(`call ${n}`, 'a', onRead), flow: null, from }));
  return servers;
}

it('an INVITE is told from a merged one, and none of those under way is read for that again', () => {
  let reads = 0;
  const read = (): void => {
    reads += 1;
  };
  const servers = underWay(1000, read);
  reads = 0;
  assert.equal(servers.merges('another way', invite('call 7', 'a', read)), true);
  assert.equal(servers.merges('key 7', invite('call 7', 'a', read)), false);
  assert.equal(servers.merges('another caller', invite('call 7', 'b', read)), false);
  assert.equal(servers.merges('another call', invite('call x', 'a', read)), false);
  assert.ok(reads < 40, `${reads} reads`);
});

it('one INVITE more than may be under way is answered by 503 with Retry-After, and nothing is kept of it', () => {
  const said: string[] = [];
  const servers = underWay(SERVER_TRANSACTIONS_MAX, undefined, (effect) => {
    if (effect.kind === 'reply') said.push(String(effect.data));
  });
  assert.equal(servers.begin('one more', { request: invite('call more', 'a'), flow: null, from }), null);
  assert.equal(servers.has('one more'), false);
  assert.equal(said.length, 1);
  assert.match(said[0] ?? '', /^SIP\/2\.0 503 .*\r\nRetry-After: 5\r\n/s);
});
