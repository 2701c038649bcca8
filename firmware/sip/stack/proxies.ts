/** Owns which proxy serves each line: the one that answered its last request well (rules 4, "the current server is kept per line and role"). */
import type { LineSettings } from '../../config/settings.ts';
import { targetText } from '../../kernel/target.ts';
import type { Millis } from '../../kernel/time.ts';
import type { Candidate, Locate } from '../../servers/selection.ts';
import { legsOf } from '../../servers/selection.ts';
import type { Effect } from '../../vocabulary.ts';
import type { SubscribeReport } from '../subscription-vocabulary.ts';
import { routeOfCalls } from './calling.ts';

/** How a request came to the server that answered it. */
export interface HowServed {
  /** The first place visited, and why it was left. */
  readonly first: string;
  readonly cause: string;
  readonly took: number;
}

export interface ServingProxy {
  readonly candidate: Candidate;
  readonly since: Millis;
}

export interface Proxies {
  served(line: LineSettings, candidate: Candidate, how: HowServed, now: Millis): void;
  of(line: number): ServingProxy | null;
  /** A pair was found dead: whom it served is told. */
  dead(pair: string, now: Millis): void;
  /** The lines in whose walk this pair has a place. */
  linesOf(pair: string): readonly LineSettings[];
  /** The lines that this pair would serve better than what serves them now. */
  better(pair: string): readonly LineSettings[];
  forget(line: number): void;
}

export interface ProxiesOptions {
  readonly lines: () => readonly LineSettings[];
  readonly locate: Locate;
  readonly emit: (effect: Effect) => void;
  readonly report: (report: SubscribeReport, now: Millis) => void;
  /** A proxy serves a line, maybe another than before: who is watched may change. */
  readonly onServed: () => void;
}

export function createProxies({ lines, locate, emit, report, onServed }: ProxiesOptions): Proxies {
  const serving = new Map<number, ServingProxy>();

  const placeOf = (line: LineSettings, pair: string): Candidate | undefined =>
    legsOf(routeOfCalls(line), locate)
      .flatMap(({ candidates }) => candidates)
      .find((candidate) => candidate.pair === pair);

  return {
    served(line, candidate, { first, cause, took }, now) {
      const before = serving.get(line.line);
      const target = targetText(candidate.target);
      const same = before !== undefined && before.candidate.pair === candidate.pair;
      serving.set(line.line, { candidate, since: same ? before.since : now });
      onServed();
      if (same) return;
      const rank = before?.candidate.rank ?? 0;
      const from = before === undefined ? first : targetText(before.candidate.target);
      if (candidate.rank !== rank && from !== target) {
        const event = candidate.rank > rank ? 'failover' : 'failback';
        emit({ kind: 'event', event: { event, line: line.line, role: 'proxy', from, to: target, cause, took } });
      }
      report({ kind: 'proxy-moved', line: line.line, rank: candidate.rank }, now);
    },
    of: (line) => serving.get(line) ?? null,
    dead(pair, now) {
      for (const [line, { candidate }] of serving)
        if (candidate.pair === pair) report({ kind: 'proxy-dead', line }, now);
    },
    linesOf: (pair) => lines().filter((line) => placeOf(line, pair) !== undefined),
    better: (pair) =>
      lines().filter((line) => {
        const rank = serving.get(line.line)?.candidate.rank;
        const place = placeOf(line, pair);
        return rank !== undefined && place !== undefined && place.rank < rank;
      }),
    forget: (line) => void serving.delete(line),
  };
}
