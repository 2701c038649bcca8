/** Checkers of service (rules 4 "Bounds to prove" and 6): a line that some server would take is registered in time, and can be reached. */
import assert from 'node:assert/strict';
import { RETRY_AFTER_LINE_MAX_S } from '../../../firmware/config/defaults.ts';
import type { LineSettings, Profile } from '../../../firmware/config/settings.ts';
import { headerValue, retryAfterOf } from '../../../firmware/sip/message/headers.ts';
import type { SipRequest, SipResponse } from '../../../firmware/sip/message/message.ts';
import type { RoleStatus } from '../../../firmware/status.ts';
import type { SipNode, SipPeer } from '../sip-peer.ts';
import { SipRelay } from '../sip-relay.ts';
import type { Wire } from '../trace.ts';
import type { Checker, World } from '../world.ts';
import { branchOf } from './wire.ts';

/** Looking more often than this tells nothing new, ms. */
const LOOK_EVERY_MS = 500;
/** Where no link event tells that the network is back, sends are tried again after at most this, ms (defaults, NO_NETWORK_MAX_S). */
const NO_NETWORK_MS = 30_000;
/** What the bounds call "DNS", and round trips, ms: a whole question may take 5 s. */
const DNS_MS = 5000;

type Server = 'primary' | 'backup';

/** The registrar that a packet to this target reaches in the end, null where it reaches none. */
function registrarAt(world: World, line: LineSettings, server: Server, target: string): SipPeer | null {
  const node = world.peerAt(target);
  if (node === undefined || node.fault !== 'none' || world.net.cut.has(node.address)) return null;
  if (!takesConnections(node, line, server, target)) return null;
  if (!(node instanceof SipRelay)) return node as SipPeer;
  // A hop that is silent for one server is skipped for both (rules 2, "Outbound proxy").
  const { primary, backup } = line.registrar;
  const speaks = [primary, backup].every((setting) => setting === null || node.speaksFor(setting.name));
  return speaks ? node.serverFor(line.registrar[server]?.name ?? '') : null;
}

/** Whether requests get in by the transport of the target: somebody listens, and over TLS shows the configured name. */
function takesConnections(node: SipNode, line: LineSettings, server: Server, target: string): boolean {
  const transport = target.slice(0, target.indexOf(':'));
  const names = [line.registrar[server], line.outboundProxy.primary, line.outboundProxy.backup].map((at) => at?.name);
  const isNamed = transport !== 'tls' || names.some((name) => name !== undefined && name === node.certificate);
  return (
    node.listens.some((one) => one === transport) && isNamed && !hangsUp(node, target) && !hangsUpOnOthers(node, target)
  );
}

const hangsUp = (node: SipNode, target: string): boolean => node.hangsUp === 'at once' && !target.startsWith('udp:');

/** Who hangs up after each answer serves one line well, and others by luck: what they ask meanwhile is lost with the connection. */
const hangsUpOnOthers = (node: SipNode, target: string): boolean =>
  node.hangsUp === 'after an answer' && !target.startsWith('udp:');

const isPrompt = (node: SipNode | undefined): boolean => node !== undefined && node.delayMs <= 100;

function answersWell(world: World, line: LineSettings, server: Server, target: string): boolean {
  const registrar = registrarAt(world, line, server, target);
  const prompt = isPrompt(world.peerAt(target)) && isPrompt(registrar ?? undefined);
  return prompt && (registrar?.registersWell(line.userName, line.password, line.registrationPeriodS) ?? false);
}

/** Whether a serving target has fallen silent in a way that its probes must show. */
function isSilent(world: World, target: string): boolean {
  const node = world.peerAt(target);
  if (node === undefined) return true;
  if (node instanceof SipRelay && node.fault === 'none') return false;
  if (hangsUp(node, target)) return true;
  return node.fault !== 'none' || world.net.cut.has(node.address);
}

interface Bounds {
  /** A target that was silent or refusing is back: probes find it. */
  readonly byProbe: number;
  /** Otherwise the next planned attempt. */
  readonly byPlan: number;
}

function boundsOf(world: World, targets: number): Bounds {
  const { failover, timers } = world.settings;
  const { probePeriodS, jitterS, startSpreadS, profile } = failover;
  const spread = startSpreadS * 1000;
  if (profile === 'modern') {
    // A connection is waited for before the answer is.
    const each = world.settings.transport === 1 ? 2000 : 3500;
    const walk = each * (targets + 2) + 1000;
    const byPlan = 1800_000 + 64 * timers.t1Ms + walk + spread + DNS_MS;
    const byProbe = probePeriodS * 1000 + walk + jitterS * 1000 + 1000 + spread + DNS_MS;
    return { byPlan, byProbe: probePeriodS === 0 ? byPlan : byProbe };
  }
  const each = timers.transactionMs ?? 4000;
  const wait = (timers.registrationTimeoutRetryS ?? 120) * 1000;
  const blacklist = profile === 'r2.1' ? timers.blacklistS * 1000 : 0;
  // A challenge restarts the wait of its target; the attempt under way when the server came back counts too.
  const plan = wait + 2 * each * (targets + 1) + blacklist + spread + DNS_MS;
  return { byPlan: plan, byProbe: plan };
}

/** What a checker remembers of one line. */
interface LineWatch {
  /** Since when each target would take the line. */
  readonly goodSince: Map<string, number>;
  unservedSince: number | null;
}

/** What was seen of the targets: who failed by a code, whose Retry-After runs, who answered a probe. */
class TargetsSeen {
  readonly #codes = new Set<string>();
  readonly #clearedAt = new Map<string, number>();
  readonly #closedUntil = new Map<string, number>();
  readonly #probed = new Set<string>();
  readonly #requests = new Map<string, { readonly method: string; readonly line: string }>();
  readonly #heldUntil = new Map<string, number>();
  readonly #profile: Profile;

  constructor(profile: Profile) {
    this.#profile = profile;
  }

  sent({ message }: Wire<SipRequest>): void {
    const line = /line=(\d+)/.exec(headerValue(message, 'Contact') ?? '')?.[1] ?? '';
    this.#requests.set(branchOf(message), { method: message.method, line });
  }

  failed(target: string, cause: string): void {
    if (cause === 'code') this.#codes.add(target);
  }

  answered({ flow, message }: Wire<SipResponse>, now: number): void {
    const { method, line } = this.#requests.get(branchOf(message)) ?? { method: '', line: '' };
    const { status } = message;
    const after = retryAfterOf(message);
    if (method === 'OPTIONS' && status === 200) this.#probed.add(flow);
    if (status === 503 && after !== null) this.#closedUntil.set(flow, now + after * 1000);
    if (method !== 'REGISTER') return;
    // That of a 503 closes its target; any other, and in r2.0 that too, lengthens the wait of its line, whoever is well (rules 3.1).
    if (after !== null && (status !== 503 || this.#profile === 'r2.0'))
      this.#hold(line, now + Math.min(after, RETRY_AFTER_LINE_MAX_S) * 1000);
    if (status >= 402) this.#codes.add(`${flow} ${line}`);
    else for (const known of [flow, `${flow} ${line}`]) if (this.#codes.delete(known)) this.#clearedAt.set(known, now);
  }

  #hold(line: string, until: number): void {
    this.#heldUntil.set(line, Math.max(this.#heldUntil.get(line) ?? 0, until));
  }

  /** The next attempt of a line has begun: what the answers of the one before asked for is over. */
  begun(line: number, now: number): void {
    this.#heldUntil.set(String(line), Math.min(this.heldUntil(line), now));
  }

  /** Until when a Retry-After lengthens the wait of this line. */
  heldUntil(line: number): number {
    return this.#heldUntil.get(String(line)) ?? 0;
  }

  /** When the last mark of this target and line ended: until then nothing but its own back-off led there. */
  clearedAt(target: string, line: number): number {
    const [wide = 0, own = 0] = [target, `${target} ${line}`].map((known) => this.#clearedAt.get(known));
    return Math.max(wide, own);
  }

  /** A death by code ends with the next planned attempt, for everybody or for this line. */
  failedByCode(target: string, line: number): boolean {
    return this.#codes.has(target) || this.#codes.has(`${target} ${line}`);
  }

  isClosed(target: string, now: number): boolean {
    return (this.#closedUntil.get(target) ?? 0) > now;
  }

  answersProbes(target: string): boolean {
    return this.#probed.has(target);
  }
}

/** A configured server that would take the line, with its address known and nothing to wait for: registered within the bound. */
export const servedInTime: Checker = (world) => {
  const watches = new Map<number, LineWatch>();
  const targets = new TargetsSeen(world.settings.failover.profile);
  let lookedAt = Number.NEGATIVE_INFINITY;
  let unroutedAt = Number.NEGATIVE_INFINITY;

  function look(line: LineSettings, role: RoleStatus): void {
    const watch = watches.get(line.line) ?? { goodSince: new Map<string, number>(), unservedSince: null };
    watches.set(line.line, watch);
    const { now } = world;
    const lists = [
      ...role.lists.primary.map((target) => ({ server: 'primary' as const, target })),
      ...role.lists.backup.map((target) => ({ server: 'backup' as const, target })),
    ];
    const waits = role.state === 'rejected' || !world.net.calm;
    for (const { server, target } of lists) {
      const good = !waits && !targets.isClosed(target, now) && answersWell(world, line, server, target);
      const key = `${server} ${target}`;
      if (!good) watch.goodSince.delete(key);
      else if (!watch.goodSince.has(key)) watch.goodSince.set(key, now);
    }
    const known = new Set(lists.map(({ server, target }) => `${server} ${target}`));
    for (const key of watch.goodSince.keys()) if (!known.has(key)) watch.goodSince.delete(key);
    if (isServed(role)) watch.unservedSince = null;
    else watch.unservedSince ??= now;
    if (watch.unservedSince !== null) judge(line, watch, watch.unservedSince, boundsOf(world, lists.length));
  }

  /** `modern` with probes notices a serving target that has fallen silent, if it has ever answered a probe. */
  function isServed(role: RoleStatus): boolean {
    if (role.state !== 'registered') return false;
    const { profile, probePeriodS } = world.settings.failover;
    const { target } = role;
    if (profile !== 'modern' || probePeriodS === 0 || target === null || !targets.answersProbes(target)) return true;
    return !isProbeable(target) || !isSilent(world, target);
  }

  const isProbeable = (target: string): boolean =>
    world.status().targets.every((shown) => shown.target !== target || shown.probeable);

  function judge(line: LineSettings, watch: LineWatch, unservedSince: number, bounds: Bounds): void {
    for (const [key, goodSince] of watch.goodSince) {
      const target = key.slice(key.indexOf(' ') + 1);
      const byPlan = targets.failedByCode(target, line.line) || !isProbeable(target);
      const polls = goodSince - unroutedAt <= 2 * NO_NETWORK_MS ? NO_NETWORK_MS : 0;
      const bound = polls + (byPlan ? bounds.byPlan : bounds.byProbe);
      // What one server asks of the line holds for its planned attempts; what a probe finds does not wait for it.
      const isProbed = world.settings.failover.profile === 'modern' && !byPlan;
      const held = isProbed ? 0 : targets.heldUntil(line.line);
      const since = Math.max(goodSince, unservedSince, targets.clearedAt(target, line.line), held);
      const waited = world.now - since;
      assert.ok(
        waited <= bound + 2 * LOOK_EVERY_MS,
        `line ${line.line} is not served ${waited} ms after ${key} would take it (bound ${bound})`,
      );
    }
  }

  return {
    event(event) {
      if (event.event === 'target-failed') targets.failed(event.target, event.cause);
      if (event.event === 'registration' && event.state !== 'waiting') targets.begun(event.line, world.now);
      // A rejection may come and be followed by a minute without anything.
      if (event.event === 'registration') lookedAt = Number.NEGATIVE_INFINITY;
    },
    sent: (wire) => targets.sent(wire),
    received: (wire) => targets.answered(wire, world.now),
    settled() {
      if (world.now - lookedAt < LOOK_EVERY_MS) return;
      lookedAt = world.now;
      if (!world.net.routed) unroutedAt = world.now;
      for (const { line, registrar } of world.status().lines) {
        const settings = world.settings.lines.find((candidate) => candidate.line === line);
        if (settings !== undefined && registrar !== null) look(settings, registrar);
      }
    },
  };
};

/** A line that says "registered" can be reached: the location service behind its serving server holds its Contact. */
export const reachableWhereServed: Checker = (world) => {
  const registeredAt = new Map<number, number>();
  let lookedAt = Number.NEGATIVE_INFINITY;

  function look(line: LineSettings, role: RoleStatus): void {
    const { server, target, state } = role;
    if (state !== 'registered' || server === null || target === null || !world.net.usable) return;
    const registrar = registrarAt(world, line, server, target);
    const since = registeredAt.get(line.line);
    if (
      registrar === null ||
      since === undefined ||
      registrar.location.clearedAt >= since - 64 * world.settings.timers.t1Ms
    )
      return;
    const mark = world.settings.failover.profile === 'modern' ? `;hf=${server === 'primary' ? 'p' : 'b'}` : '';
    const bindings = registrar.location.bindings(line.userName, world.now);
    const mine = bindings.some((contact) => contact.includes(`line=${line.line}`) && contact.includes(mark));
    assert.ok(mine, `line ${line.line} says registered at ${target}, which knows only [${bindings.join(', ')}]`);
  }

  return {
    event(event) {
      if (event.event === 'registration' && event.state === 'registered') registeredAt.set(event.line, world.now);
    },
    settled() {
      if (world.now - lookedAt < LOOK_EVERY_MS) return;
      lookedAt = world.now;
      for (const { line, registrar } of world.status().lines) {
        const settings = world.settings.lines.find((candidate) => candidate.line === line);
        if (settings !== undefined && registrar !== null) look(settings, registrar);
      }
    },
  };
};

/** From `from` on, when all servers are well and every wait is over, one binding a line is refreshed, and it is the primary's. */
export const oneBindingRefreshed =
  (from: () => number): Checker =>
  (world) => ({
    event(event) {
      if (world.now < from() || event.event !== 'registration' || event.state !== 'registered') return;
      assert.equal(event.server, 'primary', `line ${event.line} is refreshed at the ${event.server} in calm weather`);
    },
  });
