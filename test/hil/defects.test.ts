/** For each driver: its planted defect is caught by the contract test that the table names, which passes without it. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Defect } from '../contract/defects.ts';
import { DEFECTS } from '../contract/defects.ts';

const HERE = dirname(fileURLToPath(import.meta.url));
const ROOT = join(HERE, '..', '..');
/** No drivers: the types of a set, and a table of glyphs. */
const NO_DRIVERS = ['hal/drivers/fonts'];

/** Names of the tests of a contract that passed and failed, with the defect planted or without any. */
async function run(
  contract: string,
  planted: Defect | null,
): Promise<{ readonly passed: Set<string>; readonly failed: Set<string> }> {
  const args = [
    '--import',
    'tsx',
    '--import',
    './test/hil/plant.mjs',
    '--test-reporter=tap',
    join(ROOT, 'test', 'contract', contract),
  ];
  const { NODE_TEST_CONTEXT: _within, ...env } = process.env;
  const child = spawn(process.execPath, args, {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { ...env, PLANTED: planted === null ? '{}' : JSON.stringify(planted) },
  });
  let tap = '';
  child.stdout.on('data', (chunk: Buffer) => {
    tap += chunk.toString();
  });
  await new Promise((resolve) => child.once('close', resolve));
  const named = (word: string): Set<string> =>
    new Set(
      [...tap.matchAll(new RegExp(`^ *${word} \\d+ - (.*?)$`, 'gm'))].map(([, name = '']) => name.replace(/\\#/g, '#')),
    );
  const failed = named('not ok');
  return { failed, passed: named('ok') };
}

describe('planted defects', () => {
  it('every driver has one', () => {
    const drivers = ['hal/drivers', 'hal/bus'].flatMap((folder) =>
      readdirSync(join(ROOT, folder)).map((name) => `${folder}/${name}`),
    );
    const wanted = drivers.filter((name) => !NO_DRIVERS.includes(name));
    assert.deepEqual(
      wanted.filter((name) => !DEFECTS.some(({ driver }) => driver === name)),
      [],
    );
  });

  describe('without any', { concurrency: 2 }, () => {
    for (const contract of new Set(DEFECTS.map((row) => row.contract)))
      it(`${contract} passes, with the tests that the table names`, async () => {
        const { passed, failed } = await run(contract, null);
        assert.deepEqual(failed, new Set());
        for (const row of DEFECTS.filter((candidate) => candidate.contract === contract))
          assert.ok(passed.has(row.caughtBy), `no test "${row.caughtBy}"`);
      });
  });

  describe('with it', { concurrency: 2 }, () => {
    for (const row of DEFECTS)
      it(`${row.driver}: ${row.defect}: "${row.caughtBy}" fails`, async () => {
        const { failed } = await run(row.contract, row);
        assert.ok(failed.has(row.caughtBy), `failed instead: ${[...failed].join('; ') || 'nothing'}`);
      });
  });
});
