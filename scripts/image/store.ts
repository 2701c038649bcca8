/**
 * Owns the store of parts under the user's cache folder: what was made once from the same content is not made again. A part is a
 * folder that is there whole or not at all; any of them may be deleted at any time.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** A step that failed; the message says what was tried, with what, and what came. */
export class ImageError extends Error {}

/** `HOLDFAST_CACHE` names another place. */
export function storeFolder(): string {
  const folder = process.env['HOLDFAST_CACHE'] ?? join(homedir(), '.cache', 'holdfast');
  mkdirSync(folder, { recursive: true });
  return folder;
}

/** Hash of texts, in their order: the key of what is made of them. */
export const keyOf = (...parts: readonly string[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 24);

/** Hash of files, so that a changed recipe makes a new part. */
export const keyOfFiles = (...files: readonly string[]): string =>
  keyOf(...files.map((file) => readFileSync(file, 'latin1')));

/** The folder of a part; `make` fills it where it is not kept yet. Two that make the same at once end with one. */
export function kept(kind: string, key: string, make: (folder: string) => void): string {
  const place = join(storeFolder(), kind, key);
  if (existsSync(place)) return place;
  mkdirSync(join(storeFolder(), kind), { recursive: true });
  const growing = mkdtempSync(`${place}.`);
  process.stderr.write(`image: making ${kind} ...\n`);
  try {
    make(growing);
    renameSync(growing, place);
  } catch (error) {
    rmSync(growing, { recursive: true, force: true });
    if (!existsSync(place)) throw error;
  }
  return place;
}

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: Uint8Array | string;
}

/** What a program printed; one that fails or is not installed is an `ImageError` with its last lines. */
export function run(program: string, args: readonly string[], options: RunOptions = {}): string {
  try {
    return execFileSync(program, args, {
      ...options,
      env: { ...process.env, LC_ALL: 'C', ...options.env },
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
  } catch (error) {
    const { code, stderr } = error as { readonly code?: string; readonly stderr?: string };
    if (code === 'ENOENT')
      throw new ImageError(`${program} is not installed: scripts/image/README.md lists what is needed`);
    const last = (stderr ?? String(error)).trim().split('\n').slice(-8).join('\n');
    throw new ImageError(`${program} ${args.join(' ').slice(0, 200)}: ${last}`);
  }
}
