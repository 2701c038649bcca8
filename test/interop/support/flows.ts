/** Owns a phone among SIPp's parties: who is played, what the person at the phone does meanwhile, and that nothing is left of it afterwards. */
import assert from 'node:assert/strict';
import { ADDRESSES } from './network.ts';
import type { PhoneEventLine, TestPhone } from './phone.ts';
import { until } from './process.ts';
import type { Played, Step } from './sipp.ts';
import { done, listens, play } from './sipp.ts';
import type { Stage } from './stage.ts';
import { openStage, START_MS } from './stage.ts';

/** Where the phone's proxy stands, and where somebody calls from: both are the primary's address, which is trusted. */
const PORTS = { proxy: 5070, caller: 5071 } as const;

export interface Flows {
  readonly phone: TestPhone;
  /** SIPp as the proxy that the phone calls through, for one call. */
  callee(...steps: readonly Step[]): Promise<Played>;
  caller(...steps: readonly Step[]): Played;
  /** All of them play, while the person does that: whoever fails ends it. */
  all(others: readonly (Played | Promise<Played>)[], person?: () => Promise<unknown>): Promise<void>;
  /** After a test: nobody plays any more, and no call is left. */
  clear(): Promise<void>;
  /** So many calls of this test are in that state by the phone's last word of each; their names. */
  call(state: string, count?: number): Promise<readonly string[]>;
  /** A call of this test has ended like that. */
  ended(cause: string): Promise<unknown>;
  /** The phone has told this since the test began. */
  told(what: string, fits: (event: PhoneEventLine) => boolean): Promise<unknown>;
  close(): Promise<void>;
}

/** `parameters`: further ones of the phone. */
export async function openFlows(...parameters: readonly string[]): Promise<Flows> {
  const stage: Stage = openStage();
  await stage.primaryStarts();
  const proxy = [`sip proxy ip: ${ADDRESSES.primary}`, `sip proxy port: ${PORTS.proxy}`];
  // SIPp takes a probe for one more call.
  const phone = stage.startPhone([...proxy, 'failover probe period: 0', ...parameters]);
  await stage.onServer('primary', START_MS);
  const playing: Played[] = [];
  let begun = 0;

  const events = (): readonly PhoneEventLine[] => phone.events.slice(begun);
  function calls(): ReadonlyMap<string, string> {
    const told = new Map<string, string>();
    for (const { event, id, state } of events()) if (event === 'call') told.set(id ?? '', state ?? '');
    return told;
  }
  const inState = (state: string): readonly string[] =>
    [...calls()].flatMap(([id, now]) => (now === state ? [id] : []));
  const left = (): readonly string[] => [...calls().keys()].filter((id) => calls().get(id) !== 'ended');
  const starts = (port: number, steps: readonly Step[]): Played => {
    const played = play({ folder: stage.folder, port }, steps);
    playing.push(played);
    return played;
  };
  const waits = (what: string, holds: () => boolean): Promise<number> =>
    until(what, holds, START_MS).catch((error: unknown) =>
      assert.fail(
        `${(error as Error).message}\n${JSON.stringify(events().filter(({ event }) => event !== 'dns' && event !== 'media'))}\n${phone.running.errors()}`,
      ),
    );
  const told: Flows['told'] = (what, fits) => waits(what, () => events().some(fits));

  return {
    ...{ phone, told },
    async callee(...steps) {
      const played = starts(PORTS.proxy, steps);
      await waits('SIPp listens', () => listens(played, PORTS.proxy));
      return played;
    },
    caller: (...steps) => starts(PORTS.caller, steps),
    async all(others, person = () => Promise.resolve()) {
      await Promise.all([...(await Promise.all(others)).map(done), person()]);
    },
    async clear() {
      await Promise.all(playing.splice(0).map(({ running }) => running.kill()));
      for (const id of left()) phone.say(`hangup call=${id}`);
      await waits('no call', () => left().length === 0);
      begun = phone.events.length;
    },
    async call(state, count = 1) {
      await waits(`${count} calls are ${state}`, () => inState(state).length === count);
      return inState(state);
    },
    ended: (cause) => told(`a call ended: ${cause}`, (one) => one.event === 'call' && one.cause === cause),
    close: () => stage.close(),
  };
}
