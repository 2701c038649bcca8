/** Calls that come in, as both sides have them: ringing, answering, refusing, giving up, forwarding (RFC 3261 9.2, 13.3; original-phone 6). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { headerValue } from '../../../firmware/sip/message/headers.ts';
import type { Command } from '../../../firmware/vocabulary.ts';
import { lineSettings, phoneSettings } from '../../support/settings.ts';
import { desk, LINE } from '../call-desk.ts';
import type { CallerOptions } from '../caller.ts';
import { Caller } from '../caller.ts';
import type { Rung } from '../rung.ts';
import { lastCall, PAIR, rung } from '../rung.ts';

describe('a call that comes in', () => {
  it('rings, says who calls, is answered, talks, and ends with the BYE of the caller', () => {
    const all = rung();
    assert.deepEqual(all.caller.statuses(), [180]);
    const { state, direction, peer, name, server: from } = lastCall(all) ?? assert.fail('a call');
    assert.deepEqual(
      { state, direction, peer, name, from },
      { state: 'ringing', direction: 'in', peer: '300', name: 'Ada', from: 'primary' },
    );
    all.ask({ verb: 'answer', call: null });
    all.world.run(100);
    const answer = all.caller.answers().at(-1) ?? assert.fail('an answer');
    assert.equal(answer.status, 200);
    assert.match(answer.body, /m=audio \d+ RTP\/AVP 0 101\r\n/);
    assert.match(headerValue(answer, 'Contact') ?? '', /^<sip:2001@192\.0\.2\.100:5060;line=1;hf=p>$/);
    all.caller.ack();
    all.world.run(60_000);
    assert.deepEqual(all.states(), ['ringing', 'connected']);
    assert.equal(
      all.caller.statuses().filter((status) => status === 200).length,
      1,
      'the ACK has ended the repetition',
    );
    all.caller.bye();
    all.world.run(100);
    assert.deepEqual([all.caller.statuses('BYE'), all.cause()], [[200], 'remote']);
  });

  it('is hung up here: a BYE goes to the caller, and the user is free at once', () => {
    const all = rung();
    all.ask({ verb: 'answer', call: null });
    all.world.run(10);
    all.caller.ack();
    all.world.run(10);
    all.hangUp();
    assert.equal(all.cause(), 'hangup');
    all.world.run(100);
    assert.deepEqual(all.sent(), ['BYE 192.0.2.1']);
  });

  it('that is hung up before its ACK came is ended when it has come, not sooner', () => {
    const all = rung();
    all.ask({ verb: 'answer', call: null });
    all.world.run(10);
    all.hangUp();
    all.world.run(10);
    assert.equal(all.cause(), 'hangup');
    assert.deepEqual(all.sent(), []);
    all.caller.ack();
    all.world.run(10);
    assert.deepEqual(all.sent(), ['BYE 192.0.2.1']);
  });

  it('repeats its 2xx at 0.5, 1.5, 3.5, 7.5 s and so on until the ACK, and gives up after 32 s with a BYE (D6)', () => {
    const all = rung();
    all.ask({ verb: 'answer', call: null });
    const counts = [400, 200, 1000, 2000, 4000].map((ms) => {
      all.world.run(ms);
      return all.caller.statuses().filter((status) => status === 200).length;
    });
    assert.deepEqual(counts, [1, 2, 3, 4, 5]);
    all.world.run(30_000);
    assert.equal(all.cause(), 'failed');
    assert.deepEqual(all.sent(), ['BYE 192.0.2.1']);
    const before = all.caller.answers().length;
    all.world.run(60_000);
    assert.equal(all.caller.answers().length, before);
  });

  it('is refused with 486 by hanging up while it rings, repeated until its ACK', () => {
    const all = rung();
    all.hangUp();
    all.world.run(600);
    assert.deepEqual(all.caller.statuses(), [180, 486, 486]);
    assert.equal(all.cause(), 'hangup');
    all.caller.ackRefusal();
    all.world.run(60_000);
    assert.equal(all.caller.statuses().length, 3);
  });

  it('whose caller gives up gets 487, and the CANCEL 200', () => {
    const all = rung();
    all.caller.cancel();
    all.world.run(10);
    assert.deepEqual(
      [all.caller.statuses('CANCEL'), all.caller.statuses().at(-1), all.cause()],
      [[200], 487, 'cancelled'],
    );
  });

  it('that was answered elsewhere says so', () => {
    const all = rung();
    all.caller.cancel([{ name: 'Reason', value: 'SIP;cause=200;text="Call completed elsewhere"' }]);
    all.world.run(10);
    assert.equal(all.cause(), 'elsewhere');
  });

  it('a CANCEL that meets its answer changes nothing; one of nothing is 481', () => {
    const all = rung();
    all.ask({ verb: 'answer', call: null });
    all.caller.cancel();
    all.world.run(10);
    assert.deepEqual([all.caller.statuses('CANCEL'), all.states().at(-1)], [[200], 'connected']);
    const stranger = new Caller(all.world, all.primary, { callId: 'other' }).cancel();
    all.world.run(10);
    assert.deepEqual(stranger.statuses('CANCEL'), [481]);
  });

  it('again is the same call; by another way it is 482 (C10)', () => {
    const all = rung();
    all.caller.call();
    all.world.run(10);
    assert.deepEqual(all.caller.statuses(), [180, 180]);
    const other = new Caller(all.world, all.backup, { branch: 'another' }).call();
    all.world.run(10);
    assert.equal(other.statuses().at(-1), 482);
    assert.equal(all.world.eventsOf('call').length, 1);
  });

  it('from the backup is taken as well', () => {
    const all = desk(phoneSettings({ lines: [lineSettings({ registrar: PAIR, proxy: PAIR })] }));
    all.world.run(1000);
    new Caller(all.world, all.backup).call();
    all.world.run(10);
    assert.equal(lastCall(all)?.server, 'backup');
  });

  it('waits beside a call, and both are there', () => {
    const all = rung();
    all.ask({ verb: 'answer', call: null });
    all.world.run(10);
    all.caller.ack();
    new Caller(all.world, all.primary, { callId: 'second', from: '<sip:400@192.0.2.1>' }).call();
    all.world.run(10);
    assert.deepEqual(
      all.world.eventsOf('call').map(({ id, state }) => `${id} ${state}`),
      ['C1 ringing', 'C1 connected', 'C2 ringing'],
    );
  });
});

describe('who may call', () => {
  it('nobody who calls a user that is not here: 404', () => {
    const all = rung({ to: 'nobody' });
    assert.deepEqual(all.caller.statuses(), [404]);
    assert.equal(all.world.eventsOf('call').length, 0);
  });

  for (const [whitelist, statuses] of [
    [false, [180]],
    [true, [403]],
  ] as const)
    it(`a stranger, with sip whitelist ${whitelist ? 1 : 0}: ${statuses.at(-1)}`, () => {
      const all = desk(
        phoneSettings({ whitelist, lines: [lineSettings({ ...LINE, proxy: { ...PAIR, backup: null } })] }),
      );
      // The second proxy is configured nowhere.
      const caller = new Caller(all.world, all.backup).call();
      all.world.run(10);
      assert.deepEqual(caller.statuses(), statuses);
    });

  it('a proxy that is no registrar is no stranger', () => {
    const all = desk(phoneSettings({ whitelist: true, lines: [LINE] }));
    const caller = new Caller(all.world, all.backup).call();
    all.world.run(10);
    assert.deepEqual(caller.statuses(), [180]);
  });

  it('what a stranger asserts of himself is not believed; what a server asserts is (K9)', () => {
    const headers = [{ name: 'P-Asserted-Identity', value: '"Grace" <sip:500@192.0.2.1>' }];
    assert.deepEqual([lastCall(rung({ headers }))?.peer, lastCall(rung({ headers }))?.name], ['500', 'Grace']);
    const all = desk(phoneSettings({ lines: [lineSettings({ ...LINE, proxy: { ...PAIR, backup: null } })] }));
    new Caller(all.world, all.backup, { headers }).call();
    all.world.run(10);
    assert.equal(lastCall(all)?.peer, '300');
  });
});

describe('what becomes of it', () => {
  const asked = (command: Command, options: CallerOptions = {}): Rung => {
    const all = desk(phoneSettings({ lines: [lineSettings({ registrar: PAIR, proxy: PAIR })] }));
    all.world.run(1000);
    const ask = (next: Command): void => all.world.input({ kind: 'command', id: 'x', command: next });
    ask(command);
    const caller = new Caller(all.world, all.primary, options).call();
    all.world.run(10);
    return { ...all, caller, ask };
  };

  it('do not disturb: 486, and nothing rings', () => {
    const all = asked({ verb: 'dnd', state: 'on' });
    assert.deepEqual(all.caller.statuses(), [486]);
    assert.equal(all.world.eventsOf('call').length, 0);
  });

  it('forward of all: 302 to the number at the server', () => {
    const all = asked({ verb: 'forward', when: 'all', to: '700' });
    assert.deepEqual(all.caller.statuses(), [302]);
    assert.equal(headerValue(all.caller.answers().at(-1) ?? assert.fail(), 'Contact'), '<sip:700@192.0.2.1:5060>');
  });

  it('forward when nobody answers: it rings first', () => {
    const all = asked({ verb: 'forward', when: 'noanswer', to: 'sip:700@example.test' });
    assert.deepEqual(all.caller.statuses(), [180]);
    all.world.until(() => all.caller.statuses().at(-1) === 302, 60_000);
    assert.equal(headerValue(all.caller.answers().at(-1) ?? assert.fail(), 'Contact'), '<sip:700@example.test>');
    assert.equal(all.cause(), 'no-answer');
  });

  it('answered in time it is forwarded no more', () => {
    const all = asked({ verb: 'forward', when: 'noanswer', to: '700' });
    all.ask({ verb: 'answer', call: null });
    all.world.run(10);
    all.caller.ack();
    all.world.run(120_000);
    assert.equal(all.states().at(-1), 'connected');
  });
});
