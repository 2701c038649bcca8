/** The table of docs/page-4-46.md: every row of the page is there, and every test that it names exists under that name. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';

const read = (path: string): string => readFileSync(path, 'utf8');
const sources = (readdirSync('test', { recursive: true }) as string[])
  .filter((name) => name.endsWith('.test.ts'))
  .map((name) => read(join('test', name)));
/** A test's name as it may come out: what is put in stands for anything. */
const built = sources.flatMap((source) =>
  [...source.matchAll(/(?:it|describe)\(\s*`([^`]*)`/g)].map(([, name = '']) => {
    const parts = name.split(/\$\{[^}]*\}/).map((part) => part.replace(/[.*+?^$()|[\]\\]/g, '\\$&'));
    return new RegExp(`^${parts.join('.+')}$`);
  }),
);
const isThere = (name: string): boolean =>
  sources.some((source) => source.includes(name)) || built.some((pattern) => pattern.test(name));

describe('docs/page-4-46.md', () => {
  const rows = [...read('docs/page-4-46.md').matchAll(/^\| (G\d+) \|(.*)\|$/gm)];

  it('has a row for each sentence of the page', () => {
    const wanted = Array.from({ length: 13 }, (_row, index) => `G${index + 1}`);
    assert.deepEqual(
      rows.map(([, name]) => name),
      wanted,
    );
  });

  for (const [, name = '', text = ''] of rows)
    it(`${name}: what it names exists`, () => {
      const named = [...text.matchAll(/`([^`]+)`/g)].map(([, words = '']) => words);
      assert.ok(named.length > 0);
      for (const words of named) {
        if (words.startsWith('test/')) assert.ok(statSync(words), words);
        else assert.ok(isThere(words), words);
      }
    });
});
