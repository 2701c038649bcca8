/**
 * Owns the first step of every command: a Node that is new enough, and the packages of the lock file in `node_modules`.
 * It needs no package itself, says nothing when there is nothing to do, and starts `npm ci` otherwise.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));

const OLDEST_NODE = [20, 19];

/** Makes the checkout ready to run, or ends the process with one clear line. */
export function ensure() {
  requireNode();
  if (sameAsLockFile()) return;
  process.stderr.write('Installing the packages of package-lock.json (npm ci) ...\n');
  const done = runNpm(['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error']);
  if (done !== 0) stop('npm ci failed (its message stands above): is the package registry reachable?');
  if (!sameAsLockFile()) stop('npm ci ended well, but node_modules still differs from package-lock.json.');
}

function requireNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const [wantedMajor, wantedMinor] = OLDEST_NODE;
  if (major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)) return;
  stop(`Holdfast needs Node ${OLDEST_NODE.join('.')} or newer; this is ${process.versions.node}.`);
}

/** npm keeps what it installed in a hidden lock file; a package of another platform is optional and absent there. */
function sameAsLockFile() {
  const wanted = packagesOf('package-lock.json');
  const present = packagesOf('node_modules/.package-lock.json');
  if (wanted === null || present === null) return false;
  const names = Object.keys(wanted).filter((name) => name !== '');
  const complete = names.every((name) => {
    const found = present[name];
    if (found === undefined) return wanted[name].optional === true || wanted[name].devOptional === true;
    return found.version === wanted[name].version && found.integrity === wanted[name].integrity;
  });
  return complete && Object.keys(present).every((name) => wanted[name] !== undefined);
}

function packagesOf(file) {
  try {
    return JSON.parse(readFileSync(`${root}/${file}`, 'utf8')).packages ?? null;
  } catch {
    return null;
  }
}

/** The npm that called us where there is one, so that both are of one version. */
function runNpm(args) {
  const caller = process.env.npm_execpath;
  const options = { cwd: root, stdio: ['ignore', 2, 2] };
  const done =
    caller?.endsWith('.js') === true
      ? spawnSync(process.execPath, [caller, ...args], options)
      : spawnSync('npm', args, { ...options, shell: process.platform === 'win32' });
  return done.status;
}

function stop(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
