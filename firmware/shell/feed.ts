/** Owns the feed of public events: numbered, stamped, kept for those who come late (interfaces 3 and 4). */
import type { Problem } from '../config/layers.ts';
import type { PhoneSettings } from '../config/settings.ts';
import type { PhoneEvent } from '../events.ts';

/** An event as outside tools see it. */
/** Where the pages are, null = nowhere. */
export interface WebAddresses {
  readonly http: string | null;
  readonly https: string | null;
}

export interface FeedItem {
  readonly id: number;
  /** One JSON object, `t` first: ms since start. */
  readonly json: string;
  readonly event: PhoneEvent;
}

export interface EventFeed {
  publish(event: PhoneEvent): void;
  /** Told when the HTTP address is known; everything published before waits behind it. */
  ready(make: (web: WebAddresses) => PhoneEvent): void;
  /** The phone can be reached: `ready` goes out first, then what waited. */
  open(web: WebAddresses): void;
  /** Items after `id`, as far as they are kept. */
  since(id: number): readonly FeedItem[];
  subscribe(listener: (item: FeedItem) => void): () => void;
}

const KEPT = 2000;

export function createFeed(now: () => number): EventFeed {
  const items: FeedItem[] = [];
  const listeners = new Set<(item: FeedItem) => void>();
  let waiting: { readonly t: number; readonly event: PhoneEvent }[] | null = [];
  let makeReady: ((web: WebAddresses) => PhoneEvent) | null = null;
  let last = 0;

  function add(t: number, event: PhoneEvent): void {
    last += 1;
    const item: FeedItem = { id: last, json: JSON.stringify({ t, ...event }), event };
    items.push(item);
    if (items.length > KEPT) items.shift();
    for (const listener of listeners) listener(item);
  }

  return {
    publish(event) {
      const t = Math.round(now());
      if (waiting === null) add(t, event);
      else waiting.push({ t, event });
    },
    ready(make) {
      makeReady = make;
    },
    open(web) {
      if (waiting === null) return;
      const queued = waiting;
      waiting = null;
      if (makeReady !== null) add(queued[0]?.t ?? Math.round(now()), makeReady(web));
      for (const { t, event } of queued) add(t, event);
    },
    since: (id) => items.filter((item) => item.id > id),
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** Told before anything else happens; the HTTP address is known when it listens. */
export const readyOf =
  (settings: PhoneSettings, sip: readonly string[]) =>
  (web: WebAddresses): PhoneEvent => ({
    event: 'ready',
    sip,
    ...web,
    profile: settings.failover.profile,
    model: settings.model,
    lines: settings.lines.length,
  });

/** More problems of the configuration than that would push `ready` out of the feed, and nobody reads them. */
const PROBLEMS_TOLD = 200;

/** What is wrong with the files, and how much more than is told. */
export function problemEvents(problems: readonly Problem[]): readonly PhoneEvent[] {
  const told = problems
    .slice(0, PROBLEMS_TOLD)
    .map(({ file, line, parameter, message }): PhoneEvent => ({ event: 'problem', file, line, parameter, message }));
  const more = problems.length - told.length;
  if (more === 0) return told;
  const message = `${more} more of its kind: holdfast lint shows them all`;
  return [...told, { event: 'problem', file: problems[0]?.file ?? '', line: 0, parameter: '', message }];
}
