/** What others ask of the phone beside calls: whether it is busy, that it calls somebody, keys told one by one (RFC 3261 11.2; RFC 3515 5; conformance C12, I6, L12). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { headerValue } from '../../../firmware/sip/message/headers.ts';
import { serialize } from '../../../firmware/sip/message/serialize.ts';
import { lineSettings, phoneSettings } from '../../support/settings.ts';
import { desk, LINE } from '../call-desk.ts';
import { CallPeer } from '../call-peer.ts';
import { Caller } from '../caller.ts';
import { PAIR, rung } from '../rung.ts';

const settings = (over: Partial<ReturnType<typeof phoneSettings>['calls']> = {}, waiting: 'on' | 'off' = 'on') =>
  phoneSettings({
    lines: [lineSettings({ registrar: PAIR, proxy: PAIR, callWaiting: waiting })],
    calls: { ...phoneSettings().calls, ...over },
  });
const REFER_TO = { name: 'Refer-To', value: '<sip:900@192.0.2.1>' };

describe('OPTIONS', () => {
  const asked = (all: ReturnType<typeof rung>): number | undefined => {
    const caller = new Caller(all.world, all.primary, { callId: 'asks' });
    const headers = caller.invite.headers
      .filter(({ name }) => name !== 'Content-Type')
      .map((header) => (header.name === 'CSeq' ? { name: 'CSeq', value: '1 OPTIONS' } : header));
    all.primary.push(serialize({ ...caller.invite, method: 'OPTIONS', headers, body: '' }));
    all.world.run(10);
    assert.match(headerValue(caller.answers('OPTIONS').at(-1) ?? assert.fail(), 'Allow') ?? '', /INVITE/);
    return caller.statuses('OPTIONS').at(-1);
  };

  it('is answered as a call would be: 200 while one may still come in, 486 where it would hear that', () => {
    assert.equal(asked(rung({}, settings())), 200);
    assert.equal(asked(rung({}, settings({}, 'off'))), 486);
    const quiet = rung({}, settings());
    quiet.ask({ verb: 'dnd', state: 'on' });
    assert.equal(asked(quiet), 486);
  });

  it('inside a call is answered with 200, however busy the phone is', () => {
    const all = rung({}, settings({}, 'off'));
    all.ask({ verb: 'answer', call: null });
    all.world.run(10);
    all.caller.ack();
    all.caller.ask('OPTIONS');
    all.world.run(10);
    assert.deepEqual(all.caller.statuses('OPTIONS'), [200]);
  });
});

describe('a far side that wants the phone to call somebody', () => {
  const talking = (all: ReturnType<typeof rung>): ReturnType<typeof rung> => {
    all.ask({ verb: 'answer', call: null });
    all.world.run(10);
    all.caller.ack();
    all.world.run(10);
    all.caller.ask('REFER', [REFER_TO]);
    all.world.run(50);
    return all;
  };
  const calls = (all: ReturnType<typeof rung>): number => all.world.sent('INVITE').length;

  it('is obeyed where it came through a configured server', () => {
    const all = talking(rung({}, settings()));
    assert.deepEqual([all.caller.statuses('REFER'), calls(all)], [[202], 1]);
  });

  it('hears 603 where `sip accept refer` is 0', () => {
    const all = talking(rung({}, settings({ obeysRefer: 'off' })));
    assert.deepEqual([all.caller.statuses('REFER'), calls(all)], [[603], 0]);
  });

  it('hears 403 where it came past our servers: nobody has calls made at our cost', () => {
    const all = rung({}, settings());
    all.caller.cancel();
    all.world.run(100);
    const stranger = new CallPeer({ address: '192.0.2.66' }).attach(all.world);
    const caller = new Caller(all.world, stranger, { callId: 'stranger' }).call();
    all.world.run(10);
    talking({ ...all, caller });
    assert.deepEqual([caller.statuses('REFER'), calls(all)], [[403], 0]);
  });
});

it('REFER out of any dialog: 403, whoever asks, and nobody is called (I6)', () => {
  const all = rung({}, settings());
  const caller = new Caller(all.world, all.primary, { callId: 'refers' });
  const headers = caller.invite.headers
    .filter(({ name }) => name !== 'Content-Type')
    .map((header) => (header.name === 'CSeq' ? { name: 'CSeq', value: '1 REFER' } : header));
  all.primary.push(serialize({ ...caller.invite, method: 'REFER', headers: [...headers, REFER_TO], body: '' }));
  all.world.run(1000);
  assert.deepEqual([caller.statuses('REFER'), all.world.sent('INVITE').length], [[403], 0]);
});

it('a number that falls within a call: 500, and what it asks is not done; gaps are fine (G4)', () => {
  const all = desk();
  all.dial();
  all.world.run(1000);
  const first = all.primary.ask('INFO');
  all.primary.ask('INFO');
  all.world.run(50);
  const numbered = (number: number, method: string) => ({
    ...first,
    method,
    headers: first.headers.map((header) => {
      if (header.name === 'CSeq') return { ...header, value: `${number} ${method}` };
      return header.name === 'Via' ? { ...header, value: `${header.value}x${number}` } : header;
    }),
  });
  const answered = (): readonly string[] => all.world.replies.slice(-1).map(({ data }) => data.slice(0, 11));
  all.primary.push(serialize(numbered(1, 'BYE')));
  all.world.run(50);
  assert.deepEqual([answered(), all.states().at(-1)], [['SIP/2.0 500'], 'connected']);
  all.primary.push(serialize(numbered(70, 'BYE')));
  all.world.run(50);
  assert.deepEqual([answered(), all.states().at(-1)], [['SIP/2.0 200'], 'ended']);
});

describe('keys told by INFO', () => {
  it('go one by one, in their order, however slow the far side is', () => {
    const line = { ...LINE, keysSent: { events: 'off', sound: 'off', info: 'on' } } as const;
    const all = desk(phoneSettings({ lines: [line] }));
    all.dial();
    all.world.run(1000);
    all.primary.delayMs = 300;
    all.order({ verb: 'dtmf', call: null, keys: '123' });
    const keys = (): string => all.primary.told.map(({ body }) => /Signal=(.)/.exec(body)?.[1] ?? '').join('');
    all.world.run(250);
    assert.equal(keys(), '1');
    all.world.run(2000);
    assert.equal(keys(), '123');
  });

  it('that nobody answers do not hold up those after them for ever', () => {
    const line = { ...LINE, keysSent: { events: 'off', sound: 'off', info: 'on' } } as const;
    const all = desk(phoneSettings({ lines: [line] }));
    all.dial();
    all.world.run(1000);
    all.primary.toldStatus = null;
    all.order({ verb: 'dtmf', call: null, keys: '12' });
    all.world.run(40_000);
    assert.ok(all.primary.told.some(({ body }) => body.includes('Signal=2')));
    assert.equal(all.states().at(-1), 'connected');
  });
});
