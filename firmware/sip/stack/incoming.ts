/** Owns the way in: octets of streams become messages, answers go to the wire, requests to the server side and from there to the calls. */
import type { LineSettings } from '../../config/settings.ts';
import type { Random } from '../../kernel/random.ts';
import type { Millis } from '../../kernel/time.ts';
import type { Effect } from '../../vocabulary.ts';
import type { TimerValues } from '../transaction/context.ts';
import type { StackReport } from '../vocabulary.ts';
import type { Inbound } from './inbound.ts';
import { createInbound } from './inbound.ts';
import { createNotified } from './notified.ts';
import type { Places } from './places.ts';
import type { Streams } from './streams.ts';
import { createStreams } from './streams.ts';
import type { Subscriptions } from './subscriptions.ts';
import type { Callee, Uas } from './uas.ts';
import { createUas } from './uas.ts';
import type { Wire } from './wire-types.ts';

export interface IncomingOptions {
  readonly wire: Wire;
  readonly calls: Callee;
  readonly subscriptions: Pick<Subscriptions, 'notified' | 'watchers'>;
  readonly places: Places;
  readonly lines: () => readonly LineSettings[];
  readonly timers: TimerValues;
  readonly random: Random;
  readonly userAgent: string;
  /** Of our own keep-alives on streams, 0 = none. */
  readonly keepAliveMs: number;
  readonly takesXml: () => boolean;
  readonly emit: (effect: Effect) => void;
  readonly report: (report: StackReport, now: Millis) => void;
}

export interface Incoming {
  readonly uas: Uas;
  readonly inbound: Inbound;
  readonly streams: Streams;
}

export function createIncoming(options: IncomingOptions): Incoming {
  const { wire, calls, subscriptions, places, lines, timers, random, userAgent, emit, report } = options;
  const { takesXml } = options;
  const isServer = ({ address }: { readonly address: string }): boolean =>
    places.servers().some(({ target }) => target.address === address);
  const uas: Uas = createUas({
    ...{ timers, random, userAgent, emit, calls },
    isReliable: (flow) => flow !== null && streams.has(flow),
    subscribed: subscriptions.watchers.subscribed,
    notified: createNotified({ lines, isServer, report, emit, takesXml, subscriptions }),
  });
  const inbound = createInbound({
    ...{ wire, uas, emit },
    flowTimer: (flow, seconds, now) => streams.keepAlive(flow, seconds * random.between(800, 1000), now),
  });
  const streams: Streams = createStreams({
    keepAliveMs: options.keepAliveMs,
    isServer: (address) => isServer({ address }),
    emit,
    message: inbound,
    broken({ partial, code }, flow, from) {
      if (partial?.kind === 'request') uas.refuse(partial, code, flow, from);
    },
    lost: (flow, cause, now) => wire.flowFailed(flow, cause, now),
  });
  return { uas, inbound, streams };
}
