/** Owns what is kept on the disk: whole files, the lock, the mark of an unclean end. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmod, link, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { writeWhole } from '../../../../firmware/shell/files.ts';
import type { StateFolder } from '../../../../firmware/shell/state-folder.ts';
import { openState } from '../../../../firmware/shell/state-folder.ts';
import { folders } from '../../../support/folder.ts';

const folder = folders();

async function opened(path: string): Promise<StateFolder> {
  const state = await openState(path);
  if (!state.ok) throw new Error(state.error);
  return state.value;
}

async function refusal(path: string): Promise<string> {
  const state = await openState(path);
  if (!state.ok) return state.error;
  await state.value.close({ clean: true });
  return '';
}

describe('a file on disk', () => {
  it('is written whole: many at once leave one of them, and no half file beside it', async () => {
    const path = join(await folder(), 'deep', 'a.json');
    const texts = Array.from({ length: 20 }, (_text, index) => String(index).repeat(10_000));
    await Promise.all(texts.map((text) => writeWhole(path, text)));
    assert.ok(texts.includes(await readFile(path, 'utf8')));
    assert.deepEqual(await readdir(join(path, '..')), ['a.json']);
  });

  it('is for its owner alone, whoever could read the one before (L14)', async () => {
    const path = join(await folder(), 'local.cfg');
    await writeFile(path, 'old', { mode: 0o644 });
    await writeWhole(path, 'sip password: x');
    assert.equal((await stat(path)).mode & 0o777, 0o600);
  });

  it('that cannot be written leaves the old one, and nothing beside it', async () => {
    const path = await folder();
    await mkdir(join(path, 'a.json', 'inside'), { recursive: true });
    await assert.rejects(writeWhole(join(path, 'a.json'), 'x'));
    assert.deepEqual(await readdir(path), ['a.json']);
  });
});

describe('the lock of a state folder', () => {
  it('keeps a second process out, and says which one is in', async () => {
    const path = await folder();
    const state = await opened(path);
    assert.match(await refusal(path), new RegExp(`process ${process.pid} is using it`));
    await state.close({ clean: true });
    assert.equal(await refusal(path), '');
  });

  it('of a dead process is taken over', async () => {
    const path = await folder();
    const { pid } = spawnSync(process.execPath, ['-e', '']);
    await writeFile(join(path, 'lock'), `${pid}\n`);
    assert.equal(await refusal(path), '');
  });

  it('is taken over where its process’s number now belongs to another one, as after a power cut or in a container', async () => {
    const path = await folder();
    const state = await opened(path);
    const [pid = '', started = '', boot = ''] = (await readFile(join(path, 'lock'), 'utf8')).trim().split(' ');
    await state.close({ clean: true });
    // Where the system does not tell when a process started, the number is all there is.
    if (started === '') return;
    await writeFile(join(path, 'lock'), `${pid} ${Number(started) + 1} ${boot}\n`);
    assert.equal(await refusal(path), '');
    await writeFile(join(path, 'lock'), `${pid} ${started} another-boot\n`);
    assert.equal(await refusal(path), '');
    await writeFile(join(path, 'lock'), `${pid} ${started} ${boot}\n`);
    assert.match(await refusal(path), /is using it/);
  });

  it('that says nothing is nobody’s', async () => {
    const path = await folder();
    await writeFile(join(path, 'lock'), '');
    assert.equal(await refusal(path), '');
  });

  it('is got by one of many who want it at once', async () => {
    for (let round = 0; round < 20; round += 1) {
      const path = await folder();
      await writeFile(join(path, 'lock'), '999999999\n');
      const states = await Promise.all(Array.from({ length: 8 }, () => openState(path)));
      const got = states.flatMap((state) => (state.ok ? [state.value] : []));
      assert.equal(got.length, 1);
      for (const state of got) await state.close({ clean: true });
      assert.deepEqual(await readdir(path), []);
    }
  });
});

describe('a state folder', () => {
  it('tells an unclean end, and gives back what was stored last', async () => {
    const path = await folder();
    const first = await opened(path);
    const writes = await Promise.all([first.store('dns', { version: 1 }), first.store('dns', { version: 2 })]);
    assert.deepEqual(writes, [
      { ok: true, value: null },
      { ok: true, value: null },
    ]);
    await first.close({ clean: false });
    const second = await opened(path);
    assert.deepEqual([second.unclean, second.stored], [true, { dns: { version: 2 } }]);
    await second.close({ clean: true });
    const third = await opened(path);
    assert.equal(third.unclean, false);
    await third.close({ clean: true });
  });

  it('marks its run by a whole file, which a power cut in the next moment does not take: the mark before is not written over', async () => {
    const path = await folder();
    await writeFile(join(path, 'running'), 'before\n');
    await link(join(path, 'running'), join(path, 'same'));
    const state = await opened(path);
    assert.equal(await readFile(join(path, 'running'), 'utf8'), `${process.pid}\n`);
    assert.equal(await readFile(join(path, 'same'), 'utf8'), 'before\n');
    await state.close({ clean: true });
  });

  it('that was cut off while writing has the last whole file, and is tidied', async () => {
    const path = await folder();
    await writeFile(join(path, 'dns.json'), '{"version":1}\n');
    await writeFile(join(path, 'dns.json.77-3.new'), '{"vers');
    const state = await opened(path);
    assert.deepEqual(state.stored, { dns: { version: 1 } });
    assert.equal((await readdir(path)).includes('dns.json.77-3.new'), false);
    await state.close({ clean: true });
  });

  it('with a corrupt file keeps it aside, says so, and opens', async () => {
    const path = await folder();
    await writeFile(join(path, 'bindings.json'), '{"half');
    await mkdir(join(path, 'dns.json'));
    const state = await opened(path);
    assert.deepEqual(state.stored, {});
    assert.match(state.problems[0] ?? '', /dns\.json cannot be read \(a folder, no file\)/);
    assert.match(state.problems[1] ?? '', /bindings\.json is corrupt/);
    assert.equal(await readFile(join(path, 'bindings.json.corrupt'), 'utf8'), '{"half');
    await state.close({ clean: true });
  });

  it('that cannot keep something says what, and goes on', async () => {
    const path = await folder();
    const state = await opened(path);
    await mkdir(join(path, 'dns.json', 'inside'), { recursive: true });
    const stored = await state.store('dns', {});
    assert.match(stored.ok ? '' : stored.error, /dns\.json cannot be written \(E\w+\): the last one stays/);
    assert.equal((await state.store('bindings', {})).ok, true);
    await state.close({ clean: true });
  });

  it('that cannot be made is one line', async () => {
    const path = await folder();
    await writeFile(join(path, 'file'), '');
    assert.match(await refusal(join(path, 'file', 'state')), /^state folder .*: cannot be made \(ENOTDIR\)$/);
  });

  it('that cannot be written is one line', async () => {
    const path = await folder();
    await chmod(path, 0o500);
    const error = await refusal(path);
    await chmod(path, 0o700);
    // Who may do everything is refused nothing.
    assert.match(error, process.getuid?.() === 0 ? /^$/ : /^state folder .*lock cannot be written \(EACCES\)$/);
  });
});
