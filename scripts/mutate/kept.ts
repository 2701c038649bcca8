/** Owns which slips of a file are known to be noticed, so that a run that was ended goes on where it was. */
import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Slip } from './operators.ts';
import { slipText } from './operators.ts';

export interface Kept {
  has(slip: Slip): boolean;
  add(slip: Slip): void;
}

/** Below `folder`, by the text of the file: another text has other slips. What nobody noticed is not kept, for a test may have come. */
export function openKept(folder: string, file: string, text: string): Kept {
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 12);
  const path = join(folder, `${file.replaceAll('/', '-')}-${hash}`);
  const nameOf = (slip: Slip): string => `${slip.at} ${slipText(slip)}`;
  const names = new Set(existsSync(path) ? readFileSync(path, 'utf8').split('\n') : []);
  mkdirSync(dirname(path), { recursive: true });
  return {
    has: (slip) => names.has(nameOf(slip)),
    add: (slip) => appendFileSync(path, `${nameOf(slip)}\n`),
  };
}
