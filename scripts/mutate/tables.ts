/** Owns finding the machines' tables and their cells: every exported `...Table` of the firmware. */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path/posix';
import { pathToFileURL } from 'node:url';

/** One cell of one table: what is dropped to see whether some test notices. */
export interface Cell {
  /** Path of the table's file. */
  readonly file: string;
  readonly table: string;
  readonly row: string;
  readonly column: string;
}

export const cellText = ({ table, row, column }: Cell): string => `${table} ${row}, ${column}`;

const EXPORTED = /^export const (\w+Table): Table</gm;

/** Every cell of every exported table under `firmware`, in the order of files, rows and columns. */
export async function allCells(root: string): Promise<readonly Cell[]> {
  const cells: Cell[] = [];
  for (const file of sources(root)) {
    const names = [...readFileSync(join(root, file), 'utf8').matchAll(EXPORTED)].map(([, name]) => name ?? '');
    if (names.length === 0) continue;
    const module = (await import(pathToFileURL(join(root, file)).href)) as Readonly<Record<string, unknown>>;
    for (const table of names) cells.push(...cellsOf(file, table, module[table]));
  }
  return cells;
}

const sources = (root: string): readonly string[] =>
  readdirSync(join(root, 'firmware'), { recursive: true })
    .map((name) => join('firmware', String(name)))
    .filter((name) => name.endsWith('.ts'))
    .sort();

function cellsOf(file: string, table: string, rows: unknown): readonly Cell[] {
  if (typeof rows !== 'object' || rows === null) throw new Error(`${file} exports no table ${table}`);
  return Object.entries(rows).flatMap(([row, columns]) =>
    Object.keys(columns as object).map((column) => ({ file, table, row, column })),
  );
}

/** The tests that could notice, the nearest first: the figure, the module's own, then whole phones. */
export function testsFor(file: string, tests: readonly string[]): readonly string[] {
  const name = basename(file, '.ts');
  const mirrored = `test/unit/${dirname(file)}/`;
  const near = [`test/tables/${name}.test.ts`, `${mirrored}${name}.test.ts`];
  const beside = tests.filter(
    (test) =>
      [`test/tables/${name}-`, `${mirrored}${name}`].some((start) => test.startsWith(start)) && !near.includes(test),
  );
  const worlds = file.includes('/transaction/') ? [] : tests.filter((test) => test.startsWith('test/sim/scenarios/'));
  return [...near.filter((test) => tests.includes(test)), ...beside, ...worlds];
}
