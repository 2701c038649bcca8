/** Owns a simulated I2C bus at the level of octets: chips by address, faults, a count of what passes, and a complaint where two transfers overlap. */
import type { I2cAnswer, I2cBus, I2cFailure, I2cTransfer, Scheduler } from '../ports.ts';

/** A chip keeps its own register pointer, as the real ones do. False = it does not acknowledge. */
export interface SimChip {
  write(octets: Uint8Array): boolean;
  read(length: number): Uint8Array;
}

export class SimI2c implements I2cBus {
  readonly chips = new Map<number, SimChip>();
  /** Octets moved, addresses included. */
  octets = 0;
  /** Octets that were written, without the addresses. */
  written = 0;
  /** What every transfer ends with; null = the chips answer. */
  fault: I2cFailure | null = null;
  /** So many of the next transfers find the bus held. */
  glitches = 0;
  /** No transfer is ever answered. */
  mute = false;
  /** Chips that do not acknowledge. */
  readonly absent = new Set<number>();
  #listener: () => void = () => undefined;
  #open = false;
  readonly #slow: { readonly scheduler: Scheduler; readonly octetMs: number } | null;

  /** With `slow`, a transfer takes the time of its octets; else it is over at once. */
  constructor(slow: { readonly scheduler: Scheduler; readonly octetMs: number } | null = null) {
    this.#slow = slow;
  }

  onWrite(listener: () => void): void {
    this.#listener = listener;
  }

  transfer(transfer: I2cTransfer, done: (answer: I2cAnswer) => void): void {
    if (this.#open) throw new Error('two transfers on one bus at the same time');
    if (this.mute) return;
    const moved = 1 + transfer.write.length + (transfer.readLength === 0 ? 0 : 1 + transfer.readLength);
    this.octets += moved;
    this.written += transfer.write.length;
    const end = (): void => {
      this.#open = false;
      const answer = this.#carry(transfer);
      if (transfer.readLength === 0 && answer.ok) this.#listener();
      done(answer);
    };
    if (this.#slow === null) return end();
    this.#open = true;
    this.#slow.scheduler.after(moved * this.#slow.octetMs, end);
  }

  #carry({ address, write, readLength }: I2cTransfer): I2cAnswer {
    if (this.fault !== null) return { ok: false, failure: this.fault };
    if (this.glitches > 0) {
      this.glitches -= 1;
      return { ok: false, failure: 'bus-stuck' };
    }
    const chip = this.chips.get(address);
    if (chip === undefined || this.absent.has(address) || !chip.write(write))
      return { ok: false, failure: 'no-acknowledge' };
    return { ok: true, octets: readLength === 0 ? new Uint8Array(0) : chip.read(readLength) };
  }
}
