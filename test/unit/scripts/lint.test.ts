/** Proves that the linter's rules bite: each violation is planted in a copy of the project's settings, in the folder named. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const biome = createRequire(import.meta.url).resolve('@biomejs/biome/bin/biome');

/** File, its text, the rule that must speak. */
const PLANTED: readonly (readonly [string, string, string])[] = [
  ['firmware/dns/date.ts', 'export const now = (): number => Date.now();', 'style/noRestrictedGlobals'],
  ['firmware/dns/chance.ts', 'export const draw = (): number => Math.random();', 'nursery/noJsRestrictedProperties'],
  [
    'firmware/dns/node.ts',
    "import { createSocket } from 'node:dgram';\ncreateSocket('udp4');",
    'correctness/noNodejsModules',
  ],
  ['firmware/dns/npm.ts', "import { pino } from 'pino';\npino();", 'style/noRestrictedImports'],
  ['firmware/dns/up.ts', "import { run } from '../shell/run.ts';\nrun();", 'style/noRestrictedImports'],
  [
    'hal/drivers/timer.ts',
    'setTimeout(start, 1);\nfunction start(): void {\n  start();\n}',
    'style/noRestrictedGlobals',
  ],
  ['firmware/shell/colour.ts', 'export enum Colour {\n  red,\n}', 'style/noEnum'],
  ['firmware/shell/first.ts', 'export const first = (a: number[]): number => a[0]!;', 'style/noNonNullAssertion'],
  ['firmware/shell/any.ts', 'export const anything: any = 1;', 'suspicious/noExplicitAny'],
  ['firmware/shell/default.ts', 'export default 1;', 'style/noDefaultExport'],
  ['firmware/shell/type.ts', "import { A } from './a.ts';\nexport type B = A;", 'style/useImportType'],
  ['firmware/shell/barrel.ts', "export * from './a.ts';", 'performance/noReExportAll'],
  ['firmware/shell/CamelCase.ts', 'export const a = 1;', 'style/useFilenamingConvention'],
  ['firmware/shell/floating.ts', 'const f = async (): Promise<void> => {};\nf();', 'nursery/noFloatingPromises'],
  [
    'firmware/shell/switch.ts',
    "export function f(k: 'a' | 'b'): number {\n  switch (k) {\n    case 'a':\n      return 1;\n  }\n  return 0;\n}",
    'nursery/useExhaustiveSwitchCases',
  ],
  [
    'firmware/shell/cycle-a.ts',
    "import { b } from './cycle-b.ts';\nexport const a = (): number => b();",
    'suspicious/noImportCycles',
  ],
  [
    'firmware/shell/cycle-b.ts',
    "import { a } from './cycle-a.ts';\nexport const b = (): number => a();",
    'suspicious/noImportCycles',
  ],
  [
    'firmware/shell/tangled.ts',
    `export function tangled(a: number): number {\n${'  if (a > 1) return 1;\n'.repeat(21)}  return 0;\n}`,
    'complexity/noExcessiveCognitiveComplexity',
  ],
  [
    'test/unit/only.test.ts',
    "import { test } from 'node:test';\ntest.only('x', () => {});",
    'suspicious/noFocusedTests',
  ],
];

interface Diagnostic {
  readonly rule: string;
  readonly path: string;
}

test('every planted violation of the style sheet is found by the rule that owns it', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-lint-'));
  t.after(() => rmSync(folder, { recursive: true }));
  for (const file of ['biome.json', 'package.json', 'tsconfig.json', '.gitignore'])
    copyFileSync(join(root, file), join(folder, file));
  for (const [path, text] of [...PLANTED, ['firmware/shell/a.ts', 'export type A = 1;'] as const]) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), `${text}\n`);
  }
  const found = await lint(folder);
  const missed = PLANTED.filter(([path, , rule]) => !found.some((one) => one.path === path && one.rule === rule));
  assert.deepEqual(
    missed.map(([path, , rule]) => `${path}: ${rule}`),
    [],
  );
  assert.deepEqual(
    found.filter(({ path }) => path === 'firmware/shell/a.ts'),
    [],
  );
});

/** Biome's report in the form that is made for machines: one `::error title=RULE,file=PATH,...` a line. */
async function lint(folder: string): Promise<readonly Diagnostic[]> {
  const args = ['lint', '--vcs-enabled=false', '--max-diagnostics=none', '--reporter=github', folder];
  const report = await new Promise<string>((resolve) => {
    execFile(process.execPath, [biome, ...args], { cwd: folder }, (_error, stdout) => resolve(stdout));
  });
  return [...report.matchAll(/title=lint\/([\w/]+),file=([^,]+),/g)].map((match) => ({
    rule: match[1] ?? '',
    path: (match[2] ?? '').replace(`${folder}/`, ''),
  }));
}
