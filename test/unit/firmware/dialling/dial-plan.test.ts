/** The dial plan: every symbol of its patterns, and what keys pressed so far mean by it. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { DIAL_PLAN_MAX } from '../../../../firmware/config/defaults.ts';
import type { DialPlan } from '../../../../firmware/dialling/dial-plan.ts';
import { judge, matches, parseDialPlan } from '../../../../firmware/dialling/dial-plan.ts';

function plan(text: string): DialPlan {
  const parsed = parseDialPlan(text);
  assert.ok(parsed.ok, `${text} is read`);
  return parsed.value;
}

/** `...` incomplete, `NUMBER?` possible, `NUMBER!` complete, `-` invalid; `~` in front: a second dial tone. */
function meaning(text: string, keys: string, sendsTerminator = false): string {
  const verdict = judge(plan(text), keys, { sendsTerminator });
  const tone = 'tone' in verdict && verdict.tone ? '~' : '';
  switch (verdict.kind) {
    case 'incomplete':
      return `${tone}...`;
    case 'possible':
      return `${tone}${verdict.number}?`;
    case 'complete':
      return `${verdict.number}!`;
    case 'invalid':
      return '-';
  }
}

const DEFAULT = 'X+#|XX+*';
const OFFICE = '[01]xxx|[2-8]xxxx|91xxxxxxxxxx|X+.|*XX';

describe('what keys mean', () => {
  const table: readonly (readonly [plan: string, keys: string, meaning: string])[] = [
    [DEFAULT, '', '...'],
    [DEFAULT, '5', '5?'],
    [DEFAULT, '5551234', '5551234?'],
    [DEFAULT, '5551234#', '5551234!'],
    [DEFAULT, '5551234*', '5551234*!'],
    [DEFAULT, '#', '-'],
    [DEFAULT, '*', '-'],
    [DEFAULT, '*97', '-'],
    ['1XX', '1', '...'],
    ['1XX', '12', '...'],
    ['1XX', '123', '123!'],
    ['1XX', '1234', '-'],
    ['1XX', '2', '-'],
    ['1xx', '199', '199!'],
    ['[2-57]X', '4', '...'],
    ['[2-57]X', '70', '70!'],
    ['[2-57]X', '60', '-'],
    ['[*#]7', '#7', '#7!'],
    ['[X*]5', '*5', '*5!'],
    ['91+', '9', '9?'],
    ['91+', '9111', '9111?'],
    ['91+', '92', '-'],
    ['[12]+3', '3', '3!'],
    ['[12]+3', '1213', '1213!'],
    ['911|9xxxxxxx', '911', '911?'],
    ['911|9xxxxxxx', '91112345', '91112345!'],
    ['[2-9]xxxxxxxxx,91', '4165551212', '914165551212!'],
    ['X+#,0', '44', '044?'],
    ['X+#,0', '44#', '044!'],
    ['9;xxx', '9', '~...'],
    ['9;xxx', '91', '...'],
    ['9;xxx', '9123', '9123!'],
    ['9;X+#', '9', '~9?'],
    ['9;X+#', '95', '95?'],
    ['9;8;X', '98', '~...'],
    ['xxxx|X+', '12', '12?'],
    ['xxxx|X+', '12#', '12!'],
    ['1XX', '12#', '-'],
    ['X.X', '1.2', '1.2!'],
    ['*72#xxx', '*72', '...'],
    ['*72#xxx', '*72#', '...'],
    ['*72#xxx', '*72#123', '*72#123!'],
    [OFFICE, '0123', '0123?'],
    [OFFICE, '2000', '...'],
    [OFFICE, '*97', '*97!'],
  ];
  for (const [text, keys, expected] of table)
    it(`in ${text}, "${keys}" is ${expected}`, () => assert.equal(meaning(text, keys), expected));

  it('has the # in the number where the terminator is sent', () => {
    assert.equal(meaning(DEFAULT, '555#', true), '555#!');
    assert.equal(meaning('xxxx|X+', '12#', true), '-', 'no pattern names it');
  });

  it('is nothing beyond the longest number', () => {
    assert.equal(meaning(DEFAULT, '5'.repeat(64)), `${'5'.repeat(64)}?`);
    assert.equal(meaning(DEFAULT, '5'.repeat(65)), '-');
  });
});

describe('a dial plan that cannot be read', () => {
  for (const text of [
    '',
    '|',
    '911|',
    '+',
    'X++',
    '9;+',
    'A',
    'X X',
    '[',
    '[]',
    '[5-2]',
    '[1',
    '1]',
    '-',
    'X,',
    'X,a',
    'X,1,2',
    'é',
  ])
    it(`is "${text}"`, () => assert.equal(parseDialPlan(text).ok, false));

  it('is one that is too long, and not one of the longest', () => {
    assert.equal(parseDialPlan('X'.repeat(DIAL_PLAN_MAX)).ok, true);
    assert.equal(parseDialPlan('X'.repeat(DIAL_PLAN_MAX + 1)).ok, false);
  });

  it('never throws, whatever stands there', () => {
    fc.assert(fc.property(fc.string({ maxLength: 40 }), (text) => typeof parseDialPlan(text).ok === 'boolean'));
  });
});

/** Patterns as a regular expression reads them: the second opinion. */
const symbols = fc.constantFrom('X', '0', '1', '2', '9', '*', '#', '.', '[2-4]', '[15*]');
const pattern = fc.array(fc.tuple(symbols, fc.constantFrom('', '', '+')), { minLength: 1, maxLength: 6 });
const plans = fc.array(pattern, { minLength: 1, maxLength: 3 });
const textOf = (all: readonly (readonly (readonly [string, string])[])[]): string =>
  all.map((places) => places.map(([symbol, more]) => symbol + more).join('')).join('|');
const expressionOf = (all: readonly (readonly (readonly [string, string])[])[]): RegExp => {
  const one = (symbol: string): string =>
    symbol === 'X' ? '\\d' : symbol.length === 1 ? `\\${symbol}`.replace(/\\(\d|#)/, '$1') : symbol;
  return new RegExp(
    `^(?:${all.map((places) => places.map(([s, more]) => one(s) + (more === '' ? '' : '*')).join('')).join('|')})$`,
  );
};
const keyed = fc.array(fc.constantFrom(...'0123459*#.'), { maxLength: 7 }).map((keys) => keys.join(''));

describe('any dial plan', () => {
  it('takes the numbers that a regular expression of its patterns takes', () => {
    fc.assert(
      fc.property(plans, keyed, (all, keys) => {
        assert.equal(matches(plan(textOf(all)), keys), expressionOf(all).test(keys));
      }),
      { numRuns: 2000 },
    );
  });

  it('takes nothing after a number that is complete, and nothing after one that is invalid', () => {
    fc.assert(
      fc.property(plans, keyed, fc.constantFrom(...'0123459*.'), (all, keys, next) => {
        const read = plan(textOf(all));
        const { kind } = judge(read, keys, { sendsTerminator: true });
        if (kind === 'complete' || (kind === 'invalid' && keys !== '#'))
          assert.equal(judge(read, keys + next, { sendsTerminator: true }).kind, 'invalid');
      }),
      { numRuns: 2000 },
    );
  });
});
