/** Owns planting a defect while its module is loaded: `PLANTED` says in which file which text stands for which. No file is changed. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const { driver, from, to } = JSON.parse(process.env.PLANTED ?? '{}');

export async function load(url, context, nextLoad) {
  if (driver === undefined || !url.split('?', 1)[0].endsWith(`/${driver}`)) return nextLoad(url, context);
  const text = readFileSync(fileURLToPath(url), 'utf8');
  if (text.split(from).length !== 2)
    throw new Error(`${driver}: "${from}" stands there ${text.split(from).length - 1} times`);
  const { transform } = await import('esbuild');
  const { code } = await transform(
    text.replace(from, () => to),
    { loader: 'ts', format: 'esm' },
  );
  return { format: 'module', source: code, shortCircuit: true };
}
