/** Whom a call has reached: what a configured server says of the far side, at the answer and while it lasts (RFC 3325 9.1; conformance K10). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Header } from '../../../firmware/sip/message/message.ts';
import { lineSettings, phoneSettings } from '../../support/settings.ts';
import { desk, LINE } from '../call-desk.ts';
import { Caller } from '../caller.ts';
import type { Rung } from '../rung.ts';
import { lastCall, PAIR, rung } from '../rung.ts';

const says = (value: string, name = 'P-Asserted-Identity'): readonly Header[] => [{ name, value }];
const GRACE = says('"Grace" <sip:500@192.0.2.1>');

describe('a call that we made', () => {
  it('is answered by somebody else: the screen says who', () => {
    const all = desk(phoneSettings({ lines: [LINE] }), true);
    all.primary.script = [
      [20, 180],
      [500, 200, { headers: GRACE }],
    ];
    all.dial();
    all.world.run(1000);
    assert.deepEqual(all.states(), ['dialing', 'ringing', 'connected', 'connected']);
    assert.deepEqual([lastCall(all)?.peer, lastCall(all)?.name], ['200', 'Grace']);
    assert.ok(
      all.world.lcd.some((row) => row.includes('Grace')),
      all.world.lcd.join('\n'),
    );
  });

  it('is answered by whom nothing is said of, or nothing that can be read: as it was dialled', () => {
    for (const headers of [[], says('"Grace <sip:500@192.0.2.1'), says('')]) {
      const all = desk();
      all.primary.script = [[500, 200, { headers }]];
      all.dial();
      all.world.run(1000);
      assert.deepEqual([all.states().at(-1), lastCall(all)?.name], ['connected', undefined]);
    }
  });
});

describe('a call that lasts', () => {
  const talking = (all: Rung): Rung => {
    all.ask({ verb: 'answer', call: null });
    all.world.run(10);
    all.caller.ack();
    all.world.run(10);
    return all;
  };

  it('is handed on by its server: a re-INVITE, an UPDATE, each once; by name, else by number; held as it was', () => {
    const all = talking(rung());
    all.caller.refresh('', GRACE);
    all.world.run(10);
    assert.equal(lastCall(all)?.name, 'Grace');
    const told = all.states().length;
    all.caller.refresh('', GRACE);
    all.world.run(10);
    assert.equal(all.states().length, told);
    all.ask({ verb: 'hold', call: null });
    all.world.run(1000);
    all.caller.refresh('', says('<sip:600@192.0.2.1>;party=called', 'Remote-Party-ID'));
    all.world.run(10);
    assert.deepEqual([all.states().at(-1), lastCall(all)?.name], ['held', '600']);
  });

  it('is named by the answer to a change of ours', () => {
    const all = talking(rung());
    all.primary.followExtra = GRACE;
    all.ask({ verb: 'hold', call: null });
    all.world.run(1000);
    assert.deepEqual([all.states().at(-1), lastCall(all)?.name], ['held', 'Grace']);
  });

  it('came past our servers: whatever it calls itself, it stays who it was', () => {
    const all = desk(phoneSettings({ lines: [lineSettings({ ...LINE, proxy: { ...PAIR, backup: null } })] }));
    const caller = new Caller(all.world, all.backup).call();
    all.world.run(10);
    const ask = (command: Parameters<Rung['ask']>[0]): void => all.order(command);
    talking({ ...all, caller, ask });
    caller.refresh('', GRACE);
    all.world.run(10);
    assert.deepEqual([caller.statuses('UPDATE'), lastCall(all)?.name], [[200], 'Ada']);
  });
});
