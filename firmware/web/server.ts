/** Owns the HTTP server: what every request and answer goes through, and where each part of the interface is mounted (interfaces 4). */
import { createServer as createTlsServer } from 'node:https';
import { performance } from 'node:perf_hooks';
import type { HttpBindings, ServerType } from '@hono/node-server';
import { serve } from '@hono/node-server';
import type { Context } from 'hono';
import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { Endpoint } from '../kernel/target.ts';
import type { Decision } from '../status.ts';
import type { Asking, Refusal, Visitor } from './access.ts';
import { changes, createGate, secureUrl } from './access.ts';
import type { ApiSource } from './api.ts';
import { mountApi } from './api.ts';
import { assetText } from './asset.ts';
import { limitConnections } from './connections.ts';
import { loginPage, nextOf } from './pages/login-pages.ts';
import { failurePage } from './pages/markup.ts';
import type { UiOptions } from './pages/web-ui.ts';
import { mountUi } from './pages/web-ui.ts';
import type { Push } from './push.ts';
import { mountPush } from './push.ts';
import { createSessions } from './sessions.ts';
import { statusPage } from './status-page.ts';
import { createThrottle } from './throttle.ts';

export type WebApp = Hono<{ Bindings: HttpBindings }>;
type WebContext = Context<{ Bindings: HttpBindings }>;

export interface WebOptions extends ApiSource {
  /** Null = no token: then only loopback peers are served. */
  readonly token: string | null;
  /** The Web UI and its logins; null = without. */
  readonly ui: UiOptions | null;
  /** Who may push XML; absent = nobody. */
  readonly push?: Push;
  readonly decisions: () => readonly Decision[];
}

export interface WebServer {
  readonly app: WebApp;
  /** Whether there are pages for persons (`web interface enabled`). */
  readonly pages: () => boolean;
  /** Starts listening, over TLS where a certificate is given; rejects with the system's error. At most once each way. */
  listen(at: Endpoint, tls?: { readonly cert: string; readonly key: string }): Promise<Endpoint>;
  close(): Promise<void>;
}

const BODY_MAX_OCTETS = 65_536;
const HEADERS_MAX_OCTETS = 16_384;
/** A request that takes longer to arrive is one that never will. */
const ARRIVE_MS = 10_000;

const SECURITY_HEADERS = {
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  // Not no-referrer: browsers would then say `Origin: null` of the phone's own forms, and nobody could log in.
  'Referrer-Policy': 'same-origin',
  'Content-Security-Policy': "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
  'Cache-Control': 'no-store',
} as const;

export function createWebServer(options: WebOptions): WebServer {
  const app: WebApp = new Hono<{ Bindings: HttpBindings }>();
  const now = (): number => performance.now();
  const sessions = createSessions(now);
  const pages = options.ui?.enabled ?? (() => true);
  const gate = createGate({
    token: options.token,
    check: options.ui?.accounts.check ?? (() => Promise.resolve(null)),
    plainLogin: options.ui?.plainLogin ?? (() => false),
    pages,
    throttle: createThrottle(now),
    sessions,
  });
  const visitors = new WeakMap<object, Visitor>();
  const servers: ServerType[] = [];
  /** Where browsers are sent that come in the clear. */
  let secure: Endpoint | null = null;
  app.use(async (c, next) => {
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) c.header(name, value);
    return next();
  });
  if (options.push !== undefined) mountPush(app, options.push);
  app.use(async (c, next) => {
    const asking = askingOf(c);
    const visitor = await gate.visit(asking);
    if ('error' in visitor) {
      const there = visitor.status === 401 && wantsPage(c) ? secureUrl(asking, secure) : null;
      return there === null ? refuse(c, visitor) : c.redirect(there, 307);
    }
    if (visitor.role === 'viewer' && changes(asking.method) && asking.path !== '/logout')
      return failed(c, 403, 'a viewer changes nothing');
    visitors.set(c.env.incoming, visitor);
    return next();
  });
  app.use(
    bodyLimit({
      maxSize: BODY_MAX_OCTETS,
      onError: (c) => c.json({ error: `a body has at most ${BODY_MAX_OCTETS} octets` }, 413),
    }),
  );
  app.use(async (c, next) => {
    if (!changes(c.req.method) || (await isWhole(c))) return next();
    return failed(c, 400, 'the form is not whole: send it again');
  });
  app.use(async (c, next) => {
    const session = visitors.get(c.env.incoming)?.session ?? null;
    if (session === null || !changes(c.req.method) || (await showsCsrf(c, session.csrf))) return next();
    return failed(c, 403, 'the form is from another session: load its page again');
  });
  app.onError((error, c) => c.json({ error: error.message.split('\n', 1)[0] ?? 'failed' }, 500));
  app.notFound((c) => {
    if (c.req.path !== '/') return failed(c, 404, `nothing at ${c.req.path.slice(0, 100)}`);
    // A board with a panel has mounted its own page by now.
    const hasPages = options.ui !== null && visitors.get(c.env.incoming)?.session != null;
    return hasPages ? c.redirect('/sysinfo.html') : c.html(statusPage(options.status()));
  });
  app.get('/icon.svg', (c) => c.body(assetText('pages', 'icon.svg'), 200, { 'Content-Type': 'image/svg+xml' }));
  mountApi(app, options);
  if (options.ui !== null)
    mountUi(app, options.ui, {
      ...{
        gate,
        sessions,
        askingOf,
        refuse,
        listening: options.listening,
        status: options.status,
        since: options.since,
        why: options,
      },
      visitorOf: (c) => visitors.get(c.env.incoming) ?? { role: null, session: null },
    });

  return {
    app,
    pages,
    listen: ({ address, port }, tls) =>
      new Promise((resolve, reject) => {
        const server = serve(
          {
            fetch: app.fetch,
            hostname: address,
            port,
            ...(tls === undefined ? {} : { createServer: createTlsServer }),
            serverOptions: {
              ...(tls === undefined ? {} : { ...tls, minVersion: 'TLSv1.2' as const, handshakeTimeout: ARRIVE_MS }),
              maxHeaderSize: HEADERS_MAX_OCTETS,
              requestTimeout: ARRIVE_MS,
              headersTimeout: ARRIVE_MS,
            },
          },
          ({ address: own, port: given }) => {
            const at = { address: own, port: given };
            if (tls !== undefined) secure = at;
            resolve(at);
          },
        );
        server.on('error', reject);
        limitConnections(server);
        servers.push(server);
      }),
    close: async () => {
      await Promise.all(servers.map(closed));
    },
  };
}

const closed = (server: ServerType): Promise<void> =>
  new Promise((resolve) => {
    if ('closeAllConnections' in server) server.closeAllConnections();
    server.close(() => resolve());
  });

const askingOf = (c: WebContext): Asking => {
  const { socket } = c.env.incoming;
  return {
    headers: c.req.raw.headers,
    method: c.req.method,
    path: c.req.path,
    peer: socket.remoteAddress ?? '',
    encrypted: 'encrypted' in socket && socket.encrypted === true,
  };
};

/** A browser gets the form to log in, and a script the names of what it can log in with. */
function refuse(c: WebContext, { status, error, waitS }: Refusal): Response {
  if (waitS !== undefined) c.header('Retry-After', String(waitS));
  if (status === 401 && wantsPage(c)) return c.html(loginPage(nextOf(c.req.path), ''), 401);
  if (status === 401) {
    c.header('WWW-Authenticate', 'Bearer');
    c.header('WWW-Authenticate', 'Basic realm="Holdfast"', { append: true });
  }
  return failed(c, status, error);
}

/** A person reads a page, a script an object. */
const failed = (c: WebContext, status: keyof typeof FAILURES, error: string): Response =>
  wantsPage(c)
    ? c.body(failurePage(FAILURES[status], sentence(error)), status, { 'Content-Type': 'text/html; charset=UTF-8' })
    : c.json({ error }, status);

const FAILURES: Readonly<Record<Refusal['status'] | 400 | 404, string>> = {
  400: 'Not Understood',
  401: 'Log In First',
  403: 'Not Allowed',
  404: 'Not Found',
  429: 'Too Many Attempts',
};

const sentence = (text: string): string => `${text.slice(0, 1).toUpperCase()}${text.slice(1)}.`;

const wantsPage = (c: WebContext): boolean => (c.req.header('accept') ?? '').includes('text/html');

/** False: the body is a form by its type, and cannot be read as one. */
async function isWhole(c: WebContext): Promise<boolean> {
  try {
    await c.req.parseBody();
    return true;
  } catch (error) {
    // One that is too long is answered by who measures it.
    if (error instanceof Error && error.name === 'BodyLimitError') throw error;
    return false;
  }
}

/** A JSON body cannot come from a foreign form, and from a foreign script not without asking first; a form shows the session's word. */
async function showsCsrf(c: WebContext, csrf: string): Promise<boolean> {
  if ((c.req.header('content-type') ?? '').startsWith('application/json')) return true;
  const { csrf: sent } = await c.req.parseBody();
  return sent === csrf;
}
