/** Programmable keys: what files give them, for which model, and what is said of those that do nothing yet. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { parseCfg } from '../../../../firmware/config/cfg-file.ts';
import { effectiveSettings } from '../../../../firmware/config/layers.ts';
import { lint } from '../../../../firmware/config/lint.ts';

const FILE = `
sip user name: 2001
sip registrar ip: 192.0.2.1
sip proxy ip: 192.0.2.1
softkey2 type: speeddial
softkey2 label: Ada
softkey2 value: 300
softkey2 line: 2
softkey1 type: dnd
topsoftkey1 type: directory
softkey3 type: speeddial
softkey4 type: blf
softkey4 value: 301
softkey6 type: acd
softkey5 type: telepathy
prgkey1 type: speeddial
prgkey1 value: 302
`;

const read = (model: '57i' | '53i') => {
  const { entries } = parseCfg(FILE);
  return effectiveSettings([{ from: 'aastra.cfg', kind: 'server', entries }], { model, mac: '00085D000001' });
};

it('top keys come before the others, each in its order; a speed dial without a number is none', () => {
  assert.deepEqual(read('57i').settings.keys, [
    { name: 'topsoftkey1', type: 'directory', label: '', value: '', line: 1 },
    { name: 'softkey1', type: 'dnd', label: '', value: '', line: 1 },
    { name: 'softkey2', type: 'speeddial', label: 'Ada', value: '300', line: 2 },
    { name: 'softkey4', type: 'blf', label: '', value: '301', line: 1 },
  ]);
});

it('the small model has keys of its own', () => {
  assert.deepEqual(read('53i').settings.keys, [
    { name: 'prgkey1', type: 'speeddial', label: '', value: '302', line: 1 },
  ]);
});

it('lint names the types that do nothing yet, and those that there are not', () => {
  const found = lint(read('57i')).filter(({ parameter }) => parameter.startsWith('softkey'));
  assert.deepEqual(
    found.map(({ code, parameter }) => [parameter, code]),
    [
      ['softkey5 type', 'bad-value'],
      ['softkey6 type', 'key-not-acted-on'],
    ],
  );
});
