/** The capture: blocks that end where they say, packets whose sums are right; what tshark reads in it is asked in test/interop. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { TracedMessage } from '../../../../firmware/status.ts';
import { pcapng } from '../../../../firmware/web/pcapng.ts';

const LISTENING = { address: '0.0.0.0', port: 5060 };
const message = (more: Partial<TracedMessage>): TracedMessage => ({
  ...{
    id: 1,
    t: 5,
    at: 1_700_000_000_123,
    direction: 'sent',
    transport: 'udp',
    local: null,
    callId: 'c',
    label: 'OPTIONS 1',
  },
  ...{ peer: { address: '192.0.2.1', port: 5060 }, text: 'OPTIONS sip:h SIP/2.0\r\n\r\n' },
  ...more,
});

function blocks(octets: Buffer): readonly { readonly type: number; readonly body: Buffer }[] {
  const found: { type: number; body: Buffer }[] = [];
  for (let at = 0; at < octets.length; ) {
    const length = octets.readUInt32LE(at + 4);
    assert.equal(length % 4, 0);
    assert.equal(octets.readUInt32LE(at + length - 4), length);
    found.push({ type: octets.readUInt32LE(at), body: octets.subarray(at + 8, at + length - 4) });
    at += length;
  }
  return found;
}

function sum(octets: Buffer): number {
  let all = 0;
  for (let at = 0; at < octets.length; at += 2) all += ((octets[at] ?? 0) << 8) | (octets[at + 1] ?? 0);
  while (all > 0xffff) all = (all & 0xffff) + (all >>> 16);
  return all;
}

describe('a capture', () => {
  it('has a section, an interface for packets and one for what was in streams', () => {
    const [section, first, second, ...more] = blocks(pcapng([], LISTENING));
    assert.equal(section?.type, 0x0a0d0d0a);
    assert.deepEqual([first?.body.readUInt16LE(0), second?.body.readUInt16LE(0), more.length], [101, 252, 0]);
  });

  it('writes datagrams as packets whose sums are right, of both families, with their time', () => {
    for (const peer of [
      { address: '192.0.2.1', port: 5060 },
      { address: '2001:db8::1', port: 5061 },
      { address: '::ffff:192.0.2.1', port: 1 },
    ]) {
      const packet = blocks(pcapng([message({ peer, text: 'odd' })], LISTENING))[3]?.body ?? assert.fail();
      assert.equal((BigInt(packet.readUInt32LE(4)) << 32n) + BigInt(packet.readUInt32LE(8)), 1_700_000_000_123_000n);
      const ip = packet.subarray(20, 20 + packet.readUInt32LE(12));
      const six = peer.address.includes(':');
      const udp = ip.subarray(six ? 40 : 20);
      if (!six) assert.equal(sum(ip.subarray(0, 20)), 0xffff);
      const ends = six ? ip.subarray(8, 40) : ip.subarray(12, 20);
      assert.equal(sum(Buffer.concat([ends, Buffer.from([0, 17]), udp.subarray(4, 6), udp])), 0xffff);
      assert.deepEqual(
        [udp.readUInt16BE(0), udp.readUInt16BE(2), udp.subarray(8).toString()],
        [5060, peer.port, 'odd'],
      );
    }
  });

  it('turns the ends round for what came in, and writes streams without their wrapping', () => {
    const came =
      blocks(pcapng([message({ direction: 'received' })], { address: '192.0.2.7', port: 5060 }))[3]?.body ??
      assert.fail();
    assert.deepEqual([...came.subarray(32, 40)], [192, 0, 2, 1, 192, 0, 2, 7]);
    const tls = blocks(pcapng([message({ transport: 'tls' })], LISTENING))[3]?.body ?? assert.fail();
    assert.equal(tls.readUInt32LE(0), 1);
    assert.match(tls.toString('latin1'), /sip\0/);
  });
});
