/** The lists: what enters them, how long they get, and what of a stored one is believed. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Entry, Lists } from '../../../../firmware/lists/lists.ts';
import {
  cleared,
  looked,
  NO_LISTS,
  plain,
  readLists,
  saved,
  shownOf,
  withCaller,
  withDialled,
  withGiven,
  without,
  writeLists,
} from '../../../../firmware/lists/lists.ts';

const dialled = (lists: Lists, number: string): Lists => withDialled(lists, { number, line: 1, at: 1000 });
const called = (lists: Lists, number: string, missed = true, name = ''): Lists =>
  withCaller(lists, { number, name, line: 1, at: 1000, missed });
const numbers = (entries: readonly Entry[]): readonly string[] => entries.map(({ number }) => number);

describe('the redial list', () => {
  it('has the last number first, and each number once', () => {
    const lists = ['200', '201', '200'].reduce(dialled, NO_LISTS);
    assert.deepEqual(numbers(lists.redial), ['200', '201']);
  });

  it('has the name that the directory knows', () => {
    const lists = dialled(saved(NO_LISTS, { number: '200', name: 'Ada', line: 1 }), '200');
    assert.equal(lists.redial[0]?.name, 'Ada');
  });

  it('forgets the oldest of more than a hundred', () => {
    const all = Array.from({ length: 150 }, (_number, index) => String(index)).reduce(dialled, NO_LISTS);
    assert.equal(all.redial.length, 100);
    assert.equal(all.redial.at(-1)?.number, '50');
  });
});

describe('the callers list', () => {
  it('counts who calls again, and the missed calls until it is looked at', () => {
    const lists = called(called(called(NO_LISTS, '200'), '200'), '201', false);
    assert.deepEqual(
      lists.callers.map(({ number, times, missed }) => [number, times, missed]),
      [
        ['201', 1, false],
        ['200', 2, true],
      ],
    );
    assert.equal(lists.missed, 2);
    assert.equal(looked(lists).missed, 0);
  });

  it('keeps two hundred', () => {
    const all = Array.from({ length: 250 }, (_number, index) => String(index)).reduce((l, n) => called(l, n), NO_LISTS);
    assert.equal(all.callers.length, 200);
    assert.equal(all.missed, 200);
  });

  it('shows the name that came with the call, else the one of the directory', () => {
    const lists = saved(NO_LISTS, { number: '200', name: 'Ada', line: 1 });
    assert.equal(called(lists, '200').callers[0]?.name, 'Ada');
    assert.equal(called(lists, '200', true, 'A. L.').callers[0]?.name, 'A. L.');
  });
});

describe('the directory', () => {
  it('is sorted by name, and a number stands once', () => {
    const entries = [
      ['200', 'Zoe'],
      ['201', 'Ada'],
      ['200', 'Bob'],
    ] as const;
    const lists = entries.reduce<Lists>((all, [number, name]) => saved(all, { number, name, line: 1 }), NO_LISTS);
    assert.deepEqual(
      lists.directory.map(({ name }) => name),
      ['Ada', 'Bob'],
    );
  });

  it('takes no more than two hundred, but still mends what it has', () => {
    const save = (all: Lists, number: string): Lists => saved(all, { number, name: '', line: 1 });
    const full = Array.from({ length: 200 }, (_number, index) => String(index)).reduce(save, NO_LISTS);
    assert.equal(save(full, '999'), full);
    assert.equal(saved(full, { number: '5', name: 'Ada', line: 1 }).directory[199]?.name, 'Ada');
  });
});

it('an entry goes, or all of a list', () => {
  const lists = ['200', '201'].reduce(dialled, NO_LISTS);
  assert.deepEqual(numbers(without(lists, 'redial', 0).redial), ['200']);
  assert.deepEqual(without(lists, 'redial', 7).redial, lists.redial);
  assert.deepEqual(cleared(lists, 'redial'), NO_LISTS);
});

it('what others say of themselves is cut, and loses what cannot be shown', () => {
  assert.equal(plain('A\r\nda\u0000\u007f Lovelace', 6), 'Ada Lo');
});

describe('stored lists', () => {
  const entry = { number: '200', name: 'Ada', line: 1, at: 1000, missed: true, times: 2 };

  it('come back as they were', () => {
    const lists = saved(called(dialled(NO_LISTS, '201'), '200'), { number: '202', name: 'Bob', line: 2 });
    assert.deepEqual(readLists(JSON.parse(JSON.stringify(writeLists(lists)))), lists);
  });

  it('keep the time of a real clock, which has fractions of a millisecond', () => {
    const real = { ...entry, at: 1_795_628_243_014.0684 };
    assert.deepEqual(readLists({ redial: [real] }).redial, [real]);
  });

  it('lose the entries that make no sense, and only those', () => {
    const bad = [
      null,
      7,
      { ...entry, number: '' },
      { ...entry, number: '2\r\n00' },
      { ...entry, number: '2'.repeat(257) },
      { ...entry, name: 'x'.repeat(65) },
      { ...entry, line: 10 },
      { ...entry, line: -1 },
      { ...entry, at: 'now' },
      { ...entry, at: -1 },
      { ...entry, at: 1e300 },
      { ...entry, missed: 'yes' },
      { ...entry, times: 1.5 },
    ];
    assert.deepEqual(readLists({ callers: [...bad, entry], missed: 1 }).callers, [entry]);
    assert.equal(readLists({ callers: [], missed: 5 }).missed, 0);
  });

  it('are never longer than they may be', () => {
    const many = Array.from({ length: 10_000 }, () => entry);
    const lists = readLists({ redial: many, callers: many, directory: many, missed: 9999 });
    assert.deepEqual([lists.redial.length, lists.callers.length, lists.directory.length], [100, 200, 200]);
    assert.equal(lists.missed, 0);
  });

  it('whatever stands in the file, something is read', () => {
    fc.assert(
      fc.property(fc.anything(), fc.anything(), (value, inner) => {
        for (const kept of [value, { redial: inner, callers: [inner], directory: inner, missed: inner }]) {
          const lists = readLists(kept);
          assert.deepEqual(readLists(writeLists(lists)), lists);
        }
      }),
    );
  });
});

describe('the names that the server gives', () => {
  const ada = { number: '200', name: 'Ada', line: 1 };
  const bo = { number: '201', name: 'Bo', line: 1 };
  const given = withGiven(saved(NO_LISTS, { number: '300', name: 'Bea', line: 1 }), [bo, ada, bo]);

  it('stand among those of the phone by name, each once, and name who calls', () => {
    assert.deepEqual(
      shownOf(given, 'directory').map(({ name }) => name),
      ['Ada', 'Bea', 'Bo'],
    );
    assert.equal(called(given, '201').callers[0]?.name, 'Bo');
    const both = saved(given, ada);
    assert.equal(shownOf(both, 'directory').length, 3, 'the same name, number and line is one entry');
  });

  it('are not deleted at the phone, nor kept with what is saved there, and make room for those that come', () => {
    assert.equal(without(given, 'directory', 0), given);
    assert.deepEqual(
      shownOf(without(given, 'directory', 1), 'directory').map(({ name }) => name),
      ['Ada', 'Bo'],
    );
    assert.equal(shownOf(cleared(given, 'directory'), 'directory').length, 2);
    assert.deepEqual(numbers(readLists(JSON.parse(JSON.stringify(writeLists(given)))).directory), ['300']);
    assert.deepEqual(readLists(JSON.parse(JSON.stringify(writeLists(given)))).given, []);
    assert.deepEqual(
      shownOf(withGiven(given, []), 'directory').map(({ name }) => name),
      ['Bea'],
    );
  });

  it('are at most 200, whatever the server says', () => {
    const many = Array.from({ length: 500 }, (_n, at) => ({ number: String(at), name: `N${at}`, line: 1 }));
    assert.equal(withGiven(NO_LISTS, many).given.length, 200);
    assert.deepEqual(withGiven(NO_LISTS, [{ number: '', name: 'x', line: 1 }]).given, []);
  });
});
