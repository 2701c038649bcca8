/**
 * Owns `npm run mutate [-- TABLE...]`: each cell of each machine's table is dropped in turn, and some test must fail. A cell
 * that nobody misses is listed with its reason in test/tables/survivors.json, or the run fails. `npm run mutate -- FILE...` does
 * the same with every operator, condition, call and number of a file; what it prints is to be read, for some slips change nothing.
 * What has been noticed of a file is kept in build/mutate: a run that was ended goes on where it was.
 */
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openKept } from './mutate/kept.ts';
import type { Slip } from './mutate/operators.ts';
import { slipsOf, slipText } from './mutate/operators.ts';
import type { Order, Timed } from './mutate/order.ts';
import { orderOf } from './mutate/order.ts';
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

const limitOf = ({ tookMs }: Timed): number => Math.max(HANG_MS, HANG_TIMES * tookMs);

async function judge<M extends Mutant>(mutant: M, folder: string, order: Order): Promise<Verdict<M>> {
  const seen = join(folder, randomUUID());
  const env = { MUTANT: JSON.stringify(mutant), MUTANT_SEEN: seen };
  for (const timed of order.next()) {
    if (await passes(timed.test, env, limitOf(timed))) continue;
    order.noticed(timed.test);
    return told(mutant, existsSync(seen) ? 'killed' : 'not loaded', timed.test);
  }
  return told(mutant, existsSync(seen) ? 'survived' : 'not loaded', '');
}

function told<M extends Mutant>(mutant: M, fate: Fate, by: string): Verdict<M> {
  process.stdout.write(`${fate.padEnd(10)} ${nameOf(mutant)}${by === '' ? '' : `   ${by}`}\n`);
  return { mutant, fate };
}

/**
 * The tests as they are, each timed: a red one would kill every mutant, and is told (null). `same`, a slip that changes nothing,
 * leaves those that load its file.
 */
async function asTheyAre(
  needed: readonly string[],
  folder: string,
  same: Slip | null = null,
): Promise<readonly Timed[] | null> {
  const red: string[] = [];
  const timed = new Map<string, Timed>();
  await onEachCore(needed, async (test) => {
    const seen = join(folder, randomUUID());
    const start = performance.now();
    const passed = await passes(
      test,
      same === null ? {} : { MUTANT: JSON.stringify(same), MUTANT_SEEN: seen },
      LIMIT_MS,
    );
    if (!passed) red.push(test);
    if (same === null || existsSync(seen)) timed.set(test, { test, tookMs: performance.now() - start });
  });
  if (red.length === 0) return needed.flatMap((test) => timed.get(test) ?? []);
  process.stderr.write(
    `these tests fail without any mutant, or take more than ${LIMIT_MS / 1000} s: ${red.join(', ')}\n`,
  );
  return null;
}

async function onEachCore<T>(list: readonly T[], work: (item: T) => Promise<unknown>): Promise<void> {
  const waiting = [...list];
  const worker = async (): Promise<void> => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
}

async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-mutate-'));
  try {
    return await work(folder);
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

/** All cells judged; null where the tests are red as they are. */
async function judgedCells(cells: readonly Cell[], folder: string): Promise<readonly Verdict<Cell>[] | null> {
  const timed = await asTheyAre([...new Set(cells.flatMap(({ file }) => testsFor(file, tests)))], folder);
  if (timed === null) return null;
  const verdicts: Verdict<Cell>[] = [];
  await onEachCore(cells, async (cell) => {
    const wanted = testsFor(cell.file, tests);
    const order: Order = { next: () => timed.filter(({ test }) => wanted.includes(test)), noticed: () => undefined };
    verdicts.push(await judge(cell, folder, order));
  });
  return verdicts;
}

async function judgeTables(wanted: readonly string[]): Promise<number> {
  const all = await allCells(ROOT);
  const cells = all.filter(({ table }) => wanted.length === 0 || wanted.includes(table));
  if (cells.length === 0) {
    process.stderr.write(`no such table; there are: ${[...new Set(all.map(({ table }) => table))].join(', ')}\n`);
    return 2;
  }
  const verdicts = await inFolder((folder) => judgedCells(cells, folder));
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
  let worst = 0;
  for (const file of files) worst = Math.max(worst, await inFolder((folder) => judgeFile(file, folder)));
  return worst;
}

/** The nearest tests are the file's own: what stands before the scenarios. */
const nearOf = (timed: readonly Timed[]): number => timed.filter(({ test }) => !test.startsWith('test/sim/')).length;

async function judgeFile(file: string, folder: string): Promise<number> {
  const same: Slip = { file, line: 1, at: 0, end: 0, was: '', now: '' };
  const timed = await asTheyAre(testsFor(file, tests), folder, same);
  if (timed === null) return 2;
  const all = slipsOf(ROOT, file);
  const kept = openKept(join(ROOT, 'build', 'mutate'), file, readFileSync(join(ROOT, file), 'utf8'));
  const open = all.filter((slip) => !kept.has(slip));
  process.stdout.write(
    `${file}: ${all.length} slips, ${all.length - open.length} known to be noticed; ${timed.length} tests load it\n`,
  );
  const order = orderOf(timed, nearOf(timed));
  const left: Slip[] = [];
  await onEachCore(open, async (slip) => {
    const { fate } = await judge(slip, folder, order);
    if (fate === 'killed') kept.add(slip);
    else left.push(slip);
  });
  for (const slip of left) process.stdout.write(`nobody noticed ${slipText(slip)}\n`);
  process.stdout.write(`${all.length} slips: ${all.length - left.length} killed, ${left.length} survived\n`);
  return left.length === 0 ? 0 : 1;
}

const wanted = process.argv.slice(2);
process.exitCode = await (wanted.some((name) => name.endsWith('.ts')) ? judgeFiles(wanted) : judgeTables(wanted));
