/** Owns what a rig is: a way to a phone whose keys, lamps and screen are reached from outside, and to the servers that it uses. */
import type { Person } from '../scenario/servers.ts';
import type { Scenario } from '../scenario/steps.ts';
import type { Opened } from '../scenario/suite.ts';

export interface RigOptions {
  /** Where the phone's own interface is, `HOST:PORT`; null = the rig knows. */
  readonly address: string | null;
  /** For an interface that is not on the loopback; null = none. */
  readonly token: string | null;
  /** A second Pi on the wires, `HOST:PORT`; null = none. */
  readonly wires: string | null;
  /** Control of a lab that runs elsewhere, `HOST:PORT`; null = none. */
  readonly lab: string | null;
  /** Makes faults, as `holdfast test --fault-command` does; null = none. */
  readonly faultCommand: string | null;
  /** `COMMAND on|off` switches the phone; null = a person is asked. */
  readonly powerCommand: string | null;
  readonly model: '57i' | '53i';
  readonly person: Person;
}

/** A bench for one scenario. What it opened ends with its `close`. */
export interface Rig {
  open(scenario: Scenario, options: RigOptions): Promise<Opened>;
}
