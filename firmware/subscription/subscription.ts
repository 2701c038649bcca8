/**
 * Owns one subscription over its life: made, refreshed, moved, refused, ended by the server, brought home (RFC 6665 4.1.2, 4.1.3; rules
 * 3.2 and 4). Where its requests go is decided below; what its notifications mean, beside it.
 */
import type { LineSettings } from '../config/settings.ts';
import type { Table } from '../kernel/machine.ts';
import { stepTable } from '../kernel/machine.ts';
import { after, millis, soonest } from '../kernel/time.ts';
import type { SubscribeReport, Watch } from '../sip/subscription-vocabulary.ts';
import { onLink, onLinkUp, onLinkUpActive } from './link.ts';
import type {
  Held,
  SubscriptionContext,
  SubscriptionInput,
  SubscriptionMemory,
  SubscriptionOutput,
  SubscriptionState,
  SubscriptionStep,
} from './state.ts';
import { active, ask, expiry, given, LOST, refresh, revived, same, stopped, told } from './steps.ts';
import { afterEnd, afterFailure, afterGone, NO_NETWORK_MS, renewAtOf } from './waits.ts';

type Reported<K extends SubscribeReport['kind']> = Extract<SubscribeReport, { kind: K }>;
type In<N extends SubscriptionState['name']> = Extract<SubscriptionState, { name: N }>;
type Context = SubscriptionContext;

/** What every state does alike. */
const ANYWHERE = {
  subscribed: adopt,
  notification: onNotification,
  leave: onLeave,
  'timer expire': onExpired,
} as const;

export const subscriptionTable: Table<SubscriptionState, SubscriptionInput, Context, SubscriptionOutput> = {
  asking: {
    ...ANYWHERE,
    'subscribe-failed': onFailed,
    refreshed: noteRefreshed,
    hurry: (state, input) => (input.who === 'server' ? revived(state, input.pair) : same(state)),
    link: onLink,
  },
  returning: { ...ANYWHERE, 'subscribe-failed': onNotHome, refreshed: noteRefreshed, link: onLink, move: onMove },
  refreshing: { ...ANYWHERE, refreshed: onRefreshed, 'refresh-failed': onNotRefreshed, move: onMove },
  active: {
    ...ANYWHERE,
    refreshed: onRefreshed,
    'timer renew': onRenew,
    move: onMove,
    hurry: onHurryActive,
    link: onLinkUpActive,
  },
  waiting: {
    ...ANYWHERE,
    refreshed: noteRefreshed,
    'timer retry': askAll,
    hurry: onHurryWaiting,
    move: onMove,
    link: onLink,
  },
  stopped: {
    subscribed: adopt,
    leave: onLeave,
    hurry: (state, input, cx) => (input.who === 'person' ? askAll(state, input, cx) : same(state)),
  },
  cut: { ...ANYWHERE, begin: askAll, link: onLinkUp },
};

export const stepSubscription = (
  state: SubscriptionState,
  input: SubscriptionInput,
  context: Context,
): SubscriptionStep => stepTable(subscriptionTable, state, input, context);

/** A subscription that has asked nobody yet: it begins with `begin`. */
export const newSubscription = (id: string, line: LineSettings, watch: Watch, expiresS: number): SubscriptionState => ({
  name: 'cut',
  timers: {},
  memory: {
    id,
    line,
    watch,
    expiresS,
    held: null,
    attempts: 0,
    failures: 0,
    revivedAt: null,
    code: null,
    reason: null,
  },
});

function askAll(state: SubscriptionState, _input: unknown, _cx: Context): SubscriptionStep {
  return ask(state, 'all', state.memory.held === null ? 'fresh' : 'renewal');
}

/** Served by the backup, the primary is asked first, afresh; else the dialog is refreshed (rules 3.2). */
function onRenew(state: In<'active'>, _input: unknown, _cx: Context): SubscriptionStep {
  const { held } = state.memory;
  if (held === null) return ask(state, 'all', 'fresh');
  return held.server === 'backup' ? ask(state, 'primary', 'renewal') : refresh(state, held);
}

/** In force at a server, with its first NOTIFY; only now what was held before is given up (rules 3.2). */
function adopt(state: SubscriptionState, input: Reported<'subscribed'>, cx: Context): SubscriptionStep {
  const { memory } = state;
  const before = memory.held;
  const { usage, callId, server, target, rank, expiresAt } = input;
  const held: Held = {
    ...{ usage, callId, server, target, rank, expiresAt, state: input.state },
    renewAt: renewAtOf(expiresAt, input.listWaitMs, cx),
    since: before?.target === target ? before.since : cx.now,
  };
  const next = { ...memory, held, failures: 0, code: null, reason: null };
  return {
    state: active(next),
    out: [...stopped(state, input.attempt), ...(before === null ? [] : [given(before, held)]), told(next, input.state)],
  };
}

function onFailed(state: In<'asking'>, input: Reported<'subscribe-failed'>, cx: Context): SubscriptionStep {
  if (input.attempt !== state.attempt) return same(state);
  const { failure } = input;
  const code = 'code' in failure ? failure.code : null;
  const reason = failure.result === 'terminated' ? failure.reason : failure.result;
  const memory = { ...state.memory, failures: state.memory.failures + 1, code, reason };
  const wait = afterFailure(failure, memory, cx);
  const out = [told(memory, 'failed', reason)];
  if (wait === 'never' && memory.held === null)
    return { state: { name: 'stopped', memory, timers: {} }, out: [...out, LOST] };
  // What is held holds until it runs out, though nobody renews it (RFC 6665 4.1.2.2).
  if (wait === 'never') return { state: { name: 'waiting', by: 'answer', memory, timers: expiry(memory) }, out };
  const by = failure.result === 'failed' || failure.result === 'no-network' ? 'silence' : 'answer';
  const waiting = { name: 'waiting', by, memory, timers: { ...expiry(memory), retry: after(cx.now, wait) } } as const;
  const revives = state.reviving && failure.result === 'failed' && failure.retryAfterS === 0;
  if (!revives) return { state: waiting, out };
  const step = revive(waiting, cx);
  return step.state?.name === 'waiting' ? { ...step, out } : step;
}

/** A server is back: the attempt starts at once, but not sooner than a probe period after the last such start (rules 4, "all failed"). */
function revive(state: In<'waiting'>, cx: Context): SubscriptionStep {
  const { revivedAt } = state.memory;
  // One that is planned already stands.
  const pauseMs = revivedAt === null || revivedAt > cx.now ? 0 : cx.policy.probePeriodMs;
  const earliest = millis(Math.max(cx.now, (revivedAt ?? cx.now) + pauseMs));
  const memory = { ...state.memory, revivedAt: earliest };
  if (earliest <= cx.now) return askAll({ ...state, memory }, null, cx);
  const retry = soonest(state.timers['retry'] ?? null, earliest) ?? earliest;
  return same({ ...state, memory, timers: { ...state.timers, retry } });
}

/** The primary did not take it: the backup's dialog is refreshed at once, and the primary asked again next time (rules 3.2). */
function onNotHome(state: In<'returning'>, input: Reported<'subscribe-failed'>, _cx: Context): SubscriptionStep {
  const { held } = state.memory;
  if (input.attempt !== state.attempt) return same(state);
  return held === null ? ask(state, 'all', 'fresh') : refresh(state, held);
}

function withExpiry(memory: SubscriptionMemory, input: Reported<'refreshed'>, cx: Context): SubscriptionMemory {
  const { held } = memory;
  if (held === null || held.usage !== input.usage) return memory;
  const renewAt = renewAtOf(input.expiresAt, input.listWaitMs, cx);
  return { ...memory, held: { ...held, expiresAt: input.expiresAt, renewAt } };
}

function onRefreshed(state: In<'refreshing' | 'active'>, input: Reported<'refreshed'>, cx: Context): SubscriptionStep {
  if (state.memory.held?.usage !== input.usage) return same(state);
  return { state: active({ ...withExpiry(state.memory, input, cx), failures: 0, code: null }), out: [] };
}

/** A late answer to a refresh: the dialog holds longer; what was begun meanwhile goes on. */
function noteRefreshed(state: SubscriptionState, input: Reported<'refreshed'>, cx: Context): SubscriptionStep {
  const memory = withExpiry(state.memory, input, cx);
  return { state: { ...state, memory, timers: { ...state.timers, ...expiry(memory) } }, out: [] };
}

/** RFC 6665 4.1.2.2: gone, or in force until it runs out. Either way a fresh attempt begins at once (rules 3.2). */
function onNotRefreshed(state: In<'refreshing'>, input: Reported<'refresh-failed'>, cx: Context): SubscriptionStep {
  const { held } = state.memory;
  if (held?.usage !== input.usage) return same(state);
  // Nothing is known of the server: its dialog stays, and is refreshed when sends may find a network (rules 4, "Link down").
  if (input.noNetwork)
    return { state: active({ ...state.memory, held: { ...held, renewAt: after(cx.now, NO_NETWORK_MS) } }), out: [] };
  if (!input.gone) return ask(state, 'all', 'renewal');
  const memory = { ...state.memory, held: null, code: input.code };
  const lost = [told(state.memory, 'terminated', String(input.code ?? '')), LOST];
  const wait = afterGone(input.code, input.retryAfterS);
  if (wait > 0)
    return { state: { name: 'waiting', by: 'answer', memory, timers: { retry: after(cx.now, wait) } }, out: lost };
  const fresh = ask({ ...state, memory }, 'all', 'fresh');
  return { state: fresh.state, out: [...lost, ...fresh.out] };
}

function onNotification(state: SubscriptionState, input: Reported<'notification'>, cx: Context): SubscriptionStep {
  const { held } = state.memory;
  if (held === null || held.usage !== input.usage) return same(state);
  if (input.state === 'terminated') return onEnded(state, input, cx);
  const expiresAt = input.expiresAt ?? held.expiresAt;
  // What the notifier says of the time that is left counts; a shorter one brings the renewal forward (RFC 6665 4.1.2.1).
  const renewAt = expiresAt < held.expiresAt ? renewAtOf(expiresAt, 0, cx) : held.renewAt;
  const memory = { ...state.memory, held: { ...held, expiresAt, renewAt, state: input.state } };
  const out = held.state === input.state ? [] : [told(memory, input.state)];
  const timers = state.name === 'active' ? active(memory).timers : { ...state.timers, ...expiry(memory) };
  return { state: { ...state, memory, timers }, out };
}

/** The server has ended it; the reason says when it may be asked for again (RFC 6665 4.1.3). */
function onEnded(state: SubscriptionState, input: Reported<'notification'>, cx: Context): SubscriptionStep {
  const { held } = state.memory;
  const lost = [told(state.memory, 'terminated', input.reason), LOST];
  const memory = { ...state.memory, held: null, reason: input.reason };
  // An attempt that is under way goes on: it asks for a new one.
  if (state.name === 'asking') return { state: { ...state, memory, timers: {} }, out: lost };
  return anew({ ...state, memory }, input, held, [...stopped(state, ''), ...lost], cx);
}

/** A fresh attempt as soon as its end allows. */
function anew(
  state: SubscriptionState,
  end: Parameters<typeof afterEnd>[0],
  held: Held | null,
  out: readonly SubscriptionOutput[],
  cx: Context,
): SubscriptionStep {
  const { memory } = state;
  const lived = held === null ? 0 : cx.now - held.since;
  const wait = afterEnd(end, { lived, failures: memory.failures }, cx);
  if (wait === 'never') return { state: { name: 'stopped', memory, timers: {} }, out };
  const failures = wait === 0 ? memory.failures : memory.failures + 1;
  const next = { ...memory, failures };
  if (wait > 0)
    return { state: { name: 'waiting', by: 'answer', memory: next, timers: { retry: after(cx.now, wait) } }, out };
  const fresh = ask({ ...state, memory: next }, 'all', 'fresh');
  return { state: fresh.state, out: [...out, ...fresh.out] };
}

/** As if the server had said so: one that was granted no time is not chased. */
const RAN_OUT = { reason: 'timeout', retryAfterS: null };

/** Nobody has renewed it in time: what it said holds no more. */
function onExpired(state: SubscriptionState, _input: unknown, cx: Context): SubscriptionStep {
  const { held } = state.memory;
  if (held === null) return same(state);
  const memory = { ...state.memory, held: null };
  const out: SubscriptionOutput[] = [
    told(state.memory, 'terminated', 'expired'),
    LOST,
    { to: 'stack', command: { kind: 'drop', usage: held.usage } },
  ];
  if (state.name === 'waiting' && state.timers['retry'] === undefined)
    return { state: { name: 'stopped', memory, timers: {} }, out };
  if (state.name === 'asking' || state.name === 'waiting' || state.name === 'cut')
    return { state: { ...state, memory }, out };
  return anew({ ...state, memory }, RAN_OUT, held, [...stopped(state, ''), ...out], cx);
}

/** One attempt, at once: the line's proxy has changed, or what serves it is dead (rules 4). */
function onMove(
  state: In<'active' | 'refreshing' | 'returning' | 'waiting'>,
  { rank }: Extract<SubscriptionInput, { kind: 'move' }>,
  _cx: Context,
): SubscriptionStep {
  const { held } = state.memory;
  if (rank !== null && held?.rank === rank) return same(state);
  // Home is where the backup's dialog lives on until the primary has taken it.
  const home = rank !== null && held?.server === 'backup' && rank < held.rank;
  if (home && state.name === 'returning') return same(state);
  const step = home ? ask(state, 'primary', 'return') : ask(state, 'all', held === null ? 'fresh' : 'renewal');
  return { state: step.state, out: [...stopped(state, ''), ...step.out] };
}

function onHurryActive(
  state: In<'active'>,
  input: { readonly who: 'server' | 'person' },
  cx: Context,
): SubscriptionStep {
  return input.who === 'person' ? onRenew(state, input, cx) : same(state);
}

function onHurryWaiting(
  state: In<'waiting'>,
  input: { readonly who: 'server' | 'person' },
  cx: Context,
): SubscriptionStep {
  if (input.who === 'person') return askAll(state, input, cx);
  return state.by === 'silence' ? revive(state, cx) : same(state);
}

function onLeave(state: SubscriptionState, _input: unknown, _cx: Context): SubscriptionStep {
  const { held } = state.memory;
  const end: readonly SubscriptionOutput[] =
    held === null ? [] : [{ to: 'stack', command: { kind: 'unsubscribe', usage: held.usage } }];
  return { state: null, out: [...stopped(state, ''), ...end, LOST] };
}
