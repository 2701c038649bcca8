/**
 * Owns files as a whole: what is read has an end, and what is written a reader, and the next start after a power cut, finds as the
 * old file or the new one.
 */
import type { Stats } from 'node:fs';
import { constants } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/** How a file is called while it is being written. */
export const UNFINISHED = '.new';

const PIECE_OCTETS = 65_536;
const SMALL_FILE_MAX_OCTETS = 16 * 2 ** 20;

let written = 0;

/** What writing needs of a disk: a test cuts its power at every step. */
export interface Disk {
  readonly mkdir: (path: string) => Promise<unknown>;
  /** A new file for its owner alone. */
  readonly create: (path: string) => Promise<{
    readonly write: (text: string) => Promise<unknown>;
    readonly sync: () => Promise<unknown>;
    readonly close: () => Promise<unknown>;
  }>;
  readonly rename: (from: string, to: string) => Promise<unknown>;
  readonly remove: (path: string) => Promise<unknown>;
  readonly syncFolder: (path: string) => Promise<unknown>;
}

const SYSTEM: Disk = {
  mkdir: (path) => mkdir(path, { recursive: true }),
  create: async (path) => {
    const file = await open(path, 'w', 0o600);
    return { write: (text) => file.writeFile(text), sync: () => file.sync(), close: () => file.close() };
  },
  rename,
  remove: (path) => rm(path, { force: true }),
  syncFolder,
};

/**
 * The octets of a file, null = it has more than `most`. Whoever opens a pipe waits for its other end, and a device may act on being
 * opened: what is no file is refused, and the error says in place of a code what it is.
 */
export async function readWhole(path: string, most: number): Promise<Buffer | null> {
  refuseOthers(path, await stat(path));
  // Should it have become a pipe since: without a writer that has come to its end, and does not wait.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    return await readUpTo(file, most);
  } finally {
    await file.close();
  }
}

/** Its text in UTF-8; longer than a small file of the phone's own ever is, it is refused too. */
export async function readWholeText(path: string, most = SMALL_FILE_MAX_OCTETS): Promise<string> {
  const octets = await readWhole(path, most);
  if (octets === null) throw Object.assign(new Error(`${path}: too long`), { code: `more than ${most} octets` });
  return octets.toString('utf8');
}

/** Throws where this is no regular file. */
function refuseOthers(path: string, found: Stats): void {
  if (found.isFile()) return;
  const code = `${KINDS.find(([is]) => is(found))?.[1] ?? 'a device'}, no file`;
  throw Object.assign(new Error(`${path}: ${code}`), { code });
}

const KINDS: readonly (readonly [(found: Stats) => boolean, string])[] = [
  [(found) => found.isDirectory(), 'a folder'],
  [(found) => found.isFIFO(), 'a pipe'],
  [(found) => found.isSocket(), 'a socket'],
];

/** The size that the system tells is not believed: those of /proc say 0. */
async function readUpTo(file: FileHandle, most: number): Promise<Buffer | null> {
  const pieces: Buffer[] = [];
  for (let length = 0; length <= most; ) {
    const piece = Buffer.alloc(Math.min(PIECE_OCTETS, most + 1 - length));
    const { bytesRead } = await file.read(piece);
    if (bytesRead === 0) return Buffer.concat(pieces);
    pieces.push(piece.subarray(0, bytesRead));
    length += bytesRead;
  }
  return null;
}

/** Writes beside, syncs, then renames; what fails leaves nothing behind. */
export const writeWhole = (path: string, text: string): Promise<void> => writeWholeOn(SYSTEM, path, text);

export async function writeWholeOn(disk: Disk, path: string, text: string): Promise<void> {
  await disk.mkdir(dirname(path));
  written += 1;
  const beside = `${path}.${process.pid}-${written}${UNFINISHED}`;
  try {
    await writeAndSync(disk, beside, text);
    await disk.rename(beside, path);
  } catch (error) {
    await disk.remove(beside).catch(() => undefined);
    throw error;
  }
  await disk.syncFolder(dirname(path));
}

async function writeAndSync(disk: Disk, path: string, text: string): Promise<void> {
  const file = await disk.create(path);
  try {
    await file.write(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** The new name is on the disk only when its folder is; where folders cannot be synced, the system does what it does. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r').catch(() => null);
  await folder?.sync().catch(() => undefined);
  await folder?.close();
}
