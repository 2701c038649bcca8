/** docs/configuration.md holds the table of parameters as it is, and names every trap that lint can find. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { ACTED_ON } from '../../../../firmware/config/acted-on.ts';
import { PARAMETERS } from '../../../../firmware/config/parameters.ts';
import { CONFIGURATION_DOC, withTables } from '../../../../scripts/docs/configuration.ts';

const text = readFileSync(CONFIGURATION_DOC, 'utf8');
const source = (path: string): string =>
  readFileSync(new URL(`../../../../firmware/config/${path}`, import.meta.url), 'utf8');

describe('docs/configuration.md', () => {
  it('has its tables as they are: node --import tsx scripts/docs/configuration.ts', () => {
    assert.equal(withTables(text), text);
  });

  it('names every parameter, and of those acted on the default, the unit and the effect', () => {
    for (const { name } of PARAMETERS) assert.ok(text.includes(`\`${name}\``), name);
    for (const { name, default: fallback, unit, effect } of ACTED_ON) {
      const escaped = text.split('\n').find((line) => line.startsWith(`| \`${name}\` |`)) ?? '';
      const row = escaped.replaceAll('\\|', '|');
      for (const part of [fallback, unit, effect]) assert.ok(row.includes(part), `${name}: ${part}`);
    }
  });

  it('names every code that a report can hold', () => {
    const codes = ['lint.ts', 'layers.ts', 'cfg-file.ts'].flatMap((path) =>
      [...source(path).matchAll(/'([a-z]+-[a-z-]+|duplicate|raised|locked|reset)'/g)].map((match) => match[1] ?? ''),
    );
    assert.ok(codes.length > 20);
    for (const code of codes) assert.ok(text.includes(`\`${code}\``), code);
  });

  it('is refused where a table has lost its markers, or a marker has no table', () => {
    assert.throws(() => withTables(text.replaceAll('kept: start', 'gone')), /no markers for: kept/);
    assert.throws(() => withTables(`${text}<!-- odd: start -->\n<!-- odd: end -->\n`), /"odd" that nobody makes/);
  });
});
