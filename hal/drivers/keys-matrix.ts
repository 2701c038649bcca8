/** Owns the keys of a maker's own pad, a matrix of rows and columns: scanned, ghost keys rejected, de-bounced. */
import type { KeyName } from '../devices.ts';
import type { InputLine, OutputLine, Scheduler } from '../ports.ts';
import { createContacts } from './contacts.ts';
import type { PolledKeypad } from './keys-pca9552.ts';

export interface MatrixOptions {
  /** Driven low one at a time, high otherwise (open drain, or a diode each: two keys must not join two outputs). */
  readonly rows: readonly OutputLine[];
  /** With pull-ups: low where a key joins it to the driven row. */
  readonly columns: readonly InputLine[];
  /** Key by row and column, null where there is none. */
  readonly keys: readonly (readonly (KeyName | null)[])[];
  readonly scheduler: Scheduler;
}

type Scan = readonly (readonly boolean[])[];

export function createMatrixKeys({ rows, columns, keys, scheduler }: MatrixOptions): PolledKeypad {
  const contacts = createContacts();
  let before: Scan = rows.map(() => columns.map(() => false));
  let callOff: () => void = () => undefined;
  let readings = 0;

  function scan(): Scan | null {
    const seen: boolean[][] = [];
    for (const row of rows) {
      const driven = row.write(false);
      const levels = columns.map((column) => column.read());
      if (!row.write(true) || !driven || levels.includes(null)) return null;
      seen.push(levels.map((high) => high === false));
    }
    return seen;
  }

  /** A pad that cannot be read says nothing: its keys stay as they were. */
  function poll(): void {
    const seen = scan();
    if (seen !== null) {
      readings += 1;
      const sure = seen.map((row, r) =>
        row.map((closed, c) => (isAmbiguous(seen, r, c) ? before[r]?.[c] === true : closed)),
      );
      before = sure;
      for (const [r, row] of keys.entries())
        for (const [c, key] of row.entries()) if (key !== null) contacts.read(key, sure[r]?.[c] === true);
    }
    callOff = scheduler.after(contacts.interval(), poll);
  }

  for (const row of rows) row.write(true);
  callOff = scheduler.after(contacts.interval(), poll);
  return { onKey: contacts.onKey, readings: () => readings, stop: () => callOff() };
}

/** Three keys on the corners of a rectangle close the fourth as well: where all four are seen, none of them can be believed. */
function isAmbiguous(seen: Scan, row: number, column: number): boolean {
  if (seen[row]?.[column] !== true) return false;
  return seen.some(
    (other, r) =>
      r !== row &&
      other[column] === true &&
      other.some((closed, c) => c !== column && closed && seen[row]?.[c] === true),
  );
}
