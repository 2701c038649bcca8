/** Owns files on disk: written whole or not at all, state locked against a second process, what is corrupt kept aside (rules: nothing is lost). */
import { mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Result } from '../kernel/result.ts';
import { fail, ok } from '../kernel/result.ts';
import type { Stored } from '../vocabulary.ts';
import { codeOf } from './errno.ts';

/** Writes beside, syncs, then renames: a power cut leaves the old file or the new one. */
export async function writeWhole(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const beside = `${path}.${process.pid}.new`;
  const file = await open(beside, 'w', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(beside, path);
}

export interface StateFolder {
  readonly path: string;
  /** True where the last run did not end cleanly. */
  readonly unclean: boolean;
  readonly stored: Stored;
  /** Files that could not be read, in words. */
  readonly problems: readonly string[];
  store(key: 'dns' | 'bindings', value: unknown): void;
  /** Waits for what is being written; `clean` marks an ordered end. */
  close(end: { readonly clean: boolean }): Promise<void>;
}

/** Opens and locks a state folder; an error is one line for a person. */
export async function openState(path: string): Promise<Result<StateFolder, string>> {
  try {
    await mkdir(path, { recursive: true });
  } catch (error) {
    return fail(`state folder ${path}: cannot be made (${codeOf(error)})`);
  }
  const locked = await lock(join(path, 'lock'));
  if (!locked.ok) return locked;
  const problems: string[] = [];
  const dns = await readState(path, 'dns', problems);
  const bindings = await readState(path, 'bindings', problems);
  const running = join(path, 'running');
  const unclean = await readFile(running, 'utf8').then(
    () => true,
    () => false,
  );
  await writeFile(running, `${process.pid}\n`);
  const writes = new Map<string, Promise<void>>();
  return ok({
    path,
    unclean,
    stored: { ...(dns === undefined ? {} : { dns }), ...(bindings === undefined ? {} : { bindings }) },
    problems,
    store(key, value) {
      const before = writes.get(key) ?? Promise.resolve();
      const write = (): Promise<void> => writeWhole(join(path, `${key}.json`), `${JSON.stringify(value)}\n`);
      writes.set(
        key,
        before.then(write, write).catch(() => undefined),
      );
    },
    async close({ clean }) {
      await Promise.all(writes.values());
      if (clean) await rm(running, { force: true });
      await rm(join(path, 'lock'), { force: true });
    },
  });
}

/** A lock names its process; that of a dead one is taken over. */
async function lock(path: string): Promise<Result<null, string>> {
  for (let tries = 0; tries < 3; tries += 1) {
    try {
      await writeFile(path, `${process.pid}\n`, { flag: 'wx' });
      return ok(null);
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') return fail(`state folder: ${path} cannot be written (${codeOf(error)})`);
    }
    const owner = Number.parseInt(await readFile(path, 'utf8').catch(() => ''), 10);
    if (Number.isInteger(owner) && isAlive(owner)) return fail(`state folder: process ${owner} is using it (${path})`);
    await rm(path, { force: true });
  }
  return fail(`state folder: ${path} could not be taken over`);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}

async function readState(folder: string, key: string, problems: string[]): Promise<unknown> {
  const path = join(folder, `${key}.json`);
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if (codeOf(error) !== 'ENOENT') problems.push(`${path} cannot be read (${codeOf(error)})`);
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
