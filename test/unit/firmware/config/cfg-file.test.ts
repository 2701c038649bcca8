/** The syntax of a configuration file (original-phone 2): what is read, what is refused, and that nothing is lost in writing. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { cfgLine, parseCfg, withSetting } from '../../../../firmware/config/cfg-file.ts';
import { CFG_FILE_MAX_OCTETS, CFG_LINE_MAX, CFG_LINES_MAX } from '../../../../firmware/config/defaults.ts';

const values = (text: string): readonly (readonly [string, string])[] =>
  parseCfg(text).entries.map(({ name, value }) => [name, value]);
const faults = (text: string): readonly (readonly [number, string])[] =>
  parseCfg(text).problems.map(({ line, code }) => [line, code]);

describe('a line of a file', () => {
  it('is a name and a value; the blank after the colon may be missing, case and blanks in the name do not matter', () => {
    assert.deepEqual(values('sip proxy ip: 192.0.2.1\nsip  Proxy PORT:5060\n\tSIP T1 timer :  500 \n'), [
      ['sip proxy ip', '192.0.2.1'],
      ['sip proxy port', '5060'],
      ['sip t1 timer', '500'],
    ]);
  });

  it('may be empty, or a comment', () => {
    assert.deepEqual(parseCfg('\n   \n# all: this\n  # and: that\n'), { entries: [], problems: [] });
  });

  it('ends at a # outside quotes', () => {
    assert.deepEqual(values('a: 1 # one\nb: "x+#|xx+*"\nc: "x" # "y"\nd:# nothing\n'), [
      ['a', '1'],
      ['b', 'x+#|xx+*'],
      ['c', 'x'],
      ['d', ''],
    ]);
  });

  it('may have quotes around any value, and a quote within a bare one is a letter', () => {
    assert.deepEqual(values('a: "1"\nb: ""\nc: 5" wide # inch\nd: " x "\ne: "a"b"\n'), [
      ['a', '1'],
      ['b', ''],
      ['c', '5" wide'],
      ['d', ' x '],
      ['e', 'a"b'],
    ]);
  });

  it('keeps colons in its value', () => {
    assert.deepEqual(values('sip vmail: sip:99@pbx.example.net:5070\n'), [
      ['sip vmail', 'sip:99@pbx.example.net:5070'],
    ]);
  });

  it('is locked by !, reset by ^, and may be both', () => {
    const { entries } = parseCfg('a: 1\n!b: 2\n^c: 3\n !^ d: 4\n');
    assert.deepEqual(
      entries.map(({ name, locked, reset }) => [name, locked, reset]),
      [
        ['a', false, false],
        ['b', true, false],
        ['c', false, true],
        ['d', true, true],
      ],
    );
  });
});

describe('a file', () => {
  it('may end its lines with LF, CRLF or CR, and begin with a byte order mark; lines are counted from 1', () => {
    assert.deepEqual(
      parseCfg('\uFEFFa: 1\r\nb: 2\rc: 3\n\nd: 4').entries.map(({ name, value, line }) => [name, value, line]),
      [
        ['a', '1', 1],
        ['b', '2', 2],
        ['c', '3', 3],
        ['d', '4', 5],
      ],
    );
  });

  it('names the line of what it cannot read, and reads the rest', () => {
    const text = 'what is this\nb: "5060\n: 1\nname=x: 2\ncomment # before: colon\nd: "a"b\nlast: 1\n';
    assert.deepEqual(faults(text), [
      [1, 'no-colon'],
      [2, 'open-quote'],
      [3, 'no-name'],
      [4, 'no-name'],
      [5, 'no-colon'],
      [6, 'open-quote'],
    ]);
    assert.deepEqual(values(text), [['last', '1']]);
  });

  it('never tells what a line holds that cannot be read: it may be a password', () => {
    const { problems } = parseCfg('sip password s3cret\nsip password=s3cret: \nsip password: "s3cret\n');
    assert.equal(problems.length, 3);
    assert.doesNotMatch(JSON.stringify(problems), /s3cret/);
  });

  it('gives both of two equal names in order, and names the later one', () => {
    const { entries, problems } = parseCfg('a: 1\nb: 1\nA: 2\n');
    assert.deepEqual(
      entries.map(({ value }) => value),
      ['1', '1', '2'],
    );
    assert.deepEqual(problems, [
      { line: 3, name: 'a', code: 'duplicate', message: '"a" stands in line 1 too: this later one counts' },
    ]);
  });

  it('is not read beyond its limits', () => {
    assert.deepEqual(faults(`a: ${'x'.repeat(CFG_LINE_MAX)}\nb: 1\n`), [[1, 'line-too-long']]);
    assert.deepEqual(faults(`a: ${'x'.repeat(CFG_LINE_MAX - 3)}\n`), []);
    assert.deepEqual(faults(`a: 1${'\n'.repeat(CFG_FILE_MAX_OCTETS)}`), [[1, 'file-too-long']]);
    assert.deepEqual(faults(`# ${'x'.repeat(CFG_FILE_MAX_OCTETS - 2)}`), []);
    for (const end of ['\n', '\r\n', '\r']) {
      assert.deepEqual(values(`a: 1${end.repeat(CFG_LINES_MAX)}`), [['a', '1']]);
      assert.deepEqual(values(`${end.repeat(CFG_LINES_MAX - 1)}a: 1`), [['a', '1']]);
      const [problem] = parseCfg(`a: 1${end.repeat(CFG_LINES_MAX)}b: 1`).problems;
      assert.equal(problem?.message, 'the file has 10001 lines, at most 10000 are read: nothing of it is used');
    }
  });

  it('a long comment is no fault', () => {
    assert.deepEqual(faults(`# ${'x'.repeat(CFG_LINE_MAX)}\n`), []);
  });
});

describe('writing one setting', () => {
  it('quotes what a reader would cut', () => {
    assert.equal(cfgLine('a', 'plain'), 'a: plain');
    assert.equal(cfgLine('a', ''), 'a:');
    assert.equal(cfgLine('a', 'x#y'), 'a: "x#y"');
    assert.equal(cfgLine('a', ' x '), 'a: " x "');
    assert.equal(cfgLine('a', '"x'), 'a: ""x"');
    for (const value of ['', 'x#y', ' x ', '"x', '"', '""', 'a"b', '"a"'])
      assert.deepEqual(values(cfgLine('a', value)), [['a', value]], value);
  });

  it('replaces the parameter and leaves every other line as it is, comments and unreadable ones too', () => {
    const text = '# mine\nsip proxy ip: old\n!other:  "1" # why\nno colon\nSIP Proxy IP: older\n';
    assert.equal(withSetting(text, 'sip proxy ip', 'new'), '# mine\n!other:  "1" # why\nno colon\nsip proxy ip: new\n');
    assert.equal(withSetting(text, 'sip proxy ip', null), '# mine\n!other:  "1" # why\nno colon\n');
  });

  it('begins a file, and ends one that had no last line end', () => {
    assert.equal(withSetting('', 'a', '1'), 'a: 1\n');
    assert.equal(withSetting('b: 2', 'a', '1'), 'b: 2\na: 1\n');
    assert.equal(withSetting('', 'a', null), '');
  });
});
