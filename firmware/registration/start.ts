/** Owns the start of an attempt: paced, numbered, and told to SIP (rules 3.2 and 6). */
import type {
  RegistrationContext as Cx,
  Memory,
  RegistrationOutput,
  RegistrationState,
  RegistrationStep,
  TryReason,
} from './state.ts';
import { expiryOf, world } from './state.ts';
import { pace } from './waits.ts';

/** Starts an attempt, at most one a second and line (rules 6). */
export function tryNow(state: RegistrationState, reason: TryReason, cx: Cx): RegistrationStep {
  const { memory } = state;
  const start = pace(memory.lastAttemptAt, cx.now);
  if (start > cx.now)
    return { state: { name: 'delayed', memory, reason, timers: { start, ...expiryOf(memory) } }, out: [] };
  const attempt = `L${memory.line.line}-${memory.attempts + 1}`;
  const next: Memory = { ...memory, attempts: memory.attempts + 1, lastAttemptAt: cx.now };
  const out: RegistrationOutput[] = [
    { to: 'stack', command: { kind: 'register', attempt, line: memory.line, reason } },
  ];
  return {
    state: { name: 'trying', memory: next, attempt, startedAt: cx.now, reviving: false, timers: expiryOf(memory) },
    out: memory.binding === null ? [world(state, { state: 'trying' }), ...out] : out,
  };
}
