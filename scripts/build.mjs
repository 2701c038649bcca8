/**
 * Owns `npm run build`: bundles the command and the lab's servers with the packages that they use into `dist/`, and does nothing when
 * no source has changed since the last build.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ensure, root } from './ensure.mjs';

/** What a bundle is made of. */
const SOURCES = ['boards', 'firmware', 'hal', 'scripts', 'package.json', 'package-lock.json', 'tsconfig.json'];

/** Entry by the name that it has in `dist/`. */
const ENTRIES = { cli: 'boards/cli.ts', 'media-worker': 'boards/media-worker.ts' };

/** Packages that stay outside: two are native, one belongs to the lab and is loaded as its authors left it. */
const OUTSIDE = ['onoff', 'i2c-bus', 'sip'];

/**
 * Packages in the older module format ask for Node's modules by `require`. They are bundled because Node reads the exports of
 * each such file with a lexer that alone keeps 5 MiB resident.
 */
const REQUIRE = "import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);";

/** Builds if a source has changed, or with `force`; tells whether it built. */
export async function build({ force = false } = {}) {
  const dist = join(root, 'dist');
  const stamp = join(dist, 'sources.sha256');
  const hash = hashOf(SOURCES);
  if (!force && existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) {
    refresh(dist);
    return false;
  }
  const { build: bundle } = await import('esbuild');
  rmSync(dist, { recursive: true, force: true });
  mkdirSync(dist, { recursive: true });
  await bundle({
    absWorkingDir: root,
    entryPoints: ENTRIES,
    outdir: dist,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    external: OUTSIDE,
    // V8 keeps the source of what has run, two octets a character where a single one is beyond Latin-1: a dash in a comment is enough.
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: 'none',
    banner: { js: REQUIRE },
    sourcemap: 'linked',
    sourcesContent: false,
    logLevel: 'warning',
  }).catch(() => {
    process.stderr.write('The build failed: its errors stand above.\n');
    process.exit(1);
  });
  writeFileSync(stamp, hash);
  return true;
}

/** The command compares times: a checkout that touched sources without changing them must not make the bundle look old. */
function refresh(dist) {
  const now = new Date();
  for (const name of readdirSync(dist)) utimesSync(join(dist, name), now, now);
}

function hashOf(paths) {
  const hash = createHash('sha256');
  for (const file of paths.flatMap(filesOf)) hash.update(`${file}\0`).update(readFileSync(join(root, file)));
  return hash.digest('hex');
}

function filesOf(path) {
  if (path.includes('.')) return [path];
  return readdirSync(join(root, path), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length))
    .sort();
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  ensure();
  const built = await build({ force: process.argv.includes('--force') });
  process.stdout.write(built ? 'Built dist/.\n' : 'dist/ is up to date.\n');
}
