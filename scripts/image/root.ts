/**
 * Owns the root file system of the SD card: Debian's packages unpacked, Node, the program, the kernel's modules, and what `root/` lays
 * over them. No script of a package and no foreign code is run; users and links are made from data.
 */
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { copyApp } from './app.ts';
import { currentKernel, fetchPackages, unpacked } from './debian.ts';
import { nodeParts } from './node.ts';
import { run } from './store.ts';

const OVERLAY = fileURLToPath(new URL('root', import.meta.url));

/** What a phone needs of Debian, beside what these depend on. No login program, no package manager, no compiler, no perl. */
const PACKAGES = [
  ...['base-files', 'base-passwd', 'bash', 'dash', 'coreutils', 'util-linux', 'mount', 'kmod', 'udev', 'e2fsprogs'],
  ...['systemd-sysv', 'systemd-resolved', 'systemd-timesyncd', 'dbus', 'netbase', 'tzdata', 'nftables', 'alsa-utils'],
  ...['wpasupplicant', 'wireless-regdb', 'libstdc++6', 'libatomic1', 'liblzma5'],
] as const;

/** Folders that nobody reads on a phone; copyright files stay. */
const LEFT_OUT = [
  ...[
    'man',
    'info',
    'locale',
    'bash-completion',
    'zsh',
    'fish',
    'lintian',
    'bug',
    'debconf',
    'pixmaps',
    'menu',
    'i18n',
  ],
  ...['gcc', 'gdb', 'perl5', 'doc-base', 'sounds'],
]
  .map((name) => `usr/share/${name}`)
  // debconf is depended on, and asks nobody here.
  .concat(['usr/sbin/dpkg-preconfigure', 'usr/sbin/dpkg-reconfigure']);

/** Drivers of machines that are no Raspberry Pi, by far the largest part of Debian's kernel. */
const DRIVERS_LEFT_OUT = [
  ...[
    'infiniband',
    'media',
    'scsi',
    'staging',
    'iio',
    'ata',
    'nvme',
    'vfio',
    'accel',
    'crypto',
    'comedi',
    'isdn',
    'target',
  ],
  ...['gpu/drm/amd', 'gpu/drm/nouveau', 'gpu/drm/radeon', 'gpu/drm/msm', 'gpu/drm/etnaviv', 'gpu/drm/rockchip'],
  ...[
    'net/ethernet/mellanox',
    'net/ethernet/intel',
    'net/ethernet/chelsio',
    'net/ethernet/qlogic',
    'net/ethernet/huawei',
  ],
  ...[
    'net/wireless/ath',
    'net/wireless/intel',
    'net/wireless/marvell',
    'net/wireless/mediatek',
    'net/wireless/realtek',
  ],
] as const;

/** Firmware of the wireless chips of Pi 3, 3+, Zero 2 W and 4. */
const WIRELESS = /brcmfmac434(?:30|30b0|36|36s|55)-sdio\.(?:bin|clm_blob|txt|raspberrypi,.*|Raspberry Pi.*)$/;

/** Everything that a root file system depends on but the program. */
export interface Root {
  readonly folder: string;
  /** `uname -r` of the kernel whose modules it holds. */
  readonly release: string;
  /** Folder with that kernel, unpacked. */
  readonly kernel: string;
}

/** Fills the empty `folder`. Files belong to whoever builds; the file system that is made of them says root. */
export function makeRoot(folder: string): Root {
  const { package: kernelPackage, release } = currentKernel();
  const kernel = unpacked(fetchPackages([kernelPackage], 'without'));
  run('cp', ['-a', `${unpacked(fetchPackages(PACKAGES, 'with'))}/.`, folder]);
  for (const path of LEFT_OUT) rmSync(join(folder, path), { recursive: true, force: true });
  addModules(folder, kernel, release);
  addWireless(folder);
  mkdirSync(join(folder, 'opt/holdfast'), { recursive: true });
  cpSync(nodeParts().binary, join(folder, 'usr/bin/node'));
  copyApp(join(folder, 'opt/holdfast'));
  // The phone has a user of its own: it reads these files, whatever the builder's rights are.
  run('chmod', ['-R', 'u=rwX,go=rX', join(folder, 'opt')]);
  run('cp', ['-a', `${OVERLAY}/.`, folder]);
  addUsers(folder);
  addLinks(folder);
  run('systemctl', [`--root=${folder}`, '--preset-mode=full', 'preset-all']);
  return { folder, release, kernel };
}

/** Modules are unpacked: the file system compresses better, and an emulated card is slow. */
function addModules(folder: string, kernel: string, release: string): void {
  const modules = join(folder, 'usr/lib/modules', release);
  mkdirSync(modules, { recursive: true });
  run('cp', ['-a', `${join(kernel, 'usr/lib/modules', release)}/.`, modules]);
  run('depmod', ['-b', folder, release]);
  for (const path of leftOut(readFileSync(join(modules, 'modules.dep'), 'utf8'))) rmSync(join(modules, path));
  run('find', [modules, '-name', '*.ko.xz', '-exec', 'xz', '-d', '{}', '+']);
  run('depmod', ['-b', folder, release]);
}

/** Modules below the folders that are left out, but for those that a module which stays depends on (modules.dep: `module: needed ...`). */
function leftOut(table: string): readonly string[] {
  const rows = table
    .trim()
    .split('\n')
    .map((row) => row.split(/:? +|:$/).filter((path) => path !== ''));
  const stays = (path: string): boolean => !DRIVERS_LEFT_OUT.some((tree) => path.startsWith(`kernel/drivers/${tree}/`));
  const needed = new Set(rows.filter(([path = '']) => stays(path)).flat());
  return rows.flatMap(([path = '']) => (needed.has(path) ? [] : [path]));
}

function addWireless(folder: string): void {
  const firmware = join(unpacked(fetchPackages(['firmware-brcm80211'], 'without')), 'usr/lib/firmware');
  for (const chips of ['brcm', 'cypress']) {
    mkdirSync(join(folder, 'usr/lib/firmware', chips), { recursive: true });
    // Some are links to files of the other folder: both are taken by what they lead to.
    for (const name of existsSync(join(firmware, chips)) ? readdirSync(join(firmware, chips)) : [])
      if (chips === 'cypress' || WIRELESS.test(name))
        run('cp', ['-a', join(firmware, chips, name), join(folder, 'usr/lib/firmware', chips, name)]);
  }
}

/** Accounts from data, as their packages would have made them; all of them locked, root included. */
function addUsers(folder: string): void {
  const etc = (name: string): string => join(folder, 'etc', name);
  for (const name of ['passwd', 'group']) cpSync(join(folder, 'usr/share/base-passwd', `${name}.master`), etc(name));
  const names = readFileSync(etc('passwd'), 'utf8').trim().split('\n');
  const users = names.map((line) => line.replace(/^([^:]+):[^:]*:/, '$1:x:'));
  writeFileSync(etc('passwd'), `${users.join('\n')}\n`);
  // No day of change: the same input gives the same file.
  const locked = (file: string): string =>
    readFileSync(file, 'utf8')
      .trim()
      .split('\n')
      .map((line) => `${line.split(':', 1)[0]}:!*:1::::::\n`)
      .join('');
  writeFileSync(etc('shadow'), locked(etc('passwd')));
  // Newer files say `u!` for an account that is locked, which older programs do not know: here all of them are.
  const rules = readdirSync(join(folder, 'usr/lib/sysusers.d'))
    .filter((name) => name.endsWith('.conf'))
    .sort()
    .map((name) => readFileSync(join(folder, 'usr/lib/sysusers.d', name), 'utf8').replaceAll(/^u!/gm, 'u'));
  run('systemd-sysusers', [`--root=${folder}`, '-'], { input: rules.join('\n') });
  writeFileSync(etc('shadow'), locked(etc('passwd')), { mode: 0o640 });
  for (const name of ['gshadow', 'passwd-', 'group-', 'shadow-', 'gshadow-', '.pwd.lock'])
    rmSync(etc(name), { force: true });
}

/** Folders that memory is mounted over (etc/fstab). */
const VAR = ['lib', 'tmp', 'log', 'cache'].map((name) => `var/${name}`);

/** Where the system looks, and where the answer is made at each start: the root itself cannot be written to. */
function addLinks(folder: string): void {
  const links: Readonly<Record<string, string>> = {
    'etc/resolv.conf': '/run/systemd/resolve/resolv.conf',
    'etc/localtime': '/run/holdfast/localtime',
    'etc/mtab': '/proc/self/mounts',
    // Nobody can log in: nothing asks for a name, on no screen and no line.
    'etc/systemd/system-generators/systemd-getty-generator': '/dev/null',
    'etc/systemd/system/getty@.service': '/dev/null',
    'etc/systemd/system/serial-getty@.service': '/dev/null',
    'etc/systemd/system/systemd-logind.service': '/dev/null',
  };
  for (const [path, target] of Object.entries(links)) {
    rmSync(join(folder, path), { force: true });
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    symlinkSync(target, join(folder, path));
  }
  // Empty: each start makes one in memory. The phone is known by its hardware address.
  writeFileSync(join(folder, 'etc/machine-id'), '');
  rmSync(join(folder, 'var'), { recursive: true });
  for (const path of ['boot/firmware', 'proc', 'sys', 'dev', 'run', 'tmp', 'root', ...VAR])
    mkdirSync(join(folder, path), { recursive: true });
  symlinkSync('/run', join(folder, 'var/run'));
  // As new as all else: nothing is made anew at the first start, for nothing could be written.
  writeFileSync(join(folder, 'etc/.updated'), '');
}
