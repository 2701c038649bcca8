/** Owns the Web UI as a whole: logging in and out, the status page, the password, and the forms of settings behind them. */
import type { HttpBindings } from '@hono/node-server';
import type { Context, Hono } from 'hono';
import type { Result } from '../../kernel/result.ts';
import type { Endpoint } from '../../kernel/target.ts';
import { endpointText } from '../../kernel/target.ts';
import type { PhoneStatus } from '../../status.ts';
import type { Asking, CheckLogin, Gate, Refusal, Visitor } from '../access.ts';
import { assetText } from '../asset.ts';
import type { Sessions } from '../sessions.ts';
import { cookieOf, NO_COOKIE } from '../sessions.ts';
import type { Account } from './account-page.ts';
import { mountAccountPage } from './account-page.ts';
import type { EditableSettings } from './editor-page.ts';
import { mountEditorPage } from './editor-page.ts';
import { loginPage, nextOf, passwordPage } from './login-pages.ts';
import type { Viewer } from './markup.ts';
import { markup, message, page } from './markup.ts';
import type { ResolveSource } from './resolve-page.ts';
import { mountResolvePage } from './resolve-page.ts';
import type { Bench } from './self-test-page.ts';
import { mountSelfTestPage } from './self-test-page.ts';
import { mountSettingsPages } from './settings-pages.ts';
import { sysinfoView } from './sysinfo.ts';
import type { Rounds, TroubleSource } from './trouble-page.ts';
import { belowForm, mountTroublePages } from './trouble-page.ts';
import type { Upkeep } from './upkeep-pages.ts';
import { mountUpkeepPages } from './upkeep-pages.ts';
import type { WhySource } from './why-pages.ts';
import { mountWhyPages } from './why-pages.ts';

export interface UiOptions {
  readonly mac: string;
  readonly settings: EditableSettings;
  readonly accounts: {
    readonly check: CheckLogin;
    /** The administrator's new password. */
    readonly change: (password: string) => Promise<Result<null, string>>;
  };
  readonly upkeep: Upkeep;
  readonly account: Account;
  readonly rounds: Rounds;
  /** Null: the phone has no panel. */
  readonly bench: Bench | null;
  /** DNS, asked as the phone asks. */
  readonly lookUp: ResolveSource['lookUp'];
  /** `web plain login`. */
  readonly plainLogin: () => boolean;
  /** `web interface enabled`. */
  readonly enabled: () => boolean;
}

type Env = { Bindings: HttpBindings };

const DIFFER = 'Nothing was changed: the new password and its repetition differ.';

/** What the server knows of a request. */
export interface UiServer {
  readonly gate: Gate;
  readonly sessions: Sessions;
  readonly status: () => PhoneStatus;
  readonly listening: Endpoint;
  readonly since: TroubleSource['since'];
  readonly why: WhySource;
  readonly askingOf: (c: Context<Env>) => Asking;
  readonly visitorOf: (c: Context<Env>) => Visitor;
  readonly refuse: (c: Context<Env>, refusal: Refusal) => Response;
}

export function mountUi(app: Hono<Env>, options: UiOptions, server: UiServer): void {
  const enter = (c: Context<Env>, need: 'viewer' | 'admin'): Viewer | Response => {
    const { role, session } = server.visitorOf(c);
    if (role === null || role === 'machine') return server.refuse(c, { status: 401, error: 'log in first' });
    if (need === 'admin' && role !== 'admin')
      return server.refuse(c, { status: 403, error: 'a viewer changes nothing' });
    return { role, csrf: session?.csrf ?? '', panel: options.bench !== null };
  };
  app.get('/pages.css', (c) => c.body(assetText('pages', 'pages.css'), 200, { 'Content-Type': 'text/css' }));
  app.get('/sysinfo.html', (c) => {
    const viewer = enter(c, 'viewer');
    if (viewer instanceof Response) return viewer;
    return c.html(
      page(
        'System Information',
        '/sysinfo.html',
        viewer,
        sysinfoView({ mac: options.mac, sip: endpointText(server.listening) }, server.status()),
      ),
    );
  });
  mountLogin(app, server);
  mountPassword(app, options, server, enter);
  const trouble: TroubleSource = {
    ...{ settings: options.settings, rounds: options.rounds, since: server.since },
    version: () => server.status().version,
  };
  mountSettingsPages(app, {
    ...{ settings: options.settings, enter },
    below: (path, viewer) => belowForm(path, trouble, viewer),
  });
  mountTroublePages(app, trouble, enter);
  mountAccountPage(app, options.account, enter);
  mountEditorPage(app, options.settings, enter);
  if (options.bench !== null) mountSelfTestPage(app, options.bench, enter);
  mountUpkeepPages(app, options.settings, options.upkeep, enter);
  mountWhyPages(app, server.why, enter);
  mountResolvePage(app, { lookUp: options.lookUp, settings: options.settings, status: server.status }, enter);
}

function mountLogin(app: Hono<Env>, { gate, sessions, askingOf, visitorOf }: UiServer): void {
  app.get('/login', (c) => c.html(loginPage('/sysinfo.html', '')));
  app.post('/login', async (c) => {
    const { user, password, next } = await c.req.parseBody();
    const to = nextOf(typeof next === 'string' ? next : '');
    const asking = askingOf(c);
    const opened = await gate.login(asking, String(user ?? ''), String(password ?? ''));
    if ('error' in opened) return c.html(loginPage(to, opened.error), opened.status);
    c.header('Set-Cookie', cookieOf(opened));
    return c.redirect(to, 303);
  });
  app.post('/logout', (c) => {
    const { session } = visitorOf(c);
    if (session !== null) sessions.close(session);
    c.header('Set-Cookie', NO_COOKIE);
    return c.redirect('/login', 303);
  });
}

function mountPassword(
  app: Hono<Env>,
  { accounts }: UiOptions,
  { gate, sessions, askingOf }: UiServer,
  enter: (c: Context<Env>, need: 'viewer' | 'admin') => Viewer | Response,
): void {
  app.get('/password.html', (c) => {
    const viewer = enter(c, 'admin');
    return viewer instanceof Response ? viewer : c.html(passwordPage(viewer, markup``));
  });
  app.post('/password.html', async (c) => {
    const viewer = enter(c, 'admin');
    if (viewer instanceof Response) return viewer;
    const { old, new: wanted, again = wanted } = await c.req.parseBody();
    if (again !== wanted) return c.html(passwordPage(viewer, message('bad', [DIFFER])), 400);
    const known = await gate.login(askingOf(c), 'admin', String(old ?? ''));
    if ('error' in known) return c.html(passwordPage(viewer, message('bad', [known.error])), known.status);
    sessions.close(known);
    const changed = await accounts.change(String(wanted ?? ''));
    if (!changed.ok) return c.html(passwordPage(viewer, message('bad', [changed.error])), 400);
    sessions.closeAll();
    c.header('Set-Cookie', NO_COOKIE);
    return c.html(loginPage('/sysinfo.html', ''));
  });
}
