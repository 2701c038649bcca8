/** The certificates that a configuration names: where they are looked for, and what is said of those that cannot be used. */
import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { TlsSettings } from '../../../../firmware/config/settings.ts';
import { readTlsFiles } from '../../../../firmware/shell/tls-files.ts';
import { folders } from '../../../support/folder.ts';

const newFolder = folders();
const pem = (text: string): string => `-----BEGIN CERTIFICATE-----\n${text}\n-----END CERTIFICATE-----\n`;
const NONE: TlsSettings = { authorities: [], certificate: '', key: '', localPort: 5061 };

interface Place {
  readonly config: string;
  readonly state: string;
}

async function place(): Promise<Place> {
  const folder = await newFolder();
  const [config, state] = [join(folder, 'config'), join(folder, 'state')];
  await Promise.all([mkdir(config), mkdir(state)]);
  return { config, state };
}

describe('the certificate files', () => {
  it('none named: the usual authorities are trusted, nothing is shown, nobody complains', async () => {
    const { config, state } = await place();
    const read = await readTlsFiles(NONE, [config], state);
    assert.deepEqual(read, { files: { authorities: null, certificate: null, key: null }, problems: [] });
  });

  it('are looked for beside the configuration, be it a folder or a file in it, then in the state folder', async () => {
    const { config, state } = await place();
    await writeFile(join(config, 'phone.cfg'), '');
    await writeFile(join(config, 'ca.pem'), pem('config'));
    await writeFile(join(state, 'ca.pem'), pem('state'));
    await writeFile(join(state, 'key.pem'), pem('key'));
    for (const path of [config, join(config, 'phone.cfg')]) {
      const { files, problems } = await readTlsFiles(
        { ...NONE, authorities: ['ca.pem'], key: 'key.pem' },
        [path],
        state,
      );
      assert.deepEqual([files.authorities, files.key, problems], [[pem('config')], pem('key'), []]);
    }
  });

  it('are read where their whole path is named', async () => {
    const { config, state } = await place();
    const path = join(state, 'own.pem');
    await writeFile(path, pem('own'));
    const { files } = await readTlsFiles({ ...NONE, certificate: path }, [config], '/nowhere');
    assert.equal(files.certificate, pem('own'));
  });

  it('never lead out of their folders by a relative path', async () => {
    const { config, state } = await place();
    await writeFile(join(state, '..', 'secret.pem'), pem('secret'));
    const { files, problems } = await readTlsFiles({ ...NONE, certificate: '../secret.pem' }, [config], state);
    assert.deepEqual([files.certificate, problems], [null, ['../secret.pem: cannot be read (ENOENT)']]);
  });

  it('that cannot be read trust nobody in place of everybody, and say so', async () => {
    const { config, state } = await place();
    await writeFile(join(config, 'text.pem'), 'hello');
    const read = await readTlsFiles({ ...NONE, authorities: ['gone.pem', 'text.pem'] }, [config], state);
    assert.deepEqual(read.files.authorities, []);
    assert.deepEqual(read.problems, ['gone.pem: cannot be read (ENOENT)', 'text.pem: is no PEM file']);
  });

  it('of several authorities all count', async () => {
    const { config, state } = await place();
    for (const name of ['a', 'b']) await writeFile(join(config, `${name}.pem`), pem(name));
    const { files } = await readTlsFiles({ ...NONE, authorities: ['a.pem', 'b.pem'] }, [config], state);
    assert.deepEqual(files.authorities, [pem('a'), pem('b')]);
  });
});
