/** The non-INVITE client transaction against RFC 3261 figure 6: all states, all inputs, and its packet times. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { deadlineOf, dueTimer } from '../../firmware/kernel/machine.ts';
import { after, millis } from '../../firmware/kernel/time.ts';
import type {
  NonInviteClientInput,
  NonInviteClientOutput,
  NonInviteClientState,
} from '../../firmware/sip/transaction/non-invite-client.ts';
import { startNonInviteClient, stepNonInviteClient } from '../../firmware/sip/transaction/non-invite-client.ts';
import type { Figure } from './figure.ts';
import { contextAt, holdAgainstFigure, NOW, runAlone } from './figure.ts';

type State = NonInviteClientState<number>;
type Input = NonInviteClientInput<number>;
type Output = NonInviteClientOutput<number>;

const STATES: readonly State[] = [
  { name: 'trying', data: 'R', interval: 1000, timers: { E: after(NOW, 300), F: after(NOW, 20_000) } },
  { name: 'proceeding', data: 'R', timers: { E: after(NOW, 300), F: after(NOW, 20_000) } },
  { name: 'completed', timers: { K: after(NOW, 3000) } },
];

const INPUTS: readonly Input[] = [
  { kind: '1xx', response: 100 },
  { kind: 'final', response: 200 },
  { kind: 'transport-error', cause: 'refused' },
  { kind: 'quiet' },
  { kind: 'timer', timer: 'E' },
  { kind: 'timer', timer: 'F' },
  { kind: 'timer', timer: 'K' },
];

const outputText = (output: Output): string => {
  if (output.kind === 'send') return `send ${output.data}`;
  if (output.kind === 'response') return `tell ${output.response}`;
  return output.kind === 'timeout' ? 'tell timeout' : `tell ${output.cause}`;
};

const waiting = {
  '1xx': { to: 'proceeding', out: ['tell 100'], timers: { E: 4000, F: 20_000 } },
  final: { to: 'completed', out: ['tell 200'], timers: { K: 5000 } },
  'transport-error': { to: null, out: ['tell refused'] },
  'timer F': { to: null, out: ['tell timeout'] },
};

/** RFC 3261 figure 6 over UDP; `quiet` is ours (rules 3.9). */
const FIGURE_6: Figure = {
  trying: {
    ...waiting,
    'timer E': { to: 'trying', out: ['send R'], timers: { E: 2000, F: 20_000 } },
    quiet: { to: 'trying', out: [], timers: { F: 20_000 } },
  },
  proceeding: {
    ...waiting,
    '1xx': { to: 'proceeding', out: ['tell 100'], timers: { E: 300, F: 20_000 } },
    'timer E': { to: 'proceeding', out: ['send R'], timers: { E: 4000, F: 20_000 } },
    quiet: { to: 'proceeding', out: [], timers: { F: 20_000 } },
  },
  completed: { 'timer K': { to: null, out: [] } },
};

describe('RFC 3261 figure 6 over UDP', () =>
  holdAgainstFigure({
    states: STATES,
    inputs: INPUTS,
    step: stepNonInviteClient,
    figure: FIGURE_6,
    transport: 'udp',
    outputText,
  }));

/** On a stream Timer E never runs and Timer K is zero: the transaction ends with its final response. */
const done = { final: { to: null, out: ['tell 200'] } };
const STREAM_STATES: readonly State[] = [
  { name: 'trying', data: 'R', interval: 500, timers: { F: after(NOW, 20_000) } },
  { name: 'proceeding', data: 'R', timers: { F: after(NOW, 20_000) } },
];

describe('RFC 3261 figure 6 over a stream', () =>
  holdAgainstFigure({
    states: STREAM_STATES,
    inputs: INPUTS.filter((input) => input.kind !== 'timer' || input.timer === 'F'),
    step: stepNonInviteClient,
    figure: {
      trying: {
        ...waiting,
        ...done,
        '1xx': { to: 'proceeding', out: ['tell 100'], timers: { F: 20_000 } },
        quiet: { to: 'trying', out: [], timers: { F: 20_000 } },
      },
      proceeding: {
        ...waiting,
        ...done,
        '1xx': { to: 'proceeding', out: ['tell 100'], timers: { F: 20_000 } },
        quiet: { to: 'proceeding', out: [], timers: { F: 20_000 } },
      },
    },
    transport: 'stream',
    outputText,
  }));

const ZERO = millis(0);
const due = { next: deadlineOf, timer: dueTimer };
const alone = (transport: 'udp' | 'stream', once: boolean): readonly (readonly [number, string])[] =>
  runAlone<State, Output>(
    startNonInviteClient<number>('R', contextAt(ZERO, transport), { once }),
    (state, timer, now) =>
      stepNonInviteClient(state, { kind: 'timer', timer } as NonInviteClientInput<number>, contextAt(now, transport)),
    due,
  ).map(([at, output]) => [at, outputText(output)]);

const sends = (log: readonly (readonly [number, string])[]): readonly number[] =>
  log.filter(([, text]) => text === 'send R').map(([at]) => at);

describe('a request that nobody answers', () => {
  it('is sent over UDP at 0, .5, 1.5, 3.5 s and then every 4 s, and times out at 32 s', () => {
    const log = alone('udp', false);
    assert.deepEqual(sends(log), [0, 500, 1500, 3500, 7500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500]);
    assert.deepEqual(log.at(-1), [32_000, 'tell timeout']);
  });

  it('is sent over a stream once, and times out at 32 s', () =>
    assert.deepEqual(alone('stream', false), [
      [0, 'send R'],
      [32_000, 'tell timeout'],
    ]));

  it('is sent to a known-dead target exactly once, and times out at 32 s', () =>
    assert.deepEqual(alone('udp', true), [
      [0, 'send R'],
      [32_000, 'tell timeout'],
    ]));

  it('goes on every T2 after a provisional answer, and still times out at 32 s', () => {
    const start = startNonInviteClient<number>('R', contextAt(ZERO, 'udp'), { once: false });
    const state = start.state ?? assert.fail('the transaction has begun');
    const trying = stepNonInviteClient<number>(
      state,
      { kind: '1xx', response: 100 },
      contextAt(after(ZERO, 200), 'udp'),
    );
    const log = runAlone<State, Output>(
      trying,
      (now, timer, at) =>
        stepNonInviteClient(now, { kind: 'timer', timer } as NonInviteClientInput<number>, contextAt(at, 'udp')),
      due,
    ).map(([at, output]) => [at, outputText(output)] as const);
    assert.deepEqual(sends(log), [4200, 8200, 12_200, 16_200, 20_200, 24_200, 28_200]);
    assert.deepEqual(log.at(-1), [32_000, 'tell timeout']);
  });

  it('that is quiet stays quiet through a provisional answer', () => {
    const [trying] = STATES;
    const silenced = stepNonInviteClient<number>(
      trying ?? assert.fail(),
      { kind: 'quiet' },
      contextAt(NOW, 'udp'),
    ).state;
    const answered = stepNonInviteClient<number>(
      silenced ?? assert.fail(),
      { kind: '1xx', response: 100 },
      contextAt(NOW, 'udp'),
    ).state;
    assert.deepEqual(answered?.timers, { F: after(NOW, 20_000) });
  });
});
