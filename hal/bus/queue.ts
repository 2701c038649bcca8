/** Owns the order on one I2C bus: transfers go out one at a time, and one that is never answered holds up nobody for ever. */
import type { I2cAnswer, I2cBus, I2cTransfer, Scheduler } from '../ports.ts';

/**
 * Linux gives up a transfer after one second; a bus that tells nothing for longer is stuck. The wait is cut in slices: a process that
 * was held up finds one of them over, and still hears the answer that has come meanwhile.
 */
const SLICES = 3;
const SLICE_MS = 1000;

/** `wire` carries out one transfer at a time and answers it once. */
export function createI2cQueue(wire: I2cBus, scheduler: Scheduler): I2cBus {
  const waiting: { readonly transfer: I2cTransfer; readonly done: (answer: I2cAnswer) => void }[] = [];
  let open = false;
  let pumping = false;

  /** A loop and not a recursion: a wire that answers at once must not deepen the stack. */
  function pump(): void {
    if (pumping) return;
    pumping = true;
    while (!open) {
      const next = waiting.shift();
      if (next === undefined) break;
      carry(next.transfer, next.done);
    }
    pumping = false;
  }

  function carry(transfer: I2cTransfer, done: (answer: I2cAnswer) => void): void {
    open = true;
    let answered = false;
    const end = (answer: I2cAnswer): void => {
      if (answered) return;
      answered = true;
      callOff();
      open = false;
      done(answer);
      pump();
    };
    let callOff: () => void = () => undefined;
    const watch = (slices: number): void => {
      if (slices === 0) return end({ ok: false, failure: 'bus-stuck' });
      callOff = scheduler.after(SLICE_MS, () => watch(slices - 1));
    };
    watch(SLICES);
    wire.transfer(transfer, end);
  }

  return {
    transfer(transfer, done) {
      waiting.push({ transfer, done });
      pump();
    },
  };
}
