/** Owns `holdfast test`: scenarios against our lab or against somebody's own servers, and the reports of what came of them. */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { Result } from '../../firmware/kernel/result.ts';
import { fail, ok } from '../../firmware/kernel/result.ts';
import { packageRoot } from '../lab/child.ts';
import { startLab } from '../lab/lab.ts';
import { html } from './html.ts';
import { junit } from './junit.ts';
import type { ScenarioOutcome } from './outcome.ts';
import { passed } from './outcome.ts';
import { readScenario } from './read.ts';
import type { Bench } from './run.ts';
import { runScenario } from './run.ts';
import type { Person } from './servers.ts';
import { commandServers, labServers, personAt, personServers } from './servers.ts';
import type { Scenario } from './steps.ts';
import { headLine, lastLine, stepLine, summary } from './terminal.ts';

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

export interface Terminal {
  readonly input: NodeJS.ReadableStream;
  print(text: string): void;
  complain(text: string): void;
}

const CONSOLE: Terminal = {
  input: process.stdin,
  print: (text) => void process.stdout.write(text),
  complain: (text) => void process.stderr.write(text),
};

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
    terminal.print(
      values.help === true
        ? `${USAGE}\n`
        : scenarios.map(({ name, title }) => `${name.padEnd(18)} ${title}\n`).join(''),
    );
    return 0;
  }
  const person = personAt(terminal.input, terminal.print);
  const outcomes: ScenarioOutcome[] = [];
  try {
    for (const scenario of scenarios) outcomes.push(await runOne(scenario, values, person, terminal));
    if (values.junit !== undefined) await writeFile(values.junit, junit(outcomes));
    if (values.html !== undefined) await writeFile(values.html, html(outcomes, version));
  } catch (error) {
    terminal.complain(`holdfast test: ${error instanceof Error ? error.message : String(error)}\n`);
    return 2;
  } finally {
    person.close();
  }
  terminal.print(summary(outcomes));
  return outcomes.every(passed) ? 0 : 1;
}

async function readArgs(
  args: readonly string[],
): Promise<Result<{ readonly values: Values; readonly scenarios: readonly Scenario[] }, string>> {
  try {
    const { values, positionals } = parse(args);
    if (values.help === true) return ok({ values, scenarios: [] });
    const shipped = await shippedFiles();
    const wanted = values.list === true || positionals.includes('all') ? [...shipped.keys()] : positionals;
    if (wanted.length === 0) return fail(`which scenario?\n${USAGE}`);
    const scenarios: Scenario[] = [];
    for (const name of wanted) {
      const scenario = await readOne(shipped.get(name) ?? name);
      if (!scenario.ok) return scenario;
      scenarios.push(scenario.value);
    }
    return ok({ values, scenarios });
  } catch (error) {
    return fail(`${(error as Error).message.split('\n', 1)[0] ?? ''}\n${USAGE}`);
  }
}

/** Path by name; none where only the bundle was taken along. */
async function shippedFiles(): Promise<ReadonlyMap<string, string>> {
  const folder = join(packageRoot(), 'scripts', 'scenario', 'shipped');
  const files = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith('.yaml')).sort();
  return new Map(files.map((name) => [basename(name, '.yaml'), join(folder, name)]));
}

async function readOne(path: string): Promise<Result<Scenario, string>> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => error);
  if (typeof text !== 'string')
    return fail(`${path}: cannot be read (${text.code ?? text.message}); --list names the shipped ones`);
  const scenario = readScenario(text, basename(path).replace(/\.ya?ml$/, ''));
  return scenario.ok ? scenario : fail(`${path}: ${scenario.error}`);
}

async function runOne(
  scenario: Scenario,
  values: Values,
  person: Person,
  terminal: Terminal,
): Promise<ScenarioOutcome> {
  terminal.print(headLine(scenario));
  const { bench, close } =
    values.config === undefined ? await labBench(scenario, values, person) : ownBench(values, person);
  try {
    const outcome = await runScenario(scenario, bench, (step) => terminal.print(stepLine(step)));
    terminal.print(lastLine(outcome));
    return outcome;
  } finally {
    await close();
  }
}

interface Opened {
  readonly bench: Bench;
  close(): Promise<void>;
}

const common = ({ model, mac }: Values): readonly string[] => [
  ...(model === undefined ? [] : ['--model', model]),
  ...(mac === undefined ? [] : ['--mac', mac]),
];

async function labBench(scenario: Scenario, values: Values, person: Person): Promise<Opened> {
  const set = scenario.steps.find(({ what }) => what.kind === 'lab')?.what;
  const lab = await startLab({
    accounts: 2,
    ...(set?.kind === 'lab' && set.ttlS !== null ? { ttlS: set.ttlS } : {}),
    ...(set?.kind === 'lab' && set.minExpiresS !== null ? { minExpiresS: set.minExpiresS } : {}),
  });
  const { config, dns } = lab.info();
  const phoneArgs = ['--config', config, '--dns', dns, '--bind', '127.0.0.1', ...common(values)];
  return { bench: { servers: labServers(lab), person, phoneArgs, described: 'our own lab' }, close: () => lab.stop() };
}

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
  return { bench: { servers, person, phoneArgs, described }, close: () => Promise.resolve() };
}
