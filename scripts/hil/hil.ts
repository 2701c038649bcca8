/** Owns `npm run hil`: scenario files against a rig, and the reports of what came of them (interfaces 5). */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { VERSION } from '../../boards/compose.ts';
import type { Result } from '../../firmware/kernel/result.ts';
import { fail, ok } from '../../firmware/kernel/result.ts';
import { packageRoot } from '../lab/child.ts';
import type { Scenario } from '../scenario/steps.ts';
import type { Terminal } from '../scenario/suite.ts';
import { CONSOLE, findScenarios, listed, runSuite } from '../scenario/suite.ts';
import type { RigOptions } from './rig.ts';
import { RIGS } from './rigs.ts';

export const HIL_SCENARIOS = join(packageRoot(), 'scripts', 'hil', 'scenarios');

const USAGE = `npm run hil -- [--rig ${Object.keys(RIGS).join('|')}] [SCENARIO...]
  SCENARIO               a file, or the name of a shipped one; without any all shipped ones; --list names these
  --rig NAME             where the phone is (default virtual)
  --address HOST:PORT    the interface of the phone
  --token-file FILE      its first line is the phone's API token, for an interface that is not on the loopback
  --wires HOST:PORT      a second Pi that presses the keys and sees the lamps
  --lab HOST:PORT        control of a lab that runs already; --fault-command COMMAND: for your own servers
  --power-command COMMAND   run as COMMAND on|off where a scenario switches the phone; without it you are asked
  --model 57i|53i
  --junit FILE  --html FILE   reports`;

const TEXT = { type: 'string' } as const;
const OPTIONS = {
  ...{ rig: TEXT, address: TEXT, 'token-file': TEXT, wires: TEXT, lab: TEXT, 'fault-command': TEXT },
  ...{ 'power-command': TEXT, model: TEXT, junit: TEXT, html: TEXT },
  list: { type: 'boolean' },
  help: { type: 'boolean' },
} as const;

const parse = (args: readonly string[]) => parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
type Values = ReturnType<typeof parse>['values'];

/** Exit code: 0 all passed, 1 one did not, 2 it could not be run. */
export async function runHil(args: readonly string[], terminal: Terminal = CONSOLE): Promise<number> {
  const read = await readArgs(args);
  if (!read.ok) {
    terminal.complain(`hil: ${read.error}\n`);
    return 2;
  }
  const { values, scenarios, options } = read.value;
  if (values.help === true || values.list === true) {
    terminal.print(values.help === true ? `${USAGE}\n` : listed(scenarios));
    return 0;
  }
  const rig = await RIGS[values.rig ?? 'virtual']?.();
  if (rig === undefined) return 2;
  return runSuite(scenarios, {
    open: (scenario, person) => rig.open(scenario, { ...options, person }),
    reports: values,
    title: `hil --rig ${values.rig ?? 'virtual'}`,
    version: VERSION,
    terminal,
  });
}

interface Read {
  readonly values: Values;
  readonly scenarios: readonly Scenario[];
  readonly options: Omit<RigOptions, 'person'>;
}

async function readArgs(args: readonly string[]): Promise<Result<Read, string>> {
  try {
    const { values, positionals } = parse(args);
    const { rig = 'virtual', model = '57i' } = values;
    if (!Object.hasOwn(RIGS, rig)) return fail(`--rig ${rig}: one of ${Object.keys(RIGS).join(', ')}`);
    if (model !== '57i' && model !== '53i') return fail(`--model ${model}: 57i or 53i`);
    const tokenFile = values['token-file'];
    const options: Read['options'] = {
      ...{ address: values.address ?? null, wires: values.wires ?? null, lab: values.lab ?? null },
      model,
      token: tokenFile === undefined ? null : (readFileSync(tokenFile, 'utf8').split('\n', 1)[0]?.trim() ?? null),
      faultCommand: values['fault-command'] ?? null,
      powerCommand: values['power-command'] ?? null,
    };
    const wanted = values.list === true || positionals.length === 0 ? ['all'] : positionals;
    const scenarios = await findScenarios(HIL_SCENARIOS, wanted);
    return scenarios.ok ? ok({ values, scenarios: scenarios.value, options }) : scenarios;
  } catch (error) {
    return fail(`${(error as Error).message.split('\n', 1)[0] ?? ''}\n${USAGE}`);
  }
}
