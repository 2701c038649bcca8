/** Owns the program as an image carries it: the bundle, the pages' own files, the command and the native packages. */
import { cpSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { addOns } from './add-ons.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const FILES = [
  'package.json',
  'LICENSE',
  'scripts/holdfast.mjs',
  'dist',
  'firmware/web/panel/assets',
  'firmware/web/pages/assets',
] as const;

/** Copies the built program into `folder`; there, `node scripts/holdfast.mjs` is the command. */
export function copyApp(folder: string): void {
  for (const file of FILES) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    cpSync(join(ROOT, file), join(folder, file), { recursive: true, filter: (path) => !path.endsWith('.map') });
  }
  cpSync(addOns(), join(folder, 'node_modules'), { recursive: true });
}
