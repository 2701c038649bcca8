/** The routes that registrars hand out for calls: each server's own, while its binding holds (RFC 3608; conformance F15). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { LineSettings } from '../../../firmware/config/settings.ts';
import { headerValues } from '../../../firmware/sip/message/headers.ts';
import { lineSettings, phoneSettings, server } from '../../support/settings.ts';
import type { Desk } from '../call-desk.ts';
import { desk, invites } from '../call-desk.ts';
import type { SipPeer } from '../sip-peer.ts';

const PAIR = { primary: server('192.0.2.1', 5060), backup: server('192.0.2.2', 5060) };
const WAY = '<sip:p1.example.com;lr>, "b" <sip:p2.example.com;transport=tcp;lr>';
const WAY_AS_ROUTES = ['<sip:p1.example.com;lr>', '"b" <sip:p2.example.com;transport=tcp;lr>'];

const registering = (line: Partial<LineSettings> = {}): Desk =>
  desk(phoneSettings({ lines: [lineSettings({ registrar: PAIR, proxy: PAIR, ...line })] }));

const handOut = (peer: SipPeer, value: string): void => {
  peer.registerExtra = [{ name: 'Service-Route', value }];
};

/** The Route of each INVITE so far, with where it went. */
const ways = (all: Desk): readonly (readonly [string, readonly string[]])[] =>
  all.world
    .sent('INVITE')
    .map(({ message, flow }) => [flow.slice('udp:'.length, -':5060'.length), headerValues(message, 'Route')] as const);

/** The next renewal, well past half of the longest binding. */
const RENEWED_MS = 3_600_000;

describe('a Service-Route', () => {
  it('stands in the call to the server that gave it, in its order; the call still goes to that server', () => {
    const all = registering();
    handOut(all.primary, WAY);
    all.world.run(RENEWED_MS);
    all.dial();
    all.world.run(1000);
    assert.deepEqual(ways(all), [['192.0.2.1', WAY_AS_ROUTES]]);
    assert.equal(invites(all)[0]?.uri, 'sip:200@192.0.2.1:5060');
  });

  it('gives way to that of the next answer, and to none', () => {
    const all = registering();
    handOut(all.primary, WAY);
    all.world.run(RENEWED_MS);
    all.primary.registerExtra = [];
    all.world.run(RENEWED_MS);
    all.dial();
    all.world.run(1000);
    assert.deepEqual(ways(all), [['192.0.2.1', []]]);
  });

  it('of the primary is not that of the backup', () => {
    const all = registering();
    handOut(all.primary, '<sip:p.example.com;lr>');
    handOut(all.backup, '<sip:b.example.com;lr>');
    all.world.run(RENEWED_MS);
    all.primary.fault = 'killed';
    all.world.run(60_000);
    all.dial();
    all.world.run(1000);
    assert.deepEqual(ways(all), [
      ['192.0.2.1', ['<sip:p.example.com;lr>']],
      ['192.0.2.2', ['<sip:b.example.com;lr>']],
    ]);
  });

  it('ends with its binding', () => {
    const all = registering();
    handOut(all.primary, WAY);
    all.world.run(RENEWED_MS);
    all.primary.status = 403;
    all.primary.statusFor = 'REGISTER';
    all.world.run(2 * RENEWED_MS);
    all.dial();
    all.world.run(1000);
    assert.deepEqual(ways(all)[0], ['192.0.2.1', []]);
  });

  it('comes after an outbound proxy', () => {
    const hop = server('192.0.2.2', 5060);
    const all = registering({
      registrar: { primary: server('192.0.2.1', 5060), backup: null },
      proxy: { primary: server('192.0.2.1', 5060), backup: null },
      outboundProxy: { primary: hop, backup: null },
    });
    handOut(all.backup, WAY);
    all.world.run(RENEWED_MS);
    all.dial();
    all.world.run(1000);
    assert.deepEqual(ways(all), [['192.0.2.2', ['<sip:192.0.2.2:5060;lr>', ...WAY_AS_ROUTES]]]);
  });

  for (const [what, value] of [
    ['without lr', '<sip:p1.example.com>'],
    ['that is no address', 'over there'],
    ['of another scheme', '<tel:+1234;lr>'],
    ['one of whose hops cannot be read', `${WAY}, <sip:`],
    ['of many hops', Array.from({ length: 9 }, (_, hop) => `<sip:p${hop}.example.com;lr>`).join(', ')],
  ] as const)
    it(`${what} is not taken`, () => {
      const all = registering();
      handOut(all.primary, value);
      all.world.run(RENEWED_MS);
      all.dial();
      all.world.run(1000);
      assert.deepEqual(ways(all), [['192.0.2.1', []]]);
    });
});

describe('Path (RFC 3327; F16)', () => {
  it('is offered in each REGISTER; what the answer says of it changes nothing', () => {
    const all = registering();
    all.primary.registerExtra = [{ name: 'Path', value: '<sip:edge.example.com;lr>' }];
    all.world.run(2 * RENEWED_MS);
    const offered = all.world.sent('REGISTER').map(({ message }) => headerValues(message, 'Supported').join());
    assert.ok(offered.length >= 3 && offered.every((tags) => tags.split(',').includes('path')), offered.join(' | '));
    assert.ok(all.world.registeredOn('primary'));
    all.dial();
    all.world.run(1000);
    assert.deepEqual(ways(all), [['192.0.2.1', []]]);
  });
});
