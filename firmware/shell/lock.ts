/**
 * Owns the lock of a state folder: one process at a time. A lock whose process is gone is taken over, also where another process
 * has got its number since: after a power cut, or in a container, the same numbers come again.
 */
import { createHash } from 'node:crypto';
import { link, readFile, rm, stat, writeFile } from 'node:fs/promises';
import type { Result } from '../kernel/result.ts';
import { fail, ok } from '../kernel/result.ts';
import { codeOf } from './errno.ts';
import { readWholeText } from './files.ts';

export interface Lock {
  release(): Promise<void>;
}

export interface LockRefusal {
  /** One line for a person. */
  readonly error: string;
  /** The system's code where the file could not be made; '' where another process holds it. */
  readonly code: string;
}

const TRIES = 10;
const RETRY_MS = 20;
const TICKET_MS = 10_000;
/** Locks made by this process: their temporary names differ. */
let made = 0;
/** Field of /proc/PID/stat, counted behind the name in brackets: when the process started, in clock ticks since boot. */
const START_FIELD = 19;

export async function takeLock(path: string): Promise<Result<Lock, LockRefusal>> {
  const own = await ownLine();
  for (let tries = 0; tries < TRIES; tries += 1) {
    const code = await create(path, own);
    if (code === null) return ok({ release: () => rm(path, { force: true }).catch(() => undefined) });
    if (code !== 'EEXIST') return fail({ error: `${path} cannot be written (${code})`, code });
    const found = await readWholeText(path).catch(() => '');
    const holder = await holderOf(found);
    if (holder !== null) return fail({ error: `process ${holder} is using it (${path})`, code: '' });
    await remove(path, found, own);
  }
  return fail({ error: `${path} could not be taken over`, code: '' });
}

/** Made with its text in it, so that nobody ever reads half a lock; null = made, else the system's code. */
async function create(path: string, text: string): Promise<string | null> {
  made += 1;
  const beside = `${path}.${process.pid}.${made}`;
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

/**
 * Removes the lock that was found to be nobody's. Of those who found it so at the same time only the holder of its ticket does, after
 * another look: the others would remove the lock of whoever was quicker.
 */
async function remove(path: string, found: string, own: string): Promise<void> {
  const ticket = `${path}.${createHash('sha256').update(found).digest('hex').slice(0, 16)}`;
  if ((await create(ticket, own)) !== null) {
    const age = await stat(ticket).then(
      ({ mtimeMs }) => Date.now() - mtimeMs,
      () => 0,
    );
    // Its holder died within these few lines.
    if (age > TICKET_MS) await rm(ticket, { force: true });
    return new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
  try {
    if ((await readWholeText(path)) === found) await rm(path, { force: true });
  } catch {
    // It is gone: the next try tells who has it.
  } finally {
    await rm(ticket, { force: true }).catch(() => undefined);
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
