/** Owns what is known of the name servers: their order of preference, which failed lately and come last, which lack EDNS (RFC 1035 7.2; conformance A22). */
import type { Endpoint } from '../kernel/target.ts';
import type { Millis } from '../kernel/time.ts';
import { after, millis } from '../kernel/time.ts';
import { SERVER_ASIDE_MS } from './limits.ts';

/** A name server by its place in the order of preference. */
export interface NameServer {
  readonly index: number;
  readonly endpoint: Endpoint;
}

export interface NameServers {
  /**
   * The server to ask now: never one of `useless`, the one that this question asked least often (`tried` holds one index a query), then
   * one that did not fail lately, then by preference. `null` = none is left.
   */
  pick(
    asked: { readonly tried: readonly number[]; readonly useless: readonly number[] },
    now: Millis,
  ): NameServer | null;
  failed(server: NameServer, now: Millis): void;
  worked(server: NameServer): void;
  knowsEdns(server: NameServer): boolean;
  /** It said so: from now on it is asked without (RFC 6891 6.2.2). */
  lacksEdns(server: NameServer): void;
}

export function createNameServers(endpoints: readonly Endpoint[]): NameServers {
  const asideUntil = endpoints.map(() => millis(0));
  const withoutEdns = new Set<number>();
  return {
    pick({ tried, useless }, now) {
      const costOf = ({ index }: NameServer): readonly [number, number, number] => [
        tried.filter((other) => other === index).length,
        Number((asideUntil[index] as Millis) > now),
        index,
      ];
      const usable = endpoints
        .map((endpoint, index) => ({ index, endpoint }))
        .filter(({ index }) => !useless.includes(index));
      return usable.sort((a, b) => compare(costOf(a), costOf(b)))[0] ?? null;
    },
    failed({ index }, now) {
      asideUntil[index] = after(now, SERVER_ASIDE_MS);
    },
    worked({ index }) {
      asideUntil[index] = millis(0);
    },
    knowsEdns: ({ index }) => !withoutEdns.has(index),
    lacksEdns({ index }) {
      withoutEdns.add(index);
    },
  };
}

function compare(a: readonly [number, number, number], b: readonly [number, number, number]): number {
  return a[0] - b[0] || a[1] - b[1] || a[2] - b[2];
}
