/** The gauge itself: it sees a callback that works too long, and none where the process only waits for its turn. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Gauged } from './phone.ts';
import { held } from './phone.ts';

const GAUGE = fileURLToPath(new URL('gauge.mjs', import.meta.url));

/** What the gauge says of a process after that code ran as one callback. */
async function gaugeOf(code: string): Promise<Gauged> {
  // The beats before and after the callback are to come; then it waits for the question.
  const source = `setTimeout(() => { ${code}; setTimeout(() => process.send('ran'), 50); }, 50); setInterval(() => 0, 1000)`;
  const stdio = ['ignore', 'ignore', 'inherit', 'ipc'] as const;
  const child = spawn(process.execPath, ['--import', GAUGE, '-e', source], { stdio: [...stdio] });
  const signal = AbortSignal.timeout(60_000);
  await once(child, 'message', { signal });
  child.send('gauge');
  const [gauged] = (await once(child, 'message', { signal })) as [Gauged];
  child.kill('SIGKILL');
  return gauged;
}

describe('the gauge of the attacks', () => {
  it('counts a callback that works for 300 ms', async () => {
    const gauged = await gaugeOf(
      'const used = () => process.cpuUsage().user + process.cpuUsage().system; const at = used(); while (used() - at < 300_000) continue',
    );
    assert.throws(() => held(gauged, gauged.rss), /busy for (?:[2-9]\d\d|\d{4,}) ms/);
  });

  it('does not count 300 ms without a processor', async () => {
    const gauged = await gaugeOf('Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300)');
    assert.ok(gauged.heldUpMs >= 250, `${gauged.heldUpMs} ms on the wall`);
    held(gauged, gauged.rss);
  });

  it('and growth of more than 64 MiB', async () => {
    const gauged = await gaugeOf('globalThis.kept = Buffer.alloc(80 * 2 ** 20, 1)');
    assert.throws(() => held(gauged, gauged.rss - 80 * 2 ** 20), /80\.0 MiB more/);
  });
});
