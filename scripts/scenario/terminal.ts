/** Owns how a scenario looks in a terminal: one line a step with its time, and a last line that counts. */
import type { ScenarioOutcome, StepOutcome } from './outcome.ts';
import { passed, seconds } from './outcome.ts';
import type { Scenario } from './steps.ts';

const WORDS = { passed: 'ok  ', failed: 'FAIL', missed: 'LATE', skipped: '-   ' } as const;
const TITLE_WIDTH = 56;

export const headLine = ({ name, title }: Scenario): string => `\n${name}${title === name ? '' : `: ${title}`}\n`;

/** Empty for what was only said. */
export function stepLine({ step, verdict, at, measuredMs, message }: StepOutcome): string {
  if (step.what.kind === 'say' || step.what.kind === 'lab') return '';
  const bound = step.boundS === null ? '' : ` (at most ${step.boundS} s)`;
  const measured = measuredMs === null ? '' : `${seconds(measuredMs)}${bound}`;
  const line = `  ${WORDS[verdict]} ${(at / 1000).toFixed(3).padStart(8)}  ${step.title.padEnd(TITLE_WIDTH)} ${measured}`;
  return `${line.trimEnd()}\n${message === null || verdict === 'skipped' ? '' : `       ${message}\n`}`;
}

export const lastLine = (outcome: ScenarioOutcome): string =>
  `  ${passed(outcome) ? 'passed' : 'FAILED'} in ${seconds(outcome.tookMs)}, against ${outcome.servers}\n`;

export function summary(outcomes: readonly ScenarioOutcome[]): string {
  const failed = outcomes.filter((outcome) => !passed(outcome)).map(({ scenario }) => scenario.name);
  const count = `${outcomes.length} ${outcomes.length === 1 ? 'scenario' : 'scenarios'}`;
  return `\n${count}, ${failed.length} failed${failed.length === 0 ? '' : `: ${failed.join(', ')}`}\n`;
}
