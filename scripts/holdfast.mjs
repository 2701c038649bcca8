#!/usr/bin/env node
/** Owns the executable `holdfast`: the built bundle where it is newer than every source, else the sources themselves. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';

// What a flood leaves behind is collected, however the phone was started (docs/decisions/0008).
setFlagsFromString('--optimize-for-size');

const root = fileURLToPath(new URL('..', import.meta.url));
const bundle = join(root, 'dist', 'cli.mjs');

function newest(folder) {
  let latest = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) latest = Math.max(latest, newest(path));
    else if (entry.name.endsWith('.ts')) latest = Math.max(latest, statSync(path).mtimeMs);
  }
  return latest;
}

const sources = ['boards', 'firmware', 'hal', 'scripts'].map((folder) => join(root, folder)).filter(existsSync);
const built = existsSync(bundle) && (sources.length < 4 || statSync(bundle).mtimeMs > Math.max(...sources.map(newest)));
if (!built) (await import('tsx/esm/api')).register();
const { main } = await import(built ? bundle : '../boards/cli.ts');
// A reader that has gone (`| head`) is no error of ours.
process.stdout.on('error', () => process.exit(0));
const code = await main(process.argv.slice(2));
// What was written must have left before the process goes: a pipe takes its time.
process.stdout.write('', () => process.exit(code));
