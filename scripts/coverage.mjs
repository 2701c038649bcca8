/**
 * Owns `npm run coverage`: the tests under c8, then the bounds: every line and branch of the folders on which service
 * depends, and nearly all of the pure firmware. A file that no test loads counts as uncovered unless it holds only types.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { transformSync } from 'esbuild';
import { ensure, root } from './ensure.mjs';

const PURE = { folder: 'firmware', without: ['firmware/shell/', 'firmware/web/'] };

/** Per cent of lines and of branches; a branch bound below the lines' is what is reached today, and only ever rises. */
const BOUNDS = [
  { folder: 'firmware/kernel', lines: 100, branches: 100 },
  { folder: 'firmware/dns', lines: 100, branches: 100 },
  { folder: 'firmware/servers', lines: 100, branches: 100 },
  { folder: 'firmware/sip/transaction', lines: 100, branches: 100 },
  { folder: PURE.folder, lines: 99, branches: 94 },
];

ensure();
process.chdir(root);
const tests = spawnSync(process.execPath, [c8(), ...options(), process.execPath, 'scripts/test.mjs'], {
  stdio: 'inherit',
});
const problems = [...(tests.status === 0 ? [] : ['tests failed']), ...unseen(), ...BOUNDS.flatMap(below)];
for (const problem of new Set(problems)) process.stdout.write(`coverage: ${problem}\n`);
process.exitCode = problems.length === 0 ? 0 : 1;

function c8() {
  return fileURLToPath(import.meta.resolve('c8/bin/c8.js'));
}

function options() {
  const out = PURE.without.map((folder) => `--exclude=${folder}**`);
  return [
    ...['--include=firmware/**', ...out, '--extension=.ts', '--exclude-after-remap', '--merge-async'],
    ...[
      '--clean',
      '--reports-dir=coverage',
      '--temp-directory=coverage/tmp',
      '--reporter=json-summary',
      '--reporter=lcovonly',
    ],
  ];
}

function summary() {
  const text = readFileSync('coverage/coverage-summary.json', 'utf8');
  return Object.entries(JSON.parse(text)).map(([path, counts]) => ({ path: relative(root, path), ...counts }));
}

function below({ folder, ...bounds }) {
  const files = summary().filter(({ path }) => path.startsWith(`${folder}/`));
  if (files.length === 0) return [`${folder}: no file was seen`];
  return ['lines', 'branches'].flatMap((kind) => {
    const total = files.reduce((sum, file) => sum + file[kind].total, 0);
    const covered = files.reduce((sum, file) => sum + file[kind].covered, 0);
    const reached = total === 0 ? 100 : (100 * covered) / total;
    process.stdout.write(`coverage: ${folder}: ${reached.toFixed(2)} % of ${total} ${kind}, bound ${bounds[kind]} %\n`);
    if (reached >= bounds[kind]) return [];
    const worst = files
      .filter((file) => file[kind].covered < file[kind].total)
      .sort((a, b) => a[kind].pct - b[kind].pct);
    return worst.slice(0, 12).map((file) => `${file.path}: ${file[kind].covered} of ${file[kind].total} ${kind}`);
  });
}

/** Pure files that no test loaded, although something is left of them when the types are gone. */
function unseen() {
  const seen = new Set(summary().map(({ path }) => path));
  return readdirSync(PURE.folder, { recursive: true })
    .map((name) => join(PURE.folder, String(name)))
    .filter((path) => path.endsWith('.ts') && !PURE.without.some((folder) => path.startsWith(folder)))
    .filter((path) => !seen.has(path) && transformSync(readFileSync(path, 'utf8'), { loader: 'ts' }).code.trim() !== '')
    .map((path) => `${path}: no test loads it`);
}
