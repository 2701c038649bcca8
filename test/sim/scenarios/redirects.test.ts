/** Calls that are sent elsewhere by a 3xx: to whom, in which order, and how far (RFC 3261 8.1.3.4, 21.3; rules 3.7; conformance B19, G18, L4). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { callIdOf, headerValue } from '../../../firmware/sip/message/headers.ts';
import type { Desk } from '../call-desk.ts';
import { desk, invites } from '../call-desk.ts';
import type { CallPeer, Script } from '../call-peer.ts';
import { ANSWERS, cseqNumber } from '../call-peer.ts';

const REDIRECTS: Script = [
  [5, 100],
  [20, 302],
];

/** The proxy sends callers of this user to these contacts; everybody else answers. */
function sends(peer: CallPeer, user: string, contacts: string, script: Script = REDIRECTS): void {
  peer.behaviour = (uri) =>
    uri.startsWith(`sip:${user}@`)
      ? { script, extra: [{ name: 'Contact', value: contacts }], contact: 'none' }
      : { script: ANSWERS };
}

const uris = (all: Desk): readonly string[] => invites(all).map(({ uri }) => uri);
const last = ({ world }: Desk) => world.eventsOf('call').at(-1);

describe('a call that is sent elsewhere', () => {
  it('goes to the address that was named, with the same Call-ID and the next number; the person sees where it goes', () => {
    const all = desk();
    sends(all.primary, '200', '<sip:300@192.0.2.1>');
    all.dial();
    all.world.run(1000);
    assert.deepEqual(uris(all), ['sip:200@192.0.2.1:5060', 'sip:300@192.0.2.1:5060']);
    const [first, second] = invites(all);
    assert.ok(first !== undefined && second !== undefined);
    assert.equal(callIdOf(first), callIdOf(second));
    assert.deepEqual([cseqNumber(first), cseqNumber(second)], [1, 2]);
    assert.deepEqual([last(all)?.state, last(all)?.peer, last(all)?.sentTo], ['connected', '200', '300']);
    assert.equal(all.primary.acks.length, 2);
  });

  it('is asked for at the backup by its own name, where the primary falls silent', () => {
    const all = desk();
    sends(all.primary, '200', '<sip:300@192.0.2.1>');
    all.dial();
    all.world.run(22);
    all.primary.fault = 'silent';
    all.world.run(5000);
    assert.deepEqual(uris(all).slice(-1), ['sip:300@192.0.2.2:5060']);
    assert.deepEqual([last(all)?.state, last(all)?.server], ['connected', 'backup']);
  });

  it('to a user of the backup is asked for there alone', () => {
    const all = desk();
    sends(all.primary, '200', '<sip:300@192.0.2.2:5060>');
    all.dial();
    all.world.run(1000);
    assert.deepEqual(uris(all), ['sip:200@192.0.2.1:5060', 'sip:300@192.0.2.2:5060']);
    assert.equal(last(all)?.server, 'backup');
  });

  it('tries its contacts by preference, each once', () => {
    const all = desk();
    all.primary.behaviour = (uri) =>
      uri.startsWith('sip:200@')
        ? {
            script: REDIRECTS,
            extra: [
              { name: 'Contact', value: '<sip:301@192.0.2.1>;q=0.2, <sip:302@192.0.2.1>;q=0.9' },
              { name: 'Contact', value: '<tel:+49301234>;q=0.5, <mailto:a@b.example>, <sip:302@192.0.2.1>;q=0.1' },
            ],
            contact: 'none',
          }
        : { script: [[5, 404]] };
    all.dial();
    all.world.run(5000);
    assert.deepEqual(
      uris(all).map((uri) => uri.replace(/@.*/, '')),
      ['sip:200', 'sip:302', 'sip:+49301234', 'sip:301'],
    );
    assert.deepEqual([last(all)?.state, last(all)?.code], ['ended', 404]);
  });

  it('in a circle is over, and so is one without end', () => {
    const circle = desk();
    sends(circle.primary, '200', '<sip:200@192.0.2.2>');
    sends(circle.backup, '200', '<sip:200@192.0.2.1>');
    circle.dial();
    circle.world.run(5000);
    assert.deepEqual(uris(circle), ['sip:200@192.0.2.1:5060', 'sip:200@192.0.2.2:5060']);
    assert.deepEqual([last(circle)?.cause, last(circle)?.code], ['failed', 302]);

    const endless = desk();
    let next = 300;
    endless.primary.behaviour = () => {
      next += 1;
      return { script: REDIRECTS, extra: [{ name: 'Contact', value: `<sip:${next}@192.0.2.1>` }], contact: 'none' };
    };
    endless.dial();
    endless.world.run(60_000);
    assert.equal(uris(endless).length, 6);
    assert.deepEqual([last(endless)?.cause, last(endless)?.code], ['failed', 302]);
  });

  for (const code of [305, 380] as const)
    it(`with ${code} is refused: nobody but the configured servers is asked`, () => {
      const all = desk();
      sends(all.primary, '200', '<sip:300@192.0.2.66>', [[20, code]]);
      all.dial();
      all.world.run(5000);
      assert.deepEqual([uris(all).length, last(all)?.code], [1, code]);
    });

  it('to a stranger is asked for at our own proxies: no packet and no credentials leave them', () => {
    const all = desk();
    all.primary.asksPassword = true;
    sends(all.primary, '200', '<sip:300@192.0.2.66>');
    all.dial();
    all.world.run(2000);
    assert.deepEqual(uris(all).slice(-1), ['sip:300@192.0.2.66']);
    assert.deepEqual([last(all)?.state, last(all)?.server], ['connected', 'primary']);
    assert.ok(all.world.sent().every(({ flow }) => flow.startsWith('udp:192.0.2.1:')));
    assert.ok(headerValue(invites(all).at(-1) ?? assert.fail(), 'Proxy-Authorization') !== null);
    assert.equal(last(all)?.sentTo, '300@192.0.2.66');
  });

  it('to sips: where the line has no TLS leads nowhere', () => {
    const all = desk();
    sends(all.primary, '200', '<sips:300@192.0.2.1>');
    all.dial();
    all.world.run(5000);
    assert.deepEqual([uris(all).length, last(all)?.code], [1, 302]);
  });

  it('back to the server that was silent is over: it was asked for this very user', () => {
    const all = desk();
    all.primary.fault = 'silent';
    sends(all.backup, '200', '<sip:200@192.0.2.1>');
    all.dial();
    all.world.run(5000);
    assert.deepEqual([...new Set(uris(all))], ['sip:200@192.0.2.1:5060', 'sip:200@192.0.2.2:5060']);
    assert.deepEqual([last(all)?.state, last(all)?.code], ['ended', 302]);
  });

  it('is over when the person hangs up: who rings there is cancelled', () => {
    const all = desk();
    all.primary.behaviour = (uri) =>
      uri.startsWith('sip:200@')
        ? { script: REDIRECTS, extra: [{ name: 'Contact', value: '<sip:300@192.0.2.1>' }], contact: 'none' }
        : { script: [[20, 180]] };
    all.dial();
    all.world.run(500);
    assert.equal(last(all)?.state, 'ringing');
    all.hangUp();
    all.world.run(1000);
    assert.deepEqual([all.primary.busy, last(all)?.cause], [0, 'hangup']);
  });
});
