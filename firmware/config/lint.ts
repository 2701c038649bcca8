/** Owns the traps that a valid configuration can hold: each with a code and a sentence that says what will happen (experience 3). */
import { isIpv4, isIpv6 } from '../kernel/target.ts';
import type { Effective, EffectiveSettings, Problem } from './layers.ts';
import { ownsSet } from './layers.ts';
import { spelled } from './parameters.ts';
import type { LineSettings, ServerPair, ServerSetting } from './settings.ts';

/** Problems of the files plus the traps of what they add up to. */
export function lint({ settings, problems, effective }: EffectiveSettings): readonly Problem[] {
  const given = new Map([...effective].filter(([, { from }]) => from !== 'default'));
  return [...problems, ...settings.lines.flatMap((line) => lineTraps(line, given)), ...globalTraps(settings, given)];
}

type Given = ReadonlyMap<string, Effective>;

function trap(given: Given, parameter: string, code: string, message: string): Problem {
  const at = given.get(parameter);
  return { severity: 'warning', file: at?.from ?? '-', line: at?.line ?? 0, parameter, code, message };
}

function lineTraps(line: LineSettings, given: Given): readonly Problem[] {
  const own = ownsSet(given, line.line, 'network') ? line.line : null;
  const at = (base: string, code: string, message: string): Problem => trap(given, spelled(base, own), code, message);
  const found: Problem[] = [...roleTraps('registrar', line, at), ...roleTraps('proxy', line, at)];
  if (line.registrar.primary !== null && line.proxy.primary === null)
    found.push(
      at(
        'sip registrar ip',
        'registrar-without-proxy',
        `line ${line.line} registers but has no proxy: it can be called, but cannot call`,
      ),
    );
  if (line.registrar.primary === null && line.registrar.backup === null && line.proxy.primary !== null)
    found.push(
      at(
        'sip proxy ip',
        'proxy-without-registrar',
        `line ${line.line} has a proxy but no registrar: it can call, but is not registered`,
      ),
    );
  return [...found, ...hiddenSets(line, given)];
}

type At = (base: string, code: string, message: string) => Problem;

function roleTraps(role: 'registrar' | 'proxy', line: LineSettings, at: At): readonly Problem[] {
  const { primary, backup }: ServerPair = line[role];
  const found: Problem[] = [];
  for (const [prefix, server] of Object.entries({ '': primary, 'backup ': backup }))
    if (server !== null && hidesSrv(server))
      found.push(
        at(
          `sip ${prefix}${role} port`,
          'port-hides-srv',
          `port ${server.port} is set, so ${server.name} is looked up by A only; set the port to 0 for SRV`,
        ),
      );
  if (primary === null && backup !== null)
    found.push(
      at(
        `sip backup ${role} ip`,
        'backup-without-primary',
        `a backup ${role} is set but no primary: line ${line.line} does not ${role === 'registrar' ? 'register' : 'call through it'}`,
      ),
    );
  if (primary !== null && backup !== null && primary.name === backup.name && primary.port === backup.port)
    found.push(
      at(
        `sip backup ${role} ip`,
        'backup-is-primary',
        `the backup ${role} has the primary's address: nothing is gained when it fails`,
      ),
    );
  return found;
}

const hidesSrv = ({ name, port }: ServerSetting): boolean => port === 5060 && !isIpv4(name) && !isIpv6(name);

/** One line parameter hides the whole global set (original-phone 2). */
function hiddenSets({ line }: LineSettings, given: Given): readonly Problem[] {
  const found: Problem[] = [];
  for (const set of ['auth', 'network'] as const) {
    if (!ownsSet(given, line, set)) continue;
    const hidden = [...given.keys()].filter(
      (name) =>
        name.startsWith('sip ') && given.has(name) && isGlobalMember(name, set) && !given.has(spelled(name, line)),
    );
    const [first] = hidden;
    if (first === undefined) continue;
    const own = [...given.keys()].find((name) => name.startsWith(`sip line${line} `)) ?? '';
    found.push(
      trap(
        given,
        own,
        'line-hides-global-set',
        `line ${line} gives a ${set === 'auth' ? 'name or password' : 'server'} of its own, so it ignores the global ${hidden.map((name) => `"${name}"`).join(', ')}`,
      ),
    );
  }
  return found;
}

const AUTH = /^sip (screen name|screen name 2|user name|display name|auth name|password|bla number|mode|vmail)$/;
const NETWORK = /^sip (backup )?((proxy|registrar) (ip|port)|outbound proxy( port)?)$|^sip registration period$/;
const isGlobalMember = (name: string, set: 'auth' | 'network'): boolean => (set === 'auth' ? AUTH : NETWORK).test(name);

function globalTraps({ failover, timers, lines }: EffectiveSettings['settings'], given: Given): readonly Problem[] {
  const found: Problem[] = [];
  if (failover.profile === 'modern' && failover.probePeriodS === 0)
    found.push(
      trap(
        given,
        'failover probe period',
        'no-probes',
        'without checks a dead server is noticed only at the next renewal, and home is found only then',
      ),
    );
  if (timers.transactionMs !== null && timers.transactionMs < failover.hedgeLimitMs && failover.profile === 'modern')
    found.push(
      trap(
        given,
        'failover hedge limit',
        'hedge-above-transaction',
        `the transaction timer of ${timers.transactionMs} ms ends every wait before the hedge limit of ${failover.hedgeLimitMs} ms`,
      ),
    );
  for (const line of lines)
    if (line.registrationPeriodS < 2 * timers.registrationRenewalS)
      found.push(
        trap(
          given,
          'sip registration renewal timer',
          'renewal-above-period',
          `the renewal timer of ${timers.registrationRenewalS} s is more than half of line ${line.line}'s period of ${line.registrationPeriodS} s: half of the period is used`,
        ),
      );
  if (lines.length === 0)
    found.push({
      severity: 'error',
      file: '-',
      line: 0,
      parameter: 'sip user name',
      code: 'no-line',
      message: 'no line is configured: "sip user name" is given nowhere',
    });
  return found;
}
