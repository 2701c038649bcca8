/** Owns desk-v1 on Linux: its bus, lines and screen opened by the board's data and put under the drivers. */

import { createI2cQueue } from '../../hal/bus/queue.ts';
import type { HookState } from '../../hal/devices.ts';
import { readLearnedHook } from '../../hal/drivers/at24c32.ts';
import { CELL } from '../../hal/drivers/framebuffer.ts';
import { openFramebuffer } from '../../hal/linux/framebuffer.ts';
import { openI2c } from '../../hal/linux/i2c.ts';
import { openLines } from '../../hal/linux/lines.ts';
import type { I2cBus } from '../../hal/ports.ts';
import type { BoardData } from '../board.ts';
import type { Panel } from '../compose.ts';
import { createFrontPanel } from '../front-panel.ts';
import { realScheduler } from '../scheduler.ts';

/** Throws `MissingError` with one clear line where the system lacks a part; a chip that is silent is no reason. */
export async function openDeskPanel(data: BoardData, model: '57i' | '53i'): Promise<Panel> {
  const { columns, rows, path } = data.framebuffer;
  const bus = await openI2c(data.i2cBus);
  const lines = await openLines(data.lineChips);
  const pixels =
    model === '57i' ? openFramebuffer(path, { width: columns * CELL.width, height: rows * CELL.height }) : null;
  const idle = (activeLevel: 'low' | 'high'): 'low' | 'high' => (activeLevel === 'high' ? 'low' : 'high');
  const learned = await learnedHook(bus, data);
  const wired = learned === null ? data : { ...data, hook: { ...data.hook, closedMeans: learned } };
  const panel = createFrontPanel(wired, model, {
    bus,
    hook: lines.input(data.hook.line, { edges: data.hook.edges }),
    amplifier: lines.output(data.amplifier.line, idle(data.amplifier.activeLevel)),
    ringer: lines.output(data.ringer.line, idle(data.ringer.activeLevel)),
    pixels,
    scheduler: realScheduler,
  });
  return {
    ...panel,
    stop() {
      panel.stop();
      lines.close();
      pixels?.close();
    },
  };
}

/** What the self-test learned of this very board; null = nothing. */
const learnedHook = (bus: I2cBus, { identity }: BoardData): Promise<HookState | null> =>
  new Promise((resolve) => readLearnedHook(createI2cQueue(bus, realScheduler), identity.address, resolve));
