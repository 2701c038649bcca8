/** Owns the table of parameters: name, scope, range, default, unit, effect, source. Whatever reads a parameter reads it through here. */
import {
  BLACKLIST_S,
  FAILOVER_CODES,
  FAILOVER_JITTER_S,
  HEDGE_LIMIT_MS,
  LOCAL_PORT,
  PROBE_PERIOD_S,
  R2_TRANSACTION_MS,
  REGISTRATION_RENEWAL_S,
  REGISTRATION_RETRY_S,
  REGISTRATION_TIMEOUT_RETRY_MIN_S,
  REGISTRATION_TIMEOUT_RETRY_S,
  START_SPREAD_S,
  T1_MS,
  T2_MS,
} from './defaults.ts';

export type ParameterKind =
  | {
      readonly type: 'integer';
      readonly min: number;
      readonly max: number /** Raised instead of refused below this. */;
      readonly raiseTo?: number;
    }
  | { readonly type: 'choice'; readonly values: readonly string[] }
  | { readonly type: 'host' }
  | { readonly type: 'text'; readonly max: number }
  | { readonly type: 'secret'; readonly max: number }
  | { readonly type: 'codes' };

export interface Parameter {
  /** Without `sip lineN`; the per-line spelling puts `line1` … `line9` after `sip`. */
  readonly name: string;
  readonly scope: 'global' | 'line';
  /** The set that it belongs to: one member given for a line hides the whole global set (original-phone 2). */
  readonly set: 'auth' | 'network' | null;
  readonly kind: ParameterKind;
  readonly default: string;
  readonly unit: string;
  readonly effect: string;
  readonly source: string;
  /** False: known and kept, but this phone does not act on it (yet). */
  readonly active: boolean;
}

const row = (
  over: Partial<Parameter> & Pick<Parameter, 'name' | 'kind' | 'default' | 'effect' | 'source'>,
): Parameter => ({
  scope: 'global',
  set: null,
  unit: '',
  active: true,
  ...over,
});

const PORT: ParameterKind = { type: 'integer', min: 0, max: 65_535 };
const FLAG: ParameterKind = { type: 'choice', values: ['0', '1'] };
const HOST: ParameterKind = { type: 'host' };
const text = (max: number): ParameterKind => ({ type: 'text', max });

const network = (name: string, title: string, source: string): readonly Parameter[] => [
  row({
    name: `${name}`,
    scope: 'line',
    set: 'network',
    kind: HOST,
    default: '0.0.0.0',
    effect: `${title}; 0.0.0.0 or empty = not configured`,
    source,
  }),
  row({
    name: `${name.replace(/ ip$/, '')} port`,
    scope: 'line',
    set: 'network',
    kind: PORT,
    default: '0',
    effect: `Port of the ${title.toLowerCase()}; 0 = SRV lookup for a name, the default port for an address`,
    source,
  }),
];

const identity = (name: string, kind: ParameterKind, effect: string, active = true): Parameter =>
  row({ name, scope: 'line', set: 'auth', kind, default: '', effect, source: 'original-phone 1.4', active });

const NETWORK: readonly Parameter[] = [
  ...network('sip proxy ip', 'Primary SIP proxy', 'original-phone 1.1'),
  ...network('sip backup proxy ip', 'Backup SIP proxy', 'original-phone 1.1'),
  ...network('sip outbound proxy', 'Outbound proxy', 'original-phone 1.1'),
  ...network('sip backup outbound proxy', 'Backup outbound proxy', 'original-phone 1.1'),
  ...network('sip registrar ip', 'Primary registrar', 'original-phone 1.1'),
  ...network('sip backup registrar ip', 'Backup registrar', 'original-phone 1.1'),
  row({
    name: 'sip registration period',
    scope: 'line',
    set: 'network',
    kind: { type: 'integer', min: 0, max: 2_147_483_647 },
    default: '0',
    unit: 's',
    effect: "Expiry asked for; 0 = 3600. The registrar's answer counts",
    source: 'original-phone 1.1',
  }),
];

const IDENTITY: readonly Parameter[] = [
  identity('sip screen name', text(64), 'Name on the idle screen'),
  identity('sip screen name 2', text(64), 'Second name on the idle screen'),
  identity('sip user name', text(64), 'User part of the address of record'),
  identity('sip display name', text(64), 'Caller ID'),
  identity('sip auth name', text(64), 'Digest user name; the user name where empty'),
  identity('sip password', { type: 'secret', max: 128 }, 'Digest password'),
  identity('sip bla number', text(64), 'Shared line number', false),
  identity('sip mode', { type: 'choice', values: ['0', '1', '2', '3'] }, 'Line mode', false),
  identity('sip vmail', text(128), 'Voice mail number', false),
];

const SIP: readonly Parameter[] = [
  row({
    name: 'sip dns query type',
    kind: { type: 'choice', values: ['0', '1', '2'] },
    default: '1',
    effect: '0 A only, 1 SRV then A, 2 NAPTR, SRV, A',
    source: 'original-phone 1.1',
  }),
  row({
    name: 'sip transport protocol',
    kind: { type: 'choice', values: ['0', '1', '2', '4'] },
    default: '1',
    effect: '0 UDP and TCP, 1 UDP, 2 TCP, 4 TLS',
    source: 'original-phone 1.3',
  }),
  row({
    name: 'sip transaction timer',
    kind: { type: 'integer', min: 500, max: 64_000 },
    default: String(R2_TRANSACTION_MS),
    unit: 'ms',
    effect: 'How long a server may be silent; given in a file it bounds every wait of profile modern too',
    source: 'original-phone 1.2',
  }),
  row({
    name: 'sip t1 timer',
    kind: { type: 'integer', min: 100, max: 10_000 },
    default: String(T1_MS),
    unit: 'ms',
    effect: 'RFC 3261 T1',
    source: 'original-phone 1.2',
  }),
  row({
    name: 'sip t2 timer',
    kind: { type: 'integer', min: 0, max: 60_000 },
    default: String(T2_MS),
    unit: 'ms',
    effect: 'RFC 3261 T2; 0 = 4000',
    source: 'original-phone 1.2',
  }),
  row({
    name: 'sip registration retry timer',
    kind: { type: 'integer', min: 30, max: 1800 },
    default: String(REGISTRATION_RETRY_S),
    unit: 's',
    effect: 'Wait after a rejected REGISTER',
    source: 'original-phone 1.2',
  }),
  row({
    name: 'sip registration timeout retry timer',
    kind: { type: 'integer', min: 0, max: 2_147_483_647, raiseTo: REGISTRATION_TIMEOUT_RETRY_MIN_S },
    default: String(REGISTRATION_TIMEOUT_RETRY_S),
    unit: 's',
    effect:
      'Wait after a REGISTER that timed out everywhere; below 30 it is raised to 30; given in a file it bounds the back-off of modern too',
    source: 'original-phone 1.2',
  }),
  row({
    name: 'sip registration renewal timer',
    kind: { type: 'integer', min: 0, max: 214_748_364 },
    default: String(REGISTRATION_RENEWAL_S),
    unit: 's',
    effect: 'Renew this long before expiry, but not before half of it is over',
    source: 'original-phone 1.2',
  }),
  row({
    name: 'sip blacklist duration',
    kind: { type: 'integer', min: 0, max: 9_999_999 },
    default: String(BLACKLIST_S),
    unit: 's',
    effect: 'Profile r2.1: a silent server is avoided this long; 0 = off',
    source: 'original-phone 1.2',
  }),
  row({
    name: 'sip local port',
    kind: PORT,
    default: String(LOCAL_PORT),
    effect: 'Local SIP port; 0 = any free one',
    source: 'original-phone 1.3',
  }),
  row({
    name: 'sip send mac',
    kind: FLAG,
    default: '0',
    effect: 'Adds Aastra-Mac to REGISTER',
    source: 'original-phone 1.3',
  }),
  row({
    name: 'sip send line',
    kind: FLAG,
    default: '0',
    effect: 'Adds Aastra-Line to REGISTER',
    source: 'original-phone 1.3',
  }),
];

const OWN: readonly Parameter[] = [
  row({
    name: 'failover profile',
    kind: { type: 'choice', values: ['modern', 'r2.0', 'r2.1'] },
    default: 'modern',
    effect: 'Whose timing: ours, Release 2.0, Release 2.1',
    source: 'rules 5',
  }),
  row({
    name: 'failover probe period',
    kind: { type: 'integer', min: 0, max: 300 },
    default: String(PROBE_PERIOD_S),
    unit: 's',
    effect: 'Time between checks of a server (0 = off, else 5 to 300)',
    source: 'rules 5',
  }),
  row({
    name: 'failover hedge limit',
    kind: { type: 'integer', min: 300, max: 8000 },
    default: String(HEDGE_LIMIT_MS),
    unit: 'ms',
    effect: 'Longest wait for a silent server before the next one is started',
    source: 'rules 5',
  }),
  row({
    name: 'failover codes',
    kind: { type: 'codes' },
    default: FAILOVER_CODES.join(','),
    effect: 'Answers to REGISTER and SUBSCRIBE that go on to the next server',
    source: 'rules 5',
  }),
  row({
    name: 'failover jitter',
    kind: { type: 'integer', min: 0, max: 600 },
    default: String(FAILOVER_JITTER_S),
    unit: 's',
    effect: 'The way home is spread over this time; a fleet sets 60',
    source: 'rules 5',
  }),
  row({
    name: 'failover start spread',
    kind: { type: 'integer', min: 0, max: 600 },
    default: String(START_SPREAD_S),
    unit: 's',
    effect: 'After an unclean power-on the first REGISTER is spread over this time',
    source: 'rules 5',
  }),
];

const OTHER: readonly Parameter[] = [
  row({
    name: 'time format',
    kind: FLAG,
    default: '1',
    effect: '0 = 12 hours, 1 = 24 hours',
    source: 'original-phone 1.9',
  }),
  row({
    name: 'time zone minutes',
    kind: { type: 'integer', min: -840, max: 840 },
    default: '0',
    unit: 'min',
    effect: 'Minutes west of Greenwich',
    source: 'original-phone 1.9',
  }),
  ...KEPT().map(([name, source]) =>
    row({
      name,
      kind: text(512),
      default: '',
      effect: 'Known and kept; this release does not act on it',
      source,
      active: false,
    }),
  ),
];

/** Parameters of the original in sections 1.1 to 1.4 that a later release acts on. */
function KEPT(): readonly (readonly [string, string])[] {
  const of = (source: string, ...names: readonly string[]): readonly (readonly [string, string])[] =>
    names.map((name) => [name, source]);
  return [
    ...of('original-phone 1.1', 'sip centralized conf'),
    ...of(
      'original-phone 1.2',
      'sip session timer',
      'sip subscription timeout retry timer',
      'sip subscription failed retry timer',
    ),
    ...of(
      'original-phone 1.3',
      'sips persistent tls',
      'sip persistent tls keep alive',
      'sips root and intermediate certificates',
      'sips local certificate',
      'sips private key',
      'sips trusted certificates',
      'sip outbound support',
      'sip symmetric udp signaling',
      'sip rport',
      'sip nat ip',
      'sip nat port',
      'sip nat rtp port',
      'sip nortel nat support',
      'sip nortel nat timer',
      'sip whitelist',
      'sip contact matching',
      'sip gruu',
      'sip instance id',
      'sip accept out of order requests',
      'sip pai',
      'sip diversion display',
      'sip srtp mode',
      'sip local tls port',
    ),
    ...of('original-phone 1.4', 'call waiting', 'dynamic sip'),
    ...of(
      'original-phone 1.5',
      'sip explicit mwi subscription',
      'sip explicit mwi subscription period',
      'sip mwi for bla account',
      'sip blf subscription period',
      'sip bla subscription period',
      'sip acd subscription period',
      'sip as-feature-event subscription period',
      'list uri',
      'directed call pickup',
      'directed call pickup prefix',
    ),
    ...of(
      'original-phone 1.6',
      'sip dial plan',
      'sip dial plan terminator',
      'sip digit timeout',
      'emergency dial plan',
      'sip out-of-band dtmf',
      'sip dtmf method',
      'sip use basic codecs',
      'sip customized codec',
      'sip silence suppression',
      'sip rtp port',
      'tos sip',
      'tos rtp',
      'tos rtcp',
    ),
    ...of(
      'original-phone 1.9',
      'time server disabled',
      'time server1',
      'time server2',
      'time server3',
      'date format',
      'time zone name',
      'time zone code',
      'dst config',
      'dst minutes',
    ),
    ...of(
      'original-phone 1.10',
      'dhcp',
      'ip',
      'subnet mask',
      'default gateway',
      'dns1',
      'dns2',
      'download protocol',
      'tftp server',
      'http server',
      'http path',
      'https server',
      'https path',
      'auto resync mode',
      'auto resync time',
      'admin password',
      'user password',
      'web interface enabled',
      'log server ip',
      'log server port',
    ),
    ...of('rules 5', 'web plain login', 'api token'),
  ];
}

export const PARAMETERS: readonly Parameter[] = [...NETWORK, ...IDENTITY, ...SIP, ...OWN, ...OTHER];

const BY_NAME: ReadonlyMap<string, Parameter> = new Map(PARAMETERS.map((parameter) => [parameter.name, parameter]));

export interface Named {
  readonly parameter: Parameter;
  /** 1 to 9, null = global. */
  readonly line: number | null;
}

/** What a name in a file means: `sip line3 proxy ip` is `sip proxy ip` of line 3. Null = unknown. */
export function findParameter(name: string): Named | null {
  const match = /^sip line([1-9]) (.+)$/.exec(name);
  if (match === null) {
    const parameter = BY_NAME.get(name);
    return parameter === undefined ? null : { parameter, line: null };
  }
  const parameter = BY_NAME.get(`sip ${match[2]}`);
  return parameter === undefined || parameter.scope !== 'line' ? null : { parameter, line: Number(match[1]) };
}

export const spelled = (name: string, line: number | null): string =>
  line === null ? name : name.replace(/^sip /, `sip line${line} `);

/** Values that must never be shown. */
const SECRET_NAMES: ReadonlySet<string> = new Set(['api token', 'admin password', 'user password', 'ftp password']);
export const isSecret = (name: string): boolean => {
  const found = findParameter(name);
  return found?.parameter.kind.type === 'secret' || SECRET_NAMES.has(name) || /password|token/.test(name);
};
