/** Owns a panel of real drivers over simulated chips under virtual time, with room for a planted defect in each of its parts. */
import { DESK_V1 } from '../../boards/desk-v1/board.ts';
import type { Health } from '../../hal/bus/health.ts';
import { createI2cQueue } from '../../hal/bus/queue.ts';
import { createFramebufferCells } from '../../hal/drivers/framebuffer.ts';
import { createHookSwitch } from '../../hal/drivers/hook-switch.ts';
import type { KeysOptions } from '../../hal/drivers/keys-pca9552.ts';
import { createKeys } from '../../hal/drivers/keys-pca9552.ts';
import { createLamps } from '../../hal/drivers/lamps-pca9552.ts';
import { createTextDisplay } from '../../hal/drivers/text-display.ts';
import type { CellSink, I2cBus } from '../../hal/ports.ts';
import { SimFramebuffer } from '../../hal/sim/framebuffer.ts';
import { SimI2c } from '../../hal/sim/i2c.ts';
import { SimLine } from '../../hal/sim/lines.ts';
import { SimPca9552 } from '../../hal/sim/pca9552.ts';
import { VirtualScheduler } from '../support/virtual-scheduler.ts';
import type { PanelUnderTest } from './panel.ts';

/** An octet on a bus of 100 kHz: eight bits and the acknowledgement, ms. */
const OCTET_MS = 0.09;

export interface SimPanel extends PanelUnderTest {
  readonly bus: SimI2c;
  readonly lampChip: SimPca9552;
  readonly framebuffer: SimFramebuffer;
  readonly hookLine: SimLine;
  readonly health: readonly string[];
  readonly scheduler: VirtualScheduler;
}

export interface Planted {
  readonly keys?: KeysOptions['keys'];
  readonly lampBus?: (bus: I2cBus) => I2cBus;
  readonly cells?: (sink: CellSink) => CellSink;
  readonly closedMeans?: 'on' | 'off';
  readonly bits?: 16 | 32;
  readonly edges?: 'told' | 'not-told';
}

export function simPanel(planted: Planted = {}): SimPanel {
  const scheduler = new VirtualScheduler();
  const wire = new SimI2c({ scheduler, octetMs: OCTET_MS });
  const chips = new Map(DESK_V1.keys.map(({ address }) => [address, new SimPca9552()]));
  const lampChip = new SimPca9552();
  for (const [address, chip] of [...chips, [DESK_V1.lamps.address, lampChip] as const]) wire.chips.set(address, chip);
  const bus = createI2cQueue(wire, scheduler);
  const { columns, rows } = DESK_V1.framebuffer;
  const framebuffer = new SimFramebuffer(8 * columns, 16 * rows, planted.bits ?? 16);
  const cells = createFramebufferCells({ memory: framebuffer, columns, rows });
  const health: string[] = [];
  const tell = (part: string) => (state: Health) => void health.push(`${part} ${state}`);
  const line = new SimLine(false, { edges: planted.edges ?? 'not-told' });
  return {
    bus: wire,
    lampChip,
    framebuffer,
    hookLine: line,
    health,
    scheduler,
    keypad: createKeys({ bus, keys: planted.keys ?? DESK_V1.keys, scheduler, onHealth: tell('keys') }),
    hook: createHookSwitch({
      line,
      closedLevel: DESK_V1.hook.closedLevel,
      closedMeans: planted.closedMeans ?? DESK_V1.hook.closedMeans,
      scheduler,
    }),
    lamps: createLamps({ ...DESK_V1.lamps, bus: planted.lampBus?.(bus) ?? bus, scheduler, onHealth: tell('lamps') }),
    display: createTextDisplay(planted.cells?.(cells) ?? cells),
    async contact(key, closed) {
      const wired = DESK_V1.keys.find((candidate) => candidate.key === key);
      if (wired !== undefined) chips.get(wired.address)?.pull(wired.pin, closed);
    },
    async lift(state) {
      line.drive(state === 'off');
    },
    lampSeen: async (lamp) => lampChip.lamp(DESK_V1.lamps.outputs[lamp]),
    screenSeen: async () => framebuffer.lines(columns, rows),
    async pass(ms) {
      scheduler.pass(ms);
    },
  };
}
