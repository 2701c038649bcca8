/**
 * Owns how layers of files become the settings in force: defaults < server files < local; a line's own *set* hides the whole global
 * set (original-phone 2). A bad value is named and its default used: the phone always starts.
 */
import type { CfgEntry } from './cfg-file.ts';
import { DEFAULT_REGISTRATION_PERIOD_S, T2_MS } from './defaults.ts';
import { nearestName } from './nearest.ts';
import type { Parameter } from './parameters.ts';
import { findParameter, isSecret, PARAMETERS, spelled } from './parameters.ts';
import type {
  DnsQueryType,
  LineSettings,
  PhoneModel,
  PhoneSettings,
  Profile,
  ServerPair,
  ServerSetting,
  TransportChoice,
} from './settings.ts';
import { readValue } from './values.ts';

/** The entries of one file; `local`: what was set at the phone itself. */
export interface Layer {
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

/** A value in force and the file that it is from; `default` where none gave it. */
export interface Effective {
  readonly value: string;
  readonly from: string;
  readonly line: number;
  readonly locked: boolean;
}

export interface EffectiveSettings {
  readonly settings: PhoneSettings;
  readonly problems: readonly Problem[];
  /** By spelled name, given ones and global defaults. */
  readonly effective: ReadonlyMap<string, Effective>;
}

export function effectiveSettings(
  layers: readonly Layer[],
  device: { readonly model: PhoneModel; readonly mac: string },
): EffectiveSettings {
  const problems: Problem[] = [];
  const given = new Map<string, Effective>();
  for (const layer of layers) for (const entry of layer.entries) apply(layer, entry, given, problems);
  const effective = new Map<string, Effective>();
  for (const { name, default: value } of PARAMETERS)
    effective.set(name, { value, from: 'default', line: 0, locked: false });
  for (const [name, value] of given) effective.set(name, value);
  return { settings: settingsFrom(given, device), problems, effective };
}

function apply(layer: Layer, entry: CfgEntry, given: Map<string, Effective>, problems: Problem[]): void {
  const { name, line } = entry;
  const problem = (severity: Problem['severity'], code: string, message: string): void => {
    problems.push({ severity, file: layer.from, line, parameter: name, code, message });
  };
  const before = given.get(name);
  if (layer.kind === 'local' && before?.locked === true) {
    problem('warning', 'locked', `"${name}" is locked by ${before.from}; the local value is not used`);
    return;
  }
  const found = findParameter(name);
  if (found === null) {
    const near = nearestName(name);
    problem(
      'warning',
      'unknown-parameter',
      `"${name}" is not known and is kept${near === null ? '' : `; did you mean "${near}"?`}`,
    );
    given.set(name, { value: entry.value, from: layer.from, line, locked: entry.locked });
    return;
  }
  const read = readValue(found.parameter.kind, entry.value);
  if (!read.ok) {
    const shown = isSecret(name) ? 'the value' : `"${entry.value.slice(0, 60)}"`;
    problem(
      'error',
      'bad-value',
      `${shown} is no value of "${name}": expected ${read.error}; the default ${found.parameter.default === '' ? '(empty)' : found.parameter.default} is used`,
    );
    given.delete(name);
    return;
  }
  if (!found.parameter.active && layer.kind === 'server')
    problem('warning', 'not-acted-on', `"${name}" is known and kept, but this release does not act on it`);
  given.set(name, { value: read.value, from: layer.from, line, locked: entry.locked });
}

type Given = ReadonlyMap<string, Effective>;

const SET_MEMBERS = {
  auth: PARAMETERS.filter(({ set }) => set === 'auth'),
  network: PARAMETERS.filter(({ set }) => set === 'network'),
} as const;

/** Whether the line gives any member of the set itself. */
export const ownsSet = (given: ReadonlyMap<string, unknown>, line: number, set: 'auth' | 'network'): boolean =>
  SET_MEMBERS[set].some(({ name }) => given.has(spelled(name, line)));

/** Reads members of a set for a line: all from the line, or all from the global set. */
function setReader(given: Given, line: number, set: 'auth' | 'network'): (name: string) => string {
  const own = ownsSet(given, line, set);
  return (name) => given.get(spelled(name, own ? line : null))?.value ?? defaultOf(name);
}

const defaults: ReadonlyMap<string, Parameter> = new Map(PARAMETERS.map((parameter) => [parameter.name, parameter]));
const defaultOf = (name: string): string => defaults.get(name)?.default ?? '';

function settingsFrom(
  given: Given,
  { model, mac }: { readonly model: PhoneModel; readonly mac: string },
): PhoneSettings {
  const value = (name: string): string => given.get(name)?.value ?? defaultOf(name);
  const number = (name: string): number => Number(value(name));
  const ifGiven = (name: string): number | null => (given.has(name) ? number(name) : null);
  const probePeriodS = number('failover probe period');
  return {
    model,
    mac,
    lines: [1, 2, 3, 4, 5, 6, 7, 8, 9].flatMap((line) => lineFrom(given, line)),
    transport: number('sip transport protocol') as TransportChoice,
    dnsQueryType: number('sip dns query type') as DnsQueryType,
    timers: {
      t1Ms: number('sip t1 timer'),
      t2Ms: number('sip t2 timer') === 0 ? T2_MS : number('sip t2 timer'),
      transactionMs: ifGiven('sip transaction timer'),
      registrationRetryS: ifGiven('sip registration retry timer'),
      registrationTimeoutRetryS: ifGiven('sip registration timeout retry timer'),
      registrationRenewalS: number('sip registration renewal timer'),
      blacklistS: number('sip blacklist duration'),
    },
    failover: {
      profile: value('failover profile') as Profile,
      // Between 0 and 5 s a probe would be a flood: 5 s is the least.
      probePeriodS: probePeriodS === 0 ? 0 : Math.max(5, probePeriodS),
      hedgeLimitMs: number('failover hedge limit'),
      codes: value('failover codes')
        .split(',')
        .filter((code) => code !== '')
        .map(Number),
      jitterS: number('failover jitter'),
      startSpreadS: number('failover start spread'),
    },
    localPort: number('sip local port'),
    rport: true,
    sendMac: value('sip send mac') === '1',
    sendLine: value('sip send line') === '1',
    clock24: value('time format') === '1',
    zoneMinutesWest: number('time zone minutes'),
  };
}

/**
 * Line 1 exists where a user name is known; lines 2 to 9 only where they give something themselves: a global account alone is one
 * line, not nine (our choice, the sources are silent).
 */
function lineFrom(given: Given, line: number): readonly LineSettings[] {
  const auth = setReader(given, line, 'auth');
  const network = setReader(given, line, 'network');
  const userName = auth('sip user name');
  const own = ownsSet(given, line, 'auth') || ownsSet(given, line, 'network');
  if (userName === '' || (line > 1 && !own)) return [];
  const server = (name: string, port: string): ServerSetting | null => {
    const host = network(name);
    return host === '' || host === '0.0.0.0' ? null : { name: host, port: Number(network(port)) };
  };
  const pair = (primary: string, backup: string): ServerPair => ({
    primary: server(primary, `${primary.replace(/ ip$/, '')} port`),
    backup: server(backup, `${backup.replace(/ ip$/, '')} port`),
  });
  const period = Number(network('sip registration period'));
  return [
    {
      line,
      screenName: auth('sip screen name'),
      screenName2: auth('sip screen name 2'),
      userName,
      displayName: auth('sip display name'),
      authName: auth('sip auth name') === '' ? userName : auth('sip auth name'),
      password: auth('sip password'),
      registrar: pair('sip registrar ip', 'sip backup registrar ip'),
      proxy: pair('sip proxy ip', 'sip backup proxy ip'),
      outboundProxy: pair('sip outbound proxy', 'sip backup outbound proxy'),
      registrationPeriodS: period === 0 ? DEFAULT_REGISTRATION_PERIOD_S : period,
    },
  ];
}
