/**
 * Owns the order in which an attempt visits targets: the primary's list, then the backup's; hops of an outbound proxy in
 * front (rules 2 "Outbound proxy", 3.1). Says whom to visit, never how long to wait.
 */
import { RANKS_PER_LIST } from '../config/defaults.ts';
import type { LineSettings, ServerPair, ServerSetting } from '../config/settings.ts';
import type { Endpoint, Target, Transport } from '../kernel/target.ts';
import { targetKey } from '../kernel/target.ts';
import type { Millis } from '../kernel/time.ts';
import type { ServerName } from '../status.ts';
import type { Located } from './directory.ts';

/** One place of the walk: a configured server, and the target that its packets are sent to. */
export interface Candidate {
  readonly server: ServerName;
  readonly setting: ServerSetting;
  /** The target packets go to: the hop where an outbound proxy stands in front. */
  readonly target: Target;
  /** Which outbound list the hop is of; null = no outbound proxy. */
  readonly via: ServerName | null;
  /** Key of health, Retry-After, nonce and samples. */
  readonly pair: string;
  /** Of an emergency call: the line whose server this is; nothing = the line that calls (rules 3.8). */
  readonly line?: LineSettings;
  /** Place in the walking order: 0 = the primary's first. A list that DNS has lost keeps its ranks free. */
  readonly rank: number;
}

/** Who sent a packet: the server at this very endpoint, else one at its address, for what a server sends may come from another port. */
export function senderAmong(candidates: readonly Candidate[], from: Endpoint, transport: Transport): Candidate | null {
  const there = candidates.filter(({ target }) => target.address === from.address && target.transport === transport);
  return there.find(({ target }) => target.port === from.port) ?? there[0] ?? null;
}

/** The servers of a role as configured: the role's own, and the outbound proxies in front of them. */
export interface Route {
  readonly servers: ServerPair;
  readonly outbound: ServerPair;
}

export type Locate = (setting: ServerSetting) => Located;

export const settingKey = ({ name, port }: ServerSetting): string => `${name}:${port}`;

export const pairKey = (target: Target, via: ServerName | null, setting: ServerSetting): string =>
  via === null ? targetKey(target) : `${targetKey(target)} for ${settingKey(setting)}`;

/** One list of the walk: candidates that share a DNS answer. */
export interface Leg {
  readonly candidates: readonly Candidate[];
  readonly located: Located;
  readonly server: ServerName;
}

/** The legs of a route in walking order, each with what DNS says of it. */
export function legsOf(route: Route, locate: Locate): readonly Leg[] {
  const { servers, outbound } = route;
  const legs: Leg[] = [];
  const add = (server: ServerName, setting: ServerSetting | null, via: ServerName | null): void => {
    const asked = via === null ? setting : outbound[via];
    if (setting === null || asked === null) return;
    const located = locate(asked);
    const targets = located.state === 'ready' ? located.targets : [];
    const first = legs.length * RANKS_PER_LIST;
    const candidates = targets.map((target, index) => ({
      server,
      setting,
      target,
      via,
      pair: pairKey(target, via, setting),
      rank: first + index,
    }));
    legs.push({ server, located, candidates });
  };
  const hops: readonly (ServerName | null)[] =
    outbound.primary === null && outbound.backup === null ? [null] : ['primary', 'backup'];
  for (const via of hops) {
    add('primary', servers.primary, via);
    add('backup', servers.backup, via);
  }
  return legs;
}

/** The legs up to the first whose list DNS has yet to bring; `more`: something is yet to come. */
export function knownLegs(legs: readonly Leg[]): { readonly known: readonly Leg[]; readonly more: boolean } {
  const pending = legs.findIndex(({ located }) => located.state === 'pending');
  return { known: pending === -1 ? legs : legs.slice(0, pending), more: pending !== -1 };
}

/** The names that a route needs from DNS. */
export function settingsOf(route: Route): readonly ServerSetting[] {
  const { servers, outbound } = route;
  return [servers.primary, servers.backup, outbound.primary, outbound.backup].filter((setting) => setting !== null);
}

export interface Blocks {
  /** Until when a Retry-After keeps this pair closed, null = open. */
  readonly blockedUntil: (pair: string) => Millis | null;
  /** `r2.1`: whether the pair stands on the blacklist. */
  readonly blacklisted: (pair: string) => boolean;
}

/**
 * The candidates that may be visited now. A pair with a running Retry-After is left out; where all have one, `notBefore` is
 * when the first ends. All blacklisted: the first in order is used (original-phone 3.4).
 */
export function openCandidates(
  candidates: readonly Candidate[],
  blocks: Blocks,
): { readonly open: readonly Candidate[]; readonly notBefore: Millis | null } {
  let notBefore: Millis | null = null;
  const open: Candidate[] = [];
  for (const candidate of candidates) {
    const until = blocks.blockedUntil(candidate.pair);
    if (until === null) open.push(candidate);
    else if (notBefore === null || until < notBefore) notBefore = until;
  }
  if (open.length === 0) return { open, notBefore };
  const welcome = open.filter((candidate) => !blocks.blacklisted(candidate.pair));
  return { open: welcome.length === 0 ? open.slice(0, 1) : welcome, notBefore: null };
}

/** How the walk goes on: silence skips a hop for both servers; an answer goes on with the backup server through the same hop. */
export function afterFailure(
  rest: readonly Candidate[],
  failed: Candidate,
  how: 'silent' | 'answered',
): readonly Candidate[] {
  if (failed.via === null) return rest;
  const hop = targetKey(failed.target);
  if (how === 'silent') return rest.filter((candidate) => targetKey(candidate.target) !== hop);
  const others = rest.filter((candidate) => !(candidate.server === failed.server && candidate.via === failed.via));
  const same = others.filter((candidate) => targetKey(candidate.target) === hop && candidate.via === failed.via);
  return [...same, ...others.filter((candidate) => !same.includes(candidate))];
}
