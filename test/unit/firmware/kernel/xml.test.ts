/** The XML of notifications: what is read, and what bites and is refused (conformance L9). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseXml, XML_LIMITS } from '../../../../firmware/kernel/xml.ts';

const error = (source: string): string => {
  const parsed = parseXml(source);
  return parsed.ok ? 'read' : parsed.error;
};

describe('XML', () => {
  it('is read: declaration, comments, prefixes, attributes in either quotes, the five entities and numbers', () => {
    const source = `<?xml version="1.0" encoding="UTF-8"?><!-- x --><d:a b="1 &lt; 2" c='"'><e/>t&amp;&#65;&#x42;&#x1F600;<!-- y -->u</d:a>\n`;
    const parsed = parseXml(source);
    assert.ok(parsed.ok);
    assert.equal(parsed.value.name, 'a');
    assert.deepEqual(
      [...parsed.value.attributes],
      [
        ['b', '1 < 2'],
        ['c', '"'],
      ],
    );
    assert.deepEqual(
      parsed.value.children.map(({ name }) => name),
      ['e'],
    );
    assert.equal(parsed.value.text, 't&AB\u{1F600}u');
  });

  for (const [what, source, why] of [
    ['a document type', '<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>', /document type/],
    ['an entity of its own', '<a>&x1;</a>', /entity/],
    ['an entity that is unknown', '<a b="&nbsp;"/>', /attributes/],
    ['an entity that never ends', '<a>&amp</a>', /entity/],
    ['a character that there is not', '<a>&#0;</a>', /entity/],
    ['a surrogate', '<a>&#xD800;</a>', /entity/],
    ['a processing instruction', '<a><?php?></a>', /processing/],
    ['CDATA', '<a><![CDATA[x]]></a>', /no tag/],
    ['what is closed wrongly', '<a><b></a></b>', /closes nothing/],
    ['what is not closed', '<a><b></b>', /not closed/],
    ['two documents', '<a/><b/>', /follows/],
    ['text around it', 'x<a/>', /outside/],
    ['nothing', '', /no element/],
    ['a comment without end', '<a/><!-- ', /follows/],
    ['a comment without end inside', '<a><!-- ', /comment/],
    ['depth', `${'<a>'.repeat(17)}${'</a>'.repeat(17)}`, /deeper/],
    ['size', `<a>${' '.repeat(XML_LIMITS.octets)}</a>`, /octets/],
    ['many elements', `<a>${'<b/>'.repeat(2 * XML_LIMITS.elements)}</a>`, /elements/],
    ['many attributes', `<a ${Array.from({ length: 30 }, (_n, i) => `b${i}="1"`).join(' ')}/>`, /attributes/],
  ] as const)
    it(`${what} is refused`, () => assert.match(error(source), why));

  it('costs time in proportion to its length, whatever stands there', () => {
    for (const piece of ['<', '<a ', '<a b="', '&', '<!--', '</a', ' ', "<a b='1' ", '-']) {
      const source = piece.repeat(Math.floor(60_000 / piece.length));
      assert.notEqual(error(`<a>${source}`), 'read');
    }
  });
});
