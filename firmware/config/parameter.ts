/** Owns the shape of a parameter: its kind (what a value may be), its place, and how rows of the tables are written. */

export type ParameterKind =
  | {
      readonly type: 'integer';
      readonly min: number;
      readonly max: number;
      /** A smaller value is raised to this instead of refused. */
      readonly raiseTo?: number;
      /** 0 is allowed below `min`: it means off. */
      readonly orZero?: true;
      /** 0 is allowed below `min`: the original means its default by it. */
      readonly zeroIs?: number;
    }
  | { readonly type: 'choice'; readonly values: readonly string[] }
  | { readonly type: 'host' }
  /** An address literal; empty or 0.0.0.0 = none. */
  | { readonly type: 'address'; readonly families: 'IPv4' | 'IPv4 and IPv6' }
  | { readonly type: 'text'; readonly max: number }
  | { readonly type: 'secret'; readonly max: number }
  /** A text of a certain form: what it looks like, and the words for it. */
  | { readonly type: 'shape'; readonly max: number; readonly pattern: RegExp; readonly words: string }
  | { readonly type: 'codes' }
  | { readonly type: 'dial-plan' };

/** A set is all or nothing: one member given for a line hides the whole global set (original-phone 2). */
export type SetName = 'auth' | 'network';

export interface Parameter {
  /** Without `sip lineN`: the per-line spelling puts `line1` … `line9` after `sip`. In a family, `N` stands for a number. */
  readonly name: string;
  readonly scope: 'global' | 'line' | 'family';
  readonly set: SetName | null;
  readonly kind: ParameterKind;
  readonly default: string;
  readonly unit: string;
  readonly effect: string;
  readonly source: string;
  /** False: known and kept, but this release does not act on it. */
  readonly active: boolean;
}

export const integer = (min: number, max: number): ParameterKind => ({ type: 'integer', min, max });
/** 0 stands for the default. */
export const orDefault = (min: number, max: number, zeroIs: number): ParameterKind => ({
  ...{ type: 'integer', min, max, zeroIs },
});
export const choice = (...values: readonly string[]): ParameterKind => ({ type: 'choice', values });
export const text = (max: number): ParameterKind => ({ type: 'text', max });
export const secret = (max: number): ParameterKind => ({ type: 'secret', max });
export const shape = (pattern: RegExp, words: string, max = 512): ParameterKind => ({
  type: 'shape',
  max,
  pattern,
  words,
});
export const FLAG: ParameterKind = choice('0', '1');
export const HOST: ParameterKind = { type: 'host' };
export const IPV4: ParameterKind = { type: 'address', families: 'IPv4' };
export const ADDRESS: ParameterKind = { type: 'address', families: 'IPv4 and IPv6' };
export const PORT: ParameterKind = integer(0, 65_535);
/** Of a server whose port is looked up nowhere. */
export const serverPort = (usual: number): ParameterKind => orDefault(1, 65_535, usual);
export const SECONDS: ParameterKind = integer(0, 2_147_483_647);

/** One row: name, what a value may be, default, unit, effect. */
export type Row = readonly [name: string, kind: ParameterKind, fallback: string, unit: string, effect: string];

/** Rows that share their source, scope, set and whether they are acted on. */
export const rows = (
  source: string,
  shared: Pick<Parameter, 'scope' | 'set' | 'active'>,
  table: readonly Row[],
): readonly Parameter[] =>
  table.map(([name, kind, fallback, unit, effect]) => ({
    ...shared,
    ...{ name, kind, default: fallback, unit, effect, source },
  }));

/** Rows of the original's that are known and kept, and that this release does not act on. */
export const keptRows = (
  section: string,
  table: readonly Row[],
  scope: Parameter['scope'] = 'global',
): readonly Parameter[] => rows(`original-phone ${section}`, { scope, set: null, active: false }, table);
