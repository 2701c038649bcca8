/** Owns how the import table of `scripts/layers.ts` is asked: whose file is this, may it import that, and how it is printed. */
import type { Layer } from '../layers.ts';
import { GROUPS, LAYERS } from '../layers.ts';

/** The layer that owns a path, null where none claims it. */
export function layerOf(path: string): Layer | null {
  return LAYERS.find((layer) => layer.files.some((pattern) => matches(pattern, path))) ?? null;
}

export function matches(pattern: string, path: string): boolean {
  const expression = pattern
    .split(/(\*\*|\*)/)
    .map((part) => (part === '**' ? '.*' : part === '*' ? '[^/]*' : part.replace(/[.+?^${}()|[\]\\]/g, '\\$&')))
    .join('');
  return new RegExp(`^${expression}$`).test(path);
}

/** Why an import is forbidden, null where it is allowed. `to` is a path of the tree, `npm:NAME` or `node:NAME`. */
export function forbidden(from: string, to: string, kind: 'type' | 'value'): string | null {
  const layer = layerOf(from);
  if (layer === null) return `no layer of scripts/layers.ts claims ${from}`;
  const named = nameOf(to);
  if (named === null) return `no layer of scripts/layers.ts claims ${to}`;
  if (named === layer.name)
    return layer.within === 'together' ? null : `files of ${layer.name} never import one another`;
  if (named === 'scripts' && layer.name !== 'test') return 'nobody but their tests imports scripts';
  if (allows(layer.values, named)) return null;
  if (allows(layer.types, named))
    return kind === 'type' ? null : `${layer.name} may import ${named} for its types alone`;
  return `${layer.name} may not import ${named}`;
}

function nameOf(to: string): string | null {
  if (to.startsWith('node:')) return 'node:*';
  return to.startsWith('npm:') ? to : (layerOf(to)?.name ?? null);
}

const allows = (allowed: readonly string[], name: string): boolean =>
  allowed.some((item) => item === '*' || item === name || GROUPS[item]?.includes(name) === true);

/** The table as Markdown, for ARCHITECTURE.md. */
export function layersTable(): string {
  const cell = (names: readonly string[]): string => (names.length === 0 ? 'nothing' : names.map(shown).join(', '));
  const rows = LAYERS.map(({ name, files, values, types, within }) => {
    const own = within === 'apart' ? ' (never one another)' : '';
    return `| ${name} | ${files.map((file) => `\`${file}\``).join(', ')}${own} | ${cell(values)} | ${cell(types)} |`;
  });
  return [
    '| Layer | Files | may import | and, for types alone |',
    '| --- | --- | --- | --- |',
    ...rows,
    '',
    `*pure* = ${GROUPS['pure']?.join(', ') ?? ''}.`,
  ].join('\n');
}

const shown = (name: string): string =>
  name === '*' ? 'anything' : name.startsWith('n') && name.includes(':') ? `\`${name}\`` : name;
