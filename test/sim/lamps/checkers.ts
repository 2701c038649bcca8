/** Checkers of lamps (rules 4 "subscriptions" and 6): they never lie, never outlive their subscription, are asked for at their pace. */
import assert from 'node:assert/strict';
import { endpointText } from '../../../firmware/kernel/target.ts';
import { cseqOf, expiresOf, headerValue } from '../../../firmware/sip/message/headers.ts';
import type { SubscriptionStatus } from '../../../firmware/status.ts';
import { branchOf, placeOf } from '../checkers/wire.ts';
import { peakOf } from '../crowd.ts';
import type { State, Subscriber } from '../notifier.ts';
import type { Checker, World } from '../world.ts';
import type { Answered } from './answers.ts';
import { answeredBy } from './answers.ts';
import type { LampPeer } from './lamp-peer.ts';

/** A server counts from when it answers, the phone from when that arrives: a NOTIFY may have been under way for its whole Timer F, ms. */
const UNDER_WAY_MS = 34_000;

/** Where nothing was told, looking more often tells nothing new, ms. */
const LOOK_EVERY_MS = 1000;

const LAMP_OF: Readonly<Record<State | 'unknown', string>> = {
  ...{ idle: 'off', ringing: 'fast-flash', busy: 'on', held: 'slow-flash', unknown: 'off' },
};

/** What one subscription was told last, and did not refuse. */
interface Told {
  readonly subscriber: Subscriber;
  readonly cseq: number;
  readonly tells: State;
}

/** What the notifiers have told and the phone has taken, by Call-ID and the place that they tell by: the model that lamps are held against. */
class Book {
  readonly #told = new Map<string, Told>();
  readonly #taken = new Set<string>();
  readonly #ended = new Set<string>();

  took({ notice }: Pick<Answered, 'notice'>): void {
    const { subscriber, branch, tells, ends, data } = notice;
    if (this.#taken.has(branch)) return;
    this.#taken.add(branch);
    const dialog = `${subscriber.callId} ${endpointText(subscriber.front)}`;
    const before = this.#told.get(dialog);
    const another = before !== undefined && before.subscriber.own !== subscriber.own;
    assert.ok(!another, `two dialogs of ${dialog} are taken: ${before?.subscriber.own} and ${subscriber.own}`);
    const cseq = Number(/^CSeq: (\d+)/m.exec(data)?.[1] ?? 0);
    assert.ok(cseq > (before?.cseq ?? 0), `a NOTIFY that is old is taken: ${cseq} of ${dialog}`);
    this.#told.set(dialog, { subscriber, cseq, tells });
    if (ends) this.#ended.add(dialog);
  }

  /** What the dialog of that Call-ID at that target has told; null = nothing, or it has ended. */
  of(callId: string, target: string): Told | null {
    const dialog = `${callId} ${target.replace(/^[a-z]+:(\S+).*$/, '$1')}`;
    return this.#ended.has(dialog) ? null : (this.#told.get(dialog) ?? null);
  }
}

/** The name of a subscription in events and below. */
export const keyOf = ({ line, resource, kind }: Pick<SubscriptionStatus, 'line' | 'resource' | 'kind'>): string =>
  `${line} ${kind === 'mwi' ? 'message-summary' : 'dialog'} ${resource}`;

/** A lamp never contradicts the last valid NOTIFY and never outlives its subscription; what nobody knows is dark and says so. */
export const lampsTellTheTruth =
  (peers: readonly LampPeer[]): Checker =>
  (world) => {
    const book = new Book();
    /** The Call-ID that each subscription says it is in force by. */
    const held = new Map<string, string>();
    const lit = new Map<string, string>();
    let lookAt = 0;

    function presenceOf(status: SubscriptionStatus): State | 'unknown' {
      const callId = held.get(keyOf(status));
      if (status.state !== 'active' && status.state !== 'pending') return 'unknown';
      assert.ok(callId !== undefined, `${keyOf(status)} is in force by no dialog`);
      const told = book.of(callId, status.target ?? '');
      assert.ok(told !== null, `${keyOf(status)} is in force, though ${callId} was told nothing or has ended`);
      const over = world.now - told.subscriber.expiresAt;
      assert.ok(over <= UNDER_WAY_MS, `${keyOf(status)} outlives its subscription by ${over} ms`);
      return told.tells;
    }

    function look(status: SubscriptionStatus): void {
      const truth = presenceOf(status);
      if (status.kind !== 'blf') return;
      assert.equal(status.presence ?? 'unknown', truth, `${keyOf(status)} contradicts its last NOTIFY`);
      const at = world.settings.keys.findIndex(({ value, line }) => value === status.resource && line === status.line);
      if (!isShown(world, at)) return;
      assert.equal(lit.get(`softkey${at + 1}`) ?? 'off', LAMP_OF[truth], `the lamp of ${keyOf(status)}`);
      const label = labelOf(world, at);
      assert.equal(label.endsWith('?'), truth === 'unknown', `the label of ${keyOf(status)} says ${label}`);
    }

    return {
      effect(effect) {
        const answered = effect.kind === 'reply' ? answeredBy(peers, effect.data) : null;
        if (answered === null) return;
        lookAt = world.now;
        if (answered.status < 300) book.took(answered);
      },
      event(event) {
        if (event.event === 'lamp') lit.set(event.name, event.state);
        if (event.event !== 'subscription') return;
        lookAt = world.now;
        const key = `${event.line} ${event.package} ${event.resource}`;
        if (event.state === 'active' || event.state === 'pending') held.set(key, event.callId);
      },
      settled() {
        if (world.now < lookAt || world.now === 0) return;
        lookAt = world.now + LOOK_EVERY_MS;
        for (const status of world.status().subscriptions) look(status);
      },
    };
  };

/** The first page has room for five keys, and shows them while nothing else is on. */
const isShown = (world: World, at: number): boolean => at >= 0 && at < 5 && world.lcd.length > 0;

const labelOf = ({ lcd }: World, at: number): string => ((lcd.at(-1) ?? '').match(/.{10}/g) ?? [])[at]?.trim() ?? '';

/** Attempts and refreshes of subscriptions that start in any second: 30 at most. */
export const subscribesArePaced: Checker = (world) => {
  const attempts = new Set<string>();
  const branches = new Set<string>();
  let starts: number[] = [];
  function start(): void {
    starts = [...starts.filter((at) => at > world.now - 1000), world.now];
    assert.ok(peakOf(starts) <= 30, `${starts.length} subscriptions are asked for within a second`);
  }
  return {
    event(event) {
      if (event.event !== 'attempt' && event.event !== 'connecting') return;
      // Over a connection it starts when that is asked for; what has waited for it leaves together.
      if (event.method !== 'SUBSCRIBE' || attempts.has(event.attempt)) return;
      attempts.add(event.attempt);
      start();
    },
    sent({ message }) {
      const inDialog = /;tag=/.test(headerValue(message, 'To') ?? '');
      if (message.method !== 'SUBSCRIBE' || !inDialog || expiresOf(message) === 0) return;
      // What repeats one that was challenged carries credentials.
      const repeats = /^Proxy-Authorization|^Authorization/im.test(message.headers.map(({ name }) => name).join('\n'));
      const isNew = !branches.has(branchOf(message));
      branches.add(branchOf(message));
      if (isNew && !repeats) start();
    },
  };
};

/**
 * CSeq of SUBSCRIBE rises (RFC 3261 12.2.1.1, rules 6): within a dialog with each request, and within an attempt, whose copies at
 * further servers have the number of the first, with each repeat that answers a challenge.
 */
export const subscribesAreNumbered: Checker = () => {
  const branches = new Set<string>();
  /** By Call-ID and dialog: the last number, and where it went. */
  const series = new Map<string, { readonly number: number; readonly places: ReadonlySet<string> }>();
  return {
    sent(wire) {
      const { message } = wire;
      const place = placeOf(wire);
      if (message.method !== 'SUBSCRIBE' || branches.has(branchOf(message))) return;
      branches.add(branchOf(message));
      const tag = /;tag=([^;]+)/.exec(headerValue(message, 'To') ?? '')?.[1] ?? '';
      const key = `${headerValue(message, 'Call-ID')} ${tag}`;
      const cseq = cseqOf(message);
      assert.ok(cseq.ok, 'a request has a CSeq');
      const { number } = cseq.value;
      const last = series.get(key);
      const copies = last?.number === number ? last.places : new Set<string>();
      assert.ok(number >= (last?.number ?? 0), `CSeq falls from ${last?.number} to ${number} in ${key}`);
      assert.ok(
        copies.size === 0 || (tag === '' && !copies.has(place)),
        `CSeq ${number} of ${key} stands in two requests`,
      );
      series.set(key, { number, places: new Set([...copies, place]) });
    },
  };
};

/** Where each subscription is in force, as the notifiers see it, by line, package and number. */
export function watchersOf(peers: readonly LampPeer[], now: number): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const peer of peers)
    for (const { subscribe, event, resource, expiresAt, front } of peer.subscribers) {
      if (expiresAt <= now) continue;
      const line = /line=(\d+)/.exec(headerValue(subscribe, 'Contact') ?? '')?.[1] ?? '';
      const key = `${line} ${event.replace(/;.*/, '')} ${resource}`;
      found.set(key, [...(found.get(key) ?? []), endpointText(front)]);
    }
  return found;
}
