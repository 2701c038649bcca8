/** What the keypad writes into the fields of input screens: digits, letters by repeated presses, addresses, times and dates. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Entry } from '../../../../firmware/xml-api/entry.ts';
import { checked, entryOf, erased, keyed, shownOf, textOf, turned } from '../../../../firmware/xml-api/entry.ts';
import type { FieldType, InputField } from '../../../../firmware/xml-api/objects.ts';

const field = (type: FieldType, value = '', masked = false): InputField => ({
  ...{ type, prompt: '', parameter: 'p', value, masked, editable: true },
});
/** Keys a second and a half apart. */
const slowly = (type: FieldType, keys: string, from: Entry = entryOf(field(type))): Entry =>
  [...keys].reduce((entry, key, index) => keyed(entry, type, key, index * 1500), from);
const sent = (type: FieldType, keys: string): string => {
  const value = checked(slowly(type, keys), type);
  return value.ok ? value.value : `! ${value.error}`;
};

describe('letters', () => {
  it('come by pressing again at once, and the next one after a pause', () => {
    let entry = entryOf(field('string'));
    for (const [key, at] of [
      ['4', 0],
      ['4', 300],
      ['4', 2000],
      ['9', 2100],
      ['9', 2200],
      ['9', 2300],
      ['9', 2400],
    ] as const)
      entry = keyed(entry, 'string', key, at);
    assert.equal(textOf(entry, 'string'), 'hgz');
  });

  it('are small, great, or digits, and are taken back one by one', () => {
    const great = turned(entryOf(field('string')));
    assert.equal(slowly('string', '23', great).keys, 'AD');
    assert.equal(slowly('string', '23', turned(great)).keys, '23');
    assert.equal(erased(slowly('string', '23')).keys, 'a');
  });

  it('stop where the field is full', () => {
    assert.equal(slowly('number', '1'.repeat(300)).keys.length, 128);
  });
});

describe('a value is checked before it goes out', () => {
  const cases: readonly (readonly [FieldType, string, string])[] = [
    ['number', '12*#', '12*#'],
    ['ip', '192*0*2*1', '192.0.2.1'],
    ['ip', '192*0*2*256', '! This is no IP address'],
    ['timeint', '235959', '23:59:59'],
    ['timeint', '240000', '! This is no time'],
    ['timeus', '120500', '12:05:00 AM'],
    ['timeus', '120500*', '12:05:00 PM'],
    ['timeus', '130000', '! This is no time'],
    ['dateus', '02292024', '02/29/2024'],
    ['dateus', '02292023', '! This is no date'],
    ['dateint', '31122026', '31/12/2026'],
    ['dateint', '12312026', '! This is no date'],
    ['dateint', '3112', '! This is no date'],
  ];
  for (const [type, keys, value] of cases) it(`${type} ${keys}: ${value}`, () => assert.equal(sent(type, keys), value));
});

it('a default is filled in; a password shows stars alone', () => {
  assert.equal(textOf(entryOf(field('timeus', '01:02:03 PM')), 'timeus'), '01:02:03 PM');
  const secret = field('string', 'abc', true);
  assert.equal(shownOf(entryOf(secret), secret), '***');
});
