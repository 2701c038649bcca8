/** Owns the JSON and metrics interface: status, events, timeline, Prometheus text (interfaces 4). It reads snapshots, nothing else. */
import type { HttpBindings } from '@hono/node-server';
import type { Hono } from 'hono';
import type { SSEStreamingApi } from 'hono/streaming';
import { streamSSE } from 'hono/streaming';
import type { Endpoint } from '../kernel/target.ts';
import type { PhoneStatus, TracedMessage } from '../status.ts';
import type { Counters } from './metrics.ts';
import { metricsText } from './metrics.ts';
import { pcapng } from './pcapng.ts';

/** What the API reads; the shell gives it. */
export interface ApiSource {
  readonly status: () => PhoneStatus;
  readonly counters: Counters;
  readonly since: (id: number) => readonly ApiItem[];
  readonly subscribe: (listener: (item: ApiItem) => void) => () => void;
  /** SIP messages that are kept, secrets replaced, and where the phone listens. */
  readonly trace: () => readonly TracedMessage[];
  readonly listening: Endpoint;
}

export interface ApiItem {
  readonly id: number;
  readonly json: string;
}

export function mountApi(app: Hono<{ Bindings: HttpBindings }>, source: ApiSource): void {
  app.get('/api/status', (c) => c.json(source.status()));
  app.get('/status.json', (c) => c.json(publicStatus(source.status())));
  app.get('/api/timeline', (c) =>
    c.json(source.since(0).map(({ id, json }) => ({ id, ...(JSON.parse(json) as object) }))),
  );
  app.get('/api/trace', (c) => c.json(messagesOf(source, c.req.query('call'))));
  app.get('/api/capture.pcapng', (c) => {
    c.header('Content-Type', 'application/x-pcapng');
    c.header('Content-Disposition', 'attachment; filename="capture.pcapng"');
    return c.body(new Uint8Array(pcapng(messagesOf(source, c.req.query('call')), source.listening)));
  });
  app.get('/metrics', (c) =>
    c.text(metricsText(source.status(), source.counters), 200, {
      'Content-Type': 'text/plain; version=0.0.4; charset=utf-8',
    }),
  );
  app.get('/api/events', (c) => {
    const from = Number(c.req.header('last-event-id') ?? c.req.query('since') ?? Number.NaN);
    return streamSSE(c, (stream) => sendEvents(stream, source, from));
  });
}

/** Those of one Call-ID, or all. */
const messagesOf = ({ trace }: ApiSource, call: string | undefined): readonly TracedMessage[] =>
  call === undefined ? trace() : trace().filter(({ callId }) => callId === call);

/** Events that a slow reader may leave unread before it is let go; it comes back with `Last-Event-ID`. */
const UNREAD_MAX = 4000;
/** A reader that is gone without a word is noticed by writing to it. */
const KEEP_ALIVE_MS = 15_000;

async function sendEvents(stream: SSEStreamingApi, source: ApiSource, from: number): Promise<void> {
  const pending: ApiItem[] = Number.isInteger(from) ? [...missed(source, from)] : [];
  let wake: () => void = () => undefined;
  let idle = false;
  const leave = source.subscribe((item) => {
    pending.push(item);
    if (pending.length > UNREAD_MAX) stream.abort();
    wake();
  });
  const tick = setInterval(() => {
    idle = true;
    wake();
  }, KEEP_ALIVE_MS);
  stream.onAbort(() => wake());
  try {
    // One comment at once, so that a reader knows the stream is open.
    await stream.write(': open\n\n');
    while (!stream.aborted) {
      const item = pending.shift();
      if (item !== undefined) await stream.writeSSE({ id: String(item.id), data: item.json });
      else if (idle) {
        idle = false;
        await stream.write(': still here\n\n');
      } else
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
    }
  } finally {
    leave();
    clearInterval(tick);
  }
}

/** A reader that knows more than was ever told met an earlier start of this phone: all of this one is new to it. */
function missed({ since }: ApiSource, from: number): readonly ApiItem[] {
  const all = since(0);
  return from > (all.at(-1)?.id ?? 0) ? all : since(from);
}

/** State without secrets or addresses: for a lamp on the wall. */
const publicStatus = ({ profile, model, version, uptime, link, lines }: PhoneStatus): unknown => ({
  profile,
  model,
  version,
  uptime,
  link,
  lines: lines.map(({ line, registrar }) => ({
    line,
    state: registrar?.state ?? 'off',
    server: registrar?.server ?? null,
  })),
});
