/** Owns the tables of docs/configuration.md, made from the table of parameters; run as a program it writes them there. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Parameter } from '../../firmware/config/parameter.ts';
import { PARAMETERS } from '../../firmware/config/parameters.ts';
import { allowed } from '../../firmware/config/values.ts';

export const CONFIGURATION_DOC = new URL('../../docs/configuration.md', import.meta.url);

const MARKED = /(<!-- (\w[\w ]*): start -->\n)[\s\S]*?(<!-- \2: end -->)/g;

const TABLES: Readonly<Record<string, () => string>> = {
  'acted on': () => table(PARAMETERS.filter(({ active }) => active)),
  kept: () => table(PARAMETERS.filter(({ active }) => !active)),
};

/** The document with its tables as they are now; throws where one has lost its markers. */
export function withTables(text: string): string {
  const seen = new Set<string>();
  const made = text.replace(MARKED, (_all, start: string, name: string, end: string) => {
    const make = TABLES[name];
    if (make === undefined) throw new Error(`docs/configuration.md marks a table "${name}" that nobody makes`);
    seen.add(name);
    return `${start}${make()}\n${end}`;
  });
  const missing = Object.keys(TABLES).filter((name) => !seen.has(name));
  if (missing.length > 0) throw new Error(`docs/configuration.md has no markers for: ${missing.join(', ')}`);
  return made;
}

const SETS = { auth: 'authentication', network: 'network' } as const;

const cell = (text: string): string => text.replaceAll('|', '\\|');

function table(parameters: readonly Parameter[]): string {
  const rows = parameters.map(({ name, scope, set, kind, default: fallback, unit, effect, source }) => {
    const where = scope === 'line' ? `global, line${set === null ? '' : ` (${SETS[set]} set)`}` : 'global';
    const value = fallback === '' ? '–' : `\`${fallback}\`${unit === '' ? '' : ` ${unit}`}`;
    const cells = [`\`${name}\``, where, `${allowed(kind)}`, value, effect, source];
    return `| ${cells.map(cell).join(' | ')} |`;
  });
  return [
    '| Parameter | For | Value | Default | Effect | Source |',
    '| --- | --- | --- | --- | --- | --- |',
    ...rows,
  ].join('\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const before = readFileSync(CONFIGURATION_DOC, 'utf8');
  writeFileSync(CONFIGURATION_DOC, withTables(before));
}
