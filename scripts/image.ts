/** Owns `npm run image`: the SD card image of desk-v1 for Raspberry Pi 3, Zero 2 W and 4, in `build/image/`. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bootFiles } from './image/boot.ts';
import { CARD_MIB, MIB, makeCard, PARTITIONS } from './image/card.ts';
import { makeInitramfs } from './image/initramfs.ts';
import { makeRoot } from './image/root.ts';
import { ImageError, keyOf } from './image/store.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const OUT = join(ROOT, 'build', 'image');
export const IMAGE = join(OUT, 'holdfast-desk-v1.img');

/** Every date on the card: that of the commit it is built from, so that equal sources give equal cards. */
function epoch(): number {
  const told = process.env['SOURCE_DATE_EPOCH'];
  const committed = spawnSync('git', ['log', '-1', '--format=%ct'], { cwd: ROOT, encoding: 'utf8' }).stdout;
  const seconds = Number((told ?? committed ?? '').trim());
  if (!Number.isInteger(seconds) || seconds <= 0)
    throw new ImageError('no date: neither a git commit nor SOURCE_DATE_EPOCH');
  return seconds;
}

function makeImage(): void {
  mkdirSync(OUT, { recursive: true });
  const work = mkdtempSync(join(OUT, 'work-'));
  try {
    const date = epoch();
    const root = makeRoot(mkdirs(join(work, 'root')));
    const initramfs = makeInitramfs(root, date);
    const disk = keyOf(root.release, createHash('sha256').update(initramfs).digest('hex'), String(date)).slice(0, 8);
    makeCard(join(work, 'card.img'), work, {
      boot: bootFiles(root, initramfs, disk),
      root: root.folder,
      epoch: date,
      disk,
    });
    renameSync(join(work, 'card.img'), IMAGE);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  const hash = createHash('sha256').update(readFileSync(IMAGE)).digest('hex');
  writeFileSync(`${IMAGE}.sha256`, `${hash}  holdfast-desk-v1.img\n`);
  const rows = PARTITIONS.map(
    ({ name, startMib, sizeMib }) => `  ${name.padEnd(6)} ${startMib} to ${startMib + sizeMib} MiB\n`,
  );
  process.stdout.write(`${IMAGE}: ${(CARD_MIB * MIB) / 1e6} MB\n${rows.join('')}  sha256 ${hash}\n`);
}

function mkdirs(path: string): string {
  mkdirSync(path, { recursive: true });
  return path;
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  try {
    makeImage();
  } catch (error) {
    if (!(error instanceof ImageError)) throw error;
    process.stderr.write(`image: ${error.message}\n`);
    process.exitCode = 1;
  }
