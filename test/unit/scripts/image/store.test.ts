/** Owns the tests of the store of parts: made once, whole or not at all. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { ImageError, kept, keyOf, run } from '../../../../scripts/image/store.ts';

describe('the store of parts', () => {
  let folder = '';
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'holdfast-store-'));
    process.env['HOLDFAST_CACHE'] = folder;
  });
  after(() => {
    delete process.env['HOLDFAST_CACHE'];
    rmSync(folder, { recursive: true });
  });

  it('makes a part once from the same content, and again from another', () => {
    let made = 0;
    const part = (content: string): string =>
      kept('once', keyOf(content), (into) => {
        made += 1;
        writeFileSync(join(into, 'text'), content);
      });
    assert.equal(part('one'), part('one'));
    assert.equal(readFileSync(join(part('two'), 'text'), 'utf8'), 'two');
    assert.equal(made, 2);
  });

  it('keeps nothing of a part whose making failed', () => {
    assert.throws(
      () =>
        kept('failing', 'key', (into) => {
          writeFileSync(join(into, 'half'), '');
          throw new ImageError('the disk is full');
        }),
      /the disk is full/,
    );
    assert.deepEqual(readdirSync(join(folder, 'failing')), []);
  });

  it('two that make the same part at once both get it whole', () => {
    const place = kept('twice', 'key', (mine) => {
      kept('twice', 'key', (other) => writeFileSync(join(other, 'text'), 'other'));
      writeFileSync(join(mine, 'text'), 'mine');
    });
    assert.equal(readFileSync(join(place, 'text'), 'utf8'), 'other');
    assert.deepEqual(readdirSync(join(folder, 'twice')), ['key']);
  });

  it('the parts of a key do not run into one another', () => {
    assert.notEqual(keyOf('ab', 'c'), keyOf('a', 'bc'));
  });

  it('a program that fails, or is not there, is told by name with what it said', () => {
    assert.throws(() => run('ls', [join(folder, 'nothing-here')]), /ls .*nothing-here.*No such file/);
    assert.throws(() => run('holdfast-no-such-program', []), /holdfast-no-such-program is not installed/);
    assert.ok(existsSync(folder));
  });
});
