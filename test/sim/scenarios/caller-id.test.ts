/** Calls whose callee is not told who calls (RFC 3323 4, RFC 3325 9.3; conformance K9). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { LineSettings } from '../../../firmware/config/settings.ts';
import { headerValue } from '../../../firmware/sip/message/headers.ts';
import { serialize } from '../../../firmware/sip/message/serialize.ts';
import { phoneSettings, server } from '../../support/settings.ts';
import type { Desk } from '../call-desk.ts';
import { desk, invites, LINE } from '../call-desk.ts';

const NAMED = { ...LINE, userName: '2001', displayName: 'Ada Example', screenName: 'Reception' };

function dialled(line: Partial<LineSettings>, target = '200'): Desk {
  const all = desk(phoneSettings({ lines: [{ ...NAMED, ...line }] }));
  all.primary.asksPassword = true;
  all.dial(target);
  all.world.run(1000);
  return all;
}

describe('who calls', () => {
  it('is hidden (sip caller id block: 1): no request of the call says it, and proxies are asked not to tell it', () => {
    const all = dialled({ callerId: 'hidden' });
    assert.equal(all.states().at(-1), 'connected');
    all.order({ verb: 'hold', call: null });
    all.world.run(100);
    all.order({ verb: 'transfer', target: '300', call: null });
    all.world.run(100);
    all.hangUp();
    all.world.run(100);
    assert.ok(invites(all).length >= 3);
    for (const invite of invites(all).slice(0, 2)) assert.equal(headerValue(invite, 'Privacy'), 'id');
    const methods = new Set<string>();
    for (const { message } of all.world.sent()) {
      if (message.method === 'REGISTER' || message.method === 'OPTIONS') continue;
      methods.add(message.method);
      // Who is asked for a password is told who knows it, and does not pass that on (RFC 3261 22.3).
      const seen = { ...message, headers: message.headers.filter(({ name }) => name !== 'Proxy-Authorization') };
      assert.doesNotMatch(serialize(seen), /2001|Ada|Example|Reception|P-(?:Preferred|Asserted)/, message.method);
    }
    assert.deepEqual([...methods].sort(), ['ACK', 'BYE', 'INVITE', 'REFER']);
    assert.match(
      headerValue(invites(all)[0] ?? assert.fail(), 'From') ?? '',
      /^"Anonymous" <sip:anonymous@anonymous\.invalid>;tag=/,
    );
  });

  it('is hidden at the backup too', () => {
    const all = desk(phoneSettings({ lines: [{ ...NAMED, callerId: 'hidden' }] }));
    all.primary.fault = 'killed';
    all.dial();
    all.world.run(3000);
    assert.equal(all.states().at(-1), 'connected');
    assert.ok(all.backup.callees.every(({ invite }) => !/2001|Ada/.test(serialize(invite))));
  });

  it('is said where nothing is set, and to who answers emergency calls in any case', () => {
    for (const [callerId, target] of [
      ['shown', '200'],
      ['hidden', '112'],
    ] as const) {
      const [invite] = invites(dialled({ callerId }, target));
      assert.match(
        headerValue(invite ?? assert.fail(), 'From') ?? '',
        /^"Ada Example" <sip:2001@192\.0\.2\.1:5060>;tag=/,
      );
      assert.equal(headerValue(invite ?? assert.fail(), 'Privacy'), null);
    }
  });

  it('is still said to the registrar, which would not know whose binding it is', () => {
    const registrar = { primary: server('192.0.2.1', 5060), backup: null };
    const all = desk(phoneSettings({ lines: [{ ...NAMED, registrar, callerId: 'hidden' }] }));
    all.world.run(1000);
    assert.match(headerValue(all.world.sent('REGISTER')[0]?.message ?? assert.fail(), 'Contact') ?? '', /<sip:2001@/);
  });
});
