/** Owns what a driver needs of the board: an I2C bus, lines, pixels and a timer, as small interfaces with their contract. Imports nothing. */

/** Why a transfer failed: the chip did not acknowledge, the bus is held or silent, or the system has no such bus any more. */
export type I2cFailure = 'no-acknowledge' | 'bus-stuck' | 'gone';

/** Writes, then reads with a repeated start; either part may be empty. 7-bit address. */
export interface I2cTransfer {
  readonly address: number;
  readonly write: Uint8Array;
  readonly readLength: number;
}

/** On failure no octet counts: a driver must hold the chip's registers for unknown. */
export type I2cAnswer =
  | { readonly ok: true; readonly octets: Uint8Array }
  | { readonly ok: false; readonly failure: I2cFailure };

/**
 * One I2C bus. Any driver may call at any time; transfers are carried out one at a time in the order of the calls. `done` is called
 * exactly once, before the call returns or later. A driver keeps one transfer open at most: so all of them get their turn.
 */
export interface I2cBus {
  transfer(transfer: I2cTransfer, done: (answer: I2cAnswer) => void): void;
}

/** Runs `work` once after `ms`; the returned function calls it off. The driver never asks what time it is. */
export interface Scheduler {
  after(ms: number, work: () => void): () => void;
}

/** A timer that also tells the time: ms from any beginning, never falling. Only a sound card needs it, because it is a clock. */
export interface Clock extends Scheduler {
  now(): number;
}

/** A level that is read. Null = it cannot be read at the moment; never throws. */
export interface InputLine {
  read(): boolean | null;
  /** Called at every edge where the system tells them; null = the line must be polled. */
  readonly onEdge: ((listener: () => void) => void) | null;
}

/** A level that is set and stays. False = it could not be set; never throws. */
export interface OutputLine {
  write(high: boolean): boolean;
}

/** Where text cells go: row and column from 0, one character a cell. */
export interface CellSink {
  readonly columns: number;
  readonly rows: number;
  writeCells(row: number, column: number, text: string): void;
}

/** Pixels in memory, from the top left, `stride` octets a row; little-endian RGB565 or XRGB8888. Never throws. */
export interface PixelMemory {
  readonly stride: number;
  readonly bitsPerPixel: 16 | 32;
  write(offset: number, octets: Uint8Array): void;
}

/** The lines of one GPIO chip. */
export interface Lines {
  /** With `edges`, the kernel's own are used where the chip has them. */
  input(line: number, options: { readonly edges: 'where-told' | 'polled' }): InputLine;
  output(line: number, first: 'low' | 'high'): OutputLine;
  close(): void;
}
