/** What local.cfg keeps of a speed dial that is made at the desk, and which keys refuse (original-phone 1.8, 2). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseCfg } from '../../../../firmware/config/cfg-file.ts';
import type { EffectiveSettings } from '../../../../firmware/config/layers.ts';
import { effectiveSettings } from '../../../../firmware/config/layers.ts';
import { speedDialChanges } from '../../../../firmware/config/speed-dial.ts';

const read = (server: string, local = '', model: '57i' | '53i' = '57i'): EffectiveSettings =>
  effectiveSettings(
    [
      { from: 'aastra.cfg', kind: 'server', entries: parseCfg(server).entries },
      { from: 'local.cfg', kind: 'local', entries: parseCfg(local).entries },
    ],
    { model, mac: '00085D000001' },
  );

function kept(current: EffectiveSettings, name: string, value = '200', label = 'Anna', line = 2): readonly string[] {
  const changes = speedDialChanges(current, { name, value, label, line });
  if (!changes.ok) return [changes.error];
  return changes.value.map(({ name: parameter, value: text }) => `${parameter}: ${text ?? '-'}`);
}

describe('keys that may be set at the desk', () => {
  it('are the free ones and speed dials that no file locks, marks or resets', () => {
    const files = ['softkey1 type: blf', 'softkey2 locked: 1', '!softkey3 type: none', '^softkey4 value: 1'];
    const { settableKeys } = read([...files, 'softkey5 type: speeddial', 'softkey5 value: 5'].join('\n')).settings;
    assert.deepEqual(settableKeys.slice(0, 3), ['softkey5', 'softkey6', 'softkey7']);
    assert.equal(settableKeys.length, 26);
    assert.deepEqual(read('prgkey2 type: blf', '', '53i').settings.settableKeys.slice(0, 2), ['prgkey1', 'prgkey3']);
  });
});

describe('a speed dial of the desk', () => {
  it('is kept whole, and what the files say already is not', () => {
    const all = ['type: speeddial', 'label: Anna', 'value: 200', 'line: 2'].map((part) => `softkey1 ${part}`);
    assert.deepEqual(kept(read(''), 'softkey1'), all);
    const files = 'softkey1 type: speeddial\nsoftkey1 value: 300\nsoftkey1 label: Anna';
    assert.deepEqual(kept(read(files), 'softkey1'), ['softkey1 value: 200', 'softkey1 line: 2']);
    assert.deepEqual(kept(read(files, 'softkey1 value: 200'), 'softkey1', '300', 'Anna', 1), ['softkey1 value: -']);
  });

  it('without a number leaves the key free, whatever the files made of it', () => {
    const local = 'softkey1 type: speeddial\nsoftkey1 value: 200\nsoftkey1 line: 2';
    const gone = ['softkey1 type: -', 'softkey1 value: -', 'softkey1 line: -'];
    assert.deepEqual(kept(read('', local), 'softkey1', '', ''), gone);
    assert.equal(
      kept(read('softkey1 type: speeddial\nsoftkey1 value: 3'), 'softkey1', '', '')[0],
      'softkey1 type: none',
    );
  });

  it('is refused where a file has locked the key or given it another use, and where no line of a file can hold it', () => {
    for (const files of ['softkey1 locked: 1', '!softkey1 value: 3', 'softkey1 type: blf\nsoftkey1 value: 3'])
      assert.deepEqual(kept(read(files), 'softkey1'), ['softkey1 is locked, or has another use']);
    assert.match(kept(read(''), 'softkey1', '200', 'x'.repeat(65))[0] ?? '', /expected .*64/);
  });
});
