/** Owns what came of a scenario: each step with its times, and all that was seen meanwhile; what every report is made from. */
import type { Rung } from '../ladder.ts';
import type { PanelSeen } from './hil-client.ts';
import type { PhoneEventSeen } from './phone.ts';
import type { Scenario, Step } from './steps.ts';

export interface StepOutcome {
  readonly step: Step;
  /** `missed`: it happened, but later than its bound. */
  readonly verdict: 'passed' | 'failed' | 'missed' | 'skipped';
  /** When it began, ms since the scenario began. */
  readonly at: number;
  readonly tookMs: number;
  /** From the last act to what was expected, ms; null where nothing is measured. */
  readonly measuredMs: number | null;
  /** Why it did not pass. */
  readonly message: string | null;
  /** What the front panel showed where it did not pass; null = it passed, or nobody could look. */
  readonly panel: PanelSeen | null;
}

export interface ScenarioOutcome {
  readonly scenario: Scenario;
  /** Unix time, ms. */
  readonly startedAt: number;
  readonly tookMs: number;
  readonly steps: readonly StepOutcome[];
  readonly events: readonly PhoneEventSeen[];
  /** On the scenario's clock, of every phone that ran in it. */
  readonly rungs: readonly Rung[];
  /** Against whose servers. */
  readonly servers: string;
}

export const passed = ({ steps }: ScenarioOutcome): boolean => steps.every(({ verdict }) => verdict === 'passed');

export const seconds = (ms: number): string => {
  const value = ms / 1000;
  return `${value < 10 ? value.toFixed(3) : value.toFixed(1)} s`;
};

/** Screen and lamps as lines of text. */
export function panelText({ lcd, lamps, hook }: PanelSeen): readonly string[] {
  const width = Math.max(...lcd.map((row) => row.length));
  const lit = Object.entries(lamps).filter(([, state]) => state !== 'off');
  const states = lit.map(([lamp, state]) => `${lamp} ${state}`).join(', ');
  return [
    `+${'-'.repeat(width + 2)}+`,
    ...lcd.map((row) => `| ${row.padEnd(width)} |`),
    `+${'-'.repeat(width + 2)}+`,
    `lamps: ${states === '' ? 'all off' : states}${hook === undefined ? '' : `; handset ${hook === 'on' ? 'down' : 'up'}`}`,
  ];
}
