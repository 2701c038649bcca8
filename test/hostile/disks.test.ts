/** A phone whose disk is read-only, full or damaged serves all the same, and says what it cannot keep. Needs root, for a disk of its own. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import type { AttackedPhone } from './phone.ts';
import { startAttacked } from './phone.ts';

const PATIENCE_MS = 20_000;
const SIZE = 'size=16k';
const mount = (...args: readonly string[]): void => void execFileSync('mount', args);

/** What it says first is that it tries. */
async function serves(phone: AttackedPhone): Promise<void> {
  const start = performance.now();
  let state = '';
  while (state !== 'registered' && performance.now() - start < PATIENCE_MS) state = await phone.state();
  assert.equal(state, 'registered');
}

describe('the state folder lies on a disk', {
  skip: process.getuid?.() === 0 ? false : 'a disk is mounted by root alone',
}, () => {
  let disk = '';
  let phone: AttackedPhone | null = null;

  before(() => {
    disk = mkdtempSync(join(tmpdir(), 'holdfast-disk-'));
    mount('-t', 'tmpfs', '-o', SIZE, 'tmpfs', disk);
  });
  after(() => {
    execFileSync('umount', ['-l', disk]);
    rmSync(disk, { recursive: true, force: true });
  });
  afterEach(() => phone?.close());

  it('that is damaged: local.cfg cannot be read', async () => {
    mkdirSync(join(disk, 'local.cfg'));
    phone = await startAttacked({ state: disk });
    await serves(phone);
    rmSync(join(disk, 'local.cfg'), { recursive: true });
  });

  it('that is full', async () => {
    assert.throws(() => writeFileSync(join(disk, 'fill'), Buffer.alloc(65_536)), { code: 'ENOSPC' });
    phone = await startAttacked({ state: disk });
    await serves(phone);
  });

  for (const [what, state] of [
    ['read-only', ''],
    ['read-only, and the folder was never made', 'made'],
  ] as const)
    it(`that is ${what}`, async () => {
      mount('-o', 'remount,ro', disk);
      phone = await startAttacked({ state: join(disk, state) });
      await serves(phone);
    });
});
