/**
 * Owns the wiring of SIP: agent, request, transactions and flows below the phone; DNS, health and probes beside them. Router 2
 * of two: the parts never run each other's code. Commands go down, reports come up.
 */
import { T4_MS } from '../config/defaults.ts';
import type { LineSettings } from '../config/settings.ts';
import type { Hash } from '../kernel/hash.ts';
import type { Random } from '../kernel/random.ts';
import type { Endpoint, Target } from '../kernel/target.ts';
import { isStream, targetText } from '../kernel/target.ts';
import type { Millis } from '../kernel/time.ts';
import { soonest } from '../kernel/time.ts';
import type { Directory, DirectoryOut } from '../servers/directory.ts';
import { createDirectory } from '../servers/directory.ts';
import { isDead } from '../servers/health.ts';
import type { Candidate } from '../servers/selection.ts';
import type { Effect, FlowId, Input } from '../vocabulary.ts';
import type { CallCommand, CallReport } from './call-vocabulary.ts';
import type { Attempts } from './stack/attempts.ts';
import { createAttempts } from './stack/attempts.ts';
import type { Calls } from './stack/calls.ts';
import { createCalls } from './stack/calls.ts';
import { createFaces } from './stack/faces.ts';
import { createIncoming } from './stack/incoming.ts';
import { createKeepAlive } from './stack/keep-alive.ts';
import type { Ledger } from './stack/ledger.ts';
import { createLedger } from './stack/ledger.ts';
import type { NamesOptions } from './stack/names.ts';
import { allSettings, directoryOptions } from './stack/names.ts';
import type { Places } from './stack/places.ts';
import { createPlaces } from './stack/places.ts';
import { callPolicyOf, identityOf, policyOf, userAgentOf } from './stack/policy.ts';
import type { Probes } from './stack/probes.ts';
import { createProbes } from './stack/probes.ts';
import type { Proxies } from './stack/proxies.ts';
import { createProxies } from './stack/proxies.ts';
import { createServiceRoutes } from './stack/service-routes.ts';
import { createStreamLoss } from './stack/stream-loss.ts';
import type { Subscriptions } from './stack/subscriptions.ts';
import { createSubscriptions } from './stack/subscriptions.ts';
import type { Watchers } from './stack/watchers.ts';
import { createWire } from './stack/wire.ts';
import type { Wire } from './stack/wire-types.ts';
import type { SubscribeCommand, SubscribeReport } from './subscription-vocabulary.ts';
import type { Bound, StackCommand, StackReport } from './vocabulary.ts';

export interface StackOptions extends NamesOptions {
  readonly random: Random;
  readonly hash: Hash;
  readonly version: string;
  /** Whether a server may say that its XML application has something. */
  readonly takesXml: () => boolean;
  /** A name for a call that comes in. */
  readonly newCallId: () => string;
  /** Whether a call to this line would be told that the phone is busy. */
  readonly isBusy: (line: LineSettings) => boolean;
  readonly emit: (effect: Effect) => void;
  readonly report: (report: StackReport | CallReport | SubscribeReport, now: Millis) => void;
}

export interface Stack {
  start(now: Millis): void;
  input(input: Input, now: Millis): void;
  command(command: StackCommand, now: Millis): void;
  call(command: CallCommand, now: Millis): void;
  subscription(command: SubscribeCommand, now: Millis): void;
  /** Which binding serves a line, null = none: decides what is probed. */
  serving(line: number, bound: Bound | null): void;
  /** Called once after each input, when all its consequences are known. */
  settle(now: Millis): void;
  readonly directory: Directory;
  readonly ledger: Ledger;
  readonly probes: Probes;
  readonly places: Places;
  readonly proxies: Proxies;
  /** Who watches shared lines of ours. */
  readonly watchers: Watchers;
  readonly dialogOf: Calls['dialogOf'];
  /** Other lines from now on; names no longer configured are forgotten. */
  setLines(lines: readonly LineSettings[], now: Millis): void;
  /** The address that the last opened flow has on our side; null before the first. */
  localAddress(): string | null;
  next(): Millis | null;
  wake(now: Millis): void;
  close(): void;
}

export function createStack(options: StackOptions): Stack {
  const { settings, random, emit, takesXml } = options;
  const policy = policyOf(settings);
  const userAgent = userAgentOf(settings, options.version);
  const transactionTimers = { t1: settings.timers.t1Ms, t2: settings.timers.t2Ms, t4: T4_MS };
  let { lines } = settings;
  let stale = true;
  let link: 'up' | 'down' = 'up';
  let own: Endpoint | null = null;

  const directory = createDirectory(directoryOptions(options));
  const known = { lines: () => lines, locate: directory.locate };
  const places = createPlaces({ ...known, watchedProxy });
  const ledger = createLedger({
    ...{ policy, emit },
    pairsAt: (target) =>
      [...places.all()].flatMap(([pair, candidate]) => (targetText(candidate.target) === target ? [pair] : [])),
    onAlive: alive,
    // Profiles of the original notice it at their own refresh (rules 4, "subscriptions").
    onDead: (pair, now) => policy.profile === 'modern' && proxies.dead(pair, now),
  });
  const proxies: Proxies = createProxies({ ...known, emit, report: options.report, onServed });
  const wire: Wire = createWire({
    ...{ timers: transactionTimers, random },
    emit(effect) {
      if (effect.kind === 'close') streams.closed(effect.flow);
      emit(effect);
    },
    onLost: createStreamLoss({
      profile: policy.profile,
      serving: () => lines.flatMap((line) => places.serving(line) ?? []),
      report: options.report,
    }),
    report: (wired, now) => {
      stale = true;
      if (!probes.wireReport(wired, now) && !calls.wireReport(wired, now) && !subscriptions.wireReport(wired, now))
        attempts.wireReport(wired, now);
    },
  });
  const probes: Probes = createProbes({
    ...{ wire, ledger, random, userAgent, emit },
    periodMs: policy.profile === 'modern' ? settings.failover.probePeriodS * 1000 : 0,
    report: options.report,
  });
  const keepAlive = createKeepAlive({
    ...{ wire, random, everyMs: settings.nat.keepAliveS * 1000 },
    probedEveryMs: (pair) => (policy.profile === 'modern' ? probes.everyMs(pair) : 0),
  });
  const shared = {
    ...{ wire, ledger, policy, random, emit, faces: createFaces(settings.nat) },
    ...{ locate: directory.locate, identity: identityOf(settings, userAgent), serviceRoutes: createServiceRoutes() },
    ...{ hash: options.hash, report: options.report, timers: transactionTimers, own: () => own },
    ...{ lines: () => lines, places: places.servers, proxies },
  };
  const attempts: Attempts = createAttempts({ ...shared, onRegisterOk: (pair, now) => probes.registerOk(pair, now) });
  const isReliable = (flow: FlowId | null): boolean => flow !== null && streams.has(flow);
  const calls: Calls = createCalls({
    ...{ ...shared, ...callPolicyOf(settings), isReliable, newCallId: options.newCallId, isBusy: options.isBusy },
  });
  const subscriptions: Subscriptions = createSubscriptions(shared);
  const { uas, inbound, streams } = createIncoming({
    ...{ wire, calls: calls.callee, subscriptions, places, timers: transactionTimers, random, userAgent, emit },
    ...{ lines: () => lines, keepAliveMs: settings.streamKeepAliveS * 1000, report: options.report, takesXml },
  });

  function onServed(): void {
    stale = true;
  }

  function watchedProxy(line: number): Candidate | null {
    return subscriptions.holds(line) ? (proxies.of(line)?.candidate ?? null) : null;
  }

  function fromDirectory(out: readonly DirectoryOut[], now: Millis): void {
    let located = false;
    for (const output of out) {
      if (output.kind !== 'located') {
        emit(output);
        continue;
      }
      located = true;
      stale = true;
      found(output.gained, now);
    }
    if (!located) return;
    attempts.located(now);
    calls.located(now);
    subscriptions.located(now);
  }

  /** The original waits for its timer, whoever answers meanwhile (rules 4, "all failed"). */
  function alive(pair: string, now: Millis): void {
    if (policy.profile === 'modern') options.report({ kind: 'pair-alive', pair }, now);
  }

  /** Who could not be asked before, and is not known to be dead, can be asked now. */
  function found(gained: readonly Target[], now: Millis): void {
    const texts = new Set(gained.map(targetText));
    for (const [pair, { target }] of places.all())
      if (texts.has(targetText(target)) && !isDead(ledger.of(pair), null, now)) alive(pair, now);
  }

  function opened(input: Extract<Input, { kind: 'opened' }>, now: Millis): void {
    own = input.local;
    const target = wire.targetOf(input.flow);
    if (target !== null && isStream(target)) streams.opened(input.flow, target, now);
    wire.opened(input, now);
  }

  function flowFailed({ flow, cause, detail }: Extract<Input, { kind: 'flow-failed' }>, now: Millis): void {
    if (detail !== undefined)
      emit({ kind: 'log', level: 'warn', name: 'connection-failed', fields: { flow, cause, detail } });
    streams.closed(flow);
    wire.flowFailed(flow, cause, now);
  }

  function close(): void {
    streams.closeAll();
    wire.closeAll();
  }

  const sources = [
    { next: () => wire.next(), wake: (now: Millis) => wire.wake(now) },
    { next: () => attempts.next(), wake: (now: Millis) => attempts.wake(now) },
    { next: () => calls.next(), wake: (now: Millis) => calls.wake(now) },
    { next: () => subscriptions.next(), wake: (now: Millis) => subscriptions.wake(now) },
    { next: () => probes.next(), wake: (now: Millis) => probes.wake(now) },
    { next: () => streams.next(), wake: (now: Millis) => streams.wake(now) },
    { next: () => keepAlive.next(), wake: (now: Millis) => keepAlive.wake(now) },
    { next: () => uas.next(), wake: (now: Millis) => uas.wake(now) },
    { next: () => directory.deadline(), wake: (now: Millis) => fromDirectory(directory.wake({ now, random }), now) },
  ];

  return {
    start: (now) => fromDirectory(directory.want(allSettings(lines), { now, random }), now),
    input(input, now) {
      switch (input.kind) {
        case 'opened':
          return opened(input, now);
        case 'flow-failed':
          return flowFailed(input, now);
        case 'datagram':
          return inbound(input.data, input.flow, input.from, now);
        case 'accepted':
          return streams.accepted(input, now);
        case 'octets':
          wire.heard(input.flow);
          return streams.octets(input, now);
        case 'dns-answer':
        case 'dns-error':
          return fromDirectory(directory.handle(input, { now, random }), now);
        case 'name-servers':
          return fromDirectory(directory.useServers(input.nameServers, { now, random }), now);
        case 'link':
          link = input.state;
          if (input.state === 'down') {
            attempts.cancelAll(now);
            calls.linkDown(now);
            subscriptions.linkDown(now);
            probes.pause();
            close();
          } else directory.hurry(now);
          stale = true;
          return;
        default:
          return;
      }
    },
    command: (command, now) => attempts.command(command, now),
    call: (command, now) => calls.command(command, now),
    subscription: (command, now) => subscriptions.command(command, now),
    serving(line, bound) {
      stale = true;
      places.bind(line, bound);
    },
    settle(now) {
      if (!stale) return;
      stale = false;
      // While the link is down nobody is asked: silence would say nothing.
      if (link === 'up') {
        probes.watch(places.watched(ledger.of, now), now);
        keepAlive.serve(
          lines.flatMap((line) => places.serving(line) ?? []),
          now,
        );
      } else keepAlive.serve([], now);
    },
    directory,
    ledger,
    probes,
    places,
    proxies,
    ...{ watchers: subscriptions.watchers, dialogOf: calls.dialogOf },
    setLines(changed, now) {
      for (const line of lines) if (!changed.includes(line)) proxies.forget(line.line);
      lines = changed;
      stale = true;
      fromDirectory(directory.want(allSettings(lines), { now, random }), now);
    },
    localAddress: () => own?.address ?? null,
    next: () => sources.reduce<Millis | null>((soon, source) => soonest(soon, source.next()), null),
    /** Order at equal times: transactions, requests, calls, subscriptions, probes, connections, server transactions, DNS. */
    wake(now) {
      const soon = this.next();
      if (soon === null || soon > now) return;
      // A refusal's back-off may have run out since: whether a probe's answer leads home is judged as of now.
      stale ||= soon === probes.next();
      sources.find((source) => source.next() === soon)?.wake(now);
    },
    close,
  };
}
