/** The INVITE server transaction against RFC 3261 figure 7 with the Accepted state of RFC 6026: all states, all inputs, and its packet times. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { deadlineOf, dueTimer } from '../../firmware/kernel/machine.ts';
import { after, millis } from '../../firmware/kernel/time.ts';
import type {
  InviteServerInput,
  InviteServerOutput,
  InviteServerState,
} from '../../firmware/sip/transaction/invite-server.ts';
import { startInviteServer, stepInviteServer } from '../../firmware/sip/transaction/invite-server.ts';
import type { Figure } from './figure.ts';
import { contextAt, holdAgainstFigure, NOW, runAlone } from './figure.ts';

const STATES: readonly InviteServerState[] = [
  { name: 'proceeding', timers: {}, data: '180' },
  { name: 'completed', timers: { G: after(NOW, 300), H: after(NOW, 20_000) }, data: '486', interval: 1000 },
  { name: 'confirmed', timers: { I: after(NOW, 3000) } },
  { name: 'accepted', timers: { L: after(NOW, 9000) } },
];

const INPUTS: readonly InviteServerInput[] = [
  { kind: 'request' },
  { kind: 'ack' },
  { kind: '1xx', data: '183' },
  { kind: '2xx', data: '200' },
  { kind: '3xx-6xx', data: '603' },
  { kind: 'transport-error' },
  { kind: 'timer', timer: 'G' },
  { kind: 'timer', timer: 'H' },
  { kind: 'timer', timer: 'I' },
  { kind: 'timer', timer: 'L' },
];

const outputText = (output: InviteServerOutput): string =>
  output.kind === 'send' ? `send ${output.data}` : `tell ${output.kind}`;

/** RFC 3261 figure 7, RFC 6026 7.1 and figure 1 there. */
const FIGURE_7: Figure = {
  proceeding: {
    request: { to: 'proceeding', out: ['send 180'] },
    '1xx': { to: 'proceeding', out: ['send 183'] },
    '2xx': { to: 'accepted', out: ['send 200'], timers: { L: 32_000 } },
    '3xx-6xx': { to: 'completed', out: ['send 603'], timers: { G: 500, H: 32_000 } },
    'transport-error': { to: null, out: ['tell transport-error'] },
  },
  completed: {
    request: { to: 'completed', out: ['send 486'], timers: { G: 300, H: 20_000 } },
    ack: { to: 'confirmed', out: [], timers: { I: 5000 } },
    'timer G': { to: 'completed', out: ['send 486'], timers: { G: 2000, H: 20_000 } },
    'timer H': { to: null, out: ['tell timeout'] },
    'transport-error': { to: null, out: ['tell transport-error'] },
  },
  confirmed: {
    'timer I': { to: null, out: [] },
  },
  accepted: {
    '2xx': { to: 'accepted', out: ['send 200'], timers: { L: 9000 } },
    ack: { to: 'accepted', out: ['tell ack'], timers: { L: 9000 } },
    'timer L': { to: null, out: [] },
  },
};

const common = { states: STATES, inputs: INPUTS, step: stepInviteServer, outputText };

describe('RFC 3261 figure 7 with RFC 6026 over UDP', () =>
  holdAgainstFigure({ ...common, figure: FIGURE_7, transport: 'udp' }));

describe('RFC 3261 figure 7 with RFC 6026 over a stream', () =>
  holdAgainstFigure({
    ...common,
    figure: {
      ...FIGURE_7,
      proceeding: {
        ...FIGURE_7['proceeding'],
        '3xx-6xx': { to: 'completed', out: ['send 603'], timers: { H: 32_000 } },
      },
      completed: { ...FIGURE_7['completed'], ack: { to: null, out: [] } },
    },
    transport: 'stream',
  }));

describe('an INVITE that reaches the phone', () => {
  it('is answered 100 at once', () =>
    assert.deepEqual(startInviteServer('100'), {
      state: { name: 'proceeding', data: '100', timers: {} },
      out: [{ to: 'transport', kind: 'send', data: '100' }],
    }));

  for (const [transport, times] of [
    ['udp', [0, 500, 1500, 3500, 7500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500]],
    ['stream', [0]],
  ] as const)
    it(`whose refusal nobody acknowledges over ${transport} is refused at ${times.join(', ')} ms, and given up at 32 s`, () => {
      const zero = millis(0);
      const begun: InviteServerState = { name: 'proceeding', timers: {}, data: '100' };
      const refused = stepInviteServer(begun, { kind: '3xx-6xx', data: '486' }, contextAt(zero, transport));
      const log = runAlone<InviteServerState, InviteServerOutput>(
        refused,
        (state, timer, now) =>
          stepInviteServer(state, { kind: 'timer', timer } as InviteServerInput, contextAt(now, transport)),
        { next: deadlineOf, timer: dueTimer },
      );
      assert.deepEqual(
        log.filter(([, output]) => output.kind === 'send').map(([at]) => at),
        times,
      );
      assert.deepEqual(log.at(-1), [32_000, { to: 'user', kind: 'timeout' }]);
    });
});
