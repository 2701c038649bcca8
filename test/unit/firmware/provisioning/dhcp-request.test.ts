/** Asking for the options of a lease: the request octet by octet, and which answers are believed. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { packetOptions } from '../../../../firmware/provisioning/dhcp-lease.ts';
import type { Asker } from '../../../../firmware/provisioning/dhcp-request.ts';
import { answerOf, requestOf } from '../../../../firmware/provisioning/dhcp-request.ts';

const octets = (hex: string): string => Buffer.from(hex.replaceAll(' ', ''), 'hex').toString('latin1');
const hexOf = (text: string): string => Buffer.from(text, 'latin1').toString('hex');
const MAC = octets('00085d000001');
const ASKER: Asker = {
  ...{ address: octets('c0000232'), clientId: `\u0001${MAC}`, mac: MAC, hostname: 'desk-7' },
  ...{ vendorClass: 'AastraIPPhone57i', transaction: octets('12345678') },
};

describe('the request', () => {
  const request = requestOf(ASKER);

  it('is that of a machine which remembers its address (RFC 2131 4.3.2): a broadcast is to answer it', () => {
    assert.equal(hexOf(request.slice(0, 12)), `01010600${'12345678'}${'00008000'}`);
    // No address in the header: one there would be answered to it alone, and asks for a renewal.
    assert.equal(hexOf(request.slice(12, 28)), '00'.repeat(16));
    assert.equal(hexOf(request.slice(28, 44)), `00085d000001${'00'.repeat(10)}`);
    const options = packetOptions(request);
    assert.equal(options.get(53), '\u0003');
    assert.equal(options.get(50), ASKER.address);
    assert.equal(options.has(54), false);
  });

  it('comes from the client that holds the lease, under its name and class', () => {
    const options = packetOptions(request);
    assert.equal(hexOf(options.get(61) ?? ''), '0100085d000001');
    assert.equal(options.get(12), 'desk-7');
    assert.equal(options.get(60), 'AastraIPPhone57i');
  });

  it('wants the options that the phone acts on, in a whole packet of Ethernet', () => {
    const options = packetOptions(request);
    assert.deepEqual(
      [...(options.get(55) ?? '')].map((octet) => octet.charCodeAt(0)),
      [43, 66, 120, 159, 160],
    );
    assert.equal(hexOf(options.get(57) ?? ''), '05dc');
    assert.ok(request.length >= 300);
  });

  it('says nothing that there is none of', () => {
    assert.equal(packetOptions(requestOf({ ...ASKER, hostname: '' })).has(12), false);
  });
});

describe('an answer', () => {
  const answer = ({ of = ASKER, type = '\u0005', op = '\u0002', more = '\u0042\u0003abc' } = {}): string =>
    [
      ...[op, '\u0001\u0006\0', of.transaction, '\0\0\u0080\0', '\0'.repeat(4), of.address, '\0'.repeat(8)],
      ...[of.mac.padEnd(16, '\0'), '\0'.repeat(192), 'c\u0082Sc', `\u0035\u0001${type}`, more, '\u00ff'],
    ].join('');

  it('gives its options', () => {
    assert.equal(answerOf(answer(), ASKER)?.get(66), 'abc');
  });

  for (const [what, packet] of [
    ['to another request', answer({ of: { ...ASKER, transaction: 'abcd' } })],
    ['of another address', answer({ of: { ...ASKER, address: octets('c0000233') } })],
    ['to another machine', answer({ of: { ...ASKER, mac: octets('00085d000002') } })],
    ['that offers', answer({ type: '\u0002' })],
    ['that refuses: another may acknowledge', answer({ type: '\u0006' })],
    ['that is a request itself', answer({ op: '\u0001' })],
    ['that is cut', answer().slice(0, 239)],
    ['that is none', '\u00ff'.repeat(600)],
    ['that is empty', ''],
  ] as const)
    it(`${what} is none`, () => {
      assert.equal(answerOf(packet, ASKER), null);
    });
});
