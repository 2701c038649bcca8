/** Owns the JSON and metrics interface: status, events, timeline, Prometheus text (interfaces 4). It reads snapshots, nothing else. */
import type { HttpBindings } from '@hono/node-server';
import type { Hono } from 'hono';
import { streamSSE } from 'hono/streaming';
import type { PhoneStatus } from '../status.ts';
import type { Counters } from './metrics.ts';
import { metricsText } from './metrics.ts';

/** What the API reads; the shell gives it. */
export interface ApiSource {
  readonly status: () => PhoneStatus;
  readonly counters: Counters;
  readonly since: (id: number) => readonly ApiItem[];
  readonly subscribe: (listener: (item: ApiItem) => void) => () => void;
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
  app.get('/metrics', (c) =>
    c.text(metricsText(source.status(), source.counters), 200, {
      'Content-Type': 'text/plain; version=0.0.4; charset=utf-8',
    }),
  );
  app.get('/api/events', (c) =>
    streamSSE(c, async (stream) => {
      const from = Number(c.req.header('last-event-id') ?? c.req.query('since') ?? Number.NaN);
      const pending: ApiItem[] = Number.isInteger(from) ? [...source.since(from)] : [];
      let wake: () => void = () => undefined;
      const leave = source.subscribe((item) => {
        pending.push(item);
        wake();
      });
      stream.onAbort(() => {
        leave();
        wake();
      });
      // One comment at once, so that a reader knows the stream is open.
      await stream.write(': open\n\n');
      while (!stream.aborted) {
        const item = pending.shift();
        if (item !== undefined) await stream.writeSSE({ id: String(item.id), data: item.json });
        else
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
      }
    }),
  );
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
