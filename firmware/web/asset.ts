/** Owns reading the pages' own files: beside the sources, and from there beside the bundle in `dist`. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export function assetText(folder: 'panel' | 'pages', name: string): string {
  const here = dirname(fileURLToPath(import.meta.url));
  try {
    return readFileSync(join(here, folder, 'assets', name), 'utf8');
  } catch {
    return readFileSync(join(here, '..', 'firmware', 'web', folder, 'assets', name), 'utf8');
  }
}
