/**
 * Owns `npm start`: installs what is missing, builds, and runs the demo of boards/virtual/main.ts in this process.
 * `--check` drives the demo by a script and ends; `--tui` shows the panel in the terminal; `--transport` says how SIP travels.
 */
import { parseArgs } from 'node:util';
import { build } from './build.mjs';
import { ensure } from './ensure.mjs';

const KNOWN = {
  check: { type: 'boolean', default: false },
  tui: { type: 'boolean', default: false },
  transport: { type: 'string', default: 'udp' },
};

ensure();
const { check, tui, transport } = options();
await build();
await runTypeScript();
const { startDemo } = await import('../boards/virtual/main.ts');
await startDemo({ check, tui, transport });

function options() {
  try {
    const { values } = parseArgs({ options: KNOWN });
    if (!['udp', 'tcp', 'tls'].includes(values.transport)) throw new Error('--transport udp, tcp or tls');
    return values;
  } catch (error) {
    process.stderr.write(`${error.message}\nUsage: npm start [-- --check | --tui] [--transport udp|tcp|tls]\n`);
    process.exit(2);
  }
}

/** Only now, for tsx may have been installed a moment ago. The lab's servers inherit the loader as an argument of Node. */
async function runTypeScript() {
  const { register } = await import('tsx/esm/api');
  register();
  process.execArgv.push('--import', import.meta.resolve('tsx'));
}
