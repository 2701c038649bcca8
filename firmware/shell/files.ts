/** Owns writing files whole: a reader, and the next start after a power cut, finds the old file or the new one. */
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/** How a file is called while it is being written. */
export const UNFINISHED = '.new';

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
