/**
 * Owns beginning as new at the desk: 1 and # held while the phone starts, and kept so while the screen counts down, clear its state
 * folder. For whoever has forgotten the password of the web pages, or was given somebody else's phone.
 */
import type { Devices, KeyName } from '../hal/devices.ts';
import type { Scheduler } from '../hal/ports.ts';

/** The two that the original's own recovery wants. */
export const BEGIN_ANEW_KEYS: readonly KeyName[] = ['1', '#'];
/** Contacts are read and de-bounced within this. */
const LOOK_MS = 150;
const SECONDS = 5;
const SECOND_MS = 1000;

/** Whether the person at the desk wants it: both keys are down at the start, and stay so to the end. */
export function wantsToBeginAnew(
  { keypad, display }: Pick<Devices, 'keypad' | 'display'>,
  scheduler: Scheduler,
): Promise<boolean> {
  if (keypad === undefined) return Promise.resolve(false);
  const down = new Set<KeyName>();
  const held = (): boolean => BEGIN_ANEW_KEYS.every((key) => down.has(key));
  keypad.onKey(({ key, edge }) => void (edge === 'down' ? down.add(key) : down.delete(key)));
  const show = (...rows: readonly string[]): void =>
    display?.show({ columns: display.columns, rows: framed(rows, display.columns, display.rows) });
  return new Promise((resolve) => {
    const count = (left: number): void => {
      if (!held()) return resolve(false);
      if (left === 0) {
        show('Everything is', 'forgotten.', 'Let go.');
        return resolve(true);
      }
      show('Hold: all is', `forgotten in ${left}`, 'Let go: nothing');
      scheduler.after(SECOND_MS, () => count(left - 1));
    };
    scheduler.after(LOOK_MS, () => count(SECONDS));
  });
}

const framed = (rows: readonly string[], columns: number, height: number): readonly string[] =>
  Array.from({ length: height }, (_, row) => (rows[row] ?? '').slice(0, columns).padEnd(columns));
