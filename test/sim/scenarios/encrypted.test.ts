/** Calls whose sound is encrypted (RFC 4568; conformance J9): over TLS alone, offered beside plain sound or instead of it, and said so. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { LineSettings, TransportChoice } from '../../../firmware/config/settings.ts';
import { phoneSettings } from '../../support/settings.ts';
import type { Desk } from '../call-desk.ts';
import { desk, invites, LINE } from '../call-desk.ts';
import { sdpOf } from '../call-peer.ts';
import { Caller } from '../caller.ts';

const KEY = 'VGhlaXIga2V5IGFuZCBzYWx0IGFyZSAzMCBvY3RldHMu'.slice(0, 40);
const [LONG, SHORT] = ['AES_CM_128_HMAC_SHA1_80', 'AES_CM_128_HMAC_SHA1_32'];

const at = (srtp: LineSettings['srtp'], transport: TransportChoice = 4): Desk =>
  desk(phoneSettings({ transport, lines: [{ ...LINE, srtp }], failover: { probePeriodS: 0 } }));

/** A description with one stream more before the usual one: encrypted, with this key line. */
const both = (line = `1 ${LONG} inline:${KEY}`, port = 4000): string =>
  `${head('192.0.2.1')}m=audio ${port} RTP/SAVP 0\r\na=crypto:${line}\r\nm=audio ${port === 0 ? 4000 : 0} RTP/AVP 0\r\n`;
const head = (address: string): string => `v=0\r\no=- 1 1 IN IP4 ${address}\r\ns=-\r\nc=IN IP4 ${address}\r\nt=0 0\r\n`;
const encryptedAlone = `${head('192.0.2.1')}m=audio 4000 RTP/SAVP 0\r\na=crypto:7 ${SHORT} inline:${KEY}|2^31\r\n`;

const streams = (sdp = ''): readonly string[] =>
  sdp.match(/^m=audio \d+ RTP\/S?AVP/gm)?.map((line) => line.replace(/\d+/, 'N')) ?? [];
const keyLines = (sdp = ''): readonly string[] => sdp.match(/^a=crypto:.*$/gm)?.map((line) => line.trim()) ?? [];
const lastCall = ({ world }: Desk) => world.eventsOf('call').at(-1);

function talking(srtp: LineSettings['srtp'], sdp: string): Desk {
  const all = at(srtp);
  all.primary.sdp = sdp;
  all.dial();
  all.world.until(() => all.states().at(-1) === 'connected', 3000);
  return all;
}

describe('a call that may be encrypted (sip srtp mode: 1)', () => {
  it('offers it first, in both suites with a key each, and the same in the clear beside it', () => {
    const [invite] = invites(talking('preferred', both()));
    assert.deepEqual(streams(invite?.body), ['m=audio N RTP/SAVP', 'm=audio N RTP/AVP']);
    const keys = keyLines(invite?.body).map((line) => line.split(' '));
    assert.deepEqual(
      keys.map(([tag, suite]) => `${tag} ${suite}`),
      [`a=crypto:1 ${LONG}`, `a=crypto:2 ${SHORT}`],
    );
    const inline = keys.map(([, , key]) => key);
    assert.ok(inline.every((key) => /^inline:[A-Za-z0-9+/]{40}$/.test(key ?? '')) && inline[0] !== inline[1]);
  });

  it('is encrypted where the far side answers so: each side by its own key, and the person is told', () => {
    const all = talking('preferred', both());
    const ours = /inline:(\S+)/.exec(keyLines(invites(all)[0]?.body)[0] ?? '')?.[1];
    assert.deepEqual(all.legs()[0]?.session?.secured, {
      ...{ suite: LONG, sends: { masterKey: ours }, receives: { masterKey: KEY } },
    });
    assert.equal(lastCall(all)?.encrypted, true);
  });

  it('is in the clear where the far side knows nothing else', () => {
    const all = talking('preferred', `${head('192.0.2.1')}m=audio 0 RTP/SAVP 0\r\nm=audio 4000 RTP/AVP 0\r\n`);
    assert.equal(all.legs()[0]?.session?.secured, null);
    assert.equal(lastCall(all)?.encrypted, undefined);
  });

  it('keeps its key and its streams when it is held and taken back (RFC 3264 8)', () => {
    const all = talking('preferred', both());
    const secured = all.legs()[0]?.session?.secured;
    all.primary.changeSdp = both();
    all.order({ verb: 'hold', call: null });
    all.world.run(100);
    assert.deepEqual([lastCall(all)?.state, lastCall(all)?.encrypted], ['held', true]);
    assert.deepEqual(all.legs()[0]?.session?.secured, secured);
    const [first, change] = invites(all);
    assert.deepEqual(streams(change?.body), ['m=audio N RTP/SAVP', 'm=audio N RTP/AVP']);
    assert.match(change?.body ?? '', /^m=audio 0 RTP\/AVP/m);
    assert.deepEqual(keyLines(change?.body), keyLines(first?.body));
  });

  it('that the far side changes to the clear is no longer said to be encrypted', () => {
    const all = talking('preferred', both());
    all.primary.ask('INVITE', {
      headers: [{ name: 'Content-Type', value: 'application/sdp' }],
      body: `${head('192.0.2.1')}m=audio 0 RTP/SAVP 0\r\nm=audio 4000 RTP/AVP 0\r\n`,
    });
    all.world.run(100);
    assert.equal(all.legs()[0]?.session?.secured, null);
    assert.deepEqual([lastCall(all)?.state, lastCall(all)?.encrypted], ['connected', undefined]);
  });

  for (const [what, line] of [
    ['a suite that we have not', `1 AES_192_CM_HMAC_SHA1_80 inline:${KEY}`],
    ['a key that is named by MKI', `1 ${LONG} inline:${KEY}|2^20|1:4`],
    ['a key that is too short', `1 ${LONG} inline:${KEY.slice(4)}`],
    ['parameters that must be known', `1 ${LONG} inline:${KEY} UNENCRYPTED_SRTP`],
  ] as const)
    it(`ends where the answer has ${what}: nothing is said that the far side could not hear`, () => {
      const all = at('preferred');
      all.primary.sdp = both(line);
      all.dial();
      all.world.run(3000);
      assert.deepEqual([all.states().at(-1), all.cause()], ['ended', 'failed']);
      assert.ok(all.sent().some((request) => request.startsWith('BYE')));
    });
});

describe('a call that comes in', () => {
  const called = (
    srtp: LineSettings['srtp'],
    body: string,
    transport: TransportChoice = 4,
  ): { all: Desk; caller: Caller } => {
    const all = at(srtp, transport);
    // It speaks on the connection that the phone has to it.
    all.dial();
    all.world.run(700);
    all.hangUp();
    all.world.run(100);
    const caller = new Caller(all.world, all.primary, { body }).call();
    all.world.run(100);
    all.order({ verb: 'answer', call: null });
    all.world.run(100);
    return { all, caller };
  };

  it('encrypted alone is answered so, under the tag of its key line', () => {
    const { all, caller } = called('preferred', encryptedAlone);
    const answer = caller.answers().at(-1);
    assert.equal(answer?.status, 200);
    assert.match(keyLines(answer?.body)[0] ?? '', new RegExp(`^a=crypto:7 ${SHORT} inline:`));
    assert.deepEqual(all.legs()[0]?.session?.secured?.receives, { masterKey: KEY });
  });

  it('with both is encrypted, whichever stands first', () => {
    const { caller } = called(
      'preferred',
      `${sdpOf('192.0.2.1')}m=audio 4002 RTP/SAVP 0\r\na=crypto:1 ${LONG} inline:${KEY}\r\n`,
    );
    const answer = caller.answers().at(-1)?.body ?? '';
    assert.match(answer, /^m=audio 0 RTP\/AVP[\s\S]*^m=audio [1-9]\d* RTP\/SAVP/m);
  });

  it('encrypted alone to a phone without it hears 488, and so does the clear where encrypted calls alone are had', () => {
    for (const [srtp, body, transport] of [
      ['off', encryptedAlone, 4],
      ['preferred', encryptedAlone, 1],
      ['only', sdpOf('192.0.2.1'), 4],
    ] as const)
      assert.deepEqual(
        called(srtp, body, transport)
          .caller.statuses()
          .filter((status) => status >= 200),
        [488],
        `${srtp} ${transport}`,
      );
  });
});

describe('encrypted calls alone (sip srtp mode: 2)', () => {
  it('offers nothing else', () => {
    const [invite] = invites(talking('only', encryptedAlone.replace(':7', ':2')));
    assert.deepEqual(streams(invite?.body), ['m=audio N RTP/SAVP']);
  });

  it('without TLS there is no call, and the person hears why: whoever reads SIP would have the keys', () => {
    const all = at('only', 1);
    all.dial();
    all.world.run(100);
    assert.equal(invites(all).length, 0);
    const [result] = all.world.eventsOf('result');
    assert.match(result?.error ?? '', /line 1 has encrypted calls alone .* needs "sip transport protocol: 4"/);
  });

  it('an emergency call is made all the same, in the clear if need be', () => {
    for (const transport of [1, 4] as const) {
      const all = at('only', transport);
      all.dial('112');
      all.world.run(100);
      assert.ok(streams(invites(all)[0]?.body).includes('m=audio N RTP/AVP'), `${transport}`);
    }
  });
});

describe('keys', () => {
  it('travel in TLS alone: over UDP and TCP nothing encrypted is offered', () => {
    for (const transport of [0, 1, 2] as const) {
      const all = at('preferred', transport);
      all.dial();
      all.world.run(100);
      assert.deepEqual([streams(invites(all)[0]?.body), keyLines(invites(all)[0]?.body)], [['m=audio N RTP/AVP'], []]);
    }
  });

  it('are others in every call', () => {
    const all = at('preferred');
    for (const _ of [1, 2]) {
      all.dial();
      all.world.run(1000);
      all.hangUp();
      all.world.run(100);
    }
    const [one, two] = invites(all).map(({ body }) => keyLines(body));
    assert.notDeepEqual(one, two);
  });
});
