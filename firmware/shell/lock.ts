/**
 * Owns the lock of a state folder: one process at a time. A lock whose process is gone is taken over, also where another process
 * has got its number since: after a power cut, or in a container, the same numbers come again.
 */
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import type { Result } from '../kernel/result.ts';
import { fail, ok } from '../kernel/result.ts';
import { codeOf } from './errno.ts';

export interface Lock {
  release(): Promise<void>;
}

export interface LockRefusal {
  /** One line for a person. */
  readonly error: string;
  /** The system's code where the file could not be made; '' where another process holds it. */
  readonly code: string;
}

const TRIES = 3;
/** Field of /proc/PID/stat, counted behind the name in brackets: when the process started, in clock ticks since boot. */
const START_FIELD = 19;

export async function takeLock(path: string): Promise<Result<Lock, LockRefusal>> {
  const own = await ownLine();
  for (let tries = 0; tries < TRIES; tries += 1) {
    const code = await create(path, own);
    if (code === null) return ok({ release: () => rm(path, { force: true }).catch(() => undefined) });
    if (code !== 'EEXIST') return fail({ error: `${path} cannot be written (${code})`, code });
    const found = await readFile(path, 'utf8').catch(() => '');
    const holder = await holderOf(found);
    if (holder !== null) return fail({ error: `process ${holder} is using it (${path})`, code: '' });
    await setAside(path, found);
  }
  return fail({ error: `${path} could not be taken over`, code: '' });
}

/** Made with its text in it, so that nobody ever reads half a lock; null = made, else the system's code. */
async function create(path: string, text: string): Promise<string | null> {
  const beside = `${path}.${process.pid}`;
  try {
    await writeFile(beside, text);
    await link(beside, path).catch((error: unknown) => {
      // A file system without links makes it in two steps.
      if (codeOf(error) === 'EEXIST') throw error;
      return writeFile(path, text, { flag: 'wx' });
    });
    return null;
  } catch (error) {
    return codeOf(error);
  } finally {
    await rm(beside, { force: true }).catch(() => undefined);
  }
}

/** Out of the way, unless another process was quicker and the lock is a new one: then it goes back. */
async function setAside(path: string, found: string): Promise<void> {
  const aside = `${path}.${process.pid}.old`;
  try {
    await rename(path, aside);
    if ((await readFile(aside, 'utf8')) !== found) await link(aside, path);
  } catch {
    // Somebody else did the same: the next try tells.
  } finally {
    await rm(aside, { force: true }).catch(() => undefined);
  }
}

/** The process that wrote this lock, if it is still that very process. */
async function holderOf(text: string): Promise<number | null> {
  const [pid = '', started = '', boot = ''] = text.trim().split(' ');
  if (!/^[1-9]\d*$/.test(pid) || !isAlive(Number(pid))) return null;
  if (boot !== '' && boot !== (await bootOf())) return null;
  return started !== '' && started !== (await startOf(Number(pid))) ? null : Number(pid);
}

const ownLine = async (): Promise<string> =>
  `${[process.pid, await startOf(process.pid), await bootOf()].join(' ').trim()}\n`;

const bootOf = async (): Promise<string> =>
  (await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '')).trim();

/** When a process started; '' where the system does not tell. */
async function startOf(pid: number): Promise<string> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return (
    stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .at(START_FIELD) ?? ''
  );
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}
