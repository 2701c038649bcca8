/** What `npm run mutate` sees: a mutation run that sees no table would pass. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { allCells, cellText, testsFor } from '../../../scripts/mutate/tables.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const cells = await allCells(ROOT);

describe('the mutation run', () => {
  it('sees the table of every machine', () => {
    assert.deepEqual([...new Set(cells.map(({ table }) => table))].sort(), [
      'callTable',
      'dialerTable',
      'inviteClientTable',
      'inviteServerTable',
      'inviteTable',
      'nonInviteClientTable',
      'nonInviteServerTable',
      'probeTable',
      'registrationTable',
      'requestTable',
      'subscriptionTable',
    ]);
    assert.ok(cells.length >= 100, `${cells.length} cells`);
    assert.equal(new Set(cells.map(cellText)).size, cells.length);
  });

  it('gives a reason for nothing but cells that exist', () => {
    const reasons = JSON.parse(readFileSync(join(ROOT, 'test/tables/survivors.json'), 'utf8')) as object;
    const names = cells.map(cellText);
    for (const [name, reason] of Object.entries(reasons)) {
      assert.ok(names.includes(name), name);
      assert.ok(String(reason).length > 20, `${name} needs a reason`);
    }
  });

  it('asks the nearest tests first', () => {
    const tests = ['test/sim/scenarios/a.test.ts', 'test/tables/key.test.ts', 'test/unit/firmware/sip/key.test.ts'];
    assert.deepEqual(testsFor('firmware/sip/key.ts', tests), [tests[1], tests[2], tests[0]]);
    assert.deepEqual(testsFor('firmware/sip/transaction/key.ts', tests), [tests[1]]);
  });

  it('drops the one cell that it names, and proves that it did', () => {
    const folder = mkdtempSync(join(tmpdir(), 'holdfast-mutant-'));
    try {
      const file = 'firmware/sip/transaction/non-invite-client.ts';
      const print = `console.log(Object.keys((await import('./${file}')).nonInviteClientTable.completed).length)`;
      const run = (row: string): string => {
        const mutant = { file, table: 'nonInviteClientTable', row, column: 'timer K' };
        const env = { ...process.env, MUTANT: JSON.stringify(mutant), MUTANT_SEEN: join(folder, row) };
        const args = [
          '--import',
          'tsx',
          '--import',
          './scripts/mutate/register.mjs',
          '--input-type=module',
          '-e',
          print,
        ];
        return spawnSync(process.execPath, args, { cwd: ROOT, env, encoding: 'utf8' }).stdout.trim();
      };
      assert.equal(run('completed'), '0');
      assert.equal(run('trying'), '1');
      for (const row of ['completed', 'trying'])
        assert.match(readFileSync(join(folder, row), 'utf8'), /non-invite-client/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
