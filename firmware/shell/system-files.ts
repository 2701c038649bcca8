/** Owns the files of the system that the phone renders: all of a set are written before the first takes its place. */
import { chmod, lstat, mkdir, readFile, readlink, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { SystemFile } from '../network/files.ts';
import { codeOf } from './errno.ts';
import { UNFINISHED } from './files.ts';

export interface FileChange {
  readonly path: string;
  readonly change: 'new' | 'changed' | 'removed';
}

const MODES = { public: 0o644, secret: 0o600 } as const;

/**
 * Writes `files` below `root` and removes the others of `paths`. Rejects where one could not be written; then none has changed, but
 * for a system that fails between two renames. The root is memory: nothing has to be synced.
 */
export async function placeFiles(
  root: string,
  files: readonly SystemFile[],
  paths: readonly string[],
): Promise<readonly FileChange[]> {
  const wanted = new Map(files.map((file) => [file.path, file]));
  const changes: FileChange[] = [];
  for (const path of paths) {
    const before = await readFile(join(root, path), 'utf8').catch(() => null);
    const file = wanted.get(path);
    if (file === undefined && before !== null) changes.push({ path, change: 'removed' });
    if (file !== undefined && before !== file.text) changes.push({ path, change: before === null ? 'new' : 'changed' });
  }
  const written = changes.flatMap(({ path }) => wanted.get(path) ?? []);
  try {
    for (const { path, text, access } of written) await writeBeside(join(root, path), text, MODES[access]);
  } catch (error) {
    for (const { path } of written) await rm(join(root, path) + UNFINISHED, { force: true }).catch(() => undefined);
    throw error;
  }
  for (const { path } of written) await rename(join(root, path) + UNFINISHED, join(root, path));
  for (const { path, change } of changes) if (change === 'removed') await rm(join(root, path), { force: true });
  return changes;
}

async function writeBeside(path: string, text: string, mode: number): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o755 });
  await rm(path + UNFINISHED, { force: true });
  await writeFile(path + UNFINISHED, text, { flag: 'wx', mode });
  // What the process masks does not count: others read these files.
  await chmod(path + UNFINISHED, mode);
}

/** Points a link to another place at once; true where it pointed elsewhere. */
export async function placeLink(path: string, target: string): Promise<boolean> {
  const before = await lstat(path).then(
    (found) => (found.isSymbolicLink() ? readlink(path) : ''),
    (error: unknown) => {
      if (codeOf(error) !== 'ENOENT') throw error;
      return null;
    },
  );
  if (before === target) return false;
  await mkdir(dirname(path), { recursive: true });
  await rm(path + UNFINISHED, { force: true });
  await symlink(target, path + UNFINISHED);
  await rename(path + UNFINISHED, path);
  return true;
}
