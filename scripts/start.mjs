/**
 * Owns `npm start`: installs what is missing, builds, and runs the demo of boards/virtual/main.ts in this process.
 * `--check` drives the demo by a script and ends; `--tui` shows the panel in the terminal.
 */
import { parseArgs } from 'node:util';
import { build } from './build.mjs';
import { ensure } from './ensure.mjs';

const KNOWN = { check: { type: 'boolean', default: false }, tui: { type: 'boolean', default: false } };

ensure();
const { check, tui } = options();
await build();
await runTypeScript();
const { startDemo } = await import('../boards/virtual/main.ts');
await startDemo({ check, tui });

function options() {
  try {
    return parseArgs({ options: KNOWN }).values;
  } catch (error) {
    process.stderr.write(`${error.message}\nUsage: npm start [-- --check | --tui]\n`);
    process.exit(2);
  }
}

/** Only now, for tsx may have been installed a moment ago. The lab's servers inherit the loader as an argument of Node. */
async function runTypeScript() {
  const { register } = await import('tsx/esm/api');
  register();
  process.execArgv.push('--import', import.meta.resolve('tsx'));
}
