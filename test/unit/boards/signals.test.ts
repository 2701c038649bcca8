/** A phone that is told to stop while it starts: nothing that it has registered is left behind. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { hearSignals } from '../../../boards/signals.ts';
import type { Lab } from '../../../scripts/lab/lab.ts';
import { placeAt, startLab } from '../../../scripts/lab/lab.ts';

const HOLDFAST = fileURLToPath(new URL('../../../scripts/holdfast.mjs', import.meta.url));
const HANG_GUARD_MS = 60_000;

describe('signals', () => {
  it('those that came before anybody acts are told at once, in their order', () => {
    const signals = hearSignals();
    process.emit('SIGTERM', 'SIGTERM');
    const seen: number[] = [];
    signals.each((number) => seen.push(number));
    process.emit('SIGINT', 'SIGINT');
    process.emit('SIGHUP', 'SIGHUP');
    signals.close();
    assert.deepEqual(seen, [1, 2, 3]);
    assert.equal(process.listenerCount('SIGTERM'), 0);
  });
});

describe('holdfast run', () => {
  let lab: Lab;
  let folder = '';
  before(async () => {
    lab = await startLab({ accounts: 1 });
    folder = await mkdtemp(join(tmpdir(), 'holdfast-signals-'));
  });
  after(async () => {
    await lab.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('stopped at its first REGISTER, while its certificate is being made, it un-registers and ends well', async () => {
    const place = placeAt(lab, join(folder, 'state'));
    const phone = spawn(
      process.execPath,
      [HOLDFAST, 'run', ...place, '--board', 'headless', '--https', '127.0.0.1:0'],
      {
        stdio: ['ignore', 'ignore', 'inherit'],
        env: { ...process.env, HOLDFAST_LOG: 'silent' },
      },
    );
    let told = false;
    lab.onRequest(({ method, status }) => {
      if (method !== 'REGISTER' || status !== 200 || told) return;
      told = true;
      phone.kill('SIGTERM');
    });
    const guard = setTimeout(() => phone.kill('SIGKILL'), HANG_GUARD_MS);
    const [code, signal] = (await once(phone, 'exit')) as [number | null, string | null];
    clearTimeout(guard);
    assert.deepEqual([code, signal], [0, null]);
    assert.ok(told, 'it had registered');
    assert.deepEqual(Object.values(await lab.bindings('primary')).flat(), []);
  });
});
