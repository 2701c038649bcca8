/** What a registrar of the lab makes of a REGISTER. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Binding, Contact, Registered } from '../../../../scripts/lab/location.ts';
import { current, register, seconds, shown } from '../../../../scripts/lab/location.ts';

const NOW = 1_000_000;
const desk: Contact = {
  name: '"Desk"',
  uri: 'sip:2001@192.0.2.1:5060;hf=p',
  params: { '+sip.instance': '"<a>"', q: '0.5' },
};
const mobile: Contact = { uri: 'sip:2001@192.0.2.2', params: {} };
const all: Contact = { uri: '*', params: {} };

interface Sent {
  readonly contacts?: readonly Contact[];
  readonly expires?: string;
  readonly callId?: string;
  readonly cseq?: number;
}

const send = (before: readonly Binding[], sent: Sent, nowMs = NOW, minExpiresS = 0): Registered =>
  register(before, { contacts: [desk], expires: '120', callId: 'a', cseq: 1, ...sent }, nowMs, minExpiresS);

function bound(registered: Registered): readonly Binding[] {
  assert.equal(registered.status, 200);
  return registered.status === 200 ? registered.bindings : [];
}

const uris = (registered: Registered): readonly string[] => bound(registered).map(({ contact }) => contact.uri);

describe('a REGISTER at the lab', () => {
  it('binds a contact for as long as its header says, and shows it as it was sent', () => {
    const [binding] = bound(send([], {}));
    assert.ok(binding);
    assert.deepEqual(shown(binding, NOW + 20_000), { ...desk, params: { ...desk.params, expires: '100' } });
    assert.deepEqual(current([binding], NOW + 119_999), [binding]);
    assert.deepEqual(current([binding], NOW + 120_000), []);
  });

  it('takes the time at the contact before the one of the header, and 3600 s where neither can be read', () => {
    const own = { ...desk, params: { expires: '60' } };
    assert.equal(bound(send([], { contacts: [own] }))[0]?.expiresAtMs, NOW + 60_000);
    assert.deepEqual([undefined, null, 'soon', '-1', '1.5', ''].map(seconds), Array(6).fill(3600));
    assert.equal(seconds('9999999999'), 2 ** 32 - 1);
  });

  it('holds several contacts, renews one in place of itself, and removes one without the other', () => {
    const first = bound(send([], { contacts: [desk, mobile] }));
    const renewed = send(first, { cseq: 2, expires: '300' });
    assert.deepEqual(uris(renewed), [mobile.uri, desk.uri]);
    assert.equal(bound(renewed)[1]?.expiresAtMs, NOW + 300_000);
    assert.deepEqual(uris(send(bound(renewed), { cseq: 3, expires: '0' })), [mobile.uri]);
  });

  it('without a contact only asks', () => {
    const before = bound(send([], {}));
    assert.deepEqual(bound(send(before, { contacts: [], cseq: 1 })), before);
  });

  it('of one series never goes back, not even to remove; another series may', () => {
    const before = bound(send([], { cseq: 7 }));
    for (const cseq of [6, 7]) {
      assert.equal(send(before, { cseq }).status, 500);
      assert.equal(send(before, { cseq, expires: '0' }).status, 500);
    }
    assert.equal(send(before, { cseq: 1, callId: 'b' }).status, 200);
  });

  it('of one series may go back once the binding is over', () => {
    const before = bound(send([], { cseq: 7 }));
    assert.deepEqual(uris(send(before, { cseq: 1 }, NOW + 120_000)), [desk.uri]);
  });

  it('too short is refused whole, but 0 is not short', () => {
    const short = { ...mobile, params: { expires: '59' } };
    const before = bound(send([], {}, NOW, 60));
    assert.equal(send(before, { cseq: 2, contacts: [desk, short] }, NOW, 60).status, 423);
    assert.equal(send(before, { cseq: 2, expires: '60' }, NOW, 60).status, 200);
    assert.equal(send(before, { cseq: 2, expires: '0' }, NOW, 60).status, 200);
  });

  it('with * and 0 removes all, and is refused with anything else', () => {
    const before = bound(send([], { contacts: [desk, mobile] }));
    assert.deepEqual(uris(send(before, { contacts: [all], expires: '0', cseq: 2 })), []);
    assert.equal(send(before, { contacts: [all], expires: '0', cseq: 1 }).status, 500);
    assert.equal(send(before, { contacts: [all], expires: '10', cseq: 2 }).status, 400);
    assert.equal(send(before, { contacts: [all, desk], expires: '0', cseq: 2 }).status, 400);
  });
});
