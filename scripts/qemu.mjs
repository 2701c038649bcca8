/**
 * Owns `npm run qemu`: installs what is missing, builds, and runs the phone on the emulated board (qemu/main.ts). `--json` prints where
 * it is as one line; `--model 53i` is the one with the small screen; `--config LINE` adds to its configuration; `--arg WORD` goes to `holdfast run` in the guest.
 */
import { parseArgs } from 'node:util';
import { build } from './build.mjs';
import { ensure } from './ensure.mjs';

const KNOWN = {
  json: { type: 'boolean', default: false },
  model: { type: 'string', default: '57i' },
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
    const { values } = parseArgs({ options: KNOWN });
    if (values.model !== '57i' && values.model !== '53i') throw new Error(`--model ${values.model}: 57i or 53i`);
    return values;
  } catch (error) {
    process.stderr.write(
      `${error.message}\nUsage: npm run qemu [-- --json] [--model 57i|53i] [--config LINE ...] [--arg WORD ...]\n`,
    );
    process.exit(2);
  }
}
