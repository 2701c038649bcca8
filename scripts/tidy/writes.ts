/** Owns the rule that files are written by the file layer alone, whose every step a test cuts the power at: whole and old, or whole and new. */
import type { Problem, Tree } from './tree.ts';

/** Who writes by himself, and why a power cut does no harm there. */
const WRITERS: Readonly<Record<string, string>> = {
  'firmware/shell/files.ts': 'the file layer itself',
  'firmware/shell/lock.ts': 'a lock is a link to a file with its text in it, and nobody counts on it after a power cut',
  'firmware/shell/recorder.ts': 'a recording grows line by line',
  'firmware/shell/system-files.ts': 'its root is memory',
  'firmware/shell/commands/network.ts': 'the name of the machine lies in the kernel',
};

const WRITES =
  /\b(?:writeFile|appendFile|createWriteStream|truncate|copyFile|cp)(?:Sync)?\(|\bopen(?:Sync)?\([^)]*'[wa]x?\+?'/;

export function writesWhole(tree: Tree): readonly Problem[] {
  return [...tree].flatMap(([path, text]) => {
    if (!/^(?:firmware|boards|hal)\/.*\.ts$/.test(path) || path in WRITERS) return [];
    return text
      .split('\n')
      .flatMap((line, index) =>
        WRITES.test(line) ? [{ path, line: index + 1, text: 'writes a file past firmware/shell/files.ts' }] : [],
      );
  });
}
