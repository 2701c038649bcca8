/**
 * Owns how layers of files become values in force: defaults < server files < local.cfg, locks and resets (original-phone 2). A bad
 * value is named and its default used: the phone always starts.
 */
import { withoutPassword } from './address-login.ts';
import type { CfgEntry } from './cfg-file.ts';
import { HINTS_MAX } from './defaults.ts';
import { WITHOUT } from './kept.ts';
import { keyLock, lockedParts } from './keys.ts';
import { nearestName } from './nearest.ts';
import type { Parameter } from './parameter.ts';
import { findParameter, isSecret, PARAMETERS } from './parameters.ts';
import type { PhoneModel, PhoneSettings } from './settings.ts';
import { typedSettings } from './typed.ts';
import { readParameter } from './values.ts';

/** The entries of one file; `local`: what was set at the phone itself. */
export interface Layer {
  /** The file as it is shown. */
  readonly from: string;
  readonly kind: 'server' | 'local';
  readonly entries: readonly CfgEntry[];
}

export interface Problem {
  readonly severity: 'error' | 'warning';
  readonly file: string;
  readonly line: number;
  readonly parameter: string;
  readonly code: string;
  readonly message: string;
}

/** A value in force and the file that it is from; `default` where none gave it, or gave a bad one. */
export interface Effective {
  readonly value: string;
  readonly from: string;
  /** Where a file names it, 0 = nowhere. A bad value counts as named: the sets go by names, not by values. */
  readonly line: number;
  readonly locked: boolean;
}

export interface EffectiveSettings {
  readonly settings: PhoneSettings;
  readonly problems: readonly Problem[];
  /** By spelled name: what files name, and the defaults of what the phone acts on. */
  readonly effective: ReadonlyMap<string, Effective>;
  /** The same without what was set at the phone: what it falls back to. */
  readonly beneath: ReadonlyMap<string, Effective>;
}

interface Named extends Effective {
  readonly reset: boolean;
  readonly bad: boolean;
}

export function effectiveSettings(
  layers: readonly Layer[],
  device: { readonly model: PhoneModel; readonly mac: string },
): EffectiveSettings {
  const problems: Problem[] = [];
  const named = new Map<string, Named>();
  const take = (kind: Layer['kind']): void => {
    for (const layer of layers)
      if (layer.kind === kind) for (const entry of layer.entries) apply(layer, entry, named, problems);
  };
  take('server');
  const beneath = inForce(named);
  take('local');
  const settings = typedSettings(
    {
      names: (name) => named.has(name),
      given: (name) => named.get(name)?.bad === false,
      value: (name) => named.get(name)?.value ?? findParameter(name)?.parameter.default ?? '',
      fixed: (name) => named.get(name)?.locked === true || named.get(name)?.reset === true,
    },
    device,
  );
  return { settings, problems, effective: inForce(named), beneath };
}

function inForce(named: ReadonlyMap<string, Named>): ReadonlyMap<string, Effective> {
  const effective = new Map<string, Effective>();
  for (const { name, default: value, active, scope } of PARAMETERS)
    if (active && scope !== 'family') effective.set(name, { value, from: 'default', line: 0, locked: false });
  for (const [name, { value, from, line, locked, bad }] of named)
    effective.set(name, { value, from: bad ? 'default' : from, line, locked });
  for (const name of lockedParts(named)) {
    const held = effective.get(name);
    const value = held?.value ?? findParameter(name)?.parameter.default;
    const from = keyLock(named, name);
    if (value !== undefined && from !== null)
      effective.set(name, { value, from: held?.from ?? from, line: held?.line ?? 0, locked: true });
  }
  return effective;
}

function apply(layer: Layer, entry: CfgEntry, named: Map<string, Named>, problems: Problem[]): void {
  const { name, line } = entry;
  const problem = (severity: Problem['severity'], code: string, message: string): void => {
    problems.push({ severity, file: layer.from, line, parameter: name, code, message });
  };
  const before = named.get(name);
  if (layer.kind === 'local' && before !== undefined && (before.locked || before.reset)) {
    const [code, how] = before.locked ? ['locked', 'is locked'] : ['reset', 'is reset at every start'];
    problem('warning', code, `"${name}" ${how} by ${before.from}: the local value is not used`);
    return;
  }
  const keyLocked = layer.kind === 'local' ? keyLock(named, name) : null;
  if (keyLocked !== null)
    return problem('warning', 'locked', `the key of "${name}" is locked by ${keyLocked}: the local value is not used`);
  const marks = { from: layer.from, line, locked: entry.locked, reset: entry.reset };
  const found = findParameter(name);
  if (found === null) {
    const said = problems.length < HINTS_MAX ? hint(name) : '';
    problem('warning', 'unknown-parameter', `"${name}" is not known, and kept as it is${said}`);
    named.set(name, { ...marks, value: entry.value, bad: false });
    return;
  }
  const { parameter } = found;
  const read = readParameter(parameter, entry.value);
  if (!read.ok) {
    problem('error', 'bad-value', badValue(entry, parameter, read.error));
    named.set(name, { ...marks, value: parameter.default, bad: true });
    return;
  }
  const { kind } = parameter;
  if (kind.type === 'integer' && kind.raiseTo !== undefined && Number(read.value) > Number(entry.value))
    problem('warning', 'raised', `"${name}" is raised from ${entry.value} to ${read.value}, the least allowed`);
  if (!parameter.active && layer.kind === 'server')
    problem(
      'warning',
      'not-acted-on',
      `"${name}" is known and kept, but this release does not act on it${consequence(parameter, read.value)}`,
    );
  named.set(name, { ...marks, value: read.value, bad: false });
}

function consequence({ name, default: usual }: Parameter, value: string): string {
  const said = WITHOUT[name];
  return said === undefined || value === usual ? '' : `: ${said}`;
}

function badValue({ name, value }: CfgEntry, parameter: Parameter, expected: string): string {
  const shown = isSecret(name) ? 'the value' : `"${withoutPassword(value).slice(0, 60)}"`;
  const fallback = parameter.default === '' ? 'nothing' : parameter.default;
  return `${shown} is no value of "${name}": expected ${expected}; the default is used: ${fallback}`;
}

/** What the person may have meant. */
function hint(name: string): string {
  const own = /^sip line(\d+) (.+)$/.exec(name);
  const base = own === null ? null : findParameter(`sip ${own[2]}`);
  if (base?.parameter.scope === 'global') return `: "sip ${own?.[2]}" holds for all lines and has no form for one`;
  if (base?.parameter.scope === 'line') return '; the lines are 1 to 9';
  const near = nearestName(name);
  return near === null ? '' : `; did you mean "${near}"?`;
}
