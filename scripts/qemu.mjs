/**
 * Owns `npm run qemu`: installs what is missing, builds, and runs the phone on the emulated board (qemu/main.ts). `--json` prints where
 * it is as one line; `--config LINE` adds to its configuration; `--arg WORD` goes to `holdfast run` in the guest.
 */
import { parseArgs } from 'node:util';
import { build } from './build.mjs';
import { ensure } from './ensure.mjs';

const KNOWN = {
  json: { type: 'boolean', default: false },
  arg: { type: 'string', multiple: true, default: [] },
  config: { type: 'string', multiple: true, default: [] },
};

ensure();
const options = readOptions();
await build();
const { register } = await import('tsx/esm/api');
register();
// What is started from here reads TypeScript, too.
process.execArgv.push('--import', import.meta.resolve('tsx'));
const { runQemu } = await import('./qemu/main.ts');
await runQemu(options);

function readOptions() {
  try {
    return parseArgs({ options: KNOWN }).values;
  } catch (error) {
    process.stderr.write(`${error.message}\nUsage: npm run qemu [-- --json] [--config LINE ...] [--arg WORD ...]\n`);
    process.exit(2);
  }
}
