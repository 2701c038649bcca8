/** Owns how a recording looks as a ladder. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Effect, Input } from '../../../firmware/vocabulary.ts';
import { ladder } from '../../../scripts/ladder.ts';

const PRIMARY = 'udp:192.0.2.1:5060';
const BACKUP = 'udp:192.0.2.2:5060';
const register = (cseq: number): string => `REGISTER sip:pbx.test SIP/2.0\r\nCSeq: ${cseq} REGISTER\r\n\r\n`;
const answer = (status: number, cseq: number): string => `SIP/2.0 ${status} X\r\nCSeq: ${cseq} REGISTER\r\n\r\n`;

const step = (now: number, input: Input, ...effects: readonly Effect[]): string =>
  JSON.stringify({ what: 'step', now, input, effects });
const send = (flow: string, data: string): Effect => ({ kind: 'send', flow, data });
const from = (address: string, data: string): Input => ({
  kind: 'datagram',
  flow: null,
  from: { address, port: 5060 },
  data,
});

describe('the ladder of a recording', () => {
  it('shows who sent what to whom, what was sent again, and what came of it', () => {
    const recording = [
      JSON.stringify({ what: 'phone', version: 'test', settings: {}, seed: null }),
      step(1.25, { kind: 'wake' }, send(PRIMARY, register(1))),
      step(501.25, { kind: 'wake' }, send(PRIMARY, register(1))),
      step(1501.25, { kind: 'wake' }, send(BACKUP, register(1)), {
        kind: 'event',
        event: { event: 'target-failed', target: PRIMARY, cause: 'no-answer', took: 1500 },
      }),
      step(1510, from('192.0.2.2', answer(401, 1)), send(BACKUP, register(2))),
      step(1520, from('192.0.2.2', answer(200, 2)), {
        kind: 'event',
        event: { event: 'registration', line: 1, state: 'registered', server: 'backup' },
      }),
      step(1600, from('192.0.2.9', 'junk'), {
        kind: 'reply',
        flow: null,
        to: { address: '192.0.2.9', port: 5060 },
        data: answer(400, 9),
      }),
      step(1700, { kind: 'flow-failed', flow: PRIMARY, cause: 'refused' }),
      step(1800, { kind: 'link', state: 'down' }),
    ].join('\n');
    assert.deepEqual(ladder(`${recording}\n`).split('\n'), [
      '        ms  phone                     192.0.2.1:5060            192.0.2.2:5060            192.0.2.9:5060',
      '       1.3  |------ REGISTER 1 ------>|                         |                         |',
      '     501.3  |--- REGISTER 1 again --->|                         |                         |',
      '    1501.3  |-------------------------------- REGISTER 1 ------>|                         |',
      '    1501.3  |  192.0.2.1:5060 failed: no-answer',
      '    1510.0  |<---------------------------- 401 (REGISTER 1) ----|                         |',
      '    1510.0  |-------------------------------- REGISTER 2 ------>|                         |',
      '    1520.0  |<---------------------------- 200 (REGISTER 2) ----|                         |',
      '    1520.0  |  line 1 registered on the backup',
      '    1600.0  |<--------------------------------------------------------- malformed --------|',
      '    1600.0  |------------------------------------------------------- 400 (REGISTER 9) --->|',
      '    1700.0  |  192.0.2.1:5060: refused',
      '    1800.0  |  link down',
      '',
    ]);
  });

  it('of nothing is a header', () => {
    assert.equal(ladder(''), '        ms  phone\n');
  });
});
