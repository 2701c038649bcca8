/** Owns writing files whole: a reader, and the next start after a power cut, finds the old file or the new one. */
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/** How a file is called while it is being written. */
export const UNFINISHED = '.new';

let written = 0;

/** Writes beside, syncs, then renames; what fails leaves nothing behind. */
export async function writeWhole(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  written += 1;
  const beside = `${path}.${process.pid}-${written}${UNFINISHED}`;
  try {
    await writeAndSync(beside, text);
    await rename(beside, path);
  } catch (error) {
    await rm(beside, { force: true }).catch(() => undefined);
    throw error;
  }
  await syncFolder(dirname(path));
}

async function writeAndSync(path: string, text: string): Promise<void> {
  const file = await open(path, 'w', 0o600);
  try {
    await file.writeFile(text);
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
