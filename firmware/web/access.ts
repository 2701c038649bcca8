/**
 * Owns who may ask the phone over HTTP: Host, origin, then login by the API token, a browser's session or Basic; a loopback peer may
 * read where no token is set (interfaces 4). Passwords are taken over loopback or TLS, in the clear only with `web plain login`, and not at
 * all with `web interface enabled: 0`: then there is no page for a person, and programs with the token or on this machine go on.
 */
import { timingSafeEqual } from 'node:crypto';
import type { Endpoint } from '../kernel/target.ts';
import type { Session, Sessions } from './sessions.ts';
import type { Throttle } from './throttle.ts';

/** `machine`: a peer on this machine that has not logged in; it changes no setting. */
export type Role = 'admin' | 'viewer' | 'machine';

/** Checks a name and a password; the shell has them. `not-yet`: they are right, but the administrator has never logged in. */
export type CheckLogin = (
  user: string,
  password: string,
  from: 'this-machine' | 'network',
) => Promise<'admin' | 'viewer' | 'not-yet' | null>;

export interface Asking {
  readonly headers: Headers;
  readonly method: string;
  readonly path: string;
  readonly peer: string;
  readonly encrypted: boolean;
}

export interface Visitor {
  readonly role: Role | null;
  readonly session: Session | null;
}

export interface Refusal {
  readonly status: 401 | 403 | 429;
  readonly error: string;
  /** Seconds until this peer may try again. */
  readonly waitS?: number;
}

export interface Gate {
  /** Host first (rebinding), then origin (foreign pages), then login. */
  visit(asking: Asking): Promise<Visitor | Refusal>;
  /** A login by the form. */
  login(asking: Asking, user: string, password: string): Promise<Session | Refusal>;
}

export interface GateOptions {
  readonly token: string | null;
  readonly check: CheckLogin;
  readonly plainLogin: () => boolean;
  /** Whether there are pages for persons. */
  readonly pages: () => boolean;
  readonly throttle: Throttle;
  readonly sessions: Sessions;
}

const HTTPS_PORT = 443;
/** Pages that need no login: a lamp on the wall, and the way to log in. */
const OPEN: ReadonlySet<string> = new Set(['/status.json', '/login', '/pages.css', '/icon.svg']);
/** What programs ask, and what the page that says no looks like; all else is for persons. */
const FOR_PROGRAMS = /^\/(status\.json|metrics|pages\.css|icon\.svg|api\/.*|hil\/.*)$/;
const NO_PAGES: Refusal = {
  status: 403,
  error: 'the configuration of this phone has turned its web pages off ("web interface enabled: 0")',
};
const NOT_YET: Refusal = {
  status: 403,
  error: "the administrator logs in first: until then the panel's page would show the first password",
};
const CLEAR: Refusal = {
  status: 403,
  error: 'a password is not taken over plain HTTP from the network: use HTTPS, or set "web plain login: 1"',
};

export function createGate({ token, check, plainLogin, pages, throttle, sessions }: GateOptions): Gate {
  const waits = ({ peer }: Asking): Refusal | null => {
    const waitS = throttle.waitS(peer);
    return waitS > 0 ? { status: 429, error: `too many wrong logins: wait ${waitS} s`, waitS } : null;
  };
  const mayTell = (asking: Asking): boolean => asking.encrypted || isHere(asking) || plainLogin();
  const failed = ({ peer }: Asking, error: string): Refusal => {
    throttle.failed(peer);
    return { status: 401, error };
  };

  let looked: Promise<unknown> = Promise.resolve();

  /** One at a time: of guesses that come all at once, those after the last free one are not looked at either. */
  function byPassword(asking: Asking, user: string, password: string): Promise<'admin' | 'viewer' | Refusal> {
    const found = looked.then(() => look(asking, user, password));
    looked = found.catch(() => undefined);
    return found;
  }

  async function look(asking: Asking, user: string, password: string): Promise<'admin' | 'viewer' | Refusal> {
    const wait = waits(asking);
    if (wait !== null) return wait;
    if (!pages()) return NO_PAGES;
    if (!mayTell(asking)) return CLEAR;
    const role = await check(user, password, isHere(asking) ? 'this-machine' : 'network');
    if (role === 'not-yet') return NOT_YET;
    return role ?? failed(asking, 'the name or the password is wrong');
  }

  async function byHeaders(asking: Asking): Promise<Visitor | Refusal> {
    const [scheme = '', sent = ''] = (asking.headers.get('authorization') ?? '').split(/ +/, 2);
    if (scheme.toLowerCase() === 'bearer')
      return token !== null && sameText(sent, token)
        ? { role: 'admin', session: null }
        : failed(asking, 'a valid API token is needed');
    if (scheme.toLowerCase() === 'basic') {
      const [, user = '', password = ''] = /^([^:]*):(.*)$/s.exec(Buffer.from(sent, 'base64').toString()) ?? [];
      const role = await byPassword(asking, user, password);
      return typeof role === 'string' ? { role, session: null } : role;
    }
    if (token === null && isHere(asking)) return { role: 'machine', session: null };
    return { status: 401, error: token === null ? 'log in first' : 'a login or a valid API token is needed' };
  }

  return {
    async visit(asking) {
      const { headers, method, path } = asking;
      const host = headers.get('host') ?? '';
      if (!isAddress(host)) return { status: 403, error: `Host "${host.slice(0, 60)}" is not this phone's address` };
      if (changes(method) && isForeign(headers, host))
        return { status: 403, error: 'the request comes from a foreign page' };
      if (!pages() && !FOR_PROGRAMS.test(path)) return NO_PAGES;
      if (OPEN.has(path)) return { role: null, session: null };
      // Whoever has logged in is not kept out by others who guess at the same address.
      const session = pages() ? sessions.find(headers.get('cookie') ?? '', asking) : null;
      if (session !== null) return { role: session.role, session };
      return waits(asking) ?? byHeaders(asking);
    },
    async login(asking, user, password) {
      const role = await byPassword(asking, user, password);
      return typeof role === 'string' ? sessions.open(role, asking) : role;
    },
  };
}

export const changes = (method: string): boolean => method !== 'GET' && method !== 'HEAD';

/** The same page over TLS, for a browser that would have to tell its password in the clear; null = it need not, or there is none. */
export function secureUrl(asking: Asking, secure: Endpoint | null): string | null {
  if (secure === null || asking.encrypted || isHere(asking)) return null;
  const host = (asking.headers.get('host') ?? '').replace(/:\d+$/, '');
  return `https://${host}${secure.port === HTTPS_PORT ? '' : `:${secure.port}`}${asking.path}`;
}

/** Behind a relay on this machine every peer looks like this machine: the Host tells. */
const isHere = ({ peer, headers }: Asking): boolean =>
  isLoopback(peer) && isLoopback(nameOf(headers.get('host') ?? ''));

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
