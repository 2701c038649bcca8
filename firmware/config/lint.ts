/** Owns the traps that a valid configuration can hold: each with a code and a sentence that says what will happen (experience 3). */
import { isIpv4, isIpv6 } from '../kernel/target.ts';
import { codecTraps } from './codecs.ts';
import { DEFAULT_SIP_PORT, DEFAULT_SIPS_PORT } from './defaults.ts';
import { idleKeys } from './keys.ts';
import type { Effective, EffectiveSettings, Problem } from './layers.ts';
import { aroundTraps } from './lint-around.ts';
import type { SetName } from './parameter.ts';
import { SET_MEMBERS, spelled } from './parameters.ts';
import { isSafePath } from './paths.ts';
import type { LineSettings, PhoneSettings, ServerSetting } from './settings.ts';
import { LINE_NUMBERS, ownsSet } from './typed.ts';

/** Problems of the files plus the traps of what they add up to. */
export function lint({ settings, problems, effective }: EffectiveSettings): readonly Problem[] {
  const named: Named = new Map([...effective].filter(([, { line }]) => line > 0));
  const traps = [
    ...settings.lines.flatMap((line) => [...roleTraps(settings, line, named), ...identityTraps(line, named)]),
    ...LINE_NUMBERS.flatMap((line) => setTraps(settings, line, named)),
    ...timerTraps(settings, named),
    ...phoneTraps(settings, named),
    ...[...aroundTraps(settings, named, ownName(named)), ...idleKeys(named), ...codecTraps(named)].map(
      ([name, code, message]) => trap(named, name, code, message),
    ),
  ];
  // Lines that share the global servers share their traps.
  const once = new Map(traps.map((trap) => [`${trap.code} ${trap.parameter} ${trap.message}`, trap]));
  return [...problems, ...once.values()];
}

type Named = ReadonlyMap<string, Effective>;

/** Where a line's parameter stands: with the line, or with all. */
const ownName =
  (named: Named) =>
  (parameter: string, line: number): string =>
    named.has(spelled(parameter, line)) ? spelled(parameter, line) : parameter;

function trap(named: Named, parameter: string, code: string, message: string): Problem {
  const at = named.get(parameter);
  return { severity: 'warning', file: at?.from ?? '-', line: at?.line ?? 0, parameter, code, message };
}

interface Role {
  readonly title: string;
  readonly key: 'registrar' | 'proxy' | 'outboundProxy';
  readonly primary: string;
  readonly backup: string;
}

const ROLES: readonly Role[] = [
  { title: 'registrar', key: 'registrar', primary: 'sip registrar ip', backup: 'sip backup registrar ip' },
  { title: 'proxy', key: 'proxy', primary: 'sip proxy ip', backup: 'sip backup proxy ip' },
  { title: 'outbound proxy', key: 'outboundProxy', primary: 'sip outbound proxy', backup: 'sip backup outbound proxy' },
];

const portOf = (name: string): string => `${name.replace(/ ip$/, '')} port`;
const isAddress = (name: string): boolean => isIpv4(name) || isIpv6(name);

function roleTraps(settings: PhoneSettings, line: LineSettings, named: Named): readonly Problem[] {
  const own = ownsSet((name) => named.has(name), line.line, 'network') ? line.line : null;
  const found: Problem[] = [];
  const add = (name: string, code: string, message: string): void => {
    found.push(trap(named, spelled(name, own), code, message));
  };
  for (const role of ROLES) {
    const { primary, backup } = line[role.key];
    for (const [name, server] of [
      [role.primary, primary],
      [role.backup, backup],
    ] as const)
      if (server?.port === DEFAULT_SIP_PORT && !isAddress(server.name))
        add(portOf(name), 'port-hides-srv', hides(server));
    if (primary !== null && backup !== null && placeOf(settings, primary) === placeOf(settings, backup))
      add(role.backup, 'backup-is-primary', `the backup ${role.title} is the primary: nothing is gained when it fails`);
  }
  const { registrar, proxy } = line;
  if (registrar.primary === null && registrar.backup !== null)
    add(
      'sip backup registrar ip',
      'backup-without-primary',
      `no primary registrar: line ${line.line} does not register`,
    );
  if (proxy.primary === null && proxy.backup !== null)
    add(
      'sip backup proxy ip',
      'backup-without-primary',
      `no primary proxy: line ${line.line} calls by the backup alone`,
    );
  if (registrar.primary !== null && proxy.primary === null && proxy.backup === null)
    add('sip registrar ip', 'registrar-without-proxy', `line ${line.line} registers, but has no proxy to call by`);
  if (registrar.primary === null && registrar.backup === null && proxy.primary !== null)
    add(
      'sip proxy ip',
      'proxy-without-registrar',
      `line ${line.line} has a proxy, but does not register: nobody can call it`,
    );
  return found;
}

const hides = ({ name, port }: ServerSetting): string =>
  `A lookup of ${name}, because port ${port} is set: its SRV records are not asked for; set the port to 0 to use them`;

/** Two spellings of one place are equal: an address with port 0 and with the default port. */
function placeOf({ transport }: PhoneSettings, { name, port }: ServerSetting): string {
  const usual = transport === 4 ? DEFAULT_SIPS_PORT : DEFAULT_SIP_PORT;
  return `${name}:${port === 0 && isAddress(name) ? usual : port}`;
}

function identityTraps({ line, userName }: LineSettings, named: Named): readonly Problem[] {
  if (!userName.includes('@')) return [];
  const own = ownsSet((name) => named.has(name), line, 'auth') ? line : null;
  const message = `the user name is the part before @ alone: the server's name follows it (line ${line})`;
  return [trap(named, spelled('sip user name', own), 'user-with-domain', message)];
}

const SETS: Readonly<Record<SetName, string>> = { auth: 'an authentication', network: 'a network' };

/** One parameter of a line hides the whole global set (original-phone 2). */
function setTraps(settings: PhoneSettings, line: number, named: Named): readonly Problem[] {
  const found: Problem[] = [];
  const names = (name: string): boolean => named.has(name);
  const ownOf = (set: SetName): string | undefined =>
    SET_MEMBERS[set].map((name) => spelled(name, line)).find((name) => names(name));
  for (const set of ['auth', 'network'] as const) {
    const own = ownOf(set);
    const hidden = SET_MEMBERS[set].filter((name) => names(name) && !names(spelled(name, line)));
    if (own === undefined || hidden.length === 0) continue;
    const message = `"${own}" gives line ${line} ${SETS[set]} set of its own, so it ignores the global ${hidden.map((name) => `"${name}"`).join(', ')}`;
    found.push(trap(named, own, 'line-hides-global-set', message));
  }
  const own = ownOf('auth') ?? ownOf('network');
  if (own !== undefined && !settings.lines.some((other) => other.line === line))
    found.push(trap(named, own, 'line-without-user', `line ${line} has no user name, so it does not exist`));
  return found;
}

function timerTraps({ failover, timers, lines }: PhoneSettings, named: Named): readonly Problem[] {
  const found: Problem[] = [];
  const add = (name: string, code: string, message: string): void => {
    found.push(trap(named, name, code, message));
  };
  const modern = failover.profile === 'modern';
  if (modern && failover.probePeriodS === 0)
    add(
      'failover probe period',
      'no-probes',
      'a dead server is noticed only at the next renewal or request, and the way home too',
    );
  if (modern && timers.transactionMs !== null && timers.transactionMs < failover.hedgeLimitMs)
    add(
      'failover hedge limit',
      'hedge-above-transaction',
      `the hedge limit of ${failover.hedgeLimitMs} ms is never reached: "sip transaction timer" ends every wait after ${timers.transactionMs} ms`,
    );
  for (const { line, registrationPeriodS } of lines)
    if (registrationPeriodS < 2 * timers.registrationRenewalS)
      add(
        'sip registration renewal timer',
        'renewal-above-period',
        `${timers.registrationRenewalS} s is more than half of line ${line}'s period of ${registrationPeriodS} s: it is renewed at half of it`,
      );
  return found;
}

function phoneTraps({ lines }: PhoneSettings, named: Named): readonly Problem[] {
  const found: Problem[] = [...accessTraps(named)];
  if (lines.length === 0)
    found.push({
      ...trap(named, 'sip user name', 'no-line', 'no line is configured: no file gives line 1 a user name'),
      severity: 'error',
    });
  return found;
}

/** Everybody who has read a manual knows these: they open nothing from the network. */
export const WELL_KNOWN_PASSWORDS: ReadonlySet<string> = new Set([
  ...['22222', 'admin', 'password', '1234', '12345', '123456', '0000'],
]);

/** What lets others in, or listens to whoever answers. */
function accessTraps(named: Named): readonly Problem[] {
  const value = (name: string): string => named.get(name)?.value ?? '';
  const found: Problem[] = [];
  if (value('web plain login') === '1')
    found.push(trap(named, 'web plain login', 'plain-login', 'passwords of the web pages travel in the clear'));
  if (value('https validate certificates') === '0' && value('download protocol') === 'https')
    found.push(
      trap(named, 'https validate certificates', 'unchecked-server', 'whoever answers can configure this phone'),
    );
  if (value('options password enabled') === '1' && value('admin password') === '')
    found.push(
      trap(
        named,
        'options password enabled',
        'options-without-password',
        'no file gives "admin password", so the Options key asks for none',
      ),
    );
  if (WELL_KNOWN_PASSWORDS.has(value('admin password')))
    found.push(
      trap(
        named,
        'admin password',
        'well-known-password',
        'a password that manuals name opens nothing from the network',
      ),
    );
  for (const path of ['http path', 'https path', 'ftp path'])
    if (!isSafePath(value(path).replace(/^\/+|\/+$/g, '')))
      found.push(
        trap(named, path, 'unsafe-path', 'the folder is not used: folders separated by "/", none of them ".."'),
      );
  return found;
}
