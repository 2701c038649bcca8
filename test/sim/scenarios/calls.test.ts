/** Outgoing calls as their user has them: the primary proxy first, then the backup (guide p. 4-46; rules 3.7). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { callIdOf, fromOf, headerValue, tagOf } from '../../../firmware/sip/message/headers.ts';
import type { SipRequest } from '../../../firmware/sip/message/message.ts';
import { lineSettings, phoneSettings, server } from '../../support/settings.ts';
import type { Desk } from '../call-desk.ts';
import { desk, invites, LINE } from '../call-desk.ts';
import { cseqNumber, RINGS } from '../call-peer.ts';

const fromTag = (request: SipRequest | undefined): string | null => {
  const from = fromOf(request ?? assert.fail('a request'));
  return from.ok ? tagOf(from.value) : null;
};

describe('a call', () => {
  it('goes to the primary proxy, rings, is answered and acknowledged, and ends with a BYE', () => {
    const all = desk();
    all.dial();
    all.world.run(1000);
    assert.deepEqual(all.states(), ['dialing', 'ringing', 'connected']);
    all.hangUp();
    all.world.run(1000);
    assert.deepEqual(all.sent(), ['INVITE 192.0.2.1', 'ACK 192.0.2.1', 'BYE 192.0.2.1']);
    assert.deepEqual([all.states().at(-1), all.cause()], ['ended', 'hangup']);
    assert.deepEqual(
      all.primary.callees.map(({ state }) => state),
      ['over'],
    );
    assert.equal(all.backup.callees.length, 0);
  });

  it('is addressed to the number at the proxy, in its name, and offers audio', () => {
    const all = desk();
    all.dial('200');
    const [invite] = invites(all);
    all.world.run(10);
    const sent = invites(all)[0] ?? invite ?? assert.fail('an INVITE');
    assert.equal(sent.uri, 'sip:200@192.0.2.1:5060');
    assert.match(headerValue(sent, 'From') ?? '', /^<sip:2001@192\.0\.2\.1:5060>;tag=/);
    assert.match(headerValue(sent, 'Contact') ?? '', /^<sip:2001@192\.0\.2\.100:5060;line=1;hf=p>$/);
    assert.match(sent.body, /m=audio 300\d RTP\/AVP 9 0 8 101\r\n/);
  });

  it('goes on when ring, tones, dial plan, clock or keys are set anew; what SIP is made with ends it', () => {
    const all = desk();
    all.dial();
    all.world.run(1000);
    const { settings } = all.world;
    const sound = { ...settings.sound, ringTone: 3, toneSet: 'europe' };
    const dialling = { ...settings.dialling, plan: 'XX' };
    const calls = { ...settings.calls, forward: 'off' as const };
    const next = {
      ...settings,
      sound,
      dialling,
      calls,
      clock24: !settings.clock24,
      zone: { zone: null, zoneMinutesWest: -60 },
    };
    all.world.input({ kind: 'configure', settings: next });
    all.world.run(1000);
    assert.equal(all.states().at(-1), 'connected');
    all.world.input({ kind: 'configure', settings: { ...next, sendMac: true } });
    all.world.run(1000);
    assert.equal(all.states().at(-1), 'ended');
  });

  it('the far side hangs up: it is answered, and the user sees it', () => {
    const all = desk();
    all.dial();
    all.world.run(1000);
    all.primary.hangUp();
    all.world.run(10);
    assert.equal(all.cause(), 'remote');
    assert.deepEqual(all.sent(), ['INVITE 192.0.2.1', 'ACK 192.0.2.1']);
  });

  it('is challenged and answered where it was challenged, with the next number', () => {
    const all = desk();
    all.primary.asksPassword = true;
    all.dial();
    all.world.run(1000);
    const [first, second] = invites(all);
    assert.deepEqual(
      [first, second].map((request) => cseqNumber(request ?? assert.fail())),
      [1, 2],
    );
    assert.match(headerValue(second ?? assert.fail(), 'Proxy-Authorization') ?? '', /^Digest .*realm="sim"/);
    assert.equal(all.states().at(-1), 'connected');
    assert.equal(all.backup.callees.length, 0);
  });

  for (const [code, cause] of [
    [404, 'failed'],
    [486, 'busy'],
    [600, 'busy'],
    [603, 'declined'],
    [500, 'failed'],
    [480, 'failed'],
  ] as const)
    it(`that the primary refuses with ${code} is over (${cause}): the backup is not asked`, () => {
      const all = desk();
      all.primary.script = [[5, code]];
      all.dial();
      all.world.run(60_000);
      assert.deepEqual(all.sent(), ['INVITE 192.0.2.1', 'ACK 192.0.2.1']);
      const last = all.world.eventsOf('call').at(-1);
      assert.deepEqual([last?.cause, last?.code], [cause, code]);
    });

  it('that nobody answers ends after 180 s of ringing', () => {
    const all = desk();
    all.primary.script = RINGS;
    all.dial();
    all.world.run(180_000);
    assert.equal(all.states().at(-1), 'ringing');
    all.world.run(1000);
    assert.equal(all.cause(), 'no-answer');
    assert.deepEqual(all.sent(), ['INVITE 192.0.2.1', 'CANCEL 192.0.2.1', 'ACK 192.0.2.1']);
    assert.equal(all.primary.busy, 0);
  });

  it('with early media is heard before it is answered', () => {
    const all = desk();
    all.primary.script = [
      [5, 183],
      [300, 200],
    ];
    all.dial();
    all.world.run(1000);
    assert.deepEqual(all.states(), ['dialing', 'early', 'connected']);
  });

  it('whose answer has no audio in common is acknowledged, ended, and said', () => {
    const all = desk();
    all.primary.sdp =
      'v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 18\r\n';
    all.dial();
    all.world.run(1000);
    assert.deepEqual(all.sent(), ['INVITE 192.0.2.1', 'ACK 192.0.2.1', 'BYE 192.0.2.1']);
    assert.equal(all.states().at(-1), 'ended');
  });
});

describe('G6: every outgoing call tries the primary proxy first, then the backup', () => {
  for (const [fault, bound] of [
    ['silent', 1600],
    ['mute', 1600],
    ['frozen', 1600],
    ['killed', 30],
    ['unreachable', 30],
  ] as const)
    it(`with the primary ${fault} the call rings through the backup within ${bound} ms`, () => {
      const all = desk();
      all.primary.fault = fault;
      all.dial();
      const took = all.world.until(() => all.states().includes('ringing'), bound);
      assert.ok(took <= bound, `${took} ms`);
      assert.match(all.sent()[0] ?? '', /^INVITE 192\.0\.2\.1$/);
      const [first] = invites(all);
      const last = invites(all).at(-1);
      assert.equal(callIdOf(first ?? assert.fail()), callIdOf(last ?? assert.fail()));
      assert.equal(fromTag(first), fromTag(last));
      assert.equal(last?.uri, 'sip:200@192.0.2.2:5060');
      all.world.run(1000);
      assert.equal(all.states().at(-1), 'connected');
      assert.equal(all.world.eventsOf('call').at(-1)?.server, 'backup');
    });

  for (const script of [
    [[5, 503]],
    [
      [5, 100],
      [50, 503],
    ],
    [
      [5, 100],
      [50, 180],
      [400, 503],
    ],
  ] as const)
    it(`with the primary answering ${script.map(([, code]) => code).join(', ')} it goes on to the backup`, () => {
      const all = desk();
      all.primary.script = script;
      all.dial();
      all.world.run(2000);
      assert.equal(all.states().at(-1), 'connected');
      assert.deepEqual(all.sent(), ['INVITE 192.0.2.1', 'ACK 192.0.2.1', 'INVITE 192.0.2.2', 'ACK 192.0.2.2']);
    });

  it('once more each time: a primary that is back has the next call', () => {
    const all = desk();
    all.primary.fault = 'killed';
    all.dial();
    all.world.run(1000);
    all.hangUp();
    all.primary.fault = 'none';
    all.dial();
    all.world.run(1000);
    assert.deepEqual(
      all.sent().filter((text) => text.startsWith('INVITE')),
      ['INVITE 192.0.2.1', 'INVITE 192.0.2.2', 'INVITE 192.0.2.1'],
    );
  });

  it('a known-dead primary costs the second call a tenth of a second', () => {
    const all = desk();
    all.primary.fault = 'silent';
    all.dial();
    all.world.run(2500);
    all.hangUp();
    all.dial();
    const took = all.world.until(() => all.states().filter((state) => state === 'ringing').length === 2, 1000);
    assert.ok(took <= 150, `${took} ms`);
  });

  it('with both dead it fails, and says so', () => {
    const all = desk();
    all.primary.fault = 'killed';
    all.backup.fault = 'killed';
    all.dial();
    all.world.run(10);
    assert.equal(all.cause(), 'failed');
  });

  it('in profile r2.0 a silent primary is left after 4 s', () => {
    const all = desk(phoneSettings({ lines: [LINE], failover: { profile: 'r2.0' } }));
    all.primary.fault = 'silent';
    all.dial();
    const took = all.world.until(() => all.states().includes('ringing'), 5000);
    assert.ok(took >= 4000 && took <= 4100, `${took} ms`);
  });

  it('behind an outbound proxy the call keeps its address and goes through the hop', () => {
    const outboundProxy = { primary: server('192.0.2.1', 5060), backup: null };
    const proxy = { primary: server('pbx.example.test', 5060), backup: null };
    const line = lineSettings({ registrar: { primary: null, backup: null }, proxy, outboundProxy });
    const all = desk(phoneSettings({ lines: [line] }));
    all.dial();
    all.world.run(100);
    const [invite] = invites(all);
    assert.equal(invite?.uri, 'sip:200@pbx.example.test:5060');
    assert.equal(headerValue(invite ?? assert.fail(), 'Route'), '<sip:192.0.2.1:5060;lr>');
  });
});

describe('what cannot be called is said', () => {
  const refused = (all: Desk): string | undefined => all.world.eventsOf('result').at(-1)?.error;

  it('without a proxy, on a line that is not there, with nonsense, and with a sips: address in the clear', () => {
    const all = desk();
    all.order({ verb: 'dial', target: '200', line: 7 });
    assert.match(refused(all) ?? '', /^line 7 is not in service$/);
    all.dial('sip:a b@');
    assert.match(refused(all) ?? '', /cannot be called/);
    all.dial('sips:200@pbx.test');
    assert.match(refused(all) ?? '', /sip transport protocol: 4/);
    const alone = desk(phoneSettings({ lines: [lineSettings()] }));
    alone.dial();
    assert.match(refused(alone) ?? '', /has no proxy/);
    alone.hangUp();
    assert.match(refused(alone) ?? '', /there is no call/);
  });

  it('more calls than the phone has appearances', () => {
    const all = desk();
    all.primary.script = RINGS;
    for (let call = 0; call < 19; call += 1) all.dial();
    assert.match(refused(all) ?? '', /^18 calls are there already/);
  });
});
