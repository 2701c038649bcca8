/**
 * Owns where the lines of the phone can be served, where they are, and which of these places are watched by probes (rules 4,
 * "probe"). Read anew from DNS and bindings at each question: a list may have changed since a line was bound.
 */
import type { LineSettings } from '../../config/settings.ts';
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
  /** Serving targets, dead ones, and those better than a serving one. */
  watched(isDead: (pair: string) => boolean): ReadonlyMap<string, Watched>;
}

interface Watchable {
  readonly line: LineSettings;
  readonly candidate: Candidate;
  readonly set: string;
  readonly bound: Candidate | null;
}

export function createPlaces({ lines, locate }: PlacesOptions): Places {
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
  function watchable(line: LineSettings): readonly Watchable[] {
    const bound = serving(line);
    const walk = legsOf(routeOf(line), locate).flatMap(({ candidates, located }) => {
      const set = located.state === 'ready' ? located.set : '';
      return candidates.map((candidate) => ({ line, candidate, set, bound }));
    });
    const lost = bound !== null && walk.every(({ candidate }) => candidate.pair !== bound.pair);
    return lost ? [...walk, { line, candidate: bound, set: '', bound }] : walk;
  }

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
    watched(isDead) {
      const watched = new Map<string, Watched>();
      for (const { line, candidate, set, bound } of lines().flatMap(watchable)) {
        const before = watched.get(candidate.pair);
        const serves = candidate.pair === bound?.pair || before?.serving === true;
        const better = (bound !== null && candidate.rank < bound.rank) || before?.better === true;
        if (serves || better || isDead(candidate.pair))
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
