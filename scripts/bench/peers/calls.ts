/** Owns the rows of the comparison in which somebody calls or waits for messages while the primary is dead. */
import { setTimeout as sleep } from 'node:timers/promises';
import { DOMAIN } from '../../../test/interop/support/servers.ts';
import type { Agent } from './agents.ts';
import type { Cell } from './cells.ts';
import { answered, asked, SHORT_S, seconds, USUAL } from './cells.ts';
import type { Stage } from './stage.ts';

const CALLEE = `sip:200@${DOMAIN}`;
/** What an agent does after it has registered is done. */
const SETTLED_MS = 2000;
/** Who looks after its servers knows by then that one is dead: a probe period of ours, 15 s, and some. */
const KNOWN_MS = 20_000;
/** Nothing of a transaction is sent after that, 64*T1 (RFC 3261 17.1.2.2), and some. */
const OVER_MS = 36_000;

const FAULTS = ['killed', 'silent', 'unreachable', '503', '500'] as const;

/** A call at once after the primary died, and one when that can be known. */
export async function calls(stage: Stage, { calls: said }: Agent): Promise<readonly Cell[]> {
  if (said === null) return [];
  const cells: Cell[] = [];
  const call = async (what: string): Promise<void> => {
    const began = Date.now();
    stage.say(said.dial(CALLEE));
    const first = await stage.first(began, asked('primary', 'INVITE'));
    const taken = await stage.first(began, answered('backup', 'INVITE'));
    cells.push(seconds(`call, primary ${what}: INVITE to the backup's 200`, first?.at ?? began, taken));
    stage.say(said.hangUp);
  };
  for (const fault of FAULTS) {
    await registered(stage);
    await stage.primary(fault, 'INVITE');
    await call(fault);
    // A server that refuses calls may be well otherwise: nothing is known of it by its probes.
    if (fault !== '503' && fault !== '500') {
      await sleep(KNOWN_MS);
      await call(`${fault} and known to be`);
    }
    await stage.stop();
    await stage.primary('whole');
  }
  return cells;
}

/** How long the agent goes on to say goodbye to a proxy that is not there. */
export async function hangUp(stage: Stage, { calls: said }: Agent): Promise<readonly Cell[]> {
  if (said === null) return [];
  await registered(stage);
  const dialled = Date.now();
  stage.say(said.dial(CALLEE));
  const row = 'proxy silent in a call, user hangs up: last BYE after the first';
  const taken = await stage.first(dialled, answered('primary', 'INVITE'));
  await sleep(SETTLED_MS);
  await stage.primary('silent');
  const ended = Date.now();
  stage.say(said.hangUp);
  const isBye = asked('primary', 'BYE');
  const first = taken === null ? null : await stage.first(ended, isBye);
  if (first !== null) await sleep(OVER_MS);
  const last = stage.seen(ended, isBye).at(-1) ?? null;
  await stage.stop();
  await stage.primary('whole');
  return [seconds(row, first?.at ?? ended, last)];
}

async function registered(stage: Stage): Promise<void> {
  const began = stage.start(USUAL);
  await stage.first(began, answered('primary', 'REGISTER'));
  await sleep(SETTLED_MS);
}

/** From the binding at the backup to the first word of its voice mail. */
export async function waitingMessages(stage: Stage): Promise<Cell> {
  const row = 'voice mail at the backup: its 200 to REGISTER to its first NOTIFY';
  const began = stage.start({ ...USUAL, expiresS: SHORT_S, mwi: true });
  const told = await stage.first(began, asked('phone', 'NOTIFY'));
  const broken = Date.now();
  if (told !== null) await stage.primary('killed');
  const bound = told === null ? null : await stage.first(broken, answered('backup', 'REGISTER'));
  const moved = bound === null ? null : await stage.first(broken, answered('phone', 'NOTIFY'));
  await stage.stop();
  await stage.primary('whole');
  return seconds(row, bound?.at ?? broken, moved);
}
