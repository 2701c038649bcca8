/**
 * Owns what travels on TCP and TLS connections: where messages begin and end, keep-alives both ways, and how many connections of
 * others are borne (RFC 3261 7.5, 18.3; RFC 5626 4.4.1; conformance C5, E8, E16, L13). What a message means is its reader's.
 */
import {
  ACCEPTED_IDLE_MS,
  ACCEPTED_MAX,
  ACCEPTED_PER_ADDRESS_MAX,
  EMPTY_LINES_MAX,
  MESSAGE_MAX_OCTETS,
  PONG_LIMIT_MS,
  PONG_WINDOW_MS,
  PONGS_MAX,
  STREAM_MESSAGE_LIMIT_MS,
} from '../../config/defaults.ts';
import { Fleet } from '../../kernel/fleet.ts';
import type { Endpoint } from '../../kernel/target.ts';
import { endpointText } from '../../kernel/target.ts';
import type { Millis } from '../../kernel/time.ts';
import { after, soonest } from '../../kernel/time.ts';
import type { Effect, FlowId, Input, TransportFailure } from '../../vocabulary.ts';
import { frameAt } from '../message/frame.ts';
import type { ParseError } from '../message/parse.ts';

export interface StreamsOptions {
  /** CRLF keep-alive on the connections that the phone opened, ms; 0 = none. */
  readonly keepAliveMs: number;
  /** Whether a configured server has this address: its connections are borne longest. */
  readonly isServer: (address: string) => boolean;
  readonly emit: (effect: Effect) => void;
  readonly message: (text: string, flow: FlowId, from: Endpoint, now: Millis) => void;
  /** No next message can be found: the connection is closed after this. */
  readonly broken: (error: ParseError, flow: FlowId, from: Endpoint) => void;
  /** The phone gave the connection up. */
  readonly lost: (flow: FlowId, cause: TransportFailure, now: Millis) => void;
}

export interface Streams {
  /** The phone's own connection can carry octets. */
  opened(flow: FlowId, peer: Endpoint, now: Millis): void;
  accepted(input: Extract<Input, { kind: 'accepted' }>, now: Millis): void;
  octets(input: Extract<Input, { kind: 'octets' }>, now: Millis): void;
  closed(flow: FlowId): void;
  has(flow: FlowId): boolean;
  /** Keep this connection of the phone's own alive from now on, every so many ms (RFC 5626 4.4: what the server asked for). */
  keepAlive(flow: FlowId, everyMs: number, now: Millis): void;
  /** Closes what others opened, and forgets the phone's own, which their owner closes. */
  closeAll(): void;
  next(): Millis | null;
  wake(now: Millis): void;
}

interface Stream {
  readonly peer: Endpoint;
  readonly byOthers: boolean;
  /** What came and is no whole message yet, its start first. */
  pending: string;
  /** Octets of `pending` in which no end of headers was found. */
  searched: number;
  /** Length that `pending` must have, null = not known. */
  needs: number | null;
  /** CRLFs since the last message or answered keep-alive; -1 = the next one answers a keep-alive of ours. */
  emptyLines: number;
  /** What of keep-alives came, line ends, and was answered within the second that ends then. */
  readonly second: { until: Millis; lines: number; pongs: number };
  keepAliveMs: number;
  readonly timers: { message?: Millis; ping?: Millis; pong?: Millis; idle?: Millis };
}

type Timer = keyof Stream['timers'];

const PING = '\r\n\r\n';
const PONG = '\r\n';

export function createStreams(options: StreamsOptions): Streams {
  const { emit } = options;
  const streams = new Fleet<Stream>(({ timers }) =>
    Object.values(timers).reduce<Millis | null>((soon, at) => soonest(soon, at), null),
  );

  function begin(flow: FlowId, peer: Endpoint, byOthers: boolean, now: Millis): void {
    const stream: Stream = {
      ...{ peer, byOthers, pending: '', searched: 0, needs: null, emptyLines: 0, timers: {} },
      second: { until: now, lines: 0, pongs: 0 },
      keepAliveMs: byOthers ? 0 : options.keepAliveMs,
    };
    if (byOthers) stream.timers.idle = after(now, ACCEPTED_IDLE_MS);
    else if (stream.keepAliveMs > 0) stream.timers.ping = after(now, stream.keepAliveMs);
    streams.set(flow, stream);
  }

  function accepted({ flow, from }: Extract<Input, { kind: 'accepted' }>, now: Millis): void {
    const guests = streams.entries().filter(([, { byOthers }]) => byOthers);
    const same = guests.filter(([, { peer }]) => peer.address === from.address);
    const stranger = guests.find(([, { peer }]) => !options.isServer(peer.address));
    const full = same.length >= ACCEPTED_PER_ADDRESS_MAX || guests.length >= ACCEPTED_MAX;
    const welcome = !full || (options.isServer(from.address) && same.length < ACCEPTED_PER_ADDRESS_MAX);
    if (!welcome) return emit({ kind: 'close', flow });
    // A server finds room even where strangers have taken all of it.
    if (full && stranger !== undefined) close(stranger[0]);
    begin(flow, from, true, now);
  }

  function octets({ flow, data }: Extract<Input, { kind: 'octets' }>, now: Millis): void {
    const stream = streams.get(flow);
    if (stream === undefined) return;
    // Whatever comes shows that the connection lives.
    delete stream.timers.pong;
    if (stream.keepAliveMs > 0) stream.timers.ping = after(now, stream.keepAliveMs);
    if (stream.byOthers) stream.timers.idle = after(now, ACCEPTED_IDLE_MS);
    stream.pending += data;
    while (takeOne(flow, stream, now));
    if (streams.get(flow) !== stream) return;
    if (stream.pending === '') delete stream.timers.message;
    else stream.timers.message ??= after(now, STREAM_MESSAGE_LIMIT_MS);
    streams.set(flow, stream);
  }

  /** One message, where a whole one is there; false where more must come, or nothing can. */
  function takeOne(flow: FlowId, stream: Stream, now: Millis): boolean {
    if (!skipEmptyLines(flow, stream, now)) return drown(flow, stream, now);
    if (stream.pending === '' || !isWorthALook(stream)) return false;
    const frame = frameAt(stream.pending, 0);
    switch (frame.kind) {
      case 'message':
        stream.pending = stream.pending.slice(frame.end);
        forget(stream);
        options.message(frame.text, flow, stream.peer, now);
        // What the message led to may have closed the connection.
        return streams.get(flow) === stream;
      case 'broken':
        options.broken(frame.error, flow, stream.peer);
        lose(flow, 'reset', now);
        return false;
      case 'incomplete':
        stream.searched = stream.pending.length;
        stream.needs = frame.needs;
        return false;
      case 'end':
        return dropLineEnds(stream, now) ? false : drown(flow, stream, now);
    }
  }

  function forget(stream: Stream): void {
    stream.searched = 0;
    stream.needs = null;
    stream.emptyLines = 0;
    delete stream.timers.message;
  }

  /** Empty lines stand before a message or are keep-alives: two ask for an answer, one is an answer. False where there are too many. */
  function skipEmptyLines(flow: FlowId, stream: Stream, now: Millis): boolean {
    if (stream.searched > 0) return true;
    const lines = /^(?:\r\n)+/.exec(stream.pending)?.[0] ?? '';
    const count = lines.length / PONG.length;
    stream.pending = stream.pending.slice(lines.length);
    if (!areBorne(stream, count, now)) return false;
    stream.emptyLines += count;
    if (stream.emptyLines < 2) return true;
    const pongs = Math.floor(stream.emptyLines / 2);
    stream.emptyLines %= 2;
    answerPings(flow, stream, pongs);
    return true;
  }

  /** So many in a second and no more: whoever asks without end and reads nothing must not fill our memory (L13). */
  function answerPings(flow: FlowId, { second }: Stream, pongs: number): void {
    const allowed = Math.min(pongs, PONGS_MAX - second.pongs);
    second.pongs += allowed;
    for (let sent = 0; sent < allowed; sent += 1) emit({ kind: 'send', flow, data: PONG });
  }

  function drown(flow: FlowId, { peer }: Stream, now: Millis): false {
    emit({ kind: 'log', level: 'debug', name: 'empty-lines-flood', fields: { from: endpointText(peer) } });
    lose(flow, 'reset', now);
    return false;
  }

  function lose(flow: FlowId, cause: TransportFailure, now: Millis): void {
    close(flow);
    options.lost(flow, cause, now);
  }

  function close(flow: FlowId): void {
    streams.set(flow, null);
    emit({ kind: 'close', flow });
  }

  function due(flow: FlowId, stream: Stream, timer: Timer, now: Millis): void {
    delete stream.timers[timer];
    if (timer !== 'ping') return lose(flow, 'timeout', now);
    emit({ kind: 'send', flow, data: PING });
    stream.emptyLines = -1;
    stream.timers.pong = after(now, PONG_LIMIT_MS);
    streams.set(flow, stream);
  }

  return {
    opened: (flow, peer, now) => begin(flow, peer, false, now),
    accepted,
    octets,
    closed: (flow) => streams.set(flow, null),
    has: (flow) => streams.get(flow) !== undefined,
    keepAlive(flow, everyMs, now) {
      const stream = streams.get(flow);
      if (stream === undefined || stream.byOthers || (stream.keepAliveMs > 0 && stream.keepAliveMs <= everyMs)) return;
      stream.keepAliveMs = everyMs;
      stream.timers.ping = after(now, everyMs);
      streams.set(flow, stream);
    },
    closeAll() {
      for (const [flow, { byOthers }] of streams.entries())
        if (byOthers) close(flow);
        else streams.set(flow, null);
    },
    next: () => streams.next()?.at ?? null,
    wake(now) {
      const soon = streams.next();
      const stream = soon === null || soon.at > now ? undefined : streams.get(soon.id);
      if (soon === null || stream === undefined) return;
      const timer = (Object.keys(stream.timers) as Timer[]).find((name) => stream.timers[name] === soon.at);
      if (timer !== undefined) due(soon.id, stream, timer, now);
    },
  };
}

/** Whether a further look can find more than the last one did: a slow stream costs no search for each octet of it. */
function isWorthALook({ pending, searched, needs }: Stream): boolean {
  if (needs !== null) return pending.length >= needs;
  if (searched === 0 || pending.length > MESSAGE_MAX_OCTETS) return true;
  // The end of the headers may lie across what came before and now.
  return /\n\r?\n/.test(pending.slice(Math.max(0, searched - 3)));
}

/** Counts empty lines; false where there are more in this second than anybody needs who keeps a connection alive (L13). */
function areBorne({ second }: Stream, lines: number, now: Millis): boolean {
  if (second.until <= now) Object.assign(second, { until: after(now, PONG_WINDOW_MS), lines: 0, pongs: 0 });
  second.lines += lines;
  return second.lines <= EMPTY_LINES_MAX;
}

/** Line ends of whatever kind and nothing else: half of one at most is worth keeping. False where there are too many. */
function dropLineEnds(stream: Stream, now: Millis): boolean {
  const rest = stream.pending.endsWith('\r') ? '\r' : '';
  const dropped = stream.pending.length - rest.length;
  stream.pending = rest;
  return areBorne(stream, dropped, now);
}
