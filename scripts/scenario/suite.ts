/** Owns a run of several scenarios: finding their files, a bench for each, what is printed meanwhile, and the reports at the end. */
import { readdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Result } from '../../firmware/kernel/result.ts';
import { fail, ok } from '../../firmware/kernel/result.ts';
import { readWholeText } from '../../firmware/shell/files.ts';
import type { LabOptions } from '../lab/lab.ts';
import { startLab } from '../lab/lab.ts';
import { html } from './html.ts';
import { junit } from './junit.ts';
import type { ScenarioOutcome } from './outcome.ts';
import { passed } from './outcome.ts';
import { readScenario } from './read.ts';
import type { Bench } from './run.ts';
import { runScenario } from './run.ts';
import type { Person } from './servers.ts';
import { labServers, personAt } from './servers.ts';
import type { Scenario } from './steps.ts';
import { headLine, lastLine, stepLine, summary } from './terminal.ts';

export interface Terminal {
  readonly input: NodeJS.ReadableStream;
  print(text: string): void;
  complain(text: string): void;
}

export const CONSOLE: Terminal = {
  input: process.stdin,
  print: (text) => void process.stdout.write(text),
  complain: (text) => void process.stderr.write(text),
};

/** A bench that stands, and how it is taken down. */
export interface Opened {
  readonly bench: Bench;
  close(): Promise<void>;
}

export interface SuiteOptions {
  readonly open: (scenario: Scenario, person: Person) => Promise<Opened>;
  readonly reports: { readonly junit?: string | undefined; readonly html?: string | undefined };
  /** The command, for its complaints and its reports. */
  readonly title: string;
  readonly version: string;
  readonly terminal: Terminal;
}

/** Exit code: 0 all passed, 1 one did not, 2 it could not be run. */
export async function runSuite(scenarios: readonly Scenario[], options: SuiteOptions): Promise<number> {
  const { reports, title, version, terminal } = options;
  const person = personAt(terminal.input, terminal.print);
  const outcomes: ScenarioOutcome[] = [];
  try {
    for (const scenario of scenarios) outcomes.push(await runOne(scenario, person, options));
    if (reports.junit !== undefined) await writeFile(reports.junit, junit(outcomes, title));
    if (reports.html !== undefined) await writeFile(reports.html, html(outcomes, { title, version }));
  } catch (error) {
    terminal.complain(`${title}: ${error instanceof Error ? error.message : String(error)}\n`);
    return 2;
  } finally {
    person.close();
  }
  terminal.print(summary(outcomes));
  return outcomes.every(passed) ? 0 : 1;
}

async function runOne(
  scenario: Scenario,
  person: Person,
  { open, terminal }: Pick<SuiteOptions, 'open' | 'terminal'>,
): Promise<ScenarioOutcome> {
  terminal.print(headLine(scenario));
  const { bench, close } = await open(scenario, person);
  try {
    const outcome = await runScenario(scenario, bench, (step) => terminal.print(stepLine(step)));
    terminal.print(lastLine(outcome));
    return outcome;
  } finally {
    await close();
  }
}

/** Scenarios by path, by the name of a file in `folder`, or `all` of that folder. */
export async function findScenarios(
  folder: string,
  wanted: readonly string[],
): Promise<Result<readonly Scenario[], string>> {
  const shipped = await shippedIn(folder);
  const names = wanted.includes('all') ? [...shipped.keys()] : wanted;
  const scenarios: Scenario[] = [];
  for (const name of names) {
    const scenario = await readOne(shipped.get(name) ?? name);
    if (!scenario.ok) return scenario;
    scenarios.push(scenario.value);
  }
  return ok(scenarios);
}

export const listed = (scenarios: readonly Scenario[]): string =>
  scenarios.map(({ name, title }) => `${name.padEnd(18)} ${title}\n`).join('');

/** Path by name; none where only the bundle was taken along. */
async function shippedIn(folder: string): Promise<ReadonlyMap<string, string>> {
  const files = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith('.yaml')).sort();
  return new Map(files.map((name) => [basename(name, '.yaml'), join(folder, name)]));
}

async function readOne(path: string): Promise<Result<Scenario, string>> {
  const text = await readWholeText(path).catch((error: NodeJS.ErrnoException) => error);
  if (typeof text !== 'string')
    return fail(`${path}: cannot be read (${text.code ?? text.message}); --list names the shipped ones`);
  const scenario = readScenario(text, basename(path).replace(/\.ya?ml$/, ''));
  return scenario.ok ? scenario : fail(`${path}: ${scenario.error}`);
}

/** A bench at our own lab, made anew; what a scenario says of its lab is heeded. */
export async function labBench(
  scenario: Scenario,
  { labOptions, phoneArgs, ...rest }: Omit<Bench, 'servers'> & { readonly labOptions: LabOptions },
): Promise<Opened> {
  const set = scenario.steps.find(({ what }) => what.kind === 'lab')?.what;
  const lab = await startLab({
    accounts: 2,
    ...labOptions,
    ...(set?.kind === 'lab' && set.ttlS !== null ? { ttlS: set.ttlS } : {}),
    ...(set?.kind === 'lab' && set.minExpiresS !== null ? { minExpiresS: set.minExpiresS } : {}),
  });
  const { config, dns } = lab.info();
  const args = ['--config', config, '--dns', dns, '--bind', '127.0.0.1', ...phoneArgs];
  return { bench: { ...rest, servers: labServers(lab), phoneArgs: args }, close: () => lab.stop() };
}
