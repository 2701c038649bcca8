/** Owns `npm run replay -- FILE`: feeds a recording to the same pure phone, and names the first effect that differs. */
import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { millis } from '../firmware/kernel/time.ts';
import { createPhone } from '../firmware/phone.ts';
import { hash } from '../firmware/shell/digest.ts';
import { maskMessage } from '../firmware/shell/mask.ts';
import type { Recorded } from '../firmware/shell/recorder.ts';
import type { Effect } from '../firmware/vocabulary.ts';

export interface Replayed {
  readonly steps: number;
  /** The first step whose effects differ, in words; null = all the same. */
  readonly difference: string | null;
}

/** Runs a recording again; the seed must have been given with `--seed`, for a secret one is not recorded. */
export function replay(text: string): Replayed {
  const lines = text.split('\n').filter((line) => line !== '');
  const [head, ...steps] = lines.map((line) => JSON.parse(line) as Recorded);
  if (head?.what !== 'phone') throw new Error('the first line is not that of a phone');
  if (head.seed === null) throw new Error('the seed of this recording was secret: record with --seed N');
  const panel = steps.some((step) => step.what === 'step' && step.effects.some(({ kind }) => kind === 'show'));
  const phone = createPhone({ settings: head.settings, seed: head.seed, hash, version: head.version, panel });
  for (const [index, step] of steps.entries()) {
    if (step.what !== 'step') continue;
    const name = `step ${index + 1} (${step.input.kind} at ${Math.round(step.now)} ms)`;
    const effects = effectsOf(() => phone.step(step.input, millis(step.now)));
    if (typeof effects === 'string') return { steps: index, difference: `${name} throws: ${effects}` };
    if (!isDeepStrictEqual(plain(effects), plain(step.effects)))
      return {
        steps: index,
        difference: `${name}:\n  was ${JSON.stringify(step.effects)}\n  is  ${JSON.stringify(plain(effects))}`,
      };
  }
  return { steps: steps.length, difference: null };
}

/** The effects, or what was thrown in their place: the last step of a recording that ended in a broken invariant. */
function effectsOf(step: () => readonly Effect[]): readonly Effect[] | string {
  try {
    return step();
  } catch (error) {
    return error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
}

/** As a recording would hold them: digest responses differ, for the password is not in it. */
const plain = (effects: readonly Effect[]): unknown =>
  JSON.parse(
    JSON.stringify(effects, (key, value: unknown) =>
      key === 'data' && typeof value === 'string' ? maskMessage(value) : value,
    ),
  );

if (import.meta.url === `file://${process.argv[1] ?? ''}`) {
  const [file] = process.argv.slice(2);
  if (file === undefined) {
    process.stderr.write('npm run replay -- FILE\n');
    process.exit(2);
  }
  const { steps, difference } = replay(readFileSync(file, 'utf8'));
  process.stdout.write(difference === null ? `${steps} steps, each with the same effects.\n` : `${difference}\n`);
  process.exit(difference === null ? 0 : 1);
}
