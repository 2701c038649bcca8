/** Who of the configured servers sent a packet: calls and subscriptions are told as his. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Transport } from '../../../../firmware/kernel/target.ts';
import type { Candidate } from '../../../../firmware/servers/selection.ts';
import { senderAmong } from '../../../../firmware/servers/selection.ts';

function place(server: 'primary' | 'backup', address: string, port: number, transport: Transport = 'udp'): Candidate {
  const target = { address, port, transport, tlsName: null };
  return { server, setting: { name: address, port }, target, via: null, pair: `${server} ${address}:${port}`, rank: 0 };
}

describe('who sent a packet', () => {
  // One machine with two servers, as the lab is.
  const both = [place('primary', '192.0.2.1', 5060), place('backup', '192.0.2.1', 5070)];
  const sender = (port: number, address = '192.0.2.1', transport: Transport = 'udp') =>
    senderAmong(both, { address, port }, transport)?.server ?? null;

  it('is the server at this very endpoint, though another one shares its address', () => {
    assert.deepEqual([sender(5060), sender(5070)], ['primary', 'backup']);
  });

  it('is the first at the address where the port is none of theirs: a server may send from another one', () => {
    assert.equal(sender(40_000), 'primary');
  });

  it('is nobody of ours at another address or by another transport', () => {
    assert.deepEqual([sender(5060, '192.0.2.9'), sender(5060, '192.0.2.1', 'tcp')], [null, null]);
  });
});
