/**
 * Owns the datagrams that keep a NAT open towards the servers that serve the lines (conformance E9; RFC 5626 4.4): an empty line
 * twice, which no server answers. Probes do the same by themselves, so it goes only where none does, or where it is configured.
 */
import { UDP_KEEP_ALIVE_MAX_MS, UDP_KEEP_ALIVE_MIN_MS } from '../../config/defaults.ts';
import type { Random } from '../../kernel/random.ts';
import type { Target } from '../../kernel/target.ts';
import { isStream, targetKey } from '../../kernel/target.ts';
import type { Millis } from '../../kernel/time.ts';
import { after, soonest } from '../../kernel/time.ts';
import type { Candidate } from '../../servers/selection.ts';
import type { Wire } from './wire-types.ts';

export interface KeepAliveOptions {
  readonly wire: Wire;
  readonly random: Random;
  /** Configured interval, ms; 0 = none. */
  readonly everyMs: number;
  /** Longest time between two probes of this pair, ms; null = it is not probed; 0 = nothing of the kind is wanted (`r2.0`). */
  readonly probedEveryMs: (pair: string) => number | null;
}

export interface KeepAlive {
  /** Who serves the lines from now on. */
  serve(serving: readonly Candidate[], now: Millis): void;
  next(): Millis | null;
  wake(now: Millis): void;
}

export function createKeepAlive({ wire, random, everyMs, probedEveryMs }: KeepAliveOptions): KeepAlive {
  const due = new Map<string, { readonly target: Target; readonly at: Millis }>();

  const isWanted = ({ pair, target }: Candidate): boolean =>
    !isStream(target) && (everyMs > 0 || (probedEveryMs(pair) ?? Number.POSITIVE_INFINITY) > UDP_KEEP_ALIVE_MAX_MS);

  function plan(target: Target, now: Millis): void {
    const wait = everyMs > 0 ? everyMs : random.between(UDP_KEEP_ALIVE_MIN_MS, UDP_KEEP_ALIVE_MAX_MS);
    due.set(targetKey(target), { target, at: after(now, wait) });
  }

  return {
    serve(serving, now) {
      const wanted = new Map(serving.filter(isWanted).map(({ target }) => [targetKey(target), target]));
      for (const key of due.keys()) if (!wanted.has(key)) due.delete(key);
      for (const [key, target] of wanted) if (!due.has(key)) plan(target, now);
    },
    next: () => [...due.values()].reduce<Millis | null>((soon, { at }) => soonest(soon, at), null),
    wake(now) {
      for (const { target, at } of [...due.values()]) {
        if (at > now) continue;
        wire.keepOpen(target, now);
        plan(target, now);
      }
    },
  };
}
