/** Owns what becomes of a subscription when the link goes and comes back (rules 4, "Link down"). Pure. */
import { after, soonest } from '../kernel/time.ts';
import type { SubscriptionContext, SubscriptionInput, SubscriptionState, SubscriptionStep } from './state.ts';
import { expiry, same, stopped } from './steps.ts';

type In<N extends SubscriptionState['name']> = Extract<SubscriptionState, { name: N }>;

/** Rules 4, "Link down". */
const LINK_UP_JITTER_MS = 1000;

export function onLink(
  state: In<'asking' | 'returning' | 'waiting'>,
  input: Extract<SubscriptionInput, { kind: 'link' }>,
  _cx: SubscriptionContext,
): SubscriptionStep {
  if (input.state === 'up') return same(state);
  return { state: { name: 'cut', memory: state.memory, timers: expiry(state.memory) }, out: stopped(state, '') };
}

export function onLinkUp(
  state: In<'cut'>,
  input: Extract<SubscriptionInput, { kind: 'link' }>,
  cx: SubscriptionContext,
): SubscriptionStep {
  if (input.state === 'down') return same(state);
  const retry = after(cx.now, cx.random.between(0, LINK_UP_JITTER_MS));
  return { state: { ...state, name: 'waiting', by: 'silence', timers: { ...expiry(state.memory), retry } }, out: [] };
}

/** What was told while the link was down is lost, and the phone's address may have changed: a refresh draws the whole anew (RFC 6665 4.1.2.2). */
export function onLinkUpActive(
  state: In<'active'>,
  input: Extract<SubscriptionInput, { kind: 'link' }>,
  cx: SubscriptionContext,
): SubscriptionStep {
  if (input.state === 'down') return same(state);
  const soon = after(cx.now, cx.random.between(0, LINK_UP_JITTER_MS));
  const renew = soonest(state.timers['renew'] ?? null, soon) ?? soon;
  return same({ ...state, timers: { ...state.timers, renew } });
}
