/** A password that stands in an address: in no page, file, message or report, and kept wherever its owner edits around it. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { addressPassword, withoutPassword, withPassword } from '../../../../firmware/config/address-login.ts';
import { backupOf, restoreChanges } from '../../../../firmware/config/backup.ts';
import { parseCfg } from '../../../../firmware/config/cfg-file.ts';
import { diffOf, restored, shownLines } from '../../../../firmware/config/cfg-text.ts';
import { changeReport } from '../../../../firmware/config/change-report.ts';
import { formChanges } from '../../../../firmware/config/form-changes.ts';
import type { EffectiveSettings } from '../../../../firmware/config/layers.ts';
import { effectiveSettings } from '../../../../firmware/config/layers.ts';

const NAME = 'action uri incoming';
const ADDRESS = 'http://pbx:s3cret@h.example/in?n=1';
const SHOWN = 'http://pbx:********@h.example/in?n=1';
const of = (text: string): EffectiveSettings =>
  effectiveSettings([{ from: 'local.cfg', kind: 'local', entries: parseCfg(text).entries }], {
    model: '57i',
    mac: '00085D000001',
  });

describe('a password in an address', () => {
  it('is found where one stands, whatever is in it, and nowhere else', () => {
    assert.equal(withoutPassword(ADDRESS), SHOWN);
    assert.equal(withoutPassword('https://u:a:b@c@h.example/p'), 'https://u:********@h.example/p');
    for (const text of ['http://h.example:80/a@b', 'http://h/x:y@z', 'http://u@h/', 'sip:a:b@h', '', 'http://h?u:p@x'])
      assert.equal(addressPassword(text), null, text);
  });

  it('stays where what was shown is written back, and gives way to another', () => {
    assert.equal(withPassword(SHOWN.replace('/in', '/out'), ADDRESS), ADDRESS.replace('/in', '/out'));
    assert.equal(withPassword('http://pbx:new@h.example/', ADDRESS), 'http://pbx:new@h.example/');
    assert.equal(withPassword(SHOWN, ''), SHOWN);
  });

  it('is not in a file as it is shown, nor in a difference, and comes back with its line', () => {
    const text = `${NAME}: ${ADDRESS}\n`;
    assert.deepEqual(shownLines(text), [`${NAME}: ${SHOWN}`]);
    assert.equal(restored(`${NAME}: ${SHOWN}`, text).text, text);
    assert.deepEqual(restored(`${NAME}: ${SHOWN}`, '').wrong, [
      `line 1: there is no hidden value of "${NAME}" to keep`,
    ]);
    assert.doesNotMatch(JSON.stringify(diffOf(text, `${NAME}: http://a:s3cret2@h/\n`)), /s3cret/);
  });

  it('is no change of a form that shows it as stars', () => {
    const settings = of(`${NAME}: ${ADDRESS}\n`);
    assert.deepEqual(formChanges(settings, null, new Map([[NAME, SHOWN]])).changes, []);
    assert.deepEqual(formChanges(settings, null, new Map([[NAME, SHOWN.replace('/in', '/out')]])).changes, [
      { name: NAME, value: ADDRESS.replace('/in', '/out') },
    ]);
  });

  it('is not in a copy of the settings, and stays on the phone that restores one', () => {
    const { effective } = of(`${NAME}: ${ADDRESS}\ntime format: 1\n`);
    const copy = backupOf(effective, 'local.cfg');
    assert.match(copy, /^# action uri incoming: set, and not told$/m);
    assert.doesNotMatch(copy, /s3cret/);
    assert.deepEqual(restoreChanges(effective, 'local.cfg', copy).changes, []);
  });

  it('is not in the report of a change, nor in what is said of a bad value', () => {
    const [before, after] = [of(''), of(`${NAME}: ${ADDRESS}\nwebhook uri: ftp://u:s3cret@h/\n`)];
    const report = changeReport(before, after);
    assert.equal(report.values.find(({ name }) => name === NAME)?.after, SHOWN);
    assert.match(JSON.stringify(after.problems), /ftp:\/\/u:\*{8}@h/);
    assert.doesNotMatch(JSON.stringify([report, after.problems]), /s3cret/);
  });
});
