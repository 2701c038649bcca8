/** Stands for one registration in each of its states and one input of each kind, and tells in words what a step does. */
import assert from 'node:assert/strict';
import { createRandom, seedFrom } from '../../firmware/kernel/random.ts';
import type { Millis } from '../../firmware/kernel/time.ts';
import { after, millis } from '../../firmware/kernel/time.ts';
import { stepRegistration } from '../../firmware/registration/registration.ts';
import type {
  Binding,
  RegistrationInput,
  RegistrationOutput,
  RegistrationState,
  RegistrationStep,
} from '../../firmware/registration/state.ts';
import { newRegistration } from '../../firmware/registration/state.ts';
import type { RetryPolicy } from '../../firmware/registration/waits.ts';
import { pairKey } from '../../firmware/servers/selection.ts';
import type { Bound, RegisterOutcome } from '../../firmware/sip/vocabulary.ts';
import { lineSettings, server } from '../support/settings.ts';

export const NOW = millis(1_000_000);
export const in_ = (ms: number): Millis => after(NOW, ms);

export const POLICY: RetryPolicy = {
  profile: 'modern',
  rejectedRetryS: null,
  timeoutRetryS: null,
  renewalS: 15,
  probePeriodMs: 15_000,
  jitterMs: 0,
  linkJitterMs: 0,
  shutdownMs: 2000,
};

function boundAt(name: 'primary' | 'backup'): Bound {
  const address = name === 'primary' ? '192.0.2.1' : '192.0.2.2';
  const setting = server(address, 5060);
  const target = { transport: 'udp', address, port: 5060, tlsName: null } as const;
  const rank = name === 'primary' ? 0 : 1;
  const contact = `sip:2001@192.0.2.100;hf=${name === 'primary' ? 'p' : 'b'}`;
  return {
    candidate: { server: name, setting, target, via: null, pair: pairKey(target, null, setting), rank },
    contact,
  };
}

export const BACKUP = boundAt('backup');
export const PRIMARY = boundAt('primary');
export const BINDING: Binding = { bound: BACKUP, expiresAt: in_(60_000), renewAt: in_(30_000), since: millis(0) };

export const memory = {
  ...newRegistration(lineSettings(), null).memory,
  attempts: 3,
  lastAttemptAt: millis(900_000),
  cleanup: [{ ...BACKUP, contact: 'sip:2001@192.0.2.99;hf=b' }],
};
const bound = { ...memory, binding: BINDING };

/** Each on the backup, but for those that have no binding yet; a binding to be cleaned up waits in all. */
export const STATES: readonly RegistrationState[] = [
  { name: 'off', memory, timers: {} },
  { name: 'delayed', memory: bound, reason: 'fresh', timers: { start: in_(500), expire: in_(60_000) } },
  { name: 'trying', memory: bound, attempt: 'L1-3', startedAt: NOW, reviving: false, timers: { expire: in_(60_000) } },
  { name: 'registered', memory: bound, timers: { renew: in_(30_000), expire: in_(60_000) } },
  { name: 'waiting', memory: bound, cause: 'dns-failed', timers: { retry: in_(30_000), expire: in_(60_000) } },
  { name: 'rejected', memory: bound, by: 'backup', timers: { retry: in_(30_000), expire: in_(60_000) } },
  { name: 'held', memory: bound, timers: { start: in_(2000), expire: in_(60_000) } },
  { name: 'leaving', memory: bound, waitingFor: 'L1-4u', timers: { limit: in_(2000) } },
];

export const okAt = (at: Bound): Extract<RegisterOutcome, { result: 'ok' }> => {
  const outcome = {
    result: 'ok',
    bound: at,
    expiresS: 60,
    sentAt: NOW,
    listed: true,
    contacts: [at.contact],
    code: 200,
  };
  return outcome as Extract<RegisterOutcome, { result: 'ok' }>;
};

export const attempt = { attempt: 'L1-3', line: 1 };

/** One of each kind; the primary is the one that comes back. */
export const INPUTS: readonly RegistrationInput[] = [
  { kind: 'begin', delayMs: 0 },
  {
    kind: 'attempt-ended',
    ...attempt,
    outcome: okAt(PRIMARY),
    first: '',
    cause: null,
    openServers: [],
    begunAt: NOW,
    listWaitMs: 0,
    took: 0,
  },
  { kind: 'late-ok', ...attempt, action: 'return', outcome: okAt(PRIMARY), listWaitMs: 0 },
  { kind: 'stray-ok', line: 1 },
  { kind: 'server-closed', ...attempt, server: 'backup' },
  { kind: 'unregistered', attempt: 'L1-4u', line: 1, bound: BACKUP, ok: true, contacts: [] },
  { kind: 'pair-dead', pair: BACKUP.candidate.pair },
  { kind: 'pair-alive', pair: PRIMARY.candidate.pair, server: 'primary', blockedUntil: null },
  { kind: 'pair-home', pair: PRIMARY.candidate.pair, by: 'probe', better: true },
  { kind: 'link', state: 'down' },
  { kind: 'hurry' },
  { kind: 'leave' },
  { kind: 'timer', timer: 'start' },
  { kind: 'timer', timer: 'renew' },
  { kind: 'timer', timer: 'return' },
  { kind: 'timer', timer: 'expire' },
  { kind: 'timer', timer: 'retry' },
  { kind: 'timer', timer: 'limit' },
];

const textOf = (output: RegistrationOutput): string => {
  if (output.to === 'phone') return output.kind;
  if (output.to === 'world') return output.event.event === 'registration' ? output.event.state : output.event.event;
  return output.command.kind === 'register' ? `register ${output.command.reason}` : output.command.kind;
};

export const stepAt = (
  before: RegistrationState,
  input: RegistrationInput,
  over: Partial<RetryPolicy> = {},
): RegistrationStep =>
  stepRegistration(before, input, {
    now: NOW,
    random: createRandom(seedFrom(1)),
    turn: () => 0,
    inCall: false,
    policy: { ...POLICY, ...over },
  });

/** What a step did, in the words of the grid; empty where nothing happened. */
export function told(before: RegistrationState, input: RegistrationInput, over: Partial<RetryPolicy> = {}): string {
  const step = stepAt(before, input, over);
  const out = step.out.map(textOf).join(', ');
  if (step.state === null) return `ended: ${out}`;
  if (step.state.name !== before.name) return `${step.state.name}: ${out}`;
  if (out !== '') return out;
  const timers = Object.keys(step.state.timers).join();
  if (before.name === 'held' && input.kind === 'link' && timers === 'expire') return 'no timer but expiry';
  return timers.includes('return') ? 'return planned' : '';
}

/** The state of this name, as in the grid. */
export const stateOf = <Name extends RegistrationState['name']>(
  name: Name,
): Extract<RegistrationState, { name: Name }> => {
  const found = STATES.find((state) => state.name === name) ?? assert.fail(name);
  return found as Extract<RegistrationState, { name: Name }>;
};
