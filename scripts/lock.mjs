/**
 * Owns the repair of package-lock.json after an install from a registry that does not carry the binaries of every platform:
 * npm then leaves them out, and `npm ci` refuses the file everywhere. Their versions are pinned by the package that names
 * them; their platform stands in their names. They get no integrity hash, for nobody has seen them here.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './ensure.mjs';

const file = join(root, 'package-lock.json');
const lock = JSON.parse(readFileSync(file, 'utf8'));

const absent = Object.values(lock.packages).flatMap((owner) =>
  Object.entries(owner.optionalDependencies ?? {})
    .filter(([name]) => lock.packages[`node_modules/${name}`] === undefined)
    .map(([name, version]) => ({ name, version, owner })),
);
for (const { name, version, owner } of absent) lock.packages[`node_modules/${name}`] = entryOf(name, version, owner);
lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => a.localeCompare(b, 'en')));
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
process.stdout.write(`${absent.map(({ name }) => `added ${name}\n`).join('')}${absent.length} packages added\n`);

function entryOf(name, version, owner) {
  if (!/^\d+\.\d+\.\d+$/.test(version)) throw new Error(`${name} is not pinned, but ${version}: lock it by hand`);
  const [, os, cpu, abi] =
    /-?(aix|android|darwin|freebsd|linux|netbsd|openbsd|openharmony|sunos|win32)-(\w+)(?:-(\w+))?$/.exec(name) ?? [];
  if (os === undefined) throw new Error(`${name} does not tell its platform: lock it by hand`);
  const libc = { gnu: ['glibc'], musl: ['musl'] }[abi];
  return {
    version,
    cpu: [cpu],
    ...(owner.dev === true ? { dev: true } : {}),
    ...(libc === undefined ? {} : { libc }),
    license: owner.license,
    optional: true,
    os: [os],
    engines: owner.engines,
  };
}
