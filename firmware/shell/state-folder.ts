/** Owns what the phone keeps over a restart: one folder, locked, each file whole or not at all, and the mark of an unclean end. */
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Result } from '../kernel/result.ts';
import { fail, ok } from '../kernel/result.ts';
import type { Stored } from '../vocabulary.ts';
import { codeOf } from './errno.ts';
import { readWholeText, UNFINISHED, writeWhole } from './files.ts';
import type { Lock } from './lock.ts';
import { takeLock } from './lock.ts';

export interface StateFolder {
  readonly path: string;
  /** True where the last run did not end cleanly. */
  readonly unclean: boolean;
  readonly stored: Stored;
  /** What could not be read or made, in words. */
  readonly problems: readonly string[];
  /** Writes one after the other; the error is a sentence, and the old file is still there. */
  store(key: keyof Stored, value: unknown): Promise<Result<null, string>>;
  /** Waits for what is being written; `clean` marks an ordered end. */
  close(end: { readonly clean: boolean }): Promise<void>;
}

const KEPT: readonly (keyof Stored)[] = ['dns', 'bindings', 'lists', 'answering', 'volumes'];

const RESET = 'reset';
/** Not removed with the rest: the lock is held, the mark goes last. */
const SPARED: readonly string[] = ['lock', RESET];

/** A disk that is full, worn out or read-only must not keep a phone from serving: then it runs without a lock, and says so. */
const UNWRITABLE: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT', 'EROFS', 'EIO']);

/** Opens and locks a state folder; an error is one line for a person. */
export async function openState(path: string): Promise<Result<StateFolder, string>> {
  const unmade = await mkdir(path, { recursive: true }).then(() => null, codeOf);
  // ENOENT is what Node makes of EROFS where it makes folders in a row.
  if (unmade !== null && unmade !== 'ENOENT' && !UNWRITABLE.has(unmade))
    return fail(`state folder ${path}: cannot be made (${unmade})`);
  const locked = await takeLock(join(path, 'lock'));
  if (!locked.ok && unmade === null && !UNWRITABLE.has(locked.error.code))
    return fail(`state folder ${path}: ${locked.error.error}`);
  const problems: string[] = locked.ok ? [] : [`${locked.error.error}: this phone runs without a lock`];
  await removeUnfinished(path);
  await beginAnew(path, problems);
  const stored: { -readonly [Key in keyof Stored]: unknown } = {};
  for (const key of KEPT) {
    const value = await readState(path, key, problems);
    if (value !== undefined) stored[key] = value;
  }
  const running = join(path, 'running');
  const unclean = await readWholeText(running).then(
    () => true,
    (error: unknown) => codeOf(error) !== 'ENOENT',
  );
  // Flushed: a mark that a power cut takes with it would make an unclean end a clean one.
  await writeWhole(running, `${process.pid}\n`).catch((error: unknown) => {
    problems.push(`${running} cannot be written (${codeOf(error)})`);
  });
  return ok(folderOf({ path, unclean, stored, problems }, locked.ok ? locked.value : null));
}

function folderOf(found: Omit<StateFolder, 'store' | 'close'>, lock: Lock | null): StateFolder {
  const { path } = found;
  const writes = new Map<string, Promise<Result<null, string>>>();

  async function write(key: string, value: unknown): Promise<Result<null, string>> {
    const file = join(path, `${key}.json`);
    try {
      await writeWhole(file, `${JSON.stringify(value)}\n`);
      return ok(null);
    } catch (error) {
      return fail(`${file} cannot be written (${codeOf(error)}): the last one stays`);
    }
  }

  return {
    ...found,
    store(key, value) {
      const done = (writes.get(key) ?? Promise.resolve()).then(() => write(key, value));
      writes.set(key, done);
      return done;
    },
    async close({ clean }) {
      await Promise.all(writes.values());
      if (clean) await rm(join(path, 'running'), { force: true }).catch(() => undefined);
      await lock?.release();
    },
  };
}

/** Marks the folder: at the next start everything in it goes. A power cut in between is no way out. */
export const markForReset = (path: string): Promise<void> => writeWhole(join(path, RESET), '');

/** The mark goes last: what a power cut interrupts is begun again. */
async function beginAnew(path: string, problems: string[]): Promise<void> {
  const names: readonly string[] = await readdir(path).catch(() => []);
  if (!names.includes(RESET)) return;
  for (const name of [...names.filter((other) => !SPARED.includes(other)), RESET])
    await rm(join(path, name), { force: true, recursive: true }).catch((error: unknown) => {
      problems.push(`${join(path, name)} cannot be removed (${codeOf(error)}): the reset is not whole`);
    });
}

/** What a power cut left half written. */
async function removeUnfinished(path: string): Promise<void> {
  const names = await readdir(path).catch(() => []);
  for (const name of names)
    if (name.endsWith(UNFINISHED)) await rm(join(path, name), { force: true }).catch(() => undefined);
}

async function readState(folder: string, key: string, problems: string[]): Promise<unknown> {
  const path = join(folder, `${key}.json`);
  const text = await readWholeText(path).catch((error: unknown) => {
    if (codeOf(error) !== 'ENOENT') problems.push(`${path} cannot be read (${codeOf(error)}): not used`);
    return null;
  });
  if (text === null) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    await rename(path, `${path}.corrupt`).catch(() => undefined);
    problems.push(`${path} is corrupt: kept aside as ${key}.json.corrupt, and not used`);
    return undefined;
  }
}
