/** server.cfg keeps a whole set of files in one: they come out as they went in, and as one file they mean the same. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { encryptedName, fileNames, packed, unpacked, unusable } from '../../../../firmware/provisioning/server-file.ts';
import { fromFiles } from '../../../support/files.ts';

describe('server.cfg', () => {
  const files = [
    { name: 'aastra.cfg', text: 'sip proxy ip: a.example\n!sip user name: 1\n' },
    { name: '57i.cfg', text: '' },
    { name: '00085D000001.cfg', text: '# --- 9 lines of aastra.cfg\nsip user name: 2\n' },
  ];

  it('gives back each file with its name, whatever stands in it', () => {
    assert.deepEqual(unpacked(packed(files)), files);
    const line = fc.string({ maxLength: 30 }).map((text) => text.replace(/[\r\n\uFEFF]/g, ' '));
    const file = fc.record({ name: fc.constantFrom('aastra.cfg', '57i.cfg'), lines: fc.array(line, { maxLength: 9 }) });
    fc.assert(
      fc.property(fc.array(file, { maxLength: 3 }), (made) => {
        const whole = made.map(({ name, lines }) => ({ name, text: lines.map((one) => `${one}\n`).join('') }));
        assert.deepEqual(unpacked(packed(whole)), whole);
      }),
    );
  });

  it('read as one file it means the same: the later file counts', () => {
    const [a, , b] = files;
    assert.deepEqual(fromFiles(packed(files)).settings, fromFiles(a?.text ?? '', b?.text ?? '').settings);
  });

  it('is one file of its own name where somebody has edited it', () => {
    for (const text of [
      'sip proxy ip: x\n',
      packed(files).replace('--- 2 lines of aastra', '--- 1 lines of aastra'),
      `${packed(files)}more: 1\n`,
    ])
      assert.deepEqual(unpacked(text), [{ name: 'server.cfg', text }]);
  });

  it('knows its files: the same for all, for a model, for one phone', () => {
    assert.deepEqual(fileNames({ model: '57i', mac: '00085D000001' }), ['aastra.cfg', '57i.cfg', '00085D000001.cfg']);
    assert.equal(encryptedName('aastra.cfg'), 'aastra.tuz');
  });
});

describe('what a server sends', () => {
  it('is refused where it is no text or a web page, and taken otherwise', () => {
    assert.match(unusable('a\0b') ?? '', /encrypted/);
    assert.match(unusable('\x01\x02\x03\x04 bytes') ?? '', /encrypted/);
    assert.match(unusable('\n <!DOCTYPE html><p>Log in to this hotel') ?? '', /web page/);
    for (const text of ['', '# nothing\n', 'sip proxy ip: a\r\n\tsip x: 1\n', 'sip screen name: Büro <1>\n'])
      assert.equal(unusable(text), null, text);
  });
});
