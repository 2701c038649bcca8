/** Owns `npm run tidy`: reads the tree, applies the rules, tells each problem with file and line; `--write` renews the table. */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { RULES, TABLE_FILE, withTable } from './tidy/rules.ts';
import { readTree } from './tidy/tree.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const tree = readTree(root);

if (process.argv.includes('--write')) {
  const written = withTable(tree.get(TABLE_FILE) ?? '');
  if (written === null) throw new Error(`${TABLE_FILE} has no markers for the import table`);
  writeFileSync(`${root}/${TABLE_FILE}`, written);
}

const now = readTree(root);
const problems = Object.entries(RULES).flatMap(([rule, apply]) =>
  apply(now).map(({ path, line, text }) => `${path}:${line}: ${text} (${rule})`),
);
for (const problem of problems) console.error(problem);
console.log(`tidy: ${tree.size} files, ${Object.keys(RULES).length} rules, ${problems.length} problems`);
process.exitCode = problems.length === 0 ? 0 : 1;
