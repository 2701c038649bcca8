/**
 * Owns the HTTP side: who may ask, and the pages' common rules. Login here is the API token, or a loopback peer where no token is set
 * (interfaces 4); the Web UI's own login comes with its pages.
 */
import { timingSafeEqual } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import type { HttpBindings, ServerType } from '@hono/node-server';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import type { Endpoint } from '../kernel/target.ts';
import type { ApiSource } from './api.ts';
import { mountApi } from './api.ts';

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

export function createWebServer(options: WebOptions): WebServer {
  const app: WebApp = new Hono<{ Bindings: HttpBindings }>();
  let server: ServerType | null = null;
  app.use(async (c, next) => {
    const refused = refusal(
      c.req.raw.headers,
      c.env.incoming.socket.remoteAddress ?? '',
      c.req.method,
      c.req.path,
      options.token,
    );
    if (refused !== null) {
      if (refused.status === 401) c.header('WWW-Authenticate', 'Bearer');
      return c.json({ error: refused.error }, refused.status);
    }
    if (Number(c.req.header('content-length') ?? 0) > BODY_MAX_OCTETS)
      return c.json({ error: `a body has at most ${BODY_MAX_OCTETS} octets` }, 413);
    await next();
    c.header('X-Content-Type-Options', 'nosniff');
    c.header('X-Frame-Options', 'DENY');
    c.header('Referrer-Policy', 'no-referrer');
    c.header(
      'Content-Security-Policy',
      "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    );
    c.header('Cache-Control', 'no-store');
    return undefined;
  });
  app.onError((error, c) => c.json({ error: error.message.split('\n', 1)[0] ?? 'failed' }, 500));
  app.notFound((c) => c.json({ error: `nothing at ${c.req.path.slice(0, 100)}` }, 404));
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
            serverOptions: { maxHeaderSize: 16_384, requestTimeout: 10_000, headersTimeout: 10_000 },
          },
          () => {
            const at = server?.address() as AddressInfo;
            resolve({ address: at.address, port: at.port });
          },
        );
        server.on('error', reject);
      }),
    close: () =>
      new Promise((resolve) => {
        if (server === null) return resolve();
        if ('closeAllConnections' in server) server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

interface Refusal {
  readonly status: 401 | 403;
  readonly error: string;
}

/** Host first (rebinding), then origin (foreign pages), then login. */
function refusal(headers: Headers, peer: string, method: string, path: string, token: string | null): Refusal | null {
  const host = headers.get('host') ?? '';
  if (!isOwnHost(host)) return { status: 403, error: `Host "${host.slice(0, 60)}" is not this phone's address` };
  if (method !== 'GET' && method !== 'HEAD' && isForeign(headers, host))
    return { status: 403, error: 'the request comes from a foreign page' };
  if (path === '/status.json') return null;
  if (token === null)
    return isLoopback(peer) ? null : { status: 401, error: 'no API token is set: only this machine may ask' };
  const sent = /^Bearer (.+)$/.exec(headers.get('authorization') ?? '')?.[1] ?? '';
  return sameText(sent, token) ? null : { status: 401, error: 'a valid API token is needed' };
}

/** A name that DNS could point at us is not our name: only addresses and localhost are (rebinding). */
const isOwnHost = (host: string): boolean =>
  /^(localhost|\d{1,3}(\.\d{1,3}){3}|\[[0-9a-f:]+\])(:\d{1,5})?$/i.test(host);

function isForeign(headers: Headers, host: string): boolean {
  const site = headers.get('sec-fetch-site');
  if (site !== null && site !== 'same-origin' && site !== 'none') return true;
  const origin = headers.get('origin') ?? headers.get('referer');
  if (origin === null) return false;
  return !URL.canParse(origin) || new URL(origin).host !== host;
}

const isLoopback = (peer: string): boolean =>
  peer === '127.0.0.1' || peer === '::1' || peer === '::ffff:127.0.0.1' || peer.startsWith('127.');

function sameText(a: string, b: string): boolean {
  const left = Buffer.from(a);
  const right = Buffer.from(b);
  return left.length === right.length && timingSafeEqual(left, right);
}
