/** Owns what a lost link means to a line: nothing in flight counts, bindings stay, and it registers again by itself (rules 4). */
import type { Millis } from '../kernel/time.ts';
import type {
  RegistrationContext as Cx,
  RegistrationOutput,
  RegistrationState,
  RegistrationStep,
  TryReason,
} from './state.ts';
import { expiryOf, world } from './state.ts';
import { noNetworkWait } from './waits.ts';

export function onLink(state: RegistrationState, input: { readonly state: 'up' | 'down' }): RegistrationStep {
  return input.state === 'down' ? hold(state, null) : { state, out: [] };
}

/** The link is down: what is in flight ends without mark; the binding stays until it runs out. `poll` = ask again then. */
export function hold(state: RegistrationState, poll: Millis | null): RegistrationStep {
  const cancel: RegistrationOutput[] =
    state.name === 'trying' ? [{ to: 'stack', command: { kind: 'cancel', attempt: state.attempt } }] : [];
  const timers = { ...(poll === null ? {} : { start: poll }), ...expiryOf(state.memory) };
  const held: RegistrationState = { name: 'held', memory: state.memory, timers };
  return { state: held, out: [...cancel, world(state, { state: 'waiting' })] };
}

/** No link event came, but nothing can be sent: the attempt is repeated soon, and costs no back-off step. */
export function onNoNetwork(state: Extract<RegistrationState, { name: 'trying' }>, cx: Cx): RegistrationStep {
  const networkTries = state.memory.networkTries + 1;
  const poll = (cx.now + noNetworkWait(networkTries)) as Millis;
  return hold({ ...state, memory: { ...state.memory, networkTries } }, poll);
}

/** The link is back: the address may have changed under the binding, so it is renewed, jittered (rules 4, "Link down"). */
export function release(state: Extract<RegistrationState, { name: 'held' }>, cx: Cx): RegistrationStep {
  const start = (cx.now + cx.random.between(0, cx.policy.linkJitterMs)) as Millis;
  const reason: TryReason = state.memory.binding === null ? 'fresh' : 'renewal';
  return {
    state: { name: 'delayed', memory: state.memory, reason, timers: { start, ...expiryOf(state.memory) } },
    out: [],
  };
}
