/** Proves that the tidy rules see the tree, and that each of them finds a planted violation and passes its repair. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { destinationOf, importsOf } from '../../../scripts/tidy/imports.ts';
import { RULES, withTable } from '../../../scripts/tidy/rules.ts';
import type { Problem } from '../../../scripts/tidy/tree.ts';
import { readTree } from '../../../scripts/tidy/tree.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const tree = readTree(root);

/** What a rule says of a small tree. */
const apply = (rule: string, files: Readonly<Record<string, string>>): readonly Problem[] =>
  RULES[rule]?.(new Map(Object.entries(files))) ?? assert.fail(`there is no rule ${rule}`);

const OPENING = '/** Owns nothing. */\n';

test('the run sees the whole tree', () => {
  const imports = [...tree].filter(([path]) => path.endsWith('.ts')).flatMap(([path, text]) => importsOf(path, text));
  assert.ok(tree.size >= 280, `${tree.size} files`);
  assert.ok(imports.length >= 1000, `${imports.length} imports`);
  assert.ok(imports.some(({ kind }) => kind === 'type') && imports.some(({ kind }) => kind === 'value'));
  assert.equal(apply('enough seen', {}).length, 1);
});

test('every form of import is found with its kind, and no string or comment is taken for one', () => {
  const text = [
    "import { a } from './a.ts';",
    "import type { B } from './b.ts';",
    "import { type C } from './c.ts';",
    "import './d.ts';",
    "export { e } from './e.ts';",
    "export type { F } from './f.ts';",
    'import {',
    '  g,',
    "} from './g.ts';",
    "const h = await import('./h.ts');",
    "type I = import('./i.ts').I;",
    'const j = await import(name);',
    "// import { k } from './k.ts';",
    "const l = `import { l } from './l.ts';`;",
  ].join('\n');
  assert.deepEqual(
    importsOf('x.ts', text).map(({ specifier, kind, line }) => `${line} ${kind} ${specifier}`),
    [
      '1 value ./a.ts',
      '2 type ./b.ts',
      '3 value ./c.ts',
      '4 value ./d.ts',
      '5 value ./e.ts',
      '6 type ./f.ts',
      '7 value ./g.ts',
      '10 value ./h.ts',
      '11 type ./i.ts',
      '12 value <computed>',
    ],
  );
});

test('an import leads to a path of the tree, to a package or to Node', () => {
  assert.equal(destinationOf('firmware/sip/agent.ts', '../kernel/time.ts'), 'firmware/kernel/time.ts');
  assert.equal(destinationOf('x.ts', '@hono/node-server/serve-static'), 'npm:@hono/node-server');
  assert.equal(destinationOf('x.ts', 'hono/streaming'), 'npm:hono');
  assert.equal(destinationOf('x.ts', 'node:fs/promises'), 'node:fs/promises');
});

const KERNEL = 'firmware/kernel/time.ts';

/** Rule, a tree that breaks it, the words that tell so, the repaired tree. */
const PLANTED: readonly (readonly [string, Record<string, string>, RegExp, Record<string, string>])[] = [
  [
    'imports',
    { [KERNEL]: `${OPENING}import { readFileSync } from 'node:fs';\n` },
    /kernel may not import node/,
    { [KERNEL]: OPENING },
  ],
  ['imports', { [KERNEL]: `${OPENING}import './gone.ts';\n` }, /does not exist/, { [KERNEL]: OPENING }],
  ['imports', { [KERNEL]: `${OPENING}await import(name);\n` }, /computed name/, { [KERNEL]: OPENING }],
  ['opening comment', { [KERNEL]: 'export const a = 1;\n' }, /no opening comment/, { [KERNEL]: OPENING }],
  ['opening comment', { [KERNEL]: '/** Some file. */\n' }, /does not say what it owns/, { [KERNEL]: OPENING }],
  [
    'open work',
    { [KERNEL]: `${OPENING}// ${'TO' + 'DO'}: later\n` },
    /open an issue/,
    { [KERNEL]: `${OPENING}// The later the better.\n` },
  ],
  [
    'RFC citations',
    { [KERNEL]: '/** Owns RFC 9999 1.2. */\n', 'docs/rfc-coverage.md': '| RFC 3261 |\n' },
    /cites RFC 9999/,
    { [KERNEL]: '/** Owns RFC 3261 17. */\n', 'docs/rfc-coverage.md': '| RFC 3261 |\n' },
  ],
  ['RFC citations', { [KERNEL]: '/** Owns RFC 3261 17. */\n' }, /is missing/, { [KERNEL]: OPENING }],
  ['length', { [KERNEL]: '\n'.repeat(301) }, /has 301 lines, more than 300/, { [KERNEL]: '\n'.repeat(300) }],
  [
    'function length',
    { [KERNEL]: `function a() {\n${'  f();\n'.repeat(59)}}\n` },
    /a has 61 lines of its own, more than 60/,
    { [KERNEL]: `function a() {\n  const b = () => {\n${'    f();\n'.repeat(40)}  };\n${'  b();\n'.repeat(40)}}\n` },
  ],
  [
    'private',
    { 'docs/a.md': `see /${'ho' + 'me'}/someone/notes\n` },
    /folder of one machine/,
    { 'docs/a.md': 'see docs/notes, or $HOME/notes\n' },
  ],
  [
    'private',
    { 'docs/a.md': `from ${'https:'}//registry.example/x\n` },
    /names a package registry/,
    { 'docs/a.md': 'from https://www.example/x\n' },
  ],
  [
    'whole files',
    { 'firmware/shell/a.ts': 'await writeFile(path, text);\n' },
    /past firmware\/shell\/files\.ts/,
    {
      'firmware/shell/files.ts': "const file = await open(path, 'w', 0o600);\n",
      'scripts/a.ts': 'writeFileSync(a, b);\n',
    },
  ],
  ['final newline', { 'docs/a.md': 'text' }, /exactly one newline/, { 'docs/a.md': 'text\n' }],
  ['final newline', { 'test/fixtures/golden/a.txt': 'x\n\n' }, /exactly one newline/, { 'test/fixtures/a.cfg': 'x' }],
  [
    'skipped tests',
    { 'test/unit/a.test.ts': `test('x', { ${'sk' + 'ip'}: true }, () => {});\n` },
    /always runs/,
    { 'test/interop/a.test.ts': `test('x', { ${'sk' + 'ip'}: 'no sipp here' }, () => {});\n` },
  ],
  [
    'documented numbers',
    { 'firmware/config/defaults.ts': '\nexport const T1_MS = 500;\n' },
    /T1_MS has no comment/,
    { 'firmware/config/defaults.ts': '/** RFC 3261 17. */\nexport const T1_MS = 500;\nexport const T2_MS = 4000;\n' },
  ],
  [
    'used fixtures',
    { 'test/fixtures/dead/a.txt': '', 'test/unit/a.test.ts': '' },
    /used by no test/,
    { 'test/fixtures/dead/a.txt': '', 'test/unit/a.test.ts': "read('dead/a.txt')" },
  ],
  [
    'links',
    { 'docs/a.md': 'see [b](b.md)\n' },
    /links to docs\/b.md, which does not exist/,
    { 'docs/a.md': 'see [b](../b.md#part), [c](https://c.example) and [d](#d)\n', 'b.md': '' },
  ],
  [
    'named scripts',
    { 'docs/a.md': 'do `npm run fly -- --high`\n', 'package.json': '{"scripts":{}}' },
    /names `npm run fly`/,
    { 'docs/a.md': 'do `npm run fly -- --high`\n', 'package.json': '{"scripts":{"fly":"x"}}' },
  ],
  [
    'lock file',
    { 'package-lock.json': '{"packages":{"node_modules/a":{"optionalDependencies":{"b":"1.0.0"}}}}' },
    /leaves out b/,
    {
      'package-lock.json': '{"packages":{"node_modules/a":{"optionalDependencies":{"b":"1.0.0"}},"node_modules/b":{}}}',
    },
  ],
];

for (const [rule, broken, words, repaired] of PLANTED) {
  test(`the rule "${rule}" finds ${words.source}, and passes its repair`, () => {
    assert.match(
      apply(rule, broken)
        .map(({ text }) => text)
        .join('\n'),
      words,
    );
    assert.deepEqual(apply(rule, repaired), []);
  });
}

test('a folder map names every child of its folder, and nothing that is gone', () => {
  const files = { 'hal/devices.ts': OPENING, 'hal/sim/pins.ts': OPENING };
  const about = (map: string): readonly string[] =>
    apply('folder map', { ...files, 'hal/README.md': map })
      .filter(({ path }) => path === 'hal/README.md')
      .map(({ text }) => text);
  assert.deepEqual(about('- `devices.ts`: what firmware sees\n- `sim/`: chips\n'), []);
  assert.deepEqual(about('| [devices.ts](devices.ts) | x |\n| [`sim/`](sim/) | y |\n'), []);
  assert.match(about('- `devices.ts`: and `sim/` in the middle\n').join(), /does not name `sim\/`/);
  assert.match(about('| `devices.ts` |\n| `sim/` |\n| `lost.ts` |\n').join(), /names `lost.ts`, which does not exist/);
});

test('a circle of imports is found once, with its way round, and types alone make one too', () => {
  const a = "import { b } from './b.ts';\nimport { c } from './c.ts';\n";
  const b = "import { c } from './c.ts';\n";
  const around = { 'hal/a.ts': a, 'hal/b.ts': b, 'hal/c.ts': "import type { A } from './a.ts';\n" };
  assert.deepEqual(apply('circles', around), [
    { path: 'hal/c.ts', line: 1, text: 'closes a circle of imports: hal/a.ts → hal/b.ts → hal/c.ts → hal/a.ts' },
  ]);
  assert.deepEqual(apply('circles', { ...around, 'hal/c.ts': '' }), []);
});

test('the import table in ARCHITECTURE.md is the one of scripts/layers.ts', () => {
  const text = tree.get('ARCHITECTURE.md') ?? '';
  assert.equal(withTable(text), text);
  const stale = text.replace('| kernel |', '| core |');
  assert.equal(apply('import table', { 'ARCHITECTURE.md': stale }).length, 1);
  assert.equal(apply('import table', { 'ARCHITECTURE.md': text }).length, 0);
});
