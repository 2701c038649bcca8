/**
 * Owns the mutation itself: while the module of a table is loaded, one line is added to it that drops one cell; of any other module
 * a piece of text is another one. The product knows nothing of it, and no file is changed. `MUTANT` names the mutant as JSON,
 * `MUTANT_SEEN` the file that proves the loading.
 */
import { appendFileSync } from 'node:fs';

const mutant = JSON.parse(process.env.MUTANT ?? 'null');

export async function load(url, context, nextLoad) {
  const loaded = await nextLoad(url, context);
  if (mutant === null || !url.split('?', 1)[0].endsWith(`/${mutant.file}`) || loaded.source == null) return loaded;
  appendFileSync(process.env.MUTANT_SEEN, `${url}\n`);
  const source = typeof loaded.source === 'string' ? loaded.source : Buffer.from(loaded.source).toString('utf8');
  return { ...loaded, source: mutated(source) };
}

function mutated(source) {
  if ('now' in mutant) return source.slice(0, mutant.at) + mutant.now + source.slice(mutant.end);
  const cell = `${mutant.table}[${JSON.stringify(mutant.row)}][${JSON.stringify(mutant.column)}]`;
  return `${source}\n;delete ${cell};\n`;
}
