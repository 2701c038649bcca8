/** Owns what a saved form changes: values beside those in force, and how a line comes to a set of its own (web-forms, original-phone 2). */
import { withPassword } from './address-login.ts';
import type { EffectiveSettings } from './layers.ts';
import { findParameter, isSecret, SET_MEMBERS, spelled } from './parameters.ts';
import { ownsSet } from './typed.ts';
import { readParameter } from './values.ts';

type InForce = EffectiveSettings['effective'];

/** The value that a page shows in a field, and where it came from. */
export interface Shown {
  readonly value: string;
  /** A file, or `default`. */
  readonly from: string;
  readonly locked: boolean;
  /** Whether the page's line has it from the settings for all lines. */
  readonly inherited: boolean;
}

export interface Change {
  readonly name: string;
  /** Null = taken out of local.cfg. */
  readonly value: string | null;
}

export interface FormChanges {
  readonly changes: readonly Change[];
  /** What was posted, differs, and was left alone: a sentence each. */
  readonly refused: readonly string[];
  /** What cannot be a value: then nothing at all is stored. */
  readonly wrong: readonly string[];
}

/** `name` is the global spelling; `line` null = the page for all lines. */
export function shownValue(effective: InForce, name: string, line: number | null): Shown {
  const inherited = line !== null && inheritsFromAll(effective, name, line);
  const own = spelled(name, inherited ? null : line);
  const held = effective.get(own);
  if (held !== undefined) return { value: held.value, from: held.from, locked: held.locked, inherited };
  const fallback = findParameter(own)?.parameter.default ?? '';
  return { value: fallback, from: 'default', locked: false, inherited };
}

const isNamed = (effective: InForce, name: string): boolean => (effective.get(name)?.line ?? 0) > 0;

function inheritsFromAll(effective: InForce, name: string, line: number): boolean {
  const set = findParameter(name)?.parameter.set ?? null;
  if (set === null) return !isNamed(effective, spelled(name, line));
  return !ownsSet((other) => isNamed(effective, other), line, set);
}

/**
 * What is stored of a posted form. A field that equals the value shown is not; one that is set back to what it would be without
 * local.cfg is taken out of it (original-phone 2); where one that differs gives the line a set of its
 * own, the rest of that set is stored as the page showed it, so that the line does not lose the servers it had from all lines.
 */
export function formChanges(
  { effective, beneath }: Pick<EffectiveSettings, 'effective' | 'beneath'>,
  line: number | null,
  posted: ReadonlyMap<string, string>,
): FormChanges {
  const changed = new Map<string, string>();
  const refused: string[] = [];
  const wrong: string[] = [];
  for (const [name, raw] of posted) {
    const found = findParameter(spelled(name, line));
    // A secret is never shown, so an empty field is one that nobody wrote in.
    if (found === null || (raw === '' && isSecret(name))) continue;
    const shown = shownValue(effective, name, line);
    const read = readParameter(found.parameter, withPassword(raw.trim(), shown.value));
    if (!read.ok) wrong.push(`"${spelled(name, line)}": expected ${read.error}`);
    else if (read.value === shown.value) continue;
    else if (shown.locked) refused.push(`"${spelled(name, line)}" is locked by ${shown.from}`);
    else changed.set(name, read.value);
  }
  if (wrong.length > 0) return { changes: [], refused, wrong };
  const whole = line === null ? changed : withWholeSets(effective, line, changed);
  const changes = [...whole].map(([name, value]) => {
    const own = spelled(name, line);
    return { name: own, value: isBeneath(own, value, beneath) ? null : value };
  });
  return { changes, refused, wrong };
}

/** A line's default stays: without its name the line might have no set of its own any more. */
function isBeneath(name: string, value: string, beneath: InForce): boolean {
  const below = beneath.get(name);
  if (below !== undefined && below.line > 0) return below.from !== 'default' && below.value === value;
  const found = findParameter(name);
  return found !== null && found.line === null && found.parameter.default === value;
}

function withWholeSets(
  effective: InForce,
  line: number,
  changed: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> {
  const whole = new Map(changed);
  for (const members of Object.values(SET_MEMBERS)) {
    if (!members.some((name) => changed.has(name))) continue;
    for (const name of members) {
      const { value, inherited } = shownValue(effective, name, line);
      if (inherited && !whole.has(name) && value !== findParameter(name)?.parameter.default) whole.set(name, value);
    }
  }
  return whole;
}

/** Everything that local.cfg says of one line is taken out: it has the settings for all lines again, or those of its files. */
export const withoutLocal = (effective: InForce, line: number, localFile: string): readonly Change[] =>
  [...effective]
    .filter(([name, { from }]) => from === localFile && name.startsWith(`sip line${line} `))
    .map(([name]) => ({ name, value: null }));
