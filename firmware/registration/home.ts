/** Owns the way home by probe: when a registration leaves the backup though its renewal is not due (rules 4, "the way home"). Pure. */

import type { Millis } from '../kernel/time.ts';
import { tryNow } from './start.ts';
import type { RegistrationContext, RegistrationInput, RegistrationState, RegistrationStep } from './state.ts';

/** The way home, by probe: jittered, never during a call nor while a return is planned already (rules 4, "the way home"). */
export function onHome(
  state: Extract<RegistrationState, { name: 'registered' }>,
  input: Extract<RegistrationInput, { kind: 'pair-home' }>,
  cx: RegistrationContext,
): RegistrationStep {
  if (!input.better || cx.inCall || state.timers.return !== undefined) return { state, out: [] };
  const at = (cx.now + cx.turn(cx.policy.jitterMs)) as Millis;
  return { state: { ...state, timers: { ...state.timers, return: at } }, out: [] };
}

/** A call that began meanwhile comes first: probes tell again that home is there. */
export function onReturn(
  state: Extract<RegistrationState, { name: 'registered' }>,
  _input: unknown,
  cx: RegistrationContext,
): RegistrationStep {
  if (!cx.inCall) return tryNow(state, 'return', cx);
  const { return: _planned, ...timers } = state.timers;
  return { state: { ...state, timers }, out: [] };
}
