/**
 * Owns where the lines of the phone can be served, where they are, and which of these places are watched by probes (rules 4,
 * "probe"). Read anew from DNS and bindings at each question: a list may have changed since a line was bound.
 */
import type { LineSettings } from '../../config/settings.ts';
import type { Millis } from '../../kernel/time.ts';
import type { Health } from '../../servers/health.ts';
import { fails, isDead } from '../../servers/health.ts';
import type { Candidate, Locate } from '../../servers/selection.ts';
import { legsOf } from '../../servers/selection.ts';
import { aorOf, contactUri } from '../agent.ts';
import type { Bound } from '../vocabulary.ts';
import { routeOf } from './attempt.ts';
import { routeOfCalls } from './calling.ts';
import type { Watched } from './probes.ts';

export interface PlacesOptions {
  readonly lines: () => readonly LineSettings[];
  readonly locate: Locate;
  /** The proxy that subscriptions of the line are in force at, null = there are none. */
  readonly watchedProxy: (line: number) => Candidate | null;
}

export interface Places {
  /** Which binding serves a line, null = none. */
  bind(line: number, bound: Bound | null): void;
  /** Every place of every line's walk, the best first, each pair once. */
  all(): ReadonlyMap<string, Candidate>;
  /** Every registrar and proxy of every line: whose requests are no stranger's. */
  servers(): readonly Candidate[];
  /** The place that a pair has in this line's walk, null = none. */
  of(line: LineSettings, pair: string): Candidate | null;
  /** Where the line is served, with its rank in the walk of now, null = it is not. */
  serving(line: LineSettings): Candidate | null;
  /**
   * Serving targets, dead ones, and those better than a serving one: of registrars, and of the proxies that feed lamps. A better
   * proxy that refuses subscriptions is not asked for them with each good probe.
   */
  watched(healthOf: (pair: string) => Health, now: Millis): ReadonlyMap<string, Watched>;
}

interface Watchable {
  readonly line: LineSettings;
  readonly role: 'registrar' | 'proxy';
  readonly candidate: Candidate;
  readonly set: string;
  readonly bound: Candidate | null;
}

export function createPlaces({ lines, locate, watchedProxy }: PlacesOptions): Places {
  const bindings = new Map<number, Bound>();

  const walkOf = (line: LineSettings): readonly Candidate[] =>
    legsOf(routeOf(line), locate).flatMap(({ candidates }) => candidates);

  const of = (line: LineSettings, pair: string): Candidate | null =>
    walkOf(line).find((candidate) => candidate.pair === pair) ?? null;

  function serving(line: LineSettings): Candidate | null {
    const bound = bindings.get(line.line)?.candidate;
    return bound === undefined ? null : (of(line, bound.pair) ?? bound);
  }

  /** The walk of a line; what serves it stands there too when DNS has lost it: its death must be noticed. */
  function watchable(line: LineSettings, role: Watchable['role'], served: Candidate | null): readonly Watchable[] {
    const route = role === 'registrar' ? routeOf(line) : routeOfCalls(line);
    const found = legsOf(route, locate).flatMap(({ candidates, located }) => {
      const set = located.state === 'ready' ? located.set : '';
      return candidates.map((candidate) => ({ candidate, set }));
    });
    const today = found.find(({ candidate }) => candidate.pair === served?.pair)?.candidate;
    const bound = today ?? served;
    const walk = found.map((place) => ({ line, role, ...place, bound }));
    return bound !== null && today === undefined ? [...walk, { line, role, candidate: bound, set: '', bound }] : walk;
  }

  const allWatchable = (): readonly Watchable[] =>
    lines().flatMap((line) => {
      const proxy = watchedProxy(line.line);
      return [
        ...watchable(line, 'registrar', serving(line)),
        // Where nothing is in force, a dead proxy is watched still: what waits for it goes on when it answers.
        ...watchable(line, 'proxy', proxy),
      ];
    });

  return {
    bind(line, bound) {
      if (bound === null) bindings.delete(line);
      else bindings.set(line, bound);
    },
    all() {
      const found = new Map<string, Candidate>();
      for (const candidate of lines().flatMap(walkOf))
        if (!found.has(candidate.pair)) found.set(candidate.pair, candidate);
      return found;
    },
    servers: () =>
      lines().flatMap((line) =>
        [routeOf(line), routeOfCalls(line)].flatMap((route) =>
          legsOf(route, locate).flatMap(({ candidates }) => candidates),
        ),
      ),
    of,
    serving,
    watched(healthOf, now) {
      const refuses = (pair: string): boolean => fails(healthOf(pair), 'SUBSCRIBE', now);
      const watched = new Map<string, Watched>();
      for (const { line, role, candidate, set, bound } of allWatchable()) {
        const before = watched.get(candidate.pair);
        const serves = candidate.pair === bound?.pair || before?.serving === true;
        const leads = bound !== null && candidate.rank < bound.rank && !(role === 'proxy' && refuses(candidate.pair));
        const better = leads || before?.better === true;
        if (serves || better || isDead(healthOf(candidate.pair), null, now))
          watched.set(candidate.pair, watchOf(line, candidate, { serving: serves, better, set }));
      }
      return watched;
    },
  };
}

function watchOf(
  line: LineSettings,
  candidate: Candidate,
  marks: { readonly serving: boolean; readonly better: boolean; readonly set: string },
): Watched {
  return {
    ...marks,
    candidate,
    hop: candidate.via === null ? null : line.outboundProxy[candidate.via],
    from: aorOf(line, candidate.setting),
    contact: (local) =>
      contactUri(line, candidate.server, local, { perServer: false, transport: candidate.target.transport }),
  };
}
