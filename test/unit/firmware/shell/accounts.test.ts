/** Owns the passwords of the web pages: none is built in, the first start makes one, and only its hash is kept. */
import assert from 'node:assert/strict';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { Accounts } from '../../../../firmware/shell/accounts.ts';
import { openAccounts } from '../../../../firmware/shell/accounts.ts';
import { folders } from '../../../support/folder.ts';

const folder = folders();
const nothing = (): null => null;

async function opened(place: string, given: (name: string) => string | null = nothing): Promise<Accounts> {
  const accounts = await openAccounts(place, given);
  assert.equal(accounts.problem, null);
  return accounts;
}

describe('the accounts of the web pages', () => {
  it('the first start makes a password and tells it once; the next one knows it and tells nothing', async () => {
    const place = await folder();
    const { made, check } = await opened(place);
    assert.match(made ?? '', /^[a-z2-9]{12}$/);
    assert.equal(await check('admin', made ?? '', 'network'), 'admin');
    assert.equal(await check('admin', 'wrong', 'network'), null);
    const again = await opened(place);
    assert.equal(again.made, null);
    assert.equal(await again.check('admin', made ?? '', 'network'), 'admin');
    assert.notEqual((await opened(await folder())).made, made);
  });

  it('keeps a hash that only its owner reads, never the password', async () => {
    const place = await folder();
    const { made } = await opened(place);
    const file = join(place, 'login.json');
    assert.ok(!(await readFile(file, 'utf8')).includes(made ?? ''));
    assert.equal((await stat(file)).mode & 0o777, 0o600);
  });

  it('a password that every manual names opens nothing from the network', async () => {
    const { check, made } = await opened(await folder(), (name) => (name === 'admin password' ? '22222' : null));
    assert.equal(made, null);
    assert.equal(await check('admin', '22222', 'network'), null);
    assert.equal(await check('admin', '22222', 'this-machine'), 'admin');
  });

  it('the viewer is there only where a file gives it a password', async () => {
    const { check } = await opened(await folder());
    assert.equal(await check('user', '', 'this-machine'), null);
    const given = await opened(await folder(), (name) => (name === 'user password' ? 'look only' : null));
    assert.equal(await given.check('user', 'look only', 'network'), 'viewer');
    assert.equal(await given.check('root', 'look only', 'network'), null);
  });

  it('a new password takes the place of the old one, which opens nothing any more', async () => {
    const place = await folder();
    const { made, check, change } = await opened(place);
    assert.equal(await check('admin', made ?? '', 'network'), 'admin');
    assert.equal((await change('22222')).ok, false);
    assert.equal((await change('correct horse')).ok, true);
    assert.equal(await check('admin', made ?? '', 'network'), null);
    assert.equal(await (await opened(place)).check('admin', 'correct horse', 'network'), 'admin');
  });

  it('a file without a hash is told, and never taken for an open door', async () => {
    const place = await folder();
    for (const text of ['{}', 'null', '{"salt":"", "hash":""}', 'x']) {
      await writeFile(join(place, 'login.json'), text);
      const { problem, made, check } = await openAccounts(place, nothing);
      assert.match(problem ?? '', /login\.json: holds no password/, text);
      assert.equal(made, null);
      assert.equal(await check('admin', '', 'this-machine'), null);
    }
  });
});
