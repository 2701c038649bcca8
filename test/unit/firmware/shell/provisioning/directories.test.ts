/** Lists of names from the configuration server: fetched with its files, kept for when it is silent, never lost to one that fails. */
import assert from 'node:assert/strict';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { Files } from './rig.ts';
import { problems, rig, server } from './rig.ts';

describe('the lists of names that files name', () => {
  const FILES: Files = {
    'aastra.cfg': 'directory 1: all.csv\ndirectory 2: /more/site.csv\n',
    'all.csv': 'Ada, 200\n',
    'more/site.csv': 'Bo, 201, 2\n',
  };

  it('come from the same server, count at once, and again at a start without a server', async () => {
    const { port, asked, close } = await server({ ...FILES });
    const first = await rig(port);
    assert.equal(await first.round(), 'changed');
    assert.deepEqual(first.directories, [['Ada', 'Bo']]);
    assert.deepEqual(asked.slice(-2), ['all.csv', 'more/site.csv']);
    assert.equal((await stat(join(first.state, 'directory1.csv'))).mode & 0o777, 0o600);
    assert.equal(await first.checkSync(), 'same');
    assert.equal(first.directories.length, 1, 'nothing new is not given again');
    close();
    const again = await rig(port, { state: first.state });
    assert.equal(await again.round(), 'failed');
    assert.deepEqual(again.directories, [['Ada', 'Bo']]);
  });

  it('change without the files, and go when no file names them any more', async () => {
    const files = { ...FILES };
    const { port } = await server(files);
    const at = await rig(port);
    await at.round();
    files['all.csv'] = 'Ada, 200\nCleo, 202\n';
    assert.equal(await at.checkSync(), 'same');
    files['aastra.cfg'] = 'directory 1: all.csv\n';
    await at.checkSync();
    assert.deepEqual(at.directories.slice(1), [
      ['Ada', 'Cleo', 'Bo'],
      ['Ada', 'Cleo'],
    ]);
  });

  it('that fail in any way stay as they were, and the reason is told once', async () => {
    for (const [bad, why] of [
      [404, /directory 1: all\.csv is not on the server: the last list stays/],
      [500, /directory 1: all\.csv HTTP 500: the last list stays/],
      ['<html>Log in', /directory 1: all\.csv is a web page/],
    ] as const) {
      const files = { ...FILES };
      const { port } = await server(files);
      const at = await rig(port);
      await at.round();
      files['all.csv'] = bad;
      assert.equal(await at.checkSync(), 'failed');
      assert.equal(await at.checkSync(), 'failed');
      assert.deepEqual(at.directories, [['Ada', 'Bo']]);
      assert.equal(problems(at).length, 1);
      assert.match(problems(at)[0] ?? '', why);
    }
  });

  it('with lines that are no entries give the others, and say which line; one that leads out of the folder is not asked for', async () => {
    const files: Files = { ...FILES, 'aastra.cfg': 'directory 1: all.csv\ndirectory 2: ../../etc/passwd\n' };
    files['all.csv'] = 'Ada, 200\nnobody\nBo, 201, 77\n';
    const { port, asked } = await server(files);
    const at = await rig(port);
    await at.round();
    assert.deepEqual(at.directories, [['Ada']]);
    assert.ok(asked.every((path) => !path.includes('passwd')));
    assert.match(problems(at).join('; '), /directory 1: all\.csv, line 2: name and number are expected.*, and 1 more/);
    assert.match(problems(at).join('; '), /directory 2: a file in the folder of the server is expected/);
  });
});
