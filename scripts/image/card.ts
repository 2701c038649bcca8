/**
 * Owns the SD card as a file: three partitions, made without a loop device, a mount or a foreign program, and the same for the same
 * input. The size is a power of two, as emulated cards ask for.
 */
import { createHash } from 'node:crypto';
import {
  closeSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { ImageError, run } from './store.ts';

export const MIB = 1_048_576;

export interface Partition {
  readonly name: 'boot' | 'root' | 'state';
  /** From the start of the card. */
  readonly startMib: number;
  readonly sizeMib: number;
  /** As the partition table has it: FAT32 with LBA, Linux. */
  readonly type: 'c' | '83';
}

export const CARD_MIB = 512;

/** What the card holds, in its order: docs/flashing.md shows the same. */
export const PARTITIONS = [
  { name: 'boot', startMib: 4, sizeMib: 124, type: 'c' },
  { name: 'root', startMib: 128, sizeMib: 256, type: '83' },
  { name: 'state', startMib: 384, sizeMib: 128, type: '83' },
] as const satisfies readonly Partition[];

export interface CardParts {
  /** Files of the boot partition, by their names there. */
  readonly boot: ReadonlyMap<string, Uint8Array | string>;
  readonly root: string;
  /** Seconds since 1970: every date on the card. */
  readonly epoch: number;
  /** 8 hexadecimal digits that tell this card from others. */
  readonly disk: string;
}

/** Makes `file`; what it is made of lies in `work` while it is made. */
export function makeCard(file: string, work: string, parts: CardParts): void {
  const made = {
    boot: makeBoot(join(work, 'boot.vfat'), join(work, 'boot'), parts),
    root: makeRootImage(join(work, 'root.squashfs'), parts),
    state: makeState(join(work, 'state.ext4'), parts),
  };
  const card = openSync(file, 'w+');
  try {
    ftruncateSync(card, CARD_MIB * MIB);
    for (const { name, startMib, sizeMib } of PARTITIONS) {
      const size = statSync(made[name]).size;
      if (size > sizeMib * MIB)
        throw new ImageError(`${name} has ${Math.ceil(size / MIB)} MiB, its partition ${sizeMib}`);
      copyInto(card, startMib * MIB, made[name]);
    }
  } finally {
    closeSync(card);
  }
  const table = PARTITIONS.map(
    ({ startMib, sizeMib, type, name }) =>
      `start=${startMib * 2048}, size=${sizeMib * 2048}, type=${type}${name === 'boot' ? ', bootable' : ''}`,
  );
  const input = ['label: dos', `label-id: 0x${parts.disk}`, 'unit: sectors', ...table, ''].join('\n');
  run('sfdisk', ['--quiet', file], { input });
}

/** FAT32 by its long file names and its label; the number is that of the card. */
function makeBoot(image: string, folder: string, { boot, epoch, disk }: CardParts): string {
  mkdirSync(folder, { recursive: true });
  for (const [name, content] of boot) writeFileSync(join(folder, name), content);
  run('touch', [`--date=@${epoch}`, ...[...boot.keys()].map((name) => join(folder, name))]);
  rmSync(image, { force: true });
  const size = String((PARTITIONS[0].sizeMib * MIB) / 1024);
  run('mkfs.vfat', ['--invariant', '-F', '32', '-n', 'HOLDFAST', '-i', disk, '-C', image, size]);
  const files = [...boot.keys()].sort().map((name) => join(folder, name));
  run('mcopy', ['-i', image, '-m', ...files, '::'], { env: dated(epoch) });
  return image;
}

function makeRootImage(image: string, { root, epoch }: CardParts): string {
  const same = ['-noappend', '-all-root', '-no-xattrs', '-mkfs-time', String(epoch), '-all-time', String(epoch)];
  run('mksquashfs', [
    root,
    image,
    ...same,
    '-comp',
    'zstd',
    '-Xcompression-level',
    '12',
    '-b',
    '128K',
    '-quiet',
    '-no-progress',
  ]);
  return image;
}

/** Empty: each service makes its own folder there. */
function makeState(image: string, { epoch, disk }: CardParts): string {
  rmSync(image, { force: true });
  const uuid = createHash('sha256').update(`state ${disk}`).digest('hex');
  const id = uuid.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, '$1-$2-4$3-8$4-$5');
  const options = ['-q', '-t', 'ext4', '-L', 'holdfast-state', '-U', id, '-m', '1', '-I', '256'];
  const more = ['-E', `hash_seed=${id},root_owner=0:0,lazy_itable_init=0,lazy_journal_init=0`];
  run('mke2fs', [...options, ...more, image, `${PARTITIONS[2].sizeMib}M`], { env: dated(epoch) });
  return image;
}

/** How programs are told what time it is. */
const dated = (epoch: number): Readonly<Record<string, string>> => ({
  SOURCE_DATE_EPOCH: String(epoch),
  E2FSPROGS_FAKE_TIME: String(epoch),
  TZ: 'UTC',
});

/** Holes stay holes. */
function copyInto(card: number, offset: number, image: string): void {
  const from = openSync(image, 'r');
  try {
    const piece = Buffer.alloc(MIB);
    for (let at = 0; ; at += piece.length) {
      const length = readSync(from, piece, 0, piece.length, at);
      if (length === 0) return;
      const octets = piece.subarray(0, length);
      if (octets.some((octet) => octet !== 0)) writeSync(card, octets, 0, length, offset + at);
    }
  } finally {
    closeSync(from);
  }
}

/** One partition of a card, as a file of its own. */
export function takeOut(file: string, name: Partition['name'], into: string): void {
  const { startMib, sizeMib } = PARTITIONS.find((partition) => partition.name === name) ?? PARTITIONS[0];
  run('dd', [
    `if=${file}`,
    `of=${into}`,
    'bs=1M',
    `skip=${startMib}`,
    `count=${sizeMib}`,
    'conv=sparse',
    'status=none',
  ]);
}
