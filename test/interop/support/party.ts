/** Owns one phone among several in calls: what it is ordered, what its calls are, and what is heard in it. */
import assert from 'node:assert/strict';
import type { PhoneEventLine, Seat, TestPhone } from './phone.ts';
import { SEATS } from './phone.ts';
import { until, untilAsync } from './process.ts';
import type { Stage } from './stage.ts';
import { START_MS } from './stage.ts';

export interface CallSeen {
  readonly id: string;
  readonly state: string;
  readonly last: PhoneEventLine;
}

export interface Party {
  readonly user: string;
  readonly phone: TestPhone;
  /** Each call's last word, the first call first, those that have ended too. */
  calls(): readonly CallSeen[];
  /** The only call with this state: when it was told, ms since 1970. */
  call(state: string): Promise<CallSeen>;
  /** No call is left. */
  free(): Promise<void>;
  on(server: 'primary' | 'backup'): Promise<void>;
  waits(what: string, holds: () => boolean): Promise<void>;
  /** From now on, for a minute, this tone comes from here. */
  says(hz: number): void;
  hears(hz: number): Promise<void>;
  hearsNot(hz: number): Promise<void>;
  stop(): Promise<void>;
}

const TONE_MS = 60_000;
/** A tone is said at -10 dBFS; two in one earpiece, through two codecs, are still near it. Nobody's tone is not there at all. */
const HEARD_DBFS = -20;
const SILENT_DBFS = -50;

export function seat(stage: Stage, node: Seat['node'], parameters: readonly string[]): Party {
  const phone = stage.startPhone(parameters, { seat: node });
  const { user } = SEATS[node];
  const calls = (): readonly CallSeen[] => {
    const found = new Map<string, CallSeen>();
    for (const last of phone.events)
      if (last.event === 'call' && last.id != null) found.set(last.id, { id: last.id, state: last.state ?? '', last });
    return [...found.values()];
  };
  const told = (what: string, error: unknown): never => {
    const last = phone.events.filter(({ event }) => event !== 'dns' && event !== 'probe').slice(-12);
    return assert.fail(
      `${user}, ${what}: ${(error as Error).message}\n${JSON.stringify(last)}\n${phone.running.errors()}`,
    );
  };
  const waits = async (what: string, holds: () => boolean): Promise<void> => {
    await until(what, holds, START_MS).catch((error: unknown) => told(what, error));
  };
  const level = async (hz: number, holds: (dbfs: number) => boolean): Promise<void> => {
    let dbfs = Number.NaN;
    await untilAsync(
      `${hz} Hz`,
      async () => {
        dbfs = await phone.level(hz);
        return holds(dbfs);
      },
      START_MS,
    ).catch((error: unknown) => told(`${dbfs} dBFS`, error));
  };
  return {
    user,
    phone,
    calls,
    waits,
    async call(state) {
      const found = (): CallSeen | undefined => calls().find((one) => one.state === state);
      await waits(`a call that is ${state}`, () => found() !== undefined);
      return found() ?? assert.fail(state);
    },
    free: () => waits('no call', () => calls().every(({ state }) => state === 'ended')),
    on: (server) => waits(`registered on the ${server}`, () => phone.serving() === server),
    says: (hz) => phone.say(`tone ${hz} ${TONE_MS}`),
    hears: (hz) => level(hz, (dbfs) => dbfs > HEARD_DBFS),
    hearsNot: (hz) => level(hz, (dbfs) => dbfs < SILENT_DBFS),
    stop: () => stage.stopPhone(node),
  };
}
