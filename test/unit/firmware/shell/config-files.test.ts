/** Configuration on disk: files and folders as layers, local.cfg on top, one setting written at a time. */
import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { describe, it } from 'node:test';
import { effectiveSettings } from '../../../../firmware/config/layers.ts';
import type { ReadLayers } from '../../../../firmware/shell/config-files.ts';
import { readLayers, writeLocal } from '../../../../firmware/shell/config-files.ts';

const device = { model: '57i', mac: '00085D000001' } as const;

async function folder(t: TestContext, files: Readonly<Record<string, string | Buffer>> = {}): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'holdfast-config-'));
  t.after(() => rm(path, { recursive: true }));
  for (const [name, content] of Object.entries(files)) await writeFile(join(path, name), content);
  return path;
}

async function layersOf(paths: readonly string[], stateDir: string | null = null): Promise<ReadLayers> {
  const read = await readLayers(paths, { ...device, stateDir });
  assert.ok(read.ok, read.ok ? '' : read.error);
  return read.value;
}

async function errorOf(paths: readonly string[]): Promise<string> {
  const read = await readLayers(paths, { ...device, stateDir: null });
  assert.equal(read.ok, false);
  return read.ok ? '' : read.error;
}

const names = ({ layers }: ReadLayers): readonly string[] => layers.map(({ from }) => from);
const value = ({ layers }: ReadLayers, name: string): string | undefined =>
  effectiveSettings(layers, device).effective.get(name)?.value;

describe('reading layers', () => {
  it('a folder is aastra.cfg, the file of the model, the file of the address; others and missing ones are left out', async (t) => {
    const all = await folder(t, {
      '00085D000001.cfg': '',
      '53i.cfg': '',
      '57i.cfg': '',
      'aastra.cfg': '',
      'other.cfg': '',
    });
    assert.deepEqual(names(await layersOf([all])), ['aastra.cfg', '57i.cfg', '00085D000001.cfg']);
    const some = await folder(t, { '00085D000001.cfg': '' });
    assert.deepEqual(names(await layersOf([some])), ['00085D000001.cfg']);
  });

  it('files and folders are layers in the order given', async (t) => {
    const path = await folder(t, { 'aastra.cfg': 'sip proxy port: 1\n', 'x.cfg': 'sip proxy port: 2\n' });
    assert.equal(value(await layersOf([path, join(path, 'x.cfg')]), 'sip proxy port'), '2');
    assert.equal(value(await layersOf([join(path, 'x.cfg'), path]), 'sip proxy port'), '1');
  });

  it('two files of one name are told apart by their paths', async (t) => {
    const [one, two] = [await folder(t, { 'aastra.cfg': '' }), await folder(t, { 'aastra.cfg': '' })];
    assert.deepEqual(names(await layersOf([one, two])), [join(one, 'aastra.cfg'), join(two, 'aastra.cfg')]);
  });

  it('local.cfg of the state folder is the top layer; where there is none, nothing is missing', async (t) => {
    const path = await folder(t, { 'a.cfg': '!sip proxy port: 1\nsip registrar port: 1\n' });
    const state = await folder(t, { 'local.cfg': 'sip proxy port: 2\nsip registrar port: 2\n' });
    const read = await layersOf([join(path, 'a.cfg')], state);
    assert.deepEqual(names(read), ['a.cfg', 'local.cfg']);
    assert.deepEqual([value(read, 'sip proxy port'), value(read, 'sip registrar port')], ['1', '2']);
    assert.deepEqual(names(await layersOf([join(path, 'a.cfg')], join(path, 'none'))), ['a.cfg']);
  });

  it('lines that cannot be read are problems, not the end', async (t) => {
    const path = await folder(t, { 'a.cfg': 'sip proxy port 1\nsip proxy port: 1\nsip proxy port: 2\n' });
    const { problems } = await layersOf([join(path, 'a.cfg')]);
    assert.deepEqual(
      problems.map(({ severity, file, line, parameter, code }) => [severity, file, line, parameter, code]),
      [
        ['error', 'a.cfg', 1, '', 'no-colon'],
        ['warning', 'a.cfg', 3, 'sip proxy port', 'duplicate'],
      ],
    );
  });

  it('text is UTF-8, UTF-16 where its mark says so, or Latin-1 where it is no UTF-8', async (t) => {
    const path = await folder(t, {
      'utf8.cfg': '\uFEFFsip screen name: Büro\n',
      'latin1.cfg': Buffer.from('sip screen name: Büro\n', 'latin1'),
      'utf16.cfg': Buffer.from('\ufeffsip screen name: Büro\n', 'utf16le'),
    });
    for (const name of ['utf8.cfg', 'latin1.cfg', 'utf16.cfg'])
      assert.equal(value(await layersOf([join(path, name)]), 'sip screen name'), 'Büro', name);
  });

  it('international names become ASCII; one that cannot is refused like any other bad name', async (t) => {
    const path = await folder(t, { 'a.cfg': 'sip proxy ip: Bücher.example\nsip registrar ip: ö\u0000.example\n' });
    const read = await layersOf([join(path, 'a.cfg')]);
    assert.equal(value(read, 'sip proxy ip'), 'xn--bcher-kva.example');
    assert.deepEqual(
      effectiveSettings(read.layers, device).problems.map(({ code, parameter }) => [code, parameter]),
      [['bad-value', 'sip registrar ip']],
    );
  });
});

describe('what cannot be read at all is one clear line', () => {
  it('a file that is not there, a folder that holds none of the names', async (t) => {
    const path = await folder(t, { 'phone.cfg': '' });
    assert.equal(await errorOf([join(path, 'x.cfg')]), `${join(path, 'x.cfg')}: no such file or folder`);
    assert.equal(await errorOf([path]), `${path}: holds none of aastra.cfg, 57i.cfg, 00085D000001.cfg`);
  });

  it('a folder where a file should be', async (t) => {
    const path = await folder(t);
    await mkdir(join(path, 'aastra.cfg'));
    assert.equal(await errorOf([path]), `${join(path, 'aastra.cfg')}: cannot be read (a folder, no file)`);
  });

  it('a file that may not be read is not taken for an empty one', async (t) => {
    const path = join(await folder(t, { 'a.cfg': 'sip proxy port: 1\n' }), 'a.cfg');
    await chmod(path, 0);
    const read = await readLayers([path], { ...device, stateDir: null });
    // Root may read everything: then the content must be there.
    if (read.ok) assert.equal(value(read.value, 'sip proxy port'), '1');
    else assert.equal(read.error, `${path}: cannot be read (EACCES)`);
  });

  it('a file that is no configuration by its size', async (t) => {
    const path = join(await folder(t, { 'a.cfg': Buffer.alloc(1_048_577, 10) }), 'a.cfg');
    assert.match(await errorOf([path]), /a configuration file has at most 1048576 octets$/);
  });
});

describe('a local.cfg that cannot be read', () => {
  it('is a problem and not the end: the server files serve, and a setting leaves it as it is', async (t) => {
    const path = await folder(t, { 'a.cfg': 'sip proxy port: 1\n' });
    await mkdir(join(path, 'state', 'local.cfg'), { recursive: true });
    const read = await readLayers([join(path, 'a.cfg')], { ...device, stateDir: join(path, 'state') });
    assert.ok(read.ok);
    assert.equal(value(read.value, 'sip proxy port'), '1');
    assert.deepEqual(
      read.value.problems.map(({ file, code }) => [file, code]),
      [['local.cfg', 'unreadable']],
    );
    assert.equal((await writeLocal(join(path, 'state'), [{ name: 'sip proxy port', value: '2' }])).ok, false);
  });
});

describe('a configuration that never ends', () => {
  it('is read no further than a file may be long', async (t) => {
    const path = join(await folder(t, { 'a.cfg': '#'.repeat(1_048_577) }), 'a.cfg');
    assert.equal(await errorOf([path]), `${path}: a configuration file has at most 1048576 octets`);
  });
});

describe('writing a setting', () => {
  it('begins local.cfg, replaces one line, takes it out again; comments stay', async (t) => {
    const state = join(await folder(t), 'state');
    const text = (): Promise<string> => readFile(join(state, 'local.cfg'), 'utf8');
    assert.deepEqual(await writeLocal(state, [{ name: 'sip proxy port', value: '1' }]), { ok: true, value: null });
    assert.equal(await text(), 'sip proxy port: 1\n');
    await writeFile(join(state, 'local.cfg'), '# mine\nsip proxy port: 1\nodd line\n');
    await writeLocal(state, [{ name: 'sip screen name', value: 'a # b' }]);
    await writeLocal(state, [{ name: 'sip proxy port', value: '2' }]);
    assert.equal(await text(), '# mine\nodd line\nsip screen name: "a # b"\nsip proxy port: 2\n');
    await writeLocal(state, [{ name: 'sip proxy port', value: null }]);
    assert.equal(await text(), '# mine\nodd line\nsip screen name: "a # b"\n');
    assert.deepEqual(await readdir(state), ['local.cfg', 'local.cfg.before'], 'and what it was, for the undo');
  });

  it('is read back as the top layer', async (t) => {
    const path = await folder(t, { 'a.cfg': 'sip proxy port: 1\n' });
    await writeLocal(path, [{ name: 'sip proxy port', value: '2' }]);
    assert.equal(value(await layersOf([join(path, 'a.cfg')], path), 'sip proxy port'), '2');
  });

  it('tells where it cannot be written, and never throws', async (t) => {
    const path = await folder(t, { state: 'a file' });
    const written = await writeLocal(join(path, 'state'), [{ name: 'sip proxy port', value: '1' }]);
    assert.equal(written.ok, false);
    assert.match(written.ok ? '' : written.error, /local\.cfg: cannot be written \(E[A-Z]+\)/);
  });
});
