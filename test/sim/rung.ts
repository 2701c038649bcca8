/** Owns a registered phone that somebody calls through its primary, for scenarios of calls that come in. */
import type { CallEvent } from '../../firmware/ui/appearances.ts';
import type { Command } from '../../firmware/vocabulary.ts';
import { lineSettings, phoneSettings, server } from '../support/settings.ts';
import type { Desk } from './call-desk.ts';
import { desk } from './call-desk.ts';
import type { CallerOptions } from './caller.ts';
import { Caller } from './caller.ts';

export interface Rung extends Desk {
  readonly caller: Caller;
  readonly ask: (command: Command) => void;
}

export const PAIR = { primary: server('192.0.2.1', 5060), backup: server('192.0.2.2', 5060) };

/** A registered phone that is called through its primary. */
export function rung(
  options: CallerOptions = {},
  settings = phoneSettings({ lines: [lineSettings({ registrar: PAIR, proxy: PAIR })] }),
): Rung {
  const all = desk(settings);
  all.world.run(1000);
  const caller = new Caller(all.world, all.primary, options).call();
  all.world.run(10);
  const ask = (command: Command): void => all.world.input({ kind: 'command', id: 'x', command });
  return { ...all, caller, ask };
}

export const lastCall = ({ world }: Desk): CallEvent | undefined => world.eventsOf('call').at(-1);
