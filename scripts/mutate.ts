/**
 * Owns `npm run mutate [-- TABLE...]`: each cell of each machine's table is dropped in turn, and some test must fail. A cell
 * that nobody misses is listed with its reason in test/tables/survivors.json, or the run fails.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Cell } from './mutate/tables.ts';
import { allCells, cellText, testsFor } from './mutate/tables.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const SURVIVORS = 'test/tables/survivors.json';
/** How long a test may take without a mutant, ms. */
const LIMIT_MS = 900_000;
/** A mutant may wait for ever; so may not we: this many times what the test takes without one, and never less than `HANG_MS`. */
const HANG_TIMES = 10;
const HANG_MS = 120_000;

type Fate = 'killed' | 'survived' | 'not loaded';

interface Verdict {
  readonly cell: Cell;
  readonly fate: Fate;
  readonly by: string;
}

const tests = readdirSync(join(ROOT, 'test'), { recursive: true })
  .map((name) => `test/${String(name).replaceAll('\\', '/')}`)
  .filter((name) => name.endsWith('.test.ts'))
  .sort();

/** Runs one test file alone; true where it passed within `limitMs`. */
function passes(test: string, env: Readonly<Record<string, string>>, limitMs: number): Promise<boolean> {
  const args = ['--import', 'tsx', '--import', './scripts/mutate/register.mjs', test];
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, { cwd: ROOT, stdio: 'ignore', env: { ...process.env, ...env } });
    const hang = setTimeout(() => child.kill('SIGKILL'), limitMs);
    child.once('exit', (code) => {
      clearTimeout(hang);
      resolve(code === 0);
    });
  });
}

/** What each test took without a mutant, ms. */
const took = new Map<string, number>();
const limitOf = (test: string): number => Math.max(HANG_MS, HANG_TIMES * (took.get(test) ?? 0));

async function judge(cell: Cell, folder: string): Promise<Verdict> {
  const seen = join(folder, cellText(cell).replace(/\W+/g, '-'));
  const env = { MUTANT: JSON.stringify(cell), MUTANT_SEEN: seen };
  for (const test of testsFor(cell.file, tests))
    if (!(await passes(test, env, limitOf(test)))) return told(cell, existsSync(seen) ? 'killed' : 'not loaded', test);
  return told(cell, existsSync(seen) ? 'survived' : 'not loaded', '');
}

function told(cell: Cell, fate: Fate, by: string): Verdict {
  process.stdout.write(`${fate.padEnd(10)} ${cellText(cell)}${by === '' ? '' : `   ${by}`}\n`);
  return { cell, fate, by };
}

/** The tests must pass as they are: a red test would kill every mutant. */
async function redTests(cells: readonly Cell[]): Promise<readonly string[]> {
  const needed = [...new Set(cells.flatMap(({ file }) => testsFor(file, tests)))];
  const red: string[] = [];
  for (const test of needed) {
    const start = performance.now();
    if (!(await passes(test, {}, LIMIT_MS))) red.push(test);
    took.set(test, performance.now() - start);
  }
  return red;
}

async function judgeAll(cells: readonly Cell[]): Promise<readonly Verdict[]> {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-mutate-'));
  const verdicts: Verdict[] = [];
  const waiting = [...cells];
  const worker = async (): Promise<void> => {
    for (let cell = waiting.shift(); cell !== undefined; cell = waiting.shift())
      verdicts.push(await judge(cell, folder));
  };
  try {
    await Promise.all(Array.from({ length: availableParallelism() }, worker));
    return verdicts;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What is wrong: a survivor without a reason, a reason for a cell that is killed or gone, a cell that no test loads. */
function problemsOf(verdicts: readonly Verdict[], reasons: Readonly<Record<string, string>>): readonly string[] {
  const fates = new Map(verdicts.map(({ cell, fate }) => [cellText(cell), fate]));
  const unlisted = [...fates].filter(([name, fate]) => fate !== 'killed' && reasons[name] === undefined);
  const tables = new Set(verdicts.map(({ cell }) => cell.table));
  const listed = Object.keys(reasons).filter((name) => tables.has(name.split(' ', 1)[0] ?? ''));
  const stale = listed.filter((name) => fates.get(name) !== 'survived');
  return [
    ...unlisted.map(([name, fate]) => `${name}: ${fate}, and ${SURVIVORS} gives no reason`),
    ...stale.map((name) => `${name}: listed as a survivor, but it is ${fates.get(name) ?? 'gone'}`),
  ];
}

async function main(wanted: readonly string[]): Promise<number> {
  const all = await allCells(ROOT);
  const cells = all.filter(({ table }) => wanted.length === 0 || wanted.includes(table));
  if (cells.length === 0) {
    process.stderr.write(`no such table; there are: ${[...new Set(all.map(({ table }) => table))].join(', ')}\n`);
    return 2;
  }
  const red = await redTests(cells);
  if (red.length > 0) {
    process.stderr.write(
      `these tests fail without any mutant, or take more than ${LIMIT_MS / 1000} s: ${red.join(', ')}\n`,
    );
    return 2;
  }
  const verdicts = await judgeAll(cells);
  const reasons = JSON.parse(readFileSync(join(ROOT, SURVIVORS), 'utf8')) as Readonly<Record<string, string>>;
  const problems = problemsOf(verdicts, reasons);
  for (const problem of problems) process.stdout.write(`${problem}\n`);
  const killed = verdicts.filter(({ fate }) => fate === 'killed').length;
  const tables = new Set(cells.map(({ table }) => table)).size;
  process.stdout.write(
    `${cells.length} cells of ${tables} tables: ${killed} killed, ${verdicts.length - killed} survived\n`,
  );
  return problems.length === 0 ? 0 : 1;
}

process.exitCode = await main(process.argv.slice(2));
