/** Owns the steps that the cells of a subscription's table are made of: asking, refreshing, being in force, giving up, telling. Pure. */
import type { Held, SubscriptionMemory, SubscriptionOutput, SubscriptionState, SubscriptionStep } from './state.ts';

export const same = (state: SubscriptionState): SubscriptionStep => ({ state, out: [] });

/** What is held runs out by itself, whatever else is waited for. */
export const expiry = ({ held }: SubscriptionMemory): SubscriptionState['timers'] =>
  held === null ? {} : { expire: held.expiresAt };

export function ask(
  state: SubscriptionState,
  scope: 'all' | 'primary',
  reason: 'fresh' | 'renewal' | 'return',
): SubscriptionStep {
  const { memory } = state;
  const attempts = memory.attempts + 1;
  const attempt = `S${memory.id}-${attempts}`;
  const { id: subscription, line, watch, expiresS } = memory;
  const next = { ...memory, attempts };
  const asked = { attempt, memory: next, timers: expiry(next) };
  return {
    state: scope === 'all' ? { name: 'asking', reviving: false, ...asked } : { name: 'returning', ...asked },
    out: [{ to: 'stack', command: { kind: 'subscribe', subscription, attempt, line, watch, scope, expiresS, reason } }],
  };
}

export function refresh(state: SubscriptionState, { usage }: Held): SubscriptionStep {
  const { id: subscription, expiresS } = state.memory;
  return {
    state: { name: 'refreshing', memory: state.memory, timers: expiry(state.memory) },
    out: [{ to: 'stack', command: { kind: 'refresh', subscription, usage, expiresS } }],
  };
}

export const active = (memory: SubscriptionMemory): SubscriptionState => ({
  name: 'active',
  memory,
  timers: memory.held === null ? {} : { renew: memory.held.renewAt, expire: memory.held.expiresAt },
});

/** Only silence is left to wait for, and a server has just answered: this attempt ends, and another starts (rules 4, "all failed"). */
export const revived = (state: Extract<SubscriptionState, { name: 'asking' }>, pair: string): SubscriptionStep => ({
  state: { ...state, reviving: true },
  out: [{ to: 'stack', command: { kind: 'give-up', attempt: state.attempt, pair } }],
});

/** Another attempt that is under way has nothing left to do. */
export const stopped = (state: SubscriptionState, won: string): readonly SubscriptionOutput[] =>
  (state.name === 'asking' || state.name === 'returning') && state.attempt !== won
    ? [{ to: 'stack', command: { kind: 'abandon', attempt: state.attempt } }]
    : [];

/** A server that is left for a further one is dead: it is told nothing, and its notifications draw 481. */
export const given = (before: Held, now: Held): SubscriptionOutput => ({
  to: 'stack',
  command: { kind: before.rank < now.rank ? 'drop' : 'unsubscribe', usage: before.usage },
});

export function told(
  { line, watch, held }: SubscriptionMemory,
  state: 'pending' | 'active' | 'terminated' | 'failed',
  reason: string | null = null,
): SubscriptionOutput {
  return {
    to: 'world',
    event: {
      event: 'subscription',
      ...{ line: line.line, package: watch.event.split(';', 1)[0] ?? '', resource: watch.resource, state },
      ...(held === null ? {} : { server: held.server, target: held.target }),
      ...(reason === null ? {} : { reason }),
      callId: held?.callId ?? '',
    },
  };
}

export const LOST: SubscriptionOutput = { to: 'phone', kind: 'lost' };
