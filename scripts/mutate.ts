/**
 * Owns `npm run mutate [-- TABLE...]`: each cell of each machine's table is dropped in turn, and some test must fail. A cell
 * that nobody misses is listed with its reason in test/tables/survivors.json, or the run fails. `npm run mutate -- FILE...` does
 * the same with every operator, condition, call and number of a file; what it prints is to be read, for some slips change nothing.
 */
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Slip } from './mutate/operators.ts';
import { slipsOf, slipText } from './mutate/operators.ts';
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

type Mutant = Cell | Slip;

interface Verdict<M extends Mutant = Mutant> {
  readonly mutant: M;
  readonly fate: Fate;
}

const nameOf = (mutant: Mutant): string => ('table' in mutant ? cellText(mutant) : slipText(mutant));

const tests = readdirSync(join(ROOT, 'test'), { recursive: true })
  .map((name) => `test/${String(name).replaceAll('\\', '/')}`)
  .filter((name) => name.endsWith('.test.ts'))
  .sort();

/** Runs one test file alone; true where it passed within `limitMs`. */
function passes(test: string, env: Readonly<Record<string, string>>, limitMs: number): Promise<boolean> {
  // The hook stands before tsx, for it changes what is written and not what tsx makes of it.
  const args = ['--import', './scripts/mutate/register.mjs', '--import', 'tsx', test];
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

async function judge<M extends Mutant>(mutant: M, folder: string): Promise<Verdict<M>> {
  const seen = join(folder, randomUUID());
  const env = { MUTANT: JSON.stringify(mutant), MUTANT_SEEN: seen };
  for (const test of testsFor(mutant.file, tests))
    if (!(await passes(test, env, limitOf(test))))
      return told(mutant, existsSync(seen) ? 'killed' : 'not loaded', test);
  return told(mutant, existsSync(seen) ? 'survived' : 'not loaded', '');
}

function told<M extends Mutant>(mutant: M, fate: Fate, by: string): Verdict<M> {
  process.stdout.write(`${fate.padEnd(10)} ${nameOf(mutant)}${by === '' ? '' : `   ${by}`}\n`);
  return { mutant, fate };
}

/** The tests must pass as they are: a red test would kill every mutant. */
async function redTests(mutants: readonly Mutant[]): Promise<readonly string[]> {
  const needed = [...new Set(mutants.flatMap(({ file }) => testsFor(file, tests)))];
  const red: string[] = [];
  for (const test of needed) {
    const start = performance.now();
    if (!(await passes(test, {}, LIMIT_MS))) red.push(test);
    took.set(test, performance.now() - start);
  }
  return red;
}

async function judgeAll<M extends Mutant>(mutants: readonly M[]): Promise<readonly Verdict<M>[]> {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-mutate-'));
  const verdicts: Verdict<M>[] = [];
  const waiting = [...mutants];
  const worker = async (): Promise<void> => {
    for (let mutant = waiting.shift(); mutant !== undefined; mutant = waiting.shift())
      verdicts.push(await judge(mutant, folder));
  };
  try {
    await Promise.all(Array.from({ length: availableParallelism() }, worker));
    return verdicts;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What is wrong: a survivor without a reason, a reason for a cell that is killed or gone, a cell that no test loads. */
function problemsOf(verdicts: readonly Verdict<Cell>[], reasons: Readonly<Record<string, string>>): readonly string[] {
  const fates = new Map(verdicts.map(({ mutant, fate }) => [cellText(mutant), fate]));
  const unlisted = [...fates].filter(([name, fate]) => fate !== 'killed' && reasons[name] === undefined);
  const tables = new Set(verdicts.map(({ mutant }) => mutant.table));
  const listed = Object.keys(reasons).filter((name) => tables.has(name.split(' ', 1)[0] ?? ''));
  const stale = listed.filter((name) => fates.get(name) !== 'survived');
  return [
    ...unlisted.map(([name, fate]) => `${name}: ${fate}, and ${SURVIVORS} gives no reason`),
    ...stale.map((name) => `${name}: listed as a survivor, but it is ${fates.get(name) ?? 'gone'}`),
  ];
}

/** All of them judged; null where the tests are red as they are, which is told. */
async function judged<M extends Mutant>(mutants: readonly M[]): Promise<readonly Verdict<M>[] | null> {
  const red = await redTests(mutants);
  if (red.length === 0) return judgeAll(mutants);
  process.stderr.write(
    `these tests fail without any mutant, or take more than ${LIMIT_MS / 1000} s: ${red.join(', ')}\n`,
  );
  return null;
}

async function judgeTables(wanted: readonly string[]): Promise<number> {
  const all = await allCells(ROOT);
  const cells = all.filter(({ table }) => wanted.length === 0 || wanted.includes(table));
  if (cells.length === 0) {
    process.stderr.write(`no such table; there are: ${[...new Set(all.map(({ table }) => table))].join(', ')}\n`);
    return 2;
  }
  const verdicts = await judged(cells);
  if (verdicts === null) return 2;
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

async function judgeFiles(files: readonly string[]): Promise<number> {
  const missing = files.filter((file) => !file.startsWith('firmware/') || !existsSync(join(ROOT, file)));
  if (missing.length > 0) {
    process.stderr.write(`no such file of the firmware: ${missing.join(', ')}\n`);
    return 2;
  }
  const verdicts = await judged(files.flatMap((file) => slipsOf(ROOT, file)));
  if (verdicts === null) return 2;
  const left = verdicts.filter(({ fate }) => fate !== 'killed');
  for (const { mutant } of left) process.stdout.write(`nobody noticed ${slipText(mutant)}\n`);
  process.stdout.write(`${verdicts.length} slips: ${verdicts.length - left.length} killed, ${left.length} survived\n`);
  return left.length === 0 ? 0 : 1;
}

const wanted = process.argv.slice(2);
process.exitCode = await (wanted.some((name) => name.endsWith('.ts')) ? judgeFiles(wanted) : judgeTables(wanted));
