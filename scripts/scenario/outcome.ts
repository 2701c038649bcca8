/** Owns what came of a scenario: each step with its times, and all that was seen meanwhile; what every report is made from. */
import type { Rung } from '../ladder.ts';
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
