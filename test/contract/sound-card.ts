/** Owns what any sound card must do, as rules that run unchanged on every implementation; each names the defect that it catches. */
import assert from 'node:assert/strict';
import type { AudioDevice } from '../../hal/devices.ts';
import { AUDIO } from '../../hal/devices.ts';

export interface CardUnderTest {
  readonly device: AudioDevice;
  /** Virtual time passes at once, real time by being waited for. */
  readonly time: { pass(ms: number): void | Promise<void> };
  /** How much slower than told its time may go: a share; a loaded machine's real time is not kept by anybody. */
  readonly slack: number;
  /** The first sample of each period that was played so far. */
  heard(): readonly number[];
  /** The microphone's next periods bear these numbers. */
  say(numbers: readonly number[]): void;
  plug(state: 'in' | 'out'): void;
  /** The machine is held up: time passes, and nothing runs meanwhile. */
  holdUp(ms: number): void;
}

interface Rule {
  readonly rule: string;
  readonly defect: string;
  readonly check: (card: CardUnderTest) => Promise<void>;
}

const period = (first: number): Int16Array => new Int16Array(AUDIO.periodSamples).fill(first);
const SECOND = 1000 / AUDIO.periodMs;

export const RULES: readonly Rule[] = [
  {
    rule: 'it asks for one period for every 10 ms of its time, for as long as it runs',
    defect: 'it asks too rarely',
    async check({ device, time, slack }) {
      let asked = 0;
      device.start(() => {
        asked += 1;
        return period(0);
      });
      await time.pass(10_000);
      assert.ok(
        asked >= 10 * SECOND * (1 - slack) - 5 && asked <= 10 * SECOND + 20 * slack + 5,
        `${asked} periods in 10 s`,
      );
      device.stop();
    },
  },
  {
    rule: 'it records and plays whole periods',
    defect: 'half a period is recorded',
    async check({ device, time, say }) {
      const lengths = new Set<number>();
      say([1, 2, 3]);
      device.start((captured) => {
        lengths.add(captured.length);
        return period(0);
      });
      await time.pass(1000);
      assert.deepEqual([...lengths], [AUDIO.periodSamples]);
      device.stop();
    },
  },
  {
    rule: 'what is given is played, all of it and in order',
    defect: 'a period is played twice',
    async check({ device, time, heard, slack }) {
      let next = 0;
      device.start(() => {
        next += 1;
        return period(next);
      });
      await time.pass(1000);
      device.stop();
      const all = heard().filter((first) => first !== 0);
      assert.ok(all.length > (SECOND / 2) * (1 - slack), `${all.length} periods were played`);
      assert.deepEqual(
        all,
        Array.from(all, (_first, index) => index + 1),
      );
    },
  },
  {
    rule: 'what is recorded comes, in order',
    defect: 'recorded periods change places',
    async check({ device, time, say, slack }) {
      const recorded: number[] = [];
      const said = [1, 2, 3, 4, 5];
      say(said);
      device.start((captured) => {
        if (captured[0] !== 0) recorded.push(captured[0] as number);
        return period(0);
      });
      await time.pass(1000);
      device.stop();
      // In real time a machine that is held up loses periods: what comes late would be late for the whole call.
      assert.ok(recorded.length >= said.length * (1 - slack), `${recorded} of ${said}`);
      assert.deepEqual(
        recorded,
        said.filter((first) => recorded.includes(first)),
      );
    },
  },
  {
    rule: 'nothing is asked after it was stopped, and it may be started again',
    defect: 'it goes on after its stop',
    async check({ device, time }) {
      let asked = 0;
      const ask = (): Int16Array => {
        asked += 1;
        return period(0);
      };
      device.start(ask);
      await time.pass(500);
      device.stop();
      const before = asked;
      await time.pass(1000);
      assert.equal(asked, before);
      device.start(ask);
      await time.pass(500);
      assert.ok(asked > before);
      device.stop();
    },
  },
  {
    rule: 'it may be stopped while it asks',
    defect: 'it goes on after its stop',
    async check({ device, time }) {
      let asked = 0;
      device.start(() => {
        asked += 1;
        if (asked === 3) device.stop();
        return period(0);
      });
      await time.pass(1000);
      assert.equal(asked, 3);
    },
  },
  {
    rule: 'a lost card keeps the time, is told of once, and comes back by itself',
    defect: 'a lost card stops the clock',
    async check({ device, time, plug, slack }) {
      const told: string[] = [];
      let asked = 0;
      device.onHealth((health) => told.push(health));
      device.start(() => {
        asked += 1;
        return period(0);
      });
      await time.pass(2000);
      asked = 0;
      plug('out');
      await time.pass(5000);
      assert.ok(asked > 4 * SECOND * (1 - slack), `${asked} periods in 5 s without a card`);
      plug('in');
      await time.pass(10_000);
      device.stop();
      assert.deepEqual([...new Set(told)], ['lost', 'back']);
      assert.ok(told.length <= 4, told.join(' '));
    },
  },
  {
    rule: 'after a hold-up it makes up for a little, and never for all',
    defect: 'it makes up for every period that was missed',
    async check({ device, time, holdUp }) {
      let asked = 0;
      device.start(() => {
        asked += 1;
        return period(0);
      });
      await time.pass(1000);
      asked = 0;
      holdUp(3000);
      await time.pass(0);
      assert.ok(asked <= 20, `${asked} periods at once`);
      device.stop();
    },
  },
];
