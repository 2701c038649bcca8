/**
 * Owns what the emulated board boots: Debian's kernel and device tree as they are, and a root of a few programs in memory. It is
 * kept by content; the phone and its configuration come as a second archive behind it.
 */
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Kernel } from '../image/debian.ts';
import { currentKernel, fetchPackages, unpacked } from '../image/debian.ts';
import { nodeParts } from '../image/node.ts';
import { ImageError, kept, keyOf, keyOfFiles, run } from '../image/store.ts';
import { NODE } from '../image/versions.ts';

export interface Boot {
  readonly kernel: string;
  readonly deviceTree: string;
  /** A cpio archive, whole blocks long: another may follow in the same file. */
  readonly root: string;
}

const BOARD = fileURLToPath(new URL('../../boards/qemu/', import.meta.url));
const PACKAGES = [
  'alsa-utils',
  'busybox-static',
  'libasound2-data',
  'libasound2t64',
  'libc6',
  'libgcc-s1',
  'libstdc++6',
];
const PROGRAMS = ['usr/bin/busybox', 'usr/bin/aplay', 'usr/bin/arecord', 'usr/bin/amixer'];
const FOLDERS = ['usr/share/alsa'];
/** What the init script calls, and what a person needs at the console. */
const APPLETS =
  'sh mount mkdir sed modprobe ip sleep cat ls echo ps top free dmesg ping nc kill poweroff reboot i2cdetect i2cget i2cset'.split(
    ' ',
  );
/** With what they depend on. */
const MODULES = ['phy-generic', 'dwc2', 'cdc_ether', 'i2c-bcm2835', 'i2c-dev', 'bcm2835_wdt', 'snd-aloop'];
const LIBRARIES = 'usr/lib/aarch64-linux-gnu';

export function bootParts(): Boot {
  const kernel = currentKernel();
  const kernelPackage = fetchPackages([kernel.package], 'without');
  const packages = fetchPackages(PACKAGES, 'without');
  const recipe = keyOfFiles(fileURLToPath(import.meta.url), join(BOARD, 'init.sh'), join(BOARD, 'board.dts'));
  const key = keyOf(kernelPackage.key, packages.key, NODE.version, recipe);
  const folder = kept('ram-root', key, (growing) => {
    const tree = unpacked(kernelPackage);
    cpSync(join(tree, 'boot', `vmlinuz-${kernel.release}`), join(growing, 'vmlinuz'));
    makeDeviceTree(
      join(tree, 'usr', 'lib', `linux-image-${kernel.release}`, 'broadcom', 'bcm2837-rpi-3-b.dtb'),
      growing,
    );
    const root = join(growing, 'root');
    copyPrograms(unpacked(packages), root);
    copyModules(tree, kernel, root);
    cpSync(join(BOARD, 'init.sh'), join(root, 'init'));
    chmodSync(join(root, 'init'), 0o755);
    archive(root, join(growing, 'root.cpio'));
    run('rm', ['-r', root]);
  });
  return {
    kernel: join(folder, 'vmlinuz'),
    deviceTree: join(folder, 'board.dtb'),
    root: join(folder, 'root.cpio'),
  };
}

/** Everything below `folder` as a cpio archive that the kernel unpacks as its root, owned by root, the same bytes from the same files. */
export function archive(folder: string, file: string): void {
  const names = run('find', ['.', '-mindepth', '1'], { cwd: folder }).split('\n').sort().join('\n').trim();
  run('cpio', ['--create', '--format=newc', '--reproducible', '--owner=0:0', '--quiet', '-O', file], {
    cwd: folder,
    input: `${names}\n`,
  });
}

function makeDeviceTree(base: string, into: string): void {
  const overlay = join(into, 'board.dtbo');
  run('dtc', ['-@', '-q', '-I', 'dts', '-O', 'dtb', '-o', overlay, join(BOARD, 'board.dts')]);
  run('fdtoverlay', ['-i', base, '-o', join(into, 'board.dtb'), overlay]);
}

function copyPrograms(tree: string, root: string): void {
  for (const name of ['usr/bin', 'usr/sbin', 'usr/lib', 'dev', 'proc', 'sys', 'run', 'root', 'etc', 'opt'])
    mkdirSync(join(root, name), { recursive: true });
  for (const name of ['bin', 'sbin', 'lib']) run('ln', ['-s', `usr/${name}`, join(root, name)]);
  for (const file of [...PROGRAMS, 'usr/lib/ld-linux-aarch64.so.1']) copyWithLibraries(tree, root, file);
  for (const folder of FOLDERS)
    cpSync(join(tree, folder), join(root, folder), { recursive: true, verbatimSymlinks: true });
  const node = join(root, 'usr/bin/node');
  cpSync(nodeParts().binary, node);
  for (const library of neededBy(node)) copyWithLibraries(tree, root, join(LIBRARIES, library));
  for (const applet of APPLETS) run('ln', ['-s', 'busybox', join(root, 'usr/bin', applet)]);
  writeFileSync(join(root, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\n');
  writeFileSync(join(root, 'etc/group'), 'root:x:0:\n');
  writeFileSync(join(root, 'etc/hosts'), '127.0.0.1 localhost\n');
}

/** A file, what its link leads to, and every library that it needs: one that no package has is an error. */
function copyWithLibraries(tree: string, root: string, file: string): void {
  const source = join(tree, file);
  if (existsSync(join(root, file))) return;
  if (!existsSync(source)) throw new ImageError(`${file} is in none of ${PACKAGES.join(', ')}`);
  mkdirSync(dirname(join(root, file)), { recursive: true });
  cpSync(source, join(root, file), { verbatimSymlinks: true });
  if (lstatSync(source).isSymbolicLink())
    return copyWithLibraries(tree, root, join(dirname(file), readlinkSync(source)));
  for (const library of neededBy(source)) copyWithLibraries(tree, root, join(LIBRARIES, library));
}

const neededBy = (binary: string): readonly string[] =>
  [...run('aarch64-linux-gnu-objdump', ['-p', binary]).matchAll(/NEEDED\s+(\S+)/g)]
    .map(([, library = '']) => library)
    .filter((library) => library !== '');

/** Unpacked, for the small `modprobe` reads no compressed ones. */
function copyModules(tree: string, { release }: Kernel, root: string): void {
  const from = join(tree, 'usr/lib/modules', release);
  const to = join(root, 'usr/lib/modules', release);
  const all = new Map(
    run('find', [from, '-name', '*.ko.xz'])
      .trim()
      .split('\n')
      .map((path) => [moduleName(path), path]),
  );
  const builtIn = readFileSync(join(from, 'modules.builtin'), 'utf8');
  const copy = (name: string): void => {
    const path = all.get(moduleName(name));
    if (path === undefined) {
      if (builtIn.split('\n').some((line) => moduleName(line) === moduleName(name))) return;
      throw new ImageError(`kernel ${release} has no module ${name}`);
    }
    const copied = join(to, path.slice(from.length));
    if (existsSync(copied.replace(/\.xz$/, ''))) return;
    mkdirSync(dirname(copied), { recursive: true });
    cpSync(path, copied);
    run('xz', ['--decompress', copied]);
    const needs = run('modinfo', ['-F', 'depends', path]).trim();
    for (const other of needs.split(',').filter((word) => word !== '')) copy(other);
  };
  for (const name of MODULES) copy(name);
  for (const name of readdirSync(from).filter((file) => /^modules\.(order|builtin)/.test(file)))
    cpSync(join(from, name), join(to, name));
  run('depmod', ['-b', root, release]);
}

const moduleName = (path: string): string =>
  basename(path)
    .replace(/\.ko.*$/, '')
    .replaceAll('-', '_');
