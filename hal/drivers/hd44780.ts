/**
 * Owns text on a character display of the HD44780 kind behind a PCF8574 (Hitachi HD44780U data sheet, tables 4 and 6, figure 24;
 * NXP PCF8574 data sheet, 8.2): four data lines, and only runs of cells that differ are sent.
 */
import type { Health } from '../bus/health.ts';
import { createHealth } from '../bus/health.ts';
import type { Display, Frame } from '../devices.ts';
import type { I2cBus, Scheduler } from '../ports.ts';
import { fitted, takeRun } from './cells.ts';

/** Outputs of the PCF8574 as the usual modules wire them. */
const RS_DATA = 0x01;
const ENABLE = 0x04;
const BACKLIGHT = 0x08;
const COMMAND = { twoLines: 0x28, lit: 0x0c, forwards: 0x06, clear: 0x01, position: 0x80 } as const;
/** Where each row begins in the chip's memory. */
const ROW_STARTS = [0x00, 0x40, 0x14, 0x54] as const;
const POWER_ON_MS = 50;
/** A position costs as much as a cell. */
const JOIN_BELOW = 2;

interface Step {
  readonly write: Uint8Array;
  /** How long the chip is busy with it; nothing shorter than an octet on the bus is counted, ms. */
  readonly thenMs: number;
}

/** The lines are set first, then taken over by the falling edge. */
function nibble(upper: number, rs: number): readonly number[] {
  const levels = (upper & 0xf0) | rs | BACKLIGHT;
  return [levels, levels | ENABLE, levels];
}

const octet = (value: number, rs: number): readonly number[] => [...nibble(value, rs), ...nibble(value << 4, rs)];
const step = (octets: readonly number[], thenMs = 0): Step => ({ write: Uint8Array.from(octets), thenMs });

/** Whatever state the chip is in, it takes four bits at a time after this (figure 24). */
const SETUP: readonly Step[] = [
  ...[0x30, 0x30, 0x30, 0x20].map((value) => step(nibble(value, 0), 5)),
  ...[COMMAND.twoLines, COMMAND.lit, COMMAND.forwards].map((value) => step(octet(value, 0))),
  step(octet(COMMAND.clear, 0), 2),
];

export interface CharacterLcdOptions {
  readonly bus: I2cBus;
  readonly address: number;
  readonly columns: number;
  readonly rows: number;
  readonly scheduler: Scheduler;
  readonly onHealth?: (health: Health) => void;
}

export function createCharacterLcd({ bus, address, scheduler, onHealth, ...size }: CharacterLcdOptions): Display {
  const health = createHealth(scheduler, onHealth);
  let wanted = fitted([], size);
  let held = [...wanted];
  let script = [...SETUP];
  let busy = true;

  function pump(): void {
    const next = busy ? undefined : (script.shift() ?? nextRun());
    if (next === undefined) return;
    busy = true;
    bus.transfer({ address, write: next.write, readLength: 0 }, ({ ok }) => {
      if (ok) health.answered();
      if (ok) return next.thenMs === 0 ? resume() : void scheduler.after(next.thenMs, resume);
      script = [...SETUP];
      held = [...fitted([], size)];
      health.failed(resume);
    });
  }

  function resume(): void {
    busy = false;
    pump();
  }

  function nextRun(): Step | undefined {
    const run = takeRun(held, wanted, JOIN_BELOW);
    if (run === null) return undefined;
    const at = octet(COMMAND.position | ((ROW_STARTS[run.row] ?? 0) + run.at), 0);
    return step([...at, ...[...run.cells].flatMap((cell) => octet(codeOf(cell), RS_DATA))]);
  }

  scheduler.after(POWER_ON_MS, resume);
  return {
    ...size,
    show(frame: Frame) {
      wanted = fitted(frame.rows, size);
      pump();
    },
  };
}

/** The chip's own letters are ASCII without backslash and tilde; accents are left out. */
function codeOf(character: string): number {
  const [plain = '?'] = character.normalize('NFD');
  return /^[ -[\]-}]$/.test(plain) ? plain.charCodeAt(0) : 0x3f;
}
