/** Programmable keys: what files give them, for which model, and what is said of those that do nothing yet. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseCfg } from '../../../../firmware/config/cfg-file.ts';
import { formChanges } from '../../../../firmware/config/form-changes.ts';
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

const read = (model: '57i' | '53i', file = FILE) => {
  const { entries } = parseCfg(file);
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

it('the small model has keys of its own: what no file programs is what is printed on it', () => {
  assert.deepEqual(
    read('53i').settings.keys.map(({ name, type, value }) => `${name} ${type} ${value}`.trim()),
    ['prgkey1 speeddial 302', 'prgkey2 delete', 'prgkey3 directory', 'prgkey4 callers', 'prgkey5 xfer', 'prgkey6 conf'],
  );
});

it('keys of type list are there where a list is; without one lint says why not', () => {
  const types = (more: string) => read('57i', `softkey1 type: list\n${more}`);
  const shown = types('list uri: desk-list');
  assert.deepEqual(
    shown.settings.keys.map(({ name, type }) => [name, type]),
    [['softkey1', 'list']],
  );
  assert.equal(shown.settings.subscriptions.listUri, 'desk-list');
  assert.deepEqual(
    lint(shown).filter(({ parameter }) => parameter.startsWith('softkey')),
    [],
  );
  const bare = types('');
  assert.deepEqual(bare.settings.keys, []);
  assert.deepEqual(
    lint(bare).flatMap(({ parameter, code }) => (parameter.startsWith('softkey') ? [code] : [])),
    ['key-without-value'],
  );
});

it('lint says why a type of the original does nothing here', () => {
  const types = ['acd', 'dcp', 'flash', 'phonelock', 'paging'];
  const text = types.map((type, at) => `topsoftkey${at + 1} type: ${type}`).join('\n');
  const read = effectiveSettings([{ from: 'aastra.cfg', kind: 'server', entries: parseCfg(text).entries }], {
    ...{ model: '57i', mac: '00085D000001' },
  });
  assert.deepEqual(read.settings.keys, []);
  const said = lint(read).flatMap(({ code, message }) => (code === 'key-not-acted-on' ? [message] : []));
  assert.deepEqual(
    said.map((message) => /^a key of type (\w+) is not shown: \w.{20,}$/.exec(message)?.[1]),
    types,
  );
});

it('lint names the types that do nothing, and those that there are not, or lack a value', () => {
  const found = lint(read('57i')).filter(({ parameter }) => parameter.startsWith('softkey'));
  assert.deepEqual(
    found.map(({ code, parameter }) => [parameter, code]),
    [
      ['softkey5 type', 'bad-value'],
      ['softkey3 type', 'key-without-value'],
      ['softkey6 type', 'key-not-acted-on'],
    ],
  );
});

describe('states, parking and locks', () => {
  const layer = (kind: 'server' | 'local', text: string) => ({
    ...{ from: kind === 'server' ? 'aastra.cfg' : 'local.cfg', kind },
    entries: parseCfg(text).entries,
  });
  const settled = (server: string, local = '') =>
    effectiveSettings([layer('server', server), layer('local', local)], { model: '57i', mac: '00085D000001' });
  const keysOf = (text: string) => settled(text).settings.keys;

  it('states are those given; of pickup only idle and outgoing', () => {
    const [blf, pickup] = keysOf(
      'softkey1 type: blf\nsoftkey1 value: 300\nsoftkey1 states: idle Connected\n' +
        'softkey2 type: pickup\nsoftkey2 value: asterisk;70\nsoftkey2 states: idle, connected, outgoing\n',
    );
    assert.deepEqual(
      [blf?.states, pickup?.states],
      [
        ['idle', 'connected'],
        ['idle', 'outgoing'],
      ],
    );
  });

  it('the line says first how a call is parked, then the setting for all lines, then the key, then the old one', () => {
    const codes = (text: string) =>
      keysOf(`softkey1 type: park\n${text}`)[0]
        ?.parking?.slice(0, 2)
        .map((code) => code && `${code.server} ${code.code}`);
    assert.deepEqual(codes('sprecode: asterisk;70\n'), ['asterisk 70', 'asterisk 70']);
    assert.deepEqual(codes('sprecode: asterisk;70\nsoftkey1 value: Broadworks;*68\n'), [
      'broadworks *68',
      'broadworks *68',
    ]);
    assert.deepEqual(
      codes(
        'softkey1 value: broadworks;*68\nsip park pickup config: 70;71;asterisk\nsip line2 park pickup config: *78;*98;broadworks\n',
      ),
      ['asterisk 70', 'broadworks *78'],
    );
    assert.deepEqual(codes(''), [null, null]);
    const [pickup] = keysOf('softkey1 type: pickup\nsip park pickup config: 70;71;asterisk\n');
    assert.deepEqual(pickup?.parking?.[0], { server: 'asterisk', code: '71' });
  });

  it('lint says of a park key that nothing says how', () => {
    const found = lint(settled('sip user name: 2001\nsoftkey1 type: park\n')).map(({ code }) => code);
    assert.ok(found.includes('key-without-value'), found.join(' '));
  });

  it('a locked key is what the server says: what was set at the phone is not used, and says so', () => {
    const { settings, problems, effective } = settled(
      'softkey1 type: blf\nsoftkey1 value: 300\nsoftkey1 locked: 1\n',
      'softkey1 type: dnd\nsoftkey1 label: Mine\nsoftkey2 type: dnd\n',
    );
    assert.deepEqual(
      settings.keys.map(({ name, type, label }) => `${name} ${type} ${label}`.trim()),
      ['softkey1 blf', 'softkey2 dnd'],
    );
    assert.deepEqual(
      problems.map(({ code, parameter }) => `${code} ${parameter}`),
      ['locked softkey1 type', 'locked softkey1 label'],
    );
    assert.deepEqual([effective.get('softkey1 label')?.locked, effective.get('softkey2 type')?.locked], [true, false]);
    const posted = new Map([
      ['softkey1 label', 'Mine'],
      ['softkey2 label', 'Ours'],
    ]);
    const { changes, refused } = formChanges({ effective, beneath: effective }, null, posted);
    assert.deepEqual(changes, [{ name: 'softkey2 label', value: 'Ours' }]);
    assert.deepEqual(refused, ['"softkey1 label" is locked by aastra.cfg']);
  });
});

describe('a key of type icom', () => {
  const intercom = (text: string) => read('57i', `softkey1 type: icom\n${text}`);
  const shown = (text: string) =>
    intercom(text).settings.keys.map(({ type, label, value, line }) => [type, label, value, line]);
  const whyNot = (text: string) =>
    lint(intercom(text)).flatMap(({ parameter, code }) => (parameter === 'softkey1 type' ? [code] : []));

  it('asks the far phone, on the line of the intercom', () => {
    assert.deepEqual(shown('sip intercom type: 1\nsip intercom line: 3'), [['icom', '', '', 3]]);
    assert.deepEqual(whyNot('sip intercom type: 1'), []);
  });

  it('dials the prefix code of the server, alone or before its number', () => {
    const server = 'sip intercom type: 2\nsip intercom prefix code: *96\n';
    assert.deepEqual(shown(server), [['spre', 'Icom', '*96', 1]]);
    assert.deepEqual(shown(`${server}softkey1 value: 300`), [['speeddial', 'Icom', '*96300', 1]]);
    assert.deepEqual(whyNot(server), []);
  });

  it('is not shown where intercom is off, or lacks its prefix code; lint says why', () => {
    for (const text of ['', 'sip intercom type: 3', 'sip intercom type: 2']) {
      assert.deepEqual(shown(text), []);
      assert.deepEqual(whyNot(text), ['key-without-value']);
    }
  });
});
