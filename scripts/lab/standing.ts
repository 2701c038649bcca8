/** Owns which faults of a lab stand now, for whoever orders them by hand and wants to see them. */
import type { Lab } from './lab.ts';
import type { FaultResult } from './server.ts';

export interface StandingFaults {
  apply(target: string, kind: string): Promise<FaultResult>;
  /** Kind by target. */
  active(): Readonly<Record<string, string>>;
}

export function standingFaults(lab: Lab): StandingFaults {
  const active: Record<string, string> = {};
  return {
    async apply(target, kind) {
      const result = await lab.fault(target, kind);
      if (result.ok && kind === 'clear') delete active[target];
      else if (result.ok) active[target] = kind;
      return result;
    },
    active: () => active,
  };
}
