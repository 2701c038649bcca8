/** Owns `holdfast test`: scenarios against our lab or against somebody's own servers, and the reports of what came of them. */
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { Result } from '../../firmware/kernel/result.ts';
import { fail, ok } from '../../firmware/kernel/result.ts';
import { packageRoot } from '../lab/child.ts';
import { startTested } from './phone.ts';
import type { Person } from './servers.ts';
import { commandServers, personServers } from './servers.ts';
import type { Scenario } from './steps.ts';
import type { Opened, Terminal } from './suite.ts';
import { CONSOLE, findScenarios, labBench, listed, runSuite } from './suite.ts';

const SHIPPED = join(packageRoot(), 'scripts', 'scenario', 'shipped');

const USAGE = `holdfast test SCENARIO... [--config FILE|DIR ...]
  SCENARIO                 a file, or the name of a shipped one; --list names these, "all" runs them
  --config FILE|DIR        the phone's configuration, for your servers; without it: against our own lab
  --fault-command COMMAND  run as COMMAND TARGET KIND [ARG] for each fault of a scenario; without it you are asked
  --dns HOST[:PORT] --bind IP --model 57i|53i --mac HEX   as for "holdfast run"
  --junit FILE  --html FILE   reports
  --list                   the shipped scenarios`;

const OPTIONS = {
  config: { type: 'string', multiple: true },
  'fault-command': { type: 'string' },
  dns: { type: 'string', multiple: true },
  bind: { type: 'string' },
  model: { type: 'string' },
  mac: { type: 'string' },
  junit: { type: 'string' },
  html: { type: 'string' },
  list: { type: 'boolean' },
  help: { type: 'boolean' },
} as const;

type Values = ReturnType<typeof parse>['values'];

const parse = (args: readonly string[]) => parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });

/** Exit code: 0 all passed, 1 one did not, 2 it could not be run. */
export async function runTest(args: readonly string[], version: string, terminal: Terminal = CONSOLE): Promise<number> {
  const read = await readArgs(args);
  if (!read.ok) {
    terminal.complain(`holdfast test: ${read.error}\n`);
    return 2;
  }
  const { values, scenarios } = read.value;
  if (values.help === true || values.list === true) {
    terminal.print(values.help === true ? `${USAGE}\n` : listed(scenarios));
    return 0;
  }
  return runSuite(scenarios, { open: openFor(values), reports: values, title: 'holdfast test', version, terminal });
}

async function readArgs(
  args: readonly string[],
): Promise<Result<{ readonly values: Values; readonly scenarios: readonly Scenario[] }, string>> {
  try {
    const { values, positionals } = parse(args);
    if (values.help === true) return ok({ values, scenarios: [] });
    const wanted = values.list === true ? ['all'] : positionals;
    if (wanted.length === 0) return fail(`which scenario?\n${USAGE}`);
    const scenarios = await findScenarios(SHIPPED, wanted);
    return scenarios.ok ? ok({ values, scenarios: scenarios.value }) : scenarios;
  } catch (error) {
    return fail(`${(error as Error).message.split('\n', 1)[0] ?? ''}\n${USAGE}`);
  }
}

/** Without `--config`: our lab, made anew for each scenario. */
const openFor = (values: Values) => (scenario: Scenario, person: Person) =>
  values.config === undefined ? againstLab(scenario, values, person) : Promise.resolve(ownBench(values, person));

const common = ({ model, mac }: Values): readonly string[] => [
  ...(model === undefined ? [] : ['--model', model]),
  ...(mac === undefined ? [] : ['--mac', mac]),
];

const againstLab = (scenario: Scenario, values: Values, person: Person): Promise<Opened> =>
  labBench(scenario, {
    ...{ person, start: startTested, phones: 'new', described: 'our own lab' },
    phoneArgs: common(values),
    labOptions: {},
  });

function ownBench(values: Values, person: Person): Opened {
  const { config = [], dns = [], bind, 'fault-command': command } = values;
  const phoneArgs = [
    ...config.flatMap((path) => ['--config', resolve(path)]),
    ...dns.flatMap((server) => ['--dns', server]),
    ...(bind === undefined ? [] : ['--bind', bind]),
    ...common(values),
  ];
  const servers = command === undefined ? personServers(person) : commandServers(command);
  const described = `the servers of ${config.join(', ')}`;
  return {
    bench: { servers, person, start: startTested, phones: 'new', phoneArgs, described },
    close: () => Promise.resolve(),
  };
}
