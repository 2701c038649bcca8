/**
 * Owns Debian's arm64 packages, fetched by the ordinary apt client with sources and lists of their own: the machine's own apt
 * knows nothing of them, and no foreign code is run.
 */
import { existsSync, mkdirSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ImageError, kept, keyOf, run, storeFolder } from './store.ts';
import { DEBIAN } from './versions.ts';

export interface Packages {
  /** Paths of the .deb files, in the order of their names. */
  readonly files: readonly string[];
  /** Changes when any of them does. */
  readonly key: string;
}

const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';
const COMPONENTS = 'main non-free-firmware';
/** Lists older than this are fetched again, ms. */
const FRESH_MS = 12 * 3600 * 1000;

/** The packages of these names alone, or with all that they depend on (never what they recommend). */
export function fetchPackages(names: readonly string[], dependencies: 'with' | 'without'): Packages {
  const apt = openApt();
  const wanted = [...names].sort();
  const words =
    dependencies === 'with'
      ? ['install', '--yes', '--no-install-recommends', '--download-only', ...wanted]
      : ['download', ...wanted];
  // Apt does not name what it holds already: it is asked as if it held nothing.
  const files = apt([
    '-qq',
    '--print-uris',
    '-o',
    `Dir::Cache::archives=${join(storeFolder(), 'apt', 'none')}`,
    ...words,
  ])
    .split('\n')
    .map((line) => /^'.*' (\S+\.deb) /.exec(line)?.[1] ?? '')
    .filter((file) => file !== '')
    .sort();
  if (files.length === 0) throw new ImageError(`apt names no package for ${wanted.join(' ')}`);
  const archives = join(storeFolder(), 'apt', 'archives');
  const present = new Set(readdirSync(archives));
  if (files.some((file) => !present.has(file))) apt(['-q', ...words], archives);
  return { files: files.map((file) => join(archives, file)), key: keyOf(...files) };
}

/** A folder with the packages' files, unpacked over one another; their scripts are not run. Read it, never write to it. */
export function unpacked({ files, key }: Packages): string {
  return kept('debian', key, (folder) => {
    for (const file of files) run('dpkg-deb', ['--extract', file, folder]);
    // The links of a merged /usr come from a script that is not run here.
    for (const name of ['bin', 'lib', 'sbin'])
      if (!existsSync(join(folder, name))) symlinkSync(`usr/${name}`, join(folder, name));
  });
}

export interface Kernel {
  /** As `uname -r` says it. */
  readonly release: string;
  /** Package of that very kernel. */
  readonly package: string;
}

/** The kernel that the release's `linux-image-arm64` means now. */
export function currentKernel(): Kernel {
  const found = /Depends: (linux-image-(\S+))/.exec(openApt('apt-cache')(['depends', 'linux-image-arm64']));
  const [, name, release] = found ?? [];
  if (name === undefined || release === undefined) throw new ImageError('linux-image-arm64 depends on no kernel');
  return { package: name, release };
}

type Apt = (args: readonly string[], cwd?: string) => string;

function openApt(program: 'apt-get' | 'apt-cache' = 'apt-get'): Apt {
  const root = join(storeFolder(), 'apt');
  for (const folder of ['lists/partial', 'archives/partial', 'none/partial'])
    mkdirSync(join(root, folder), { recursive: true });
  const sources = join(root, 'own.sources');
  const empty = join(root, 'status');
  const options = [
    `Dir::Etc::SourceList=${sources}`,
    'Dir::Etc::SourceParts=/nonexistent',
    `Dir::State::Lists=${join(root, 'lists')}`,
    `Dir::State::status=${empty}`,
    `Dir::Cache::archives=${join(root, 'archives')}`,
    'Dir::Cache::pkgcache=',
    'Dir::Cache::srcpkgcache=',
    'APT::Architecture=arm64',
    'APT::Architectures=arm64',
    'APT::Sandbox::User=root',
    'Debug::NoLocking=true',
  ].flatMap((option) => ['-o', option]);
  const lock = join(root, 'lock');
  // Its own locks refuse at once where somebody else builds; this one waits.
  const locked = (name: string, args: readonly string[], cwd = root): string =>
    run('flock', ['--timeout', '600', lock, name, ...options, ...args], { cwd });
  if (!isFresh(join(root, 'updated'))) {
    writeFileSync(empty, '');
    writeFileSync(sources, sourcesText());
    locked('apt-get', ['-q', 'update']);
    writeFileSync(join(root, 'updated'), '');
  }
  return (args, cwd) => locked(program, args, cwd);
}

const isFresh = (stamp: string): boolean => {
  const found = statSync(stamp, { throwIfNoEntry: false });
  return found !== undefined && Date.now() - found.mtimeMs < FRESH_MS;
};

/** The mirrors are those that the machine's own apt uses. */
function sourcesText(): string {
  const known = run('apt-get', ['indextargets', 'Origin: Debian', '--format', '$(LABEL) $(REPO_URI)']);
  const mirrorOf = (label: string): string | undefined =>
    known
      .split('\n')
      .find((line) => line.startsWith(`${label} `))
      ?.slice(label.length + 1);
  const main = process.env['HOLDFAST_MIRROR'] ?? mirrorOf('Debian');
  if (main === undefined)
    throw new ImageError('apt knows no Debian mirror: run apt-get update once, or name one in HOLDFAST_MIRROR');
  const security = mirrorOf('Debian-Security');
  return [
    stanza(main, `${DEBIAN} ${DEBIAN}-updates`),
    ...(security === undefined ? [] : [stanza(security, `${DEBIAN}-security`)]),
  ].join('\n');
}

const stanza = (uri: string, suites: string): string =>
  `Types: deb\nURIs: ${uri}\nSuites: ${suites}\nComponents: ${COMPONENTS}\nSigned-By: ${KEYRING}\n`;
