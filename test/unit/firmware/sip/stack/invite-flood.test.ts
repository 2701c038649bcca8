/** What a new INVITE costs while a thousand are under way (RFC 3261 8.2.2.2; conformance L13). */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { createRandom, seedFrom } from '../../../../../firmware/kernel/random.ts';
import type { SipRequest } from '../../../../../firmware/sip/message/message.ts';
import { createInviteServers } from '../../../../../firmware/sip/stack/invite-servers.ts';

const UNDER_WAY = 1000;

it('an INVITE is told from a merged one, and none of those under way is read for that again', () => {
  let reads = 0;
  const invite = (callId: string, tag: string): SipRequest => ({
    ...{ kind: 'request', method: 'INVITE', uri: 'sip:2001@192.0.2.100', body: '' },
    get headers() {
      reads += 1;
      return [
        { name: 'Via', value: 'SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKx' },
        { name: 'From', value: `<sip:a@example.test>;tag=${tag}` },
        { name: 'To', value: '<sip:2001@example.test>' },
        { name: 'Call-ID', value: callId },
        { name: 'CSeq', value: '1 INVITE' },
      ];
    },
  });
  const servers = createInviteServers({
    ...{ timers: { t1: 500, t2: 4000, t4: 5000 }, random: createRandom(seedFrom(1)), userAgent: 'test' },
    ...{ emit: () => undefined, isReliable: () => true, onAck: () => undefined, onUnheard: () => undefined },
  });
  const from = { address: '192.0.2.1', port: 5060 };
  for (let n = 0; n < UNDER_WAY; n += 1)
    servers.begin(`key ${n}`, { request: invite(`call ${n}`, 'a'), flow: null, from });
  reads = 0;
  assert.equal(servers.merges('another way', invite('call 7', 'a')), true);
  assert.equal(servers.merges('key 7', invite('call 7', 'a')), false);
  assert.equal(servers.merges('another caller', invite('call 7', 'b')), false);
  assert.equal(servers.merges('another call', invite('call x', 'a')), false);
  assert.ok(reads < 40, `${reads} reads`);
});
