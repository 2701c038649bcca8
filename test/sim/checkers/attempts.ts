/** Checkers of attempts (rules 3.1 and 6): each ends once, begins at the primary, and keeps to its rates. */
import assert from 'node:assert/strict';
import { RING_LIMIT_MS } from '../../../firmware/config/defaults.ts';
import type { PhoneEvent } from '../../../firmware/events.ts';
import { endpointText, isStream, targetText } from '../../../firmware/kernel/target.ts';
import { serverUri } from '../../../firmware/sip/agent.ts';
import { headerValue } from '../../../firmware/sip/message/headers.ts';
import type { SipRequest, SipResponse } from '../../../firmware/sip/message/message.ts';
import type { FailureCause, ServerName } from '../../../firmware/status.ts';
import type { Effect } from '../../../firmware/vocabulary.ts';
import type { Wire } from '../trace.ts';
import type { Checker, World } from '../world.ts';
import { branchOf, placeOf } from './wire.ts';

type Begun = Extract<PhoneEvent, { event: 'attempt' | 'connecting' }>;

/** The removal of a binding is no attempt in the sense of the rules: it has one target. */
const isRemoval = ({ attempt }: { readonly attempt: string }): boolean => /u[bp]?$/.test(attempt);

/** What the walk has chosen is told when it is sent, or before, while its connection opens. */
const isBegun = (event: PhoneEvent): event is Begun =>
  (event.event === 'attempt' || event.event === 'connecting') && !isRemoval(event);

const targetsOf = (world: World, line: number): readonly string[] => {
  const { lists } = world.registrar(line);
  return [...lists.primary, ...lists.backup];
};

const copyOf = ({ attempt, server, target }: Begun): string => `${attempt} ${server} ${target}`;

/** Every attempt ends once; afterwards a late challenge is answered in its name, and what was connecting leaves, nothing else. */
export const attemptsEndOnce: Checker = (world) => {
  const open = new Map<string, { readonly line: number; readonly since: number; readonly ringsMs: number }>();
  const ended = new Set<string>();
  const connecting = new Set<string>();
  const long = 64 * world.settings.timers.t1Ms;
  return {
    event(event) {
      if (isBegun(event)) {
        const isNew = !open.has(event.attempt) && !ended.has(event.attempt);
        // A person is given time to answer (rules 3.7).
        const ringsMs = event.method === 'INVITE' ? RING_LIMIT_MS : 0;
        if (isNew) open.set(event.attempt, { line: event.line, since: world.now, ringsMs });
        if (event.event === 'connecting') connecting.add(copyOf(event));
        else if (ended.has(event.attempt) && !connecting.has(copyOf(event)))
          assert.equal(event.reason, 'challenge', `${event.attempt} goes on after its end`);
      }
      if (event.event !== 'attempt-ended' || isRemoval(event)) return;
      assert.ok(!ended.has(event.attempt), `${event.attempt} ends twice`);
      ended.add(event.attempt);
      open.delete(event.attempt);
    },
    settled() {
      for (const [id, { line, since, ringsMs }] of open) {
        const limit = ringsMs + 5 * long + 8000 * (1 + targetsOf(world, line).length);
        assert.ok(world.now - since <= limit, `${id} has not ended after ${world.now - since} ms`);
      }
    },
  };
};

/** Where a packet of this line for that server goes, in the words of the wire. */
function placeIn(world: World, line: number, server: ServerName, target: string): string {
  const setting = world.settings.lines.find((candidate) => candidate.line === line)?.registrar[server];
  return `${target} for ${setting == null ? '' : serverUri(setting)}`;
}

/**
 * What may be left out: a place with a running Retry-After of a 503, in `r2.1` a target on the blacklist, and one that was tried
 * although nothing could be sent, for no connection to it came about.
 */
class ClosedPlaces {
  readonly #world: World;
  readonly #sent = new Map<string, { readonly place: string; readonly at: number; readonly inCall: boolean }>();
  /** For whom a branch is, where its attempt says so: the Request-URI of a call may name anybody. */
  readonly #asked = new Map<string, string>();
  readonly #retryAfter = new Map<string, number>();
  /** INVITEs that have been heard of: nothing but the user and the ring timer ends those (rules 3.7). */
  readonly #rung = new Set<string>();
  readonly #silent = new Map<string, number>();
  readonly #spoke = new Map<string, number>();
  readonly #resetAt = new Map<string, number>();
  #unpluggedAt = Number.NEGATIVE_INFINITY;

  constructor(world: World) {
    this.#world = world;
  }

  begun({ branch, line, server, target }: Extract<PhoneEvent, { event: 'attempt' }>): void {
    this.#asked.set(branch, placeIn(this.#world, line, server, target));
  }

  sent(wire: Wire<SipRequest>): void {
    const branch = branchOf(wire.message);
    // Inside a dialog the far side is asked for: without a hop in front its target is the place, whoever is named.
    const inDialog = /;tag=/.test(headerValue(wire.message, 'To') ?? '');
    const place = this.#asked.get(branch) ?? (inDialog ? wire.flow : placeOf(wire));
    const inCall = inDialog && wire.message.method !== 'SUBSCRIBE';
    // What broke with its connection before any answer is sent once more on a new one (rules 4), and may be answered there.
    const at = this.#sent.get(branch)?.at ?? Number.NEGATIVE_INFINITY;
    if (at <= (this.#resetAt.get(wire.flow) ?? -1)) this.#sent.set(branch, { place, at: wire.at, inCall });
  }

  answered({ flow, message }: Wire<SipResponse>): void {
    const after = headerValue(message, 'Retry-After');
    const request = this.#sent.get(branchOf(message));
    const { now, settings } = this.#world;
    // What comes after Timer F changes no state (rules 3.6).
    const isLate = request !== undefined && now - request.at >= 64 * settings.timers.t1Ms;
    if (request === undefined || (isLate && !this.#rung.has(branchOf(message)))) return;
    if (message.status < 200) this.#rung.add(branchOf(message));
    if (request.at <= Math.max(this.#unpluggedAt, this.#resetAt.get(flow) ?? -1)) return;
    // Silence lists every place of its hop; an answer that comes late ends it for its own place alone.
    if (message.status !== 503) this.#spoke.set(request.place, now);
    // In a call the far side is asked: what it wishes closes no server.
    if (message.status !== 503 || after === null || settings.failover.profile === 'r2.0' || request.inCall) return;
    this.#retryAfter.set(request.place, now + Math.min(Number.parseInt(after, 10), 300) * 1000);
  }

  /** Without a network its transactions end: what comes on a connection that outlived the outage changes nothing. */
  cancelled(branches: Iterable<string>): void {
    for (const branch of branches) this.#sent.delete(branch);
  }

  /** A lost link ends all transactions: their late answers change nothing either. */
  looked(): void {
    if (this.#world.net.link === 'down') this.#unpluggedAt = this.#world.now;
  }

  failed(target: string, cause: FailureCause): void {
    this.#silent.set(target, this.#world.now);
    // A transport error ends the transactions of its target: their late answers change nothing. A connection that cannot be made
    // leaves those of an older one alone.
    const isEnd = target.startsWith('udp:') ? cause !== 'no-answer' : cause === 'reset';
    if (isEnd) this.#resetAt.set(target, this.#world.now);
  }

  isClosed(line: number, server: ServerName, target: string): boolean {
    const place = placeIn(this.#world, line, server, target);
    const until = Math.max(this.#retryAfter.get(place) ?? 0, this.#retryAfter.get(target) ?? 0);
    return until > this.#world.now || this.#isListed(place, target);
  }

  /** Listed, though it has answered inside a dialog since: whether that counts depends on what the phone still waited for there. */
  isUnsure(target: string): boolean {
    const since = this.#silent.get(target);
    return since !== undefined && (this.#spoke.get(target) ?? -1) > since;
  }

  #isListed(place: string, target: string): boolean {
    const { failover, timers } = this.#world.settings;
    const since = this.#silent.get(target);
    if (failover.profile !== 'r2.1' || since === undefined || (this.#spoke.get(place) ?? -1) > since) return false;
    return since + timers.blacklistS * 1000 > this.#world.now;
  }
}

interface Place {
  readonly server: ServerName;
  readonly target: string;
}

/** The places of an attempt in order: through each outbound proxy first the primary, then the backup (rules 2). */
function walkOf(world: World, line: number): readonly Place[] {
  const { lists } = world.registrar(line);
  const servers = ['primary', 'backup'] as const;
  const places = servers.flatMap((server) => lists[server].map((target) => ({ server, target })));
  const outbound = world.settings.lines.find((candidate) => candidate.line === line)?.outboundProxy;
  const hops = [outbound?.primary, outbound?.backup].filter((hop) => hop != null);
  if (hops.length === 0) return places;
  const usual = world.settings.transport === 4 ? 5061 : 5060;
  const texts = hops.map(({ name, port }) => endpointText({ address: name, port: port === 0 ? usual : port }));
  return texts.flatMap((hop) => places.filter(({ target }) => target.endsWith(`:${hop}`)));
}

/** The first send of every attempt goes to the first open target of the primary (rules 3.1 with its exceptions). */
export const primaryIsFirst: Checker = (world) => {
  const closed = new ClosedPlaces(world);
  const branches = new Map<string, Set<string>>();
  function begins({ attempt, line, server, target }: Begun): void {
    const places = walkOf(world, line);
    if (world.settings.failover.profile === 'r2.1' && places.some((place) => closed.isUnsure(place.target))) return;
    const first = places.find((place) => !closed.isClosed(line, place.server, place.target));
    // With every place closed the one that opens first is asked; which that is, its own tests say.
    if (first === undefined) return;
    assert.deepEqual({ server, target }, first, `${attempt} does not begin at the head of the walk`);
  }
  return {
    event(event) {
      if (event.event === 'target-failed' && event.cause !== 'code') closed.failed(event.target, event.cause);
      // Who hangs up still hears what the server says of itself.
      if (event.event === 'attempt-ended' && event.outcome === 'cancelled' && !world.net.usable)
        closed.cancelled(branches.get(event.attempt) ?? []);
      if (!isBegun(event)) return;
      const known = branches.get(event.attempt);
      if (known === undefined) begins(event);
      const all = known ?? new Set();
      branches.set(event.attempt, all);
      if (event.event !== 'attempt') return;
      all.add(event.branch);
      closed.begun(event);
    },
    sent: (wire) => closed.sent(wire),
    received: (wire) => closed.answered(wire),
    settled: () => closed.looked(),
  };
};

/** A connection that does not come about is given up after this, ms. */
const CONNECTING_MS = 5000;

/** What is sent when its connection is there began when that was asked for. */
function begunWith(world: World): {
  readonly effect: (effect: Effect) => void;
  readonly at: (target: string) => number;
} {
  const openedAt = new Map<string, number>();
  return {
    effect(effect) {
      if (effect.kind === 'open' && isStream(effect.target)) openedAt.set(targetText(effect.target), world.now);
    },
    at(target) {
      const at = openedAt.get(target) ?? Number.NEGATIVE_INFINITY;
      return world.now - at <= CONNECTING_MS ? at : world.now;
    },
  };
}

/** At most one REGISTER attempt a line and second, and at most targets + 4 requests an attempt, retransmissions apart. */
export const attemptRates: Checker = (world) => {
  const lastBegun = new Map<number, number>();
  const branches = new Map<string, Set<string>>();
  return {
    event(event) {
      if (!isBegun(event)) return;
      const requests = branches.get(event.attempt) ?? new Set();
      if (!branches.has(event.attempt)) {
        const last = lastBegun.get(event.line) ?? Number.NEGATIVE_INFINITY;
        assert.ok(world.now - last >= 999, `line ${event.line} begins two attempts within ${world.now - last} ms`);
        lastBegun.set(event.line, world.now);
        branches.set(event.attempt, requests);
      }
      if (event.event === 'attempt') requests.add(event.branch);
      const limit = targetsOf(world, event.line).length + 4;
      assert.ok(requests.size <= limit, `${event.attempt} makes ${requests.size} requests`);
    },
  };
};

interface Probed {
  readonly regularAt: number;
  readonly branch: string;
  readonly isRepeat: boolean;
  readonly isAnswered: boolean;
  readonly answeredAt: number;
}

/** At most one probe per place and 0.8 of the period; besides it the repeat of a silent one, and confirmations of good ones. */
export const probeRates: Checker = (world) => {
  const period = world.settings.failover.probePeriodS * 1000;
  const probes = new Map<string, Probed>();
  const places = new Map<string, string>();
  const begun = begunWith(world);
  return {
    effect: begun.effect,
    sent(wire) {
      if (wire.message.method !== 'OPTIONS') return;
      const branch = branchOf(wire.message);
      const place = placeOf(wire);
      const { now } = world;
      const onStream = !wire.flow.startsWith('udp:');
      // A connection that broke has it sent once more on a new one; how often, another checker says.
      if (onStream && places.has(branch)) return;
      assert.ok(!places.has(branch), 'a probe is retransmitted');
      assert.ok(period > 0 && world.settings.failover.profile === 'modern', 'a probe although probes are off');
      places.set(branch, place);
      const before = probes.get(place);
      const repeats = before !== undefined && !before.isAnswered && !before.isRepeat;
      const connectMs = onStream ? CONNECTING_MS : 0;
      const confirms = before !== undefined && now - before.answeredAt <= 501 + connectMs;
      const gap = now - (before?.regularAt ?? Number.NEGATIVE_INFINITY);
      const isRegular = gap >= 0.8 * period;
      assert.ok(isRegular || repeats || confirms, `${place} is probed again after ${gap} ms`);
      const regularAt = isRegular ? begun.at(wire.flow) : (before?.regularAt ?? now);
      const answeredAt = before?.answeredAt ?? Number.NEGATIVE_INFINITY;
      probes.set(place, { regularAt, branch, isRepeat: !isRegular && !confirms, isAnswered: false, answeredAt });
    },
    received({ message }) {
      const branch = branchOf(message);
      const place = places.get(branch);
      const asked = place === undefined ? undefined : probes.get(place);
      if (place === undefined || asked === undefined) return;
      probes.set(place, { ...asked, isAnswered: asked.isAnswered || asked.branch === branch, answeredAt: world.now });
    },
  };
};
