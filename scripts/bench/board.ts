/** Owns the cost of the board on simulated chips: how long a key and a lamp take, what idle polling costs, octets for a change. */
import { DESK_V1 } from '../../boards/desk-v1/board.ts';
import { createFrontPanel } from '../../boards/front-panel.ts';
import { realScheduler } from '../../boards/scheduler.ts';
import type { KeyName } from '../../hal/devices.ts';
import { LAMP_NAMES } from '../../hal/devices.ts';
import type { I2cBus } from '../../hal/ports.ts';
import { SimFramebuffer } from '../../hal/sim/framebuffer.ts';
import { SimI2c } from '../../hal/sim/i2c.ts';
import { SimLine } from '../../hal/sim/lines.ts';
import { SimPca9552 } from '../../hal/sim/pca9552.ts';
import type { Row } from './row.ts';

/** An octet on a bus of 100 kHz: eight bits and the acknowledgement, ms. */
const OCTET_MS = 0.09;
const PRESSES = 200;
const IDLE_MS = 10_000;

export async function benchBoard(): Promise<readonly Row[]> {
  // The board's timers keep no process alive.
  const alive = setInterval(() => undefined, 1000);
  const bench = createBench();
  await pause(500);
  const keyMs: number[] = [];
  for (let press = 0; press < PRESSES; press += 1) keyMs.push(await bench.keyToEvent(press));
  const lampMs: number[] = [];
  for (let change = 0; change < PRESSES; change += 1) lampMs.push(await bench.eventToLamp(change));
  const octets = await bench.lampOctets();
  const screen = await bench.screenShare();
  const idle = await bench.idleShare();
  const row = (name: string, value: number, unit: string, against: number | null, beside: string): Row => ({
    ...{ name, value, unit, against, beside },
  });
  bench.stop();
  clearInterval(alive);
  return [
    ...percentiles(keyMs).map(([p, ms]) => row(`contact to key event, ${p}`, ms, 'ms', null, '')),
    ...percentiles(lampMs).map(([p, ms]) => row(`event to lamp, ${p}`, ms, 'ms', null, '')),
    row('idle polling of 34 keys and the handset, of one core', idle, '%', 3, 'the goal'),
    row('a lamp change on the bus', octets, 'octets', 8, 'the goal'),
    row('a screen change, octets written to octets changed', screen, '×', 2, 'the goal'),
  ];
}

const percentiles = (values: readonly number[]): readonly (readonly [string, number])[] => {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
  return [
    ['median', at(0.5)],
    ['95 %', at(0.95)],
    ['99 %', at(0.99)],
  ];
};

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

function createBench() {
  // A timer of Node has whole milliseconds: a transfer takes one, twice what the wire alone needs.
  const wire = new SimI2c({ scheduler: realScheduler, octetMs: OCTET_MS });
  let lampOctets = 0;
  const bus: I2cBus = {
    transfer(transfer, done) {
      if (transfer.address === DESK_V1.lamps.address) lampOctets += 1 + transfer.write.length;
      wire.transfer(transfer, done);
    },
  };
  const lampChip = new SimPca9552();
  const keyChips = new Map(DESK_V1.keys.map(({ address }) => [address, new SimPca9552()]));
  for (const [address, chip] of [...keyChips, [DESK_V1.lamps.address, lampChip] as const])
    wire.chips.set(address, chip);
  const { columns, rows } = DESK_V1.framebuffer;
  const glass = new SimFramebuffer(8 * columns, 16 * rows, 16);
  const panel = createFrontPanel(DESK_V1, '57i', {
    ...{ bus, hook: new SimLine(false), pixels: glass, scheduler: realScheduler },
    ...{ amplifier: new SimLine(false), ringer: new SimLine(false) },
  });
  let heard: () => void = () => undefined;
  panel.devices.keypad?.onKey(() => heard());
  const contact = (key: KeyName, closed: boolean): void => {
    const wired = DESK_V1.keys.find((candidate) => candidate.key === key);
    if (wired !== undefined) keyChips.get(wired.address)?.pull(wired.pin, closed);
  };
  const edge = (key: KeyName, closed: boolean): Promise<number> => {
    const begun = performance.now();
    return new Promise((resolve) => {
      heard = () => resolve(performance.now() - begun);
      contact(key, closed);
    });
  };
  return {
    /** At another phase of the poll each time. */
    async keyToEvent(turn: number): Promise<number> {
      await pause((turn * 7) % 23);
      const ms = await edge('5', true);
      await edge('5', false);
      return ms;
    },
    eventToLamp(turn: number): Promise<number> {
      const wanted = turn % 2 === 0 ? 'on' : 'off';
      const begun = performance.now();
      panel.devices.lamps?.set('line1', wanted);
      const { outputs } = DESK_V1.lamps;
      return new Promise((resolve) => {
        const look = (): void => {
          if (lampChip.lamp(outputs.line1) === wanted) resolve(performance.now() - begun);
          else setImmediate(look);
        };
        look();
      });
    },
    /** The most that one lamp cost, address included. */
    async lampOctets(): Promise<number> {
      let most = 0;
      for (const lamp of LAMP_NAMES) {
        const before = lampOctets;
        panel.devices.lamps?.set(lamp, 'slow-flash');
        await pause(20);
        most = Math.max(most, lampOctets - before);
      }
      return most;
    },
    async screenShare(): Promise<number> {
      const blank = Array.from({ length: rows }, () => ' '.repeat(columns));
      panel.devices.display?.show({ columns, rows: blank });
      let most = 0;
      for (const text of ['a', 'a b', 'a  b  c  d', 'Backup server since 10:31', '0:04']) {
        const before = glass.written;
        panel.devices.display?.show({ columns, rows: [text, ...blank.slice(1)] });
        const changed = [...text].filter((cell) => cell !== ' ').length * 16 * 8 * 2;
        most = Math.max(most, (glass.written - before) / changed);
        panel.devices.display?.show({ columns, rows: blank });
      }
      return most;
    },
    async idleShare(): Promise<number> {
      const before = process.cpuUsage();
      await pause(IDLE_MS);
      const { user, system } = process.cpuUsage(before);
      return ((user + system) / 1000 / IDLE_MS) * 100;
    },
    stop: panel.stop,
  };
}
