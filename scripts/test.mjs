/**
 * Owns `npm test`: Node's own test runner over every test that needs neither root nor system packages, one process a file,
 * the runner's summary last. `node scripts/test.mjs PATH...` runs the test files of these files or folders alone.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensure, root } from './ensure.mjs';

/** Files of a folder that are not run side by side, and how long one may take, ms: each boots a machine. */
const ALONE = { folder: 'test/qemu', limitMs: 1_200_000 };
const LIMIT_MS = 900_000;

const KINDS = ['unit', 'tables', 'property', 'sim', 'contract', 'fuzz'];
/** What waits for real servers most of its time leaves the processors to others. */
const WAITING = 'test/interop';
const WAITING_PER_CORE = 3;

ensure();
process.chdir(root);
process.exitCode = await runTests(process.argv.slice(2));

async function runTests(paths) {
  const files = (paths.length === 0 ? KINDS.map((kind) => `test/${kind}`) : paths).flatMap(testFiles);
  if (files.length === 0) return complain('No test file was found.');
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-test-'));
  try {
    const code = await runNode(files, join(folder, 'tap'));
    const summary = readFileSync(join(folder, 'tap'), 'utf8').trimEnd().split('\n').slice(-8);
    const passed = Number(/^# pass (\d+)$/m.exec(summary.join('\n'))?.[1] ?? 0);
    if (code !== 0) process.stdout.write(`\n${summary.join('\n')}\n`);
    return passed === 0 ? complain('No test ran.') : code;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function testFiles(path) {
  if (statSync(path, { throwIfNoEntry: false }) === undefined) return [];
  if (statSync(path).isFile()) return [path];
  return readdirSync(path, { recursive: true })
    .map((name) => join(path, String(name)))
    .filter((name) => name.endsWith('.test.ts'))
    .sort();
}

/** The readable report goes to the screen; a TAP copy tells how many tests ran. */
function runNode(files, tapFile) {
  const alone = files.some((file) => file.startsWith(ALONE.folder));
  const perCore = files.every((file) => file.startsWith(WAITING)) ? WAITING_PER_CORE : 1;
  const concurrency = alone ? 1 : perCore * availableParallelism();
  const limitMs = alone ? ALONE.limitMs : LIMIT_MS;
  const args = [
    ...['--import', 'tsx', '--test', `--test-concurrency=${concurrency}`, `--test-timeout=${limitMs}`],
    ...['--test-reporter=spec', '--test-reporter-destination=stdout'],
    ...['--test-reporter=tap', `--test-reporter-destination=${tapFile}`],
  ];
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [...args, ...files], { stdio: ['ignore', 'inherit', 'inherit'] });
    child.once('exit', (code) => resolve(code ?? 1));
  });
}

function complain(message) {
  process.stderr.write(`${message}\n`);
  return 1;
}
