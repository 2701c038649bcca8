/** What stands where a file should, and is none: a pipe, a socket, a device, a folder. Nobody waits for it; one line says what it is. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { readToken } from '../../../../boards/web.ts';
import { openAccounts } from '../../../../firmware/shell/accounts.ts';
import { readLayers, readServerFile } from '../../../../firmware/shell/config-files.ts';
import { readWhole, readWholeText } from '../../../../firmware/shell/files.ts';
import { openRecording } from '../../../../firmware/shell/recorder.ts';
import { openState } from '../../../../firmware/shell/state-folder.ts';
import { pemReader } from '../../../../firmware/shell/tls-files.ts';
import { findScenarios } from '../../../../scripts/scenario/suite.ts';
import { folders } from '../../../support/folder.ts';

const folder = folders();
const pipe = (path: string): string => {
  execFileSync('mkfifo', [path]);
  return path;
};
const PHONE = { model: '57i', mac: '00085D000001', stateDir: null } as const;

describe('a file is read', () => {
  it('whole, in pieces, up to its bound and not an octet further', async () => {
    const path = join(await folder(), 'long');
    await writeFile(path, 'x'.repeat(200_000));
    assert.equal((await readWhole(path, 200_000))?.length, 200_000);
    assert.equal(await readWhole(path, 199_999), null);
    await assert.rejects(readWholeText(path, 199_999), { code: 'more than 199999 octets' });
  });

  it('though its size is told as 0', async () => {
    assert.match(await readWholeText('/proc/self/status'), /^Name:/);
  });
});

describe('what is no file is refused at once:', () => {
  it('a pipe that nobody writes into, a folder, a device, a socket', async () => {
    const at = await folder();
    const server = createServer().listen(join(at, 'socket'));
    await once(server, 'listening');
    try {
      for (const [path, code] of [
        [pipe(join(at, 'pipe')), 'a pipe, no file'],
        [at, 'a folder, no file'],
        ['/dev/zero', 'a device, no file'],
        [join(at, 'socket'), 'a socket, no file'],
      ] as const)
        await assert.rejects(readWhole(path, 100), { code });
    } finally {
      server.close();
    }
  });

  it('as configuration, by name or in a folder', async () => {
    const at = await folder();
    const path = pipe(join(at, 'aastra.cfg'));
    for (const given of [path, at])
      assert.deepEqual(await readLayers([given], PHONE), {
        ok: false,
        error: `${path}: cannot be read (a pipe, no file)`,
      });
  });

  it('as local.cfg and server.cfg: told, and the phone serves by what its other files say', async () => {
    const at = await folder();
    await writeFile(join(at, 'a.cfg'), 'sip proxy port: 1\n');
    for (const name of ['local.cfg', 'server.cfg']) pipe(join(at, name));
    const read = await readLayers([join(at, 'a.cfg')], { ...PHONE, stateDir: at });
    assert.ok(read.ok);
    assert.deepEqual(
      read.value.problems.map(({ file, message }) => [file, /a pipe, no file/.test(message)]),
      [
        ['server.cfg', true],
        ['local.cfg', true],
      ],
    );
    assert.equal((await readServerFile(at)).ok, false);
  });

  it('as certificate or key, though there be nothing of that name elsewhere', async () => {
    const at = await folder();
    pipe(join(at, 'key.pem'));
    const { pem, problems } = await pemReader([join(at, 'a.cfg')], '/nowhere');
    assert.equal(await pem('key.pem'), null);
    assert.deepEqual(problems, ['key.pem: cannot be read (a pipe, no file)']);
  });

  it('as token, recording or scenario', async () => {
    const path = pipe(join(await folder(), 'pipe'));
    assert.deepEqual(await readToken(path), {
      ok: false,
      error: `--api-token-file ${path}: cannot be read (a pipe, no file)`,
    });
    assert.deepEqual(await openRecording(path, () => undefined), {
      ok: false,
      error: `--record ${path}: is a pipe, no file`,
    });
    const found = await findScenarios('/nowhere', [path]);
    assert.match(found.ok ? '' : found.error, /pipe: cannot be read \(a pipe, no file\)/);
  });

  it('as the kept password: there is none, and why is said', async () => {
    const at = await folder();
    const path = pipe(join(at, 'login.json'));
    const { problem } = await openAccounts(at, () => null);
    assert.equal(problem, `${path}: cannot be read (a pipe, no file)`);
  });

  it('as state: left aside, and the phone starts', async () => {
    const at = await folder();
    for (const name of ['bindings.json', 'dns.json']) pipe(join(at, name));
    const opened = await openState(at);
    assert.ok(opened.ok);
    assert.equal(opened.value.problems.filter((problem) => /a pipe, no file/.test(problem)).length, 2);
    await opened.value.close({ clean: true });
  });
});
