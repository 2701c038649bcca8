/** Owns the JUnit report that test servers read: a suite for each scenario, a case for each step, what was measured as its output. */
import type { ScenarioOutcome, StepOutcome } from './outcome.ts';
import { panelText, seconds } from './outcome.ts';

/** `name`: the command that ran them. */
export function junit(outcomes: readonly ScenarioOutcome[], name: string): string {
  const suites = outcomes.map(suite);
  const all = outcomes.flatMap(({ steps }) => steps);
  const took = outcomes.reduce((sum, { tookMs }) => sum + tookMs, 0);
  return `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="${escaped(name)}" ${counts(all)} time="${time(took)}">
${suites.join('\n')}
</testsuites>
`;
}

function suite({ scenario, steps, startedAt, tookMs, servers }: ScenarioOutcome): string {
  const stamp = new Date(startedAt).toISOString().slice(0, 19);
  return `  <testsuite name="${escaped(scenario.name)}" ${counts(steps)} skipped="${count(steps, ['skipped'])}" time="${time(tookMs)}" timestamp="${stamp}" hostname="${escaped(servers)}">
${steps.map((step, index) => testCase(scenario.name, step, index)).join('\n')}
  </testsuite>`;
}

function testCase(
  suiteName: string,
  { step, verdict, tookMs, measuredMs, message, panel }: StepOutcome,
  index: number,
): string {
  const head = `    <testcase name="${index + 1}. ${escaped(step.title)}" classname="${escaped(suiteName)}" time="${time(tookMs)}"`;
  const bound = step.boundS === null ? '' : `, at most ${step.boundS} s`;
  const inner = [
    ...(verdict === 'skipped' ? ['<skipped/>'] : []),
    ...(verdict === 'failed' || verdict === 'missed'
      ? [
          `<failure message="${escaped(message ?? '')}" type="${verdict}">line ${step.line}: ${escaped(step.title)}${escapedLines(panel === null ? [] : ['', ...panelText(panel)])}</failure>`,
        ]
      : []),
    ...(measuredMs === null ? [] : [`<system-out>${seconds(measuredMs)}${bound}</system-out>`]),
  ];
  return inner.length === 0 ? `${head}/>` : `${head}>\n      ${inner.join('\n      ')}\n    </testcase>`;
}

/** Lines stay lines. */
const escapedLines = (lines: readonly string[]): string => lines.map(escaped).join('\n');

const count = (steps: readonly StepOutcome[], verdicts: readonly StepOutcome['verdict'][]): number =>
  steps.filter(({ verdict }) => verdicts.includes(verdict)).length;

const counts = (steps: readonly StepOutcome[]): string =>
  `tests="${steps.length}" failures="${count(steps, ['failed', 'missed'])}" errors="0"`;

const time = (ms: number): string => (ms / 1000).toFixed(3);

/** For text and attributes alike; what XML 1.0 cannot hold (2.2) becomes U+FFFD. */
export const escaped = (text: string): string =>
  text
    .replace(/[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu, '\u{FFFD}')
    .replace(/[&<>"'\t\n\r]/g, (sign) => `&#${sign.charCodeAt(0)};`);
