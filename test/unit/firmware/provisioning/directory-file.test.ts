/** The server's list of names: what a record may look like, what is left out and said, and that any text is read in bounded work. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { directoryPath, readDirectory } from '../../../../firmware/provisioning/directory-file.ts';

const read = (text: string): readonly string[] =>
  readDirectory(text).names.map(({ name, number, line }) => `${name}|${number}|${line}`);

describe('a list of names', () => {
  it('has a name, a number and perhaps a line in each record; comments and blank lines count for nothing', () => {
    assert.deepEqual(
      read(
        '\uFEFF# of the house\r\n\r\nAda Lovelace, 200, 6\r\n  Bo ,201 # at the gate\r\nCleo,202,,private\r\n,203\r\n',
      ),
      ['Ada Lovelace|200|6', 'Bo|201|1', 'Cleo|202|1', '|203|1'],
    );
  });

  it('holds commas, quotes and # where quotes stand around', () => {
    assert.deepEqual(read('"Ada, junior","12#34",9\n"Bo ""the"" Bold",sip:bo@example.test\n'), [
      'Ada, junior|12#34|9',
      'Bo "the" Bold|sip:bo@example.test|1',
    ]);
  });

  it('says of what it cannot use which line, why, and how many more', () => {
    for (const [text, why] of [
      ['Ada\n', /^line 1: name and number are expected/],
      ['Ada,200\nBo,201,0\nCleo,202,x\n', /^line 2: a line from 1 to 9 is expected, and 1 more$/],
      ['"Ada,200\n', /^line 1: a quote that does not end$/],
      [`${'x'.repeat(65)},200\n`, /at most 64 characters of name/],
      [`${',x'.repeat(400)}\n`, /at most 512 characters/],
      ['Ada,20\u00070\n', /control characters/],
      [Array.from({ length: 203 }, (_n, at) => `N${at},${at}`).join('\n'), /^more than 200 names: 3 are left out$/],
    ] as const)
      assert.match(readDirectory(text).problem ?? '', why);
    assert.equal(readDirectory('Ada,200\n').problem, null);
  });

  it('is read whatever it is, and a record of another list is never made of half a one', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('"', ',', '#', '\n', 'a', '1', ' ', '\\') }), (text) => {
        for (const { name, number, line } of readDirectory(text).names) {
          assert.doesNotMatch(name + number, /\n/);
          assert.ok(number !== '' && line >= 1 && line <= 9);
        }
      }),
    );
  });

  it('lies in the folder of the server', () => {
    assert.equal(directoryPath('lists/all.csv'), 'lists/all.csv');
    assert.equal(directoryPath(' /all.csv '), 'all.csv');
    assert.equal(directoryPath(''), '');
    for (const path of ['../x', 'a/../../x', '%2e%2e/x', 'http://elsewhere/x', 'a\\..\\x'])
      assert.equal(directoryPath(path), null);
  });
});
