/** Owns running one scenario: step after step against a phone and its servers, everything that is seen kept for the reports. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Presence } from '../lab/protocol.ts';
import type { Rung } from '../ladder.ts';
import { readRungs } from '../ladder.ts';
import { expectation } from './expect.ts';
import type { PanelSeen } from './hil-client.ts';
import type { ScenarioOutcome, StepOutcome } from './outcome.ts';
import { seconds } from './outcome.ts';
import type { PhoneEventSeen, StartPhone, TestedPhone } from './phone.ts';
import type { Performed, Scene } from './scene.ts';
import type { Done, Person, Servers } from './servers.ts';
import { runShell } from './servers.ts';
import type { Act, Scenario, Step } from './steps.ts';
import { isExpectation, needsPanel } from './steps.ts';

export interface Bench {
  readonly servers: Servers;
  readonly person: Person;
  readonly start: StartPhone;
  /** `new`: a start is the birth of a phone; `there`: the phone is one that ran before, and tells what was. */
  readonly phones: 'new' | 'there';
  /** Arguments of `holdfast run`: configuration, name servers, address. */
  readonly phoneArgs: readonly string[];
  /** Against whose servers, for the reports. */
  readonly described: string;
}

const LOOK_MS = 100;
const PRESS_MS = 80;
const LEFT_OUT = 'a step before it did not pass';

export async function runScenario(
  scenario: Scenario,
  bench: Bench,
  tell: (outcome: StepOutcome) => void,
): Promise<ScenarioOutcome> {
  const startedAt = Date.now();
  const stage = await createStage(scenario, bench);
  const steps: StepOutcome[] = [];
  let tookMs = 0;
  try {
    if (!scenario.steps.some(({ what }) => what.kind === 'start')) await stage.start({});
    for (const step of scenario.steps) {
      const halted = steps.some(({ verdict }) => verdict === 'failed');
      const outcome = halted ? skipped(step, stage.scene.now()) : await perform(step, stage);
      steps.push(outcome);
      tell(outcome);
    }
    tookMs = stage.scene.now();
  } finally {
    await stage.close();
  }
  return {
    scenario,
    startedAt,
    tookMs,
    steps,
    events: stage.scene.events,
    rungs: stage.rungs,
    servers: bench.described,
  };
}

const skipped = (step: Step, at: number): StepOutcome => ({
  step,
  verdict: 'skipped',
  at,
  tookMs: 0,
  measuredMs: null,
  message: LEFT_OUT,
  panel: null,
});

/** A missed bound is no reason to stop: what follows can still be measured. */
async function perform(step: Step, stage: Stage): Promise<StepOutcome> {
  const at = stage.scene.now();
  const done = await (isExpectation(step.what)
    ? expectation(step.what, step, stage.scene)
    : stage.act(step.what)
  ).catch((error: unknown) => ({ error: error instanceof Error ? error.message : String(error), measuredMs: null }));
  const { measuredMs } = done;
  const late = step.boundS !== null && measuredMs !== null && measuredMs > step.boundS * 1000;
  const message = done.error ?? (late ? `took ${seconds(measuredMs)}, more than ${step.boundS} s` : null);
  const verdict = done.error !== undefined ? 'failed' : late ? 'missed' : 'passed';
  const tookMs = stage.scene.now() - at;
  const panel = message === null ? null : await lookAt(stage.scene);
  return { step, verdict, at, tookMs, measuredMs, message, panel };
}

/** A phone without a panel, and one that is gone, show nothing. */
async function lookAt(scene: Scene): Promise<PanelSeen | null> {
  try {
    const panel = await scene.phone().panel();
    return panel.lcd.length === 0 ? null : panel;
  } catch {
    return null;
  }
}

interface Stage {
  readonly scene: Scene;
  readonly rungs: Rung[];
  start(parameters: Readonly<Record<string, string>>): Promise<void>;
  act(act: Act): Promise<Performed>;
  close(): Promise<void>;
}

async function createStage(scenario: Scenario, bench: Bench): Promise<Stage> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-scenario-'));
  const began = performance.now();
  const now = (): number => performance.now() - began;
  const events: PhoneEventSeen[] = [];
  const rungs: Rung[] = [];
  const broken = new Set<string>();
  /** Numbers that do something. */
  const restless = new Set<string>();
  let wake: () => void = () => undefined;
  let phone: TestedPhone | null = null;
  let born = 0;
  let lives = 0;
  let last = { since: 0, at: 0 };
  /** The last act started a process: times count from when the phone in it runs, for how fast a machine starts Node is no matter of servers. */
  let starting = false;

  const mark = (at: number, since = events.length): void => {
    last = { since, at };
    starting = false;
  };
  const running = (): TestedPhone => {
    if (phone === null) throw new Error('no phone runs');
    return phone;
  };
  const start = async (parameters: Readonly<Record<string, string>>): Promise<void> => {
    if (phone !== null) throw new Error('the phone runs already');
    lives += 1;
    born = events.length;
    const own = join(folder, `scenario-${lives}.cfg`);
    await writeFile(
      own,
      Object.entries(parameters)
        .map(([name, value]) => `${name}: ${value}\n`)
        .join(''),
    );
    const args = [...bench.phoneArgs, '--config', own, '--state', join(folder, 'state')];
    mark(now());
    const record = join(folder, `${lives}.jsonl`);
    phone = await bench.start({ args, parameters, panel: needsPanel(scenario), record }, now, (event) => {
      if (event !== null) events.push(event);
      wake();
    });
    if (bench.phones === 'there') mark(now());
    else starting = true;
  };
  const end = async (how: 'clean' | 'unclean' | 'leave'): Promise<void> => {
    const ending = running();
    await ending.stop(how);
    phone = null;
    const since = ending.startedAt();
    rungs.push(...readRungs(await ending.recording()).map((rung) => ({ ...rung, at: rung.at + since })));
  };
  /** What the servers, or who stands for them, are told to do. */
  const told = async (order: () => Done): Done => {
    const begun = { since: events.length, at: now() };
    const error = await order();
    mark(bench.servers.from === 'order' ? begun.at : now(), begun.since);
    return error;
  };
  const order = (target: string, kind: string, arg: string | null): Done => {
    if (kind === 'clear') broken.delete(target);
    else broken.add(target);
    return told(() => bench.servers.order(target, kind, arg));
  };
  const present = (resource: string, presence: Presence): Done => {
    if (presence === 'idle') restless.delete(resource);
    else restless.add(resource);
    return told(() => bench.servers.present(resource, presence));
  };
  const asked = async (text: string): Done => {
    const since = events.length;
    const error = await bench.person.ask(text);
    mark(now(), since);
    return error;
  };
  const act = async (what: Act): Promise<Performed> => {
    const error = await done(what);
    return { error: error ?? undefined, measuredMs: null };
  };
  const done = async (what: Act): Promise<string | undefined> => {
    switch (what.kind) {
      case 'say':
      case 'lab':
        return undefined;
      case 'start':
        await start(what.parameters);
        return undefined;
      case 'stop':
        await end(what.how);
        mark(now());
        return undefined;
      case 'fault':
        return order(what.target, what.fault, what.arg);
      case 'clear':
        return order(what.target, 'clear', null);
      case 'present':
        return present(what.resource, what.presence);
      case 'call':
        return told(() => bench.servers.call(what.user, what.through, what.header));
      case 'command':
        mark(now());
        return runShell(what.command, []);
      case 'ask':
        return asked(what.text);
      case 'wait':
        mark(now());
        await new Promise((resolve) => setTimeout(resolve, what.seconds * 1000));
        return undefined;
      case 'control':
        mark(now());
        running().control(what.line);
        return undefined;
      case 'press':
        mark(now());
        await running().key(what.key, 'press', what.ms ?? PRESS_MS);
        return undefined;
      case 'contact':
        mark(now());
        await running().key(what.key, what.action, PRESS_MS);
        return undefined;
      case 'dial':
        mark(now());
        for (const digit of what.digits) await running().key(digit, 'press', PRESS_MS);
        return undefined;
      case 'push':
        mark(now());
        await running().push(what.document);
        return undefined;
      case 'hook':
        mark(now());
        await running().hook(what.state);
        return undefined;
      case 'tone':
        mark(now());
        await running().tone(what.hz, what.ms);
        return undefined;
    }
  };
  return {
    scene: {
      now,
      phone: running,
      events,
      born: () => born,
      last: () => (starting && phone !== null ? { ...last, at: phone.startedAt() } : last),
      change: () =>
        new Promise((resolve) => {
          const timer = setTimeout(resolve, LOOK_MS);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        }),
    },
    rungs,
    start,
    act,
    async close() {
      if (phone !== null) await end('leave');
      // Nobody's servers are left broken, whatever befell the scenario.
      for (const target of broken) await bench.servers.order(target, 'clear', null);
      for (const resource of restless) await bench.servers.present(resource, 'idle');
      await rm(folder, { recursive: true, force: true });
    },
  };
}
