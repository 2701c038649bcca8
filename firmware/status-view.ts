/** Owns how the phone's state becomes the body of `/api/status`: a pure view, read by pages, screen and lamps. */

import type { LineSettings, PhoneSettings } from './config/settings.ts';
import { CAUSE_WORDS, duration } from './decisions.ts';
import { targetText } from './kernel/target.ts';
import type { Millis } from './kernel/time.ts';
import type { RegistrationState } from './registration/state.ts';
import { publicState, targetOf } from './registration/state.ts';
import { blockedUntil, deathOf, hedgeMs, knowledge } from './servers/health.ts';
import type { Candidate, Route } from './servers/selection.ts';
import { legsOf } from './servers/selection.ts';
import { aorOf } from './sip/agent.ts';
import { routeOf } from './sip/stack/attempt.ts';
import { routeOfCalls } from './sip/stack/calling.ts';
import { policyOf } from './sip/stack/policy.ts';
import type { Stack } from './sip/stack.ts';
import type { LineStatus, PhoneStatus, RoleStatus, ServerName, SubscriptionStatus, TargetStatus } from './status.ts';

export interface StatusSource {
  readonly settings: PhoneSettings;
  readonly version: string;
  readonly startedAt: Millis;
  readonly link: 'up' | 'down';
  readonly stack: Stack | null;
  readonly subscriptions: (now: Millis) => readonly SubscriptionStatus[];
  readonly messagesOf: (line: number) => LineStatus['messages'];
  readonly registrationOf: (line: number) => RegistrationState | undefined;
}

export function statusOf(source: StatusSource, now: Millis): PhoneStatus {
  const { settings, stack } = source;
  return {
    profile: settings.failover.profile,
    model: settings.model,
    version: source.version,
    uptime: secondsOf(now - source.startedAt),
    link: source.link,
    lines: settings.lines.map((line) => lineStatus(source, line, now)),
    subscriptions: source.subscriptions(now),
    targets: stack === null ? [] : targetsOf(source, stack, now),
    dns: stack === null ? [] : stack.directory.status(now),
  };
}

/** What of the settings the panel acts on. */
export const deskView = ({
  zone,
  clock24,
  dialling,
  desk,
  calls,
  keys,
  settableKeys,
  xml,
  model,
  mac,
}: PhoneSettings) => ({
  ...{ zone, clock24, dialling, desk, calls, keys, settableKeys, xml, model, mac },
});

const secondsOf = (ms: number): number => Math.max(0, Math.round(ms / 1000));

function lineStatus(source: StatusSource, line: LineSettings, now: Millis): LineStatus {
  const setting = line.registrar.primary ?? line.proxy.primary ?? { name: 'unconfigured', port: 0 };
  return {
    line: line.line,
    aor: aorOf(line, setting),
    screenName: line.screenName,
    userName: line.userName,
    messages: source.messagesOf(line.line),
    registrar: line.registrar.primary === null ? null : registrarStatus(source, line, now),
    proxy: line.proxy.primary === null ? null : proxyStatus(source, line, now),
  };
}

function listsOf(source: StatusSource, line: LineSettings, servers: LineSettings['registrar']): RoleStatus['lists'] {
  const { stack } = source;
  if (stack === null) return { primary: [], backup: [] };
  const legs = legsOf({ ...routeOf(line), servers }, stack.directory.locate);
  const list = (server: ServerName): readonly string[] =>
    legs
      .filter((leg) => leg.server === server)
      .flatMap(({ candidates }) => candidates.map(({ target }) => targetText(target)));
  return { primary: list('primary'), backup: list('backup') };
}

/** `registered` means here: it has answered the last request of the line well. */
function proxyStatus(source: StatusSource, line: LineSettings, now: Millis): RoleStatus {
  const serving = source.stack?.proxies.of(line.line) ?? null;
  const where = serving?.candidate;
  return {
    state: serving === null ? 'off' : 'registered',
    server: where?.server ?? null,
    target: where === undefined ? null : targetText(where.target),
    since: serving === null ? null : Math.max(0, Math.round(serving.since - source.startedAt)),
    expiresIn: null,
    code: null,
    retryIn: null,
    switching: false,
    reason:
      where === undefined
        ? 'Nothing has been sent to the proxy since start.'
        : servedReason(source, routeOfCalls(line), where, now),
    lists: listsOf(source, line, line.proxy),
  };
}

function registrarStatus(source: StatusSource, line: LineSettings, now: Millis): RoleStatus {
  const state = source.registrationOf(line.line);
  const lists = listsOf(source, line, line.registrar);
  const binding = state?.memory.binding ?? null;
  const timers: { readonly retry?: Millis; readonly start?: Millis } = state?.timers ?? {};
  const at = timers.retry ?? timers.start;
  return {
    state: state === undefined ? 'off' : publicState(state),
    server: binding?.bound.candidate.server ?? null,
    target: binding === null ? null : targetOf(binding.bound),
    since: binding === null ? null : Math.max(0, Math.round(binding.since - source.startedAt)),
    expiresIn: binding === null ? null : secondsOf(binding.expiresAt - now),
    code: state?.memory.code ?? null,
    retryIn: at === undefined ? null : secondsOf(at - now),
    switching: state?.name === 'trying',
    reason: state === undefined ? 'The line is not running.' : reasonOf(source, state, now),
    lists,
  };
}

function reasonOf(source: StatusSource, state: RegistrationState, now: Millis): string {
  const binding = state.memory.binding;
  switch (state.name) {
    case 'off':
      return 'No registrar is configured for this line.';
    case 'trying':
      return binding === null
        ? 'Asking the main server, then the backup.'
        : 'Renewing: the main server is asked first.';
    case 'registered':
      return registeredReason(source, state, now);
    case 'rejected':
      return `The ${state.by === 'primary' ? 'main' : 'backup'} server refused with ${state.memory.code ?? '?'}${state.memory.code === 401 || state.memory.code === 407 || state.memory.code === 403 ? ' (is the password right?)' : ''}.`;
    case 'waiting':
      return `No server answered well${state.cause === null ? '' : ` (${CAUSE_WORDS[state.cause]})`}; tried again ${inTime(state.timers.retry, now)}, or as soon as one answers a check.`;
    case 'delayed':
      return `The next attempt starts ${inTime(state.timers.start, now)}.`;
    case 'held':
      return 'The network is not there; the phone registers as soon as it is back.';
    case 'leaving':
      return 'Un-registering.';
  }
}

const inTime = (at: Millis | undefined, now: Millis): string =>
  at === undefined || at <= now ? 'now' : `in ${duration(at - now)}`;

function registeredReason(source: StatusSource, state: RegistrationState, now: Millis): string {
  const candidate = state.memory.binding?.bound.candidate;
  return candidate === undefined ? 'Registered.' : servedReason(source, routeOf(state.memory.line), candidate, now);
}

/** Why a line is served where it is. */
function servedReason(source: StatusSource, route: Route, candidate: Candidate, now: Millis): string {
  if (source.stack === null) return 'Registered.';
  if (candidate.rank === 0) return 'The main server answers.';
  const best = legsOf(route, source.stack.directory.locate);
  const [leg] = best;
  const first = leg?.candidates[0];
  if (first === undefined)
    return `On the ${wordOf(candidate.server)}, because ${leg?.located.state === 'failed' ? CAUSE_WORDS[leg.located.cause] : 'the main server has no address'}.`;
  const death = deathOf(source.stack.ledger.of(first.pair), now);
  const why =
    death === null
      ? 'the main server answers again; going home'
      : `${targetText(first.target)}: ${CAUSE_WORDS[death.cause]}${death.code === null ? '' : ` (${death.code})`}`;
  return `On the ${wordOf(candidate.server)}, because of ${why}.`;
}

const wordOf = (server: ServerName): string =>
  server === 'primary' ? "main server's second address" : 'backup server';

function targetsOf(source: StatusSource, stack: Stack, now: Millis): readonly TargetStatus[] {
  const policy = policyOf(source.settings);
  // Registrars and proxies, each where it stands first.
  const places = new Map(
    stack.places
      .servers()
      .toReversed()
      .map((candidate) => [candidate.pair, candidate]),
  );
  return [...places].toReversed().map(([pair, candidate]) => {
    const health = stack.ledger.of(pair);
    const death = deathOf(health, now);
    const blocked = blockedUntil(health, policy.profile, now);
    const probeAt = stack.probes.nextProbeAt(pair);
    return {
      target: targetText(candidate.target),
      via: candidate.via === null ? null : candidate.setting.name,
      server: candidate.server,
      name: candidate.setting.name,
      health: knowledge(health, null, now),
      cause: death?.cause ?? null,
      code: death?.code ?? null,
      deadSince: death === null ? null : Math.max(0, Math.round(death.since - source.startedAt)),
      retryAfter: blocked === null ? null : secondsOf(blocked - now),
      probeable: stack.probes.probeable(pair),
      nextProbeIn: probeAt === null ? null : secondsOf(probeAt - now),
      hMs: Math.round(hedgeMs(health, policy, null, now)),
      lastAnswerAge: health.lastAnswer === null ? null : secondsOf(now - health.lastAnswer),
    };
  });
}
