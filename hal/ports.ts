/** Owns what a driver needs of the board: an I2C bus and a timer, as small interfaces with their contract. Imports nothing. */

/** Why a bus transfer failed: the chip did not acknowledge, the bus is stuck, or it is gone. */
export type I2cFailure = 'no-acknowledge' | 'bus-stuck' | 'gone';

export class I2cError extends Error {
  readonly kind: I2cFailure;
  constructor(kind: I2cFailure, address: number) {
    super(`I2C chip 0x${address.toString(16)}: ${kind}`);
    this.kind = kind;
  }
}

/**
 * One I2C bus. Transfers are carried out one at a time in the order of the calls; each either moves all its octets or throws
 * `I2cError` and has moved none that count. 7-bit addresses.
 */
export interface I2cBus {
  write(address: number, octets: Uint8Array): void;
  /** Writes, then reads `length` octets with a repeated start. */
  writeRead(address: number, octets: Uint8Array, length: number): Uint8Array;
}

/** Runs `work` once after `ms`; the returned function calls it off. The driver never asks what time it is. */
export interface Scheduler {
  after(ms: number, work: () => void): () => void;
}

/** Where text cells go: row and column from 0, one octet a cell. */
export interface CellSink {
  readonly columns: number;
  readonly rows: number;
  writeCells(row: number, column: number, text: string): void;
}
