/** Lists of watched numbers, in the shapes of BroadSoft, FreeSWITCH and Kamailio (RFC 4662 4, 5; conformance H18); and what bites. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { presenceOf } from '../../../../firmware/subscription/dialog-info.ts';
import { MULTIPART_LIMITS, readMultipart } from '../../../../firmware/subscription/multipart.ts';
import type { WatchedList } from '../../../../firmware/subscription/resource-list.ts';
import { dialogsOf, foldList, LIST_LIMITS, readResourceList } from '../../../../firmware/subscription/resource-list.ts';

const TYPE = 'multipart/related;type="application/rlmi+xml";start="<list@as>";boundary="b1"';

const part = (type: string, id: string, body: string): string =>
  `--b1\r\nContent-Type: ${type}\r\nContent-ID: <${id}>\r\nContent-Transfer-Encoding: binary\r\n\r\n${body}\r\n`;
const rlmi = (version: number, full: boolean, inner: string): string =>
  part(
    'application/rlmi+xml;charset="UTF-8"',
    'list@as',
    `<?xml version="1.0"?>\n<list xmlns="urn:ietf:params:xml:ns:rlmi" uri="sip:desk@as" version="${version}" fullState="${full}">${inner}</list>`,
  );
const resource = (user: string, instances: string, name = ''): string =>
  `<resource uri="sip:${user}@as">${name === '' ? '' : `<name>${name}</name>`}${instances}</resource>`;
const active = (cid: string, id = '1'): string => `<instance id="${id}" state="active" cid="${cid}"/>`;
const info = (cid: string, state: string | null, version = 0, direction = 'recipient'): string =>
  part(
    'application/dialog-info+xml',
    cid,
    `<dialog-info xmlns="urn:ietf:params:xml:ns:dialog-info" version="${version}" state="full" entity="sip:x@as">${state === null ? '' : `<dialog id="1" direction="${direction}"><state>${state}</state></dialog>`}</dialog-info>`,
  );

function fold(before: WatchedList | null, ...parts: string[]): WatchedList | 'gap' | 'old' {
  const list = readResourceList(TYPE, `${parts.join('')}--b1--\r\n`);
  return list.ok ? foldList(before, list.value) : assert.fail(list.error);
}
const states = (list: WatchedList | 'gap' | 'old'): readonly string[] =>
  typeof list === 'string'
    ? [list]
    : list.entries.map((entry) => {
        const dialogs = dialogsOf(entry);
        return `${entry.uri.slice(4, 8)} ${dialogs === null ? 'unknown' : presenceOf(dialogs)}`;
      });
const begun = (): WatchedList => {
  const list = fold(
    null,
    rlmi(0, true, resource('2002', active('a'), 'Ada') + resource('2003', active('b')) + resource('2004', '')),
    info('a', 'early'),
    info('b', null),
  );
  return typeof list === 'string' ? assert.fail(list) : list;
};

describe('a list of watched numbers', () => {
  it('tells of each in the order of the list; of whom nothing is said nothing is known', () => {
    assert.deepEqual(states(begun()), ['2002 ringing', '2003 idle', '2004 unknown']);
    assert.equal(begun().entries[0]?.name, 'Ada');
  });

  it('in part tells what has changed, and the rest stays', () => {
    const next = fold(begun(), rlmi(1, false, resource('2003', active('b'))), info('b', 'confirmed', 1));
    assert.deepEqual(states(next), ['2002 ringing', '2003 busy', '2004 unknown']);
    assert.equal(typeof next === 'string' ? '' : next.entries[0]?.name, 'Ada');
  });

  it('in part with a number missing is a gap, and so is one without a whole before it', () => {
    assert.equal(fold(begun(), rlmi(2, false, resource('2003', active('b'))), info('b', 'confirmed', 1)), 'gap');
    assert.equal(fold(null, rlmi(3, false, resource('2003', active('b'))), info('b', 'confirmed', 1)), 'gap');
  });

  it('of an earlier time changes nothing; a whole one that counts from 0 again does', () => {
    const list = fold(begun(), rlmi(5, true, resource('2002', active('a'))), info('a', null));
    assert.deepEqual(states(list), ['2002 idle']);
    const known = typeof list === 'string' ? null : list;
    assert.equal(fold(known, rlmi(4, true, resource('2002', active('a'))), info('a', 'early')), 'old');
    assert.deepEqual(states(fold(known, rlmi(0, true, resource('2002', active('a'))), info('a', 'early'))), [
      '2002 ringing',
    ]);
  });

  it('is unknown where the instance has ended or waits to be allowed', () => {
    for (const state of ['terminated', 'pending'])
      assert.deepEqual(states(fold(begun(), rlmi(1, false, resource('2002', `<instance id="1" state="${state}"/>`)))), [
        '2002 unknown',
        '2003 idle',
        '2004 unknown',
      ]);
  });

  it('adds up the phones of one number', () => {
    const two = resource('2002', active('a', '1') + active('b', '2'));
    assert.deepEqual(states(fold(null, rlmi(0, true, two), info('a', null), info('b', 'confirmed'))), ['2002 busy']);
  });

  it('with an unknown cid says nothing of that one', () =>
    assert.deepEqual(states(fold(null, rlmi(0, true, resource('2002', active('nowhere'))))), ['2002 unknown']));

  it('lays lists within lists out flat, three deep and no deeper', () => {
    const nest = (depth: number): string => {
      if (depth === 0)
        return `--n0\r\nContent-Type: application/rlmi+xml\r\n\r\n<list version="0" fullState="true">${resource('2009', active('z'))}</list>\r\n--n0\r\nContent-Type: application/dialog-info+xml\r\nContent-ID: <z>\r\n\r\n<dialog-info version="0" state="full" entity="z"><dialog id="1"><state>confirmed</state></dialog></dialog-info>\r\n--n0--\r\n`;
      return `--n${depth}\r\nContent-Type: application/rlmi+xml\r\n\r\n<list version="0" fullState="true">${resource(`inner${depth}`, active('i'))}</list>\r\n--n${depth}\r\nContent-Type: multipart/related;boundary=n${depth - 1}\r\nContent-ID: <i>\r\n\r\n${nest(depth - 1)}--n${depth}--\r\n`;
    };
    const at = (depth: number): readonly string[] => {
      const list = readResourceList(`multipart/related;boundary=n${depth}`, nest(depth));
      return list.ok ? states(foldList(null, list.value)) : [list.error];
    };
    assert.deepEqual(at(2), ['2009 busy']);
    assert.deepEqual(at(3), []);
  });

  it('from a notifier that knows no lists is a list of one', () => {
    const one = readResourceList(
      'application/dialog-info+xml',
      '<dialog-info version="0" state="full" entity="sip:2002@k"><dialog id="1"><state>confirmed</state></dialog></dialog-info>',
    );
    assert.deepEqual(one.ok ? states(foldList(null, one.value)) : one.error, ['2002 busy']);
  });

  it('FreeSWITCH and Kamailio: line feeds alone, an unquoted boundary, no start, no fullState', () => {
    const body = `preamble\n--x\nContent-Type: application/rlmi+xml\n\n<list uri="sip:l@k" version="1">${resource('2002', active('a'))}</list>\n--x\nContent-ID: <a>\nContent-Type: application/dialog-info+xml\n\n<dialog-info version="3" state="full" entity="sip:2002@k"/>\n--x--`;
    const list = readResourceList('multipart/related; boundary=x', body);
    assert.deepEqual(list.ok ? states(foldList(null, list.value)) : list.error, ['2002 idle']);
  });

  it('that bites is refused with what is wrong', () => {
    const refused = (type: string, body: string): string => {
      const list = readResourceList(type, body);
      return list.ok ? assert.fail('it was taken') : list.error;
    };
    assert.match(refused('multipart/related', '--\r\n'), /without a boundary/);
    assert.match(refused(TYPE, 'nothing'), /never met/);
    assert.match(refused(TYPE, rlmi(0, true, '')), /last boundary is missing/);
    assert.match(refused(TYPE, `${'--b1\r\n\r\n'.repeat(MULTIPART_LIMITS.parts + 2)}--b1--`), /more than 512 parts/);
    assert.match(refused(TYPE, 'x'.repeat(MULTIPART_LIMITS.octets + 1)), /more than 262144 octets/);
    assert.match(refused(TYPE, `${info('a', null)}--b1--`), /no rlmi/);
    assert.match(refused(TYPE, `${rlmi(0, true, '<!DOCTYPE a>')}--b1--`), /document type/);
    const many = Array.from({ length: LIST_LIMITS.resources + 9 }, (_each, at) => resource(String(3000 + at), '')).join(
      '',
    );
    const list = fold(null, rlmi(0, true, many));
    assert.equal(typeof list === 'string' ? 0 : list.entries.length, LIST_LIMITS.resources);
  });
});

describe('a multipart body', () => {
  it('is taken apart at its own boundary alone, its parts to the octet', () => {
    const parts = readMultipart(
      'multipart/mixed; boundary="b"',
      '--b\r\n\r\nx--b \r\n--bb\r\ny\r\n--b \r\nContent-Type: a/b\r\n\r\n\r\nz\r\n\r\n--b--',
    );
    assert.deepEqual(parts.ok ? parts.value.map(({ type, body }) => [type, body]) : parts.error, [
      ['', 'x--b \r\n--bb\r\ny'],
      ['a/b', '\r\nz\r\n'],
    ]);
  });
});
