/** The INVITE client transaction against RFC 3261 figure 5 with the Accepted state of RFC 6026: all states, all inputs, and its packet times. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { deadlineOf, dueTimer } from '../../firmware/kernel/machine.ts';
import { after, millis } from '../../firmware/kernel/time.ts';
import type {
  InviteClientInput,
  InviteClientOutput,
  InviteClientState,
} from '../../firmware/sip/transaction/invite-client.ts';
import { startInviteClient, stepInviteClient } from '../../firmware/sip/transaction/invite-client.ts';
import type { Figure } from './figure.ts';
import { contextAt, holdAgainstFigure, NOW, runAlone } from './figure.ts';

type Input = InviteClientInput<number>;
type Output = InviteClientOutput<number>;

const STATES: readonly InviteClientState[] = [
  { name: 'calling', data: 'I', interval: 1000, timers: { A: after(NOW, 300), B: after(NOW, 20_000) } },
  { name: 'proceeding', timers: {} },
  { name: 'completed', timers: { D: after(NOW, 9000) } },
  { name: 'accepted', timers: { M: after(NOW, 9000) } },
];

const INPUTS: readonly Input[] = [
  { kind: '1xx', response: 180 },
  { kind: '2xx', response: 200 },
  { kind: '3xx-6xx', response: 486 },
  { kind: 'transport-error', cause: 'refused' },
  { kind: 'quiet' },
  { kind: 'timer', timer: 'A' },
  { kind: 'timer', timer: 'B' },
  { kind: 'timer', timer: 'D' },
  { kind: 'timer', timer: 'M' },
];

const outputText = (output: Output): string => {
  switch (output.kind) {
    case 'send':
      return `send ${output.data}`;
    case 'ack':
      return `ack ${output.response}`;
    case 'response':
      return `tell ${output.response}`;
    case 'timeout':
      return 'tell timeout';
    case 'transport-error':
      return `tell ${output.cause}`;
  }
};

/** RFC 3261 figure 5, RFC 6026 7.2 and figure 5 there; `quiet` is ours (rules 3.9), and so is the 2xx after another final answer (3.7). */
const open = {
  '1xx': { to: 'proceeding', out: ['tell 180'] },
  '2xx': { to: 'accepted', out: ['tell 200'], timers: { M: 32_000 } },
  '3xx-6xx': { to: 'completed', out: ['ack 486', 'tell 486'], timers: { D: 32_000 } },
  'transport-error': { to: null, out: ['tell refused'] },
};
const FIGURE_5: Figure = {
  calling: {
    ...open,
    'timer A': { to: 'calling', out: ['send I'], timers: { A: 2000, B: 20_000 } },
    'timer B': { to: null, out: ['tell timeout'] },
    quiet: { to: 'calling', out: [], timers: { B: 20_000 } },
  },
  proceeding: open,
  completed: {
    '3xx-6xx': { to: 'completed', out: ['ack 486'], timers: { D: 9000 } },
    '2xx': { to: 'completed', out: ['tell 200'], timers: { D: 9000 } },
    'transport-error': { to: null, out: ['tell refused'] },
    'timer D': { to: null, out: [] },
  },
  accepted: {
    '2xx': { to: 'accepted', out: ['tell 200'], timers: { M: 9000 } },
    'timer M': { to: null, out: [] },
  },
};

describe('RFC 3261 figure 5 with RFC 6026 over UDP', () =>
  holdAgainstFigure({
    states: STATES,
    inputs: INPUTS,
    step: stepInviteClient,
    figure: FIGURE_5,
    transport: 'udp',
    outputText,
  }));

const FIGURE_5_STREAM: Figure = {
  ...FIGURE_5,
  calling: { ...FIGURE_5['calling'], '3xx-6xx': { to: null, out: ['ack 486', 'tell 486'] } },
  proceeding: { ...FIGURE_5['proceeding'], '3xx-6xx': { to: null, out: ['ack 486', 'tell 486'] } },
};

describe('RFC 3261 figure 5 with RFC 6026 over a stream', () =>
  holdAgainstFigure({
    states: STATES,
    inputs: INPUTS,
    step: stepInviteClient,
    figure: FIGURE_5_STREAM,
    transport: 'stream',
    outputText,
  }));

const ZERO = millis(0);
const alone = (transport: 'udp' | 'stream', once: boolean): readonly (readonly [number, string])[] =>
  runAlone<InviteClientState, Output>(
    startInviteClient<number>('I', contextAt(ZERO, transport), { once }),
    (state, timer, now) =>
      stepInviteClient(state, { kind: 'timer', timer } as InviteClientInput<number>, contextAt(now, transport)),
    { next: deadlineOf, timer: dueTimer },
  ).map(([at, output]) => [at, outputText(output)]);

describe('an INVITE that nobody answers', () => {
  it('is sent over UDP at 0, .5, 1.5, 3.5, 7.5, 15.5 and 31.5 s, and times out at 32 s', () => {
    const log = alone('udp', false);
    const times = log.filter(([, text]) => text === 'send I').map(([at]) => at);
    assert.deepEqual(times, [0, 500, 1500, 3500, 7500, 15_500, 31_500]);
    assert.deepEqual(log.at(-1), [32_000, 'tell timeout']);
  });

  it('is sent over a stream once, and times out at 32 s', () =>
    assert.deepEqual(alone('stream', false), [
      [0, 'send I'],
      [32_000, 'tell timeout'],
    ]));

  it('is sent to a known-dead target exactly once, and times out at 32 s', () =>
    assert.deepEqual(alone('udp', true), [
      [0, 'send I'],
      [32_000, 'tell timeout'],
    ]));
});
