/** What `npm run mutate` sees: a mutation run that sees no table would pass. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { openKept } from '../../../scripts/mutate/kept.ts';
import { slipsOf } from '../../../scripts/mutate/operators.ts';
import { orderOf } from '../../../scripts/mutate/order.ts';
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

  it('shows a slip first to whoever has noticed most, then to the near and the quick', () => {
    const timed = [9, 8, 7, 5, 6].map((tookMs) => ({ test: `${tookMs}`, tookMs }));
    const order = orderOf(timed, 2);
    const names = (): string =>
      order
        .next()
        .map(({ test }) => test)
        .join('');
    assert.equal(names(), '98567');
    for (const test of ['6', '6', '7']) order.noticed(test);
    assert.equal(names(), '67985');
  });

  it('goes on where it was, unless the file is another one', () => {
    const file = 'firmware/registration/waits.ts';
    const folder = mkdtempSync(join(tmpdir(), 'holdfast-kept-'));
    try {
      const [first = assert.fail(), second = assert.fail()] = slipsOf(ROOT, file);
      openKept(folder, file, 'text').add(first);
      const has = (text: string): readonly boolean[] =>
        [first, second].map((slip) => openKept(folder, file, text).has(slip));
      assert.deepEqual(
        [has('text'), has('other')],
        [
          [true, false],
          [false, false],
        ],
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  /** What a module says of itself while a mutant of it is in force. */
  function printed(mutant: Readonly<Record<string, unknown>>, expression: string): string {
    const folder = mkdtempSync(join(tmpdir(), 'holdfast-mutant-'));
    try {
      const seen = join(folder, 'seen');
      const env = { ...process.env, MUTANT: JSON.stringify(mutant), MUTANT_SEEN: seen };
      const args = ['--import', './scripts/mutate/register.mjs', '--import', 'tsx', '--input-type=module', '-e'];
      const script = `console.log((${expression})(await import('./${mutant['file']}')))`;
      const { stdout } = spawnSync(process.execPath, [...args, script], { cwd: ROOT, env, encoding: 'utf8' });
      assert.ok(readFileSync(seen, 'utf8').includes(String(mutant['file'])), 'the mutant proves that it was loaded');
      return stdout.trim();
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  it('drops the one cell that it names', () => {
    const file = 'firmware/sip/transaction/non-invite-client.ts';
    const left = (row: string): string =>
      printed(
        { file, table: 'nonInviteClientTable', row, column: 'timer K' },
        '({ nonInviteClientTable }) => Object.keys(nonInviteClientTable.completed).length',
      );
    assert.deepEqual([left('completed'), left('trying')], ['0', '1']);
  });

  it('finds the slips that a file could have, and makes the one that it names', () => {
    const file = 'firmware/registration/waits.ts';
    const slips = slipsOf(ROOT, file);
    const text = readFileSync(join(ROOT, file), 'utf8');
    for (const { at, end, was, line } of slips) {
      assert.equal(text.slice(at, end), was);
      assert.equal(text.slice(0, at).split('\n').length, line);
    }
    const kinds = slips.map(({ was, now }) => `${was} ${now}`);
    for (const kind of ['* /', '!== ===', 'min max']) assert.ok(kinds.includes(kind), kind);
    const longest = slips.find(
      ({ was, line }) => was === 'min' && /NO_NETWORK_MAX_S/.test(text.split('\n')[line - 1] ?? ''),
    );
    const wait = (slip: object): string => printed({ file, ...slip }, '({ noNetworkWait }) => noNetworkWait(1)');
    assert.deepEqual([wait(longest ?? assert.fail()), wait({ ...longest, now: 'min' })], ['30000', '2000']);
  });
});
