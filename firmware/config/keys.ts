/** Owns the programmable keys: their rows in the table of parameters, and how they become settings (original-phone 1.8). */
import { PROGRAMMABLE_KEYS } from './defaults.ts';
import type { Parameter } from './parameter.ts';
import { choice, integer, rows, text } from './parameter.ts';
import type { KeySetting, KeyType, PhoneModel } from './settings.ts';

/** What this release does something with. */
const KEY_TYPES: readonly KeyType[] = ['speeddial', 'blf', 'dnd', 'callers', 'directory', 'redial'];

/** Types that the original has; the others are kept for later releases. */
const ALL_TYPES = [
  ...['none', 'empty', ...KEY_TYPES],
  ...['line', 'list', 'blfxfer', 'speeddialxfer', 'speeddialconf', 'acd', 'dcp', 'xml', 'flash', 'spre', 'park'],
  ...['pickup', 'lcr', 'callforward', 'conf', 'xfer', 'icom', 'services', 'phonelock', 'paging', 'save', 'delete'],
];

/** The keys of each model, in the order in which they are shown. */
const FAMILIES: Readonly<Record<PhoneModel, readonly ('topsoftkey' | 'softkey' | 'prgkey')[]>> = {
  '57i': ['topsoftkey', 'softkey'],
  '53i': ['prgkey'],
};

export const KEY_PARAMETERS: readonly Parameter[] = ['topsoftkeyN', 'softkeyN', 'prgkeyN'].flatMap((key) =>
  rows('original-phone 1.8', { scope: 'family', set: null, active: true }, [
    [`${key} type`, choice(...ALL_TYPES), 'none', '', 'What the key does'],
    [`${key} label`, text(64), '', '', 'What stands above it; empty = its value, or what it does'],
    [`${key} value`, text(256), '', '', 'The number of a speed dial, or the one that is watched'],
    [`${key} line`, integer(1, 9), '1', '', 'The line that it uses'],
  ]),
);

/** Types that do nothing without a value. */
const NEEDS_VALUE: ReadonlySet<KeyType> = new Set<KeyType>(['speeddial', 'blf']);

export function keySettings(value: (name: string) => string, model: PhoneModel): readonly KeySetting[] {
  const names = FAMILIES[model].flatMap((family) =>
    Array.from({ length: PROGRAMMABLE_KEYS[family] }, (_key, index) => `${family}${index + 1}`),
  );
  return names.flatMap((name) => {
    const type = KEY_TYPES.find((candidate) => candidate === value(`${name} type`));
    const number = value(`${name} value`);
    if (type === undefined || (NEEDS_VALUE.has(type) && number === '')) return [];
    return [{ name, type, label: value(`${name} label`), value: number, line: Number(value(`${name} line`)) }];
  });
}

/** Keys that a file gives a type that nothing is done with yet, as their parameter and that type. */
export const idleKeys = (
  effective: ReadonlyMap<string, { readonly value: string; readonly line: number }>,
): readonly (readonly [parameter: string, type: string])[] =>
  [...effective].flatMap(([name, { value, line }]) => {
    const acted = value === 'none' || value === 'empty' || KEY_TYPES.some((type) => type === value);
    return line > 0 && /^(?:topsoftkey|softkey|prgkey)\d+ type$/.test(name) && !acted ? [[name, value] as const] : [];
  });
