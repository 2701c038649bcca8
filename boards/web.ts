/** Owns the web server of a phone: its sockets, its certificate, who may log in, and the first password on its way to the glass. */
import { createServer } from 'node:net';
import { performance } from 'node:perf_hooks';
import { FIRST_PASSWORD_PLACE } from '../firmware/config/defaults.ts';
import { postHosts } from '../firmware/config/xml-parameters.ts';
import type { Result } from '../firmware/kernel/result.ts';
import { fail, ok } from '../firmware/kernel/result.ts';
import type { Endpoint } from '../firmware/kernel/target.ts';
import { endpointText } from '../firmware/kernel/target.ts';
import type { Accounts } from '../firmware/shell/accounts.ts';
import { openAccounts } from '../firmware/shell/accounts.ts';
import type { RunArgs } from '../firmware/shell/args.ts';
import { codeOf } from '../firmware/shell/errno.ts';
import { readWholeText } from '../firmware/shell/files.ts';
import { resolveServers } from '../firmware/shell/resolution.ts';
import type { RunningPhone } from '../firmware/shell/run.ts';
import type { SettingsStore } from '../firmware/shell/settings-store.ts';
import { markForReset } from '../firmware/shell/state-folder.ts';
import type { Trace } from '../firmware/shell/trace.ts';
import { webCertificate } from '../firmware/shell/web-certificate.ts';
import { createXmlPush } from '../firmware/shell/xml-push.ts';
import type { CheckLogin } from '../firmware/web/access.ts';
import type { Bench } from '../firmware/web/pages/self-test-page.ts';
import type { Rounds } from '../firmware/web/pages/trouble-page.ts';
import type { WebServer } from '../firmware/web/server.ts';
import type { Display } from '../hal/devices.ts';
import { lookupBy } from './provision.ts';

const TOKEN_MIN = 32;

export interface WebParts {
  readonly args: RunArgs;
  readonly token: string | null;
  readonly phone: RunningPhone;
  readonly store: SettingsStore;
  readonly glass: Glass;
  readonly mount: (web: WebServer) => unknown;
  readonly restart: () => void;
  readonly trace: Trace;
  readonly rounds: Rounds;
  /** Null: the phone has no panel. */
  readonly bench: Bench | null;
}

export interface Web {
  readonly web: WebServer;
  readonly http: string | null;
  readonly https: string | null;
  /** The password that this first start made; null = there was one. */
  readonly password: string | null;
}

/** Null: no pages are wanted. */
export async function startWeb({
  args,
  token,
  phone,
  store,
  glass,
  mount,
  restart,
  trace,
  rounds,
  bench,
}: WebParts): Promise<Result<Web | null, string>> {
  if (args.http === null && args.https === null) return ok(null);
  const { createWebServer } = await import('../firmware/web/server.ts');
  const { createCounters } = await import('../firmware/web/metrics.ts');
  const accounts = await openAccounts(args.state, store.given);
  if (accounts.problem !== null) phone.tell({ ...NO_PLACE, parameter: 'admin password', message: accounts.problem });
  const counters = createCounters();
  phone.events.subscribe(({ event }) => counters.count(event));
  const web = createWebServer({
    token,
    push: createXmlPush({
      hosts: () => postHosts(store.given('xml application post list') ?? ''),
      ...{ lookup: lookupBy(args.dns), now: () => performance.now(), input: phone.input },
    }),
    ui: {
      mac: args.mac,
      settings: store,
      accounts: watched(accounts, () => {
        glass.clear();
        tellPages('done');
      }),
      upkeep: {
        restart,
        async factoryReset() {
          await markForReset(args.state);
          restart();
        },
      },
      lookUp: (asked) => resolveServers({ ...asked, bind: args.bind, nameServers: args.dns }),
      account: {
        answers: phone.host.answering,
        dnd: (state) => phone.input({ kind: 'command', id: null, command: { verb: 'dnd', state } }),
        forward: (when, to, rings) =>
          phone.input({ kind: 'command', id: null, command: { verb: 'forward', when, to, rings } }),
      },
      rounds,
      bench,
      plainLogin: () => store.given('web plain login') === '1',
      enabled: () => store.given('web interface enabled') !== '0',
    },
    status: phone.host.status,
    counters,
    since: phone.events.since,
    subscribe: phone.events.subscribe,
    ...{ decisions: phone.host.decisions, trace: trace.messages, listening: phone.local },
  });
  await mount(web);
  let secure: Secure | null = null;
  if (args.https !== null) {
    const opened = await listenTls(web, args.https, { args, phone, store });
    if (!opened.ok) return opened;
    secure = opened.value;
  }
  const { http: plainAt } = args;
  const http = plainAt === null ? ok(null) : await listening('--http', plainAt, () => web.listen(plainAt));
  if (!http.ok) return http;
  const { made } = accounts;
  const url = secure === null ? `http://${http.value ?? ''}/` : `https://${secure.at}/`;
  function tellPages(firstLogin: 'due' | 'done'): void {
    phone.input({ kind: 'web-pages', pages: { url, fingerprint: secure?.fingerprint ?? null, firstLogin } });
  }
  if (made !== null) glass.put(made);
  tellPages(made === null ? 'done' : 'due');
  return ok({ web, http: http.value, https: secure?.at ?? null, password: made });
}

const NO_PLACE = { event: 'problem', file: '', line: 0 } as const;

interface Secure {
  readonly at: string;
  readonly fingerprint: string;
}

async function listenTls(
  web: WebServer,
  at: Endpoint,
  { args, phone, store }: Pick<WebParts, 'args' | 'phone' | 'store'>,
): Promise<Result<Secure, string>> {
  const wishes = {
    certificate: store.given('web certificate') ?? '',
    key: store.given('web private key') ?? '',
    commonName: `Holdfast ${args.mac}`,
  };
  let fingerprint = '';
  const opened = await listening('--https', at, async () => {
    const { problems, ...tls } = await webCertificate(wishes, args.config, args.state);
    for (const message of problems) phone.tell({ ...NO_PLACE, parameter: 'web certificate', message });
    fingerprint = tls.fingerprint;
    return web.listen(at, { cert: tls.cert, key: tls.key });
  });
  return opened.ok ? ok({ at: opened.value, fingerprint }) : opened;
}

async function listening(option: string, at: Endpoint, open: () => Promise<Endpoint>): Promise<Result<string, string>> {
  try {
    return ok(endpointText(await open()));
  } catch (error) {
    return fail(`${option} ${endpointText(at)}: ${socketProblem(error)}`);
  }
}

/** Tells when the administrator logs in for the first time; whoever only looks comes after him, for the panel can be looked at. */
function watched(accounts: Accounts, used: () => void): Omit<Accounts, 'check'> & { readonly check: CheckLogin } {
  let waits = accounts.made !== null;
  return {
    ...accounts,
    async check(user, password, from) {
      const role = await accounts.check(user, password, from);
      if (role === 'admin' && waits) {
        waits = false;
        used();
      }
      return role === 'viewer' && waits ? 'not-yet' : role;
    },
  };
}

/** What stands between the phone and its screen: the one place that knows the first password while it is shown. */
export interface Glass {
  over(display: Display): Display;
  put(password: string): void;
  clear(): void;
}

export function createGlass(): Glass {
  let password: string | null = null;
  return {
    over: (display) => ({
      columns: display.columns,
      rows: display.rows,
      show(frame) {
        const shown = password;
        display.show(
          shown === null
            ? frame
            : { ...frame, rows: frame.rows.map((row) => row.replace(FIRST_PASSWORD_PLACE, () => shown)) },
        );
      },
    }),
    put(made) {
      password = made;
    },
    clear() {
      password = null;
    },
  };
}

/** Known before the first REGISTER leaves: a phone that cannot start must disturb nobody. Null = both can be opened. */
export async function refusedSockets({ http, https }: RunArgs): Promise<string | null> {
  for (const [option, at] of [['--http', http] as const, ['--https', https] as const]) {
    const error = at === null ? null : await refused(at);
    if (at !== null && error !== null) return `${option} ${endpointText(at)}: ${socketProblem(error)}`;
  }
  return null;
}

/** The error that listening there would have, null = none. */
const refused = (at: Endpoint): Promise<unknown> =>
  new Promise((resolve) => {
    const trial = createServer();
    trial.once('error', resolve);
    trial.listen(at.port, at.address, () => trial.close(() => resolve(null)));
  });

export function socketProblem(error: unknown): string {
  switch (codeOf(error)) {
    case 'EADDRINUSE':
      return 'the port is in use';
    case 'EADDRNOTAVAIL':
      return 'this machine has no such address';
    case 'EACCES':
      return 'not allowed (a port below 1024 needs the right to it)';
    default:
      return `cannot be opened (${codeOf(error) === '' ? String(error) : codeOf(error)})`;
  }
}

export async function readToken(path: string | null): Promise<Result<string | null, string>> {
  if (path === null) return ok(null);
  const text = await readWholeText(path).catch((error: unknown) => ({ code: codeOf(error) }));
  if (typeof text !== 'string') return fail(`--api-token-file ${path}: cannot be read (${text.code})`);
  const token = text.split('\n', 1)[0]?.trim() ?? '';
  return token.length < TOKEN_MIN
    ? fail(`--api-token-file ${path}: the first line must have at least ${TOKEN_MIN} characters`)
    : ok(token);
}
