/** Decision 0002 against package.json: a dependency without a reason has no place, and a reason without its dependency misleads. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';

interface Package {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const read = (path: string): string => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');
const { dependencies, devDependencies, optionalDependencies = {} } = JSON.parse(read('package.json')) as Package;

/** Packages named in the first column of the rows that fit. */
const reasoned = (fits: (row: string) => boolean): readonly string[] =>
  read('docs/decisions/0002-dependencies.md')
    .split('\n')
    .filter((row) => row.startsWith('| ') && fits(row))
    .flatMap((row) => [...(row.split('|')[1] ?? '').matchAll(/`([^`]+)`/g)].map(([, name = '']) => name))
    .sort();

describe('decision 0002', () => {
  it('gives a reason for each package that a phone is delivered with, and for no other', () => {
    const all = Object.keys({ ...dependencies, ...optionalDependencies }).sort();
    assert.deepEqual(
      reasoned((row) => !row.startsWith('| dev: ')),
      all,
    );
  });

  it('gives a reason for each tool of development, and for no other', () => {
    assert.deepEqual(
      reasoned((row) => row.startsWith('| dev: ')),
      Object.keys(devDependencies).sort(),
    );
  });

  it('judges npm sip at one version: package.json pins it', () => {
    assert.equal(dependencies['sip'], '0.0.6');
  });
});
