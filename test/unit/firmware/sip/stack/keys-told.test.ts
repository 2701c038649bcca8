/** Keys told by SIP INFO, and what is said to those of others. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { SipRequest } from '../../../../../firmware/sip/message/message.ts';
import { informed, relayed } from '../../../../../firmware/sip/stack/keys-told.ts';

const info = (headers: Readonly<Record<string, string>>, body = ''): SipRequest => ({
  ...{ kind: 'request', method: 'INFO', uri: 'sip:2001@192.0.2.100', body },
  headers: Object.entries(headers).map(([name, value]) => ({ name, value })),
});

for (const [what, request, status] of [
  ['a sign of life', info({}), 200],
  ['a key', info({ 'Content-Type': 'application/dtmf-relay' }, 'Signal=5'), 200],
  ['a key in the short form', info({ 'Content-Type': 'Application/DTMF; x=y' }, '5'), 200],
  ['a hook flash', info({ 'Content-Type': 'application/hook-flash' }, '1'), 200],
  ['a package', info({ 'Info-Package': 'foo' }), 469],
  ['a body that nobody asked for', info({ 'Content-Type': 'application/x-game' }, 'x'), 415],
  ['a body without a name', info({}, 'x'), 415],
] as const)
  it(`${what}: ${status}`, () => assert.equal(informed(request).status, status));

it('ours is written as most servers read it', () =>
  assert.deepEqual(relayed('#', 100), {
    headers: [{ name: 'Content-Type', value: 'application/dtmf-relay' }],
    body: 'Signal=#\r\nDuration=100\r\n',
  }));
