/** The life of a subscription as a table: every state meets every input, and each cell is a decision (RFC 6665 4.1.2, 4.1.3; rules 3.2, 4). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { columnOf } from '../../firmware/kernel/machine.ts';
import { createRandom, seedFrom } from '../../firmware/kernel/random.ts';
import { after, millis } from '../../firmware/kernel/time.ts';
import type {
  Held,
  SubscriptionInput,
  SubscriptionOutput,
  SubscriptionState,
} from '../../firmware/subscription/state.ts';
import { newSubscription, stepSubscription, subscriptionTable } from '../../firmware/subscription/subscription.ts';
import { lineSettings } from '../support/settings.ts';

const NOW = millis(1_000_000);
const POLICY = {
  profile: 'modern',
  renewalMs: 15_000,
  probePeriodMs: 15_000,
  rejectedMs: 1_800_000,
  failedMs: null,
} as const;

const BACKUP: Held = {
  ...{ usage: 'N1', callId: 'c1', server: 'backup', target: 'udp:192.0.2.2:5060', rank: 10_000, state: 'active' },
  ...{ expiresAt: after(NOW, 60_000), renewAt: after(NOW, 30_000), since: millis(0) },
};
const WATCH = { event: 'dialog', resource: '2002', accept: 'application/dialog-info+xml', list: false };
const fresh = newSubscription('1', lineSettings(), WATCH, 3600);
const memory = { ...fresh.memory, held: BACKUP, attempts: 3 };
const timers = { expire: BACKUP.expiresAt };

/** Each on the backup. */
const STATES: readonly SubscriptionState[] = [
  { name: 'asking', attempt: 'S1-3', reviving: false, memory, timers },
  { name: 'returning', attempt: 'S1-3', memory, timers },
  { name: 'refreshing', memory, timers },
  { name: 'active', memory, timers: { ...timers, renew: BACKUP.renewAt } },
  { name: 'waiting', by: 'silence', memory, timers: { ...timers, retry: after(NOW, 20_000) } },
  { name: 'stopped', memory: { ...memory, held: null }, timers: {} },
  { name: 'cut', memory, timers },
];

const subscription = '1';
const INPUTS: readonly SubscriptionInput[] = [
  { kind: 'begin' },
  {
    ...{ kind: 'subscribed', subscription, attempt: 'S1-3', usage: 'N2', callId: 'c2', server: 'primary', rank: 0 },
    ...{ target: 'udp:192.0.2.1:5060', expiresAt: after(NOW, 3_600_000), listWaitMs: 1500, state: 'active' },
  },
  { kind: 'subscribe-failed', subscription, attempt: 'S1-3', failure: { result: 'failed', code: 503, retryAfterS: 0 } },
  { kind: 'refreshed', subscription, usage: 'N1', expiresAt: after(NOW, 600_000), listWaitMs: 0 },
  {
    ...{ kind: 'refresh-failed', subscription, usage: 'N1', gone: true, code: 481 },
    ...{ retryAfterS: null, noNetwork: false },
  },
  {
    ...{ kind: 'notification', subscription, usage: 'N1', state: 'terminated', reason: 'rejected' },
    ...{ retryAfterS: null, expiresAt: null, type: '', body: '' },
  },
  { kind: 'move', rank: 0 },
  { kind: 'hurry', who: 'person' },
  { kind: 'link', state: 'down' },
  { kind: 'leave' },
  { kind: 'timer', timer: 'renew' },
  { kind: 'timer', timer: 'expire' },
  { kind: 'timer', timer: 'retry' },
];

const textOf = (output: SubscriptionOutput): string => {
  if (output.to === 'world') return 'state' in output.event ? `tell ${String(output.event.state)}` : 'tell';
  if (output.to === 'phone') return output.kind;
  const { command } = output;
  return command.kind === 'subscribe' ? `subscribe ${command.scope}` : command.kind;
};

/** Where each leads (`null` = over) and what it does; an absent cell is the decision that nothing happens there. */
const CELLS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  asking: {
    subscribed: 'active: unsubscribe, tell active',
    'subscribe-failed': 'waiting: tell failed',
    refreshed: 'asking: ',
    hurry: 'asking: ',
    notification: 'asking: tell terminated, lost',
    link: 'cut: abandon',
    leave: 'null: abandon, unsubscribe, lost',
    'timer expire': 'asking: tell terminated, lost, drop',
  },
  returning: {
    subscribed: 'active: unsubscribe, tell active',
    'subscribe-failed': 'refreshing: refresh',
    refreshed: 'returning: ',
    notification: 'stopped: abandon, tell terminated, lost',
    move: 'returning: ',
    link: 'cut: abandon',
    leave: 'null: abandon, unsubscribe, lost',
    'timer expire': 'asking: abandon, tell terminated, lost, drop, subscribe all',
  },
  refreshing: {
    subscribed: 'active: unsubscribe, tell active',
    refreshed: 'active: ',
    'refresh-failed': 'asking: tell terminated, lost, subscribe all',
    notification: 'stopped: tell terminated, lost',
    move: 'returning: subscribe primary',
    leave: 'null: unsubscribe, lost',
    'timer expire': 'asking: tell terminated, lost, drop, subscribe all',
  },
  active: {
    subscribed: 'active: unsubscribe, tell active',
    refreshed: 'active: ',
    notification: 'stopped: tell terminated, lost',
    move: 'returning: subscribe primary',
    hurry: 'returning: subscribe primary',
    link: 'active: ',
    leave: 'null: unsubscribe, lost',
    'timer renew': 'returning: subscribe primary',
    'timer expire': 'asking: tell terminated, lost, drop, subscribe all',
  },
  waiting: {
    subscribed: 'active: unsubscribe, tell active',
    refreshed: 'waiting: ',
    notification: 'stopped: tell terminated, lost',
    move: 'returning: subscribe primary',
    hurry: 'asking: subscribe all',
    link: 'cut: ',
    leave: 'null: unsubscribe, lost',
    'timer retry': 'asking: subscribe all',
    'timer expire': 'waiting: tell terminated, lost, drop',
  },
  stopped: { subscribed: 'active: tell active', hurry: 'asking: subscribe all', leave: 'null: lost' },
  cut: {
    begin: 'asking: subscribe all',
    subscribed: 'active: unsubscribe, tell active',
    notification: 'stopped: tell terminated, lost',
    leave: 'null: unsubscribe, lost',
    'timer expire': 'cut: tell terminated, lost, drop',
    link: 'cut: ',
  },
};

describe('a subscription', () => {
  it('has a row for each state, and a decision for each of its cells', () => {
    for (const [row, cells] of Object.entries(subscriptionTable)) {
      assert.ok(
        STATES.some(({ name }) => name === row),
        row,
      );
      assert.deepEqual(Object.keys(cells).sort(), Object.keys(CELLS[row] ?? {}).sort(), row);
    }
  });

  for (const state of STATES)
    for (const input of INPUTS) {
      const cell = CELLS[state.name]?.[columnOf(input)] ?? `${state.name}: `;
      it(`${state.name}, ${columnOf(input)}: ${cell}`, () => {
        const step = stepSubscription(state, input, { now: NOW, random: createRandom(seedFrom(1)), policy: POLICY });
        assert.equal(`${step.state?.name ?? 'null'}: ${step.out.map(textOf).join(', ')}`, cell);
        for (const at of Object.values(step.state?.timers ?? {})) assert.ok(at >= NOW, 'a timer in the past');
      });
    }

  it('is renewed at the end less the renewal timer and the waits of the list, but not before half of its time', () => {
    const [asking, , , active] = STATES as [SubscriptionState, never, never, SubscriptionState];
    const cx = { now: NOW, random: createRandom(seedFrom(1)), policy: POLICY };
    const long = stepSubscription(asking, INPUTS[1] as SubscriptionInput, cx);
    assert.equal(long.state?.timers['renew'], NOW + 3_600_000 - 15_000 - 1500);
    const short = { ...(INPUTS[3] as object), expiresAt: after(NOW, 20_000) } as SubscriptionInput;
    assert.equal(stepSubscription(active, short, cx).state?.timers['renew'], NOW + 10_000);
  });

  it('whose refresh met no network keeps its dialog, and is refreshed again two seconds later', () => {
    const refreshing = STATES.find(({ name }) => name === 'refreshing') ?? assert.fail();
    const unsent = { ...(INPUTS[4] as object), gone: false, code: null, noNetwork: true } as SubscriptionInput;
    const cx = { now: NOW, random: createRandom(seedFrom(1)), policy: POLICY };
    const { state, out } = stepSubscription(refreshing, unsent, cx);
    assert.deepEqual([state?.name, state?.timers, out], ['active', { ...timers, renew: NOW + 2000 }, []]);
  });

  it('whose attempt has nobody left but who is silent is asked for anew when a server answers again, and not after a refusal', () => {
    const [asking] = STATES as [SubscriptionState];
    const cx = { now: NOW, random: createRandom(seedFrom(1)), policy: POLICY };
    const hurried = stepSubscription(asking, { kind: 'hurry', who: 'server', pair: 'p' }, cx);
    const command = { kind: 'give-up', attempt: 'S1-3', pair: 'p' } as const;
    assert.deepEqual(hurried.out, [{ to: 'stack', command }]);
    const next = (failure: object): string => {
      const failed = { ...(INPUTS[2] as object), failure } as SubscriptionInput;
      const step = stepSubscription(hurried.state ?? assert.fail(), failed, cx);
      return `${step.state?.name}: ${step.out.map(textOf).join(', ')}`;
    };
    assert.equal(next({ result: 'failed', code: null, retryAfterS: 0 }), 'asking: subscribe all');
    assert.equal(next({ result: 'failed', code: 408, retryAfterS: 60 }), 'waiting: tell failed');
    assert.equal(next({ result: 'rejected', code: 403, retryAfterS: null }), 'waiting: tell failed');
  });

  it('starts once a probe period because a server answers again, however often it does; for a person at once', () => {
    const random = createRandom(seedFrom(1));
    const waitingAt = (now: number, of: SubscriptionState): SubscriptionState => ({
      ...{ name: 'waiting', by: 'silence', memory: of.memory, timers: { retry: after(millis(now), 600_000) } },
    });
    const hurried = (now: number, of: SubscriptionState, who: object = { who: 'server', pair: 'p' }) =>
      stepSubscription(waitingAt(now, of), { kind: 'hurry', ...who } as SubscriptionInput, {
        ...{ now: millis(now), random, policy: POLICY },
      });
    const once = hurried(NOW, { ...fresh, memory: { ...fresh.memory, held: null } });
    assert.deepEqual(once.out.map(textOf), ['subscribe all']);
    const again = hurried(NOW + 5000, once.state ?? assert.fail());
    assert.deepEqual([again.out.length, again.state?.timers['retry']], [0, NOW + 15_000]);
    const thrice = hurried(NOW + 10_000, again.state ?? assert.fail());
    assert.equal(thrice.state?.timers['retry'], NOW + 15_000, 'the one that is planned stands');
    const person = hurried(NOW + 10_000, again.state ?? assert.fail(), { who: 'person' });
    assert.deepEqual(person.out.map(textOf), ['subscribe all']);
    const later = hurried(NOW + 30_000, again.state ?? assert.fail());
    assert.deepEqual(later.out.map(textOf), ['subscribe all']);
  });

  it('a failed attempt is followed by the back-off of RFC 5626, by a refusal after its own time', () => {
    const [asking] = STATES as [SubscriptionState];
    const cx = { now: NOW, random: createRandom(seedFrom(1)), policy: POLICY };
    const failed = stepSubscription(asking, INPUTS[2] as SubscriptionInput, cx).state?.timers['retry'] ?? 0;
    assert.ok(failed - NOW >= 15_000 && failed - NOW <= 30_000, String(failed - NOW));
    const rejected = {
      ...(INPUTS[2] as object),
      failure: { result: 'rejected', code: 403, retryAfterS: 2000 },
    } as SubscriptionInput;
    assert.equal(stepSubscription(asking, rejected, cx).state?.timers['retry'], NOW + 2_000_000);
  });
});
