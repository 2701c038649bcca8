/** Owns what a change of the configuration would do, in a person's words: values, what it costs, what the phone would do then, traps gained and gone. */
import { withoutPassword } from './address-login.ts';
import { endsCalls, TAKES_RESTART } from './at-next-start.ts';
import type { Effective, EffectiveSettings, Problem } from './layers.ts';
import { lint } from './lint.ts';
import { looksSecret } from './nearest.ts';
import type { Outlook } from './outlook.ts';
import { outlook } from './outlook.ts';
import { findParameter } from './parameters.ts';
import { LINE_NUMBERS } from './typed.ts';

export interface ChangedValue {
  readonly name: string;
  /** Null = in force nowhere. A secret is told as set or not. */
  readonly before: string | null;
  readonly after: string | null;
  /** Where the new value is from. */
  readonly from: string;
  /** What a person must know beside; empty = nothing. */
  readonly note: string;
}

export interface ChangedOutlook {
  readonly title: string;
  /** Sentences that hold no longer, and those that hold then. */
  readonly gone: readonly string[];
  readonly come: readonly string[];
}

export interface ChangeReport {
  readonly values: readonly ChangedValue[];
  readonly costs: readonly string[];
  readonly outlook: readonly ChangedOutlook[];
  readonly problems: { readonly gained: readonly Problem[]; readonly gone: readonly Problem[] };
}

export function changeReport(before: EffectiveSettings, after: EffectiveSettings): ChangeReport {
  const values = changedValues(before.effective, after.effective);
  return {
    values,
    costs: costs(before, after, values),
    outlook: changedOutlook(outlook(before.settings), outlook(after.settings)),
    problems: changedProblems(lint(before), lint(after)),
  };
}

type InForce = ReadonlyMap<string, Effective>;

function changedValues(before: InForce, after: InForce): readonly ChangedValue[] {
  const names = [...new Set([...before.keys(), ...after.keys()])].sort();
  return names.flatMap((name) => {
    const [old, fresh] = [before.get(name), after.get(name)];
    if (old?.value === fresh?.value) return [];
    return [
      {
        name,
        before: shown(name, old),
        after: shown(name, fresh),
        from: fresh?.from ?? 'default',
        note: noteOf(name),
      },
    ];
  });
}

function shown(name: string, held: Effective | undefined): string | null {
  if (held === undefined) return null;
  if (!looksSecret(name)) return withoutPassword(held.value);
  return held.value === '' ? 'not set' : 'set, and not told';
}

function noteOf(name: string): string {
  if (TAKES_RESTART.has(name)) return 'at the next start';
  const found = findParameter(name);
  if (found === null) return 'not a parameter that this phone knows';
  return found.parameter.active ? '' : 'kept, without effect in this release';
}

function costs(
  before: EffectiveSettings,
  after: EffectiveSettings,
  values: readonly ChangedValue[],
): readonly string[] {
  if (values.length === 0) return ['Nothing that is in force changes.'];
  const lines = LINE_NUMBERS.filter((line) => lineText(before, line) !== lineText(after, line));
  const restart = values.filter(({ name }) => TAKES_RESTART.has(name)).map(({ name }) => `"${name}"`);
  return [
    'The phone acts on it within a second.',
    endsCalls(before.settings, after.settings) ? 'SIP starts anew: a call that is up then ends.' : 'Calls go on.',
    ...(lines.length === 0
      ? []
      : [
          `What changes for a line is asked of its servers at once: ${lines.map((line) => `line ${line}`).join(', ')}.`,
        ]),
    ...(turnsOff(values, 'web interface enabled') ? [PAGES_GO] : []),
    ...(restart.length === 0 ? [] : [`At the next start alone: ${restart.join(', ')}.`]),
  ];
}

const PAGES_GO =
  'The web pages go away, for you too. "!web interface enabled: 1" in a file of the configuration server brings them back, or beginning as new: 1 and # held while the phone starts.';

const turnsOff = (values: readonly ChangedValue[], wanted: string): boolean =>
  values.some(({ name, after }) => name === wanted && after === '0');

const lineText = ({ settings }: EffectiveSettings, number: number): string =>
  JSON.stringify(settings.lines.find(({ line }) => line === number) ?? null);

/** Sentences are compared as they stand: what is said before and after has not changed. */
function changedOutlook(before: readonly Outlook[], after: readonly Outlook[]): readonly ChangedOutlook[] {
  const titles = [...new Set([...after, ...before].map(({ title }) => title))];
  const of = (all: readonly Outlook[], title: string): readonly string[] =>
    all.find((one) => one.title === title)?.sentences ?? [];
  return titles
    .map((title) => {
      const [old, fresh] = [of(before, title), of(after, title)];
      return {
        title,
        gone: old.filter((sentence) => !fresh.includes(sentence)),
        come: fresh.filter((sentence) => !old.includes(sentence)),
      };
    })
    .filter(({ gone, come }) => gone.length + come.length > 0);
}

function changedProblems(before: readonly Problem[], after: readonly Problem[]): ChangeReport['problems'] {
  const keyOf = ({ file, parameter, code, message }: Problem): string => `${file} ${parameter} ${code} ${message}`;
  const [old, fresh] = [new Set(before.map(keyOf)), new Set(after.map(keyOf))];
  return {
    gained: after.filter((problem) => !old.has(keyOf(problem))),
    gone: before.filter((problem) => !fresh.has(keyOf(problem))),
  };
}
