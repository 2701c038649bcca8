/** The non-INVITE server transaction against RFC 3261 figure 8 and RFC 4320 4: all states, all inputs. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { after, millis } from '../../firmware/kernel/time.ts';
import type {
  NonInviteServerInput,
  NonInviteServerOutput,
  NonInviteServerState,
} from '../../firmware/sip/transaction/non-invite-server.ts';
import { startNonInviteServer, stepNonInviteServer } from '../../firmware/sip/transaction/non-invite-server.ts';
import type { Figure } from './figure.ts';
import { contextAt, holdAgainstFigure, NOW } from './figure.ts';

const STATES: readonly NonInviteServerState[] = [
  { name: 'trying', timers: {}, mayTry: NOW },
  { name: 'proceeding', timers: {}, data: '100' },
  { name: 'completed', timers: { J: after(NOW, 9000) }, data: '200' },
];

const INPUTS: readonly NonInviteServerInput[] = [
  { kind: 'request' },
  { kind: 'trying', data: '100 again' },
  { kind: 'final', data: '404' },
  { kind: 'transport-error' },
  { kind: 'timer', timer: 'J' },
];

const outputText = (output: NonInviteServerOutput): string =>
  output.kind === 'send' ? `send ${output.data}` : 'tell transport-error';

const FIGURE_8: Figure = {
  trying: {
    trying: { to: 'proceeding', out: ['send 100 again'] },
    final: { to: 'completed', out: ['send 404'], timers: { J: 32_000 } },
  },
  proceeding: {
    request: { to: 'proceeding', out: ['send 100'] },
    trying: { to: 'proceeding', out: ['send 100 again'] },
    final: { to: 'completed', out: ['send 404'], timers: { J: 32_000 } },
    'transport-error': { to: null, out: ['tell transport-error'] },
  },
  completed: {
    request: { to: 'completed', out: ['send 200'], timers: { J: 9000 } },
    'transport-error': { to: null, out: ['tell transport-error'] },
    'timer J': { to: null, out: [] },
  },
};

const common = { states: STATES, inputs: INPUTS, step: stepNonInviteServer, outputText };

describe('RFC 3261 figure 8 over UDP', () => holdAgainstFigure({ ...common, figure: FIGURE_8, transport: 'udp' }));

const ends = { final: { to: null, out: ['send 404'] } };

describe('RFC 3261 figure 8 over a stream', () =>
  holdAgainstFigure({
    ...common,
    figure: {
      ...FIGURE_8,
      trying: { ...FIGURE_8['trying'], ...ends },
      proceeding: { ...FIGURE_8['proceeding'], ...ends },
    },
    transport: 'stream',
  }));

describe('a request that the phone is slow to answer', () => {
  const begun = startNonInviteServer(contextAt(millis(0), 'udp')).state ?? assert.fail('the transaction has begun');

  it('gets no 100 over UDP before T2, and one from then on', () => {
    const early = stepNonInviteServer(begun, { kind: 'trying', data: '100' }, contextAt(millis(3999), 'udp'));
    assert.deepEqual(early, { state: begun, out: [] });
    const late = stepNonInviteServer(begun, { kind: 'trying', data: '100' }, contextAt(millis(4000), 'udp'));
    assert.deepEqual(late.out, [{ to: 'transport', kind: 'send', data: '100' }]);
  });

  it('gets a 100 over a stream at once', () => {
    const step = stepNonInviteServer(begun, { kind: 'trying', data: '100' }, contextAt(millis(0), 'stream'));
    assert.deepEqual(step.out, [{ to: 'transport', kind: 'send', data: '100' }]);
  });

  it('that comes again before any answer is not told to anybody', () =>
    assert.deepEqual(stepNonInviteServer(begun, { kind: 'request' }, contextAt(millis(500), 'udp')), {
      state: begun,
      out: [],
    }));
});
