/** Owns the finger of a rig: presses that are seen, however fast they are ordered. */
import type { KeyName } from '../hal/devices.ts';
import type { Scheduler } from '../hal/ports.ts';
import type { HilRig } from './board.ts';

/** A contact is held at least so long, ms: shorter than de-bouncing it would be no press. */
const HELD_MS = 80;
const TICK_MS = 10;

/** One finger: whoever keys faster than contacts are de-bounced loses no key, and none overtakes another. */
export function createFinger(
  contact: (key: KeyName, closed: boolean) => void,
  scheduler: Scheduler,
  at: () => number,
): HilRig['key'] {
  /** When each contact has stood as it is for long enough to be seen. */
  const settled = new Map<KeyName, Promise<void>>();
  let turn = Promise.resolve();
  function move(key: KeyName, closed: boolean, ms: number, after: Promise<void>): Promise<void> {
    const moved = Promise.all([after, settled.get(key)]).then(() => contact(key, closed));
    settled.set(
      key,
      moved.then(() => holdFor(ms, scheduler)),
    );
    return moved;
  }
  return async (key, action, ms) => {
    const closed = action === 'up' ? null : move(key, true, action === 'press' ? ms : HELD_MS, turn);
    if (closed !== null) turn = closed.then(() => holdFor(HELD_MS, scheduler));
    const opened = action === 'down' ? null : move(key, false, HELD_MS, Promise.resolve());
    await (opened ?? closed);
    return at();
  };
}

/** Many short waits and not a long one: on a machine that stalls, the driver's polls come between them all the same. */
async function holdFor(ms: number, scheduler: Scheduler): Promise<void> {
  for (let passed = 0; passed < ms; passed += TICK_MS)
    await new Promise<void>((resolve) => void scheduler.after(TICK_MS, resolve));
}
