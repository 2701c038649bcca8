/** Owns measuring each fault against the lab's servers: a fresh start, a renewal, the way home; the goals are those of the design. */
import type { Lab } from '../lab/lab.ts';
import { startLab } from '../lab/lab.ts';
import type { MeasuredPhone, TimedEvent } from './phone.ts';
import { startMeasured } from './phone.ts';
import type { Row } from './row.ts';

const isOn =
  (server: string) =>
  ({ event, state, server: serving }: TimedEvent): boolean =>
    event === 'registration' && state === 'registered' && serving === server;

/** From the first REGISTER of the attempt to the binding, ms on the phone's own clock. */
async function movedIn(phone: MeasuredPhone, server: string): Promise<number> {
  const bound = await phone.until(isOn(server));
  const ended = phone.events.findLast(({ event, t }) => event === 'attempt-ended' && t <= bound.t);
  const first = phone.events.find(({ event, attempt }) => event === 'attempt' && attempt === ended?.['attempt']);
  return bound.t - (first?.t ?? bound.t);
}

async function freshStart(fault: readonly string[], goalMs: number): Promise<Row> {
  return withLab([], async (lab) => {
    await lab.fault('primary', fault[0] ?? '', fault[1]);
    const phone = await startMeasured(lab);
    const value = await movedIn(phone, 'backup');
    await phone.stop();
    return {
      name: `start, primary ${fault.join(' ')}: first REGISTER to bound`,
      value: Math.max(value, 0.5),
      unit: 'ms',
      against: goalMs,
      beside: 'the goal',
    };
  });
}

async function idleThenHome(fault: string): Promise<readonly Row[]> {
  return withLab(['failover probe period: 5'], async (lab) => {
    const phone = await startMeasured(lab);
    await phone.until(isOn('primary'));
    // A first probe is answered before the fault: only then is silence judged.
    await phone.until(({ event, ok }) => event === 'probe' && ok === true);
    const broken = performance.now();
    await lab.fault('primary', fault);
    const moved = await phone.until((event) => isOn('backup')(event) && event.at > broken);
    const mended = performance.now();
    await lab.fault('primary', 'clear');
    const home = await phone.until((event) => isOn('primary')(event) && event.at > mended);
    await phone.stop();
    return [
      {
        name: `idle, primary ${fault}: on the backup (period 5 s)`,
        value: moved.at - broken,
        unit: 'ms',
        against: 5000 + 2 * 1500 + 500,
        beside: 'period + 2·H + 0.5 s',
      },
      {
        name: `way home after ${fault} (period 5 s)`,
        value: home.at - mended,
        unit: 'ms',
        against: 5000 + 1000 + 1000,
        beside: 'period + jitter + 1 s',
      },
    ];
  });
}

async function dnsDead(): Promise<Row> {
  return withLab(
    ['sip registration period: 30', 'sip registration renewal timer: 20'],
    async (lab) => {
      const phone = await startMeasured(lab);
      await phone.until(isOn('primary'));
      await lab.fault('dns', 'servfail');
      const before = performance.now();
      const renewed = await phone.until((event) => isOn('primary')(event) && event.at > before);
      await phone.stop();
      return {
        name: 'DNS dead: the next renewal still succeeds, after',
        value: renewed.at - before,
        unit: 'ms',
        against: 30_000,
        beside: 'the binding',
      };
    },
    5,
  );
}

async function withLab<T>(extraConfig: readonly string[], work: (lab: Lab) => Promise<T>, ttlS = 30): Promise<T> {
  const lab = await startLab({ accounts: 1, extraConfig, ttlS });
  try {
    return await work(lab);
  } finally {
    await lab.stop();
  }
}

export async function benchFailover(): Promise<readonly Row[]> {
  return [
    await freshStart(['kill'], 20),
    await freshStart(['silent'], 2000),
    await freshStart(['freeze'], 2000),
    await freshStart(['503'], 20),
    await freshStart(['503-retry', '60'], 20),
    await freshStart(['500'], 20),
    ...(await idleThenHome('kill')),
    ...(await idleThenHome('silent')),
    await dnsDead(),
  ];
}
