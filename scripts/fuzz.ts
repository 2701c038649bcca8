/** Owns `npm run fuzz -- [--inputs N] [--from SEED] [--target NAME]`: as many hostile inputs as asked, and what was found. */
import { parseArgs } from 'node:util';
import type { TargetName } from '../test/fuzz/fuzz.ts';
import { fuzz, sharesOf, summaryOf, TARGETS } from '../test/fuzz/fuzz.ts';

const USAGE = `npm run fuzz -- [--inputs N] [--from SEED] [--target ${TARGETS.join('|')}]`;

interface Order {
  readonly inputs: number;
  readonly from: number;
  readonly target: TargetName | null;
}

function orderOf(args: readonly string[]): Order | string {
  const options = { inputs: { type: 'string' }, from: { type: 'string' }, target: { type: 'string' } } as const;
  try {
    const { values } = parseArgs({ args: [...args], options });
    const target = TARGETS.find((name) => name === values.target) ?? null;
    const inputs = Number(values.inputs ?? 100_000);
    const from = Number(values.from ?? 1);
    const isWhole = Number.isSafeInteger(inputs) && inputs > 0 && Number.isSafeInteger(from) && from >= 0;
    if (!isWhole || (values.target !== undefined && target === null)) return USAGE;
    return { inputs, from, target };
  } catch (error) {
    return `${error instanceof Error ? error.message : String(error)}\n${USAGE}`;
  }
}

function run({ inputs, from, target }: Order): number {
  const shares = target === null ? sharesOf(inputs) : [[target, inputs] as const];
  const start = performance.now();
  let ran = 0;
  let found = 0;
  for (const [name, share] of shares) {
    const fuzzed = fuzz(name, from, share);
    for (const text of fuzzed.found) process.stdout.write(`${text}\n\n`);
    process.stdout.write(`${summaryOf(fuzzed)}\n`);
    ran += fuzzed.inputs;
    found += fuzzed.found.length;
  }
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  const mebibytes = Math.round(process.memoryUsage().rss / 2 ** 20);
  process.stdout.write(
    `${ran} inputs from seed ${from}: ${found} findings, in ${seconds} s, ${mebibytes} MiB at the end\n`,
  );
  return found === 0 && ran > 0 ? 0 : 1;
}

const order = orderOf(process.argv.slice(2));
if (typeof order === 'string') {
  process.stderr.write(`${order}\n`);
  process.exitCode = 2;
} else process.exitCode = run(order);
