/**
 * Owns the HTTP side: who may ask, and the pages' common rules. Login here is the API token, or a loopback peer where no token is set
 * (interfaces 4); the Web UI's own login comes with its pages.
 */
import { timingSafeEqual } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import type { HttpBindings, ServerType } from '@hono/node-server';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { Endpoint } from '../kernel/target.ts';
import type { ApiSource } from './api.ts';
import { mountApi } from './api.ts';
import { statusPage } from './status-page.ts';
import { createThrottle } from './throttle.ts';

export type WebApp = Hono<{ Bindings: HttpBindings }>;

export interface WebOptions extends ApiSource {
  /** Null = no token: then only loopback peers are served. */
  readonly token: string | null;
}

export interface WebServer {
  readonly app: WebApp;
  /** Starts listening; rejects with the system's error. */
  listen(at: Endpoint): Promise<Endpoint>;
  close(): Promise<void>;
}

const BODY_MAX_OCTETS = 65_536;
const HEADERS_MAX_OCTETS = 16_384;
/** A request that takes longer to arrive is one that never will. */
const ARRIVE_MS = 10_000;
const CONNECTIONS_MAX = 64;

const SECURITY_HEADERS = {
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'no-referrer',
  'Content-Security-Policy': "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
  'Cache-Control': 'no-store',
} as const;

export function createWebServer(options: WebOptions): WebServer {
  const app: WebApp = new Hono<{ Bindings: HttpBindings }>();
  const throttle = createThrottle(() => performance.now());
  let server: ServerType | null = null;
  app.use(async (c, next) => {
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) c.header(name, value);
    const peer = c.env.incoming.socket.remoteAddress ?? '';
    const { method, path, raw } = c.req;
    const refused = refusal({ headers: raw.headers, method, path, peer, waitS: throttle.waitS(peer) }, options.token);
    if (refused === null) return next();
    if (refused.status === 429) c.header('Retry-After', String(throttle.waitS(peer)));
    if (refused.status === 401) {
      throttle.failed(peer);
      c.header('WWW-Authenticate', 'Bearer');
    }
    return c.json({ error: refused.error }, refused.status);
  });
  app.use(
    bodyLimit({
      maxSize: BODY_MAX_OCTETS,
      onError: (c) => c.json({ error: `a body has at most ${BODY_MAX_OCTETS} octets` }, 413),
    }),
  );
  app.onError((error, c) => c.json({ error: error.message.split('\n', 1)[0] ?? 'failed' }, 500));
  app.notFound((c) =>
    // A board with a panel has mounted its own page by now.
    c.req.path === '/'
      ? c.html(statusPage(options.status()))
      : c.json({ error: `nothing at ${c.req.path.slice(0, 100)}` }, 404),
  );
  mountApi(app, options);

  return {
    app,
    listen: ({ address, port }) =>
      new Promise((resolve, reject) => {
        server = serve(
          {
            fetch: app.fetch,
            hostname: address,
            port,
            serverOptions: {
              maxHeaderSize: HEADERS_MAX_OCTETS,
              requestTimeout: ARRIVE_MS,
              headersTimeout: ARRIVE_MS,
            },
          },
          ({ address: own, port: given }) => resolve({ address: own, port: given }),
        );
        server.on('error', reject);
        server.maxConnections = CONNECTIONS_MAX;
      }),
    close: () =>
      new Promise((resolve) => {
        if (server === null) return resolve();
        if ('closeAllConnections' in server) server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

interface Asking {
  readonly headers: Headers;
  readonly method: string;
  readonly path: string;
  readonly peer: string;
  /** Seconds that this peer has to wait after wrong tokens. */
  readonly waitS: number;
}

interface Refusal {
  readonly status: 401 | 403 | 429;
  readonly error: string;
}

/** Host first (rebinding), then origin (foreign pages), then login. */
function refusal({ headers, method, path, peer, waitS }: Asking, token: string | null): Refusal | null {
  const host = headers.get('host') ?? '';
  if (!isAddress(host)) return { status: 403, error: `Host "${host.slice(0, 60)}" is not this phone's address` };
  if (method !== 'GET' && method !== 'HEAD' && isForeign(headers, host))
    return { status: 403, error: 'the request comes from a foreign page' };
  if (path === '/status.json') return null;
  if (token === null)
    // Behind a relay on this machine every peer looks like this machine: the Host tells.
    return isLoopback(peer) && isLoopback(nameOf(host))
      ? null
      : { status: 401, error: 'no API token is set: only this machine may ask' };
  if (waitS > 0) return { status: 429, error: `too many wrong tokens: wait ${waitS} s` };
  const sent = /^Bearer (.+)$/i.exec(headers.get('authorization') ?? '')?.[1] ?? '';
  return sameText(sent, token) ? null : { status: 401, error: 'a valid API token is needed' };
}

/** A name that DNS could point at us is not our name: only addresses and localhost are (rebinding). */
const isAddress = (host: string): boolean =>
  /^(localhost|\d{1,3}(\.\d{1,3}){3}|\[[0-9a-f:.]+\])(:\d{1,5})?$/i.test(host);

/** Without port and brackets. */
const nameOf = (host: string): string =>
  host
    .replace(/:\d+$/, '')
    .replace(/^\[|\]$/g, '')
    .toLowerCase();

function isForeign(headers: Headers, host: string): boolean {
  const site = headers.get('sec-fetch-site');
  if (site !== null && site !== 'same-origin' && site !== 'none') return true;
  const origin = headers.get('origin') ?? headers.get('referer');
  if (origin === null) return false;
  return !URL.canParse(origin) || new URL(origin).host !== host;
}

const isLoopback = (address: string): boolean =>
  address === 'localhost' || address === '::1' || /^(::ffff:)?127(\.\d{1,3}){3}$/.test(address);

function sameText(a: string, b: string): boolean {
  const left = Buffer.from(a);
  const right = Buffer.from(b);
  return left.length === right.length && timingSafeEqual(left, right);
}
