/** Owns the one table of parameters and what a name in a file means. Whatever reads a parameter reads it through here. */
import { ACTED_ON } from './acted-on.ts';
import { CODEC_PARAMETERS } from './codecs.ts';
import { KEPT } from './kept.ts';
import { KEY_PARAMETERS } from './keys.ts';
import type { Parameter, SetName } from './parameter.ts';
import { PROVISIONING, REPORTING } from './provisioning-parameters.ts';
import { SUBSCRIPTION_PARAMETERS } from './subscription-parameters.ts';
import { SYSTEM_PARAMETERS } from './system-parameters.ts';
import { TELLING } from './telling-parameters.ts';
import { XML_PARAMETERS } from './xml-parameters.ts';

export const PARAMETERS: readonly Parameter[] = [
  ...ACTED_ON,
  ...PROVISIONING,
  ...REPORTING,
  ...TELLING,
  ...KEY_PARAMETERS,
  ...SUBSCRIPTION_PARAMETERS,
  ...SYSTEM_PARAMETERS,
  ...XML_PARAMETERS,
  ...CODEC_PARAMETERS,
  ...KEPT,
];

const BY_NAME: ReadonlyMap<string, Parameter> = new Map(
  PARAMETERS.map((parameter) => [parameter.name.toLowerCase(), parameter]),
);

/** Members of a line's set, by their global names. */
export const SET_MEMBERS: Readonly<Record<SetName, readonly string[]>> = {
  auth: membersOf('auth'),
  network: membersOf('network'),
};

function membersOf(set: SetName): readonly string[] {
  return PARAMETERS.filter((parameter) => parameter.set === set).map(({ name }) => name);
}

export interface Named {
  readonly parameter: Parameter;
  /** 1 to 9, null = global. */
  readonly line: number | null;
}

/** What a name in a file means: `sip line3 proxy ip` is `sip proxy ip` of line 3. Null = unknown. */
export function findParameter(name: string): Named | null {
  const own = /^sip line([1-9]) (.+)$/.exec(name);
  if (own !== null) {
    const parameter = BY_NAME.get(`sip ${own[2]}`) ?? BY_NAME.get(own[2] ?? '');
    return parameter?.scope === 'line' ? { parameter, line: Number(own[1]) } : null;
  }
  const exact = BY_NAME.get(name);
  if (exact !== undefined && exact.scope !== 'family') return { parameter: exact, line: null };
  const family = BY_NAME.get(name.replace(/\d{1,2}/g, 'n'));
  return family?.scope === 'family' && name !== family.name.toLowerCase() ? { parameter: family, line: null } : null;
}

/** The name as it stands in a file, of a line or global. */
export const spelled = (name: string, line: number | null): string =>
  line === null ? name : `sip line${line} ${name.replace(/^sip /, '')}`;

/** Whether the value must never be shown. */
export const isSecret = (name: string): boolean =>
  findParameter(name)?.parameter.kind.type === 'secret' || /passw|pwd|token|secret/.test(name);
