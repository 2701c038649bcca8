/** The keying of a number: each state meets each input. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { numbersOf } from '../../firmware/dialling/numbers.ts';
import { millis } from '../../firmware/kernel/time.ts';
import type { DialerInput, DialerState } from '../../firmware/ui/dialer.ts';
import { REST, stepDialer } from '../../firmware/ui/dialer.ts';

const NOW = millis(10_000);
const context = {
  now: NOW,
  digitTimeoutMs: 4000,
  numbers: numbersOf({
    plan: '2xx|5x+#|9;xx',
    emergencyPlan: '911',
    sendsTerminator: false,
    digitTimeoutMs: 4000,
  }),
};

const keying = (keys: string): DialerState => ({ name: 'keying', timers: {}, keys });
const open = (keys: string, line: number | null = 3): DialerState => ({
  ...{ name: 'open', timers: keys === '' ? {} : { digit: millis(12_000) }, keys, line, tone: false },
});
const over = (keys: string): DialerState => ({
  ...{ name: 'over', timers: {}, keys, line: 3, why: 'Busy', tone: 'busy' },
});

const key = (name: string): DialerInput => ({ kind: 'key', key: name });
const ERASE: DialerInput = { kind: 'erase' };
const OPEN: DialerInput = { kind: 'open', line: 2 };
const SEND: DialerInput = { kind: 'send' };
const CLOSE: DialerInput = { kind: 'close' };
const OVER: DialerInput = { kind: 'over', line: 1, why: 'Busy', tone: 'busy', until: millis(15_000) };
const DIGIT: DialerInput = { kind: 'timer', timer: 'digit' };
const END: DialerInput = { kind: 'timer', timer: 'end' };

/** What is left: state, keys, line, timers in ms from now; and the number that is dialled. */
function step(state: DialerState, input: DialerInput): string {
  const { state: next, out } = stepDialer(state, input, context);
  assert.ok(next !== null);
  const keys = next.name === 'rest' ? '' : ` "${next.keys}"`;
  const line = next.name === 'open' || next.name === 'over' ? ` line ${next.line}` : '';
  const tone = next.name === 'open' && next.tone ? ' tone' : '';
  const why = next.name === 'over' ? ` ${next.why}, ${next.tone}` : '';
  const timers = Object.entries(next.timers).map(([name, at]) => ` ${name}+${Number(at) - NOW}`);
  return [
    `${next.name}${keys}${line}${tone}${why}${timers.join('')}`,
    ...out.map((o) => `dial ${o.number} on ${o.line}`),
  ].join('; ');
}

const UNTOUCHED = 'nothing';
const table: readonly (readonly [DialerState, readonly (readonly [DialerInput, string])[]])[] = [
  [
    REST,
    [
      [key('5'), 'keying "5"'],
      [ERASE, UNTOUCHED],
      [OPEN, 'open "" line 2'],
      [SEND, UNTOUCHED],
      [CLOSE, UNTOUCHED],
      [OVER, 'over "" line 1 Busy, busy end+5000'],
      [DIGIT, UNTOUCHED],
      [END, UNTOUCHED],
    ],
  ],
  [
    keying('20'),
    [
      [key('0'), 'keying "200"'],
      [key('#'), 'keying "20#"'],
      [ERASE, 'keying "2"'],
      [OPEN, 'open "20" line 2 digit+4000'],
      [SEND, 'open "20" line null digit+4000'],
      [CLOSE, 'rest'],
      [OVER, 'over "" line 1 Busy, busy end+5000'],
      [DIGIT, UNTOUCHED],
      [END, UNTOUCHED],
    ],
  ],
  [
    keying('55'),
    [
      [key('#'), 'rest; dial 55 on null'],
      [OPEN, 'rest; dial 55 on 2'],
      [SEND, 'rest; dial 55 on null'],
    ],
  ],
  [
    keying('3'),
    [
      [ERASE, 'rest'],
      [OPEN, 'over "3" line 2 Not in the dial plan, reorder'],
    ],
  ],
  [keying('5'.repeat(64)), [[key('5'), UNTOUCHED]]],
  [
    open('20'),
    [
      [key('0'), 'rest; dial 200 on 3'],
      [key('#'), 'over "20#" line 3 Not in the dial plan, reorder'],
      [ERASE, 'open "2" line 3 digit+4000'],
      [OPEN, 'open "20" line 2 digit+2000'],
      [SEND, 'open "20" line 3 digit+4000'],
      [CLOSE, 'rest'],
      [OVER, 'over "" line 1 Busy, busy end+5000'],
      [DIGIT, 'over "20" line 3 The number is too short, reorder'],
      [END, UNTOUCHED],
    ],
  ],
  [
    open('55'),
    [
      [key('5'), 'open "555" line 3 digit+4000'],
      [key('#'), 'rest; dial 55 on 3'],
      [SEND, 'rest; dial 55 on 3'],
      [DIGIT, 'rest; dial 55 on 3'],
    ],
  ],
  [open('91'), [[key('1'), 'rest; dial 911 on 3']]],
  [
    open(''),
    [
      [key('9'), 'open "9" line 3 tone digit+4000'],
      [ERASE, UNTOUCHED],
      [SEND, UNTOUCHED],
    ],
  ],
  [
    over('201'),
    [
      [key('5'), 'open "5" line 3 digit+4000'],
      [ERASE, 'open "20" line 3 digit+4000'],
      [OPEN, 'open "" line 2'],
      [SEND, UNTOUCHED],
      [CLOSE, 'rest'],
      [OVER, 'over "" line 1 Busy, busy end+5000'],
      [DIGIT, UNTOUCHED],
      [END, 'rest'],
    ],
  ],
];

describe('the dialer', () => {
  for (const [state, cells] of table)
    for (const [input, expected] of cells) {
      const what = input.kind === 'key' ? `key ${input.key}` : input.kind === 'timer' ? input.timer : input.kind;
      const keys = 'keys' in state ? ` "${state.keys}"` : '';
      it(`${state.name}${keys}, ${what}: ${expected}`, () => {
        if (expected === UNTOUCHED) assert.deepEqual(stepDialer(state, input, context), { state, out: [] });
        else assert.equal(step(state, input), expected);
      });
    }
});
