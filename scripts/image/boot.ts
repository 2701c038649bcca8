/** Owns the boot partition of the SD card: the Raspberry Pi's own firmware, the kernel with its device trees, and phone.cfg. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fetchPackages, unpacked } from './debian.ts';
import type { Root } from './root.ts';

const FILES = fileURLToPath(new URL('boot', import.meta.url));

/** Pi 3 and Zero 2 W start with the first pair, Pi 4 with the second. */
const FIRMWARE = ['bootcode.bin', 'start.elf', 'fixup.dat', 'start4.elf', 'fixup4.dat'] as const;
const TREES = [
  ...['bcm2837-rpi-3-a-plus', 'bcm2837-rpi-3-b', 'bcm2837-rpi-3-b-plus', 'bcm2837-rpi-zero-2-w'],
  ...['bcm2711-rpi-4-b', 'bcm2711-rpi-400'],
] as const;

/** The files by their names there; `disk` is the number of the card that the kernel looks for. */
export function bootFiles(root: Root, initramfs: Uint8Array, disk: string): ReadonlyMap<string, Uint8Array | string> {
  const firmware = join(unpacked(fetchPackages(['raspi-firmware'], 'without')), 'usr/lib/raspi-firmware');
  const trees = join(root.kernel, 'usr/lib', `linux-image-${root.release}`, 'broadcom');
  return new Map<string, Uint8Array | string>([
    ...FIRMWARE.map((name) => [name, readFileSync(join(firmware, name))] as const),
    ...TREES.map((name) => [`${name}.dtb`, readFileSync(join(trees, `${name}.dtb`))] as const),
    ['vmlinuz', readFileSync(join(root.kernel, 'boot', `vmlinuz-${root.release}`))],
    ['initrd.img', initramfs],
    ...readdirSync(FILES).map(
      (name) => [name, readFileSync(join(FILES, name), 'utf8').replaceAll('@DISK@', disk)] as const,
    ),
  ]);
}
