/** Owns the initial RAM file system of the SD card: a static busybox, the few modules up to the root file system, and `card-init.sh`. */
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { fetchPackages, unpacked } from './debian.ts';
import type { Root } from './root.ts';
import { ImageError, run } from './store.ts';

const INIT = fileURLToPath(new URL('card-init.sh', import.meta.url));
const COMMANDS = ['sh', 'mount', 'modprobe', 'sed', 'dd', 'hexdump', 'sleep', 'reboot', 'switch_root', 'echo'];

/** The file names of modules up to the card and its file system; what the kernel has built in is not among them. */
const MODULES = ['fixed', 'gpio-regulator', 'bcm2835', 'sdhci-iproc', 'squashfs', 'phy-generic'];

export function makeInitramfs(root: Root, epoch: number): Uint8Array {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-initramfs-'));
  try {
    for (const name of ['bin', 'dev', 'proc', 'sys', 'run', 'newroot']) mkdirSync(join(folder, name));
    const busybox = join(unpacked(fetchPackages(['busybox-static'], 'without')), 'usr/bin/busybox');
    cpSync(busybox, join(folder, 'bin/busybox'));
    for (const name of COMMANDS) symlinkSync('busybox', join(folder, 'bin', name));
    addModules(folder, root);
    cpSync(INIT, join(folder, 'init'));
    chmodSync(join(folder, 'init'), 0o755);
    run('find', [folder, '-exec', 'touch', '--no-dereference', `--date=@${epoch}`, '{}', '+']);
    const names = run('find', ['.', '-mindepth', '1'], { cwd: folder }).trim().split('\n').sort();
    const archive = join(folder, '..', `${folder.split('/').at(-1)}.cpio`);
    const options = ['--quiet', '--create', '--format=newc', '--owner=0:0', '--reproducible', `--file=${archive}`];
    run('cpio', options, { cwd: folder, input: names.join('\n') });
    const packed = gzipSync(readFileSync(archive), { level: 9 });
    rmSync(archive);
    return packed;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Modules with what they depend on, and the tables by which modprobe finds them. */
function addModules(folder: string, { folder: root, release }: Root): void {
  const tree = join('usr/lib/modules', release);
  const depends = new Map(
    readFileSync(join(root, tree, 'modules.dep'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => line.split(':'))
      .map(([path = '', rest = '']) => [
        path,
        rest
          .trim()
          .split(' ')
          .filter((name) => name !== ''),
      ]),
  );
  for (const wanted of MODULES) {
    const path = [...depends.keys()].find((name) => name.endsWith(`/${wanted}.ko`));
    if (path === undefined) throw new ImageError(`the kernel ${release} has no module ${wanted}`);
    for (const file of [path, ...(depends.get(path) ?? [])]) {
      mkdirSync(join(folder, 'lib/modules', release, dirname(file)), { recursive: true });
      cpSync(join(root, tree, file), join(folder, 'lib/modules', release, file));
    }
  }
  for (const name of ['modules.order', 'modules.builtin', 'modules.builtin.modinfo'])
    if (existsSync(join(root, tree, name)))
      writeFileSync(join(folder, 'lib/modules', release, name), readFileSync(join(root, tree, name)));
  run('depmod', ['-b', folder, release]);
}
