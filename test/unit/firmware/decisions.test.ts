/** The sentences of what was decided and why, as a person reads them. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DECISIONS_KEPT } from '../../../firmware/config/defaults.ts';
import { createDecisions, decisionOf } from '../../../firmware/decisions.ts';
import type { PhoneEvent } from '../../../firmware/events.ts';

const PRIMARY = 'tls:192.0.2.1:5061';
const whose = { attempt: 'L1-2', line: 1, role: 'registrar', method: 'REGISTER' } as const;
const sent = { callId: 'c', branch: 'b', cseq: 1 } as const;
const textOf = (event: PhoneEvent): string | undefined => decisionOf(event, 0)?.text;

describe('a decision in words', () => {
  it('tells of a walk over TLS from the connection to the next server', () => {
    const backup = { server: 'backup', target: 'tls:192.0.2.2:5061' } as const;
    const events: readonly PhoneEvent[] = [
      { event: 'connecting', ...whose, server: 'primary', target: PRIMARY },
      { event: 'target-failed', target: PRIMARY, cause: 'tls', took: 120 },
      { event: 'connecting', ...whose, ...backup },
      { event: 'attempt', ...whose, ...sent, ...backup, reason: 'hedge', known: 'unknown', waitMs: 1500 },
    ];
    assert.deepEqual(events.map(textOf), [
      `Connecting to the main server ${PRIMARY}`,
      `${PRIMARY}: certificate not accepted (after 120 ms)`,
      'Connecting to the backup server tls:192.0.2.2:5061',
      'Trying the backup server tls:192.0.2.2:5061 too; silence is waited for 1.5 s',
    ]);
  });

  it('says why a dead server is asked first, and hardly waited for', () => {
    const renewal = { reason: 'renewal', known: 'dead', waitMs: 100 } as const;
    assert.match(
      textOf({ event: 'attempt', ...whose, ...sent, server: 'primary', target: PRIMARY, ...renewal }) ?? '',
      /^Renewing: the main server .* is asked first; .*100 ms, because it is known to be dead$/,
    );
  });

  it('names what is asked for: a registration, a call, a subscription', () => {
    const first = { server: 'primary', target: PRIMARY, reason: 'fresh', known: 'unknown', waitMs: 1500 } as const;
    const begin = (method: string): string | undefined =>
      textOf({ event: 'attempt', ...whose, ...sent, ...first, method })?.split(':')[0];
    assert.deepEqual(['REGISTER', 'INVITE', 'SUBSCRIBE'].map(begin), ['Registering', 'Calling', 'Subscribing']);
  });

  it('is none for what nobody decided', () => {
    assert.equal(decisionOf({ event: 'probe', target: PRIMARY, ok: true, took: 3 }, 0), null);
  });

  it('is kept with the last ones', () => {
    const { kept, tell } = createDecisions();
    for (let t = 0; t < DECISIONS_KEPT + 5; t += 1)
      tell({ event: 'failback', line: 1, role: 'registrar', from: 'b', to: 'a', cause: 'answers', took: 1 }, t);
    assert.deepEqual([kept.length, kept[0]?.t], [DECISIONS_KEPT, 5]);
  });

  it('of a call that is held and taken up again is told once', () => {
    const { kept, tell } = createDecisions();
    const call = { event: 'call', id: 'c1', line: 1, direction: 'out', peer: '200' } as const;
    for (const state of ['connected', 'held', 'connected'] as const) tell({ ...call, state, server: 'primary' }, 1);
    tell({ ...call, id: 'c2', state: 'connected', server: 'backup' }, 2);
    tell({ ...call, state: 'ended', cause: 'hangup' }, 3);
    tell({ ...call, state: 'connected', server: 'primary' }, 4);
    assert.deepEqual(
      kept.map(({ t }) => t),
      [1, 2, 4],
    );
  });

  it('of a server that stays dead is told once, and again when it had answered meanwhile', () => {
    const { kept, tell } = createDecisions();
    const check = (t: number, target: string, ok: boolean): void => {
      tell({ event: 'probe', target, ok, took: 3, ...(ok ? {} : { cause: 'no-answer' }) }, t);
      if (!ok) tell({ event: 'target-failed', target, cause: 'no-answer', took: 3 }, t);
    };
    for (let t = 0; t < 10; t += 1) check(t, PRIMARY, false);
    check(10, PRIMARY, true);
    check(11, PRIMARY, false);
    assert.deepEqual(
      kept.map(({ t }) => t),
      [0, 11],
    );
    // What a request finds is told each time, and so is each of more servers than are remembered.
    tell({ event: 'target-failed', target: PRIMARY, cause: 'refused', took: 1 }, 12);
    for (let server = 0; server < 70; server += 1) check(13, `udp:192.0.2.${server}:5060`, false);
    check(14, PRIMARY, false);
    assert.deepEqual([kept.length, kept.at(-1)?.t], [2 + 1 + 70 + 1, 14]);
  });
});
