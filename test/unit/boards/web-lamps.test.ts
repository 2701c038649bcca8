/** Page 4-46, rows G7 to G9, by the Web UI (G10): keys, a shared line, waiting messages and the backup proxy are set on its pages, and lamps move. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { WebDesk } from './web-desk.ts';
import { isOn, until, webDesks } from './web-desk.ts';

const desk = webDesks();

const backupProxy = ({ lab }: WebDesk): Readonly<Record<string, string>> => ({
  backupProxyIp: `backup.${lab.info().domain}`,
  backupProxyPort: '0',
});

/** `kind server` of what is in force for a line, in alphabetical order. */
const inForce = ({ phone }: WebDesk, line: number): string =>
  phone.phone.host
    .status()
    .subscriptions.filter((each) => each.line === line && each.state === 'active')
    .map(({ kind, server }) => `${kind} ${server}`)
    .sort()
    .join(', ');

const saved = async (at: WebDesk, path: string, fields: Readonly<Record<string, string>>): Promise<void> => {
  assert.match(await at.post(path, fields), /Provisioning complete/, path);
};

const PLACES = [
  { where: 'for all lines', path: '/globalSIPsettings.html', line: 1 },
  { where: 'for one line', path: '/SIPsettingsLine2.html', line: 2 },
] as const;

for (const { where, path, line } of PLACES)
  describe(`subscriptions use the backup proxy that the Web UI sets ${where}`, () => {
    for (const [row, what, kind, settings] of [
      ['G7', 'BLF', 'blf', {}],
      ['G8', 'BLA', 'bla', { mode: '3', blaName: '2900' }],
      ['G9', 'explicit MWI', 'mwi', { explicitMwi: '1' }],
    ] as const)
      it(`${row}: ${what}`, async () => {
        const at = await desk();
        if (kind === 'blf') await saved(at, '/softkey.html', { type1: 'blf', value1: '300', line1: String(line) });
        // The lab's lines have accounts of their own, so what belongs to an account is set for the line.
        await saved(at, `/SIPsettingsLine${line}.html`, settings);
        await saved(at, path, backupProxy(at));
        assert.match(await readFile(join(at.state, 'local.cfg'), 'utf8'), /backup proxy ip: backup\./);
        await until('in force at the primary', () => inForce(at, line).includes(`${kind} primary`));
        assert.equal((await at.lab.fault('primary', 'kill')).ok, true);
        await until('in force at the backup', () => inForce(at, line).includes(`${kind} backup`));
        assert.match(await at.get('/sysinfo.html'), /<h2>Lamps<\/h2><p>\d by the main server, 1 by the backup/);
        assert.equal((await at.lab.fault('primary', 'clear')).ok, true);
        await until('home again', () => inForce(at, line).includes(`${kind} primary`));
      });
  });

describe('the pages of the keys', () => {
  it('program a key that is there at once, with its states, and take it back', async () => {
    const at = await desk();
    await until('registered', isOn(at, 1, 'primary'));
    await saved(at, '/softkey.html', { type3: 'park', value3: 'asterisk;70', label3: 'Park it', states3: 'connected' });
    const page = await at.get('/softkey.html');
    assert.match(page, /name="states3"[^>]*value="connected"/);
    assert.match(page, /<option value="park" selected>/);
    const local = await readFile(join(at.state, 'local.cfg'), 'utf8');
    assert.match(local, /^softkey3 type: park$/m);
    await saved(at, '/softkey.html', { type3: 'none' });
    assert.match(await at.get('/softkey.html'), /id="type3"[^>]*>\s*<option value="none" selected>/);
  });

  it('refuse a word that is no state', async () => {
    const at = await desk();
    assert.match(await at.post('/softkey.html', { states1: 'asleep' }), /Nothing was saved/);
  });

  it('show a locked key grey, and leave it as it is', async () => {
    const at = await desk(['softkey1 type: blf', 'softkey1 value: 300', 'softkey1 locked: 1']);
    const page = await at.get('/softkey.html');
    for (const part of ['type', 'label', 'value', 'line', 'states'])
      assert.match(page, new RegExp(`name="${part}1"[^>]* disabled`), part);
    assert.doesNotMatch(page, /name="type2"[^>]* disabled/);
    assert.match(await at.post('/softkey.html', { type1: 'dnd' }), /softkey1 type&quot; is locked by phone\.cfg/);
    await assert.rejects(readFile(join(at.state, 'local.cfg'), 'utf8'), { code: 'ENOENT' });
  });
});
