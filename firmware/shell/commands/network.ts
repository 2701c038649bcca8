/**
 * Owns `holdfast network`: the one part of the phone that is privileged. It runs once at each start of the image, before the network
 * and before the phone; reads the configuration, and writes files of the system from values that were checked (firmware/network).
 */
import { pbkdf2Sync } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { NO_MAC } from '../../config/defaults.ts';
import { effectiveSettings } from '../../config/layers.ts';
import { SYSTEM_PARAMETERS } from '../../config/system-parameters.ts';
import type { Result } from '../../kernel/result.ts';
import { fail, ok } from '../../kernel/result.ts';
import { SYSTEM_PATHS, systemFiles } from '../../network/files.ts';
import { markingRules } from '../../network/marking.ts';
import type { Plan, Wireless } from '../../network/plan.ts';
import { planSystem } from '../../network/plan.ts';
import { readLayers } from '../config-files.ts';
import { codeOf } from '../errno.ts';
import type { JournalLevel } from '../journal.ts';
import { journalPrefix } from '../journal.ts';
import { ownMac } from '../own-mac.ts';
import { placeFiles, placeLink } from '../system-files.ts';

const USAGE = 'holdfast network --config FILE|DIR [--state DIR] [--empty FILE] [--root DIR]';

/** How a line is told; `holdfast network` is read in the journal. */
export type Tell = (level: JournalLevel, line: string) => unknown;

const toJournal: Tell = (level, line) => process.stderr.write(`${journalPrefix(level)}${line}\n`);

/** Exit code 0, 1 where the files could not be written, 2 where the command is wrong. A bad configuration is none: there is a network. */
export async function runNetwork(args: readonly string[], tell: Tell = toJournal): Promise<number> {
  const parsed = parse(args);
  if (!parsed.ok) {
    tell('error', `holdfast network: ${parsed.error}: ${USAGE}`);
    return 2;
  }
  const { root } = parsed.value;
  const { plan, config, marking } = await planned(parsed.value, tell);
  try {
    const files = systemFiles(plan, { key: keyOf(plan.wireless), config, marking });
    const changes = await placeFiles(join(root, 'run'), files, SYSTEM_PATHS);
    for (const { path, change } of changes) tell('info', `/run/${path}: ${change}`);
    if (await placeLink(join(root, 'run/holdfast/localtime'), `/usr/share/zoneinfo/${plan.zone}`))
      tell('info', `time zone: ${plan.zone}`);
    await setHostname(join(root, 'proc/sys/kernel/hostname'), plan.hostname, tell);
  } catch (error) {
    tell(
      'error',
      `the network's files could not be written (${codeOf(error) || String(error)}): those of before stand`,
    );
    return 1;
  }
  tell('info', summary(plan));
  return 0;
}

interface NetworkArgs {
  readonly config: string;
  readonly state: string | null;
  /** What the phone reads where there is no configuration. */
  readonly empty: string;
  readonly root: string;
}

const TEXT = { type: 'string' } as const;

function parse(args: readonly string[]): Result<NetworkArgs, string> {
  try {
    const { values } = parseArgs({
      ...{ args: [...args], options: { config: TEXT, state: TEXT, empty: TEXT, root: TEXT } },
      ...{ allowPositionals: false, strict: true },
    });
    const { config, state = null, empty = config, root = '/' } = values;
    return config === undefined || empty === undefined
      ? fail('--config is needed')
      : ok({ config, state, empty, root });
  } catch (error) {
    return fail((error as Error).message.split(/\.\s|\n/, 1)[0] ?? 'bad arguments');
  }
}

interface Planned {
  readonly plan: Plan;
  readonly config: string;
  readonly marking: string | null;
}

/** The plan, and which file the phone shall read. Whatever cannot be read is told, and the phone still gets a network. */
async function planned({ config, state, empty, root }: NetworkArgs, tell: Tell): Promise<Planned> {
  const device = { model: '57i', mac: (await ownMac(join(root, 'sys/class/net'))) ?? NO_MAC } as const;
  const all = await readLayers([config], { ...device, stateDir: state });
  if (!all.ok) tell('error', `${all.error}: what it would say is not used`);
  // What was set at the phone may be lost; what stands on the card still counts then.
  const read = all.ok ? all : await readLayers([config], { ...device, stateDir: null });
  const found = read.ok ? read.value : null;
  const { settings, ...effective } = effectiveSettings(found?.layers ?? [], device);
  const zones = await readFile(join(root, 'usr/share/zoneinfo/zone.tab'), 'utf8').catch(() => '');
  const { plan, problems } = planSystem(effective.effective, zones);
  for (const { file, line, message } of [...(found?.problems ?? []), ...effective.problems.filter(isOfSystem)])
    tell('warn', `${file}:${line}: ${message}`);
  for (const problem of problems) tell('warn', problem);
  const marking = markingRules(settings);
  if (marking === null) tell('warn', 'sip local port: 0 is another port at each start: packets are not marked');
  return { plan, config: found === null ? empty : config, marking };
}

/** The phone tells of its own parameters itself. */
const isOfSystem = ({ parameter }: { readonly parameter: string }): boolean =>
  SYSTEM_PARAMETERS.some(({ name }) => name === parameter);

/** The pre-shared key, as 64 hexadecimal digits (IEEE 802.11 J.4.1): what is written holds no text that a person gave. */
function keyOf(wireless: Wireless | null): string | null {
  if (wireless === null || wireless.passphrase === null) return null;
  const { passphrase, ssidHex } = wireless;
  if (passphrase.length === KEY_DIGITS) return passphrase.toLowerCase();
  return pbkdf2Sync(passphrase, Buffer.from(ssidHex, 'hex'), KEY_ROUNDS, KEY_DIGITS / 2, 'sha1').toString('hex');
}

const KEY_DIGITS = 64;
const KEY_ROUNDS = 4096;

/** A phone without the right to name its machine still has a network. */
async function setHostname(path: string, hostname: string, tell: Tell): Promise<void> {
  try {
    if ((await readFile(path, 'utf8')).trim() === hostname) return;
    await writeFile(path, hostname);
    tell('info', `hostname: ${hostname}`);
  } catch (error) {
    tell('warn', `hostname: ${hostname} could not be set (${codeOf(error)})`);
  }
}

function summary({ address, nameServers, timeServers, vlan, wireless, zone }: Plan): string {
  const own = address === 'dhcp' ? 'address by DHCP' : `address ${address.address}/${address.prefix}`;
  const router = address === 'dhcp' ? [] : [`router ${address.gateway ?? 'none'}`];
  const names = nameServers.length === 0 ? [] : [`name servers ${nameServers.join(' ')}`];
  const time =
    timeServers === 'off'
      ? ['no time server']
      : timeServers.length === 0
        ? []
        : [`time servers ${timeServers.join(' ')}`];
  const more = [...(vlan === null ? [] : [`VLAN ${vlan}`]), ...(wireless === null ? [] : ['wireless'])];
  return `network: ${[own, ...router, ...names, ...time, ...more, `zone ${zone}`].join(', ')}`;
}
