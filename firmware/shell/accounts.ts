/**
 * Owns who may log in to the web pages: the administrator's password, made at the first start and kept as an scrypt hash, or given by
 * `admin password`; and the viewer's, `user password` (web-forms). No password is built in.
 */
import { createHmac, randomBytes, randomInt, scrypt, timingSafeEqual } from 'node:crypto';
import { join } from 'node:path';
import { FIRST_PASSWORD_PLACE, PASSWORD_MAX, PASSWORD_MIN } from '../config/defaults.ts';
import { WELL_KNOWN_PASSWORDS } from '../config/lint.ts';
import type { Result } from '../kernel/result.ts';
import { fail, ok } from '../kernel/result.ts';
import { codeOf } from './errno.ts';
import { readWholeText, writeWhole } from './files.ts';

export interface Accounts {
  /** Of the administrator or the viewer; null = neither. */
  check(user: string, password: string, from: 'this-machine' | 'network'): Promise<'admin' | 'viewer' | null>;
  /** The administrator's new password; refused where a file gives it. */
  change(password: string): Promise<Result<null, string>>;
  /** The password that was made just now, to be shown once; null = there was one. */
  readonly made: string | null;
  /** Why the password could not be read (then nobody logs in) or kept (then it holds until the phone stops); null = it could. */
  readonly problem: string | null;
}

interface Kept {
  readonly salt: string;
  readonly hash: string;
}

const FILE = 'login.json';
const SALT_OCTETS = 16;
const HASH_OCTETS = 32;
/** Without those that are taken for one another. */
const ALPHABET = 'abcdefghjkmnpqrstuvwxyz23456789';

/** A disk that fails costs the pages their password, never the phone its start. `given`: what the configuration says of one, null = nothing. */
export async function openAccounts(
  stateDir: string,
  given: (name: 'admin password' | 'user password') => string | null,
): Promise<Accounts> {
  const path = join(stateDir, FILE);
  const found = await readKept(path);
  let problem = found.ok ? null : found.error;
  let kept = found.ok ? found.value : null;
  let made: string | null = null;
  if (found.ok && kept === null && given('admin password') === null) {
    made = Array.from({ length: FIRST_PASSWORD_PLACE.length }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
    kept = await keptOf(made);
    const written = await write(path, kept);
    if (!written.ok) problem = written.error;
  }
  const remembered = createRemembered();

  return {
    ...{ made, problem },
    async check(user, password, from) {
      if (password.length > PASSWORD_MAX || (from === 'network' && WELL_KNOWN_PASSWORDS.has(password))) return null;
      if (user === 'user') return sameSecret(given('user password') ?? '', password) ? 'viewer' : null;
      if (user !== 'admin') return null;
      const configured = given('admin password');
      if (configured !== null) return sameSecret(configured, password) ? 'admin' : null;
      return kept !== null && (await remembered(kept, password)) ? 'admin' : null;
    },
    async change(password) {
      if (given('admin password') !== null) return fail('a configuration file gives "admin password": change it there');
      if (password.length < PASSWORD_MIN || password.length > PASSWORD_MAX || WELL_KNOWN_PASSWORDS.has(password))
        return fail(`a password has ${PASSWORD_MIN} to ${PASSWORD_MAX} characters and is not one that manuals name`);
      const next = await keptOf(password);
      const written = await write(path, next);
      if (written.ok) kept = next;
      return written;
    },
  };
}

async function readKept(path: string): Promise<Result<Kept | null, string>> {
  const text = await readWholeText(path).catch((error: unknown) => ({ code: codeOf(error) }));
  if (typeof text !== 'string')
    return text.code === 'ENOENT' ? ok(null) : fail(`${path}: cannot be read (${text.code})`);
  try {
    const { salt, hash } = JSON.parse(text) as Partial<Kept>;
    if (/^[0-9a-f]{32}$/.test(salt ?? '') && /^[0-9a-f]{64}$/.test(hash ?? ''))
      return ok({ salt: salt ?? '', hash: hash ?? '' });
  } catch {
    // Told below, as for one that reads but holds no hash.
  }
  return fail(`${path}: holds no password; remove it, and the next start makes a new one`);
}

async function write(path: string, kept: Kept): Promise<Result<null, string>> {
  try {
    await writeWhole(path, `${JSON.stringify(kept)}\n`);
    return ok(null);
  } catch (error) {
    return fail(`${path}: cannot be written (${codeOf(error)})`);
  }
}

async function keptOf(password: string): Promise<Kept> {
  const salt = randomBytes(SALT_OCTETS);
  return { salt: salt.toString('hex'), hash: (await derived(password, salt)).toString('hex') };
}

const matches = async ({ salt, hash }: Kept, password: string): Promise<boolean> =>
  timingSafeEqual(await derived(password, Buffer.from(salt, 'hex')), Buffer.from(hash, 'hex'));

const derived = (password: string, salt: Buffer): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    scrypt(password, salt, HASH_OCTETS, (error, key) => (error === null ? resolve(key) : reject(error)));
  });

const macOf = (key: Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();

function sameSecret(expected: string, sent: string): boolean {
  const key = randomBytes(SALT_OCTETS);
  return expected !== '' && timingSafeEqual(macOf(key, expected), macOf(key, sent));
}

/** A script logs in with each request: what was right a moment ago is not derived again; and one derivation runs at a time. */
function createRemembered(): (kept: Kept, password: string) => Promise<boolean> {
  const key = randomBytes(SALT_OCTETS);
  let right: { readonly mac: Buffer; readonly of: Kept } | null = null;
  let last: Promise<unknown> = Promise.resolve();
  return (kept, password) => {
    const mac = macOf(key, password);
    const done = last.then(async () => {
      if (right !== null && right.of === kept && timingSafeEqual(right.mac, mac)) return true;
      const good = await matches(kept, password);
      if (good) right = { mac, of: kept };
      return good;
    });
    last = done.catch(() => undefined);
    return done;
  };
}
