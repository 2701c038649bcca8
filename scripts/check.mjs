/**
 * Owns `npm run check`, the whole gate: fast checks first, one summary line each, and all of them even after a failure, so
 * that one run tells everything. Each step is also an npm script of its own.
 */
import { spawnSync } from 'node:child_process';
import { ensure, root } from './ensure.mjs';

/** `loud`: its output is shown as it comes, for it is worth reading when all is well. */
const STEPS = [
  { name: 'format and lint', script: 'lint' },
  { name: 'types', script: 'types' },
  { name: 'imports and tidy', script: 'tidy' },
  { name: 'dead code', script: 'knip' },
  { name: 'tests and coverage', script: 'coverage', loud: true },
];

ensure();
const lines = STEPS.map(run);
process.stdout.write(`\n${lines.map(({ line }) => line).join('\n')}\n`);
process.exitCode = lines.every(({ passed }) => passed) ? 0 : 1;

function run({ name, script, loud = false }) {
  const start = performance.now();
  const done = spawnSync('npm', ['run', '--silent', script], {
    cwd: root,
    stdio: ['ignore', loud ? 'inherit' : 'pipe', loud ? 'inherit' : 'pipe'],
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    shell: process.platform === 'win32',
  });
  const passed = done.status === 0;
  if (!passed && !loud) process.stdout.write(`${done.stdout}${done.stderr}`);
  const took = ((performance.now() - start) / 1000).toFixed(1);
  const line = `${passed ? 'passed' : 'FAILED'}  ${name.padEnd(20)} ${took.padStart(6)} s   npm run ${script}`;
  if (!loud) process.stdout.write(`${line}\n`);
  return { line, passed };
}
