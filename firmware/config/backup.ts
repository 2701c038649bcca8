/** Owns what a copy of the phone's own settings holds, and what restoring one changes. Secrets stay on the phone, both ways. */
import { addressPassword } from './address-login.ts';
import { cfgLine, parseCfg } from './cfg-file.ts';
import type { Change } from './form-changes.ts';
import type { EffectiveSettings } from './layers.ts';
import { findParameter, isSecret } from './parameters.ts';
import { readParameter } from './values.ts';

type InForce = EffectiveSettings['effective'];

/** What is set on the phone itself, in the order of names. */
const ownOf = (effective: InForce, localFile: string): readonly (readonly [name: string, value: string])[] =>
  [...effective]
    .filter(([, { from }]) => from === localFile)
    .map(([name, { value }]) => [name, value] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1));

/** An address may hold one too. */
const holdsSecret = (name: string, value: string): boolean => isSecret(name) || addressPassword(value) !== null;

/** The text of a configuration file; of a secret only the name is told, in a comment. */
export const backupOf = (effective: InForce, localFile: string): string =>
  [
    '# The settings made on this phone. Passwords are not in it: a phone keeps those that it has.',
    ...ownOf(effective, localFile).map(([name, value]) =>
      holdsSecret(name, value) ? `# ${name}: set, and not told` : cfgLine(name, value),
    ),
    '',
  ].join('\n');

export interface Restored {
  readonly changes: readonly Change[];
  /** What the copy says and a file of the administrator's locks: a sentence each. */
  readonly refused: readonly string[];
  /** What cannot be read: then nothing at all is changed. */
  readonly wrong: readonly string[];
}

/** Afterwards the phone's own settings are those of the copy, and the secrets that it had. */
export function restoreChanges(effective: InForce, localFile: string, copy: string): Restored {
  const { entries, problems } = parseCfg(copy);
  const wrong = problems
    .filter(({ code }) => code !== 'duplicate')
    .map(({ line, message }) => `line ${line}: ${message}`);
  const wanted = new Map<string, string>();
  for (const { name, value, line } of entries) {
    const found = findParameter(name);
    const read = found === null ? null : readParameter(found.parameter, value);
    if (read === null) wrong.push(`line ${line}: "${name}" is not a parameter`);
    else if (!read.ok) wrong.push(`line ${line}: "${name}": expected ${read.error}`);
    else wanted.set(name, read.value);
  }
  if (wrong.length > 0) return { changes: [], refused: [], wrong };
  const own = new Map(ownOf(effective, localFile));
  const gone = [...own].flatMap(([name, value]) => (wanted.has(name) || holdsSecret(name, value) ? [] : [name]));
  const differing = [...wanted].filter(([name, value]) => own.get(name) !== value);
  const lockOf = (name: string): string | null => {
    const held = effective.get(name);
    return held?.locked === true ? held.from : null;
  };
  return {
    changes: [
      ...gone.map((name) => ({ name, value: null })),
      ...differing.filter(([name]) => lockOf(name) === null).map(([name, value]) => ({ name, value })),
    ],
    refused: differing.flatMap(([name]) => {
      const from = lockOf(name);
      return from === null ? [] : [`"${name}" is locked by ${from}`];
    }),
    wrong,
  };
}
