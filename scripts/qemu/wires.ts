/** Owns touching the emulated chips and looking at them from outside: contacts, hook, lamps, lines and screen, one by one. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { BoardData } from '../../boards/board.ts';
import type { PhoneModel } from '../../firmware/config/settings.ts';
import type { HookState, KeyName, LampName, LampState } from '../../hal/devices.ts';
import type { Machine } from './machine.ts';
import { chipId, OLED } from './machine.ts';
import type { Picture } from './screen.ts';
import { cellsOf, oledCells, readPixmap } from './screen.ts';

/** The GPIO controller of the BCM2837, as the ARM cores see it (BCM2835 ARM Peripherals, 6.1). */
const GPIO = { set: 0x3f20_001c, clear: 0x3f20_0028, level: 0x3f20_0034 } as const;

/** The chip's own words for what an output does; the driver's slow rate is the first, its fast rate the second. */
const LAMP: Readonly<Record<string, LampState>> = { on: 'on', off: 'off', pwm0: 'slow-flash', pwm1: 'fast-flash' };

export interface Levels {
  readonly hook: HookState;
  readonly amplifier: boolean;
  readonly ringer: boolean;
}

export interface Wires {
  /** A contact to ground at the key's pin, or none. */
  contact(key: KeyName, closed: boolean): Promise<void>;
  lift(state: HookState): Promise<void>;
  lamp(name: LampName): Promise<LampState>;
  levels(): Promise<Levels>;
  picture(): Promise<Picture>;
  screen(): Promise<readonly string[]>;
}

/** The screen that is looked at is that of the model. */
export function createWires(
  { qmp, qtest }: Machine,
  { board, model, folder }: { readonly board: BoardData; readonly model: PhoneModel; readonly folder: string },
): Wires {
  const closedFor = (state: HookState): 'low' | 'high' =>
    state === board.hook.closedMeans ? board.hook.closedLevel : board.hook.closedLevel === 'low' ? 'high' : 'low';
  const level = (word: number, line: number): 'low' | 'high' => ((word >>> line) & 1 ? 'high' : 'low');
  let pictures = 0;

  async function picture(): Promise<Picture> {
    pictures += 1;
    const file = join(folder, `screen-${pictures}.ppm`);
    await qmp.ask('screendump', { filename: file, ...(model === '53i' ? { device: OLED } : {}) });
    try {
      return readPixmap(file);
    } finally {
      rmSync(file, { force: true });
    }
  }

  return {
    async contact(key, closed) {
      const wired = board.keys.find((candidate) => candidate.key === key);
      if (wired === undefined) throw new Error(`the board has no key ${key}`);
      const chip = `/machine/peripheral/${chipId(wired.address)}`;
      await qtest.ask(`set_irq_in ${chip} unnamed-gpio-in ${wired.pin} ${closed ? 0 : 1}`);
    },
    async lift(state) {
      const register = closedFor(state) === 'high' ? GPIO.set : GPIO.clear;
      await qtest.ask(`writel 0x${register.toString(16)} 0x${(1 << board.hook.line).toString(16)}`);
    },
    async lamp(name) {
      const path = `/machine/peripheral/${chipId(board.lamps.address)}`;
      const value = await qmp.ask('qom-get', { path, property: `led${board.lamps.outputs[name]}` });
      const state = LAMP[String(value)];
      if (state === undefined) throw new Error(`the lamp chip says "${String(value)}" of ${name}`);
      return state;
    },
    async levels() {
      const word = Number(await qtest.ask(`readl 0x${GPIO.level.toString(16)}`));
      return {
        hook: level(word, board.hook.line) === closedFor('off') ? 'off' : 'on',
        amplifier: level(word, board.amplifier.line) === board.amplifier.activeLevel,
        ringer: level(word, board.ringer.line) === board.ringer.activeLevel,
      };
    },
    picture,
    async screen() {
      const seen = await picture();
      if (model === '53i') return oledCells(seen, board.oled.columns);
      return cellsOf(seen, board.framebuffer.columns, board.framebuffer.rows);
    },
  };
}
