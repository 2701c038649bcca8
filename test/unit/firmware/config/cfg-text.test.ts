/** A configuration file in an editor: no secret is shown, none is lost, and a difference is told line by line. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { diffOf, restored, shownLines } from '../../../../firmware/config/cfg-text.ts';

describe('a configuration file as it is shown', () => {
  it('hides passwords, misspelt ones, those in comments, and lines that cannot be read', () => {
    assert.deepEqual(
      shownLines(
        'sip password: a1\n!sip line2 password : "b#2"\nsip pasword: c3\n# admin password: d4\nsip password e5\ntime format: 1\nsip password:\n',
      ),
      [
        'sip password: ********',
        '!sip line2 password : ********',
        'sip pasword: ********',
        '# admin password: ********',
        '#? a line that cannot be read: kept, not shown, number 5',
        'time format: 1',
        'sip password:',
      ],
    );
  });

  it('taken back unchanged is the same text', () => {
    const line = fc.oneof(
      fc.constantFrom(
        'sip password: x y',
        'no colon',
        '',
        '# word',
        'sip line1 password:"a"',
        'time format: 1',
        '"open: "x',
      ),
      fc.string().map((text) => text.replace(/[\r\n]/g, '')),
    );
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        const text = lines.map((one) => `${one}\n`).join('');
        fc.pre(!text.startsWith('\uFEFF') && !text.includes('********') && !lines.includes(''));
        assert.equal(restored(shownLines(text).join('\n'), text).text, text);
      }),
    );
  });

  it('costs a bounded time, whatever a server sends', () => {
    const blanks = ' '.repeat(200_000);
    for (const [what, text] of Object.entries({
      'a comment of blanks': `#${blanks}word\n`,
      'a value of blanks': `sip user name: a${blanks}b\n`,
      'names that nobody knows': Array.from({ length: 20_000 }, (_line, n) => `sip lime${n} pasword: x\n`).join(''),
    })) {
      const start = process.cpuUsage().user;
      restored(shownLines(text).join('\n'), text);
      assert.ok(process.cpuUsage().user - start < 8_000_000, what);
    }
  });

  it('a stand-in for what was never there is named', () => {
    assert.deepEqual(restored('sip password: ********', 'time format: 1').wrong, [
      'line 1: there is no hidden value of "sip password" to keep',
    ]);
  });
});

describe('the difference of two texts', () => {
  it('tells what goes out and comes in, with lines around, and no secret', () => {
    assert.deepEqual(diffOf('#a\n#b\n#c\nsip password: x\n#d\n', '#a\n#b\n#c\nsip password: y\n#d\n#e\n'), [
      { kind: 'same', text: '#b' },
      { kind: 'same', text: '#c' },
      { kind: 'out', text: 'sip password: ********' },
      { kind: 'in', text: 'sip password: ********' },
      { kind: 'same', text: '#d' },
      { kind: 'in', text: '#e' },
    ]);
    assert.deepEqual(diffOf('a\n', 'a\n'), []);
  });

  it('of thousands of lines that all differ is bounded', () => {
    const many = (sign: string): string => Array.from({ length: 5000 }, (_line, index) => `${sign}${index}\n`).join('');
    assert.equal(diffOf(many('a'), many('b')).length, 10_000);
  });

  it('applied to the old text gives the new one', () => {
    const text = fc.array(fc.constantFrom('a', 'b', 'c', 'd')).map((lines) => lines.map((one) => `${one}\n`).join(''));
    fc.assert(
      fc.property(text, text, (before, after) => {
        const count = (lines: string, kinds: readonly string[]): number =>
          lines.split('\n').length - 1 + diffOf(before, after).filter(({ kind }) => kinds.includes(kind)).length;
        assert.equal(count(before, ['in']), count(after, ['out']));
      }),
    );
  });
});
